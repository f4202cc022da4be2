/* Who may have sent a packet that no socket of its protocol sent. The list is net/packet_diag's text form, which every user
 * may read; whose they are, a scan tells. */
#include "packet-sockets.h"

#include <stdio.h>
#include <unistd.h>

#include "bounds.h"

/* What is translated on its way through has an address of ours, too. */
static gboolean
forwards (const char *proc_root)
{
  static const char *const names[] = { "ipv4/ip_forward", "ipv6/conf/all/forwarding" };
  gboolean is_on = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/sys/net/%s", proc_root, names[i]), *text = NULL;
      is_on |= g_file_get_contents (path, &text, NULL, NULL) && text[0] != '0';
    }
  return is_on;
}

static gboolean
forget_own (gint32 pid, int fd, guint64 inode, gpointer data)
{
  PlCase *one = data;
  for (guint i = 0; i < one->n_inodes; i++)
    if (one->inodes[i] == inode)
      one->inodes[i--] = one->inodes[--one->n_inodes];
  return TRUE;
}

gboolean
pl_packet_sockets_find (const char *proc_root, PlProcfs *procfs, PlCase *one)
{
  g_autofree char *path = g_strdup_printf ("%s/net/packet", proc_root);
  FILE *file = forwards (proc_root) ? NULL : fopen (path, "re");
  unsigned long long inode;
  char line[256];
  one->n_inodes = 0;
  /* "sk RefCnt Type Proto Iface R Rmem User Inode" (net/packet/af_packet.c) */
  for (guint n = 0; file != NULL && n < PL_LIMIT_SOCKETS && fgets (line, sizeof line, file) != NULL; n++)
    {
      if (sscanf (line, "%*s %*d %*d %*x %*d %*d %*u %*u %llu", &inode) != 1)
        continue;
      if (one->n_inodes == PL_CASE_INODES)
        one->is_crowded = TRUE;
      else
        one->inodes[one->n_inodes++] = inode;
    }
  if (file != NULL)
    fclose (file);
  pl_procfs_foreach_socket (procfs, getpid (), PL_LIMIT_PROCESS_FDS, forget_own, one);
  one->is_guess = TRUE;
  return one->n_inodes > 0 && !one->is_crowded;
}
