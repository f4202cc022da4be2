/* The ruler as a widget: what it says, what keys, clicks and the pointer do, that it rests. In process, under Xvfb. */
#include <adwaita.h>

#include "graph-fixture.h"
#include "port-ruler.h"
#include "port-strip-private.h"
#include "shot.h"
#include "synthetic.h"

typedef struct
{
  GtkWidget *window, *ruler;
  PlPortStrip *strip;
  GtkWidget *headings[PL_RANGE_NONE];
  PlModel *model;
  int hovered, selected[2], range;
  guint n_toggled;
} Fixture;

static void
on_hovered (Fixture *fixture, int low, int high)
{
  fixture->hovered = low;
}

static void
on_selected (Fixture *fixture, int low, int high)
{
  fixture->selected[0] = low;
  fixture->selected[1] = high;
}

static void
on_range (Fixture *fixture, int range)
{
  fixture->range = range;
  fixture->n_toggled++;
}

static void
find_parts (Fixture *fixture)
{
  guint n = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (fixture->ruler); child;
       child = gtk_widget_get_next_sibling (child))
    if (PL_IS_PORT_STRIP (child))
      fixture->strip = PL_PORT_STRIP (child);
    else
      fixture->headings[n++] = child;
  g_assert_cmpuint (n, ==, PL_RANGE_NONE);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  int width = data ? GPOINTER_TO_INT (data) : 940;

  fixture->window = gtk_window_new ();
  fixture->ruler = pl_port_ruler_new ();
  fixture->model = pl_model_new ();
  find_parts (fixture);
  gtk_widget_set_valign (fixture->ruler, GTK_ALIGN_END);
  gtk_window_set_decorated (GTK_WINDOW (fixture->window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), width, 200);
  gtk_window_set_child (GTK_WINDOW (fixture->window), fixture->ruler);
  g_signal_connect_swapped (fixture->ruler, "ports-hovered", G_CALLBACK (on_hovered), fixture);
  g_signal_connect_swapped (fixture->ruler, "ports-selected", G_CALLBACK (on_selected), fixture);
  g_signal_connect_swapped (fixture->ruler, "range-toggled", G_CALLBACK (on_range), fixture);
  gtk_window_present (GTK_WINDOW (fixture->window));
  while (!gtk_widget_get_mapped (fixture->ruler))
    g_main_context_iteration (NULL, TRUE);
  wait_ms (50);
  pl_port_ruler_set_kernel_range (PL_PORT_RULER (fixture->ruler), 32768, 60999);
  pl_port_ruler_set_model (PL_PORT_RULER (fixture->ruler), fixture->model, TRUE);
  synthetic_desktop (fixture->model);
  pl_model_commit (fixture->model, g_get_monotonic_time ());
  wait_ms (100);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_ref_sink (fixture->ruler);
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  wait_ms (20);
  g_assert_finalize_object (fixture->ruler);
  g_assert_finalize_object (fixture->model);
}

/* What the strip has of that @type. (transfer none) */
static GtkEventController *
controller_of (Fixture *fixture, GType type)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (fixture->strip));
  GtkEventController *found = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (controllers) && !found; i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      found = G_TYPE_CHECK_INSTANCE_TYPE (controller, type) ? controller : NULL;
    }
  g_assert_nonnull (found);
  return found;
}

/* A key as GTK would give it to the strip. Returns whether it was taken. */
static gboolean
press (Fixture *fixture, guint key)
{
  gboolean is_handled;

  g_signal_emit_by_name (controller_of (fixture, GTK_TYPE_EVENT_CONTROLLER_KEY), "key-pressed", key, 0, 0, &is_handled);
  return is_handled;
}

/* The pointer above the light of @port, as GTK would tell. */
static void
point_at (Fixture *fixture, guint port)
{
  PlRulerScale scale;

  pl_port_strip_get_scale (fixture->strip, &scale);
  g_signal_emit_by_name (controller_of (fixture, GTK_TYPE_EVENT_CONTROLLER_MOTION), "motion",
                         pl_ruler_scale_x (&scale, port), 10.0);
}

