/* What an interpreter runs, from its arguments. Pure functions, any thread; believes nothing about the arguments but that
 * they are strings: a process may have written anything there. */
#include "script.h"

#include <string.h>

typedef enum
{
  FAMILY_PLAIN, /* first argument that is no option */
  FAMILY_PYTHON,
  FAMILY_NODE,
  FAMILY_PERL, /* perl, ruby: -e code, -I dir, -r lib */
  FAMILY_R, /* "Rscript X" becomes "R --file=X" */
  FAMILY_JULIA,
  FAMILY_PWSH, /* its options are the same in upper and lower case */
  FAMILY_SHELL,
  FAMILY_JAVA,
  FAMILY_RUNNER, /* "deno run X", "bun run X", "dotnet exec X" */
  FAMILY_WINE,
  FAMILY_LOADER, /* ld.so(8): its first argument is the program */
  FAMILY_APPLETS, /* one program that is many, by its own name or its first argument */
} Family;

typedef struct
{
  const char *name;
  Family family;
  gboolean is_prefix; /* a version may follow: digits and dots */
  const char *valued; /* options that take the next argument, each between spaces */
} Interpreter;

#define NODE_VALUED \
  " -r --require --loader --experimental-loader --import -C --conditions --env-file --env-file-if-exists --title " \
  "--inspect-port --max-http-header-size --watch-path "
#define LOADER_VALUED \
  " --library-path --preload --audit --argv0 --inhibit-rpath --glibc-hwcaps-prepend --glibc-hwcaps-mask "

static const Interpreter interpreters[] = {
  { "python", FAMILY_PYTHON, TRUE, NULL },
  { "pypy", FAMILY_PYTHON, TRUE, NULL },
  { "node", FAMILY_NODE, TRUE, NODE_VALUED },
  { "nodejs", FAMILY_NODE, FALSE, NODE_VALUED },
  { "electron", FAMILY_NODE, TRUE, " -r --require " },
  { "perl", FAMILY_PERL, TRUE, " -I " },
  { "ruby", FAMILY_PERL, TRUE, " -I -r -C --encoding -E " },
  { "php", FAMILY_PLAIN, TRUE, " -c -d -z -S -t " },
  { "lua", FAMILY_PLAIN, TRUE, " -l -e " }, /* a script may follow the code of -e */
  { "luajit", FAMILY_PLAIN, TRUE, " -l -e -j " },
  { "luajit-2.1.0-beta3", FAMILY_PLAIN, FALSE, " -l -e -j " }, /* Debian's for years */
  { "gjs", FAMILY_PLAIN, FALSE, " -I -C " },
  { "gjs-console", FAMILY_PLAIN, FALSE, " -I -C " },
  { "guile", FAMILY_PLAIN, TRUE, " -L -C -l -x -e " },
  { "tclsh", FAMILY_PLAIN, TRUE, " -encoding " },
  { "wish", FAMILY_PLAIN, TRUE, " -encoding " },
  { "R", FAMILY_R, FALSE, NULL },
  { "julia", FAMILY_JULIA, FALSE,
    " -J --sysimage -H --home -C --cpu-target -t --threads -p --procs -L --load --machine-file " },
  { "pwsh", FAMILY_PWSH, FALSE,
    " -configurationname -config -configurationfile -custompipename -executionpolicy -ex -ep -inputformat -inp -if "
    "-outputformat -o -of -settingsfile -settings -windowstyle -w -workingdirectory -wd " },
  { "mono", FAMILY_PLAIN, FALSE, NULL },
  { "mono-sgen", FAMILY_PLAIN, FALSE, NULL },
  { "sh", FAMILY_SHELL, FALSE, NULL },
  { "bash", FAMILY_SHELL, FALSE, " --rcfile --init-file " },
  { "ash", FAMILY_SHELL, FALSE, NULL },
  { "dash", FAMILY_SHELL, FALSE, NULL },
  { "zsh", FAMILY_SHELL, FALSE, NULL },
  { "ksh", FAMILY_SHELL, TRUE, NULL },
  { "fish", FAMILY_SHELL, FALSE, " -C --init-command -d " },
  { "java", FAMILY_JAVA, FALSE,
    " -cp -classpath --class-path -p --module-path --upgrade-module-path --add-modules --add-opens --add-exports "
    "--add-reads --limit-modules --patch-module --enable-native-access --source " },
  { "deno", FAMILY_RUNNER, FALSE, " -c --config --import-map --lock --cwd " },
  { "bun", FAMILY_RUNNER, FALSE, " -r --preload --cwd " },
  { "dotnet", FAMILY_RUNNER, FALSE, " --additionalprobingpath --depsfile --runtimeconfig --fx-version " },
  { "wine", FAMILY_WINE, FALSE, NULL },
  { "wine64", FAMILY_WINE, FALSE, NULL },
  { "wine-preloader", FAMILY_WINE, FALSE, NULL },
  { "wine64-preloader", FAMILY_WINE, FALSE, NULL },
  { "ld-linux.so.", FAMILY_LOADER, TRUE, LOADER_VALUED },
  { "ld-linux-x86-64.so.", FAMILY_LOADER, TRUE, LOADER_VALUED },
  { "ld-linux-aarch64.so.", FAMILY_LOADER, TRUE, LOADER_VALUED },
  { "ld-linux-armhf.so.", FAMILY_LOADER, TRUE, LOADER_VALUED },
  { "ld-musl-x86_64.so.", FAMILY_LOADER, TRUE, LOADER_VALUED },
  { "ld-musl-aarch64.so.", FAMILY_LOADER, TRUE, LOADER_VALUED },
  { "busybox", FAMILY_APPLETS, FALSE, NULL },
  { "busybox.static", FAMILY_APPLETS, FALSE, NULL },
  { "toybox", FAMILY_APPLETS, FALSE, NULL },
};

