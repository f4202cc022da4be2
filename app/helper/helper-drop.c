/* How portlight-helper gives up its rights: stages in a fixed order, each read back from the kernel, each final, or it ends.
 *   enter   before anything is read from outside: only descriptors 0 to 2, no environment, not dumpable
 *   narrow  of all capabilities only those that opening and leaving need
 *   leave   the sockets are open: another uid and gid, no groups, no capability in any set, no_new_privs
 *   limits  no new descriptor, process, file, core */
#include "helper.h"
#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };

#define NOBODY 65534 /* the kernel's own overflow uid and gid; asking a name service is not for a privileged program */

static void
check (bool ok, const char *what)
{
  if (!ok)
    pl_fail (PL_HELPER_EXIT_FAILED, "cannot give up its rights (%s: %s), so it does not start", what, strerror (errno));
}

static uint64_t
get_permitted (void)
{
  struct __user_cap_data_struct data[2]; /* the low halves first */

  check (syscall (SYS_capget, &header, data) == 0, "capget");
  return data[0].permitted | (uint64_t)data[1].permitted << 32;
}

/* Sets permitted and effective to @set and inheritable to none, and reads all three back. */
static void
set_capabilities (uint64_t set)
{
  struct __user_cap_data_struct data[2] = { { set, set, 0 }, { set >> 32, set >> 32, 0 } }, now[2];

  check (syscall (SYS_capset, &header, data) == 0, "capset");
  check (syscall (SYS_capget, &header, now) == 0, "capget");
  errno = EPERM;
  check (memcmp (data, now, sizeof data) == 0, "capabilities");
}

static void
limit (int resource, rlim_t value)
{
  struct rlimit now = { value, value };

  check (getrlimit (resource, &now) == 0, "getrlimit");
  now.rlim_cur = now.rlim_max = value < now.rlim_max ? value : now.rlim_max;
  check (setrlimit (resource, &now) == 0, "setrlimit");
}

/* Only where we are root it was pkexec, or root, that set the variable. */
static uid_t
find_target (const char *text)
{
  char *end = NULL;
  unsigned long long uid = text != NULL && getuid () == 0 ? strtoull (text, &end, 10) : 0;

  return uid > 0 && uid < UINT32_MAX && *text >= '0' && *text <= '9' && *end == '\0' ? uid : NOBODY;
}

uid_t
pl_drop_enter (void)
{
  uid_t target_uid = find_target (getenv ("PKEXEC_UID"));

  for (int fd = 0; fd <= 2; fd++) /* a socket must not become one of them; with 1 closed, writing is to fail */
    if (fcntl (fd, F_GETFD) < 0 && open ("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_WRONLY) != fd)
      _exit (PL_HELPER_EXIT_FAILED);
  if (getuid () != geteuid () || getgid () != getegid ())
    pl_fail (PL_HELPER_EXIT_FAILED, "must not be setuid or setgid: use file capabilities or pkexec");
  clearenv ();
  if (syscall (SYS_close_range, 3u, ~0u, 0u) != 0)
    for (int fd = 3; fd < 1024; fd++) /* Linux before 5.9 */
      close (fd);
  umask (077);
  check (chdir ("/") == 0, "chdir");
  limit (RLIMIT_CORE, 0);
  check (prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) == 0, "dumpable");
  return target_uid;
}

/* What the next steps need, as far as it is there. */
uint64_t
pl_drop_narrow (uint64_t needed)
{
  uint64_t kept = get_permitted () & (needed | BIT (CAP_SETUID) | BIT (CAP_SETGID) | BIT (CAP_SETPCAP));

  set_capabilities (kept);
  check (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "no_new_privs");
  return kept & needed;
}

static void
leave_root (uid_t target_uid)
{
  uid_t real, effective, saved;

  check (setgroups (0, NULL) == 0, "setgroups");
  check (setresgid (NOBODY, NOBODY, NOBODY) == 0, "setresgid");
  check (setresuid (target_uid, target_uid, target_uid) == 0, "setresuid");
  errno = EPERM;
  check (getgroups (0, NULL) == 0, "groups");
  check (getresgid (&real, &effective, &saved) == 0 && real == NOBODY && effective == NOBODY && saved == NOBODY, "gid");
  check (getresuid (&real, &effective, &saved) == 0 && real == target_uid && effective == real && saved == real, "uid");
}

/* @kept: capabilities that stay; without CAP_SETPCAP the bounding set stays too, but matters to exec alone. */
void
pl_drop_leave (uid_t target_uid, uint64_t kept)
{
  uint64_t permitted = get_permitted ();

  for (int capability = 0; prctl (PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
    check ((permitted & BIT (CAP_SETPCAP)) == 0 || prctl (PR_CAPBSET_DROP, capability, 0, 0, 0) == 0, "bounding set");
  check (prctl (PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0, "ambient set");
  check (prctl (PR_SET_KEEPCAPS, kept != 0, 0, 0, 0) == 0, "keepcaps");
  if (getuid () == 0)
    leave_root (target_uid);
  check (prctl (PR_SET_KEEPCAPS, 0, 0, 0, 0) == 0, "keepcaps");
  set_capabilities (kept);
  check (setresuid (-1, 0, -1) != 0, "root again");
  check (prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && prctl (PR_GET_DUMPABLE, 0, 0, 0, 0) == 0, "dumpable");
  check (prctl (PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1, "no_new_privs");
}

/* @n_descriptors that may be open; ppoll() counts its own against them too. */
void
pl_drop_limits (unsigned n_descriptors)
{
  limit (RLIMIT_NOFILE, n_descriptors);
  limit (RLIMIT_NPROC, 0);
  limit (RLIMIT_MEMLOCK, 0);
  limit (RLIMIT_MSGQUEUE, 0);
  if (lseek (STDOUT_FILENO, 0, SEEK_CUR) < 0 && lseek (STDERR_FILENO, 0, SEEK_CUR) < 0) /* a file has to grow */
    limit (RLIMIT_FSIZE, 0);
}
