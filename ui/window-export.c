/* Taking the graph along: copied to the clipboard or saved as a picture. Main loop only, but for the rendering, which has a
 * thread of GTask's. What is drawn is the whole graph as it stands, not only what is seen of it. */
#include <glib/gi18n.h>
#include <math.h>

#include "app-icons.h"
#include "compat.h"
#include "export-dialog.h"
#include "flatpak.h"
#include "picture.h"
#include "portlight-config.h"
#include "whole-file.h"
#include "window-private.h"

#define READ_LINE "flatpak run " PL_APP_ID " - < capture.pcap"
#define COPY_SCALE 2 /* legible when pasted into a document or on a screen of high density */

typedef struct
{
  PlExportChoice choice;
  char *svg, *left_out; /* left_out: (nullable): what to say of icons that are not in it */
  int scale;
  GBytes *png; /* (nullable): until it is rendered */
  GFile *file; /* (nullable): the clipboard */
} Picture;

static void
picture_free (Picture *picture)
{
  g_free (picture->svg);
  g_free (picture->left_out);
  g_clear_pointer (&picture->png, g_bytes_unref);
  g_clear_object (&picture->file);
  g_free (picture);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Picture, picture_free)

/* ---- words ---- */

void
pl_window_toast (PlWindow *self, const char *text)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1); /* a toast reads markup */

  if (self->toasts != NULL)
    adw_toast_overlay_add_toast (self->toasts, adw_toast_new (escaped));
}

/* A folder behind the document portal is of no use to a person. */
static gboolean
can_show_folder (GFile *file)
{
  return !pl_is_flatpak () && g_file_peek_path (file) != NULL;
}

static void
toast_saved (PlWindow *self, GFile *file)
{
  g_autofree char *name = g_file_get_basename (file), *shown = g_filename_display_name (name);
  g_autofree char *text = g_strdup_printf (_ ("Saved as “%s”"), shown), *escaped = g_markup_escape_text (text, -1);
  AdwToast *message = adw_toast_new (escaped); /* a toast reads markup */

  if (can_show_folder (file))
    {
      g_autoptr (GFile) folder = g_file_get_parent (file);
      g_autofree char *uri = g_file_get_uri (folder);

      adw_toast_set_button_label (message, _ ("Show in Folder"));
      adw_toast_set_action_name (message, "win.show-folder");
      adw_toast_set_action_target_value (message, g_variant_new_string (uri));
    }
  adw_toast_overlay_add_toast (self->toasts, message);
}

/* A large picture takes seconds: the window may be closed by then. */
static gboolean
is_closed (PlWindow *self)
{
  return self->toasts == NULL;
}

static void
tell_failure (PlWindow *self, const char *title, const GError *error)
{
  if (is_closed (self))
    return;
  pl_notice_show (self->notice, title, error->message, NULL, NULL, NULL);
}

static void
notify (PlWindow *self, const char *title, const char *body, const char *command)
{
  pl_notice_show (self->notice, title, body, command, NULL, NULL);
}

static void
tell_nobody_chooses (PlWindow *self, const char *advice)
{
  g_autofree char *body = g_strdup_printf (
      /* Translators: %s is a sentence: what to do without it */
      _ ("This desktop has nothing that chooses files for Portlight: xdg-desktop-portal is missing, or its part for "
         "this desktop, such as xdg-desktop-portal-gtk. Install them and log in again. %s"),
      advice);

  notify (self, _ ("No File Dialog Here"), body, NULL);
}

static void
tell_nobody_answers (PlWindow *self, const char *advice)
{
  g_autofree char *body = g_strdup_printf (
      /* Translators: %s is a sentence: what to do without it */
      _ ("xdg-desktop-portal, which shows it, does not answer. %s Or start it anew by this line in a terminal:"),
      advice);

  notify (self, _ ("The File Dialog Does Not Come"), body, "systemctl --user restart xdg-desktop-portal");
}

