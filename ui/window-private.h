/* What the files of the window share. Main loop only. */
#pragma once
#include "command-row.h"
#include "detail-pane.h"
#include "failure-page.h"
#include "file-portals.h"
#include "graph-view.h"
#include "notice.h"
#include "other-tool.h"
#include "port-ruler.h"
#include "redactor.h"
#include "session.h"
#include "situation.h"
#include "source-button.h"
#include "split.h"
#include "status-bar.h"
#include "window.h"

struct _PlWindow
{
  AdwApplicationWindow parent_instance;

  PlSession *session;
  char *interface; /* to capture on: a name or "any" */
  char *document_title; /* of the file or pipe on view; NULL for this computer */
  char *document_uri; /* until it is among the recent files; nullable */
  GError *open_error; /* what the session never saw; nullable */
  guint status_id; /* while the status line waits for its turn */
  gint64 status_us; /* when it was written last, monotonic */
  gint64 started_us; /* of the capture, monotonic */
  guint64 began_us; /* the same, since the epoch */
  gint64 ran_since_us; /* monotonic, 0 while nothing is captured or read */
  gboolean is_notice_lasting; /* the one that shows: dismissing it holds */
  char *sockets_error; /* as it was shown last; nullable */
  PlRightsCgroups cgroups; /* of a sandbox without them apps have no names */
  gboolean was_stopped;
  gboolean was_interface_gone; /* when trouble was shown last */
  gboolean was_failure_shown; /* the page about the present failure; who closed it does not see it again */
  PlOtherTool *tool; /* that captures, or a pipe that is waited on; nullable */
  guint pipe_id; /* while it is waited on */
  GCancellable *starter_asked; /* for the page about the present failure; nullable */
  char *origin; /* where a Flatpak came from, once the host has told; NULL, too, when it could not */
  gboolean was_origin_asked;
  gboolean was_explained; /* what the prompt for the password is for */
  gboolean is_picking; /* what the graph now says of its selection is our own doing */
  gboolean is_flow_picked; /* from a node's list: the graph marks it, the pane keeps the list */
  gint64 details_due_us; /* monotonic */
  guint first_dump_id;
  GtkWidget *focus_before; /* weak, nullable: who had the keyboard last outside the details */
  GdkSurface *surface; /* while realized */

  AdwWindowTitle *title;
  PlSourceButton *source_button;
  GtkWidget *capture_button;
  GtkImage *capture_icon;
  GtkLabel *capture_label;
  GtkWidget *progress_row;
  GtkProgressBar *progress;
  PlNotice *notice;
  PlSplit *split;
  GtkStack *stack;
  PlGraphView *graph;
  PlPortRuler *ruler;
  AdwStatusPage *page;
  PlCommandRow *page_command;
  GtkButton *page_button;
  AdwStatusPage *permission;
  GtkWidget *permission_button;
  GtkWidget *permission_away;
  GtkLabel *permission_command;
  GtkLabel *permission_risk;
  PlCommandRow *permission_mend;
  GtkCheckButton *permission_check;
  PlFailurePage *failure;
  PlDetailPane *pane;
  PlStatusBar *status_bar;
  AdwToastOverlay *toasts;
  PlRedactor *redactor; /* of all pictures of this window; nullable: none was redacted */
};

/* window-view.c: what the window shows of its session */
PlSituation pl_window_get_situation (PlWindow *self);
void pl_window_update (PlWindow *self); /* what changes with every batch */
void pl_window_state_changed (PlWindow *self); /* what changes with the session's state */
void pl_window_selection_changed (PlWindow *self);
void pl_window_flow_picked (PlWindow *self, guint64 id);
void pl_window_close_details (PlWindow *self);

/* window-graph.c: the graph's actions and what is remembered of it */
void pl_window_add_graph_actions (PlWindow *self);
void pl_window_settle_graph (PlWindow *self);
void pl_window_restore_graph (PlWindow *self);
void pl_window_remember_graph (PlWindow *self);

/* window-notify.c: what the desktop is told while nobody looks */
void pl_window_notify_state (PlWindow *self); /* with the session's state */
void pl_window_notify_active (PlWindow *self); /* with being looked at */

/* window-focus.c: the keyboard between the details and what is beside them */
void pl_window_watch_focus (PlWindow *self);
void pl_window_unwatch_focus (PlWindow *self);
void pl_window_leave_details (PlWindow *self); /* before they close */

/* window-ruler.c: the ruler and the graph */
void pl_window_ports_hovered (PlWindow *self, int low, int high);
void pl_window_ports_selected (PlWindow *self, int low, int high);
void pl_window_notice_dismissed (PlWindow *self);
void pl_window_range_toggled (PlWindow *self, int range);
void pl_window_filter_changed (PlWindow *self);
void pl_window_read_kernel_range (PlWindow *self);

/* window-export.c: the graph as a picture */
void pl_window_add_export_actions (PlWindow *self);
void pl_window_add_toasts (PlWindow *self);
void pl_window_toast (PlWindow *self, const char *text); /* plain text */
/* @state: not %PL_FILE_PORTALS_READY. @advice: translated, what to do where there is no dialog. */
void pl_window_tell_no_dialog (PlWindow *self, PlFilePortals state, const char *advice);

/* window-drop.c: files dropped on it */
void pl_window_add_drop (PlWindow *self);

/* window-failure.c: when capture could not start */
void pl_window_show_failure (PlWindow *self, const PlSituation *situation);
void pl_window_failure_active (PlWindow *self); /* with being looked at: what would end may be another by now */
void pl_window_show_risk_mend (PlWindow *self); /* window-source.c */
void pl_window_ask_origin (PlWindow *self); /* the lines that install it depend on it; on view they follow the answer */
void pl_window_capture_with_dumpcap (PlWindow *self);
void pl_window_change_tool (PlWindow *self); /* that captures: on another interface */
void pl_window_follow_tool (PlWindow *self); /* with the session's state */
void pl_window_clear_tool (PlWindow *self);

/* window-source.c: what the window looks at */
GSettings *pl_window_get_settings (PlWindow *self); /* (nullable) */
void pl_window_open_source (PlWindow *self, const PlOpen *open); /* of this computer */
void pl_window_close_source (PlWindow *self); /* back to this computer's sockets */
void pl_window_add_actions (PlWindow *self);
