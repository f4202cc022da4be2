/* The picture: well-formed at every size, all that the scene has and nothing outside, the same from right to left, and with
 * nothing left of what is redacted. */
#include <math.h>
#include <stdlib.h>

#include "bounds.h"
#include "scene-checks.h"
#include "scene-colors.h"
#include "scene-steps.h"
#include "scene-svg.h"
#include "svg-writer.h"
#include "synthetic.h"

typedef struct
{
  double x, y, width, height;
} Box;

typedef struct
{
  double width, height;
  guint n_frames, n_paths, n_texts;
  double sum_x; /* of all frames' middles */
  Box numbers[100]; /* beside crosses */
  guint n_numbers;
  GString *words;
  gboolean is_text;
} Seen;

static double
number (const char **names, const char **values, const char *name)
{
  for (guint i = 0; names[i]; i++)
    if (g_str_equal (names[i], name))
      {
        char *end;
        double value = g_ascii_strtod (values[i], &end);

        g_assert_true (*end == 0 && isfinite (value));
        return value;
      }
  return 0;
}

static gboolean
has (const char **names, const char *name)
{
  return g_strv_contains ((const char *const *)names, name);
}

/* A number has a ground of its own; the nodes are drawn later, so that what one covers is known by then. */
static void
look_at_rect (Seen *seen, const char **names, const char **values)
{
  const Box box = { number (names, values, "x"), number (names, values, "y"), number (names, values, "width"),
                    number (names, values, "height") };

  if (number (names, values, "fill-opacity") == 0.85)
    {
      g_assert_cmpuint (seen->n_numbers, <, G_N_ELEMENTS (seen->numbers));
      seen->numbers[seen->n_numbers++] = box;
    }
  else if (has (names, "rx") && number (names, values, "stroke-width") >= 1)
    for (guint i = 0; i < seen->n_numbers; i++)
      {
        const Box *other = &seen->numbers[i];

        g_assert_true (box.x >= other->x + other->width || other->x >= box.x + box.width
                       || box.y >= other->y + other->height || other->y >= box.y + box.height);
      }
}

static void
on_start (GMarkupParseContext *context,
          const char *element,
          const char **names,
          const char **values,
          gpointer data,
          GError **error)
{
  Seen *seen = data;

  seen->is_text = g_str_equal (element, "text");
  if (g_str_equal (element, "svg"))
    {
      seen->width = number (names, values, "width");
      seen->height = number (names, values, "height");
    }
  else if (seen->is_text)
    {
      seen->n_texts++;
      g_assert_cmpfloat (number (names, values, "x"), >=, 0);
      g_assert_cmpfloat (number (names, values, "x"), <=, seen->width);
      g_assert_cmpfloat (number (names, values, "y"), <=, seen->height);
    }
  else if (g_str_equal (element, "rect") && has (names, "rx") && number (names, values, "width") > 50)
    {
      double x = number (names, values, "x"), width = number (names, values, "width");

      g_assert_cmpfloat (x, >=, 0);
      g_assert_cmpfloat (x + width, <=, seen->width);
      if (!has (names, "stroke-dasharray") && number (names, values, "stroke-width") >= 1)
        seen->sum_x += x + width / 2;
      seen->n_frames++;
    }
  if (g_str_equal (element, "rect"))
    look_at_rect (seen, names, values);
  seen->n_paths += g_str_equal (element, "path");
}

static void
on_text (GMarkupParseContext *context, const char *text, gsize length, gpointer data, GError **error)
{
  g_string_append_len (((Seen *)data)->words, text, length);
  g_string_append_c (((Seen *)data)->words, '\n');
}

static Seen
look_at (const char *svg)
{
  const GMarkupParser parser = { .start_element = on_start, .text = on_text };
  Seen seen = { .words = g_string_new (NULL) };
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, &seen, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_utf8_validate (svg, -1, NULL));
  g_markup_parse_context_parse (context, svg, -1, &error);
  g_assert_no_error (error);
  g_markup_parse_context_end_parse (context, &error);
  g_assert_no_error (error);
  return seen;
}

