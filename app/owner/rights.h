/* What this process may see of others. Any thread. */
#pragma once
#include <glib.h>

/* Whether it may read the descriptors of every user's processes: CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH. */
gboolean pl_rights_see_all (void);
/* Whether it sees this computer's network; FALSE with @error, which says what allows it, in a Flatpak that does not. */
gboolean pl_rights_has_network (GError **error);
