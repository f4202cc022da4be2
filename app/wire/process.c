/* Processes as they were seen: making, sharing and freeing them. Any thread: only the count changes once one is shared. */
#include "process.h"

#include <stdlib.h>
#include <string.h>

PlProcess *
pl_process_new (void)
{
  PlProcess *process = calloc (1, sizeof *process);

  if (process == NULL)
    return NULL;
  process->n_refs = 1;
  process->uid = UINT32_MAX;
  return process;
}

static char *
dup_text (const char *text)
{
  return text != NULL ? strdup (text) : NULL;
}

PlProcess *
pl_process_app_of (const PlProcess *process)
{
  PlProcess *app = pl_process_new ();

  if (app == NULL)
    return NULL;
  app->uid = process->uid;
  app->name = dup_text (process->name);
  app->app_key = dup_text (process->app_key);
  app->comm = dup_text (process->comm);
  app->exe = dup_text (process->exe);
  app->unit = dup_text (process->unit);
  app->icon_name = dup_text (process->icon_name);
  app->user = dup_text (process->user);
  app->is_elsewhere = process->is_elsewhere;
  return app;
}

PlProcess *
pl_process_ref (PlProcess *process)
{
  if (process != NULL)
    __atomic_fetch_add (&process->n_refs, 1, __ATOMIC_RELAXED);
  return process;
}

void
pl_process_unref (PlProcess *process)
{
  if (process == NULL || __atomic_sub_fetch (&process->n_refs, 1, __ATOMIC_ACQ_REL) > 0)
    return;
  free (process->name);
  free (process->app_key);
  free (process->comm);
  free (process->exe);
  free (process->cmdline);
  free (process->unit);
  free (process->icon_name);
  free (process->user);
  free (process->parent_name);
  free (process);
}

const char *
pl_confidence_id (PlConfidence confidence)
{
  switch (confidence)
    {
    case PL_CONFIDENCE_LIKELY:
      return "likely";
    case PL_CONFIDENCE_CGROUP:
      return "cgroup";
    case PL_CONFIDENCE_LISTENER:
      return "listener";
    case PL_CONFIDENCE_EXACT:
      return "exact";
    case PL_CONFIDENCE_UNKNOWN:
    default:
      return "unknown";
    }
}
