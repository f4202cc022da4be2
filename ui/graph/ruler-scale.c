/* Where a port stands on the ruler. Pure. */
#include "ruler-scale.h"

#include <math.h>

guint
pl_ruler_first_port (PlRange range)
{
  static const guint first[PL_RANGE_NONE + 1] = {
    [PL_RANGE_WELL_KNOWN] = 0, [PL_RANGE_REGISTERED] = 1024, [PL_RANGE_DYNAMIC] = 49152, [PL_RANGE_NONE] = 65536
  };

  return first[MIN (range, PL_RANGE_NONE)];
}

guint
pl_ruler_last_port (PlRange range)
{
  return pl_ruler_first_port (range + 1) - 1;
}

static double
zone_width (const PlRulerScale *scale)
{
  return MAX (scale->width_px - 2 * scale->gap_px, 3) / 3;
}

/* Before mirroring. */
static double
zone_x (const PlRulerScale *scale, PlRange range)
{
  return range * (zone_width (scale) + scale->gap_px);
}

void
pl_ruler_scale_zone (const PlRulerScale *scale, PlRange range, double *x, double *width)
{
  *width = zone_width (scale);
  *x = zone_x (scale, range);
  if (scale->is_mirrored)
    *x = scale->width_px - *x - *width;
}

double
pl_ruler_scale_x (const PlRulerScale *scale, guint port)
{
  PlRange range = pl_port_range ((guint16)port);
  guint first = pl_ruler_first_port (range), n = pl_ruler_last_port (range) - first + 1;
  double x = zone_x (scale, range) + (port - first + 0.5) / n * zone_width (scale);

  return scale->is_mirrored ? scale->width_px - x : x;
}

gboolean
pl_ruler_scale_ports_at (const PlRulerScale *scale, int column, guint *low, guint *high)
{
  double left = scale->is_mirrored ? scale->width_px - column - 1 : column;

  for (PlRange range = PL_RANGE_WELL_KNOWN; range < PL_RANGE_NONE; range++)
    {
      guint first = pl_ruler_first_port (range), n = pl_ruler_last_port (range) - first + 1;
      double per_px = n / zone_width (scale), from = (left - zone_x (scale, range)) * per_px - 0.5;
      double to = from + per_px; /* not itself */

      if (to <= 0 || from > n - 1)
        continue;
      *low = first + (guint)MAX (ceil (from), 0);
      *high = first + (guint)MIN (ceil (to) - 1, n - 1);
      if (*low <= *high)
        return TRUE;
    }
  return FALSE;
}