static void
test_sizes (void)
{
  static const guint sizes[] = { 0, 1, 5, 50, 500, 5000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint look = 0; look < 8; look++)
      {
        g_autoptr (Synthetic) world = synthetic_new (9000 + i);
        g_autoptr (PlScene) scene = pl_scene_new ();
        PlSceneSvgOptions options = { .is_dark = look & 1, .is_high_contrast = look & 2, .title = "Title" };
        g_autofree char *svg = NULL, *again = NULL, *mirrored = NULL;
        Seen seen, other;
        guint n_nodes, n_edges;
        int width, height;

        pl_scene_set_size (scene, look & 4 ? 360 : 1100, look & 2 ? 36 : 18);
        synthetic_add (world, sizes[i]);
        update (scene, synthetic_get_flows (world), SECOND_US);
        pl_scene_get_nodes (scene, &n_nodes);
        pl_scene_get_edges (scene, &n_edges);
        svg = pl_scene_to_svg (scene, &options);
        again = pl_scene_to_svg (scene, &options);
        g_assert_cmpstr (svg, ==, again);
        seen = look_at (svg);
        pl_scene_svg_get_size (scene, &options, &width, &height);
        g_assert_cmpfloat_with_epsilon (seen.width, width, 1e-9);
        g_assert_cmpfloat_with_epsilon (seen.height, height, 1e-9);
        options.is_rtl = TRUE;
        mirrored = pl_scene_to_svg (scene, &options);
        other = look_at (mirrored);
        g_assert_cmpuint (seen.n_frames, >=, n_nodes);
        g_assert_cmpuint (seen.n_texts, >=, n_nodes);
        g_assert_cmpuint (seen.n_frames, ==, other.n_frames);
        g_assert_cmpuint (seen.n_paths, ==, other.n_paths);
        g_assert_cmpfloat_with_epsilon (seen.width, other.width, 1e-9);
        g_test_message ("%u flows: %u nodes, %u edges: %zu bytes", sizes[i], n_nodes, n_edges, strlen (svg));
        if (sizes[i] > 500)
          g_assert_nonnull (strstr (seen.words->str, "stand for"));
        g_string_free (seen.words, TRUE);
        g_string_free (other.words, TRUE);
      }
}

/* Each frame stands as far from the right as it stood from the left. */
static void
test_mirrored (void)
{
  g_autoptr (PlModel) model = pl_model_new ();
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autofree char *plain = NULL, *mirrored = NULL;
  Seen seen, other;
  guint n = 0;

  synthetic_desktop (model);
  pl_model_commit (model, SECOND_US);
  pl_scene_update (scene, model, SECOND_US);
  plain = pl_scene_to_svg (scene, NULL);
  mirrored = pl_scene_to_svg (scene, &(PlSceneSvgOptions){ .is_rtl = TRUE });
  seen = look_at (plain);
  other = look_at (mirrored);
  for (const char *at = plain; (at = strstr (at, "<rect")); at++)
    n++;
  g_assert_cmpuint (n, >, 20);
  g_assert_cmpfloat (seen.sum_x, !=, other.sum_x);
  g_assert_cmpfloat_with_epsilon (fmod (seen.sum_x + other.sum_x, seen.width), 0, 1e-6);
  g_string_free (seen.words, TRUE);
  g_string_free (other.words, TRUE);
}

static guint
count_of (const char *text, const char *word)
{
  guint n = 0;

  for (const char *at = text; (at = strstr (at, word)); at += strlen (word))
    n++;
  return n;
}

