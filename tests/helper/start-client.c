/* Starts the client on "lo" as whoever it runs as and prints, a line each, how that ends: for test-polkit.sh.
 *
 *   start-client [no-agent | dismiss | give-up | hang]
 *
 * The last three are a polkit agent for this process: one that closes its prompt, one that lets nobody type, and one that waits
 * until it is told to stop, while the client is cancelled once it asks. */
#include "helper-client.h"
#include "helper-launch.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define AGENT_PATH "/test/agent"

typedef struct
{
  PlHelperClient *client;
  GError *error;
  gboolean is_done;
  gboolean dismisses, gives_up;
  gboolean is_asked, is_withdrawn; /* BeginAuthentication, CancelAuthentication */
} State;

static const char interface_xml[] = "<node><interface name='org.freedesktop.PolicyKit1.AuthenticationAgent'>"
                                    "<method name='BeginAuthentication'><arg type='s'/><arg type='s'/><arg type='s'/>"
                                    "<arg type='a{ss}'/><arg type='s'/><arg type='a(sa{sv})'/></method>"
                                    "<method name='CancelAuthentication'><arg type='s'/></method>"
                                    "</interface></node>";

static void
on_call (GDBusConnection *bus,
         const char *sender,
         const char *path,
         const char *interface,
         const char *method,
         GVariant *parameters,
         GDBusMethodInvocation *invocation,
         gpointer data)
{
  State *state = data;
  const char *action, *message, *icon;

  if (g_str_equal (method, "CancelAuthentication"))
    {
      state->is_withdrawn = TRUE;
      g_dbus_method_invocation_return_value (invocation, NULL);
      return;
    }
  g_variant_get_child (parameters, 0, "&s", &action);
  g_variant_get_child (parameters, 1, "&s", &message);
  g_variant_get_child (parameters, 2, "&s", &icon);
  g_print ("asked: %s; icon %s; %s\n", action, icon, message);
  state->is_asked = TRUE;
  if (state->dismisses)
    g_dbus_method_invocation_return_dbus_error (invocation, "org.freedesktop.PolicyKit1.Error.Cancelled", "closed");
  else if (state->gives_up)
    g_dbus_method_invocation_return_value (invocation, NULL);
}

static guint64
get_start_time (void)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents ("/proc/self/stat", &text, NULL, NULL));
  g_auto (GStrv) fields = g_strsplit (strrchr (text, ')') + 2, " ", -1);
  return g_ascii_strtoull (fields[19], NULL, 10);
}

static GDBusConnection *
add_agent (State *state)
{
  static const GDBusInterfaceVTable vtable = { .method_call = on_call };
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (interface_xml, NULL);
  g_autoptr (GError) error = NULL;
  GDBusConnection *bus = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, &error);
  GVariantBuilder subject;

  g_assert_no_error (error);
  g_dbus_connection_register_object (bus, AGENT_PATH, node->interfaces[0], &vtable, state, NULL, &error);
  g_assert_no_error (error);
  g_variant_builder_init (&subject, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&subject, "{sv}", "pid", g_variant_new_uint32 (getpid ()));
  g_variant_builder_add (&subject, "{sv}", "start-time", g_variant_new_uint64 (get_start_time ()));
  g_autoptr (GVariant) reply G_GNUC_UNUSED =
      g_dbus_connection_call_sync (bus, "org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority",
                                   "org.freedesktop.PolicyKit1.Authority", "RegisterAuthenticationAgent",
                                   g_variant_new ("((sa{sv})ss)", "unix-process", &subject, "C", AGENT_PATH), NULL,
                                   G_DBUS_CALL_FLAGS_NONE, 5000, NULL, &error);
  g_assert_no_error (error);
  return bus;
}

static void
on_started (GObject *object, GAsyncResult *result, gpointer data)
{
  State *state = data;

  state->client = pl_helper_client_start_finish (result, &state->error);
  state->is_done = TRUE;
}

/* Iterates for at most 15 s until @is_true is, or no child is left. */
static gboolean
wait_until (const gboolean *is_true)
{
  siginfo_t info;

  for (gint64 until_us = g_get_monotonic_time () + 15 * G_USEC_PER_SEC; g_get_monotonic_time () < until_us;
       g_usleep (2000))
    {
      while (g_main_context_iteration (NULL, FALSE))
        ;
      if (is_true != NULL ? *is_true : waitid (P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 && errno == ECHILD)
        return TRUE;
    }
  return FALSE;
}

/* The helper is our child, or what pkexec became: its rights from /proc. */
static void
print_helper (void)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/task/%d/children", getpid ());
  g_autofree char *children = NULL, *status = NULL;

  g_assert_true (g_file_get_contents (path, &children, NULL, NULL));
  g_autofree char *status_path = g_strdup_printf ("/proc/%d/status", atoi (children));
  g_assert_true (g_file_get_contents (status_path, &status, NULL, NULL));
  g_auto (GStrv) lines = g_strsplit (status, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], "Uid:") || g_str_has_prefix (lines[i], "Gid:")
        || g_str_has_prefix (lines[i], "Groups:") || g_str_has_prefix (lines[i], "Cap"))
      g_print ("%s\n", g_strdelimit (lines[i], "\t", ' '));
}

/* Whose words we say the prompt will have. */
static void
print_foretold (void)
{
  g_autoptr (PlHelperLaunch) launch = pl_helper_launch_find (NULL);

  g_print ("foretold: %s\n", launch->has_policy ? PL_APP_ID ".capture" : "org.freedesktop.policykit.exec");
}

int
main (int argc, char **argv)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GDBusConnection) bus = NULL;
  const char *agent = argc > 1 ? argv[1] : "no-agent";
  State state = { .dismisses = g_str_equal (agent, "dismiss"), .gives_up = g_str_equal (agent, "give-up") };

  if (!g_str_equal (agent, "no-agent"))
    bus = add_agent (&state);
  g_print ("will ask: %s\n", pl_helper_client_will_ask () ? "yes" : "no");
  if (pl_helper_client_will_ask ())
    print_foretold ();
  pl_helper_client_start_async ("lo", cancellable, on_started, &state);
  if (g_str_equal (agent, "hang"))
    {
      if (!wait_until (&state.is_asked))
        return 1;
      g_cancellable_cancel (cancellable);
    }
  if (!wait_until (&state.is_done))
    return 1;
  if (state.error != NULL)
    g_print ("error: %s %d: %s\n", g_quark_to_string (state.error->domain), state.error->code, state.error->message);
  else
    {
      g_print ("captures\n");
      print_helper ();
      pl_helper_client_free (state.client);
    }
  g_clear_error (&state.error);
  g_print ("its end was %s\n", wait_until (NULL) ? "seen" : "missed");
  if (g_str_equal (agent, "hang"))
    g_print ("its prompt was %s\n", state.is_asked && wait_until (&state.is_withdrawn) ? "withdrawn" : "left behind");
  return 0;
}
