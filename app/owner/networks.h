/* The other network namespaces of this machine (containers, `ip netns`), as /proc shows them, or portlight-helper, through one
 * process of each. Nothing is entered and nothing stays open, so that none is kept alive by us. Owner thread only. */
#pragma once
#include "flow.h"
#include "helper-link.h"
#include "procfs.h"
#include "socket.h"

typedef struct _PlNetworks PlNetworks;

/* @procfs must outlive it; @proc_root is its root, or NULL where that shows none of the computer's processes. */
PlNetworks *pl_networks_new (PlProcfs *procfs, const char *proc_root);
/* In the latter case. @helper must outlive its use; NULL: none. */
void pl_networks_use_helper (PlNetworks *networks, PlHelperLink *helper);
void pl_networks_free (PlNetworks *networks);
/* Whether another namespace has @addr. Looks at all processes every few seconds, when asked (3 µs a process). */
gboolean pl_networks_have (PlNetworks *networks, const PlAddr *addr);
/* The socket of @end of @key in the namespace that has its address: the connection's, else, @is_listener, the one that takes
 * what comes to its port; as it was at @since_us (CLOCK_MONOTONIC) or later. Of @found are set: inode, uid. FALSE when there is
 * none, several could be meant, or too much was asked lately. */
gboolean pl_networks_find (
    PlNetworks *networks, const PlFlowKey *key, int end, gint64 since_us, PlSocket *found, gboolean *is_listener);