static const Interpreter *
find_interpreter (const char *exe)
{
  const char *slash = strrchr (exe, '/');
  const char *base = slash != NULL ? slash + 1 : exe;
  for (guint i = 0; i < G_N_ELEMENTS (interpreters); i++)
    {
      gsize length = strlen (interpreters[i].name);
      if (strncmp (base, interpreters[i].name, length) != 0)
        continue;
      const char *rest = base + length;
      if (*rest == '\0' || (interpreters[i].is_prefix && rest[strspn (rest, "0123456789.-")] == '\0'))
        return &interpreters[i];
    }
  return NULL;
}

gboolean
pl_script_is_interpreter (const char *exe)
{
  return find_interpreter (exe) != NULL;
}

void
pl_script_clear (PlScript *script)
{
  g_free (script->name);
  g_free (script->key);
  g_free (script->path);
  memset (script, 0, sizeof *script);
}

/* ---- what to show ---- */

static gboolean
is_among (const char *word, gsize length, const char *list)
{
  g_autofree char *padded = g_strdup_printf (" %.*s ", (int)length, word);
  return strstr (list, padded) != NULL;
}

/* "main.py" alone tells nothing: its directory says more, and for __main__.py or app.asar it says all. */
static char *
name_of_file (const char *path)
{
  static const char dull[] = " main app index server run start cli manage bot daemon launcher wsgi asgi worker client "
                             "service program script init entrypoint bootstrap ";
  static const char dull_dirs[] = " . .. bin src dist lib build out cmd app ";
  g_autofree char *base = g_path_get_basename (path);
  gsize stem = strcspn (base, ".");
  gboolean says_nothing = g_str_has_prefix (base, "__main__.") || g_str_equal (base, "app.asar");
  if (!says_nothing && !is_among (base, stem, dull))
    return g_steal_pointer (&base);
  g_autofree char *dir = g_path_get_dirname (path);
  g_autofree char *dir_base = g_path_get_basename (dir);
  while (is_among (dir_base, strlen (dir_base), dull_dirs) && strchr (dir, '/') != NULL && !g_str_equal (dir, "/"))
    {
      char *up = g_path_get_dirname (dir);
      g_free (dir);
      dir = up;
      g_free (dir_base);
      dir_base = g_path_get_basename (dir);
    }
  if (g_str_equal (dir_base, "/") || g_str_equal (dir_base, ".") || g_str_equal (dir_base, ".."))
    return g_steal_pointer (&base);
  return says_nothing ? g_steal_pointer (&dir_base) : g_strdup_printf ("%s/%s", dir_base, base);
}

