/* Main loop only. */
#include "short-scroller.h"

#define LEAST_HEIGHT 80

struct _PlShortScroller
{
  GtkWidget parent_instance;

  GtkWidget *scrolled;
  GtkWidget *child; /* nullable; the scrolled one's */
  int most_height_px; /* -1: as high as the child would like to be */
};

enum
{
  PROP_0,
  PROP_CHILD,
  PROP_MOST_HEIGHT,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (PlShortScroller, pl_short_scroller, GTK_TYPE_WIDGET)

static void
pl_short_scroller_measure (GtkWidget *widget,
                           GtkOrientation orientation,
                           int for_size,
                           int *minimum,
                           int *natural,
                           int *minimum_baseline,
                           int *natural_baseline)
{
  PlShortScroller *self = PL_SHORT_SCROLLER (widget);

  *minimum = *natural = 0;
  if (self->child == NULL)
    return;
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    for_size = -1; /* of little height it scrolls, and need not be wider for it */
  gtk_widget_measure (self->child, orientation, for_size, minimum, natural, NULL, NULL);
  if (orientation == GTK_ORIENTATION_VERTICAL)
    {
      if (self->most_height_px >= 0)
        *natural = MIN (*natural, self->most_height_px);
      *minimum = MIN (*minimum, LEAST_HEIGHT);
    }
}

static void
pl_short_scroller_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  gtk_widget_allocate (PL_SHORT_SCROLLER (widget)->scrolled, width, height, baseline, NULL);
}

static GtkSizeRequestMode
pl_short_scroller_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
pl_short_scroller_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  PlShortScroller *self = PL_SHORT_SCROLLER (object);

  switch (prop_id)
    {
    case PROP_CHILD:
      self->child = g_value_get_object (value);
      gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), self->child);
      break;
    case PROP_MOST_HEIGHT:
      self->most_height_px = g_value_get_int (value);
      gtk_widget_queue_resize (GTK_WIDGET (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
pl_short_scroller_dispose (GObject *object)
{
  PlShortScroller *self = PL_SHORT_SCROLLER (object);

  self->child = NULL;
  g_clear_pointer (&self->scrolled, gtk_widget_unparent);
  G_OBJECT_CLASS (pl_short_scroller_parent_class)->dispose (object);
}

static void
pl_short_scroller_class_init (PlShortScrollerClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pl_short_scroller_dispose;
  G_OBJECT_CLASS (klass)->set_property = pl_short_scroller_set_property;
  widget_class->measure = pl_short_scroller_measure;
  widget_class->size_allocate = pl_short_scroller_size_allocate;
  widget_class->get_request_mode = pl_short_scroller_get_request_mode;
  props[PROP_CHILD] =
      g_param_spec_object ("child", NULL, NULL, GTK_TYPE_WIDGET, G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_MOST_HEIGHT] =
      g_param_spec_int ("most-height", NULL, NULL, -1, G_MAXINT, -1, G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPS, props);
  gtk_widget_class_set_css_name (widget_class, "shortscroller");
}

static void
pl_short_scroller_init (PlShortScroller *self)
{
  self->most_height_px = -1;
  self->scrolled = g_object_new (GTK_TYPE_SCROLLED_WINDOW, "hscrollbar-policy", GTK_POLICY_NEVER, NULL);
  gtk_widget_set_parent (self->scrolled, GTK_WIDGET (self));
}
