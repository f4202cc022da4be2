/* What there is and what was lost, in one line; a click shows every counter. Main loop only; has no timer: the window
 * updates it when the model has something new. */
#include "status-bar.h"
#include "status-words.h"

struct _PlStatusBar
{
  GtkWidget parent_instance;

  PlModelTotals totals;
  gboolean is_live, is_narrow;
  int width; /* px: of a narrow window */
  char *said; /* nullable: to assistive technologies */

  GtkWidget *button;
  GtkLabel *counts;
  GtkWidget *warning;
  GtkPopover *popover;
  GtkGrid *grid;
  GtkLabel *source;
};

G_DEFINE_FINAL_TYPE (PlStatusBar, pl_status_bar, GTK_TYPE_WIDGET)

static GtkWidget *
cell (const char *text, double xalign, const char *css_class)
{
  return g_object_new (GTK_TYPE_LABEL, "label", text, "xalign", xalign, "css-classes",
                       (const char *[]){ css_class, NULL }, NULL);
}

static void
write_rows (PlStatusBar *self)
{
  g_autoptr (GPtrArray) rows = pl_status_rows (&self->totals);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->grid))) != NULL)
    gtk_grid_remove (self->grid, child);
  for (guint i = 0; i < rows->len; i++)
    {
      const PlStatusRow *row = g_ptr_array_index (rows, i);

      gtk_grid_attach (self->grid, cell (row->label, 0, "dim-label"), 0, (int)i, 1, 1);
      gtk_grid_attach (self->grid, cell (row->value, 1, row->is_loss ? "warning" : "numeric"), 1, (int)i, 1, 1);
    }
}

static void
pl_status_bar_dispose (GObject *object)
{
  PlStatusBar *self = PL_STATUS_BAR (object);

  g_clear_pointer (&self->button, gtk_widget_unparent);
  g_clear_pointer ((GtkWidget **)&self->source, gtk_widget_unparent);
  g_clear_pointer (&self->said, g_free);
  G_OBJECT_CLASS (pl_status_bar_parent_class)->dispose (object);
}

static void
pl_status_bar_class_init (PlStatusBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pl_status_bar_dispose;
  gtk_widget_class_set_css_name (widget_class, "statusline");
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/portlight/portlight/status-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, PlStatusBar, button);
  gtk_widget_class_bind_template_child (widget_class, PlStatusBar, counts);
  gtk_widget_class_bind_template_child (widget_class, PlStatusBar, warning);
  gtk_widget_class_bind_template_child (widget_class, PlStatusBar, popover);
  gtk_widget_class_bind_template_child (widget_class, PlStatusBar, grid);
  gtk_widget_class_bind_template_child (widget_class, PlStatusBar, source);
  gtk_widget_class_bind_template_callback (widget_class, write_rows);
}

static void
pl_status_bar_init (PlStatusBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* In a narrow window; but of a file without flows it is the packets that tell. */
static gboolean
shows_brief (PlStatusBar *self)
{
  return self->is_narrow && (self->is_live || self->totals.n_flows > 0);
}

#define AROUND_PX 60 /* what is beside the words in a narrow window: edges, and the sign of a loss */

/* Whether one line would be too long if all were busy: by what is the case, the bar would be now higher, now lower. */
static gboolean
needs_two_lines (PlStatusBar *self)
{
  const PlModelTotals busy = { .n_flows = 88888,
                               .rate_in = 88.8e6,
                               .rate_out = 88.8e6,
                               .packets = self->totals.packets,
                               .received = self->totals.received };
  g_autofree char *text = pl_status_brief (&busy, TRUE, FALSE);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self->counts), text);
  int width;

  pango_layout_get_pixel_size (layout, &width, NULL);
  return width > self->width - AROUND_PX;
}

/* All that is counted, as a wide window has it. (transfer full) */
static char *
all_counts (PlStatusBar *self)
{
  g_autofree char *flows = pl_status_flows (&self->totals, self->is_live);
  g_autofree char *packets = pl_status_packets (&self->totals);

  return packets != NULL ? g_strdup_printf ("%s · %s", flows, packets) : g_steal_pointer (&flows);
}

static void
show_counts (PlStatusBar *self)
{
  g_autofree char *text =
      shows_brief (self) ? pl_status_brief (&self->totals, self->is_live, needs_two_lines (self)) : all_counts (self);

  gtk_label_set_text (self->counts, text);
}

void
pl_status_bar_update (PlStatusBar *self, const PlModelTotals *totals, gboolean is_live, const char *source)
{
  g_autofree char *all = NULL;

  g_return_if_fail (PL_IS_STATUS_BAR (self));
  self->totals = *totals;
  self->is_live = is_live;
  show_counts (self);
  gtk_widget_set_visible (self->warning, pl_status_dropped (totals) > 0);
  gtk_label_set_text (self->source, source);
  all = all_counts (self);
  if (g_strcmp0 (all, self->said) != 0)
    {
      g_free (self->said);
      self->said = g_steal_pointer (&all);
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL, self->said, -1);
    }
  if (gtk_widget_get_mapped (GTK_WIDGET (self->popover)))
    write_rows (self);
}

void
pl_status_bar_set_narrow (PlStatusBar *self, gboolean is_narrow, int width)
{
  g_return_if_fail (PL_IS_STATUS_BAR (self));
  if (self->is_narrow == is_narrow && (!is_narrow || self->width == width))
    return;
  self->width = width;
  gtk_widget_set_visible (GTK_WIDGET (self->source), !is_narrow);
  self->is_narrow = is_narrow;
  show_counts (self);
}
