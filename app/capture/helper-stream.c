/* See helper-stream.h. Capture thread only.
 *
 * The kernel runs a filter over what follows the link-layer header of a packet socket on "any", while libpcap compiles for
 * the SLL2 header that it puts before: offsets are shifted, and the header's fields become the kernel's extensions. libpcap
 * itself does so where it has the socket (pcap-linux.c, fix_offset()); here the helper has it.
 *
 * Sources: socket(7) SO_ATTACH_FILTER, linux/filter.h (SKF_AD_OFF), LINKTYPE_LINUX_SLL2. */
#include "portlight-config.h"

#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>
#include "helper-stream.h"
#include "capture.h"
#include "bounds.h"
#include "protocol.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SLL2_BYTES 20
#define SLL2_PROTOCOL 0
#define SLL2_IFINDEX 4
#define SLL2_PACKET_TYPE 10
#define WHOLE 0x40000 /* of a packet that is taken; the ring's snaplen cuts it */
#define PIPE_BYTES (1 << 20)

static const char *const takes[PL_HELPER_N_RINGS] = { PL_HELPER_TAKES_BULK, PL_HELPER_TAKES_DATAGRAMS,
                                                      PL_HELPER_TAKES_OTHER };

guint
pl_helper_stream_find (const char *interface, GError **error)
{
  guint ifindex = g_str_equal (interface, "any") ? 0 : if_nametoindex (interface);

  if (ifindex == 0 && !g_str_equal (interface, "any"))
    g_set_error (
        error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_NOT_FOUND,
        _ ("There is no interface %s on this computer now: choose another one, or start again when it is back"),
        interface);
  return ifindex;
}

/* For the kernel. FALSE where it can't say the same. */
static gboolean
shift (struct pl_helper_instruction *instruction)
{
  guint class = BPF_CLASS (instruction->code), mode = BPF_MODE (instruction->code);

  if (class == BPF_RET && BPF_RVAL (instruction->code) == BPF_K && instruction->k != 0)
    instruction->k = WHOLE;
  if ((class != BPF_LD && class != BPF_LDX) || (mode != BPF_ABS && mode != BPF_IND && mode != BPF_MSH))
    return TRUE;
  if (instruction->k >= SLL2_BYTES)
    instruction->k -= SLL2_BYTES;
  else if (mode != BPF_ABS)
    return FALSE;
  else if (instruction->k == SLL2_PROTOCOL)
    instruction->k = SKF_AD_OFF + SKF_AD_PROTOCOL;
  else if (instruction->k == SLL2_IFINDEX)
    instruction->k = SKF_AD_OFF + SKF_AD_IFINDEX;
  else if (instruction->k == SLL2_PACKET_TYPE)
    instruction->k = SKF_AD_OFF + SKF_AD_PKTTYPE;
  else
    return FALSE;
  return TRUE;
}

/* FALSE when @text can't be compiled, is too long, or the kernel can't do it. */
static gboolean
compile (const char *text, struct pl_helper_filter *filter)
{
  pcap_t *dead = pcap_open_dead (DLT_LINUX_SLL2, PL_LIMIT_FRAME_BYTES);
  struct bpf_program program;
  gboolean ok = dead != NULL && pcap_compile (dead, &program, text, 1, PCAP_NETMASK_UNKNOWN) == 0;

  if (ok)
    {
      filter->n_instructions = program.bf_len;
      ok = program.bf_len <= PL_HELPER_MAX_INSTRUCTIONS;
      for (guint i = 0; ok && i < program.bf_len; i++)
        {
          const struct bpf_insn *from = &program.bf_insns[i];

          filter->instructions[i] = (struct pl_helper_instruction){ from->code, from->jt, from->jf, from->k };
          ok = shift (&filter->instructions[i]);
        }
      pcap_freecode (&program);
    }
  if (dead != NULL)
    pcap_close (dead);
  return ok;
}

static char *
join (guint ring, guint ifindex, const char *filter)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_printf (text, "(%s)", takes[ring]);
  if (ifindex != 0)
    g_string_append_printf (text, " and ifindex %u", ifindex);
  if (filter != NULL)
    g_string_append_printf (text, " and (%s)", filter);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
send_message (int channel, guint16 type, const void *body, gsize n_bytes, int fd)
{
  struct pl_helper_header header = { .version = PL_HELPER_PROTOCOL, .type = type, .length = n_bytes };
  struct iovec parts[] = { { &header, sizeof header }, { (void *)body, n_bytes } };
  union
  {
    struct cmsghdr header;
    char bytes[CMSG_SPACE (sizeof (int))];
  } control = { 0 };
  struct msghdr message = { .msg_iov = parts, .msg_iovlen = G_N_ELEMENTS (parts) };

  if (fd >= 0)
    {
      message.msg_control = &control;
      message.msg_controllen = sizeof control.bytes;
      control.header.cmsg_level = SOL_SOCKET;
      control.header.cmsg_type = SCM_RIGHTS;
      control.header.cmsg_len = CMSG_LEN (sizeof (int));
      memcpy (CMSG_DATA (&control.header), &fd, sizeof fd);
    }
  return sendmsg (channel, &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0;
}

void
pl_helper_stream_select (int channel, guint ifindex, const char *filter)
{
  for (guint ring = 0; ring < PL_HELPER_N_RINGS; ring++)
    {
      struct pl_helper_filter body = { .ring = ring };
      g_autofree char *all = join (ring, ifindex, filter), *without = join (ring, ifindex, NULL);

      if (compile (all, &body) || compile (without, &body))
        send_message (channel, PL_HELPER_FILTER, &body,
                      G_STRUCT_OFFSET (struct pl_helper_filter, instructions)
                          + body.n_instructions * sizeof *body.instructions,
                      -1);
    }
}

static void
drain (int channel)
{
  guint8 bytes[512];
  gssize n_bytes;

  do
    n_bytes = recv (channel, bytes, sizeof bytes, MSG_DONTWAIT);
  while (n_bytes > 0 || (n_bytes < 0 && errno == EINTR));
}

int
pl_helper_stream_begin (int channel, guint ifindex, const char *filter, GError **error)
{
  int pair[2];

  if (pipe2 (pair, O_CLOEXEC | O_NONBLOCK) != 0)
    {
      g_set_error (error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_FAILED,
                   _ ("Could not start to capture: %s; close other windows and programs"), g_strerror (errno));
      return -1;
    }
  fcntl (pair[1], F_SETPIPE_SZ, PIPE_BYTES); /* over this user's quota the size it has will do */
  drain (channel);
  pl_helper_stream_select (channel, ifindex, filter);
  gboolean ok = send_message (channel, PL_HELPER_STREAM, NULL, 0, pair[1]);
  close (pair[1]);
  if (ok)
    return pair[0];
  close (pair[0]);
  g_set_error (error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_DEVICE_GONE,
               _ ("The capture helper has ended: start the capture again"));
  return -1;
}

gboolean
pl_helper_stream_end (int channel)
{
  return send_message (channel, PL_HELPER_END, NULL, 0, -1);
}
