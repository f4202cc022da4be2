/* Asks how the graph shall be saved as a picture. */
#pragma once
#include <adwaita.h>
#include "export-choice.h"

#define PL_TYPE_EXPORT_DIALOG (pl_export_dialog_get_type ())
G_DECLARE_FINAL_TYPE (PlExportDialog, pl_export_dialog, PL, EXPORT_DIALOG, AdwWindow)

/* Signal "accepted" (void): the person wants to save it; the dialog stays until it is closed.
 * @width, @height: of the graph, px at scale 1. */
GtkWidget *pl_export_dialog_new (GtkWindow *parent, const PlExportChoice *choice, int width, int height);
void pl_export_dialog_get_choice (PlExportDialog *self, PlExportChoice *choice);
