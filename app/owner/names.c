/* What a person calls a process, and which processes are one app. Owner thread only; one process costs some ten
 * microseconds beside the reading of its facts, and a look at its parents where it is one of many (browsers, services).
 *
 * Order, the first that answers: Flatpak, container, Snap, the desktop entry of a script or program, the app whose cgroup it
 * runs in (only when it belongs there: a terminal's scope holds anybody's programs), AppImage, snap, script, service, program.
 * A wrong name is worse than none: a cgroup never overrides a program that is known by itself. */
#include "names.h"

#include "portlight-config.h"
#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "appimage.h"
#include "cgroup-path.h"
#include "container-keeper.h"
#include "containers.h"
#include "parents.h"
#include "script.h"
#include "shared-cgroups.h"
#include "socket.h"

#define CLIMB_STEPS 8
#define TOLD_CMDLINE_BYTES 1000 /* a longer one was cut, maybe */
#define REFRESH_INTERVAL_US (10 * G_USEC_PER_SEC)

struct _PlNames
{
  PlProcfs *procfs;
  PlDesktopIndex *index;
  char *root;
  GHashTable *users; /* uid → name */
  gint64 users_stamp, refreshed_us;
  PlParents *parents;
};

/* ---- users ---- */

/* From /etc/passwd itself: a name service call could wait for a network. */
static void
read_users (PlNames *names)
{
  struct stat info;
  if (stat ("/etc/passwd", &info) != 0 || info.st_mtim.tv_sec == names->users_stamp)
    return;
  FILE *file = fopen ("/etc/passwd", "re");
  if (file == NULL)
    return;
  names->users_stamp = info.st_mtim.tv_sec;
  g_hash_table_remove_all (names->users);
  for (struct passwd *entry; (entry = fgetpwent (file)) != NULL;)
    if (!g_hash_table_contains (names->users, GUINT_TO_POINTER (entry->pw_uid)))
      g_hash_table_insert (names->users, GUINT_TO_POINTER (entry->pw_uid), g_strdup (entry->pw_name));
  fclose (file);
}

PlNames *
pl_names_new (PlProcfs *procfs, PlDesktopIndex *index, const char *root)
{
  PlNames *names = g_new0 (PlNames, 1);
  names->procfs = procfs;
  names->index = index;
  names->parents = pl_parents_new (procfs);
  names->root = g_strdup (root);
  names->users = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  names->users_stamp = -1;
  read_users (names);
  return names;
}

void
pl_names_free (PlNames *names)
{
  if (names == NULL)
    return;
  pl_desktop_index_free (names->index);
  pl_parents_free (names->parents);
  g_hash_table_unref (names->users);
  g_free (names->root);
  g_free (names);
}

void
pl_names_refresh (PlNames *names)
{
  gint64 now_us = g_get_monotonic_time ();
  if (now_us - names->refreshed_us < REFRESH_INTERVAL_US)
    return;
  names->refreshed_us = now_us;
  pl_desktop_index_refresh (names->index);
  read_users (names);
}

/* ---- the facts of a process ---- */

/* NULL-terminated; the strings are those of @facts. */
static const char **
split_args (const PlProcFacts *facts)
{
  GPtrArray *args = g_ptr_array_new ();
  for (gsize at = 0; facts->cmdline != NULL && at < facts->cmdline_bytes; at += strlen (facts->cmdline + at) + 1)
    g_ptr_array_add (args, facts->cmdline + at);
  g_ptr_array_add (args, NULL);
  return (const char **)g_ptr_array_free (args, FALSE);
}

/* The arguments joined by spaces, as valid UTF-8 without line ends. */
static char *
join_cmdline (const PlProcFacts *facts)
{
  if (facts->cmdline == NULL)
    return NULL;
  g_autofree char *joined = g_memdup2 (facts->cmdline, facts->cmdline_bytes + 1);
  gsize length = facts->cmdline_bytes;
  while (length > 0 && (joined[length - 1] == '\0' || joined[length - 1] == ' '))
    length--;
  for (gsize i = 0; i < length; i++)
    if ((guint8)joined[i] < ' ')
      joined[i] = ' ';
  return length > 0 ? g_utf8_make_valid (joined, (gssize)length) : NULL;
}

/* Whether the process is one of several that a browser or an Electron app makes of itself, or a worker that Python's
 * multiprocessing started afresh, whose code is on the command line. */
