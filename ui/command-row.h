/* A line for a terminal, and the button that copies it. Whatever Portlight asks a person to type is shown in one of these. */
#pragma once
#include <gtk/gtk.h>

#define PL_TYPE_COMMAND_ROW (pl_command_row_get_type ())
G_DECLARE_FINAL_TYPE (PlCommandRow, pl_command_row, PL, COMMAND_ROW, GtkWidget)

/* Property "copy-label": what a screen reader says of the button, until it was pressed. */

/* @command: (nullable): without one the row is hidden. */
void pl_command_row_set_command (PlCommandRow *self, const char *command);
