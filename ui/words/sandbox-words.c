/* What a sandbox was not given, and the line that gives it: for the "About" window, where programs say how they run. */
#include <glib/gi18n.h>

#include "flatpak.h"
#include "helper-host.h"
#include "rights.h"
#include "sandbox-words.h"

/* flatpak-metadata(5), overrides included. */
static gboolean
has (GKeyFile *info, const char *key, const char *what, const char *all)
{
  g_auto (GStrv) list = g_key_file_get_string_list (info, "Context", key, NULL, NULL);

  return list != NULL
         && (g_strv_contains ((const char *const *)list, what) || g_strv_contains ((const char *const *)list, all));
}

char *
pl_sandbox_words_lacks (GKeyFile *info)
{
  static const struct
  {
    const char *key, *what, *all, *lacks, *grant;
  } permissions[] = {
    { "shared", "network", "network", N_ ("the sockets of this computer"), PL_FLATPAK_GRANT_NETWORK },
    { "sockets", "wayland", "wayland", N_ ("a window of Wayland: it is one of X11"), PL_FLATPAK_GRANT_WAYLAND },
    { "sockets", "fallback-x11", "x11", N_ ("a window where there is no Wayland"), PL_FLATPAK_GRANT_X11 },
    { "devices", "dri", "all", N_ ("the graphics processor: drawing takes longer"), PL_FLATPAK_GRANT ("--device=dri") },
    { "shared", "ipc", "ipc", N_ ("memory shared with X11: drawing takes longer there"),
      PL_FLATPAK_GRANT ("--share=ipc") },
  };
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (permissions); i++)
    if (!has (info, permissions[i].key, permissions[i].what, permissions[i].all))
      g_string_append_printf (text, "%s\n  %s\n", _ (permissions[i].lacks), permissions[i].grant);
  if (!pl_helper_host_is_open_in (info))
    g_string_append_printf (text, "%s\n  %s\n", _ ("capture"), PL_FLATPAK_GRANT_HOST);
  if (pl_rights_get_cgroups_in (info, PL_CGROUPS_FOLDER) == PL_RIGHTS_CGROUPS_WITHHELD)
    g_string_append_printf (text, "%s\n  %s\n", _ ("the names of apps"), PL_FLATPAK_GRANT_CGROUPS);
  if (text->len == 0)
    return g_string_free (text, TRUE), NULL;
  g_string_prepend (text, _ ("Flatpak was told not to give Portlight these. Each line gives one back:\n"));
  return g_string_free (text, FALSE);
}

char *
pl_sandbox_words_display (GKeyFile *info)
{
  gboolean has_wayland = has (info, "sockets", "wayland", "wayland"),
           has_x11 = has (info, "sockets", "fallback-x11", "x11");

  if (has_wayland && has_x11)
    return NULL;
  if (!has_wayland && !has_x11)
    return g_strdup_printf (_ ("Flatpak gives Portlight no display. Allow it with “%s”."), PL_FLATPAK_GRANT_DISPLAY);
  /* Translators: a kind of display, Wayland or X11, and a command */
  return g_strdup_printf (
      _ ("There is no display here that Flatpak lets Portlight use. If there is one of %1$s, allow it with “%2$s”."),
      has_x11 ? "Wayland" : "X11", has_x11 ? PL_FLATPAK_GRANT_WAYLAND : PL_FLATPAK_GRANT_X11);
}

gboolean
pl_sandbox_words_hides_network (GKeyFile *info)
{
  return !has (info, "shared", "network", "network");
}
