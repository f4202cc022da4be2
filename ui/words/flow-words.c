/* What a flow is, in plain words. Pure: no clock, no widget, no /proc. Every sentence is whole for the translators; only
 * names of ports and machines are set in. */
#include <glib/gi18n.h>
#include <stdio.h>

#include "flow-words.h"
#include "format.h"

#define CONNECTED_STATES(state) ((state) >= PL_STATE_SYN_SENT && (state) <= PL_STATE_RESET)

gboolean
pl_words_parse_kernel_ports (const char *text, guint16 *low, guint16 *high)
{
  unsigned first, last;

  *low = *high = 0;
  if (text == NULL || sscanf (text, "%u %u", &first, &last) != 2 || first == 0 || first > last || last > G_MAXUINT16)
    return FALSE;
  *low = (guint16)first;
  *high = (guint16)last;
  return TRUE;
}

PlFlow
pl_words_decided (const PlModelFlow *flow)
{
  PlFlow decided = flow->flow;

  decided.local_end = flow->local_end;
  return decided;
}

/* ---- the parts of a sentence ---- */

static int
other_end (int end)
{
  return end == PL_END_A ? PL_END_B : PL_END_A;
}

static gboolean
is_multicast (const PlAddr *addr)
{
  PlScope scope = pl_addr_scope (addr);

  return scope == PL_SCOPE_MULTICAST || scope == PL_SCOPE_BROADCAST;
}

static gboolean
is_kernel_port (const PlWordsContext *context, guint16 port)
{
  return context->kernel_low_port != 0 && port >= context->kernel_low_port && port <= context->kernel_high_port;
}

static char *
address (const PlModelFlow *flow, int end)
{
  char text[PL_ADDR_STRLEN];

  return g_strdup (pl_addr_format (&flow->flow.key.addr[end], text));
}

/* The machine at the other end, in the middle of a sentence. */
static char *
machine (const PlModelFlow *flow, int end)
{
  const PlAddr *addr = &flow->flow.key.addr[end];
  g_autofree char *number = address (flow, end);
  /* Translators: a host's name and its IP address */
  g_autofree char *text =
      flow->host != NULL ? g_strdup_printf (_ ("%1$s (%2$s)"), flow->host, number) : g_steal_pointer (&number);

  switch (pl_addr_scope (addr))
    {
    case PL_SCOPE_PRIVATE:
    case PL_SCOPE_LINK:
      /* Translators: %s is an IP address, or a name and one */
      return g_strdup_printf (_ ("%s on the local network"), text);
    default:
      return g_steal_pointer (&text);
    }
}

/* The local side, as the one who acts. */
static char *
local_actor (const PlWordsContext *context, const PlModelFlow *flow)
{
  if (flow->app != NULL)
    return g_strdup (flow->app->name);
  if (!context->is_live)
    return address (flow, flow->local_end);
  return g_strdup (_ ("An unknown app"));
}

const char *
pl_words_service (const PlModelFlow *flow, int end)
{
  PlFlow decided = pl_words_decided (flow);
  PlRole role = pl_flow_role (&decided, end);

  if (!pl_flow_has_ports (&flow->flow) || role == PL_ROLE_TEMPORARY)
    return NULL;
  return pl_service_title (flow->flow.key.proto, flow->flow.key.port[end]);
}

/* "port 8443", or "port 443 (https)" */
static char *
port_phrase (const PlModelFlow *flow, int end)
{
  const char *service = pl_words_service (flow, end);
  guint port = flow->flow.key.port[end];

  if (service != NULL)
    /* Translators: a port and the name of its service, in the middle of a sentence: port 443 (https) */
    return g_strdup_printf (_ ("port %1$u (%2$s)"), port, service);
  return g_strdup_printf (_ ("port %u"), port);
}

/* "port 8443", or "the https service (port 443)" */
static char *
service_phrase (const PlModelFlow *flow, int end)
{
  const char *service = pl_words_service (flow, end);

  if (service != NULL)
    /* Translators: in the middle of a sentence: the https service (port 443) */
    return g_strdup_printf (_ ("the %1$s service (port %2$u)"), service, flow->flow.key.port[end]);
  return port_phrase (flow, end);
}

