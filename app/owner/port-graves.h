/* Sockets of UDP that closed lately, as the kernel told: whether a port that has one holder now had another since a packet. Holds
 * PL_LIMIT_PORT_GRAVES, the oldest leave. Owner thread only. */
#pragma once
#include "case.h"

typedef struct _PlPortGraves PlPortGraves;

PlPortGraves *pl_port_graves_new (void);
void pl_port_graves_free (PlPortGraves *graves);
/* Off until it is set on, and empty then; each closing wakes the thread. */
void pl_port_graves_set_on (PlPortGraves *graves, gboolean on);
/* Readable when sockets have closed; -1 while it is off, or where the kernel does not tell. */
int pl_port_graves_get_fd (PlPortGraves *graves);
/* Takes what the kernel told. Never waits. */
void pl_port_graves_read (PlPortGraves *graves);
/* Whether another socket than that of @one's cookie was at the end of @one, and closed after its packet. FALSE when the cookie
 * is not known. */
gboolean pl_port_graves_has_other (PlPortGraves *graves, const PlCase *one);
/* Whether that can be said: FALSE, and counted, when closings since the packet of @one were forgotten, or lost on the way. */
gboolean pl_port_graves_can_tell (PlPortGraves *graves, const PlCase *one);
guint64 pl_port_graves_get_n_untold (PlPortGraves *graves);
