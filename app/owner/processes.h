/* Processes as they are shown, by pid: read once, named once, shared by reference. An entry is checked against
 * /proc/PID/stat each time, so that neither a pid given anew nor an exec(2) is missed. Owner thread only. */
#pragma once
#include "names.h"
#include "process.h"
#include "procfs.h"

typedef struct _PlProcesses PlProcesses;

PlProcesses *pl_processes_new (PlProcfs *procfs, PlNames *names); /* both must outlive it */
void pl_processes_free (PlProcesses *processes);
/* Process @pid as it is now (transfer full), or NULL when it is gone. */
PlProcess *pl_processes_get (PlProcesses *processes, gint32 pid);
/* The same of one that was just seen to hold the socket that others call, as it was 20 ms ago at the most, if it was 2 s old by then:
 * neither has its number another's socket, nor does a manager move it any more. */
PlProcess *pl_processes_get_server (PlProcesses *processes, gint32 pid);
/* @pid has become another program just now: what it is is read, in case that it ends before it is asked for; but not of a program
 * in the background (nice(2)). */
void pl_processes_note_exec (PlProcesses *processes, gint32 pid);
/* @pid is a process that just began: whatever was noted is of another. */
void pl_processes_forget_exec (PlProcesses *processes, gint32 pid);
/* How many were not read, being more than PL_LIMIT_EXECED_HZ or in the background. */
guint64 pl_processes_get_n_unread (PlProcesses *processes);
/* Whether @pid, which was in @cgroup (nullable), is in another one now, which may name it otherwise. */
gboolean pl_processes_has_moved (PlProcesses *processes, gint32 pid, const char *cgroup);
/* A process from what was told of it while it lived (transfer full); never NULL. @is_now: it is in the cgroup that was told, where
 * without it may have been moved since. */
PlProcess *pl_processes_get_told (PlProcesses *processes, const PlProcFacts *facts, gboolean is_now);
