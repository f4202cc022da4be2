/* A network interface, or "any", as a source of packets, by libpcap. Capture thread only.
 *
 * Settings as measured in notes/performance.md: a 16 MiB ring rides out a 200 ms stall at 200 k packets/s; a filter is
 * always attached, even an empty one, since only with one does the kernel copy no more than the snapshot length; not
 * immediate, which would wake us for every packet. Never promiscuous.
 *
 * On loopback every packet passes twice, out and in. libpcap drops the outgoing copy of what leaves by the interface
 * named lo, on "any" as well (linux_check_direction in pcap-linux.c), so that each is counted once here. */
#include "portlight-config.h"

#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>
#include "run.h"
#include "first-packets.h"
#include "bounds.h"
#include "local-addrs.h"
#include "urgent.h"
#include <errno.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TIMEOUT_MS 50
#define STATS_MS 1000 /* between two looks at what the kernel dropped, but for those before a rest */
/* Ring blocks handled between two looks at the other descriptors. */
#define BLOCKS_AT_ONCE 16
/* Of them with the priority of first packets: more waiting at once is a stream, that takes long. */
#define URGENT_BLOCKS 2
/* How long a stopped capture waits for the block the kernel is still filling: it hands it over after TIMEOUT_MS, by a
 * timer of its own. */
#define LAST_BLOCK_MS (TIMEOUT_MS + 30)

typedef struct
{
  PlRun *run;
  const char *name;
  gboolean is_any;
  pcap_t *pcap;
  int datalink, fd;
  guint32 iface;
  guint ifindex;
  PlLocalAddrs *addrs;
  PlFirstPackets *first[PL_N_FIRST]; /* nullable, each */
  gint64 next_stats_us; /* monotonic */
  gint64 stats_us; /* monotonic: when stats were read */
  struct pcap_stat stats; /* latest */
} Device;

/* ---- opening ---- */

static void
set_no_such_device (const char *name, GError **error)
{
  g_autoptr (GPtrArray) devices = pl_devices_list ();
  g_autoptr (GString) names = g_string_new ("any");

  for (guint i = 0; i < devices->len; i++)
    g_string_append_printf (names, ", %s", ((const PlDevice *)g_ptr_array_index (devices, i))->name);
  g_set_error (error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_NOT_FOUND,
               _ ("There is no interface named %s: choose one of %s"), name, names->str);
}

static void
set_gone (const char *name, gboolean exists, GError **error)
{
  if (exists)
    g_set_error (error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_DEVICE_GONE,
                 _ ("Interface %s is down: capture again when it is up (ip link set %s up), or capture on “any”"), name,
                 name);
  else
    g_set_error (error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_DEVICE_GONE,
                 _ ("Interface %s has disappeared: choose another, or capture on “any”"), name);
}

static gboolean
fail_to_activate (Device *device, int status, GError **error)
{
  switch (status)
    {
    case PCAP_ERROR_NO_SUCH_DEVICE:
      set_no_such_device (device->name, error);
      break;
    case PCAP_ERROR_PERM_DENIED:
    case PCAP_ERROR_PROMISC_PERM_DENIED:
      g_set_error (
          error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_PERMISSION,
          _ ("You may not capture on %s: run portlight-report with sudo, or let the window ask for your password"),
          device->name);
      break;
    case PCAP_ERROR_IFACE_NOT_UP:
      set_gone (device->name, TRUE, error);
      break;
    default:
      g_set_error (error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_FAILED, _ ("Could not capture on %s: %s"), device->name,
                   status == PCAP_ERROR ? pcap_geterr (device->pcap) : pcap_statustostr (status));
      break;
    }
  return FALSE;
}

static gboolean
attach_filter (Device *device, GError **error)
{
  const char *expression = device->run->options.filter ? device->run->options.filter : "";
  struct bpf_program program;
  gboolean ok;

  if (pcap_compile (device->pcap, &program, expression, 1, PCAP_NETMASK_UNKNOWN) != 0)
    {
      pl_filter_set_error (expression, pcap_geterr (device->pcap), error);
      return FALSE;
    }
  ok = pcap_setfilter (device->pcap, &program) == 0;
  if (!ok)
    pl_filter_set_error (expression, pcap_geterr (device->pcap), error);
  pcap_freecode (&program);
  return ok;
}

/* Returns what pcap_activate() would: below 0 it failed. */
static int
configure_and_activate (pcap_t *pcap)
{
  int status = pcap_set_snaplen (pcap, PL_LIMIT_SNAPLEN_BYTES);

  if (status == 0)
    status = pcap_set_buffer_size (pcap, PL_LIMIT_RING_BYTES);
  if (status == 0)
    status = pcap_set_timeout (pcap, TIMEOUT_MS);
  if (status == 0)
    status = pcap_set_promisc (pcap, 0);
  return status == 0 ? pcap_activate (pcap) : status;
}

