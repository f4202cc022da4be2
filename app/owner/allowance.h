/* Processor time of this thread that may be spent on something. One thread at a time. */
#pragma once
#include <glib.h>

typedef struct
{
  gint64 credit_us, credited_us, begun_us;
} PlAllowance;

/* Whether some is left: one in @share of all time passed, and @most_us at once. Then pl_allowance_end() follows. */
gboolean pl_allowance_begin (PlAllowance *allowance, guint share, gint64 most_us);
void pl_allowance_end (PlAllowance *allowance);
