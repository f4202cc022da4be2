/* What an interpreter runs, from its arguments: a script, a module, a jar, a main class, a Windows program. Pure
 * functions, any thread. */
#pragma once
#include <glib.h>

typedef struct
{
  char *name; /* what to show: "youtube-dl", "http.server", "backend/app.py", "notepad.exe" */
  char *key;  /* the same for the same script: absolute path where it is known */
  char *path; /* absolute path of a file; nullable */
} PlScript;

/* Whether @exe (a path or a file name) interprets programs: python3.11, node, bash, java, wine, … */
gboolean pl_script_is_interpreter (const char *exe);
/* The script among @args (NULL-terminated, with the program's own name first) of interpreter @exe. @cwd (nullable) completes
 * a relative path. FALSE when there is none: interactive, or code on the command line. */
gboolean pl_script_parse (const char *exe, const char *const *args, const char *cwd, PlScript *script);
void pl_script_clear (PlScript *script);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlScript, pl_script_clear)
