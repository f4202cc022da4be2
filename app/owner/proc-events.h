/* What the kernel says of processes as they begin, exec(2) and end: the proc connector (linux/connector.h, linux/cn_proc.h).
 * Recent kernels tell everybody, older ones only root; none tells in other network, user or pid namespaces than the first.
 * One thread. */
#pragma once
#include <glib.h>

typedef enum
{
  PL_PROC_BEGAN, /* by fork(2); threads are not told of */
  PL_PROC_EXECED,
  PL_PROC_ENDED,
} PlProcEvent;

typedef struct _PlProcEvents PlProcEvents;
/* @parent_pid: with PL_PROC_BEGAN; else 0. @time_us: when it happened, by the monotonic clock. */
typedef void (*PlProcEventFunc) (PlProcEvent event, gint32 pid, gint32 parent_pid, gint64 time_us, gpointer data);

/* NULL where there is no connector to be heard. Where the kernel hears us but refuses, pl_proc_events_is_telling() stays FALSE.
 * @only_execs: nothing but PL_PROC_EXECED. */
PlProcEvents *pl_proc_events_new (gboolean only_execs);
void pl_proc_events_free (PlProcEvents *events);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlProcEvents, pl_proc_events_free)
/* Readable when there is news. */
int pl_proc_events_get_fd (PlProcEvents *events);
/* Whether the kernel has agreed to tell. */
gboolean pl_proc_events_is_telling (PlProcEvents *events);
/* Calls @func for all that was told since the last call, in order. Never waits. FALSE when some of it was lost for want of
 * room in the kernel's buffer. */
gboolean pl_proc_events_read (PlProcEvents *events, PlProcEventFunc func, gpointer data);
/* How often that happened. */
guint64 pl_proc_events_get_overruns (PlProcEvents *events);
