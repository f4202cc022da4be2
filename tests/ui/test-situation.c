/* What the window says in each situation of a source: nothing fails in silence, nothing succeeds with a complaint. */
#include <string.h>

#include "capture.h"
#include "flatpak.h"
#include "format.h"
#include "helper-client.h"
#include "scene.h"
#include "situation.h"
#include "status-words.h"

static PlModelTotals no_totals;

static PlSituation
make_situation (PlSessionState state, PlOpenKind kind, const char *source)
{
  return (PlSituation){ .state = state, .kind = kind, .source = source, .totals = &no_totals, .progress = -1 };
}

static void
assert_page (const PlSituation *situation, const char *title, const char *action)
{
  g_auto (PlSituationPage) page = { 0 };

  pl_situation_page (situation, &page);
  g_assert_cmpstr (page.title, ==, title);
  g_assert_cmpstr (page.action, ==, action);
  g_assert_true ((page.icon != NULL) == (title != NULL));
  g_assert_true ((page.button != NULL) == (action != NULL));
}

static void
assert_notice (const PlSituation *situation, const char *title, const char *action)
{
  g_auto (PlSituationNotice) notice = { 0 };

  pl_situation_notice (situation, &notice);
  g_assert_cmpstr (notice.title, ==, title);
  g_assert_cmpstr (notice.action, ==, action);
}

/* The line that mends it is apart from the words, where it can be copied. @body: (nullable): all of the words. */
static void
assert_command (const PlSituation *situation, const char *command, const char *body)
{
  g_auto (PlSituationPage) page = { 0 };

  pl_situation_page (situation, &page);
  g_assert_cmpstr (page.command, ==, command);
  g_assert_null (strstr (page.body, "flatpak override"));
  if (body != NULL)
    g_assert_cmpstr (page.body, ==, body);
}

static void
test_this_computer (void)
{
  PlSituation situation = make_situation (PL_SESSION_IDLE, PL_OPEN_HELPER, NULL);
  g_autofree char *source = NULL, *running = NULL;

  assert_page (&situation, "No Connections Right Now", "win.capture");
  assert_notice (&situation, NULL, NULL);
  source = pl_situation_source (&situation);
  g_assert_cmpstr (source, ==, "Sockets of this computer");
  situation.n_drawn = 1;
  assert_page (&situation, NULL, NULL);
  situation.n_drawn = 0;
  situation.sockets_error = "no netlink here";
  assert_page (&situation, "The Sockets Cannot Be Listed", "win.capture");
  assert_command (&situation, NULL, "no netlink here");
  situation.sockets_error = "Allow it with “" PL_FLATPAK_GRANT_NETWORK "”, then start again.";
  assert_page (&situation, "The Sockets Cannot Be Listed", "win.capture");
  assert_command (&situation, "flatpak override --user --share=network " PL_APP_ID, NULL);
  assert_notice (&situation, NULL, NULL); /* the page says it */

  situation.source = "wlan0";
  situation.state = PL_SESSION_RUNNING;
  assert_page (&situation, "Quiet So Far", NULL); /* another Capture would stop it */
  assert_notice (&situation, "Apps Have No Names", NULL);
  situation.state = PL_SESSION_STARTING; /* the password is asked for */
  assert_page (&situation, "The Capture Is Starting", NULL);
  situation = make_situation (PL_SESSION_RUNNING, PL_OPEN_HELPER, "wlan0");
  situation.began_us = 14 * 3600 * 1000000ull + 301 * 1000000ull;
  assert_page (&situation, "Quiet So Far", NULL);
  g_assert_cmpstr (pl_situation_capture_label (&situation), ==, "Capturing");
  running = pl_situation_source (&situation);
  g_assert_cmpstr (running, ==, "wlan0 · since 14:05");
  situation.state = PL_SESSION_STARTING;
  g_assert_cmpstr (pl_situation_capture_label (&situation), ==, "Starting…");
  situation.state = PL_SESSION_IDLE;
  g_assert_cmpstr (pl_situation_capture_label (&situation), ==, "Capture");
}