/* ---- the first sentence: who reaches what ---- */

static char *
sentence_listener (const PlWordsContext *context, const PlModelFlow *flow)
{
  g_autofree char *who = local_actor (context, flow);
  g_autofree char *port = port_phrase (flow, flow->local_end);
  g_autofree char *at = address (flow, flow->local_end);
  const PlAddr *addr = &flow->flow.key.addr[flow->local_end];
  gboolean is_tcp = flow->flow.key.proto == PL_PROTO_TCP;

  if (pl_addr_is_zero (addr))
    return g_strdup_printf (is_tcp ? _ ("%1$s waits for connections on %2$s, at every address of this computer.")
                                   : _ ("%1$s waits for packets on %2$s, at every address of this computer."),
                            who, port);
  if (pl_addr_scope (addr) == PL_SCOPE_LOOPBACK)
    return g_strdup_printf (is_tcp ? _ ("%1$s waits for connections on %2$s at %3$s, where only apps on this computer "
                                        "can reach it.")
                                   : _ ("%1$s waits for packets on %2$s at %3$s, where only apps on this computer can "
                                        "reach it."),
                            who, port, at);
  return g_strdup_printf (is_tcp ? _ ("%1$s waits for connections on %2$s at %3$s.")
                                 : _ ("%1$s waits for packets on %2$s at %3$s."),
                          who, port, at);
}

static char *
sentence_loopback (const PlWordsContext *context, const PlModelFlow *flow, int caller)
{
  int called = other_end (caller);
  PlProcess *from = caller == flow->local_end ? flow->app : flow->remote_app;
  PlProcess *to = caller == flow->local_end ? flow->remote_app : flow->app;
  const char *who = from != NULL ? from->name : _ ("An unknown app");
  g_autofree char *port = port_phrase (flow, called);
  guint temporary = flow->flow.key.port[caller];

  if (to == NULL)
    return g_strdup_printf (_ ("%1$s opened temporary port %2$u to reach %3$s on this computer itself."), who,
                            temporary, port);
  return g_strdup_printf (_ ("%1$s opened temporary port %2$u to reach %3$s, which listens on %4$s. Both are on this "
                             "computer: nothing of it goes out to a network."),
                          who, temporary, to->name, port);
}

static char *
sentence_outgoing (const PlWordsContext *context, const PlModelFlow *flow)
{
  int local = flow->local_end;
  int remote = other_end (local);
  g_autofree char *who = local_actor (context, flow);
  g_autofree char *what = service_phrase (flow, remote);
  g_autofree char *whom = machine (flow, remote);
  guint port = flow->flow.key.port[local];

  if (is_multicast (&flow->flow.key.addr[remote]))
    return g_strdup_printf (_ ("%1$s sends from port %2$u to everyone on the local network who listens at %3$s, %4$s."),
                            who, port, whom, what);
  if (!context->is_live)
    return g_strdup_printf (_ ("%1$s used port %2$u to reach %3$s of %4$s."), who, port, what, whom);
  if (context->kernel_low_port != 0 && !is_kernel_port (context, (guint16)port))
    return g_strdup_printf (_ ("%1$s used port %2$u of this computer, which it chose itself, to reach %3$s of %4$s."),
                            who, port, what, whom);
  return g_strdup_printf (_ ("%1$s opened temporary port %2$u on this computer to reach %3$s of %4$s."), who, port,
                          what, whom);
}

static char *
sentence_incoming (const PlWordsContext *context, const PlModelFlow *flow)
{
  int local = flow->local_end;
  int remote = other_end (local);
  g_autofree char *whom = machine (flow, remote);
  g_autofree char *port = port_phrase (flow, local);
  g_autofree char *at = address (flow, local);
  guint from = flow->flow.key.port[remote];

  if (is_multicast (&flow->flow.key.addr[local]))
    return g_strdup_printf (
        _ ("%1$s sends from its port %2$u to everyone on the local network who listens at %3$s, %4$s."), whom, from, at,
        port);
  if (!context->is_live)
    return g_strdup_printf (_ ("%1$s used its port %2$u to reach %3$s of %4$s."), whom, from, port, at);
  if (flow->app == NULL)
    return g_strdup_printf (_ ("%1$s used its temporary port %2$u to reach %3$s of this computer."), whom, from, port);
  return g_strdup_printf (
      _ ("%1$s used its temporary port %2$u to reach %3$s, which listens on %4$s of this computer."), whom, from,
      flow->app->name, port);
}

