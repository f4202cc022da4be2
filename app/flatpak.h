/* Whether this program runs inside a Flatpak sandbox, and what that hides from it. Any thread. */
#pragma once
#include <stdbool.h>
#include <unistd.h>

#include "portlight-config.h"

#define PL_FLATPAK_INFO "/.flatpak-info" /* flatpak-run(1): every sandbox has it, no app can write it */
#define PL_FLATPAK_FILES "/app" /* what is installed, as the sandbox sees it */

/* The line for a terminal that gives this app a permission: PL_FLATPAK_GRANT ("--share=network"). */
#define PL_FLATPAK_GRANT(permission) "flatpak override --user " permission " " PL_APP_ID
#define PL_FLATPAK_GRANT_NETWORK PL_FLATPAK_GRANT ("--share=network")
#define PL_FLATPAK_GRANT_CGROUPS PL_FLATPAK_GRANT ("--filesystem=/sys/fs/cgroup:ro")
#define PL_FLATPAK_GRANT_HOST PL_FLATPAK_GRANT ("--talk-name=org.freedesktop.Flatpak")
#define PL_FLATPAK_GRANT_WAYLAND PL_FLATPAK_GRANT ("--socket=wayland")
#define PL_FLATPAK_GRANT_X11 PL_FLATPAK_GRANT ("--socket=fallback-x11")
#define PL_FLATPAK_GRANT_DISPLAY PL_FLATPAK_GRANT ("--socket=wayland --socket=fallback-x11")

static inline bool
pl_is_flatpak (void)
{
  return access (PL_FLATPAK_INFO, F_OK) == 0;
}
