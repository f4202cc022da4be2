/* The words for single facts of a flow: state, port, address, confidence, errors. Pure. */
#include <glib/gi18n.h>

#include "flow-words.h"

const char *
pl_words_state (const PlModelFlow *flow)
{
  switch (flow->diagnosis.failure)
    {
    case PL_FAILURE_REFUSED:
      return _ ("refused");
    case PL_FAILURE_UNREACHABLE:
      return _ ("unreachable");
    case PL_FAILURE_PROHIBITED:
      return flow->diagnosis.is_certain ? _ ("forbidden by a firewall") : _ ("likely forbidden by a firewall");
    case PL_FAILURE_NO_ANSWER:
      return flow->story.syn_ack_us != 0 ? _ ("not completed") : _ ("not answered");
    case PL_FAILURE_RESET:
      return _ ("reset");
    case PL_FAILURE_NONE:
    default:
      break;
    }
  switch ((PlFlowState)flow->flow.state)
    {
    case PL_STATE_ACTIVE:
      return _ ("active");
    case PL_STATE_IDLE:
      return _ ("idle");
    case PL_STATE_SYN_SENT:
      return _ ("waiting for an answer");
    case PL_STATE_SYN_RECEIVED:
      return _ ("being set up");
    case PL_STATE_ESTABLISHED:
      return _ ("established");
    case PL_STATE_FIN_WAIT:
      return _ ("closing");
    case PL_STATE_CLOSED:
      return _ ("closed");
    case PL_STATE_RESET:
      return _ ("reset");
    case PL_STATE_LISTEN:
      return _ ("listening");
    case PL_N_STATES:
    default:
      return _ ("unknown");
    }
}

/* ---- ports ---- */

static const char *
range_phrase (PlRange range)
{
  switch (range)
    {
    case PL_RANGE_WELL_KNOWN:
      return _ ("well-known range (0–1023)");
    case PL_RANGE_REGISTERED:
      return _ ("registered range (1024–49151)");
    case PL_RANGE_DYNAMIC:
      return _ ("dynamic range (49152–65535)");
    case PL_RANGE_NONE:
    default:
      return "";
    }
}

/* A temporary port of this computer's own: its range by number and what the kernel really does are two things. */
static char *
own_temporary_port (const PlWordsContext *context, guint16 port, PlRange range)
{
  if (context->kernel_low_port == 0)
    return g_strdup_printf (_ ("%s, temporary"), range_phrase (range));
  if (port < context->kernel_low_port || port > context->kernel_high_port)
    return g_strdup_printf (_ ("%1$s, chosen by the app itself: this kernel hands out %2$u–%3$u"), range_phrase (range),
                            context->kernel_low_port, context->kernel_high_port);
  if (range == PL_RANGE_DYNAMIC)
    return g_strdup (_ ("dynamic range, picked by this kernel as a temporary port"));
  if (range == PL_RANGE_REGISTERED)
    return g_strdup (_ ("registered range, but picked by this kernel as a temporary port"));
  return g_strdup (_ ("well-known range, but picked by this kernel as a temporary port"));
}

static char *
named_port (const char *role, const char *service)
{
  if (service == NULL)
    return g_strdup (role);
  return g_strdup_printf ("%s: %s", role, service);
}

char *
pl_words_port (const PlWordsContext *context, const PlModelFlow *flow, int end)
{
  PlFlow decided = pl_words_decided (flow);
  PlRange range = pl_flow_range (&decided, end);
  guint16 port = flow->flow.key.port[end];
  const char *service = pl_words_service (flow, end);
  gboolean is_listener = pl_model_flow_is_listener (flow);
  g_autofree char *role = NULL;

  if (range == PL_RANGE_NONE || (is_listener && end != flow->local_end))
    return NULL;
  switch (is_listener ? PL_ROLE_LISTENING : pl_flow_role (&decided, end))
    {
    case PL_ROLE_TEMPORARY:
      if (context->is_live && end == flow->local_end)
        return own_temporary_port (context, port, range);
      return g_strdup_printf (_ ("%s, temporary port of the caller"), range_phrase (range));
    case PL_ROLE_LISTENING:
      role = named_port (_ ("listens here"), service);
      break;
    case PL_ROLE_SERVICE:
      role = named_port (_ ("the service that was called"), service);
      break;
    case PL_ROLE_NONE:
    default:
      role = g_strdup (service);
      break;
    }
  if (role == NULL)
    return g_strdup (range_phrase (range));
  return g_strdup_printf ("%s, %s", range_phrase (range), role);
}

