/* The helper of a Flatpak: what /.flatpak-info says of it, how it is started on the host, what each failure is called, and
 * who may be able to change it. */
#include "flatpak-document.h"
#include "flatpak-origin.h"
#include "helper-client.h"
#include "helper-host.h"
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder, *helper;

static const char deployed[] = "/var/lib/flatpak/app/" PL_APP_ID "/x86_64/master/0123/files";
static const char granted[] = "[Session Bus Policy]\norg.freedesktop.Flatpak=talk\n";

static PlHelperLaunch *
find (const char *instance, const char *policy, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "flatpak-info", NULL);
  g_autofree char *text = g_strdup_printf ("[Application]\nname=%s\n\n%s\n%s", PL_APP_ID, instance, policy);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return pl_helper_host_find (path, helper, error);
}

static PlHelperLaunch *
find_deployed (void)
{
  g_autofree char *instance = g_strdup_printf ("[Instance]\napp-path=%s\n", deployed);
  g_autoptr (GError) error = NULL;
  PlHelperLaunch *launch = find (instance, granted, &error);

  g_assert_no_error (error);
  return launch;
}

static void
test_start (void)
{
  g_autoptr (PlHelperLaunch) launch = find_deployed ();
  g_autofree char *path = g_strconcat (deployed, "/libexec/portlight-helper", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (launch->path, ==, path);
  g_assert_true (launch->is_flatpak);
  g_assert_false (launch->is_direct);
  g_auto (GStrv) argv = pl_helper_launch_build_argv (launch, "wlan0", &error);
  g_assert_no_error (error);
  g_autofree char *command = g_strjoinv (" ", argv);
  g_autofree char *tail = g_strdup_printf (" pkexec --disable-internal-agent %s -i wlan0", path);
  g_assert_true (g_str_has_prefix (command, "/usr/bin/flatpak-spawn --host --watch-bus "));
  g_assert_true (g_str_has_suffix (command, tail));
  /* flatpak-spawn finds the bus by it; nothing else of our environment goes along. */
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/flatpak/bus", TRUE);
  g_auto (GStrv) envp = pl_helper_launch_build_env (launch);
  g_assert_cmpstr (g_environ_getenv (envp, "DBUS_SESSION_BUS_ADDRESS"), ==, "unix:path=/run/flatpak/bus");
  g_assert_cmpuint (g_strv_length (envp), ==, 2);
}

static void
test_cannot_start (void)
{
  g_autoptr (GError) no_instance = NULL, withdrawn = NULL, forbidden = NULL, gone = NULL, no_bus = NULL;
  g_autofree char *instance = g_strdup_printf ("[Instance]\napp-path=%s\n", deployed);
  g_autofree char *there = helper;

  g_assert_null (find ("", granted, &no_instance));
  g_assert_error (no_instance, PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NOT_FOUND);
  g_assert_null (find (instance, "", &withdrawn));
  g_assert_error (withdrawn, PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NO_HOST);
  g_assert_nonnull (
      strstr (withdrawn->message, "“flatpak override --user --talk-name=org.freedesktop.Flatpak " PL_APP_ID "”"));
  g_assert_null (find (instance, "[Session Bus Policy]\norg.freedesktop.Flatpak=none\n", &forbidden));
  g_assert_error (forbidden, PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NO_HOST);
  g_unsetenv ("DBUS_SESSION_BUS_ADDRESS");
  g_assert_null (find (instance, granted, &no_bus)); /* before anybody accepts a risk, or waits for a prompt */
  g_assert_error (no_bus, PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NO_BUS);
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/flatpak/bus", TRUE);
  helper = g_build_filename (folder, "nothing", NULL);
  g_assert_null (find (instance, granted, &gone));
  g_assert_error (gone, PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (gone->message, deployed));
  g_free (helper);
  helper = g_steal_pointer (&there);
}

static gboolean
is_open (const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  if (text != NULL)
    g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return pl_helper_host_is_open (path);
}

static void
test_is_open (void)
{
  g_assert_true (is_open ("none", NULL)); /* no sandbox */
  g_assert_true (is_open ("flatpak-info", granted));
  g_assert_true (is_open ("flatpak-info", "[Context]\nsockets=session-bus;\n"));
  g_assert_false (is_open ("flatpak-info", "[Application]\nname=" PL_APP_ID "\n"));
  g_assert_false (is_open ("flatpak-info", "[Session Bus Policy]\norg.freedesktop.Flatpak=none\n"));
}

static void
test_failures (void)
{
  static const struct
  {
    int status;
    const char *said;
    PlHelperClientError code;
    const char *mend;
  } cases[] = {
    { 1, "Portal call failed: org.freedesktop.DBus.Error.ServiceUnknown\n", PL_HELPER_CLIENT_ERROR_NO_HOST,
      "flatpak override --user --talk-name=org.freedesktop.Flatpak" },
    { 1, "Can't find bus: Cannot autolaunch D-Bus without X11 $DISPLAY\n", PL_HELPER_CLIENT_ERROR_NO_BUS,
      "put “dbus-run-session” before “flatpak run”" },
    { 127, "/usr/bin/env: 'pkexec': No such file or directory\n", PL_HELPER_CLIENT_ERROR_NO_PKEXEC, "Install it" },
    { 127, "Error executing /x: Exec format error\n", PL_HELPER_CLIENT_ERROR_OTHER_MACHINE,
      "another kind of processor" },
    { 127, "Error executing /x: Permission denied\n", PL_HELPER_CLIENT_ERROR_NOT_RUNNABLE, "noexec" },
    { 127, "pkexec must be setuid root\n", PL_HELPER_CLIENT_ERROR_NO_SETUID, "chmod u+s" },
    { 127, "Error accessing /x: No such file or directory\n", PL_HELPER_CLIENT_ERROR_UPDATED, "start it again" },
    { 127, "Error executing command as another user: No authentication agent found.\n", PL_HELPER_CLIENT_ERROR_NO_AGENT,
      "a polkit agent is missing" },
    { 127, "Error executing command as another user: Not authorized\n", PL_HELPER_CLIENT_ERROR_DENIED,
      "password was wrong" },
    { 127, "", PL_HELPER_CLIENT_ERROR_FAILED, "(without a word)" },
    { 126, "Error executing command as another user: Request dismissed\n", PL_HELPER_CLIENT_ERROR_DISMISSED,
      "Start again" },
    { 3, "portlight-helper: no right\n", PL_HELPER_CLIENT_ERROR_NO_RIGHT, "CAP_NET_RAW" },
  };
  g_autoptr (PlHelperLaunch) launch = find_deployed ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = pl_helper_launch_explain (launch, cases[i].status << 8, cases[i].said);

      g_assert_error (error, PL_HELPER_CLIENT_ERROR, (int)cases[i].code);
      g_assert_nonnull (strstr (error->message, cases[i].mend));
      g_assert_null (strstr (error->message, "| portlight -")); /* there is no such command outside the sandbox */
    }
}

