/* Names of containers by their ids. Reads what the engine wrote for itself; asks no daemon and opens no socket, so it can't
 * be made to wait. The files are JSON of which one string is wanted, found by its key. */
#include "containers.h"

#include <string.h>
#include <sys/stat.h>

#include "bounds.h"

#define SHORT_ID_CHARS 12

static char *
read_small_file (const char *path)
{
  struct stat info;
  char *text = NULL;
  if (lstat (path, &info) != 0 || !S_ISREG (info.st_mode) || info.st_size > PL_LIMIT_CONTAINER_FILE_BYTES
      || !g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  return text;
}

/* The string that follows @key (with its quotes) after @from, past what stands in @between; names hold no escapes. */
static char *
string_after (const char *from, const char *key, const char *between)
{
  const char *at = from != NULL ? strstr (from, key) : NULL;
  if (at == NULL)
    return NULL;
  at += strlen (key);
  at += strspn (at, between);
  if (*at != '"')
    return NULL;
  at++;
  gsize length = strspn (at, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_.-/");
  return length > 0 && at[length] == '"' ? g_strndup (at, length) : NULL;
}

/* DATA/containers/ID/config.v2.json: "Name":"/web". */
static char *
docker_name_in (const char *root, const char *data, const char *id)
{
  g_autofree char *path = g_strdup_printf ("%s%s/containers/%s/config.v2.json", root, data, id);
  g_autofree char *text = read_small_file (path);
  g_autofree char *name = string_after (text, "\"Name\"", ": \t\n");
  if (name == NULL)
    return NULL;
  return g_strdup (name[0] == '/' ? name + 1 : name);
}

/* In the daemon's own directory, that of its Snap, this person's, or where /etc/docker/daemon.json has put it. */
static char *
docker_name (const char *id, const char *root)
{
  g_autofree char *own = g_build_filename (g_get_user_data_dir (), "docker", NULL);
  g_autofree char *config_path = g_strdup_printf ("%s/etc/docker/daemon.json", root);
  g_autofree char *config = read_small_file (config_path);
  g_autofree char *chosen = string_after (config, "\"data-root\"", ": \t\n");
  const char *const stores[] = { "/var/lib/docker", "/var/snap/docker/common/var-lib-docker", own, chosen };
  char *name = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (stores) && name == NULL; i++)
    name = stores[i] != NULL ? docker_name_in (root, stores[i], id) : NULL;
  return name;
}

/* Of containers/storage: [{"id":"…","names":["web"],…},…]. */
static char *
name_in_store (const char *path, const char *id)
{
  g_autofree char *text = read_small_file (path);
  const char *entry = text != NULL ? strstr (text, id) : NULL;
  const char *end = entry != NULL ? strstr (entry, "\"id\"") : NULL;
  g_autofree char *own_part =
      entry != NULL ? g_strndup (entry, end != NULL ? (gsize)(end - entry) : strlen (entry)) : NULL;
  return string_after (own_part, "\"names\"", ": \t\n[");
}

/* The system's store or this person's. A container that is removed when it ends ("--rm") stands in a file of its own. */
static char *
podman_name (const char *id, const char *root)
{
  static const char *const files[] = { "containers.json", "volatile-containers.json" };
  g_autofree char *own = g_build_filename (g_get_user_data_dir (), "containers/storage", NULL);
  const char *const stores[] = { "/var/lib/containers/storage", own };
  char *name = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (stores) * G_N_ELEMENTS (files) && name == NULL; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s%s/overlay-containers/%s", root, stores[i / G_N_ELEMENTS (files)],
                                               files[i % G_N_ELEMENTS (files)]);
      name = name_in_store (path, id);
    }
  return name;
}

char *
pl_container_name (const char *engine, const char *id, const char *root)
{
  char *name = NULL;
  if (g_strcmp0 (engine, "docker") == 0)
    name = docker_name (id, root);
  else if (g_strcmp0 (engine, "podman") == 0)
    name = podman_name (id, root);
  return name != NULL ? name : g_strndup (id, SHORT_ID_CHARS);
}
