/* The app's end of portlight-helper's owners socket (protocol.h). Owner thread only. What comes unasked (tracepoint records,
 * who sent them) goes into a table of senders; a question is asked and waited for, some hundred microseconds as a rule and
 * PL_LIMIT_HELPER_WAIT_US at most. A helper that ends, or is slow, costs answers and nothing else. */
#pragma once
#include "senders.h"

/* @fd is taken over. Of one owner thread at a time (helper-seat.h), but for being made and freed. */
PlHelperLink *pl_helper_link_new (int fd);
void pl_helper_link_free (PlHelperLink *link);
/* Before it is read: where to put what tracepoints tell. @senders must stay until others are set. */
void pl_helper_link_set_senders (PlHelperLink *link, PlSenders *senders);
/* Readable when something came; -1 once the other end is gone. */
int pl_helper_link_get_fd (PlHelperLink *link);
/* Takes what came. Never blocks. */
void pl_helper_link_read (PlHelperLink *link);
/* Whether it answers questions. */
gboolean pl_helper_link_is_ready (PlHelperLink *link);
/* Whether it will be: what it tells first is on its way. */
gboolean pl_helper_link_is_beginning (PlHelperLink *link);
/* Whether it told, and does no more: that process has ended. */
gboolean pl_helper_link_has_ended (PlHelperLink *link);
/* Whether it left the last question unanswered: nothing is asked before something comes. */
gboolean pl_helper_link_is_slow (PlHelperLink *link);
/* Questions that were left unanswered, or not asked meanwhile: what came out as nothing then may be something. */
guint64 pl_helper_link_get_n_unanswered (PlHelperLink *link);
/* Whether tracepoints tell who sends. */
gboolean pl_helper_link_has_trace (PlHelperLink *link);
/* Whether they do of packets of @family, 4 or 6, and of each that was sent since: monotonic, 0 from the beginning; after a loss
 * not before then. */
gboolean pl_helper_link_tells_all (PlHelperLink *link, guint family, gint64 *since_us);
/* Records that were lost on the way, and messages that were not understood. */
guint64 pl_helper_link_get_n_lost (PlHelperLink *link);
/* Answers about a process that has more sockets than one message holds: whose the others are was not told. */
guint64 pl_helper_link_get_n_cut (PlHelperLink *link);
/* How much it has read for pl_helper_link_read_list(). */
guint64 pl_helper_link_get_n_read_bytes (PlHelperLink *link);

/* What /proc tells of @pid; FALSE when it is gone, or no answer came. @process is owned by the caller. */
gboolean pl_helper_link_describe (PlHelperLink *link, gint32 pid, PlSenderProcess *process);
typedef struct
{
  gint32 pid;
  guint32 network; /* pl_procfs_get_network(); 0 when not told */
} PlHelperPid;
/* Appends all processes (PlHelperPid) to @processes, which is empty, in the order of their numbers. FALSE when these are not all: at
 * PL_LIMIT_PROCESSES, or none where an answer was missing. */
gboolean pl_helper_link_list_processes (PlHelperLink *link, GArray *processes);

/* @line is as in proc(5), and valid until @func returns; it asks nothing. */
typedef void (*PlHelperLineFunc) (const char *line, gpointer data);
/* A list of the network namespace that @pid is in now: an enum value of protocol.h. Of sockets those of @local_port that have
 * @remote_port, or none, at the other end. FALSE when these were not all: no answer came, or it is too long. */
gboolean pl_helper_link_read_list (PlHelperLink *link, gint32 pid, guint list, guint16 local_port, guint16 remote_port, PlHelperLineFunc func, gpointer data);
/* Sockets that @pid holds, valid until the next question; NULL and none when they can't be read, or no answer came. @n_left:
 * more of them, that were not told. Remembered for
 * PL_LIMIT_HELPER_HELD_US, so that many questions about one process cost one; an answer that came too late is used when
 * it is asked for again, so that a slow helper tells all in the end. */
const guint64 *pl_helper_link_get_sockets (PlHelperLink *link, gint32 pid, guint *n_sockets, guint *n_left);
gboolean pl_helper_link_holds (PlHelperLink *link, gint32 pid, guint64 inode);
/* Whether a program that @pid starts has the socket, too: exec(2) does not close each of its descriptors. TRUE also where that
 * is not told. */
gboolean pl_helper_link_is_inherited (PlHelperLink *link, gint32 pid, guint64 inode);
