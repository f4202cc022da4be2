/* Who may have a socket as well, having it from the same fork(2)s: parents, children, brothers are looked at elsewhere (holders.h,
 * heirs.h), all others here, also where those in between have closed it or have ended. Owner thread only. */
#pragma once
#include "holders.h"
#include "process-watch.h"

typedef struct _PlKin PlKin;

PlKin *pl_kin_new (PlProcfs *procfs, PlProcessWatch *watch); /* both must outlive it */
void pl_kin_free (PlKin *kin);
/* Looks for another process that has the socket of @holder, who was met alone with it, and puts it among the others. @facts: what identifies the
 * holder. 10 µs for programs that have started nothing; else some more for each relative, and at most once in PL_KIN_LASTS_US 15 µs for each process.
 * TRUE when none was found, but one of them ends just now, or has ended since @packet_us (monotonic): what that one had is hidden. */
gboolean pl_kin_find (PlKin *kin, PlHolder *holder, const PlProcFacts *facts, gint64 packet_us);
/* Those that live and are the same program as the holder of the last pl_kin_find(), which has @facts, but itself. Returns how many, at
 * most @max. */
guint pl_kin_list (PlKin *kin, const PlProcFacts *facts, gint32 *pids, guint max);
