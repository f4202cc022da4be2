/* Every golden capture, cut at every length and fed in pieces of every size: the reader gives a prefix of the whole
 * file's records and an honest end, the decoder and the flow table take what it gives, and nothing is read too far
 * (each frame lies in a heap block of its own; the sanitizers watch). */
#include "capture.h"
#include "flow-table.h"
#include "reader.h"

#include <string.h>

#define MAX_FLOWS 64

typedef struct
{
  PlRecord record;
  GBytes *bytes;
} Seen;

static void
seen_free (gpointer data)
{
  Seen *seen = data;

  g_bytes_unref (seen->bytes);
  g_free (seen);
}

typedef struct
{
  GPtrArray *records; /* Seen; what the whole file holds, or NULL while that is found out */
  guint n_records;
  GError *error;
  guint64 n_decoded, n_undecodable;
} Outcome;

static void
count (PlFlowTable *table, PlDecoder *decoder, const PlRecord *record, Outcome *outcome)
{
  g_autofree guint8 *copy = g_memdup2 (record->bytes, record->captured);
  PlTablePacket item = { .iface = record->iface };

  if (pl_decoder_packet (decoder, record->datalink, copy, record->captured, record->wire, record->time_us, &item.packet)
      != PL_DECODED)
    {
      outcome->n_undecodable++;
      return;
    }
  outcome->n_decoded++;
  if (!table)
    return;
  pl_flow_table_prepare (table, &item);
  pl_flow_table_prefetch (table, &item);
  pl_flow_table_count (table, &item);
}

/* A record of the cut file is that of the whole file. */
static void
check_record (const PlRecord *record, const Outcome *whole, guint i)
{
  const Seen *seen;

  g_assert_cmpuint (i, <, whole->records->len);
  seen = g_ptr_array_index (whole->records, i);
  g_assert_cmpmem (record->bytes, record->captured, g_bytes_get_data (seen->bytes, NULL),
                   g_bytes_get_size (seen->bytes));
  g_assert_cmpuint (record->wire, ==, seen->record.wire);
  g_assert_cmpuint (record->time_us, ==, seen->record.time_us);
  g_assert_cmpuint (record->iface, ==, seen->record.iface);
  g_assert_cmpint (record->datalink, ==, seen->record.datalink);
}

static void
keep_record (const PlRecord *record, GPtrArray *records)
{
  Seen *seen = g_new0 (Seen, 1);

  seen->record = *record;
  seen->record.bytes = NULL;
  seen->bytes = g_bytes_new (record->bytes, record->captured);
  g_ptr_array_add (records, seen);
}

static void
check_table (PlFlowTable *table, const Outcome *outcome)
{
  PlCaptureStats stats = { 0 };

  pl_flow_table_sweep (table, G_MAXINT64, TRUE);
  pl_flow_table_get_stats (table, &stats);
  g_assert_cmpuint (stats.packets, ==, outcome->n_decoded);
}

/* Reads the first @n_bytes of @contents in pieces of at most @piece, and compares with @whole, or if that is NULL keeps
 * @records. Every sixteenth time there is a flow table too: to make one costs more than all the rest. */
static Outcome
read_cut (
    const guint8 *contents, gsize n_bytes, gsize piece, PlDecoder *decoder, const Outcome *whole, GPtrArray *records)
{
  PlFlowTableOptions options = { .max_flows = MAX_FLOWS };
  Outcome outcome = { NULL };
  PlIfaces *ifaces = pl_ifaces_new (FALSE);
  PlFlowTable *table = NULL;
  PlReader *reader = pl_reader_new ("cut", ifaces);
  PlReaderStep step = PL_READER_MORE;
  PlRecord record;
  guint n_records;
  gsize n_given = 0;

  if (!whole || (n_bytes + piece) % 16 == 0)
    {
      options.local = pl_local_end_new (FALSE, NULL, 0);
      table = pl_flow_table_new (&options);
    }
  while (step != PL_READER_END && step != PL_READER_FAILED)
    {
      if (step == PL_READER_MORE && n_given == n_bytes)
        pl_reader_end (reader);
      else if (step == PL_READER_MORE)
        {
          gsize n_space;
          guint8 *space = pl_reader_get_space (reader, &n_space);
          gsize n = MIN (MIN (piece, n_space), n_bytes - n_given);

          memcpy (space, contents + n_given, n);
          pl_reader_commit (reader, n);
          n_given += n;
        }
      step = pl_reader_next (reader, &record, 1, &n_records, &outcome.error);
      if (step != PL_READER_RECORD)
        continue;
      if (whole)
        check_record (&record, whole, outcome.n_records);
      else
        keep_record (&record, records);
      outcome.n_records++;
      count (table, decoder, &record, &outcome);
    }
  g_assert_true ((step == PL_READER_FAILED) == (outcome.error != NULL));
  if (table)
    check_table (table, &outcome);
  g_assert_cmpuint (outcome.n_decoded + outcome.n_undecodable, ==, outcome.n_records);
  pl_reader_free (reader);
  pl_flow_table_free (table);
  pl_local_end_free (options.local);
  pl_ifaces_free (ifaces);
  return outcome;
}

