/* What a cgroup's path says about the processes in it. Pure functions, any thread.
 *
 * Sources: systemd's desktop environment integration (https://systemd.io/DESKTOP_ENVIRONMENTS):
 * app[-LAUNCHER]-ID-RANDOM.scope, app[-LAUNCHER]-ID[@RANDOM].service, where ID has its dashes escaped; Flatpak:
 * app-flatpak-ID-RANDOM.scope; snapd: snap.NAME.APP…; Docker and Podman under systemd: docker-ID.scope, libpod-ID.scope,
 * and with the cgroupfs driver /docker/ID, /libpod_parent/libpod-ID; Podman inside a unit (Quadlet): UNIT/libpod-payload-ID;
 * Kubernetes: cri-containerd-ID.scope, crio-ID.scope; systemd-machined: machine-NAME.scope; LXC: lxc.payload.NAME. */
#include "cgroup-path.h"

#include <string.h>

#define CONTAINER_ID_CHARS 64
#define SHORT_ID_CHARS 12

void
pl_cgroup_name_clear (PlCgroupName *name)
{
  g_free (name->id);
  g_free (name->unit);
  g_free (name->engine);
  g_free (name->tag);
  memset (name, 0, sizeof *name);
}

char *
pl_cgroup_unescape (const char *text)
{
  GString *out = g_string_new (NULL);
  for (; *text != '\0'; text++)
    if (text[0] == '\\' && text[1] == 'x' && g_ascii_isxdigit (text[2]) && g_ascii_isxdigit (text[3]))
      {
        int byte = g_ascii_xdigit_value (text[2]) * 16 + g_ascii_xdigit_value (text[3]);
        g_string_append_c (out, byte >= ' ' ? (char)byte : '?');
        text += 3;
      }
    else
      g_string_append_c (out, *text);
  g_autofree char *bytes = g_string_free (out, FALSE);
  return g_utf8_make_valid (bytes, -1);
}

static void
set_name (PlCgroupName *name, PlCgroupKind kind, const char *id, gssize id_length, const char *engine)
{
  g_autofree char *escaped = id_length < 0 ? g_strdup (id) : g_strndup (id, id_length);
  name->kind = kind;
  name->id = pl_cgroup_unescape (escaped);
  name->engine = g_strdup (engine);
}

static gboolean
is_container_id (const char *text, gsize length)
{
  if (length != CONTAINER_ID_CHARS)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isxdigit (text[i]))
      return FALSE;
  return TRUE;
}

/* PREFIX-<64 hex>[.scope], or bare <64 hex> below an engine's own directory. */
static gboolean
parse_container (PlCgroupName *name, const char *part, const char *parent)
{
  static const struct
  {
    const char *prefix, *engine;
  } forms[] = {
    { "docker-", "docker" },      { "libpod-payload-", "podman" },
    { "libpod-", "podman" },      { "cri-containerd-", "containerd" },
    { "nerdctl-", "containerd" }, { "crio-", "cri-o" },
  };
  gsize length = strlen (part) - (g_str_has_suffix (part, ".scope") ? strlen (".scope") : 0);
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    if (g_str_has_prefix (part, forms[i].prefix))
      {
        gsize skip = strlen (forms[i].prefix);
        if (!is_container_id (part + skip, length - skip))
          continue;
        set_name (name, PL_CGROUP_CONTAINER, part + skip, (gssize)(length - skip), forms[i].engine);
        return TRUE;
      }
  if (!is_container_id (part, length) || parent == NULL)
    return FALSE;
  const char *engine = g_str_equal (parent, "docker") ? "docker" : "containerd";
  if (g_str_has_suffix (parent, ".slice")) /* Podman without root or systemd: crun puts it into the user's slice */
    engine = "podman";
  set_name (name, PL_CGROUP_CONTAINER, part, (gssize)length, engine);
  return TRUE;
}

/* libvirt registers its guests as DRIVER-NUMBER-NAME: "qemu-1-win11". A container that somebody called "qemu-box" has no
 * number there. */
