/* What a person calls a process, and which processes are one app. Owner thread only. */
#include "names.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "socket.h"

struct _PlNames
{
  PlProcfs *procfs;
  GHashTable *users; /* uid → name */
};

/* From /etc/passwd itself: a name service call could wait for a network. */
static GHashTable *
read_users (void)
{
  GHashTable *users = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  FILE *file = fopen ("/etc/passwd", "re");
  if (file == NULL)
    return users;
  for (struct passwd *entry; (entry = fgetpwent (file)) != NULL;)
    if (!g_hash_table_contains (users, GUINT_TO_POINTER (entry->pw_uid)))
      g_hash_table_insert (users, GUINT_TO_POINTER (entry->pw_uid), g_strdup (entry->pw_name));
  fclose (file);
  return users;
}

PlNames *
pl_names_new (PlProcfs *procfs)
{
  PlNames *names = g_new0 (PlNames, 1);
  names->procfs = procfs;
  names->users = read_users ();
  return names;
}

void
pl_names_free (PlNames *names)
{
  if (names == NULL)
    return;
  g_hash_table_unref (names->users);
  g_free (names);
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
  return g_utf8_make_valid (joined, length);
}

PlProcess *
pl_names_process (PlNames *names, const PlProcFacts *facts)
{
  PlProcess *process = pl_process_new ();
  process->pid = facts->pid;
  process->parent_pid = facts->parent_pid;
  process->uid = facts->uid;
  process->start_time = facts->start_time;
  process->comm = g_utf8_make_valid (facts->comm, -1);
  process->exe = facts->exe != NULL ? g_utf8_make_valid (facts->exe, -1) : NULL;
  process->cmdline = join_cmdline (facts);
  process->user = g_strdup (g_hash_table_lookup (names->users, GUINT_TO_POINTER (facts->uid)));
  process->name = process->exe != NULL ? g_path_get_basename (process->exe) : g_strdup (process->comm);
  process->app_key = g_strdup (process->exe != NULL ? process->exe : process->comm);
  return process;
}
