/* Tells the desktop what happened while nobody looked: a capture that broke off, a long read that is over. Main loop only.
 * In a sandbox GLib sends it through the portal. */
#include "window-private.h"

#define LONG_READ_US (10 * (gint64)G_USEC_PER_SEC) /* from here on a person has turned to something else */

/* (transfer full) */
static char *
notification_id (PlWindow *self)
{
  return g_strdup_printf ("window-%u", gtk_application_window_get_id (GTK_APPLICATION_WINDOW (self)));
}

static void
send (PlWindow *self, const PlSituationNotice *notice)
{
  g_autoptr (GNotification) notification = g_notification_new (notice->title);
  g_autofree char *id = notification_id (self);

  g_notification_set_body (notification, notice->body);
  g_notification_set_default_action_and_target (notification, "app.show-window", "u",
                                                gtk_application_window_get_id (GTK_APPLICATION_WINDOW (self)));
  g_application_send_notification (g_application_get_default (), id, notification);
}

static void
withdraw (PlWindow *self)
{
  g_autofree char *id = notification_id (self);

  g_application_withdraw_notification (g_application_get_default (), id);
}

void
pl_window_notify_state (PlWindow *self)
{
  PlSituation situation = pl_window_get_situation (self);
  g_auto (PlSituationNotice) notice = { 0 };
  gint64 began_us = self->ran_since_us;

  self->ran_since_us = situation.state == PL_SESSION_RUNNING ? g_get_monotonic_time () : 0;
  if (self->ran_since_us != 0) /* again, and perhaps still unseen: what was told before is over */
    withdraw (self);
  if (began_us == 0 || gtk_window_is_active (GTK_WINDOW (self)))
    return;
  pl_situation_notification (&situation, g_get_monotonic_time () - began_us >= LONG_READ_US, &notice);
  if (notice.title != NULL)
    send (self, &notice);
}

void
pl_window_notify_active (PlWindow *self)
{
  if (gtk_window_is_active (GTK_WINDOW (self)))
    withdraw (self);
}
