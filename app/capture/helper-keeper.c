/* See helper-keeper.h. Main loop only; never blocks. */
#include "portlight-config.h"

#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>
#include "helper-keeper.h"

struct _PlHelperKeeper
{
  grefcount ref_count;
  PlHelperClient *client; /* NULL while there is none */
  GCancellable *cancellable; /* of the one on its way up; NULL while there is none */
  PlHelperUser user; /* zeroes: nobody */
  gpointer shared; /* of the client, by its users; nullable */
  GDestroyNotify destroy_shared;
};

typedef struct
{
  PlHelperKeeper *keeper;
  GCancellable *cancellable;
} Start;

PlHelperKeeper *
pl_helper_keeper_new (void)
{
  PlHelperKeeper *self = g_new0 (PlHelperKeeper, 1);

  g_ref_count_init (&self->ref_count);
  return self;
}

PlHelperKeeper *
pl_helper_keeper_ref (PlHelperKeeper *self)
{
  g_ref_count_inc (&self->ref_count);
  return self;
}

static void
call_off (PlHelperKeeper *self)
{
  g_autoptr (GCancellable) cancellable = g_steal_pointer (&self->cancellable);

  if (cancellable != NULL)
    g_cancellable_cancel (cancellable);
}

static void
drop_client (PlHelperKeeper *self)
{
  g_clear_pointer (&self->client, pl_helper_client_free);
  if (self->shared != NULL)
    self->destroy_shared (g_steal_pointer (&self->shared));
}

void
pl_helper_keeper_unref (PlHelperKeeper *self)
{
  if (!g_ref_count_dec (&self->ref_count))
    return;
  call_off (self);
  drop_client (self);
  g_free (self);
}

static void
helper_ended (PlHelperClient *client, const GError *error, gpointer data)
{
  g_autoptr (PlHelperKeeper) self = pl_helper_keeper_ref (data);
  g_autoptr (GError) why = g_error_copy (error); /* the client's own */
  PlHelperUser user = self->user;

  self->user = (PlHelperUser){ 0 };
  drop_client (self);
  if (user.lost != NULL)
    user.lost (why, user.data);
}

static void
helper_started (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Start *start = data;
  g_autoptr (PlHelperKeeper) self = start->keeper;
  g_autoptr (GCancellable) cancellable = start->cancellable;
  g_autoptr (GError) error = NULL;
  g_autoptr (PlHelperClient) client = pl_helper_client_start_finish (result, &error);
  PlHelperUser user = self->user;

  if (self->cancellable != cancellable)
    return; /* called off */
  g_clear_object (&self->cancellable);
  if (client == NULL)
    self->user = (PlHelperUser){ 0 };
  else
    pl_helper_client_watch (client, helper_ended, self);
  self->client = g_steal_pointer (&client);
  user.ready (self->client, error, user.data);
}

static void
start (PlHelperKeeper *self)
{
  Start *start = g_new0 (Start, 1);

  self->cancellable = g_cancellable_new ();
  *start = (Start){ pl_helper_keeper_ref (self), g_object_ref (self->cancellable) };
  pl_helper_client_start_with_async ("any", PL_HELPER_CLIENT_OWNERS, self->cancellable, helper_started, start);
}

void
pl_helper_keeper_take (PlHelperKeeper *self, const PlHelperUser *user)
{
  PlHelperUser before = self->user;

  self->user = *user;
  if (before.lost != NULL && before.data != user->data)
    {
      g_autoptr (GError) taken =
          g_error_new_literal (PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_TAKEN,
                               _ ("Another window captures now, and one at a time can. Capture here to go on here."));

      before.lost (taken, before.data);
    }
  if (self->client != NULL)
    user->ready (self->client, NULL, user->data);
  else if (self->cancellable == NULL)
    start (self);
}

void
pl_helper_keeper_rest (PlHelperKeeper *self, gpointer data)
{
  if (self->user.data == data && self->client != NULL)
    pl_helper_client_rest (self->client);
}

void
pl_helper_keeper_release (PlHelperKeeper *self, gpointer data)
{
  if (self->user.data != data)
    return;
  self->user = (PlHelperUser){ 0 };
  call_off (self);
}

void
pl_helper_keeper_set_shared (PlHelperKeeper *self, gpointer shared, GDestroyNotify destroy)
{
  g_return_if_fail (self->client != NULL && self->shared == NULL);

  self->shared = shared;
  self->destroy_shared = destroy;
}

gpointer
pl_helper_keeper_get_shared (const PlHelperKeeper *self)
{
  return self->shared;
}

gboolean
pl_helper_keeper_is_up (const PlHelperKeeper *self)
{
  return self->client != NULL;
}