static char *
sentence_undirected (const PlWordsContext *context, const PlModelFlow *flow)
{
  int local = flow->local_end;
  g_autofree char *who = local_actor (context, flow);
  g_autofree char *whom = machine (flow, other_end (local));
  g_autofree char *here = port_phrase (flow, local);
  g_autofree char *there = port_phrase (flow, other_end (local));

  return g_strdup_printf (
      _ ("%1$s talks through its %2$s with %3$s of %4$s. Which of them began is not known: the first "
         "packet was not seen."),
      who, here, there, whom);
}

static char *
sentence_portless (const PlWordsContext *context, const PlModelFlow *flow)
{
  int local = flow->local_end;
  gboolean is_incoming = flow->flow.initiator_end == other_end (local);
  g_autofree char *who = local_actor (context, flow);
  g_autofree char *here = address (flow, local);
  g_autofree char *whom = machine (flow, other_end (local));
  g_autofree char *proto = g_strdup (pl_proto_title (flow->flow.key.proto));

  if (pl_model_flow_is_listener (flow) && pl_addr_is_zero (&flow->flow.key.addr[local]))
    return g_strdup_printf (_ ("%1$s takes %2$s packets at every address of this computer (raw socket)."), who, proto);
  if (pl_model_flow_is_listener (flow))
    return g_strdup_printf (_ ("%1$s takes %2$s packets at %3$s (raw socket)."), who, proto, here);
  if (flow->flow.key.kind != PL_KIND_ECHO)
    return g_strdup_printf (_ ("%1$s and %2$s exchange %3$s packets, a protocol without ports."), here, whom, proto);
  if (is_incoming)
    return g_strdup_printf (_ ("%1$s asks %2$s whether it is there (ping)."), whom, here);
  return g_strdup_printf (_ ("%1$s asks %2$s whether it is there (ping)."), who, whom);
}

static char *
first_sentence (const PlWordsContext *context, const PlModelFlow *flow)
{
  const PlFlowKey *key = &flow->flow.key;
  int local = flow->local_end;
  int initiator = flow->flow.initiator_end;

  if (!pl_flow_has_ports (&flow->flow))
    return sentence_portless (context, flow);
  if (pl_model_flow_is_listener (flow))
    return sentence_listener (context, flow);
  if (initiator == PL_END_UNKNOWN)
    return sentence_undirected (context, flow);
  if (context->is_live && pl_addr_scope (&key->addr[other_end (local)]) == PL_SCOPE_LOOPBACK)
    return sentence_loopback (context, flow, initiator);
  if (initiator == local)
    return sentence_outgoing (context, flow);
  return sentence_incoming (context, flow);
}

/* ---- the second sentence: how it went ---- */

/* Whether it failed at this computer. */
static gboolean
has_failed_here (const PlWordsContext *context, const PlModelFlow *flow)
{
  int caller = flow->flow.initiator_end;
  PlPlace place = flow->diagnosis.place;

  return context->is_live && caller != PL_END_UNKNOWN && place != PL_PLACE_WAY
         && (place == PL_PLACE_CALLER) == (caller == flow->local_end);
}

/* Whether what was turned away is the answer. */
static gboolean
is_answer_lost (const PlModelFlow *flow)
{
  return flow->flow.initiator_end != PL_END_UNKNOWN && flow->story.icmp_end != flow->flow.initiator_end;
}

static char *
outcome_refused (const PlWordsContext *context, const PlModelFlow *flow)
{
  if (has_failed_here (context, flow))
    return g_strdup (_ ("It was refused: nothing listens on that port here, or this computer’s own firewall rejects "
                        "it."));
  return g_strdup (_ ("It was refused: nothing listens on that port there, or a firewall rejects it."));
}

