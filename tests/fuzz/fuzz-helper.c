/* Fuzz target of what the app receives from portlight-helper, on both sockets. The input is a row of messages, each four bytes and a
 * body: where it goes, its type, the body's length in two (little end first). Those with a header of their own making come as they
 * are; answers are put there before their question is asked, with its number. Whatever comes, what is taken from it must hold. */
#include "control-channel.h"
#include "helper-link.h"
#include "protocol.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

enum /* low bits of a message's first byte */
{
  TO_CHANNEL,
  TO_OWNERS,
  ANSWER,
  BARE_TO_CHANNEL,
  BARE_TO_OWNERS,
  N_WAYS
};

typedef struct
{
  PlRun *run;
  PlControlChannel *channel;
  PlSenders *senders;
  PlHelperLink *link;
  int channel_fds[2], owners_fds[2]; /* the app's end first */
  guint64 n_asked;
} World;

static void
check (gboolean is_right)
{
  if (!is_right)
    abort ();
}

static void
open_pair (int fds[2])
{
  check (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) == 0);
}

static void
world_open (World *world)
{
  const PlCaptureOptions options = {
    .kind = PL_SOURCE_PIPE, .fd = -1, .control_fd = -1, .is_live = TRUE, .max_flows = 8
  };

  open_pair (world->channel_fds);
  open_pair (world->owners_fds);
  world->run = pl_run_new (&options, NULL, NULL);
  world->channel = pl_control_channel_new (world->channel_fds[0]);
  world->senders = pl_senders_new ();
  world->link = pl_helper_link_new (world->owners_fds[0]);
  pl_helper_link_set_senders (world->link, world->senders);
}

static void
world_close (World *world)
{
  pl_helper_link_free (world->link);
  pl_senders_free (world->senders);
  pl_control_channel_free (world->channel);
  pl_run_free (world->run);
  close (world->channel_fds[0]);
  close (world->channel_fds[1]);
  close (world->owners_fds[1]);
}

/* With a right header. @id: what comes before the bytes, 0 nothing. */
static void
send_body (int fd, guint16 type, guint64 id, const uint8_t *bytes, gsize n_bytes)
{
  guint8 message[2 * PL_HELPER_MESSAGE_BYTES];
  gsize id_bytes = id != 0 ? sizeof id : 0;
  n_bytes = MIN (n_bytes, sizeof message - sizeof (struct pl_helper_header) - id_bytes);
  const struct pl_helper_header header = { PL_HELPER_PROTOCOL, type, (guint32)(id_bytes + n_bytes) };

  memcpy (message, &header, sizeof header);
  memcpy (message + sizeof header, &id, id_bytes);
  memcpy (message + sizeof header + id_bytes, bytes, n_bytes);
  send (fd, message, sizeof header + id_bytes + n_bytes, MSG_DONTWAIT);
}

static void
check_facts (const PlProcFacts *facts)
{
  check (facts->comm != NULL && facts->pid >= 0 && facts->start_time != 0);
  check (facts->exe == NULL || facts->exe[0] == '/');
  check (facts->cmdline == NULL || facts->cmdline[facts->cmdline_bytes] == '\0');
  check (facts->cgroup == NULL || facts->cgroup[0] == '/');
}

static void
ask_processes (World *world)
{
  PlSenderProcess process;

  if (pl_helper_link_describe (world->link, 1, &process))
    check_facts (&process.facts);
  pl_proc_facts_clear (&process.facts);
}

static void
ask_pids (World *world)
{
  g_autoptr (GArray) pids = g_array_new (FALSE, FALSE, sizeof (PlHelperPid));

  pl_helper_link_list_processes (world->link, pids);
  for (guint i = 0; i < pids->len; i++)
    check (g_array_index (pids, PlHelperPid, i).pid > (i > 0 ? g_array_index (pids, PlHelperPid, i - 1).pid : 0));
}

static void
check_line (const char *line, gpointer data)
{
  *(gsize *)data += strlen (line) + 1;
  check (*(gsize *)data < PL_HELPER_MESSAGE_BYTES);
}

static void
ask_lines (World *world)
{
  gsize n_bytes = 0;

  pl_helper_link_read_list (world->link, 1, PL_HELPER_TCP, 80, 443, check_line, &n_bytes);
}

static void
ask_sockets (World *world, gint32 pid)
{
  guint n_sockets, n_left;
  const guint64 *told = pl_helper_link_get_sockets (world->link, pid, &n_sockets, &n_left);
  check (told != NULL || n_sockets == 0);
  g_autofree guint64 *inodes = told != NULL ? g_memdup2 (told, n_sockets * sizeof *told) : NULL;

  for (guint i = 0; inodes != NULL && i < MIN (n_sockets, 4); i++)
    {
      check ((inodes[i] & PL_HELPER_CLOSED_BY_EXEC) == 0);
      check (pl_helper_link_holds (world->link, pid, inodes[i])); /* remembered: nothing is asked */
      pl_helper_link_is_inherited (world->link, pid, inodes[i]);
    }
}

static void
ask (World *world, guint8 type, const uint8_t *bytes, gsize n_bytes)
{
  static const guint16 answers[] = { PL_HELPER_PROCESS, PL_HELPER_PIDS, PL_HELPER_SOCKETS, PL_HELPER_LINES };
  guint which = type % G_N_ELEMENTS (answers);
  guint8 question[64];

  if (!pl_helper_link_is_ready (world->link))
    return;
  send_body (world->owners_fds[1], answers[which], ++world->n_asked, bytes, n_bytes);
  if (which == 0)
    ask_processes (world);
  else if (which == 1)
    ask_pids (world);
  else if (which == 3)
    ask_lines (world);
  else
    ask_sockets (world, 1 + type);
  while (recv (world->owners_fds[1], question, sizeof question, MSG_DONTWAIT) > 0)
    continue;
}

static void
take (World *world, uint8_t way, uint8_t type, const uint8_t *bytes, gsize n_bytes)
{
  PlSenderChange change;

  switch (way % N_WAYS)
    {
    case TO_CHANNEL:
      send_body (world->channel_fds[1], type, 0, bytes, n_bytes);
      break;
    case TO_OWNERS:
      send_body (world->owners_fds[1], type, 0, bytes, n_bytes);
      break;
    case ANSWER:
      ask (world, type, bytes, n_bytes);
      break;
    default:
      send (way % N_WAYS == BARE_TO_CHANNEL ? world->channel_fds[1] : world->owners_fds[1], bytes, n_bytes,
            MSG_DONTWAIT);
      break;
    }
  pl_control_channel_read (world->channel, world->run);
  pl_helper_link_read (world->link);
  while (pl_senders_next_change (world->senders, &change))
    {
      const PlSenderProcess *process = pl_senders_get_process (world->senders, change.pid);

      if (process != NULL && process->facts.pid != 0)
        check_facts (&process->facts);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  World world = { 0 };

  world_open (&world);
  for (size_t at = 0; at + 4 <= size;)
    {
      size_t n_bytes = MIN ((size_t)data[at + 2] | (size_t)data[at + 3] << 8, size - at - 4);

      take (&world, data[at], data[at + 1], data + at + 4, n_bytes);
      at += 4 + n_bytes;
    }
  world_close (&world);
  return 0;
}
