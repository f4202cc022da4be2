/* Sockets and packets in one model: the same key is the same flow, and nothing is counted twice. */
#include "facts.h"
#include "bounds.h"
#include "model-processes.h"

typedef struct
{
  PlModel *model;
  gint64 now_us;
  guint n_updated;
} Fixture;

static void
count_signal (guint *n)
{
  (*n)++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->model = pl_model_new ();
  fixture->now_us = 1000 * SECOND;
  pl_model_set_live (fixture->model, TRUE);
  g_signal_connect_swapped (fixture->model, "updated", G_CALLBACK (count_signal), &fixture->n_updated);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_finalize_object (fixture->model);
}

static void
commit_after (Fixture *fixture, gint64 us)
{
  fixture->now_us += us;
  pl_model_commit (fixture->model, fixture->now_us);
}

static gboolean
remember (const PlModelFlow *flow, gpointer data)
{
  g_ptr_array_add (data, (gpointer)flow);
  return TRUE;
}

/* The @i-th flow, of @n. */
static const PlModelFlow *
get_nth (Fixture *fixture, guint i, guint n)
{
  g_autoptr (GPtrArray) flows = g_ptr_array_new ();

  pl_model_foreach (fixture->model, remember, flows);
  g_assert_cmpuint (flows->len, ==, n);
  return flows->pdata[i];
}

static const PlModelFlow *
get_only (Fixture *fixture)
{
  return get_nth (fixture, 0, 1);
}

/* A port that another process has taken: the row of the socket is that one's, or nobody's until it is found. */
static void
test_port_used_again (Fixture *fixture, gconstpointer data)
{
  PlSocket sockets[2] = { socket_of (PL_PROTO_UDP, "192.0.2.1", 6111, "0.0.0.0", 0),
                          socket_of (PL_PROTO_UDP, "192.0.2.1", 6111, "0.0.0.0", 0) };
  PlProcess *first = process_of (10, "first"), *second = process_of (11, "second");

  for (guint i = 0; i < 2; i++)
    sockets[i].cookie = 5 + i;
  sockets[0].process = first;
  sockets[0].confidence = PL_CONFIDENCE_EXACT;
  pl_model_apply_sockets (fixture->model, sockets, 1);
  g_assert_true (get_only (fixture)->app == first);
  /* Both have it (SO_REUSEPORT), in either order: nobody has gone. */
  sockets[1].confidence = PL_CONFIDENCE_UNKNOWN;
  pl_model_apply_sockets (fixture->model, (PlSocket[]){ sockets[1], sockets[0] }, 2);
  g_assert_true (get_only (fixture)->app == first);
  pl_model_apply_sockets (fixture->model, &sockets[0], 1);
  g_assert_true (get_only (fixture)->app == first);

  pl_model_apply_sockets (fixture->model, &sockets[1], 1);
  g_assert_null (get_only (fixture)->app);
  g_assert_cmpuint (get_only (fixture)->app_confidence, ==, PL_CONFIDENCE_UNKNOWN);
  sockets[1].process = second;
  sockets[1].confidence = PL_CONFIDENCE_LIKELY;
  pl_model_apply_sockets (fixture->model, &sockets[1], 1);
  g_assert_true (get_only (fixture)->app == second);
  pl_process_unref (first);
  pl_process_unref (second);
}

/* What was sent before another had the port stays whose it was: the packets of the next one make a flow of their own. */
static void
test_port_used_again_with_packets (Fixture *fixture, gconstpointer data)
{
  PlFlowUpdate update = flow_of (3, PL_PROTO_UDP, "192.0.2.1", 6111, "198.51.100.9", 443);
  PlProcess *processes[2] = { process_of (10, "first"), process_of (11, "second") };

  pl_model_apply_flows (fixture->model, &update, 1);
  for (guint i = 0; i < 2; i++)
    {
      PlSocket socket = socket_of (PL_PROTO_UDP, "192.0.2.1", 6111, "198.51.100.9", 443);

      socket.cookie = 5 + i;
      socket.process = processes[i];
      socket.confidence = PL_CONFIDENCE_EXACT;
      pl_model_apply_sockets (fixture->model, &socket, 1);
      g_assert_true (get_only (fixture)->app == processes[0]);
    }
  for (guint i = 0; i < 2; i++)
    pl_process_unref (processes[i]);
}

/* Who called is who sent, whoever has the socket by now, and whichever is told first. */
static void
test_passed_on (Fixture *fixture, gconstpointer data)
{
  static const PlConfidence confidences[] = { PL_CONFIDENCE_LIKELY, PL_CONFIDENCE_EXACT };
  PlProcess *sender = process_of (10, "sender"), *holder = process_of (11, "holder");

  for (guint i = 0; i < 4; i++)
    {
      gboolean is_dump_first = i % 2 == 1;
      PlFlowUpdate update = flow_of (i + 1, PL_PROTO_TCP, "192.0.2.1", 40000 + i, "198.51.100.9", 443);
      PlSocket socket = socket_of (PL_PROTO_TCP, "192.0.2.1", 40000 + i, "198.51.100.9", 443);

      socket.process = holder;
      socket.confidence = PL_CONFIDENCE_EXACT;
      pl_model_apply_flows (fixture->model, &update, 1);
      if (is_dump_first)
        pl_model_apply_sockets (fixture->model, &socket, 1);
      pl_model_apply_owner (fixture->model, i + 1, update.flow.initiator_end, confidences[i / 2], 1000, sender);
      if (!is_dump_first)
        pl_model_apply_sockets (fixture->model, &socket, 1);
      g_assert_true (get_nth (fixture, i, i + 1)->app == sender);
      g_assert_cmpuint (get_nth (fixture, i, i + 1)->app_confidence, ==, confidences[i / 2]);
    }
  pl_process_unref (sender);
  pl_process_unref (holder);
}