static const char *
said_by_icmp (const PlFlowStory *story)
{
  return pl_words_icmp_error (!pl_addr_is_v4 (&story->icmp_from), story->icmp_type, story->icmp_code);
}

static char *
outcome_unreachable (const PlWordsContext *context, const PlModelFlow *flow)
{
  char from[PL_ADDR_STRLEN];
  const char *said = said_by_icmp (&flow->story);
  gboolean is_at_caller = flow->diagnosis.place == PL_PLACE_CALLER;

  pl_addr_format (&flow->story.icmp_from, from);
  if (has_failed_here (context, flow))
    /* Translators: %s is what the computer said, as "host unreachable" */
    return g_strdup_printf (is_at_caller
                                ? _ ("It did not leave this computer (“%s”): most likely no machine on its "
                                     "network has that address.")
                                : _ ("This computer turned it away (“%s”): its own firewall likely rejects it."),
                            said);
  if (flow->diagnosis.place == PL_PLACE_CALLED)
    return g_strdup_printf (
        _ ("It could not be reached: %1$s itself answered “%2$s”, so that a firewall there likely rejects it."), from,
        said);
  return g_strdup_printf (_ ("It could not be reached: %1$s answered “%2$s”."), from, said);
}

static char *
outcome_prohibited_here (const PlModelFlow *flow)
{
  const char *said = said_by_icmp (&flow->story);
  gboolean is_certain = flow->diagnosis.is_certain;

  if ((flow->flow.flags & PL_FLOW_ICMP_ERROR) == 0)
    return g_strdup (_ ("This computer’s own firewall rejected it before it left."));
  if (flow->diagnosis.place == PL_PLACE_CALLED)
    /* Translators: %s is what the computer said, as "host unreachable" */
    return g_strdup_printf (is_certain ? _ ("This computer’s own firewall turned it away (“%s”).")
                                       : _ ("This computer turned it away (“%s”): its own firewall likely rejects it."),
                            said);
  if (is_answer_lost (flow))
    return g_strdup_printf (
        is_certain
            ? _ ("The answer came, but this computer’s own firewall turned it away (“%s”).")
            : _ ("The answer came, but this computer turned it away (“%s”): its own firewall likely rejects it."),
        said);
  if (is_certain)
    return g_strdup (_ ("This computer’s own firewall forbade it."));
  return g_strdup_printf (_ ("It did not leave this computer (“%s”): its own firewall likely rejects it."), said);
}

static char *
outcome_prohibited (const PlWordsContext *context, const PlModelFlow *flow)
{
  char from[PL_ADDR_STRLEN];
  const char *said = said_by_icmp (&flow->story);

  if (has_failed_here (context, flow))
    return outcome_prohibited_here (flow);
  if ((flow->flow.flags & PL_FLOW_ICMP_ERROR) == 0)
    return g_strdup (_ ("A firewall rejected it before it left."));
  pl_addr_format (&flow->story.icmp_from, from);
  if (is_answer_lost (flow))
    return g_strdup_printf (_ ("The answer did not get back: %1$s turned it away (“%2$s”)."), from, said);
  if (flow->diagnosis.is_certain)
    return g_strdup_printf (_ ("A firewall forbade it: %1$s answered “%2$s”."), from, said);
  return g_strdup_printf (_ ("A firewall likely forbade it: %1$s answered “%2$s”."), from, said);
}

/* Of a connection whose answer was seen and led to nothing. */
static char *
outcome_half_open (const PlWordsContext *context, const PlModelFlow *flow)
{
  if (has_failed_here (context, flow))
    return g_strdup (_ ("The answer came, but the connection was never completed: this computer’s own firewall likely "
                        "drops the answer."));
  return g_strdup (
      _ ("An answer was sent, but the connection was never completed: it likely got lost on its way, or the "
         "caller wanted none."));
}

