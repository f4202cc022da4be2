/* The one object of the window program: command line (of a second start, too), files from the file manager, actions of
 * the whole app, light or dark. Main loop only; knows nothing of packets. */
#include <gio/gunixinputstream.h>
#include <glib/gi18n.h>
#include <unistd.h>

#include "application.h"
#include "flatpak.h"
#include "other-tool.h"
#include "permissions-window.h"
#include "portlight-config.h"
#include "sandbox-words.h"
#include "settings.h"
#include "statistics.h"
#include "window.h"

#define EXIT_USAGE 2

struct _PlApplication
{
  AdwApplication parent_instance;

  GSettings *settings; /* nullable */
  PlHelperKeeper *keeper;
};

G_DEFINE_FINAL_TYPE (PlApplication, pl_application, ADW_TYPE_APPLICATION)

static PlWindow *
new_window (PlApplication *self)
{
  PlWindow *window = pl_window_new (self);

  gtk_window_present (GTK_WINDOW (window));
  return window;
}

/* A window that may show another source without taking anything from the person: the active one if it does not capture or
 * read just now, else a new one. */
static PlWindow *
window_for_source (PlApplication *self)
{
  GtkWindow *active = gtk_application_get_active_window (GTK_APPLICATION (self));

  if (active == NULL || !PL_IS_WINDOW (active) || pl_window_is_busy (PL_WINDOW (active)))
    return new_window (self);
  gtk_window_present (active);
  return PL_WINDOW (active);
}

/* ---- actions ---- */

static void
activate_new_window (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  new_window (data);
}

static void
activate_capture (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  pl_window_start_capture (window_for_source (data), NULL);
}

static void
activate_open_file (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_action_group_activate_action (G_ACTION_GROUP (window_for_source (data)), "open", NULL);
}

/* What a notification leads to. */
static void
activate_show_window (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWindow *window = gtk_application_get_window_by_id (data, g_variant_get_uint32 (parameter));

  if (window != NULL)
    gtk_window_present (window);
  else
    g_application_activate (data);
}

static void
activate_quit (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autoptr (GList) windows = g_list_copy (gtk_application_get_windows (GTK_APPLICATION (data)));

  for (GList *l = windows; l != NULL; l = l->next)
    gtk_window_close (l->data);
}

/* (transfer full) (nullable): how it runs, for whoever looks for the reason of something. */
static char *
say_how_it_runs (void)
{
  g_autoptr (GKeyFile) info = g_key_file_new ();
  g_autofree char *lacks = NULL;

  if (!g_key_file_load_from_file (info, PL_FLATPAK_INFO, G_KEY_FILE_NONE, NULL))
    return NULL;
  lacks = pl_sandbox_words_lacks (info);
  return lacks != NULL ? g_steal_pointer (&lacks) : g_strdup (_ ("Flatpak gives Portlight all that it asks for."));
}

static void
activate_about (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWindow *parent = gtk_application_get_active_window (data);
  g_autofree char *how = say_how_it_runs ();

  adw_show_about_window (parent, "application-name", _ ("Portlight"), "application-icon", PL_APP_ID, "version",
                         PL_VERSION, "comments", _ ("See which app talks through which port to whom, while it happens"),
                         "developer-name", _ ("The Portlight contributors"), "copyright",
                         _ ("© The Portlight contributors"), "license-type", GTK_LICENSE_GPL_3_0, "translator-credits",
                         _ ("translator-credits"), "debug-info", how != NULL ? how : "", NULL);
}

static void
activate_permissions (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autoptr (GKeyFile) info = g_key_file_new ();

  if (g_key_file_load_from_file (info, PL_FLATPAK_INFO, G_KEY_FILE_NONE, NULL))
    pl_permissions_window_show (gtk_application_get_active_window (data), info);
}

