/* One packet's facts. libc only; nothing here allocates; every byte is read through cursor.h. */
#pragma once
#include "addr.h"

/* Why a packet could not be told to a flow. Shown to the person, by reason. Keep pl_undecodable_id() in step. */
typedef enum
{
  PL_DECODED = 0,
  PL_UNDECODABLE_LINK_TYPE,      /* the interface's link type is unknown to us */
  PL_UNDECODABLE_NOT_IP,         /* ARP, LLDP, STP, …: no flow in it */
  PL_UNDECODABLE_CUT_LINK,       /* "truncated": the capture ends inside a link-layer header */
  PL_UNDECODABLE_CUT_NETWORK,    /* … inside an IP header or extension header */
  PL_UNDECODABLE_CUT_TRANSPORT,  /* … before the ports, an echo's identifier, or TCP's flags */
  PL_UNDECODABLE_BAD_NETWORK,    /* version, header length or total length contradict each other */
  PL_UNDECODABLE_BAD_TRANSPORT,  /* data offset or length contradict each other */
  PL_UNDECODABLE_TOO_MANY_HEADERS, /* more VLAN tags or extension headers than bounds.h allows */
  PL_UNDECODABLE_STRAY_FRAGMENT, /* a later fragment whose first was not seen */
  PL_UNDECODABLE_BAD_RECORD,     /* the file's or the kernel's record itself is wrong */
  PL_N_UNDECODABLE,
} PlUndecodable;

typedef enum
{
  PL_DIRECTION_UNKNOWN, /* the link layer does not say */
  PL_DIRECTION_IN,      /* to this host, broadcast or multicast */
  PL_DIRECTION_OUT,     /* sent by this host */
  PL_DIRECTION_OTHER,   /* between others */
} PlDirection;

enum /* PlPacket.flags */
{
  PL_PACKET_HAS_PORTS = 1 << 0,
  PL_PACKET_ECHO = 1 << 1,           /* ICMP echo: src_port = dst_port = identifier, but it has no ports */
  PL_PACKET_ECHO_REPLY = 1 << 2,
  PL_PACKET_LATER_FRAGMENT = 1 << 3, /* ports from the fragment table */
  PL_PACKET_FIRST_FRAGMENT = 1 << 4,
  PL_PACKET_QUOTES = 1 << 5,         /* ICMP error: quoted_* tell the flow it is about */
  PL_PACKET_HAS_IFINDEX = 1 << 6,    /* SLL2: ifindex is set */
};

enum /* TCP flags, RFC 9293 3.1 */
{
  PL_TCP_FIN = 0x01,
  PL_TCP_SYN = 0x02,
  PL_TCP_RST = 0x04,
  PL_TCP_PSH = 0x08,
  PL_TCP_ACK = 0x10,
};

enum /* IP protocol numbers used by name */
{
  PL_PROTO_ICMP = 1,
  PL_PROTO_TCP = 6,
  PL_PROTO_UDP = 17,
  PL_PROTO_ICMPV6 = 58,
  PL_PROTO_SCTP = 132,
  PL_PROTO_UDPLITE = 136,
};

typedef struct
{
  PlAddr src, dst;
  uint16_t src_port, dst_port; /* host order; 0 where there is none */
  uint8_t proto;               /* IP protocol number */
  uint8_t tcp_flags;
  uint8_t icmp_type, icmp_code; /* of ICMP and ICMPv6 */
  uint16_t flags;
  uint8_t direction;      /* PlDirection */
  uint8_t quoted_tcp_flags; /* 0 where the quote ends before them */
  uint32_t ifindex;       /* with PL_PACKET_HAS_IFINDEX */
  uint32_t wire_bytes;    /* length of the frame on the wire, as Wireshark's conversations count */
  uint32_t payload_bytes; /* transport payload by the IP length, captured or not; 0 for pure ACKs */
  uint32_t tcp_seq, tcp_ack; /* host order */
  uint16_t tcp_window;
  uint8_t quoted_proto;
  uint8_t quoted_flags;   /* PL_PACKET_HAS_PORTS, PL_PACKET_ECHO */
  uint16_t quoted_src_port, quoted_dst_port;
  PlAddr quoted_src, quoted_dst;
  const uint8_t *payload;      /* into the caller's bytes, or NULL */
  uint32_t payload_captured_bytes;
  uint64_t time_us;            /* Unix time; filled by the decoder from its argument */
} PlPacket;

/* In every network namespace of Linux the loopback is the first device (LOOPBACK_IFINDEX in the kernel's
 * net/net_namespace.h). */
static inline bool
pl_packet_is_on_loopback (const PlPacket *packet)
{
  return (packet->flags & PL_PACKET_HAS_IFINDEX) != 0 && packet->ifindex == 1;
}

typedef struct _PlDecoder PlDecoder;

/* A decoder holds the capped table of fragments; one a capture thread. NULL only when memory is out. */
PlDecoder *pl_decoder_new (void);
void pl_decoder_free (PlDecoder *decoder);

/* Whether @datalink (a LINKTYPE_/DLT_ value: 1 Ethernet, 113 SLL, 276 SLL2, 101/12/14 raw IP, 228/229 raw v4/v6, 0 null, 108 loop) is known. */
bool pl_decoder_knows (int datalink);

/* Decodes @captured bytes of a frame that was @wire bytes long, taken at @time_us. Never reads past @captured, never
 * allocates. On PL_DECODED @packet is filled; otherwise only its wire_bytes, ifindex and direction mean anything. */
PlUndecodable pl_decoder_packet (PlDecoder *decoder, int datalink, const uint8_t *bytes, uint32_t captured,
                                 uint32_t wire, uint64_t time_us, PlPacket *packet);

const char *pl_undecodable_id (PlUndecodable reason); /* "not-ip", "cut-network", …: for JSON; static */
