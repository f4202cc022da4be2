/* One window: one source, its graph, the details of what is selected. Main loop only. */
#include "graph-view.h"
#include "settings.h"
#include "split.h"
#include "window.h"

struct _PlWindow
{
  AdwApplicationWindow parent_instance;

  PlSplit *split;
  PlGraphView *graph;
};

G_DEFINE_FINAL_TYPE (PlWindow, pl_window, ADW_TYPE_APPLICATION_WINDOW)

static GSettings *
get_settings (PlWindow *self)
{
  return pl_application_get_settings (PL_APPLICATION (gtk_window_get_application (GTK_WINDOW (self))));
}

static gboolean
pl_window_close_request (GtkWindow *window)
{
  PlWindow *self = PL_WINDOW (window);
  GSettings *settings = get_settings (self);
  int width, height;

  gtk_window_get_default_size (window, &width, &height);
  pl_settings_set_int (settings, "window-width", width);
  pl_settings_set_int (settings, "window-height", height);
  pl_settings_set_boolean (settings, "window-maximized", gtk_window_is_maximized (window));
  pl_settings_set_int (settings, "pane-width", pl_split_get_pane_width (self->split));
  return GTK_WINDOW_CLASS (pl_window_parent_class)->close_request (window);
}

static void
pl_window_class_init (PlWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  GTK_WINDOW_CLASS (klass)->close_request = pl_window_close_request;
  g_type_ensure (PL_TYPE_SPLIT);
  g_type_ensure (PL_TYPE_GRAPH_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/portlight/Portlight/window.ui");
  gtk_widget_class_bind_template_child (widget_class, PlWindow, split);
  gtk_widget_class_bind_template_child (widget_class, PlWindow, graph);
}

static void
pl_window_init (PlWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

PlWindow *
pl_window_new (PlApplication *application)
{
  PlWindow *self = g_object_new (PL_TYPE_WINDOW, "application", application, NULL);
  GSettings *settings = pl_application_get_settings (application);

  gtk_window_set_default_size (GTK_WINDOW (self), pl_settings_get_int (settings, "window-width", 1180),
                               pl_settings_get_int (settings, "window-height", 760));
  if (pl_settings_get_boolean (settings, "window-maximized", FALSE))
    gtk_window_maximize (GTK_WINDOW (self));
  pl_split_set_pane_width (self->split, pl_settings_get_int (settings, "pane-width", 380));
  return self;
}