/* Which of its processes called nobody knows. */
static void
assert_likely (const PlModelFlow *flow, const PlProcess *holder)
{
  g_assert_cmpuint (flow->app_confidence, ==, PL_CONFIDENCE_LIKELY);
  g_assert_cmpstr (flow->app->app_key, ==, holder->app_key);
  g_assert_cmpint (flow->app->pid, ==, 0);
}

/* Nobody was found who called: the app of who has the socket by now is likely, whichever is told first. */
static void
test_missed (Fixture *fixture, gconstpointer data)
{
  PlProcess *holder = process_of (11, "holder");

  for (guint i = 0; i < 2; i++)
    {
      PlFlowUpdate update = flow_of (i + 1, PL_PROTO_TCP, "192.0.2.1", 40000 + i, "198.51.100.9", 443);
      PlSocket socket = socket_of (PL_PROTO_TCP, "192.0.2.1", 40000 + i, "198.51.100.9", 443);

      socket.process = holder;
      socket.confidence = PL_CONFIDENCE_EXACT;
      pl_model_apply_flows (fixture->model, &update, 1);
      if (i == 1)
        {
          pl_model_apply_sockets (fixture->model, &socket, 1);
          g_assert_cmpuint (get_nth (fixture, i, i + 1)->app_confidence, ==, PL_CONFIDENCE_EXACT);
        }
      pl_model_apply_owner (fixture->model, i + 1, update.flow.initiator_end, PL_CONFIDENCE_UNKNOWN, 1000, NULL);
      if (i == 0)
        pl_model_apply_sockets (fixture->model, &socket, 1);
      assert_likely (get_nth (fixture, i, i + 1), holder);
      pl_model_apply_owner (fixture->model, i + 1, update.flow.initiator_end, PL_CONFIDENCE_EXACT, 1000, holder);
      g_assert_cmpuint (get_nth (fixture, i, i + 1)->app_confidence, ==, PL_CONFIDENCE_EXACT);
    }
  pl_process_unref (holder);
}

/* A flow that was silent for long and sends again is asked for anew: what was told of its packets before is no word on these. */
static void
test_missed_after_silence (Fixture *fixture, gconstpointer data)
{
  PlProcess *holder = process_of (11, "holder"), *sender = process_of (12, "sender");

  for (guint i = 0; i < 2; i++)
    {
      gboolean was_told = i == 0;
      PlFlowUpdate update = flow_of (2 * i + 1, PL_PROTO_UDP, "192.0.2.1", 40000 + i, "198.51.100.9", 443);
      PlSocket socket = socket_of (PL_PROTO_UDP, "192.0.2.1", 40000 + i, "198.51.100.9", 443);
      guint end = update.flow.initiator_end;

      socket.process = holder;
      socket.confidence = PL_CONFIDENCE_EXACT;
      pl_model_apply_flows (fixture->model, &update, 1);
      pl_model_apply_owner (fixture->model, update.flow.id, end, was_told ? PL_CONFIDENCE_EXACT : PL_CONFIDENCE_UNKNOWN,
                            1000, was_told ? sender : NULL);
      pl_model_apply_sockets (fixture->model, &socket, 1);
      pl_model_apply_gone (fixture->model, &update.flow.id, 1);
      pl_model_apply_sockets (fixture->model, &socket, 1);
      g_assert_true (get_nth (fixture, i, i + 1)->app == holder);

      update.flow.id++;
      pl_model_apply_flows (fixture->model, &update, 1);
      pl_model_apply_owner (fixture->model, update.flow.id, end, PL_CONFIDENCE_UNKNOWN, 1000, NULL);
      assert_likely (get_nth (fixture, i, i + 1), holder);
    }
  pl_process_unref (holder);
  pl_process_unref (sender);
}

