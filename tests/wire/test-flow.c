/* Roles and ranges of a flow's ports, and the names of states. */
#include "flow.h"

#include <glib.h>

static PlFlow
flow_of (uint8_t proto, uint16_t port_a, uint16_t port_b, uint8_t initiator_end, uint8_t local_end)
{
  return (PlFlow){ .key = { .proto = proto, .kind = PL_KIND_PORTS, .port = { port_a, port_b } },
                   .initiator_end = initiator_end,
                   .local_end = local_end };
}

static void
test_role (void)
{
  PlFlow outgoing = flow_of (PL_PROTO_TCP, 51514, 443, PL_END_A, PL_END_A);
  PlFlow incoming = flow_of (PL_PROTO_TCP, 51514, 22, PL_END_A, PL_END_B);
  PlFlow others = flow_of (PL_PROTO_TCP, 51514, 22, PL_END_A, PL_END_UNKNOWN);

  g_assert_cmpint (pl_flow_role (&outgoing, PL_END_A), ==, PL_ROLE_TEMPORARY);
  g_assert_cmpint (pl_flow_role (&outgoing, PL_END_B), ==, PL_ROLE_SERVICE);
  g_assert_cmpint (pl_flow_role (&incoming, PL_END_A), ==, PL_ROLE_TEMPORARY);
  g_assert_cmpint (pl_flow_role (&incoming, PL_END_B), ==, PL_ROLE_LISTENING);
  g_assert_cmpint (pl_flow_role (&others, PL_END_B), ==, PL_ROLE_SERVICE);
  outgoing.initiator_end = PL_END_UNKNOWN;
  g_assert_cmpint (pl_flow_role (&outgoing, PL_END_A), ==, PL_ROLE_NONE);
  incoming.key.kind = PL_KIND_ECHO;
  g_assert_cmpint (pl_flow_role (&incoming, PL_END_B), ==, PL_ROLE_NONE);
  g_assert_cmpint (pl_flow_role (&others, PL_END_UNKNOWN), ==, PL_ROLE_NONE);
}

/* Both ends of a symmetric protocol have their own port; nobody picked one for the occasion. */
static void
test_role_symmetric (void)
{
  PlFlow ntp = flow_of (PL_PROTO_UDP, 123, 123, PL_END_A, PL_END_A);
  PlFlow mdns = flow_of (PL_PROTO_UDP, 5353, 5353, PL_END_A, PL_END_B);
  PlFlow dhcp = flow_of (PL_PROTO_UDP, 68, 67, PL_END_A, PL_END_A);
  PlFlow nfs = flow_of (PL_PROTO_TCP, 800, 2049, PL_END_A, PL_END_A);

  g_assert_cmpint (pl_flow_role (&ntp, PL_END_A), ==, PL_ROLE_LISTENING);
  g_assert_cmpint (pl_flow_role (&ntp, PL_END_B), ==, PL_ROLE_SERVICE);
  g_assert_cmpint (pl_flow_role (&mdns, PL_END_A), ==, PL_ROLE_SERVICE);
  g_assert_cmpint (pl_flow_role (&mdns, PL_END_B), ==, PL_ROLE_LISTENING);
  g_assert_cmpint (pl_flow_role (&dhcp, PL_END_A), ==, PL_ROLE_LISTENING);
  g_assert_cmpint (pl_flow_role (&nfs, PL_END_A), ==, PL_ROLE_TEMPORARY); /* TCP picks low ports too */
}

static void
test_range (void)
{
  PlFlow flow = flow_of (PL_PROTO_TCP, 51514, 443, PL_END_A, PL_END_A);

  g_assert_cmpint (pl_flow_range (&flow, PL_END_A), ==, PL_RANGE_DYNAMIC);
  g_assert_cmpint (pl_flow_range (&flow, PL_END_B), ==, PL_RANGE_WELL_KNOWN);
  g_assert_cmpint (pl_flow_range (&flow, PL_END_UNKNOWN), ==, PL_RANGE_NONE);
  flow.key.kind = PL_KIND_BARE;
  g_assert_cmpint (pl_flow_range (&flow, PL_END_A), ==, PL_RANGE_NONE);
}

static void
test_state (void)
{
  for (unsigned i = 0; i < PL_N_STATES; i++)
    g_assert_nonnull (pl_state_id ((PlFlowState)i));
  g_assert_cmpstr (pl_state_id (PL_STATE_SYN_SENT), ==, "syn-sent");
  g_assert_cmpstr (pl_state_id (PL_STATE_ESTABLISHED), ==, "established");
  g_assert_cmpstr (pl_state_id (PL_STATE_LISTEN), ==, "listen");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flow/role", test_role);
  g_test_add_func ("/flow/role-symmetric", test_role_symmetric);
  g_test_add_func ("/flow/range", test_range);
  g_test_add_func ("/flow/state", test_state);
  return g_test_run ();
}
