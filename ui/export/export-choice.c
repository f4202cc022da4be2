/* What was chosen for pictures, in the settings. Main loop only. */
#include "export-choice.h"
#include "settings.h"

static const char *const styles[PL_N_PICTURE_STYLES] = { "window", "light", "dark" };

void
pl_export_choice_load (PlExportChoice *choice, GSettings *settings)
{
  g_autofree char *format = pl_settings_get_string (settings, "picture-format", "png");
  g_autofree char *style = pl_settings_get_string (settings, "picture-style", "window");

  *choice = (PlExportChoice){ .is_svg = g_str_equal (format, "svg"),
                              .scale = pl_settings_get_int (settings, "picture-scale", 2),
                              .is_redacted = pl_settings_get_boolean (settings, "picture-redacted", FALSE) };
  if (choice->scale != 1 && choice->scale != 4)
    choice->scale = 2;
  for (guint i = 0; i < PL_N_PICTURE_STYLES; i++)
    if (g_str_equal (style, styles[i]))
      choice->style = (PlPictureStyle)i;
}

void
pl_export_choice_save (const PlExportChoice *choice, GSettings *settings)
{
  pl_settings_set_string (settings, "picture-format", choice->is_svg ? "svg" : "png");
  pl_settings_set_string (settings, "picture-style", styles[choice->style]);
  pl_settings_set_int (settings, "picture-scale", choice->scale);
  pl_settings_set_boolean (settings, "picture-redacted", choice->is_redacted);
}

gboolean
pl_export_choice_is_dark (const PlExportChoice *choice, gboolean is_dark)
{
  return choice->style == PL_PICTURE_STYLE_WINDOW ? is_dark : choice->style == PL_PICTURE_STYLE_DARK;
}