static void
strip_libvirt (PlCgroupName *name)
{
  static const struct
  {
    const char *prefix, *engine;
  } drivers[] = { { "qemu-", "vm" }, { "lxc-", "lxc" } };
  for (guint i = 0; i < G_N_ELEMENTS (drivers); i++)
    {
      if (!g_str_has_prefix (name->id, drivers[i].prefix))
        continue;
      const char *number = name->id + strlen (drivers[i].prefix);
      gsize n_digits = strspn (number, "0123456789");
      if (n_digits == 0 || number[n_digits] != '-' || number[n_digits + 1] == '\0')
        return;
      char *guest = g_strdup (number + n_digits + 1);
      g_free (name->id);
      name->id = guest;
      g_free (name->engine);
      name->engine = g_strdup (drivers[i].engine);
      return;
    }
}

static gboolean
parse_machine (PlCgroupName *name, const char *part, const char *parent, const char *child)
{
  if (g_str_has_prefix (part, "lxc.payload."))
    {
      set_name (name, PL_CGROUP_MACHINE, part + strlen ("lxc.payload."), -1, "lxc");
      return TRUE;
    }
  /* LXC before version 4, and Proxmox still */
  if (*part != '\0' && (g_strcmp0 (parent, "lxc") == 0 || g_strcmp0 (parent, "lxc.payload") == 0))
    {
      set_name (name, PL_CGROUP_MACHINE, part, -1, "lxc");
      return TRUE;
    }
  if (g_strcmp0 (child, "supervisor") == 0) /* the container's keeper, outside of it */
    return FALSE;
  if (g_str_has_prefix (part, "machine-") && g_str_has_suffix (part, ".scope"))
    {
      const char *id = part + strlen ("machine-");
      set_name (name, PL_CGROUP_MACHINE, id, (gssize)(strlen (id) - strlen (".scope")), "nspawn");
      strip_libvirt (name);
      return TRUE;
    }
  if (g_str_has_prefix (part, "systemd-nspawn@") && g_str_has_suffix (part, ".service"))
    {
      const char *id = part + strlen ("systemd-nspawn@");
      set_name (name, PL_CGROUP_MACHINE, id, (gssize)(strlen (id) - strlen (".service")), "nspawn");
      return TRUE;
    }
  return FALSE;
}

/* "snap.NAME.APP-UUID.scope", "snap.NAME.APP.UUID.scope", "snap.NAME.APP.service". */
static gboolean
parse_snap (PlCgroupName *name, const char *part)
{
  if (part == NULL || !g_str_has_prefix (part, "snap.")) /* NULL: only gcc 14 expects it */
    return FALSE;
  const char *id = part + strlen ("snap.");
  const char *dot = strchr (id, '.');
  if (dot == NULL || dot == id)
    return FALSE;
  set_name (name, PL_CGROUP_SNAP, id, dot - id, "snap");
  return TRUE;
}

/* Whether @id is a desktop file's whole name, which few launchers leave as it is. "org.telegram.desktop" is an id. */
static gboolean
has_desktop_suffix (const char *id)
{
  g_auto (GStrv) parts = g_strsplit (id, ".", -1);
  guint n = g_strv_length (parts);
  return n >= 2 && n != 3 && g_str_equal (parts[n - 1], "desktop");
}

/* @body: "[LAUNCHER-]ID" of @length bytes; a dash that is not escaped ends the launcher. */
static void
set_app (PlCgroupName *name, const char *body, gsize length)
{
  static const char flatpak[] = "flatpak-";
  if (strncmp (body, flatpak, sizeof flatpak - 1) == 0)
    {
      set_name (name, PL_CGROUP_FLATPAK, body + sizeof flatpak - 1, (gssize)(length - (sizeof flatpak - 1)), "flatpak");
      return;
    }
  const char *dash = memrchr (body, '-', length);
  const char *id = dash != NULL ? dash + 1 : body;
  set_name (name, PL_CGROUP_APP, id, (gssize)(length - (gsize)(id - body)), NULL);
  if (has_desktop_suffix (name->id))
    name->id[strlen (name->id) - strlen (".desktop")] = '\0';
}

