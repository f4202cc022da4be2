/* A process is passed another one's socket over a UNIX domain one (SCM_RIGHTS, unix(7)), or takes it (pidfd_getfd(2)): who has it by
 * the time that anybody looks need not be who sent. Owner thread only. */
#pragma once
#include "holders.h"
#include "sock-diag.h"

/* Whether @holder may have been passed its socket: it has a UNIX domain socket over which others can reach it, other than its standard
 * output, or a handle of another process, or may have closed one since, which leaves a number free below that of what came over it; socket(2) would have taken that.
 * @facts: what identifies it, pid 0 when it is gone. Some 3 µs for each of its descriptors, and more for such sockets. */
gboolean pl_reception_is_possible (PlProcfs *procfs, PlSockDiag *diag, const PlHolder *holder, const PlProcFacts *facts);
