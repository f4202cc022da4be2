/* What the ruler says of ports: for the eye, for a tooltip, for a screen reader. Pure; every string is (transfer full). */
#pragma once
#include "port-census.h"

/* "8080 · http-alt · python3"; of several ports "8080–8085 · 4 ports". */
char *pl_ruler_caption (PlModel *model, gboolean is_live, const PlPortCensus *census, guint low, guint high);
/* The same with range, role and flows, one port in few lines, several in one line each. */
char *pl_ruler_tooltip (PlModel *model, gboolean is_live, const PlPortCensus *census, guint low, guint high);
/* "Port 8080, registered, listening, http-alt, python3" */
char *pl_ruler_spoken (PlModel *model, gboolean is_live, const PlPortCensus *census, guint port);

const char *pl_ruler_range_name (PlRange range); /* "Well-known" */
const char *pl_ruler_range_about (PlRange range); /* what the range is for, a sentence */
/* "3 open"; in a file, where nothing is open any more, "3 used". */
char *pl_ruler_count_words (guint n_ports, gboolean is_live);
char *pl_ruler_short_count (guint n_ports); /* "3", "17k" */