static gboolean
is_part_of_many (const PlProcFacts *facts)
{
  static const char *const marks[] = { "--type=", "-contentproc", "from multiprocessing." };
  for (gsize at = 0; facts->cmdline != NULL && at < facts->cmdline_bytes; at += strlen (facts->cmdline + at) + 1)
    for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
      if (g_str_has_prefix (facts->cmdline + at, marks[i]))
        return TRUE;
  return FALSE;
}

/* Programs that only ever work for another one (WebKitGTK, Qt WebEngine, sandboxes). */
static gboolean
is_servant (const PlProcFacts *facts)
{
  static const char *const servants[] = { "WebKitNetworkPr", "WebKitWebProces", "QtWebEngineProc", "bwrap",
                                          "xdg-dbus-proxy",  "chrome_crashpad", "plugin-containe" };
  for (guint i = 0; i < G_N_ELEMENTS (servants); i++)
    if (g_str_has_prefix (facts->comm, servants[i]))
      return TRUE;
  return FALSE;
}

/* The process that names @facts: its parent while it is part of many and both are the same program, or while it is a
 * servant. Fills @top, and returns it or @facts. */
static const PlProcFacts *
climb (PlNames *names, const PlProcFacts *facts, PlProcFacts *top)
{
  const PlProcFacts *current = facts;
  for (int step = 0; step < CLIMB_STEPS; step++)
    {
      PlProcFacts parent;
      gboolean is_servile = is_servant (current);
      if ((!is_servile && !is_part_of_many (current)) || current->parent_pid <= 1
          || !pl_procfs_read (names->procfs, current->parent_pid, &parent))
        break;
      if (parent.uid != facts->uid || (!is_servile && g_strcmp0 (parent.exe, current->exe) != 0))
        {
          pl_proc_facts_clear (&parent);
          break;
        }
      pl_proc_facts_clear (top);
      *top = parent;
      current = top;
    }
  return current;
}

/* ---- what names it ---- */

static void
set_string (char **field, const char *value)
{
  g_free (*field);
  *field = value != NULL ? g_utf8_make_valid (value, -1) : NULL;
}

static void
take_entry (PlProcess *process, const PlDesktopEntry *entry)
{
  set_string (&process->name, entry->name);
  set_string (&process->app_key, entry->id);
  set_string (&process->icon_name, entry->icon_name);
}

static void
take_key (PlProcess *process, const char *name, const char *key_kind, const char *key)
{
  g_autofree char *full = key_kind != NULL ? g_strdup_printf ("%s:%s", key_kind, key) : g_strdup (key);
  set_string (&process->name, name);
  set_string (&process->app_key, full);
}

/* What is behind the last dot of "org.mozilla.firefox"; before it where that says nothing, as in "com.spotify.Client". */
static char *
name_of_id (const char *id)
{
  static const char *const say_nothing[] = { "agent",  "app",     "applet", "application", "browser", "client",
                                             "daemon", "desktop", "gui",    "launcher",    "notifier" };
  g_auto (GStrv) parts = g_strsplit (id, ".", -1);
  guint n = g_strv_length (parts);
  if (n == 0 || *parts[n - 1] == '\0')
    return g_strdup (id);
  for (guint i = 0; n >= 3 && *parts[n - 2] != '\0' && i < G_N_ELEMENTS (say_nothing); i++)
    if (g_ascii_strcasecmp (parts[n - 1], say_nothing[i]) == 0)
      return g_strdup (parts[n - 2]);
  return g_strdup (parts[n - 1]);
}

/* An app by its id alone: where its desktop entry cannot be seen, as from inside a Flatpak. */
static void
take_id (PlProcess *process, const char *id)
{
  g_autofree char *name = name_of_id (id);
  take_key (process, name, NULL, id);
  set_string (&process->icon_name, id);
}

static void
take_flatpak (PlNames *names, PlProcess *process, const char *id)
{
  const PlDesktopEntry *entry = pl_desktop_index_by_id (names->index, id);
  set_string (&process->unit, id);
  if (entry != NULL)
    {
      take_entry (process, entry);
      set_string (&process->app_key, id);
      return;
    }
  take_id (process, id);
}

/* flatpak-metadata(5): the group [Application] with its name makes it an app's sandbox; a runtime alone is none. */
static gboolean
name_by_flatpak_info (PlNames *names, PlProcess *process, const PlProcFacts *facts)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  if (facts->flatpak_info == NULL
      || !g_key_file_load_from_data (file, facts->flatpak_info, strlen (facts->flatpak_info), G_KEY_FILE_NONE, NULL))
    return FALSE;
  g_autofree char *id = g_key_file_get_string (file, "Application", "name", NULL);
  if (id == NULL || *id == '\0')
    return FALSE;
  take_flatpak (names, process, id);
  return TRUE;
}

