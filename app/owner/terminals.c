#include "terminals.h"

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
  "foot",
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
  "xfce4-terminal",
  "xterm",
  "yakuake",
  "zutty",
};

gboolean
pl_terminal_is_id (const char *id)
{
  const char *dot = strrchr (id, '.');
  for (guint i = 0; i < G_N_ELEMENTS (terminals); i++)
    if (g_ascii_strcasecmp (id, terminals[i]) == 0 || (dot != NULL && g_ascii_strcasecmp (dot + 1, terminals[i]) == 0))
      return TRUE;
  return FALSE;
}
