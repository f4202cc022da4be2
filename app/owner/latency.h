/* How long answers took: a histogram with eight steps an octave, so that a percentile is right to an eighth. One thread. */
#pragma once
#include <glib.h>

#define PL_LATENCY_STEPS 8
#define PL_LATENCY_BUCKETS (40 * PL_LATENCY_STEPS) /* up to 2^40 µs */

typedef struct
{
  guint64 n;
  guint64 buckets[PL_LATENCY_BUCKETS];
} PlLatency;

void pl_latency_add (PlLatency *latency, gint64 elapsed_us);
/* The upper edge of the bucket below which @percent of all lie; 0 when there is none. */
guint64 pl_latency_percentile (const PlLatency *latency, guint percent);
