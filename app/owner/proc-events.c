/* The proc connector: a netlink multicast group of the kernel's (linux/cn_proc.h). One datagram an event:
 *
 *   nlmsghdr | cn_msg { id, seq, ack, len } | proc_event { what, cpu, timestamp_ns, event_data }
 *
 * Owner thread only; never waits. A socket filter drops all but the three kinds of news that are wanted, and the ends of
 * threads, before they wake us. */
#include "proc-events.h"

#include <errno.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bounds.h"

#define DATAGRAM_BYTES 256 /* an event is 76 */
#define DATAGRAMS 8 /* read at once: a process that begins and ends is told of in three */
#define EVENT_AT (NLMSG_HDRLEN + sizeof (struct cn_msg))
#define DATA_AT (EVENT_AT + offsetof (struct proc_event, event_data))

struct _PlProcEvents
{
  int fd;
  guint32 port; /* the socket's, which no other has: the mark on what we asked */
  gboolean is_telling;
  guint64 n_overruns;
};

/* The filter reads in network order what the kernel wrote in the machine's. A fork's parent stands before its child, so the
 * pair that tells a process (pid = tgid) from a thread is at another place than an exit's. */
static void
attach_filter (int fd, gboolean only_execs)
{
#define LOAD(at) BPF_STMT (BPF_LD | BPF_W | BPF_ABS, (guint32)(at))
#define SKIP_UNLESS(value, n) BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, g_htonl (value), 0, (n))
#define TAKE BPF_STMT (BPF_RET | BPF_K, G_MAXUINT32)
#define DROP BPF_STMT (BPF_RET | BPF_K, 0)
#define TAKE_IF_SAME(first, second) \
  LOAD (DATA_AT + (first)), BPF_STMT (BPF_MISC | BPF_TAX, 0), LOAD (DATA_AT + (second)), \
      BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 1), TAKE, DROP
  struct sock_filter code[] = {
    LOAD (EVENT_AT + offsetof (struct proc_event, what)),
    SKIP_UNLESS (PROC_EVENT_NONE, 1), /* the answer to what we asked */
    TAKE,
    SKIP_UNLESS (PROC_EVENT_EXEC, 1),
    TAKE,
    BPF_STMT (only_execs ? BPF_RET | BPF_K : BPF_JMP | BPF_JA, 0), /* drops all others, or goes on */
    SKIP_UNLESS (PROC_EVENT_FORK, 6),
    TAKE_IF_SAME (offsetof (struct fork_proc_event, child_pid), offsetof (struct fork_proc_event, child_tgid)),
    SKIP_UNLESS (PROC_EVENT_EXIT, 6),
    TAKE_IF_SAME (offsetof (struct exit_proc_event, process_pid), offsetof (struct exit_proc_event, process_tgid)),
    DROP,
  };
  struct sock_fprog program = { .len = G_N_ELEMENTS (code), .filter = code };
  setsockopt (fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program); /* without it we drop them ourselves */
}

/* @operation: enum proc_cn_mcast_op, alone: kernels before 6.6 know nothing else. The answer has @mark + 1
 * (cn_proc.c, cn_proc_ack; its seq is the event's). */
static gboolean
ask (int fd, guint32 operation, guint32 mark)
{
  guint8 request[NLMSG_LENGTH (sizeof (struct cn_msg) + sizeof operation)];
  struct nlmsghdr header = { .nlmsg_len = sizeof request, .nlmsg_type = NLMSG_DONE };
  struct cn_msg message = { .id = { CN_IDX_PROC, CN_VAL_PROC }, .ack = mark, .len = sizeof operation };

  memcpy (request, &header, sizeof header);
  memcpy (request + NLMSG_HDRLEN, &message, sizeof message);
  memcpy (request + NLMSG_HDRLEN + sizeof message, &operation, sizeof operation);
  return send (fd, request, sizeof request, 0) == sizeof request;
}

PlProcEvents *
pl_proc_events_new (gboolean only_execs)
{
  int fd = socket (AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR);
  struct sockaddr_nl own = { .nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC };
  int bytes = PL_LIMIT_PROC_EVENTS_BYTES;
  if (fd < 0)
    return NULL;
  setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  attach_filter (fd, only_execs);
  if (bind (fd, (struct sockaddr *)&own, sizeof own) != 0
      || getsockname (fd, (struct sockaddr *)&own, &(socklen_t){ sizeof own }) != 0
      || !ask (fd, PROC_CN_MCAST_LISTEN, own.nl_pid))
    {
      close (fd);
      return NULL;
    }
  PlProcEvents *events = g_new0 (PlProcEvents, 1);
  events->fd = fd;
  events->port = own.nl_pid;
  return events;
}

