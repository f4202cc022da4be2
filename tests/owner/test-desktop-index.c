/* The index of desktop entries, from made-up files and directories. No entry of this machine is looked at. */
#include "fake-proc.h"

#include "desktop-index.h"

typedef struct
{
  char *dir;
} Fixture;

/* Not below /tmp, where a directory never tells whose its programs are. */
static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->dir = g_mkdtemp (g_strdup ("/var/tmp/portlight-desktop-XXXXXX"));
  g_assert_nonnull (fixture->dir);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  remove_tree (fixture->dir);
  g_free (fixture->dir);
}

static void
test_files (Fixture *fixture, gconstpointer data)
{
  g_autofree char *own = g_build_filename (fixture->dir, "own", NULL),
                  *all = g_build_filename (fixture->dir, "all", NULL);
  const char *const dirs[] = { own, all, NULL };
  write_file ("[Desktop Entry]\nType=Application\nName=Mine\nExec=/opt/thing/bin/thing\n", -1, own, "thing.desktop",
              NULL);
  write_file ("[Desktop Entry]\nType=Application\nName=Theirs\nExec=/opt/thing/bin/thing\n", -1, all, "thing.desktop",
              NULL);
  write_file ("[Desktop Entry]\nType=Application\nName=Deep\nExec=deep %%U\n", -1, all, "kde/deep.desktop", NULL);
  write_file ("[Desktop Entry]\nType=Link\nName=Link\nURL=http://x\n", -1, all, "link.desktop", NULL);
  write_file ("[Desktop Entry]\nType=Application\nName=Gone\nExec=/usr/bin/gone\nHidden=true\n", -1, all,
              "gone.desktop", NULL);
  write_file ("[Desktop Entry]\nType=Application\nName=Broken\nExec=\"/usr/bin/broken\n", -1, all, "broken.desktop",
              NULL);
  write_file ("garbage\xff\xfe", -1, all, "garbage.desktop", NULL);
  PlDesktopIndex *index = pl_desktop_index_new (dirs);
  g_assert_cmpstr (pl_desktop_index_by_id (index, "thing")->name, ==, "Mine");
  g_assert_cmpstr (pl_desktop_index_by_id (index, "kde-deep")->name, ==, "Deep");
  g_assert_cmpstr (pl_desktop_index_by_id (index, "broken")->name, ==, "Broken");
  g_assert_null (pl_desktop_index_by_id (index, "link"));
  g_assert_null (pl_desktop_index_by_id (index, "gone"));
  g_assert_null (pl_desktop_index_by_id (index, "garbage"));
  g_assert_cmpstr (pl_desktop_index_by_exe (index, "/opt/thing/bin/thing")->name, ==, "Mine");
  g_assert_cmpstr (pl_desktop_index_by_exe (index, "/opt/thing/helper")->name, ==, "Mine");
  g_assert_cmpstr (pl_desktop_index_by_exe (index, "/usr/bin/deep")->name, ==, "Deep");
  g_assert_null (pl_desktop_index_by_exe (index, "/home/me/deep"));
  g_assert_null (pl_desktop_index_by_exe (index, "/usr/bin/gone"));
  g_assert_false (pl_desktop_index_refresh (index));
  write_file ("[Desktop Entry]\nType=Application\nName=New\nExec=/usr/bin/new\n", -1, own, "new.desktop", NULL);
  g_assert_true (pl_desktop_index_refresh (index));
  g_assert_cmpstr (pl_desktop_index_by_exe (index, "/usr/bin/new")->name, ==, "New");
  pl_desktop_index_free (index);
}

/* Which app the program @base beside the others of @dir is of. */
static const char *
app_beside (PlDesktopIndex *index, const char *dir, const char *base)
{
  g_autofree char *exe = g_build_filename (dir, base, NULL);
  const PlDesktopEntry *entry = pl_desktop_index_by_exe (index, exe);
  return entry != NULL ? entry->name : NULL;
}

