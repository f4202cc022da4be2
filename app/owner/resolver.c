/* From a flow's end to the process that owns it. Owner thread only; never scans all of /proc, and never names a process that
 * it has not seen holding the very socket, but where the answer's confidence says so. */
#include "resolver.h"

#include "portlight-config.h"
#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>

#include <gio/gio.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "cgroups.h"
#include "limits.h"
#include "processes.h"
#include "search.h"
#include "socket-finder.h"

#define INIT_PID_NAMESPACE 0xEFFFFFFCu /* linux/proc_ns.h, PROC_PID_INIT_INO */

struct _PlResolver
{
  char *proc_root;
  PlProcfs *procfs;
  PlSockDiag *diag;
  PlNames *names;
  PlProcesses *processes;
  PlHolders *holders;
  PlCgroups *cgroups;
  PlSearch *search;
  gboolean sees_all; /* CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH: other users' descriptors too */
  gboolean sees_every_pid; /* in the machine's first pid namespace */
  guint32 own_uid;
  gint64 ticks_per_second;
};

/* Reading another user's descriptors takes both at once: the directory's mode, and ptrace access (proc(5)). */
static gboolean
has_capabilities (void)
{
  struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
  struct __user_cap_data_struct data[2] = { 0 };
  if (syscall (SYS_capget, &header, data) != 0)
    return FALSE;
  guint32 may_read = 1u << CAP_DAC_READ_SEARCH | 1u << CAP_DAC_OVERRIDE;
  return (data[0].effective & 1u << CAP_SYS_PTRACE) != 0 && (data[0].effective & may_read) != 0;
}

PlResolver *
pl_resolver_new (const char *proc_root, GError **error)
{
  struct stat info;
  PlSockDiag *diag = pl_sock_diag_new (error);
  if (diag == NULL)
    return NULL;
  PlProcfs *procfs = pl_procfs_new (proc_root);
  if (procfs == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                   _ ("%s can't be read. Check that it is mounted and that the sandbox shows it."), proc_root);
      pl_sock_diag_free (diag);
      return NULL;
    }
  PlResolver *resolver = g_new0 (PlResolver, 1);
  resolver->proc_root = g_strdup (proc_root);
  resolver->diag = diag;
  resolver->procfs = procfs;
  resolver->names = pl_names_new (procfs, pl_desktop_index_new (NULL), "");
  resolver->processes = pl_processes_new (procfs, resolver->names);
  resolver->holders = pl_holders_new ();
  resolver->cgroups = pl_cgroups_new (NULL);
  resolver->sees_all = has_capabilities ();
  resolver->sees_every_pid = stat ("/proc/self/ns/pid", &info) == 0 && info.st_ino == INIT_PID_NAMESPACE;
  resolver->search = pl_search_new (procfs, resolver->cgroups, resolver->sees_all);
  resolver->own_uid = geteuid ();
  resolver->ticks_per_second = sysconf (_SC_CLK_TCK);
  return resolver;
}

void
pl_resolver_free (PlResolver *resolver)
{
  if (resolver == NULL)
    return;
  pl_search_free (resolver->search);
  pl_cgroups_free (resolver->cgroups);
  pl_holders_free (resolver->holders);
  pl_processes_free (resolver->processes);
  pl_names_free (resolver->names);
  pl_procfs_free (resolver->procfs);
  pl_sock_diag_free (resolver->diag);
  g_free (resolver->proc_root);
  g_free (resolver);
}

PlSockDiag *
pl_resolver_get_diag (PlResolver *resolver)
{
  return resolver->diag;
}

void
pl_resolver_refresh (PlResolver *resolver)
{
  pl_names_refresh (resolver->names);
}

static gboolean
may_see (PlResolver *resolver, guint32 uid)
{
  return resolver->sees_all || uid == resolver->own_uid;
}

/* ---- holders ---- */

static gboolean
find_holder (PlResolver *resolver, const PlCase *one, guint64 inode, gboolean is_busy, PlHolder *holder)
{
  if (pl_holders_get (resolver->holders, resolver->procfs, inode, holder))
    return TRUE;
  if (!may_see (resolver, one->uid) || pl_holders_is_nobody (resolver->holders, inode, g_get_monotonic_time ())
      || !pl_search_find (resolver->search, inode, one->uid, one->cgroup_id, is_busy, holder))
    return FALSE;
  pl_holder_settle (holder, resolver->procfs);
  pl_holders_add (resolver->holders, holder);
  return TRUE;
}

/* Whether @process began after the question was asked: then it did not send the packet, whatever it holds by now. */
static gboolean
is_too_young (PlResolver *resolver, const PlProcess *process, gint64 asked_us)
{
  struct timespec boot, mono;
  if (asked_us == 0 || process->start_time == 0)
    return FALSE;
  clock_gettime (CLOCK_BOOTTIME, &boot);
  clock_gettime (CLOCK_MONOTONIC, &mono);
  gint64 slept_us = (boot.tv_sec - mono.tv_sec) * G_USEC_PER_SEC + (boot.tv_nsec - mono.tv_nsec) / 1000;
  gint64 started_us = (gint64)(process->start_time * G_USEC_PER_SEC / (guint64)resolver->ticks_per_second);
  return started_us > asked_us + slept_us;
}

