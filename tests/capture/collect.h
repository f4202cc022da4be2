/* A main loop's side of a capture, for tests: takes batches and keeps the latest facts of each flow. */
#pragma once
#include "capture.h"

typedef struct
{
  PlMailbox *mailbox;
  GHashTable *flows; /* guint64 id → PlFlowUpdate, latest; those that left are removed */
  PlCaptureStats stats;
  PlCaptureState state;
  GError *error;
  GPtrArray *ifaces;
  guint n_batches, n_gone;
} Collector;

Collector *collector_new (void);
void collector_free (Collector *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Collector, collector_free)
/* Takes all that waits now. */
void collector_take (Collector *self);
/* Waits for batches until @is_done says so; fails the test after ten seconds. */
void collector_wait (Collector *self, gboolean (*is_done) (Collector *self, gpointer data), gpointer data);
/* Waits until the capture has ended or failed. */
void collector_wait_for_end (Collector *self);
/* Waits until the capture thread sleeps, and nothing wakes it for some seconds; fails the test after ten tries. Only one
 * capture may be on. */
void collector_wait_for_rest (Collector *self);
/* Runs a whole file; FAILED keeps its error in @self. */
void collector_run_file (Collector *self, const char *path);
void collector_run (Collector *self, const PlCaptureOptions *options);
/* The only flow with this port at either end; fails the test when there is none. */
const PlFlowUpdate *collector_get_by_port (Collector *self, guint16 port);
/* Fails the test unless packets == sum over flows + others + ended, and received == packets + undecodable. */
void collector_check_totals (Collector *self);
