/* See failure-words.h. No widget, no clock; of files only whether this is a sandbox, and whose. */
#include <glib/gi18n.h>
#include <string.h>

#include "failure-words.h"
#include "flatpak-origin.h"
#include "flatpak.h"
#include "helper-client.h"

gboolean
pl_failure_needs_mending (const GError *error)
{
  return error->domain == PL_HELPER_CLIENT_ERROR && error->code != PL_HELPER_CLIENT_ERROR_DISMISSED
         && error->code != PL_HELPER_CLIENT_ERROR_TAKEN && error->code != PL_HELPER_CLIENT_ERROR_ENDED;
}

/* Whether ID or ID_LIKE of os-release(5) name @id. */
static gboolean
is_system (const char *os_release, const char *id)
{
  g_auto (GStrv) lines = g_strsplit (os_release != NULL ? os_release : "", "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], "ID=") || g_str_has_prefix (lines[i], "ID_LIKE="))
      {
        g_auto (GStrv) words = g_strsplit_set (strchr (lines[i], '=') + 1, " \"'", -1);

        if (g_strv_contains ((const char *const *)words, id))
          return TRUE;
      }
  return FALSE;
}

/* The package of pkexec(1): its own in Debian 12 and Ubuntu 23.10, else with polkit. */
static const char *
get_pkexec_install (const char *os_release)
{
  if (is_system (os_release, "debian") || is_system (os_release, "ubuntu"))
    return "sudo apt install pkexec || sudo apt install policykit-1";
  if (is_system (os_release, "fedora") || is_system (os_release, "rhel"))
    return "sudo dnf install polkit";
  if (is_system (os_release, "suse") || is_system (os_release, "opensuse"))
    return "sudo zypper install polkit pkexec";
  if (is_system (os_release, "arch"))
    return "sudo pacman -S polkit";
  if (is_system (os_release, "alpine"))
    return "sudo apk add polkit";
  return NULL;
}

/* What a bundle names to be updated from gets a name of Flatpak's own (flatpak_dir_create_origin_remote() of flatpak-dir.c); who
 * installed it has the bundle, and may have no description of the repository. */
static gboolean
came_as_bundle (const char *origin)
{
  return *origin == '\0' || g_str_has_suffix (origin, "-origin");
}

/* It may be there for all users already, and then Flatpak refuses to install the same version, or its other source. */
#define THEN_FOR_NOBODY_ALONE "; flatpak info --system " PL_APP_ID " && flatpak uninstall --user " PL_APP_ID

const char *
pl_failure_install_for_all (const PlHelperLaunch *launch, const char *origin)
{
  if (!pl_flatpak_origin_is_of_one_user (launch->path, PL_FLATPAK_FILES))
    return NULL;
  if (origin == NULL)
    return "sudo flatpak install --system \"$(ls ./portlight.flatpak ./portlight.flatpakref 2>/dev/null | head -n "
           "1)\"" THEN_FOR_NOBODY_ALONE;
  if (came_as_bundle (origin))
    return "sudo flatpak install --system ./portlight.flatpak" THEN_FOR_NOBODY_ALONE;
  return "sudo flatpak install --system --from ./portlight.flatpakref" THEN_FOR_NOBODY_ALONE;
}

/* Sets what to do and, where there is one, the line that does it. */
static void
set_mend (PlFailureWords *words, const char *mend, char *command)
{
  words->mend = g_strdup (mend);
  words->command = command;
}

static const char *
get_mend_for_all (const char *origin)
{
  if (origin == NULL)
    return _ (
        "Install Portlight for all users, where programs may run, then quit it and open it anew. This line installs "
        "it, in the folder with its bundle (portlight.flatpak) or with the project’s portlight.flatpakref; your "
        "settings stay:");
  if (came_as_bundle (origin))
    return _ ("Install Portlight for all users, where programs may run, then quit it and open it anew. In the folder "
              "with its bundle (portlight.flatpak) this line installs it; your settings stay:");
  return _ ("Install Portlight for all users, where programs may run, then quit it and open it anew. In the folder "
            "with the project’s portlight.flatpakref this line installs it; your settings stay:");
}

/* Its disk may run no program: a user's has another beside it, the system's can be told to. */
static void
say_mend_of_disk (PlFailureWords *words, const PlHelperLaunch *launch, const char *origin)
{
  const char *command = pl_failure_install_for_all (launch, origin);
  g_autofree char *quoted = g_shell_quote (launch->path);

  if (launch->runs_for_us)
    set_mend (words, _ ("Install Portlight where root can reach it, such as below /usr/local. Then start that one."),
              NULL);
  else if (launch->lacks_x)
    set_mend (words, _ ("This line lets it be executed. Then try again."),
              g_strdup_printf ("%schmod 755 %s", command != NULL ? "" : "sudo ", quoted));
  else if (command != NULL)
    {
      words->must_quit = TRUE; /* what runs is not the one for all users, and Flatpak has moved it away by then */
      set_mend (words, get_mend_for_all (origin), g_strdup (command));
    }
  else
    set_mend (words, _ ("Until this computer starts again, this line lets programs run from that disk:"),
              g_strdup_printf ("sudo mount -o remount,bind,exec \"$(findmnt -fno TARGET --target %s)\"", quoted));
}

#define END "flatpak kill " PL_APP_ID "; "

/* A bundle that names no repository leaves no remote behind from which “flatpak repair” or an install by name could fetch anything, and of the version
 * that is there Flatpak 1.14 says “already installed”, --reinstall or not. Where it is not known which it was, the line tries
 * both. What runs is ended first: Flatpak would move it away, and of a version that it has moved away already it then fails halfway
 * (“Directory not empty”) and leaves neither. */
static char *
build_install (const char *path, const char *origin)
{
  gboolean is_of_one_user = pl_flatpak_origin_is_of_one_user (path, PL_FLATPAK_FILES);
  const char *where = is_of_one_user ? "--user" : "--system", *sudo = is_of_one_user ? "" : "sudo ";
  g_autofree char *bundle = g_strdup_printf ("ls ./portlight.flatpak && { " END "%1$sflatpak uninstall %2$s " PL_APP_ID
                                             " && %1$sflatpak install %2$s ./portlight.flatpak; }",
                                             sudo, where),
                  *unknown = g_strdup_printf ("\"$(flatpak info %s --show-origin " PL_APP_ID ")\"", where),
                  *remote = g_strdup_printf (END "%sflatpak install %s --reinstall %s " PL_APP_ID, sudo, where,
                                             origin != NULL ? origin : unknown);

  if (origin == NULL)
    return g_strdup_printf ("%s || { %s; }", remote, bundle);
  return *origin == '\0' ? g_steal_pointer (&bundle) : g_steal_pointer (&remote);
}

static const char *
get_mend_of_install (const char *origin)
{
  if (origin == NULL)
    return _ (
        "Install Portlight again. This line ends it and does that; if it came as a bundle (portlight.flatpak), in "
        "the folder with that. Then open it anew; your settings stay:");
  if (*origin == '\0')
    return _ ("Install Portlight again. In the folder with its bundle (portlight.flatpak) this line ends it and does "
              "that. Then open it anew; your settings stay:");
  return _ ("Install Portlight again, from where it came. This line ends it and does that. Then open it anew; your "
            "settings stay:");
}

static const char *
get_mend_of_machine (const char *origin)
{
  if (origin == NULL)
    return _ ("Install Portlight again, as it was built for this computer. This line ends it and does that; if it came "
              "as a bundle (portlight.flatpak), in the folder with one for this computer. Then open it anew; your "
              "settings stay:");
  if (*origin == '\0')
    return _ ("Install Portlight again, from a bundle that was built for this computer. In its folder this line ends "
              "it and does that. Then open it anew; your settings stay:");
  return _ ("Install Portlight again, from where it came: this line ends it and fetches what was built for this "
            "computer. Then open it anew; your settings stay:");
}

char *
pl_failure_agent_line (int pid)
{
  /* The name is as long as the kernel keeps it. */
  return pid > 0 ? g_strdup_printf ("pkttyagent --process %d", pid)
                 : g_strdup ("pkttyagent --process \"$(pgrep -n -u \"$(id -u)\" -x flatpak-session)\"");
}

static void
say_mend_in_flatpak (PlFailureWords *words, const PlHelperLaunch *launch, const char *origin, const GError *error)
{
  const char *path = launch != NULL ? launch->path : error->message;

  switch (error->code)
    {
    case PL_HELPER_CLIENT_ERROR_NO_HOST:
      words->must_quit = TRUE;
      set_mend (words, _ ("Allow it with this line in a terminal, then start Portlight again:"),
                g_strdup (PL_FLATPAK_GRANT_HOST));
      return;
    case PL_HELPER_CLIENT_ERROR_NO_BUS:
      words->must_quit = TRUE;
      set_mend (words, _ ("Quit Portlight, and start it from the desktop, or with this line in a terminal:"),
                g_strdup (PL_HELPER_HOST_ON_BUS));
      return;
    case PL_HELPER_CLIENT_ERROR_NOT_RUNNABLE:
      say_mend_of_disk (words, launch, origin);
      return;
    case PL_HELPER_CLIENT_ERROR_OTHER_MACHINE:
      set_mend (words, get_mend_of_machine (origin), build_install (path, origin));
      return;
    case PL_HELPER_CLIENT_ERROR_NO_AGENT:
      set_mend (words, _ ("Keep this line running in a terminal: it asks for the password there. Then try again."),
                pl_failure_agent_line (0));
      return;
    case PL_HELPER_CLIENT_ERROR_NOT_FOUND:
    case PL_HELPER_CLIENT_ERROR_TOO_OLD:
      set_mend (words, get_mend_of_install (origin), build_install (path, origin));
      return;
    default:
      break;
    }
}

/* A rule of polkit’s general action may look at the program, which polkit cannot be asked about (helper-launch.c): then the
 * person knows better what happened. */
static void
say_mend_of_denial (PlFailureWords *words, const PlHelperLaunch *launch, int code)
{
  if (code == PL_HELPER_CLIENT_ERROR_WRONG_PASSWORD)
    set_mend (words,
              _ ("Try again with an administrator’s password. Who has none can let an administrator run the line under "
                 "“Other Ways”. If no password was asked for, a rule of this computer (polkit) refuses."),
              NULL);
  else if (code == PL_HELPER_CLIENT_ERROR_DENIED)
    set_mend (
        words,
        _ ("If a password was asked for, it was wrong: try again. If none was, ask the administrator to allow it, "
           "or to run the line under “Other Ways”."),
        NULL);
  else if (launch != NULL && launch->has_policy)
    set_mend (words,
              _ ("A password does not help here. Ask the administrator to allow it, or to run the line under “Other "
                 "Ways”."),
              NULL);
  else
    set_mend (
        words,
        _ ("Ask the administrator to allow it, or to run the line under “Other Ways”. If a password was asked for "
           "all the same, it was wrong: try again."),
        NULL);
}

#define FIND_PKEXEC "\"$(command -v pkexec)\""
#define FIND_DISK "\"$(findmnt -fno TARGET --target " FIND_PKEXEC ")\""

static void
say_mend_of_setuid (PlFailureWords *words, const PlHelperLaunch *launch, int code)
{
  if (code == PL_HELPER_CLIENT_ERROR_NO_SETUID)
    set_mend (words, _ ("This line lets it. Then try again."), g_strdup ("sudo chmod u+s " FIND_PKEXEC));
  else if (code == PL_HELPER_CLIENT_ERROR_NO_SETUID_READ_ONLY)
    set_mend (words,
              _ ("This line lets it, and leaves its disk writable until this computer starts again. Then try again. A "
                 "system whose image nothing can change needs another image."),
              g_strdup ("sudo mount -o remount,rw " FIND_DISK " && sudo chmod u+s " FIND_PKEXEC));
  else if (code == PL_HELPER_CLIENT_ERROR_NOSUID)
    set_mend (
        words,
        _ ("Until this computer starts again, this line lets it. Type it where root is logged in, as at a console: "
           "nothing on that disk makes you root, not even su or sudo. Then try again."),
        g_strdup ("mount -o remount,bind,suid " FIND_DISK));
  else if (launch != NULL && launch->is_flatpak)
    set_mend (
        words,
        _ ("No line here changes that. Ask who set up this session, or use one of the ways below in a terminal of "
           "another one."),
        NULL);
  else
    set_mend (
        words,
        _ ("Quit Portlight and start it from elsewhere, such as the desktop or a terminal outside of that. Or use "
           "one of the ways below there."),
        NULL);
}

static void
say_mend (PlFailureWords *words, const PlHelperLaunch *launch, const PlFailureHost *host, const GError *error)
{
  const char *os_release = host->os_release;

  if (launch != NULL ? launch->is_flatpak : pl_is_flatpak ())
    say_mend_in_flatpak (words, launch, host->origin, error);
  if (words->mend != NULL)
    return;
  switch (error->code)
    {
    case PL_HELPER_CLIENT_ERROR_NO_HOST:
      say_mend_in_flatpak (words, launch, host->origin, error);
      break;
    case PL_HELPER_CLIENT_ERROR_NO_PKEXEC:
      set_mend (words, _ ("Install pkexec, the program that asks for the password. Then try again."),
                g_strdup (get_pkexec_install (os_release)));
      break;
    case PL_HELPER_CLIENT_ERROR_NO_POLKIT:
      /* pkexec had D-Bus start it already, which does not help where its unit is masked */
      set_mend (words,
                _ ("Start polkit with this line in a terminal. Then try again. Where the line fails, as in a "
                   "container or without systemd, one of the ways below may work."),
                g_strdup (is_system (os_release, "alpine")
                              ? "sudo rc-service polkit start"
                              : "sudo systemctl unmask polkit && sudo systemctl start polkit"));
      break;
    case PL_HELPER_CLIENT_ERROR_NO_AGENT:
      set_mend (words, _ ("Keep this line running in a terminal: it asks for the password there. Then try again."),
                pl_failure_agent_line (host->pid));
      break;
    case PL_HELPER_CLIENT_ERROR_DENIED:
    case PL_HELPER_CLIENT_ERROR_WRONG_PASSWORD:
    case PL_HELPER_CLIENT_ERROR_FORBIDDEN:
      say_mend_of_denial (words, launch, error->code);
      break;
    case PL_HELPER_CLIENT_ERROR_NO_SETUID:
    case PL_HELPER_CLIENT_ERROR_NO_SETUID_READ_ONLY:
    case PL_HELPER_CLIENT_ERROR_NOSUID:
    case PL_HELPER_CLIENT_ERROR_CONFINED:
      say_mend_of_setuid (words, launch, error->code);
      break;
    case PL_HELPER_CLIENT_ERROR_UPDATED:
      words->must_quit = TRUE;
      set_mend (
          words,
          host->is_busy_elsewhere
              ? _ ("Quit Portlight, then open it again: it does not come back by itself. All its windows close, and "
                   "what another of them captures or reads just now ends. If it does not open, install it again.")
              : _ ("Quit Portlight, then open it again: it does not come back by itself. All its windows close. "
                   "If it does not open, install it again."),
          NULL);
      break;
    case PL_HELPER_CLIENT_ERROR_NO_RIGHT:
      set_mend (words, _ ("If this is a container, add this to the command that starts it:"),
                g_strdup ("--cap-add=NET_RAW"));
      break;
    case PL_HELPER_CLIENT_ERROR_NOT_RUNNABLE:
      say_mend_of_disk (words, launch, NULL);
      break;
    case PL_HELPER_CLIENT_ERROR_NOT_FOUND:
    case PL_HELPER_CLIENT_ERROR_TOO_OLD:
    case PL_HELPER_CLIENT_ERROR_OTHER_MACHINE:
      set_mend (words,
                _ ("Install Portlight again, all of it, the way it was installed. From its source code that is:"),
                g_strdup ("meson compile -C build && sudo meson install -C build"));
      break;
    default:
      set_mend (words, _ ("Try again. If it fails the same way, one of the ways below may work."), NULL);
    }
}

/* Translators: what was tried, in its order */
static char *
say_tried (const PlHelperLaunch *launch, int code)
{
  if (launch == NULL && (code == PL_HELPER_CLIENT_ERROR_NO_HOST || code == PL_HELPER_CLIENT_ERROR_NO_BUS))
    return g_strdup (_ ("Tried: to start portlight-helper, the small program that opens the interface."));
  if (launch == NULL)
    return g_strdup (_ ("Tried: to find portlight-helper, the small program that opens the interface."));
  if (launch->is_flatpak)
    return g_strdup_printf (_ ("Tried: to start %s outside the sandbox, with pkexec."), launch->path);
  if (launch->is_direct)
    return g_strdup_printf (_ ("Tried: to start %s, which has rights of its own."), launch->path);
  if (launch->pkexec == NULL)
    return g_strdup_printf (_ ("Tried: %s has no rights of its own, and there is no pkexec to give it some."),
                            launch->path);
  return g_strdup_printf (_ ("Tried: %1$s has no rights of its own, so %2$s was asked to start it."), launch->path,
                          launch->pkexec);
}

/* (transfer full): without what to do about it, which the words of a helper that is missing go on with. */
static char *
dup_what_failed (const char *message)
{
  /* Translators: how the words for a helper that is missing begin, as in “Packets cannot be captured: %s is missing. […]” */
  const char *cannot = _ ("Packets cannot be captured: ");
  /* Translators: and how they end */
  const char *install_again = _ (" Install Portlight again, all of it.");
  const char *from = g_str_has_prefix (message, cannot) ? message + strlen (cannot) : message;
  const char *end = g_strrstr (from, install_again);

  return end != NULL ? g_strndup (from, (gsize)(end - from)) : g_strdup (message);
}

char *
pl_failure_why (const GError *error, const PlHelperLaunch *launch)
{
  const char *path = launch != NULL ? launch->path : "portlight-helper";

  switch (error->domain == PL_HELPER_CLIENT_ERROR ? error->code : PL_HELPER_CLIENT_ERROR_FAILED)
    {
    case PL_HELPER_CLIENT_ERROR_NO_SETUID:
      return g_strdup (
          _ ("pkexec, which asks for the password, may not become the administrator: its file is not marked "
             "for that (setuid)."));
    case PL_HELPER_CLIENT_ERROR_NO_SETUID_READ_ONLY:
      return g_strdup (
          _ ("pkexec, which asks for the password, may not become the administrator: its file is not marked "
             "for that (setuid), and its disk is mounted read-only."));
    case PL_HELPER_CLIENT_ERROR_NOSUID:
      return g_strdup (_ ("pkexec, which asks for the password, may not become the administrator: its disk is mounted "
                          "with “nosuid”, so that no program on it may."));
    case PL_HELPER_CLIENT_ERROR_CONFINED:
      if (launch != NULL && launch->is_flatpak)
        return g_strdup (
            _ ("pkexec, which asks for the password, may not become the administrator: what starts programs "
               "for Flatpaks in this session lets none gain rights (no_new_privs, or a container)."));
      return g_strdup (_ ("pkexec, which asks for the password, may not become the administrator: what Portlight was "
                          "started by lets no program gain rights (no_new_privs, or a container)."));
    case PL_HELPER_CLIENT_ERROR_UPDATED:
      return g_strdup (_ ("Portlight was updated or removed while it ran, and its helper went with the old version."));
    case PL_HELPER_CLIENT_ERROR_NO_HOST:
      return g_strdup (_ ("Flatpak does not let Portlight start its helper outside the sandbox."));
    case PL_HELPER_CLIENT_ERROR_NO_BUS:
      return g_strdup (_ ("There is no session bus (D-Bus), by which a Flatpak reaches the computer."));
    case PL_HELPER_CLIENT_ERROR_NO_PKEXEC:
      return g_strdup (_ ("pkexec, which asks for the password, is not installed on this computer."));
    case PL_HELPER_CLIENT_ERROR_NO_AGENT:
      return g_strdup (_ ("No program here can ask for the password (a polkit agent is missing)."));
    case PL_HELPER_CLIENT_ERROR_NO_POLKIT:
      return g_strdup (_ ("polkit, which asks for the password, does not run."));
    case PL_HELPER_CLIENT_ERROR_DENIED:
      return g_strdup (
          _ ("Either the password was wrong, or the rules of this computer (polkit) do not let this user capture: "
             "neither pkexec nor polkit tells which."));
    case PL_HELPER_CLIENT_ERROR_WRONG_PASSWORD:
      return g_strdup (_ ("The system asked for a password, and was not given the right one."));
    case PL_HELPER_CLIENT_ERROR_FORBIDDEN:
      return g_strdup (_ ("The rules of this computer (polkit) do not let this user capture."));
    case PL_HELPER_CLIENT_ERROR_NOT_RUNNABLE:
      if (launch != NULL && launch->runs_for_us)
        /* Translators: a file’s path */
        return g_strdup_printf (
            _ ("%s lies where the administrator (root) cannot reach it, such as in a home folder on another "
               "computer or in an encrypted one."),
            path);
      if (launch != NULL && launch->lacks_x)
        /* Translators: a file’s path */
        return g_strdup_printf (_ ("%s may not be executed: its file does not allow it to anybody."), path);
      /* Translators: a file’s path */
      return g_strdup_printf (_ ("This computer does not let %s run as administrator, as when its disk is mounted with "
                                 "“noexec” or is hidden from root."),
                              path);
    case PL_HELPER_CLIENT_ERROR_OTHER_MACHINE:
      /* Translators: a file’s path */
      return g_strdup_printf (_ ("%s is for another kind of processor than this computer’s, or the file is damaged."),
                              path);
    case PL_HELPER_CLIENT_ERROR_NO_RIGHT:
      return g_strdup (
          _ ("Even the administrator has no right to capture here, as in a container without CAP_NET_RAW."));
    case PL_HELPER_CLIENT_ERROR_TOO_OLD:
      /* Translators: a file’s path */
      return g_strdup_printf (_ ("%s is of another version than this program."), path);
    default:
      return dup_what_failed (error->message);
    }
}

/* Where to type the line whose output Portlight reads, and what comes of it. */
static const char *
say_paste_where (int code)
{
  switch (code)
    {
    case PL_HELPER_CLIENT_ERROR_NOSUID:
      return _ ("Type this line where root is logged in, as at a console. This window shows what it captures, until "
                "you stop either.");
    case PL_HELPER_CLIENT_ERROR_CONFINED:
      return _ ("Paste this line into a terminal outside of that. This window shows what it "
                "captures, until you stop either.");
    case PL_HELPER_CLIENT_ERROR_NO_BUS:
      return _ ("Paste this line into a terminal. Another window shows what it captures, until you stop either.");
    default:
      return _ ("Paste this line into a terminal. This window shows what it captures, until you stop either.");
    }
}

#define TCPDUMP "tcpdump -i any -U -w - | cat > " /* by way of cat: a confined tcpdump may not write to files */

/* (transfer full): the line that writes into @pipe; (nullable): a shell's word. An administrator who is another user may not write there,
 * unless as root. */
static char *
build_paste (int code, const char *pipe, gboolean is_flatpak)
{
  g_autofree char *command = NULL, *quoted = NULL;

  if (pipe == NULL)
    return is_flatpak ? g_strdup (PL_HELPER_HOST_PIPE) : NULL;
  command = g_strconcat (TCPDUMP, pipe, NULL);
  switch (code)
    {
    case PL_HELPER_CLIENT_ERROR_NOSUID:
      return g_steal_pointer (&command);
    case PL_HELPER_CLIENT_ERROR_DENIED:
    case PL_HELPER_CLIENT_ERROR_WRONG_PASSWORD:
    case PL_HELPER_CLIENT_ERROR_FORBIDDEN:
      quoted = g_shell_quote (command);
      return g_strdup_printf ("sudo sh -c %s", quoted);
    default:
      return g_strdup_printf ("sudo %s", command);
    }
}

void
pl_failure_words (const GError *error, const PlHelperLaunch *launch, const PlFailureHost *host, PlFailureWords *words)
{
  const char *pipe = host->pipe;
  gboolean is_flatpak = launch != NULL ? launch->is_flatpak : pl_is_flatpak ();
  gboolean is_plain = pipe != NULL && pipe[strspn (pipe, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "/._-")] == '\0';
  g_autofree char *quoted = pipe == NULL ? NULL : is_plain ? g_strdup (pipe) : g_shell_quote (pipe);

  *words = (PlFailureWords){ .why = pl_failure_why (error, launch), .tried = say_tried (launch, error->code) };
  say_mend (words, launch, host, error);
  words->paste = build_paste (error->code, quoted, is_flatpak);
  words->paste_where = say_paste_where (error->code);
}

void
pl_failure_words_clear (PlFailureWords *words)
{
  g_clear_pointer (&words->why, g_free);
  g_clear_pointer (&words->tried, g_free);
  g_clear_pointer (&words->mend, g_free);
  g_clear_pointer (&words->command, g_free);
  g_clear_pointer (&words->paste, g_free);
}