static gboolean
parse_app (PlCgroupName *name, const char *part)
{
  gboolean is_dbus = g_str_has_prefix (part, "dbus-:");
  if (!g_str_has_prefix (part, "app-") && !is_dbus)
    return FALSE;
  const char *body = strchr (part, '-') + 1;
  gsize length = strlen (body);
  if (g_str_has_suffix (part, ".scope") && !is_dbus)
    {
      length -= strlen (".scope");
      const char *dash = memrchr (body, '-', length);
      if (dash == NULL || dash == body)
        return FALSE;
      name->tag = g_strndup (dash + 1, length - (gsize)(dash + 1 - body));
      length = (gsize)(dash - body);
    }
  else if (g_str_has_suffix (part, ".service"))
    {
      length -= strlen (".service");
      const char *at = memchr (body, '@', length);
      if (at != NULL)
        {
          name->tag = g_strndup (at + 1, length - (gsize)(at + 1 - body));
          length = (gsize)(at - body);
        }
    }
  else
    return FALSE;
  if (length == 0)
    return FALSE;
  set_app (name, body, length);
  return TRUE;
}

static gboolean
parse_unit (PlCgroupName *name, const char *part)
{
  static const char *const of_any_program[] = { "session-", "vte-spawn-",    "tmux-spawn-",
                                                "kitty-",   "ptyxis-spawn-", "run-" };
  gboolean is_service = g_str_has_suffix (part, ".service");
  if (!is_service && !g_str_has_suffix (part, ".scope"))
    return FALSE;
  if (g_str_has_prefix (part, "user@") || g_str_equal (part, "init.scope"))
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (of_any_program); i++)
    if (!is_service && g_str_has_prefix (part, of_any_program[i]))
      {
        name->kind = PL_CGROUP_SESSION;
        return TRUE;
      }
  set_name (name, is_service ? PL_CGROUP_SERVICE : PL_CGROUP_SESSION, part, -1, NULL);
  if (is_service)
    name->id[strlen (name->id) - strlen (".service")] = '\0';
  else
    g_clear_pointer (&name->id, g_free);
  return TRUE;
}

static gboolean
parse_part (PlCgroupName *name, const char *part, const char *parent, const char *child)
{
  if (g_str_has_prefix (part, "libpod-conmon-"))
    return parse_unit (name, part); /* the container's keeper, outside of it */
  return parse_container (name, part, parent) || parse_machine (name, part, parent, child) || parse_snap (name, part)
         || parse_app (name, part) || parse_unit (name, part);
}

/* What runs inside a container, @below its own directory: a unit, or another container. */
static char *
unit_inside (char **below)
{
  g_auto (PlCgroupName) inner = { 0 };
  g_autofree char *path = g_strjoinv ("/", below);
  pl_cgroup_name_parse (&inner, path);
  if (inner.kind == PL_CGROUP_CONTAINER || inner.kind == PL_CGROUP_MACHINE)
    return g_strdup_printf ("%s:%.*s", inner.engine, inner.kind == PL_CGROUP_CONTAINER ? SHORT_ID_CHARS : 64, inner.id);
  return g_steal_pointer (&inner.unit);
}

void
pl_cgroup_name_parse (PlCgroupName *name, const char *path)
{
  memset (name, 0, sizeof *name);
  if (path == NULL)
    return;
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  guint n = g_strv_length (parts);
  /* A container counts wherever it stands: what runs inside may have units of its own. */
  for (guint i = 0; i < n; i++)
    {
      const char *parent = i > 0 ? parts[i - 1] : NULL;
      if (!parse_container (name, parts[i], parent) && !parse_machine (name, parts[i], parent, parts[i + 1]))
        continue;
      name->unit = unit_inside (parts + i + 1);
      return;
    }
  for (guint i = n; i-- > 0;)
    if (parse_part (name, parts[i], i > 0 ? parts[i - 1] : NULL, parts[i + 1]))
      {
        name->unit = pl_cgroup_unescape (parts[i]);
        return;
      }
}
