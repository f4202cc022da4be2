/* What mends a capture that could not start: the exact line for each reason, system and kind of install. No display. */
#include "failure-words.h"
#include "helper-client.h"
#include "permission-words.h"
#include "rights.h"
#include "sandbox-words.h"
#include <glib/gstdio.h>
#include <libintl.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

static const char fedora[] = "NAME=\"Fedora Linux\"\nID=fedora\n", mint[] = "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n",
                  suse[] = "ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n", odd[] = "ID=odd\nVARIANT_ID=fedora\n",
                  alpine[] = "NAME=\"Alpine Linux\"\nID=alpine\n";

#define END "flatpak kill " PL_APP_ID "; "
#define BUNDLE(sudo, where) \
  "ls ./portlight.flatpak && { " END sudo "flatpak uninstall " where " " PL_APP_ID " && " sudo \
  "flatpak install " where " ./portlight.flatpak; }"

#define REMOTE(sudo, where, origin) END sudo "flatpak install " where " --reinstall " origin " " PL_APP_ID
#define EITHER(sudo, where) \
  REMOTE (sudo, where, "\"$(flatpak info " where " --show-origin " PL_APP_ID ")\"") \
  " || { " BUNDLE (sudo, where) "; }"
#define FOR_ALL(file) \
  "sudo flatpak install --system " file "; flatpak info --system " PL_APP_ID " && flatpak uninstall --user " PL_APP_ID

static PlHelperLaunch no_x = { .path = (char *)"/usr/libexec/portlight-helper", .lacks_x = TRUE };
static PlHelperLaunch hidden = { .path = (char *)"/home/a/.local/libexec/portlight-helper", .runs_for_us = TRUE };
static PlHelperLaunch native = { .path = (char *)"/usr/libexec/portlight-helper", .pkexec = (char *)"/usr/bin/pkexec" };
static PlHelperLaunch flatpak = { .path = (char *)"/home/a/.local/share/flatpak/x/libexec/portlight-helper",
                                  .pkexec = (char *)"pkexec",
                                  .is_flatpak = TRUE };
static PlHelperLaunch for_all = { .path = (char *)"/var/lib/flatpak/x/libexec/portlight-helper",
                                  .pkexec = (char *)"pkexec",
                                  .is_flatpak = TRUE };

static PlHelperLaunch no_x_flatpak = { .path = (char *)"/home/a/.local/share/flatpak/x/libexec/portlight-helper",
                                       .is_flatpak = TRUE,
                                       .lacks_x = TRUE };
static PlHelperLaunch no_x_for_all = { .path = (char *)"/var/lib/flatpak/x/libexec/portlight-helper",
                                       .is_flatpak = TRUE,
                                       .lacks_x = TRUE };

