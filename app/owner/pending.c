/* See pending.h. Scans cost at most a fifth of one processor, however many ask for what nobody holds: counted in processor
 * time, for on a busy machine a scan of 30 ms may take seconds, and those that wait would wait five times as long. */
#include "pending.h"

#include "bounds.h"
#include "processor-time.h"
#include "urgent.h"

#define SCAN_REST 4 /* times its own cost that a scan is followed by rest */
#define REVISIONS_REST 20 /* … where nothing but answers that stand may be bettered */
#define COMPLETE_STEP 8 /* processes the helper is asked to look into before new questions get their turn */

struct _PlPending
{
  PlScan *scan; /* nullable */
  PlResolver *resolver;
  PlSocketsSource *source;
  GArray *cases; /* PlCase */
  guint n_in_scan; /* the first of them, which wait for the running scan */
  GArray *inodes; /* guint64, of the running scan */
  gboolean is_scanning, has_scanned;
  PlScanResult *incomplete; /* the helper is asked for the rest, some at a time; nullable */
  gboolean has_learned_by_helper;
  gint64 began_us, next_us, revisions_us; /* monotonic */
  guint n_first; /* cases that are no revisions */
  guint64 n_cut; /* of such, for want of room */
  gint64 helped_us; /* processor time that the helper's part took here */
};

static void
case_clear (gpointer data)
{
  pl_case_clear (data);
}

PlPending *
pl_pending_new (PlScan *scan, PlResolver *resolver, PlSocketsSource *source)
{
  PlPending *pending = g_new0 (PlPending, 1);
  pending->scan = scan;
  pending->resolver = resolver;
  pending->source = source;
  pending->cases = g_array_new (FALSE, FALSE, sizeof (PlCase));
  g_array_set_clear_func (pending->cases, case_clear);
  pending->inodes = g_array_new (FALSE, FALSE, sizeof (guint64));
  return pending;
}

void
pl_pending_free (PlPending *pending)
{
  if (pending == NULL)
    return;
  pl_scan_result_free (pending->incomplete);
  pl_scan_free (pending->scan);
  g_array_unref (pending->cases);
  g_array_unref (pending->inodes);
  g_free (pending);
}

gboolean
pl_pending_add (PlPending *pending, PlCase *one)
{
  if (pending->cases->len >= PL_LIMIT_OWNER_PENDING)
    {
      pending->n_cut += !one->is_revision;
      return FALSE;
    }
  g_array_append_val (pending->cases, *one);
  pending->n_first += !one->is_revision;
  return TRUE;
}

void
pl_pending_set_new_helper (PlPending *pending)
{
  pending->has_learned_by_helper = FALSE;
}

/* ---- a scan's end ---- */

static gboolean
may_wait (const PlCase *one, gint64 now_us)
{
  return now_us < one->question.asked_us + PL_LIMIT_OWNER_PATIENCE_US;
}

static void
use_scan (PlPending *pending, PlScanResult *result, PlPendingFunc answered, gpointer data)
{
  gint64 now_us = g_get_monotonic_time ();
  guint n_kept = 0, n_in_scan = pending->n_in_scan;
  pending->is_scanning = FALSE;
  pending->has_scanned = TRUE;
  pending->n_in_scan = 0;
  gint64 cost_us = result->cost_us + 2 * pending->helped_us; /* the helper works as long */
  pending->next_us = now_us + cost_us * SCAN_REST;
  pending->revisions_us = now_us + cost_us * REVISIONS_REST;
  gboolean is_whole = pl_resolver_learn (pending->resolver, result, (const guint64 *)(void *)pending->inodes->data,
                                         pending->inodes->len);
  for (guint i = 0; i < n_in_scan; i++)
    {
      PlCase one = g_array_index (pending->cases, PlCase, i);
      g_array_index (pending->cases, PlCase, i).process = NULL;
      if (pl_resolver_finish (pending->resolver, &one, is_whole, !may_wait (&one, now_us)))
        {
          pending->n_first -= !one.is_revision;
          answered (&one, data);
        }
      else
        g_array_index (pending->cases, PlCase, n_kept++) = one;
    }
  if (n_in_scan > n_kept)
    g_array_remove_range (pending->cases, n_kept, n_in_scan - n_kept);
}

/* Until when the helper is waited for. */
static gint64
give_up_us (PlPending *pending)
{
  return pending->began_us + PL_LIMIT_OWNER_PATIENCE_US;
}

static gboolean
complete (PlPending *pending)
{
  gint64 before_us = pl_processor_time_us ();
  gboolean is_complete = pl_scan_result_has_all (pending->incomplete, pending->inodes)
                         || pl_resolver_complete (pending->resolver, pending->incomplete, COMPLETE_STEP)
                         || g_get_monotonic_time () >= give_up_us (pending);
  pending->helped_us += pl_processor_time_us () - before_us;
  return is_complete;
}

