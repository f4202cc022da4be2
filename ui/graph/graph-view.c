/* The live graph. Main loop only; never touches a thread's data or a socket. */
#include <glib/gi18n.h>

#include "graph-view.h"

struct _PlGraphView
{
  GtkWidget parent_instance;

  PlModel *model;
  GtkWidget *label;
};

enum
{
  PROP_MODEL = 1,
  N_PROPS
};

enum
{
  SIGNAL_SELECTION_CHANGED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PlGraphView, pl_graph_view, GTK_TYPE_WIDGET)

static void
pl_graph_view_dispose (GObject *object)
{
  PlGraphView *self = PL_GRAPH_VIEW (object);

  g_clear_object (&self->model);
  g_clear_pointer (&self->label, gtk_widget_unparent);
  G_OBJECT_CLASS (pl_graph_view_parent_class)->dispose (object);
}

static void
pl_graph_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  PlGraphView *self = PL_GRAPH_VIEW (object);

  if (id == PROP_MODEL)
    g_value_set_object (value, self->model);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
pl_graph_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_MODEL)
    pl_graph_view_set_model (PL_GRAPH_VIEW (object), g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
pl_graph_view_class_init (PlGraphViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = pl_graph_view_dispose;
  object_class->get_property = pl_graph_view_get_property;
  object_class->set_property = pl_graph_view_set_property;
  properties[PROP_MODEL] = g_param_spec_object ("model", NULL, NULL, PL_TYPE_MODEL,
                                                G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[SIGNAL_SELECTION_CHANGED] = g_signal_new ("selection-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                                    0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "graphview");
}

static void
pl_graph_view_init (PlGraphView *self)
{
  self->label = gtk_label_new (_ ("Nothing to draw yet"));
  gtk_widget_set_parent (self->label, GTK_WIDGET (self));
}

GtkWidget *
pl_graph_view_new (void)
{
  return g_object_new (PL_TYPE_GRAPH_VIEW, NULL);
}

void
pl_graph_view_set_model (PlGraphView *self, PlModel *model)
{
  g_return_if_fail (PL_IS_GRAPH_VIEW (self));

  if (g_set_object (&self->model, model))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MODEL]);
}

GArray *
pl_graph_view_get_selected_flows (PlGraphView *self)
{
  return g_array_new (FALSE, FALSE, sizeof (guint64));
}

const char *
pl_graph_view_get_selected_node_title (PlGraphView *self)
{
  return NULL;
}

void
pl_graph_view_select_flow (PlGraphView *self, guint64 flow_id)
{
  g_signal_emit (self, signals[SIGNAL_SELECTION_CHANGED], 0);
}

void
pl_graph_view_tidy (PlGraphView *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