static const struct
{
  PlHelperClientError code;
  const PlHelperLaunch *launch;
  const char *os_release, *command; /* NULL: no line does it */
  const char *origin;
} cases[] = {
  { PL_HELPER_CLIENT_ERROR_NO_PKEXEC, &native, fedora, "sudo dnf install polkit" },
  { PL_HELPER_CLIENT_ERROR_NO_PKEXEC, &native, mint, "sudo apt install pkexec || sudo apt install policykit-1" },
  { PL_HELPER_CLIENT_ERROR_NO_PKEXEC, &flatpak, suse, "sudo zypper install polkit pkexec" },
  { PL_HELPER_CLIENT_ERROR_NO_PKEXEC, &native, odd, NULL },
  { PL_HELPER_CLIENT_ERROR_NO_PKEXEC, &native, NULL, NULL },
  { PL_HELPER_CLIENT_ERROR_NO_POLKIT, &native, fedora, "sudo systemctl unmask polkit && sudo systemctl start polkit" },
  { PL_HELPER_CLIENT_ERROR_NO_POLKIT, &native, alpine, "sudo rc-service polkit start" },
  { PL_HELPER_CLIENT_ERROR_NO_AGENT, &native, fedora, "pkttyagent --process 4711" },
  { PL_HELPER_CLIENT_ERROR_NO_AGENT, &flatpak, fedora,
    "pkttyagent --process \"$(pgrep -n -u \"$(id -u)\" -x flatpak-session)\"" },
  { PL_HELPER_CLIENT_ERROR_NO_HOST, NULL, fedora,
    "flatpak override --user --talk-name=org.freedesktop.Flatpak " PL_APP_ID },
  { PL_HELPER_CLIENT_ERROR_NOT_FOUND, &flatpak, fedora, BUNDLE ("", "--user"), "" },
  { PL_HELPER_CLIENT_ERROR_NOT_FOUND, &flatpak, fedora, REMOTE ("", "--user", "portlight"), "portlight" },
  { PL_HELPER_CLIENT_ERROR_NOT_FOUND, &flatpak, fedora, EITHER ("", "--user") },
  { PL_HELPER_CLIENT_ERROR_TOO_OLD, &for_all, fedora, BUNDLE ("sudo ", "--system"), "" },
  { PL_HELPER_CLIENT_ERROR_TOO_OLD, &for_all, fedora, REMOTE ("sudo ", "--system", "a-b_1.x"), "a-b_1.x" },
  { PL_HELPER_CLIENT_ERROR_TOO_OLD, &for_all, fedora, EITHER ("sudo ", "--system") },
  { PL_HELPER_CLIENT_ERROR_NOT_FOUND, NULL, fedora, "meson compile -C build && sudo meson install -C build" },
  { PL_HELPER_CLIENT_ERROR_NOT_RUNNABLE, &flatpak, fedora, FOR_ALL ("./portlight.flatpak"), "" },
  { PL_HELPER_CLIENT_ERROR_NOT_RUNNABLE, &flatpak, fedora, FOR_ALL ("--from ./portlight.flatpakref"), "portlight" },
  { PL_HELPER_CLIENT_ERROR_NOT_RUNNABLE, &flatpak, fedora, FOR_ALL ("./portlight.flatpak"), "portlight-origin" },
  { PL_HELPER_CLIENT_ERROR_NOT_RUNNABLE, &flatpak, fedora,
    FOR_ALL ("\"$(ls ./portlight.flatpak ./portlight.flatpakref 2>/dev/null | head -n 1)\"") },
  { PL_HELPER_CLIENT_ERROR_NOT_RUNNABLE, &no_x_flatpak, fedora,
    "chmod 755 '/home/a/.local/share/flatpak/x/libexec/portlight-helper'", "" },
  { PL_HELPER_CLIENT_ERROR_NOT_RUNNABLE, &no_x_for_all, fedora,
    "sudo chmod 755 '/var/lib/flatpak/x/libexec/portlight-helper'" },
  { PL_HELPER_CLIENT_ERROR_NOT_RUNNABLE, &for_all, fedora,
    "sudo mount -o remount,bind,exec \"$(findmnt -fno TARGET --target "
    "'/var/lib/flatpak/x/libexec/portlight-helper')\"" },
  { PL_HELPER_CLIENT_ERROR_NOT_RUNNABLE, &no_x, fedora, "sudo chmod 755 '/usr/libexec/portlight-helper'" },
  { PL_HELPER_CLIENT_ERROR_NOT_RUNNABLE, &native, fedora,
    "sudo mount -o remount,bind,exec \"$(findmnt -fno TARGET --target '/usr/libexec/portlight-helper')\"" },
  { PL_HELPER_CLIENT_ERROR_NOT_RUNNABLE, &hidden, fedora, NULL }, /* no mount option mends that */
  { PL_HELPER_CLIENT_ERROR_OTHER_MACHINE, &native, fedora, "meson compile -C build && sudo meson install -C build" },
  { PL_HELPER_CLIENT_ERROR_OTHER_MACHINE, &flatpak, fedora, BUNDLE ("", "--user"), "" },
  { PL_HELPER_CLIENT_ERROR_OTHER_MACHINE, &for_all, fedora, REMOTE ("sudo ", "--system", "portlight"), "portlight" },
  { PL_HELPER_CLIENT_ERROR_OTHER_MACHINE, &for_all, fedora, EITHER ("sudo ", "--system") },
  { PL_HELPER_CLIENT_ERROR_NO_RIGHT, &flatpak, fedora, "--cap-add=NET_RAW" },
  { PL_HELPER_CLIENT_ERROR_DENIED, &native, fedora, NULL },
  { PL_HELPER_CLIENT_ERROR_FORBIDDEN, &flatpak, fedora, NULL },
  { PL_HELPER_CLIENT_ERROR_WRONG_PASSWORD, &native, fedora, NULL },
  { PL_HELPER_CLIENT_ERROR_NO_SETUID, &native, fedora, "sudo chmod u+s \"$(command -v pkexec)\"" },
  { PL_HELPER_CLIENT_ERROR_NO_SETUID, &for_all, fedora, "sudo chmod u+s \"$(command -v pkexec)\"" },
  { PL_HELPER_CLIENT_ERROR_NO_SETUID_READ_ONLY, &native, fedora,
    "sudo mount -o remount,rw \"$(findmnt -fno TARGET --target \"$(command -v pkexec)\")\" && "
    "sudo chmod u+s \"$(command -v pkexec)\"" },
  { PL_HELPER_CLIENT_ERROR_NOSUID, &for_all, fedora,
    "mount -o remount,bind,suid \"$(findmnt -fno TARGET --target \"$(command -v pkexec)\")\"" },
  { PL_HELPER_CLIENT_ERROR_NO_BUS, &flatpak, fedora, "dbus-run-session flatpak run " PL_APP_ID },
  { PL_HELPER_CLIENT_ERROR_CONFINED, &native, fedora, NULL },
  { PL_HELPER_CLIENT_ERROR_CONFINED, &flatpak, fedora, NULL },
  { PL_HELPER_CLIENT_ERROR_UPDATED, NULL, fedora, NULL },
  { PL_HELPER_CLIENT_ERROR_UPDATED, &for_all, fedora, NULL },
  { PL_HELPER_CLIENT_ERROR_FAILED, &native, fedora, NULL },
};