/* Names come from programs and from the network. */
static void
test_hostile_names (void)
{
  static const char *const names[] = { "<script>alert(1)</script>",
                                       "a\"b'c&d]]>",
                                       "\x01\x1b[31mred",
                                       "\xff\xfe broken",
                                       "\xe2\x80\xae\x65vil", /* the override that turns what follows around */
                                       "&#0;",
                                       "漢字かな漢字かな漢字かな漢字かな漢字かな",
                                       "" };
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  g_autofree char *svg = NULL;
  Seen seen;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    add_plain (flows, 1 + i, synthetic_process (names[i], names[i], 10 + i), 50000 + i, i, 443);
  update (scene, flows, SECOND_US);
  svg = pl_scene_to_svg (scene, &(PlSceneSvgOptions){ .title = names[0], .caption = names[3], .font = names[1] });
  seen = look_at (svg);
  g_assert_null (strstr (svg, "<script"));
  g_assert_null (strstr (svg, "\xe2\x80\xae"));
  for (const char *at = svg; *at; at++)
    g_assert_true ((guchar)*at >= ' ' || *at == '\n');
  g_assert_nonnull (strstr (seen.words->str, "<script>alert(1)"));
  g_assert_cmpuint (count_of (svg, ">?<"), ==, 4); /* whose name begins with nothing that is seen: no empty circle */
  g_string_free (seen.words, TRUE);
  for (guint i = 0; i < flows->len; i++)
    pl_process_unref (g_array_index (flows, PlModelFlow, i).app);
}

/* So that no name is also a service's. */
static void
make_names_secret (GArray *flows)
{
  for (guint i = 0; i < flows->len; i++)
    {
      PlProcess *app = g_array_index (flows, PlModelFlow, i).app;

      if (app && !g_str_has_prefix (app->name, "Secret"))
        {
          g_autofree char *name = app->name;

          app->name = strdup ("Secret");
          app->name = realloc (app->name, strlen (name) + 7);
          strcat (app->name, name);
        }
    }
}

static void
assert_is_gone (const char *svg, GArray *flows)
{
  for (guint i = 0; i < flows->len; i++)
    {
      const PlModelFlow *flow = &g_array_index (flows, PlModelFlow, i);
      char address[PL_ADDR_STRLEN];

      g_assert_true (flow->app == NULL || strstr (svg, flow->app->name) == NULL);
      for (guint end = 0; end < 2; end++)
        if (pl_addr_scope (&flow->flow.key.addr[end]) != PL_SCOPE_UNSPECIFIED)
          g_assert_null (strstr (svg, pl_addr_format (&flow->flow.key.addr[end], address)));
    }
}

static void
test_redacted (void)
{
  for (guint seed = 0; seed < 30; seed++)
    {
      g_autoptr (Synthetic) world = synthetic_new (9500 + seed);
      g_autoptr (PlScene) scene = pl_scene_new ();
      g_autoptr (PlRedactor) redactor = pl_redactor_new ();
      g_autofree char *svg = NULL, *plain = NULL;

      synthetic_add (world, seed % 3 ? 60 : 800);
      make_names_secret (synthetic_get_flows (world));
      update (scene, synthetic_get_flows (world), SECOND_US);
      svg = pl_scene_to_svg (scene, &(PlSceneSvgOptions){ .redactor = redactor });
      assert_is_gone (svg, synthetic_get_flows (world));
      g_assert_nonnull (strstr (svg, ">app 1<"));
      plain = pl_scene_to_svg (scene, NULL);
      g_assert_null (strstr (plain, ">app 1<"));
    }
}

/* An app is the same "app 1" in its own lane and as another's peer, and a port stays what it is. */
static void
test_redacted_consistently (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  g_autoptr (PlRedactor) redactor = pl_redactor_new ();
  PlProcess *server = synthetic_process ("Secret Server", "server", 1), *client = synthetic_process ("Client", "c", 2);
  g_autofree char *svg = NULL;
  Seen seen;

  add_plain (flows, 1, server, 50001, 7, 443);
  add_plain (flows, 2, client, 50002, 7, 8443);
  add_plain (flows, 3, client, 50003, 9, 5432);
  g_array_index (flows, PlModelFlow, 2).remote_app = server;
  update (scene, flows, SECOND_US);
  svg = pl_scene_to_svg (scene, &(PlSceneSvgOptions){ .redactor = redactor });
  seen = look_at (svg);
  assert_is_gone (svg, flows);
  g_assert_nonnull (strstr (seen.words->str, ":8443"));
  g_assert_cmpuint (count_of (svg, ">app 1<") + count_of (svg, ">app 2<"), ==, 3);
  g_assert_cmpuint (count_of (svg, ">address 1<"), ==, 1); /* both apps' flows end there */
  g_assert_null (strstr (svg, "address 2"));
  g_string_free (seen.words, TRUE);
  pl_process_unref (server);
  pl_process_unref (client);
}

