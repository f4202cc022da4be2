/* What can be done with a node or a line of the graph: copy, filter, hide, unfold; by menu, by key, by assistive
 * technology. Main loop only. */
#include <glib/gi18n.h>

#include "graph-canvas-private.h"

#define LONGEST_TITLE 28 /* characters in a menu */

/* ---- copying ---- */

static char *
address_of (PlGraphCanvas *self, Pick pick)
{
  const PlModelFlow *flow = graph_canvas_first_flow (self, pick);
  char text[PL_ADDR_STRLEN];

  if (flow == NULL || pl_model_flow_is_listener (flow))
    return NULL;
  return g_strdup (pl_addr_format (&flow->flow.key.addr[flow->local_end == PL_END_B ? PL_END_A : PL_END_B], text));
}

/* Of a line the port that was called, as far as there is one. */
static const PlSceneNode *
port_of (PlGraphCanvas *self, Pick pick)
{
  const PlSceneNode *node = pick.kind == PICK_NODE ? pl_scene_find_node (self->scene, pick.id) : NULL;
  const PlSceneEdge *edge = pick.kind == PICK_EDGE ? pl_scene_find_edge (self->scene, pick.id) : NULL;
  guint n, at;

  if (edge)
    {
      at = edge->node[(edge->flags & PL_SCENE_INBOUND) ? PL_LANE_LOCAL_PORT : PL_LANE_REMOTE_PORT];
      node = &pl_scene_get_nodes (self->scene, &n)[at != PL_SCENE_NO_NODE ? at : edge->node[PL_LANE_LOCAL_PORT]];
    }
  return node && node->port != 0 ? node : NULL;
}

static char *
command_line_of (PlGraphCanvas *self, Pick pick)
{
  const PlModelFlow *flow = graph_canvas_first_flow (self, pick);

  if (flow == NULL || flow->app == NULL)
    return NULL;
  return g_strdup (flow->app->cmdline ? flow->app->cmdline : flow->app->exe);
}

/* The text that a "copy-…" command copies; NULL where it does not fit. (transfer full) */
static char *
text_to_copy (PlGraphCanvas *self, Pick pick, const char *command)
{
  const PlSceneNode *node = pick.kind == PICK_NODE ? pl_scene_find_node (self->scene, pick.id) : NULL;
  const PlSceneNode *port = port_of (self, pick);
  gboolean is_card = node && (node->lane == PL_LANE_APP || node->lane == PL_LANE_ENDPOINT);

  if (node && (node->flags & PL_SCENE_BUNDLE)) /* a count is no name, and none of the others is all of it */
    return NULL;
  if (g_str_equal (command, "copy-name"))
    return graph_canvas_title (self, pick);
  if (g_str_equal (command, "copy-address"))
    return !node || node->lane == PL_LANE_ENDPOINT ? address_of (self, pick) : NULL;
  if (g_str_equal (command, "copy-port"))
    return port && !is_card ? g_strdup_printf ("%u", port->port) : NULL;
  if (g_str_equal (command, "copy-command"))
    return node && node->lane == PL_LANE_APP ? command_line_of (self, pick) : NULL;
  return NULL;
}

/* ---- commands ---- */

static void
filter (PlGraphCanvas *self, Pick pick, gboolean is_hiding)
{
  g_autoptr (PlFlowMatch) match = graph_canvas_match (self, pick);
  g_autofree char *title = graph_canvas_title (self, pick);

  if (match == NULL)
    return;
  if (title == NULL)
    title = g_strdup_printf (ngettext ("%'u flow", "%'u flows", g_hash_table_size (match->flows)),
                             g_hash_table_size (match->flows));
  pl_graph_filter_add (self->filter, is_hiding, match, title);
}

/* Selects, or unfolds what stands for several. */
void
graph_canvas_press (PlGraphCanvas *self, Pick pick)
{
  if (!graph_canvas_unfold (self, pick))
    graph_canvas_select (self, pick);
}