static guint8
confidence_of (const PlCase *one, const PlHolder *holder)
{
  if (one->is_guess || holder->held == PL_HELD_BY_STRANGERS)
    return PL_CONFIDENCE_LIKELY;
  if (one->is_listener)
    return PL_CONFIDENCE_LISTENER;
  return holder->held == PL_HELD_BY_FAMILY ? PL_CONFIDENCE_LIKELY : PL_CONFIDENCE_EXACT;
}

/* One socket and its holder. */
static void
name_holder (PlResolver *resolver, PlCase *one, const PlHolder *holder)
{
  one->process = pl_processes_get (resolver->processes, holder->pid);
  if (one->process == NULL)
    return;
  if (!one->is_listener && pl_case_is_caller (one) && is_too_young (resolver, one->process, one->question.asked_us))
    {
      g_clear_pointer (&one->process, pl_process_unref);
      one->uid = one->question.key.proto == PL_PROTO_TCP ? one->uid : PL_UNKNOWN_U32;
      return;
    }
  one->confidence = confidence_of (one, holder);
  one->is_shared_listener = one->is_listener && holder->held != PL_HELD_ALONE;
  pl_search_note (resolver->search, holder);
}

/* The app without the process: which of its processes is not known. */
static PlProcess *
app_without_pid (const PlProcess *process)
{
  PlProcess *app = pl_process_new ();
  app->uid = process->uid;
  app->name = g_strdup (process->name);
  app->app_key = g_strdup (process->app_key);
  app->comm = g_strdup (process->comm);
  app->exe = g_strdup (process->exe);
  app->unit = g_strdup (process->unit);
  app->icon_name = g_strdup (process->icon_name);
  app->user = g_strdup (process->user);
  return app;
}

/* Several sockets share the port. One process for all of them is as sure as one socket; one app is likely; else nobody. */
static void
name_rivals (PlResolver *resolver, PlCase *one, const PlHolder *holders)
{
  PlProcess *first = NULL;
  gboolean is_one_pid = TRUE, is_one_app = TRUE;
  for (guint i = 0; i < one->n_inodes; i++)
    {
      PlProcess *process = pl_processes_get (resolver->processes, holders[i].pid);
      is_one_pid &= holders[i].pid == holders[0].pid && holders[i].held == PL_HELD_ALONE;
      is_one_app &= process != NULL && (first == NULL || g_str_equal (process->app_key, first->app_key));
      if (first == NULL)
        first = process;
      else
        pl_process_unref (process);
    }
  if (is_one_pid && first != NULL)
    name_holder (resolver, one, &holders[0]);
  else if (is_one_app && first != NULL)
    {
      one->process = app_without_pid (first);
      one->confidence = PL_CONFIDENCE_LIKELY;
    }
  pl_process_unref (first);
}

/* ---- without a holder ---- */

/* No process: what the cgroup of the socket names, which the kernel tells of every user's sockets. */
static void
name_by_cgroup (PlResolver *resolver, PlCase *one)
{
  const char *path = one->cgroup_id != 0 ? pl_cgroups_get_path (resolver->cgroups, one->cgroup_id) : NULL;
  if (path == NULL || one->n_inodes > 1 || one->is_guess)
    return;
  one->process = pl_names_cgroup (resolver->names, path, one->uid);
  if (one->process != NULL)
    one->confidence = PL_CONFIDENCE_CGROUP;
}

static void
name_without_holder (PlResolver *resolver, PlCase *one)
{
  if (one->is_kernels)
    {
      one->process = pl_names_kernel (resolver->names);
      one->confidence = PL_CONFIDENCE_EXACT;
      return;
    }
  /* A socket that is there, while every process was looked into: a kernel service's (NFS, WireGuard), or one kept by
   * io_uring or in flight between processes, so no more than likely. */
  if (one->n_inodes == 1 && !one->is_guess && one->uid == 0 && resolver->sees_every_pid
      && pl_holders_is_nobody (resolver->holders, one->inodes[0], g_get_monotonic_time ()))
    {
      PlCase again = { .question = one->question, .end = one->end };
      pl_socket_finder_find (resolver->diag, resolver->proc_root, TRUE, &again);
      if (again.n_inodes == 1 && again.inodes[0] == one->inodes[0])
        {
          one->process = pl_names_kernel (resolver->names);
          one->confidence = PL_CONFIDENCE_LIKELY;
          return;
        }
    }
  name_by_cgroup (resolver, one);
}

/* ---- the answer ---- */

