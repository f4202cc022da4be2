/* The quick search for sockets' holders: the processes that most likely opened them, not all of them. Owner thread only. */
#pragma once
#include "cgroups.h"
#include "holders.h"
#include "process.h"

typedef struct
{
  guint64 inode;
  guint32 uid;       /* of the socket, PL_UNKNOWN_U32 */
  guint64 cgroup_id; /* 0 */
  gint32 hint_pid;   /* looked at before all others; 0 */
  gpointer data;     /* the caller's */
  PlProcess *process; /* the caller's, for its found function */
  gboolean is_gone;  /* the socket was closed meanwhile: no longer searched */
  PlHolder holder;   /* pid 0 until found; not settled */
} PlWanted;

typedef struct _PlSearch PlSearch;

/* @procfs and @cgroups must outlive it. @sees_all: other users' processes may be looked into. */
PlSearch *pl_search_new (PlProcfs *procfs, PlCgroups *cgroups, gboolean sees_all);
void pl_search_free (PlSearch *search);
/* Notes what the programs started last hold that pl_search_expect() named, before the kernel is asked for sockets. An ordinary user may look
 * into a process only until it begins to end, which is sooner than its sockets go. The next pl_search_find() uses it. */
void pl_search_look_ahead (PlSearch *search);
/* Notes @holder, which somebody else saw, for the next pl_search_find(), too. Before pl_search_look_ahead(). */
void pl_search_note_ahead (PlSearch *search, const PlHolder *holder);
/* Looks for all of @wanted at once among the newest processes, those that lately answered, and those of their cgroups.
 * @is_busy: less thoroughly. @still_there sets is_gone; it is asked before the search goes to expense.
 * @found is called at once when a holder is met, which may end at any moment. */
typedef void (*PlSearchFunc) (PlWanted *wanted, gpointer data);
void pl_search_find (PlSearch *search, PlWanted *wanted, guint n_wanted, gboolean is_busy, PlSearchFunc still_there,
                     PlSearchFunc found, gpointer data);
/* Looks among the newest processes alone, more of them. */
void
pl_search_find_newest (PlSearch *search, PlWanted *wanted, guint n_wanted, PlSearchFunc found, gpointer data);
/* Looks for @wanted in what the process that holds @listener has, and its children have: now, or a little earlier, since all that is
 * asked in a while is found by one look. TRUE when that was since @since_us (monotonic), and the helper left nothing unanswered. */
gboolean
pl_search_find_near (PlSearch *search, PlWanted *wanted, guint64 listener, gint64 since_us, PlHolders *holders);
/* @between (nullable) is called after each half millisecond of that, and may ask the search for anything else. */
typedef void (*PlSearchBetweenFunc) (gpointer data);
void pl_search_set_between (PlSearch *search, PlSearchBetweenFunc between, gpointer data);
/* Whether the processes that begin are told by pl_search_add_newest(), newest last, and those that end struck out. */
void pl_search_set_told (PlSearch *search, gboolean is_told);
void pl_search_add_newest (PlSearch *search, gint32 pid);
/* @pid is a program just started, whose descriptors may be read. */
void pl_search_expect (PlSearch *search, gint32 pid);
void pl_search_forget_newest (PlSearch *search, gint32 pid);
/* @holder answered a question: it is likely to answer the next. */
void pl_search_note (PlSearch *search, const PlHolder *holder);
