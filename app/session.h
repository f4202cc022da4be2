/* The one object that starts, stops and joins capture, owners and model: IDLE → STARTING → RUNNING → STOPPING → IDLE, or
 * FAILED with a GError. Main loop only; nothing here blocks for longer than a thread needs to notice its eventfd. */
#pragma once
#include <gio/gio.h>
#include "model.h"
#include "helper-keeper.h"

typedef enum
{
  PL_SESSION_IDLE,     /* no packets; the sockets view may be on */
  PL_SESSION_STARTING,
  PL_SESSION_RUNNING,
  PL_SESSION_ENDED,    /* the file or pipe was read to its end: what was read stands */
  PL_SESSION_FAILED,   /* pl_session_get_error() */
} PlSessionState;

typedef enum
{
  PL_OPEN_DEVICE, /* libpcap in this process: root, or a process with capabilities */
  PL_OPEN_HELPER, /* through portlight-helper: directly when it may, else by pkexec */
  PL_OPEN_FILE,
  PL_OPEN_FD,     /* stdin or a pipe; the descriptor is taken over */
  PL_OPEN_TOOL,   /* the same, of another program that captures on this machine now */
} PlOpenKind;

typedef struct
{
  PlOpenKind kind;
  const char *name;   /* interface ("any" too), path, or what to call the descriptor */
  int fd;             /* PL_OPEN_FD and PL_OPEN_TOOL, else -1 */
  const char *filter; /* nullable */
  const char *const *local; /* NULL-terminated ADDR or ADDR/BITS, nullable */
  gboolean keep_all;  /* reports: ended flows stay */
} PlOpen;

#define PL_TYPE_SESSION (pl_session_get_type ())
G_DECLARE_FINAL_TYPE (PlSession, pl_session, PL, SESSION, GObject)

/* Properties: "state" (PlSessionState as int, notify), "model". Signal "updated": after each applied batch. */
PlSession *pl_session_new (void);
/* Captures with the helper of @keeper, which other sessions may have too; before the first capture. */
void pl_session_set_helper_keeper (PlSession *self, PlHelperKeeper *keeper);
PlModel *pl_session_get_model (PlSession *self);
PlSessionState pl_session_get_state (PlSession *self);
const GError *pl_session_get_error (PlSession *self); /* NULL unless FAILED, or ENDED with flows kept before a fault */
/* Stops what runs, empties the model and starts @open; before a device or the helper, the flows of sockets stay on view
 * and meet their packets. Ended flows stay for good in a file and with @keep_all, else PL_ENDED_LINGER_US. FALSE only for arguments that can never work (a --local that does
 * not parse); everything else arrives as FAILED. */
gboolean pl_session_open (PlSession *self, const PlOpen *open, GError **error);
/* Stops capture; the flows stay. */
void pl_session_stop (PlSession *self);
/* Stops capture and empties the model: nothing is open, the sockets of this machine are on view again. */
void pl_session_close (PlSession *self);
/* The sockets source: sockets and listeners once a second while @on. Independent of capture; while a file or a descriptor
 * is open it rests, for its flows are not this machine's. */
void pl_session_watch_sockets (PlSession *self, gboolean on);
/* Why the sockets can't be listed (transfer full), or NULL. */
char *pl_session_dup_sockets_error (PlSession *self);
const char *pl_session_get_source_name (PlSession *self); /* nullable: nothing is open */
PlOpenKind pl_session_get_source_kind (PlSession *self);  /* of what was opened last */
/* What is on view is this machine, now: a device, the helper, or the sockets alone. */
gboolean pl_session_is_live (PlSession *self);
/* 0..1 while a file of known size is read, else -1. */
double pl_session_get_progress (PlSession *self);