/* Whose interface is gone hears it, and no more once it is back or nobody captures. */
static void
test_interface_gone (void)
{
  PlModelTotals totals = { .is_interface_gone = TRUE };
  PlSituation situation = make_situation (PL_SESSION_RUNNING, PL_OPEN_HELPER, "wlan0");
  g_autofree char *source = NULL, *back = NULL;

  situation.totals = &totals;
  situation.n_drawn = 1;
  assert_notice (&situation, "Interface wlan0 Is Gone", NULL);
  source = pl_situation_source (&situation);
  g_assert_cmpstr (source, ==, "wlan0 is gone, waiting for it");
  situation.state = PL_SESSION_IDLE;
  assert_notice (&situation, NULL, NULL);
  situation.state = PL_SESSION_RUNNING;
  totals.is_interface_gone = FALSE;
  assert_notice (&situation, NULL, NULL);
  back = pl_situation_source (&situation);
  g_assert_cmpstr (back, ==, "wlan0 · since 00:00");
}

/* A capture that fails says so above the sockets, which go on, and can be tried again. */
static void
test_capture_fails (void)
{
  PlSituation situation = make_situation (PL_SESSION_FAILED, PL_OPEN_HELPER, "All interfaces");
  static const char *const titles[] = {
    [PL_HELPER_CLIENT_ERROR_NOT_FOUND] = "The Capture Helper Is Missing",
    [PL_HELPER_CLIENT_ERROR_NO_PKEXEC] = "Nothing Here Can Ask for the Password",
    [PL_HELPER_CLIENT_ERROR_DISMISSED] = "Capture Was Not Started",
    [PL_HELPER_CLIENT_ERROR_DENIED] = "Capture Was Not Allowed",
    [PL_HELPER_CLIENT_ERROR_TOO_OLD] = "The Capture Helper Is of Another Version",
    [PL_HELPER_CLIENT_ERROR_FAILED] = "Capture Could Not Start",
    [PL_HELPER_CLIENT_ERROR_NO_HOST] = "The Sandbox Does Not Allow Capture",
    [PL_HELPER_CLIENT_ERROR_NO_AGENT] = "Nothing Here Can Ask for the Password",
    [PL_HELPER_CLIENT_ERROR_NO_POLKIT] = "Nothing Here Can Ask for the Password",
    [PL_HELPER_CLIENT_ERROR_NOT_RUNNABLE] = "Capture Could Not Start",
    [PL_HELPER_CLIENT_ERROR_OTHER_MACHINE] = "Capture Could Not Start",
    [PL_HELPER_CLIENT_ERROR_NO_RIGHT] = "Capture Could Not Start",
    [PL_HELPER_CLIENT_ERROR_ENDED] = "The Capture Stopped",
    [PL_HELPER_CLIENT_ERROR_FORBIDDEN] = "Capture Was Not Allowed",
    [PL_HELPER_CLIENT_ERROR_TAKEN] = "Another Window Captures Now",
    [PL_HELPER_CLIENT_ERROR_WRONG_PASSWORD] = "The Password Was Not Accepted",
    [PL_HELPER_CLIENT_ERROR_NO_SETUID] = "Nothing Here Can Ask for the Password",
    [PL_HELPER_CLIENT_ERROR_NO_BUS] = "Capture Could Not Start",
    [PL_HELPER_CLIENT_ERROR_UPDATED] = "Portlight Was Updated or Removed",
    [PL_HELPER_CLIENT_ERROR_NO_SETUID_READ_ONLY] = "Nothing Here Can Ask for the Password",
    [PL_HELPER_CLIENT_ERROR_NOSUID] = "Nothing Here Can Ask for the Password",
    [PL_HELPER_CLIENT_ERROR_CONFINED] = "Nothing Here Can Ask for the Password",
  };

  for (guint code = 0; code < G_N_ELEMENTS (titles); code++)
    {
      g_autoptr (GError) error = g_error_new_literal (PL_HELPER_CLIENT_ERROR, (int)code, "why");

      situation.error = error;
      situation.n_drawn = 0;
      assert_notice (&situation, titles[code], "win.capture");
      assert_page (&situation, "No Connections Right Now", "win.capture");
      situation.n_drawn = 7;
      assert_notice (&situation, titles[code], "win.capture");
      assert_page (&situation, NULL, NULL);
    }
  situation.error = NULL;
  situation.state = PL_SESSION_ENDED;
  assert_notice (&situation, "The Capture Ended", "win.capture");
}