void
pl_proc_events_free (PlProcEvents *events)
{
  if (events == NULL)
    return;
  /* kernels before 6.6 count listeners by what they ask only */
  ask (events->fd, PROC_CN_MCAST_IGNORE, 0);
  close (events->fd);
  g_free (events);
}

int
pl_proc_events_get_fd (PlProcEvents *events)
{
  return events->fd;
}

gboolean
pl_proc_events_is_telling (PlProcEvents *events)
{
  return events->is_telling;
}

guint64
pl_proc_events_get_overruns (PlProcEvents *events)
{
  return events->n_overruns;
}

/* Before it has answered us, the kernel may tell all the same, as another one asked: outside of the first process namespace it
 * never answers, and the numbers that it tells are that one's (cn_proc.c, cn_proc_mcast_ctl). */
static void
tell (PlProcEvents *events,
      const struct cn_msg *message,
      const struct proc_event *event,
      PlProcEventFunc func,
      gpointer data)
{
  const struct fork_proc_event *fork = &event->event_data.fork;
  const struct exit_proc_event *exit = &event->event_data.exit;
  guint32 what = (guint32)event->what; /* an enum of its own type in newer headers */
  gint64 time_us = (gint64)(event->timestamp_ns / 1000);
  if (what == (guint32)PROC_EVENT_NONE)
    events->is_telling |= event->event_data.ack.err == 0 && message->ack == events->port + 1;
  else if (!events->is_telling)
    return;
  else if (what == (guint32)PROC_EVENT_FORK && fork->child_pid == fork->child_tgid)
    func (PL_PROC_BEGAN, fork->child_tgid, fork->parent_tgid, time_us, data);
  else if (what == (guint32)PROC_EVENT_EXEC)
    func (PL_PROC_EXECED, event->event_data.exec.process_tgid, 0, time_us, data);
  else if (what == (guint32)PROC_EVENT_EXIT && exit->process_pid == exit->process_tgid)
    func (PL_PROC_ENDED, exit->process_tgid, 0, time_us, data);
}

/* One datagram, from @from. Anybody may send to our port; the kernel's port is 0. Newer kernels' events may be longer than our
 * header's. */
static void
take_datagram (PlProcEvents *events,
               const guint8 *bytes,
               gsize n_bytes,
               const struct sockaddr_nl *from,
               PlProcEventFunc func,
               gpointer data)
{
  struct cn_msg message;
  struct proc_event event = { 0 };
  if (from->nl_family != AF_NETLINK || from->nl_pid != 0 || n_bytes < DATA_AT + sizeof (struct fork_proc_event))
    return;
  memcpy (&message, bytes + NLMSG_HDRLEN, sizeof message);
  memcpy (&event, bytes + EVENT_AT, MIN (n_bytes - EVENT_AT, sizeof event));
  tell (events, &message, &event, func, data);
}

gboolean
pl_proc_events_read (PlProcEvents *events, PlProcEventFunc func, gpointer data)
{
  gboolean is_complete = TRUE;
  for (;;)
    {
      guint8 bytes[DATAGRAMS][DATAGRAM_BYTES];
      struct sockaddr_nl from[DATAGRAMS] = { 0 };
      struct iovec parts[DATAGRAMS];
      struct mmsghdr messages[DATAGRAMS] = { 0 };
      for (guint i = 0; i < DATAGRAMS; i++)
        {
          parts[i] = (struct iovec){ bytes[i], DATAGRAM_BYTES };
          messages[i].msg_hdr = (struct msghdr){
            .msg_name = &from[i], .msg_namelen = sizeof from[i], .msg_iov = &parts[i], .msg_iovlen = 1
          };
        }
      int n = recvmmsg (events->fd, messages, DATAGRAMS, MSG_DONTWAIT, NULL);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno == ENOBUFS)
        {
          events->n_overruns++;
          is_complete = FALSE;
          continue;
        }
      for (int i = 0; i < n; i++)
        take_datagram (events, bytes[i], messages[i].msg_len, &from[i], func, data);
      if (n < DATAGRAMS)
        return is_complete;
    }
}
