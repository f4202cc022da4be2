/* The chips of the filter below the graph. Main loop only. */
#include "filter-bar.h"

#include <glib/gi18n.h>

#include "action-button.h"
#include "button-name.h"

#define LONGEST_CHIP 26 /* characters, before it is cut */

struct _PlFilterBar
{
  GtkWidget parent_instance;

  PlGraphFilter *filter;
  GtkWidget *scroller, *chips;
};

G_DEFINE_FINAL_TYPE (PlFilterBar, pl_filter_bar, GTK_TYPE_WIDGET)

/* The keys go on from the chip that takes its place. */
static void
remove_term (PlFilterBar *self, GtkWidget *chip)
{
  guint index = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (chip), "index"));
  gboolean has_keys = gtk_widget_has_focus (chip);

  pl_graph_filter_remove (self->filter, index);
  chip = gtk_widget_get_first_child (self->chips);
  while (chip != NULL && index-- > 0 && gtk_widget_get_next_sibling (chip) != NULL)
    chip = gtk_widget_get_next_sibling (chip);
  if (has_keys && chip != NULL)
    gtk_widget_grab_focus (chip);
}

static GtkWidget *
make_chip (PlFilterBar *self, const PlFilterTerm *term, guint index)
{
  /* Translators: flows that are known by name, so that what comes later is not among them: "12 more hosts, as of now" */
  g_autofree char *title = term->match->conditions & PL_MATCH_FLOWS ? g_strdup_printf (_ ("%s, as of now"), term->title)
                                                                    : g_strdup (term->title);
  g_autofree char *text = g_strdup_printf (term->is_hiding ? _ ("Hidden: %s") : _ ("Only %s"), title);
  /* Translators: %s is a chip's text, "Only Firefox" or "Hidden: curl" */
  g_autofree char *label = g_strdup_printf (_ ("%s: take it back"), text);
  GtkWidget *chip = gtk_button_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *words = gtk_label_new (text), *icon = gtk_image_new_from_icon_name ("window-close-symbolic");

  gtk_label_set_ellipsize (GTK_LABEL (words), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_max_width_chars (GTK_LABEL (words), LONGEST_CHIP);
  gtk_box_append (GTK_BOX (box), words);
  gtk_box_append (GTK_BOX (box), icon);
  gtk_button_set_child (GTK_BUTTON (chip), box);
  gtk_widget_set_tooltip_text (chip, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (chip), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_widget_add_css_class (chip, "filter-chip");
  if (term->is_hiding)
    gtk_widget_add_css_class (chip, "hiding");
  g_object_set_data (G_OBJECT (chip), "index", GUINT_TO_POINTER (index));
  g_signal_connect_object (chip, "clicked", G_CALLBACK (remove_term), self, G_CONNECT_SWAPPED);
  return chip;
}

static void
update (PlFilterBar *self)
{
  const PlFlowFilter *filter = pl_graph_filter_get (self->filter);
  guint n = pl_flow_filter_get_n_terms (filter);
  GtkWidget *chip;

  while ((chip = gtk_widget_get_first_child (self->chips)) != NULL)
    gtk_box_remove (GTK_BOX (self->chips), chip);
  for (guint i = 0; i < n; i++)
    gtk_box_append (GTK_BOX (self->chips), make_chip (self, pl_flow_filter_get_term (filter, i), i));
  gtk_widget_set_visible (GTK_WIDGET (self), n > 0);
}

static void
pl_filter_bar_dispose (GObject *object)
{
  PlFilterBar *self = PL_FILTER_BAR (object);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->filter);
  G_OBJECT_CLASS (pl_filter_bar_parent_class)->dispose (object);
}

static void
pl_filter_bar_class_init (PlFilterBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pl_filter_bar_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "filterbar");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
add_button (PlFilterBar *self, const char *icon, const char *action, const char *tooltip)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  pl_action_button_set (button, action);
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip, -1);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_parent (button, GTK_WIDGET (self));
}

static void
pl_filter_bar_init (PlFilterBar *self)
{
  GtkWidget *all;

  self->chips = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_EXTERNAL, GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), self->chips);
  gtk_scrolled_window_set_propagate_natural_width (GTK_SCROLLED_WINDOW (self->scroller), TRUE);
  gtk_widget_set_hexpand (self->scroller, TRUE);
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
  add_button (self, "edit-undo-symbolic", "graph.undo-filter", _ ("Undo (Ctrl+Z)"));
  all = gtk_button_new_with_mnemonic (_ ("Show _All"));
  pl_name_buttons (all);
  pl_action_button_set (all, "graph.show-all");
  gtk_widget_add_css_class (all, "flat");
  gtk_widget_set_parent (all, GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Filter"), -1);
}

GtkWidget *
pl_filter_bar_new (PlGraphFilter *filter)
{
  PlFilterBar *self = g_object_new (PL_TYPE_FILTER_BAR, NULL);

  self->filter = g_object_ref (filter);
  g_signal_connect_object (filter, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}