static void
take_snap (PlNames *names, PlProcess *process, const char *snap)
{
  g_autofree char *key = g_strdup_printf ("snap:%s", snap);
  const PlDesktopEntry *entry = pl_desktop_index_by_id (names->index, key);
  if (entry != NULL)
    take_entry (process, entry);
  else
    set_string (&process->name, snap);
  set_string (&process->app_key, key);
}

/* Whether the program is the snap's own, from its mount. @snap may have an instance's name behind it, which the mount has not. */
static gboolean
is_of_snap (const PlProcFacts *facts, const char *snap)
{
  g_autofree char *mount = g_strdup_printf ("/snap/%.*s/", (int)strcspn (snap, "_"), snap);
  return facts->exe != NULL && strstr (facts->exe, mount) != NULL;
}

/* "engine:container", and the unit inside behind a slash. */
static void
take_container (PlProcess *process, const char *engine, const char *id, const char *name, const char *unit_inside)
{
  g_autofree char *unit = g_strdup_printf ("%s:%s%s%s", engine, name, unit_inside != NULL ? "/" : "",
                                           unit_inside != NULL ? unit_inside : "");
  take_key (process, name, engine, id);
  set_string (&process->unit, unit);
}

static void
name_by_container (PlNames *names, PlProcess *process, const PlProcFacts *facts, const PlCgroupName *cgroup)
{
  g_auto (PlKeptContainer) kept = { 0 };
  g_autofree char *name = NULL;
  if (facts != NULL && g_str_equal (cgroup->engine, "podman") && pl_container_keeper_find (names->procfs, facts, &kept)
      && g_str_equal (kept.id, cgroup->id))
    name = g_steal_pointer (&kept.name);
  if (name == NULL)
    name = pl_container_name (cgroup->engine, cgroup->id, names->root);
  take_container (process, cgroup->engine, cgroup->id, name, cgroup->unit);
}

/* What a cgroup says of all its processes, whatever they run. @facts: NULL when the process is gone. */
static gboolean
name_by_sandbox (PlNames *names, PlProcess *process, const PlProcFacts *facts, const PlCgroupName *cgroup)
{
  switch (cgroup->kind)
    {
    case PL_CGROUP_FLATPAK:
      take_flatpak (names, process, cgroup->id);
      return TRUE;
    case PL_CGROUP_SNAP:
      /* A snap may be a terminal or an editor with one: what was started there is not the snap. */
      if (facts != NULL && facts->tty != 0 && !is_of_snap (facts, cgroup->id))
        return FALSE;
      take_snap (names, process, cgroup->id);
      return TRUE;
    case PL_CGROUP_CONTAINER:
      name_by_container (names, process, facts, cgroup);
      return TRUE;
    case PL_CGROUP_MACHINE:
      take_container (process, cgroup->engine, cgroup->id, cgroup->id, cgroup->unit);
      return TRUE;
    case PL_CGROUP_NONE:
    case PL_CGROUP_SESSION:
    case PL_CGROUP_SERVICE:
    case PL_CGROUP_APP:
    default:
      return FALSE;
    }
}

/* A snap whose processes no cgroup tells, as where snapd has no user session to ask for one: by the mount that it runs from. */
static gboolean
name_by_snap_mount (PlNames *names, PlProcess *process, const PlProcFacts *facts)
{
  static const char *const mounts[] = { "/snap/", "/var/lib/snapd/snap/" };
  for (guint i = 0; facts->exe != NULL && i < G_N_ELEMENTS (mounts); i++)
    {
      const char *snap = facts->exe + strlen (mounts[i]);
      if (!g_str_has_prefix (facts->exe, mounts[i]) || strchr (snap, '/') == NULL)
        continue;
      g_autofree char *name = g_strndup (snap, strcspn (snap, "/"));
      take_snap (names, process, name);
      return TRUE;
    }
  return FALSE;
}

/* A container that has no cgroup of its own, as with Podman's --cgroups=disabled or where it may not make one; or none that
 * tells its name: systemd-nspawn --keep-unit. */