/* What a sandbox was given is the same as long as it runs: without anything to show there is no such action, nor its menu item. */
static void
add_permissions_action (PlApplication *self)
{
  static const GActionEntry entry = { .name = "permissions", .activate = activate_permissions };
  g_autoptr (GKeyFile) info = g_key_file_new ();
  g_autoptr (GArray) lacks = NULL;

  if (!g_key_file_load_from_file (info, PL_FLATPAK_INFO, G_KEY_FILE_NONE, NULL))
    return;
  lacks = pl_sandbox_words_list_lacks (info);
  if (lacks->len > 0)
    g_action_map_add_action_entries (G_ACTION_MAP (self), &entry, 1, self);
}

static void
change_style (GSimpleAction *action, GVariant *value, gpointer data)
{
  PlApplication *self = data;
  const char *style = g_variant_get_string (value, NULL);
  AdwColorScheme scheme = ADW_COLOR_SCHEME_DEFAULT;

  if (g_str_equal (style, "light"))
    scheme = ADW_COLOR_SCHEME_FORCE_LIGHT;
  else if (g_str_equal (style, "dark"))
    scheme = ADW_COLOR_SCHEME_FORCE_DARK;
  else if (!g_str_equal (style, "system"))
    return;
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), scheme);
  g_simple_action_set_state (action, value);
  pl_settings_set_string (self->settings, "style", style);
}

static const GActionEntry actions[] = {
  { .name = "new-window", .activate = activate_new_window },
  { .name = "capture", .activate = activate_capture },
  { .name = "open-file", .activate = activate_open_file },
  { .name = "show-window", .activate = activate_show_window, .parameter_type = "u" },
  { .name = "quit", .activate = activate_quit },
  { .name = "about", .activate = activate_about },
  { .name = "style", .parameter_type = "s", .state = "'system'", .change_state = change_style },
};

static void
set_accels (GtkApplication *application, const char *action, const char *first, const char *second)
{
  const char *accels[] = { first, second, NULL };

  gtk_application_set_accels_for_action (application, action, accels);
}

static void
pl_application_startup (GApplication *application)
{
  PlApplication *self = PL_APPLICATION (application);
  GtkApplication *gtk_application = GTK_APPLICATION (application);
  g_autofree char *style = NULL;

  G_APPLICATION_CLASS (pl_application_parent_class)->startup (application);

  gtk_window_set_default_icon_name (PL_APP_ID);
  pl_other_tool_remove_left_behind ();
  self->settings = pl_settings_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  add_permissions_action (self);
  pl_statistics_add_action (gtk_application);
  style = pl_settings_get_string (self->settings, "style", "system");
  g_action_group_change_action_state (G_ACTION_GROUP (self), "style", g_variant_new_string (style));

  set_accels (gtk_application, "app.quit", "<Control>q", NULL);
  set_accels (gtk_application, "app.new-window", "<Control>n", NULL);
  set_accels (gtk_application, "window.close", "<Control>w", NULL);
  set_accels (gtk_application, "win.open", "<Control>o", NULL);
  set_accels (gtk_application, "win.copy-image", "<Control><Shift>c", NULL);
  set_accels (gtk_application, "win.export", "<Control>e", NULL);
  set_accels (gtk_application, "win.capture", "F5", "<Control>r");
  set_accels (gtk_application, "win.find", "<Control>f", NULL);
  set_accels (gtk_application, "win.show-all", "<Control><Shift>a", NULL);
  set_accels (gtk_application, "win.tidy", "<Control>t", NULL);
  set_accels (gtk_application, "win.zoom-in", "<Control>plus", "<Control>equal");
  set_accels (gtk_application, "win.zoom-out", "<Control>minus", NULL);
  set_accels (gtk_application, "win.zoom-fit", "<Control>0", NULL);
  set_accels (gtk_application, "win.zoom-normal", "<Control>1", NULL);
  set_accels (gtk_application, "win.switch-pane", "F6", NULL);
  set_accels (gtk_application, "win.fullscreen", "F11", NULL);
  set_accels (gtk_application, "win.show-help-overlay", "<Control>question", "F1");
}

