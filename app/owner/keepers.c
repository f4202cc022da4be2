/* Which listeners' processes keep what they accept. See keepers.h. A look at a connection takes 0.2 ms, and a server may have
 * thousands a second: eight in a row tell enough, and then one in each PL_KEEPER_SAMPLE_US, which are all of them but for a busy
 * server's: one may be handed on still. What is not looked at stays the listener's, and nothing more is said of it. */
#include "keepers.h"

#include "bounds.h"

#define KEPT_IN_A_ROW 8

typedef struct
{
  guint64 listener;
  gint32 pid;
  guint n_kept; /* in a row */
  guint64 mark; /* pl_holder_mark() when the last was found */
  gint64 checked_us, credited_us; /* monotonic */
  gint64 credit_us; /* of looks, PL_KEEPER_SAMPLE_US each */
} Keeper;

struct _PlKeepers
{
  GHashTable *by_listener; /* &Keeper.listener → Keeper */
};

PlKeepers *
pl_keepers_new (void)
{
  PlKeepers *keepers = g_new0 (PlKeepers, 1);
  keepers->by_listener = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  return keepers;
}

void
pl_keepers_free (PlKeepers *keepers)
{
  if (keepers == NULL)
    return;
  g_hash_table_unref (keepers->by_listener);
  g_free (keepers);
}

static Keeper *
get_keeper (PlKeepers *keepers, guint64 listener)
{
  Keeper *keeper = g_hash_table_lookup (keepers->by_listener, &listener);
  if (keeper != NULL)
    return keeper;
  if (g_hash_table_size (keepers->by_listener) >= PL_LIMIT_KEEPERS)
    g_hash_table_remove_all (keepers->by_listener); /* learnt anew in eight looks */
  keeper = g_new0 (Keeper, 1);
  keeper->listener = listener;
  g_hash_table_insert (keepers->by_listener, &keeper->listener, keeper);
  return keeper;
}

void
pl_keepers_note (PlKeepers *keepers, PlProcfs *procfs, const PlHolder *holder, gboolean is_kept)
{
  Keeper *keeper = get_keeper (keepers, holder->inode);
  guint64 mark = is_kept ? pl_holder_mark (holder, procfs) : 0;
  gboolean is_next = is_kept && keeper->pid == holder->pid && keeper->mark == mark;
  keeper->n_kept = is_next ? keeper->n_kept + 1 : is_kept ? 1 : 0;
  keeper->pid = holder->pid;
  keeper->mark = mark;
}

static gboolean
may_look (Keeper *keeper, gint64 now_us)
{
  gint64 most_us = PL_KEEPER_CREDIT * PL_KEEPER_SAMPLE_US;
  keeper->credit_us = MIN (keeper->credit_us + now_us - keeper->credited_us, most_us);
  keeper->credited_us = now_us;
  if (keeper->credit_us < PL_KEEPER_SAMPLE_US)
    return FALSE;
  keeper->credit_us -= PL_KEEPER_SAMPLE_US;
  return TRUE;
}

gboolean
pl_keepers_is_trusted (PlKeepers *keepers, PlProcfs *procfs, PlHolders *holders, guint64 listener, gint64 now_us)
{
  PlHolder holder;
  Keeper *keeper = g_hash_table_lookup (keepers->by_listener, &listener);
  if (keeper == NULL || keeper->n_kept < KEPT_IN_A_ROW)
    return FALSE;
  if (now_us < keeper->checked_us + PL_LOOK_ROUND_US)
    return !may_look (keeper, now_us);
  keeper->checked_us = now_us;
  guint64 n_unanswered = pl_procfs_get_n_unanswered (procfs);
  gboolean is_there = pl_holders_get (holders, procfs, listener, &holder);
  if (!is_there && pl_procfs_get_n_unanswered (procfs) != n_unanswered)
    return TRUE; /* the helper is slow: no time for more questions */
  if (!is_there || holder.pid != keeper->pid || pl_holder_mark (&holder, procfs) != keeper->mark)
    {
      keeper->n_kept = 0;
      return FALSE;
    }
  return !may_look (keeper, now_us);
}