/* Down, disappeared, or the helper died: the message says which, so the title must not claim one of them. */
static void
test_capture_stops (void)
{
  PlSituation situation = make_situation (PL_SESSION_FAILED, PL_OPEN_HELPER, "eth0");
  g_autoptr (GError) error = g_error_new_literal (PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_DEVICE_GONE, "why");

  situation.error = error;
  situation.n_drawn = 7;
  assert_notice (&situation, "The Capture Stopped", "win.capture");
}

/* A file that fails says so on a page of its own, or above the flows that were read before. */
static void
test_file_fails (void)
{
  PlSituation situation = make_situation (PL_SESSION_FAILED, PL_OPEN_FILE, "a.pcap");

  for (guint code = PL_CAPTURE_ERROR_NOT_FOUND; code <= PL_CAPTURE_ERROR_FAILED; code++)
    {
      g_autoptr (GError) error = g_error_new_literal (PL_CAPTURE_ERROR, (int)code, "why and what to do");
      g_auto (PlSituationPage) page = { 0 };
      g_auto (PlSituationNotice) notice = { 0 };

      situation.error = error;
      situation.n_drawn = 0;
      pl_situation_page (&situation, &page);
      g_assert_cmpstr (page.body, ==, "why and what to do");
      g_assert_cmpstr (page.action, ==, "win.open");
      assert_notice (&situation, NULL, NULL);

      situation.n_drawn = 3;
      assert_page (&situation, NULL, NULL);
      pl_situation_notice (&situation, &notice);
      g_assert_cmpstr (notice.title, ==, page.title);
      g_assert_cmpstr (notice.body, ==, "why and what to do");
    }
}

static void
test_file (void)
{
  PlModelTotals totals = { .packets = 12, .received = 12, .first_us = 1000000, .last_us = 4000000 };
  PlSituation situation = make_situation (PL_SESSION_ENDED, PL_OPEN_FILE, "a.pcap");
  g_autofree char *source = NULL, *reading = NULL;
  g_auto (PlSituationPage) page = { 0 };

  assert_page (&situation, "No Packets in It", "win.open");
  no_totals.undecodable_total = 9;
  no_totals.undecodable[PL_UNDECODABLE_NOT_IP] = 8;
  no_totals.undecodable[PL_UNDECODABLE_CUT_LINK] = 1;
  assert_page (&situation, "No Flow in It", "win.open");
  pl_situation_page (&situation, &page);
  g_assert_cmpstr (page.body, ==,
                   "“a.pcap” holds 9 packets, of which none belongs to a flow: "
                   "8 × not Internet traffic (ARP and the like), 1 × cut inside the link header.");
  no_totals = (PlModelTotals){ 0 };

  situation.n_drawn = 2;
  situation.totals = &totals;
  assert_page (&situation, NULL, NULL);
  assert_notice (&situation, NULL, NULL);
  source = pl_situation_source (&situation);
  g_assert_cmpstr (source, ==, "a.pcap · 3.0 s of traffic");

  situation.state = PL_SESSION_RUNNING;
  situation.progress = 0.434;
  reading = pl_situation_source (&situation);
  g_assert_cmpstr (reading, ==, "a.pcap · 43 % read");
  g_assert_cmpstr (pl_situation_capture_label (&situation), ==, "Reading");
  situation.state = PL_SESSION_IDLE;
  situation.was_stopped = TRUE;
  assert_notice (&situation, "Reading Was Stopped", NULL);
}

