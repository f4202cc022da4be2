/* Starts portlight-helper and keeps its three descriptors. Lives in the main loop (or the thread-default context of who
 * starts it); never blocks: the child is watched, its words are read as they come, and a client that is freed leaves a
 * watch behind that only reaps. */
#include "portlight-config.h"

#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>
#include "helper-client.h"
#include "helper-host.h"
#include "helper-launch.h"
#include "bounds.h"
#include "protocol.h"
#include "setuid-check.h"
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

struct _PlHelperClient
{
  gatomicrefcount ref_count; /* the user's, the pending task's, and the child watch's */
  GMainContext *context;
  PlHelperLaunch *launch;
  char *interface;
  PlHelperClientFlags flags;
  GTask *task; /* while starting; owned */
  GSubprocess *check; /* while it is asked why pkexec refused; owned */
  gboolean checks_setuid; /* and not polkit */
  GPid pid; /* 0 when reaped */
  int channel_fd, stream_fd, said_fd, owners_fd; /* our ends; -1 */
  GSource *stream_source, *said_source, *cancel_source, *rest_source, *check_source;
  GString *said; /* of descriptor 2, its last PL_LIMIT_HELPER_SAID_BYTES */
  gboolean is_freed; /* nobody waits for news */
  GError *end_error; /* it ended after it had started */
  PlHelperClientEnded ended;
  gpointer ended_data;
};

static gboolean spawn (PlHelperClient *client, GError **error);

static void
clear_fd (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

static void
clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

/* Ends the helper, wherever it is: end-of-file on its descriptor 0, on every duplicate of our end; and while pkexec still
 * asks, a signal, which makes polkit take its prompt away. */
static void
disconnect (PlHelperClient *client)
{
  clear_source (&client->stream_source);
  clear_source (&client->said_source);
  clear_source (&client->cancel_source);
  clear_source (&client->rest_source);
  clear_source (&client->check_source);
  if (client->channel_fd >= 0)
    shutdown (client->channel_fd, SHUT_RDWR);
  clear_fd (&client->channel_fd);
  clear_fd (&client->stream_fd);
  clear_fd (&client->owners_fd);
  clear_fd (&client->said_fd);
  if (client->pid != 0)
    kill (client->pid, SIGTERM); /* EPERM once pkexec has become root: then the end-of-file does it */
}

static PlHelperClient *
client_ref (PlHelperClient *client)
{
  g_atomic_ref_count_inc (&client->ref_count);
  return client;
}

static void
client_unref (PlHelperClient *client)
{
  if (!g_atomic_ref_count_dec (&client->ref_count))
    return;
  g_main_context_unref (client->context);
  g_clear_pointer (&client->launch, pl_helper_launch_free);
  g_free (client->interface);
  g_string_free (client->said, TRUE);
  g_clear_error (&client->end_error);
  g_free (client);
}

static GSource *
attach (PlHelperClient *client, GSource *source, GSourceFunc callback)
{
  g_source_set_callback (source, callback, client_ref (client), (GDestroyNotify)client_unref);
  g_source_attach (source, client->context);
  return source;
}

/* Takes @error. The task may free what its callback owns: nothing is touched behind it. */
static void
fail (PlHelperClient *client, GError *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&client->task);

  client->is_freed = TRUE;
  disconnect (client);
  g_task_return_error (task, error);
}

/* Reads what descriptor 2 has now. FALSE at its end. */
static gboolean
read_said (PlHelperClient *client)
{
  char bytes[512];
  gssize n_bytes;

  while ((n_bytes = read (client->said_fd, bytes, sizeof bytes)) > 0)
    {
      g_string_append_len (client->said, bytes, n_bytes);
      if (client->said->len > PL_LIMIT_HELPER_SAID_BYTES)
        g_string_erase (client->said, 0, client->said->len - PL_LIMIT_HELPER_SAID_BYTES);
    }
  return n_bytes < 0 && (errno == EAGAIN || errno == EINTR);
}

static gboolean
on_said (int fd, GIOCondition condition, gpointer data)
{
  PlHelperClient *client = data;

  if (read_said (client))
    return G_SOURCE_CONTINUE;
  clear_source (&client->said_source);
  return G_SOURCE_REMOVE;
}

