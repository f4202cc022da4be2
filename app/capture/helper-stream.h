/* A capture over a helper that is up: a pipe of its own and the filters of the rings, by messages on the channel
 * (protocol.h). Capture thread only. */
#pragma once
#include <glib.h>

/* The interface index of @interface, 0 for "any"; 0 with @error PL_CAPTURE_ERROR_NOT_FOUND when there is none. */
guint pl_helper_stream_find (const char *interface, GError **error);
/* Tells the helper what to take: packets of @ifindex (0: any) that @filter (nullable) takes. Only that less is carried:
 * the rest must be left out here too, for a filter that is too long stays away, and packets may be on their way. */
void pl_helper_stream_select (int channel, guint ifindex, const char *filter);
/* A new stream: the read end of its pipe, which the helper writes to until it is closed; -1 with @error. What still waited
 * on the channel is dropped. */
int pl_helper_stream_begin (int channel, guint ifindex, const char *filter, GError **error);
/* Asks for the end of the stream: it comes behind the packets that the kernel holds now. FALSE when it can't be asked for. */
gboolean pl_helper_stream_end (int channel);
