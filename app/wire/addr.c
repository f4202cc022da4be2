/* Internet addresses: making, comparing, classing, reading and writing them. Pure functions, any thread; never allocates. */
#include "addr.h"

#include <arpa/inet.h>
#include <string.h>

static const uint8_t mapped_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
static const uint8_t zeros[16];

PlAddr
pl_addr_from_v4 (const uint8_t bytes[4])
{
  PlAddr addr;

  memcpy (addr.bytes, mapped_prefix, 12);
  memcpy (addr.bytes + 12, bytes, 4);
  return addr;
}

PlAddr
pl_addr_from_v6 (const uint8_t bytes[16])
{
  PlAddr addr;

  memcpy (addr.bytes, bytes, 16);
  return addr;
}

bool
pl_addr_is_v4 (const PlAddr *addr)
{
  return memcmp (addr->bytes, mapped_prefix, 12) == 0;
}

bool
pl_addr_equal (const PlAddr *a, const PlAddr *b)
{
  return memcmp (a->bytes, b->bytes, 16) == 0;
}

int
pl_addr_compare (const PlAddr *a, const PlAddr *b)
{
  return memcmp (a->bytes, b->bytes, 16);
}

bool
pl_addr_is_zero (const PlAddr *addr)
{
  if (pl_addr_is_v4 (addr))
    return memcmp (addr->bytes + 12, zeros, 4) == 0;
  return memcmp (addr->bytes, zeros, 16) == 0;
}

static PlScope
scope_v4 (const uint8_t b[4])
{
  static const uint8_t all_ones[4] = { 255, 255, 255, 255 };

  if (memcmp (b, zeros, 4) == 0)
    return PL_SCOPE_UNSPECIFIED;
  if (b[0] == 127)
    return PL_SCOPE_LOOPBACK;
  if (b[0] == 169 && b[1] == 254) /* RFC 3927 */
    return PL_SCOPE_LINK;
  if (b[0] == 10 || (b[0] == 172 && (b[1] & 0xf0) == 16) || (b[0] == 192 && b[1] == 168)
      || (b[0] == 100 && (b[1] & 0xc0) == 64)) /* RFC 1918, RFC 6598 */
    return PL_SCOPE_PRIVATE;
  if ((b[0] & 0xf0) == 224) /* RFC 1112 */
    return PL_SCOPE_MULTICAST;
  if (memcmp (b, all_ones, 4) == 0)
    return PL_SCOPE_BROADCAST;
  return PL_SCOPE_INTERNET;
}

PlScope
pl_addr_scope (const PlAddr *addr)
{
  const uint8_t *b = addr->bytes;

  if (pl_addr_is_v4 (addr))
    return scope_v4 (b + 12);
  if (memcmp (b, zeros, 15) == 0 && b[15] <= 1)
    return b[15] == 1 ? PL_SCOPE_LOOPBACK : PL_SCOPE_UNSPECIFIED;
  if (b[0] == 0xfe && (b[1] & 0xc0) == 0x80)
    return PL_SCOPE_LINK;
  if ((b[0] & 0xfe) == 0xfc) /* RFC 4193 */
    return PL_SCOPE_PRIVATE;
  if (b[0] == 0xff)
    return PL_SCOPE_MULTICAST;
  return PL_SCOPE_INTERNET;
}

static char *
put_decimal (char *out, unsigned value)
{
  if (value >= 100)
    *out++ = (char)('0' + value / 100);
  if (value >= 10)
    *out++ = (char)('0' + value / 10 % 10);
  *out++ = (char)('0' + value % 10);
  return out;
}

static char *
put_hex (char *out, unsigned value)
{
  bool started = false;

  for (int shift = 12; shift >= 0; shift -= 4)
    {
      unsigned digit = value >> shift & 0xf;

      started = started || digit != 0 || shift == 0;
      if (started)
        *out++ = "0123456789abcdef"[digit];
    }
  return out;
}

static unsigned
group_at (const PlAddr *addr, int i)
{
  return (unsigned)(addr->bytes[2 * i] << 8 | addr->bytes[2 * i + 1]);
}