void
pl_window_tell_no_dialog (PlWindow *self, PlFilePortals state, const char *advice)
{
  if (is_closed (self))
    return;
  switch (state)
    {
    case PL_FILE_PORTALS_READY:
      break;
    case PL_FILE_PORTALS_SLOW:
      pl_window_toast (self, _ ("Waiting for this desktop’s file dialog"));
      break;
    case PL_FILE_PORTALS_NO_BUS:
      notify (self, _ ("No Session Bus Here"),
              _ ("What you choose would come to Portlight over the session bus (D-Bus), and it was started where there "
                 "is none. Start it from the desktop, or copy a picture (Ctrl+Shift+C) rather than save it. A capture "
                 "file is read by this line in a terminal, with that file’s name in it:"),
              READ_LINE);
      break;
    case PL_FILE_PORTALS_NO_DIALOG:
      tell_nobody_chooses (self, advice);
      break;
    case PL_FILE_PORTALS_NO_DOCUMENTS:
      notify (self, _ ("No File Can Be Handed Over"),
              _ ("What you choose comes to Portlight by xdg-document-portal, which does not run: it is a part of "
                 "xdg-desktop-portal and needs /dev/fuse. Until it does, copy a picture (Ctrl+Shift+C) rather than "
                 "save it. A capture file is read by this line in a terminal, with that file’s name in it:"),
              READ_LINE);
      break;
    case PL_FILE_PORTALS_SILENT:
      tell_nobody_answers (self, advice);
      break;
    case PL_FILE_PORTALS_GONE:
      notify (
          self, _ ("The File Dialog Went Away"),
          _ ("xdg-desktop-portal, which showed it, has ended: what is left of the dialog leads nowhere. The desktop "
             "starts it again when it is needed: try once more."),
          NULL);
      break;
    }
}

/* ---- drawing ---- */

/* What is known of it, in the report's words (report-graph.c): a file has no other time than its own, and of what is redacted the
 * time may tell, too. A filtered graph is not all that they count. (transfer full) (nullable) */
static char *
make_caption (PlWindow *self, gboolean is_redacted)
{
  const PlFlowFilter *filter = pl_graph_view_get_filter (self->graph);
  gboolean has_counts = filter == NULL || pl_flow_filter_get_n_terms (filter) == 0;
  gboolean has_time = self->document_title == NULL && !is_redacted;
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *counts = pl_scene_svg_dup_counts (pl_session_get_model (self->session));
  g_autofree char *time = g_date_time_format (now, "%x %X");

  if (has_counts && has_time)
    return g_strdup_printf ("%s · %s", counts, time);
  return has_counts ? g_steal_pointer (&counts) : has_time ? g_steal_pointer (&time) : NULL;
}

static char *
make_title (PlWindow *self, gboolean is_redacted)
{
  PlSituation situation = pl_window_get_situation (self);

  if (is_redacted) /* a file's name may be a person's */
    return g_strdup ("Portlight");
  return self->document_title != NULL ? g_strdup (self->document_title) : pl_situation_source (&situation);
}

typedef struct
{
  PlAppIcons *icons;
  int scale; /* pixels for each px */
} Icons;

static char *
icon_uri (const char *icon_name, double size, gpointer data)
{
  const Icons *icons = data;

  return pl_app_icons_dup_uri (icons->icons, icon_name, (int)ceil (size * icons->scale));
}

/* Of what draw() draws, without drawing it. */
static void
get_size (PlWindow *self, const PlExportChoice *choice, int *width, int *height)
{
  g_autofree char *caption = make_caption (self, choice->is_redacted), *title = make_title (self, choice->is_redacted);
  const PlSceneSvgOptions options = { .title = title, .caption = caption };

  pl_scene_svg_get_size (pl_graph_view_get_scene (self->graph), &options, width, height);
}

/* @left_out: (out): what to say of icons that are not in it; nullable. (transfer full) */
static char *
draw (PlWindow *self, const PlExportChoice *choice, int scale, char **left_out)
{
  AdwStyleManager *manager = adw_style_manager_get_default ();
  GtkSettings *settings = gtk_widget_get_settings (GTK_WIDGET (self));
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self));
  const char *font = pango_font_description_get_family (pango_context_get_font_description (context));
  g_autofree char *caption = make_caption (self, choice->is_redacted), *title = make_title (self, choice->is_redacted),
                  *theme = NULL, *fonts = pl_scene_svg_dup_fonts (font);
  g_autoptr (PlAppIcons) app_icons = NULL;
  Icons icons = { .scale = scale };
  PlSceneSvgOptions options = {
    .is_dark = pl_export_choice_is_dark (choice, adw_style_manager_get_dark (manager)),
    .is_high_contrast = adw_style_manager_get_high_contrast (manager),
    .is_rtl = gtk_widget_get_direction (GTK_WIDGET (self->graph)) == GTK_TEXT_DIR_RTL,
    .icon = icon_uri,
    .icon_data = &icons,
    .font = font,
    .sample_px = pl_picture_text_width (fonts, PL_SCENE_SVG_SAMPLE),
    .title = title,
    .caption = caption,
  };
  char *svg;

  g_object_get (settings, "gtk-icon-theme-name", &theme, NULL);
  icons.icons = app_icons = pl_app_icons_new (theme);
  if (choice->is_redacted && self->redactor == NULL)
    self->redactor = pl_redactor_new ();
  options.redactor = choice->is_redacted ? self->redactor : NULL;
  svg = pl_scene_to_svg (pl_graph_view_get_scene (self->graph), &options);
  *left_out = pl_app_icons_dup_left_out_words (app_icons);
  return svg;
}

