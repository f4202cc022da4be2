/* What a sandbox was not given, and the line that gives it. */
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

static void
add (GArray *lacks, const char *what, const char *grant)
{
  PlSandboxLack lack = { .what = what, .grant = grant };

  g_array_append_val (lacks, lack);
}

GArray *
pl_sandbox_words_list_lacks (GKeyFile *info)
{
  static const struct
  {
    const char *key, *what, *all, *lacks, *grant;
  } permissions[] = {
    { "shared", "network", "network", N_ ("The sockets of this computer"), PL_FLATPAK_GRANT_NETWORK },
    { "sockets", "wayland", "wayland", N_ ("A window of Wayland: it is one of X11"), PL_FLATPAK_GRANT_WAYLAND },
    { "sockets", "fallback-x11", "x11", N_ ("A window where there is no Wayland"), PL_FLATPAK_GRANT_X11 },
    { "devices", "dri", "all", N_ ("The graphics processor: drawing takes longer"), PL_FLATPAK_GRANT ("--device=dri") },
    { "shared", "ipc", "ipc", N_ ("Memory shared with X11: drawing takes longer there"),
      PL_FLATPAK_GRANT ("--share=ipc") },
  };
  GArray *lacks = g_array_new (FALSE, FALSE, sizeof (PlSandboxLack));

  for (guint i = 0; i < G_N_ELEMENTS (permissions); i++)
    if (!has (info, permissions[i].key, permissions[i].what, permissions[i].all))
      add (lacks, _ (permissions[i].lacks), permissions[i].grant);
  if (!pl_helper_host_is_open_in (info))
    add (lacks, _ ("Capture"), PL_FLATPAK_GRANT_HOST);
  if (pl_rights_get_cgroups_in (info, PL_CGROUPS_FOLDER) == PL_RIGHTS_CGROUPS_WITHHELD)
    add (lacks, _ ("The names of apps"), PL_FLATPAK_GRANT_CGROUPS);
  return lacks;
}

const char *
pl_sandbox_words_before_lacks (void)
{
  return _ ("Flatpak was told not to give Portlight these. In a terminal each line gives one back; then quit Portlight "
            "and open it anew:");
}

char *
pl_sandbox_words_lacks (GKeyFile *info)
{
  g_autoptr (GArray) lacks = pl_sandbox_words_list_lacks (info);
  GString *text;

  if (lacks->len == 0)
    return NULL;
  text = g_string_new (pl_sandbox_words_before_lacks ());
  g_string_append_c (text, '\n');
  for (guint i = 0; i < lacks->len; i++)
    {
      const PlSandboxLack *lack = &g_array_index (lacks, PlSandboxLack, i);

      g_string_append_printf (text, "%s\n  %s\n", lack->what, lack->grant);
    }
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
