/* What Portlight looks at, and the choice of something else. Main loop only; asks the system for its interfaces each time
 * the list opens, never by a timer. */
#include <glib/gi18n.h>
#include <limits.h>
#include <sys/xattr.h>

#include "capture.h"
#include "portlight-config.h"
#include "source-button.h"

#define N_RECENT 6 /* files in the list: more is what the file dialog is for */

struct _PlSourceButton
{
  GtkWidget parent_instance;

  char *interface; /* on view; NULL for a file or pipe */
  gboolean is_narrow;

  GtkMenuButton *button;
  GtkLabel *title;
  GtkLabel *subtitle;
  GtkPopover *popover;
  GtkBox *list;
};

G_DEFINE_FINAL_TYPE (PlSourceButton, pl_source_button, GTK_TYPE_WIDGET)

/* ---- rows ---- */

static GtkWidget *
row_label (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 36);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

/* @subtitle: (nullable). The row runs @action with @target (nullable) as its string. A button and no row of a list box:
 * GTK 4.8 gives those no action that assistive technologies could run. */
static void
add_row (PlSourceButton *self,
         const char *icon,
         const char *title,
         const char *subtitle,
         gboolean is_chosen,
         const char *action,
         const char *target)
{
  GtkWidget *button = gtk_button_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *check = gtk_image_new_from_icon_name ("object-select-symbolic");
  g_autofree char *name = subtitle != NULL ? g_strdup_printf ("%s, %s", title, subtitle) : g_strdup (title);

  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name (icon));
  gtk_box_append (GTK_BOX (texts), row_label (title, NULL));
  if (subtitle != NULL)
    {
      gtk_box_append (GTK_BOX (texts), row_label (subtitle, "caption"));
      gtk_widget_add_css_class (gtk_widget_get_last_child (texts), "dim-label");
    }
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), texts);
  gtk_widget_set_opacity (check, is_chosen ? 1 : 0);
  gtk_box_append (GTK_BOX (box), check);

  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_add_css_class (button, "flat");
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  if (is_chosen)
    gtk_accessible_update_state (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_STATE_PRESSED, GTK_ACCESSIBLE_TRISTATE_TRUE,
                                 -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  if (target != NULL)
    gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", target);
  g_signal_connect_object (button, "clicked", G_CALLBACK (gtk_popover_popdown), self->popover, G_CONNECT_SWAPPED);
  gtk_box_append (self->list, button);
}

static void
add_heading (PlSourceButton *self, const char *text)
{
  GtkWidget *label = row_label (text, "heading");

  gtk_widget_add_css_class (label, "dim-label");
  gtk_box_append (self->list, label);
}

static const char *
device_icon (const PlDevice *device)
{
  if (device->is_loopback)
    return "computer-symbolic";
  if (g_str_has_prefix (device->name, "wl"))
    return "network-wireless-symbolic";
  if (g_str_has_prefix (device->name, "tun") || g_str_has_prefix (device->name, "wg"))
    return "network-vpn-symbolic";
  return "network-wired-symbolic";
}

static void
add_interfaces (PlSourceButton *self)
{
  g_autoptr (GPtrArray) devices = pl_devices_list ();

  add_heading (self, _ ("This Computer"));
  add_row (self, "network-workgroup-symbolic", _ ("All interfaces"), NULL, g_strcmp0 (self->interface, "any") == 0,
           "win.interface", "any");
  for (guint i = 0; i < devices->len; i++)
    {
      const PlDevice *device = g_ptr_array_index (devices, i);
      const char *subtitle = device->is_up ? _ ("no address") : _ ("down");

      if (device->addresses != NULL && *device->addresses != '\0')
        subtitle = device->addresses;
      add_row (self, device_icon (device), device->name, subtitle, g_strcmp0 (self->interface, device->name) == 0,
               "win.interface", device->name);
    }
}

static gboolean
is_capture_file (GtkRecentInfo *info)
{
  const char *type = gtk_recent_info_get_mime_type (info);

  return gtk_recent_info_has_application (info, g_get_application_name ())
         || (type != NULL && g_str_has_prefix (type, "application/") && strstr (type, "pcap") != NULL);
}

static int
by_time (gconstpointer a, gconstpointer b)
{
  return g_date_time_compare (gtk_recent_info_get_modified ((GtkRecentInfo *)b),
                              gtk_recent_info_get_modified ((GtkRecentInfo *)a));
}

/* Where a recent file is, for people. What the document portal gave a sandbox lies in a folder that says nothing; its true
 * place is an attribute of the file (xdg-desktop-portal 1.17 on), else it stays untold. (transfer full) (nullable) */
