/* Port ranges at their borders, service names per transport, the table's order, protocol names. */
#include "port.h"

#include "packet.h"

#include <glib.h>

static void
test_range (void)
{
  g_assert_cmpint (pl_port_range (0), ==, PL_RANGE_WELL_KNOWN);
  g_assert_cmpint (pl_port_range (1023), ==, PL_RANGE_WELL_KNOWN);
  g_assert_cmpint (pl_port_range (1024), ==, PL_RANGE_REGISTERED);
  g_assert_cmpint (pl_port_range (49151), ==, PL_RANGE_REGISTERED);
  g_assert_cmpint (pl_port_range (49152), ==, PL_RANGE_DYNAMIC);
  g_assert_cmpint (pl_port_range (65535), ==, PL_RANGE_DYNAMIC);
}

static void
test_ids (void)
{
  g_assert_cmpstr (pl_range_id (PL_RANGE_WELL_KNOWN), ==, "well-known");
  g_assert_cmpstr (pl_range_id (PL_RANGE_REGISTERED), ==, "registered");
  g_assert_cmpstr (pl_range_id (PL_RANGE_DYNAMIC), ==, "dynamic");
  g_assert_null (pl_range_id (PL_RANGE_NONE));
  g_assert_cmpstr (pl_role_id (PL_ROLE_LISTENING), ==, "listening");
  g_assert_cmpstr (pl_role_id (PL_ROLE_TEMPORARY), ==, "temporary");
  g_assert_cmpstr (pl_role_id (PL_ROLE_SERVICE), ==, "service");
  g_assert_null (pl_role_id (PL_ROLE_NONE));
}

static void
test_service (void)
{
  g_assert_cmpstr (pl_service_name (PL_PROTO_TCP, 443), ==, "https");
  g_assert_cmpstr (pl_service_name (PL_PROTO_UDP, 443), ==, "https");
  g_assert_cmpstr (pl_service_name (PL_PROTO_TCP, 22), ==, "ssh");
  g_assert_cmpstr (pl_service_name (PL_PROTO_TCP, 1), ==, "tcpmux");
  g_assert_cmpstr (pl_service_name (PL_PROTO_UDP, 53), ==, "domain");
  g_assert_cmpstr (pl_service_name (PL_PROTO_UDPLITE, 53), ==, "domain");
  g_assert_cmpstr (pl_service_name (PL_PROTO_UDP, 5353), ==, "mdns");
  g_assert_cmpstr (pl_service_name (PL_PROTO_SCTP, 36412), ==, "s1-control");
  /* one port, two services */
  g_assert_cmpstr (pl_service_name (PL_PROTO_TCP, 514), ==, "shell");
  g_assert_cmpstr (pl_service_name (PL_PROTO_UDP, 514), ==, "syslog");
  g_assert_null (pl_service_name (PL_PROTO_TCP, 67));
  g_assert_null (pl_service_name (PL_PROTO_ICMP, 443));
  g_assert_null (pl_service_name (PL_PROTO_TCP, 0));
  g_assert_null (pl_service_name (PL_PROTO_TCP, 65535));
}

/* What people say, and the registered name of all others. */
static void
test_service_title (void)
{
  g_assert_cmpstr (pl_service_title (PL_PROTO_UDP, 53), ==, "dns");
  g_assert_cmpstr (pl_service_title (PL_PROTO_TCP, 53), ==, "dns");
  g_assert_cmpstr (pl_service_title (PL_PROTO_UDP, 67), ==, "dhcp");
  g_assert_cmpstr (pl_service_title (PL_PROTO_TCP, 9100), ==, "printer");
  g_assert_cmpstr (pl_service_title (PL_PROTO_TCP, 8443), ==, "https-alt");
  g_assert_cmpstr (pl_service_title (PL_PROTO_UDP, 8443), ==, "https-alt");
  g_assert_cmpstr (pl_service_title (PL_PROTO_TCP, 9200), ==, "elasticsearch");
  g_assert_cmpstr (pl_service_title (PL_PROTO_UDP, 9200), ==, "wap-wsp");
  g_assert_cmpstr (pl_service_title (PL_PROTO_TCP, 22), ==, "ssh");
  g_assert_null (pl_service_title (PL_PROTO_TCP, 67));
  g_assert_null (pl_service_title (PL_PROTO_ICMP, 53));
  /* whoever listens there is hardly ever what is registered */
  g_assert_null (pl_service_title (PL_PROTO_TCP, 5000));
  g_assert_null (pl_service_title (PL_PROTO_TCP, 9000));
  g_assert_null (pl_service_title (PL_PROTO_UDP, 9999));
  g_assert_null (pl_service_title (PL_PROTO_TCP, 7000));
  g_assert_cmpstr (pl_service_title (PL_PROTO_UDP, 7000), ==, "afs3-fileserver");
  /* nothing is named that is not registered */
  for (guint port = 1; port <= G_MAXUINT16; port++)
    g_assert_true (pl_service_title (PL_PROTO_TCP, port) == NULL || pl_service_name (PL_PROTO_TCP, port) != NULL);
}