/* Processes drawn one by one are one app, told apart by numbers that are not theirs. */
static void
test_redacted_processes (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  g_autoptr (PlRedactor) redactor = pl_redactor_new ();
  PlProcess *parts[2];
  g_autofree char *svg = NULL;

  for (guint i = 0; i < 2; i++)
    {
      parts[i] = synthetic_process ("Secret", "secret", 10 + i);
      add_plain (flows, 1 + i, parts[i], 50001 + i, 7, 443);
    }
  update (scene, flows, SECOND_US);
  g_assert_true (pl_scene_split_app (scene, find_title (scene, PL_LANE_APP, "Secret")->id, TRUE));
  update (scene, flows, 2 * SECOND_US);
  svg = pl_scene_to_svg (scene, &(PlSceneSvgOptions){ .redactor = redactor });
  assert_is_gone (svg, flows);
  g_assert_null (strstr (svg, "pid"));
  g_assert_cmpuint (count_of (svg, ">app 1<"), ==, 2);
  g_assert_cmpuint (count_of (svg, ">process 1 · "), ==, 1);
  g_assert_cmpuint (count_of (svg, ">process 2 · "), ==, 1);
  for (guint i = 0; i < 2; i++)
    pl_process_unref (parts[i]);
}

/* Of one redactor, all pictures speak of the same: when others have come above, when it is drawn alone, when the scene has been
 * cleared and met another first. */
static void
test_redacted_again (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow)),
                     last = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  g_autoptr (PlRedactor) redactor = pl_redactor_new ();
  const PlSceneSvgOptions options = { .redactor = redactor };
  PlProcess *apps[3];
  g_autofree char *first = NULL, *second = NULL, *app = NULL, *address = NULL;

  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *name = g_strdup_printf ("Secret%u", i);

      apps[i] = synthetic_process (name, name, 10 + i);
      add_plain (flows, 1 + i, apps[i], 50001 + i, 7 + i, 4001 + i);
    }
  update (scene, flows, SECOND_US);
  first = pl_scene_to_svg (scene, &options);
  g_assert_cmpuint (count_of (first, ">app 3<"), ==, 1);
  g_assert_cmpuint (count_of (first, ">address 3<"), ==, 1);
  pl_scene_clear (scene);
  g_array_append_vals (last, &g_array_index (flows, PlModelFlow, 2), 1);
  update (scene, last, 2 * SECOND_US);
  second = pl_scene_to_svg (scene, &options);
  app = g_strdup_printf (">%s<", pl_redactor_app (redactor, apps[2]->app_key));
  address = g_strdup_printf (">%s<", pl_redactor_address (redactor, "93.184.216.9"));
  g_assert_cmpuint (count_of (second, ">app "), ==, 2); /* the card and its hint */
  g_assert_cmpuint (count_of (second, app), ==, 1);
  g_assert_cmpuint (count_of (second, address), ==, 1);
  g_assert_cmpuint (count_of (first, app), ==, 1);
  g_assert_cmpuint (count_of (first, address), ==, 1);
  for (guint i = 0; i < 3; i++)
    pl_process_unref (apps[i]);
}

