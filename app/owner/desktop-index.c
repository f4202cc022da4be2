/* The desktop files of this machine (freedesktop.org Desktop Entry Specification 1.5), by what their processes look like.
 * Owner thread only. An own index, not GDesktopAppInfo: that one looks files up by id alone, while a process brings a path. */
#include "desktop-index.h"

#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bounds.h"
#include "script.h"

#define GROUP G_KEY_FILE_DESKTOP_GROUP
#define DIR_DEPTH 3
#define OWN_BIN_PROGRAMS \
  16 /* at most in the bin/ of one app: IDEs have ten, JDKs and PostgreSQL thirty, Conda hundreds */

struct _PlDesktopIndex
{
  GStrv dirs;
  guint64 stamp; /* of the directories' times */
  GPtrArray *entries; /* PlDesktopEntry, owned */
  GHashTable *by_id, *by_path, *by_dir, *by_base, *by_script; /* string → PlDesktopEntry */
  GHashTable *disputed_dirs; /* of by_dir: set of strings */
};

static void
entry_free (gpointer data)
{
  PlDesktopEntry *entry = data;
  g_free (entry->id);
  g_free (entry->name);
  g_free (entry->icon_name);
  g_free (entry->program);
  g_free (entry);
}

/* ---- one file ---- */

static gboolean
is_among (const char *word, const char *list)
{
  g_autofree char *padded = g_strdup_printf (" %s ", word);
  return strstr (list, padded) != NULL;
}

/* What is no program itself but starts the one that is named behind its options: "env A=b prog", "nice -n 5 prog". */
typedef struct
{
  const char *name;
  const char *valued; /* options that take the next word, each between spaces */
} Wrapper;

static const Wrapper wrappers[] = {
  { "env", " -u --unset -C --chdir " },
  { "nice", " -n --adjustment " },
  { "ionice", " -c --class -n --classdata " },
  { "stdbuf", " -i --input -o --output -e --error " },
  { "sudo",
    " -u --user -g --group -p --prompt -C --close-from -D --chdir -R --chroot -T --command-timeout -h --host " },
  { "pkexec", " --user " },
  { "dbus-run-session", " --config-file --dbus-daemon " },
  { "nohup", "" },
  { "setsid", "" },
  { "gamemoderun", "" },
  { "mangohud", "" },
  { "prime-run", "" },
  { "optirun", "" },
  { "primusrun", "" },
};

static const Wrapper *
find_wrapper (const char *program)
{
  g_autofree char *base = g_path_get_basename (program);
  for (guint i = 0; i < G_N_ELEMENTS (wrappers); i++)
    if (g_str_equal (base, wrappers[i].name))
      return &wrappers[i];
  return NULL;
}

static guint
skip_wrappers (char **argv)
{
  const Wrapper *wrapper;
  guint at = 0;
  while (argv[at] != NULL && (wrapper = find_wrapper (argv[at])) != NULL)
    for (at++; argv[at] != NULL && (argv[at][0] == '-' || strchr (argv[at], '=') != NULL); at++)
      at += is_among (argv[at], wrapper->valued) && argv[at + 1] != NULL;
  return at;
}

static guint
count_args (char **argv)
{
  guint n = 0;
  for (guint i = 1; argv[0] != NULL && argv[i] != NULL; i++)
    n += argv[i][0] != '%' && argv[i][0] != '@';
  return n;
}

/* Of two entries for the same program: the visible one, then the one whose command says no more than the program. */
static gboolean
is_better (const PlDesktopEntry *entry, const PlDesktopEntry *than)
{
  if (entry->is_hidden != than->is_hidden)
    return !entry->is_hidden;
  return entry->n_args < than->n_args;
}

static void
put (GHashTable *table, const char *key, PlDesktopEntry *entry)
{
  const PlDesktopEntry *known = g_hash_table_lookup (table, key);
  if (known == NULL || is_better (entry, known))
    g_hash_table_replace (table, g_strdup (key), entry);
}

