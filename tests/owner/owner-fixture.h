/* What the owner tests share: sockets, children that hold them, questions and their answers. */
#pragma once
#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "owners.h"

#define PATIENCE_US (60 * G_USEC_PER_SEC) /* a loaded machine is slow; a passing test never waits that long */

typedef struct
{
  PlOwners *owners;
  GArray *sockets; /* PlSocket, the last dump that was taken; nullable */
} Fixture;

void set_up (Fixture *fixture, gconstpointer data);
void tear_down (Fixture *fixture, gconstpointer data);

/* The address of a socket's own or, with @peer, other end. */
PlAddr addr_of (int fd, gboolean peer, guint16 *port);
/* Fills @storage with @address (IPv4 or IPv6 text) and @port. */
socklen_t make_sockaddr (const char *address, guint16 port, struct sockaddr_storage *storage);
/* A bound socket; listening when @type is SOCK_STREAM. @port: in, 0 for any; out. */
int open_bound (int type, const char *address, guint16 *port, gboolean reuse_port);
int open_connected (int type, const char *address, guint16 port);

/* A process that runs @func and then waits to be ended. What @func returns is @fd below. */
typedef struct
{
  pid_t pid;
  int from_fd;
  guint16 port; /* what it reported: the local port of the socket that @func returned, else 0 */
} Child;
typedef int (*ChildFunc) (gconstpointer data);
Child start_child (ChildFunc func, gconstpointer data);
/* A process whose second thread calls @port of 127.0.0.1, about which @question then asks, and has descriptors of its own if so said;
 * else its first thread ends. */
pid_t start_thread_holder (guint16 port, gboolean has_own_fds, PlOwnerQuestion *question);
void end_child (Child *child);

/* A question about the flow from @local to @remote, which the local end began; both ends are this machine's. */
PlOwnerQuestion
make_question (guint8 proto, const char *local, guint16 local_port, const char *remote, guint16 remote_port);
/* The same about client socket @fd. */
PlOwnerQuestion question_of (int fd, guint8 proto);

/* Asks and waits for the first answers about both ends; processes are owned by the caller. */
typedef struct
{
  PlOwnerAnswer caller, called; /* the last ones */
  guint n_caller, n_called;
} Answers;
Answers ask (Fixture *fixture, const PlOwnerQuestion *question);
void answers_clear (Answers *answers);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answers, answers_clear)
/* The next answer about the end that was called, after the first; FALSE when none comes in @ms. */
gboolean wait_second_answer (Fixture *fixture, const PlOwnerQuestion *question, int ms, PlOwnerAnswer *answer);

/* Whether the last dump or one that comes within ten seconds has a socket that @func accepts. What is unchanged is dumped
 * again after five seconds only. */
gboolean wait_socket (Fixture *fixture, gboolean (*func) (const PlSocket *socket, gpointer data), gpointer data);

/* Called first in main(): a network namespace of its own, where that is allowed, so that nobody else's sockets are there. */
void be_alone (void);
/* Drops to the user of PL_TEST_UID, when it is set. */
void drop_user (void);
