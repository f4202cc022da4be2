/* Text from outside (names of processes, interfaces and files) made fit for a terminal: no control character, no
 * direction override and no broken UTF-8 reaches it raw. Main thread. */
#pragma once
#include <glib.h>

/* Appends @text to @out: control and format characters and line separators as \n, \t, \xNN or \u{NNNN}, bytes that are
 * not UTF-8 as \xNN. With @ascii_only everything past U+007E is written as \u{NNNN} too. */
void pl_safe_text_append (GString *out, const char *text, gboolean ascii_only);
/* Columns that @text (already safe) takes on a terminal. */
guint pl_safe_text_columns (const char *text);
/* Bytes of @text (already safe) that fit into @columns; @used (nullable) becomes how many columns they take. */
gsize pl_safe_text_fit (const char *text, guint columns, guint *used);
