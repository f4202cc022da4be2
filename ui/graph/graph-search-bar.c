/* The search above the graph. Main loop only. */
#include "graph-search-bar.h"

#include <glib/gi18n.h>

struct _PlGraphSearchBar
{
  GtkWidget parent_instance;

  PlGraphCanvas *canvas;
  GtkWidget *bar, *entry, *count, *only;
  GtkWidget *from; /* nullable, weak: the node that had the keys before */
};

G_DEFINE_FINAL_TYPE (PlGraphSearchBar, pl_graph_search_bar, GTK_TYPE_WIDGET)

static void
update_count (PlGraphSearchBar *self)
{
  g_autofree char *text = NULL;
  gboolean is_empty = *gtk_editable_get_text (GTK_EDITABLE (self->entry)) == 0;
  guint n, at, n_flows;

  if (pl_graph_canvas_is_searching (self->canvas))
    return;
  pl_graph_canvas_get_found (self->canvas, &n, &at, &n_flows);
  if (n > 0)
    /* Translators: at which of so many matches one stands */
    text = g_strdup_printf (_ ("%u of %u"), at, n);
  else if (n_flows > 0)
    text = g_strdup_printf (ngettext ("%'u flow", "%'u flows", n_flows), n_flows);
  else
    text = g_strdup (is_empty ? "" : _ ("Not found"));
  gtk_label_set_label (GTK_LABEL (self->count), text);
  gtk_widget_set_sensitive (self->only, !is_empty && (n > 0 || n_flows > 0));
}

static void
on_changed (PlGraphSearchBar *self)
{
  pl_graph_canvas_search (self->canvas, gtk_editable_get_text (GTK_EDITABLE (self->entry)));
  update_count (self);
}

static void
step (PlGraphSearchBar *self, int by)
{
  pl_graph_canvas_search_step (self->canvas, by);
  update_count (self);
}

static void
on_next (PlGraphSearchBar *self)
{
  step (self, 1);
}

static void
on_previous (PlGraphSearchBar *self)
{
  step (self, -1);
}

/* Where nothing is found the keys go back there. */
static void
remember_from (PlGraphSearchBar *self)
{
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (GTK_WIDGET (self)));

  if (focus == NULL || !gtk_widget_is_ancestor (focus, GTK_WIDGET (self)))
    g_set_weak_pointer (&self->from, focus && gtk_widget_is_ancestor (focus, GTK_WIDGET (self->canvas)) ? focus : NULL);
}

static void
close_bar (PlGraphSearchBar *self)
{
  gboolean has_focus = pl_graph_canvas_focus_found (self->canvas)
                       || (self->from && gtk_widget_get_mapped (self->from) && gtk_widget_grab_focus (self->from));

  gtk_search_bar_set_search_mode (GTK_SEARCH_BAR (self->bar), FALSE);
  if (!has_focus)
    gtk_root_set_focus (gtk_widget_get_root (GTK_WIDGET (self)), NULL);
}

/* Only flows that match what is written, in place of an earlier text. */
static void
on_only (PlGraphSearchBar *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  g_autofree char *folded = g_utf8_casefold (text, -1), *title = g_strdup_printf ("“%s”", text);

  pl_graph_filter_toggle (pl_graph_canvas_get_filter (self->canvas),
                          &(PlFlowMatch){ .conditions = PL_MATCH_TEXT, .text = folded }, title);
  close_bar (self);
}

static gboolean
on_entry_key (PlGraphSearchBar *self, guint key, guint code, GdkModifierType state)
{
  if (key == GDK_KEY_Escape)
    {
      close_bar (self);
      return TRUE;
    }
  if (key == GDK_KEY_Down || key == GDK_KEY_KP_Down)
    return pl_graph_canvas_focus_found (self->canvas);
  if ((key == GDK_KEY_Return || key == GDK_KEY_KP_Enter) && (state & GDK_SHIFT_MASK))
    {
      step (self, -1);
      return TRUE;
    }
  return FALSE;
}

static void
on_mode_changed (PlGraphSearchBar *self)
{
  if (!gtk_search_bar_get_search_mode (GTK_SEARCH_BAR (self->bar)))
    pl_graph_canvas_search (self->canvas, NULL);
  else
    on_changed (self);
}

