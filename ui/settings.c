/* What Portlight remembers between runs: GSettings, where its schema can be found. Main loop only; never aborts for want
 * of a schema, as g_settings_new() would. */
#include "portlight-config.h"
#include "settings.h"

/* The schemas of the build tree this program was built in, if it still runs from there. */
static GSettingsSchemaSource *
build_tree_source (GSettingsSchemaSource *parent)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);

  if (program == NULL || !g_str_has_prefix (program, PL_BUILD_ROOT "/"))
    return NULL;
  return g_settings_schema_source_new_from_directory (PL_BUILD_ROOT "/data", parent, TRUE, NULL);
}

GSettings *
pl_settings_new (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema = NULL;

  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, PL_APP_ID, TRUE);
  if (schema == NULL)
    {
      g_autoptr (GSettingsSchemaSource) built = build_tree_source (source);

      if (built != NULL)
        schema = g_settings_schema_source_lookup (built, PL_APP_ID, TRUE);
    }
  if (schema == NULL)
    return NULL;
  return g_settings_new_full (schema, NULL, NULL);
}

/* An older schema than this program may lack a key; asking for it would abort. */
static gboolean
has_key (GSettings *settings, const char *key)
{
  g_autoptr (GSettingsSchema) schema = NULL;

  if (settings == NULL)
    return FALSE;
  g_object_get (settings, "settings-schema", &schema, NULL);
  return g_settings_schema_has_key (schema, key);
}

int
pl_settings_get_int (GSettings *settings, const char *key, int fallback)
{
  return has_key (settings, key) ? g_settings_get_int (settings, key) : fallback;
}

gboolean
pl_settings_get_boolean (GSettings *settings, const char *key, gboolean fallback)
{
  return has_key (settings, key) ? g_settings_get_boolean (settings, key) : fallback;
}

char *
pl_settings_get_string (GSettings *settings, const char *key, const char *fallback)
{
  return has_key (settings, key) ? g_settings_get_string (settings, key) : g_strdup (fallback);
}

/* What is as it was is not set again: in a Flatpak each setting writes a file anew and waits for the disk. */

void
pl_settings_set_int (GSettings *settings, const char *key, int value)
{
  if (has_key (settings, key) && g_settings_get_int (settings, key) != value)
    g_settings_set_int (settings, key, value);
}

void
pl_settings_set_boolean (GSettings *settings, const char *key, gboolean value)
{
  if (has_key (settings, key) && g_settings_get_boolean (settings, key) != value)
    g_settings_set_boolean (settings, key, value);
}

void
pl_settings_set_string (GSettings *settings, const char *key, const char *value)
{
  g_autofree char *was = pl_settings_get_string (settings, key, value);

  if (!g_str_equal (was, value))
    g_settings_set_string (settings, key, value);
}
