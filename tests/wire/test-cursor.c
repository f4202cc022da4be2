/* The checked door: nothing is handed out that was not captured, and wire and capture are never confused. */
#include "cursor.h"

#include <glib.h>

static void
test_take (void)
{
  const uint8_t bytes[] = { 1, 2, 3, 4 };
  PlCursor cursor = { bytes, 4, 10 };

  g_assert_true (pl_cursor_peek (&cursor, 4) == bytes);
  g_assert_null (pl_cursor_peek (&cursor, 5));
  g_assert_null (pl_cursor_take (&cursor, 5));
  g_assert_true (cursor.at == bytes && cursor.captured_bytes == 4 && cursor.wire_bytes == 10);
  g_assert_true (pl_cursor_take (&cursor, 3) == bytes);
  g_assert_cmpuint (cursor.captured_bytes, ==, 1);
  g_assert_cmpuint (cursor.wire_bytes, ==, 7);
  g_assert_true (pl_cursor_had (&cursor, 7));
  g_assert_false (pl_cursor_had (&cursor, 8));
  g_assert_null (pl_cursor_take (&cursor, UINT32_MAX));
}

static void
test_advance (void)
{
  const uint8_t bytes[] = { 1, 2, 3, 4 };
  PlCursor cursor = { bytes, 4, 10 };

  pl_cursor_advance (&cursor, 6);
  g_assert_true (cursor.at == bytes + 4);
  g_assert_cmpuint (cursor.captured_bytes, ==, 0);
  g_assert_cmpuint (cursor.wire_bytes, ==, 4);
  g_assert_null (pl_cursor_peek (&cursor, 1));
  pl_cursor_advance (&cursor, UINT32_MAX);
  g_assert_cmpuint (cursor.wire_bytes, ==, 0);
}

static void
test_limit (void)
{
  const uint8_t bytes[] = { 1, 2, 3, 4 };
  PlCursor cursor = { bytes, 4, 10 };

  pl_cursor_limit (&cursor, 20);
  g_assert_cmpuint (cursor.wire_bytes, ==, 10);
  pl_cursor_limit (&cursor, 6);
  g_assert_cmpuint (cursor.captured_bytes, ==, 4);
  g_assert_cmpuint (cursor.wire_bytes, ==, 6);
  pl_cursor_limit (&cursor, 2);
  g_assert_cmpuint (cursor.captured_bytes, ==, 2);
  g_assert_cmpuint (cursor.wire_bytes, ==, 2);
  g_assert_null (pl_cursor_take (&cursor, 3));
}

static void
test_numbers (void)
{
  const uint8_t bytes[] = { 0xfe, 0xdc, 0xba, 0x98 };

  g_assert_cmphex (pl_be16 (bytes), ==, 0xfedc);
  g_assert_cmphex (pl_be32 (bytes), ==, 0xfedcba98);
  g_assert_cmphex (pl_le32 (bytes), ==, 0x98badcfe);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cursor/take", test_take);
  g_test_add_func ("/cursor/advance", test_advance);
  g_test_add_func ("/cursor/limit", test_limit);
  g_test_add_func ("/cursor/numbers", test_numbers);
  return g_test_run ();
}
