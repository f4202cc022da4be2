/* Addresses: RFC 5952's own examples, scopes, prefixes, and texts that are none. */
#include "addr.h"

#include <arpa/inet.h>
#include <glib.h>
#include <string.h>

static void
test_format (void)
{
  static const struct
  {
    const char *in, *out;
  } cases[] = {
    { "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" }, /* RFC 5952 4.2.3: the first of two equal runs */
    { "2001:0db8::0001", "2001:db8::1" }, /* 4.1 */
    { "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" }, /* 4.2.2: not one group alone */
    { "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" }, /* 4.2.3: the longest run */
    { "2001:DB8::AAAA", "2001:db8::aaaa" }, /* 4.3 */
    { "::", "::" },
    { "::1", "::1" },
    { "1::", "1::" },
    { "fe80::1234:5678:9abc:def0", "fe80::1234:5678:9abc:def0" },
    { "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8" },
    { "0:0:1::", "0:0:1::" },
    { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
    { "0.0.0.0", "0.0.0.0" },
    { "255.255.255.255", "255.255.255.255" },
    { "192.0.2.10", "192.0.2.10" },
    { "::ffff:192.0.2.1", "192.0.2.1" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      char buffer[PL_ADDR_STRLEN];
      PlAddr addr;

      g_assert_true (pl_addr_parse (cases[i].in, &addr));
      g_assert_cmpstr (pl_addr_format (&addr, buffer), ==, cases[i].out);
    }
}

/* Every pattern of zero groups, against the C library's own reader. */
static void
test_format_round_trip (void)
{
  for (unsigned pattern = 0; pattern < 256; pattern++)
    {
      char buffer[PL_ADDR_STRLEN];
      PlAddr addr = { { 0 } };
      uint8_t back[16];

      for (unsigned i = 0; i < 8; i++)
        {
          if (pattern >> i & 1)
            addr.bytes[2 * i + 1] = (uint8_t)(i + 1);
        }
      pl_addr_format (&addr, buffer);
      g_assert_null (strstr (buffer, ":::"));
      g_assert_cmpint (inet_pton (AF_INET6, buffer, back), ==, 1);
      g_assert_cmpmem (back, 16, addr.bytes, 16);
    }
}

static void
test_parse_refuses (void)
{
  static const char *const bad[] = { "",         "1.2.3",     "1.2.3.4.5",    "256.1.1.1", "1.2.3.4 ", " ::1",
                                     "::1%eth0", "[::1]",     "1:2:3",        ":::",       "1::2::3",  "12345::",
                                     "g::",      "1.2.3.4/8", "::ffff:1.2.3", "01.2.3.4" };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      PlAddr addr, before;

      memset (&addr, 0x5a, sizeof addr);
      before = addr;
      g_assert_false (pl_addr_parse (bad[i], &addr));
      g_assert_cmpmem (&addr, sizeof addr, &before, sizeof before);
    }
}

static void
test_scope (void)
{
  static const struct
  {
    const char *text;
    PlScope scope;
  } cases[] = {
    { "0.0.0.0", PL_SCOPE_UNSPECIFIED },
    { "::", PL_SCOPE_UNSPECIFIED },
    { "127.0.0.1", PL_SCOPE_LOOPBACK },
    { "127.255.255.254", PL_SCOPE_LOOPBACK },
    { "::1", PL_SCOPE_LOOPBACK },
    { "::2", PL_SCOPE_INTERNET },
    { "169.254.0.1", PL_SCOPE_LINK },
    { "169.253.0.1", PL_SCOPE_INTERNET },
    { "fe80::1", PL_SCOPE_LINK },
    { "febf::1", PL_SCOPE_LINK },
    { "fec0::1", PL_SCOPE_INTERNET },
    { "10.0.0.0", PL_SCOPE_PRIVATE },
    { "11.0.0.0", PL_SCOPE_INTERNET },
    { "172.15.0.1", PL_SCOPE_INTERNET },
    { "172.16.0.1", PL_SCOPE_PRIVATE },
    { "172.31.255.255", PL_SCOPE_PRIVATE },
    { "172.32.0.1", PL_SCOPE_INTERNET },
    { "192.168.1.1", PL_SCOPE_PRIVATE },
    { "192.169.1.1", PL_SCOPE_INTERNET },
    { "100.63.0.1", PL_SCOPE_INTERNET },
    { "100.64.0.1", PL_SCOPE_PRIVATE },
    { "100.127.255.255", PL_SCOPE_PRIVATE },
    { "100.128.0.1", PL_SCOPE_INTERNET },
    { "fc00::1", PL_SCOPE_PRIVATE },
    { "fdff::1", PL_SCOPE_PRIVATE },
    { "fe00::1", PL_SCOPE_INTERNET },
    { "223.255.255.255", PL_SCOPE_INTERNET },
    { "224.0.0.251", PL_SCOPE_MULTICAST },
    { "239.255.255.255", PL_SCOPE_MULTICAST },
    { "240.0.0.1", PL_SCOPE_INTERNET },
    { "ff02::fb", PL_SCOPE_MULTICAST },
    { "255.255.255.255", PL_SCOPE_BROADCAST },
    { "2001:db8::1", PL_SCOPE_INTERNET },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PlAddr addr;

      g_assert_true (pl_addr_parse (cases[i].text, &addr));
      g_assert_cmpint (pl_addr_scope (&addr), ==, cases[i].scope);
    }
}

static void
test_compare (void)
{
  PlAddr low, high, other;

  g_assert_true (pl_addr_parse ("9.255.255.255", &low) && pl_addr_parse ("10.0.0.0", &high));
  g_assert_true (pl_addr_parse ("2001:db8::", &other));
  g_assert_cmpint (pl_addr_compare (&low, &high), <, 0);
  g_assert_cmpint (pl_addr_compare (&high, &low), >, 0);
  g_assert_cmpint (pl_addr_compare (&high, &other), <, 0);
  g_assert_true (pl_addr_equal (&low, &low) && !pl_addr_equal (&low, &high));
  g_assert_true (pl_addr_is_v4 (&low) && !pl_addr_is_v4 (&other));
  g_assert_false (pl_addr_is_zero (&low));
  g_assert_true (pl_addr_parse ("0.0.0.0", &low) && pl_addr_is_zero (&low));
  g_assert_true (pl_addr_parse ("::", &low) && pl_addr_is_zero (&low));
}

static gboolean
contains (const char *prefix_text, const char *addr_text)
{
  PlPrefix prefix;
  PlAddr addr;

  g_assert_true (pl_prefix_parse (prefix_text, &prefix));
  g_assert_true (pl_addr_parse (addr_text, &addr));
  return pl_prefix_contains (&prefix, &addr);
}

static void
test_prefix (void)
{
  static const char *const bad[] = {
    "/8",           "1.2.3.4/",   "1.2.3.4/33", "::/129",
    "1.2.3.4/-1",   "1.2.3.4/+8", "1.2.3.4/8 ", "1.2.3.4/8/8",
    "1.2.3.4/0008", "x/8",        "",           "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa/8"
  };
  PlPrefix prefix;

  g_assert_true (pl_prefix_parse ("10.1.2.3/24", &prefix));
  g_assert_cmpuint (prefix.bits, ==, 120);
  g_assert_true (contains ("10.1.2.3/24", "10.1.2.200"));
  g_assert_false (contains ("10.1.2.3/24", "10.1.3.3"));
  g_assert_true (contains ("10.1.2.3", "10.1.2.3"));
  g_assert_false (contains ("10.1.2.3", "10.1.2.2"));
  g_assert_true (contains ("10.1.2.128/25", "10.1.2.129"));
  g_assert_false (contains ("10.1.2.128/25", "10.1.2.127"));
  g_assert_true (contains ("0.0.0.0/0", "255.1.2.3"));
  g_assert_false (contains ("0.0.0.0/0", "2001:db8::1"));
  g_assert_true (contains ("::/0", "1.2.3.4"));
  g_assert_true (contains ("2001:db8::/33", "2001:db8:7fff::"));
  g_assert_false (contains ("2001:db8::/33", "2001:db8:8000::"));
  g_assert_true (contains ("::ffff:10.0.0.0/104", "10.9.9.9"));
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      PlPrefix before;

      memset (&prefix, 0x5a, sizeof prefix);
      before = prefix;
      g_assert_false (pl_prefix_parse (bad[i], &prefix));
      g_assert_cmpmem (&prefix, sizeof prefix, &before, sizeof before);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/addr/format", test_format);
  g_test_add_func ("/addr/format-round-trip", test_format_round_trip);
  g_test_add_func ("/addr/parse-refuses", test_parse_refuses);
  g_test_add_func ("/addr/scope", test_scope);
  g_test_add_func ("/addr/compare", test_compare);
  g_test_add_func ("/addr/prefix", test_prefix);
  return g_test_run ();
}
