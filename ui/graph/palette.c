/* The colours of port ranges and failures. Pure; never reads a widget. */
#include "palette.h"

/* Blue, green and orange of the GNOME palette, their lightness set apart so that they differ without hue, too. */
static const GdkRGBA range_light[] = {
  [PL_RANGE_WELL_KNOWN] = { 0x1c / 255.f, 0x71 / 255.f, 0xd8 / 255.f, 1 },
  [PL_RANGE_REGISTERED] = { 0x26 / 255.f, 0xa2 / 255.f, 0x69 / 255.f, 1 },
  [PL_RANGE_DYNAMIC] = { 0xe6 / 255.f, 0x61 / 255.f, 0x00 / 255.f, 1 },
  [PL_RANGE_NONE] = { 0x77 / 255.f, 0x76 / 255.f, 0x7b / 255.f, 1 },
};

static const GdkRGBA range_dark[] = {
  [PL_RANGE_WELL_KNOWN] = { 0x62 / 255.f, 0xa0 / 255.f, 0xea / 255.f, 1 },
  [PL_RANGE_REGISTERED] = { 0x57 / 255.f, 0xe3 / 255.f, 0x89 / 255.f, 1 },
  [PL_RANGE_DYNAMIC] = { 0xff / 255.f, 0xa3 / 255.f, 0x48 / 255.f, 1 },
  [PL_RANGE_NONE] = { 0x9a / 255.f, 0x99 / 255.f, 0x96 / 255.f, 1 },
};

GdkRGBA
pl_range_rgba (PlRange range, gboolean is_dark)
{
  if (range > PL_RANGE_NONE)
    range = PL_RANGE_NONE;
  return is_dark ? range_dark[range] : range_light[range];
}

GdkRGBA
pl_failed_rgba (gboolean is_dark)
{
  if (is_dark)
    return (GdkRGBA){ 0xff / 255.f, 0x6b / 255.f, 0x5e / 255.f, 1 };
  return (GdkRGBA){ 0xc0 / 255.f, 0x1c / 255.f, 0x28 / 255.f, 1 };
}