/* Takes the first message. */
static gboolean
check_hello (PlHelperClient *client)
{
  struct pl_helper_header header;
  gssize n_bytes = recv (client->channel_fd, &header, sizeof header, MSG_DONTWAIT);

  return n_bytes == sizeof header && header.type == PL_HELPER_HELLO && header.version == PL_HELPER_PROTOCOL;
}

/* What a helper says at rest, which is all it has to know: that somebody is there. */
static gboolean
on_rest (int fd, GIOCondition condition, gpointer data)
{
  PlHelperClient *client = data;
  guint8 bytes[PL_HELPER_MESSAGE_BYTES];
  gssize n_bytes;

  do
    n_bytes = recv (fd, bytes, sizeof bytes, MSG_DONTWAIT);
  while (n_bytes > 0 || (n_bytes < 0 && errno == EINTR));
  if (n_bytes < 0 && errno == EAGAIN)
    return G_SOURCE_CONTINUE;
  clear_source (&client->rest_source);
  return G_SOURCE_REMOVE; /* the child watch tells why */
}

/* First bytes, or the end; of an end the child watch tells more. */
static gboolean
on_stream (int fd, GIOCondition condition, gpointer data)
{
  PlHelperClient *client = data;

  clear_source (&client->stream_source);
  if ((condition & G_IO_IN) == 0)
    return G_SOURCE_REMOVE;
  if (!check_hello (client))
    {
      fail (client, pl_helper_launch_too_old (client->launch));
      return G_SOURCE_REMOVE;
    }
  clear_source (&client->cancel_source);
  pl_helper_client_rest (client);
  g_autoptr (GTask) task = g_steal_pointer (&client->task);
  g_task_return_pointer (task, client_ref (client), (GDestroyNotify)pl_helper_client_free);
  return G_SOURCE_REMOVE;
}

static void
tell_end (PlHelperClient *client)
{
  PlHelperClientEnded ended = g_steal_pointer (&client->ended);

  if (ended != NULL && client->end_error != NULL && !client->is_freed)
    ended (client, client->end_error, client->ended_data);
}

static gboolean
on_check_late (gpointer data)
{
  PlHelperClient *client = data;

  clear_source (&client->check_source);
  g_subprocess_send_signal (client->check, SIGTERM); /* flatpak-spawn hands it on */
  return G_SOURCE_REMOVE;
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer data)
{
  PlHelperClient *client = data;
  g_autofree char *report = NULL;

  g_subprocess_communicate_utf8_finish (G_SUBPROCESS (source), result, &report, NULL, NULL);
  clear_source (&client->check_source);
  g_clear_object (&client->check);
  fail (client, client->checks_setuid ? pl_setuid_check_explain (client->launch, report)
                                      : pl_helper_launch_explain_denied (client->launch, report));
  client_unref (client);
}

/* Asks polkit whether it would have asked for a password, or the system what keeps pkexec from becoming root. FALSE when @error
 * says enough, or that can't be. */
static gboolean
check_why (PlHelperClient *client, const GError *error)
{
  client->checks_setuid = g_error_matches (error, PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NO_SETUID);
  if (!client->checks_setuid && !g_error_matches (error, PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_DENIED))
    return FALSE;
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_auto (GStrv) argv = client->checks_setuid ? pl_setuid_check_build_argv (client->launch)
                                              : pl_helper_launch_build_check (client->launch);
  g_auto (GStrv) envp = pl_helper_launch_build_env (client->launch);

  g_subprocess_launcher_set_environ (launcher, envp);
  client->check = g_subprocess_launcher_spawnv (launcher, (const char *const *)argv, NULL);
  if (client->check == NULL)
    return FALSE;
  client->check_source = attach (client, g_timeout_source_new_seconds (PL_LIMIT_REFUSAL_WAIT_S), on_check_late);
  g_subprocess_communicate_utf8_async (client->check, NULL, g_task_get_cancellable (client->task), on_checked,
                                       client_ref (client));
  return TRUE;
}

