/* Which ports are in use, where they stand and what is said of them: pure, without a display. */
#include <math.h>
#include <string.h>

#include "port-census.h"
#include "ruler-scale.h"
#include "ruler-words.h"
#include "synthetic.h"

typedef struct
{
  const char *local, *remote; /* remote NULL: a listener */
  guint16 local_port, remote_port;
  guint8 state;
  const char *app, *peer; /* nullable */
} Spec;

static void
add_socket (GArray *sockets, const Spec *spec)
{
  PlSocket socket = { .proto = PL_PROTO_TCP,
                      .local_port = spec->local_port,
                      .remote_port = spec->remote_port,
                      .state = spec->remote != NULL ? spec->state : PL_STATE_LISTEN,
                      .confidence = PL_CONFIDENCE_EXACT,
                      .uid = 1000,
                      .inode = 100 + sockets->len,
                      .cookie = 100 + sockets->len };

  g_assert_true (pl_addr_parse (spec->local, &socket.local));
  if (spec->remote != NULL)
    g_assert_true (pl_addr_parse (spec->remote, &socket.remote));
  else
    g_assert_true (pl_addr_parse ("0.0.0.0", &socket.remote));
  socket.process = synthetic_process (spec->app, spec->app, (int)sockets->len + 1);
  g_array_append_val (sockets, socket);
}

/* A server with a visitor and one within this computer, a client, and one that has hung up. */
static PlModel *
make_model (void)
{
  static const Spec specs[] = {
    { "0.0.0.0", NULL, 8080, 0, 0, "python3", NULL },
    { "192.168.1.20", "192.168.1.31", 8080, 62110, PL_STATE_ESTABLISHED, "python3", NULL },
    { "192.168.1.20", "93.184.216.34", 51514, 443, PL_STATE_ESTABLISHED, "Firefox", NULL },
    { "127.0.0.1", "127.0.0.1", 40000, 8080, PL_STATE_ESTABLISHED, "curl", NULL },
    { "127.0.0.1", "127.0.0.1", 8080, 40000, PL_STATE_ESTABLISHED, "python3", NULL },
    { "127.0.0.1", NULL, 22, 0, 0, "sshd", NULL },
  };
  PlModel *model = pl_model_new ();
  g_autoptr (GArray) sockets = g_array_new (FALSE, FALSE, sizeof (PlSocket));

  for (guint i = 0; i < G_N_ELEMENTS (specs); i++)
    add_socket (sockets, &specs[i]);
  pl_model_apply_sockets (model, (const PlSocket *)sockets->data, sockets->len);
  pl_model_commit (model, 1000000);
  for (guint i = 0; i < sockets->len; i++)
    pl_process_unref (g_array_index (sockets, PlSocket, i).process);
  return model;
}

static void
test_uses (void)
{
  g_autoptr (PlModel) model = make_model ();
  g_autoptr (PlPortCensus) census = pl_port_census_new ();

  g_assert_true (pl_port_census_update (census, model, TRUE));
  g_assert_false (pl_port_census_update (census, model, TRUE));
  g_assert_cmpuint (pl_port_census_get (census, 22), ==, PL_PORT_USED | PL_PORT_LISTENS);
  g_assert_true (pl_port_census_get (census, 8080) & PL_PORT_LISTENS);
  g_assert_cmpuint (pl_port_census_get (census, 51514) & PL_PORT_LISTENS, ==, 0);
  g_assert_cmpuint (pl_port_census_get (census, 40000) & PL_PORT_LISTENS, ==, 0);
  g_assert_true (pl_port_census_get (census, 40000) & PL_PORT_USED);
  g_assert_cmpuint (pl_port_census_get (census, 443), ==, 0); /* somebody else's */
  g_assert_cmpuint (pl_port_census_get (census, 62110), ==, 0); /* likewise */
  g_assert_cmpuint (pl_port_census_count (census, PL_RANGE_WELL_KNOWN), ==, 1);
  g_assert_cmpuint (pl_port_census_count (census, PL_RANGE_REGISTERED), ==, 2);
  g_assert_cmpuint (pl_port_census_count (census, PL_RANGE_DYNAMIC), ==, 1);
  g_assert_true (pl_port_census_update (census, NULL, TRUE));
  g_assert_cmpint (pl_port_census_next (census, -1, 1), ==, -1);
}