static gboolean
take_file (PlScript *script, const char *file, const char *cwd)
{
  /* "bash <(curl …)": a number among open files says nothing. */
  if (*file == '\0' || g_str_has_prefix (file, "/dev/fd/") || g_str_has_prefix (file, "/proc/self/fd/")
      || g_str_equal (file, "/dev/stdin"))
    return FALSE;
  if (g_path_is_absolute (file))
    script->path = g_canonicalize_filename (file, "/");
  else if (cwd != NULL && g_path_is_absolute (cwd))
    script->path = g_canonicalize_filename (file, cwd);
  script->name = name_of_file (script->path != NULL ? script->path : file);
  script->key = g_strdup (script->path != NULL ? script->path : file);
  return TRUE;
}

static gboolean
take_module (PlScript *script, const char *module)
{
  if (*module == '\0')
    return FALSE;
  script->name = g_strdup (module);
  script->key = g_strdup_printf ("module:%s", module);
  return TRUE;
}

/* "org.apache.catalina.startup.Bootstrap" → "catalina", "net.minecraft.client.main.Main" → "minecraft": the last part that
 * tells something. */
static gboolean
take_class (PlScript *script, const char *class_name)
{
  static const char dull[] = " Main Launcher Bootstrap Application App Server Start EntryPoint JarLauncher main "
                             "startup launch launcher loader boot cli "
                             "client server ";
  g_auto (GStrv) parts = g_strsplit_set (class_name, "./", -1);
  guint at = g_strv_length (parts);
  if (at == 0)
    return FALSE;
  at--;
  while (at > 0 && is_among (parts[at], strlen (parts[at]), dull))
    at--;
  script->name = g_strdup (*parts[at] != '\0' ? parts[at] : class_name);
  script->key = g_strdup_printf ("class:%s", class_name);
  return TRUE;
}

/* ---- each family's arguments ---- */

static gboolean
takes_value (const Interpreter *interpreter, const char *option)
{
  return interpreter->valued != NULL && is_among (option, strlen (option), interpreter->valued);
}

/* python(1): one-letter options may be joined; -c and -m end them, and take the rest of the word or the next one. */
static gboolean
parse_python (const char *const *args, const char *cwd, PlScript *script)
{
  for (guint i = 1; args[i] != NULL; i++)
    {
      if (args[i][0] != '-' || args[i][1] == '\0')
        return args[i][0] != '-' && take_file (script, args[i], cwd);
      if (args[i][1] == '-')
        {
          if (g_str_equal (args[i], "--check-hash-based-pycs") && args[i + 1] != NULL)
            i++;
          continue;
        }
      for (const char *letter = args[i] + 1; *letter != '\0'; letter++)
        {
          if (strchr ("cmWXQ", *letter) == NULL)
            continue;
          const char *value = letter[1] != '\0' ? letter + 1 : args[i + 1];
          if (*letter == 'c' || value == NULL)
            return FALSE;
          if (*letter == 'm')
            return take_module (script, value);
          i += letter[1] == '\0';
          break;
        }
    }
  return FALSE;
}

/* java(1): "@file" stands for arguments, the class maybe among them: then the next word is the program's own. */
static gboolean
parse_java (const Interpreter *interpreter, const char *const *args, const char *cwd, PlScript *script)
{
  gboolean has_file = FALSE;
  for (guint i = 1; args[i] != NULL; i++)
    {
      if (args[i][0] == '@')
        {
          has_file = TRUE;
          continue;
        }
      if (args[i][0] != '-' && has_file)
        return FALSE;
      if (args[i][0] != '-') /* a class, or the source of one: JEP 330 */
        return g_str_has_suffix (args[i], ".java") ? take_file (script, args[i], cwd) : take_class (script, args[i]);
      if (g_str_equal (args[i], "-jar"))
        return args[i + 1] != NULL && take_file (script, args[i + 1], cwd);
      if ((g_str_equal (args[i], "-m") || g_str_equal (args[i], "--module")) && args[i + 1] != NULL)
        return take_class (script, args[i + 1]);
      if (takes_value (interpreter, args[i]) && args[i + 1] != NULL)
        i++;
    }
  return FALSE;
}