static char *
recent_place (GtkRecentInfo *info)
{
  g_autoptr (GFile) file = g_file_new_for_uri (gtk_recent_info_get_uri (info));
  g_autoptr (GFile) portal = g_file_new_build_filename (g_get_user_runtime_dir (), "doc", NULL);
  char host_path[PATH_MAX];

  if (!g_file_has_prefix (file, portal))
    return gtk_recent_info_get_uri_display (info);
  gssize n = getxattr (g_file_peek_path (file), "user.document-portal.host-path", host_path, sizeof host_path - 1);
  if (n <= 0)
    return NULL;
  host_path[n] = '\0';
  return g_filename_display_name (host_path);
}

static void
add_recent (PlSourceButton *self)
{
  GList *items = g_list_sort (gtk_recent_manager_get_items (gtk_recent_manager_get_default ()), by_time);
  guint n = 0;

  for (GList *l = items; l != NULL && n < N_RECENT; l = l->next)
    {
      GtkRecentInfo *info = l->data;
      g_autofree char *place = NULL;

      if (!is_capture_file (info) || !gtk_recent_info_exists (info))
        continue;
      if (n++ == 0)
        add_heading (self, _ ("Recent Files"));
      place = recent_place (info);
      add_row (self, "document-open-recent-symbolic", gtk_recent_info_get_display_name (info), place, FALSE,
               "win.open-uri", gtk_recent_info_get_uri (info));
    }
  g_list_free_full (items, (GDestroyNotify)gtk_recent_info_unref);
}

static void
fill (PlSourceButton *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_box_remove (self->list, child);
  add_interfaces (self);
  add_heading (self, _ ("Capture Files"));
  add_row (self, "document-open-symbolic", _ ("Open File…"), NULL, FALSE, "win.open", NULL);
  add_recent (self);
}

/* ---- object ---- */

static void
pl_source_button_dispose (GObject *object)
{
  PlSourceButton *self = PL_SOURCE_BUTTON (object);

  g_clear_pointer ((GtkWidget **)&self->button, gtk_widget_unparent);
  G_OBJECT_CLASS (pl_source_button_parent_class)->dispose (object);
}

static void
pl_source_button_finalize (GObject *object)
{
  g_free (PL_SOURCE_BUTTON (object)->interface);
  G_OBJECT_CLASS (pl_source_button_parent_class)->finalize (object);
}

static void
pl_source_button_class_init (PlSourceButtonClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pl_source_button_dispose;
  G_OBJECT_CLASS (klass)->finalize = pl_source_button_finalize;
  gtk_widget_class_set_css_name (widget_class, "sourcebutton");
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/portlight/portlight/source-button.ui");
  gtk_widget_class_bind_template_child (widget_class, PlSourceButton, button);
  gtk_widget_class_bind_template_child (widget_class, PlSourceButton, title);
  gtk_widget_class_bind_template_child (widget_class, PlSourceButton, subtitle);
  gtk_widget_class_bind_template_child (widget_class, PlSourceButton, popover);
  gtk_widget_class_bind_template_child (widget_class, PlSourceButton, list);
  gtk_widget_class_bind_template_callback (widget_class, fill);
}

static void
pl_source_button_init (PlSourceButton *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
set_texts (PlSourceButton *self, const char *title, const char *subtitle)
{
  g_autofree char *name = subtitle != NULL ? g_strdup_printf (_ ("Source: %s, %s"), title, subtitle)
                                           : g_strdup_printf (_ ("Source: %s"), title);

  gtk_label_set_text (self->title, title);
  gtk_label_set_text (self->subtitle, subtitle != NULL ? subtitle : "");
  gtk_widget_set_visible (GTK_WIDGET (self->subtitle), subtitle != NULL && !self->is_narrow);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

void
pl_source_button_set_interface (PlSourceButton *self, const char *interface)
{
  g_autoptr (GPtrArray) devices = NULL;
  const char *subtitle = NULL;

  g_return_if_fail (PL_IS_SOURCE_BUTTON (self));
  g_free (self->interface);
  self->interface = g_strdup (interface);
  if (g_str_equal (interface, "any"))
    {
      set_texts (self, _ ("All interfaces"), NULL);
      return;
    }
  devices = pl_devices_list ();
  for (guint i = 0; i < devices->len; i++)
    {
      const PlDevice *device = g_ptr_array_index (devices, i);

      if (g_str_equal (device->name, interface) && device->addresses != NULL && *device->addresses != '\0')
        subtitle = device->addresses;
    }
  set_texts (self, interface, subtitle);
}

void
pl_source_button_set_other (PlSourceButton *self, const char *title, const char *subtitle)
{
  g_return_if_fail (PL_IS_SOURCE_BUTTON (self));
  g_clear_pointer (&self->interface, g_free);
  set_texts (self, title, subtitle);
}

void
pl_source_button_set_narrow (PlSourceButton *self, gboolean is_narrow)
{
  g_return_if_fail (PL_IS_SOURCE_BUTTON (self));
  self->is_narrow = is_narrow;
  gtk_widget_set_visible (GTK_WIDGET (self->subtitle), !is_narrow && *gtk_label_get_text (self->subtitle) != '\0');
}
