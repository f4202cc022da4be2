/* What the kernel says of TCP or UDP sockets when they close: the multicast groups of NETLINK_SOCK_DIAG (linux/sock_diag.h). Gives
 * exact closing totals by cookie, without privilege; owners it does not know any more. Owner thread only. */
#pragma once
#include "sock-diag.h"

typedef struct _PlDestroyEvents PlDestroyEvents;

/* @proto: PL_PROTO_TCP or PL_PROTO_UDP. NULL where the kernel has no such groups. */
PlDestroyEvents *pl_destroy_events_new (guint8 proto);
void pl_destroy_events_free (PlDestroyEvents *events);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlDestroyEvents, pl_destroy_events_free)
/* Readable when sockets have closed. */
int pl_destroy_events_get_fd (PlDestroyEvents *events);
/* Calls @func for each socket that closed since the last call; FALSE stops the calls, the rest is read and dropped. */
void pl_destroy_events_read (PlDestroyEvents *events, PlDiagFunc func, gpointer data);
/* How often the kernel had more to say than its buffer holds. */
guint64 pl_destroy_events_get_overruns (PlDestroyEvents *events);
