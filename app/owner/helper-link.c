/* The app's end of portlight-helper's owners socket. Every message is checked for version, type and length before it is
 * read; one that is not understood is dropped and counted. */
#include "helper-link.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bounds.h"
#include "protocol.h"

#define MESSAGES_AT_ONCE 1024 /* then questions get their turn */

typedef struct
{
  struct pl_helper_header header;
  union
  {
    struct pl_helper_records records;
    struct pl_helper_process process;
    struct pl_helper_sockets sockets;
    struct pl_helper_pids pids;
    struct pl_helper_lines lines;
    char text[PL_HELPER_MESSAGE_BYTES - sizeof (struct pl_helper_header)];
  } body;
} Message;

/* What a process holds. */
typedef struct
{
  gint64 asked_us;
  guint n_sockets, n_left; /* told, and not told for want of room */
  gboolean is_readable;
  gboolean is_late; /* came when nobody waited for it any more, and was not used yet */
  guint8 *is_closed_by_exec; /* for each; behind them */
  guint64 inodes[];
} Held;

struct _PlHelperLink
{
  int fd; /* -1 once it has ended */
  PlSenders *senders; /* of whoever has the link */
  PlTraceRecords *records;
  gboolean is_ready, has_trace;
  guint64 n_bad, n_lost, n_dropped, n_cut, n_read_bytes;
  gint64 lost_us; /* when one of these grew last, monotonic; 0 never */
  guint64 last_id; /* of a question */
  gboolean is_slow; /* it left the last question unanswered: not asked again before something comes */
  guint64 n_unanswered; /* with those not asked meanwhile */
  guint64 late_id; /* of the question about late_pid's sockets that was left unanswered; 0 */
  gint32 late_pid;
  GHashTable *held; /* pid → Held */
  Message message; /* the one that is being read */
};

PlHelperLink *
pl_helper_link_new (int fd)
{
  PlHelperLink *link = g_new0 (PlHelperLink, 1);
  link->fd = fd;
  link->records = pl_trace_records_new ();
  link->held = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  return link;
}

void
pl_helper_link_free (PlHelperLink *link)
{
  if (link == NULL)
    return;
  if (link->fd >= 0)
    close (link->fd);
  pl_trace_records_free (link->records);
  g_hash_table_unref (link->held);
  g_free (link);
}

void
pl_helper_link_set_senders (PlHelperLink *link, PlSenders *senders)
{
  link->senders = senders;
  g_hash_table_remove_all (link->held);
  link->is_slow = FALSE;
  link->late_id = 0;
}

int
pl_helper_link_get_fd (PlHelperLink *link)
{
  return link->fd;
}

gboolean
pl_helper_link_is_ready (PlHelperLink *link)
{
  return link->is_ready && link->fd >= 0;
}

gboolean
pl_helper_link_is_beginning (PlHelperLink *link)
{
  return !link->is_ready && link->fd >= 0;
}

gboolean
pl_helper_link_has_ended (PlHelperLink *link)
{
  return link->is_ready && link->fd < 0;
}

gboolean
pl_helper_link_is_slow (PlHelperLink *link)
{
  return link->is_slow;
}

guint64
pl_helper_link_get_n_unanswered (PlHelperLink *link)
{
  return link->n_unanswered;
}

gboolean
pl_helper_link_has_trace (PlHelperLink *link)
{
  return link->has_trace && pl_helper_link_is_ready (link);
}

gboolean
pl_helper_link_tells_all (PlHelperLink *link, guint family, gint64 *since_us)
{
  *since_us = link->lost_us;
  return pl_helper_link_has_trace (link) && pl_trace_records_has_routes (link->records, family);
}

guint64
pl_helper_link_get_n_lost (PlHelperLink *link)
{
  return link->n_lost + link->n_dropped + link->n_bad;
}

guint64
pl_helper_link_get_n_cut (PlHelperLink *link)
{
  return link->n_cut;
}

guint64
pl_helper_link_get_n_read_bytes (PlHelperLink *link)
{
  return link->n_read_bytes;
}

/* ---- messages ---- */

static void
end (PlHelperLink *link)
{
  close (link->fd);
  link->fd = -1;
}