/* So it is where nothing but the cgroup of the socket was found, of whom is in that one. It was passed to others. */
static void
test_missed_but_for_the_cgroup (Fixture *fixture, gconstpointer data)
{
  PlProcess *cgroup = process_of (0, "sender"), *holders[2] = { process_of (11, "child"), process_of (12, "receiver") };

  cgroup->unit = strdup ("org.example.Sender");
  holders[0]->unit = strdup ("org.example.Sender");
  holders[1]->unit = strdup ("org.example.Receiver");
  for (guint i = 0; i < 4; i++)
    {
      PlFlowUpdate update = flow_of (i + 1, PL_PROTO_TCP, "192.0.2.1", 40000 + i, "198.51.100.9", 443);
      PlSocket socket = socket_of (PL_PROTO_TCP, "192.0.2.1", 40000 + i, "198.51.100.9", 443);
      gboolean is_passed = i % 2 == 1, is_dump_first = i >= 2;

      socket.process = holders[is_passed];
      socket.confidence = PL_CONFIDENCE_EXACT;
      pl_model_apply_flows (fixture->model, &update, 1);
      if (is_dump_first)
        pl_model_apply_sockets (fixture->model, &socket, 1);
      pl_model_apply_owner (fixture->model, i + 1, update.flow.initiator_end, PL_CONFIDENCE_CGROUP, 1000, cgroup);
      pl_model_apply_sockets (fixture->model, &socket, 1);
      if (is_passed)
        {
          g_assert_true (get_nth (fixture, i, i + 1)->app == cgroup);
          g_assert_cmpuint (get_nth (fixture, i, i + 1)->app_confidence, ==, PL_CONFIDENCE_CGROUP);
        }
      else
        {
          assert_likely (get_nth (fixture, i, i + 1), holders[0]);
        }
      /* Later, too. */
      socket.process = holders[1];
      pl_model_apply_sockets (fixture->model, &socket, 1);
      g_assert_cmpstr (get_nth (fixture, i, i + 1)->app->unit, ==, "org.example.Sender");
    }
  pl_process_unref (cgroup);
  pl_process_unref (holders[0]);
  pl_process_unref (holders[1]);
}

/* As a capture begins, a sandbox knows no more of what is there: the list tells, as soon as there is a helper. */
static void
test_there_before_the_capture (Fixture *fixture, gconstpointer data)
{
  static const PlConfidence confidences[] = { PL_CONFIDENCE_UNKNOWN, PL_CONFIDENCE_CGROUP };
  PlProcess *cgroup = process_of (0, "app"), *holder = process_of (11, "app");

  cgroup->unit = strdup ("org.example.App");
  holder->unit = strdup ("org.example.App");
  for (guint i = 0; i < 2 * G_N_ELEMENTS (confidences); i++)
    {
      PlFlowUpdate update = flow_of (i + 1, PL_PROTO_TCP, "192.0.2.1", 40000 + i, "198.51.100.9", 443);
      PlSocket socket = socket_of (PL_PROTO_TCP, "192.0.2.1", 40000 + i, "198.51.100.9", 443);
      PlConfidence confidence = confidences[i / 2];
      PlProcess *named = confidence == PL_CONFIDENCE_CGROUP ? cgroup : NULL;
      gboolean is_answer_early = i % 2 == 1;

      update.flow.flags |= PL_FLOW_MIDSTREAM;
      pl_model_apply_sockets (fixture->model, &socket, 1);
      if (is_answer_early)
        pl_model_apply_owner (fixture->model, i + 1, update.flow.initiator_end, confidence, 1000, named);
      pl_model_apply_flows (fixture->model, &update, 1);
      if (!is_answer_early)
        pl_model_apply_owner (fixture->model, i + 1, update.flow.initiator_end, confidence, 1000, named);
      socket.process = holder;
      socket.confidence = PL_CONFIDENCE_EXACT;
      pl_model_apply_sockets (fixture->model, &socket, 1);
      g_assert_true (get_nth (fixture, i, i + 1)->app == holder);
      g_assert_cmpuint (get_nth (fixture, i, i + 1)->app_confidence, ==, PL_CONFIDENCE_EXACT);
    }
  pl_process_unref (cgroup);
  pl_process_unref (holder);
}

