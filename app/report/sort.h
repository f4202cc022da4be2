/* The orders that --sort knows. Main thread. */
#pragma once
#include "model.h"

typedef enum
{
  PL_SORT_BYTES,
  PL_SORT_PACKETS,
  PL_SORT_PAYLOAD,
  PL_SORT_OUT,
  PL_SORT_IN,
  PL_SORT_RATE,
  PL_SORT_DURATION,
  PL_SORT_LAST,
  PL_SORT_FIRST,
  PL_SORT_ID,
  PL_SORT_APP,
  PL_SORT_PROTO,
  PL_SORT_LOCAL,
  PL_SORT_REMOTE,
  PL_SORT_LOCAL_PORT,
  PL_SORT_PORT,
  PL_SORT_STATE,
  PL_N_SORTS,
} PlSortKey;

/* Amounts and "last" sort the greatest first, everything else the least first; equals stay in the order of their id. */
gboolean pl_sort_key_parse (const char *text, PlSortKey *key); /* FALSE: @key untouched */
/* "bytes, packets, …", for messages and help. (transfer full) */
char *pl_sort_keys_text (void);
/* Puts the first @n_wanted of the order, sorted, at the beginning of @rows; what is behind them then is of no use. */
void pl_sort_rows (const PlModelFlow **rows, guint n_rows, PlSortKey key, guint n_wanted);
