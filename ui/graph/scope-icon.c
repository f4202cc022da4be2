/* Small line drawings of where an address lies. Main loop; pure. */
#include "scope-icon.h"

#include <glib/gi18n.h>

static void
draw_globe (cairo_t *cr, double size)
{
  double middle = size / 2, radius = size / 2 - 1;

  cairo_arc (cr, middle, middle, radius, 0, 2 * G_PI);
  cairo_stroke (cr);
  cairo_save (cr);
  cairo_translate (cr, middle, middle);
  cairo_scale (cr, 0.45, 1);
  cairo_arc (cr, 0, 0, radius, 0, 2 * G_PI);
  cairo_restore (cr);
  cairo_stroke (cr);
  cairo_move_to (cr, middle - radius, middle);
  cairo_line_to (cr, middle + radius, middle);
  cairo_stroke (cr);
}

static void
draw_house (cairo_t *cr, double size)
{
  cairo_move_to (cr, 0.5, size * 0.52);
  cairo_line_to (cr, size / 2, size * 0.1);
  cairo_line_to (cr, size - 0.5, size * 0.52);
  cairo_stroke (cr);
  cairo_move_to (cr, size * 0.2, size * 0.45);
  cairo_line_to (cr, size * 0.2, size * 0.92);
  cairo_line_to (cr, size * 0.8, size * 0.92);
  cairo_line_to (cr, size * 0.8, size * 0.45);
  cairo_stroke (cr);
}

static void
draw_screen (cairo_t *cr, double size)
{
  cairo_rectangle (cr, 0.75, size * 0.12, size - 1.5, size * 0.58);
  cairo_stroke (cr);
  cairo_move_to (cr, size * 0.3, size * 0.93);
  cairo_line_to (cr, size * 0.7, size * 0.93);
  cairo_move_to (cr, size * 0.5, size * 0.7);
  cairo_line_to (cr, size * 0.5, size * 0.93);
  cairo_stroke (cr);
}

static void
draw_group (cairo_t *cr, double size)
{
  static const double around[][2] = { { 0.5, 0.14 }, { 0.86, 0.76 }, { 0.14, 0.76 } };

  for (guint i = 0; i < G_N_ELEMENTS (around); i++)
    {
      cairo_move_to (cr, size / 2, size * 0.55);
      cairo_line_to (cr, size * around[i][0], size * around[i][1]);
      cairo_stroke (cr);
      cairo_arc (cr, size * around[i][0], size * around[i][1], size * 0.13, 0, 2 * G_PI);
      cairo_fill (cr);
    }
}

void
pl_scope_icon_draw (cairo_t *cr, PlScope scope, double size)
{
  cairo_set_line_width (cr, MAX (1.1, size / 11));
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  switch (scope)
    {
    case PL_SCOPE_LOOPBACK:
      draw_screen (cr, size);
      break;
    case PL_SCOPE_LINK:
    case PL_SCOPE_PRIVATE:
      draw_house (cr, size);
      break;
    case PL_SCOPE_MULTICAST:
    case PL_SCOPE_BROADCAST:
      draw_group (cr, size);
      break;
    default:
      draw_globe (cr, size);
      break;
    }
}

const char *
pl_scope_reach_words (PlScope scope)
{
  switch (scope)
    {
    case PL_SCOPE_LOOPBACK:
      return _ ("only programs on this computer can reach it");
    case PL_SCOPE_LINK:
    case PL_SCOPE_PRIVATE:
      return _ ("machines on the local network can reach it");
    case PL_SCOPE_UNSPECIFIED:
      return _ ("any machine that finds this computer can reach it");
    case PL_SCOPE_INTERNET:
      return _ ("machines on the internet can reach it");
    default:
      return _ ("members of the group can reach it");
    }
}
