/* A content and, at its end side, a pane that slides in, can be dragged wider, and covers the content where both do not
 * fit. GtkPaned can't fold, AdwFlap can't be dragged and is deprecated since libadwaita 1.4. Main loop only. */
#include "split.h"

#define CONTENT_MIN_PX 420 /* below this the four lanes are no longer a picture */
#define PANE_MIN_PX 280
#define PANE_DEFAULT_PX 380
#define HANDLE_PX 8 /* wide enough to grab; half of it lies over each side */
#define SLIDE_MS 200

struct _PlSplit
{
  GtkWidget parent_instance;

  GtkWidget *content;
  GtkWidget *pane;
  GtkWidget *handle;
  AdwAnimation *animation;
  double shown; /* 0: away, 1: fully there */
  double drag_start_px;
  int pane_width_px;
  gboolean show_pane;
  gboolean is_folded;
};

enum
{
  PROP_CONTENT = 1,
  PROP_PANE,
  PROP_SHOW_PANE,
  PROP_PANE_WIDTH,
  PROP_FOLDED,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void pl_split_buildable_init (GtkBuildableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PlSplit,
                               pl_split,
                               GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_BUILDABLE, pl_split_buildable_init))

static int
pane_width_at (PlSplit *self, int width)
{
  if (self->is_folded)
    return width;
  return CLAMP (self->pane_width_px, PANE_MIN_PX, MAX (PANE_MIN_PX, width - CONTENT_MIN_PX));
}

/* ---- geometry ---- */

static void
pl_split_measure (GtkWidget *widget,
                  GtkOrientation orientation,
                  int for_size,
                  int *minimum,
                  int *natural,
                  int *minimum_baseline,
                  int *natural_baseline)
{
  PlSplit *self = PL_SPLIT (widget);
  GtkWidget *children[] = { self->content, self->pane };

  *minimum = *natural = 0;
  for (gsize i = 0; i < G_N_ELEMENTS (children); i++)
    {
      int child_minimum, child_natural;

      if (children[i] == NULL)
        continue;
      /* Each may have the whole width to itself, so its height is asked for at no certain width. */
      gtk_widget_measure (children[i], orientation, -1, &child_minimum, &child_natural, NULL, NULL);
      *minimum = MAX (*minimum, child_minimum);
      *natural = MAX (*natural, child_natural);
    }
  *minimum_baseline = *natural_baseline = -1;
}

static void
allocate_at (GtkWidget *child, int x, int width, int height)
{
  gtk_widget_size_allocate (child, &(GtkAllocation){ x, 0, width, height }, -1);
}

static void
pl_split_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  PlSplit *self = PL_SPLIT (widget);
  gboolean was_folded = self->is_folded;
  gboolean is_rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  gboolean has_pane = self->pane != NULL && self->shown > 0;
  int pane_width, pane_shown, content_width;

  self->is_folded = width < CONTENT_MIN_PX + PANE_MIN_PX;
  pane_width = pane_width_at (self, width);
  pane_shown = has_pane ? (int)(pane_width * self->shown + 0.5) : 0;
  content_width = self->is_folded ? width : width - pane_shown;

  if (self->content != NULL)
    {
      gtk_widget_set_child_visible (self->content, !(self->is_folded && self->shown >= 1));
      allocate_at (self->content, is_rtl ? width - content_width : 0, content_width, height);
    }
  if (self->pane != NULL)
    {
      gtk_widget_set_child_visible (self->pane, has_pane);
      if (has_pane)
        allocate_at (self->pane, is_rtl ? pane_shown - pane_width : width - pane_shown, pane_width, height);
    }
  gtk_widget_set_child_visible (self->handle, has_pane && !self->is_folded);
  allocate_at (self->handle, (is_rtl ? pane_shown : width - pane_shown) - HANDLE_PX / 2, HANDLE_PX, height);

  if (was_folded != self->is_folded)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FOLDED]);
}

static GtkSizeRequestMode
pl_split_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_CONSTANT_SIZE;
}

/* ---- dragging and sliding ---- */

static void
drag_begin (PlSplit *self, double x, double y)
{
  self->drag_start_px = pane_width_at (self, gtk_widget_get_width (GTK_WIDGET (self)));
}

static void
drag_update (PlSplit *self, double dx, double dy, GtkGestureDrag *gesture)
{
  double start_x, start_y, x;
  graphene_point_t point;

  /* The handle moves with the drag, so the offset is measured in the split, which stands still. */
  if (!gtk_gesture_drag_get_start_point (gesture, &start_x, &start_y)
      || !gtk_widget_compute_point (self->handle, GTK_WIDGET (self), &GRAPHENE_POINT_INIT (start_x + dx, 0), &point))
    return;
  x = point.x;
  if (gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL)
    pl_split_set_pane_width (self, (int)x);
  else
    pl_split_set_pane_width (self, gtk_widget_get_width (GTK_WIDGET (self)) - (int)x);
}

