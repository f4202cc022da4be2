/* The facts of a flow as labelled values. Pure: no clock, no widget. */
#include <glib/gi18n.h>
#include <pwd.h>
#include <stdio.h>

#include "flatpak.h"
#include "flow-details.h"
#include "format.h"
#include "bounds.h"
#include "rights.h"
#include "sandbox-words.h"
#include "scene.h"
#include "service-words.h"

const char *
pl_detail_group_title (PlDetailGroup group)
{
  switch (group)
    {
    case PL_DETAILS_ENDPOINTS:
      return _ ("Endpoints");
    case PL_DETAILS_TRAFFIC:
      return _ ("Traffic");
    case PL_DETAILS_CONNECTION:
      return _ ("Connection");
    case PL_DETAILS_APP:
      return _ ("App");
    case PL_DETAILS_OTHER_APP:
      return _ ("App at the other end");
    case PL_DETAILS_TIMELINE:
      return _ ("Timeline");
    case PL_DETAILS_PROCESSES:
      return _ ("Processes");
    case PL_N_DETAILS:
    default:
      return "";
    }
}

static void
detail_free (gpointer data)
{
  PlDetail *detail = data;

  g_free (detail->label);
  g_free (detail->value);
  g_free (detail->note);
  g_free (detail);
}

/* Takes @value and @note; nothing is added for a NULL value. */
static PlDetail *
add (GPtrArray *details, PlDetailGroup group, const char *label, char *value, char *note)
{
  PlDetail *detail;

  if (value == NULL)
    {
      g_free (note);
      return NULL;
    }
  detail = g_new0 (PlDetail, 1);
  *detail =
      (PlDetail){ .group = group, .label = g_strdup (label), .value = value, .note = note, .mark = PL_RANGE_NONE };
  g_ptr_array_add (details, detail);
  return detail;
}

static int
other_end (int end)
{
  return end == PL_END_A ? PL_END_B : PL_END_A;
}

/* ---- endpoints ---- */

static void
add_end (GPtrArray *details, const PlWordsContext *context, const PlModelFlow *flow, int end)
{
  PlFlow decided = pl_words_decided (flow);
  gboolean is_local = end == flow->local_end;
  g_autofree char *port = pl_words_port (context, flow, end);
  const char *scope = is_local ? NULL : pl_words_scope (&flow->flow.key.addr[end]);
  char *note;
  PlDetail *detail;

  if (port != NULL && scope != NULL)
    note = g_strdup_printf ("%s\n%s", port, scope);
  else
    note = g_strdup (port != NULL ? port : scope);
  detail = add (details, PL_DETAILS_ENDPOINTS, is_local ? _ ("Local") : _ ("Remote"), pl_words_end (flow, end), note);
  if (!pl_model_flow_is_listener (flow) || is_local)
    detail->mark = pl_flow_range (&decided, end);
}

/* Of the port that was called or listens; while nobody knows which was called, of one that has a name. */
static void
add_service (GPtrArray *details, const PlModelFlow *flow)
{
  const char *service = pl_words_service (flow, other_end (flow->local_end));
  const char *purpose = pl_words_purpose (service);

  if (purpose == NULL)
    {
      service = pl_words_service (flow, flow->local_end);
      purpose = pl_words_purpose (service);
    }
  if (purpose != NULL)
    /* Translators: what a port is for, as "reading mail, encrypted"; an app may use it for something else */
    add (details, PL_DETAILS_ENDPOINTS, _ ("Service"), g_strdup (service),
         g_strdup_printf (_ ("usually: %s"), purpose));
}

/* What the other end is called, and how far that can be relied on. */
static void
add_name (GPtrArray *details, const PlModelFlow *flow)
{
  const char *note = flow->host_source == PL_NAME_TLS
                         ? _ ("certain: the connection began by asking for it (TLS)")
                         : _ ("likely: DNS had given this address for it; others may have the address, too");

  if (flow->host != NULL)
    add (details, PL_DETAILS_ENDPOINTS, _ ("Name"), g_strdup (flow->host), g_strdup (note));
}

/* ---- traffic ---- */