/* From holders that are known or quickly found; FALSE while some are missing. */
static gboolean
name_from_holders (PlResolver *resolver, PlCase *one, gboolean is_busy)
{
  PlHolder holders[PL_CASE_INODES];
  for (guint i = 0; i < one->n_inodes; i++)
    if (!find_holder (resolver, one, one->inodes[i], is_busy, &holders[i]))
      return FALSE;
  if (one->n_inodes == 1)
    name_holder (resolver, one, &holders[0]);
  else
    name_rivals (resolver, one, holders);
  return TRUE;
}

void
pl_resolver_ask (PlResolver *resolver, PlCase *one, gboolean is_busy)
{
  one->confidence = PL_CONFIDENCE_UNKNOWN;
  pl_socket_finder_find (resolver->diag, resolver->proc_root, is_busy, one);
  if (one->is_crowded)
    return;
  if (one->n_inodes == 0)
    {
      name_without_holder (resolver, one);
      return;
    }
  if (name_from_holders (resolver, one, is_busy))
    return;
  gint64 now_us = g_get_monotonic_time ();
  one->needs_scan = may_see (resolver, one->uid);
  for (guint i = 0; i < one->n_inodes; i++)
    one->needs_scan &= !pl_holders_is_nobody (resolver->holders, one->inodes[i], now_us);
  if (!one->needs_scan)
    name_without_holder (resolver, one);
}

void
pl_resolver_finish (PlResolver *resolver, PlCase *one)
{
  PlHolder holders[PL_CASE_INODES];
  guint n = 0;
  one->needs_scan = FALSE;
  while (n < one->n_inodes && pl_holders_get (resolver->holders, resolver->procfs, one->inodes[n], &holders[n]))
    n++;
  if (n == one->n_inodes && n == 1)
    name_holder (resolver, one, &holders[0]);
  else if (n == one->n_inodes && n > 1)
    name_rivals (resolver, one, holders);
  else
    name_without_holder (resolver, one);
}

void
pl_resolver_learn (PlResolver *resolver, const PlScanResult *result, const guint64 *wanted, guint n_wanted)
{
  for (guint i = 0; i < result->holders->len; i++)
    pl_holders_add (resolver->holders, &g_array_index (result->holders, PlHolder, i));
  gint64 now_us = g_get_monotonic_time ();
  for (guint i = 0; i < n_wanted; i++)
    if (pl_scan_result_find (result, wanted[i]) == NULL)
      pl_holders_add_nobody (resolver->holders, wanted[i], now_us);
}

/* ---- a dump's sockets ---- */

gboolean
pl_resolver_own_socket (PlResolver *resolver, PlSocket *socket)
{
  PlHolder holder;
  PlCase one = { .cgroup_id = socket->cgroup_id, .uid = socket->uid, .n_inodes = socket->inode != 0, .end = PL_END_A };
  one.inodes[0] = socket->inode;
  gboolean wants_scan = FALSE;
  if (pl_holders_get (resolver->holders, resolver->procfs, socket->inode, &holder))
    {
      one.process = pl_processes_get (resolver->processes, holder.pid);
      one.confidence = confidence_of (&one, &holder);
    }
  else if (socket->inode != 0)
    wants_scan = may_see (resolver, socket->uid)
                 && !pl_holders_is_nobody (resolver->holders, socket->inode, g_get_monotonic_time ());
  if (one.process == NULL)
    name_by_cgroup (resolver, &one);
  socket->process = one.process;
  socket->confidence = one.process != NULL ? one.confidence : PL_CONFIDENCE_UNKNOWN;
  return wants_scan;
}

/* ---- connections that were accepted meanwhile ---- */

gboolean
pl_resolver_wants_second_look (const PlCase *one)
{
  return one->is_listener && one->question.key.proto == PL_PROTO_TCP
         && (one->confidence != PL_CONFIDENCE_LISTENER || one->n_inodes > 1 || one->is_crowded
             || one->is_shared_listener);
}

gboolean
pl_resolver_look_again (PlResolver *resolver, PlCase *one)
{
  PlHolder holder;
  PlCase again = { .question = one->question, .end = one->end };
  pl_socket_finder_find (resolver->diag, resolver->proc_root, FALSE, &again);
  if (again.is_listener || again.n_inodes != 1)
    return FALSE;
  gboolean is_found = find_holder (resolver, &again, again.inodes[0], FALSE, &holder);
  for (guint i = 0; i < one->n_inodes && !is_found; i++)
    is_found = pl_search_find_near (resolver->search, again.inodes[0], one->inodes[i], resolver->holders, &holder);
  if (!is_found)
    return FALSE;
  name_holder (resolver, &again, &holder);
  if (again.process == NULL || again.confidence < PL_CONFIDENCE_LISTENER)
    {
      pl_case_clear (&again);
      return FALSE;
    }
  pl_case_clear (one);
  *one = again;
  return TRUE;
}