static gboolean
open_device (Device *device, GError **error)
{
  char errbuf[PCAP_ERRBUF_SIZE] = "";
  int status;

  /* libpcap would also open message buses and USB ports under such names. */
  device->ifindex = device->is_any ? 0 : if_nametoindex (device->name);
  if (!device->is_any && device->ifindex == 0)
    {
      set_no_such_device (device->name, error);
      return FALSE;
    }
  device->pcap = pcap_create (device->name, errbuf);
  if (!device->pcap)
    {
      g_set_error (error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_FAILED, _ ("Could not capture on %s: %s"), device->name,
                   errbuf);
      return FALSE;
    }
  status = configure_and_activate (device->pcap);
  if (status < 0)
    return fail_to_activate (device, status, error);
  if (device->is_any && pcap_set_datalink (device->pcap, DLT_LINUX_SLL2) != 0)
    return fail_to_activate (device, PCAP_ERROR, error);
  device->datalink = pcap_datalink (device->pcap);
  if (!pl_decoder_knows (device->datalink))
    {
      g_set_error (
          error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_LINK_TYPE,
          _ ("Interface %s has link type %d (%s), in which Portlight finds no Internet packets: choose another"),
          device->name, device->datalink, pcap_datalink_val_to_description_or_dlt (device->datalink));
      return FALSE;
    }
  if (!attach_filter (device, error))
    return FALSE;
  if (pcap_setnonblock (device->pcap, 1, errbuf) != 0)
    return fail_to_activate (device, PCAP_ERROR, error);
  device->fd = pcap_get_selectable_fd (device->pcap);
  return TRUE;
}

/* ---- running ---- */

static void
take_packet (u_char *data, const struct pcap_pkthdr *header, const u_char *bytes)
{
  Device *device = (Device *)data;
  const PlRecord record = {
    .bytes = bytes,
    .captured = header->caplen,
    .wire = header->len,
    .time_us = (guint64)header->ts.tv_sec * G_USEC_PER_SEC + header->ts.tv_usec,
    .datalink = device->datalink,
    .iface = device->iface,
  };

  pl_run_packet (device->run, &record);
}

/* Takes what waits in the ring, some blocks at most. FALSE with @error. */
static gboolean
dispatch (Device *device, GError **error)
{
  int n = 1;

  pl_run_hear_reuses (device->run);
  for (int i = 0; i < BLOCKS_AT_ONCE && n > 0; i++)
    {
      if (i == URGENT_BLOCKS && device->run->is_urgent)
        pl_urgent_end ();
      n = pcap_dispatch (device->pcap, -1, take_packet, (u_char *)device);
    }
  if (n >= 0)
    return TRUE;
  if (!device->is_any && if_nametoindex (device->name) != device->ifindex)
    set_gone (device->name, FALSE, error);
  else
    g_set_error (error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_DEVICE_GONE, _ ("Capture on %s ended: %s; start it again"),
                 device->name, pcap_geterr (device->pcap));
  return FALSE;
}

/* Counters of libpcap are 32 bits wide and wrap. */
static void
add_to (guint64 *sum, guint now, guint before)
{
  *sum = (*sum == G_MAXUINT64 ? 0 : *sum) + (guint)(now - before);
}

static void
read_stats (Device *device)
{
  PlCaptureStats *stats = &device->run->stats;
  struct pcap_stat now;

  if (pcap_stats (device->pcap, &now) != 0)
    return;
  if (now.ps_drop != device->stats.ps_drop || now.ps_ifdrop != device->stats.ps_ifdrop
      || stats->kernel_dropped == G_MAXUINT64)
    device->run->is_changed = TRUE;
  add_to (&stats->kernel_dropped, now.ps_drop, device->stats.ps_drop);
  if (!device->is_any) /* of all interfaces together nobody counts what they dropped */
    add_to (&stats->interface_dropped, now.ps_ifdrop, device->stats.ps_ifdrop);
  device->stats = now;
  device->stats_us = g_get_monotonic_time ();
}

/* Addresses or links have changed. FALSE with @error when ours has gone or is down. */
static gboolean
follow_links (Device *device, GError **error)
{
  struct ifreq request = { 0 };

  pl_local_addrs_drain (device->addrs);
  pl_run_load_addrs (device->run);
  if (device->is_any)
    return TRUE;
  if (if_nametoindex (device->name) != device->ifindex)
    {
      set_gone (device->name, FALSE, error);
      return FALSE;
    }
  g_strlcpy (request.ifr_name, device->name, sizeof request.ifr_name);
  if (ioctl (device->fd, SIOCGIFFLAGS, &request) == 0 && !(request.ifr_flags & IFF_UP))
    {
      set_gone (device->name, TRUE, error);
      return FALSE;
    }
  return TRUE;
}

