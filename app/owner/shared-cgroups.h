/* Cgroups in which anybody's programs run: those of terminal emulators, and of services that start others. Pure functions, any
 * thread. */
#pragma once
#include <glib.h>

/* Whether @id is that of a known terminal emulator, in whose cgroup anybody's programs run. For where its desktop entry,
 * which says so itself (Categories=TerminalEmulator), cannot be seen. */
gboolean pl_shared_cgroup_is_terminal (const char *id);
/* Whether the service @id, without “.service”, starts programs that are not its own and stay in its cgroup: a message bus, a
 * terminal's server, cron, systemd-run(1), or logins where no manager gives each a cgroup of its own. */
gboolean pl_shared_cgroup_is_service (const char *id);