/* R(1): "--file=X", or "-f X"; what is behind "--args" is for the script. */
static gboolean
parse_r (const char *const *args, const char *cwd, PlScript *script)
{
  static const char file[] = "--file=";
  for (guint i = 1; args[i] != NULL && !g_str_equal (args[i], "--args"); i++)
    {
      const char *path = g_str_has_prefix (args[i], file) ? args[i] + sizeof file - 1 : NULL;
      if (g_str_equal (args[i], "-f"))
        path = args[i + 1];
      if (path != NULL)
        return !g_str_equal (path, "-") && take_file (script, path, cwd);
    }
  return FALSE;
}

/* pwsh(1): the first word that is no option's, behind -File or not. */
static gboolean
parse_pwsh (const Interpreter *interpreter, const char *const *args, const char *cwd, PlScript *script)
{
  static const char code[] = " -command -c -commandwithargs -cwa -encodedcommand -e -ec ";
  for (guint i = 1; args[i] != NULL; i++)
    {
      g_autofree char *option = g_ascii_strdown (args[i], -1);
      if (args[i][0] != '-')
        return take_file (script, args[i], cwd);
      if (args[i][1] == '\0' || is_among (option, strlen (option), code))
        return FALSE;
      if (takes_value (interpreter, option) && args[i + 1] != NULL)
        i++;
    }
  return FALSE;
}

/* "bash -euo pipefail X": where the last of joined letters is an o, a word of the shell's own follows. */
static gboolean
takes_shell_option (const Interpreter *interpreter, const char *arg)
{
  return interpreter->family == FAMILY_SHELL && arg[1] != '-' && strchr ("oO", arg[strlen (arg) - 1]) != NULL;
}

/* The first argument that is no option, unless an option brought the code itself. */
static gboolean
parse_plain (const Interpreter *interpreter,
             const char *const *args,
             const char *cwd,
             const char *code_options,
             PlScript *script)
{
  for (guint i = 1; args[i] != NULL; i++)
    {
      const char *arg = args[i];
      if (g_str_equal (arg, "--"))
        return args[i + 1] != NULL && take_file (script, args[i + 1], cwd);
      if ((arg[0] == '-' || arg[0] == '+') && arg[1] != '\0')
        {
          if (takes_value (interpreter, arg))
            {
              i += args[i + 1] != NULL;
              continue;
            }
          if (is_among (arg, strlen (arg), code_options))
            return FALSE;
          if (interpreter->family == FAMILY_PERL && strchr ("IMmrxC-", arg[1]) == NULL
              && strchr ("eE", arg[strlen (arg) - 1]) != NULL)
            return FALSE; /* "-lane CODE" */
          if (interpreter->family == FAMILY_SHELL && arg[0] == '-' && arg[1] != '-' && strchr (arg, 'c') != NULL)
            return FALSE; /* "-lc CODE" */
          if (takes_shell_option (interpreter, arg) && args[i + 1] != NULL)
            i++;
          continue;
        }
      if (interpreter->family == FAMILY_RUNNER && strpbrk (arg, "./") == NULL)
        {
          if (is_among (arg, strlen (arg), code_options))
            return FALSE;
          continue; /* "run", "serve", a port, or the name of a task: what names a file has a dot or a slash */
        }
      return arg[0] != '-' && take_file (script, arg, cwd);
    }
  return FALSE;
}

/* Wine shows the program as C:\path\name.exe, alone or after its own name. */
static gboolean
parse_wine (const char *const *args, PlScript *script)
{
  for (guint i = 0; args[i] != NULL; i++)
    {
      g_autofree char *lower = g_ascii_strdown (args[i], -1);
      const char *end = strstr (lower, ".exe");
      if (end == NULL)
        continue;
      gsize length = (gsize)(end - lower) + strlen (".exe");
      g_autofree char *path = g_strndup (args[i], length);
      g_strdelimit (path, "\\", '/');
      script->name = g_path_get_basename (path);
      script->key = g_strdup_printf ("wine:%.*s", (int)length, lower);
      return TRUE;
    }
  return FALSE;
}

