/* What the ruler says of ports. Pure. */
#include "ruler-words.h"

#include <glib/gi18n.h>

#include "service-words.h"

#define NAMED_APPS 3 /* of one port, before "and N more" */
#define NAMED_PORTS 8 /* lines of a tooltip, before "and N more" */

typedef struct
{
  guint uses; /* PL_PORT_… */
  guint n_flows; /* that are not listeners */
  const char *service; /* nullable */
  GPtrArray *apps; /* (element-type utf8) (transfer none), each once */
} Facts;

static void
collect (const PlModelFlow *flow, int end, gpointer data)
{
  Facts *facts = data;
  const PlProcess *app = end == flow->local_end ? flow->app : flow->remote_app;

  if (facts->service == NULL)
    facts->service = pl_service_title (flow->flow.key.proto, flow->flow.key.port[end]);
  if (!pl_model_flow_is_listener (flow))
    facts->n_flows++;
  if (app != NULL && !g_ptr_array_find_with_equal_func (facts->apps, app->name, g_str_equal, NULL))
    g_ptr_array_add (facts->apps, app->name);
}

static void
facts_init (Facts *facts, PlModel *model, gboolean is_live, const PlPortCensus *census, guint port)
{
  *facts = (Facts){ .uses = pl_port_census_get (census, port), .apps = g_ptr_array_new () };
  pl_port_census_foreach (model, is_live, port, port, collect, facts);
  if (!(facts->uses & PL_PORT_LISTENS))
    facts->service = NULL; /* a number that was picked by chance stands for nothing */
}

static void
facts_clear (Facts *facts)
{
  g_clear_pointer (&facts->apps, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Facts, facts_clear)

static void
append_apps (GString *text, const Facts *facts, const char *separator)
{
  guint n_more = facts->apps->len > NAMED_APPS ? facts->apps->len - NAMED_APPS : 0;
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < facts->apps->len - n_more; i++)
    g_string_append_printf (names, "%s%s", i == 0 ? "" : ", ", (const char *)facts->apps->pdata[i]);
  if (names->len > 0)
    g_string_append (text, separator);
  if (n_more > 0)
    /* Translators: some names, and how many there are besides */
    g_string_append_printf (text, ngettext ("%1$s and %2$u more", "%1$s and %2$u more", n_more), names->str, n_more);
  else
    g_string_append (text, names->str);
}

static char *
line (const Facts *facts, guint port)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "%u", port);
  if (facts->service != NULL)
    g_string_append_printf (text, " · %s", facts->service);
  append_apps (text, facts, " · ");
  return g_string_free (text, FALSE);
}

static const char *
use_words (guint uses)
{
  if (uses & PL_PORT_LISTENS)
    return _ ("listening");
  if (uses & PL_PORT_TEMPORARY)
    return _ ("temporary");
  return _ ("in use");
}

static const char *
range_phrase (PlRange range)
{
  switch (range)
    {
    case PL_RANGE_WELL_KNOWN:
      return _ ("well-known");
    case PL_RANGE_REGISTERED:
      return _ ("registered");
    case PL_RANGE_DYNAMIC:
    case PL_RANGE_NONE:
    default:
      return _ ("dynamic");
    }
}

char *
pl_ruler_caption (PlModel *model, gboolean is_live, const PlPortCensus *census, guint low, guint high)
{
  g_auto (Facts) facts = { 0 };

  if (low != high)
    {
      guint n = pl_port_census_count_between (census, low, high);

      /* Translators: a range of port numbers and how many of them are in use */
      return g_strdup_printf (ngettext ("%1$u–%2$u · %3$u port", "%1$u–%2$u · %3$u ports", n), low, high, n);
    }
  facts_init (&facts, model, is_live, census, low);
  return line (&facts, low);
}

