/* Counts frames and widgets of the windows, and all windows whether seen or not, from when it is first asked for. Main loop only. */
#include "statistics.h"

#include <stdlib.h>
#include <time.h>

#include "status-words.h"
#include "window-private.h"

#define MAX_FRAMES 100000 /* that are remembered: half an hour at 60 a second */

typedef struct
{
  GArray *frames_us; /* guint, CPU of the main thread for a frame: what moves, layout, drawing */
  guint n_frames;
  gint64 begun_us; /* thread CPU clock, of the frame that is in the making */
} Counter;

static gint64
thread_us (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

static void
frame_begins (Counter *counter)
{
  counter->begun_us = thread_us ();
}

static void
frame_ends (Counter *counter)
{
  guint took_us = (guint)(thread_us () - counter->begun_us);

  counter->n_frames++;
  if (counter->begun_us != 0 && counter->frames_us->len < MAX_FRAMES)
    g_array_append_val (counter->frames_us, took_us);
}

static void
counter_free (gpointer data)
{
  Counter *counter = data;

  g_array_unref (counter->frames_us);
  g_free (counter);
}

/* The window's counter lives as long as its frame clock. */
static Counter *
need_counter (GtkWidget *window)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (window);
  Counter *counter;

  if (clock == NULL)
    return NULL;
  counter = g_object_get_data (G_OBJECT (clock), "portlight-counter");
  if (counter != NULL)
    return counter;
  counter = g_new0 (Counter, 1);
  counter->frames_us = g_array_new (FALSE, FALSE, sizeof (guint));
  g_object_set_data_full (G_OBJECT (clock), "portlight-counter", counter, counter_free);
  g_signal_connect_swapped (clock, "before-paint", G_CALLBACK (frame_begins), counter);
  g_signal_connect_swapped (clock, "after-paint", G_CALLBACK (frame_ends), counter);
  return counter;
}

static guint
count_widgets (GtkWidget *widget)
{
  guint n = 1;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count_widgets (child);
  return n;
}

static int
compare_us (const void *a, const void *b)
{
  guint one = *(const guint *)a, other = *(const guint *)b;

  return one < other ? -1 : one > other;
}

static void
print_window (GtkWidget *window)
{
  Counter *counter = need_counter (window);
  guint n = counter != NULL ? counter->frames_us->len : 0;
  guint *sorted = n > 0 ? (guint *)(gpointer)counter->frames_us->data : NULL;
  PlSituation situation = pl_window_get_situation (PL_WINDOW (window));

  if (n > 0)
    qsort (sorted, n, sizeof *sorted, compare_us);
  g_print ("{\"windows\":%u,\"widgets\":%u,\"flows\":%u,\"packets\":%" G_GUINT64_FORMAT
           ",\"dropped\":%" G_GUINT64_FORMAT ",\"owners_not_asked\":%" G_GUINT64_FORMAT
           ",\"frames\":%u,\"frame_median_us\":%u,\"frame_p95_us\":%u,\"frame_max_us\":%u}\n",
           g_list_model_get_n_items (gtk_window_get_toplevels ()), count_widgets (window), situation.n_drawn,
           situation.totals->packets, pl_status_dropped (situation.totals), situation.totals->questions_dropped,
           counter != NULL ? counter->n_frames : 0, n > 0 ? sorted[n / 2] : 0, n > 0 ? sorted[n * 95 / 100] : 0,
           n > 0 ? sorted[n - 1] : 0);
  if (counter == NULL)
    return;
  counter->n_frames = 0;
  g_array_set_size (counter->frames_us, 0);
}

static void
print_statistics (GSimpleAction *action, GVariant *parameter, gpointer application)
{
  for (GList *l = gtk_application_get_windows (application); l != NULL; l = l->next)
    if (PL_IS_WINDOW (l->data))
      print_window (l->data);
}

void
pl_statistics_add_action (GtkApplication *application)
{
  static const GActionEntry entries[] = { { .name = "print-statistics", .activate = print_statistics } };

  g_action_map_add_action_entries (G_ACTION_MAP (application), entries, G_N_ELEMENTS (entries), application);
}
