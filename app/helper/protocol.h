/* The messages between portlight-helper and the app on descriptor 0, when that is a SOCK_SEQPACKET socket: one message a
 * record, host byte order (both ends are one machine). A record of the wrong version, type or length is dropped and
 * counted by the reader; it never ends anything. Descriptor 1 carries a plain pcap stream, link type SLL2. */
#pragma once
#include <stdint.h>

#define PL_HELPER_PROTOCOL 1
#define PL_HELPER_FIRST_BYTES 148 /* of a first packet: the SLL2 header and 128 bytes */
#define PL_HELPER_TEXT_BYTES 240
#define PL_HELPER_UNKNOWN UINT64_MAX

/* How portlight-helper ends. It never uses 126 and 127, which are pkexec's own. */
enum
{
  PL_HELPER_EXIT_OK = 0, /* its reader or its starter went away, or it was told to end */
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
  /* PL_HELPER_UNKNOWN when not to be had. received: into the ring, without the dropped. */
  uint64_t received, kernel_dropped, interface_dropped;
};

struct pl_helper_text
{
  char text[PL_HELPER_TEXT_BYTES]; /* NUL-terminated */
};