/* ---- files and the command line ---- */

static void
pl_application_activate (GApplication *application)
{
  GtkWindow *active = gtk_application_get_active_window (GTK_APPLICATION (application));

  if (active != NULL)
    gtk_window_present (active);
  else
    new_window (PL_APPLICATION (application));
}

static void
pl_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  for (int i = 0; i < n_files; i++)
    pl_window_open_file (window_for_source (PL_APPLICATION (application)), files[i]);
}

/* Reads the standard input of the process that was started, which may be another one than this: its descriptor then came
 * over D-Bus. @is_of_here: what comes is captured on this computer just now. */
static gboolean
open_stdin (PlApplication *self, GApplicationCommandLine *command_line, gboolean is_of_here)
{
  g_autoptr (GInputStream) stream = g_application_command_line_get_stdin (command_line);
  int fd = -1;

  if (stream != NULL && G_IS_UNIX_INPUT_STREAM (stream))
    fd = dup (g_unix_input_stream_get_fd (G_UNIX_INPUT_STREAM (stream)));
  if (fd < 0)
    {
      g_application_command_line_printerr (command_line, "portlight: %s\n",
                                           _ ("Standard input could not be handed over. Save the capture to a file and "
                                              "open that instead."));
      return FALSE;
    }
  pl_window_open_fd (window_for_source (self), fd, is_of_here ? NULL : _ ("Standard input"));
  return TRUE;
}

static int
pl_application_command_line (GApplication *application, GApplicationCommandLine *command_line)
{
  PlApplication *self = PL_APPLICATION (application);
  GVariantDict *options = g_application_command_line_get_options_dict (command_line);
  g_autofree const char **paths = NULL;
  const char *interface = NULL;

  g_variant_dict_lookup (options, G_OPTION_REMAINING, "^a&ay", &paths);
  for (int i = 0; paths != NULL && paths[i] != NULL; i++)
    {
      g_autoptr (GFile) file = NULL;

      if (g_str_equal (paths[i], "-"))
        {
          if (!open_stdin (self, command_line, g_variant_dict_contains (options, "this-computer")))
            return EXIT_FAILURE;
          continue;
        }
      file = g_application_command_line_create_file_for_arg (command_line, paths[i]);
      pl_window_open_file (window_for_source (self), file);
    }
  if (g_variant_dict_lookup (options, "interface", "&s", &interface))
    pl_window_start_capture (window_for_source (self), interface);
  else if (g_variant_dict_contains (options, "capture"))
    pl_window_start_capture (window_for_source (self), NULL);
  else if (g_variant_dict_contains (options, "open"))
    g_action_group_activate_action (G_ACTION_GROUP (self), "open-file", NULL);
  else if (g_variant_dict_contains (options, "new-window"))
    new_window (self);
  else if (paths == NULL)
    g_application_activate (application);
  return EXIT_SUCCESS;
}

static gboolean
wants_stdin (GVariantDict *options)
{
  g_autofree const char **paths = NULL;

  g_variant_dict_lookup (options, G_OPTION_REMAINING, "^a&ay", &paths);
  return paths != NULL && g_strv_contains (paths, "-");
}

/* (transfer full) (nullable): what a Flatpak was not given of its sockets. Of which kind the display is, if there is one, cannot be
 * seen from inside. */
static char *
say_withheld_display (void)
{
  g_autoptr (GKeyFile) info = g_key_file_new ();

  if (!g_key_file_load_from_file (info, PL_FLATPAK_INFO, G_KEY_FILE_NONE, NULL))
    return NULL;
  return pl_sandbox_words_display (info);
}

/* Prints why no window can be shown, and what to do. */
static int
say_no_display (const char *why)
{
  g_autofree char *withheld = say_withheld_display ();
  const char *command = pl_is_flatpak () ? "flatpak run --command=portlight-report " PL_APP_ID : "portlight-report";
  /* Translators: a command */
  g_autofree char *instead = g_strdup_printf (_ ("“%s” shows the same in a terminal."), command);

  g_printerr ("portlight: %s %s\n", withheld != NULL ? withheld : why, instead);
  return EXIT_USAGE;
}