/* The program that the dynamic loader was asked to run, or the script that one interprets. */
static gboolean
parse_loader (const Interpreter *interpreter, const char *const *args, const char *cwd, PlScript *script)
{
  for (guint i = 1; args[i] != NULL; i++)
    if (args[i][0] != '-')
      return pl_script_parse (args[i], args + i, cwd, script) || take_file (script, args[i], cwd);
    else if (takes_value (interpreter, args[i]) && args[i + 1] != NULL)
      i++;
  return FALSE;
}

/* "busybox wget", "/bin/wget" that is a link to busybox, "-sh": each applet is an app of its own. */
static gboolean
parse_applets (const char *exe, const char *const *args, const char *cwd, PlScript *script)
{
  g_autofree char *own = g_path_get_basename (exe), *called = g_path_get_basename (args[0]);
  guint at = g_str_equal (own, called) ? 1 : 0;
  if (args[at] == NULL || *args[at] == '\0' || (at == 1 && *args[at] == '-'))
    return FALSE;
  g_autofree char *applet = g_path_get_basename (args[at] + (*args[at] == '-'));
  const Interpreter *interpreter = find_interpreter (applet);
  if (interpreter != NULL && interpreter->family == FAMILY_SHELL && pl_script_parse (applet, args + at, cwd, script))
    return TRUE;
  script->name = g_steal_pointer (&applet);
  script->key = g_strdup_printf ("applet:%s:%s", exe, script->name);
  return TRUE;
}

/* A program that wrote a title over its arguments: "gunicorn: master [site]", "npm install", "node /srv/api/server.js", as
 * PM2 calls what it runs. */
static gboolean
parse_title (const char *const *args, PlScript *script)
{
  gsize length = strcspn (args[0], " :[(");
  g_autofree char *word = g_strndup (args[0], length);
  if ((args[1] != NULL && *args[1] != '\0') || args[0][length] == '\0' || length < 2 || word[0] == '-')
    return FALSE;
  if (find_interpreter (word) != NULL)
    {
      const char *file = args[0] + length + 1, *options = strstr (file, " -");
      g_autofree char *path = g_strndup (file, options != NULL ? (gsize)(options - file) : strlen (file));
      return g_path_is_absolute (path) && take_file (script, path, NULL);
    }
  script->name = g_path_get_basename (word);
  script->key = g_strdup_printf ("title:%s", script->name);
  return TRUE;
}

static gboolean
parse_family (
    const Interpreter *interpreter, const char *exe, const char *const *args, const char *cwd, PlScript *script)
{
  switch (interpreter->family)
    {
    case FAMILY_PYTHON:
      return parse_python (args, cwd, script);
    case FAMILY_JAVA:
      return parse_java (interpreter, args, cwd, script);
    case FAMILY_WINE:
      return parse_wine (args, script);
    case FAMILY_LOADER:
      return parse_loader (interpreter, args, cwd, script);
    case FAMILY_APPLETS:
      return parse_applets (exe, args, cwd, script);
    case FAMILY_NODE:
      return parse_plain (interpreter, args, cwd, " -e --eval -p --print -pe -i --interactive ", script);
    case FAMILY_PERL:
      return parse_plain (interpreter, args, cwd, " -e -E ", script);
    case FAMILY_RUNNER:
      return parse_plain (interpreter, args, cwd, " eval repl task -e --eval ", script);
    case FAMILY_R:
      return parse_r (args, cwd, script);
    case FAMILY_JULIA:
      return parse_plain (interpreter, args, cwd, " -e -E --eval --print ", script);
    case FAMILY_PWSH:
      return parse_pwsh (interpreter, args, cwd, script);
    case FAMILY_SHELL:
      return parse_plain (interpreter, args, cwd, " -s -i --command ", script);
    case FAMILY_PLAIN:
    default:
      return parse_plain (interpreter, args, cwd, " -r -e -c ", script);
    }
}

gboolean
pl_script_parse (const char *exe, const char *const *args, const char *cwd, PlScript *script)
{
  const Interpreter *interpreter = find_interpreter (exe);
  memset (script, 0, sizeof *script);
  if (interpreter == NULL || args == NULL || args[0] == NULL)
    return FALSE;
  return parse_family (interpreter, exe, args, cwd, script) || parse_title (args, script);
}