/* The circle has room for three digits: of a longer number none, for "100" of "1001" is another app's. */
static void
test_redacted_numbers (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  g_autoptr (PlRedactor) redactor = pl_redactor_new ();
  PlProcess *app = synthetic_process ("Secret", "secret", 1);
  g_autofree char *svg = NULL;

  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *key = g_strdup_printf ("%u", i);

      pl_redactor_app (redactor, key);
    }
  add_plain (flows, 1, app, 50001, 7, 443);
  update (scene, flows, SECOND_US);
  svg = pl_scene_to_svg (scene, &(PlSceneSvgOptions){ .redactor = redactor });
  g_assert_cmpuint (count_of (svg, ">app 1001<"), ==, 1);
  g_assert_cmpuint (count_of (svg, ">100<"), ==, 0);
  g_assert_cmpuint (count_of (svg, ">#<"), ==, 1);
  pl_process_unref (app);
}

/* A token is one thing's alone, whatever was forgotten meanwhile. */
static void
test_redactor_forgets (void)
{
  g_autoptr (PlRedactor) redactor = pl_redactor_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < PL_LIMIT_REDACTED + 10; i++)
    {
      g_autofree char *key = g_strdup_printf ("%u", i);

      g_assert_true (g_hash_table_add (seen, g_strdup (pl_redactor_address (redactor, key))));
    }
}

/* A name as long as a book is cut, in the hint as well. */
static void
test_long_names (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  g_autofree char *name = g_strnfill (200000, 'i'), *svg = NULL;
  PlProcess *app = synthetic_process (name, "long", 1);

  add_plain (flows, 1, app, 50001, 7, 443);
  update (scene, flows, SECOND_US);
  svg = pl_scene_to_svg (scene, NULL);
  g_assert_cmpuint (strlen (svg), <, 20000);
  pl_process_unref (app);
}

/* The legend tells of dots where something is dotted: UDP-Lite is dashed as UDP is. */
static void
test_legend (void)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (PlScene) scene = pl_scene_new ();
      g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
      g_autofree char *svg = NULL;

      add_plain (flows, 1, NULL, 50001, 7, 443);
      g_array_index (flows, PlModelFlow, 0).flow.key.proto = i == 0 ? PL_PROTO_UDPLITE : PL_PROTO_SCTP;
      update (scene, flows, SECOND_US);
      svg = pl_scene_to_svg (scene, NULL);
      g_assert_cmpuint (count_of (svg, ">others<"), ==, i);
    }
}

/* A text of Hebrew or Arabic runs from right to left as a whole and stays where it stands: its end is on the left. */
static void
test_rtl_text (void)
{
  static const struct
  {
    const char *text;
    gboolean is_rtl;
  } texts[] = { { "Mail", FALSE },    { ":443", FALSE },      { "7 דואר Mail", TRUE },
                { "بريد (2)", TRUE }, { "Mail דואר", FALSE }, { "", FALSE } };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    for (PlSvgAnchor anchor = PL_SVG_START; anchor <= PL_SVG_END; anchor++)
      {
        static const char *const names[] = { "\"start\"", "\"middle\"", "\"end\"" };
        g_autoptr (GString) svg = g_string_new (NULL);
        PlSvgAnchor wanted = texts[i].is_rtl ? (PlSvgAnchor)(PL_SVG_END - anchor) : anchor;

        pl_svg_text (svg, 10, 10, 14, 400, anchor, 0, texts[i].text);
        g_assert_cmpuint (count_of (svg->str, "direction=\"rtl\""), ==, texts[i].is_rtl);
        for (guint name = 0; name < 3; name++)
          g_assert_cmpuint (count_of (svg->str, names[name]), ==, name == wanted && wanted != PL_SVG_START);
      }
}

static char *
give_icon (const char *icon_name, double size, gpointer n_asked)
{
  (*(guint *)n_asked)++;
  g_assert_cmpfloat (size, >, 20);
  return g_str_equal (icon_name, "firefox") ? g_strdup ("data:image/png;base64,cGljdHVyZQ==") : NULL;
}

