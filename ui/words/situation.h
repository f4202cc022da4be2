/* What the window says besides the graph, for every situation a source can be in: a whole page where there is nothing to
 * draw, a notice above the graph where something went wrong, the words on the capture button and beside the counters.
 * Pure: it is told the situation and answers with words. */
#pragma once
#include "rights.h"
#include "session.h"

typedef struct
{
  PlSessionState state;
  PlOpenKind kind;      /* means something only while @source is set */
  const char *source;   /* for people: "wlan0", "capture.pcap"; NULL: only this computer's sockets */
  const GError *error;  /* of the session; nullable */
  const char *sockets_error; /* nullable */
  const PlModelTotals *totals;
  guint n_drawn;        /* flows and listeners that the graph shows */
  gboolean was_stopped; /* by the person, before the end */
  PlRightsCgroups cgroups;    /* in a sandbox they alone name apps */
  double progress;      /* 0..1, -1 unknown */
  guint64 running_us;   /* since the capture began */
  guint64 began_us;     /* when that was, since the epoch */
} PlSituation;

typedef struct
{
  char *icon, *title, *body; /* icon NULL: no page, the graph is shown */
  const char *command; /* a line for a terminal that mends it; nullable; static */
  const char *button, *action; /* nullable; static */
} PlSituationPage;

typedef struct
{
  char *title, *body; /* title NULL: no notice */
  const char *command; /* as above */
  gboolean is_lasting; /* nothing in this run will change it: said until it is dismissed once */
  const char *button, *action; /* nullable; static */
} PlSituationNotice;

void pl_situation_page (const PlSituation *situation, PlSituationPage *page);
void pl_situation_page_clear (PlSituationPage *page);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlSituationPage, pl_situation_page_clear)
void pl_situation_notice (const PlSituation *situation, PlSituationNotice *notice);
/* What the desktop is to tell of a source that just came to its end while nobody looked. @was_long: it took its time. */
void pl_situation_notification (const PlSituation *situation, gboolean was_long, PlSituationNotice *notice);
void pl_situation_notice_clear (PlSituationNotice *notice);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlSituationNotice, pl_situation_notice_clear)

/* What its error is called. */
const char *pl_situation_error_title (const PlSituation *situation);
/* Whether it captures or reads just now. */
gboolean pl_situation_is_busy (const PlSituation *situation);
/* "Capture", "Starting…", "Capturing", "Reading" */
const char *pl_situation_capture_label (const PlSituation *situation);
/* "wlan0 · 02:41", "capture.pcap · 3 s of traffic": right end of the status bar. (transfer full) */
char *pl_situation_source (const PlSituation *situation);