static void
test_walk (void)
{
  static const int expected[] = { 22, 8080, 40000, 51514, -1 };
  g_autoptr (PlModel) model = make_model ();
  g_autoptr (PlPortCensus) census = pl_port_census_new ();
  int port = -1;

  pl_port_census_update (census, model, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpint (port = pl_port_census_next (census, port, 1), ==, expected[i]);
  g_assert_cmpint (pl_port_census_next (census, 65536, -1), ==, 51514);
  g_assert_cmpint (pl_port_census_next (census, 22, -1), ==, -1);
  g_assert_cmpuint (pl_port_census_count_between (census, 23, 51513), ==, 2);
}

static gboolean
uses_port (const PlModelFlow *flow, guint16 port)
{
  return flow->flow.key.port[0] == port || flow->flow.key.port[1] == port;
}

/* The flows of a port are those that a person means: each once. */
static void
test_flows (void)
{
  g_autoptr (PlModel) model = make_model ();
  g_autoptr (GArray) server = pl_port_census_flows (model, TRUE, 8080, 8080);
  g_autoptr (GArray) all = pl_port_census_flows (model, TRUE, 0, 65535);
  g_autoptr (GArray) none = pl_port_census_flows (model, TRUE, 443, 443);

  g_assert_cmpuint (server->len, ==, 3); /* listener, visitor, and within the computer */
  for (guint i = 0; i < server->len; i++)
    g_assert_true (uses_port (pl_model_get_flow (model, g_array_index (server, guint64, i)), 8080));
  g_assert_cmpuint (all->len, ==, pl_model_get_n_flows (model));
  g_assert_cmpuint (none->len, ==, 0);
}

/* A connection that was opened from @port of this computer. */
static PlFlowUpdate
opened_from (guint16 port, guint64 id)
{
  PlFlowUpdate update = { 0 };
  PlAddr here, there;

  g_assert_true (pl_addr_parse ("192.168.1.20", &here) && pl_addr_parse ("192.168.1.9", &there));
  update.flow.local_end =
      (guint8)pl_flow_key_from_ends (PL_PROTO_TCP, PL_KIND_PORTS, &here, port, &there, 22, 0, &update.flow.key);
  update.flow.initiator_end = update.flow.local_end;
  update.flow.id = id;
  update.flow.state = PL_STATE_ESTABLISHED;
  return update;
}

/* A closed connection, and one that was refused, has given its port back; in a file it counts all the same. */
static void
test_closed (void)
{
  g_autoptr (PlModel) model = pl_model_new ();
  g_autoptr (PlPortCensus) census = pl_port_census_new ();
  PlFlowUpdate update = opened_from (50000, 1), refused = opened_from (50001, 2);

  pl_model_apply_flows (model, &update, 1);
  pl_model_commit (model, 1000000);
  pl_port_census_update (census, model, TRUE);
  g_assert_cmpuint (pl_port_census_get (census, 50000), ==, PL_PORT_USED | PL_PORT_TEMPORARY);
  update.flow.state = PL_STATE_CLOSED;
  pl_model_apply_flows (model, &update, 1);
  pl_model_commit (model, 2000000);
  g_assert_true (pl_port_census_update (census, model, TRUE));
  g_assert_cmpuint (pl_port_census_get (census, 50000), ==, 0);
  g_assert_true (pl_port_census_update (census, model, FALSE));
  g_assert_cmpuint (pl_port_census_get (census, 50000), !=, 0);

  refused.flow.state = PL_STATE_SYN_SENT;
  pl_model_apply_flows (model, &refused, 1);
  pl_port_census_update (census, model, TRUE);
  g_assert_cmpuint (pl_port_census_get (census, 50001), !=, 0);
  refused.flow.flags = PL_FLOW_REFUSED;
  pl_model_apply_flows (model, &refused, 1);
  pl_port_census_update (census, model, TRUE);
  g_assert_cmpuint (pl_port_census_get (census, 50001), ==, 0);
}

/* Every port stands in its zone, in order, and the column that it stands in names it; mirrored, too. */
static void
test_scale (void)
{
  static const double widths[] = { 180, 336, 911, 1200, 3816 };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (widths); i++)
    {
      PlRulerScale scale = { widths[i / 2], 3, i % 2 };
      double before = scale.is_mirrored ? INFINITY : -INFINITY;

      for (guint port = 0; port < 65536; port++)
        {
          double x = pl_ruler_scale_x (&scale, port), zone, width;
          guint low, high;

          pl_ruler_scale_zone (&scale, pl_port_range ((guint16)port), &zone, &width);
          g_assert_true (scale.is_mirrored ? x < before : x > before);
          g_assert_true (x > zone && x < zone + width);
          before = x;
          if (fabs (x - round (x)) < 1e-6)
            continue; /* on the border of two columns */
          g_assert_true (pl_ruler_scale_ports_at (&scale, (int)floor (x), &low, &high));
          g_assert_true (port >= low && port <= high);
        }
    }
}

