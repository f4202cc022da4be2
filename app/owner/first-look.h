/* What the asker of a question sees at once, a wake-up before the owner thread, which may besides be at something longer. The
 * asker's thread only, but for what is told by another. */
#pragma once
#include "case.h"
#include "holder-search.h"
#include "question-ring.h"

typedef struct _PlFirstLook PlFirstLook;

/* Never fails: what cannot be looked into stays for the owner thread. */
PlFirstLook *pl_first_look_new (void);
void pl_first_look_free (PlFirstLook *look);
/* Any one other thread: @pid is a program just started, whose descriptors may be read. */
void pl_first_look_expect (PlFirstLook *look, gint32 pid);
/* That thread: takes the directory of its descriptors over, -1 for none; and lets go of it when @pid has ended, or where news of
 * that may have been lost. */
void pl_first_look_hold (PlFirstLook *look, gint32 pid, int dir_fd);
void pl_first_look_forget (PlFirstLook *look, gint32 pid);
void pl_first_look_forget_all (PlFirstLook *look);
/* Fills what @question has seen: some 30 to 60 µs. */
void pl_first_look_take (PlFirstLook *look, PlOwnerQuestion *question);
/* Puts @question into @ring, with a look where that is urgent and not too many were taken just before (PL_LIMIT_FIRST_LOOKS_HZ).
 * FALSE when the ring is full. */
gboolean pl_first_look_ask (PlFirstLook *look, PlQuestionRing *ring, const PlOwnerQuestion *question);

/* The owner thread: the socket that was seen for @one, which may be gone by now. FALSE for none. */
gboolean pl_first_look_get_socket (PlCase *one);
/* The owner thread: who was seen to hold them, for the next pl_search_find(); where somebody was not, it looks ahead itself. */
void pl_first_look_get_holders (const PlCase *cases, guint n_cases, PlSearch *search);
