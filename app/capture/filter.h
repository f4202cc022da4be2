/* A capture filter, pcap-filter(7), applied to packets that come from a file or a pipe. Capture thread only. */
#pragma once
#include <glib.h>
#include <stdbool.h>

typedef struct _PlFilter PlFilter;

PlFilter *pl_filter_new (const char *expression);
void pl_filter_free (PlFilter *self);
/* Whether the filter takes the frame; compiles it for @datalink first if need be. On FALSE with @error set it can't be
 * compiled: PL_CAPTURE_ERROR_FILTER with libpcap's words. */
gboolean pl_filter_matches (PlFilter *self, int datalink, const guint8 *bytes, guint32 captured, guint32 wire, GError **error);
/* Compiles for @datalink; FALSE with @error. */
gboolean pl_filter_compile (PlFilter *self, int datalink, GError **error);
/* Whether it was compiled for any link type, and so is known to be valid. */
gboolean pl_filter_is_compiled (const PlFilter *self);
/* Sets @error to say that libpcap refused @expression for @reason. */
void pl_filter_set_error (const char *expression, const char *reason, GError **error);