/* What can be said without a window is said here, before GTK would end the program in its own words. */
static int
pl_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("portlight %s\n", PL_VERSION);
      return EXIT_SUCCESS;
    }
  if (wants_stdin (options) && isatty (STDIN_FILENO))
    {
      g_printerr ("portlight: %s\n",
                  _ ("“-” reads a capture from standard input, which is a terminal here. Pipe one in: "
                     "ssh HOST tcpdump -U -w - | portlight -"));
      return EXIT_USAGE;
    }
  if (g_getenv ("DISPLAY") == NULL && g_getenv ("WAYLAND_DISPLAY") == NULL && g_getenv ("GDK_BACKEND") == NULL)
    return say_no_display (_ ("There is no display here (neither WAYLAND_DISPLAY nor DISPLAY is set)."));
  if (!gtk_init_check ())
    return say_no_display (_ ("The display cannot be reached: check WAYLAND_DISPLAY and DISPLAY."));
  return -1;
}

static const GOptionEntry options[] = {
  { "interface", 'i', 0, G_OPTION_ARG_STRING, NULL, N_ ("Start to capture on IFACE, or on “any”"), N_ ("IFACE") },
  { "capture", 'c', 0, G_OPTION_ARG_NONE, NULL, N_ ("Start to capture on the interface used last"), NULL },
  { "open", 'o', 0, G_OPTION_ARG_NONE, NULL, N_ ("Choose a capture file to open"), NULL },
  { "new-window", 'n', 0, G_OPTION_ARG_NONE, NULL, N_ ("Open a new window"), NULL },
  /* Of the line on the page for a failure alone. */
  { "this-computer", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, NULL, NULL, NULL },
  { "version", 'v', 0, G_OPTION_ARG_NONE, NULL, N_ ("Print the version and exit"), NULL },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, NULL, NULL, N_ ("[FILE… | -]") },
  { NULL },
};

/* ---- object ---- */

static void
pl_application_finalize (GObject *object)
{
  PlApplication *self = PL_APPLICATION (object);

  g_clear_object (&self->settings);
  g_clear_pointer (&self->keeper, pl_helper_keeper_unref);
  G_OBJECT_CLASS (pl_application_parent_class)->finalize (object);
}

static void
pl_application_class_init (PlApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = pl_application_finalize;
  application_class->startup = pl_application_startup;
  application_class->activate = pl_application_activate;
  application_class->open = pl_application_open;
  application_class->command_line = pl_application_command_line;
  application_class->handle_local_options = pl_application_handle_local_options;
}

static void
pl_application_init (PlApplication *self)
{
  GApplication *application = G_APPLICATION (self);

  self->keeper = pl_helper_keeper_new ();
  g_application_add_main_option_entries (application, options);
  g_application_set_option_context_summary (
      application, _ ("Shows live which app talks through which port to whom. FILE is a pcap or "
                      "pcapng capture; “-” reads one from standard input."));
}

PlApplication *
pl_application_new (void)
{
  return g_object_new (PL_TYPE_APPLICATION, "application-id", PL_APP_ID, "flags",
                       G_APPLICATION_HANDLES_OPEN | G_APPLICATION_HANDLES_COMMAND_LINE, "resource-base-path",
                       "/io/github/portlight/portlight", NULL);
}

GSettings *
pl_application_get_settings (PlApplication *self)
{
  g_return_val_if_fail (PL_IS_APPLICATION (self), NULL);
  return self->settings;
}

PlHelperKeeper *
pl_application_get_helper_keeper (PlApplication *self)
{
  g_return_val_if_fail (PL_IS_APPLICATION (self), NULL);
  return self->keeper;
}
