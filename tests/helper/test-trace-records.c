/* Decoding the kernel's tracepoint records: by format texts whose numbers are not those of any kernel, with what must not be
 * told, and with records that lie about themselves. */
#include "trace-records.h"
#include <linux/perf_event.h>
#include <netinet/in.h>
#include <string.h>

static const char route4_format[] = "name: fib_table_lookup\nID: 77\nformat:\n"
                                    "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
                                    "\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n\n"
                                    "\tfield:u16 dport;\toffset:8;\tsize:2;\tsigned:0;\n"
                                    "\tfield:u16 sport;\toffset:10;\tsize:2;\tsigned:0;\n"
                                    "\tfield:__u8 dst[4];\toffset:12;\tsize:4;\tsigned:0;\n"
                                    "\tfield:__u8 src[4];\toffset:16;\tsize:4;\tsigned:0;\n"
                                    "\tfield:u8 proto;\toffset:20;\tsize:1;\tsigned:0;\n";
static const char state_format[] = "name: inet_sock_set_state\nID: 78\nformat:\n"
                                   "\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n\n"
                                   "\tfield:const void * skaddr;\toffset:8;\tsize:8;\tsigned:0;\n"
                                   "\tfield:int newstate;\toffset:16;\tsize:4;\tsigned:1;\n"
                                   "\tfield:__u16 sport;\toffset:20;\tsize:2;\tsigned:0;\n"
                                   "\tfield:__u16 dport;\toffset:22;\tsize:2;\tsigned:0;\n"
                                   "\tfield:__u16 protocol;\toffset:24;\tsize:2;\tsigned:0;\n"
                                   "\tfield:__u8 saddr_v6[16];\toffset:26;\tsize:16;\tsigned:0;\n"
                                   "\tfield:__u8 daddr_v6[16];\toffset:42;\tsize:16;\tsigned:0;\n";

typedef struct
{
  guint n, n_not_news;
  PlTraceSender last;
} Told;

static void
on_sender (const PlTraceSender *sender, gpointer data)
{
  Told *told = data;

  told->n++;
  told->last = *sender;
}

static void
add_record (GByteArray *bytes, guint32 type, const void *body, guint16 n_bytes)
{
  struct perf_event_header header = { .type = type, .size = sizeof header + n_bytes };

  g_byte_array_append (bytes, (const guint8 *)&header, sizeof header);
  g_byte_array_append (bytes, body, n_bytes);
}

static void
add_sample (GByteArray *bytes, guint32 pid, guint64 time_ns, const guint8 *raw, guint32 raw_bytes)
{
  guint8 body[128];
  guint32 tid = pid + 1;

  memcpy (body, &pid, 4);
  memcpy (body + 4, &tid, 4);
  memcpy (body + 8, &time_ns, 8);
  memcpy (body + 16, &raw_bytes, 4);
  memcpy (body + 20, raw, raw_bytes);
  add_record (bytes, PERF_RECORD_SAMPLE, body, 20 + raw_bytes);
}

static void
add_route (GByteArray *bytes, guint32 pid, guint64 time_ns, guint8 flags, guint16 local_port)
{
  guint8 raw[24] = { 77, 0, flags, [8] = 53, 0, 0, 0, 192, 0, 2, 1, 10, 0, 0, 7, IPPROTO_UDP };

  memcpy (raw + 10, &local_port, 2);
  add_sample (bytes, pid, time_ns, raw, sizeof raw);
}

static void
add_state (GByteArray *bytes, guint32 pid, guint64 socket, gint32 new_state, gboolean is_mapped)
{
  guint8 raw[58] = { 78, 0, 0x10, [20] = 0x39, 0x30, 0xbb, 0x01, IPPROTO_TCP };

  memcpy (raw + 8, &socket, 8);
  memcpy (raw + 16, &new_state, 4);
  if (new_state == 2)
    raw[20] = raw[21] = 0; /* chosen later */
  raw[26] = raw[42] = 0x20;
  raw[57] = 9;
  if (is_mapped)
    memcpy (raw + 42, "\0\0\0\0\0\0\0\0\0\0\xff\xff\1\2\3\4", 16);
  add_sample (bytes, pid, 1, raw, sizeof raw);
}

static PlTraceRecords *
new_records (void)
{
  PlTraceRecords *records = pl_trace_records_new ();

  g_assert_true (pl_trace_records_add_format (records, route4_format, strlen (route4_format)));
  g_assert_true (pl_trace_records_add_format (records, state_format, strlen (state_format)));
  return records;
}

static void
test_formats (void)
{
  g_autoptr (PlTraceRecords) records = pl_trace_records_new ();
  gsize n_bytes = strlen (route4_format);
  g_autofree char *far = g_strdup (route4_format);

  for (gsize n = 0; n + 60 < n_bytes; n++) /* the last line is needed, its end is not */
    g_assert_false (pl_trace_records_add_format (records, route4_format, n));
  memcpy (strstr (far, "offset:20"), "offset:99", 9);
  g_assert_true (pl_trace_records_add_format (records, far, n_bytes));
  memcpy (strstr (far, "offset:12;"), "offset:999", 10);
  g_assert_false (pl_trace_records_add_format (records, far, n_bytes));
  g_assert_false (pl_trace_records_add_format (records, "name: other\nID: 1\n", 18));
}

static void
count_pid (guint32 type, const guint8 *bytes, gsize n_bytes, gpointer data)
{
  guint32 pid;

  g_assert_cmpuint (type, ==, PERF_RECORD_SAMPLE);
  g_assert_cmpuint (n_bytes, >=, sizeof pid);
  memcpy (&pid, bytes, sizeof pid);
  ((Told *)data)->n_not_news += pid == 4211;
}