/* A socket is on view, its packets are seen, they end, it closes: one flow with one id all along. */
static void
test_life (Fixture *fixture, gconstpointer data)
{
  PlSocket socket = socket_of (PL_PROTO_TCP, "192.0.2.1", 51514, "198.51.100.9", 443);
  PlFlowUpdate update = flow_of (3, PL_PROTO_TCP, "192.0.2.1", 51514, "198.51.100.9", 443);
  PlProcess *process = process_of (10, "browser");
  guint64 id;

  socket.process = process;
  socket.confidence = PL_CONFIDENCE_EXACT;
  socket.uid = 1000;
  socket.rtt_us = 12000;
  socket.payload_sent = 500;
  pl_model_apply_sockets (fixture->model, &socket, 1);
  commit_after (fixture, SECOND);
  id = get_only (fixture)->id;
  g_assert_cmpuint (get_only (fixture)->sources, ==, PL_SEEN_SOCKET);
  g_assert_cmpuint (get_only (fixture)->capture_id, ==, 0);
  g_assert_cmpuint (get_only (fixture)->flow.iface, ==, PL_IFACE_NONE);
  g_assert_cmpuint (get_only (fixture)->flow.state, ==, PL_STATE_ESTABLISHED);
  g_assert_cmpuint (get_only (fixture)->rtt_us, ==, 12000);
  g_assert_cmpuint (get_only (fixture)->min_rtt_us, ==, PL_UNKNOWN_U32);
  g_assert_cmpuint (get_only (fixture)->payload_sent, ==, 500);
  g_assert_cmpuint (get_only (fixture)->payload_received, ==, PL_UNKNOWN_U64);
  g_assert_cmpuint (get_only (fixture)->uid, ==, 1000);
  g_assert_true (get_only (fixture)->app == process);
  g_assert_cmpuint (get_only (fixture)->local_end, ==, update.flow.local_end);
  g_assert_cmpuint (get_only (fixture)->flow.initiator_end, ==, update.flow.local_end);

  update.flow.flags = PL_FLOW_MIDSTREAM;
  update.flow.initiator_end = PL_END_UNKNOWN;
  send_bytes (&update, update.flow.local_end, 1500, T0);
  pl_model_apply_flows (fixture->model, &update, 1);
  pl_model_apply_sockets (fixture->model, &socket, 1);
  commit_after (fixture, SECOND);
  g_assert_cmpuint (get_only (fixture)->id, ==, id);
  g_assert_cmpuint (get_only (fixture)->sources, ==, PL_SEEN_SOCKET | PL_SEEN_PACKETS);
  g_assert_cmpuint (get_only (fixture)->capture_id, ==, 3);
  g_assert_cmpuint (get_only (fixture)->flow.sent[update.flow.local_end].bytes, ==, 1500);
  g_assert_cmpuint (get_only (fixture)->payload_sent, ==, 500);
  g_assert_cmpuint (get_only (fixture)->flow.initiator_end, ==, update.flow.local_end); /* the socket knows */
  g_assert_true (get_only (fixture)->app == process);
  g_assert_cmpuint (pl_model_get_totals (fixture->model)->n_flows, ==, 1);

  pl_model_apply_gone (fixture->model, (guint64[]){ 3 }, 1);
  commit_after (fixture, SECOND);
  g_assert_cmpuint (get_only (fixture)->id, ==, id);
  g_assert_cmpuint (get_only (fixture)->sources, ==, PL_SEEN_SOCKET);
  g_assert_cmpuint (get_only (fixture)->flow.sent[update.flow.local_end].bytes, ==, 0);
  g_assert_false (get_only (fixture)->is_gone);

  pl_model_apply_sockets (fixture->model, NULL, 0);
  commit_after (fixture, SECOND);
  g_assert_true (get_only (fixture)->is_gone);
  commit_after (fixture, PL_GONE_LINGER_US);
  g_assert_cmpuint (pl_model_get_n_flows (fixture->model), ==, 0);
  g_assert_cmpint (process->n_refs, ==, 1);
  pl_process_unref (process);
}

static void
test_back_again (Fixture *fixture, gconstpointer data)
{
  PlSocket socket = socket_of (PL_PROTO_UDP, "192.0.2.1", 5000, "198.51.100.9", 53);
  PlProcess *process = process_of (10, "resolver");
  guint64 id;

  socket.process = process;
  socket.confidence = PL_CONFIDENCE_EXACT;
  pl_model_apply_sockets (fixture->model, &socket, 1);
  commit_after (fixture, SECOND);
  id = get_only (fixture)->id;
  pl_model_apply_sockets (fixture->model, NULL, 0);
  commit_after (fixture, SECOND);
  g_assert_cmpuint (pl_model_get_totals (fixture->model)->n_apps, ==, 0);
  pl_model_apply_sockets (fixture->model, &socket, 1);
  commit_after (fixture, SECOND);
  g_assert_cmpuint (get_only (fixture)->id, ==, id);
  g_assert_false (get_only (fixture)->is_gone);
  g_assert_cmpuint (pl_model_get_totals (fixture->model)->n_apps, ==, 1);
  g_assert_cmpuint (pl_model_get_totals (fixture->model)->n_flows, ==, 1);
  commit_after (fixture, 2 * PL_GONE_LINGER_US); /* the old fading does not take it */
  g_assert_cmpuint (get_only (fixture)->id, ==, id);
  pl_process_unref (process);
}

static void
test_listeners (Fixture *fixture, gconstpointer data)
{
  PlSocket sockets[] = { socket_of (PL_PROTO_TCP, "::", 80, "::", 0),
                         socket_of (PL_PROTO_TCP, "0.0.0.0", 80, "0.0.0.0", 0),
                         socket_of (PL_PROTO_UDP, "0.0.0.0", 68, "0.0.0.0", 0),
                         socket_of (PL_PROTO_UDP, "0.0.0.0", 68, "0.0.0.0", 0) };

  sockets[2].ifindex = 2; /* one DHCP client an interface */
  sockets[3].ifindex = 3;
  pl_model_apply_sockets (fixture->model, sockets, G_N_ELEMENTS (sockets));
  commit_after (fixture, SECOND);
  for (guint i = 0; i < 4; i++)
    {
      const PlModelFlow *flow = get_nth (fixture, i, 4);

      g_assert_true (pl_model_flow_is_listener (flow));
      g_assert_cmpuint (flow->flow.key.port[flow->local_end], ==, sockets[i].local_port);
      g_assert_true (pl_addr_equal (&flow->flow.key.addr[flow->local_end], &sockets[i].local));
    }
  g_assert_cmpuint (pl_model_get_totals (fixture->model)->n_listeners, ==, 4);
  g_assert_cmpuint (pl_model_get_totals (fixture->model)->n_flows, ==, 0);
}

