/* What the window says besides the graph. Pure: no clock, no widget. An error's own message says what failed and what to
 * do; here it gets a title and a button for the doing. */
#include <glib/gi18n.h>
#include <string.h>

#include "capture.h"
#include "failure-words.h"
#include "flatpak.h"
#include "format.h"
#include "helper-client.h"
#include "portlight-config.h"
#include "situation.h"
#include "status-words.h"

#define WITH_DATE_US \
  (20 * 3600 * (guint64)G_USEC_PER_SEC) /* of capturing: the time of day alone may mean another day */

static gboolean
is_document (const PlSituation *situation)
{
  return situation->source != NULL && (situation->kind == PL_OPEN_FILE || situation->kind == PL_OPEN_FD);
}

gboolean
pl_situation_is_busy (const PlSituation *situation)
{
  return situation->state == PL_SESSION_STARTING || situation->state == PL_SESSION_RUNNING;
}

/* ---- titles of errors ---- */

static const char *
capture_error_title (const PlSituation *situation, int code)
{
  gboolean is_file = is_document (situation);

  switch ((PlCaptureError)code)
    {
    case PL_CAPTURE_ERROR_NOT_FOUND:
      return is_file ? _ ("There Is No Such File") : _ ("There Is No Such Interface");
    case PL_CAPTURE_ERROR_HIDDEN:
      return _ ("The Sandbox Hides This File");
    case PL_CAPTURE_ERROR_PERMISSION:
      return is_file ? _ ("This File May Not Be Read") : _ ("Capture Is Not Allowed");
    case PL_CAPTURE_ERROR_IS_DIRECTORY:
      return _ ("This Is a Folder");
    case PL_CAPTURE_ERROR_EMPTY:
      return _ ("Nothing Is in It");
    case PL_CAPTURE_ERROR_NOT_CAPTURE:
      return _ ("This Is Not a Capture");
    case PL_CAPTURE_ERROR_TRUNCATED:
      return _ ("The Capture Breaks Off");
    case PL_CAPTURE_ERROR_CORRUPT:
      return _ ("The Capture Is Damaged");
    case PL_CAPTURE_ERROR_LINK_TYPE:
      return _ ("This Kind of Link Is Not Known");
    case PL_CAPTURE_ERROR_FILTER:
      return _ ("The Capture Filter Is Wrong");
    case PL_CAPTURE_ERROR_DEVICE_GONE:
      return _ ("The Capture Stopped");
    case PL_CAPTURE_ERROR_FAILED:
    default:
      return is_file ? _ ("Reading Failed") : _ ("Capture Failed");
    }
}

static const char *
helper_error_title (int code)
{
  switch ((PlHelperClientError)code)
    {
    case PL_HELPER_CLIENT_ERROR_NOT_FOUND:
      return _ ("The Capture Helper Is Missing");
    case PL_HELPER_CLIENT_ERROR_NO_PKEXEC:
    case PL_HELPER_CLIENT_ERROR_NO_AGENT:
    case PL_HELPER_CLIENT_ERROR_NO_POLKIT:
    case PL_HELPER_CLIENT_ERROR_NO_SETUID:
    case PL_HELPER_CLIENT_ERROR_NO_SETUID_READ_ONLY:
    case PL_HELPER_CLIENT_ERROR_NOSUID:
    case PL_HELPER_CLIENT_ERROR_CONFINED:
      return _ ("Nothing Here Can Ask for the Password");
    case PL_HELPER_CLIENT_ERROR_DISMISSED:
      return _ ("Capture Was Not Started");
    case PL_HELPER_CLIENT_ERROR_WRONG_PASSWORD:
      return _ ("The Password Was Not Accepted");
    case PL_HELPER_CLIENT_ERROR_DENIED:
    case PL_HELPER_CLIENT_ERROR_FORBIDDEN:
      return _ ("Capture Was Not Allowed");
    case PL_HELPER_CLIENT_ERROR_TOO_OLD:
      return _ ("The Capture Helper Is of Another Version");
    case PL_HELPER_CLIENT_ERROR_NO_HOST:
      return _ ("The Sandbox Does Not Allow Capture");
    case PL_HELPER_CLIENT_ERROR_ENDED:
      return _ ("The Capture Stopped");
    case PL_HELPER_CLIENT_ERROR_TAKEN:
      return _ ("Another Window Captures Now");
    case PL_HELPER_CLIENT_ERROR_UPDATED:
      return _ ("Portlight Was Updated or Removed");
    case PL_HELPER_CLIENT_ERROR_NOT_RUNNABLE:
    case PL_HELPER_CLIENT_ERROR_OTHER_MACHINE:
    case PL_HELPER_CLIENT_ERROR_NO_RIGHT:
    case PL_HELPER_CLIENT_ERROR_FAILED:
    default:
      return _ ("Capture Could Not Start");
    }
}