static const struct
{
  uint16_t port;
  uint8_t transports;
  const char *name;
} rows[] = {
#define T 1
#define U 2
#define S 4
#include "port-services.inc"
};

/* Binary search needs the order; two rows must not claim one transport; RFC 6335 5.1 rules the names. */
static void
test_table (void)
{
  static const uint8_t protos[] = { PL_PROTO_TCP, PL_PROTO_UDP, PL_PROTO_SCTP };

  g_assert_cmpuint (G_N_ELEMENTS (rows), >=, 300);
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      gboolean has_letter = FALSE;

      if (i > 0)
        g_assert_cmpuint (rows[i - 1].port, <=, rows[i].port);
      if (i > 0 && rows[i - 1].port == rows[i].port)
        g_assert_cmpuint (rows[i - 1].transports & rows[i].transports, ==, 0);
      for (size_t j = 0; j < G_N_ELEMENTS (protos); j++)
        {
          if (rows[i].transports >> j & 1)
            g_assert_cmpstr (pl_service_name (protos[j], rows[i].port), ==, rows[i].name);
        }
      for (const char *c = rows[i].name; *c != '\0'; c++)
        {
          g_assert_true (g_ascii_isalnum (*c) || *c == '-');
          has_letter = has_letter || g_ascii_isalpha (*c);
        }
      g_assert_true (has_letter);
      g_assert_cmpuint (strlen (rows[i].name), <=, 15);
    }
}

static void
test_proto (void)
{
  g_assert_cmpstr (pl_proto_name (6), ==, "tcp");
  g_assert_cmpstr (pl_proto_name (17), ==, "udp");
  g_assert_cmpstr (pl_proto_name (132), ==, "sctp");
  g_assert_cmpstr (pl_proto_name (1), ==, "icmp");
  g_assert_cmpstr (pl_proto_name (58), ==, "icmpv6");
  g_assert_cmpstr (pl_proto_name (47), ==, "gre");
  g_assert_cmpstr (pl_proto_title (58), ==, "ICMPv6");
  g_assert_cmpstr (pl_proto_title (6), ==, "TCP");
  g_assert_cmpstr (pl_proto_name (136), ==, "udplite");
  for (int proto = 0; proto < 256; proto++)
    {
      const char *name = pl_proto_name ((uint8_t)proto);

      g_assert_cmpint (g_ascii_strcasecmp (pl_proto_title ((uint8_t)proto), name), ==, 0);

      if (g_str_has_prefix (name, "ip-"))
        {
          g_autofree char *expected = g_strdup_printf ("ip-%d", proto);

          g_assert_cmpstr (name, ==, expected);
        }
    }
  g_assert_cmpstr (pl_proto_name (0), ==, "ip-0");
  g_assert_cmpstr (pl_proto_name (99), ==, "ip-99");
  g_assert_cmpstr (pl_proto_name (253), ==, "ip-253");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/port/range", test_range);
  g_test_add_func ("/port/ids", test_ids);
  g_test_add_func ("/port/service", test_service);
  g_test_add_func ("/port/service-title", test_service_title);
  g_test_add_func ("/port/table", test_table);
  g_test_add_func ("/port/proto", test_proto);
  return g_test_run ();
}
