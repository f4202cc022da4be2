/* See rights.h. */
#include "rights.h"

#include "portlight-config.h"
#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>

#include <gio/gio.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "flatpak.h"
#include "socket.h"

#define DEFAULT_OVERFLOW_UID 65534

/* Reading another user's descriptors takes both at once: the directory's mode, and ptrace access (proc(5)). */
gboolean
pl_rights_see_all (void)
{
  struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
  struct __user_cap_data_struct data[2] = { 0 };
  if (syscall (SYS_capget, &header, data) != 0)
    return FALSE;
  guint32 may_read = 1u << CAP_DAC_READ_SEARCH | 1u << CAP_DAC_OVERRIDE;
  return (data[0].effective & 1u << CAP_SYS_PTRACE) != 0 && (data[0].effective & may_read) != 0;
}

/* uid_map has "inside outside count" by line. The initial namespace has the one line that maps all of them to themselves. */
guint32
pl_rights_get_stranger_uid (void)
{
  g_autofree char *map = NULL, *overflow = NULL;
  guint32 inside, outside, n;
  if (!g_file_get_contents ("/proc/self/uid_map", &map, NULL, NULL)
      || (sscanf (map, "%u %u %u", &inside, &outside, &n) == 3 && inside == 0 && n == G_MAXUINT32))
    return PL_UNKNOWN_U32;
  if (!g_file_get_contents ("/proc/sys/kernel/overflowuid", &overflow, NULL, NULL))
    return DEFAULT_OVERFLOW_UID;
  return (guint32)g_ascii_strtoull (overflow, NULL, 10);
}

/* Without its share of the network a Flatpak sees an empty one, which says nothing of this computer. */
gboolean
pl_rights_has_network (GError **error)
{
  g_autoptr (GKeyFile) info = g_key_file_new ();
  g_auto (GStrv) shared = NULL;

  if (!pl_is_flatpak () || !g_key_file_load_from_file (info, PL_FLATPAK_INFO, G_KEY_FILE_NONE, NULL))
    return TRUE;
  shared = g_key_file_get_string_list (info, "Context", "shared", NULL, NULL);
  if (shared != NULL && g_strv_contains ((const char *const *)shared, "network"))
    return TRUE;
  g_set_error (
      error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
      _ ("Flatpak hides this computer's network from Portlight. Allow it with “%s”, then start Portlight again."),
      PL_FLATPAK_GRANT_NETWORK);
  return FALSE;
}

static gboolean
is_empty (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);

  return dir == NULL || g_dir_read_name (dir) == NULL;
}

gboolean
pl_rights_is_given (GKeyFile *info, const char *folder)
{
  g_auto (GStrv) list = g_key_file_get_string_list (info, "Context", "filesystems", NULL, NULL);
  gsize n_bytes = strlen (folder);

  for (gsize i = 0; list != NULL && list[i] != NULL; i++)
    if (g_str_has_prefix (list[i], folder) && (list[i][n_bytes] == '\0' || list[i][n_bytes] == ':'))
      return TRUE;
  return FALSE;
}

PlRightsCgroups
pl_rights_get_cgroups_in (GKeyFile *info, const char *folder)
{
  if (info == NULL || !is_empty (folder))
    return PL_RIGHTS_CGROUPS_SEEN;
  return pl_rights_is_given (info, PL_CGROUPS_FOLDER) ? PL_RIGHTS_CGROUPS_NONE : PL_RIGHTS_CGROUPS_WITHHELD;
}

PlRightsCgroups
pl_rights_get_cgroups (void)
{
  g_autoptr (GKeyFile) info = g_key_file_new ();

  return pl_rights_get_cgroups_in (
      g_key_file_load_from_file (info, PL_FLATPAK_INFO, G_KEY_FILE_NONE, NULL) ? info : NULL, PL_CGROUPS_FOLDER);
}
