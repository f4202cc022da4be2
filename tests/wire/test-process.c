/* Processes: shared between threads, freed once, by the last. */
#include "process.h"

#include <glib.h>
#include <string.h>

static gpointer
take_and_drop (gpointer data)
{
  for (int i = 0; i < 20000; i++)
    pl_process_unref (pl_process_ref (data));
  return NULL;
}

static void
test_shared (void)
{
  PlProcess *process = pl_process_new ();
  GThread *threads[4];

  g_assert_cmpuint (process->uid, ==, UINT32_MAX);
  g_assert_null (process->exe);
  process->name = strdup ("curl");
  process->app_key = strdup ("/usr/bin/curl");
  process->cmdline = strdup ("curl https://example.com");
  for (size_t i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("sharer", take_and_drop, process);
  for (size_t i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (process->n_refs, ==, 1);
  g_assert_cmpstr (process->name, ==, "curl");
  pl_process_unref (process); /* the leak check sees what is forgotten */
  pl_process_unref (NULL);
  g_assert_null (pl_process_ref (NULL));
}

static void
test_confidence (void)
{
  g_assert_cmpstr (pl_confidence_id (PL_CONFIDENCE_UNKNOWN), ==, "unknown");
  g_assert_cmpstr (pl_confidence_id (PL_CONFIDENCE_LIKELY), ==, "likely");
  g_assert_cmpstr (pl_confidence_id (PL_CONFIDENCE_CGROUP), ==, "cgroup");
  g_assert_cmpstr (pl_confidence_id (PL_CONFIDENCE_LISTENER), ==, "listener");
  g_assert_cmpstr (pl_confidence_id (PL_CONFIDENCE_EXACT), ==, "exact");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/process/shared", test_shared);
  g_test_add_func ("/process/confidence", test_confidence);
  return g_test_run ();
}