static char *
outcome_unanswered (const PlWordsContext *context, const PlModelFlow *flow)
{
  guint n_syn = flow->story.n_syn;

  if (flow->story.syn_ack_us != 0)
    return outcome_half_open (context, flow);
  if (context->is_live && flow->flow.initiator_end == other_end (flow->local_end) && n_syn == 0)
    return g_strdup (_ ("This computer did not answer: its own firewall likely drops it."));
  if (context->is_live && flow->flow.initiator_end == other_end (flow->local_end))
    return g_strdup_printf (ngettext ("This computer did not answer %u attempt: its own firewall likely drops it.",
                                      "This computer did not answer %u attempts: its own firewall likely drops them.",
                                      n_syn),
                            n_syn);
  if ((flow->sources & PL_SEEN_PACKETS) == 0)
    return g_strdup (_ ("No answer came: a firewall, maybe this computer’s own, likely drops it, or no machine is "
                        "there."));
  if (n_syn > 1)
    return g_strdup_printf (ngettext ("No answer came to %u attempt: a firewall on the way likely drops it, or no "
                                      "machine is there.",
                                      "No answer came to %u attempts: a firewall on the way likely drops them, or "
                                      "no machine is there.",
                                      n_syn),
                            n_syn);
  return g_strdup (_ ("No answer came: a firewall on the way likely drops it, or no machine is there."));
}

static char *
outcome_failed (const PlWordsContext *context, const PlModelFlow *flow)
{
  switch (flow->diagnosis.failure)
    {
    case PL_FAILURE_REFUSED:
      return outcome_refused (context, flow);
    case PL_FAILURE_UNREACHABLE:
      return outcome_unreachable (context, flow);
    case PL_FAILURE_PROHIBITED:
      return outcome_prohibited (context, flow);
    case PL_FAILURE_NO_ANSWER:
      return outcome_unanswered (context, flow);
    case PL_FAILURE_RESET:
      if (flow->story.rst_end == flow->local_end)
        return g_strdup (_ ("This end cut the connection off (reset)."));
      if (flow->story.rst_end == other_end (flow->local_end))
        return g_strdup (_ ("The other end cut the connection off (reset)."));
      return g_strdup (_ ("The connection was cut off (reset)."));
    case PL_FAILURE_NONE:
    default:
      return NULL;
    }
}

static const char *
outcome_tcp (const PlModelFlow *flow)
{
  switch ((PlFlowState)flow->flow.state)
    {
    case PL_STATE_SYN_SENT:
      return _ ("It waits for an answer.");
    case PL_STATE_SYN_RECEIVED:
      return _ ("The answer is there; the connection is being set up.");
    case PL_STATE_FIN_WAIT:
      return _ ("One end has said that it is done.");
    case PL_STATE_CLOSED:
      return _ ("The connection has ended.");
    case PL_STATE_RESET:
      return _ ("The connection was cut off (reset).");
    case PL_STATE_ESTABLISHED:
      if ((flow->sources & PL_SEEN_PACKETS) != 0 && (flow->flow.flags & PL_FLOW_MIDSTREAM) != 0)
        return _ ("It was already open when the capture began.");
      return NULL;
    default:
      return NULL;
    }
}

static const char *
outcome_other (const PlModelFlow *flow)
{
  const PlAddr *remote = &flow->flow.key.addr[other_end (flow->local_end)];
  const PlAddr *local = &flow->flow.key.addr[flow->local_end];

  if ((flow->sources & PL_SEEN_PACKETS) == 0 || is_multicast (remote) || is_multicast (local))
    return NULL;
  if ((flow->flow.flags & PL_FLOW_ANSWERED) == 0 && flow->flow.key.kind != PL_KIND_BARE)
    return _ ("No answer has been seen.");
  if (flow->flow.key.kind == PL_KIND_ECHO)
    return _ ("It answers.");
  return NULL;
}

static char *
second_sentence (const PlWordsContext *context, const PlModelFlow *flow)
{
  char *failed = outcome_failed (context, flow);

  if (failed != NULL || pl_model_flow_is_listener (flow))
    return failed;
  if (CONNECTED_STATES (flow->flow.state))
    return g_strdup (outcome_tcp (flow));
  return g_strdup (outcome_other (flow));
}

