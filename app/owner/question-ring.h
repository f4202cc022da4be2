/* Questions from the capture thread to the owner thread: bounded, without a lock, one asker and one answerer at a time. */
#pragma once
#include "owners.h"

typedef struct _PlQuestionRing PlQuestionRing;

/* @wake_fd: an eventfd of the caller's, written when the answerer may be asleep. */
PlQuestionRing *pl_question_ring_new (int wake_fd);
void pl_question_ring_free (PlQuestionRing *ring);
/* Asker. FALSE when it is full. */
gboolean pl_question_ring_push (PlQuestionRing *ring, const PlOwnerQuestion *question);
/* Answerer. FALSE when it is empty. */
gboolean pl_question_ring_pop (PlQuestionRing *ring, PlOwnerQuestion *question);
/* Answerer: how many wait. */
guint64 pl_question_ring_get_waiting (PlQuestionRing *ring);
/* Answerer: whether it depends on how soon a question comes and is answered; off at first. It then sleeps, and begins to
 * answer, with the priority of urgent.h. Any thread may read it. Returns whether that is new. */
gboolean pl_question_ring_set_urgent (PlQuestionRing *ring, gboolean is_urgent);
gboolean pl_question_ring_is_urgent (PlQuestionRing *ring);
/* Answerer, before it sleeps on the eventfd: FALSE when something came meanwhile and it must not sleep. */
gboolean pl_question_ring_prepare_sleep (PlQuestionRing *ring);
void pl_question_ring_awake (PlQuestionRing *ring);
guint64 pl_question_ring_get_dropped (PlQuestionRing *ring);
guint64 pl_question_ring_get_asked (PlQuestionRing *ring);