/* Whether @trigger, as in "Return", does what "port.select" does. */
static gboolean
is_bound (Fixture *fixture, const char *trigger)
{
  GListModel *shortcuts = G_LIST_MODEL (controller_of (fixture, GTK_TYPE_SHORTCUT_CONTROLLER));
  gboolean is_found = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (shortcuts); i++)
    {
      g_autoptr (GtkShortcut) shortcut = g_list_model_get_item (shortcuts, i);
      g_autofree char *keys = gtk_shortcut_trigger_to_string (gtk_shortcut_get_trigger (shortcut));
      g_autofree char *action = gtk_shortcut_action_to_string (gtk_shortcut_get_action (shortcut));

      is_found |= g_str_equal (keys, trigger) && strstr (action, "port.select") != NULL;
    }
  return is_found;
}

static void
assert_label (gpointer widget, const char *label)
{
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, label);
}

static void
assert_value (Fixture *fixture, double port)
{
  GtkAccessible *strip = GTK_ACCESSIBLE (fixture->strip);

  gtk_test_accessible_assert_property (strip, GTK_ACCESSIBLE_PROPERTY_VALUE_NOW, port);
  gtk_test_accessible_assert_property (strip, GTK_ACCESSIBLE_PROPERTY_VALUE_MIN, 0.0);
  gtk_test_accessible_assert_property (strip, GTK_ACCESSIBLE_PROPERTY_VALUE_MAX, 65535.0);
}

static void
test_words (Fixture *fixture, gconstpointer data)
{
  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (fixture->strip), GTK_ACCESSIBLE_ROLE_SLIDER);
  assert_label (fixture->strip, "Ports of this computer, Well-known: 0 open, Registered: 6 open, Dynamic: 17 open");
  assert_label (fixture->headings[PL_RANGE_WELL_KNOWN],
                "Well-known ports, 0–1023: services that everybody knows, opened by the system: 0 open");
  pl_port_ruler_set_model (PL_PORT_RULER (fixture->ruler), fixture->model, FALSE);
  assert_label (fixture->headings[PL_RANGE_WELL_KNOWN],
                "Well-known ports, 0–1023: services that everybody knows, opened by the system: 0 used");
}

/* Arrows go from light to light and say where they are; Enter selects; Escape lets go. */
static void
test_keys (Fixture *fixture, gconstpointer data)
{
  press (fixture, GDK_KEY_Home);
  assert_label (fixture->strip, "Port 8080, registered, listening, http-alt, python3");
  assert_value (fixture, 8080);
  g_assert_cmpint (fixture->hovered, ==, 8080);
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (fixture->strip), "port.select", NULL));
  g_assert_cmpint (fixture->selected[0], ==, 8080);
  g_assert_cmpint (fixture->selected[1], ==, 8080);
  press (fixture, GDK_KEY_Right);
  g_assert_cmpint (fixture->hovered, >, 8080);
  press (fixture, GDK_KEY_Left);
  g_assert_cmpint (fixture->hovered, ==, 8080);
  press (fixture, GDK_KEY_Left); /* there is none before it */
  g_assert_cmpint (fixture->hovered, ==, 8080);
  press (fixture, GDK_KEY_Page_Down);
  g_assert_cmpint (fixture->hovered, >=, 49152);
  press (fixture, GDK_KEY_Page_Up);
  g_assert_cmpint (fixture->hovered, ==, 8080);
  press (fixture, GDK_KEY_End);
  g_assert_cmpint (pl_port_census_next (fixture->strip->census, fixture->hovered, 1), ==, -1);
  g_assert_true (press (fixture, GDK_KEY_Escape));
  g_assert_cmpint (fixture->hovered, ==, -1);
  assert_value (fixture, 0);
  g_assert_false (press (fixture, GDK_KEY_Escape)); /* it is for others now */
  g_assert_true (is_bound (fixture, "Return") && is_bound (fixture, "KP_Enter") && is_bound (fixture, "space"));
  assert_label (fixture->strip, "Ports of this computer, Well-known: 0 open, Registered: 6 open, Dynamic: 17 open");
}

