/* Which listeners' processes keep the connections that they accept, as nearly all do: those need not be looked at each. Known by
 * looks alone, and doubted as soon as the process has other children. Owner thread only. */
#pragma once
#include "holders.h"

typedef struct _PlKeepers PlKeepers;

PlKeepers *pl_keepers_new (void);
void pl_keepers_free (PlKeepers *keepers);
/* A connection that @holder's socket, which listens, accepted was found: with @holder itself, or with another process. */
void pl_keepers_note (PlKeepers *keepers, PlProcfs *procfs, const PlHolder *holder, gboolean is_kept);
/* Whether the holder of @listener, known to @holders, kept so many connections in a row, and has had no other children since, that a
 * connection need not be looked at; now and then FALSE all the same. Less than a microsecond, or some thirty once a
 * PL_LOOK_ROUND_US. */
gboolean pl_keepers_is_trusted (
    PlKeepers *keepers, PlProcfs *procfs, PlHolders *holders, guint64 listener, gint64 now_us);