/* pkexec says the same of both; what polkit would do, asked without a prompt, tells them apart. */
static void
test_denied (void)
{
  static const struct
  {
    const char *report;
    PlHelperClientError code;
  } cases[] = {
    { "pkcheck 1\n", PL_HELPER_CLIENT_ERROR_FORBIDDEN },
    { "pkcheck 2\n", PL_HELPER_CLIENT_ERROR_WRONG_PASSWORD },
    { "pkcheck 0\n", PL_HELPER_CLIENT_ERROR_DENIED }, /* it would allow what was refused */
    { "pkcheck 127\n", PL_HELPER_CLIENT_ERROR_DENIED }, /* there is none, or no polkit by now */
    { "pkcheck 12", PL_HELPER_CLIENT_ERROR_DENIED }, /* cut off */
    { "", PL_HELPER_CLIENT_ERROR_DENIED },
    { NULL, PL_HELPER_CLIENT_ERROR_DENIED },
  };
  g_autoptr (PlHelperLaunch) launch = find_deployed ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = pl_helper_launch_explain_denied (launch, cases[i].report);

      g_assert_error (error, PL_HELPER_CLIENT_ERROR, (int)cases[i].code);
    }
}

static void
test_roots_alone (void)
{
  g_assert_true (pl_helper_host_is_roots ("0 755\n0 755\n0 1777\n", 3));
  g_assert_false (pl_helper_host_is_roots ("0 755\n1000 755\n0 755\n", 3));
  g_assert_false (pl_helper_host_is_roots ("0 755\n0 777\n", 2));
  g_assert_false (pl_helper_host_is_roots ("0 755\n0 775\n", 2));
  g_assert_false (pl_helper_host_is_roots ("0 755\n", 2));
  g_assert_true (pl_helper_host_is_roots ("0 755\n0 0\n0 755\n", 2)); /* a link leads through more */
  g_assert_false (pl_helper_host_is_roots ("0\n", 1));
  g_assert_false (pl_helper_host_is_roots ("\n", 1));
  g_assert_false (pl_helper_host_is_roots ("nonsense\n", 1));
}

