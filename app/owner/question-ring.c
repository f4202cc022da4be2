/* Questions from the capture thread to the owner thread. The asker does two atomic stores and, only when the answerer
 * sleeps, one eventfd write; it never waits. The sleeping flag and the head are a Dekker pair: each side writes its own and
 * then reads the other's, both sequentially consistent, so that no question is left behind. */
#include "question-ring.h"

#include <stdatomic.h>
#include <unistd.h>

#include "bounds.h"
#include "urgent.h"

struct _PlQuestionRing
{
  PlOwnerQuestion *slots;
  int wake_fd;
  _Alignas(64) atomic_uint_fast64_t head; /* written by the asker: questions ever put in */
  atomic_uint_fast64_t dropped;
  _Alignas(64) atomic_uint_fast64_t tail; /* written by the answerer: questions ever taken out */
  atomic_bool is_asleep;
  atomic_bool is_urgent;
};

PlQuestionRing *
pl_question_ring_new (int wake_fd)
{
  PlQuestionRing *ring = g_aligned_alloc0 (1, sizeof *ring, 64);
  ring->slots = g_new0 (PlOwnerQuestion, PL_LIMIT_OWNER_QUESTIONS);
  ring->wake_fd = wake_fd;
  return ring;
}

void
pl_question_ring_free (PlQuestionRing *ring)
{
  if (ring == NULL)
    return;
  g_free (ring->slots);
  g_aligned_free (ring);
}

gboolean
pl_question_ring_push (PlQuestionRing *ring, const PlOwnerQuestion *question)
{
  guint64 head = atomic_load_explicit (&ring->head, memory_order_relaxed);
  if (head - atomic_load_explicit (&ring->tail, memory_order_acquire) >= PL_LIMIT_OWNER_QUESTIONS)
    {
      atomic_fetch_add_explicit (&ring->dropped, 1, memory_order_relaxed);
      return FALSE;
    }
  ring->slots[head % PL_LIMIT_OWNER_QUESTIONS] = *question;
  atomic_store (&ring->head, head + 1);
  if (atomic_exchange (&ring->is_asleep, false))
    {
      guint64 one = 1;
      if (write (ring->wake_fd, &one, sizeof one) < 0)
        return TRUE; /* the counter is full: it is readable already */
    }
  return TRUE;
}

gboolean
pl_question_ring_pop (PlQuestionRing *ring, PlOwnerQuestion *question)
{
  guint64 tail = atomic_load_explicit (&ring->tail, memory_order_relaxed);
  if (tail == atomic_load_explicit (&ring->head, memory_order_acquire))
    return FALSE;
  *question = ring->slots[tail % PL_LIMIT_OWNER_QUESTIONS];
  atomic_store_explicit (&ring->tail, tail + 1, memory_order_release);
  return TRUE;
}

guint64
pl_question_ring_get_waiting (PlQuestionRing *ring)
{
  return atomic_load_explicit (&ring->head, memory_order_relaxed)
         - atomic_load_explicit (&ring->tail, memory_order_relaxed);
}

gboolean
pl_question_ring_set_urgent (PlQuestionRing *ring, gboolean is_urgent)
{
  gboolean was_urgent = atomic_exchange (&ring->is_urgent, is_urgent != FALSE);
  if (was_urgent && !is_urgent)
    pl_urgent_end ();
  return was_urgent != (is_urgent != FALSE);
}

gboolean
pl_question_ring_is_urgent (PlQuestionRing *ring)
{
  return atomic_load_explicit (&ring->is_urgent, memory_order_relaxed);
}

gboolean
pl_question_ring_prepare_sleep (PlQuestionRing *ring)
{
  if (pl_question_ring_is_urgent (ring))
    pl_urgent_begin ();
  atomic_store (&ring->is_asleep, true);
  if (atomic_load (&ring->head) == atomic_load_explicit (&ring->tail, memory_order_relaxed))
    return TRUE;
  atomic_store (&ring->is_asleep, false);
  return FALSE;
}

void
pl_question_ring_awake (PlQuestionRing *ring)
{
  atomic_store (&ring->is_asleep, false);
}

guint64
pl_question_ring_get_dropped (PlQuestionRing *ring)
{
  return atomic_load_explicit (&ring->dropped, memory_order_relaxed);
}

guint64
pl_question_ring_get_asked (PlQuestionRing *ring)
{
  return atomic_load_explicit (&ring->head, memory_order_relaxed) + pl_question_ring_get_dropped (ring);
}
