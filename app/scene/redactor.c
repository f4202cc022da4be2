/* Tokens instead of names; see redactor.h. */
#include "portlight-config.h"

#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>

#include "bounds.h"
#include "redactor.h"

typedef enum
{
  KIND_APP,
  KIND_PROCESS,
  KIND_ADDRESS,
  N_KINDS,
} Kind;

struct _PlRedactor
{
  GHashTable *tokens[N_KINDS]; /* key → token, both owned */
  guint n_given[N_KINDS];
};

PlRedactor *
pl_redactor_new (void)
{
  PlRedactor *redactor = g_new0 (PlRedactor, 1);

  for (guint kind = 0; kind < N_KINDS; kind++)
    redactor->tokens[kind] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return redactor;
}

void
pl_redactor_free (PlRedactor *redactor)
{
  for (guint kind = 0; kind < N_KINDS; kind++)
    g_hash_table_unref (redactor->tokens[kind]);
  g_free (redactor);
}

static char *
make_token (Kind kind, guint number)
{
  switch (kind)
    {
    case KIND_APP:
      return g_strdup_printf (_ ("app %u"), number);
    case KIND_PROCESS:
      return g_strdup_printf (_ ("process %u"), number);
    default:
      return g_strdup_printf (_ ("address %u"), number);
    }
}

static const char *
find_token (PlRedactor *redactor, Kind kind, const char *key)
{
  GHashTable *tokens = redactor->tokens[kind];
  char *token = g_hash_table_lookup (tokens, key);

  if (token == NULL)
    {
      if (g_hash_table_size (tokens) >= PL_LIMIT_REDACTED)
        g_hash_table_remove_all (tokens);
      token = make_token (kind, ++redactor->n_given[kind]);
      g_hash_table_insert (tokens, g_strdup (key), token);
    }
  return token;
}

const char *
pl_redactor_app (PlRedactor *redactor, const char *key)
{
  return find_token (redactor, KIND_APP, key);
}

const char *
pl_redactor_process (PlRedactor *redactor, const char *key)
{
  return find_token (redactor, KIND_PROCESS, key);
}

const char *
pl_redactor_address (PlRedactor *redactor, const char *key)
{
  return find_token (redactor, KIND_ADDRESS, key);
}
