/* What nodes say, translated. Main loop only; no geometry in here. */
#include "portlight-config.h"

#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>

#include "scene-private.h"

#define MOST_BYTES 1e18 /* a second: more is none */
#define PART " · " /* between two things that a second line says */

/* In three digits at most, for what is read at a glance. */
char *
pl_scene_format_rate (double rate)
{
  static const char *const units[] = { N_ ("B/s"),  N_ ("kB/s"), N_ ("MB/s"), N_ ("GB/s"),
                                       N_ ("TB/s"), N_ ("PB/s"), N_ ("EB/s") };
  guint unit = 0;

  rate = rate > 0 ? MIN (rate, MOST_BYTES) : 0; /* NaN, too */
  while (rate >= 999.5)
    {
      rate /= 1000;
      unit++;
    }
  return g_strdup_printf (unit == 0 || rate >= 99.95 ? "%.0f\u00a0%s" : "%.1f\u00a0%s", rate, _ (units[unit]));
}

const char *
pl_scene_failure_words (guint failures)
{
  switch (failures)
    {
    case 1u << PL_FAILURE_REFUSED:
      return _ ("refused");
    case 1u << PL_FAILURE_UNREACHABLE:
      return _ ("unreachable");
    case 1u << PL_FAILURE_PROHIBITED:
      return _ ("blocked");
    case 1u << PL_FAILURE_NO_ANSWER:
      return _ ("no answer");
    case 1u << PL_FAILURE_RESET:
      return _ ("reset");
    default:
      return _ ("failed");
    }
}

static const char *
scope_words (PlScope scope)
{
  switch (scope)
    {
    case PL_SCOPE_LOOPBACK:
      return _ ("this computer");
    case PL_SCOPE_LINK:
    case PL_SCOPE_PRIVATE:
      return _ ("local network");
    case PL_SCOPE_MULTICAST:
      return _ ("multicast group");
    case PL_SCOPE_BROADCAST:
      return _ ("everyone on this network");
    case PL_SCOPE_UNSPECIFIED:
      return _ ("any address");
    default:
      return _ ("internet");
    }
}

/* Who can reach a listener, in a word: a chip has no room for more. */
static const char *
reach_words (PlScope scope)
{
  switch (scope)
    {
    case PL_SCOPE_LOOPBACK:
      /* Translators: who can reach a port: programs on this computer only, the local network, anybody */
      return _ ("only here");
    case PL_SCOPE_LINK:
    case PL_SCOPE_PRIVATE:
    case PL_SCOPE_BROADCAST:
      return _ ("network");
    case PL_SCOPE_MULTICAST:
      return _ ("group");
    default:
      return _ ("everyone");
    }
}

static const char *
range_words (PlRange range)
{
  switch (range)
    {
    case PL_RANGE_WELL_KNOWN:
      return _ ("well-known");
    case PL_RANGE_REGISTERED:
      return _ ("registered");
    case PL_RANGE_DYNAMIC:
      return _ ("dynamic");
    default:
      return "";
    }
}

/* Takes @next over when it differs, so that an unchanged text keeps its address. */
static void
set_text (char **text, char *next)
{
  if (g_strcmp0 (*text, next) == 0)
    g_free (next);
  else
    {
      g_free (*text);
      *text = next;
    }
}

static char *
app_subtitle (const Node *node)
{
  guint n = node->pub.n_live, n_all = node->pub.n_flows - node->n_listeners;
  g_autofree char *count = NULL, *rate = NULL;

  if ((node->pub.flags & PL_SCENE_FAILED) && (node->pub.failures & (node->pub.failures - 1)))
    return g_strdup (_ ("failed"));
  if (node->pub.flags & PL_SCENE_FAILED)
    return g_strdup_printf (_ ("failed: %s"), pl_scene_failure_words (node->pub.failures));
  if (n == 0) /* what fades is counted no more */
    return g_strdup (n_all == 0 || node->pub.n_listeners > 0 ? _ ("listening") : _ ("closed"));
  /* Translators: connections and the like; %'u is a number with separators */
  count = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%'u flow", "%'u flows", n), n);
  if (node->n_closed >= n_all)
    return g_strdup_printf ("%s · %s", count, _ ("closed"));
  if (node->pub.rate >= 1)
    {
      rate = pl_scene_format_rate (node->pub.rate);
      return g_strdup_printf ("%s · %s", count, rate);
    }
  if (node->n_listeners > 0)
    return g_strdup_printf ("%s · %s", count, _ ("listening"));
  return g_steal_pointer (&count);
}

