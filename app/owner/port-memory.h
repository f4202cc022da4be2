/* Which sockets a flow of datagrams had at an end when they were asked for, to notice that others have come to its port
 * since. Holds PL_LIMIT_PORT_MEMORY flow ends, the oldest leave. Owner thread only. */
#pragma once
#include "case.h"

typedef struct _PlPortMemory PlPortMemory;

PlPortMemory *pl_port_memory_new (void);
void pl_port_memory_free (PlPortMemory *memory);
/* Remembers the sockets found for @one, none too. */
void pl_port_memory_note (PlPortMemory *memory, const PlCase *one);
/* Whether @again, the same end of the same flow looked up anew, has other sockets than were remembered; remembers these from
 * then on. FALSE when nothing is remembered, and when @again has none: closed since, nobody else came. */
gboolean pl_port_memory_has_changed (PlPortMemory *memory, const PlCase *again);
/* How often that could not be said, since what was remembered had left. */
guint64 pl_port_memory_get_n_untold (PlPortMemory *memory);
/* Of the only socket that was remembered; 0 when it is not known. */
guint64 pl_port_memory_get_cookie (PlPortMemory *memory, const PlCase *one);
/* Others had come to the port, and closed again before they could be looked up. */
void pl_port_memory_set_mixed (PlPortMemory *memory, const PlCase *one);
/* Whether others ever have come to the end of @one. */
gboolean pl_port_memory_is_mixed (PlPortMemory *memory, const PlCase *one);
