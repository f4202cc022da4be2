/* portlight-helper under attack by who speaks with it: noise, mutated messages, descriptors of every kind, streams that end
 * at every byte, a killed child. It neither dies of it nor stops serving, keeps no descriptor and no memory. As root. */
#include "helper-run.h"
#include "helper-stream.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 4030

typedef struct
{
  struct pl_helper_header header;
  struct pl_helper_filter filter;
} Message;

static gboolean
is_ours (const guint8 *packet, guint n_bytes, guint wire_bytes, gpointer data)
{
  return packet_is (packet, n_bytes, IPPROTO_UDP, PORT);
}

static void
close_end (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

/* A new stream holds what is sent now, all of it. */
static void
assert_serves (Run *run, const char *netns)
{
  g_autoptr (GError) error = NULL;

  close_end (&run->stream);
  g_byte_array_set_size (run->bytes, 0);
  run->stream = pl_helper_stream_begin (run->input, 1, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (run_is_ready (run, 5000));
  netns_send_udp (netns, "127.0.0.1", PORT, 200, 100, 10);
  run_read_stream (run, 500);
  g_assert_cmpuint (run_count (run, is_ours, NULL, NULL), ==, 200);
}

static void
send_with (int channel, const void *bytes, gsize n_bytes, int fd)
{
  struct iovec part = { (void *)bytes, n_bytes };
  union
  {
    struct cmsghdr header;
    char bytes[CMSG_SPACE (2 * sizeof (int))];
  } control = { 0 };
  struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
  guint n = fd >= 0 ? 1 + g_test_rand_int_range (0, 2) : 0;
  int fds[2] = { fd, fd };

  if (n > 0)
    {
      message.msg_control = &control;
      message.msg_controllen = CMSG_SPACE (n * sizeof fd);
      control.header.cmsg_level = SOL_SOCKET;
      control.header.cmsg_type = SCM_RIGHTS;
      control.header.cmsg_len = CMSG_LEN (n * sizeof fd);
      memcpy (CMSG_DATA (&control.header), fds, n * sizeof fd);
    }
  g_assert_true (sendmsg (channel, &message, MSG_NOSIGNAL) >= 0 || errno == EMSGSIZE || errno == ETOOMANYREFS);
}

/* A message that was right, with some of it changed; its length in the header is right or not. */
static gsize
make_message (Message *message)
{
  gsize n_instructions = g_test_rand_int_range (0, PL_HELPER_MAX_INSTRUCTIONS + 1);
  gsize n_bytes = G_STRUCT_OFFSET (struct pl_helper_filter, instructions) + n_instructions * 8;

  memset (message, 0, sizeof *message);
  message->header = (struct pl_helper_header){ PL_HELPER_PROTOCOL, PL_HELPER_FILTER, n_bytes };
  message->filter.ring = g_test_rand_int_range (0, 4);
  message->filter.n_instructions = n_instructions;
  for (gsize i = 0; i < n_instructions; i++)
    message->filter.instructions[i] = (struct pl_helper_instruction){ BPF_RET | BPF_K, 0, 0, 1600 };
  for (int i = g_test_rand_int_range (0, 6); i > 0; i--)
    ((guint8 *)message)[g_test_rand_int_range (0, sizeof message->header + n_bytes)] = g_test_rand_int_range (0, 256);
  n_bytes += sizeof message->header;
  switch (g_test_rand_int_range (0, 4))
    {
    case 0:
      return g_test_rand_int_range (0, n_bytes + 1); /* cut */
    case 1:
      message->header.length = g_test_rand_int_range (0, 10000);
      return n_bytes;
    case 2:
      for (gsize i = 0; i < n_bytes; i++)
        ((guint8 *)message)[i] = g_test_rand_int_range (0, 256);
      return n_bytes;
    default:
      return n_bytes;
    }
}

static guint
count_fds (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/fd", pid);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
test_messages (void)
{
  char *name;
  Run run;

  if (!need_root () || !netns_add (&name))
    return;
  run_start (&run, &(RunOptions){ .netns = name, .with_owners = TRUE }, "-i", "any", NULL);
  g_assert_true (run_is_ready (&run, 5000));
  assert_serves (&run, name);
  g_autofree char *before = read_status (run.pid, "VmRSS");
  guint n_fds = count_fds (run.pid);
  int null = open ("/dev/null", O_RDWR | O_CLOEXEC);
  for (guint i = 0; i < 20000; i++)
    {
      Message message;
      gsize n_bytes = make_message (&message);

      send_with (run.input, &message, n_bytes, i % 5 == 0 ? null : -1);
    }
  g_assert_cmpint (run_wait (&run, 100), ==, -1);
  assert_serves (&run, name);
  g_autofree char *after = read_status (run.pid, "VmRSS");
  g_test_message ("memory %s before, %s after", before, after);
  g_assert_cmpuint (g_ascii_strtoull (after, NULL, 10), <, g_ascii_strtoull (before, NULL, 10) + 4096);
  g_assert_cmpuint (count_fds (run.pid), ==, n_fds);
  close (null);
  run_clear (&run);
  netns_remove (name);
}

/* The reader leaves after each number of bytes; the helper rests each time and serves the next one. */
static void
test_every_byte (void)
{
  g_autoptr (GError) error = NULL;
  guint8 bytes[256];
  char *name;
  Run run;

  if (!need_root () || !netns_add (&name))
    return;
  run_start (&run, &(RunOptions){ .netns = name }, "-i", "any", NULL);
  g_assert_true (run_is_ready (&run, 5000));
  guint n_fds = count_fds (run.pid);
  for (guint n = 0; n < 200; n++)
    {
      close_end (&run.stream);
      run.stream = pl_helper_stream_begin (run.input, 0, NULL, &error);
      g_assert_no_error (error);
      if (n % 10 == 0)
        netns_send_udp (name, "127.0.0.1", PORT, 20, 100, 20);
      for (guint n_read = 0, n_tries = 0; n_read < n && n_tries < 20; n_tries++)
        {
          gssize n_got = read (run.stream, bytes, n - n_read);

          n_read += MAX (n_got, 0);
          if (n_got < 0)
            g_usleep (1000);
        }
      g_assert_cmpint (run_wait (&run, 0), ==, -1);
    }
  assert_serves (&run, name);
  g_assert_cmpuint (count_fds (run.pid), ==, n_fds);
  run_clear (&run);

  for (guint n = 0; n <= 40; n += 4) /* without a channel its reader's end is its own */
    {
      run_start (&run, &(RunOptions){ .netns = name, .input = RUN_PIPE }, "-i", "lo", NULL);
      g_assert_cmpint (read (run.stream, bytes, MIN (n, 24)), >=, 0);
      close_end (&run.stream);
      g_assert_cmpint (run_wait (&run, 5000), ==, PL_HELPER_EXIT_OK);
      run_clear (&run);
    }
  netns_remove (name);
}

/* A stream on what is no pipe, or one that blocks, harms its giver alone: the channel still ends the helper. */
static void
test_odd_streams (void)
{
  char *name;
  Run run;

  if (!need_root () || !netns_add (&name))
    return;
  for (guint i = 0; i < 4; i++)
    {
      struct pl_helper_header header = { .version = PL_HELPER_PROTOCOL, .type = PL_HELPER_STREAM };
      int pair[2] = { -1, -1 };

      run_start (&run, &(RunOptions){ .netns = name }, "-i", "any", NULL);
      g_assert_true (run_is_ready (&run, 5000));
      if (i == 0)
        pair[0] = open ("/dev/zero", O_RDONLY | O_CLOEXEC);
      else if (i == 1)
        pair[0] = open ("/tmp", O_PATH | O_CLOEXEC);
      else
        g_assert_no_errno (i == 2 ? pipe2 (pair, O_CLOEXEC)
                                  : socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
      send_with (run.input, &header, sizeof header, pair[i == 2]);
      netns_send_udp (name, "127.0.0.1", PORT, 5000, 1400, 100);
      close_end (&run.input);
      g_assert_cmpint (run_wait (&run, 5000), !=, -1);
      for (guint j = 0; j < 2; j++)
        if (pair[j] >= 0)
          close (pair[j]);
      run_clear (&run);
    }
  netns_remove (name);
}

static pid_t
find_child (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%1$d/task/%1$d/children", pid);
  g_autofree char *children = NULL;

  g_file_get_contents (path, &children, NULL, NULL);
  return children != NULL ? atoi (children) : 0;
}

/* The owner child is killed: its socket ends, the capture goes on. Its limits, before. */
static void
test_killed_child (void)
{
  static const char *const limits[] = { "Max core file size        0 ", "Max file size             ",
                                        "Max processes             0 ", "Max locked memory         0 ",
                                        "Max msgqueue size         0 " };
  g_autofree char *text = NULL;
  guint8 message[PL_HELPER_MESSAGE_BYTES];
  struct pl_helper_header header = { 0 };
  gssize n_bytes;
  char *name;
  Run run;

  if (!need_root () || !netns_add (&name))
    return;
  run_start (&run, &(RunOptions){ .netns = name, .with_owners = TRUE }, "-i", "any", NULL);
  g_assert_true (run_is_ready (&run, 5000));
  do
    {
      n_bytes = recv (run.owners, message, sizeof message, 0);
      g_assert_cmpint (n_bytes, >=, sizeof header);
      memcpy (&header, message, sizeof header);
    }
  while (header.type != PL_HELPER_READY);
  pid_t child = find_child (run.pid);
  g_assert_cmpint (child, >, 0);
  g_autofree char *path = g_strdup_printf ("/proc/%d/limits", child);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++)
    g_assert_nonnull (strstr (text, limits[i]));
  g_assert_no_errno (kill (child, SIGKILL));
  do
    n_bytes = recv (run.owners, message, sizeof message, 0);
  while (n_bytes > 0);
  g_assert_cmpint (n_bytes, ==, 0);
  assert_serves (&run, name);
  run_clear (&run);
  netns_remove (name);
}

/* A channel with nobody at its other end, nor ever: it does not stay for ever. */
static void
test_listener (void)
{
  Run run;

  if (!need_root ())
    return;
  run_start (&run, &(RunOptions){ .input = RUN_LISTENER }, "-i", "lo", NULL);
  g_assert_cmpint (run_wait (&run, 5000), ==, PL_HELPER_EXIT_OK);
  run_clear (&run);
}

/* A channel that was made to give a descriptor with each message: they are not kept. */
static void
test_pidfds (void)
{
  struct pl_helper_header header = { .version = PL_HELPER_PROTOCOL, .type = PL_HELPER_END };
  Run run;

  if (!need_root ())
    return;
  run_start (&run, &(RunOptions){ .with_pidfds = TRUE }, "-i", "lo", NULL);
  g_assert_true (run_is_ready (&run, 5000));
  guint n_fds = count_fds (run.pid);
  for (guint i = 0; i < 100; i++)
    {
      header.type = i % 2 == 0 ? PL_HELPER_FILTER : 4711;
      send_with (run.input, &header, sizeof header, -1);
    }
  g_assert_cmpint (run_wait (&run, 100), ==, -1);
  g_assert_cmpuint (count_fds (run.pid), ==, n_fds);
  close_end (&run.input);
  g_assert_cmpint (run_wait (&run, 5000), ==, PL_HELPER_EXIT_OK);
  run_clear (&run);
}

/* Questions by the thousand from somebody who never reads: they cost him his answers and the helper nothing. */
static void
test_unread_answers (void)
{
  static const guint16 types[] = { PL_HELPER_DESCRIBE, PL_HELPER_LIST, PL_HELPER_HOLDS, PL_HELPER_READ };
  struct pl_helper_asked asked = { { PL_HELPER_PROTOCOL, 0, sizeof asked.question }, { .about = getpid () } };
  guint8 message[PL_HELPER_MESSAGE_BYTES];
  guint64 id = 0;
  guint n_sent = 0;
  Run run;

  if (!need_root ())
    return;
  run_start (&run, &(RunOptions){ .with_owners = TRUE }, "-i", "lo", NULL);
  g_assert_true (run_is_ready (&run, 5000));
  g_assert_cmpint (recv (run.owners, message, sizeof message, 0), >, 0);
  pid_t child = find_child (run.pid);
  g_autofree char *before = read_status (child, "VmRSS");
  for (gint64 until_us = g_get_monotonic_time () + G_USEC_PER_SEC; g_get_monotonic_time () < until_us;)
    {
      asked.header.type = types[n_sent % G_N_ELEMENTS (types)];
      asked.question.id = n_sent + 1;
      asked.question.list = n_sent % 9;
      asked.question.about = n_sent % 7 == 0 ? G_MAXUINT32 - n_sent : (guint32)getpid ();
      n_sent += run_send (run.owners, &asked, sizeof asked);
    }
  while (recv (run.owners, message, sizeof message, MSG_DONTWAIT) > 0)
    continue;
  g_test_message ("%u questions a second were taken", n_sent);
  g_assert_cmpuint (n_sent, >, 1000);
  asked = (struct pl_helper_asked){ { PL_HELPER_PROTOCOL, PL_HELPER_DESCRIBE, sizeof asked.question },
                                    { .id = G_MAXUINT64, .about = getpid () } };
  while (!run_send (run.owners, &asked, sizeof asked))
    g_usleep (1000);
  while (id != G_MAXUINT64)
    {
      g_assert_cmpint (recv (run.owners, message, sizeof message, 0), >, 0);
      memcpy (&id, message + sizeof asked.header, sizeof id);
    }
  g_autofree char *after = read_status (child, "VmRSS");
  g_assert_cmpuint (g_ascii_strtoull (after, NULL, 10), <, g_ascii_strtoull (before, NULL, 10) + 4096);
  g_assert_cmpint (run_wait (&run, 0), ==, -1);
  run_clear (&run);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/helper/attack/messages", test_messages);
  g_test_add_func ("/helper/attack/every-byte", test_every_byte);
  g_test_add_func ("/helper/attack/odd-streams", test_odd_streams);
  g_test_add_func ("/helper/attack/killed-child", test_killed_child);
  g_test_add_func ("/helper/attack/listener", test_listener);
  g_test_add_func ("/helper/attack/pidfds", test_pidfds);
  g_test_add_func ("/helper/attack/unread-answers", test_unread_answers);
  return g_test_run ();
}
