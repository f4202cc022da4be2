/* What the asker of a question sees of a socket is enough to name its process when the socket is gone. */
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "first-look.h"
#include "resolver.h"

typedef struct
{
  int server, client;
  guint64 inode;
  PlOwnerQuestion question;
} Pair;

static guint16
get_port (int fd)
{
  struct sockaddr_in address;
  socklen_t length = sizeof address;
  g_assert_cmpint (getsockname (fd, (struct sockaddr *)&address, &length), ==, 0);
  return g_ntohs (address.sin_port);
}

static void
open_pair (Pair *pair)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = g_htonl (INADDR_LOOPBACK) };
  socklen_t length = sizeof address;
  struct stat info;
  PlAddr loopback = pl_addr_from_v4 ((const guint8[4]){ 127, 0, 0, 1 });

  pair->server = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  pair->client = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (pair->server, (struct sockaddr *)&address, sizeof address), ==, 0);
  g_assert_cmpint (getsockname (pair->server, (struct sockaddr *)&address, &length), ==, 0);
  g_assert_cmpint (connect (pair->client, (struct sockaddr *)&address, sizeof address), ==, 0);
  g_assert_cmpint (fstat (pair->client, &info), ==, 0);
  pair->inode = info.st_ino;
  pair->question = (PlOwnerQuestion){
    .key = { .proto = PL_PROTO_UDP, .kind = PL_KIND_PORTS, .addr = { loopback, loopback } },
    .local_end = PL_END_A,
    .initiator_end = PL_END_A,
    .both_local = TRUE,
    .asked_us = g_get_monotonic_time (),
    .first_us = (guint64)g_get_real_time (),
  };
  pair->question.key.port[PL_END_A] = get_port (pair->client);
  pair->question.key.port[PL_END_B] = get_port (pair->server);
}

static void
test_gone (void)
{
  Pair pair;
  PlFirstLook *look = pl_first_look_new ();
  PlResolver *resolver = pl_resolver_new ("/proc", NULL);

  if (resolver == NULL)
    {
      g_test_skip ("no sock_diag here");
      pl_first_look_free (look);
      return;
    }
  open_pair (&pair);
  pl_first_look_expect (look, getpid ());
  pl_first_look_take (look, &pair.question);
  g_assert_cmpuint (pair.question.seen_inode, ==, pair.inode);
  g_assert_cmpuint (pair.question.seen_uid, ==, geteuid ());
  g_assert_cmpint (pair.question.seen_pid, ==, getpid ());
  g_assert_cmpint (pair.question.seen_fd, ==, pair.client);

  close (pair.client);
  PlCase seen = { .question = pair.question, .end = PL_END_A, .is_local = TRUE };
  pl_resolver_ask (resolver, &seen, 1, FALSE);
  g_assert_nonnull (seen.process);
  g_assert_cmpint (seen.process->pid, ==, getpid ());
  g_assert_cmpint (seen.confidence, ==, PL_CONFIDENCE_EXACT);
  pl_case_clear (&seen);

  /* Later there is nothing to be seen, and nobody is named. */
  pl_first_look_take (look, &pair.question);
  g_assert_cmpuint (pair.question.seen_inode, ==, 0);
  PlCase unseen = { .question = pair.question, .end = PL_END_A, .is_local = TRUE };
  pl_resolver_ask (resolver, &unseen, 1, FALSE);
  g_assert_null (unseen.process);
  pl_case_clear (&unseen);
  close (pair.server);
  pl_resolver_free (resolver);
  pl_first_look_free (look);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/first-look/gone", test_gone);
  return g_test_run ();
}