static void
on_child_ended (GPid pid, int wait_status, gpointer data)
{
  PlHelperClient *client = data;

  client->pid = 0;
  g_spawn_close_pid (pid);
  if (client->said_fd >= 0)
    read_said (client);
  client->launch->has_started = client->task == NULL;
  if (client->task != NULL)
    {
      g_autoptr (GError) error = NULL;
      gboolean retry = pl_helper_launch_may_retry (client->launch, wait_status);

      if (!retry)
        error = pl_helper_launch_explain (client->launch, wait_status, client->said->str);
      disconnect (client);
      client->launch->is_direct &= !retry;
      g_string_truncate (client->said, 0);
      if (check_why (client, error))
        return;
      if (!retry || !spawn (client, &error))
        fail (client, g_steal_pointer (&error));
    }
  else if (!client->is_freed)
    {
      client->end_error = pl_helper_launch_explain (client->launch, wait_status, client->said->str);
      client->end_error->code = PL_HELPER_CLIENT_ERROR_ENDED;
      tell_end (client);
    }
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer data)
{
  PlHelperClient *client = data;

  clear_source (&client->cancel_source);
  fail (client, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("Starting the capture was cancelled")));
  return G_SOURCE_REMOVE;
}

static void
set_open_error (GError **error)
{
  g_set_error (error, PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_FAILED,
               _ ("Packets cannot be captured: too many files are open (%s). Close some windows and start again."),
               g_strerror (errno));
}

/* Puts one end of the owners socket into the channel, where the helper finds it when it starts. */
static gboolean
send_owners (PlHelperClient *client)
{
  struct pl_helper_header header = { .version = PL_HELPER_PROTOCOL, .type = PL_HELPER_OWNERS };
  struct iovec bytes = { &header, sizeof header };
  union
  {
    struct cmsghdr header;
    char bytes[CMSG_SPACE (sizeof (int))];
  } control = { 0 };
  struct msghdr message = {
    .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.bytes
  };
  int pair[2];

  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0)
    return FALSE;
  control.header.cmsg_level = SOL_SOCKET;
  control.header.cmsg_type = SCM_RIGHTS;
  control.header.cmsg_len = CMSG_LEN (sizeof (int));
  memcpy (CMSG_DATA (&control.header), &pair[1], sizeof (int));
  gboolean ok = sendmsg (client->channel_fd, &message, MSG_NOSIGNAL) == sizeof header;
  close (pair[1]);
  client->owners_fd = pair[0];
  return ok;
}

/* Our ends into @client, the child's into @theirs. */
static gboolean
open_pairs (PlHelperClient *client, int theirs[3], GError **error)
{
  int channel[2] = { -1, -1 }, stream[2] = { -1, -1 }, said[2] = { -1, -1 };

  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) != 0
      || !g_unix_open_pipe (stream, FD_CLOEXEC, NULL) || !g_unix_open_pipe (said, FD_CLOEXEC, NULL))
    {
      set_open_error (error);
      for (int i = 0; i < 2; i++)
        {
          clear_fd (&channel[i]);
          clear_fd (&stream[i]);
          clear_fd (&said[i]);
        }
      return FALSE;
    }
  g_unix_set_fd_nonblocking (channel[0], TRUE, NULL);
  g_unix_set_fd_nonblocking (said[0], TRUE, NULL);
  client->channel_fd = channel[0];
  client->stream_fd = stream[0];
  client->said_fd = said[0];
  theirs[0] = channel[1];
  theirs[1] = stream[1];
  theirs[2] = said[1];
  if ((client->flags & PL_HELPER_CLIENT_OWNERS) == 0 || send_owners (client))
    return TRUE;
  set_open_error (error);
  for (int i = 0; i < 3; i++)
    clear_fd (&theirs[i]);
  return FALSE;
}

/* (transfer full): the command, NULL and @error when there is none that could work. */
static char **
build_argv (PlHelperClient *client, GError **error)
{
  g_auto (GStrv) argv = pl_helper_launch_build_argv (client->launch, client->interface, error);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  if (argv == NULL || (client->flags & PL_HELPER_CLIENT_SOCKETS_ONLY) == 0)
    return g_steal_pointer (&argv);
  g_strv_builder_addv (builder, (const char **)argv);
  g_strv_builder_add (builder, "--sockets-only");
  return g_strv_builder_end (builder);
}

static void
watch_child (PlHelperClient *client)
{
  GIOCondition any = G_IO_IN | G_IO_HUP | G_IO_ERR;
  GCancellable *cancellable = g_task_get_cancellable (client->task);

  g_source_unref (attach (client, g_child_watch_source_new (client->pid), G_SOURCE_FUNC (on_child_ended)));
  client->stream_source = attach (client, g_unix_fd_source_new (client->stream_fd, any), G_SOURCE_FUNC (on_stream));
  client->said_source = attach (client, g_unix_fd_source_new (client->said_fd, any), G_SOURCE_FUNC (on_said));
  if (cancellable != NULL)
    client->cancel_source = attach (client, g_cancellable_source_new (cancellable), G_SOURCE_FUNC (on_cancelled));
}