/* What a person is to type has a row with a button; in a sentence it could not be copied. */
static void
assert_no_line_in (const char *sentence)
{
  static const char *const lines[] = { "flatpak override", "flatpak install", "flatpak repair", "sudo ", "pkttyagent" };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    g_assert_null (strstr (sentence, lines[i]));
}

/* Where a password does not make root, root is to type it; and another user, as the administrator may be, can write there as root alone. */
static void
assert_paste (PlHelperClientError code, const PlFailureWords *words)
{
#define LINE "tcpdump -i any -U -w - | cat > /run/user/1000/portlight/packets-1"
  gboolean is_for_administrators = code == PL_HELPER_CLIENT_ERROR_DENIED || code == PL_HELPER_CLIENT_ERROR_FORBIDDEN
                                   || code == PL_HELPER_CLIENT_ERROR_WRONG_PASSWORD,
           is_for_root = code == PL_HELPER_CLIENT_ERROR_NOSUID, is_elsewhere = code == PL_HELPER_CLIENT_ERROR_CONFINED;

  g_assert_cmpstr (words->paste, ==,
                   is_for_root             ? LINE
                   : is_for_administrators ? "sudo sh -c '" LINE "'"
                                           : "sudo " LINE);
  g_assert_true ((strstr (words->paste_where, "where root is logged in") != NULL) == is_for_root);
  g_assert_true ((strstr (words->paste_where, "a terminal outside of that") != NULL) == is_elsewhere);
}

/* Nothing would take a pipe away that a killed sandbox leaves where nothing may be started outside of it: then there is none. */
static void
test_without_a_pipe (void)
{
  g_autoptr (GError) withheld =
      g_error_new_literal (PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NO_HOST, "It failed."),
                     no_bus = g_error_new_literal (PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NO_BUS, "It failed.");
  g_auto (PlFailureWords) here = { 0 }, another = { 0 }, before = { 0 };

  pl_failure_words (withheld, &flatpak, &(PlFailureHost){ 0 }, &here);
  g_assert_cmpstr (here.paste, ==, "sudo tcpdump -i any -U -w - | flatpak run " PL_APP_ID " --this-computer -");
  g_assert_nonnull (strstr (here.paste_where, "This window shows"));
  pl_failure_words (no_bus, NULL, &(PlFailureHost){ 0 }, &before);
  g_assert_nonnull (strstr (before.tried, "to start portlight-helper")); /* found it is */
  pl_failure_words (no_bus, &flatpak, &(PlFailureHost){ 0 }, &another);
  g_assert_cmpstr (another.paste, ==, here.paste);
  g_assert_nonnull (strstr (another.paste_where, "Another window shows"));
}

