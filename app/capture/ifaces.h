/* The interface names one capture has met, numbered: PlFlow.iface is such a number. Capture thread only. */
#pragma once
#include <glib.h>

typedef struct _PlIfaces PlIfaces;

/* @is_live: interface indices are this machine's, so that they have names here. */
PlIfaces *pl_ifaces_new (gboolean is_live);
void pl_ifaces_free (PlIfaces *self);
/* The number of @name, given one if new; past PL_LIMIT_IFACES all new names share the last number. */
guint32 pl_ifaces_get_by_name (PlIfaces *self, const char *name);
/* The number of the interface the kernel calls @ifindex. No system call unless it is new. */
guint32 pl_ifaces_get_by_ifindex (PlIfaces *self, guint32 ifindex);
/* (transfer full) (element-type utf8): a copy of all names, by number */
GPtrArray *pl_ifaces_dup_names (const PlIfaces *self);
