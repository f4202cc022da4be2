/* Names for what must not be named: the same input gives the same token, numbered in the order in which things are first asked
 * for, in all pictures that one redactor is used for. Nothing of the input is in the token. Plain; one thread. */
#pragma once
#include <glib.h>

typedef struct _PlRedactor PlRedactor;

PlRedactor *pl_redactor_new (void);
void pl_redactor_free (PlRedactor *redactor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlRedactor, pl_redactor_free)

/* Translated tokens: "app 1", "process 1", "address 1". @key: anything that tells one from another. Owned by the
 * redactor, until another is asked for. A token is never given to two things; past PL_LIMIT_REDACTED of a kind the same thing
 * gets another one. */
const char *pl_redactor_app (PlRedactor *redactor, const char *key);
const char *pl_redactor_process (PlRedactor *redactor, const char *key);
const char *pl_redactor_address (PlRedactor *redactor, const char *key);