static gboolean
name_by_keeper (PlNames *names, PlProcess *process, const PlProcFacts *facts)
{
  g_auto (PlKeptContainer) kept = { 0 };
  g_auto (PlCgroupName) inner = { 0 };
  if (!facts->is_contained || !pl_container_keeper_find (names->procfs, facts, &kept))
    return FALSE;
  gboolean is_nspawn = g_str_equal (kept.engine, "nspawn");
  const char *payload = is_nspawn && facts->cgroup != NULL ? strstr (facts->cgroup, "/payload/") : NULL;
  pl_cgroup_name_parse (&inner, payload != NULL ? payload + strlen ("/payload") : NULL);
  g_autofree char *name =
      kept.name != NULL ? g_strdup (kept.name) : pl_container_name (kept.engine, kept.id, names->root);
  take_container (process, kept.engine, kept.id, name, inner.unit);
  return TRUE;
}

/* Whether the process belongs to the app of its cgroup: neither it nor a parent below the app has a terminal, and, where
 * the unit bears the pid of the app's first process, that one is among its parents. */
static gboolean
belongs_to_app (PlNames *names, const PlProcFacts *facts, const PlCgroupName *cgroup)
{
  gint32 first =
      cgroup->tag != NULL && strspn (cgroup->tag, "0123456789") == strlen (cgroup->tag) ? atoi (cgroup->tag) : 0;
  gint32 pid = facts->pid, parent = facts->parent_pid, tty = facts->tty;
  for (int step = 0; step < CLIMB_STEPS * 2; step++)
    {
      g_auto (PlProcFacts) above = { 0 };
      if (tty != 0)
        return FALSE;
      if (pid == first)
        return TRUE;
      if (parent <= 1 || !pl_procfs_read (names->procfs, parent, &above)
          || g_strcmp0 (above.cgroup, facts->cgroup) != 0)
        break;
      pid = above.pid;
      parent = above.parent_pid;
      tty = above.tty;
    }
  return first == 0;
}

static gboolean
name_by_app_cgroup (PlNames *names, PlProcess *process, const PlProcFacts *facts, const PlCgroupName *cgroup)
{
  if (cgroup->kind != PL_CGROUP_APP)
    return FALSE;
  const PlDesktopEntry *entry = pl_desktop_index_by_id (names->index, cgroup->id);
  if (entry == NULL || entry->is_terminal || !belongs_to_app (names, facts, cgroup))
    return FALSE;
  take_entry (process, entry);
  return TRUE;
}

static gboolean
name_by_script (PlNames *names, PlProcess *process, const PlProcFacts *facts, gboolean by_entry)
{
  g_auto (PlScript) script = { 0 };
  g_autofree const char **args = split_args (facts);
  const char *exe = facts->exe != NULL ? facts->exe : facts->comm;
  if (!pl_script_parse (exe, args, facts->cwd, &script))
    return FALSE;
  if (!by_entry)
    {
      take_key (process, script.name, NULL, script.key);
      return TRUE;
    }
  const PlDesktopEntry *entry = script.path != NULL ? pl_desktop_index_by_script (names->index, script.path) : NULL;
  if (entry != NULL)
    take_entry (process, entry);
  return entry != NULL;
}

/* The desktop entry of a program by its path. An interpreter's own entry says nothing about what it runs, nor an AppImage's
 * about what lies beside it. */
static gboolean
name_by_program_entry (PlNames *names, PlProcess *process, const PlProcFacts *facts)
{
  const PlDesktopEntry *entry;
  if (facts->appimage != NULL)
    entry = pl_desktop_index_by_path (names->index, facts->appimage);
  else
    {
      g_auto (PlScript) script = { 0 };
      g_autofree const char **args = split_args (facts);
      if (facts->exe == NULL
          || (pl_script_is_interpreter (facts->exe) && pl_script_parse (facts->exe, args, NULL, &script)))
        return FALSE;
      entry = pl_desktop_index_by_exe (names->index, facts->exe);
    }
  if (entry != NULL)
    take_entry (process, entry);
  return entry != NULL;
}

static gboolean
name_by_appimage (PlProcess *process, const PlProcFacts *facts)
{
  if (facts->appimage == NULL)
    return FALSE;
  g_autofree char *name = pl_appimage_name (facts->appimage);
  take_key (process, name, NULL, facts->appimage);
  return TRUE;
}

/* A service's own processes are one app; what it starts for others (cron's jobs) is each its own: the service's are those
 * that reach the service manager through parents of the same program only. */
