/* One group of facts: a heading and a card of labelled values. */
#pragma once
#include <gtk/gtk.h>
#include "flow-details.h"

#define PL_TYPE_DETAIL_CARD (pl_detail_card_get_type ())
G_DECLARE_FINAL_TYPE (PlDetailCard, pl_detail_card, PL, DETAIL_CARD, GtkWidget)

GtkWidget *pl_detail_card_new (PlDetailGroup group);
/* Shows those of @details (element-type PlDetail) that are of its group; hides itself when there are none. */
void pl_detail_card_set_details (PlDetailCard *self, GPtrArray *details);