/**
 * graph_canvas_command:
 * @self: a canvas
 * @pick: to what
 * @command: "copy-name", "copy-address", "copy-port", "copy-command", "details", "filter", "hide", "unfold", "fold", "fold-all"
 */
void
graph_canvas_command (PlGraphCanvas *self, Pick pick, const char *command)
{
  g_autofree char *text = text_to_copy (self, pick, command);

  if (text)
    gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
  else if (g_str_equal (command, "details"))
    graph_canvas_select (self, pick);
  else if (g_str_equal (command, "filter"))
    filter (self, pick, FALSE);
  else if (g_str_equal (command, "hide"))
    filter (self, pick, TRUE);
  else if (g_str_equal (command, "unfold"))
    graph_canvas_unfold (self, pick);
  else if (g_str_equal (command, "fold"))
    graph_canvas_fold (self, pick);
  else if (g_str_equal (command, "fold-all"))
    graph_canvas_fold_all (self);
}

/* ---- the menu ---- */

static void
add_item (GMenu *menu, const char *label, const char *command)
{
  g_autofree char *action = g_strconcat ("chosen.", command, NULL);

  g_menu_append (menu, label, action);
}

/* As a menu item may hold it: not too long, and an underscore is no mark for the letter to press. */
static char *
title_in_menu (const char *title)
{
  gboolean is_long = g_utf8_strlen (title, -1) > LONGEST_TITLE;
  g_autofree char *cut = is_long ? g_utf8_substring (title, 0, LONGEST_TITLE - 1) : g_strdup (title);
  g_auto (GStrv) parts = g_strsplit (cut, "_", -1);
  g_autofree char *plain = g_strjoinv ("__", parts);

  return g_strconcat (plain, is_long ? "…" : "", NULL);
}

static GMenuModel *
copy_section (PlGraphCanvas *self, Pick pick)
{
  const struct
  {
    const char *command, *label;
  } copies[] = { { "copy-name", _ ("_Copy Name") },
                 { "copy-address", _ ("Copy _Address") },
                 { "copy-port", _ ("Copy _Port Number") },
                 { "copy-command", _ ("Copy Co_mmand Line") } };
  GMenu *section = g_menu_new ();

  for (guint i = 0; i < G_N_ELEMENTS (copies); i++)
    {
      g_autofree char *text = text_to_copy (self, pick, copies[i].command);

      if (text)
        add_item (section, copies[i].label, copies[i].command);
    }
  return G_MENU_MODEL (section);
}

static GMenuModel *
pick_section (PlGraphCanvas *self, Pick pick)
{
  g_autofree char *title = graph_canvas_title (self, pick), *shown = title_in_menu (title ? title : "");
  /* Translators: %s is what the graph is filtered to: an app, a port, an address */
  g_autofree char *only = g_strdup_printf (_ ("Show _Only “%s”"), shown);
  g_autofree char *hide = g_strdup_printf (_ ("_Hide “%s”"), shown);
  GMenu *section = g_menu_new ();

  add_item (section, _ ("_Details"), "details");
  if (graph_canvas_can_unfold (self, pick))
    add_item (section, _ ("_Unfold"), "unfold");
  if (graph_canvas_can_fold (self, pick))
    add_item (section, _ ("_Fold"), "fold");
  add_item (section, only, "filter");
  add_item (section, hide, "hide");
  return G_MENU_MODEL (section);
}

static GMenuModel *
graph_section (PlGraphCanvas *self)
{
  GMenu *section = g_menu_new ();

  if (pl_flow_filter_get_n_terms (pl_graph_filter_get (self->filter)) > 0)
    g_menu_append (section, _ ("Show All _Again"), "graph.show-all");
  if (pl_graph_filter_can_undo (self->filter))
    g_menu_append (section, _ ("U_ndo"), "graph.undo-filter");
  if (pl_scene_has_unfolded (self->scene))
    add_item (section, _ ("Fold A_ll"), "fold-all");
  g_menu_append (section, _ ("_Tidy Up"), "graph.tidy");
  g_menu_append (section, _ ("Show All of _It"), "graph.zoom-fit");
  return G_MENU_MODEL (section);
}

