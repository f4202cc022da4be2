/* What is known of a process, filled from the texts of /proc (proc(5)), whoever read them: we or the helper. */
#include "procfs.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#define DELETED " (deleted)"
#define YOUNG_US (2 * G_USEC_PER_SEC)

void
pl_proc_facts_clear (PlProcFacts *facts)
{
  g_free (facts->comm);
  g_free (facts->exe);
  g_free (facts->cmdline);
  g_free (facts->cgroup);
  g_free (facts->cwd);
  g_free (facts->flatpak_info);
  g_free (facts->appimage);
  memset (facts, 0, sizeof *facts);
}

gboolean
pl_proc_facts_is_young (const PlProcFacts *facts)
{
  struct timespec now;
  clock_gettime (CLOCK_BOOTTIME, &now);
  gint64 started_us = (gint64)(facts->start_time * G_USEC_PER_SEC / (guint64)sysconf (_SC_CLK_TCK));
  return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000 - started_us < YOUNG_US;
}

void
pl_proc_facts_set_exe (PlProcFacts *facts, const char *link, gsize n_bytes)
{
  if (n_bytes == 0 || link[0] != '/')
    return;
  g_free (facts->exe);
  facts->exe = g_strndup (link, n_bytes);
  if (g_str_has_suffix (facts->exe, DELETED))
    facts->exe[strlen (facts->exe) - strlen (DELETED)] = '\0';
}

/* execve(2) names a process by its file, of which the kernel keeps 15 bytes; who starts it names it by the file as a rule. */
void
pl_proc_facts_set_told_exe (PlProcFacts *facts, const char *link, gsize n_bytes)
{
  g_autofree char *whole = g_strndup (link, n_bytes), *base = g_path_get_basename (whole);
  gboolean is_named = strlen (base) < 16 ? g_str_equal (base, facts->comm)
                                         : facts->cmdline != NULL && g_str_has_suffix (facts->cmdline, base);
  pl_proc_facts_set_exe (facts, link, n_bytes);
  if (facts->exe == NULL || strlen (facts->exe) == n_bytes || !is_named)
    return;
  g_free (facts->exe);
  facts->exe = g_steal_pointer (&whole);
}

/* cgroups(7): "0::/path" is the unified hierarchy; on hybrid systems it is often "/" and systemd's own tells more. */
void
pl_proc_facts_set_cgroup (PlProcFacts *facts, char *text)
{
  char *rest = NULL;
  g_autofree char *systemd = NULL;
  g_clear_pointer (&facts->cgroup, g_free);
  for (char *line = strtok_r (text, "\n", &rest); line != NULL; line = strtok_r (NULL, "\n", &rest))
    if (g_str_has_prefix (line, "0::/"))
      facts->cgroup = g_strdup (line + 3);
    else if (strstr (line, ":name=systemd:/") != NULL)
      systemd = g_strdup (strstr (line, ":name=systemd:/") + strlen (":name=systemd:"));
  if (systemd != NULL && (facts->cgroup == NULL || g_str_equal (facts->cgroup, "/")))
    {
      g_free (facts->cgroup);
      facts->cgroup = g_steal_pointer (&systemd);
    }
}

void
pl_proc_facts_set_cmdline (PlProcFacts *facts, const char *bytes, gsize n)
{
  if (n == 0)
    return;
  /* One NUL at the end at least, also of a command line that was cut or that the process wrote over. */
  g_free (facts->cmdline);
  facts->cmdline = g_malloc (n + 1);
  memcpy (facts->cmdline, bytes, n);
  facts->cmdline[n] = '\0';
  facts->cmdline_bytes = n;
}