static void
test_keys_mirrored (Fixture *fixture, gconstpointer data)
{
  gtk_widget_set_direction (GTK_WIDGET (fixture->strip), GTK_TEXT_DIR_RTL);
  press (fixture, GDK_KEY_Home);
  g_assert_cmpint (fixture->hovered, ==, 8080);
  press (fixture, GDK_KEY_Left);
  g_assert_cmpint (fixture->hovered, >, 8080);
  press (fixture, GDK_KEY_Right);
  g_assert_cmpint (fixture->hovered, ==, 8080);
  press (fixture, GDK_KEY_Escape);
  press (fixture, GDK_KEY_Right); /* from the right end */
  g_assert_cmpint (pl_port_census_next (fixture->strip->census, fixture->hovered, 1), ==, -1);
}

/* The pointer's light goes with it, that of the keys with them. */
static void
test_hover (Fixture *fixture, gconstpointer data)
{
  GtkEventController *pointer = controller_of (fixture, GTK_TYPE_EVENT_CONTROLLER_MOTION);
  GtkEventController *focus = controller_of (fixture, GTK_TYPE_EVENT_CONTROLLER_FOCUS);

  point_at (fixture, 8080);
  g_assert_cmpint (fixture->hovered, ==, 8080);
  g_signal_emit_by_name (focus, "leave");
  g_assert_cmpint (fixture->hovered, ==, 8080);
  g_signal_emit_by_name (pointer, "leave");
  g_assert_cmpint (fixture->hovered, ==, -1);
  press (fixture, GDK_KEY_Home);
  g_signal_emit_by_name (pointer, "leave");
  g_assert_cmpint (fixture->hovered, ==, 8080);
  g_signal_emit_by_name (focus, "leave");
  g_assert_cmpint (fixture->hovered, ==, -1);
}

/* Where each text of the strip stands, as far as @node draws it. */
static void
collect_texts (GskRenderNode *node, GArray *texts)
{
  graphene_rect_t bounds;

  if (gsk_render_node_get_node_type (node) == GSK_CONTAINER_NODE)
    for (guint i = 0; i < gsk_container_node_get_n_children (node); i++)
      collect_texts (gsk_container_node_get_child (node, i), texts);
  if (gsk_render_node_get_node_type (node) != GSK_TEXT_NODE)
    return;
  gsk_render_node_get_bounds (node, &bounds);
  g_array_append_val (texts, bounds);
}

/* Whether a text of a width between @least and @most stands at that end of the strip. */
static gboolean
has_text_at_end (GArray *texts, double end, double least, double most)
{
  for (guint i = 0; i < texts->len; i++)
    {
      const graphene_rect_t *text = &g_array_index (texts, graphene_rect_t, i);

      if (fabs ((end > 0 ? text->origin.x + text->size.width : text->origin.x) - end) < 4 && text->size.width > least
          && text->size.width < most)
        return TRUE;
    }
  return FALSE;
}

/* The left end has its number, too: a rounding error made 65535 begin before 0 at every third width. 0 is at the right end. */
static void
test_ends_mirrored (Fixture *fixture, gconstpointer data)
{
  GtkWidget *strip = GTK_WIDGET (fixture->strip);

  gtk_widget_set_direction (strip, GTK_TEXT_DIR_RTL);
  for (int width = 700; width < 730; width++)
    {
      int height = gtk_widget_get_height (strip);
      GtkSnapshot *snapshot = gtk_snapshot_new ();
      g_autoptr (GArray) texts = g_array_new (FALSE, FALSE, sizeof (graphene_rect_t));

      gtk_widget_size_allocate (strip, &(GtkAllocation){ 0, 0, width, height }, -1);
      fixture->strip->unit = 1; /* as with the font of most desktops: which widths it is depends on that */
      GTK_WIDGET_GET_CLASS (strip)->snapshot (strip, snapshot);
      gsk_render_node_unref (gtk_snapshot_free_to_node (snapshot));
      collect_texts (fixture->strip->labels, texts);
      g_assert_true (has_text_at_end (texts, 0, 20, 60));
      g_assert_true (has_text_at_end (texts, width, 2, 20));
    }
}

