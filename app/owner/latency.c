/* How long answers took. Pure arithmetic; the owner of the histogram locks it. */
#include "latency.h"

/* Below eight µs each bucket is one µs; above, an octave [2^k, 2^(k+1)) has eight equal steps. */
static guint
bucket_of (guint64 us)
{
  if (us < PL_LATENCY_STEPS)
    return (guint)us;
  guint octave = 63 - __builtin_clzll (us);
  guint step = (guint)(us >> (octave - 3)) & 7;
  guint bucket = (octave - 2) * PL_LATENCY_STEPS + step;
  return MIN (bucket, PL_LATENCY_BUCKETS - 1);
}

static guint64
upper_edge (guint bucket)
{
  if (bucket < PL_LATENCY_STEPS)
    return bucket + 1;
  guint octave = bucket / PL_LATENCY_STEPS + 2;
  return ((guint64)1 << octave) + ((guint64)(bucket % PL_LATENCY_STEPS + 1) << (octave - 3));
}

void
pl_latency_add (PlLatency *latency, gint64 elapsed_us)
{
  latency->buckets[bucket_of (elapsed_us > 0 ? (guint64)elapsed_us : 0)]++;
  latency->n++;
}

guint64
pl_latency_percentile (const PlLatency *latency, guint percent)
{
  guint64 seen = 0, wanted = (latency->n * percent + 99) / 100;
  if (latency->n == 0)
    return 0;
  for (guint i = 0; i < PL_LATENCY_BUCKETS; i++)
    if ((seen += latency->buckets[i]) >= wanted)
      return upper_edge (i);
  return upper_edge (PL_LATENCY_BUCKETS - 1);
}
