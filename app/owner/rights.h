/* What this process may see of others. Any thread. */
#pragma once
#include <glib.h>

/* Whether it may read the descriptors of every user's processes: CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH. */
gboolean pl_rights_see_all (void);
/* The user id by which the sockets of users read whom our user namespace does not know (user_namespaces(7)): in a Flatpak all
 * others than one's own. PL_UNKNOWN_U32 where every user is known. */
guint32 pl_rights_get_stranger_uid (void);
/* Whether it sees this computer's network; FALSE with @error, which says what allows it, in a Flatpak that does not. */
gboolean pl_rights_has_network (GError **error);

/* @info: a file as PL_FLATPAK_INFO, of which it is the list of paths, each with or without “:ro” or another mode
 * (flatpak-metadata(5)). Whether @folder itself is among them. */
gboolean pl_rights_is_given (GKeyFile *info, const char *folder);

/* The tree of control groups, by which alone apps are named in a sandbox. */
#define PL_CGROUPS_FOLDER "/sys/fs/cgroup"

typedef enum
{
  PL_RIGHTS_CGROUPS_SEEN, /* or not needed, outside of a sandbox */
  PL_RIGHTS_CGROUPS_WITHHELD, /* the sandbox was not given it */
  PL_RIGHTS_CGROUPS_NONE, /* this computer has none where it is looked for */
} PlRightsCgroups;
PlRightsCgroups pl_rights_get_cgroups (void);
/* @info: (nullable): a file as PL_FLATPAK_INFO; none outside of a sandbox. @folder: where the tree is. */
PlRightsCgroups pl_rights_get_cgroups_in (GKeyFile *info, const char *folder);
