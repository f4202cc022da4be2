/* Port ranges, roles, and names of services and protocols. Pure functions over constant tables, any thread. */
#include "port.h"

#include "packet.h"

#include <stddef.h>
#include <stdlib.h>

enum
{
  T = 1 << 0, /* TCP */
  U = 1 << 1, /* UDP, UDP-Lite */
  S = 1 << 2, /* SCTP */
};

typedef struct
{
  uint16_t port;
  uint8_t transports;
  const char *name;
} Service;

static const Service services[] = {
#include "port-services.inc"
};

#define NO_TITLE "" /* its registered name is of something that is hardly met there, and what is met differs */

/* What people call those whose registered name tells few what they are, as sysadmins and newcomers say it; 8000 and on are
 * where web servers are that are not at 80 or 443. Sorted by port. */
static const Service everyday[] = {
  { 43, T, "whois" },        { 53, T | U, "dns" },         { 67, U, "dhcp" },           { 68, U, "dhcp" },
  { 111, T | U, "rpcbind" }, { 445, T | U, "smb" },        { 465, T, "smtps" },         { 500, T | U, "ike" },
  { 548, T, "afp" },         { 623, U, "ipmi" },           { 853, T | U, "dns-tls" },   { 1433, T | U, "mssql" },
  { 1521, T, "oracle" },     { 1701, U, "l2tp" },          { 1935, T, "rtmp" },         { 2181, T, "zookeeper" },
  { 2222, T, "ssh-alt" },    { 3000, T | U, NO_TITLE },    { 3128, T, "http-proxy" },   { 3310, T, "clamav" },
  { 3389, T | U, "rdp" },    { 4000, T | U, NO_TITLE },    { 4070, T, "spotify" },      { 4222, T, "nats" },
  { 4444, T | U, NO_TITLE }, { 4500, T | U, "ipsec" },     { 5000, T | U, NO_TITLE },   { 5001, T | U, NO_TITLE },
  { 5050, T | U, NO_TITLE }, { 5223, T, NO_TITLE },        { 5228, T, "google-push" },  { 5555, T | U, NO_TITLE },
  { 5900, T, "vnc" },        { 6443, T, "kubernetes" },    { 6600, T, "mpd" },          { 6665, T, "irc" },
  { 6666, T, "irc" },        { 6667, T, "irc" },           { 6668, T, "irc" },          { 6669, T, "irc" },
  { 6697, T, "ircs" },       { 7000, T, NO_TITLE },        { 7001, T, NO_TITLE },       { 7070, T | U, NO_TITLE },
  { 7680, T | U, NO_TITLE }, { 7777, T | U, NO_TITLE },    { 8000, T | U, "http-alt" }, { 8009, T, NO_TITLE },
  { 8020, T | U, NO_TITLE }, { 8042, T, NO_TITLE },        { 8081, T, "http-alt" },     { 8082, T, "http-alt" },
  { 8086, T, "influxdb" },   { 8088, T, "http-alt" },      { 8200, T, NO_TITLE },       { 8443, T | U, "https-alt" },
  { 8600, T | U, NO_TITLE }, { 8888, T, "http-alt" },      { 8889, T, "http-alt" },     { 9000, T | U, NO_TITLE },
  { 9001, T | U, NO_TITLE }, { 9002, T | U, NO_TITLE },    { 9009, T | U, NO_TITLE },   { 9050, T, "tor" },
  { 9080, T, "http-alt" },   { 9090, T | U, NO_TITLE },    { 9092, T, "kafka" },        { 9093, T | U, NO_TITLE },
  { 9100, T, "printer" },    { 9200, T, "elasticsearch" }, { 9300, T | U, NO_TITLE },   { 9443, T, "https-alt" },
  { 9999, T | U, NO_TITLE }, { 10000, T | U, NO_TITLE },   { 17500, T | U, "dropbox" }, { 19999, T | U, NO_TITLE },
};

#define N_ROWS(rows) (sizeof (rows) / sizeof (rows)[0])

PlRange
pl_port_range (uint16_t port)
{
  if (port < 1024)
    return PL_RANGE_WELL_KNOWN;
  return port < 49152 ? PL_RANGE_REGISTERED : PL_RANGE_DYNAMIC;
}

const char *
pl_range_id (PlRange range)
{
  switch (range)
    {
    case PL_RANGE_WELL_KNOWN:
      return "well-known";
    case PL_RANGE_REGISTERED:
      return "registered";
    case PL_RANGE_DYNAMIC:
      return "dynamic";
    case PL_RANGE_NONE:
    default:
      return NULL;
    }
}

const char *
pl_role_id (PlRole role)
{
  switch (role)
    {
    case PL_ROLE_LISTENING:
      return "listening";
    case PL_ROLE_TEMPORARY:
      return "temporary";
    case PL_ROLE_SERVICE:
      return "service";
    case PL_ROLE_NONE:
    default:
      return NULL;
    }
}

static int
compare_port (const void *key, const void *row)
{
  return (int)*(const uint16_t *)key - (int)((const Service *)row)->port;
}

