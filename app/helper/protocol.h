/* The messages between portlight-helper and the app on descriptor 0, when that is a SOCK_SEQPACKET socket: one message a
 * record, host byte order (both ends are one machine). A record of the wrong version, type or length is dropped and
 * counted by the reader; it never ends anything. Descriptor 1 carries a plain pcap stream, link type SLL2. */
#pragma once
#include <linux/perf_event.h>
#include <stdint.h>

#define PL_HELPER_PROTOCOL 6
#define PL_HELPER_FIRST_BYTES 148 /* of a first packet: the SLL2 header and 128 bytes */
#define PL_HELPER_TEXT_BYTES 240

/* How portlight-helper ends. It never uses 126 and 127, which are pkexec's own. */
enum
{
  PL_HELPER_EXIT_OK = 0, /* its reader or its starter went away */
  PL_HELPER_EXIT_FAILED = 1, /* one line on descriptor 2 and as PL_HELPER_ERROR says why */
  PL_HELPER_EXIT_USAGE = 2, /* wrong arguments */
  PL_HELPER_EXIT_NO_RIGHT = 3, /* it may not capture: pkexec or another user may */
};

enum /* type; below 64 from the helper, from 64 to it */
{
  PL_HELPER_HELLO = 1, /* first message: version is in the header; no body */
  PL_HELPER_FIRST = 2, /* struct pl_helper_first */
  PL_HELPER_STATS = 3, /* struct pl_helper_stats, about once a second while something changed */
  PL_HELPER_ERROR = 4, /* struct pl_helper_text: one line, the helper ends after it */
  PL_HELPER_OWNERS = 64, /* no body, one descriptor (SCM_RIGHTS): see below */
  PL_HELPER_STREAM = 68, /* no body, one descriptor: see "One helper, many captures" */
  PL_HELPER_FILTER = 69, /* struct pl_helper_filter */
  PL_HELPER_END = 70, /* no body: the stream is to end */
};

struct pl_helper_header
{
  uint16_t version; /* PL_HELPER_PROTOCOL */
  uint16_t type;
  uint32_t length; /* of what follows the header, bytes */
};

struct pl_helper_first
{
  uint64_t time_us; /* Unix time; within some µs of that of the packet's record in the pcap stream */
  uint32_t wire_bytes; /* with the SLL2 header, as in the pcap stream */
  uint32_t captured_bytes; /* at most PL_HELPER_FIRST_BYTES */
  uint8_t bytes[PL_HELPER_FIRST_BYTES];
};

struct pl_helper_stats
{
  uint64_t received, kernel_dropped; /* received: into the ring, without the dropped */
};

struct pl_helper_text
{
  char text[PL_HELPER_TEXT_BYTES]; /* NUL-terminated */
};

/* ---- One helper, many captures ----
 *
 * Where there is a channel, it alone ends the helper. With PL_HELPER_END every ring rejects all packets, PL_HELPER_STATS is sent
 * at once, what came before is written still, and the stream ends. Closing its read end pauses at once: what the rings held is
 * dropped. PL_HELPER_STREAM with the write end of another pipe goes on: the stream begins anew there, with its file header,
 * and PL_HELPER_STATS counts from 0. It comes after a PL_HELPER_FILTER for each ring. */
#define PL_HELPER_N_RINGS 3 /* the stream's; first datagrams; what else may open a flow */
#define PL_HELPER_MAX_INSTRUCTIONS 1000

/* What a ring takes from its start, pcap-filter(7). What goes out on loopback (interface 1 of every network namespace)
 * comes in again. QUIC's short headers (RFC 9000 17.3) are never first. */
#define PL_HELPER_TAKES_BULK "not (outbound and ifindex 1)"
#define PL_HELPER_TAKES_DATAGRAMS \
  "udp and not (port 443 and ((ip and udp[8] & 0xc0 = 0x40) or (ip6 and ip6[48] & 0xc0 = 0x40)))"
#define PL_HELPER_TAKES_OTHER \
  "tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn or (ip6[6] = 6 and ip6[53] & 0x12 = 2) or icmp or icmp6" \
  " or sctp[12] = 1 or (ip6[6] = 132 and ip6[52] = 1)"

/* Classic BPF as SO_ATTACH_FILTER takes it (socket(7)), over a packet without link-layer header; sent only as long as the
 * program is. One that the kernel does not take changes nothing. */
struct pl_helper_filter
{
  uint32_t ring;
  uint32_t n_instructions;
  struct pl_helper_instruction /* struct sock_filter */
  {
    uint16_t code;
    uint8_t jump_true, jump_false;
    uint32_t k;
  } instructions[PL_HELPER_MAX_INSTRUCTIONS];
};

/* ---- Owners: whose sockets they are ----
 *
 * The app may send PL_HELPER_OWNERS with one end of another SOCK_SEQPACKET pair before it starts the helper, so that it
 * is there when the helper looks. A second process, the owner child, then speaks on that socket, with the same header.
 * It reads /proc for the app and hands on what the kernel's tracepoints say; it searches, decodes and concludes nothing.
 * Where the helper has not the rights for it, or was told --no-owners, the socket ends without a message.
 * Each question has one answer, in order; whoever does not read loses answers. */
