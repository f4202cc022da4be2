/* What Portlight looks at, and the choice of something else: interfaces, files, recent files. */
#pragma once
#include <gtk/gtk.h>

#define PL_TYPE_SOURCE_BUTTON (pl_source_button_get_type ())
G_DECLARE_FINAL_TYPE (PlSourceButton, pl_source_button, PL, SOURCE_BUTTON, GtkWidget)

/* Choosing runs the actions win.interface (s: a name, or "any"), win.open and win.open-uri (s). The choice on view is the
 * state of win.interface and shown by pl_source_button_set_interface(). */
void pl_source_button_set_interface (PlSourceButton *self, const char *interface);
/* Shows a file or pipe instead. @subtitle: (nullable) */
void pl_source_button_set_other (PlSourceButton *self, const char *title, const char *subtitle);
/* Without the second, dim text. */
void pl_source_button_set_narrow (PlSourceButton *self, gboolean is_narrow);
