/* One fact: what it is, beside it its value, that can be selected and copied, and a smaller note under that. */
#pragma once
#include <gtk/gtk.h>
#include "flow-details.h"

#define PL_TYPE_DETAIL_ROW (pl_detail_row_get_type ())
G_DECLARE_FINAL_TYPE (PlDetailRow, pl_detail_row, PL, DETAIL_ROW, GtkWidget)

GtkWidget *pl_detail_row_new (PlDetailGroup group);
void pl_detail_row_set (PlDetailRow *self, const PlDetail *detail);