static void
test_commands (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (PL_HELPER_CLIENT_ERROR, cases[i].code, "It failed. Type: sudo x");
      g_auto (PlFailureWords) words = { 0 };

      PlFailureHost host = { .os_release = cases[i].os_release,
                             .origin = cases[i].origin,
                             .pipe = "/run/user/1000/portlight/packets-1",
                             .pid = 4711 };

      pl_failure_words (error, cases[i].launch, &host, &words);
      g_assert_cmpstr (words.command, ==, cases[i].command);
      assert_paste (cases[i].code, &words);
      g_assert_nonnull (words.mend);
      if (cases[i].code != PL_HELPER_CLIENT_ERROR_FAILED && cases[i].code != PL_HELPER_CLIENT_ERROR_NOT_FOUND)
        assert_no_line_in (words.why);
      assert_no_line_in (words.mend);
      g_assert_true (g_str_has_prefix (words.tried, "Tried: "));
      g_assert_true (pl_failure_needs_mending (error));
      gboolean is_copied = words.command != NULL && g_str_has_prefix (words.command, "sudo flatpak install --system ");

      g_assert_true (words.must_quit
                     == (is_copied || cases[i].code == PL_HELPER_CLIENT_ERROR_UPDATED
                         || cases[i].code == PL_HELPER_CLIENT_ERROR_NO_HOST
                         || cases[i].code == PL_HELPER_CLIENT_ERROR_NO_BUS));
      g_assert_true ((strstr (words.mend, "then quit it and open it anew") != NULL) == is_copied);
      if (words.command != NULL)
        g_assert_true ((strstr (words.mend, "Then open it anew") != NULL)
                       == (strstr (words.command, "flatpak kill ") != NULL));
    }
}

/* To quit takes all windows away: what ends with them is said. */
static void
test_must_quit (void)
{
  g_autoptr (GError) error = g_error_new_literal (PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_UPDATED, "It failed.");
  g_auto (PlFailureWords) alone = { 0 }, busy = { 0 };

  pl_failure_words (error, &for_all, &(PlFailureHost){ 0 }, &alone);
  pl_failure_words (error, &for_all, &(PlFailureHost){ .is_busy_elsewhere = TRUE }, &busy);
  g_assert_nonnull (strstr (alone.mend, "then open it again"));
  g_assert_null (strstr (alone.mend, "just now ends"));
  g_assert_nonnull (strstr (busy.mend, "captures or reads just now ends"));
}

static guint
count (const char *text, const char *word)
{
  guint n = 0;

  for (; (text = strstr (text, word)) != NULL; text++)
    n++;
  return n;
}

/* What is the matter once, and once what to do about it. */
static void
test_missing (void)
{
  g_autoptr (GError) error = g_error_new_literal (
      PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NOT_FOUND,
      "Packets cannot be captured: /usr/libexec/portlight-helper is missing. Install Portlight again, all of it.");
  g_auto (PlFailureWords) words = { 0 };

  pl_failure_words (error, NULL, &(PlFailureHost){ .pid = 1 }, &words);
  g_assert_cmpstr (words.why, ==, "/usr/libexec/portlight-helper is missing.");
  g_assert_cmpuint (count (words.mend, "Install Portlight again"), ==, 1);
}

/* A folder may be called anything: what is pasted into a shell is one word. */
static void
test_quoting (void)
{
  g_autoptr (GError) error = g_error_new_literal (PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_FAILED, "It failed."),
                     denied = g_error_new_literal (PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_DENIED, "It failed.");
  g_auto (PlFailureWords) words = { 0 }, nested = { 0 }, without = { 0 };

  pl_failure_words (error, &native, &(PlFailureHost){ .pipe = "/tmp/a b;$(x)'", .pid = 1 }, &words);
  g_assert_cmpstr (words.paste, ==, "sudo tcpdump -i any -U -w - | cat > '/tmp/a b;$(x)'\\'''");
  pl_failure_words (denied, &native, &(PlFailureHost){ .pipe = "/tmp/a b", .pid = 1 }, &nested);
  g_assert_cmpstr (nested.paste, ==, "sudo sh -c 'tcpdump -i any -U -w - | cat > '\\''/tmp/a b'\\'''");
  pl_failure_words (error, &native, &(PlFailureHost){ .pid = 1 }, &without);
  g_assert_null (without.paste);
}