/* A directory tells whose a program is only where it is one app's. */
static void
test_dirs (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *id, *name, *program, *more;
  } entries[] = {
    { "one", "One", "two/one", "" },
    { "two", "Two", "two/two", "" },
    { "idea", "Idea", "idea/bin/idea", "" },
    { "idea-url", "Idea's links", "idea/bin/idea-url", "NoDisplay=true\n" },
    { "navigator", "Navigator", "conda/bin/navigator", "" },
    { "suite-a", "Suite", "suite/program/suite", "" },
    { "suite-b", "Suite Draw", "suite/program/suite --draw", "" },
  };
  g_autofree char *apps = g_build_filename (fixture->dir, "applications", NULL);
  g_autofree char *all = g_build_filename (fixture->dir, "two", NULL),
                  *bin = g_build_filename (fixture->dir, "idea", "bin", NULL),
                  *up = g_build_filename (fixture->dir, "idea", NULL),
                  *full = g_build_filename (fixture->dir, "conda", "bin", NULL),
                  *suite = g_build_filename (fixture->dir, "suite", "program", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    {
      g_autofree char *file = g_strconcat (entries[i].id, ".desktop", NULL);
      g_autofree char *text = g_strdup_printf ("[Desktop Entry]\nType=Application\nName=%s\nExec=%s/%s\n%s",
                                               entries[i].name, fixture->dir, entries[i].program, entries[i].more);
      write_file (text, -1, apps, file, NULL);
    }
  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *tool = g_strdup_printf ("tool%u", i), *library = g_strdup_printf ("lib%u.so", i);
      write_file ("", 0, full, tool, NULL);
      write_file ("", 0, bin, library, NULL);
    }
  write_file ("", 0, bin, "idea", NULL);
  const char *const dirs[] = { apps, NULL };
  PlDesktopIndex *index = pl_desktop_index_new (dirs);
  g_assert_cmpstr (app_beside (index, all, "one"), ==, "One");
  g_assert_cmpstr (app_beside (index, all, "third"), ==, NULL);
  g_assert_cmpstr (app_beside (index, bin, "fsnotifier"), ==, "Idea");
  g_assert_cmpstr (app_beside (index, up, "idea"), ==, "Idea");
  g_assert_cmpstr (app_beside (index, full, "navigator"), ==, "Navigator");
  g_assert_cmpstr (app_beside (index, full, "openssl"), ==, NULL);
  g_assert_cmpstr (app_beside (index, suite, "suite.bin"), ==, "Suite");
  pl_desktop_index_free (index);
}

/* Before the program may stand others that start it. */
static void
test_wrappers (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *exec, *exe, *more;
  } cases[] = {
    { "env A=b C=d /srv/0/prog %U", "/srv/0/prog", "" },
    { "env -u FOO -C /tmp -i A=b /srv/1/prog %U", "/srv/1/prog", "" },
    { "/usr/bin/env gamemoderun nice -n 5 /srv/2/prog", "/srv/2/prog", "" },
    { "prime-run mangohud /srv/3/prog", "/srv/3/prog", "" },
    { "pkexec /srv/4/prog", "/srv/4/prog", "" },
    { "sudo -E /srv/5/prog", "/srv/5/prog", "" },
    { "\"/srv/6/my prog\" --x", "/srv/6/my prog", "" },
    { "./prog", "/srv/7/prog", "Path=/srv/7\n" },
    { "sudo -n /srv/8/prog", "/srv/8/prog", "" },
    { "setsid -c /srv/9/prog", "/srv/9/prog", "" },
    { "sudo -u me -g us -- nice --adjustment 5 /srv/10/prog", "/srv/10/prog", "" },
    { "pkexec --user me /srv/11/prog", "/srv/11/prog", "" },
    { "nice", NULL, "" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *file = g_strdup_printf ("app%u.desktop", i);
      g_autofree char *text = g_strdup_printf ("[Desktop Entry]\nType=Application\nName=App %u\nExec=%s\n%s", i,
                                               cases[i].exec, cases[i].more);
      write_file (text, -1, fixture->dir, file, NULL);
    }
  write_file ("[Desktop Entry]\nType=Application\nName=Script\nExec=python3 main.py\nPath=/srv/script\n", -1,
              fixture->dir, "script.desktop", NULL);
  const char *const dirs[] = { fixture->dir, NULL };
  PlDesktopIndex *index = pl_desktop_index_new (dirs);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    if (cases[i].exe != NULL)
      {
        const PlDesktopEntry *entry = pl_desktop_index_by_exe (index, cases[i].exe);
        g_autofree char *name = g_strdup_printf ("App %u", i);
        g_test_message ("%s", cases[i].exec);
        g_assert_nonnull (entry);
        g_assert_cmpstr (entry->name, ==, name);
      }
  g_assert_null (pl_desktop_index_by_exe (index, "/usr/bin/nice"));
  g_assert_cmpstr (pl_desktop_index_by_script (index, "/srv/script/main.py")->name, ==, "Script");
  pl_desktop_index_free (index);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/desktop-index/files", test_files);
  ADD ("/desktop-index/dirs", test_dirs);
  ADD ("/desktop-index/wrappers", test_wrappers);
  return g_test_run ();
}
