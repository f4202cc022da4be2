/* From a flow's end to the process that owns it, in the order of what is sure and cheap: sock_diag, inode cache, newest
 * processes, listener; what needs a full scan is said, not done. Owner thread only; one answer takes well under a
 * millisecond. A wrong process is a bug, a missing one a pity. */
#pragma once
#include "holders.h"
#include "owners.h"
#include "processes.h"
#include "scan.h"
#include "sock-diag.h"

/* One end of one flow on its way to an answer. */
typedef struct
{
  PlOwnerQuestion question;
  guint8 end;
  guint8 confidence; /* PlConfidence */
  gboolean needs_scan; /* the socket is known (inode, uid), its holder is not: give it to a scan, then finish */
  gboolean is_listener; /* inode is the listener's */
  gboolean is_ambiguous; /* other sockets share the port: the inode may not be the sender's */
  guint32 uid; /* PL_UNKNOWN_U32 */
  guint64 inode, cgroup_id;
  PlProcess *process; /* owned; nullable */
} PlCase;

void pl_case_clear (PlCase *one);

typedef struct _PlResolver PlResolver;

/* NULL when neither /proc nor sock_diag can be read; @error says why. */
PlResolver *pl_resolver_new (const char *proc_root, GError **error);
void pl_resolver_free (PlResolver *resolver);
PlSockDiag *pl_resolver_get_diag (PlResolver *resolver);
/* Fills @one (question and end are set by the caller) with the answer, or sets needs_scan. */
void pl_resolver_ask (PlResolver *resolver, PlCase *one);
/* After a scan that began after pl_resolver_ask(): the final answer. */
void pl_resolver_finish (PlResolver *resolver, PlCase *one);
/* Learns what a scan found; @wanted are the inodes it was started for. */
void pl_resolver_learn (PlResolver *resolver, const PlScanResult *result, const guint64 *wanted, guint n_wanted);
/* Whether this process may look into processes of @uid. */
gboolean pl_resolver_may_see (PlResolver *resolver, guint32 uid);
/* The process that holds @socket, from what is known already: fills process and confidence. TRUE when a scan could tell more. */
gboolean pl_resolver_own_socket (PlResolver *resolver, PlSocket *socket);
