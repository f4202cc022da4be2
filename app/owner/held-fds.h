/* The open /proc/PID/fd directories of programs that started just now. A process that ends hides that directory from other
 * users as soon as its memory is gone, some 40 to 100 µs before it closes what it holds; who has it open already still reads it
 * then. One writer, the owner thread, and one borrower, the asker of questions; neither waits for the other. */
#pragma once
#include <glib.h>

typedef struct _PlHeldFds PlHeldFds;

PlHeldFds *pl_held_fds_new (void);
/* Closes what it holds. */
void pl_held_fds_free (PlHeldFds *held);

/* The writer: takes @dir_fd (-1: nothing) over, and lets go of the oldest where there is no more room. */
void pl_held_fds_put (PlHeldFds *held, gint32 pid, int dir_fd);
/* The writer, when @pid has ended: held open, its directory would keep its namespace of processes alive. */
void pl_held_fds_forget (PlHeldFds *held, gint32 pid);
void pl_held_fds_forget_all (PlHeldFds *held);

/* The borrower: who was put in as the @nth to last, from 0; 0 for nobody, or somebody who was forgotten since. */
gint32 pl_held_fds_get_pid (PlHeldFds *held, guint nth);
/* The borrower: the directory of @pid, or -1. To be given back with the same @pid before another is borrowed. */
int pl_held_fds_borrow (PlHeldFds *held, gint32 pid);
void pl_held_fds_give_back (PlHeldFds *held, gint32 pid);