/* What the check itself finds of @path, run as it is on the host. */
static gboolean
is_found_safe (const char *path, guint n_paths)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *report = NULL;
  g_autoptr (GError) error = NULL;
  int wait_status;

  pl_helper_host_add_check (builder, path);
  g_auto (GStrv) argv = g_strv_builder_end (builder);
  g_assert_true (g_spawn_sync (NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &report, NULL, &wait_status, &error));
  g_assert_no_error (error);
  const char *paths = report;
  while (g_str_has_prefix (paths, "pkexec ")) /* what its prompt says, which may not be there */
    paths = strchr (paths, '\n') + 1;
  return g_spawn_check_wait_status (wait_status, NULL) && pl_helper_host_is_roots (paths, n_paths);
}

/* A link of root's into a folder above which is a user's: who may rename that puts another file there. */
static void
test_links (void)
{
  g_autofree char *own = g_build_filename (folder, "own folder", NULL),
                  *theirs = g_build_filename (folder, "theirs", NULL),
                  *below = g_build_filename (theirs, "system", NULL), *file = g_build_filename (own, "helper", NULL),
                  *moved = g_build_filename (below, "helper", NULL), *link = g_build_filename (folder, "link", NULL),
                  *fine = g_build_filename (folder, "fine", NULL), *loop = g_build_filename (folder, "loop", NULL),
                  *by_link = g_build_filename (link, "helper", NULL),
                  *by_fine = g_build_filename (fine, "helper", NULL);

  if (geteuid () != 0)
    {
      g_test_skip ("needs root, to own what only root may change");
      return;
    }
  g_assert_cmpint (g_mkdir (own, 0755) | g_mkdir (theirs, 0755) | g_mkdir (below, 0755), ==, 0);
  g_assert_true (g_file_set_contents (file, "", 0, NULL) && g_file_set_contents (moved, "", 0, NULL));
  g_assert_cmpint (symlink ("theirs/../theirs/system", link) | symlink ("./own folder/", fine) | symlink ("loop", loop),
                   ==, 0);
  g_assert_true (is_found_safe (file, 4));
  g_assert_true (is_found_safe (by_fine, 4));
  g_assert_true (is_found_safe (by_link, 4));
  g_assert_false (is_found_safe (loop, 3));
  g_assert_cmpint (chown (theirs, 61234, 61234), ==, 0);
  g_assert_false (is_found_safe (by_link, 4)); /* though link, system and helper are root's */
  g_assert_true (is_found_safe (file, 4));
  g_assert_cmpint (chown (theirs, 0, 0), ==, 0);
  g_assert_cmpint (g_chmod (below, 0775), ==, 0);
  g_assert_false (is_found_safe (by_link, 4));
  g_assert_cmpint (g_unlink (file) | g_unlink (moved) | g_unlink (link) | g_unlink (fine) | g_unlink (loop), ==, 0);
  g_assert_false (is_found_safe (file, 4));
  g_assert_cmpint (g_rmdir (own) | g_rmdir (below) | g_rmdir (theirs), ==, 0);
}

/* The host tells how its prompt is worded; which words, its pkexec decides. */
static void
test_asks (void)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *report = NULL, *gettext = g_find_program_in_path ("gettext");

  g_setenv ("LANG", "C", TRUE);
  g_setenv ("LANGUAGE", "de", TRUE); /* which is none of the system's affair */
  pl_helper_host_add_check (builder, "/");
  g_auto (GStrv) argv = g_strv_builder_end (builder);
  g_assert_true (g_spawn_sync (NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &report, NULL, NULL, NULL));
  g_test_message ("%s", report);
  if (gettext == NULL || !g_str_has_prefix (gettext, "/usr/bin/"))
    g_test_skip ("there is no gettext(1)");
  else
    g_assert_true (strstr (report, "pkexec asks " PL_PKEXEC_PROMPT_FILE "\n") != NULL
                   || strstr (report, "pkexec asks " PL_PKEXEC_PROMPT_COMMAND "\n") != NULL);
}

