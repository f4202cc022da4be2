/* Who may have sent a packet that no socket of its protocol sent: whoever has a packet socket (packet(7)). Owner thread only. */
#pragma once
#include "case.h"
#include "procfs.h"

/* Fills @one's sockets with the packet sockets of this network namespace, without our own, as a guess. FALSE when there are
 * none or too many, or where this machine forwards packets, so that any may be another's. */
gboolean pl_packet_sockets_find (const char *proc_root, PlProcfs *procfs, PlCase *one);
