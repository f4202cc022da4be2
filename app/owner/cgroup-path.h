/* What a cgroup's path says about the processes in it: the naming rules of systemd, desktops, Flatpak, Snap and container
 * engines. Pure functions, any thread. */
#pragma once
#include <glib.h>

typedef enum
{
  PL_CGROUP_NONE,      /* nothing that a person would call a program */
  PL_CGROUP_SESSION,   /* a login session, a terminal's tab: programs of any kind */
  PL_CGROUP_SERVICE,   /* a systemd service */
  PL_CGROUP_APP,       /* a desktop app: id is its desktop id */
  PL_CGROUP_FLATPAK,   /* id is the Flatpak's */
  PL_CGROUP_SNAP,      /* id is the snap's name */
  PL_CGROUP_CONTAINER, /* engine and the container's id, 64 hexadecimal digits */
  PL_CGROUP_MACHINE,   /* systemd-nspawn, LXC, or a virtual machine: id is its name */
} PlCgroupKind;

typedef struct
{
  PlCgroupKind kind;
  char *id;     /* nullable; NULL for NONE and SESSION */
  char *unit;   /* systemd's name of the unit, unescaped for people; of a container or machine, of the one inside it; nullable */
  char *engine; /* "docker", "podman", "containerd", "cri-o", "lxc", "nspawn", "vm"; nullable */
  char *tag;    /* what made the unit's name unique, often the first process's pid; nullable */
} PlCgroupName;

/* Never fails: an unknown form is PL_CGROUP_NONE. @path as in /proc/PID/cgroup, or relative to the cgroup2 mount. */
void pl_cgroup_name_parse (PlCgroupName *name, const char *path);
void pl_cgroup_name_clear (PlCgroupName *name);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlCgroupName, pl_cgroup_name_clear)
/* Undoes systemd's \xNN escapes (systemd-escape(1)); (transfer full). */
char *pl_cgroup_unescape (const char *text);
