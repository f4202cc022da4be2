/* Another source: what thousands of flows were kept in is not freed by the thread that draws. Linked with --wrap=g_free. */
#include "scene.h"
#include "synthetic.h"

#define N_FLOWS 20000

void __real_g_free (gpointer memory);
void __wrap_g_free (gpointer memory);

static _Thread_local guint n_freed;

void
__wrap_g_free (gpointer memory)
{
  n_freed += memory != NULL;
  __real_g_free (memory);
}

static void
test_another_source (void)
{
  g_autoptr (Synthetic) world = synthetic_new (1), next = synthetic_new (2);
  PlModel *model = pl_model_new ();
  PlScene *scene = pl_scene_new ();
  guint n_before;

  synthetic_fill (world, model, N_FLOWS);
  pl_scene_update (scene, model, G_USEC_PER_SEC);
  n_before = n_freed;
  pl_model_reset (model);
  g_assert_cmpuint (n_freed - n_before, <, N_FLOWS / 20);
  n_before = n_freed;
  pl_scene_clear (scene);
  g_assert_cmpuint (n_freed - n_before, <, N_FLOWS / 20);
  synthetic_fill (next, model, 1);
  pl_scene_update (scene, model, 2 * G_USEC_PER_SEC);
  g_assert_cmpuint (pl_scene_get_n_flows (scene), ==, 1);
  pl_scene_free (scene);
  g_assert_finalize_object (model);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scene/aside/another-source", test_another_source);
  return g_test_run ();
}