static void
test_words (void)
{
  g_autoptr (PlModel) model = make_model ();
  g_autoptr (PlPortCensus) census = pl_port_census_new ();
  g_autofree char *spoken = NULL, *client = NULL, *caption = NULL, *several = NULL, *tooltip = NULL, *one = NULL;

  pl_port_census_update (census, model, TRUE);
  spoken = pl_ruler_spoken (model, TRUE, census, 8080);
  g_assert_cmpstr (spoken, ==, "Port 8080, registered, listening, http-alt, python3");
  client = pl_ruler_spoken (model, TRUE, census, 51514);
  g_assert_cmpstr (client, ==, "Port 51514, dynamic, temporary, Firefox");
  caption = pl_ruler_caption (model, TRUE, census, 22, 22);
  g_assert_cmpstr (caption, ==, "22 · ssh · sshd");
  several = pl_ruler_caption (model, TRUE, census, 22, 51514);
  g_assert_cmpstr (several, ==, "22–51514 · 4 ports");
  tooltip = pl_ruler_tooltip (model, TRUE, census, 22, 8080);
  g_assert_cmpstr (tooltip, ==, "22 · ssh · sshd · listening\n8080 · http-alt · python3 · listening");
  one = pl_ruler_tooltip (model, TRUE, census, 8080, 8080);
  g_assert_cmpstr (one, ==,
                   "Port 8080 (http-alt)\nregistered · listening · 2 flows\npython3\n"
                   "usually: web pages, often of a program in development or of a device");
  g_free (one);
  one = pl_ruler_tooltip (model, TRUE, census, 51514, 51514);
  g_assert_cmpstr (one, ==, "Port 51514\ndynamic · temporary · 1 flow\nFirefox");
}

/* The number of a service that was picked by chance stands for none. */
static void
test_words_by_chance (void)
{
  g_autoptr (PlModel) model = pl_model_new ();
  g_autoptr (PlPortCensus) census = pl_port_census_new ();
  PlFlowUpdate update = opened_from (5432, 1);
  g_autofree char *spoken = NULL;

  pl_model_apply_flows (model, &update, 1);
  pl_port_census_update (census, model, TRUE);
  spoken = pl_ruler_spoken (model, TRUE, census, 5432);
  g_assert_cmpstr (spoken, ==, "Port 5432, registered, temporary");
}

/* Many flows: the walk over them stays a walk. Told, not judged: other tests run beside this one. */
static void
test_many (void)
{
  g_autoptr (PlModel) model = pl_model_new ();
  g_autoptr (Synthetic) world = synthetic_new (7);
  g_autoptr (PlPortCensus) census = pl_port_census_new ();
  gint64 start;
  guint n = 0;

  synthetic_fill (world, model, 5000);
  pl_model_commit (model, 1000000);
  start = g_get_monotonic_time ();
  g_assert_true (pl_port_census_update (census, model, TRUE));
  g_test_message ("5,000 flows counted in %" G_GINT64_FORMAT " µs", g_get_monotonic_time () - start);
  for (PlRange range = PL_RANGE_WELL_KNOWN; range < PL_RANGE_NONE; range++)
    n += pl_port_census_count (census, range);
  g_assert_cmpuint (n, ==, pl_port_census_count_between (census, 0, 65535));
  g_assert_cmpuint (n, >, 1000);
}

/* Who calls a port of this computer that nobody holds does not open it. */
static void
test_unanswered (void)
{
  const Spec spec = { "127.0.0.1", "127.0.0.1", 40001, 9999, PL_STATE_SYN_SENT, "curl", NULL };
  g_autoptr (PlModel) model = pl_model_new ();
  g_autoptr (GArray) sockets = g_array_new (FALSE, FALSE, sizeof (PlSocket));
  g_autoptr (PlPortCensus) census = pl_port_census_new ();

  add_socket (sockets, &spec);
  pl_model_apply_sockets (model, (const PlSocket *)sockets->data, sockets->len);
  pl_model_commit (model, 1000000);
  pl_port_census_update (census, model, TRUE);
  g_assert_true (pl_port_census_get (census, 40001) & PL_PORT_USED);
  g_assert_cmpuint (pl_port_census_get (census, 9999), ==, 0);
  pl_process_unref (g_array_index (sockets, PlSocket, 0).process);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ruler/census/unanswered", test_unanswered);
  g_test_add_func ("/ruler/census/uses", test_uses);
  g_test_add_func ("/ruler/census/walk", test_walk);
  g_test_add_func ("/ruler/census/flows", test_flows);
  g_test_add_func ("/ruler/census/closed", test_closed);
  g_test_add_func ("/ruler/census/many", test_many);
  g_test_add_func ("/ruler/scale", test_scale);
  g_test_add_func ("/ruler/words", test_words);
  g_test_add_func ("/ruler/words-by-chance", test_words_by_chance);
  return g_test_run ();
}