static gboolean
is_main_of_service (PlNames *names, const PlProcFacts *facts)
{
  gint32 parent = facts->parent_pid;
  for (int step = 0; step < CLIMB_STEPS; step++)
    {
      g_auto (PlProcFacts) above = { 0 };
      if (parent <= 1)
        return TRUE;
      if (!pl_procfs_read (names->procfs, parent, &above))
        return FALSE;
      if (g_strcmp0 (above.cgroup, facts->cgroup) != 0)
        return TRUE;
      if (g_strcmp0 (above.exe, facts->exe) != 0)
        return FALSE;
      parent = above.parent_pid;
    }
  return FALSE;
}

/* A desktop's own programs bear its name there, as “plasma-plasmashell” and “org.gnome.Shell@wayland”. */
static char *
name_of_service (const char *id)
{
  static const char plasma[] = "plasma-", gnome[] = "org.gnome.";
  g_autofree char *whole = g_strndup (id, strcspn (id, "@"));
  if (g_str_has_prefix (whole, plasma) && whole[strlen (plasma)] != '\0')
    return g_strdup (whole + strlen (plasma));
  if (g_str_has_prefix (whole, gnome) && whole[strlen (gnome)] != '\0')
    return g_strconcat ("GNOME ", whole + strlen (gnome), NULL);
  return g_steal_pointer (&whole);
}

/* "beam.smp" says less than "rabbitmq-server", and "java" than "jetty9": what runs others' programs, and which is not seen here. */
static gboolean
is_named_by_service (const PlProcFacts *facts, const char *id)
{
  return facts->exe != NULL && !pl_shared_cgroup_is_service (id)
         && (pl_script_is_interpreter (facts->exe) || g_str_has_suffix (facts->exe, "/beam.smp"));
}

/* What the program itself is called: its file, or its comm, which the kernel cuts at 15 bytes, made whole from the command
 * line where that begins alike. */
static char *
name_of_program (const PlProcFacts *facts)
{
  static const char for_a_processor[] = ".avx2"; /* pasta(1), which picks one of several files */
  static const char wrapped[] = "-wrapped"; /* NixOS: the program ".foo-wrapped" behind a script "foo" */
  if (facts->exe != NULL)
    {
      g_autofree char *base = g_path_get_basename (facts->exe);
      gboolean is_wrapped = base[0] == '.' && g_str_has_suffix (base, wrapped) && strlen (base) > sizeof wrapped;
      const char *ending = is_wrapped ? wrapped : for_a_processor;
      if (g_str_has_suffix (base, ending) && strlen (base) > strlen (ending))
        base[strlen (base) - strlen (ending)] = '\0';
      return g_strdup (base + is_wrapped);
    }
  if (facts->cmdline != NULL && *facts->cmdline != '\0')
    {
      g_autofree char *first = g_strndup (facts->cmdline, strcspn (facts->cmdline, " "));
      g_autofree char *base = g_path_get_basename (first);
      if (g_str_has_prefix (base, facts->comm))
        return g_steal_pointer (&base);
    }
  return g_strdup (facts->comm);
}

static void
name_by_program (PlNames *names, PlProcess *process, const PlProcFacts *facts, const PlCgroupName *cgroup)
{
  g_autofree char *name = name_of_program (facts);
  if (g_str_has_prefix (facts->comm, "wineserver")) /* "wineserver64", which opens sockets for Wine's programs */
    {
      take_key (process, "Wine", NULL, "wine");
      set_string (&process->icon_name, "wine");
    }
  else if (cgroup->kind == PL_CGROUP_SERVICE && is_main_of_service (names, facts))
    {
      g_autofree char *service = is_named_by_service (facts, cgroup->id) ? name_of_service (cgroup->id) : NULL;
      take_key (process, service != NULL ? service : name, "service", cgroup->id);
    }
  else if (facts->exe != NULL)
    take_key (process, name, NULL, facts->exe);
  else
    take_key (process, name, "comm", name);
}

static void
name_process (PlNames *names, PlProcess *process, const PlProcFacts *facts)
{
  g_auto (PlCgroupName) cgroup = { 0 };
  pl_cgroup_name_parse (&cgroup, facts->cgroup);
  set_string (&process->unit, cgroup.unit);
  if (name_by_flatpak_info (names, process, facts) || name_by_sandbox (names, process, facts, &cgroup)
      || name_by_keeper (names, process, facts) || name_by_script (names, process, facts, TRUE)
      || name_by_program_entry (names, process, facts) || name_by_app_cgroup (names, process, facts, &cgroup)
      || name_by_appimage (process, facts) || name_by_snap_mount (names, process, facts)
      || name_by_script (names, process, facts, FALSE))
    return;
  name_by_program (names, process, facts, &cgroup);
}