/* Directories that many programs share say nothing about any of them. */
static gboolean
is_shared_dir (const char *dir)
{
  static const char *const shared[] = { "/bin",
                                        "/sbin",
                                        "/usr/bin",
                                        "/usr/sbin",
                                        "/usr/local/bin",
                                        "/usr/local/sbin",
                                        "/usr/games",
                                        "/usr/local/games",
                                        "/usr/libexec",
                                        "/usr/lib",
                                        "/usr/lib64",
                                        "/usr/share",
                                        "/opt",
                                        "/opt/bin",
                                        "/snap/bin",
                                        "/app/bin",
                                        "/",
                                        "/usr" };
  for (guint i = 0; i < G_N_ELEMENTS (shared); i++)
    if (g_str_equal (dir, shared[i]))
      return TRUE;
  static const char common[] = " bin sbin lib lib64 libexec games x86_64-linux-gnu aarch64-linux-gnu ";
  g_autofree char *base = g_path_get_basename (dir);
  if (g_str_has_prefix (dir, "/usr/") && is_among (base, common))
    return TRUE;
  return g_str_has_prefix (dir, "/home/") || g_str_has_prefix (dir, "/root") || g_str_has_prefix (dir, "/tmp")
         || g_str_has_prefix (dir, "/usr/lib/jvm");
}

/* Whether a bin/ has so many programs that they are not all of one app. A dot is in the names of scripts, libraries and settings. */
static gboolean
is_full_bin (const char *dir)
{
  g_autoptr (GDir) open_dir = g_dir_open (dir, 0, NULL);
  guint n_programs = 0;
  for (const char *name;
       open_dir != NULL && n_programs <= OWN_BIN_PROGRAMS && (name = g_dir_read_name (open_dir)) != NULL;)
    n_programs += strchr (name, '.') == NULL;
  return n_programs > OWN_BIN_PROGRAMS;
}

/* Where two entries that a person sees start different programs, the directory is neither's. */
static void
put_dir (PlDesktopIndex *index, const char *dir, PlDesktopEntry *entry)
{
  const PlDesktopEntry *known = g_hash_table_lookup (index->by_dir, dir);
  if (is_shared_dir (dir))
    return;
  if (known != NULL && !known->is_hidden && !entry->is_hidden && !g_str_equal (known->program, entry->program))
    g_hash_table_add (index->disputed_dirs, g_strdup (dir));
  put (index->by_dir, dir, entry);
}

/* /usr/bin/google-chrome-stable → /opt/google/chrome/google-chrome, a script beside the program /opt/google/chrome/chrome. */
static void
index_dirs (PlDesktopIndex *index, PlDesktopEntry *entry)
{
  g_autofree char *dir = g_path_get_dirname (entry->program);
  gboolean is_bin = g_str_has_suffix (dir, "/bin");
  if (is_bin && is_full_bin (dir))
    return;
  if (is_bin)
    {
      g_autofree char *up = g_path_get_dirname (dir);
      put_dir (index, up, entry);
    }
  put_dir (index, dir, entry);
}

/* Where Exec's first word is found; @cwd is the entry's Path. */
static char *
path_of_program (const char *program, const char *cwd)
{
  if (g_path_is_absolute (program))
    return g_strdup (program);
  if (strchr (program, '/') == NULL)
    return g_find_program_in_path (program);
  return cwd != NULL && g_path_is_absolute (cwd) ? g_canonicalize_filename (program, cwd) : NULL;
}