const char *
pl_situation_error_title (const PlSituation *situation)
{
  const GError *error = situation->error;

  if (error->domain == PL_CAPTURE_ERROR)
    return capture_error_title (situation, error->code);
  if (error->domain == PL_HELPER_CLIENT_ERROR)
    return helper_error_title (error->code);
  return is_document (situation) ? _ ("Reading Failed") : _ ("Capture Failed");
}

/* ---- pages ---- */

static void
page_set (
    PlSituationPage *page, const char *icon, const char *title, char *body, const char *button, const char *action)
{
  *page = (PlSituationPage){
    .icon = g_strdup (icon), .title = g_strdup (title), .body = body, .button = button, .action = action
  };
}

/* Also one that was opened by its name: of a file that is read it is known how far. */
static gboolean
is_pipe (const PlSituation *situation)
{
  return situation->kind == PL_OPEN_FD || (situation->state == PL_SESSION_RUNNING && situation->progress < 0);
}

static void
page_of_document (const PlSituation *situation, PlSituationPage *page)
{
  const PlModelTotals *totals = situation->totals;

  if (pl_situation_is_busy (situation))
    {
      if (is_pipe (situation)) /* a file shows how far it was read */
        page_set (page, "content-loading-symbolic", _ ("Waiting for Packets"),
                  g_strdup_printf (_ ("Nothing has come from “%s” yet."), situation->source), _ ("Stop"),
                  "win.capture");
      return;
    }
  if (situation->error != NULL)
    {
      page_set (page, "dialog-error-symbolic", pl_situation_error_title (situation),
                g_strdup (situation->error->message),
                g_error_matches (situation->error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_HIDDEN)
                    ? _ ("Open File…") /* the same, by the portal */
                    : _ ("Open Another File…"),
                "win.open");
      return;
    }
  if (totals->undecodable_total > 0)
    {
      g_autofree char *count = pl_format_count (totals->undecodable_total), *what = pl_status_no_flow (totals);

      page_set (page, "edit-find-symbolic", _ ("No Flow in It"),
                /* Translators: a file, a number, and what the packets are instead: “12 × not Internet traffic” */
                g_strdup_printf (ngettext ("“%1$s” holds %2$s packet, which belongs to no flow: %3$s.",
                                           "“%1$s” holds %2$s packets, of which none belongs to a flow: %3$s.",
                                           totals->undecodable_total),
                                 situation->source, count, what),
                _ ("Open Another File…"), "win.open");
      return;
    }
  page_set (page, "edit-find-symbolic", _ ("No Packets in It"),
            g_strdup_printf (_ ("“%s” is a capture, but an empty one."), situation->source), _ ("Open Another File…"),
            "win.open");
}

static gboolean
is_network_hidden (const PlSituation *situation)
{
  return situation->sockets_error != NULL && strstr (situation->sockets_error, PL_FLATPAK_GRANT_NETWORK) != NULL;
}

