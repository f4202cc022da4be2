/* Shared by the files of the owner thread. */
#pragma once
#include <pthread.h>
#include <stdatomic.h>

#include "first-look.h"
#include "helper-guest.h"
#include "latency.h"
#include "own-addresses.h"
#include "owners.h"
#include "pending.h"
#include "question-ring.h"
#include "resolver.h"
#include "reuse-box.h"
#include "second-looks.h"
#include "sockets-source.h"

struct _PlOwners
{
  pthread_t thread;
  gboolean has_thread;
  int wake_fd; /* to the thread */
  int ready_fd; /* to the main loop */
  PlQuestionRing *ring;
  atomic_bool is_ending, is_watching;
  PlHelperGuest *guest;
  PlReuseBox *reuses;
  PlFirstLook *look;
  pthread_mutex_t mutex; /* what follows, down to stats */
  GArray *answers; /* PlOwnerAnswer */
  GArray *sockets; /* PlSocket; nullable */
  char *sockets_error;
  PlLatency latency;
  PlOwnerStats stats;
  /* the thread's own */
  PlResolver *resolver; /* NULL when there is nothing to resolve with */
  char *resolver_error;
  PlSocketsSource *source;
  PlOwnAddresses *own;
  GArray *outgoing; /* PlOwnerAnswer, not handed over yet */
  GArray *outgoing_asked; /* gint64, when the packet was there, in step with outgoing */
  GArray *waiting; /* PlOwnerQuestion, until its sender is told or PL_SENDER_WAIT_US after it was asked */
  GArray *late; /* PlCase, unnamed, whose sender may still be told; in order of look_again_us */
  gint64 unaided_us; /* monotonic, since when the helper's owner child is gone; 0 */
  guint64 n_asked; /* when that was looked at last */
  guint64 n_senders; /* told when late was looked through */
  PlPending *pending; /* those that wait for a scan */
  PlSecondLooks *second_looks;
};

/* All of these: owner thread only. */

/* Nullable; not owned. */
PlHelperLink *pl_owners_get_helper (PlOwners *owners);
/* Has the resolver wait for a helper that is on its way. */
void pl_owners_await_helper (PlOwners *owners);
/* Names those whose sender was told at last. Returns the milliseconds until the next one gives up, -1 for none. */
int pl_owners_look_for_late_senders (PlOwners *owners);
/* One batch of what waits; the rest in the next round, so that scans begin and answers leave meanwhile. */
void pl_owners_answer_questions (PlOwners *owners);
/* Betters answers that stand, for a bout. Returns the milliseconds until the next one is due, -1 for none. */
int pl_owners_look_again (PlOwners *owners);
/* In a sandbox, where no scan can be: has the helper look into some of the processes outside for what the dump's sockets and the
 * cases that wait lack. Returns the milliseconds until the next are due, -1 for none. */
int pl_owners_look_outside (PlOwners *owners);
/* A scan's result is there: those that waited for it are answered. */
void pl_owners_take_scan (PlOwners *owners);
/* If some wait for one and none runs. */
void pl_owners_start_scan (PlOwners *owners);
