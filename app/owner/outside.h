/* Whose sockets they are where /proc shows none of the computer's processes (a Flatpak's sandbox): portlight-helper is asked
 * what each process outside holds, some at a time, and only while a socket is wanted that nobody is known for. Owner thread
 * only. */
#pragma once
#include "helper-link.h"
#include "holders.h"
#include "processes.h"

typedef struct _PlOutside PlOutside;

PlOutside *pl_outside_new (PlProcesses *processes); /* which must outlive it */
void pl_outside_free (PlOutside *outside);
/* @helper must outlive its use; NULL: none. */
void pl_outside_use_helper (PlOutside *outside, PlHelperLink *helper);
/* The process that holds @inode (transfer full) and how; NULL when that is not known, or no longer so. It is then wanted, but
 * for one that lately nobody held. The holder's fd is -1. */
PlProcess *pl_outside_get (PlOutside *outside, guint64 inode, PlHolder *holder);
/* Whether the next round looks for @inode. */
gboolean pl_outside_is_wanted (PlOutside *outside, guint64 inode);
/* Looks into some processes. TRUE when a round came to its end: what is wanted may be known now. */
gboolean pl_outside_step (PlOutside *outside, guint n_processes);
/* Milliseconds until it wants a step, -1 while nothing is wanted, or a round goes on as soon as something comes from the helper. */
int pl_outside_get_wait_ms (PlOutside *outside);
/* How many rounds were not of all processes, the list being full. */
guint64 pl_outside_get_n_cut (PlOutside *outside);