static void
add_section (GMenu *menu, GMenuModel *section)
{
  g_menu_append_section (menu, NULL, section);
  g_object_unref (section);
}

/* A closed menu gives the keys to nobody. */
static void
give_focus_back (PlGraphCanvas *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *node = g_hash_table_lookup (self->nodes, &self->menu_focus_id);
  GtkWidget *focus = root ? gtk_root_get_focus (root) : NULL;

  if (node && (focus == NULL || gtk_widget_is_ancestor (focus, self->menu) || focus == self->menu))
    gtk_widget_grab_focus (node);
}

static gboolean
forget_menu (gpointer data)
{
  PlGraphCanvas *self = data;

  self->menu_idle_id = 0;
  give_focus_back (self);
  self->menu_pick = (Pick){ PICK_NONE, 0 };
  if (!self->has_pointer)
    graph_canvas_let_go_soon (self);
  return G_SOURCE_REMOVE;
}

/* An item runs its action only after the menu is closed. */
static void
on_menu_closed (PlGraphCanvas *self)
{
  give_focus_back (self);
  if (self->menu_idle_id == 0)
    self->menu_idle_id = g_idle_add (forget_menu, self);
}

/**
 * graph_canvas_popup:
 * @self: a canvas
 * @pick: what the menu is for; of nothing it is for the whole graph
 * @x: where it points at in the widget, px
 * @y: the same
 */
void
graph_canvas_popup (PlGraphCanvas *self, Pick pick, double x, double y)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  PlGraphNode *focused = graph_canvas_focused_node (self);

  self->menu_focus_id = focused ? pl_graph_node_get (focused)->id : pick.kind == PICK_NODE ? pick.id : 0;
  g_clear_handle_id (&self->menu_idle_id, g_source_remove);
  self->menu_pick = pick;
  graph_canvas_hide_tip (self);
  if (pick.kind != PICK_NONE)
    {
      add_section (menu, pick_section (self, pick));
      add_section (menu, copy_section (self, pick));
    }
  add_section (menu, graph_section (self));
  if (self->menu == NULL)
    {
      self->menu = gtk_popover_menu_new_from_model (G_MENU_MODEL (menu));
      gtk_popover_set_has_arrow (GTK_POPOVER (self->menu), FALSE);
      gtk_widget_set_halign (self->menu, GTK_ALIGN_START);
      gtk_widget_set_parent (self->menu, GTK_WIDGET (self));
      g_signal_connect_object (self->menu, "closed", G_CALLBACK (on_menu_closed), self, G_CONNECT_SWAPPED);
    }
  else
    gtk_popover_menu_set_menu_model (GTK_POPOVER_MENU (self->menu), G_MENU_MODEL (menu));
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), &(GdkRectangle){ x, y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

/* Of the menu while it is open; else, for assistive technologies, of what has the focus or is selected. */
static void
run_chosen (GtkWidget *widget, const char *action, GVariant *parameter)
{
  PlGraphCanvas *self = PL_GRAPH_CANVAS (widget);
  GtkWidget *focus = gtk_widget_get_focus_child (widget);
  Pick pick = self->selection.pick;

  if (self->menu_pick.kind != PICK_NONE)
    pick = self->menu_pick;
  else if (self->line_id != 0)
    pick = (Pick){ PICK_EDGE, self->line_id };
  else if (focus && PL_IS_GRAPH_NODE (focus))
    pick = (Pick){ PICK_NODE, pl_graph_node_get (PL_GRAPH_NODE (focus))->id };
  graph_canvas_command (self, pick, action + strlen ("chosen."));
}

void
graph_canvas_install_commands (GtkWidgetClass *klass)
{
  static const char *const names[] = { "chosen.copy-name",    "chosen.copy-address", "chosen.copy-port",
                                       "chosen.copy-command", "chosen.details",      "chosen.filter",
                                       "chosen.hide",         "chosen.unfold",       "chosen.fold",
                                       "chosen.fold-all" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    gtk_widget_class_install_action (klass, names[i], NULL, run_chosen);
}
