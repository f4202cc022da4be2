/* Other programs that capture on this computer, for where portlight-helper cannot be started: dumpcap, which some systems
 * let a person run, and whatever writes a capture into a named pipe, as tcpdump started in a terminal. Main loop only. */
#pragma once
#include <gio/gio.h>

typedef struct _PlOtherTool PlOtherTool;

/* Asks whether this user may capture with dumpcap on this computer, in a Flatpak its host. Never blocks; @done is called once, from
 * the main loop, before or after this returns. */
typedef void (*PlOtherToolChecked) (gboolean may_run, gpointer user_data);
void pl_other_tool_check_dumpcap_async (PlOtherToolChecked done, gpointer user_data);
/* Starts dumpcap on @interface ("any" too). NULL with @error, a GSpawnError or GIOError, when it can't be started. */
PlOtherTool *pl_other_tool_start_dumpcap (const char *interface, GError **error);
/* A named pipe for one user, where the sandbox of a Flatpak and the host both see it; it goes also when this program is killed, which
 * takes a Flatpak that may start something on its host (pl_helper_host_is_open()). NULL with @error, a GFileError. */
PlOtherTool *pl_other_tool_open_pipe (GError **error);
/* Takes away the pipes that are left all the same, where all of a killed program's processes were killed with it: only named pipes of
 * this user's, where such are made, and only those that nobody reads. Never blocks. */
void pl_other_tool_remove_left_behind (void);
/* Ends dumpcap; takes the pipe away. */
void pl_other_tool_free (PlOtherTool *tool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlOtherTool, pl_other_tool_free)

/* Whether Portlight started it: dumpcap, and no pipe. */
gboolean pl_other_tool_is_ours (const PlOtherTool *tool);
/* The read end, which does not block; readable when packets have come. (transfer full): -1 the second time. */
int pl_other_tool_get_fd (const PlOtherTool *tool);
int pl_other_tool_steal_fd (PlOtherTool *tool);
/* A pipe whose writer left without a byte can be waited on again. FALSE when it is gone. */
gboolean pl_other_tool_reopen (PlOtherTool *tool);
/* (nullable): the pipe's path */
const char *pl_other_tool_get_path (const PlOtherTool *tool);
/* (transfer full) (nullable): the last line dumpcap said */
char *pl_other_tool_dup_said (PlOtherTool *tool);
