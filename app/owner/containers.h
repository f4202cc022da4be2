/* Names of containers by their ids, as far as the engines' own files may be read. One thread. */
#pragma once
#include <glib.h>

/* The name that a person gave to container @id (64 hexadecimal digits) of @engine ("docker", "podman"), else its short id
 * of 12 digits. @root is put before every path ("" but in tests). (transfer full), never NULL. */
char *pl_container_name (const char *engine, const char *id, const char *root);