/* Start times count in ticks since boot, sleep included (proc(5)). */
static guint64
started_us (guint64 start_time)
{
  struct timespec boot, wall;
  if (start_time == 0 || clock_gettime (CLOCK_BOOTTIME, &boot) != 0 || clock_gettime (CLOCK_REALTIME, &wall) != 0)
    return 0;
  gint64 booted_us = (wall.tv_sec - boot.tv_sec) * G_USEC_PER_SEC + (wall.tv_nsec - boot.tv_nsec) / 1000;
  return (guint64)booted_us + start_time * G_USEC_PER_SEC / (guint64)sysconf (_SC_CLK_TCK);
}

/* ---- public ---- */

PlProcess *
pl_names_process (PlNames *names, const PlProcFacts *facts)
{
  g_auto (PlProcFacts) top = { 0 };
  PlProcess *process = pl_process_new ();
  process->pid = facts->pid;
  process->parent_pid = facts->parent_pid;
  process->uid = facts->uid;
  process->start_time = facts->start_time;
  process->started_us = started_us (facts->start_time);
  set_string (&process->comm, facts->comm);
  set_string (&process->exe, facts->exe);
  process->cmdline = join_cmdline (facts);
  process->user = g_strdup (g_hash_table_lookup (names->users, GUINT_TO_POINTER (facts->uid)));
  set_string (&process->parent_name, pl_parents_get_comm (names->parents, facts->parent_pid, facts->start_time));
  name_process (names, process, climb (names, facts, &top));
  return process;
}

gboolean
pl_names_is_enough (PlNames *names, const PlProcFacts *told)
{
  return told->exe != NULL && told->cmdline != NULL && told->cmdline_bytes < TOLD_CMDLINE_BYTES
         && !pl_appimage_runs (told) && !pl_script_is_interpreter (told->exe)
         && pl_procfs_shares_mounts (names->procfs, told->pid);
}

PlProcess *
pl_names_cgroup (PlNames *names, const char *path, guint32 uid)
{
  g_auto (PlCgroupName) cgroup = { 0 };
  PlProcess *process = pl_process_new ();
  pl_cgroup_name_parse (&cgroup, path);
  process->uid = uid;
  if (uid != PL_UNKNOWN_U32)
    process->user = g_strdup (g_hash_table_lookup (names->users, GUINT_TO_POINTER (uid)));
  set_string (&process->unit, cgroup.unit);
  if (name_by_sandbox (names, process, NULL, &cgroup))
    return process;
  if (cgroup.kind == PL_CGROUP_SERVICE && !pl_shared_cgroup_is_service (cgroup.id))
    {
      g_autofree char *name = name_of_service (cgroup.id);
      take_key (process, name, "service", cgroup.id);
      return process;
    }
  const PlDesktopEntry *entry = cgroup.kind == PL_CGROUP_APP ? pl_desktop_index_by_id (names->index, cgroup.id) : NULL;
  gboolean is_terminal =
      entry != NULL ? entry->is_terminal : cgroup.id != NULL && pl_shared_cgroup_is_terminal (cgroup.id);
  if (cgroup.kind != PL_CGROUP_APP || is_terminal)
    {
      pl_process_unref (process);
      return NULL;
    }
  if (entry != NULL)
    take_entry (process, entry);
  else
    take_id (process, cgroup.id);
  return process;
}

PlProcess *
pl_names_another_user (PlNames *names, guint32 uid)
{
  PlProcess *process = pl_process_new ();
  const char *user = uid != PL_UNKNOWN_U32 ? g_hash_table_lookup (names->users, GUINT_TO_POINTER (uid)) : NULL;
  g_autofree char *number = g_strdup_printf ("%u", uid), *name = NULL;
  if (uid == PL_UNKNOWN_U32)
    {
      process->uid = uid;
      process->user = g_strdup (_ ("another user"));
      take_key (process, _ ("Another user"), "user", "unknown");
      return process;
    }
  name =
      user != NULL ? g_strdup_printf (_ ("Another user: %s"), user) : g_strdup_printf (_ ("Another user: uid %u"), uid);
  process->uid = uid;
  process->user = g_strdup (user);
  take_key (process, name, "user", number);
  return process;
}

PlProcess *
pl_names_kernel (PlNames *names)
{
  PlProcess *process = pl_process_new ();
  process->uid = 0;
  take_key (process, _ ("Linux kernel"), NULL, "kernel");
  return process;
}
