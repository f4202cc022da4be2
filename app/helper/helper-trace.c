/* Tracepoints of the kernel that fire in the sender's own context, before its packet is seen: route lookups, and TCP's states for
 * IPv6, whose route is looked up before its port is chosen. Opened by the owner child while it still may; where the kernel or the
 * rights lack, fewer or none. What they say goes to the app as it is: only the length and the process of a record are read. */
#include "helper.h"
#include <linux/perf_event.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#define RING_BYTES (1 << 19) /* a processor: with its first page, kernel.perf_event_mlock_kb as it comes */
#define KNOWN 4096 /* processes the app was told of unasked */
#define INIT_ROOT "/proc/1/root" /* whose /sys has tracefs also where ours is another one's, as under "ip netns exec" */

/* 255: IPPROTO_RAW, of any. In an interrupt (TRACE_FLAG_HARDIRQ, _SOFTIRQ: 24) it is in the context of anybody. */
#define ROUTES "iif==1&&(proto==17||proto==255||(proto==6&&sport!=0))&&!(common_flags&24)"

static const char *const events[][2] = {
  { "fib/fib_table_lookup", ROUTES },
  { "fib6/fib6_table_lookup", ROUTES },
  { "sock/inet_sock_set_state", "protocol==6&&family==10&&(oldstate==2||newstate==2)" }, /* 2: SYN_SENT */
};
#define N_EVENTS (int)(sizeof events / sizeof *events)

struct pl_trace
{
  int n_rings;
  struct perf_event_mmap_page *rings[PL_MAX_CPUS]; /* a ring follows each */
  uint32_t known[KNOWN];
  size_t n_bytes; /* of records, that wait to be sent */
  struct pl_helper_records records;
};