static void
test_pipe (void)
{
  PlSituation situation = make_situation (PL_SESSION_RUNNING, PL_OPEN_FD, "Standard input"),
              named = make_situation (PL_SESSION_STARTING, PL_OPEN_FILE, "pipe");

  assert_page (&situation, "Waiting for Packets", "win.capture");
  situation.n_drawn = 1;
  assert_page (&situation, NULL, NULL);
  assert_page (&named, NULL, NULL); /* it may be a file yet */
  named.state = PL_SESSION_RUNNING;
  assert_page (&named, "Waiting for Packets", "win.capture");
  named.progress = 0;
  assert_page (&named, NULL, NULL);
}

/* ---- the status bar ---- */

static const PlStatusRow *
find_row (GPtrArray *rows, const char *label)
{
  for (guint i = 0; i < rows->len; i++)
    {
      const PlStatusRow *row = g_ptr_array_index (rows, i);

      if (strstr (row->label, label) != NULL)
        return row;
    }
  return NULL;
}

static void
assert_notification (const PlSituation *situation, gboolean was_long, const char *title)
{
  g_auto (PlSituationNotice) notice = { 0 };

  pl_situation_notification (situation, was_long, &notice);
  g_assert_cmpstr (notice.title, ==, title);
  g_assert_true ((notice.body != NULL) == (title != NULL));
}

/* While nobody looks: what was lost, and what took its time; nothing that the person did. */
static void
test_notification (void)
{
  g_autoptr (GError) error = g_error_new (PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_TRUNCATED, "it breaks off");
  PlSituation situation = make_situation (PL_SESSION_ENDED, PL_OPEN_FILE, "a.pcap");

  assert_notification (&situation, FALSE, NULL);
  assert_notification (&situation, TRUE, "The Capture Was Read");
  situation.error = error;
  assert_notification (&situation, FALSE, NULL);
  assert_notification (&situation, TRUE, "The Capture Breaks Off");
  situation.was_stopped = TRUE;
  assert_notification (&situation, TRUE, NULL);

  situation = make_situation (PL_SESSION_ENDED, PL_OPEN_HELPER, "wlan0");
  assert_notification (&situation, FALSE, "The Capture Ended");
  g_autoptr (GError) stopped = g_error_new_literal (PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_ENDED, "why");
  g_autoptr (GError) taken = g_error_new_literal (PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_TAKEN, "why");
  situation.state = PL_SESSION_FAILED;
  situation.error = stopped;
  assert_notification (&situation, FALSE, "The Capture Stopped");
  situation.error = taken; /* by the person, in another window */
  assert_notification (&situation, FALSE, NULL);
  situation.error = NULL;
  situation.state = PL_SESSION_RUNNING;
  assert_notification (&situation, TRUE, NULL);
  situation.state = PL_SESSION_IDLE;
  assert_notification (&situation, TRUE, NULL);
}

