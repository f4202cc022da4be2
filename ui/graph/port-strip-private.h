/* What the two files of the strip share. */
#pragma once
#include "port-strip.h"

struct _PlPortStrip
{
  GtkWidget parent_instance;

  const PlPortCensus *census; /* nullable */
  PlModel *model; /* nullable */
  gboolean is_live;
  guint16 kernel_low, kernel_high;
  PlRange range; /* that is filtered for */

  PlGraphColors colors;
  double unit; /* px: an 18th of a line of text */
  GskRenderNode *drawn;  /* (nullable): all but the labels and the current port */
  GskRenderNode *labels; /* (nullable): while no port is current; text costs more to lay out than the lights to draw */
  int low, high; /* current, or -1 */
  gboolean by_keys; /* how they became current */
  gboolean has_pointer;
  double pointer_x;
  char *spoken; /* (nullable): what a screen reader was told last */
};

/* port-strip-draw.c */
#define STRIP_TOP 7 /* units: above the bar, for the heads of listeners */
#define STRIP_BAR 22
#define STRIP_BELOW 6 /* between the bar and the numbers, for the kernel's range */
void port_strip_snapshot (PlPortStrip *self, GtkSnapshot *snapshot);
int port_strip_text_height (PlPortStrip *self);