/* An app's icon is in the picture where whoever draws has it; never in one that must not tell which app it is. */
static void
test_icons (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *known = synthetic_process ("Firefox", "a", 1), *other = synthetic_process ("Other", "b", 2);
  g_autofree char *svg = NULL, *redacted = NULL, *plain = NULL;
  g_autoptr (PlRedactor) redactor = pl_redactor_new ();
  guint n_asked = 0;
  PlSceneSvgOptions options = { .icon = give_icon, .icon_data = &n_asked };

  g_free (known->icon_name);
  known->icon_name = g_strdup ("firefox");
  g_free (other->icon_name);
  other->icon_name = g_strdup ("none");
  add_plain (flows, 1, known, 50001, 7, 443);
  add_plain (flows, 2, other, 50002, 7, 8443);
  update (scene, flows, SECOND_US);
  svg = pl_scene_to_svg (scene, &options);
  g_assert_cmpuint (n_asked, ==, 2);
  g_assert_cmpuint (count_of (svg, "<image"), ==, 1);
  g_assert_nonnull (strstr (svg, "data:image/png;base64,cGljdHVyZQ=="));
  g_assert_cmpuint (count_of (svg, ">O<"), ==, 1); /* who has no icon has a letter */
  g_string_free (look_at (svg).words, TRUE);
  options.redactor = redactor;
  redacted = pl_scene_to_svg (scene, &options);
  plain = pl_scene_to_svg (scene, NULL);
  g_assert_cmpuint (n_asked, ==, 2);
  g_assert_null (strstr (redacted, "<image"));
  g_assert_null (strstr (plain, "<image"));
  pl_process_unref (known);
  pl_process_unref (other);
}

/* Headings, rates and counts are whole at every size; of the desktop's names an IPv6 address alone is cut, in narrow cards. */
static void
test_nothing_is_cut (void)
{
  static const double sizes[][2] = { { 1100, 18 }, { 900, 18 }, { 640, 18 }, { 1280, 36 }, { 360, 18 }, { 3840, 18 } };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (PlModel) model = pl_model_new ();
      g_autoptr (PlScene) scene = pl_scene_new ();
      g_autofree char *svg = NULL;

      pl_scene_set_size (scene, sizes[i][0], sizes[i][1]);
      synthetic_desktop (model);
      pl_model_commit (model, SECOND_US);
      pl_scene_update (scene, model, SECOND_US);
      svg = pl_scene_to_svg (scene, NULL);
      g_test_message ("%.0f × %.0f: %u cut", sizes[i][0], sizes[i][1], count_of (svg, "…"));
      g_assert_cmpuint (count_of (svg, "…"), <=, sizes[i][0] / sizes[i][1] < 45 ? 1 : 0);
      g_assert_cmpuint (count_of (svg, "…"), ==, count_of (svg, ">2606") - count_of (svg, ">2606:2800:220:1::17"));
    }
}

/* How many failed stands beside the cross where there is room, and nowhere under a port. */
static void
test_numbers (void)
{
  static const double widths[] = { 360, 420, 640, 780, 900, 1100, 1920 };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (widths); i++)
    {
      g_autoptr (PlModel) model = pl_model_new ();
      g_autoptr (PlScene) scene = pl_scene_new ();
      g_autofree char *svg = NULL;
      Seen seen;

      pl_scene_set_size (scene, widths[i / 2], 18);
      synthetic_failures (model);
      pl_model_commit (model, SECOND_US);
      pl_scene_update (scene, model, SECOND_US);
      svg = pl_scene_to_svg (scene, &(PlSceneSvgOptions){ .is_rtl = i % 2 });
      seen = look_at (svg);
      g_assert_cmpuint (seen.n_numbers, >=, widths[i / 2] >= 900 ? 3 : widths[i / 2] >= 780 ? 2 : 0);
      g_string_free (seen.words, TRUE);
    }
}