/* Begins with the one that has the ring of its processor: it counts nothing, but brings names and ends of processes. */
static int
open_event (int id, const char *filter, int cpu)
{
  struct perf_event_attr attr = { .size = sizeof attr, .clockid = CLOCK_MONOTONIC, .wakeup_events = 1 };

  attr.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_RAW;
  attr.type = id != 0 ? PERF_TYPE_TRACEPOINT : PERF_TYPE_SOFTWARE;
  attr.config = id != 0 ? (unsigned)id : PERF_COUNT_SW_DUMMY;
  attr.sample_period = id != 0, attr.use_clockid = 1;
  attr.comm = attr.comm_exec = attr.task = id == 0;
  int fd = syscall (SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
  return fd >= 0 && filter != NULL && ioctl (fd, PERF_EVENT_IOC_SET_FILTER, filter) != 0 ? close (fd), -1 : fd;
}

/* Tells the app the format of an event, whose numbers differ from kernel to kernel, if it can be had: its format may be read
 * where it may not be opened. Returns its id, else 0. */
static int
tell_format (const char *event)
{
  char path[128], text[PL_HELPER_MESSAGE_BYTES - sizeof (struct pl_helper_header)];

  snprintf (path, sizeof path, INIT_ROOT "/sys/kernel/tracing/events/%s/format", event);
  size_t n_bytes = pl_owner_read (AT_FDCWD, path + strlen (INIT_ROOT), text, sizeof text)
                       ?: pl_owner_read (AT_FDCWD, path, text, sizeof text);
  char *id = strstr (text, "\nID: ");
  int fd = id != NULL ? open_event (atoi (id + 5), NULL, 0) : -1;
  close (fd);
  return fd >= 0 && pl_channel_send (PL_HELPER_FORMAT, text, n_bytes) ? atoi (id + 5) : 0;
}

/* @poll_fd: what to wait for, one descriptor however many processors there are. */
struct pl_trace *
pl_trace_open (int *poll_fd)
{
  struct pl_trace *trace = calloc (1, sizeof *trace);
  struct epoll_event readable = { .events = EPOLLIN };
  int ids[N_EVENTS], n_ids = 0, fd;

  if (trace == NULL || (*poll_fd = epoll_create1 (EPOLL_CLOEXEC)) < 0)
    pl_fail (PL_HELPER_EXIT_FAILED, "cannot wait for senders: %s", strerror (errno));
  for (int event = 0; event < N_EVENTS; event++)
    n_ids += (ids[event] = tell_format (events[event][0])) != 0;
  for (int cpu = 0; n_ids > 0 && cpu < sysconf (_SC_NPROCESSORS_CONF) && cpu < PL_MAX_CPUS; cpu++)
    {
      int ring_fd = open_event (0, NULL, cpu);
      void *ring = mmap (NULL, RING_BYTES + sysconf (_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_SHARED, ring_fd, 0);

      for (int event = 0; ring != MAP_FAILED && event < N_EVENTS; event++)
        if (ids[event] != 0 && (fd = open_event (ids[event], events[event][1], cpu)) >= 0)
          ioctl (fd, PERF_EVENT_IOC_SET_OUTPUT, ring_fd);
      if (ring != MAP_FAILED && epoll_ctl (*poll_fd, EPOLL_CTL_ADD, ring_fd, &readable) == 0)
        trace->rings[trace->n_rings++] = ring;
    }
  return trace;
}

static void
copy_out (const struct perf_event_mmap_page *ring, uint64_t from, void *to, size_t n_bytes)
{
  const uint8_t *bytes = (const uint8_t *)ring + ring->data_offset;
  size_t at = from & (RING_BYTES - 1), n_first = MIN (n_bytes, RING_BYTES - at);

  memcpy (to, bytes + at, n_first);
  memcpy ((uint8_t *)to + n_first, bytes, n_bytes - n_first);
}

static void
flush (struct pl_trace *trace)
{
  if (trace->n_bytes > 0 && !pl_channel_send (PL_HELPER_RECORDS, &trace->records, sizeof (uint64_t) + trace->n_bytes))
    trace->records.n_dropped++;
  trace->n_bytes = 0;
}

/* Room for @n_bytes more of what is sent. */
static void *
reserve (struct pl_trace *trace, size_t n_bytes)
{
  if (trace->n_bytes + n_bytes > sizeof trace->records.bytes)
    flush (trace);
  trace->n_bytes += n_bytes;
  return trace->records.bytes + trace->n_bytes - n_bytes;
}

/* A sample of a process that is new, or that changed its program or name, follows upon who that is: it may be short-lived.
 * In each type of record the pid comes first. A number begins anew, or a thread (PERF_RECORD_FORK). */
static void
look_at (struct pl_trace *trace, uint32_t type, uint32_t pid)
{
  uint32_t *known = &trace->known[pid % KNOWN];
  struct pl_helper_told told;

  if (type == PERF_RECORD_SAMPLE && *known != pid)
    {
      *known = pid;
      size_t n_bytes = sizeof told.header + pl_owner_describe (0, pid, &told.process);
      told.header = (struct perf_event_header){ PL_HELPER_RECORD_PROCESS, 0, n_bytes };
      memcpy (reserve (trace, n_bytes), &told, n_bytes);
    }
  else if ((type == PERF_RECORD_COMM || type == PERF_RECORD_FORK) && *known == pid)
    *known = 0;
}

/* Hands on what the rings hold of senders, losses and beginnings, till they are dry: who began before a description is told with it. */
void
pl_trace_forward (struct pl_trace *trace)
{
  for (int i = 0, n_dry = 0; n_dry < trace->n_rings && i < 16 * trace->n_rings; i++)
    {
      struct perf_event_mmap_page *ring = trace->rings[i % trace->n_rings];
      uint64_t head = __atomic_load_n (&ring->data_head, __ATOMIC_ACQUIRE), tail = ring->data_tail;
      struct perf_event_header header;
      uint32_t pid;

      n_dry = tail < head ? 0 : n_dry + 1;
      for (; tail < head; tail += header.size)
        {
          copy_out (ring, tail, &header, sizeof header);
          copy_out (ring, tail + sizeof header, &pid, sizeof pid);
          if (header.size < sizeof header + sizeof pid || header.size > sizeof trace->records.bytes)
            break;
          look_at (trace, header.type, pid);
          if (header.type == PERF_RECORD_SAMPLE || header.type == PERF_RECORD_LOST || header.type == PERF_RECORD_FORK)
            copy_out (ring, tail, reserve (trace, header.size), header.size);
        }
      __atomic_store_n (&ring->data_tail, head, __ATOMIC_RELEASE);
    }
  flush (trace);
}