static void
test_hidden_cgroups (void)
{
  PlSituation situation = make_situation (PL_SESSION_IDLE, PL_OPEN_HELPER, NULL);

  situation.cgroups = PL_RIGHTS_CGROUPS_WITHHELD;
  assert_notice (&situation, "Apps Have No Names", NULL);
  g_auto (PlSituationNotice) notice = { 0 };
  pl_situation_notice (&situation, &notice);
  g_assert_true (notice.is_lasting); /* so that dismissing it holds */
  g_assert_cmpstr (notice.command, ==, "flatpak override --user --filesystem=/sys/fs/cgroup:ro " PL_APP_ID);
  g_assert_null (strstr (notice.body, "flatpak override"));
  situation.sockets_error = "no netlink here"; /* the page says more */
  assert_notice (&situation, NULL, NULL);
  situation = make_situation (PL_SESSION_ENDED, PL_OPEN_FILE, "a.pcap");
  situation.cgroups = PL_RIGHTS_CGROUPS_WITHHELD;
  assert_notice (&situation, NULL, NULL);

  /* No permission is lacking where the computer has none: no line mends it. */
  situation = make_situation (PL_SESSION_IDLE, PL_OPEN_HELPER, NULL);
  situation.cgroups = PL_RIGHTS_CGROUPS_NONE;
  assert_notice (&situation, "Apps Have No Names", NULL);
  g_auto (PlSituationNotice) none = { 0 };
  pl_situation_notice (&situation, &none);
  g_assert_true (none.is_lasting);
  g_assert_null (none.command);
  g_assert_null (strstr (none.body, "hides"));
}

static void
test_status (void)
{
  PlModelTotals totals = { .n_flows = 30, .n_apps = 6, .n_listeners = 3, .rate_in = 4300000, .rate_out = 212000 };
  g_autofree char *flows = pl_status_flows (&totals, TRUE);
  g_autofree char *document = pl_status_flows (&totals, FALSE);
  g_autofree char *payload = pl_status_brief (&totals, TRUE, FALSE);
  g_autofree char *packets = NULL, *unknown = NULL, *counted = NULL, *strays = NULL, *brief = NULL;

  g_assert_cmpstr (flows, ==, "30 flows · 6 apps · 3 listening · TCP ↓ 4.3\u00a0MB/s ↑ 212\u00a0kB/s");
  g_assert_cmpstr (document, ==, "30 flows · 6 apps · 3 listening");
  g_assert_cmpstr (payload, ==, "30 flows · TCP ↓ 4.3\u00a0MB/s ↑ 212\u00a0kB/s");
  g_assert_null (pl_status_packets (&totals));

  totals.packets = totals.received = 311;
  totals.kernel_dropped = 2;
  totals.interface_dropped = G_MAXUINT64;
  packets = pl_status_packets (&totals);
  g_assert_cmpstr (packets, ==, "311 packets, 2 dropped");
  counted = pl_status_flows (&totals, TRUE);
  g_assert_cmpstr (counted, ==, "30 flows · 6 apps · 3 listening · ↓ 4.3\u00a0MB/s ↑ 212\u00a0kB/s");
  g_assert_cmpuint (pl_status_dropped (&totals), ==, 2);
  /* What can't be known is not said to be 0. */
  totals.kernel_dropped = G_MAXUINT64;
  unknown = pl_status_packets (&totals);
  g_assert_cmpstr (unknown, ==, "311 packets");
  brief = pl_status_brief (&totals, TRUE, FALSE);
  g_assert_cmpstr (brief, ==, "30 flows · ↓ 4.3\u00a0MB/s ↑ 212\u00a0kB/s");
  /* Nor is what came denied, because no flow is in it. */
  totals.packets = 0;
  totals.undecodable_total = 311;
  strays = pl_status_packets (&totals);
  g_assert_cmpstr (strays, ==, "311 packets of no flow");
  g_assert_cmpuint (pl_status_dropped (&totals), ==, 0);
}

