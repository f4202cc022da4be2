/* The writers of portlight-report over a model filled by hand: JSON's escapes, CSV's quotes, the table's columns, orders. */
#include "json.h"
#include "options.h"
#include "report.h"
#include "safe-text.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* A writer into a temporary file, and what is in it at the end. */
typedef struct
{
  int fd;
  PlWriter *writer;
} Sheet;

static Sheet
sheet_new (void)
{
  g_autofree char *path = NULL;
  Sheet sheet;

  sheet.fd = g_file_open_tmp ("portlight-report-XXXXXX", &path, NULL);
  g_assert_cmpint (sheet.fd, >=, 0);
  g_unlink (path);
  sheet.writer = pl_writer_new (sheet.fd);
  return sheet;
}

static char *
sheet_take (Sheet *sheet)
{
  g_assert_cmpint (pl_writer_flush (sheet->writer), ==, 0);
  pl_writer_free (sheet->writer);
  gsize length = (gsize)lseek (sheet->fd, 0, SEEK_END);
  char *text = g_malloc (length + 1);
  g_assert_cmpint (pread (sheet->fd, text, length, 0), ==, (gssize)length);
  text[length] = '\0';
  close (sheet->fd);
  return text;
}

static char *
json_of (const char *value)
{
  Sheet sheet = sheet_new ();
  PlJson json;

  pl_json_init (&json, sheet.writer);
  pl_json_open (&json, NULL);
  pl_json_string (&json, "a", value);
  pl_json_close (&json);
  return sheet_take (&sheet);
}

