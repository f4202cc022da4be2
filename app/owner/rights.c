/* See rights.h. */
#include "rights.h"

#include "portlight-config.h"
#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>

#include <gio/gio.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "flatpak.h"

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