/* Fills @process from what is told; with a start time of 0 when the process was gone. */
static gboolean
parse_process (const struct pl_helper_process *told, gsize n_bytes, PlSenderProcess *process)
{
  gsize head_bytes = G_STRUCT_OFFSET (struct pl_helper_process, text);
  memset (process, 0, sizeof *process);
  if (n_bytes < head_bytes
      || n_bytes - head_bytes != (gsize)told->stat_bytes + told->exe_bytes + told->cmdline_bytes + told->cgroup_bytes)
    return FALSE;
  const char *exe = told->text + told->stat_bytes, *cmdline = exe + told->exe_bytes,
             *cgroup = cmdline + told->cmdline_bytes;
  g_autofree char *stat_text = g_strndup (told->text, told->stat_bytes);
  g_autofree char *cgroup_text = g_strndup (cgroup, told->cgroup_bytes);
  PlProcFacts *facts = &process->facts;
  if (told->stat_bytes == 0)
    return TRUE;
  if (!pl_proc_facts_set_stat (facts, stat_text) || facts->pid <= 0 || (guint32)facts->pid != told->pid
      || facts->start_time == 0)
    {
      pl_proc_facts_clear (facts);
      return FALSE;
    }
  facts->uid = told->uid;
  facts->network = told->network;
  pl_proc_facts_set_cmdline (facts, cmdline, told->cmdline_bytes);
  pl_proc_facts_set_told_exe (facts, exe, told->exe_bytes);
  pl_proc_facts_set_cgroup (facts, cgroup_text);
  return TRUE;
}

static void
add_sender (const PlTraceSender *sender, gpointer data)
{
  PlHelperLink *link = data;
  pl_senders_add (link->senders, sender);
}

/* Of threads it is told, too. */
static void
add_beginning (PlHelperLink *link, const guint8 *bytes, gsize n_bytes)
{
  struct
  {
    guint32 pid, parent_pid, tid, parent_tid;
    guint64 time_ns;
  } fork;
  if (n_bytes < sizeof fork)
    {
      link->n_bad++;
      return;
    }
  memcpy (&fork, bytes, sizeof fork);
  if (fork.pid == fork.tid)
    pl_senders_note_beginning (link->senders, (gint32)fork.pid, fork.time_ns);
}

/* It may be what a process was described for. */
static void
add_sample (PlHelperLink *link, const guint8 *bytes, gsize n_bytes)
{
  struct
  {
    guint32 pid, tid;
    guint64 time_ns;
  } sample;
  if (n_bytes < sizeof sample)
    {
      link->n_bad++;
      return;
    }
  memcpy (&sample, bytes, sizeof sample);
  pl_senders_note_sample (link->senders, (gint32)sample.pid, sample.time_ns);
}

static void
add_other (guint32 type, const guint8 *bytes, gsize n_bytes, gpointer data)
{
  PlHelperLink *link = data;
  struct pl_helper_process told;
  PlSenderProcess process = { 0 };
  if (type == PERF_RECORD_FORK)
    {
      add_beginning (link, bytes, n_bytes);
      return;
    }
  if (type == PERF_RECORD_SAMPLE)
    {
      add_sample (link, bytes, n_bytes);
      return;
    }
  memcpy (&told, bytes, MIN (n_bytes, sizeof told));
  if (type == PL_HELPER_RECORD_PROCESS && n_bytes <= sizeof told && parse_process (&told, n_bytes, &process))
    pl_senders_describe (link->senders, (gint32)told.pid, &process);
  else
    link->n_bad++;
  pl_proc_facts_clear (&process.facts);
}

static gboolean
take_records (PlHelperLink *link, gsize n_bytes)
{
  const struct pl_helper_records *records = &link->message.body.records;
  gsize head_bytes = G_STRUCT_OFFSET (struct pl_helper_records, bytes);
  if (n_bytes < head_bytes)
    return FALSE;
  link->n_dropped = MAX (link->n_dropped, records->n_dropped);
  link->n_lost +=
      pl_trace_records_read (link->records, records->bytes, n_bytes - head_bytes, add_sender, add_other, link);
  return TRUE;
}