/* The labels below the bar, from left to right, into @boxes of so many. */
static guint
find_labels (Fixture *fixture, graphene_rect_t *boxes, guint n_boxes)
{
  GskRenderNode *labels = fixture->strip->labels;
  guint n = gsk_container_node_get_n_children (labels);

  g_assert_cmpuint (n, <=, n_boxes);
  for (guint i = 0; i < n; i++)
    {
      graphene_rect_t box;
      guint at = i;

      gsk_render_node_get_bounds (gsk_container_node_get_child (labels, i), &box);
      for (; at > 0 && boxes[at - 1].origin.x > box.origin.x; at--)
        boxes[at] = boxes[at - 1];
      boxes[at] = box;
    }
  return n;
}

/* The kernel's range, the longest of the labels, stands clear of the others at every width: near one of them it reads as one list
 * of numbers with it. */
static void
test_kernel_apart (Fixture *fixture, gconstpointer data)
{
  GtkWidget *strip = GTK_WIDGET (fixture->strip);
  graphene_rect_t boxes[8];

  for (int width = 320; width < 1400; width += 7)
    {
      GtkSnapshot *snapshot = gtk_snapshot_new ();
      guint n, longest = 0;

      gtk_widget_size_allocate (strip, &(GtkAllocation){ 0, 0, width, gtk_widget_get_height (strip) }, -1);
      GTK_WIDGET_GET_CLASS (strip)->snapshot (strip, snapshot);
      gsk_render_node_unref (gtk_snapshot_free_to_node (snapshot));
      n = find_labels (fixture, boxes, G_N_ELEMENTS (boxes));
      for (guint i = 1; i < n; i++)
        if (boxes[i].size.width > boxes[longest].size.width)
          longest = i;
      for (guint i = MAX (longest, 1) - 1; i <= longest && i + 1 < n; i++)
        {
          double apart = boxes[i + 1].origin.x - boxes[i].origin.x - boxes[i].size.width;

          g_test_message ("%d px wide: %.0f px apart", width, apart);
          g_assert_cmpfloat (apart, >=, 20 * fixture->strip->unit);
        }
    }
}

/* The last port of all, whose app has a name without end: what is said of it stays within the strip. */
static void
test_last_port (Fixture *fixture, gconstpointer data)
{
  PlFlowUpdate update = { .flow = { .id = 1000000, .state = PL_STATE_ESTABLISHED } };
  g_autofree char *name = g_strnfill (400, 'm');
  g_autoptr (GArray) texts = g_array_new (FALSE, FALSE, sizeof (graphene_rect_t));
  PlProcess *process = synthetic_process (name, name, 4000);
  GtkWidget *strip = GTK_WIDGET (fixture->strip);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;
  PlAddr here, there;

  g_assert_true (pl_addr_parse ("192.168.1.20", &here) && pl_addr_parse ("192.168.1.9", &there));
  update.flow.local_end = update.flow.initiator_end =
      (guint8)pl_flow_key_from_ends (PL_PROTO_TCP, PL_KIND_PORTS, &here, 65535, &there, 22, 0, &update.flow.key);
  pl_model_apply_flows (fixture->model, &update, 1);
  pl_model_apply_owner (fixture->model, update.flow.id, update.flow.local_end, PL_CONFIDENCE_EXACT, 1000, process);
  pl_model_commit (fixture->model, g_get_monotonic_time ());
  pl_process_unref (process);
  press (fixture, GDK_KEY_End);
  g_assert_cmpint (fixture->hovered, ==, 65535);
  port_strip_snapshot (fixture->strip, snapshot);
  node = gtk_snapshot_free_to_node (snapshot);
  collect_texts (node, texts);
  g_assert_cmpuint (texts->len, >, 0);
  for (guint i = 0; i < texts->len; i++)
    {
      const graphene_rect_t *text = &g_array_index (texts, graphene_rect_t, i);

      g_assert_cmpfloat (text->origin.x, >=, -1);
      g_assert_cmpfloat (text->origin.x + text->size.width, <=, gtk_widget_get_width (strip) + 1);
      g_assert_cmpfloat (text->origin.y + text->size.height, <=, gtk_widget_get_height (strip) + 1);
    }
  press (fixture, GDK_KEY_Left); /* of a short name, near the end */
  g_clear_pointer (&node, gsk_render_node_unref);
  snapshot = gtk_snapshot_new ();
  port_strip_snapshot (fixture->strip, snapshot);
  node = gtk_snapshot_free_to_node (snapshot);
  g_array_set_size (texts, 0);
  collect_texts (node, texts);
  for (guint i = 0; i < texts->len; i++)
    g_assert_cmpfloat (g_array_index (texts, graphene_rect_t, i).origin.x
                           + g_array_index (texts, graphene_rect_t, i).size.width,
                       <=, gtk_widget_get_width (strip) + 1);
}

