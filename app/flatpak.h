/* Whether this program runs inside a Flatpak sandbox, and what that hides from it. Any thread. */
#pragma once
#include <stdbool.h>
#include <unistd.h>

#define PL_FLATPAK_INFO "/.flatpak-info" /* flatpak-run(1): every sandbox has it, no app can write it */

static inline bool
pl_is_flatpak (void)
{
  return access (PL_FLATPAK_INFO, F_OK) == 0;
}

/* Whether the sandbox was not given the tree of cgroups, by which alone apps are named in it. */
static inline bool
pl_flatpak_hides_cgroups (void)
{
  return pl_is_flatpak () && access ("/sys/fs/cgroup", R_OK) != 0;
}
