/* The small mark of a port range: its colour and its shape (square, rounded square, disc) say the same. */
#pragma once
#include <gtk/gtk.h>
#include "port.h"

#define PL_TYPE_RANGE_MARK (pl_range_mark_get_type ())
G_DECLARE_FINAL_TYPE (PlRangeMark, pl_range_mark, PL, RANGE_MARK, GtkWidget)

GtkWidget *pl_range_mark_new (void);
/* PL_RANGE_NONE hides it. */
void pl_range_mark_set_range (PlRangeMark *self, PlRange range);