/* A failed line is pale from the cross on to the side that was called: of a caller's from outside that is the app's. */
static void
test_failed_side (void)
{
  for (gboolean is_inbound = FALSE; is_inbound <= TRUE; is_inbound++)
    {
      g_autoptr (PlScene) scene = pl_scene_new ();
      g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
      g_autofree char *svg = NULL, *stroke = NULL;
      const char *first;
      PlModelFlow *flow;

      add_plain (flows, 1, NULL, is_inbound ? 443 : 50000, 34, is_inbound ? 50000 : 443);
      flow = &g_array_index (flows, PlModelFlow, 0);
      flow->diagnosis = (PlDiagnosis){ PL_FAILURE_REFUSED, TRUE, PL_PLACE_CALLED };
      flow->flow.initiator_end = is_inbound ? !flow->local_end : flow->local_end;
      pl_scene_set_size (scene, 940, 18);
      update (scene, flows, SECOND_US);
      svg = pl_scene_to_svg (scene, NULL);
      stroke = g_strdup_printf ("stroke=\"#%06x\"", is_inbound ? pl_scene_colors (FALSE, FALSE).failed
                                                               : pl_scene_range_rgb (PL_RANGE_DYNAMIC, FALSE));
      first = strstr (svg, "<g fill=\"none\">");
      g_assert_nonnull (first);
      first = strstr (first, "stroke="); /* from the app to its port */
      g_assert_true (g_str_has_prefix (first, stroke));
    }
}

/* Every bundle has the arrow of one that unfolds, "40 more" and "9 more hosts" as well. */
static void
test_arrows (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  g_autofree char *svg = NULL;
  guint n_bundles = 0, n_others = 0, n_hosts = 0, n;
  const PlSceneNode *nodes;

  for (guint i = 0; i < 300; i++)
    add_plain (flows, 1 + i, NULL, 30000 + i, i % 30, 1024 + 7 * (i % 200));
  pl_scene_set_size (scene, 940, 18);
  update (scene, flows, SECOND_US);
  nodes = pl_scene_get_nodes (scene, &n);
  for (guint i = 0; i < n; i++)
    if (nodes[i].flags & PL_SCENE_BUNDLE)
      {
        n_bundles++;
        n_others += (nodes[i].flags & PL_SCENE_OTHERS) != 0;
        n_hosts += nodes[i].lane == PL_LANE_ENDPOINT;
      }
  svg = pl_scene_to_svg (scene, NULL);
  g_assert_cmpuint (n_others, >, 0);
  g_assert_cmpuint (n_hosts, >, 0);
  g_assert_cmpuint (count_of (svg, "fill=\"none\" stroke=\"#6a6a6a\" stroke-width=\"1.5\""), ==, n_bundles);
}

/* The table that the palette's test computes with is what is drawn with. */
static void
test_colors (void)
{
  for (gboolean is_dark = FALSE; is_dark <= TRUE; is_dark++)
    {
      g_autoptr (PlModel) model = pl_model_new ();
      g_autoptr (PlScene) scene = pl_scene_new ();
      PlSceneColors colors = pl_scene_colors (is_dark, FALSE);
      g_autofree char *svg = NULL;
      const guint32 wanted[] = { colors.background,
                                 colors.card,
                                 colors.text,
                                 colors.dim_text,
                                 colors.failed,
                                 pl_scene_range_rgb (PL_RANGE_WELL_KNOWN, is_dark),
                                 pl_scene_range_rgb (PL_RANGE_REGISTERED, is_dark),
                                 pl_scene_range_rgb (PL_RANGE_DYNAMIC, is_dark) };

      synthetic_desktop (model);
      pl_model_commit (model, SECOND_US);
      pl_scene_update (scene, model, SECOND_US);
      svg = pl_scene_to_svg (scene, &(PlSceneSvgOptions){ .is_dark = is_dark });
      for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
        {
          g_autofree char *text = g_strdup_printf ("#%06x", wanted[i]);

          g_assert_nonnull (strstr (svg, text));
        }
    }
}

static void
test_fit (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (3);

  for (guint round = 0; round < 2000; round++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autofree char *fitted = NULL;
      double width = g_rand_double_range (random, 0, 300);

      for (guint n = g_rand_int_range (random, 0, 60); n > 0; n--)
        g_string_append_unichar (text, g_rand_int_range (random, 32, round % 4 ? 127 : 0x3000));
      fitted = pl_svg_fit (text->str, 14, width, round % 2);
      g_assert_cmpfloat (pl_svg_text_width (fitted, 14), <=, width);
      if (pl_svg_text_width (text->str, 14) <= width)
        g_assert_cmpstr (fitted, ==, text->str);
    }
}

