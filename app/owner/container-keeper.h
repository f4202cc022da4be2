/* Which container a process is in by the process that keeps it, which is a parent of all that runs inside: Podman's monitor,
 * conmon(8), and systemd-nspawn(1). The command line, which any user may read, has the container's name, wherever it is stored and
 * whether it has a cgroup or a scope of its own or not. Owner thread only. */
#pragma once
#include "procfs.h"

typedef struct
{
  const char *engine; /* "podman" or "nspawn" */
  char *id;   /* Podman's: 64 hexadecimal digits; of nspawn the name */
  char *name; /* nullable */
} PlKeptContainer;

void pl_kept_container_clear (PlKeptContainer *kept);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlKeptContainer, pl_kept_container_clear)

/* Climbs the parents of @facts' process to the outermost keeper; some ten microseconds each. FALSE when none of them is one. */
gboolean pl_container_keeper_find (PlProcfs *procfs, const PlProcFacts *facts, PlKeptContainer *kept);
