/* Running the main loop until something is true, for the session's tests. Header only. */
#pragma once
#include "session.h"

typedef gboolean (*Condition) (PlSession *session, gpointer data);

static inline gboolean
set_true (gpointer data)
{
  *(gboolean *)data = TRUE;
  return G_SOURCE_CONTINUE;
}

/* Iterates the main loop until @condition holds; returns whether it did within @ms. */
static inline gboolean
run_until (PlSession *session, guint ms, Condition condition, gpointer data)
{
  gboolean is_late = FALSE;
  guint timeout = g_timeout_add (ms, set_true, &is_late);
  gboolean holds;

  while (!(holds = condition (session, data)) && !is_late)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timeout);
  return holds;
}

static inline gboolean
never (PlSession *session, gpointer data)
{
  return FALSE;
}

static inline void
run_for (PlSession *session, guint ms)
{
  run_until (session, ms, never, NULL);
}

static inline gboolean
is_over (PlSession *session, gpointer data)
{
  return pl_session_get_state (session) == PL_SESSION_ENDED || pl_session_get_state (session) == PL_SESSION_FAILED;
}

static inline gboolean
is_running (PlSession *session, gpointer data)
{
  return pl_session_get_state (session) == PL_SESSION_RUNNING;
}

static inline gboolean
has_flows (PlSession *session, gpointer n)
{
  return pl_model_get_n_flows (pl_session_get_model (session)) >= GPOINTER_TO_UINT (n);
}

typedef struct
{
  gboolean (*matches) (const PlModelFlow *flow, guint number);
  guint number;
  const PlModelFlow *found;
} Search;

static inline gboolean
search_flow (const PlModelFlow *flow, gpointer data)
{
  Search *search = data;

  if (search->matches (flow, search->number))
    search->found = flow;
  return search->found == NULL;
}

static inline gboolean
finds (PlSession *session, gpointer search)
{
  ((Search *)search)->found = NULL;
  pl_model_foreach (pl_session_get_model (session), search_flow, search);
  return ((Search *)search)->found != NULL;
}
