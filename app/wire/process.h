/* A process as the owner thread saw it: immutable once shared, reference-counted atomically. The process itself may be
 * gone by the time anyone reads this. libc only. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

typedef enum /* how sure an attribution is; shown, never hidden */
{
  PL_CONFIDENCE_UNKNOWN,
  PL_CONFIDENCE_LIKELY,   /* a single exited candidate, or one of several holders */
  PL_CONFIDENCE_CGROUP,   /* the process is gone; its cgroup names the app */
  PL_CONFIDENCE_LISTENER, /* inbound: the listener's owner */
  PL_CONFIDENCE_EXACT,    /* the socket was found in this process, or the kernel said so */
} PlConfidence;

typedef struct
{
  int n_refs; /* atomic */
  int32_t pid, parent_pid; /* 0 when gone or unknown */
  uint32_t uid;            /* UINT32_MAX when unknown */
  uint64_t start_time;     /* clock ticks since boot (proc(5) starttime); with pid, the process's identity */
  bool is_elsewhere;       /* in another network namespace of this machine, as in a container */
  uint64_t started_us;     /* the same as Unix time; 0 unknown */
  char *name;      /* what a person calls it: "Firefox", "curl"; never NULL */
  char *app_key;   /* processes of one app share it: desktop id, unit, container or exe path; never NULL */
  char *comm;      /* nullable */
  char *exe;       /* absolute path, without " (deleted)"; nullable */
  char *cmdline;   /* arguments joined by spaces; nullable */
  char *unit;      /* systemd unit or scope, container, Flatpak or Snap id; nullable */
  char *icon_name; /* themed icon name or path; nullable */
  char *user;      /* user name; nullable */
  char *parent_name; /* the parent's comm, as it was then; nullable */
} PlProcess;

PlProcess *pl_process_new (void); /* all empty; NULL only when memory is out. Strings are malloc'd and owned by it */
PlProcess *pl_process_app_of (const PlProcess *process); /* without the process: which of its processes is not known */
PlProcess *pl_process_ref (PlProcess *process);
void pl_process_unref (PlProcess *process); /* NULL is allowed */
const char *pl_confidence_id (PlConfidence confidence); /* "exact", "listener", "cgroup", "likely", "unknown" */