char *
pl_words_sentence (const PlWordsContext *context, const PlModelFlow *flow)
{
  g_autofree char *first = first_sentence (context, flow);
  g_autofree char *second = second_sentence (context, flow);

  if (second == NULL)
    return g_steal_pointer (&first);
  /* Translators: two sentences, one after the other */
  return g_strdup_printf (_ ("%1$s %2$s"), first, second);
}

/* ---- titles ---- */

/* From whom to whom; both ways where nobody saw who began. */
static const char *
arrow (const PlModelFlow *flow)
{
  if (flow->flow.initiator_end == PL_END_UNKNOWN)
    return "↔";
  return flow->flow.initiator_end == flow->local_end ? "→" : "←";
}

char *
pl_words_title (const PlWordsContext *context, const PlModelFlow *flow)
{
  int remote = other_end (flow->local_end);
  g_autofree char *here = flow->app != NULL || context->is_live ? g_strdup (pl_model_flow_app_name (flow))
                                                                : address (flow, flow->local_end);
  g_autofree char *there = flow->remote_app != NULL ? g_strdup (flow->remote_app->name)
                           : flow->host != NULL     ? g_strdup (flow->host)
                                                    : address (flow, remote);

  if (pl_model_flow_is_listener (flow) && !pl_flow_has_ports (&flow->flow))
    /* Translators: an app and a protocol without ports that it takes packets of: ping, ICMP */
    return g_strdup_printf (_ ("%1$s, %2$s"), here, pl_proto_title (flow->flow.key.proto));
  if (pl_model_flow_is_listener (flow))
    return g_strdup_printf (_ ("%1$s on port %2$u"), here, flow->flow.key.port[flow->local_end]);
  return g_strdup_printf ("%s %s %s", here, arrow (flow), there);
}

static char *
port_words (const PlModelFlow *flow, int end)
{
  const char *service = pl_words_service (flow, end);

  return service != NULL ? g_strdup_printf (":%u %s", flow->flow.key.port[end], service)
                         : g_strdup_printf (":%u", flow->flow.key.port[end]);
}

char *
pl_words_ports (const PlModelFlow *flow)
{
  g_autofree char *here = port_words (flow, flow->local_end), *there = port_words (flow, other_end (flow->local_end));

  return g_strdup_printf ("%s %s %s", here, arrow (flow), there);
}

static gboolean
has_ended (const PlModelFlow *flow)
{
  return flow->is_gone || (flow->flow.flags & PL_FLOW_ENDED) != 0 || flow->flow.state == PL_STATE_CLOSED
         || flow->flow.state == PL_STATE_RESET;
}

char *
pl_words_age (const PlWordsContext *context, const PlModelFlow *flow)
{
  guint64 first_us = flow->flow.first_us;
  guint64 until_us = context->is_live && !has_ended (flow) ? context->now_us : flow->flow.last_us;
  g_autofree char *text = NULL;

  if (first_us == 0)
    return NULL;
  text = pl_format_duration (until_us > first_us ? until_us - first_us : 0);
  if (!context->is_live || has_ended (flow))
    return g_strdup_printf (_ ("lasted %s"), text);
  /* A socket, and a connection met on its way, are older than this program's knowledge of them; what failed never was open. */
  if ((flow->sources & PL_SEEN_PACKETS) == 0 || (flow->flow.flags & PL_FLOW_MIDSTREAM) != 0
      || pl_model_flow_has_failed (flow))
    return g_strdup_printf (_ ("seen for %s"), text);
  return g_strdup_printf (_ ("open for %s"), text);
}

char *
pl_words_subtitle (const PlWordsContext *context, const PlModelFlow *flow)
{
  g_autofree char *proto = g_strdup (pl_proto_title (flow->flow.key.proto));
  g_autofree char *age = pl_words_age (context, flow);

  if (age == NULL)
    return g_strdup_printf ("%s · %s", proto, pl_words_state (flow));
  return g_strdup_printf ("%s · %s · %s", proto, pl_words_state (flow), age);
}