/* Two processes listen on one port: the first stays, unless another is surer. */
static void
test_shared_port (Fixture *fixture, gconstpointer data)
{
  PlSocket sockets[] = { socket_of (PL_PROTO_UDP, "0.0.0.0", 5353, "0.0.0.0", 0),
                         socket_of (PL_PROTO_UDP, "0.0.0.0", 5353, "0.0.0.0", 0) };
  PlProcess *first = process_of (1, "avahi"), *second = process_of (2, "browser");
  guint n_updated;

  sockets[0].process = first;
  sockets[1].process = second;
  sockets[0].confidence = sockets[1].confidence = PL_CONFIDENCE_EXACT;
  pl_model_apply_sockets (fixture->model, sockets, 2);
  commit_after (fixture, SECOND);
  g_assert_true (get_only (fixture)->app == first);
  g_assert_cmpint (get_only (fixture)->app_confidence, ==, PL_CONFIDENCE_LIKELY); /* it is one of two */
  n_updated = fixture->n_updated;
  pl_model_apply_sockets (fixture->model, sockets, 2);
  commit_after (fixture, SECOND);
  g_assert_true (get_only (fixture)->app == first);
  g_assert_cmpuint (fixture->n_updated, ==, n_updated); /* nothing new was told */
  pl_process_unref (first);
  pl_process_unref (second);
}

/* Both ends on this computer: one flow, the caller is the app, the called the remote app; in either order. */
static void
test_loopback (Fixture *fixture, gconstpointer data)
{
  PlSocket sockets[] = { socket_of (PL_PROTO_TCP, "127.0.0.1", 80, "127.0.0.1", 50000),
                         socket_of (PL_PROTO_TCP, "127.0.0.1", 50000, "127.0.0.1", 80),
                         socket_of (PL_PROTO_TCP, "0.0.0.0", 80, "0.0.0.0", 0) };
  PlProcess *server = process_of (1, "server"), *client = process_of (2, "client");
  PlSocket swapped[3] = { sockets[1], sockets[0], sockets[2] };

  sockets[0].process = server;
  sockets[0].payload_sent = 9000;
  sockets[1].process = client;
  sockets[1].payload_sent = 100;
  sockets[0].confidence = sockets[1].confidence = PL_CONFIDENCE_EXACT;
  for (int round = 0; round < 2; round++)
    {
      const PlModelFlow *flow;

      swapped[0] = sockets[1];
      swapped[1] = sockets[0];
      pl_model_apply_sockets (fixture->model, round == 0 ? sockets : swapped, 3);
      commit_after (fixture, SECOND);
      flow = get_nth (fixture, round == 0 ? 0 : 0, 2);
      g_assert_true (flow->app == client);
      g_assert_true (flow->remote_app == server);
      g_assert_cmpuint (flow->flow.key.port[flow->local_end], ==, 50000);
      g_assert_cmpuint (flow->flow.initiator_end, ==, flow->local_end);
      g_assert_cmpuint (flow->payload_sent, ==, 100);
      pl_model_reset (fixture->model);
    }
  pl_process_unref (server);
  pl_process_unref (client);
}

static void
test_inbound (Fixture *fixture, gconstpointer data)
{
  PlSocket sockets[] = { socket_of (PL_PROTO_TCP, "192.0.2.1", 22, "198.51.100.9", 40000),
                         socket_of (PL_PROTO_TCP, "::", 22, "::", 0) };
  const PlModelFlow *flow;

  pl_model_apply_sockets (fixture->model, sockets, 2);
  commit_after (fixture, SECOND);
  flow = get_nth (fixture, 0, 2);
  g_assert_cmpuint (flow->flow.key.port[flow->local_end], ==, 22);
  g_assert_cmpuint (flow->flow.initiator_end, ==, 1 - flow->local_end);
  g_assert_cmpuint (pl_flow_role (&flow->flow, flow->local_end), ==, PL_ROLE_LISTENING);
}

/* TIME_WAIT is no socket any more. */
static void
test_time_wait (Fixture *fixture, gconstpointer data)
{
  PlSocket socket = socket_of (PL_PROTO_TCP, "192.0.2.1", 51514, "198.51.100.9", 443);

  socket.state = PL_STATE_CLOSED;
  pl_model_apply_sockets (fixture->model, &socket, 1);
  commit_after (fixture, SECOND);
  g_assert_cmpuint (pl_model_get_n_flows (fixture->model), ==, 0);
  socket.state = PL_STATE_ESTABLISHED;
  pl_model_apply_sockets (fixture->model, &socket, 1);
  socket.state = PL_STATE_CLOSED;
  pl_model_apply_sockets (fixture->model, &socket, 1);
  commit_after (fixture, SECOND);
  g_assert_true (get_only (fixture)->is_gone);
}

