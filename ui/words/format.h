/* Numbers as people read them, in the words of their language. Pure; every string is (transfer full). */
#pragma once
#include <glib.h>

/**
 * pl_format_bytes:
 * @bytes: a number of bytes, or %G_MAXUINT64 when it is not known
 *
 * Returns: "41.8 MB" (SI units), "1 byte", or "unknown".
 */
char *pl_format_bytes (guint64 bytes);
/* "1,204,311", grouped as the locale does, or "unknown" for %G_MAXUINT64. */
char *pl_format_count (guint64 count);
/* "18 ms", "4.2 s", "2 min 41 s", "3 h 5 min", "4 days 2 h". */
char *pl_format_duration (guint64 duration_us);
/* "14:05" of @time_us since the epoch, where we are, or with the date before it. */
char *pl_format_time (guint64 time_us, gboolean has_date);
/* "18.4 ms", for round trips. */
char *pl_format_ms (guint64 duration_us);
