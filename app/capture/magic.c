/* What a file that is no capture looks like, so that the message can say what to do with it. Capture thread only. */
#include "portlight-config.h"

#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>
#include "reader-private.h"
#include <pcap/pcap.h>
#include <string.h>

static const struct
{
  const char *magic;
  gsize n_magic;
  const char *what, *advice;
} formats[] = {
  { "\x28\xb5\x2f\xfd", 4, N_ ("Zstandard data"), N_ ("decompress it first with unzstd") },
  { "\xfd"
    "7zXZ",
    5, N_ ("xz data"), N_ ("decompress it first with unxz") },
  { "BZh", 3, N_ ("bzip2 data"), N_ ("decompress it first with bunzip2") },
  { "\x04\x22\x4d\x18", 4, N_ ("LZ4 data"), N_ ("decompress it first with unlz4") },
  { "PK\x03\x04", 4, N_ ("a ZIP archive"), N_ ("unpack it first with unzip") },
  { "7z\xbc\xaf\x27\x1c", 6, N_ ("a 7-Zip archive"), N_ ("unpack it first with 7z x") },
  { "snoop\0\0\0", 8, N_ ("a snoop capture"), N_ ("convert it with editcap -F pcap") },
  { "btsnoop\0", 8, N_ ("a Bluetooth capture"), N_ ("it has no Internet packets in it") },
  { "GMBU", 4, N_ ("a Network Monitor capture"), N_ ("convert it with editcap -F pcap") },
  { "RTSS", 4, N_ ("a Network Monitor capture"), N_ ("convert it with editcap -F pcap") },
  { "\x7f"
    "ELF",
    4, N_ ("a program"), N_ ("choose a pcap or pcapng file") },
  { "\x89PNG", 4, N_ ("a PNG picture"), N_ ("choose a pcap or pcapng file") },
  { "%PDF", 4, N_ ("a PDF document"), N_ ("choose a pcap or pcapng file") },
  { "SQLite format 3", 15, N_ ("an SQLite database"), N_ ("choose a pcap or pcapng file") },
};

static gboolean
looks_like_text (const guint8 *bytes, gsize n_bytes)
{
  for (gsize i = 0; i < n_bytes; i++)
    if ((bytes[i] < 0x20 && !strchr ("\t\n\r\f", bytes[i])) || bytes[i] == 0 || bytes[i] == 0x7f)
      return FALSE;
  return TRUE;
}

void
pl_reader_set_not_capture (PlReader *self, const guint8 *bytes, gsize n_bytes, GError **error)
{
  const char *what = _ ("something else"), *advice = _ ("choose a pcap or pcapng file");

  if (looks_like_text (bytes, MIN (n_bytes, 64)))
    {
      what = _ ("text");
      advice = _ ("a capture is binary, as tcpdump -w and Wireshark write it");
    }
  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    if (n_bytes >= formats[i].n_magic && memcmp (bytes, formats[i].magic, formats[i].n_magic) == 0)
      {
        what = _ (formats[i].what);
        advice = _ (formats[i].advice);
      }
  g_set_error (error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_NOT_CAPTURE, _ ("%s is not a capture but %s: %s"), self->name,
               what, advice);
}

void
pl_reader_set_unknown_link_type (PlReader *self, int datalink, GError **error)
{
  /* DLT_ and LINKTYPE_ values are the same from 104 on, and below it for those that matter. */
  const char *name = pcap_datalink_val_to_description (datalink);

  g_set_error (error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_LINK_TYPE,
               _ ("%s has link type %d (%s), in which Portlight finds no Internet packets: capture on an Ethernet, "
                  "Wi-Fi or tunnel interface, or on “any”"),
               self->name, datalink, name ? name : _ ("unknown"));
}
