/* Frees on a thread of its own what takes the main loop milliseconds. Any thread. */
#pragma once
#include <glib.h>

#define PL_ASIDE_MIN 2000 /* things: fewer are freed sooner than a thread begins */

/* @free_all gets @data (transfer full), which nobody else may reach: what is in it may be shared only where references to it
 * are counted atomically. @n: how many things that frees. */
static inline void
pl_free_aside (guint n, GThreadFunc free_all, gpointer data)
{
  GThread *thread = n >= PL_ASIDE_MIN ? g_thread_try_new ("pl-free", free_all, data, NULL) : NULL;

  if (thread)
    g_thread_unref (thread);
  else
    free_all (data);
}
