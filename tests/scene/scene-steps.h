/* One step of a scene's life, for tests. */
#pragma once
#include <stdlib.h>

#include "scene-private.h"

#define SECOND_US G_USEC_PER_SEC

static inline void
update (PlScene *scene, GArray *flows, gint64 now_us)
{
  scene_begin (scene);
  for (guint i = 0; i < flows->len; i++)
    scene_add_flow (scene, &g_array_index (flows, PlModelFlow, i));
  scene_end (scene, now_us);
}

/* Lets everything come to rest, in steps as a frame clock would. */
static inline void
settle (PlScene *scene, gint64 *now_us)
{
  guint n_frames = 0;

  while (pl_scene_tick (scene, *now_us += 16000))
    g_assert_cmpuint (++n_frames, <, 60);
}

/* How many random worlds a property is tried on: @usual, or so many times as many as PL_PROPERTY_ROUNDS says. */
static inline guint
property_rounds (guint usual)
{
  const char *times = getenv ("PL_PROPERTY_ROUNDS");

  return usual * CLAMP (times ? atoi (times) : 1, 1, 1000);
}