static void
add_counted (GPtrArray *details, const char *label, const PlFlowCounts *counts, double rate)
{
  g_autofree char *bytes = pl_format_bytes (counts->bytes);
  g_autofree char *payload = pl_format_bytes (counts->payload_bytes);
  g_autofree char *packets = pl_format_count (counts->packets);
  g_autofree char *per_s = pl_scene_format_rate (rate);
  char *note = g_strdup_printf (
      ngettext ("%1$s packet, %2$s of payload", "%1$s packets, %2$s of payload", counts->packets), packets, payload);

  add (details, PL_DETAILS_TRAFFIC, label,
       rate > 0 ? g_strdup_printf ("%s · %s", bytes, per_s) : g_steal_pointer (&bytes), note);
}

static void
add_socket_bytes (GPtrArray *details, const char *label, guint64 payload_bytes)
{
  g_autofree char *bytes = pl_format_bytes (payload_bytes);

  if (payload_bytes == PL_UNKNOWN_U64)
    add (details, PL_DETAILS_TRAFFIC, label, g_steal_pointer (&bytes),
         g_strdup (_ ("the kernel does not count it: capture to see it")));
  else
    add (details, PL_DETAILS_TRAFFIC, label, g_steal_pointer (&bytes),
         g_strdup (_ ("payload, as the kernel counts it: capture to see packets")));
}

static void
add_traffic (GPtrArray *details, const PlModelFlow *flow)
{
  int local = flow->local_end;

  if (pl_model_flow_is_listener (flow))
    return;
  if ((flow->sources & PL_SEEN_PACKETS) != 0)
    {
      add_counted (details, _ ("Received"), &flow->flow.sent[other_end (local)], flow->rate_in);
      add_counted (details, _ ("Sent"), &flow->flow.sent[local], flow->rate_out);
      return;
    }
  add_socket_bytes (details, _ ("Received"), flow->payload_received);
  add_socket_bytes (details, _ ("Sent"), flow->payload_sent);
}

/* ---- connection ---- */

static char *
time_of_day (guint64 time_us)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc ((gint64)(time_us / 1000000));
  g_autoptr (GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;

  return local != NULL ? g_date_time_format (local, "%x %X") : NULL;
}

static char *
retransmitted (const PlModelFlow *flow)
{
  g_autofree char *count = NULL;

  if (flow->n_retransmits == PL_UNKNOWN_U32)
    return NULL;
  count = pl_format_count (flow->n_retransmits);
  return g_strdup_printf (ngettext ("%s segment", "%s segments", flow->n_retransmits), count);
}

static void
add_connection (GPtrArray *details, const PlWordsContext *context, const PlModelFlow *flow, const char *iface)
{
  g_autofree char *proto = g_strdup (pl_proto_title (flow->flow.key.proto));
  g_autofree char *min_rtt = flow->min_rtt_us != PL_UNKNOWN_U32 ? pl_format_ms (flow->min_rtt_us) : NULL;
  g_autofree char *since = flow->flow.first_us != 0 ? time_of_day (flow->flow.first_us) : NULL;

  add (details, PL_DETAILS_CONNECTION, _ ("Protocol"), g_steal_pointer (&proto), NULL);
  add (details, PL_DETAILS_CONNECTION, _ ("State"), g_strdup (pl_words_state (flow)), NULL);
  add (details, PL_DETAILS_CONNECTION, _ ("Reached by"), g_strdup (pl_words_reach (flow)), NULL);
  add (details, PL_DETAILS_CONNECTION, _ ("Age"), pl_words_age (context, flow),
       since != NULL ? g_strdup_printf (_ ("since %s"), since) : NULL);
  if (flow->rtt_us != PL_UNKNOWN_U32)
    add (details, PL_DETAILS_CONNECTION, _ ("Round trip"), pl_format_ms (flow->rtt_us),
         min_rtt != NULL ? g_strdup_printf (_ ("shortest %s"), min_rtt) : NULL);
  add (details, PL_DETAILS_CONNECTION, _ ("Retransmitted"), retransmitted (flow), NULL);
  if (iface != NULL)
    add (details, PL_DETAILS_CONNECTION, _ ("Interface"), g_strdup (iface), NULL);
}

/* ---- apps ---- */

static char *
parent_words (const PlProcess *process)
{
  if (process->parent_name == NULL)
    return g_strdup_printf (_ ("pid %d"), process->parent_pid);
  /* Translators: a program and the number of its process */
  return g_strdup_printf (_ ("%1$s (pid %2$d)"), process->parent_name, process->parent_pid);
}