/* The message of @n_bytes tells what @pid holds. NULL when it is not whole, or lists what it says cannot be read. */
static const Held *
keep_held (PlHelperLink *link, gint32 pid, gsize n_bytes, gboolean is_late)
{
  const struct pl_helper_sockets *sockets = &link->message.body.sockets;
  gsize head_bytes = G_STRUCT_OFFSET (struct pl_helper_sockets, inodes);
  if (n_bytes < head_bytes || (n_bytes - head_bytes) / sizeof *sockets->inodes != sockets->n_sockets)
    return NULL;
  guint n = sockets->n_sockets;
  if (n > 0 && sockets->n_left == G_MAXUINT32)
    return NULL;
  Held *held = g_malloc (sizeof *held + n * (sizeof *held->inodes + sizeof *held->is_closed_by_exec));
  *held = (Held){ .asked_us = g_get_monotonic_time (),
                  .n_sockets = n,
                  .n_left = sockets->n_left != G_MAXUINT32 ? sockets->n_left : 0,
                  .is_readable = sockets->n_left != G_MAXUINT32,
                  .is_late = is_late,
                  .is_closed_by_exec = (guint8 *)(held->inodes + n) };
  for (guint i = 0; i < n; i++)
    {
      held->inodes[i] = sockets->inodes[i] & ~PL_HELPER_CLOSED_BY_EXEC;
      held->is_closed_by_exec[i] = held->inodes[i] != sockets->inodes[i];
    }
  link->n_cut += held->n_left > 0;
  if (g_hash_table_size (link->held) >= PL_LIMIT_PROCESSES)
    g_hash_table_remove_all (link->held);
  g_hash_table_replace (link->held, GINT_TO_POINTER (pid), held);
  return held;
}

/* An answer that came too late. */
static gboolean
take_sockets (PlHelperLink *link, gsize n_bytes)
{
  if (n_bytes < sizeof link->late_id || link->late_id == 0 || link->message.body.sockets.id != link->late_id)
    return TRUE;
  link->late_id = 0;
  return keep_held (link, link->late_pid, n_bytes, TRUE) != NULL;
}

/* Whether the message of @n_bytes is one that is known. */
static gboolean
take (PlHelperLink *link, gsize n_bytes)
{
  const struct pl_helper_header *header = &link->message.header;
  if (n_bytes < sizeof *header || header->version != PL_HELPER_PROTOCOL || header->length != n_bytes - sizeof *header)
    return FALSE;
  switch (header->type)
    {
    case PL_HELPER_FORMAT:
      link->has_trace |= pl_trace_records_add_format (link->records, link->message.body.text, header->length);
      return TRUE;
    case PL_HELPER_READY:
      link->is_ready = TRUE;
      return header->length == 0;
    case PL_HELPER_RECORDS:
      return take_records (link, header->length);
    case PL_HELPER_SOCKETS:
      return take_sockets (link, header->length);
    case PL_HELPER_PROCESS:
    case PL_HELPER_PIDS:
    case PL_HELPER_LINES:
      return TRUE; /* an answer that came too late */
    default:
      return FALSE;
    }
}

/* Receives one message. Its length, 0 at the end, -1 when there is none now. */
static gssize
receive (PlHelperLink *link)
{
  gssize n_bytes;
  do
    n_bytes = recv (link->fd, &link->message, sizeof link->message, MSG_DONTWAIT | MSG_TRUNC);
  while (n_bytes < 0 && errno == EINTR);
  if (n_bytes < 0 && errno == EAGAIN)
    return -1;
  if (n_bytes <= 0)
    end (link);
  link->is_slow = FALSE;
  return MAX (n_bytes, 0);
}

static void
take_or_count (PlHelperLink *link, gsize n_bytes)
{
  guint64 n_lost = pl_helper_link_get_n_lost (link);
  if (n_bytes > sizeof link->message || !take (link, n_bytes))
    link->n_bad++;
  if (pl_helper_link_get_n_lost (link) != n_lost)
    link->lost_us = g_get_monotonic_time ();
}

