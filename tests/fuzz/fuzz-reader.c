/* Fuzz target of the capture file reader. The first byte says in pieces of which size the rest, a file, is given. However
 * it is cut, the reader must tell the same records and the same end, and never read past a record. */
#include "capture.h"
#include "reader.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

typedef struct
{
  guint64 n_records, sum; /* sum: of all that was told */
  PlReaderStep end;
  int error_code;
} Outcome;

static guint64
mix (guint64 sum, guint64 value)
{
  return (sum ^ value) * G_GUINT64_CONSTANT (0x100000001b3);
}

static void
take_record (const PlRecord *record, Outcome *outcome)
{
  if (record->captured > record->wire)
    abort ();
  outcome->n_records++;
  outcome->sum = mix (outcome->sum, record->captured);
  outcome->sum = mix (outcome->sum, record->wire);
  outcome->sum = mix (outcome->sum, record->time_us);
  outcome->sum = mix (outcome->sum, (guint64)record->datalink << 32 | record->iface);
  for (guint32 i = 0; i < record->captured; i++)
    outcome->sum = mix (outcome->sum, record->bytes[i]);
}

static Outcome
read_in_pieces (const uint8_t *data, size_t size, size_t piece)
{
  PlIfaces *ifaces = pl_ifaces_new (FALSE);
  PlReader *reader = pl_reader_new ("input", ifaces);
  Outcome outcome = { 0 };
  GError *error = NULL;
  PlRecord records[8];
  guint n_records;
  size_t at = 0;

  for (;;)
    {
      outcome.end = pl_reader_next (reader, records, MIN (piece, G_N_ELEMENTS (records)), &n_records, &error);
      if ((n_records > 0) != (outcome.end == PL_READER_RECORD))
        abort ();
      for (guint i = 0; i < n_records; i++)
        take_record (&records[i], &outcome);
      if (outcome.end == PL_READER_MORE)
        {
          gsize n_space;
          gpointer space = pl_reader_get_space (reader, &n_space);
          size_t n_given = MIN (MIN (piece, n_space), size - at);

          if (n_given == 0)
            pl_reader_end (reader);
          else
            memcpy (space, data + at, n_given);
          pl_reader_commit (reader, n_given);
          at += n_given;
        }
      else if (outcome.end != PL_READER_AGAIN && outcome.end != PL_READER_RECORD)
        break;
    }
  if ((outcome.end == PL_READER_FAILED) != (error != NULL) || (error && strchr (error->message, '\n')))
    abort ();
  outcome.error_code = error ? error->code : -1;
  g_clear_error (&error);
  pl_reader_free (reader);
  pl_ifaces_free (ifaces);
  return outcome;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Outcome whole, pieces;

  if (size < 1)
    return 0;
  whole = read_in_pieces (data + 1, size - 1, SIZE_MAX);
  pieces = read_in_pieces (data + 1, size - 1, 1 + data[0]);
  if (whole.n_records != pieces.n_records || whole.sum != pieces.sum || whole.end != pieces.end
      || whole.error_code != pieces.error_code)
    abort ();
  return 0;
}
