/* Whether this program runs inside a Flatpak sandbox. Any thread. */
#pragma once
#include <stdbool.h>
#include <unistd.h>

#define PL_FLATPAK_INFO "/.flatpak-info" /* flatpak-run(1): every sandbox has it, no app can write it */

static inline bool
pl_is_flatpak (void)
{
  return access (PL_FLATPAK_INFO, F_OK) == 0;
}