/* A user by name and number. From /etc/passwd itself: a name service call could wait for a network. */
static char *
user_words (guint32 uid)
{
  FILE *file = fopen ("/etc/passwd", "re");
  char *words = NULL;

  for (struct passwd *entry; words == NULL && file != NULL && (entry = fgetpwent (file)) != NULL;)
    if (entry->pw_uid == uid)
      words = g_strdup_printf (_ ("%1$s (uid %2$u)"), entry->pw_name, uid);
  if (file != NULL)
    fclose (file);
  return words != NULL ? words : g_strdup_printf (_ ("uid %u"), uid);
}

static void
add_app (GPtrArray *details, PlDetailGroup group, const PlProcess *process, PlConfidence confidence, guint32 uid)
{
  g_autofree char *started = process->started_us != 0 ? time_of_day (process->started_us) : NULL;
  char *user;

  if (process->user != NULL && process->uid != PL_UNKNOWN_U32)
    user = g_strdup_printf (_ ("%1$s (uid %2$u)"), process->user, process->uid);
  else if (process->user != NULL)
    user = g_strdup (process->user);
  else if (process->uid != PL_UNKNOWN_U32)
    user = user_words (process->uid);
  else
    user = uid != PL_UNKNOWN_U32 ? user_words (uid) : NULL;

  add (details, group, _ ("Name"), g_strdup (process->name),
       g_strdup (confidence != PL_CONFIDENCE_UNKNOWN ? pl_words_confidence (confidence)
                                                     : _ ("The kernel tells that the socket is theirs. Which program "
                                                          "it is shows while Portlight’s own helper captures.")));
  if (process->pid != 0)
    add (details, group, _ ("Process"), g_strdup_printf (_ ("pid %d"), process->pid),
         started != NULL ? g_strdup_printf (_ ("since %s"), started) : NULL);
  add (details, group, _ ("Program"), g_strdup (process->exe), NULL);
  if (process->cmdline != NULL && g_strcmp0 (process->cmdline, process->exe) != 0)
    add (details, group, _ ("Command"), g_strdup (process->cmdline), NULL);
  if (process->parent_pid != 0)
    add (details, group, _ ("Parent"), parent_words (process), NULL);
  add (details, group, _ ("User"), user, NULL);
  add (details, group, _ ("Unit"), g_strdup (process->unit), NULL);
  if (process->is_elsewhere)
    add (details, group, _ ("Network"), g_strdup (_ ("in another network namespace")),
         g_strdup (_ ("As in a container: its addresses and ports are not those of this computer.")));
}

/* Of this run, for which it does not change. */
static gboolean
is_network_hidden (void)
{
  static int answer = -1;

  if (answer < 0)
    {
      g_autoptr (GKeyFile) info = g_key_file_new ();
      answer = pl_is_flatpak () && g_key_file_load_from_file (info, PL_FLATPAK_INFO, G_KEY_FILE_NONE, NULL)
               && pl_sandbox_words_hides_network (info);
    }
  return answer;
}

/* The user is known from the socket: then there was one. */
static const char *
why_unknown (const PlModelFlow *flow)
{
  if (is_network_hidden ())
    return _ ("Flatpak hides this computer’s network from Portlight, so that it finds no socket, and no app. “About "
              "Portlight”, Troubleshooting, has the line that allows it.");
  if (flow->uid == PL_UNKNOWN_U32)
    return _ ("No socket was found for it in time, or it belongs to another user or the kernel itself.");
  PlRightsCgroups cgroups = pl_rights_get_cgroups ();
  if (cgroups == PL_RIGHTS_CGROUPS_WITHHELD)
    return _ (
        "Its socket is there, but a Flatpak sees no processes outside its sandbox, and this one not the control groups "
        "either, by which it could name apps.");
  if (cgroups == PL_RIGHTS_CGROUPS_NONE)
    return _ (
        "Its socket is there, but a Flatpak sees no processes outside its sandbox, and this computer has no control "
        "groups in /sys/fs/cgroup, by which it could name apps. While Portlight’s own helper captures, it tells which "
        "one it is.");
  if (pl_is_flatpak ())
    return _ (
        "Its socket is there, but its control group names no app, and a Flatpak sees no processes outside its sandbox. "
        "While Portlight’s own helper captures, it tells which one it is.");
  return _ ("Its socket was found, but not the process that holds it.");
}