static void
render (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Picture *picture = data;
  GError *error = NULL;

  picture->png = pl_picture_render_png (picture->svg, picture->scale, &error);
  if (picture->png != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
render_async (PlWindow *self, Picture *picture, GAsyncReadyCallback callback)
{
  /* The callback has the window, not the task: whoever drops that last may be the other thread. */
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, g_object_ref (self));

  /* With the window closed meanwhile, what was asked for is made all the same, and no thread draws while main() has ended. */
  g_application_hold (g_application_get_default ());
  g_task_set_task_data (task, picture, (GDestroyNotify)picture_free);
  g_task_run_in_thread (task, render);
}

/* ---- the clipboard ---- */

static void
copy (PlWindow *self, const Picture *picture)
{
  g_autoptr (GBytes) svg = g_bytes_new (picture->svg, strlen (picture->svg));
  GdkContentProvider *kinds[2] = { gdk_content_provider_new_for_bytes ("image/png", picture->png),
                                   gdk_content_provider_new_for_bytes ("image/svg+xml", svg) };
  g_autoptr (GdkContentProvider) both = gdk_content_provider_new_union (kinds, G_N_ELEMENTS (kinds));

  gdk_clipboard_set_content (gtk_widget_get_clipboard (GTK_WIDGET (self)), both);
  pl_window_toast (self, picture->choice.is_redacted ? _ ("Picture copied, redacted") : _ ("Picture copied"));
  if (picture->left_out != NULL)
    pl_window_toast (self, picture->left_out);
}

static void
copied (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (PlWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    copy (self, g_task_get_task_data (G_TASK (result)));
  else
    tell_failure (self, _ ("The graph could not be copied"), error);
  g_application_release (g_application_get_default ());
}

static void
activate_copy_image (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  PlWindow *self = data;
  g_autoptr (Picture) picture = g_new0 (Picture, 1);
  int width, height;

  pl_export_choice_load (&picture->choice, pl_window_get_settings (self));
  picture->svg = draw (self, &picture->choice, PL_APP_ICONS_SVG_SCALE, &picture->left_out);
  picture->scale = COPY_SCALE;
  get_size (self, &picture->choice, &width, &height);
  while (picture->scale > 1 && !pl_picture_check_size (width, height, picture->scale, NULL))
    picture->scale--;
  render_async (self, g_steal_pointer (&picture), copied);
}

/* ---- a file ---- */

typedef struct
{
  PlWindow *window;
  char *left_out;
} Writing;

static const char *
not_saved (void)
{
  return _ ("The picture could not be saved");
}

/* GIO names the file by its place, which behind the document portal says nothing to a person. */
static void
tell_not_written (PlWindow *self, GFile *file, const GError *error)
{
  g_autofree char *name = g_file_get_basename (file), *shown = g_filename_display_name (name);
  g_autoptr (GError) told = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_READ_ONLY))
    told =
        g_error_new (G_IO_ERROR, error->code, _ ("“%s” may not be written there. Save it in another folder."), shown);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE))
    told =
        g_error_new (G_IO_ERROR, error->code, _ ("There is no room for “%s” there. Save it in another folder."), shown);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    told = g_error_new (G_IO_ERROR, error->code,
                        _ ("“%s” cannot be reached: it may be a link to somewhere else, or its folder is gone. Save it "
                           "under another name or in another folder."),
                        shown);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE))
    told = g_error_new (G_IO_ERROR, error->code, _ ("“%s” is a pipe or a device. Save it under another name."), shown);
  else if (pl_is_flatpak ())
    told = g_error_new (G_IO_ERROR, error->code, _ ("“%s” cannot be written there. Save it in another folder."), shown);
  tell_failure (self, not_saved (), told != NULL ? told : error);
}