/* As pkexec of polkit 126 names them, seen in its prompts. */
static void
test_named (void)
{
  g_autoptr (PlHelperLaunch) launch = find_deployed ();
  PlHelperLaunch near = { .path = (char *)"/usr/libexec/portlight-helper", .names_command = TRUE };
  g_autofree char *old = pl_helper_launch_dup_named (launch), *whole = pl_helper_launch_dup_named (&near);

  g_assert_cmpstr (old, ==, launch->path);
  launch->names_command = TRUE;
  g_autofree char *cut = pl_helper_launch_dup_named (launch);
  g_assert_cmpstr (cut, ==, "/var/lib/flatpak/app/io.github.portlig ... files/libexec/portlight-helper -i any");
  g_assert_cmpstr (whole, ==, "/usr/libexec/portlight-helper -i any");
}

/* The sandbox sees the file itself: whether it may be executed at all, its mode says. */
static void
test_lacks_x (void)
{
  static const char said[] = "Error executing /x: Permission denied\n";
  g_autoptr (PlHelperLaunch) with_x = find_deployed (), no_x = NULL;
  g_autoptr (GError) disk = pl_helper_launch_explain (with_x, 127 << 8, said), mode = NULL;

  g_assert_false (with_x->lacks_x);
  g_assert_error (disk, PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NOT_RUNNABLE);
  g_assert_nonnull (strstr (disk->message, "noexec"));
  g_assert_cmpint (g_chmod (helper, 0644), ==, 0);
  no_x = find_deployed ();
  mode = pl_helper_launch_explain (no_x, 127 << 8, said);
  g_assert_cmpint (g_chmod (helper, 0755), ==, 0);
  g_assert_true (no_x->lacks_x);
  g_assert_error (mode, PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NOT_RUNNABLE);
  g_assert_nonnull (strstr (mode->message, "chmod 755"));
  g_assert_null (strstr (mode->message, "noexec"));
}

