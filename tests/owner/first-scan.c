/* See first-scan.h. Main thread. */
#include "first-scan.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PATIENCE_MS 30000
#define LOOK_MS 25
#define LOOKS_ASLEEP 6 /* in a row: while it scans it may sleep for a moment, too */

/* 0 when there is none. */
static pid_t
find_scan_thread (gboolean *is_asleep)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  for (const char *tid; (tid = g_dir_read_name (dir)) != NULL;)
    {
      g_autofree char *path = g_build_filename ("/proc/self/task", tid, "stat", NULL), *stat = NULL;
      if (!g_file_get_contents (path, &stat, NULL, NULL) || strstr (stat, "(owner-scan) ") == NULL)
        continue;
      *is_asleep = strstr (stat, "(owner-scan) S") != NULL;
      return (pid_t)g_ascii_strtoll (tid, NULL, 10);
    }
  return 0;
}

void
wait_first_scan (PlOwners *owners)
{
  PlOwnerStats stats;
  for (int ms = 0, n_asleep = 0; ms < PATIENCE_MS && n_asleep < LOOKS_ASLEEP; ms += LOOK_MS)
    {
      g_usleep (LOOK_MS * 1000);
      pl_owners_get_stats (owners, &stats);
      gboolean is_asleep = FALSE;
      n_asleep = stats.full_scans > 0 && find_scan_thread (&is_asleep) != 0 && is_asleep ? n_asleep + 1 : 0;
    }
}

static void
wait_for_byte (int number, siginfo_t *info, void *context)
{
  int from = info->si_value.sival_int, error = errno;
  for (char byte; read (from, &byte, 1) < 0 && errno == EINTR;)
    continue;
  close (from);
  errno = error;
}

int
hold_scans (void)
{
  struct sigaction action = { .sa_sigaction = wait_for_byte, .sa_flags = SA_SIGINFO };
  siginfo_t info = { .si_code = SI_QUEUE };
  gboolean is_asleep = FALSE;
  int ends[2];
  g_assert_no_errno (pipe2 (ends, O_CLOEXEC));
  g_assert_no_errno (sigaction (SIGUSR1, &action, NULL));
  info.si_value.sival_int = ends[0];
  g_assert_no_errno (
      syscall (SYS_rt_tgsigqueueinfo, getpid (), find_scan_thread (&is_asleep), SIGUSR1, &info)); /* sigqueue(3) */
  return ends[1];
}
