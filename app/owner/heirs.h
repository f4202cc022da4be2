/* After fork(2), or where it was passed on, a socket is several processes': who used it may be gone by the time that anybody looks, and another be alone with
 * it. Owner thread only. */
#pragma once
#include "holders.h"
#include "process-watch.h"

/* Whether @holder may be such an heir: who started it, or one that it started, or another that fork(2) made of the same program, may
 * have had its socket at @packet_us (monotonic) and has ended since, or ends. @facts: what identifies it, pid 0 when it is gone. Some
 * ten microseconds. */
gboolean pl_heirs_is_one (
    PlProcfs *procfs, PlProcessWatch *watch, const PlHolder *holder, const PlProcFacts *facts, gint64 packet_us);
/* A brother of @holder, who began by fork(2) alone, that has the socket as well, becomes the first of its others; of the newest ones
 * that @parent_pid has. 3 µs for each. */
void pl_heirs_find_brother (PlProcfs *procfs, gint32 parent_pid, PlHolder *holder);
