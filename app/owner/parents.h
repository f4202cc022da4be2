/* What the parents of processes are called. Many that send have one parent: a shell's loop, a browser, a test. Owner thread only. */
#pragma once
#include "procfs.h"

typedef struct _PlParents PlParents;

PlParents *pl_parents_new (PlProcfs *procfs);
void pl_parents_free (PlParents *parents);
/* The comm of process @pid, the parent of one that began at @child_start_time (clock ticks since boot; 0 not known), valid until
 * the next call. NULL when it is gone: whoever has its number and began later is another. */
const char *pl_parents_get_comm (PlParents *parents, gint32 pid, guint64 child_start_time);