static void
set_shown (double value, gpointer data)
{
  PlSplit *self = data;

  self->shown = value;
  if (self->pane != NULL) /* away, it is no longer there for screen readers either */
    gtk_widget_set_visible (self->pane, value > 0);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

/* ---- children ---- */

static void
set_child (PlSplit *self, GtkWidget **child, GtkWidget *value)
{
  if (*child == value)
    return;
  g_clear_pointer (child, gtk_widget_unparent);
  *child = value;
  if (value != NULL)
    gtk_widget_insert_before (value, GTK_WIDGET (self), self->handle);
}

static void
pl_split_add_child (GtkBuildable *buildable, GtkBuilder *builder, GObject *child, const char *type)
{
  g_critical ("PlSplit takes its children as the properties “content” and “pane”");
}

static void
pl_split_buildable_init (GtkBuildableIface *iface)
{
  iface->add_child = pl_split_add_child;
}

/* ---- object ---- */

static void
pl_split_dispose (GObject *object)
{
  PlSplit *self = PL_SPLIT (object);

  g_clear_object (&self->animation);
  g_clear_pointer (&self->content, gtk_widget_unparent);
  g_clear_pointer (&self->pane, gtk_widget_unparent);
  g_clear_pointer (&self->handle, gtk_widget_unparent);
  G_OBJECT_CLASS (pl_split_parent_class)->dispose (object);
}

static void
pl_split_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  PlSplit *self = PL_SPLIT (object);

  switch (id)
    {
    case PROP_CONTENT:
      g_value_set_object (value, self->content);
      break;
    case PROP_PANE:
      g_value_set_object (value, self->pane);
      break;
    case PROP_SHOW_PANE:
      g_value_set_boolean (value, self->show_pane);
      break;
    case PROP_PANE_WIDTH:
      g_value_set_int (value, self->pane_width_px);
      break;
    case PROP_FOLDED:
      g_value_set_boolean (value, self->is_folded);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
pl_split_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  PlSplit *self = PL_SPLIT (object);

  switch (id)
    {
    case PROP_CONTENT:
      set_child (self, &self->content, g_value_get_object (value));
      break;
    case PROP_PANE:
      set_child (self, &self->pane, g_value_get_object (value));
      set_shown (self->shown, self);
      break;
    case PROP_SHOW_PANE:
      pl_split_set_show_pane (self, g_value_get_boolean (value));
      break;
    case PROP_PANE_WIDTH:
      pl_split_set_pane_width (self, g_value_get_int (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
pl_split_class_init (PlSplitClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->dispose = pl_split_dispose;
  object_class->get_property = pl_split_get_property;
  object_class->set_property = pl_split_set_property;
  widget_class->measure = pl_split_measure;
  widget_class->size_allocate = pl_split_size_allocate;
  widget_class->get_request_mode = pl_split_get_request_mode;

  properties[PROP_CONTENT] = g_param_spec_object ("content", NULL, NULL, GTK_TYPE_WIDGET, flags);
  properties[PROP_PANE] = g_param_spec_object ("pane", NULL, NULL, GTK_TYPE_WIDGET, flags);
  properties[PROP_SHOW_PANE] = g_param_spec_boolean ("show-pane", NULL, NULL, FALSE, flags);
  properties[PROP_PANE_WIDTH] = g_param_spec_int ("pane-width", NULL, NULL, 0, G_MAXINT, PANE_DEFAULT_PX, flags);
  properties[PROP_FOLDED] =
      g_param_spec_boolean ("folded", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_css_name (widget_class, "plsplit");
}

static void
pl_split_init (PlSplit *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();
  AdwAnimationTarget *target = adw_callback_animation_target_new (set_shown, self, NULL);

  self->pane_width_px = PANE_DEFAULT_PX;
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);

  self->handle = gtk_separator_new (GTK_ORIENTATION_VERTICAL);
  gtk_widget_add_css_class (self->handle, "handle");
  gtk_widget_set_cursor_from_name (self->handle, "col-resize");
  gtk_widget_set_parent (self->handle, GTK_WIDGET (self));

  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update), self);
  gtk_widget_add_controller (self->handle, GTK_EVENT_CONTROLLER (drag));

  self->animation = adw_timed_animation_new (GTK_WIDGET (self), 0, 1, SLIDE_MS, target);
}

gboolean
pl_split_get_show_pane (PlSplit *self)
{
  g_return_val_if_fail (PL_IS_SPLIT (self), FALSE);
  return self->show_pane;
}

void
pl_split_set_show_pane (PlSplit *self, gboolean show_pane)
{
  AdwTimedAnimation *animation;

  g_return_if_fail (PL_IS_SPLIT (self));
  if (self->show_pane == !!show_pane)
    return;
  self->show_pane = !!show_pane;
  animation = ADW_TIMED_ANIMATION (self->animation);
  adw_timed_animation_set_value_from (animation, self->shown);
  adw_timed_animation_set_value_to (animation, show_pane ? 1 : 0);
  adw_animation_play (self->animation);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SHOW_PANE]);
}

int
pl_split_get_pane_width (PlSplit *self)
{
  g_return_val_if_fail (PL_IS_SPLIT (self), 0);
  return self->pane_width_px;
}

void
pl_split_set_pane_width (PlSplit *self, int width_px)
{
  int width;

  g_return_if_fail (PL_IS_SPLIT (self));
  width = gtk_widget_get_width (GTK_WIDGET (self));
  if (width > 0 && !self->is_folded)
    width_px = MIN (width_px, width - CONTENT_MIN_PX);
  width_px = MAX (width_px, PANE_MIN_PX);
  if (self->pane_width_px == width_px)
    return;
  self->pane_width_px = width_px;
  gtk_widget_queue_allocate (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PANE_WIDTH]);
}