static void
test_routes (void)
{
  g_autoptr (PlTraceRecords) records = new_records ();
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  Told told = { 0 };

  add_route (bytes, 4211, 5000, 0, 40000);
  g_assert_cmpuint (pl_trace_records_read (records, bytes->data, bytes->len, on_sender, NULL, &told), ==, 0);
  g_assert_cmpuint (told.n, ==, 1);
  g_assert_cmpuint (told.last.time_ns, ==, 5000);
  g_assert_cmpuint (told.last.pid, ==, 4211);
  g_assert_cmpuint (told.last.tid, ==, 4212);
  g_assert_cmpuint (told.last.family, ==, 4);
  g_assert_cmpuint (told.last.protocol, ==, IPPROTO_UDP);
  g_assert_cmpuint (told.last.local_port, ==, 40000);
  g_assert_cmpuint (told.last.remote_port, ==, 53);
  g_assert_cmpmem (told.last.remote, 4, "\xc0\0\2\1", 4);
  g_assert_cmpmem (told.last.local, 4, "\n\0\0\7", 4);

  g_byte_array_set_size (bytes, 0);
  add_route (bytes, 4211, 6000, 0, 40000); /* again, within a second */
  add_route (bytes, 4211, 7000, 0x10, 40001); /* in a soft interrupt */
  add_route (bytes, 4211, 7000, 0x08, 40002); /* in a hard one */
  add_route (bytes, 0, 7000, 0, 40003); /* idle */
  add_route (bytes, G_MAXUINT32, 7000, 0, 40004); /* of another pid namespace */
  add_route (bytes, 4211, 5000 + 1000000000, 0, 40000); /* a second later */
  add_route (bytes, 4999, 5001 + 1000000000, 0, 40000); /* another process at the same port */
  pl_trace_records_read (records, bytes->data, bytes->len, on_sender, count_pid, &told);
  g_assert_cmpuint (told.n, ==, 3);
  g_assert_cmpuint (told.n_not_news, ==, 3); /* what is no news is what a process may have been described for */
  g_assert_cmpuint (told.last.pid, ==, 4999);
}

static void
test_handshakes (void)
{
  g_autoptr (PlTraceRecords) records = new_records ();
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  Told told = { 0 };

  add_state (bytes, 100, 0xffff888000000001, 2, FALSE);
  add_state (bytes, 200, 0xffff888000000002, 2, TRUE);
  pl_trace_records_read (records, bytes->data, bytes->len, on_sender, NULL, &told);
  g_assert_cmpuint (told.n, ==, 1); /* whom it calls, but not from where */
  g_assert_cmpuint (told.last.pid, ==, 100);
  g_assert_cmpuint (told.last.remote_port, ==, 443);
  g_byte_array_set_size (bytes, 0);
  add_state (bytes, 300, 0xffff888000000003, 1, FALSE); /* never entered */
  add_state (bytes, 200, 0xffff888000000002, 1, TRUE); /* IPv4: its route tells */
  add_state (bytes, 7, 0xffff888000000001, 1, FALSE); /* whoever is interrupted */
  add_state (bytes, 7, 0xffff888000000001, 7, FALSE); /* told already */
  pl_trace_records_read (records, bytes->data, bytes->len, on_sender, NULL, &told);
  g_assert_cmpuint (told.n, ==, 2);
  g_assert_cmpuint (told.last.pid, ==, 100);
  g_assert_cmpuint (told.last.tid, ==, 101);
  g_assert_cmpuint (told.last.family, ==, 6);
  g_assert_cmpuint (told.last.local_port, ==, 12345);
  g_assert_cmpuint (told.last.remote_port, ==, 443);
  g_assert_cmpuint (told.last.remote[15], ==, 9);
}

static void
test_lost_and_hostile (void)
{
  g_autoptr (PlTraceRecords) records = new_records ();
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint64 lost[2] = { 9, 1234 };
  Told told = { 0 };

  add_record (bytes, PERF_RECORD_LOST, lost, sizeof lost);
  add_record (bytes, PERF_RECORD_COMM, lost, sizeof lost);
  add_route (bytes, 4211, 5000, 0, 40000);
  g_assert_cmpuint (pl_trace_records_read (records, bytes->data, bytes->len, on_sender, NULL, &told), ==, 1234);
  g_assert_cmpuint (told.n, ==, 1);
  for (gsize n = 0; n < bytes->len; n++) /* cut anywhere; the copy lets a sanitizer see a byte too far */
    {
      g_autofree guint8 *cut = g_memdup2 (bytes->data, n);

      pl_trace_records_read (records, cut, n, on_sender, NULL, &told);
    }
  g_assert_cmpuint (told.n, ==, 1);
  for (guint i = 0; i < 100000; i++)
    {
      gsize n = g_test_rand_int_range (0, bytes->len + 1);
      g_autofree guint8 *noise = g_memdup2 (bytes->data, n);

      for (guint k = 0; n > 0 && k < 4; k++)
        noise[g_test_rand_int_range (0, n)] = g_test_rand_int ();
      pl_trace_records_read (records, noise, n, on_sender, NULL, &told);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trace-records/formats", test_formats);
  g_test_add_func ("/trace-records/routes", test_routes);
  g_test_add_func ("/trace-records/handshakes", test_handshakes);
  g_test_add_func ("/trace-records/lost-and-hostile", test_lost_and_hostile);
  return g_test_run ();
}