static void
add_apps (GPtrArray *details, const PlWordsContext *context, const PlModelFlow *flow)
{
  if (flow->app != NULL)
    add_app (details, PL_DETAILS_APP, flow->app, flow->app_confidence, flow->uid);
  else if (context->is_live)
    {
      add (details, PL_DETAILS_APP, _ ("Name"), g_strdup (_ ("unknown")), g_strdup (why_unknown (flow)));
      if (flow->uid != PL_UNKNOWN_U32)
        add (details, PL_DETAILS_APP, _ ("User"), user_words (flow->uid), NULL);
    }
  if (flow->remote_app != NULL)
    add_app (details, PL_DETAILS_OTHER_APP, flow->remote_app, flow->remote_confidence, flow->remote_app->uid);
}

/* "3 flows · 2 ports that listen · 1.2 MB/s" */
static char *
use_words (const PlProcessUse *use)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);

  if (use->n_flows != 0 || use->n_listeners == 0)
    g_ptr_array_add (parts, g_strdup_printf (ngettext ("%u flow", "%u flows", use->n_flows), use->n_flows));
  if (use->n_listeners != 0)
    g_ptr_array_add (parts, g_strdup_printf (ngettext ("listens on %u port", "listens on %u ports", use->n_listeners),
                                             use->n_listeners));
  if (use->rate_out + use->rate_in >= 1)
    g_ptr_array_add (parts, pl_scene_format_rate (use->rate_out + use->rate_in));
  g_ptr_array_add (parts, NULL);
  return g_strjoinv (" · ", (char **)parts->pdata);
}

static void
add_process (GPtrArray *details, const PlProcessUse *use)
{
  const PlProcess *process = use->process;
  g_autofree char *pid = g_strdup_printf (_ ("pid %d"), process->pid);
  const char *command = process->cmdline != NULL ? process->cmdline
                        : process->exe != NULL   ? process->exe
                        : process->comm != NULL  ? process->comm
                                                 : process->name;

  add (details, PL_DETAILS_PROCESSES, pid, g_strdup (command), use_words (use))->is_brief = TRUE;
}

GPtrArray *
pl_processes_details (GPtrArray *uses)
{
  GPtrArray *details = g_ptr_array_new_with_free_func (detail_free);

  if (uses->len == 1)
    {
      const PlProcessUse *use = g_ptr_array_index (uses, 0);

      add_app (details, PL_DETAILS_PROCESSES, use->process, use->confidence, use->process->uid);
      return details;
    }
  for (guint i = 0; i < MIN (uses->len, PL_LIMIT_PROCESS_ROWS); i++)
    add_process (details, g_ptr_array_index (uses, i));
  if (uses->len > PL_LIMIT_PROCESS_ROWS)
    add (details, PL_DETAILS_PROCESSES, "…",
         g_strdup_printf (ngettext ("%u more process", "%u more processes", uses->len - PL_LIMIT_PROCESS_ROWS),
                          uses->len - PL_LIMIT_PROCESS_ROWS),
         NULL);
  return details;
}

/* ---- timeline ---- */

typedef struct
{
  guint64 time_us;
  char *text;
} Event;

static void
event_clear (gpointer data)
{
  g_free (((Event *)data)->text);
}

static int
event_compare (gconstpointer a, gconstpointer b)
{
  const Event *first = a, *second = b;

  return (first->time_us > second->time_us) - (first->time_us < second->time_us);
}

/* Takes @text. */
static void
note_event (GArray *events, guint64 time_us, char *text)
{
  Event event = { time_us, text };

  if (time_us != 0)
    g_array_append_val (events, event);
  else
    g_free (text);
}

static char *
by_whom (const PlModelFlow *flow, int end, const char *here, const char *there)
{
  return g_strdup (end == flow->local_end ? here : there);
}

