/* Which container a process is in by the process that keeps it. Believes nothing about the keeper's arguments but that they
 * are strings; whoever calls a program like a keeper misnames its own children alone. */
#include "container-keeper.h"

#include <string.h>

#define CLIMB_STEPS 24
#define ID_CHARS 64
#define NAME_CHARS G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_.-"

void
pl_kept_container_clear (PlKeptContainer *kept)
{
  g_free (kept->id);
  g_free (kept->name);
  memset (kept, 0, sizeof *kept);
}

static gboolean
is_plain (const char *text, const char *allowed)
{
  return text[0] != '\0' && text[strspn (text, allowed)] == '\0';
}

/* The value of option @brief ("-n NAME") or @full ("--name NAME", "--name=NAME"); NULL when it is not there. */
static const char *
option_value (const PlProcFacts *keeper, const char *brief, const char *full)
{
  const char *before = "", *end = keeper->cmdline != NULL ? keeper->cmdline + keeper->cmdline_bytes : NULL;
  for (const char *arg = keeper->cmdline; arg != NULL && arg < end; arg += strlen (arg) + 1)
    {
      if (g_str_equal (before, brief) || g_str_equal (before, full))
        return arg;
      if (g_str_has_prefix (arg, full) && arg[strlen (full)] == '=')
        return arg + strlen (full) + 1;
      before = arg;
    }
  return NULL;
}

static gboolean
read_conmon (const PlProcFacts *keeper, PlKeptContainer *kept)
{
  const char *id = option_value (keeper, "-c", "--cid"), *name = option_value (keeper, "-n", "--name");
  if (id == NULL || strlen (id) != ID_CHARS || !is_plain (id, "0123456789abcdef"))
    return FALSE;
  kept->engine = "podman";
  kept->id = g_strdup (id);
  kept->name = name != NULL && is_plain (name, NAME_CHARS) ? g_strdup (name) : NULL;
  return TRUE;
}

/* Without a name of its own the machine has that of its directory or image, which loses ".raw". */
static gboolean
read_nspawn (const PlProcFacts *keeper, PlKeptContainer *kept)
{
  const char *name = option_value (keeper, "-M", "--machine"), *path = option_value (keeper, "-D", "--directory");
  if (path == NULL)
    path = option_value (keeper, "-i", "--image");
  g_autofree char *base = path != NULL && *path != '\0' ? g_path_get_basename (path) : NULL;
  if (base != NULL && g_str_has_suffix (base, ".raw"))
    base[strlen (base) - strlen (".raw")] = '\0';
  if (name == NULL)
    name = base;
  if (name == NULL || !is_plain (name, NAME_CHARS))
    return FALSE;
  kept->engine = "nspawn";
  kept->id = g_strdup (name);
  kept->name = g_strdup (name);
  return TRUE;
}

static gboolean
read_keeper (PlProcfs *procfs, const PlProcFacts *identity, PlKeptContainer *kept)
{
  g_auto (PlProcFacts) keeper = { 0 };
  gboolean is_conmon = g_str_equal (identity->comm, "conmon");
  if ((!is_conmon && !g_str_equal (identity->comm, "systemd-nspawn"))
      || !pl_procfs_read (procfs, identity->pid, &keeper))
    return FALSE;
  return is_conmon ? read_conmon (&keeper, kept) : read_nspawn (&keeper, kept);
}

gboolean
pl_container_keeper_find (PlProcfs *procfs, const PlProcFacts *facts, PlKeptContainer *kept)
{
  gint32 pid = facts->parent_pid;
  memset (kept, 0, sizeof *kept);
  for (int step = 0; step < CLIMB_STEPS && pid > 1; step++)
    {
      g_auto (PlProcFacts) above = { 0 };
      PlKeptContainer outer = { 0 };
      if (!pl_procfs_read_identity (procfs, pid, &above))
        break;
      if (read_keeper (procfs, &above, &outer))
        {
          pl_kept_container_clear (kept);
          *kept = outer;
        }
      pid = above.parent_pid;
    }
  return kept->id != NULL;
}
