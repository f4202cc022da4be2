/* What the files of portlight-helper know of each other. One process, one thread; libc and libpcap only. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* ---- helper.c ---- */
struct pl_options
{
  const char *interface; /* "any", or a name that if_nametoindex() knows */
  unsigned ifindex; /* 0: any */
  int snaplen_bytes;
  int give_up_ms; /* how long a reader may take nothing before the helper ends */
};

/* Says one line on descriptor 2 and, where there is a channel, as PL_HELPER_ERROR; then ends with @code. */
void pl_fail (int code, const char *format, ...) __attribute__ ((noreturn, format (printf, 2, 3)));
int64_t pl_now_ms (void); /* monotonic */

/* ---- helper-drop.c: rights, in named stages, each verified and each final ---- */
uid_t pl_drop_enter (void); /* first of all; returns whom pl_drop_leave() has to become if it is root */
bool pl_drop_narrow (void); /* keeps only what opening needs; false when it has no right to capture */
void pl_drop_leave (uid_t target_uid);
void pl_drop_limits (void);

/* ---- helper-seccomp.c ---- */
void pl_seccomp_capture (void); /* the system calls the capture loop needs, and no other */

/* ---- helper-channel.c: descriptor 0 ---- */
enum pl_input
{
  PL_INPUT_CHANNEL, /* SOCK_SEQPACKET: messages both ways; its end ends the helper */
  PL_INPUT_STREAM, /* pipe or stream socket: only its end matters */
  PL_INPUT_HANGUP, /* terminal: never read, its hangup ends the helper */
  PL_INPUT_NONE, /* /dev/null, a file: says nothing; the reader's end is what ends the helper */
};
enum pl_input pl_channel_input (void);
void pl_channel_set_nonblocking (void);
bool pl_channel_ended (short revents); /* reads what came; true when the other end is gone */
/* Never blocks. False when there was no room. @body_bytes at most those of the longest body in protocol.h. */
bool pl_channel_send (uint16_t type, const void *body, size_t body_bytes);

/* ---- helper-first.c: the first packets of flows, beside the bulk ---- */
#define PL_N_FIRST 2
struct pl_first
{
  int fd, per_second;
  int tokens; /* packets that may still be told; at 0 it is not read for a while */
  int64_t filled_ms; /* when tokens were last added */
};
void pl_first_open (struct pl_first first[PL_N_FIRST], unsigned ifindex);
int pl_first_check (struct pl_first *first, int64_t now_ms); /* ms until it is read again, -1 when it is read now */
void pl_first_forward (struct pl_first *first, int64_t now_ms);

/* ---- helper-capture.c: the bulk capture and the pcap stream on descriptor 1 ---- */
struct pl_capture *pl_capture_open (const struct pl_options *options);
int pl_capture_poll_fd (
    struct pl_capture *capture); /* -1 while the stream has no room: the ring waits, and counts its drops */
bool pl_capture_has_output (struct pl_capture *capture); /* something waits for descriptor 1 */
void pl_capture_read (struct pl_capture *capture, short revents);
bool pl_capture_write (struct pl_capture *capture, int64_t now_ms); /* never blocks; false when the reader is gone */
int64_t pl_capture_moved_ms (
    struct pl_capture *capture); /* when descriptor 1 last took something, or began to have something to take */
bool pl_capture_send_stats (struct pl_capture *capture); /* when they changed; false when there was no room */
