/* What Portlight remembers between runs. */
#pragma once
#include <gio/gio.h>

/**
 * pl_settings_new:
 *
 * Looks for the schema where GSettings looks (GSETTINGS_SCHEMA_DIR and the data folders) and, for a program that runs from
 * its build tree, there too.
 *
 * Returns: (transfer full) (nullable): the settings, or %NULL where the schema is not installed: then nothing is
 *   remembered, and the functions below return their fallbacks.
 */
GSettings *pl_settings_new (void);

int pl_settings_get_int (GSettings *settings, const char *key, int fallback);
gboolean pl_settings_get_boolean (GSettings *settings, const char *key, gboolean fallback);
/* (transfer full) */
char *pl_settings_get_string (GSettings *settings, const char *key, const char *fallback);
void pl_settings_set_int (GSettings *settings, const char *key, int value);
void pl_settings_set_boolean (GSettings *settings, const char *key, gboolean value);
void pl_settings_set_string (GSettings *settings, const char *key, const char *value);
