/* Where a port stands on the ruler: three zones of equal width, linear within each, for of 65,536 ports in one line the
 * well-known ones would be four pixels. Pure. */
#pragma once
#include <glib.h>
#include "port.h"

typedef struct
{
  double width_px; /* of all three zones and the gaps between them */
  double gap_px;
  gboolean is_mirrored; /* port 0 on the right */
} PlRulerScale;

guint pl_ruler_first_port (PlRange range);
guint pl_ruler_last_port (PlRange range);
/* Left edge and width of a zone, px. */
void pl_ruler_scale_zone (const PlRulerScale *scale, PlRange range, double *x, double *width);
/* The middle of a port, px. */
double pl_ruler_scale_x (const PlRulerScale *scale, guint port);
/* The ports whose middle lies in the pixel column that begins at @column; FALSE when none does. */
gboolean pl_ruler_scale_ports_at (const PlRulerScale *scale, int column, guint *low, guint *high);
