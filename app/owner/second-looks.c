/* One queue for each time that a connection may be looked at, so that each is in order and nothing is ever sorted. Whoever ended
 * meanwhile costs one question to the kernel and is forgotten. */
#include "second-looks.h"

#include "bounds.h"
#include "resolver.h"

static const gint64 delays_us[] = { PL_SECOND_LOOK_US, PL_HANDED_LOOK_US, PL_LAST_LOOK_US };

#define N_TIMES G_N_ELEMENTS (delays_us)
#define HANDED 1 /* the first time at which a lone listener's connection is looked at */

struct _PlSecondLooks
{
  GQueue due[N_TIMES]; /* PlCase, the soonest first */
  guint64 n_cut;
};

PlSecondLooks *
pl_second_looks_new (void)
{
  PlSecondLooks *looks = g_new0 (PlSecondLooks, 1);
  for (guint i = 0; i < N_TIMES; i++)
    g_queue_init (&looks->due[i]);
  return looks;
}

void
pl_second_looks_free (PlSecondLooks *looks)
{
  if (looks == NULL)
    return;
  for (guint i = 0; i < N_TIMES; i++)
    g_queue_clear_full (&looks->due[i], g_free);
  g_free (looks);
}

static void
push (PlSecondLooks *looks, const PlCase *one, guint time, gint64 look_us)
{
  if (looks->due[time].length >= PL_LIMIT_SECOND_LOOKS)
    {
      looks->n_cut++;
      return;
    }
  PlCase *copy = g_memdup2 (one, sizeof *one);
  copy->process = NULL;
  copy->n_looks = (guint8)(time + 1);
  copy->look_again_us = (look_us / PL_LOOK_ROUND_US + 1) * PL_LOOK_ROUND_US;
  g_queue_push_tail (&looks->due[time], copy);
}

void
pl_second_looks_add (PlSecondLooks *looks, const PlCase *one, gint64 now_us)
{
  guint time = pl_resolver_is_shared (one) ? 0 : HANDED;
  push (looks, one, time, now_us + delays_us[time]);
}

void
pl_second_looks_add_again (PlSecondLooks *looks, const PlCase *one, gint64 now_us)
{
  if (one->n_looks < N_TIMES)
    push (looks, one, one->n_looks, now_us + delays_us[one->n_looks] - delays_us[one->n_looks - 1]);
}

gboolean
pl_second_looks_next (PlSecondLooks *looks, gint64 now_us, PlCase *one)
{
  for (guint i = 0; i < N_TIMES; i++)
    {
      const PlCase *first = g_queue_peek_head (&looks->due[i]);
      if (first == NULL || first->look_again_us > now_us)
        continue;
      *one = *first;
      g_free (g_queue_pop_head (&looks->due[i]));
      return TRUE;
    }
  return FALSE;
}

int
pl_second_looks_get_wait_ms (PlSecondLooks *looks, gint64 now_us)
{
  gint64 soonest_us = G_MAXINT64;
  for (guint i = 0; i < N_TIMES; i++)
    {
      const PlCase *first = g_queue_peek_head (&looks->due[i]);
      if (first != NULL)
        soonest_us = MIN (soonest_us, first->look_again_us);
    }
  return soonest_us == G_MAXINT64 ? -1 : (int)(MAX (soonest_us - now_us, 0) / 1000) + 1;
}

guint64
pl_second_looks_get_n_cut (PlSecondLooks *looks)
{
  return looks->n_cut;
}
