/* New flows at once, by a second socket in immediate mode. Capture thread only.
 *
 * Immediate mode wakes us for every packet, which a flood would make dear (25 % of a core at 200 k packets/s). So each
 * period has a budget; once it is spent the socket is left alone until the next period and the kernel drops what its
 * small ring can't hold, cheaply; what waited in it is by then known from the bulk and thrown away. */
#include "first-packets.h"
#include "bounds.h"
#include "protocol.h"
#include <pcap/pcap.h>

#define PERIOD_US (50 * 1000)
#define SNAPLEN_BYTES 128
#define RING_BYTES (256 << 10)
#define TIMEOUT_MS 10

/* What can begin a flow, as portlight-helper takes it, and how many are told in a period. */
static const struct
{
  const char *filter;
  guint per_period;
} kinds[PL_N_FIRST] = {
  [PL_FIRST_DATAGRAMS] = { PL_HELPER_TAKES_DATAGRAMS, 200 },
  [PL_FIRST_OTHER] = { PL_HELPER_TAKES_OTHER, 1000 },
};

struct _PlFirstPackets
{
  PlRun *run;
  PlFirstKind kind;
  pcap_t *pcap;
  guint32 iface;
  int datalink, fd;
  gint64 period_end_us; /* monotonic */
  guint n_left; /* of this period's budget */
};

static gboolean
set_filter (pcap_t *pcap, const char *first, const char *filter)
{
  struct bpf_program program;
  g_autofree char *expression = filter ? g_strdup_printf ("(%s) and (%s)", first, filter) : g_strdup (first);
  gboolean ok;

  if (pcap_compile (pcap, &program, expression, 1, PCAP_NETMASK_UNKNOWN) != 0)
    return FALSE;
  ok = pcap_setfilter (pcap, &program) == 0;
  pcap_freecode (&program);
  return ok;
}

static gboolean
activate (PlFirstPackets *self)
{
  const char *name = self->run->options.name;
  char errbuf[PCAP_ERRBUF_SIZE];

  self->pcap = pcap_create (name, errbuf);
  if (!self->pcap)
    return FALSE;
  if (pcap_set_snaplen (self->pcap, SNAPLEN_BYTES) != 0 || pcap_set_buffer_size (self->pcap, RING_BYTES) != 0
      || pcap_set_immediate_mode (self->pcap, 1) != 0 || pcap_set_timeout (self->pcap, TIMEOUT_MS) != 0
      || pcap_activate (self->pcap) < 0)
    return FALSE;
  if (g_str_equal (name, "any") && pcap_set_datalink (self->pcap, DLT_LINUX_SLL2) != 0)
    return FALSE;
  return set_filter (self->pcap, kinds[self->kind].filter, self->run->options.filter)
         && pcap_setnonblock (self->pcap, 1, errbuf) == 0;
}

PlFirstPackets *
pl_first_packets_new (PlRun *run, guint32 iface, PlFirstKind kind)
{
  PlFirstPackets *self = g_new0 (PlFirstPackets, 1);

  self->run = run;
  self->kind = kind;
  self->iface = iface;
  if (!activate (self))
    {
      pl_first_packets_free (self);
      return NULL;
    }
  self->datalink = pcap_datalink (self->pcap);
  self->fd = pcap_get_selectable_fd (self->pcap);
  self->n_left = kinds[self->kind].per_period;
  return self;
}

void
pl_first_packets_free (PlFirstPackets *self)
{
  if (!self)
    return;
  g_clear_pointer (&self->pcap, pcap_close);
  g_free (self);
}

static void
ignore_packet (u_char *data, const struct pcap_pkthdr *header, const u_char *bytes)
{
}

static void
take_packet (u_char *data, const struct pcap_pkthdr *header, const u_char *bytes)
{
  PlFirstPackets *self = (PlFirstPackets *)data;
  const PlRecord record = {
    .bytes = bytes,
    .captured = header->caplen,
    .wire = header->len,
    .time_us = (guint64)header->ts.tv_sec * G_USEC_PER_SEC + header->ts.tv_usec,
    .datalink = self->datalink,
    .iface = self->iface,
  };

  pl_run_announce (self->run, &record);
}

/* The interface has gone, which the bulk socket says: no more comes from here. */
static void
end (PlFirstPackets *self)
{
  self->n_left = 0;
  self->period_end_us = G_MAXINT64;
}

int
pl_first_packets_get_fd (PlFirstPackets *self)
{
  gint64 now_us = g_get_monotonic_time ();

  if (now_us >= self->period_end_us)
    {
      gboolean is_gone = self->n_left == 0
                         && pcap_dispatch (self->pcap, (int)kinds[self->kind].per_period * 4, ignore_packet, NULL) < 0;
      self->period_end_us = now_us + PERIOD_US;
      self->n_left = kinds[self->kind].per_period;
      if (is_gone)
        end (self);
    }
  return self->n_left > 0 ? self->fd : -1;
}

void
pl_first_packets_read (PlFirstPackets *self)
{
  int n = pcap_dispatch (self->pcap, self->n_left, take_packet, (u_char *)self);

  if (n > 0)
    self->n_left -= MIN ((guint)n, self->n_left);
  else if (n < 0)
    end (self);
}
