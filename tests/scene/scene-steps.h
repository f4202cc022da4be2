/* One step of a scene's life, for tests. */
#pragma once
#include "scene-private.h"

#define SECOND_US G_USEC_PER_SEC

static inline void
update (PlScene *scene, GArray *flows, gint64 now_us)
{
  scene_begin (scene, now_us);
  for (guint i = 0; i < flows->len; i++)
    scene_add_flow (scene, &g_array_index (flows, PlModelFlow, i));
  scene_end (scene);
}

/* Lets everything come to rest, in steps as a frame clock would. */
static inline void
settle (PlScene *scene, gint64 *now_us)
{
  guint n_frames = 0;

  while (pl_scene_tick (scene, *now_us += 16000))
    g_assert_cmpuint (++n_frames, <, 60);
}