/* Word for word what the system will ask, old polkit and new. */
static void
test_prompt (void)
{
  PlHelperLaunch launch = for_all;
  g_autofree char *old = pl_permission_words_prompt (&launch), *new = NULL, *built = NULL, *unknown = NULL;

  launch.path =
      (char *)"/var/lib/flatpak/app/" PL_APP_ID "/x86_64/stable/0123456789abcdef/files/libexec/portlight-helper";
  launch.names_command = TRUE;
  new = pl_permission_words_prompt (&launch);
  g_assert_nonnull (strstr (old,
                            "“Authentication is needed to run `/var/lib/flatpak/x/libexec/portlight-helper' as the "
                            "super user”"));
  g_assert_nonnull (strstr (new, "“Authentication is needed to run `/var/lib/flatpak/app/io.github.portlig ... "
                                 "files/libexec/portlight-helper -i any' as the super user”"));
  g_assert_true (g_str_has_suffix (new, launch.path));
  launch = native;
  built = pl_permission_words_prompt (&launch);
  g_assert_nonnull (strstr (built, "`/usr/libexec/portlight-helper' as"));
  launch.names_command = TRUE;
  unknown = pl_permission_words_prompt (&launch);
  g_assert_nonnull (strstr (unknown, "`/usr/libexec/portlight-helper -i any' as"));
}

/* A catalogue of polkit's with one message, as msgfmt(1) writes it: header, two tables of length and offset, the strings. */
static void
write_catalogue (const char *path, const char *message, const char *translation)
{
  static const char info[] = "Content-Type: text/plain; charset=UTF-8\n";
  const char *strings[] = { "", message, info, translation };
  guint32 numbers[15] = { 0x950412de, 0, 2, 28, 44 }, at = sizeof numbers;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  for (guint i = 0; i < 4; i++)
    {
      numbers[7 + 2 * i] = (guint32)strlen (strings[i]);
      numbers[8 + 2 * i] = at;
      at += numbers[7 + 2 * i] + 1;
    }
  g_byte_array_append (bytes, (const guint8 *)numbers, sizeof numbers);
  for (guint i = 0; i < 4; i++)
    g_byte_array_append (bytes, (const guint8 *)strings[i], (guint)strlen (strings[i]) + 1);
  g_assert_true (g_file_set_contents (path, (const char *)bytes->data, bytes->len, NULL));
}

static gboolean
has_program (const char *name)
{
  g_autofree char *path = g_find_program_in_path (name);

  return path != NULL;
}

/* In @folder, for this program and those it starts. */
static gboolean
make_german (const char *folder)
{
  g_autofree char *locale = g_build_filename (folder, "de_DE.UTF-8", NULL);
  const char *argv[] = { "localedef", "-i", "de_DE", "-f", "UTF-8", locale, NULL };

  if (!has_program ("localedef")
      || !g_spawn_sync (NULL, (char **)argv, NULL,
                        G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL,
                        NULL, NULL, NULL))
    return FALSE;
  g_setenv ("LOCPATH", folder, TRUE);
  return setlocale (LC_ALL, "de_DE.UTF-8") != NULL;
}

static void
assert_prompt (const char *lang, const char *languages, const char *words)
{
  g_autofree char *prompt = NULL;

  g_setenv ("LANG", lang, TRUE);
  g_setenv ("LANGUAGE", languages, TRUE);
  prompt = pl_permission_words_prompt (&native);
  g_assert_nonnull (strstr (prompt, words));
}

static void
remove_tree (const char *path)
{
  const char *argv[] = { "rm", "-rf", path, NULL };

  g_assert_true (g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL));
}