static void
assert_json (const char *value, const char *expected)
{
  g_autofree char *text = json_of (value);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_json_escapes (void)
{
  assert_json ("plain", "{\"a\":\"plain\"}");
  assert_json ("q\"b\\", "{\"a\":\"q\\\"b\\\\\"}");
  assert_json ("\n\t\x1b\x7f", "{\"a\":\"\\u000a\\u0009\\u001b\\u007f\"}");
  assert_json ("é漢😀", "{\"a\":\"é漢😀\"}");
  assert_json ("\xe2\x80\xae\xe2\x81\xa6", "{\"a\":\"\\u202e\\u2066\"}"); /* what turns text around */
  assert_json ("\xc2\x85\xe2\x80\xa8", "{\"a\":\"\\u0085\\u2028\"}");
  assert_json ("a\xff"
               "b\xc3",
               "{\"a\":\"a\xef\xbf\xbd"
               "b\xef\xbf\xbd\"}");
  assert_json ("\xed\xa0\x80", "{\"a\":\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"}"); /* a surrogate is no UTF-8 */
  assert_json ("", "{\"a\":\"\"}");
  assert_json (NULL, "{\"a\":null}");
}

static void
test_json_structure (void)
{
  Sheet sheet = sheet_new ();
  PlJson json;

  pl_json_init (&json, sheet.writer);
  for (guint i = 0; i < 2; i++)
    {
      pl_json_open (&json, NULL);
      pl_json_open (&json, "empty");
      pl_json_close (&json);
      pl_json_open (&json, "counts");
      pl_json_u64 (&json, "none", 0);
      pl_json_u64 (&json, "most", G_MAXUINT64);
      pl_json_known_u64 (&json, "unknown", G_MAXUINT64);
      pl_json_close (&json);
      pl_json_boolean (&json, "yes", TRUE);
      pl_json_close (&json);
      pl_writer_char (sheet.writer, '\n');
    }
  g_autofree char *text = sheet_take (&sheet);
  g_assert_cmpstr (
      text, ==,
      "{\"empty\":{},\"counts\":{\"none\":0,\"most\":18446744073709551615,\"unknown\":null},\"yes\":true}\n"
      "{\"empty\":{},\"counts\":{\"none\":0,\"most\":18446744073709551615,\"unknown\":null},\"yes\":true}\n");
}

static void
test_writer (void)
{
  Sheet sheet = sheet_new ();
  g_autofree char *large = g_strnfill (200000, 'l');

  pl_writer_text (sheet.writer, "begin ");
  pl_writer_fill (sheet.writer, '.', 70000);
  pl_writer_text (sheet.writer, large);
  pl_writer_u64 (sheet.writer, 1234567890);
  g_autofree char *text = sheet_take (&sheet);
  g_assert_cmpuint (strlen (text), ==, 6 + 70000 + 200000 + 10);
  g_assert_true (g_str_has_prefix (text, "begin .."));
  g_assert_true (g_str_has_suffix (text, "l1234567890"));
}

static void
test_writer_fault (void)
{
  int fd = g_open ("/dev/full", O_WRONLY);

  if (fd < 0)
    {
      g_test_skip ("there is no /dev/full here");
      return;
    }
  g_autoptr (PlWriter) writer = pl_writer_new (fd);
  pl_writer_text (writer, "lost");
  g_assert_cmpint (pl_writer_get_error (writer), ==, 0);
  g_assert_cmpint (pl_writer_flush (writer), ==, ENOSPC);
  pl_writer_fill (writer, 'x', 200000);
  g_assert_cmpint (pl_writer_flush (writer), ==, ENOSPC);
  close (fd);
}

static void
assert_safe (const char *text, gboolean ascii_only, const char *expected, guint n_columns)
{
  g_autoptr (GString) out = g_string_new (NULL);

  pl_safe_text_append (out, text, ascii_only);
  g_assert_cmpstr (out->str, ==, expected);
  g_assert_cmpuint (pl_safe_text_columns (out->str), ==, n_columns);
}

static void
test_safe_text (void)
{
  assert_safe ("curl", FALSE, "curl", 4);
  assert_safe ("a\033[31mb\n\tc\x7f", FALSE, "a\\x1b[31mb\\n\\tc\\x7f", 19);
  assert_safe ("\xc2\x9b"
               "31m",
               FALSE, "\\u{9b}31m", 9); /* C1 CSI */
  assert_safe ("\xe2\x80\xae", FALSE, "\\u{202e}", 8); /* right-to-left override */
  assert_safe ("\xff\xc3", FALSE, "\\xff\\xc3", 8);
  assert_safe ("漢é", FALSE, "漢é", 3);
  assert_safe ("“é”…", TRUE, "'\\u{e9}'...", 11);
  g_assert_cmpuint (pl_safe_text_fit ("漢漢", 3, NULL), ==, 3);
  g_assert_cmpuint (pl_safe_text_fit ("abc", 2, NULL), ==, 2);
  g_assert_cmpuint (pl_safe_text_fit ("abc", 9, NULL), ==, 3);
}

/* ---- a model with flows of known facts ---- */

typedef struct
{
  guint64 id;
  guint8 proto, kind;
  const char *local, *remote;
  guint16 local_port, remote_port;
  guint64 out_bytes, in_bytes;
  guint initiator; /* 0 local, 1 remote, 2 unknown */
  PlFlowState state;
} Facts;

static const Facts facts[] = {
  { 1, 6, PL_KIND_PORTS, "192.168.1.20", "93.184.216.34", 51514, 443, 1500, 9000, 0, PL_STATE_ESTABLISHED },
  { 2, 17, PL_KIND_PORTS, "2001:db8::1", "2001:db8::53", 33000, 53, 80, 200, 0, PL_STATE_ACTIVE },
  { 3, 1, PL_KIND_ECHO, "192.168.1.20", "10.0.0.1", 7, 7, 98, 98, 0, PL_STATE_ACTIVE },
  { 4, 47, PL_KIND_BARE, "192.168.1.20", "10.0.0.2", 0, 0, 0, 500000, 1, PL_STATE_ACTIVE },
  { 5, 6, PL_KIND_PORTS, "192.168.1.20", "10.0.0.3", 22, 60000, 70, 60, 1, PL_STATE_RESET },
  { 6, 6, PL_KIND_PORTS, "192.168.1.20", "10.0.0.4", 40000, 40001, 5, 5, 2, PL_STATE_ESTABLISHED },
};

static PlFlowUpdate
update_of (const Facts *fact)
{
  PlFlowUpdate update = { 0 };
  PlAddr local, remote;
  PlFlow *flow = &update.flow;

  g_assert_true (pl_addr_parse (fact->local, &local));
  g_assert_true (pl_addr_parse (fact->remote, &remote));
  int end = pl_flow_key_from_ends (fact->proto, fact->kind, &local, fact->local_port, &remote, fact->remote_port, 0,
                                   &flow->key);
  flow->id = fact->id;
  flow->local_end = (guint8)end;
  flow->initiator_end = fact->initiator == 2 ? PL_END_UNKNOWN : (guint8)(fact->initiator == 0 ? end : 1 - end);
  flow->state = (guint8)fact->state;
  flow->sent[end] = (PlFlowCounts){ fact->out_bytes > 0, fact->out_bytes, fact->out_bytes / 2 };
  flow->sent[1 - end] = (PlFlowCounts){ fact->in_bytes > 0, fact->in_bytes, fact->in_bytes / 2 };
  flow->first_us = 1000000 * fact->id;
  flow->last_us = 100000000 - 1000000 * fact->id;
  return update;
}

static PlModel *
model_of_facts (const char *app_name)
{
  PlModel *model = pl_model_new ();
  g_autoptr (GPtrArray) ifaces = g_ptr_array_new ();
  PlProcess *process = pl_process_new ();
  PlModelTotals totals = { .packets = 9,
                           .bytes = 511116,
                           .received = 11,
                           .interface_dropped = G_MAXUINT64,
                           .undecodable_total = 2,
                           .others_flows = 1,
                           .others_packets = 1,
                           .others_bytes = 500,
                           .others_payload_bytes = 400,
                           .ended_payload_bytes = 43 };

  totals.undecodable[PL_UNDECODABLE_NOT_IP] = 2;
  g_ptr_array_add (ifaces, (char *)"eth0");
  pl_model_set_ifaces (model, ifaces);
  for (guint i = 0; i < G_N_ELEMENTS (facts); i++)
    {
      PlFlowUpdate update = update_of (&facts[i]);
      pl_model_apply_flows (model, &update, 1);
    }
  g_free (process->name); /* malloc'd, as g_free() takes since GLib 2.46 */
  process->name = g_strdup (app_name);
  process->exe = g_strdup ("/usr/bin/curl");
  process->pid = 4211;
  process->uid = 1000;
  PlFlowUpdate first = update_of (&facts[0]);
  pl_model_apply_owner (model, 1, first.flow.local_end, PL_CONFIDENCE_EXACT, 1000, process);
  pl_process_unref (process);
  pl_model_set_totals (model, &totals);
  pl_model_commit (model, 1);
  return model;
}

typedef void (*Write) (const PlReport *report, PlWriter *writer);

static char *
write_report (PlModel *model, PlSortKey key, guint top, Write write)
{
  Sheet sheet = sheet_new ();
  PlReport report = { .source = "eth0" };

  pl_report_collect (&report, model, key, top);
  write (&report, sheet.writer);
  pl_report_clear (&report);
  return sheet_take (&sheet);
}

static void
test_jsonl (void)
{
  g_autoptr (PlModel) model = model_of_facts ("curl");
  g_autofree char *text = write_report (model, PL_SORT_ID, 0, pl_report_write_jsonl);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  g_assert_cmpuint (g_strv_length (lines), ==,
                    G_N_ELEMENTS (facts) + 2); /* summary, and nothing after the last newline */
  g_assert_cmpstr (
      lines[0], ==,
      "{\"id\":1,\"proto\":\"tcp\",\"iface\":\"eth0\","
      "\"local\":{\"addr\":\"192.168.1.20\",\"port\":51514,\"range\":\"dynamic\",\"role\":\"temporary\"},"
      "\"remote\":{\"addr\":\"93.184.216.34\",\"port\":443,\"range\":\"well-known\",\"role\":\"service\","
      "\"service\":\"https\"},\"initiator\":\"local\","
      "\"out\":{\"packets\":1,\"bytes\":1500,\"payload_bytes\":750},"
      "\"in\":{\"packets\":1,\"bytes\":9000,\"payload_bytes\":4500},"
      "\"first_us\":1000000,\"last_us\":99000000,\"state\":\"established\","
      "\"app\":{\"name\":\"curl\",\"pid\":4211,\"exe\":\"/usr/bin/curl\",\"uid\":1000,\"confidence\":\"exact\"},"
      "\"socket_uid\":1000}");
  g_assert_nonnull (strstr (lines[1], "\"local\":{\"addr\":\"2001:db8::1\",\"port\":33000,\"range\":\"registered\","
                                      "\"role\":\"temporary\"}"));
  g_assert_null (strstr (lines[1], "\"app\""));
  g_assert_nonnull (strstr (lines[2], "\"proto\":\"icmp\""));
  g_assert_nonnull (strstr (lines[2], "\"local\":{\"addr\":\"192.168.1.20\"},\"remote\":{\"addr\":\"10.0.0.1\"}"));
  g_assert_nonnull (strstr (lines[2], "\"echo_id\":7"));
  g_assert_nonnull (strstr (lines[3], "\"proto\":\"gre\""));
  g_assert_nonnull (strstr (lines[3], "\"initiator\":\"remote\""));
  g_assert_nonnull (
      strstr (lines[4], "\"port\":22,\"range\":\"well-known\",\"role\":\"listening\",\"service\":\"ssh\"}"));
  g_assert_nonnull (strstr (lines[4], "\"port\":60000,\"range\":\"dynamic\",\"role\":\"temporary\"}"));
  g_assert_nonnull (strstr (lines[5], "\"port\":40000,\"range\":\"registered\"}"));
  g_assert_nonnull (strstr (lines[5], "\"initiator\":\"unknown\""));
}

static void
test_jsonl_summary (void)
{
  g_autoptr (PlModel) model = model_of_facts ("curl");
  g_autofree char *text = write_report (model, PL_SORT_BYTES, 2, pl_report_write_jsonl);
  const char *summary = strstr (text, "{\"summary\"");

  g_assert_nonnull (summary);
  g_assert_nonnull (strstr (summary, "\"shown\":2,\"not_shown\":4,"));
  g_assert_nonnull (
      strstr (summary, "\"totals\":{\"flows\":7,\"packets\":9,\"bytes\":511116,\"payload_bytes\":256000}"));
  g_assert_nonnull (strstr (summary, "\"dropped\":{\"kernel\":0,\"interface\":null,\"questions\":0}"));
  g_assert_nonnull (strstr (summary, "\"undecodable_total\":2"));
  g_assert_nonnull (strstr (summary, "\"not-ip\":2"));
  g_assert_nonnull (strstr (summary, "\"others\":{\"flows\":1,\"packets\":1,\"bytes\":500,\"payload_bytes\":400}"));
  g_assert_null (strstr (summary, "\"error\""));
  g_assert_true (g_str_has_prefix (text, "{\"id\":4,")); /* the greatest comes first */
}

static void
test_csv (void)
{
  g_autoptr (PlModel) model = model_of_facts ("my, \"app\"\n\033[1m");
  g_autofree char *text = write_report (model, PL_SORT_ID, 0, pl_report_write_csv);
  g_auto (GStrv) lines = g_strsplit (text, "\r\n", -1);

  g_assert_cmpuint (g_strv_length (lines), ==, G_N_ELEMENTS (facts) + 2);
  g_assert_cmpstr (lines[G_N_ELEMENTS (facts) + 1], ==, "");
  g_assert_true (g_str_has_prefix (lines[0], "id,proto,iface,local_addr,"));
  g_assert_cmpstr (lines[1], ==,
                   "1,tcp,eth0,192.168.1.20,51514,dynamic,temporary,,93.184.216.34,443,well-known,service,https,local,"
                   "1,1500,750,1,9000,4500,1000000,99000000,established,,"
                   "\"my, \"\"app\"\"\\n\\x1b[1m\",4211,/usr/bin/curl,1000,exact,,,,,,,,,,,");
  g_assert_true (g_str_has_prefix (lines[3], "3,icmp,eth0,192.168.1.20,,,,,10.0.0.1,,,,,local,"));
  for (guint i = 2; i < G_N_ELEMENTS (facts) + 1; i++)
    {
      g_auto (GStrv) names = g_strsplit (lines[0], ",", -1), fields = g_strsplit (lines[i], ",", -1);
      g_assert_cmpuint (g_strv_length (fields), ==, g_strv_length (names));
    }
}

static void
write_plain_text (const PlReport *report, PlWriter *writer)
{
  PlTextLayout layout = { 0 };

  pl_report_write_text (report, &layout, writer);
}

static void
test_text (void)
{
  g_autoptr (PlModel) model = model_of_facts ("cu\033rl");
  g_autofree char *text = write_report (model, PL_SORT_BYTES, 5, write_plain_text);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  g_test_message ("%s", text);
  g_assert_true (g_str_has_prefix (lines[0], "PROTO  APP"));
  g_assert_true (g_str_has_prefix (lines[1], "gre"));
  g_assert_true (g_str_has_prefix (lines[2], "tcp"));
  g_assert_nonnull (strstr (lines[2], "cu\\x1brl (4211)  192.168.1.20:51514   dynamic"));
  g_assert_nonnull (strstr (lines[2], "→  93.184.216.34:443"));
  g_assert_nonnull (strstr (lines[2], "1.5 kB"));
  g_assert_nonnull (strstr (text, "[2001:db8::1]:33000"));
  g_assert_nonnull (strstr (text, "  dns  ")); /* as the window says it; "domain" is for machines */
  g_assert_null (strstr (text, "domain"));
  g_assert_nonnull (strstr (text, "  ssh  ")); /* of the end that was called */
  g_assert_nonnull (strstr (text, "… 1 more"));
  g_assert_nonnull (strstr (text, "eth0: 7 flows, 9 packets, 511 kB"));
  g_assert_nonnull (strstr (text, "undecodable 2 (not-ip 2)"));
  g_assert_nonnull (strstr (text, "by the interface unknown"));
  g_assert_null (strchr (text, '\033'));
  for (guint i = 0; lines[i] != NULL; i++)
    g_assert_false (g_str_has_suffix (lines[i], " "));
}

/* A name may be long, a column not. */
static void
test_text_long_name (void)
{
  g_autofree char *name = g_strnfill (60, 'a');
  g_autoptr (PlModel) model = model_of_facts (name);
  g_autofree char *text = write_report (model, PL_SORT_BYTES, 0, write_plain_text);

  g_assert_nonnull (strstr (text, "  aaaaaaaaaaaaaaaaaaaaaaaa  192.168.1.20:51514"));
}

static void
write_coloured_text (const PlReport *report, PlWriter *writer)
{
  PlTextLayout layout = { .has_colour = TRUE };

  pl_report_write_text (report, &layout, writer);
}

/* Each port in its own range's colour, and the range's word too. */
static void
test_text_colours (void)
{
  g_autoptr (PlModel) model = model_of_facts ("curl");
  g_autofree char *text = write_report (model, PL_SORT_BYTES, 0, write_coloured_text);

  g_assert_nonnull (strstr (text, "192.168.1.20\033[33m:51514\033[0m   \033[33mdynamic\033[0m"));
  g_assert_nonnull (strstr (text, "93.184.216.34\033[34m:443\033[0m"));
  g_assert_nonnull (strstr (text, "\033[34mwell-known\033[0m"));
  g_assert_nonnull (strstr (text, "[2001:db8::1]\033[32m:33000\033[0m"));
}

static void
write_screen (const PlReport *report, PlWriter *writer)
{
  PlTextLayout layout = { .columns = 60, .lines = 9 };

  pl_report_write_text (report, &layout, writer);
}

/* Never wider or longer than the screen, and what does not fit is counted. */
static void
test_text_screen (void)
{
  g_autoptr (PlModel) model = model_of_facts ("漢漢漢漢");
  g_autofree char *text = write_report (model, PL_SORT_BYTES, 0, write_screen);
  g_auto (GStrv) lines = g_strsplit (text, "\033[K\r\n", -1);

  g_test_message ("%s", text);
  g_assert_cmpuint (g_strv_length (lines), <=, 9);
  for (guint i = 0; lines[i] != NULL; i++)
    g_assert_cmpuint (pl_safe_text_columns (lines[i]), <=, 60);
  g_assert_nonnull (strstr (text, "… 3 more"));
}

static void
assert_order (PlModel *model, PlSortKey key, const char *expected)
{
  PlReport report = { 0 };
  g_autoptr (GString) order = g_string_new (NULL);

  pl_report_collect (&report, model, key, 0);
  for (guint i = 0; i < report.n_rows; i++)
    g_string_append_printf (order, "%" G_GUINT64_FORMAT, report.rows[i]->id);
  pl_report_clear (&report);
  g_assert_cmpstr (order->str, ==, expected);
}

static void
test_sort (void)
{
  g_autoptr (PlModel) model = model_of_facts ("curl");

  assert_order (model, PL_SORT_ID, "123456");
  assert_order (model, PL_SORT_BYTES, "412356");
  assert_order (model, PL_SORT_PACKETS, "123564");
  assert_order (model, PL_SORT_OUT, "132564");
  assert_order (model, PL_SORT_IN, "412356");
  assert_order (model, PL_SORT_FIRST, "123456");
  assert_order (model, PL_SORT_LAST, "123456");
  assert_order (model, PL_SORT_DURATION, "123456");
  assert_order (model, PL_SORT_APP, "123456");
  assert_order (model, PL_SORT_PROTO, "315624");
  assert_order (model, PL_SORT_LOCAL_PORT, "526134");
  assert_order (model, PL_SORT_PORT, "216534");
  assert_order (model, PL_SORT_REMOTE, "345612");
}

/* The first few are the same as of all, for every order and count. */
static void
test_sort_top (void)
{
  g_autoptr (PlModel) model = model_of_facts ("curl");

  for (guint key = 0; key < PL_N_SORTS; key++)
    for (guint top = 1; top <= G_N_ELEMENTS (facts) + 1; top++)
      {
        PlReport all = { 0 }, few = { 0 };
        pl_report_collect (&all, model, (PlSortKey)key, 0);
        pl_report_collect (&few, model, (PlSortKey)key, top);
        g_assert_cmpuint (few.n_rows, ==, MIN (top, G_N_ELEMENTS (facts)));
        g_assert_cmpuint (few.n_flows, ==, G_N_ELEMENTS (facts));
        for (guint i = 0; i < few.n_rows; i++)
          g_assert_true (few.rows[i] == all.rows[i]);
        pl_report_clear (&all);
        pl_report_clear (&few);
      }
}

static void
test_sort_keys (void)
{
  g_autofree char *text = pl_sort_keys_text ();
  g_auto (GStrv) words = g_strsplit (text, ", ", 0);
  PlSortKey key = PL_SORT_IN;

  g_assert_cmpuint (g_strv_length (words), ==, PL_N_SORTS);
  for (guint i = 0; i < PL_N_SORTS; i++)
    {
      g_assert_true (pl_sort_key_parse (words[i], &key));
      g_assert_cmpuint (key, ==, i);
    }
  g_assert_false (pl_sort_key_parse ("colour", &key));
  g_assert_cmpuint (key, ==, PL_N_SORTS - 1);
}

static PlFlowUpdate
update_at (const Facts *fact, guint64 first_us, guint64 last_us)
{
  PlFlowUpdate update = update_of (fact);

  update.flow.first_us = first_us;
  update.flow.last_us = last_us;
  return update;
}

/* What the facts above have all in the same order: how long is not how late, and a rate has two ways. */
static void
test_sort_apart (void)
{
  g_autoptr (PlModel) model = pl_model_new ();
  PlFlowUpdate updates[] = { update_at (&facts[0], 1000000, 10000000), update_at (&facts[1], 8000000, 11000000) };
  PlFlow *sender = &updates[0].flow, *receiver = &updates[1].flow;

  memset (sender->sent, 0, sizeof sender->sent);
  memset (receiver->sent, 0, sizeof receiver->sent);
  sender->sent[sender->local_end].bytes = 1000;
  receiver->sent[1 - receiver->local_end].bytes = 5000;
  pl_model_apply_flows (model, updates, G_N_ELEMENTS (updates));
  pl_model_commit (model, 1);
  assert_order (model, PL_SORT_DURATION, "12");
  assert_order (model, PL_SORT_LAST, "21");
  assert_order (model, PL_SORT_RATE, "21");
}

/* Both ends here, each with its own app; what the socket told; a connection whose ports were used before. */
static void
test_both_ends (void)
{
  static const Facts here = { 1,  6, PL_KIND_PORTS,       "127.0.0.1", "127.0.0.1", 51514, 8080, 60,
                              40, 0, PL_STATE_ESTABLISHED };
  g_autoptr (PlModel) model = pl_model_new ();
  PlFlowUpdate update = update_of (&here);
  PlProcess *caller = pl_process_new (), *called = pl_process_new ();
  PlSocket socket = { .local_port = 51514,
                      .remote_port = 8080,
                      .proto = 6,
                      .state = PL_STATE_ESTABLISHED,
                      .uid = PL_UNKNOWN_U32,
                      .payload_sent = PL_UNKNOWN_U64,
                      .payload_received = PL_UNKNOWN_U64,
                      .rtt_us = 18400,
                      .min_rtt_us = 12000,
                      .n_retransmits = 3 };
  g_autofree char *csv = NULL, *json = NULL, *text = NULL;

  g_assert_true (pl_addr_parse ("127.0.0.1", &socket.local));
  socket.remote = socket.local;
  caller->name = g_strdup ("curl");
  called->name = g_strdup ("server");
  update.flow.flags = PL_FLOW_REUSED;
  pl_model_apply_flows (model, &update, 1);
  pl_model_apply_sockets (model, &socket, 1);
  pl_model_apply_owner (model, 1, update.flow.local_end, PL_CONFIDENCE_EXACT, PL_UNKNOWN_U32, caller);
  pl_model_apply_owner (model, 1, 1 - update.flow.local_end, PL_CONFIDENCE_CGROUP, PL_UNKNOWN_U32, called);
  pl_model_commit (model, 1);
  csv = write_report (model, PL_SORT_ID, 0, pl_report_write_csv);
  json = write_report (model, PL_SORT_ID, 0, pl_report_write_jsonl);
  text = write_report (model, PL_SORT_ID, 0, write_plain_text);
  g_test_message ("%s\n%s\n%s", csv, json, text);
  g_assert_nonnull (strstr (csv, ",curl,,,,exact,server,,,,cgroup,,18400,12000,3,"));
  g_assert_nonnull (strstr (json, "\"reused_ports\":true"));
  g_assert_null (strstr (json, "\"midstream\""));
  g_assert_nonnull (strstr (json, "\"rtt_us\":18400,\"min_rtt_us\":12000,\"retransmits\":3}"));
  g_assert_nonnull (strstr (text, "  curl  "));
  g_assert_nonnull (strstr (text, "  server?  ")); /* less than sure */
  pl_process_unref (caller);
  pl_process_unref (called);
}

/* Who listens is a row, and no flow. */
static void
test_listeners (void)
{
  static const struct
  {
    const char *addr, *reach;
  } cases[] = { { "127.0.0.1", "this-computer" }, { "192.168.1.20", "this-network" }, { "fe80::1", "this-network" },
                { "239.0.0.1", "group" },         { "0.0.0.0", "everyone" },          { "93.184.216.34", "everyone" } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PlModel) model = pl_model_new ();
      PlReport report = { .has_sockets = TRUE };
      PlSocket socket = { .local_port = 8080,
                          .proto = 6,
                          .state = PL_STATE_LISTEN,
                          .uid = PL_UNKNOWN_U32,
                          .payload_sent = PL_UNKNOWN_U64,
                          .payload_received = PL_UNKNOWN_U64,
                          .rtt_us = PL_UNKNOWN_U32,
                          .min_rtt_us = PL_UNKNOWN_U32,
                          .n_retransmits = PL_UNKNOWN_U32 };

      g_assert_true (pl_addr_parse (cases[i].addr, &socket.local));
      g_assert_true (pl_addr_parse (strchr (cases[i].addr, ':') ? "::" : "0.0.0.0", &socket.remote));
      pl_model_apply_sockets (model, &socket, 1);
      pl_model_commit (model, 1);
      pl_report_collect (&report, model, PL_SORT_ID, 0);
      g_assert_cmpuint (report.n_rows, ==, 1);
      g_assert_cmpuint (pl_report_n_flows (&report), ==, 0);
      g_assert_cmpstr (pl_report_reach (report.rows[0]), ==, cases[i].reach);
      pl_report_clear (&report);
    }
}