/* The totals of a socket that closes are exact, and stay on view while it fades. */
static void
test_closing_totals (Fixture *fixture, gconstpointer data)
{
  PlSocket socket = socket_of (PL_PROTO_TCP, "192.0.2.1", 51514, "198.51.100.9", 443);

  socket.payload_sent = 100;
  socket.payload_received = 5000;
  socket.rtt_us = 900;
  pl_model_apply_sockets (fixture->model, &socket, 1);
  commit_after (fixture, SECOND);
  socket.state = PL_STATE_CLOSED;
  socket.payload_sent = 170;
  socket.payload_received = 9000;
  socket.rtt_us = PL_UNKNOWN_U32;
  pl_model_apply_sockets (fixture->model, &socket, 1);
  commit_after (fixture, SECOND);
  g_assert_true (get_only (fixture)->is_gone);
  g_assert_cmpuint (get_only (fixture)->payload_sent, ==, 170);
  g_assert_cmpuint (get_only (fixture)->payload_received, ==, 9000);
  g_assert_cmpuint (get_only (fixture)->rtt_us, ==, 900);
  socket.payload_sent = 3; /* an earlier one's */
  pl_model_apply_sockets (fixture->model, &socket, 1);
  g_assert_cmpuint (get_only (fixture)->payload_sent, ==, 170);
  socket.payload_sent = socket.payload_received = PL_UNKNOWN_U64; /* TIME_WAIT knows none */
  pl_model_apply_sockets (fixture->model, &socket, 1);
  g_assert_cmpuint (get_only (fixture)->payload_sent, ==, 170);
}

static PlFlowUpdate
exchange_of (guint64 sent, guint64 received)
{
  PlFlowUpdate update = flow_of (1, PL_PROTO_TCP, "192.0.2.1", 51514, "198.51.100.9", 443);
  PlSocket socket = socket_of (PL_PROTO_TCP, "192.0.2.1", 51514, "198.51.100.9", 443);
  PlFlowKey key;
  int end = pl_flow_key_from_ends (PL_PROTO_TCP, PL_KIND_PORTS, &socket.local, 51514, &socket.remote, 443, 0, &key);

  update.flow.sent[end].payload_bytes = sent;
  update.flow.sent[1 - end].payload_bytes = received;
  return update;
}

/* One that closed before any dump had it: its last word, if that can be of these packets; and without the FIN that the kernel
 * counts for a byte, also when the packets' count comes later. */
static void
test_unseen_closing (Fixture *fixture, gconstpointer data)
{
  PlFlowUpdate update = exchange_of (170, 8000);
  PlSocket socket = socket_of (PL_PROTO_TCP, "192.0.2.1", 51514, "198.51.100.9", 443);

  pl_model_apply_flows (fixture->model, &update, 1);
  pl_model_apply_sockets (fixture->model, NULL, 0);
  socket.state = PL_STATE_CLOSED;
  socket.payload_sent = 171; /* another's on this tuple */
  socket.payload_received = 8000;
  socket.rtt_us = 900;
  pl_model_apply_sockets (fixture->model, &socket, 1);
  commit_after (fixture, SECOND);
  g_assert_cmpuint (get_only (fixture)->rtt_us, ==, PL_UNKNOWN_U32);
  g_assert_cmpuint (get_only (fixture)->payload_sent, ==, PL_UNKNOWN_U64);
  socket.payload_sent = 170;
  socket.payload_received = 8001;
  pl_model_apply_sockets (fixture->model, &socket, 1);
  commit_after (fixture, SECOND);
  g_assert_cmpuint (get_only (fixture)->rtt_us, ==, 900);
  g_assert_cmpuint (get_only (fixture)->payload_sent, ==, 170);
  g_assert_cmpuint (get_only (fixture)->payload_received, ==, 8000);
  g_assert_false (get_only (fixture)->is_gone);
  update = exchange_of (170, 8001); /* a byte more was told of late: no FIN was counted */
  pl_model_apply_flows (fixture->model, &update, 1);
  commit_after (fixture, SECOND);
  g_assert_cmpuint (get_only (fixture)->payload_received, ==, 8001);
}

/* A closed flow takes nothing from a socket on its tuple: the next owner may be another. */
static void
test_closed_flow (Fixture *fixture, gconstpointer data)
{
  PlFlowUpdate update = flow_of (1, PL_PROTO_TCP, "192.0.2.1", 51514, "198.51.100.9", 443);
  PlSocket socket = socket_of (PL_PROTO_TCP, "192.0.2.1", 51514, "198.51.100.9", 443);
  PlProcess *old = process_of (1, "old"), *other = process_of (2, "other");

  socket.process = old;
  socket.confidence = PL_CONFIDENCE_EXACT;
  pl_model_apply_flows (fixture->model, &update, 1);
  pl_model_apply_sockets (fixture->model, &socket, 1);
  update.flow.state = PL_STATE_CLOSED;
  update.flow.flags = PL_FLOW_ENDED;
  pl_model_apply_flows (fixture->model, &update, 1);
  socket.process = other;
  pl_model_apply_sockets (fixture->model, &socket, 1);
  commit_after (fixture, SECOND);
  g_assert_true (get_only (fixture)->app == old);

  /* Gone before the next dump came: it fades, for its socket is over too. */
  update.flow.id = 2;
  update.flow.flags = PL_FLOW_REUSED;
  update.flow.state = PL_STATE_ESTABLISHED;
  pl_model_apply_flows (fixture->model, &update, 1);
  pl_model_apply_sockets (fixture->model, &socket, 1);
  g_assert_true (get_nth (fixture, 1, 2)->app == other);
  update.flow.flags |= PL_FLOW_ENDED;
  pl_model_apply_flows (fixture->model, &update, 1);
  pl_model_apply_gone (fixture->model, (guint64[]){ 2 }, 1);
  g_assert_true (get_nth (fixture, 1, 2)->is_gone);
  commit_after (fixture, 0);
  commit_after (fixture, PL_GONE_LINGER_US);
  g_assert_cmpuint (get_only (fixture)->capture_id, ==, 1);
  pl_model_apply_sockets (fixture->model, NULL, 0);
  pl_process_unref (old);
  pl_process_unref (other);
}