static char *
one_port (PlModel *model, gboolean is_live, const PlPortCensus *census, guint port)
{
  g_auto (Facts) facts = { 0 };
  const char *purpose;
  GString *text;

  facts_init (&facts, model, is_live, census, port);
  purpose = pl_words_purpose (facts.service);
  text = g_string_new (NULL);
  g_string_append_printf (text, facts.service != NULL ? _ ("Port %1$u (%2$s)") : _ ("Port %1$u"), port,
                          facts.service != NULL ? facts.service : "");
  g_string_append_printf (text, "\n%s · %s", range_phrase (pl_port_range ((guint16)port)), use_words (facts.uses));
  if (facts.n_flows > 0)
    {
      g_string_append (text, " · ");
      g_string_append_printf (text, ngettext ("%u flow", "%u flows", facts.n_flows), facts.n_flows);
    }
  append_apps (text, &facts, "\n");
  if (purpose != NULL)
    {
      g_string_append_c (text, '\n');
      g_string_append_printf (text, _ ("usually: %s"), purpose);
    }
  return g_string_free (text, FALSE);
}

char *
pl_ruler_tooltip (PlModel *model, gboolean is_live, const PlPortCensus *census, guint low, guint high)
{
  GString *text;
  guint n = pl_port_census_count_between (census, low, high), n_named = 0;

  if (low == high)
    return one_port (model, is_live, census, low);
  text = g_string_new (NULL);
  for (int port = pl_port_census_next (census, (int)low - 1, 1);
       port >= 0 && port <= (int)high && n_named < NAMED_PORTS; port = pl_port_census_next (census, port, 1), n_named++)
    {
      g_auto (Facts) facts = { 0 };
      g_autofree char *words = NULL;

      facts_init (&facts, model, is_live, census, (guint)port);
      words = line (&facts, (guint)port);
      g_string_append_printf (text, "%s%s · %s", n_named > 0 ? "\n" : "", words, use_words (facts.uses));
    }
  if (n > n_named)
    {
      g_string_append_c (text, '\n');
      g_string_append_printf (text, ngettext ("and %u port more", "and %u ports more", n - n_named), n - n_named);
    }
  return g_string_free (text, FALSE);
}

char *
pl_ruler_spoken (PlModel *model, gboolean is_live, const PlPortCensus *census, guint port)
{
  g_auto (Facts) facts = { 0 };
  GString *text;

  facts_init (&facts, model, is_live, census, port);
  text = g_string_new (NULL);
  g_string_append_printf (text, _ ("Port %u"), port);
  g_string_append_printf (text, ", %s, %s", range_phrase (pl_port_range ((guint16)port)), use_words (facts.uses));
  if (facts.service != NULL)
    g_string_append_printf (text, ", %s", facts.service);
  append_apps (text, &facts, ", ");
  return g_string_free (text, FALSE);
}

const char *
pl_ruler_range_name (PlRange range)
{
  switch (range)
    {
    case PL_RANGE_WELL_KNOWN:
      return _ ("Well-known");
    case PL_RANGE_REGISTERED:
      return _ ("Registered");
    case PL_RANGE_DYNAMIC:
    case PL_RANGE_NONE:
    default:
      return _ ("Dynamic");
    }
}

const char *
pl_ruler_range_about (PlRange range)
{
  switch (range)
    {
    case PL_RANGE_WELL_KNOWN:
      return _ ("Well-known ports, 0–1023: services that everybody knows, opened by the system");
    case PL_RANGE_REGISTERED:
      return _ ("Registered ports, 1024–49151: for services of apps, and temporary ports where the kernel begins below "
                "49152");
    case PL_RANGE_DYNAMIC:
    case PL_RANGE_NONE:
    default:
      return _ ("Dynamic ports, 49152–65535: registered for nobody, picked for a while");
    }
}

char *
pl_ruler_count_words (guint n_ports, gboolean is_live)
{
  if (is_live)
    /* Translators: so many ports of a range are open */
    return g_strdup_printf (ngettext ("%u open", "%u open", n_ports), n_ports);
  /* Translators: so many ports of a range were used in a capture file */
  return g_strdup_printf (ngettext ("%u used", "%u used", n_ports), n_ports);
}

char *
pl_ruler_short_count (guint n_ports)
{
  /* Translators: so many thousand ports, where there is room for three signs */
  return n_ports < 1000 ? g_strdup_printf ("%u", n_ports) : g_strdup_printf (_ ("%uk"), n_ports / 1000);
}