/* Flatpak's marks in the app's folder, once what runs was moved away. */
static void
test_updated (void)
{
  static const char *const marks[] = { ".updated", ".removed" };
  g_autofree char *app = g_build_filename (folder, "app", NULL), *libexec = g_build_filename (app, "libexec", NULL);
  g_autofree char *there = helper, *instance = g_strdup_printf ("[Instance]\napp-path=%s\n", deployed);

  helper = g_build_filename (libexec, "portlight-helper", NULL);
  g_assert_cmpint (g_mkdir_with_parents (libexec, 0700), ==, 0);
  g_assert_true (g_file_set_contents_full (helper, "", 0, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
  pl_helper_launch_free (find_deployed ());
  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    {
      g_autofree char *mark = g_build_filename (app, marks[i], NULL);
      g_autoptr (GError) error = NULL;

      g_assert_true (g_file_set_contents (mark, "", 0, NULL));
      g_assert_null (find (instance, granted, &error));
      g_assert_error (error, PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_UPDATED);
      g_clear_error (&error);
      g_unlink (helper); /* as where what lacked it was replaced */
      g_assert_null (find (instance, granted, &error));
      g_assert_error (error, PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_UPDATED);
      g_unlink (mark);
      g_assert_true (g_file_set_contents_full (helper, "", 0, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
    }
  g_unlink (helper);
  g_rmdir (libexec);
  g_rmdir (app);
  g_free (helper);
  helper = g_steal_pointer (&there);
}

static void
test_origin (void)
{
  static const struct
  {
    const char *report, *origin;
  } cases[] = {
    { "portlight\nflathub\thttps://a\nportlight\thttps://b\n", "portlight" },
    { "portlight-origin\nportlight\thttps://a\nportlight-origin\n", "" }, /* a bundle's, as Flatpak 1.14 tells it */
    { "portlight-origin\nportlight-origin\t\n", "" },
    { "portlight\nportlight-origin\thttps://a\n", NULL },
    { "portlight\n", NULL },
    { "", NULL },
    { "a b\na b\thttps://a\n", NULL }, /* as no remote is called, and as no word of a line may be */
    { "$(x)\n$(x)\thttps://a\n", NULL },
    { "--x\n--x\thttps://a\n", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *origin = pl_flatpak_origin_read (cases[i].report);

      g_assert_cmpstr (origin, ==, cases[i].origin);
    }
}

static void
assert_document (const char *asked, const char *found)
{
  g_autofree char *root = g_build_filename (folder, "doc", NULL), *path = g_build_filename (root, asked, NULL),
                  *expected = g_build_filename (root, found, NULL), *there = pl_flatpak_document_find (path, root);

  g_assert_cmpstr (there, ==, expected);
}

/* A link's name leads to the one file of its document, and nothing else is taken for another. */
static void
test_document (void)
{
  static const char *const files[] = { "one/real.pcap", "two/a.pcap", "two/b.pcap", "folder/in/a.pcap" };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (folder, "doc", files[i], NULL), *above = g_path_get_dirname (path);

      g_assert_cmpint (g_mkdir_with_parents (above, 0700), ==, 0);
      g_assert_true (g_file_set_contents (path, "", 0, NULL));
    }
  assert_document ("one/link.pcap", "one/real.pcap");
  assert_document ("one/real.pcap", "one/real.pcap");
  assert_document ("two/link.pcap", "two/link.pcap");
  assert_document ("folder/in/link.pcap", "folder/in/link.pcap");
  assert_document ("none/link.pcap", "none/link.pcap");
  assert_document ("../doc2/link.pcap", "../doc2/link.pcap");
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (folder, "doc", files[i], NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
      do
        *strrchr (path, '/') = '\0';
      while (g_rmdir (path) == 0);
    }
}

/* A folder beside the portal's is not the portal's, whatever its name begins with. */
static void
test_document_has (void)
{
  g_assert_true (pl_flatpak_document_has ("/run/user/1000/doc/1a2b/a.pcap", "/run/user/1000/doc"));
  g_assert_false (pl_flatpak_document_has ("/run/user/1000/doc", "/run/user/1000/doc"));
  g_assert_false (pl_flatpak_document_has ("/run/user/1000/doc2/1a2b/a.pcap", "/run/user/1000/doc"));
  g_assert_false (pl_flatpak_document_has ("/run/user/1000/a.pcap", "/run/user/1000/doc"));
}

/* Wherever FLATPAK_USER_DIR puts it, the files are that user's. */
static void
test_one_user (void)
{
  static const char elsewhere[] = "/data/flatpak/app/x/files/libexec/portlight-helper";

  g_assert_true (pl_flatpak_origin_is_of_one_user ("“/home/a/.local/share/flatpak/app/x” is missing", "/nowhere"));
  g_assert_false (pl_flatpak_origin_is_of_one_user (elsewhere, "/nowhere"));
  g_assert_false (pl_flatpak_origin_is_of_one_user (elsewhere, "/"));
  if (getuid () == 0)
    g_test_skip ("root's own are the system's");
  else
    g_assert_true (pl_flatpak_origin_is_of_one_user (elsewhere, folder));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/flatpak/bus", TRUE);
  folder = g_dir_make_tmp ("pl-test-host-XXXXXX", NULL);
  helper = g_build_filename (folder, "portlight-helper", NULL);
  g_assert_true (g_file_set_contents_full (helper, "", 0, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
  g_test_add_func ("/helper-host/start", test_start);
  g_test_add_func ("/helper-host/cannot-start", test_cannot_start);
  g_test_add_func ("/helper-host/is-open", test_is_open);
  g_test_add_func ("/helper-host/failures", test_failures);
  g_test_add_func ("/helper-host/denied", test_denied);
  g_test_add_func ("/helper-host/roots-alone", test_roots_alone);
  g_test_add_func ("/helper-host/links", test_links);
  g_test_add_func ("/helper-host/asks", test_asks);
  g_test_add_func ("/helper-host/named", test_named);
  g_test_add_func ("/helper-host/lacks-x", test_lacks_x);
  g_test_add_func ("/helper-host/updated", test_updated);
  g_test_add_func ("/helper-host/origin", test_origin);
  g_test_add_func ("/helper-host/document", test_document);
  g_test_add_func ("/helper-host/document-has", test_document_has);
  g_test_add_func ("/helper-host/one-user", test_one_user);
  int result = g_test_run ();
  g_autofree char *info = g_build_filename (folder, "flatpak-info", NULL);
  g_unlink (info);
  g_unlink (helper);
  g_rmdir (folder);
  return result;
}