#define PL_HELPER_MESSAGE_BYTES 8192 /* longest record on that socket, with its header */

enum
{
  PL_HELPER_FORMAT = 16, /* the text of a tracepoint's format file in tracefs; before PL_HELPER_READY, one for each
                            * tracepoint that is on: fib_table_lookup, fib6_table_lookup, inet_sock_set_state */
  PL_HELPER_READY = 17, /* no body */
  PL_HELPER_RECORDS = 18, /* struct pl_helper_records */
  PL_HELPER_PROCESS = 19, /* struct pl_helper_process */
  PL_HELPER_PIDS = 20, /* struct pl_helper_pids */
  PL_HELPER_SOCKETS = 21, /* struct pl_helper_sockets */
  PL_HELPER_LINES = 22, /* struct pl_helper_lines */
  PL_HELPER_DESCRIBE = 65, /* struct pl_helper_question about a pid: PL_HELPER_PROCESS answers */
  PL_HELPER_LIST = 66, /* about all processes whose pid is greater: PL_HELPER_PIDS answers */
  PL_HELPER_HOLDS = 67, /* about a pid: PL_HELPER_SOCKETS answers */
  PL_HELPER_READ = 71, /* about the network namespace that a pid is in: PL_HELPER_LINES answers */
};

enum /* list, under net/ in the process's directory of proc(5) */
{
  PL_HELPER_FIB_TRIE,
  PL_HELPER_IF_INET6,
  PL_HELPER_TCP,
  PL_HELPER_TCP6,
  PL_HELPER_UDP,
  PL_HELPER_UDP6,
};

struct pl_helper_question
{
  uint64_t id; /* comes back in the answer; not 0 */
  uint32_t about; /* pid */
  /* of PL_HELPER_READ alone: */
  uint32_t list;
  uint32_t from; /* how many of the lines that are wanted to leave out, which came before */
  uint16_t local_port, remote_port; /* of sockets those of them to this remote port, and to none */
};

struct pl_helper_asked /* a question as it is sent */
{
  struct pl_helper_header header;
  struct pl_helper_question question;
};

/* Records as in a perf ring buffer (perf_event_open(2)), whole: PERF_RECORD_SAMPLE with PERF_SAMPLE_TID, _TIME
 * (CLOCK_MONOTONIC) and _RAW, PERF_RECORD_LOST, PERF_RECORD_FORK, and one more type, which is struct
 * pl_helper_told: before the first sample of a process, and again before the first after an exec or a new name. By then the number
 * may be another process's, whose PERF_RECORD_FORK comes with the same message, if that has room, and not in the order of time. */
#define PL_HELPER_RECORD_PROCESS 0x706c0013u
struct pl_helper_records
{
  uint64_t n_dropped; /* messages of this type that were not sent so far, for want of room */
  uint8_t bytes[PL_HELPER_MESSAGE_BYTES - 16];
};

struct pl_helper_process /* sent only as long as its text is */
{
  uint64_t id; /* of the question; 0 unasked, as PL_HELPER_RECORD_PROCESS */
  uint32_t pid;
  uint32_t uid; /* effective */
  uint32_t network; /* inode number of its net/tcp in /proc: one for each network namespace; 0 unknown */
  uint16_t stat_bytes, exe_bytes, cmdline_bytes, cgroup_bytes; /* in text, in this order, without NUL between; each may be cut */
  char text[4096]; /* as in proc(5): a cmdline's arguments end with NUL. No stat: it is gone. */
};

struct pl_helper_told
{
  struct perf_event_header header; /* PL_HELPER_RECORD_PROCESS */
  struct pl_helper_process process;
};

#define PL_HELPER_MAX_PIDS 1020
struct pl_helper_pids /* sent only as long as the list is: full, unless there are no more */
{
  uint64_t id;
  uint32_t n_pids;
  struct pl_helper_pid
  {
    uint32_t pid, network; /* as in pl_helper_process */
  } pids[PL_HELPER_MAX_PIDS]; /* in their order */
};

#define PL_HELPER_CLOSED_BY_EXEC ((uint64_t)1 << 63) /* beside an inode number, which is shorter: FD_CLOEXEC of its descriptor */

struct pl_helper_sockets /* sent only as long as the list is */
{
  uint64_t id;
  uint32_t n_sockets;
  uint32_t n_left; /* more than fit here; UINT32_MAX: its descriptors can't be read */
  uint64_t inodes[1016]; /* with PL_HELPER_CLOSED_BY_EXEC or not; 0: an io_uring(7), which may have sockets of its own that nothing lists */
};

struct pl_helper_lines /* sent only as long as its text is */
{
  uint64_t id;
  uint32_t is_cut; /* there is more, to be asked for; without a line: the list is longer than is read */
  uint32_t n_read_bytes; /* how long it is */
  char text[PL_HELPER_MESSAGE_BYTES - 24]; /* whole lines of the kernel's text, each with a NUL for its end */
};