static void
app_text (Node *node)
{
  guint n = node->n_members;

  g_assert (node->app != NULL); /* each flow has one, and be it "unknown" */
  if (node->key.kind == KEY_OTHERS)
    set_text (&node->title, g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%'u more app", "%'u more apps", n), n));
  else
    set_text (&node->title, g_strdup (node->app->name));
  if (node->pub.flags & PL_SCENE_PROCESS)
    {
      g_autofree char *rest = app_subtitle (node);

      /* Translators: number of a process, then how many flows or the like */
      set_text (&node->subtitle, g_strdup_printf (_ ("pid %1$d · %2$s"), node->app->pid, rest));
      return;
    }
  set_text (&node->subtitle, app_subtitle (node));
}

static char *
port_subtitle (const Node *node)
{
  const char *service = node->pub.port != 0 ? pl_service_title (node->key.proto, node->pub.port) : NULL;

  if (node->pub.flags & PL_SCENE_LISTENER)
    return g_strdup (reach_words (node->pub.scope));
  if (node->pub.role == PL_ROLE_TEMPORARY)
    service = NULL; /* the kernel picked the number: its name would mean nothing */
  if (service != NULL)
    return g_strdup (service);
  if (node->key.proto != PL_PROTO_TCP && node->key.proto != PL_PROTO_UDP && node->key.proto != 0)
    return g_strdup (pl_proto_name (node->key.proto));
  return g_strdup ("");
}

/* Which protocol it is, on both sides: an app with several of them would else have as many chips that say the same. */
static void
no_port_text (Node *node)
{
  set_text (&node->title, g_strdup (pl_proto_title (node->key.proto)));
  if (node->pub.flags & PL_SCENE_LISTENER)
    set_text (&node->subtitle, g_strdup (reach_words (node->pub.scope)));
  else if (node->key.lane == PL_LANE_LOCAL_PORT)
    /* Translators: beside the name of a protocol that knows no ports, "ICMP" */
    set_text (&node->subtitle, g_strdup (_ ("no port")));
  else
    /* Translators: ICMP echo */
    set_text (&node->subtitle, g_strdup (node->key.port == PL_KIND_ECHO ? _ ("ping") : ""));
}

/* Translators: so many ports of a range: "17 dynamic" */
static char *
ports_of (guint n, PlRange range)
{
  return g_strdup_printf (_ ("%'u %s"), n, range_words (range));
}

static char *
more_ports (guint n)
{
  /* Translators: than those shown */
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%'u more port", "%'u more ports", n), n);
}

/* @is_alone: no single port of its range stands in its lane. */
static void
port_text (Node *node, gboolean is_alone)
{
  if (node->key.kind == KEY_NO_PORT)
    {
      no_port_text (node);
      return;
    }
  if (node->key.kind == KEY_OTHERS)
    {
      set_text (&node->title, is_alone ? ports_of (node->n_members, node->key.range) : more_ports (node->n_members));
      set_text (&node->subtitle, g_strdup (is_alone ? "" : range_words (node->key.range)));
      return;
    }
  if ((node->pub.flags & (PL_SCENE_BUNDLE | PL_SCENE_UNFOLDED)) == (PL_SCENE_BUNDLE | PL_SCENE_UNFOLDED))
    {
      /* what is left of a bundle, beside those that were unfolded from it */
      set_text (&node->title, more_ports (node->pub.n_ports));
      set_text (&node->subtitle, g_strdup (range_words (node->key.range)));
      return;
    }
  if (node->pub.flags & PL_SCENE_BUNDLE)
    set_text (&node->title, ports_of (node->pub.n_ports, node->key.range));
  else
    set_text (&node->title, g_strdup_printf (":%u", node->pub.port));
  set_text (&node->subtitle, port_subtitle (node));
}

static char *
scope_and_failure (const Node *node, const char *scope)
{
  if (node->pub.flags & PL_SCENE_FAILED)
    return g_strdup_printf ("%s · %s", scope, pl_scene_failure_words (node->pub.failures));
  return g_strdup (scope);
}

static void
endpoint_text (Node *node)
{
  char address[PL_ADDR_STRLEN];
  const char *scope = scope_words (node->key.range);
  g_autofree char *rest = NULL;
  guint n = node->n_members;

  if (node->key.kind == KEY_OTHERS)
    {
      set_text (&node->title, g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%'u more host", "%'u more hosts", n), n));
      set_text (&node->subtitle, scope_and_failure (node, scope));
      return;
    }
  if (node->key.kind == KEY_PEER)
    {
      g_assert (node->app != NULL); /* whose flows the key is made of */
      set_text (&node->title, g_strdup (node->app->name));
      set_text (&node->subtitle, scope_and_failure (node, scope));
      return;
    }
  pl_addr_format (&node->key.addr, address);
  if (node->key.range == PL_SCOPE_LOOPBACK)
    {
      set_text (&node->title, g_strdup ("localhost"));
      set_text (
          &node->subtitle,
          g_strdup_printf ("%s · %s", address,
                           (node->pub.flags & PL_SCENE_FAILED) ? pl_scene_failure_words (node->pub.failures) : scope));
      return;
    }
  if (node->host == NULL)
    {
      set_text (&node->title, g_strdup (address));
      set_text (&node->subtitle, scope_and_failure (node, scope));
      return;
    }
  /* Translators: a host's name, "example.com": connections ask for it and for others at the same address */
  set_text (&node->title,
            node->has_other_hosts ? g_strdup_printf (_ ("%s and others"), node->host) : g_strdup (node->host));
  rest = scope_and_failure (node, scope);
  set_text (&node->subtitle, g_strconcat (address, PART, rest, NULL));
}

/* The same for all processes of an app: a process's key is the app's, and its number in a line of its own (scene-merge.c). */
static char *
dup_app_token (PlRedactor *redactor, const Node *node)
{
  const char *end = node->pid != 0 ? strrchr (node->app_key, '\n') : NULL;
  g_autofree char *key = end ? g_strndup (node->app_key, end - node->app_key) : g_strdup (node->app_key);

  return g_strdup (pl_redactor_app (redactor, key));
}

/* What @node says with nothing in it that tells who or where; built from counts and scopes alone, so that a name can't slip
 * through. */
void
scene_text_redact (PlRedactor *redactor, const Node *node, char **title, char **subtitle)
{
  char address[PL_ADDR_STRLEN];
  gboolean is_single = node->key.kind != KEY_OTHERS && !(node->pub.flags & PL_SCENE_UNKNOWN_APP);
  const char *scope = scope_words (node->key.range);

  *title = *subtitle = NULL;
  if (node->key.lane == PL_LANE_APP && node->pid != 0)
    {
      g_autofree char *rest = app_subtitle (node);

      *subtitle = g_strdup_printf ("%s · %s", pl_redactor_process (redactor, node->app_key), rest);
    }
  else if (node->key.lane == PL_LANE_APP)
    *subtitle = app_subtitle (node);
  else if (node->key.lane == PL_LANE_ENDPOINT)
    *subtitle = scope_and_failure (node, scope);
  if (scene_is_port_lane (node->key.lane) || !is_single)
    *title = g_strdup (node->title);
  else if (node->key.lane == PL_LANE_APP || node->key.kind == KEY_PEER)
    *title = dup_app_token (redactor, node);
  else if (node->key.range == PL_SCOPE_LOOPBACK)
    *title = g_strdup ("localhost");
  else
    *title = g_strdup (pl_redactor_address (redactor, pl_addr_format (&node->key.addr, address)));
  if (*subtitle == NULL)
    *subtitle = g_strdup (node->subtitle);
}

/* Of which ranges single ports stand in the port lanes. */
static void
find_singles (PlScene *scene, gboolean singles[PL_N_LANES][PL_RANGE_DYNAMIC + 1])
{
  for (guint i = 0; i < scene->node_list->len; i++)
    {
      const Node *node = scene->node_list->pdata[i];

      if (scene_is_port_lane (node->key.lane) && node->stamp == scene->stamp && (node->pub.flags & PL_SCENE_BUNDLE) == 0
          && node->pub.range <= PL_RANGE_DYNAMIC)
        singles[node->key.lane][node->pub.range] = TRUE;
    }
}

/* The texts of all nodes that this update spoke of; those on their way out keep theirs. */
void
scene_text_update (PlScene *scene)
{
  gboolean singles[PL_N_LANES][PL_RANGE_DYNAMIC + 1] = { 0 };

  find_singles (scene, singles);
  for (guint i = 0; i < scene->node_list->len; i++)
    {
      Node *node = scene->node_list->pdata[i];

      if (node->stamp == scene->stamp)
        {
          if (node->app && node->key.kind != KEY_OTHERS && !scene_is_port_lane (node->key.lane))
            {
              set_text (&node->icon_name, g_strdup (node->app->icon_name));
              set_text (&node->app_key, g_strdup (node->app->key));
            }
          if (node->key.lane == PL_LANE_APP)
            app_text (node);
          else if (node->key.lane == PL_LANE_ENDPOINT)
            endpoint_text (node);
          else
            port_text (node, node->key.range <= PL_RANGE_DYNAMIC && !singles[node->key.lane][node->key.range]);
        }
      node->pub.title = node->title;
      node->pub.subtitle = node->subtitle;
      node->pub.icon_name = node->icon_name;
    }
}

char *
scene_text_shorten (const char *subtitle, guint flags)
{
  const char *first = strstr (subtitle, PART), *last = g_strrstr (subtitle, PART);

  if (first == NULL)
    return NULL;
  if (flags & PL_SCENE_PROCESS) /* its number tells one from the other */
    return g_strndup (subtitle, last - subtitle);
  return g_strdup (first + strlen (PART));
}

/* Behind the number that @text begins with: "1,234", "1.234" or "1 234" as the locale parts its digits. */
static const char *
end_of_number (const char *text)
{
  const char *end = text, *next;

  while (g_ascii_isdigit (*end))
    {
      next = ++end;
      if (*next != 0 && !g_unichar_isalnum (g_utf8_get_char (next)))
        next = g_utf8_next_char (next); /* what parts two groups */
      if (g_ascii_isdigit (*next))
        end = next;
    }
  return end;
}

char **
pl_scene_node_dup_short_titles (const PlSceneNode *node)
{
  const guint rest = PL_SCENE_BUNDLE | PL_SCENE_UNFOLDED;
  g_autoptr (GStrvBuilder) titles = g_strv_builder_new ();
  g_autofree char *words = NULL, *brief = NULL, *number = NULL;
  const char *end = end_of_number (node->title);

  if (((node->flags & PL_SCENE_OTHERS) && (!scene_is_port_lane (node->lane) || *node->subtitle != 0))
      || (scene_is_port_lane (node->lane) && (node->flags & rest) == rest))
    {
      number = g_strndup (node->title, (gsize)(end - node->title));
      /* Translators: a number, of what stands beside it */
      words = *number != 0 ? g_strdup_printf (_ ("%s more"), number) : NULL;
      brief = *number != 0 ? g_strconcat ("+", number, NULL) : NULL;
    }
  else if (scene_is_port_lane (node->lane) && (node->flags & PL_SCENE_BUNDLE))
    {
      /* where the colour alone says of which range */
      words = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u port", "%u ports", node->n_ports), node->n_ports);
      brief = g_strdup_printf ("×%u", node->n_ports);
    }
  if (words != NULL)
    g_strv_builder_add_many (titles, words, brief, NULL);
  return g_strv_builder_end (titles);
}

char *
pl_scene_dup_wide_words (const char *words)
{
  gsize n_digits = strspn (words, "0123456789");

  return n_digits < 3 ? g_strconcat (&"000"[n_digits], words, NULL) : g_strdup (words);
}

char *
pl_scene_node_dup_short_subtitle (const PlSceneNode *node)
{
  return scene_text_shorten (node->subtitle, node->flags);
}

char *
pl_scene_dup_fold_words (PlScene *scene)
{
  guint n_edges, n_live_edges = 0, n_lines = 0, n_listeners = 0, n_flows = 0;
  const PlSceneEdge *edges = pl_scene_get_edges (scene, &n_edges);
  g_autofree char *lines = NULL, *flows = NULL, *listeners = NULL;

  for (guint i = 0; i < n_edges; i++)
    {
      if ((edges[i].flags & PL_SCENE_LEAVING) || edges[i].n_live == 0)
        continue;
      n_live_edges++;
      n_lines += (edges[i].flags & PL_SCENE_COVERED) == 0;
      if (edges[i].flags & PL_SCENE_LISTENER)
        n_listeners += edges[i].n_live;
      else
        n_flows += edges[i].n_live;
    }
  if (n_flows + n_listeners <= n_live_edges)
    return NULL;
  lines = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%'u line", "%'u lines", n_lines), n_lines);
  flows = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%'u flow", "%'u flows", n_flows), n_flows);
  listeners =
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%'u listener", "%'u listeners", n_listeners), n_listeners);
  if (n_listeners == 0 || n_flows == 0)
    /* Translators: "12 lines" stand for "500 flows", or for "100 listeners" */
    return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s stands for %s", "%s stand for %s", n_lines), lines,
                            n_listeners == 0 ? flows : listeners);
  /* Translators: "12 lines" stand for "500 flows" and "100 listeners" */
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s stands for %s and %s", "%s stand for %s and %s", n_lines),
                          lines, flows, listeners);
}
