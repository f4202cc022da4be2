/* A batch's memory. Any thread; a batch belongs to exactly one at a time. */
#include "batch.h"

/**
 * pl_batch_free:
 * @batch: (transfer full) (nullable): a batch
 *
 * Frees @batch with all that it carries.
 */
void
pl_batch_free (PlBatch *batch)
{
  if (!batch)
    return;
  g_free (batch->flows);
  g_free (batch->gone);
  g_free (batch->gone_why);
  for (guint i = 0; i < batch->n_names; i++)
    g_free (batch->names[i].name);
  g_free (batch->names);
  g_clear_error (&batch->error);
  g_clear_pointer (&batch->ifaces, g_ptr_array_unref);
  g_free (batch);
}