/* What came while the ruler was not shown is there once it is. */
static void
test_shown_again (Fixture *fixture, gconstpointer data)
{
  gtk_widget_set_visible (fixture->ruler, FALSE);
  pl_model_reset (fixture->model);
  pl_model_commit (fixture->model, g_get_monotonic_time ());
  gtk_widget_set_visible (fixture->ruler, TRUE);
  wait_ms (50);
  assert_label (fixture->strip, "Ports of this computer, Well-known: 0 open, Registered: 0 open, Dynamic: 0 open");
}

static GtkInscription *
find_count (GtkWidget *widget)
{
  GtkInscription *found = GTK_IS_INSCRIPTION (widget) ? GTK_INSCRIPTION (widget) : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child && !found;
       child = gtk_widget_get_next_sibling (child))
    found = find_count (child);
  return found;
}

/* A number stands beside its range's name, not at the other end of its own room. */
static void
test_counts_mirrored (Fixture *fixture, gconstpointer data)
{
  GtkInscription *count = find_count (fixture->headings[0]);

  g_assert_cmpfloat (gtk_inscription_get_xalign (count), ==, 0);
  gtk_widget_set_default_direction (GTK_TEXT_DIR_RTL);
  g_assert_cmpfloat (gtk_inscription_get_xalign (count), ==, 1);
  gtk_widget_set_default_direction (GTK_TEXT_DIR_LTR);
  g_assert_cmpfloat (gtk_inscription_get_xalign (count), ==, 0);
}

/* Whoever is current and goes away is let go. */
static void
test_gone (Fixture *fixture, gconstpointer data)
{
  press (fixture, GDK_KEY_End);
  g_assert_cmpint (fixture->hovered, >, 0);
  pl_model_reset (fixture->model);
  pl_model_commit (fixture->model, g_get_monotonic_time ());
  g_assert_cmpint (fixture->hovered, ==, -1);
  press (fixture, GDK_KEY_Right);
  g_assert_cmpint (fixture->hovered, ==, -1);
}

static void
test_headings (Fixture *fixture, gconstpointer data)
{
  GtkToggleButton *registered = GTK_TOGGLE_BUTTON (fixture->headings[PL_RANGE_REGISTERED]);
  GtkToggleButton *dynamic = GTK_TOGGLE_BUTTON (fixture->headings[PL_RANGE_DYNAMIC]);

  gtk_toggle_button_set_active (registered, TRUE);
  g_assert_cmpint (fixture->range, ==, PL_RANGE_REGISTERED);
  gtk_toggle_button_set_active (dynamic, TRUE); /* one at a time */
  g_assert_cmpint (fixture->range, ==, PL_RANGE_DYNAMIC);
  g_assert_false (gtk_toggle_button_get_active (registered));
  gtk_toggle_button_set_active (dynamic, FALSE);
  g_assert_cmpint (fixture->range, ==, PL_RANGE_NONE);
  g_assert_cmpuint (fixture->n_toggled, ==, 3);
  pl_port_ruler_set_range (PL_PORT_RULER (fixture->ruler), PL_RANGE_DYNAMIC); /* from elsewhere: no signal */
  g_assert_true (gtk_toggle_button_get_active (dynamic));
  g_assert_cmpuint (fixture->n_toggled, ==, 3);
}

static void
test_flows (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) flows = pl_port_ruler_get_flows (PL_PORT_RULER (fixture->ruler), 8080, 8080);

  g_assert_cmpuint (flows->len, ==, 2);
}

static guint
draw_serial (Fixture *fixture)
{
  return GPOINTER_TO_UINT (fixture->strip->drawn);
}