static void
page_of_this_computer (const PlSituation *situation, PlSituationPage *page)
{
  if (situation->state == PL_SESSION_STARTING)
    page_set (page, "network-idle-symbolic", _ ("The Capture Is Starting"),
              g_strdup (_ ("As soon as an app talks to someone, it is drawn here.")), NULL, NULL);
  else if (pl_situation_is_busy (situation))
    page_set (page, "network-idle-symbolic", _ ("Quiet So Far"),
              g_strdup (_ ("No packet has passed yet. As soon as an app talks to someone, it is drawn here.")), NULL,
              NULL);
  else if (is_network_hidden (situation))
    {
      page_set (page, "network-offline-symbolic", _ ("The Sockets Cannot Be Listed"),
                g_strdup (_ ("Flatpak hides this computer’s network from Portlight. Allow it with this line in a "
                             "terminal, then start Portlight again:")),
                _ ("Capture"), "win.capture");
      page->command = PL_FLATPAK_GRANT_NETWORK;
    }
  else if (situation->sockets_error != NULL)
    page_set (page, "network-offline-symbolic", _ ("The Sockets Cannot Be Listed"), g_strdup (situation->sockets_error),
              _ ("Capture"), "win.capture");
  else
    page_set (page, "network-idle-symbolic", _ ("No Connections Right Now"),
              g_strdup (_ ("As soon as an app talks to someone, it is drawn here. Capture shows every packet, too, and "
                           "attempts that fail.")),
              _ ("Capture"), "win.capture");
}

void
pl_situation_page (const PlSituation *situation, PlSituationPage *page)
{
  *page = (PlSituationPage){ 0 };
  if (situation->n_drawn > 0)
    return;
  if (is_document (situation))
    page_of_document (situation, page);
  else
    page_of_this_computer (situation, page);
}

void
pl_situation_page_clear (PlSituationPage *page)
{
  g_clear_pointer (&page->icon, g_free);
  g_clear_pointer (&page->title, g_free);
  g_clear_pointer (&page->body, g_free);
}

/* ---- notices ---- */

/* Another try leads to the page with the lines that mend it. */
static char *
dup_error_body (const GError *error)
{
  return pl_failure_needs_mending (error) ? pl_failure_why (error, NULL) : g_strdup (error->message);
}

static const char *
get_error_button (const GError *error)
{
  if (g_error_matches (error, PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_TAKEN))
    return _ ("Capture Here");
  if (g_error_matches (error, PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_UPDATED))
    return _ ("What to Do");
  return _ ("Try Again");
}

/* Whether packets stay away because there is nothing to capture on. */
static gboolean
is_interface_gone (const PlSituation *situation)
{
  return situation->source != NULL && !is_document (situation) && situation->state == PL_SESSION_RUNNING
         && situation->totals->is_interface_gone;
}

static void
notice_about_cgroups (PlRightsCgroups cgroups, PlSituationNotice *notice)
{
  notice->is_lasting = TRUE;
  notice->title = g_strdup (_ ("Apps Have No Names"));
  if (cgroups == PL_RIGHTS_CGROUPS_NONE)
    {
      notice->body = g_strdup (_ ("What names the app of a socket in a Flatpak, its control group, is not on this "
                                  "computer: /sys/fs/cgroup is empty. While Portlight’s own helper captures, apps have "
                                  "names all the same."));
      return;
    }
  notice->body = g_strdup (_ ("Flatpak hides from Portlight what names the app of a socket (its cgroup). "
                              "Allow it with this line in a terminal, then start Portlight again:"));
  notice->command = PL_FLATPAK_GRANT_CGROUPS;
}

