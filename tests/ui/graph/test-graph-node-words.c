/* What a screen reader says of a node, for each kind of it. Without a display. */
#include "graph-node-words.h"

#define HTTPS .proto = PL_PROTO_TCP, .port = 443, .range = PL_RANGE_WELL_KNOWN
#define CARD .range = PL_RANGE_NONE

static const struct
{
  PlSceneNode node;
  const char *connections, *words, *description;
} cases[] = {
  { { CARD, .lane = PL_LANE_APP, .title = "Firefox", .subtitle = "19 flows · 4 MB/s", .n_live = 19, .rate = 4e6 },
    "connects to 1.1.1.1",
    "Firefox, app, 19 flows, connects to 1.1.1.1",
    "19 flows · 4 MB/s" },
  { { CARD, .lane = PL_LANE_APP, .flags = PL_SCENE_UNSURE, .title = "curl", .subtitle = "1 flow", .n_live = 1 },
    NULL,
    "curl, app, likely, 1 flow",
    "1 flow" },
  { { CARD, .lane = PL_LANE_APP, .flags = PL_SCENE_PARTLY_UNSURE | PL_SCENE_FAILED, .title = "curl",
      .subtitle = "failed: refused", .n_live = 2, .n_listeners = 1, .failures = 1u << PL_FAILURE_REFUSED },
    NULL,
    "curl, app, likely for some flows, 2 flows, listens on 1 port, failed",
    "failed: refused" },
  { { CARD, .lane = PL_LANE_APP, .title = "sshd", .subtitle = "listening", .n_listeners = 2 },
    NULL,
    "sshd, app, listens on 2 ports",
    "listening" },
  { { HTTPS, .lane = PL_LANE_REMOTE_PORT, .role = PL_ROLE_SERVICE, .title = ":443", .subtitle = "https", .n_live = 3,
      .rate = 1500 },
    NULL,
    ":443, remote port, well-known range, TCP, 3 flows",
    "https · 1.5\u00a0kB/s" },
  { { .lane = PL_LANE_REMOTE_PORT,
      .proto = PL_PROTO_UDP,
      .port = 60000,
      .range = PL_RANGE_DYNAMIC,
      .role = PL_ROLE_TEMPORARY,
      .title = ":60000",
      .subtitle = "",
      .n_live = 1 },
    NULL,
    ":60000, remote temporary port, dynamic range, UDP, 1 flow",
    "" },
  { { .lane = PL_LANE_LOCAL_PORT,
      .proto = PL_PROTO_TCP,
      .port = 40000,
      .range = PL_RANGE_REGISTERED,
      .role = PL_ROLE_TEMPORARY,
      .flags = PL_SCENE_FAILED,
      .failures = 1u << PL_FAILURE_NO_ANSWER,
      .title = ":40000",
      .subtitle = "temporary",
      .n_live = 1 },
    NULL,
    ":40000, local temporary port, registered range, TCP, 1 flow, no answer",
    "temporary" },
  { { .lane = PL_LANE_LOCAL_PORT,
      .proto = PL_PROTO_TCP,
      .port = 22,
      .range = PL_RANGE_WELL_KNOWN,
      .role = PL_ROLE_LISTENING,
      .flags = PL_SCENE_LISTENER,
      .scope = PL_SCOPE_LOOPBACK,
      .title = ":22",
      .subtitle = "only here",
      .n_listeners = 1 },
    NULL,
    ":22, local port, listening, well-known range, TCP, only programs on this computer can reach it",
    "ssh" },
  { { .lane = PL_LANE_LOCAL_PORT,
      .proto = PL_PROTO_ICMP,
      .range = PL_RANGE_NONE,
      .title = "ICMP",
      .subtitle = "ping",
      .n_live = 1 },
    NULL,
    "ICMP, protocol without ports, 1 flow",
    "ping" },
  { { CARD, .lane = PL_LANE_ENDPOINT, .title = "example.com", .subtitle = "93.184.216.34", .n_live = 2, .rate = 0.4 },
    "called by Firefox",
    "example.com, endpoint, 2 flows, called by Firefox",
    "93.184.216.34" },
  { { CARD, .lane = PL_LANE_ENDPOINT, .flags = PL_SCENE_LIKELY_NAME, .title = "example.com",
      .subtitle = "93.184.216.34", .n_live = 2 },
    NULL,
    "example.com, endpoint, likely by this name, 2 flows",
    "93.184.216.34" },
  { { CARD, .lane = PL_LANE_ENDPOINT, .flags = PL_SCENE_PEER_APP, .title = "postgres", .subtitle = "127.0.0.1",
      .n_live = 2 },
    NULL,
    "postgres, app on this computer, 2 flows",
    "127.0.0.1" },
};

static void
test_words (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *words = graph_node_words (&cases[i].node, cases[i].connections);
      g_autofree char *description = graph_node_description (&cases[i].node);

      g_assert_cmpstr (words, ==, cases[i].words);
      g_assert_cmpstr (description, ==, cases[i].description);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/graph/node-words", test_words);
  return g_test_run ();
}
