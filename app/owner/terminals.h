/* Desktop ids of terminal emulators. Pure functions, any thread. */
#pragma once
#include <glib.h>

/* Whether @id is that of a known terminal emulator, in whose cgroup anybody's programs run. For where its desktop entry,
 * which says so itself (Categories=TerminalEmulator), cannot be seen. */
gboolean pl_terminal_is_id (const char *id);