/* Nothing changed: what was drawn is kept. Something did: it is drawn anew. */
static void
test_rest (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GskRenderNode) before = NULL;

  g_assert_cmpuint (draw_serial (fixture), !=, 0);
  before = gsk_render_node_ref (fixture->strip->drawn);
  g_signal_emit_by_name (fixture->model, "updated");
  wait_ms (80);
  g_assert_true (before == fixture->strip->drawn);
  pl_model_reset (fixture->model);
  pl_model_commit (fixture->model, g_get_monotonic_time ());
  wait_ms (80);
  g_assert_true (before != fixture->strip->drawn);
}

static void
pixel_at (GdkTexture *texture, double x, double y, guint8 bgra[4])
{
  int width = gdk_texture_get_width (texture);
  g_autofree guint8 *pixels = g_malloc ((gsize)width * gdk_texture_get_height (texture) * 4);

  gdk_texture_download (texture, pixels, (gsize)width * 4);
  memcpy (bgra, pixels + ((gsize)y * width + (gsize)x) * 4, 4);
}

static gboolean
is_near (const guint8 bgra[4], GdkRGBA color)
{
  return ABS (bgra[2] - color.red * 255) < 12 && ABS (bgra[1] - color.green * 255) < 12
         && ABS (bgra[0] - color.blue * 255) < 12;
}

/* The light of 8080 is where the scale says, in its colour; a free port has its zone's tint. */
static void
test_drawn (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GdkTexture) texture = shot_take (GTK_WIDGET (fixture->strip));
  double y = (STRIP_TOP + STRIP_BAR / 2) * fixture->strip->unit;
  PlRulerScale scale;
  guint8 light[4], free[4];

  pl_port_strip_get_scale (fixture->strip, &scale);
  pixel_at (texture, round (pl_ruler_scale_x (&scale, 8080) - 0.5), y, light);
  pixel_at (texture, pl_ruler_scale_x (&scale, 20000), y, free);
  g_test_message ("%d %d %d, %d %d %d", light[2], light[1], light[0], free[2], free[1], free[0]);
  g_assert_true (is_near (light, pl_range_light_rgba (PL_RANGE_REGISTERED, &fixture->strip->colors)));
  g_assert_true (is_near (free, pl_range_zone_rgba (PL_RANGE_REGISTERED, &fixture->strip->colors)));
}

/* Whether at @port, @units below the strip's top, it is drawn in @color. */
static gboolean
is_drawn (Fixture *fixture, guint port, double units, GdkRGBA color)
{
  g_autoptr (GdkTexture) texture = NULL;
  PlRulerScale scale;
  guint8 pixel[4];

  do /* while it is laid out there is nothing to see */
    wait_ms (100);
  while ((texture = shot_take (GTK_WIDGET (fixture->strip))) == NULL);
  pl_port_strip_get_scale (fixture->strip, &scale);
  pixel_at (texture, round (pl_ruler_scale_x (&scale, port) - 0.5), units * fixture->strip->unit, pixel);
  g_test_message ("%u: %d %d %d", port, pixel[2], pixel[1], pixel[0]);
  return is_near (pixel, color);
}

/* A port that does not listen, with no other light beside it. */
static guint
lonely_port (const PlPortCensus *census)
{
  int before = -1, port = pl_port_census_next (census, -1, 1), next;

  for (; port >= 0; before = port, port = next)
    {
      next = pl_port_census_next (census, port, 1);
      if (port - before > 400 && (next < 0 || next - port > 400)
          && !(pl_port_census_get (census, port) & PL_PORT_LISTENS))
        return (guint)port;
    }
  g_assert_not_reached ();
}

