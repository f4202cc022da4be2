/* After fork(2) a socket is several processes': who used it may be gone by the time that anybody looks, and another be alone with
 * it. Owner thread only. */
#pragma once
#include "holders.h"
#include "process-watch.h"

/* Whether @holder may be such an heir: who started it, or one that it started, may have had its socket at @packet_us (monotonic) and
 * has ended since, or ends. Some ten microseconds. */
gboolean pl_heirs_is_one (PlProcfs *procfs, PlProcessWatch *watch, const PlHolder *holder, gint64 packet_us);
