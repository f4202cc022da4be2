/* What the files of the session share. Main loop only. */
#pragma once
#include "session.h"
#include "capture.h"
#include "helper-keeper.h"
#include "owners.h"

typedef struct _PlAsker PlAsker;             /* asks the owner thread, from the capture thread */
typedef struct _PlHelperStart PlHelperStart; /* a helper on its way up */
typedef struct _PlOwnersStart PlOwnersStart; /* the same for owners alone */

struct _PlSession
{
  GObject parent_instance;

  PlModel *model;
  PlMailbox *mailbox;   /* NULL until something is opened */
  PlBatch *batch;       /* taken from it, but for the rest; nullable */
  guint n_names_taken, n_flows_taken, n_gone_taken; /* of that */
  PlCapture *capture;   /* nullable */
  PlOwners *owners;     /* nullable: made when first needed */
  PlAsker *asker;       /* of the capture; nullable */
  PlHelperKeeper *keeper;       /* nullable: made when first needed */
  PlHelperStart *helper_start;  /* what waits for the helper; nullable */
  PlHelperClient *owners_helper; /* nullable: tells of owners alone */
  PlOwnersStart *owners_start;  /* nullable */
  GSource *pump;        /* NULL once disposed */
  gint64 committed_us;  /* monotonic */

  PlSessionState state;
  GError *error;        /* nullable */
  PlOpenKind kind;
  char *source_name;    /* nullable: nothing is open */
  guint16 generation;   /* of the capture: an answer to an earlier one's question is dropped */
  gboolean wants_sockets, is_watching;
};

/* session.c */
void pl_session_set_state (PlSession *self, PlSessionState state, GError *error);
gboolean pl_session_is_foreign (PlSession *self);
void pl_session_fail (PlSession *self, GError *error);

/* session-pump.c */
void pl_session_start_pump (PlSession *self);
void pl_session_stop_pump (PlSession *self);
gboolean pl_session_need_mailbox (PlSession *self, GError **error);
void pl_session_need_owners (PlSession *self);
gboolean pl_session_take_all (PlSession *self);
void pl_session_drop_batch (PlSession *self);
void pl_session_commit (PlSession *self);
void pl_session_join_capture (PlSession *self);

/* session-open.c */
gboolean pl_session_parse_local (const char *const *local, PlPrefix **prefixes, guint *n_prefixes, GError **error);
void pl_session_start_source (PlSession *self, const PlOpen *open, const PlPrefix *local, guint n_local);
void pl_session_start_capture (PlSession *self, PlCaptureOptions *options);
gboolean pl_session_is_current_question (PlSession *self, guint64 question);
guint64 pl_session_get_question_flow (guint64 question);

/* session-helper.c */
void pl_session_start_helper (PlSession *self, const PlOpen *open, const PlPrefix *local, guint n_local);
void pl_session_release_helper (PlSession *self);

/* session-owners.c */
void pl_session_use_owners (PlSession *self, PlHelperClient *helper);
void pl_session_start_owners_helper (PlSession *self);
void pl_session_end_owners_helper (PlSession *self);
