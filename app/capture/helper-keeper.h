/* Keeps the one helper of a run, so that the password is asked for once: it is started when first needed, rests while
 * nobody captures, and ends with the keeper. One user has it at a time; who takes it next takes it away. Main loop only. */
#pragma once
#include "helper-client.h"

typedef struct
{
  /* The helper is there: its channel is this user's. Or @client is NULL and @error says why not, and it is nobody's user
   * any more. May be called before pl_helper_keeper_take() returns. */
  void (*ready) (PlHelperClient *client, const GError *error, gpointer data);
  /* It was there and is gone, as @error says; with PL_HELPER_CLIENT_ERROR_TAKEN another user has it now. */
  void (*lost) (const GError *error, gpointer data);
  gpointer data; /* who it is */
} PlHelperUser;

typedef struct _PlHelperKeeper PlHelperKeeper;

PlHelperKeeper *pl_helper_keeper_new (void);
PlHelperKeeper *pl_helper_keeper_ref (PlHelperKeeper *self);
void pl_helper_keeper_unref (PlHelperKeeper *self); /* the last one ends the helper */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlHelperKeeper, pl_helper_keeper_unref)

void pl_helper_keeper_take (PlHelperKeeper *self, const PlHelperUser *user);
/* @data does not want it any more, and hears nothing of it. A helper on its way up is called off, with its prompt. */
void pl_helper_keeper_release (PlHelperKeeper *self, gpointer data);
/* @data reads the channel of the helper no more: it rests, unless it is another's by now. */
void pl_helper_keeper_rest (PlHelperKeeper *self, gpointer data);
/* What the users of the helper that is up share of it, and how it is let go of: with that helper, or with the keeper. Set
 * while there is one. NULL: nothing yet. */
void pl_helper_keeper_set_shared (PlHelperKeeper *self, gpointer shared, GDestroyNotify destroy);
gpointer pl_helper_keeper_get_shared (const PlHelperKeeper *self);
/* A helper is there: taking it asks nobody for anything. */
gboolean pl_helper_keeper_is_up (const PlHelperKeeper *self);
