/* How a session begins to read a device, a file or a descriptor. Main loop only, but for ask_owner(), which the capture
 * thread calls. */
#include "portlight-config.h"
#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>
#include "session-private.h"
#include "bounds.h"

/* ---- questions about owners ---- */

/* A capture numbers its flows from 1, so a question carries which capture asked: the upper 16 bits. */
#define QUESTION_SHIFT 48

struct _PlAsker
{
  PlOwners *owners;
  guint64 generation;
};

static gboolean
is_loopback (const PlAddr *addr)
{
  return pl_addr_scope (addr) == PL_SCOPE_LOOPBACK;
}

static PlOwnerQuestion
make_question (const PlAsker *asker, const PlFlow *flow)
{
  const PlFlowKey *key = &flow->key;

  return (PlOwnerQuestion){
    .flow_id = asker->generation << QUESTION_SHIFT | flow->id,
    .key = *key,
    .local_end = flow->local_end,
    .initiator_end = flow->initiator_end,
    /* A loopback address never leaves the machine, nor does what one address sends to itself. */
    .both_local =
        is_loopback (&key->addr[0]) || is_loopback (&key->addr[1]) || pl_addr_equal (&key->addr[0], &key->addr[1]),
    .asked_us = g_get_monotonic_time (),
    .first_us = flow->first_us,
  };
}

/* Capture thread. */
static gboolean
ask_owner (const PlFlow *flow, gpointer data)
{
  const PlAsker *asker = data;
  PlOwnerQuestion question = make_question (asker, flow);

  return pl_owners_ask (asker->owners, &question);
}

/* Capture thread. */
static void
check_owner (const PlFlow *flow, guint64 time_us, gpointer data)
{
  const PlAsker *asker = data;
  PlOwnerQuestion question = make_question (asker, flow);

  question.is_check = TRUE;
  question.first_us = time_us;
  pl_owners_ask (asker->owners, &question);
}

/* Capture thread. */
static void
tell_mixed (const PlFlow *flow, gpointer data)
{
  const PlAsker *asker = data;
  PlOwnerQuestion question = make_question (asker, flow);

  question.is_mixed = TRUE;
  pl_owners_ask (asker->owners, &question);
}

/* Capture thread. */
static guint
take_reuses (PlPortReuse *reuses, guint max, gpointer data)
{
  const PlAsker *asker = data;

  return pl_owners_take_reuses (asker->owners, reuses, max);
}

/* Capture thread. */
static int
get_reuses_fd (gpointer data)
{
  const PlAsker *asker = data;

  return pl_owners_get_reuses_fd (asker->owners);
}

/* Capture thread. */
static gboolean
is_urgent (gpointer data)
{
  const PlAsker *asker = data;

  return pl_owners_is_urgent (asker->owners);
}

gboolean
pl_session_is_current_question (PlSession *self, guint64 question)
{
  return question >> QUESTION_SHIFT == self->generation;
}

guint64
pl_session_get_question_flow (guint64 question)
{
  return question & ((1ull << QUESTION_SHIFT) - 1);
}

/* ---- sources ---- */

/**
 * pl_session_parse_local:
 * @local: (nullable) (array zero-terminated=1): ADDR or ADDR/BITS
 * @prefixes: (out) (transfer full) (array length=n_prefixes): what they say
 * @n_prefixes: (out): how many
 * @error: return location for a #GIOErrorEnum
 *
 * Returns: %FALSE when one of them is no address
 */
gboolean
pl_session_parse_local (const char *const *local, PlPrefix **prefixes, guint *n_prefixes, GError **error)
{
  guint n = local != NULL ? g_strv_length ((char **)local) : 0;
  g_autofree PlPrefix *parsed = g_new0 (PlPrefix, MAX (n, 1));

  if (n > PL_LIMIT_LOCAL_PREFIXES)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _ ("%u local addresses are more than the %u that are looked at: name networks, as in 10.0.0.0/8"), n,
                   (guint)PL_LIMIT_LOCAL_PREFIXES);
      return FALSE;
    }
  for (guint i = 0; i < n; i++)
    if (!pl_prefix_parse (local[i], &parsed[i]))
      {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                     _ ("“%s” is no local address: write one like 192.168.1.20, or a network like 10.0.0.0/8"),
                     local[i]);
        return FALSE;
      }
  *prefixes = g_steal_pointer (&parsed);
  *n_prefixes = n;
  return TRUE;
}

/* Starts the thread over what @options name; the rest of them is the session's to say. */
void
pl_session_start_capture (PlSession *self, PlCaptureOptions *options)
{
  if (options->is_live)
    {
      pl_session_need_owners (self);
      if (options->kind == PL_SOURCE_DEVICE)
        pl_session_start_owners_helper (self);
      self->asker = g_new0 (PlAsker, 1);
      *self->asker = (PlAsker){ self->owners, self->generation };
      options->new_flow = ask_owner;
      options->resumed = check_owner;
      options->mixed = tell_mixed;
      options->take_reuses = take_reuses;
      options->get_reuses_fd = get_reuses_fd;
      options->is_urgent = is_urgent;
      options->new_flow_data = self->asker;
    }
  self->capture = pl_capture_start (options, self->mailbox);
}

/* Starts to read @open; what fails is told later. */
void
pl_session_start_source (PlSession *self, const PlOpen *open, const PlPrefix *local, guint n_local)
{
  PlCaptureOptions options = { .kind = open->kind == PL_OPEN_FILE     ? PL_SOURCE_FILE
                                       : open->kind == PL_OPEN_DEVICE ? PL_SOURCE_DEVICE
                                                                      : PL_SOURCE_PIPE,
                               .name = open->name,
                               .fd = open->fd,
                               .control_fd = -1,
                               .filter = open->filter,
                               .local = local,
                               .n_local = n_local,
                               .is_live = open->kind == PL_OPEN_DEVICE || open->kind == PL_OPEN_TOOL,
                               .ended_linger_us =
                                   open->keep_all || open->kind == PL_OPEN_FILE ? 0 : PL_ENDED_LINGER_US };

  if (open->kind == PL_OPEN_HELPER)
    pl_session_start_helper (self, open, local, n_local);
  else
    pl_session_start_capture (self, &options);
}
