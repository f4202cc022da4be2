/* From a flow's end to the kernel's socket or sockets for it. Owner thread only. */
#pragma once
#include "case.h"
#include "sock-diag.h"

/* Fills the socket's part of @one. @is_busy: many questions wait, so leave out what is slow and seldom of use. @proc_root:
 * for the lists of ping and raw sockets, which sock_diag often lacks. */
void pl_socket_finder_find (PlSockDiag *diag, const char *proc_root, gboolean is_busy, PlCase *one);