/* The system asks in the language that LANG names, with polkit's own translation, whatever LANGUAGE says (polkit 122, seen). */
static void
test_prompt_in_another_language (void)
{
  static const char english[] = "“Authentication is needed to run `/usr/libexec/portlight-helper' as the super user”",
                    german[] = "“Um »/usr/libexec/portlight-helper« auszuführen …”";
  g_autofree char *folder = g_dir_make_tmp ("pl-test-words-XXXXXX", NULL),
                  *messages = g_build_filename (folder, "de", "LC_MESSAGES", NULL),
                  *file = g_build_filename (messages, "polkit-1.mo", NULL);

  g_assert_cmpint (g_mkdir_with_parents (messages, 0700), ==, 0);
  write_catalogue (file, "Authentication is needed to run `$(program)' as the super user",
                   "Um »$(program)« auszuführen …");
  bindtextdomain ("polkit-1", folder);
  assert_prompt ("C", "de", english);
  if (!has_program ("gettext"))
    g_test_skip ("there is no gettext(1)");
  else if (setlocale (LC_ALL, "C.UTF-8") != NULL)
    assert_prompt ("C.UTF-8", "de", english); /* in which gettext(3) would translate */
  if (!make_german (folder))
    g_test_skip ("there is no localedef(1) with its sources: no language was tried but English");
  else
    {
      assert_prompt ("de_DE.UTF-8", "", german);
      if (has_program ("gettext"))
        assert_prompt ("de_DE.UTF-8", "en", german);
      setlocale (LC_ALL, "C");
      if (has_program ("gettext"))
        assert_prompt ("de_DE.UTF-8", "", german); /* LC_ALL, which is not the system's affair */
    }
  setlocale (LC_ALL, "C");
  for (const char *name = "LANG\0LANGUAGE\0LOCPATH\0"; *name != '\0'; name += strlen (name) + 1)
    g_unsetenv (name);
  remove_tree (folder);
}

static char *
say_lacks (const char *context, const char *policy)
{
  g_autoptr (GKeyFile) info = g_key_file_new ();
  g_autofree char *text = g_strdup_printf ("[Context]\n%s\n[Session Bus Policy]\n%s\n", context, policy);

  g_assert_true (g_key_file_load_from_data (info, text, -1, G_KEY_FILE_NONE, NULL));
  return pl_sandbox_words_lacks (info);
}

#define ALL_BUT(devices, shared) \
  "devices=" devices ";\nshared=" shared ";\nsockets=wayland;fallback-x11;\nfilesystems=/sys/fs/cgroup:ro;"

static void
test_lacks (void)
{
  const char *host = "org.freedesktop.Flatpak=talk";
  g_autofree char *nothing = say_lacks (ALL_BUT ("dri", "network;ipc"), host),
                  *wide = say_lacks (ALL_BUT ("all", "network;ipc"), host),
                  *dri = say_lacks (ALL_BUT ("", "network;ipc"), host),
                  *ipc = say_lacks (ALL_BUT ("dri", "network"), host), *much = say_lacks ("", ""),
                  *bus = say_lacks (ALL_BUT ("dri", "network;ipc") "\nsockets=wayland;fallback-x11;session-bus;",
                                    "org.freedesktop.Flatpak=none");

  g_assert_null (nothing);
  g_assert_null (wide);
  g_assert_null (bus); /* all of the bus: that name, too */
  g_assert_nonnull (strstr (dri, "drawing takes longer\n  flatpak override --user --device=dri " PL_APP_ID "\n"));
  g_assert_null (strstr (dri, "--share=ipc"));
  g_assert_nonnull (strstr (ipc, "  flatpak override --user --share=ipc " PL_APP_ID "\n"));
  for (const char *permission = "--share=network\0--share=ipc\0--device=dri\0--socket=wayland\0--socket=fallback-x11\0"
                                "--talk-name=org.freedesktop.Flatpak\0";
       *permission != '\0'; permission += strlen (permission) + 1)
    {
      g_autofree char *line = g_strdup_printf ("\n  flatpak override --user %s " PL_APP_ID "\n", permission);

      g_assert_nonnull (strstr (much, line));
    }
}

