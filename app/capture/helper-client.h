/* Starts portlight-helper, directly where it may capture by itself (root, file capabilities), else by pkexec, and gives
 * its pcap stream and its message channel. It ends when the client is freed (end-of-file on its descriptor 0). */
#pragma once
#include <gio/gio.h>

#define PL_HELPER_CLIENT_ERROR (pl_helper_client_error_quark ())
GQuark pl_helper_client_error_quark (void);
typedef enum
{
  PL_HELPER_CLIENT_ERROR_NOT_FOUND, /* no portlight-helper */
  PL_HELPER_CLIENT_ERROR_NO_PKEXEC, /* it has no rights of its own and pkexec is not there */
  PL_HELPER_CLIENT_ERROR_DISMISSED, /* the prompt was closed (126) */
  PL_HELPER_CLIENT_ERROR_DENIED, /* a password was wrong, or this user may not (127), and polkit does not tell which */
  PL_HELPER_CLIENT_ERROR_TOO_OLD, /* another protocol version */
  PL_HELPER_CLIENT_ERROR_FAILED, /* it ran and failed: message is its own line */
  PL_HELPER_CLIENT_ERROR_NO_HOST, /* in a Flatpak that may not start anything outside its sandbox */
  PL_HELPER_CLIENT_ERROR_NO_AGENT, /* pkexec found nobody to ask (127) */
  PL_HELPER_CLIENT_ERROR_NO_POLKIT, /* pkexec is there, polkit does not run (127) */
  PL_HELPER_CLIENT_ERROR_NOT_RUNNABLE, /* pkexec may not run the helper where it is */
  PL_HELPER_CLIENT_ERROR_OTHER_MACHINE, /* it was built for another kind of processor */
  PL_HELPER_CLIENT_ERROR_NO_RIGHT, /* not even root may capture here */
  PL_HELPER_CLIENT_ERROR_ENDED, /* it had started and is gone: message says how */
  PL_HELPER_CLIENT_ERROR_FORBIDDEN, /* polkit asks nobody: this user may not (127) */
  PL_HELPER_CLIENT_ERROR_TAKEN, /* another user of the same helper has it now (helper-keeper.h) */
  PL_HELPER_CLIENT_ERROR_WRONG_PASSWORD, /* polkit asks, and the answer was not what it wanted (127) */
  PL_HELPER_CLIENT_ERROR_NO_SETUID, /* pkexec is there, and may not become root (127): its file lacks the bit */
  PL_HELPER_CLIENT_ERROR_UPDATED, /* a Flatpak that was updated or removed while it ran: its helper is not on the host any more */
  PL_HELPER_CLIENT_ERROR_NO_SETUID_READ_ONLY, /* the same, where the file cannot be changed */
  PL_HELPER_CLIENT_ERROR_NOSUID, /* pkexec's disk is mounted so */
  PL_HELPER_CLIENT_ERROR_CONFINED, /* pkexec is as it should be, but no program may become root here */
  PL_HELPER_CLIENT_ERROR_NO_BUS, /* in a Flatpak without a session bus, over which it would reach the host */
} PlHelperClientError;
/* Every message is one line: what failed and what to do next. */

typedef struct _PlHelperClient PlHelperClient;

/* @interface: "any" or a name. A helper captures for many, one after the other (helper-stream.h). Completes when the helper's first bytes arrive or it ends. */
void pl_helper_client_start_async (const char *interface,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
PlHelperClient *pl_helper_client_start_finish (GAsyncResult *result, GError **error);
/* The same with more: */
typedef enum
{
  PL_HELPER_CLIENT_PACKETS = 0,
  PL_HELPER_CLIENT_OWNERS = 1 << 0, /* ask for the owners socket (protocol.h) too */
  PL_HELPER_CLIENT_SOCKETS_ONLY = 1 << 1, /* only that: no packets */
} PlHelperClientFlags;
void pl_helper_client_start_with_async (const char *interface,
                                        PlHelperClientFlags flags,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
/* (transfer full) descriptors: the pcap stream (-1 the second time), and a duplicate of the message channel, which does
 * not block. Who has the channel reads it, until pl_helper_client_rest(): a helper to which nobody listens ends (its
 * --give-up). */
int pl_helper_client_steal_stream (PlHelperClient *client);
int pl_helper_client_steal_channel (PlHelperClient *client);
/* Nobody reads the channel now, as before the first pl_helper_client_steal_channel(): the main loop does, and drops what it says. */
void pl_helper_client_rest (PlHelperClient *client);
/* (transfer full): the owners socket, which does not block; -1 when it was not asked for, or the second time. Who asks for it
 * has to read it, or the helper works for nothing. It ends without PL_HELPER_READY when the helper has not the rights. */
int pl_helper_client_steal_owners (PlHelperClient *client);
/* @ended is called once, from the main loop, when the helper ends while the client lives; @error says why, as above. */
typedef void (*PlHelperClientEnded) (PlHelperClient *client, const GError *error, gpointer user_data);
void pl_helper_client_watch (PlHelperClient *client, PlHelperClientEnded ended, gpointer user_data);
void pl_helper_client_free (PlHelperClient *client); /* ends the helper; never blocks */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlHelperClient, pl_helper_client_free)

/* TRUE when starting will ask for a password, as far as can be told beforehand: to say so before. */
gboolean pl_helper_client_will_ask (void);