static void
written (GObject *object, GAsyncResult *result, gpointer data)
{
  Writing *writing = data;
  g_autoptr (GError) error = NULL;

  if (!pl_whole_file_write_finish (G_FILE (object), result, &error))
    tell_not_written (writing->window, G_FILE (object), error);
  else if (!is_closed (writing->window))
    {
      pl_notice_take_back (writing->window->notice, not_saved ());
      toast_saved (writing->window, G_FILE (object));
      if (writing->left_out != NULL)
        pl_window_toast (writing->window, writing->left_out);
    }
  g_object_unref (writing->window);
  g_free (writing->left_out);
  g_free (writing);
  g_application_release (g_application_get_default ());
}

static void
write_file (PlWindow *self, const Picture *picture, GBytes *bytes)
{
  Writing *writing = g_new0 (Writing, 1);

  g_application_hold (g_application_get_default ());
  writing->window = g_object_ref (self);
  writing->left_out = g_strdup (picture->left_out);
  pl_whole_file_write_async (picture->file, bytes, written, writing);
}

static void
rendered (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (PlWindow) self = data;
  const Picture *picture = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    write_file (self, picture, picture->png);
  else
    tell_failure (self, not_saved (), error);
  g_application_release (g_application_get_default ()); /* in this thread, as it must be */
}

static void
file_chosen (GtkWindow *window, GFile *file, PlFilePortals state)
{
  PlWindow *self = PL_WINDOW (window);
  g_autoptr (Picture) picture = g_new0 (Picture, 1);
  g_autoptr (GBytes) bytes = NULL;

  if (file == NULL)
    {
      pl_window_tell_no_dialog (self, state, _ ("Copy the picture instead (Ctrl+Shift+C)."));
      return;
    }
  pl_export_choice_load (&picture->choice, pl_window_get_settings (self));
  picture->scale = picture->choice.scale;
  picture->svg = draw (self, &picture->choice, picture->choice.is_svg ? PL_APP_ICONS_SVG_SCALE : picture->scale,
                       &picture->left_out);
  picture->file = g_object_ref (file);
  if (!picture->choice.is_svg)
    {
      render_async (self, g_steal_pointer (&picture), rendered);
      return;
    }
  bytes = g_bytes_new (picture->svg, strlen (picture->svg));
  write_file (self, picture, bytes);
}

static void
on_accepted (PlWindow *self, PlExportDialog *dialog)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *name = NULL;
  PlExportChoice choice;

  pl_export_dialog_get_choice (dialog, &choice);
  pl_export_choice_save (&choice, pl_window_get_settings (self));
  gtk_window_destroy (GTK_WINDOW (dialog));
  name = g_date_time_format (now, choice.is_svg ? "Portlight %Y-%m-%d %H-%M.svg" : "Portlight %Y-%m-%d %H-%M.png");
  pl_choose_picture_file (GTK_WINDOW (self), name, file_chosen);
}

static void
activate_export (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  PlWindow *self = data;
  PlExportChoice choice;
  GtkWidget *dialog;
  int width, height;

  pl_export_choice_load (&choice, pl_window_get_settings (self));
  get_size (self, &choice, &width, &height);
  dialog = pl_export_dialog_new (GTK_WINDOW (self), &choice, width, height);
  g_signal_connect_object (dialog, "accepted", G_CALLBACK (on_accepted), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
activate_show_folder (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  PlWindow *self = data;
  g_autoptr (GError) error = NULL;

  if (!g_app_info_launch_default_for_uri (g_variant_get_string (parameter, NULL), NULL, &error))
    tell_failure (self, _ ("The folder could not be shown"), error);
}

static const GActionEntry actions[] = {
  { .name = "copy-image", .activate = activate_copy_image },
  { .name = "export", .activate = activate_export },
  { .name = "show-folder", .activate = activate_show_folder, .parameter_type = "s" },
};

void
pl_window_add_export_actions (PlWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
}

/* Toasts float over the whole content. */
void
pl_window_add_toasts (PlWindow *self)
{
  AdwApplicationWindow *window = ADW_APPLICATION_WINDOW (self);
  g_autoptr (GtkWidget) content = g_object_ref (adw_application_window_get_content (window));
  GtkWidget *overlay = adw_toast_overlay_new ();

  adw_application_window_set_content (window, NULL);
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (overlay), content);
  adw_application_window_set_content (window, overlay);
  g_set_weak_pointer (&self->toasts, ADW_TOAST_OVERLAY (overlay));
}
