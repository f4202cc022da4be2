#include "shared-cgroups.h"

#include <string.h>

/* Lower case, in the order of the alphabet; an id counts by its whole or by what is behind its last dot. */
static const char *const terminals[] = {
  "alacritty",
  "blackbox",
  "console",
  "contour",
  "cool-retro-term",
  "cosmicterm",
  "debian-uxterm",
  "debian-xterm",
  "deepin-terminal",
  "dev.warp.warp",
  "ddterm",
  "foot",
  "foot-server",
  "footclient",
  "ghostty",
  "gnome-terminal",
  "guake",
  "hyper",
  "kgx",
  "kitty",
  "konsole",
  "lxterminal",
  "mate-terminal",
  "mlterm",
  "pantheon-terminal",
  "ptyxis",
  "qterminal",
  "qterminal-drop",
  "rio",
  "roxterm",
  "rxvt",
  "rxvt-unicode",
  "sakura",
  "st",
  "tabby",
  "terminal",
  "terminator",
  "terminology",
  "termit",
  "termite",
  "tilda",
  "tilix",
  "urxvt",
  "uxterm",
  "waveterm",
  "weston-terminal",
  "wezterm",
  "xdg-terminal-exec",
  "xfce4-terminal",
  "xterm",
  "yakuake",
  "zutty",
};

gboolean
pl_shared_cgroup_is_terminal (const char *id)
{
  const char *dot = strrchr (id, '.');
  for (guint i = 0; i < G_N_ELEMENTS (terminals); i++)
    if (g_ascii_strcasecmp (id, terminals[i]) == 0 || (dot != NULL && g_ascii_strcasecmp (dot + 1, terminals[i]) == 0))
      return TRUE;
  return FALSE;
}

/* Lower case; an instance's name, behind “@”, is left away. */
static const char *const services[] = {
  "anacron",
  "at",
  "atd",
  "byobu",
  "code-server",
  "console-getty",
  "cron",
  "cronie",
  "crond",
  "dbus",
  "dbus-broker",
  "emacs",
  "fcron",
  "flatpak-session-helper",
  "getty",
  "gnome-terminal-server",
  "hyprland",
  "labwc",
  "niri",
  "river",
  "screen",
  "serial-getty",
  "supervisor",
  "supervisord",
  "sway",
  "tmux",
  "wayfire",
  "wayland-wm",
  "wezterm-mux-server",
  "xdg-desktop-portal",
  "xinetd",
  "xrdp-sesman",
  "zellij",
};

gboolean
pl_shared_cgroup_is_service (const char *id)
{
  gsize length = strcspn (id, "@");
  if (g_str_has_prefix (id, "run-")) /* systemd-run(1): run-u12, run-r0123456789abcdef */
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (services); i++)
    if (strlen (services[i]) == length && g_ascii_strncasecmp (id, services[i], length) == 0)
      return TRUE;
  /* "foot-server@wayland-1", "foot-12775" */
  g_autofree char *base = g_strndup (id, length);
  char *dash = strrchr (base, '-');
  if (dash != NULL && dash[1] != '\0' && strspn (dash + 1, "0123456789") == strlen (dash + 1))
    *dash = '\0';
  return pl_shared_cgroup_is_terminal (base);
}
