/* Numbers as people read them. Pure: no clock, no widget. */
#include <glib/gi18n.h>

#include "format.h"

#define US_PER_MS 1000
#define US_PER_S 1000000

char *
pl_format_bytes (guint64 bytes)
{
  if (bytes == G_MAXUINT64)
    return g_strdup (_ ("unknown"));
  return g_format_size (bytes);
}

char *
pl_format_count (guint64 count)
{
  if (count == G_MAXUINT64)
    return g_strdup (_ ("unknown"));
  return g_strdup_printf ("%'" G_GUINT64_FORMAT, count);
}

char *
pl_format_duration (guint64 duration_us)
{
  guint64 s = duration_us / US_PER_S;

  if (duration_us < US_PER_S)
    return g_strdup_printf (_ ("%u ms"), (guint)(duration_us / US_PER_MS));
  if (s < 10)
    return g_strdup_printf (_ ("%.1f s"), (double)duration_us / US_PER_S);
  if (s < 60)
    return g_strdup_printf (_ ("%u s"), (guint)s);
  if (s < 3600)
    return g_strdup_printf (_ ("%u min %u s"), (guint)(s / 60), (guint)(s % 60));
  if (s < 24 * 3600)
    return g_strdup_printf (_ ("%u h %u min"), (guint)(s / 3600), (guint)(s / 60 % 60));
  return g_strdup_printf (ngettext ("%u day %u h", "%u days %u h", s / (24 * 3600)), (guint)(s / (24 * 3600)),
                          (guint)(s / 3600 % 24));
}

char *
pl_format_time (guint64 time_us, gboolean has_date)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc ((gint64)(time_us / US_PER_S));
  g_autoptr (GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;

  return local != NULL ? g_date_time_format (local, has_date ? "%x %H:%M" : "%H:%M") : g_strdup ("");
}

char *
pl_format_ms (guint64 duration_us)
{
  double ms = (double)duration_us / US_PER_MS;

  return g_strdup_printf (ms < 100 ? _ ("%.1f ms") : _ ("%.0f ms"), ms);
}
