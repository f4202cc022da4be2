/* JSON (RFC 8259) written piece by piece: commas and quotes are its job, memory is not: nothing is built before it is
 * written. Keys are ours and ASCII; values may come from anywhere. Main thread. */
#pragma once
#include "writer.h"

#define PL_JSON_DEPTH 16

typedef struct
{
  PlWriter *writer;
  guint depth;
  gboolean has_member[PL_JSON_DEPTH]; /* by depth: a comma is due before the next */
} PlJson;

void pl_json_init (PlJson *json, PlWriter *writer);
/* An object: as a member with @key, or with NULL the outermost. */
void pl_json_open (PlJson *json, const char *key);
void pl_json_close (PlJson *json);
/* @value NULL is null. Bytes that are not UTF-8 become U+FFFD; control characters are escaped, DEL and C1 too. */
void pl_json_string (PlJson *json, const char *key, const char *value);
void pl_json_u64 (PlJson *json, const char *key, guint64 value);
/* G_MAXUINT64, "unknown" in the model's words, becomes null. */
void pl_json_known_u64 (PlJson *json, const char *key, guint64 value);
void pl_json_boolean (PlJson *json, const char *key, gboolean value);