/* Link-local flows: the capture may know the interface or not, the socket always does. */
static void
test_zones (Fixture *fixture, gconstpointer data)
{
  PlSocket socket = socket_of (PL_PROTO_TCP, "fe80::1", 51514, "fe80::2", 443);
  PlFlowUpdate update = flow_of (1, PL_PROTO_TCP, "fe80::1", 51514, "fe80::2", 443);

  socket.ifindex = 2;
  pl_model_apply_flows (fixture->model, &update, 1);
  pl_model_apply_sockets (fixture->model, &socket, 1);
  g_assert_cmpuint (get_only (fixture)->sources, ==, PL_SEEN_SOCKET | PL_SEEN_PACKETS);
  pl_model_reset (fixture->model);

  socket.ifindex = 0;
  pl_model_apply_sockets (fixture->model, &socket, 1);
  update.flow.key.zone = 2;
  pl_model_apply_flows (fixture->model, &update, 1);
  g_assert_cmpuint (get_only (fixture)->sources, ==, PL_SEEN_SOCKET | PL_SEEN_PACKETS);
  g_assert_cmpuint (get_only (fixture)->flow.key.zone, ==, 2);
  commit_after (fixture, SECOND);
}

/* A capture begins over the sockets' view: what was known of them stays, with its id. */
static void
test_drop_packets (Fixture *fixture, gconstpointer data)
{
  PlSocket socket = socket_of (PL_PROTO_TCP, "192.0.2.1", 51514, "198.51.100.9", 443);
  PlFlowUpdate updates[2] = { flow_of (1, PL_PROTO_TCP, "192.0.2.1", 51514, "198.51.100.9", 443),
                              flow_of (2, PL_PROTO_UDP, "192.0.2.1", 5000, "198.51.100.9", 53) };
  guint64 id;

  pl_model_apply_sockets (fixture->model, &socket, 1);
  send_bytes (&updates[0], 0, 700, T0);
  pl_model_apply_flows (fixture->model, updates, 2);
  pl_model_set_totals (fixture->model, &(PlModelTotals){ .packets = 9 });
  commit_after (fixture, SECOND);
  id = get_nth (fixture, 0, 2)->id;
  pl_model_drop_packets (fixture->model);
  commit_after (fixture, SECOND);
  g_assert_cmpuint (get_only (fixture)->id, ==, id);
  g_assert_cmpuint (get_only (fixture)->sources, ==, PL_SEEN_SOCKET);
  g_assert_cmpuint (get_only (fixture)->flow.sent[0].bytes, ==, 0);
  g_assert_cmpuint (pl_model_get_totals (fixture->model)->packets, ==, 0);
  g_assert_cmpuint (pl_model_get_totals (fixture->model)->n_flows, ==, 1);

  /* The next capture numbers its flows from 1 again. */
  updates[1].flow.id = 1;
  pl_model_apply_flows (fixture->model, &updates[1], 1);
  g_assert_cmpuint (get_nth (fixture, 1, 2)->flow.key.proto, ==, PL_PROTO_UDP);
}

static void
test_unanswered_socket (Fixture *fixture, gconstpointer data)
{
  PlSocket socket = socket_of (PL_PROTO_TCP, "192.0.2.1", 51514, "198.51.100.9", 443);

  socket.state = PL_STATE_SYN_SENT;
  pl_model_apply_sockets (fixture->model, &socket, 1);
  commit_after (fixture, 0);
  g_assert_cmpint (get_only (fixture)->diagnosis.failure, ==, PL_FAILURE_NONE);
  commit_after (fixture, (gint64)PL_NO_ANSWER_AFTER_US);
  g_assert_cmpint (get_only (fixture)->diagnosis.failure, ==, PL_FAILURE_NO_ANSWER);
  socket.state = PL_STATE_ESTABLISHED;
  pl_model_apply_sockets (fixture->model, &socket, 1);
  commit_after (fixture, SECOND);
  g_assert_cmpint (get_only (fixture)->diagnosis.failure, ==, PL_FAILURE_NONE);
}

