/* See first-scan.h. Main thread. */
#include "first-scan.h"

#include <string.h>

#define PATIENCE_MS 30000
#define LOOK_MS 25
#define LOOKS_ASLEEP 6 /* in a row: while it scans it may sleep for a moment, too */

static gboolean
is_scan_thread_asleep (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  for (const char *tid; (tid = g_dir_read_name (dir)) != NULL;)
    {
      g_autofree char *path = g_build_filename ("/proc/self/task", tid, "stat", NULL), *stat = NULL;
      if (g_file_get_contents (path, &stat, NULL, NULL) && strstr (stat, "(owner-scan) ") != NULL)
        return strstr (stat, "(owner-scan) S") != NULL;
    }
  return FALSE;
}

void
wait_first_scan (PlOwners *owners)
{
  PlOwnerStats stats;
  for (int ms = 0, n_asleep = 0; ms < PATIENCE_MS && n_asleep < LOOKS_ASLEEP; ms += LOOK_MS)
    {
      g_usleep (LOOK_MS * 1000);
      pl_owners_get_stats (owners, &stats);
      n_asleep = stats.full_scans > 0 && is_scan_thread_asleep () ? n_asleep + 1 : 0;
    }
}