/* Whether the kernel may hold packets that it has not handed over: some came since the statistics were read, or those are
 * too young for what came before them. */
static gboolean
may_hold_more (Device *device)
{
  struct pcap_stat now;

  if (pcap_stats (device->pcap, &now) != 0)
    return TRUE;
  if (now.ps_recv == device->stats.ps_recv && g_get_monotonic_time () - device->stats_us >= LAST_BLOCK_MS * 1000)
    return FALSE;
  return now.ps_recv > 0; /* libpcap's count from the start */
}

/* Told to stop, or the interface is down: what was sent by now still counts, also what is in a block that the kernel has
 * not handed over. A quiet interface keeps nobody waiting. */
static void
take_the_last (Device *device)
{
  gint64 end_us = g_get_monotonic_time () + LAST_BLOCK_MS * 1000,
         left_us = may_hold_more (device) ? LAST_BLOCK_MS * 1000 : 0;
  struct pollfd poll_fd = { .fd = device->fd, .events = POLLIN };

  dispatch (device, NULL);
  for (; left_us > 0; left_us = end_us - g_get_monotonic_time ())
    if (poll (&poll_fd, 1, (int)(left_us + 999) / 1000) > 0 && !dispatch (device, NULL))
      return;
}

static int
get_first_fd (const Device *device, PlFirstKind kind)
{
  return device->first[kind] ? pl_first_packets_get_fd (device->first[kind]) : -1;
}

/* Waits, and takes what came. FALSE when told to stop, or with @error. */
static gboolean
wait_and_take (Device *device, GError **error)
{
  PlRun *run = device->run;
  struct pollfd poll_fds[] = {
    { .fd = device->fd, .events = POLLIN },
    { .fd = run->cancel_fd, .events = POLLIN },
    { .fd = pl_local_addrs_get_fd (device->addrs), .events = POLLIN },
    { .fd = get_first_fd (device, PL_FIRST_DATAGRAMS), .events = POLLIN },
    { .fd = get_first_fd (device, PL_FIRST_OTHER), .events = POLLIN },
    { .fd = pl_run_get_reuses_fd (run), .events = POLLIN },
  };

  pl_run_prepare_wait (run);
  if (poll (poll_fds, G_N_ELEMENTS (poll_fds), pl_run_get_timeout_ms (run)) < 0 && errno != EINTR)
    {
      g_set_error (error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_FAILED, _ ("Could not wait for packets: %s; start again"),
                   g_strerror (errno));
      return FALSE;
    }
  /* Datagrams before the ICMP errors that answer them. */
  for (int kind = 0; kind < PL_N_FIRST; kind++)
    if (poll_fds[3 + kind].revents)
      pl_first_packets_read (device->first[kind]);
  if (poll_fds[5].revents)
    pl_run_hear_reuses (run);
  if (poll_fds[0].revents && !dispatch (device, error))
    return FALSE;
  if (poll_fds[1].revents)
    return FALSE;
  if (poll_fds[2].revents && !follow_links (device, error))
    return FALSE;
  return TRUE;
}

static void
run_device (Device *device, GError **error)
{
  while (wait_and_take (device, error))
    {
      gint64 now_us = g_get_monotonic_time ();
      int wait_ms;

      pl_run_tick (device->run);
      wait_ms = pl_run_get_timeout_ms (device->run);
      /* Also before a long rest. */
      if (now_us >= device->next_stats_us || wait_ms < 0 || wait_ms > STATS_MS)
        {
          read_stats (device);
          device->next_stats_us = now_us + STATS_MS * 1000;
        }
    }
  take_the_last (device);
  read_stats (device);
}

gboolean
pl_device_source_run (PlRun *run, GError **error)
{
  Device device = { .run = run, .name = run->options.name, .is_any = g_str_equal (run->options.name, "any"), .fd = -1 };
  GError *local_error = NULL;

  if (open_device (&device, &local_error))
    {
      device.addrs = pl_local_addrs_new ();
      pl_run_load_addrs (run);
      if (!device.is_any)
        device.iface = pl_ifaces_get_by_name (run->ifaces, device.name);
      if (run->options.new_flow)
        for (int kind = 0; kind < PL_N_FIRST; kind++)
          device.first[kind] = pl_first_packets_new (run, device.iface, (PlFirstKind)kind);
      pl_run_set_running (run);
      run_device (&device, &local_error);
    }
  for (int kind = 0; kind < PL_N_FIRST; kind++)
    pl_first_packets_free (device.first[kind]);
  pl_local_addrs_free (device.addrs);
  g_clear_pointer (&device.pcap, pcap_close);
  if (!local_error)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}
