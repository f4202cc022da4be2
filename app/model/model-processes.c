/* Which processes stand behind a set of flows. Main loop only; one pass over the flows. */
#include "model-processes.h"

static void
use_free (gpointer data)
{
  PlProcessUse *use = data;

  pl_process_unref (use->process);
  g_free (use);
}

static int
compare_pids (gconstpointer a, gconstpointer b)
{
  const PlProcessUse *first = *(PlProcessUse *const *)a, *second = *(PlProcessUse *const *)b;

  return (first->process->pid > second->process->pid) - (first->process->pid < second->process->pid);
}

static void
count_flow (PlProcessUse *use, const PlModelFlow *flow)
{
  if (pl_model_flow_is_listener (flow))
    use->n_listeners++;
  else
    use->n_flows++;
  use->confidence = MAX (use->confidence, (PlConfidence)flow->app_confidence);
  use->rate_out += flow->rate_out;
  use->rate_in += flow->rate_in;
}

/**
 * pl_model_list_processes:
 * @self: a model
 * @ids: (array length=n_ids): ids of flows; those that are gone count for nothing
 * @n_ids: how many
 *
 * Returns: (transfer full) (element-type PlProcessUse): the processes of their local ends that are known by pid, each once,
 *   in order of pid
 */
GPtrArray *
pl_model_list_processes (PlModel *self, const guint64 *ids, guint n_ids)
{
  g_autoptr (GHashTable) by_pid = g_hash_table_new (NULL, NULL);
  GPtrArray *uses;

  g_return_val_if_fail (PL_IS_MODEL (self), NULL);

  uses = g_ptr_array_new_with_free_func (use_free);
  for (guint i = 0; i < n_ids; i++)
    {
      const PlModelFlow *flow = pl_model_get_flow (self, ids[i]);
      PlProcessUse *use;

      if (flow == NULL || flow->is_gone || flow->app == NULL || flow->app->pid == 0)
        continue;
      use = g_hash_table_lookup (by_pid, GINT_TO_POINTER (flow->app->pid));
      if (use == NULL)
        {
          use = g_new0 (PlProcessUse, 1);
          use->process = pl_process_ref (flow->app);
          g_hash_table_insert (by_pid, GINT_TO_POINTER (flow->app->pid), use);
          g_ptr_array_add (uses, use);
        }
      count_flow (use, flow);
    }
  g_ptr_array_sort (uses, compare_pids);
  return uses;
}