static void
index_program (PlDesktopIndex *index, char **argv, const char *cwd, PlDesktopEntry *entry)
{
  g_auto (PlScript) script = { 0 };
  g_autofree char *path = path_of_program (argv[0], cwd);
  if (pl_script_is_interpreter (argv[0]))
    {
      if (pl_script_parse (argv[0], (const char *const *)argv, cwd, &script))
        {
          if (script.path != NULL)
            put (index->by_script, script.path, entry);
        }
      else if (path != NULL && entry->n_args == 0)
        put (index->by_path, path, entry);
      return;
    }
  static const char launchers[] = " flatpak snap gapplication dbus-launch xdg-open gtk-launch kioclient steam ";
  g_autofree char *base = g_path_get_basename (argv[0]);
  if (is_among (base, launchers) && entry->n_args > 0)
    return;
  put (index->by_base, base, entry);
  if (path == NULL)
    return;
  put (index->by_path, path, entry);
  put (index->by_script, path, entry); /* it may be a script with a #! line */
  g_autofree char *real = realpath (path, NULL);
  /* Not there, as the host's programs inside a sandbox: its own path has to do. */
  entry->program = g_strdup (real != NULL ? real : path);
  index_dirs (index, entry);
  if (real == NULL)
    return;
  g_autofree char *real_base = g_path_get_basename (real);
  put (index->by_path, real, entry);
  put (index->by_script, real, entry);
  put (index->by_base, real_base, entry);
}