gboolean
pl_pending_take_scan (PlPending *pending, PlPendingFunc answered, gpointer data)
{
  if (pending->incomplete == NULL && pending->scan != NULL)
    pending->incomplete = pl_scan_take (pending->scan);
  if (pending->incomplete == NULL)
    return FALSE;
  pl_urgent_end ();
  if (!complete (pending))
    return FALSE;
  g_autoptr (PlScanResult) result = g_steal_pointer (&pending->incomplete);
  use_scan (pending, result, answered, data);
  return TRUE;
}

/* ---- in a sandbox ---- */

/* Until when the one that waits longest does so. */
static gint64
patience_us (PlPending *pending)
{
  return g_array_index (pending->cases, PlCase, 0).question.asked_us + PL_LIMIT_OWNER_PATIENCE_US;
}

void
pl_pending_take_outside (PlPending *pending, gboolean is_round_over, PlPendingFunc answered, gpointer data)
{
  gint64 now_us = g_get_monotonic_time ();
  guint n_kept = 0;
  if (pending->scan != NULL || pending->cases->len == 0 || (!is_round_over && now_us < patience_us (pending)))
    return;
  for (guint i = 0; i < pending->cases->len; i++)
    {
      PlCase one = g_array_index (pending->cases, PlCase, i);
      g_array_index (pending->cases, PlCase, i).process = NULL;
      if (pl_resolver_finish_outside (pending->resolver, &one, !may_wait (&one, now_us)))
        {
          pending->n_first -= !one.is_revision;
          answered (&one, data);
        }
      else
        g_array_index (pending->cases, PlCase, n_kept++) = one;
    }
  g_array_set_size (pending->cases, n_kept);
}

/* ---- a scan's beginning ---- */

static void
add_wanted (PlPending *pending, GArray *uids, guint64 inode, guint32 uid)
{
  g_array_append_val (pending->inodes, inode);
  for (guint i = 0; i < uids->len; i++)
    if (g_array_index (uids, guint32, i) == uid)
      return;
  g_array_append_val (uids, uid);
}

/* The questions' sockets, and those of the dump whose holder is not known. FALSE when all that is wanted has an answer already. */
static gboolean
collect_wanted (PlPending *pending, GArray *uids)
{
  g_array_set_size (pending->inodes, 0);
  for (guint i = 0; i < pending->cases->len; i++)
    {
      const PlCase *one = &g_array_index (pending->cases, PlCase, i);
      for (guint j = 0; j < one->n_inodes; j++)
        add_wanted (pending, uids, one->inodes[j], one->uid);
    }
  guint n_asked = pending->inodes->len;
  const PlSocket *unowned;
  for (guint at = 0; (unowned = pl_sockets_source_next_unowned (pending->source, &at)) != NULL;)
    add_wanted (pending, uids, unowned->inode, unowned->uid);
  return pending->n_first > 0 || pending->inodes->len > n_asked;
}

/* The very first one wants nothing in particular: it learns what is there, so that old connections and listeners are known
 * when they are asked about; and so does the first one with a helper, which looks where we may not. */
gboolean
pl_pending_start_scan (PlPending *pending)
{
  gint64 now_us = g_get_monotonic_time ();
  if (pending->scan == NULL || pending->is_scanning || now_us < pending->next_us)
    return FALSE;
  g_autoptr (GArray) uids = g_array_new (FALSE, FALSE, sizeof (guint32));
  gboolean is_urgent = collect_wanted (pending, uids);
  if (!is_urgent && pending->cases->len > 0 && now_us < pending->revisions_us)
    return FALSE;
  PlHelperLink *helper = pl_resolver_get_helper (pending->resolver);
  gboolean has_helper = helper != NULL && pl_helper_link_is_ready (helper) && !pl_resolver_sees_all (pending->resolver);
  if (pending->inodes->len == 0 && pending->began_us != 0 && (!has_helper || pending->has_learned_by_helper))
    return FALSE;
  pending->is_scanning = pl_scan_start (pending->scan, (const guint64 *)(void *)pending->inodes->data,
                                        pending->inodes->len, (const guint32 *)(void *)uids->data, uids->len);
  pending->n_in_scan = pending->is_scanning ? pending->cases->len : 0;
  pending->has_learned_by_helper |= pending->is_scanning && has_helper;
  pending->began_us = now_us;
  pending->helped_us = 0;
  return pending->is_scanning;
}

gboolean
pl_pending_has_scanned (const PlPending *pending)
{
  return pending->scan == NULL || pending->has_scanned;
}

guint64
pl_pending_get_n_cut (const PlPending *pending)
{
  return pending->n_cut;
}

int
pl_pending_get_wait_ms (PlPending *pending)
{
  if (pending->scan == NULL && pending->cases->len > 0)
    return (int)(MAX (patience_us (pending) - g_get_monotonic_time (), 0) / 1000) + 1;
  gint64 due_us = pending->n_first > 0 ? pending->next_us : pending->revisions_us;
  if (pending->incomplete != NULL && pl_resolver_waits_for_helper (pending->resolver))
    due_us = give_up_us (pending);
  else if (pending->incomplete != NULL)
    return 0;
  else if (pending->scan == NULL || pending->is_scanning || pending->cases->len == 0)
    return -1;
  return (int)(MAX (due_us - g_get_monotonic_time (), 0) / 1000) + 1;
}
