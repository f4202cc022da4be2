/* Preloaded into a program of GTK's, has it run right to left as in a language that is written so. A locale alone won't do: GLib
 * gives GTK no word of a language in which the program itself says none, and up to GTK 4.8 its direction is such a word. Later ones
 * ask Pango for the scripts of the language. */
#include <dlfcn.h>
#include <string.h>

const char *
g_dgettext (const char *domain, const char *text)
{
  static const char *(*translate) (const char *domain, const char *text);

  if (strcmp (text, "default:LTR") == 0)
    return "default:RTL";
  if (translate == NULL)
    translate = (const char *(*)(const char *, const char *))dlsym (RTLD_NEXT, "g_dgettext");
  return translate (domain, text);
}

const int *
pango_language_get_scripts (void *language, int *n_scripts)
{
  static const int arabic = 2; /* PANGO_SCRIPT_ARABIC */

  (void)language;
  *n_scripts = 1;
  return &arabic;
}