/* A listener's light fills the bar, a temporary one is short; those of other zones than the chosen one are pale. */
static void
test_drawn_lights (Fixture *fixture, gconstpointer data)
{
  const PlGraphColors *colors = &fixture->strip->colors;
  const GdkRGBA light = pl_range_light_rgba (PL_RANGE_REGISTERED, colors);
  guint port = lonely_port (fixture->strip->census);
  PlRange range = pl_port_range ((guint16)port);

  g_assert_true (is_drawn (fixture, 8080, STRIP_TOP + 2.5, light));
  g_assert_true (is_drawn (fixture, port, STRIP_TOP + STRIP_BAR / 2, pl_range_light_rgba (range, colors)));
  g_assert_false (is_drawn (fixture, port, STRIP_TOP + 2.5, pl_range_light_rgba (range, colors)));
  pl_port_ruler_set_range (PL_PORT_RULER (fixture->ruler), PL_RANGE_DYNAMIC);
  g_assert_false (is_drawn (fixture, 8080, STRIP_TOP + STRIP_BAR / 2, light));
  pl_port_ruler_set_range (PL_PORT_RULER (fixture->ruler), PL_RANGE_REGISTERED);
  g_assert_true (is_drawn (fixture, 8080, STRIP_TOP + STRIP_BAR / 2, light));
  gtk_widget_set_direction (GTK_WIDGET (fixture->strip), GTK_TEXT_DIR_RTL);
  g_assert_true (is_drawn (fixture, 8080, STRIP_TOP + STRIP_BAR / 2, light));
}

/* The kernel's ports are marked from the first to the last, and others once they are others. */
static void
test_drawn_kernel (Fixture *fixture, gconstpointer data)
{
  const double below = STRIP_TOP + STRIP_BAR + 3;
  const GdkRGBA mark = fixture->strip->colors.dim_text;

  g_assert_true (is_drawn (fixture, 33000, below, mark));
  g_assert_true (is_drawn (fixture, 60900, below, mark));
  g_assert_false (is_drawn (fixture, 61500, below, mark));
  g_assert_false (is_drawn (fixture, 32000, below, mark));
  pl_port_ruler_set_kernel_range (PL_PORT_RULER (fixture->ruler), 40000, 62000);
  g_assert_false (is_drawn (fixture, 33000, below, mark));
  g_assert_true (is_drawn (fixture, 61500, below, mark));
}

/* 360 px wide everything is there, in its zone. */
static void
test_narrow (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (gtk_widget_get_width (fixture->window), ==, GPOINTER_TO_INT (data));
  for (PlRange range = PL_RANGE_WELL_KNOWN; range < PL_RANGE_DYNAMIC; range++)
    {
      graphene_rect_t one, next;

      g_assert_true (gtk_widget_compute_bounds (fixture->headings[range], fixture->ruler, &one));
      g_assert_true (gtk_widget_compute_bounds (fixture->headings[range + 1], fixture->ruler, &next));
      g_assert_cmpfloat (one.origin.x + one.size.width, <=, next.origin.x + 1);
    }
}

static void
set_text_scale (double scale)
{
  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", (int)(96 * 1024 * scale), NULL);
  wait_ms (100);
}

/* Text twice as large in the same width: the headings stay one row, over their zones, each with its whole number, and are told by
 * their whole names; with room for the names they are back. */
static void
test_narrow_large (Fixture *fixture, gconstpointer data)
{
  GtkWidget *words = gtk_widget_get_last_child (gtk_button_get_child (GTK_BUTTON (fixture->headings[0])));
  GtkWidget *name = gtk_widget_get_first_child (words), *count = gtk_widget_get_last_child (words);
  graphene_rect_t one, next;

  set_text_scale (2);
  for (guint i = 0; i < 100 && gtk_widget_get_visible (name); i++)
    wait_ms (20);
  g_assert_false (gtk_widget_get_visible (name));
  test_narrow (fixture, data);
  g_assert_true (gtk_widget_compute_bounds (fixture->headings[0], fixture->ruler, &one));
  g_assert_true (gtk_widget_compute_bounds (fixture->headings[2], fixture->ruler, &next));
  g_assert_cmpfloat (one.origin.y, ==, next.origin.y);
  g_assert_cmpstr (gtk_inscription_get_text (GTK_INSCRIPTION (count)), ==, "0");
  assert_label (fixture->headings[0],
                "Well-known ports, 0–1023: services that everybody knows, opened by the system: 0 open");
  set_text_scale (1);
  for (guint i = 0; i < 100 && !gtk_widget_get_visible (name); i++)
    wait_ms (20);
  g_assert_true (gtk_widget_get_visible (name));
  g_assert_cmpstr (gtk_inscription_get_text (GTK_INSCRIPTION (count)), ==, "0 open");
}