/* A flow that left the table is in "others" already. */
static void
test_gone (void)
{
  g_autoptr (PlModel) model = model_of_facts ("curl");
  guint64 gone = 4;

  pl_model_apply_gone (model, &gone, 1);
  pl_model_commit (model, 2);
  assert_order (model, PL_SORT_BYTES, "12356");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report/json/escapes", test_json_escapes);
  g_test_add_func ("/report/json/structure", test_json_structure);
  g_test_add_func ("/report/writer/bytes", test_writer);
  g_test_add_func ("/report/writer/fault", test_writer_fault);
  g_test_add_func ("/report/safe-text", test_safe_text);
  g_test_add_func ("/report/jsonl/flows", test_jsonl);
  g_test_add_func ("/report/jsonl/summary", test_jsonl_summary);
  g_test_add_func ("/report/csv", test_csv);
  g_test_add_func ("/report/text/plain", test_text);
  g_test_add_func ("/report/text/long-name", test_text_long_name);
  g_test_add_func ("/report/text/colours", test_text_colours);
  g_test_add_func ("/report/text/screen", test_text_screen);
  g_test_add_func ("/report/sort/orders", test_sort);
  g_test_add_func ("/report/sort/apart", test_sort_apart);
  g_test_add_func ("/report/sort/top", test_sort_top);
  g_test_add_func ("/report/sort/keys", test_sort_keys);
  g_test_add_func ("/report/both-ends", test_both_ends);
  g_test_add_func ("/report/listeners", test_listeners);
  g_test_add_func ("/report/gone", test_gone);
  return g_test_run ();
}