void
pl_helper_link_read (PlHelperLink *link)
{
  for (int i = 0; i < MESSAGES_AT_ONCE && link->fd >= 0; i++)
    {
      gssize n_bytes = receive (link);
      if (n_bytes <= 0)
        return;
      take_or_count (link, n_bytes);
    }
}

/* ---- questions ---- */

/* Whether the message answers the question @id. */
static gboolean
is_answer (PlHelperLink *link, gsize n_bytes, guint16 type, guint64 id)
{
  const struct pl_helper_header *header = &link->message.header;
  guint64 answered;
  if (n_bytes < sizeof *header + sizeof answered || n_bytes > sizeof link->message || header->type != type
      || header->version != PL_HELPER_PROTOCOL || header->length != n_bytes - sizeof *header)
    return FALSE;
  memcpy (&answered, link->message.body.text, sizeof answered); /* the first field of each */
  return answered == id;
}

/* Leaves the answer to @question, but for its id, in link->message and returns the length of its body, 0 when there is none. What
 * else comes meanwhile is taken as always. */
static gsize
ask (PlHelperLink *link, guint16 type, guint16 answer, const struct pl_helper_question *question)
{
  struct pl_helper_asked message = { { PL_HELPER_PROTOCOL, type, sizeof message.question }, *question };
  message.question.id = ++link->last_id;
  if (link->fd < 0)
    return 0;
  if (!link->is_ready || link->is_slow
      || send (link->fd, &message, sizeof message, MSG_DONTWAIT | MSG_NOSIGNAL) != sizeof message)
    {
      link->is_slow |= link->is_ready && errno == EAGAIN; /* full of questions that it has not come to */
      link->n_unanswered++;
      return 0;
    }
  gint64 until_us = g_get_monotonic_time () + PL_LIMIT_HELPER_WAIT_US;
  while (link->fd >= 0)
    {
      gssize n_bytes = receive (link);
      if (n_bytes > 0 && is_answer (link, n_bytes, answer, message.question.id))
        return link->message.header.length;
      if (n_bytes > 0)
        take_or_count (link, n_bytes);
      struct pollfd poll_fd = { .fd = link->fd, .events = POLLIN };
      gint64 left_us = until_us - g_get_monotonic_time ();
      if (n_bytes == 0 || left_us <= 0)
        break;
      if (n_bytes < 0)
        poll (&poll_fd, 1, (int)(left_us + 999) / 1000);
    }
  link->is_slow = TRUE;
  link->n_unanswered++;
  return 0;
}

gboolean
pl_helper_link_describe (PlHelperLink *link, gint32 pid, PlSenderProcess *process)
{
  gsize n_bytes =
      ask (link, PL_HELPER_DESCRIBE, PL_HELPER_PROCESS, &(struct pl_helper_question){ .about = (guint32)pid });
  memset (process, 0, sizeof *process);
  return n_bytes > 0 && parse_process (&link->message.body.process, n_bytes, process) && process->facts.start_time != 0;
}

/* Appends one answer's. FALSE when there is none, or it is not as it should be. */
static gboolean
append_processes (PlHelperLink *link, guint32 after, GArray *processes)
{
  const struct pl_helper_pids *told = &link->message.body.pids;
  gsize head_bytes = G_STRUCT_OFFSET (struct pl_helper_pids, pids);
  gsize n_bytes = ask (link, PL_HELPER_LIST, PL_HELPER_PIDS, &(struct pl_helper_question){ .about = after });
  if (n_bytes < head_bytes || (n_bytes - head_bytes) / sizeof *told->pids != told->n_pids)
    return FALSE;
  for (guint i = 0; i < told->n_pids; i++)
    {
      PlHelperPid process = { (gint32)told->pids[i].pid, told->pids[i].network };
      if (told->pids[i].pid <= after || told->pids[i].pid > G_MAXINT32)
        return FALSE;
      g_array_append_val (processes, process);
      after = told->pids[i].pid;
    }
  return TRUE;
}

gboolean
pl_helper_link_list_processes (PlHelperLink *link, GArray *processes)
{
  guint n_before;
  do
    {
      n_before = processes->len;
      guint32 after = n_before > 0 ? (guint32)g_array_index (processes, PlHelperPid, n_before - 1).pid : 0;
      if (!append_processes (link, after, processes))
        {
          g_array_set_size (processes, 0);
          return FALSE;
        }
    }
  while (processes->len == n_before + PL_HELPER_MAX_PIDS && processes->len < PL_LIMIT_PROCESSES);
  return processes->len < PL_LIMIT_PROCESSES;
}