/* How a cut file may end: between records, or inside one, or before it is a capture at all. */
static void
check_end (const Outcome *outcome, gsize n_bytes, gsize n_whole)
{
  if (outcome->error == NULL)
    return;
  g_assert_cmpint (outcome->error->domain, ==, PL_CAPTURE_ERROR);
  g_assert_null (strchr (outcome->error->message, '\n'));
  if (n_bytes == 0)
    g_assert_cmpint (outcome->error->code, ==, PL_CAPTURE_ERROR_EMPTY);
  else if (outcome->n_records > 0 && n_bytes < n_whole)
    g_assert_cmpint (outcome->error->code, ==, PL_CAPTURE_ERROR_TRUNCATED);
  else if (outcome->error->code != PL_CAPTURE_ERROR_TRUNCATED) /* too little of it to be told from something else */
    g_assert_cmpint (outcome->error->code, ==, PL_CAPTURE_ERROR_NOT_CAPTURE);
}

static void
test_cuts (gconstpointer data)
{
  const char *path = data;
  g_autofree char *contents = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func (seen_free);
  PlDecoder *decoder = pl_decoder_new ();
  gsize n_whole;
  guint n_before = 0;
  Outcome whole;

  g_file_get_contents (path, &contents, &n_whole, &error);
  g_assert_no_error (error);
  whole = read_cut ((const guint8 *)contents, n_whole, n_whole, decoder, NULL, records);
  whole.records = records;
  for (gsize n = 0; n < n_whole; n++)
    {
      Outcome outcome = read_cut ((const guint8 *)contents, n, n_whole, decoder, &whole, NULL);

      check_end (&outcome, n, n_whole);
      g_assert_cmpuint (outcome.n_records, >=, n_before); /* more bytes never mean fewer records */
      n_before = outcome.n_records;
      g_clear_error (&outcome.error);
    }
  for (gsize piece = 1; piece < 64; piece++)
    {
      Outcome outcome = read_cut ((const guint8 *)contents, n_whole, piece, decoder, &whole, NULL);

      g_assert_cmpuint (outcome.n_records, ==, whole.n_records);
      g_assert_true ((outcome.error == NULL) == (whole.error == NULL));
      g_clear_error (&outcome.error);
    }
  g_clear_error (&whole.error);
  pl_decoder_free (decoder);
}

/* Each frame of the capture, captured at every shorter length: the same packet, or said to be cut. */
static void
test_snaps (gconstpointer data)
{
  const char *path = data;
  g_autofree char *contents = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func (seen_free);
  PlDecoder *decoder = pl_decoder_new ();
  gsize n_whole;
  Outcome whole;

  g_file_get_contents (path, &contents, &n_whole, &error);
  g_assert_no_error (error);
  whole = read_cut ((const guint8 *)contents, n_whole, n_whole, decoder, NULL, records);
  for (guint i = 0; i < records->len; i++)
    {
      const Seen *seen = g_ptr_array_index (records, i);
      const guint8 *bytes = g_bytes_get_data (seen->bytes, NULL);
      const PlRecord *record = &seen->record;
      PlPacket packet, cut;
      PlFlowKey key, cut_key;
      PlUndecodable result = pl_decoder_packet (decoder, record->datalink, bytes, record->captured, record->wire,
                                                record->time_us, &packet);

      for (guint32 n = 0; n < MIN (record->captured, 256); n++)
        {
          g_autofree guint8 *copy = g_memdup2 (bytes, n);
          PlUndecodable cut_result =
              pl_decoder_packet (decoder, record->datalink, copy, n, record->wire, record->time_us, &cut);

          if (result != PL_DECODED || cut_result != PL_DECODED)
            {
              g_assert_true (result != PL_DECODED || cut_result == PL_UNDECODABLE_CUT_LINK
                             || cut_result == PL_UNDECODABLE_CUT_NETWORK || cut_result == PL_UNDECODABLE_CUT_TRANSPORT);
              continue;
            }
          g_assert_cmpint (pl_flow_key_from_packet (&packet, &key), ==, pl_flow_key_from_packet (&cut, &cut_key));
          g_assert_true (pl_flow_key_equal (&key, &cut_key));
          g_assert_cmphex (cut.tcp_flags, ==, packet.tcp_flags);
        }
    }
  g_clear_error (&whole.error);
  pl_decoder_free (decoder);
}

static gint
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

int
main (int argc, char **argv)
{
  g_autofree char *directory = NULL;
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  GDir *dir;
  const char *name;

  g_test_init (&argc, &argv, NULL);
  directory = g_test_build_filename (G_TEST_DIST, "golden", "captures", NULL);
  dir = g_dir_open (directory, 0, NULL);
  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)))
    if (!g_str_has_suffix (name, ".json"))
      g_ptr_array_add (paths, g_build_filename (directory, name, NULL));
  g_dir_close (dir);
  g_assert_cmpuint (paths->len, >=, 36);
  g_ptr_array_sort (paths, compare_paths);
  for (guint i = 0; i < paths->len; i++)
    {
      const char *path = g_ptr_array_index (paths, i);
      g_autofree char *base = g_path_get_basename (path);
      g_autofree char *cuts = g_strconcat ("/cuts/", base, NULL), *snaps = g_strconcat ("/snaps/", base, NULL);

      g_test_add_data_func (cuts, path, test_cuts);
      g_test_add_data_func (snaps, path, test_snaps);
    }
  return g_test_run ();
}
