/* A capture filter over files and pipes: compiled once for each link type, run by libpcap. Capture thread only. */
#include "portlight-config.h"

#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>
#include "filter.h"
#include "capture.h"
#include "bounds.h"
#include <pcap/pcap.h>

/* Link types a capture has at once; beyond that the oldest is compiled again when needed. */
#define N_PROGRAMS 8

struct _PlFilter
{
  char *expression;
  struct
  {
    int datalink;
    gboolean is_compiled;
    struct bpf_program program;
  } programs[N_PROGRAMS];
  guint newest;
};

PlFilter *
pl_filter_new (const char *expression)
{
  PlFilter *self = g_new0 (PlFilter, 1);

  self->expression = g_strdup (expression);
  return self;
}

void
pl_filter_free (PlFilter *self)
{
  if (!self)
    return;
  for (guint i = 0; i < N_PROGRAMS; i++)
    if (self->programs[i].is_compiled)
      pcap_freecode (&self->programs[i].program);
  g_free (self->expression);
  g_free (self);
}

void
pl_filter_set_error (const char *expression, const char *reason, GError **error)
{
  g_set_error (error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_FILTER,
               _ ("The capture filter “%s” is not valid here: %s; pcap-filter(7) describes the language"), expression,
               reason);
}

gboolean
pl_filter_compile (PlFilter *self, int datalink, GError **error)
{
  /* LINKTYPE_RAW is 101 in files and 12 in this system's libpcap. */
  pcap_t *dead = pcap_open_dead (datalink == 101 ? DLT_RAW : datalink, PL_LIMIT_FRAME_BYTES);
  guint slot = (self->newest + 1) % N_PROGRAMS;
  gboolean ok;

  if (!dead)
    {
      pl_filter_set_error (self->expression, _ ("out of memory"), error);
      return FALSE;
    }
  if (self->programs[slot].is_compiled)
    pcap_freecode (&self->programs[slot].program);
  ok = pcap_compile (dead, &self->programs[slot].program, self->expression, 1, PCAP_NETMASK_UNKNOWN) == 0;
  self->programs[slot].is_compiled = ok;
  self->programs[slot].datalink = datalink;
  self->newest = slot;
  if (!ok)
    pl_filter_set_error (self->expression, pcap_geterr (dead), error);
  pcap_close (dead);
  return ok;
}

gboolean
pl_filter_is_compiled (const PlFilter *self)
{
  return self->programs[self->newest].is_compiled;
}

gboolean
pl_filter_matches (PlFilter *self, int datalink, const guint8 *bytes, guint32 captured, guint32 wire, GError **error)
{
  const struct pcap_pkthdr header = { .caplen = captured, .len = wire };

  for (guint i = 0; i < N_PROGRAMS; i++)
    {
      guint slot = (self->newest + i) % N_PROGRAMS;

      if (self->programs[slot].is_compiled && self->programs[slot].datalink == datalink)
        return pcap_offline_filter (&self->programs[slot].program, &header, bytes) != 0;
    }
  return pl_filter_compile (self, datalink, error)
         && pcap_offline_filter (&self->programs[self->newest].program, &header, bytes) != 0;
}
