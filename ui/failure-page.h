/* The page that says why capture could not start, with lines to copy and other ways to capture. */
#pragma once
#include <adwaita.h>
#include "failure-words.h"

#define PL_TYPE_FAILURE_PAGE (pl_failure_page_get_type ())
G_DECLARE_FINAL_TYPE (PlFailurePage, pl_failure_page, PL, FAILURE_PAGE, GtkWidget)

/* Without the offer of dumpcap. */
void pl_failure_page_set (PlFailurePage *self, const char *title, const PlFailureWords *words);
/* Another mend of the same failure. */
void pl_failure_page_set_mend (PlFailurePage *self, const PlFailureWords *words);
/* Another line that mends it than the one in its words. */
void pl_failure_page_set_command (PlFailurePage *self, const char *command);
/* Dumpcap can be tried. */
void pl_failure_page_offer_dumpcap (PlFailurePage *self);