static void
test_status_rows (void)
{
  PlModelTotals totals = {
    .packets = 5,
    .received = 9,
    .kernel_dropped = 3,
    .interface_dropped = G_MAXUINT64,
    .others_flows = 2,
    .others_packets = 70,
    .others_bytes = 1000,
    .ended_flows = 1,
    .ended_packets = 1,
    .ended_bytes = 60,
    .questions_dropped = 1,
    .messages_refused = 4,
    .unread = 17,
    .flows_turned_away = 19,
    .owners = { .unaided = 21, .hands_untold = 11, .holds_cut = 12, .sockets_cut = 13, .scans_cut = 14 }
  };
  g_autoptr (GPtrArray) rows = NULL;

  for (guint i = 1; i < PL_N_UNDECODABLE; i++)
    totals.undecodable_total += totals.undecodable[i] = i;
  rows = pl_status_rows (&totals);
  g_assert_cmpstr (find_row (rows, "Packets")->value, ==, "5");
  g_assert_cmpstr (find_row (rows, "Apps looked up without the helper, which broke")->value, ==, "21");
  g_assert_cmpstr (find_row (rows, "Dropped by the kernel")->value, ==, "3");
  g_assert_true (find_row (rows, "Dropped by the kernel")->is_loss);
  g_assert_cmpstr (find_row (rows, "Dropped by the interface")->value, ==, "unknown");
  g_assert_false (find_row (rows, "Dropped by the interface")->is_loss);
  g_assert_cmpstr (find_row (rows, "Others")->value, ==, "2 flows, 70 packets, 1.0\u00a0kB");
  g_assert_cmpstr (find_row (rows, "Ended")->value, ==, "1 flow, 1 packet, 60 bytes");
  g_assert_true (find_row (rows, "not looked up")->is_loss);
  g_assert_cmpstr (find_row (rows, "not understood")->value, ==, "4");
  g_assert_cmpstr (find_row (rows, "before the stop")->value, ==, "17");
  g_assert_cmpstr (find_row (rows, "hands unseen")->value, ==, "11");
  g_assert_cmpstr (find_row (rows, "sockets of a process")->value, ==, "12");
  g_assert_cmpstr (find_row (rows, "among all processes")->value, ==, "14");
  g_assert_cmpstr (find_row (rows, "Sockets past the program")->value, ==, "13");
  g_assert_cmpstr (find_row (rows, "Flows past the program")->value, ==, "19");
  g_assert_true (find_row (rows, "Flows past the program")->is_loss);
  g_assert_cmpuint (pl_status_dropped (&totals), ==, 20);
  for (guint i = 1; i < PL_N_UNDECODABLE; i++)
    {
      g_autofree char *count = g_strdup_printf ("%u", i);

      g_assert_cmpstr (find_row (rows, pl_words_undecodable (i))->value, ==, count);
    }
}

/* Three digits, however they are rounded. */
static void
test_rates (void)
{
  static const struct
  {
    double rate;
    const char *words;
  } rates[] = {
    { -1, "0\u00a0B/s" },          { 999, "999\u00a0B/s" },      { 1234, "1.2\u00a0kB/s" },
    { 99.94e3, "99.9\u00a0kB/s" }, { 99.96e3, "100\u00a0kB/s" }, { 888.8e6, "889\u00a0MB/s" },
    { 999.6e6, "1.0\u00a0GB/s" },  { 1e300, "1.0\u00a0EB/s" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rates); i++)
    {
      g_autofree char *words = pl_scene_format_rate (rates[i].rate);

      g_assert_cmpstr (words, ==, rates[i].words);
    }
}

int
main (int argc, char **argv)
{
  g_setenv ("TZ", "UTC", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/situation/this-computer", test_this_computer);
  g_test_add_func ("/situation/interface-gone", test_interface_gone);
  g_test_add_func ("/situation/capture-fails", test_capture_fails);
  g_test_add_func ("/situation/capture-stops", test_capture_stops);
  g_test_add_func ("/situation/file-fails", test_file_fails);
  g_test_add_func ("/situation/file", test_file);
  g_test_add_func ("/situation/pipe", test_pipe);
  g_test_add_func ("/situation/notification", test_notification);
  g_test_add_func ("/situation/hidden-cgroups", test_hidden_cgroups);
  g_test_add_func ("/situation/status", test_status);
  g_test_add_func ("/situation/status-rows", test_status_rows);
  g_test_add_func ("/situation/rates", test_rates);
  return g_test_run ();
}