/* The run of zero groups that "::" stands for, RFC 5952 4.2: the longest, the first of equals, never a single group. */
static int
longest_zero_run (const PlAddr *addr, int *n_groups)
{
  int best = -1;

  *n_groups = 1;
  for (int i = 0; i < 8;)
    {
      int end = i;

      while (end < 8 && group_at (addr, end) == 0)
        end++;
      if (end - i > *n_groups)
        {
          best = i;
          *n_groups = end - i;
        }
      i = end + 1;
    }
  return best;
}

/**
 * pl_addr_format:
 * @addr: an address
 * @buffer: where the text goes, %PL_ADDR_STRLEN bytes
 *
 * Writes the dotted quad of an IPv4 address, or the RFC 5952 form of an IPv6 address.
 *
 * Returns: @buffer
 */
const char *
pl_addr_format (const PlAddr *addr, char buffer[static PL_ADDR_STRLEN])
{
  char *out = buffer;
  int run_start, run_groups;

  if (pl_addr_is_v4 (addr))
    {
      for (int i = 12; i < 16; i++)
        {
          out = put_decimal (out, addr->bytes[i]);
          *out++ = '.';
        }
      out[-1] = '\0';
      return buffer;
    }

  run_start = longest_zero_run (addr, &run_groups);
  for (int i = 0; i < 8; i++)
    {
      if (i == run_start)
        {
          *out++ = ':';
          *out++ = ':';
          i += run_groups - 1;
          continue;
        }
      if (out != buffer && out[-1] != ':')
        *out++ = ':';
      out = put_hex (out, group_at (addr, i));
    }
  *out = '\0';
  return buffer;
}

/**
 * pl_addr_parse:
 * @text: an IPv4 dotted quad or an IPv6 address (RFC 4291 2.2), without brackets, zone or spaces
 * @addr: (out): the address; untouched on failure
 *
 * Returns: whether @text is an address
 */
bool
pl_addr_parse (const char *text, PlAddr *addr)
{
  uint8_t bytes[16];

  if (inet_pton (AF_INET, text, bytes) == 1)
    *addr = pl_addr_from_v4 (bytes);
  else if (inet_pton (AF_INET6, text, bytes) == 1)
    *addr = pl_addr_from_v6 (bytes);
  else
    return false;
  return true;
}

/* Decimal digits only, at most three; -1 for anything else. */
static int
parse_bits (const char *text)
{
  int bits = 0;
  size_t n = strlen (text);

  if (n < 1 || n > 3)
    return -1;
  for (; *text != '\0'; text++)
    {
      if (*text < '0' || *text > '9')
        return -1;
      bits = bits * 10 + (*text - '0');
    }
  return bits;
}

/**
 * pl_prefix_parse:
 * @text: ADDR or ADDR/BITS; a bare address is a prefix of one
 * @prefix: (out): the prefix; untouched on failure
 *
 * Bits of the address past BITS are allowed, and mean nothing.
 *
 * Returns: whether @text is a prefix
 */
bool
pl_prefix_parse (const char *text, PlPrefix *prefix)
{
  char buffer[PL_ADDR_STRLEN];
  const char *slash = strchr (text, '/');
  size_t n_chars = slash != NULL ? (size_t)(slash - text) : strlen (text);
  PlAddr addr;
  int bits, most;

  if (n_chars >= sizeof buffer)
    return false;
  memcpy (buffer, text, n_chars);
  buffer[n_chars] = '\0';
  if (!pl_addr_parse (buffer, &addr))
    return false;

  /* By the spelling, not the value: ::ffff:10.0.0.0/104 counts its bits from the front of sixteen bytes. */
  most = strchr (buffer, ':') == NULL ? 32 : 128;
  bits = slash != NULL ? parse_bits (slash + 1) : most;
  if (bits < 0 || bits > most)
    return false;
  prefix->addr = addr;
  prefix->bits = (uint8_t)(128 - most + bits);
  return true;
}

bool
pl_prefix_contains (const PlPrefix *prefix, const PlAddr *addr)
{
  unsigned n_bytes = prefix->bits / 8, n_bits = prefix->bits % 8;

  if (memcmp (prefix->addr.bytes, addr->bytes, n_bytes) != 0)
    return false;
  return n_bits == 0 || (prefix->addr.bytes[n_bytes] ^ addr->bytes[n_bytes]) >> (8 - n_bits) == 0;
}