/* What fades is drawn first: it lies below what takes its place. */
static void
test_fading_below (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *app = synthetic_process ("Browser", "browser", 1);
  g_autofree char *svg = NULL;
  const char *gone, *first;

  for (guint i = 0; i < 5; i++)
    add_plain (flows, 1 + i, app, 50000 + i, 30 + i, 443);
  update (scene, flows, SECOND_US);
  g_array_remove_index (flows, 2);
  update (scene, flows, SECOND_US);
  pl_scene_tick (scene, SECOND_US + 50000);
  svg = pl_scene_to_svg (scene, NULL);
  gone = strstr (svg, "<title>:50002");
  first = strstr (svg, "<title>Browser");
  g_assert_nonnull (gone);
  g_assert_nonnull (first);
  g_assert_true (gone < first);
  pl_process_unref (app);
}

static double
height_of (PlScene *scene)
{
  g_autofree char *svg = pl_scene_to_svg (scene, NULL);

  return g_ascii_strtod (strstr (svg, " height=\"") + strlen (" height=\""), NULL);
}

/* Nothing is below what is seen: also while the place of an app that has just gone is kept. */
static void
test_no_empty_end (void)
{
  g_autoptr (PlScene) scene = pl_scene_new (), small = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *stays = synthetic_process ("Browser", "browser", 1), *goes = synthetic_process ("Mail", "mail", 2);
  gint64 now_us = SECOND_US;

  add_plain (flows, 1, stays, 50000, 30, 443);
  update (small, flows, now_us);
  update (scene, flows, now_us);
  pl_scene_settle (scene, now_us); /* so that who comes now comes below */
  for (guint i = 0; i < 9; i++)
    add_plain (flows, 2 + i, goes, 51000 + i, 40 + i, 993);
  update (scene, flows, now_us);
  settle (scene, &now_us);
  g_assert_cmpfloat (height_of (scene), >, height_of (small) + 100);
  g_array_set_size (flows, 1);
  update (scene, flows, now_us);
  settle (scene, &now_us);
  g_assert_cmpfloat (height_of (scene), ==, height_of (small));
  pl_process_unref (stays);
  pl_process_unref (goes);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scene/svg/sizes", test_sizes);
  g_test_add_func ("/scene/svg/mirrored", test_mirrored);
  g_test_add_func ("/scene/svg/hostile-names", test_hostile_names);
  g_test_add_func ("/scene/svg/redacted", test_redacted);
  g_test_add_func ("/scene/svg/redacted-consistently", test_redacted_consistently);
  g_test_add_func ("/scene/svg/redacted-processes", test_redacted_processes);
  g_test_add_func ("/scene/svg/redacted-again", test_redacted_again);
  g_test_add_func ("/scene/svg/redacted-numbers", test_redacted_numbers);
  g_test_add_func ("/scene/svg/redactor-forgets", test_redactor_forgets);
  g_test_add_func ("/scene/svg/long-names", test_long_names);
  g_test_add_func ("/scene/svg/legend", test_legend);
  g_test_add_func ("/scene/svg/rtl-text", test_rtl_text);
  g_test_add_func ("/scene/svg/icons", test_icons);
  g_test_add_func ("/scene/svg/nothing-is-cut", test_nothing_is_cut);
  g_test_add_func ("/scene/svg/numbers", test_numbers);
  g_test_add_func ("/scene/svg/failed-side", test_failed_side);
  g_test_add_func ("/scene/svg/arrows", test_arrows);
  g_test_add_func ("/scene/svg/colors", test_colors);
  g_test_add_func ("/scene/svg/fit", test_fit);
  g_test_add_func ("/scene/svg/fading-below", test_fading_below);
  g_test_add_func ("/scene/svg/no-empty-end", test_no_empty_end);
  return g_test_run ();
}
