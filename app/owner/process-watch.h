/* Follows processes as they begin, exec(2) and end (proc-events.h), for the search and for the names of those that end before
 * they are asked about. It is for where the kernel's tracepoints are not to be had. Owner thread only. */
#pragma once
#include "first-look.h"
#include "holder-search.h"
#include "proc-events.h"
#include "processes.h"

typedef struct _PlProcessWatch PlProcessWatch;

/* All must outlive it. @uid: whose processes are worth reading, or PL_UNKNOWN_U32 for everybody's. */
PlProcessWatch *pl_process_watch_new (PlProcfs *procfs, PlSearch *search, PlProcesses *processes, guint32 uid);
void pl_process_watch_free (PlProcessWatch *watch);
/* Where the kernel tells nobody, @is_on changes nothing. */
void pl_process_watch_set_on (PlProcessWatch *watch, gboolean is_on);
/* @look (nullable), which must outlive it, is told of programs too. */
void pl_process_watch_tell (PlProcessWatch *watch, PlFirstLook *look);
/* Readable when there is news, or, for @wait_ms (-1: for ever) after the last, when it is of programs; -1 while it is off. */
int pl_process_watch_get_fd (PlProcessWatch *watch, int *wait_ms);
/* That descriptor was readable. */
void pl_process_watch_ring (PlProcessWatch *watch);
/* Takes the news; a microsecond each. */
void pl_process_watch_read (PlProcessWatch *watch);
/* When @pid began by the monotonic clock, where the kernel told lately; 0 else. /proc tells no finer than 10 ms. */
gint64 pl_process_watch_get_begun_us (const PlProcessWatch *watch, gint32 pid);
/* Who started @pid, where the kernel told lately; 0 else. */
gint32 pl_process_watch_get_starter (const PlProcessWatch *watch, gint32 pid);
/* The first that has not ended of who started it, who started that one, and so on; 0 where the kernel did not tell. */
gint32 pl_process_watch_get_forebear (const PlProcessWatch *watch, gint32 pid);
/* When @pid ended, and when the last did that @pid had started, by the monotonic clock; 0 where the kernel told nothing lately. */
gint64 pl_process_watch_get_ended_us (const PlProcessWatch *watch, gint32 pid);
gint64 pl_process_watch_get_bereaved_us (const PlProcessWatch *watch, gint32 pid);
/* In these two @forked_by is the parent of @pid, where fork(2) alone made that, or 0: the kernel may have begun to tell since.
 *
 * Whether one has ended since @since_us (monotonic) that may have had what @pid has: one that it started or that fork(2) alone made of
 * the same program, who started it, or, where that one is gone, who started that; or has become another program, which closes most of
 * what it had. Some microseconds. */
gboolean pl_process_watch_has_lost_kin (const PlProcessWatch *watch, gint32 pid, gint32 forked_by, gint64 since_us);
/* Those that have ended since @since_us of which the kernel did not tell that they began. Returns how many, at most @max. */
guint pl_process_watch_list_lost_elders (const PlProcessWatch *watch, gint64 since_us, gint32 *pids, guint max);
/* Those of them whose end the kernel did not tell yet, but not who started it, if exec(2) parts them. Returns how many, at most @max. */
guint pl_process_watch_list_kin (const PlProcessWatch *watch, gint32 pid, gint32 forked_by, gint32 *pids, guint max);
/* Whether the kernel told that @pid began, and did not tell of an exec(2) since. */
gboolean pl_process_watch_is_forked (const PlProcessWatch *watch, gint32 pid);
/* Those that began lately, whose starter has ended, and that live. Returns how many, at most @max. */
guint pl_process_watch_list_orphans (const PlProcessWatch *watch, gint32 *pids, guint max);
/* Whether @pid, as of the last news, has never started anybody: then nobody can have anything of it. FALSE also where the kernel did
 * not tell of it from its beginning on. A microsecond. */
gboolean pl_process_watch_is_childless (const PlProcessWatch *watch, gint32 pid);
/* Whether the kernel told of all processes since @since_us (monotonic). */
gboolean pl_process_watch_knows (const PlProcessWatch *watch, gint64 since_us);
/* Reads what one of the programs is that were started since. FALSE when there is none. */
gboolean pl_process_watch_note (PlProcessWatch *watch);
/* How much news was lost, and how many programs were left unread. */
guint64 pl_process_watch_get_n_missed (PlProcessWatch *watch);
