/* What the files of portlight-helper know of each other. Two processes, one thread each; libc and libpcap only. */
#pragma once
#include "protocol.h"
#include "short-slice.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

/* ---- helper.c ---- */
struct pl_options
{
  const char *interface; /* "any", or a name that if_nametoindex() knows */
  unsigned ifindex; /* 0: any */
  int snaplen_bytes;
  int give_up_ms; /* how long a reader may take nothing before the helper ends */
  int no_owners, sockets_only; /* booleans */
};

/* Says one line on descriptor 2 and, where there is a channel, as PL_HELPER_ERROR; then ends with @code. */
void pl_fail (int code, const char *format, ...) __attribute__ ((noreturn, format (printf, 2, 3)));
int64_t pl_now_ms (void); /* monotonic */

#define BIT(capability) ((uint64_t)1 << (capability))

/* ---- helper-drop.c: rights, in named stages, each verified and each final ---- */
uid_t pl_drop_enter (void); /* first of all; returns whom pl_drop_leave() has to become if it is root */
uint64_t pl_drop_narrow (uint64_t needed); /* returns those of the needed capabilities that are there */
void pl_drop_leave (uid_t target_uid, uint64_t kept);
void pl_drop_limits (unsigned n_descriptors);

/* ---- helper-seccomp.c: the system calls that one of the two loops needs, and no other ---- */
void pl_seccomp_confine (bool is_owner);

/* ---- helper-channel.c: descriptor 0 ---- */
enum pl_input
{
  PL_INPUT_CHANNEL, /* SOCK_SEQPACKET: messages both ways; its end ends the helper */
  PL_INPUT_STREAM, /* pipe or stream socket: only its end matters */
  PL_INPUT_HANGUP, /* terminal: never read, its hangup ends the helper */
  PL_INPUT_NONE, /* /dev/null, a file: says nothing; the reader's end is what ends the helper */
};
enum pl_input pl_channel_input (void); /* from then on reading it does not block */
struct pl_request
{
  struct pl_helper_header header; /* type 0: none that is known */
  struct pl_helper_filter filter;
};
ssize_t pl_channel_receive (struct pl_request *request, int *fd);
int pl_channel_take_owners (void);
/* Never blocks. False when there was no room. */
bool pl_channel_send (uint16_t type, const void *body, size_t body_bytes);

/* ---- helper-capture.c: the rings of packets, and the pcap stream on descriptor 1 ---- */
#define PL_N_TOLD 65536
struct pl_first /* a ring of first packets, what is left of its budget in the present window, and what it has told */
{
  struct pl_span
  {
    int n_left, n_dull, n_known; /* packets: to be told still; not told; of flows that were told before */
    bool is_busy; /* with packets that are not told: read now and then, not at each of them */
    uint16_t nth;
    int64_t ends_ms, next_ms; /* monotonic: it; when a busy ring is read next */
  } span;
  struct pl_told
  {
    uint16_t key, window; /* the rest of the hash; in which it was told last */
  } told[PL_N_TOLD]; /* flows of datagrams, by a hash, as long as no other one has its place */
};
struct pl_capture
{
  struct pcap *rings[PL_HELPER_N_RINGS]; /* NULL: none. The first is the stream's. */
  struct pl_first first[PL_HELPER_N_RINGS];
  int snaplen_bytes;
  uint8_t *out;
  size_t start, end; /* out[start..end) waits for descriptor 1 */
  struct pl_helper_stats stats;
  bool is_told; /* stats, as they are now */
  bool is_paused; /* nobody reads descriptor 1 */
  int64_t ends_ms; /* when the kernel has handed over what came before the end was asked for; 0 as long as it was not */
  uint32_t n_received, n_taken; /* packets in the stream's ring, and out of it, ever */
};
struct pl_capture *pl_capture_open (const struct pl_options *options, bool with_first);
/* -1 while the stream has no room: the ring waits, and counts its drops. */
int pl_capture_poll_fd (const struct pl_capture *capture);
void pl_capture_read (struct pl_capture *capture, short revents);
bool pl_capture_write (struct pl_capture *capture); /* never blocks; false when the reader is gone */
bool pl_capture_send_stats (struct pl_capture *capture); /* when they changed; false when there was no room */
/* Nothing changes where the kernel does not take it. */
void pl_capture_filter (struct pl_capture *capture, uint32_t ring, const struct pl_helper_filter *filter);
/* Nothing more is taken. What the kernel holds already is dropped, and it pauses, or (not @at_once) is written first. */
void pl_capture_close (struct pl_capture *capture, bool at_once);
void pl_capture_finish (struct pl_capture *capture); /* ends the stream if it was closed and all is written */
void pl_capture_go_on (struct pl_capture *capture, int fd); /* with the stream there */
/* Descriptor to poll for first packets of ring @which, -1 for none; lowers @wake_ms to when to ask again. */
int pl_capture_poll_first (struct pl_capture *capture, int which, int64_t now_ms, int64_t *wake_ms);
void pl_capture_tell_first (struct pl_capture *capture, int which, int64_t now_ms);

/* ---- helper-owner.c and helper-trace.c: the owner child, another process ---- */
#define PL_MAX_CPUS 512
struct pl_trace;
void pl_owner_run (uid_t target_uid, uint64_t rights, pid_t parent) __attribute__ ((noreturn));
size_t pl_owner_describe (uint64_t id, uint32_t pid, struct pl_helper_process *process);
size_t pl_owner_read (int dir, const char *name, char *text, size_t size);
struct pl_trace *pl_trace_open (int *poll_fd);
void pl_trace_forward (struct pl_trace *trace);