static gboolean
spawn (PlHelperClient *client, GError **error)
{
  pid_t app = getpid ();
  g_auto (GStrv) envp = pl_helper_launch_build_env (client->launch);
  g_auto (GStrv) argv = build_argv (client, error);
  g_autoptr (GError) spawn_error = NULL;
  int theirs[3];

  if (argv == NULL || !open_pairs (client, theirs, error))
    return FALSE;
  gboolean ok = g_spawn_async_with_pipes_and_fds (
      NULL, (const char *const *)argv, (const char *const *)envp, G_SPAWN_DO_NOT_REAP_CHILD,
      client->launch->is_flatpak ? pl_helper_host_end_with_app : NULL, &app, theirs[0], theirs[1], theirs[2], NULL,
      NULL, 0, &client->pid, NULL, NULL, NULL, &spawn_error);
  for (int i = 0; i < 3; i++)
    clear_fd (&theirs[i]);
  if (!ok)
    g_set_error (error, PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_FAILED,
                 _ ("Packets cannot be captured: %s. Install Portlight again if the file is damaged."),
                 spawn_error->message);
  else
    watch_child (client);
  return ok;
}

void
pl_helper_client_start_async (const char *interface,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  pl_helper_client_start_with_async (interface, PL_HELPER_CLIENT_PACKETS, cancellable, callback, user_data);
}

/**
 * pl_helper_client_start_with_async:
 * @interface: "any" or the name of an interface
 * @flags: what else is wanted of it
 *
 * Starts the helper. Cancelling works at any time, also while pkexec asks for the password.
 */
void
pl_helper_client_start_with_async (const char *interface,
                                   PlHelperClientFlags flags,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  PlHelperClient *client = g_new0 (PlHelperClient, 1);
  GError *error = NULL;

  g_atomic_ref_count_init (&client->ref_count);
  client->context = g_main_context_ref_thread_default ();
  client->interface = g_strdup (interface);
  client->said = g_string_new (NULL);
  client->flags = flags;
  client->channel_fd = client->stream_fd = client->said_fd = client->owners_fd = -1;
  client->task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (client->task, pl_helper_client_start_async);
  client->launch = pl_helper_launch_find (&error);
  if (client->launch == NULL || g_cancellable_set_error_if_cancelled (cancellable, &error) || !spawn (client, &error))
    fail (client, error);
  client_unref (client); /* the sources hold it from here on */
}

PlHelperClient *
pl_helper_client_start_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

int
pl_helper_client_steal_stream (PlHelperClient *client)
{
  int fd = client->stream_fd;

  client->stream_fd = -1;
  return fd;
}

int
pl_helper_client_steal_owners (PlHelperClient *client)
{
  int fd = client->owners_fd;

  client->owners_fd = -1;
  return fd;
}

int
pl_helper_client_steal_channel (PlHelperClient *client)
{
  clear_source (&client->rest_source);
  return client->channel_fd >= 0 ? fcntl (client->channel_fd, F_DUPFD_CLOEXEC, 3) : -1;
}

void
pl_helper_client_rest (PlHelperClient *client)
{
  if (client->channel_fd >= 0 && client->rest_source == NULL)
    client->rest_source = attach (client, g_unix_fd_source_new (client->channel_fd, G_IO_IN | G_IO_HUP | G_IO_ERR),
                                  G_SOURCE_FUNC (on_rest));
}

void
pl_helper_client_watch (PlHelperClient *client, PlHelperClientEnded ended, gpointer user_data)
{
  client->ended = ended;
  client->ended_data = user_data;
}

void
pl_helper_client_free (PlHelperClient *client)
{
  client->is_freed = TRUE;
  client->ended = NULL;
  disconnect (client);
  client_unref (client);
}

gboolean
pl_helper_client_will_ask (void)
{
  g_autoptr (PlHelperLaunch) launch = pl_helper_launch_find (NULL);

  return launch != NULL && !launch->is_direct && launch->pkexec != NULL;
}