/* Only the first group: actions follow it, and are most of a large file. */
static char *
read_main_group (const char *path)
{
  g_autofree char *text = NULL;
  struct stat info;
  if (stat (path, &info) != 0 || !S_ISREG (info.st_mode) || info.st_size > PL_LIMIT_DESKTOP_FILE_BYTES
      || !g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  char *start = strstr (text, "[" GROUP "]");
  char *next = start != NULL ? strstr (start + 1, "\n[") : NULL;
  if (next != NULL)
    next[1] = '\0';
  return start != NULL ? g_strdup (start) : NULL;
}

static gboolean
has_category (GKeyFile *file, const char *category)
{
  g_auto (GStrv) list = g_key_file_get_string_list (file, GROUP, G_KEY_FILE_DESKTOP_KEY_CATEGORIES, NULL, NULL);
  return list != NULL && g_strv_contains ((const char *const *)list, category);
}

static void
index_aliases (PlDesktopIndex *index, GKeyFile *file, PlDesktopEntry *entry)
{
  g_autofree char *flatpak = g_key_file_get_string (file, GROUP, "X-Flatpak", NULL);
  g_autofree char *snap = g_key_file_get_string (file, GROUP, "X-SnapInstanceName", NULL);
  if (flatpak != NULL)
    put (index->by_id, flatpak, entry);
  if (snap != NULL)
    {
      g_autofree char *key = g_strdup_printf ("snap:%s", snap);
      put (index->by_id, key, entry);
    }
}

static void
index_file (PlDesktopIndex *index, const char *path, const char *id)
{
  if (g_hash_table_contains (index->by_id, id))
    return; /* a more important directory has it */
  g_autofree char *text = read_main_group (path);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  if (text == NULL || !g_key_file_load_from_data (file, text, strlen (text), G_KEY_FILE_NONE, NULL))
    return;
  g_autofree char *type = g_key_file_get_string (file, GROUP, G_KEY_FILE_DESKTOP_KEY_TYPE, NULL);
  g_autofree char *name = g_key_file_get_locale_string (file, GROUP, G_KEY_FILE_DESKTOP_KEY_NAME, NULL, NULL);
  g_autofree char *exec = g_key_file_get_string (file, GROUP, G_KEY_FILE_DESKTOP_KEY_EXEC, NULL);
  if (g_strcmp0 (type, G_KEY_FILE_DESKTOP_TYPE_APPLICATION) != 0 || name == NULL || *name == '\0'
      || g_key_file_get_boolean (file, GROUP, G_KEY_FILE_DESKTOP_KEY_HIDDEN, NULL))
    return;

  g_auto (GStrv) argv = NULL;
  if (exec == NULL || !g_shell_parse_argv (exec, NULL, &argv, NULL))
    argv = g_new0 (char *, 1);
  guint first = skip_wrappers (argv);
  PlDesktopEntry *entry = g_new0 (PlDesktopEntry, 1);
  g_ptr_array_add (index->entries, entry);
  entry->id = g_strdup (id);
  entry->name = g_steal_pointer (&name);
  entry->icon_name = g_key_file_get_locale_string (file, GROUP, G_KEY_FILE_DESKTOP_KEY_ICON, NULL, NULL);
  entry->is_terminal = has_category (file, "TerminalEmulator");
  entry->is_hidden = g_key_file_get_boolean (file, GROUP, G_KEY_FILE_DESKTOP_KEY_NO_DISPLAY, NULL);
  entry->n_args = count_args (argv + first);
  g_hash_table_replace (index->by_id, g_strdup (id), entry);
  index_aliases (index, file, entry);
  g_autofree char *cwd = g_key_file_get_string (file, GROUP, G_KEY_FILE_DESKTOP_KEY_PATH, NULL);
  if (argv[first] != NULL)
    index_program (index, argv + first, cwd, entry);
}

/* ---- directories ---- */

/* Desktop ids of subdirectories are joined by dashes. */
static void
index_dir (PlDesktopIndex *index, const char *dir, const char *prefix, int depth)
{
  g_autoptr (GDir) open_dir = g_dir_open (dir, 0, NULL);
  if (open_dir == NULL)
    return;
  for (const char *name; (name = g_dir_read_name (open_dir)) != NULL;)
    {
      if (index->entries->len >= PL_LIMIT_DESKTOP_FILES)
        return;
      g_autofree char *path = g_build_filename (dir, name, NULL);
      if (g_str_has_suffix (name, ".desktop"))
        {
          g_autofree char *id = g_strdup_printf ("%s%.*s", prefix, (int)(strlen (name) - strlen (".desktop")), name);
          index_file (index, path, id);
        }
      else if (depth > 0 && strchr (name, '.') == NULL && g_file_test (path, G_FILE_TEST_IS_DIR))
        {
          g_autofree char *below = g_strdup_printf ("%s%s-", prefix, name);
          index_dir (index, path, below, depth - 1);
        }
    }
}

static void
add_dir (GPtrArray *dirs, const char *base, const char *below)
{
  g_autofree char *dir = g_build_filename (base, below, NULL);
  if (!g_ptr_array_find_with_equal_func (dirs, dir, g_str_equal, NULL))
    g_ptr_array_add (dirs, g_steal_pointer (&dir));
}

static GStrv
standard_dirs (void)
{
  GPtrArray *dirs = g_ptr_array_new ();
  add_dir (dirs, g_get_user_data_dir (), "applications");
  add_dir (dirs, g_get_user_data_dir (), "flatpak/exports/share/applications");
  for (const char *const *dir = g_get_system_data_dirs (); *dir != NULL; dir++)
    add_dir (dirs, *dir, "applications");
  add_dir (dirs, "/usr/local/share", "applications");
  add_dir (dirs, "/usr/share", "applications");
  add_dir (dirs, "/var/lib/flatpak/exports/share", "applications");
  add_dir (dirs, "/var/lib/snapd/desktop", "applications");
  add_dir (dirs, "/run/host/usr/share", "applications"); /* inside Flatpak, where the host's are shown */
  g_ptr_array_add (dirs, NULL);
  return (GStrv)g_ptr_array_free (dirs, FALSE);
}

static guint64
stamp_of (char **dirs)
{
  guint64 stamp = 1;
  for (; *dirs != NULL; dirs++)
    {
      struct stat info;
      guint64 time_ns = 0;
      if (stat (*dirs, &info) == 0)
        time_ns = (guint64)info.st_mtim.tv_sec * 1000000000u + (guint64)info.st_mtim.tv_nsec;
      stamp = stamp * 1099511628211u + time_ns;
    }
  return stamp;
}

static GHashTable *
new_table (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

static void
clear (PlDesktopIndex *index)
{
  g_clear_pointer (&index->by_id, g_hash_table_unref);
  g_clear_pointer (&index->by_path, g_hash_table_unref);
  g_clear_pointer (&index->by_dir, g_hash_table_unref);
  g_clear_pointer (&index->by_base, g_hash_table_unref);
  g_clear_pointer (&index->by_script, g_hash_table_unref);
  g_clear_pointer (&index->disputed_dirs, g_hash_table_unref);
  g_clear_pointer (&index->entries, g_ptr_array_unref);
}

static void
load (PlDesktopIndex *index)
{
  clear (index);
  index->entries = g_ptr_array_new_with_free_func (entry_free);
  index->by_id = new_table ();
  index->by_path = new_table ();
  index->by_dir = new_table ();
  index->by_base = new_table ();
  index->by_script = new_table ();
  index->disputed_dirs = new_table ();
  index->stamp = stamp_of (index->dirs);
  for (char **dir = index->dirs; *dir != NULL; dir++)
    index_dir (index, *dir, "", DIR_DEPTH);
}

PlDesktopIndex *
pl_desktop_index_new (const char *const *dirs)
{
  PlDesktopIndex *index = g_new0 (PlDesktopIndex, 1);
  index->dirs = dirs != NULL ? g_strdupv ((char **)dirs) : standard_dirs ();
  load (index);
  return index;
}

void
pl_desktop_index_free (PlDesktopIndex *index)
{
  if (index == NULL)
    return;
  clear (index);
  g_strfreev (index->dirs);
  g_free (index);
}

gboolean
pl_desktop_index_refresh (PlDesktopIndex *index)
{
  if (stamp_of (index->dirs) == index->stamp)
    return FALSE;
  load (index);
  return TRUE;
}

const PlDesktopEntry *
pl_desktop_index_by_id (PlDesktopIndex *index, const char *id)
{
  return g_hash_table_lookup (index->by_id, id);
}

/* Below these nobody but the administrator puts programs. */
static gboolean
is_system_path (const char *path)
{
  static const char *const roots[] = { "/usr/",  "/opt/",       "/bin/",       "/sbin/",
                                       "/snap/", "/nix/store/", "/gnu/store/", "/app/" };
  for (guint i = 0; i < G_N_ELEMENTS (roots); i++)
    if (g_str_has_prefix (path, roots[i]))
      return TRUE;
  return FALSE;
}

/* "soffice.bin" is soffice, "firefox-bin" is firefox, ".foo-wrapped" is foo. */
static const PlDesktopEntry *
by_base (PlDesktopIndex *index, const char *exe)
{
  static const char *const endings[] = { "", ".bin", "-bin", ".real", "-real", "-wrapped" };
  g_autofree char *base = g_path_get_basename (exe);
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      if (!g_str_has_suffix (base, endings[i]))
        continue;
      const char *start = base[0] == '.' ? base + 1 : base;
      g_autofree char *stem = g_strndup (start, strlen (start) - strlen (endings[i]));
      const PlDesktopEntry *entry = g_hash_table_lookup (index->by_base, stem);
      if (entry != NULL)
        return entry;
    }
  return NULL;
}

const PlDesktopEntry *
pl_desktop_index_by_path (PlDesktopIndex *index, const char *path)
{
  return g_hash_table_lookup (index->by_path, path);
}

const PlDesktopEntry *
pl_desktop_index_by_exe (PlDesktopIndex *index, const char *exe)
{
  const PlDesktopEntry *entry = pl_desktop_index_by_path (index, exe);
  if (entry != NULL)
    return entry;
  g_autofree char *dir = g_path_get_dirname (exe);
  if (!g_hash_table_contains (index->disputed_dirs, dir))
    entry = g_hash_table_lookup (index->by_dir, dir);
  if (entry == NULL && is_system_path (exe))
    entry = by_base (index, exe);
  return entry;
}

const PlDesktopEntry *
pl_desktop_index_by_script (PlDesktopIndex *index, const char *path)
{
  return g_hash_table_lookup (index->by_script, path);
}
