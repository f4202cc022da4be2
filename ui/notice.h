/* A strip above the graph that says what happened and offers one thing to do about it. (AdwBanner is newer than 1.2 and
 * has no room for a second line.) */
#pragma once
#include <gtk/gtk.h>

#define PL_TYPE_NOTICE (pl_notice_get_type ())
G_DECLARE_FINAL_TYPE (PlNotice, pl_notice, PL, NOTICE, GtkWidget)

/* Signal "dismissed": the person closed it. */

/* @body, @command, @button and @action: (nullable). @command is a line to copy; the button runs @action, "win.capture". */
void pl_notice_show (PlNotice *self,
                     const char *title,
                     const char *body,
                     const char *command,
                     const char *button,
                     const char *action);
void pl_notice_hide (PlNotice *self);
/* The same if it is the one shown: what it said is true no more. */
void pl_notice_take_back (PlNotice *self, const char *title);
gboolean pl_notice_dismiss (PlNotice *self); /* as its button does; FALSE when none is shown */