/* The peer of a connected datagram socket is unconnected: whoever alone waits there is the other end. */
static void
test_listener_at_the_other_end (Fixture *fixture, gconstpointer data)
{
  PlSocket sockets[] = { socket_of (PL_PROTO_UDP, "127.0.0.1", 50000, "127.0.0.1", 53),
                         socket_of (PL_PROTO_UDP, "127.0.0.1", 53, "0.0.0.0", 0),
                         socket_of (PL_PROTO_UDP, "192.0.2.1", 50001, "198.51.100.9", 53),
                         socket_of (PL_PROTO_UDP, "127.0.0.1", 50002, "127.0.0.1", 5353),
                         socket_of (PL_PROTO_UDP, "127.0.0.1", 5353, "0.0.0.0", 0),
                         socket_of (PL_PROTO_UDP, "127.0.0.1", 5353, "0.0.0.0", 0) };
  PlProcess *client = process_of (1, "client"), *server = process_of (2, "server");
  const PlModelFlow *flow;

  for (guint i = 0; i < G_N_ELEMENTS (sockets); i++)
    {
      sockets[i].process = sockets[i].state == PL_STATE_LISTEN ? server : client;
      sockets[i].confidence = PL_CONFIDENCE_EXACT;
    }
  sockets[5].process = client;
  pl_model_apply_sockets (fixture->model, sockets, G_N_ELEMENTS (sockets));
  commit_after (fixture, SECOND);
  flow = get_nth (fixture, 0, 5);
  g_assert_true (flow->app == client && flow->remote_app == server);
  g_assert_cmpint (flow->remote_confidence, ==, PL_CONFIDENCE_LISTENER);
  g_assert_null (get_nth (fixture, 2, 5)->remote_app); /* another computer's port */
  g_assert_null (get_nth (fixture, 3, 5)->remote_app); /* of two that listen nobody is named */
  pl_process_unref (client);
  pl_process_unref (server);
}

/* Two processes of one app: flows, listeners and rates are told by pid, however often a process was read. */
static void
test_processes (Fixture *fixture, gconstpointer data)
{
  PlSocket sockets[] = { socket_of (PL_PROTO_TCP, "192.0.2.1", 50000, "198.51.100.9", 443),
                         socket_of (PL_PROTO_TCP, "192.0.2.1", 50001, "198.51.100.9", 443),
                         socket_of (PL_PROTO_TCP, "192.0.2.1", 50002, "198.51.100.9", 443),
                         socket_of (PL_PROTO_TCP, "0.0.0.0", 8080, "0.0.0.0", 0),
                         socket_of (PL_PROTO_TCP, "192.0.2.1", 50003, "198.51.100.9", 443) };
  PlProcess *second = process_of (20, "browser"), *first = process_of (10, "browser");
  PlProcess *again = process_of (20, "browser"), *without = process_of (0, "browser");
  guint64 ids[6] = { 4711 };
  g_autoptr (GPtrArray) uses = NULL;
  const PlProcessUse *use;

  sockets[0].process = second;
  sockets[1].process = first;
  sockets[2].process = again;
  sockets[3].process = first;
  sockets[4].process = without;
  for (guint i = 0; i < G_N_ELEMENTS (sockets); i++)
    sockets[i].confidence = i == 1 ? PL_CONFIDENCE_LIKELY : PL_CONFIDENCE_EXACT;
  pl_model_apply_sockets (fixture->model, sockets, G_N_ELEMENTS (sockets));
  commit_after (fixture, SECOND);
  for (guint i = 0; i < G_N_ELEMENTS (sockets); i++)
    ids[i + 1] = get_nth (fixture, i, 5)->id;
  uses = pl_model_list_processes (fixture->model, ids, G_N_ELEMENTS (ids));
  g_assert_cmpuint (uses->len, ==, 2);
  use = uses->pdata[0];
  g_assert_cmpint (use->process->pid, ==, 10);
  g_assert_cmpuint (use->n_flows, ==, 1);
  g_assert_cmpuint (use->n_listeners, ==, 1);
  g_assert_cmpint (use->confidence, ==, PL_CONFIDENCE_EXACT);
  use = uses->pdata[1];
  g_assert_cmpint (use->process->pid, ==, 20);
  g_assert_cmpuint (use->n_flows, ==, 2);
  pl_process_unref (first);
  pl_process_unref (second);
  pl_process_unref (again);
  pl_process_unref (without);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "life", test_life },
    { "back-again", test_back_again },
    { "listeners", test_listeners },
    { "shared-port", test_shared_port },
    { "port-used-again", test_port_used_again },
    { "port-used-again-with-packets", test_port_used_again_with_packets },
    { "passed-on", test_passed_on },
    { "missed", test_missed },
    { "missed-after-silence", test_missed_after_silence },
    { "missed-but-for-the-cgroup", test_missed_but_for_the_cgroup },
    { "there-before-the-capture", test_there_before_the_capture },
    { "loopback", test_loopback },
    { "inbound", test_inbound },
    { "time-wait", test_time_wait },
    { "closing-totals", test_closing_totals },
    { "unseen-closing", test_unseen_closing },
    { "closed-flow", test_closed_flow },
    { "zones", test_zones },
    { "drop-packets", test_drop_packets },
    { "listener-at-the-other-end", test_listener_at_the_other_end },
    { "processes", test_processes },
    { "unanswered-socket", test_unanswered_socket },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/model/sockets/", tests[i].name, NULL);

      g_test_add (path, Fixture, NULL, set_up, tests[i].test, tear_down);
    }
  return g_test_run ();
}