/* Thousands of ports: counted and drawn. Told, not judged: other tests run beside this one. */
static void
test_many (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Synthetic) world = synthetic_new (3);
  const guint n_rounds = 50;
  gint64 start;

  synthetic_fill (world, fixture->model, 5000);
  pl_model_commit (fixture->model, g_get_monotonic_time ());
  wait_ms (100);
  start = g_get_monotonic_time ();
  for (guint i = 0; i < n_rounds; i++)
    g_signal_emit_by_name (fixture->model, "updated");
  g_test_message ("an update at 5,000 flows that changes nothing: %.0f µs",
                  (double)(g_get_monotonic_time () - start) / n_rounds);
  start = g_get_monotonic_time ();
  for (guint i = 0; i < n_rounds; i++)
    {
      GtkSnapshot *snapshot = gtk_snapshot_new ();
      g_autoptr (GskRenderNode) node = NULL;

      pl_port_strip_update (fixture->strip);
      port_strip_snapshot (fixture->strip, snapshot);
      node = gtk_snapshot_free_to_node (snapshot);
      g_assert_nonnull (node);
    }
  g_test_message ("drawn anew: %.0f µs", (double)(g_get_monotonic_time () - start) / n_rounds);
}

/* Asking how high it would be at another width changes nothing: else it would be laid out for ever. */
static void
test_measured (Fixture *fixture, gconstpointer data)
{
  GtkWidget *words = gtk_widget_get_last_child (gtk_button_get_child (GTK_BUTTON (fixture->headings[0])));
  GtkWidget *fresh = g_object_ref_sink (pl_port_ruler_new ());
  int narrow, wide, least, fresh_wide;

  gtk_widget_measure (fixture->ruler, GTK_ORIENTATION_VERTICAL, 940, NULL, &wide, NULL, NULL);
  gtk_widget_measure (fixture->ruler, GTK_ORIENTATION_VERTICAL, 360, NULL, &narrow, NULL, NULL);
  gtk_widget_measure (fresh, GTK_ORIENTATION_VERTICAL, -1, &least, NULL, NULL, NULL); /* it has no width yet */
  gtk_widget_measure (fresh, GTK_ORIENTATION_VERTICAL, 940, NULL, &fresh_wide, NULL, NULL);
  g_assert_cmpint (least, <=, fresh_wide);
  g_object_unref (fresh);
  g_assert_cmpint (narrow, >, wide);
  g_assert_cmpint (gtk_orientable_get_orientation (GTK_ORIENTABLE (words)), ==, GTK_ORIENTATION_HORIZONTAL);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*func) (Fixture *fixture, gconstpointer data);
    int width;
  } tests[] = {
    { "/ruler/words", test_words, 0 },
    { "/ruler/keys", test_keys, 0 },
    { "/ruler/mirrored", test_keys_mirrored, 0 },
    { "/ruler/hover", test_hover, 0 },
    { "/ruler/ends-mirrored", test_ends_mirrored, 0 },
    { "/ruler/kernel-apart", test_kernel_apart, 0 },
    { "/ruler/counts-mirrored", test_counts_mirrored, 0 },
    { "/ruler/gone", test_gone, 0 },
    { "/ruler/headings", test_headings, 0 },
    { "/ruler/flows", test_flows, 0 },
    { "/ruler/rest", test_rest, 0 },
    { "/ruler/drawn", test_drawn, 0 },
    { "/ruler/drawn-lights", test_drawn_lights, 0 },
    { "/ruler/drawn-kernel", test_drawn_kernel, 0 },
    { "/ruler/last-port", test_last_port, 0 },
    { "/ruler/shown-again", test_shown_again, 0 },
    { "/ruler/narrow", test_narrow, 360 },
    { "/ruler/narrow-large", test_narrow_large, 360 },
    { "/ruler/measured", test_measured, 0 },
    { "/ruler/many", test_many, 0 },
  };

  let_gdks_clock_pass ();
  g_test_init (&argc, &argv, NULL); /* gtk_test_init() warns where there is no locale en_US.UTF-8 */
  gtk_init ();
  adw_init ();
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, GINT_TO_POINTER (tests[i].width), set_up, tests[i].func, tear_down);
  return g_test_run ();
}