/* With all of its sockets no permission is to blame, and with one of them only the other. */
static void
test_display (void)
{
  static const struct
  {
    const char *sockets, *command;
  } given[] = {
    { "wayland;fallback-x11;", NULL },
    { "x11;wayland;", NULL },
    { "wayland;", "of X11, allow it with “flatpak override --user --socket=fallback-x11 " PL_APP_ID "”." },
    { "fallback-x11;", "of Wayland, allow it with “flatpak override --user --socket=wayland " PL_APP_ID "”." },
    { "", "“flatpak override --user --socket=wayland --socket=fallback-x11 " PL_APP_ID "”." },
  };

  for (guint i = 0; i < G_N_ELEMENTS (given); i++)
    {
      g_autoptr (GKeyFile) info = g_key_file_new ();

      g_key_file_set_string (info, "Context", "sockets", given[i].sockets);
      g_autofree char *said = pl_sandbox_words_display (info);
      g_assert_true ((said == NULL) == (given[i].command == NULL));
      if (said != NULL)
        g_assert_nonnull (strstr (said, given[i].command));
    }
}

/* An empty folder is Flatpak's doing where the permission lacks, and else the computer's. */
static void
test_cgroups (void)
{
  static const struct
  {
    const char *filesystems;
    PlRightsCgroups cgroups;
  } given[] = {
    { "/sys/fs/cgroup:ro;", PL_RIGHTS_CGROUPS_NONE },
    { "home;/sys/fs/cgroup;", PL_RIGHTS_CGROUPS_NONE },
    { "/sys/fs/cgroups:ro;", PL_RIGHTS_CGROUPS_WITHHELD },
    { "!/sys/fs/cgroup;", PL_RIGHTS_CGROUPS_WITHHELD },
    { "", PL_RIGHTS_CGROUPS_WITHHELD },
  };
  g_autofree char *folder = g_dir_make_tmp ("pl-test-words-XXXXXX", NULL),
                  *inside = g_build_filename (folder, "system.slice", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (given); i++)
    {
      g_autoptr (GKeyFile) info = g_key_file_new ();

      g_key_file_set_string (info, "Context", "filesystems", given[i].filesystems);
      g_assert_cmpint (pl_rights_get_cgroups_in (info, folder), ==, given[i].cgroups);
      g_assert_cmpint (pl_rights_get_cgroups_in (info, inside), ==, given[i].cgroups);
      g_assert_cmpint (g_mkdir (inside, 0700), ==, 0);
      g_assert_cmpint (pl_rights_get_cgroups_in (info, folder), ==, PL_RIGHTS_CGROUPS_SEEN);
      g_assert_cmpint (g_rmdir (inside), ==, 0);
    }
  g_assert_cmpint (pl_rights_get_cgroups_in (NULL, folder), ==, PL_RIGHTS_CGROUPS_SEEN);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_needs_no_mending (void)
{
  static const PlHelperClientError codes[] = { PL_HELPER_CLIENT_ERROR_DISMISSED, PL_HELPER_CLIENT_ERROR_TAKEN,
                                               PL_HELPER_CLIENT_ERROR_ENDED };
  g_autoptr (GError) other = g_error_new_literal (G_IO_ERROR, 0, "It failed.");

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (PL_HELPER_CLIENT_ERROR, codes[i], "It failed.");

      g_assert_false (pl_failure_needs_mending (error));
    }
  g_assert_false (pl_failure_needs_mending (other));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/failure-words/commands", test_commands);
  g_test_add_func ("/failure-words/without-a-pipe", test_without_a_pipe);
  g_test_add_func ("/failure-words/must-quit", test_must_quit);
  g_test_add_func ("/failure-words/missing", test_missing);
  g_test_add_func ("/failure-words/quoting", test_quoting);
  g_test_add_func ("/failure-words/needs-no-mending", test_needs_no_mending);
  g_test_add_func ("/permission-words/prompt", test_prompt);
  g_test_add_func ("/permission-words/prompt-in-another-language", test_prompt_in_another_language);
  g_test_add_func ("/sandbox-words/lacks", test_lacks);
  g_test_add_func ("/sandbox-words/display", test_display);
  g_test_add_func ("/sandbox-words/cgroups", test_cgroups);
  return g_test_run ();
}