char *
pl_words_end (const PlModelFlow *flow, int end)
{
  const PlFlowKey *key = &flow->flow.key;
  gboolean is_listener = pl_model_flow_is_listener (flow);
  char text[PL_ADDR_STRLEN];
  const char *addr;

  if (is_listener && end != flow->local_end)
    return g_strdup (_ ("nobody in particular"));
  addr =
      is_listener && pl_addr_is_zero (&key->addr[end]) ? _ ("every address") : pl_addr_format (&key->addr[end], text);
  if (!pl_flow_has_ports (&flow->flow))
    return g_strdup (addr);
  return g_strdup_printf ("%s :%u", addr, key->port[end]);
}

const char *
pl_words_scope (const PlAddr *addr)
{
  switch (pl_addr_scope (addr))
    {
    case PL_SCOPE_LOOPBACK:
      return _ ("this computer, reached by itself");
    case PL_SCOPE_LINK:
      return _ ("only valid on its own network link");
    case PL_SCOPE_PRIVATE:
      return _ ("on the local network");
    case PL_SCOPE_MULTICAST:
      return _ ("a group: everyone who listens gets it");
    case PL_SCOPE_BROADCAST:
      return _ ("everyone on the local network");
    case PL_SCOPE_INTERNET:
      return _ ("on the Internet");
    case PL_SCOPE_UNSPECIFIED:
    default:
      return NULL;
    }
}

const char *
pl_words_reach (const PlModelFlow *flow)
{
  if (!pl_model_flow_is_listener (flow))
    return NULL;
  switch (pl_model_flow_bind_scope (flow))
    {
    case PL_SCOPE_LOOPBACK:
      return _ ("this computer only");
    case PL_SCOPE_LINK:
    case PL_SCOPE_PRIVATE:
    case PL_SCOPE_BROADCAST:
      return _ ("this network");
    case PL_SCOPE_MULTICAST:
      return _ ("members of the group");
    case PL_SCOPE_UNSPECIFIED:
    case PL_SCOPE_INTERNET:
    default:
      return _ ("everyone");
    }
}

const char *
pl_words_confidence (PlConfidence confidence)
{
  switch (confidence)
    {
    case PL_CONFIDENCE_EXACT:
      return _ ("Certain: the socket was found in this process.");
    case PL_CONFIDENCE_LISTENER:
      return _ ("Certain but for the process: this app owns the listening socket.");
    case PL_CONFIDENCE_CGROUP:
      return _ ("Its group of processes (cgroup) names the app; the process had gone or is out of sight.");
    case PL_CONFIDENCE_LIKELY:
      return _ ("Likely: the process had gone or shares the socket with others.");
    case PL_CONFIDENCE_UNKNOWN:
    default:
      return _ ("Not known.");
    }
}

/* ---- errors ---- */

const char *
pl_words_icmp_error (gboolean is_v6, guint8 type, guint8 code)
{
  /* RFC 792, RFC 1812 5.2.7.1 and RFC 4443 3.1-3.3: type and code as one number. */
  switch ((is_v6 ? 0x10000 : 0) | type << 8 | code)
    {
    case 0x00300:
    case 0x10100:
      return _ ("no route to that network");
    case 0x00301:
    case 0x10103:
      return _ ("host unreachable");
    case 0x00302:
      return _ ("protocol unreachable");
    case 0x00303:
    case 0x10104:
      return _ ("port unreachable");
    case 0x00309:
    case 0x0030a:
    case 0x0030d:
    case 0x10101:
      return _ ("prohibited by a firewall");
    case 0x00304:
    case 0x10200:
      return _ ("packet too big");
    case 0x00b00:
    case 0x10300:
      return _ ("too many hops");
    default:
      return _ ("destination unreachable");
    }
}

const char *
pl_words_undecodable (PlUndecodable reason)
{
  switch (reason)
    {
    case PL_UNDECODABLE_LINK_TYPE:
      return _ ("unknown kind of link");
    case PL_UNDECODABLE_NOT_IP:
      return _ ("not Internet traffic (ARP and the like)");
    case PL_UNDECODABLE_CUT_LINK:
      return _ ("cut inside the link header");
    case PL_UNDECODABLE_CUT_NETWORK:
      return _ ("cut inside the IP header");
    case PL_UNDECODABLE_CUT_TRANSPORT:
      return _ ("cut before the ports");
    case PL_UNDECODABLE_BAD_NETWORK:
      return _ ("contradictory IP header");
    case PL_UNDECODABLE_BAD_TRANSPORT:
      return _ ("contradictory transport header");
    case PL_UNDECODABLE_TOO_MANY_HEADERS:
      return _ ("too many nested headers");
    case PL_UNDECODABLE_STRAY_FRAGMENT:
      return _ ("fragment without its beginning");
    case PL_UNDECODABLE_BAD_RECORD:
      return _ ("broken record");
    case PL_DECODED:
    case PL_N_UNDECODABLE:
    default:
      return _ ("other");
    }
}
