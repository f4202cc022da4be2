/* From a flow's end to the kernel's socket or sockets for it. Owner thread only. */
#pragma once
#include "case.h"
#include "sock-diag.h"

typedef struct _PlSocketFinder PlSocketFinder;

/* @proc_root: for the lists of ping and raw sockets, which sock_diag often lacks. @diag must outlive the finder. */
PlSocketFinder *pl_socket_finder_new (PlSockDiag *diag, const char *proc_root);
void pl_socket_finder_free (PlSocketFinder *finder);
/* Of a user that our user namespace does not know, @one->uid says nothing: makes it the mark that says so. */
void pl_socket_finder_judge_user (const PlSocketFinder *finder, PlCase *one);
/* Fills the socket's part of @one. */
void pl_socket_finder_find (PlSocketFinder *finder, PlCase *one);
/* The same for the connection of @one alone, never its listener; FALSE when there is none. Without an inode it is not accepted yet,
 * or closed already. */
gboolean pl_socket_finder_find_connection (PlSocketFinder *finder, PlCase *one);