static uint8_t
transport_of (uint8_t proto)
{
  switch (proto)
    {
    case PL_PROTO_TCP:
      return T;
    case PL_PROTO_UDP:
    case PL_PROTO_UDPLITE:
      return U;
    case PL_PROTO_SCTP:
      return S;
    default:
      return 0;
    }
}

static const char *
find_service (const Service *rows, size_t n_rows, uint8_t proto, uint16_t port)
{
  const Service *row = bsearch (&port, rows, n_rows, sizeof rows[0], compare_port);
  uint8_t transport = transport_of (proto);

  if (row == NULL)
    return NULL;
  while (row > rows && row[-1].port == port)
    row--;
  for (; row < rows + n_rows && row->port == port; row++)
    {
      if (row->transports & transport)
        return row->name;
    }
  return NULL;
}

/**
 * pl_service_name:
 * @proto: an IP protocol number
 * @port: a port of it
 *
 * Returns: (nullable): the registered name of the service at @port, static; %NULL when our table has none
 */
const char *
pl_service_name (uint8_t proto, uint16_t port)
{
  return find_service (services, N_ROWS (services), proto, port);
}

/**
 * pl_service_title:
 * @proto: an IP protocol number
 * @port: a port of it
 *
 * Returns: (nullable): what people call the service at @port, static: its registered name, where that says what it is;
 *   %NULL also where that would lead astray
 */
const char *
pl_service_title (uint8_t proto, uint16_t port)
{
  const char *title = find_service (everyday, N_ROWS (everyday), proto, port);

  if (title == NULL)
    return pl_service_name (proto, port);
  return *title != '\0' ? title : NULL;
}

/* "ip-N" for every N, without a buffer. */
#define TEN_NAMES(tens) \
  "ip-" #tens "0", "ip-" #tens "1", "ip-" #tens "2", "ip-" #tens "3", "ip-" #tens "4", "ip-" #tens "5", \
      "ip-" #tens "6", "ip-" #tens "7", "ip-" #tens "8", "ip-" #tens "9"

static const char *const numbered[] = {
  TEN_NAMES (),   TEN_NAMES (1),  TEN_NAMES (2),  TEN_NAMES (3),  TEN_NAMES (4),  TEN_NAMES (5),  TEN_NAMES (6),
  TEN_NAMES (7),  TEN_NAMES (8),  TEN_NAMES (9),  TEN_NAMES (10), TEN_NAMES (11), TEN_NAMES (12), TEN_NAMES (13),
  TEN_NAMES (14), TEN_NAMES (15), TEN_NAMES (16), TEN_NAMES (17), TEN_NAMES (18), TEN_NAMES (19), TEN_NAMES (20),
  TEN_NAMES (21), TEN_NAMES (22), TEN_NAMES (23), TEN_NAMES (24), TEN_NAMES (25),
};
_Static_assert(sizeof numbered / sizeof numbered[0] >= 256, "a name for every protocol");

/* IANA Assigned Internet Protocol Numbers, the keywords in lower case. */
static const char *const protocols[256] = {
  [1] = "icmp",    [2] = "igmp",       [4] = "ipip",        [6] = "tcp",          [8] = "egp",       [17] = "udp",
  [27] = "rdp",    [33] = "dccp",      [41] = "ipv6",       [46] = "rsvp",        [47] = "gre",      [50] = "esp",
  [51] = "ah",     [58] = "icmpv6",    [59] = "ipv6-nonxt", [88] = "eigrp",       [89] = "ospf",     [97] = "etherip",
  [103] = "pim",   [108] = "ipcomp",   [112] = "vrrp",      [115] = "l2tp",       [124] = "isis",    [132] = "sctp",
  [133] = "fc",    [135] = "mobility", [136] = "udplite",   [137] = "mpls-in-ip", [138] = "manet",   [139] = "hip",
  [140] = "shim6", [141] = "wesp",     [142] = "rohc",      [143] = "ethernet",   [144] = "aggfrag",
};

const char *
pl_proto_name (uint8_t proto)
{
  return protocols[proto] != NULL ? protocols[proto] : numbered[proto];
}

/* The same names as their standards write them. */
static const char *const titles[256] = {
  [1] = "ICMP",    [2] = "IGMP",       [4] = "IPIP",        [6] = "TCP",          [8] = "EGP",       [17] = "UDP",
  [27] = "RDP",    [33] = "DCCP",      [41] = "IPv6",       [46] = "RSVP",        [47] = "GRE",      [50] = "ESP",
  [51] = "AH",     [58] = "ICMPv6",    [59] = "IPv6-NoNxt", [88] = "EIGRP",       [89] = "OSPF",     [97] = "EtherIP",
  [103] = "PIM",   [108] = "IPComp",   [112] = "VRRP",      [115] = "L2TP",       [124] = "ISIS",    [132] = "SCTP",
  [133] = "FC",    [135] = "Mobility", [136] = "UDPLite",   [137] = "MPLS-in-IP", [138] = "MANET",   [139] = "HIP",
  [140] = "Shim6", [141] = "WESP",     [142] = "ROHC",      [143] = "Ethernet",   [144] = "AGGFRAG",
};

const char *
pl_proto_title (uint8_t proto)
{
  return titles[proto] != NULL ? titles[proto] : numbered[proto];
}