void
pl_situation_notice (const PlSituation *situation, PlSituationNotice *notice)
{
  *notice = (PlSituationNotice){ 0 };
  if (situation->error != NULL)
    {
      if (is_document (situation) && situation->n_drawn == 0)
        return; /* the page says it */
      notice->title = g_strdup (pl_situation_error_title (situation));
      notice->body = dup_error_body (situation->error);
      if (!is_document (situation))
        {
          notice->button = get_error_button (situation->error);
          notice->action = "win.capture";
        }
    }
  else if (is_document (situation) && situation->was_stopped && situation->state == PL_SESSION_IDLE)
    {
      notice->title = g_strdup (_ ("Reading Was Stopped"));
      notice->body = g_strdup (_ ("What was read so far is shown. The rest is missing from every count."));
    }
  else if (situation->source != NULL && !is_document (situation) && situation->state == PL_SESSION_ENDED)
    {
      notice->title = g_strdup (_ ("The Capture Ended"));
      notice->body =
          g_strdup (_ ("The program that captured has ended. What this computer’s sockets tell is still shown."));
      notice->button = _ ("Capture");
      notice->action = "win.capture";
    }
  else if (is_interface_gone (situation))
    {
      notice->title = g_strdup_printf (_ ("Interface %s Is Gone"), situation->source);
      notice->body = g_strdup (_ ("It was unplugged or removed. As soon as it is back, Portlight goes on to capture "
                                  "on it by itself."));
    }
  else if (!is_document (situation) && pl_situation_is_busy (situation) && is_network_hidden (situation))
    {
      notice->is_lasting = TRUE;
      notice->title = g_strdup (_ ("Apps Have No Names"));
      notice->body =
          g_strdup (_ ("Flatpak hides this computer’s network from Portlight, so that it finds no socket of what "
                       "it captures. Allow it with this line in a terminal, then start Portlight again:"));
      notice->command = PL_FLATPAK_GRANT_NETWORK;
    }
  else if (situation->source == NULL && situation->cgroups != PL_RIGHTS_CGROUPS_SEEN
           && situation->sockets_error == NULL)
    notice_about_cgroups (situation->cgroups, notice);
}

void
pl_situation_notification (const PlSituation *situation, gboolean was_long, PlSituationNotice *notice)
{
  *notice = (PlSituationNotice){ 0 };
  if (situation->was_stopped || situation->source == NULL || pl_situation_is_busy (situation))
    return;
  if (g_error_matches (situation->error, PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_TAKEN))
    return; /* the person just did that in another window */
  if (!is_document (situation))
    pl_situation_notice (situation, notice);
  else if (was_long && situation->error != NULL)
    {
      notice->title = g_strdup (pl_situation_error_title (situation));
      notice->body = g_strdup (situation->error->message);
    }
  else if (was_long && situation->state == PL_SESSION_ENDED)
    {
      notice->title = g_strdup (_ ("The Capture Was Read"));
      notice->body = g_strdup_printf (_ ("All of “%s” is on view."), situation->source);
    }
}

void
pl_situation_notice_clear (PlSituationNotice *notice)
{
  g_clear_pointer (&notice->title, g_free);
  g_clear_pointer (&notice->body, g_free);
}

/* ---- button and status bar ---- */

const char *
pl_situation_capture_label (const PlSituation *situation)
{
  if (!pl_situation_is_busy (situation))
    return _ ("Capture");
  if (is_document (situation))
    return _ ("Reading");
  return situation->state == PL_SESSION_STARTING ? _ ("Starting…") : _ ("Capturing");
}

static char *
source_of_document (const PlSituation *situation)
{
  const PlModelTotals *totals = situation->totals;
  guint64 span_us = totals->last_us > totals->first_us ? totals->last_us - totals->first_us : 0;
  g_autofree char *span = pl_format_duration (span_us);

  if (pl_situation_is_busy (situation) && situation->progress >= 0)
    /* Translators: a file’s name and how much of it was read */
    return g_strdup_printf (_ ("%1$s · %2$.0f %% read"), situation->source, situation->progress * 100);
  if (totals->received == 0)
    return g_strdup (situation->source);
  /* Translators: a file’s name and the time from its first to its last packet */
  return g_strdup_printf (_ ("%1$s · %2$s of traffic"), situation->source, span);
}

/* A time of day and no clock: nothing has to be drawn while nothing happens. */
char *
pl_situation_source (const PlSituation *situation)
{
  g_autofree char *began = NULL;

  if (is_document (situation))
    return source_of_document (situation);
  if (situation->source == NULL || situation->state != PL_SESSION_RUNNING)
    return g_strdup (_ ("Sockets of this computer"));
  if (is_interface_gone (situation))
    /* Translators: an interface’s name */
    return g_strdup_printf (_ ("%s is gone, waiting for it"), situation->source);
  began = pl_format_time (situation->began_us, situation->running_us >= WITH_DATE_US);
  /* Translators: what is captured, and the time of day it began */
  return g_strdup_printf (_ ("%1$s · since %2$s"), situation->source, began);
}
