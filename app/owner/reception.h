/* A process is passed another one's socket over a UNIX domain one (SCM_RIGHTS, unix(7)), or takes it (pidfd_getfd(2)): who has it by
 * the time that anybody looks need not be who sent. Owner thread only. */
#pragma once
#include "allowance.h"
#include "holders.h"
#include "sock-diag.h"

#define PL_RECEIVERS 16

/* Who may be passed sockets, as was seen a short while ago. Zeroed when new. */
typedef struct
{
  struct
  {
    gint32 pid;
    guint64 start_time;
    gint64 until_us; /* monotonic */
  } receivers[PL_RECEIVERS];
  guint n_noted;
  PlAllowance allowance;
} PlReceptions;

/* Whether @holder may have been passed its socket: it has a UNIX domain socket over which others can reach it, other than its
 * standard output, or a handle of another process, or may have closed one since, which leaves a number free below that of what came
 * over it; socket(2) would have taken that. Also where that would take too long to find out, at some 7 µs for each of its descriptors
 * and more for such sockets. @facts: what identifies it, pid 0 when it is gone. Of one that @is_met_before, whether it may have passed
 * it on instead: then a free number tells nothing. @has_no_way: nothing of that was seen of it after it had the socket. */
gboolean pl_reception_is_possible (PlReceptions *receptions,
                                   PlProcfs *procfs,
                                   PlSockDiag *diag,
                                   const PlHolder *holder,
                                   const PlProcFacts *facts,
                                   gboolean is_met_before,
                                   gboolean has_no_way);
/* The same of one whose relatives, by fork(2) alone, have UNIX domain sockets: it had them, too, and may have closed its own since. Up to
 * PL_RELATIVES are looked into, as far as that does not take too long; of more it is so. */
#define PL_RELATIVES 8
gboolean pl_reception_is_possible_from (
    PlReceptions *receptions, PlProcfs *procfs, PlSockDiag *diag, const gint32 *relatives, guint n_relatives);
/* Not seen: where a socket was passed on over one, or came at a number below the one it came over, which has been closed since, over
 * sockets that no relative has either; and one that is gone itself. */