static GArray *
collect_events (const PlModelFlow *flow)
{
  const PlFlowStory *story = &flow->story;
  int local = flow->local_end;
  int called = flow->flow.initiator_end == PL_END_UNKNOWN ? other_end (local) : other_end (flow->flow.initiator_end);
  int caller = other_end (called);
  GArray *events = g_array_new (FALSE, FALSE, sizeof (Event));
  char from[PL_ADDR_STRLEN];

  g_array_set_clear_func (events, event_clear);
  if (story->n_syn > 1)
    note_event (events, story->syn_us,
                g_strdup_printf (_ ("SYN sent from :%1$u, %2$u times"), flow->flow.key.port[caller], story->n_syn));
  else
    note_event (events, story->syn_us, g_strdup_printf (_ ("SYN sent from :%u"), flow->flow.key.port[caller]));
  note_event (events, story->syn_ack_us, g_strdup_printf (_ ("SYN-ACK: port %u is open"), flow->flow.key.port[called]));
  note_event (events, story->established_us, g_strdup (_ ("handshake done")));
  note_event (events, story->first_payload_us[local], g_strdup (_ ("first data sent")));
  note_event (events, story->first_payload_us[other_end (local)], g_strdup (_ ("first data received")));
  note_event (events, story->fin_us,
              by_whom (flow, story->fin_end, _ ("FIN: this end is done"), _ ("FIN: the other end is done")));
  note_event (events, story->rst_us,
              by_whom (flow, story->rst_end, _ ("RST: this end cut it off"), _ ("RST: the other end cut it off")));
  note_event (
      events, story->icmp_error_us,
      g_strdup_printf (_ ("%1$s says: %2$s"), pl_addr_format (&story->icmp_from, from),
                       pl_words_icmp_error (!pl_addr_is_v4 (&story->icmp_from), story->icmp_type, story->icmp_code)));
  g_array_sort (events, event_compare); /* stable order of equal times is of no matter here */
  return events;
}

static void
add_timeline (GPtrArray *details, const PlModelFlow *flow)
{
  g_autoptr (GArray) events = collect_events (flow);
  guint64 first_us = flow->flow.first_us;

  for (guint i = 0; i < events->len; i++)
    {
      Event *event = &g_array_index (events, Event, i);
      double at_s = event->time_us > first_us ? (double)(event->time_us - first_us) / 1e6 : 0;
      g_autofree char *label = g_strdup_printf (_ ("%.3f s"), at_s);

      add (details, PL_DETAILS_TIMELINE, label, g_steal_pointer (&event->text), NULL);
    }
}

/* ---- all ---- */

GPtrArray *
pl_flow_details (const PlWordsContext *context, const PlModelFlow *flow, const char *iface)
{
  GPtrArray *details = g_ptr_array_new_with_free_func (detail_free);
  int local = flow->local_end;

  add_end (details, context, flow, local);
  if (!pl_model_flow_is_listener (flow))
    add_end (details, context, flow, other_end (local));
  add_name (details, flow);
  add_service (details, flow);
  add_traffic (details, flow);
  add_connection (details, context, flow, iface);
  add_apps (details, context, flow);
  add_timeline (details, flow);
  return details;
}

char *
pl_flow_details_as_text (const PlWordsContext *context, const PlModelFlow *flow, const char *iface)
{
  g_autoptr (GPtrArray) details = pl_flow_details (context, flow, iface);
  g_autofree char *title = pl_words_title (context, flow);
  g_autofree char *subtitle = pl_words_subtitle (context, flow);
  g_autofree char *sentence = pl_words_sentence (context, flow);
  GString *text = g_string_new (NULL);
  PlDetailGroup group = PL_N_DETAILS;

  g_string_append_printf (text, "%s\n%s\n\n%s\n", title, subtitle, sentence);
  for (guint i = 0; i < details->len; i++)
    {
      PlDetail *detail = g_ptr_array_index (details, i);

      if (detail->group != group)
        g_string_append_printf (text, "\n%s\n", pl_detail_group_title (detail->group));
      group = detail->group;
      g_string_append_printf (text, "  %s: %s", detail->label, detail->value);
      if (detail->note != NULL)
        {
          g_auto (GStrv) lines = g_strsplit (detail->note, "\n", -1);
          g_autofree char *note = g_strjoinv ("; ", lines);

          g_string_append_printf (text, " (%s)", note);
        }
      g_string_append_c (text, '\n');
    }
  return g_string_free (text, FALSE);
}