static void
pl_graph_search_bar_dispose (GObject *object)
{
  PlGraphSearchBar *self = PL_GRAPH_SEARCH_BAR (object);

  g_clear_weak_pointer (&self->from);
  g_clear_pointer (&self->bar, gtk_widget_unparent);
  g_clear_object (&self->canvas);
  G_OBJECT_CLASS (pl_graph_search_bar_parent_class)->dispose (object);
}

static void
pl_graph_search_bar_class_init (PlGraphSearchBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = pl_graph_search_bar_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static GtkWidget *
add_button (PlGraphSearchBar *self, GtkWidget *box, const char *icon, const char *tooltip, GCallback clicked)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip, -1);
  gtk_widget_add_css_class (button, "flat");
  g_signal_connect_object (button, "clicked", clicked, self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), button);
  return button;
}

static void
pl_graph_search_bar_init (PlGraphSearchBar *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->entry = gtk_search_entry_new ();
  gtk_search_entry_set_search_delay (GTK_SEARCH_ENTRY (self->entry), 0);
  g_object_set (self->entry, "placeholder-text", _ ("App, port, address…"), NULL);
  gtk_editable_set_width_chars (GTK_EDITABLE (self->entry), 12);
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER); /* newer GTK gives it the whole width */
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Search the Graph"),
                                  -1);
  gtk_box_append (GTK_BOX (box), self->entry);
  self->count = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->count, "dim-label");
  gtk_box_append (GTK_BOX (box), self->count);
  add_button (self, box, "go-up-symbolic", _ ("Previous Match"), G_CALLBACK (on_previous));
  add_button (self, box, "go-down-symbolic", _ ("Next Match"), G_CALLBACK (on_next));
  self->only = add_button (self, box, "view-list-symbolic", _ ("Show Only These"), G_CALLBACK (on_only));
  self->bar = gtk_search_bar_new ();
  gtk_search_bar_set_child (GTK_SEARCH_BAR (self->bar), box);
  gtk_search_bar_connect_entry (GTK_SEARCH_BAR (self->bar), GTK_EDITABLE (self->entry));
  gtk_widget_set_parent (self->bar, GTK_WIDGET (self));
  g_signal_connect_object (self->entry, "search-changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->entry, "activate", G_CALLBACK (on_next), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->entry, "next-match", G_CALLBACK (on_next), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->entry, "previous-match", G_CALLBACK (on_previous), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->bar, "notify::search-mode-enabled", G_CALLBACK (on_mode_changed), self,
                           G_CONNECT_SWAPPED);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (on_entry_key), self);
  gtk_widget_add_controller (self->entry, keys);
}

GtkWidget *
pl_graph_search_bar_new (PlGraphCanvas *canvas)
{
  PlGraphSearchBar *self = g_object_new (PL_TYPE_GRAPH_SEARCH_BAR, NULL);

  self->canvas = g_object_ref (canvas);
  g_signal_connect_object (canvas, "scene-changed", G_CALLBACK (update_count), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

void
pl_graph_search_bar_open (PlGraphSearchBar *self)
{
  remember_from (self);
  gtk_search_bar_set_search_mode (GTK_SEARCH_BAR (self->bar), TRUE);
  gtk_widget_grab_focus (self->entry);
}

gboolean
pl_graph_search_bar_close (PlGraphSearchBar *self)
{
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (GTK_WIDGET (self)));

  if (!gtk_search_bar_get_search_mode (GTK_SEARCH_BAR (self->bar)))
    return FALSE;
  if (focus && gtk_widget_is_ancestor (focus, GTK_WIDGET (self)))
    close_bar (self);
  else
    gtk_search_bar_set_search_mode (GTK_SEARCH_BAR (self->bar), FALSE);
  return TRUE;
}

gboolean
pl_graph_search_bar_take_key (PlGraphSearchBar *self, GtkEventControllerKey *keys, guint key)
{
  gunichar letter = gdk_keyval_to_unicode (key);

  remember_from (self);
  if (letter == 0 || !g_unichar_isgraph (letter)
      || !gtk_event_controller_key_forward (keys, GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (self->entry)))))
    return FALSE;
  gtk_search_bar_set_search_mode (GTK_SEARCH_BAR (self->bar), TRUE);
  return TRUE;
}