gboolean
pl_helper_link_read_list (PlHelperLink *link,
                          gint32 pid,
                          guint list,
                          guint16 local_port,
                          guint16 remote_port,
                          PlHelperLineFunc func,
                          gpointer data)
{
  const struct pl_helper_lines *told = &link->message.body.lines;
  const struct pl_helper_question whole = {
    .about = (guint32)pid, .list = list, .local_port = local_port, .remote_port = remote_port
  };
  struct pl_helper_question rest = whole;
  for (guint n = 0; n < PL_LIMIT_HELPER_PARTS; n++)
    {
      gsize n_bytes = ask (link, PL_HELPER_READ, PL_HELPER_LINES, &rest);
      gsize n_text = n_bytes - MIN (n_bytes, G_STRUCT_OFFSET (struct pl_helper_lines, text));
      if (n_bytes < G_STRUCT_OFFSET (struct pl_helper_lines, text) || (n_text > 0 && told->text[n_text - 1] != '\0'))
        return FALSE;
      link->n_read_bytes += told->n_read_bytes;
      for (const char *line = told->text; line < told->text + n_text; line += strlen (line) + 1, rest.from++)
        func (line, data);
      if (!told->is_cut || n_text == 0)
        return !told->is_cut;
    }
  return FALSE;
}

static const Held *
ask_held (PlHelperLink *link, gint32 pid)
{
  gboolean was_slow = link->is_slow;
  gsize n_bytes = ask (link, PL_HELPER_HOLDS, PL_HELPER_SOCKETS, &(struct pl_helper_question){ .about = (guint32)pid });
  if (n_bytes > 0)
    return keep_held (link, pid, n_bytes, FALSE);
  if (link->is_slow && !was_slow)
    {
      link->late_id = link->last_id;
      link->late_pid = pid;
    }
  return NULL;
}

const guint64 *
pl_helper_link_get_sockets (PlHelperLink *link, gint32 pid, guint *n_sockets, guint *n_left)
{
  Held *late = g_hash_table_lookup (link->held, GINT_TO_POINTER (pid));
  gboolean is_late =
      late != NULL && late->is_late && g_get_monotonic_time () - late->asked_us <= PL_LIMIT_HELPER_HELD_US;
  const Held *held = is_late ? late : ask_held (link, pid);
  if (is_late)
    late->is_late = FALSE;
  *n_sockets = held != NULL ? held->n_sockets : 0;
  *n_left = held != NULL ? held->n_left : 0;
  return held != NULL && held->is_readable ? held->inodes : NULL;
}

static gboolean
has_inode (const Held *held, guint64 inode)
{
  for (guint i = 0; i < held->n_sockets; i++)
    if (held->inodes[i] == inode)
      return TRUE;
  return FALSE;
}

/* What @pid holds, with @inode among it, as it was lately or is; NULL where it is not told to be. */
static const Held *
find_held (PlHelperLink *link, gint32 pid, guint64 inode)
{
  const Held *held = g_hash_table_lookup (link->held, GINT_TO_POINTER (pid));
  if (held != NULL && g_get_monotonic_time () - held->asked_us <= PL_LIMIT_HELPER_HELD_US && has_inode (held, inode))
    return held;
  held = ask_held (link, pid);
  return held != NULL && has_inode (held, inode) ? held : NULL;
}

gboolean
pl_helper_link_holds (PlHelperLink *link, gint32 pid, guint64 inode)
{
  return find_held (link, pid, inode) != NULL;
}

gboolean
pl_helper_link_is_inherited (PlHelperLink *link, gint32 pid, guint64 inode)
{
  const Held *held = find_held (link, pid, inode);
  for (guint i = 0; held != NULL && i < held->n_sockets; i++)
    if (held->inodes[i] == inode && !held->is_closed_by_exec[i])
      return TRUE;
  return held == NULL || held->n_left > 0;
}
