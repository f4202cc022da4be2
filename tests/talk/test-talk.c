/* Names in messages of DNS and TLS, made byte by byte here. */
#include "dns.h"
#include "host-name.h"
#include "tls.h"

#include <glib.h>
#include <string.h>

/* ---- names ---- */

static gboolean
reads (const char *text, const char *expected)
{
  char name[PL_NAME_ROOM];
  gboolean is_name = pl_host_name_read ((const uint8_t *)text, (uint32_t)strlen (text), name);

  return is_name == (expected != NULL) && strcmp (name, expected ? expected : "") == 0;
}

static void
test_host_names (void)
{
  g_autofree char *label = g_strnfill (63, 'a'), *long_label = g_strnfill (64, 'a');
  g_autofree char *longest = g_strconcat (label, ".", label, ".", label, ".", label + 2, NULL);
  g_autofree char *too_long = g_strconcat (label, ".", label, ".", label, ".", label + 1, NULL);

  g_assert_true (reads ("Www.Example.COM.", "www.example.com"));
  g_assert_true (reads ("_sip.xn--bcher-kva.example", "_sip.xn--bcher-kva.example"));
  g_assert_true (reads ("localhost", "localhost"));
  g_assert_true (reads (longest, longest));
  g_assert_cmpuint (strlen (longest), ==, 253);
  g_assert_true (reads (too_long, NULL));
  g_assert_true (reads (label, label));
  g_assert_true (reads (long_label, NULL));
  g_assert_true (reads ("", NULL));
  g_assert_true (reads (".", NULL));
  g_assert_true (reads ("a..b", NULL));
  g_assert_true (reads (".a", NULL));
  g_assert_true (reads ("a b", NULL));
  g_assert_true (reads ("a\x1b[31m", NULL));
  g_assert_true (reads ("b\xc3\xbc"
                        "cher.example",
                        NULL));
  g_assert_true (reads ("192.0.2.1", NULL));
}

/* ---- DNS ---- */

static void
put16 (GByteArray *bytes, guint value)
{
  g_byte_array_append (bytes, (const guint8[]){ (guint8)(value >> 8), (guint8)value }, 2);
}

static void
put_name (GByteArray *bytes, const char *name)
{
  g_auto (GStrv) labels = g_strsplit (name, ".", -1);

  for (guint i = 0; labels[i]; i++)
    {
      guint8 length = (guint8)strlen (labels[i]);

      g_byte_array_append (bytes, &length, 1);
      g_byte_array_append (bytes, (const guint8 *)labels[i], length);
    }
  g_byte_array_append (bytes, (const guint8 *)"", 1);
}

static GByteArray *
message (guint flags, const char *name, guint type, guint n_answers)
{
  GByteArray *bytes = g_byte_array_new ();

  put16 (bytes, 0x1234);
  put16 (bytes, flags);
  put16 (bytes, 1);
  put16 (bytes, n_answers);
  put16 (bytes, 0);
  put16 (bytes, 0);
  put_name (bytes, name);
  put16 (bytes, type);
  put16 (bytes, 1);
  return bytes;
}

/* @owner NULL: a pointer to the question's name. */
static void
put_record (GByteArray *bytes, const char *owner, guint type, const void *data, guint n_data)
{
  if (owner == NULL)
    put16 (bytes, 0xc00c);
  else
    put_name (bytes, owner);
  put16 (bytes, type);
  put16 (bytes, 1);
  put16 (bytes, 0);
  put16 (bytes, 300);
  put16 (bytes, n_data);
  g_byte_array_append (bytes, data, n_data);
}

static void
put_alias (GByteArray *bytes, const char *owner, const char *target)
{
  g_autoptr (GByteArray) name = g_byte_array_new ();

  put_name (name, target);
  put_record (bytes, owner, 5, name->data, name->len);
}

static void
assert_addr (const PlAddr *addr, const char *expected)
{
  char text[PL_ADDR_STRLEN];

  g_assert_cmpstr (pl_addr_format (addr, text), ==, expected);
}

static void
test_dns_question (void)
{
  g_autoptr (GByteArray) question = message (0x0100, "Site.example", 28, 0);
  g_autoptr (GByteArray) mail = message (0x0100, "site.example", 15, 0);
  g_autoptr (GByteArray) root = message (0x0100, "", 1, 0);
  PlDns dns;

  g_assert_true (pl_dns_read (question->data, question->len, &dns));
  g_assert_false (dns.is_answer);
  g_assert_cmpuint (dns.id, ==, 0x1234);
  g_assert_cmpstr (dns.name, ==, "site.example");
  g_assert_false (pl_dns_read (mail->data, mail->len, &dns));
  g_assert_false (pl_dns_read (root->data, root->len, &dns));
}

/* By way of a CDN's name the address is the site's. What the answer says of names that nobody asked for is nothing. */
static void
test_dns_answer (void)
{
  g_autoptr (GByteArray) answer = message (0x8180, "www.site.example", 1, 7);
  const guint8 stray[4] = { 192, 0, 2, 66 }, first[4] = { 192, 0, 2, 1 }, second[4] = { 192, 0, 2, 2 };
  guint8 v6[16] = { 0x20, 1, 0xd, 0xb8 };
  PlDns dns;

  put_record (answer, "bank.example", 1, stray, 4);
  put_alias (answer, NULL, "e77.cdn.example");
  put_record (answer, NULL, 1, stray, 4);
  put_record (answer, "e77.cdn.example", 1, stray, 4);
  answer->data[answer->len - 11] = 3; /* an address of Chaosnet's: no class of the Internet */
  put_record (answer, "E77.cdn.example", 1, first, 4);
  put_record (answer, "e77.cdn.example", 1, second, 4);
  put_record (answer, "e77.cdn.example", 28, v6, 16);
  g_assert_true (pl_dns_read (answer->data, answer->len, &dns));
  g_assert_true (dns.is_answer);
  g_assert_cmpstr (dns.name, ==, "www.site.example");
  g_assert_cmpuint (dns.n_addrs, ==, 3);
  assert_addr (&dns.addrs[0], "192.0.2.1");
  assert_addr (&dns.addrs[1], "192.0.2.2");
  assert_addr (&dns.addrs[2], "2001:db8::");
}

/* Aliases behind what they lead to, and in a circle. */
static void
test_dns_order (void)
{
  g_autoptr (GByteArray) answer = message (0x8180, "www.site.example", 1, 5);
  g_autoptr (GByteArray) circle = message (0x8180, "www.site.example", 1, 3);
  const guint8 first[4] = { 192, 0, 2, 1 }, second[4] = { 192, 0, 2, 2 }, stray[4] = { 192, 0, 2, 66 };
  guint n_cut;
  PlDns dns;

  put_record (answer, "e77.cdn.example", 1, first, 4);
  put_alias (answer, "site.cdn.example", "e77.cdn.example");
  put_record (answer, "e77.cdn.example", 1, second, 4);
  put_record (answer, "e78.cdn.example", 1, stray, 4);
  n_cut = answer->len;
  put_alias (answer, NULL, "site.cdn.example");
  g_assert_true (pl_dns_read (answer->data, answer->len, &dns));
  g_assert_cmpuint (dns.n_addrs, ==, 2);
  assert_addr (&dns.addrs[0], "192.0.2.2");
  assert_addr (&dns.addrs[1], "192.0.2.1");
  g_assert_true (pl_dns_read (answer->data, n_cut, &dns));
  g_assert_cmpuint (dns.n_addrs, ==, 0);
  put_alias (circle, "b.example", "www.site.example");
  put_record (circle, "c.example", 1, stray, 4);
  put_alias (circle, NULL, "b.example");
  g_assert_true (pl_dns_read (circle->data, circle->len, &dns));
  g_assert_cmpuint (dns.n_addrs, ==, 0);
}

static void
test_dns_errors (void)
{
  g_autoptr (GByteArray) refused = message (0x8183, "site.example", 1, 0);
  g_autoptr (GByteArray) loop = message (0x8180, "site.example", 1, 1);
  g_autoptr (GByteArray) many = message (0x8180, "site.example", 1, 40);
  const guint8 addr[4] = { 192, 0, 2, 1 };
  guint here = loop->len;
  PlDns dns;

  g_assert_false (pl_dns_read (refused->data, refused->len, &dns)); /* no such name */
  put16 (loop, 0xc000 | here); /* a name that is itself */
  put16 (loop, 1);
  g_assert_true (pl_dns_read (loop->data, loop->len, &dns));
  g_assert_cmpuint (dns.n_addrs, ==, 0);
  for (guint i = 0; i < 40; i++)
    put_record (many, NULL, 1, addr, 4);
  g_assert_true (pl_dns_read (many->data, many->len, &dns));
  g_assert_cmpuint (dns.n_addrs, ==, PL_LIMIT_DNS_ADDRESSES);
}

/* From a block of its own, so that a sanitizer sees each byte read too far. */
static void
test_dns_cut (void)
{
  g_autoptr (GByteArray) answer = message (0x8180, "site.example", 1, 2);
  const guint8 addr[4] = { 192, 0, 2, 1 };
  PlDns dns;

  put_record (answer, NULL, 1, addr, 4);
  put_record (answer, NULL, 1, addr, 4);
  for (guint n = 0; n <= answer->len; n++)
    {
      g_autofree guint8 *copy = g_memdup2 (answer->data, n);
      gboolean is_read = pl_dns_read (copy, n, &dns);

      g_assert_cmpint (is_read, ==, n >= answer->len - 32);
      g_assert_cmpuint (is_read ? dns.n_addrs : 0, ==, n == answer->len ? 2 : n >= answer->len - 16);
    }
}

/* ---- TLS ---- */

static void
put_sized (GByteArray *bytes, const GByteArray *data)
{
  put16 (bytes, data->len);
  g_byte_array_append (bytes, data->data, data->len);
}

/* A ClientHello with @n_before bytes of another extension before the name. @name NULL: without. */
static GByteArray *
hello (const char *name, guint n_before)
{
  GByteArray *bytes = g_byte_array_new ();
  g_autoptr (GByteArray) body = g_byte_array_new (), extensions = g_byte_array_new (), other = g_byte_array_new ();
  g_autoptr (GByteArray) list = g_byte_array_new (), names = g_byte_array_new ();
  const guint8 zeros[64] = { 0 };

  g_byte_array_set_size (other, n_before);
  put16 (extensions, 51);
  put_sized (extensions, other);
  if (name != NULL)
    {
      g_byte_array_append (names, zeros, 1);
      put16 (names, (guint)strlen (name));
      g_byte_array_append (names, (const guint8 *)name, (guint)strlen (name));
      put_sized (list, names);
      put16 (extensions, 0);
      put_sized (extensions, list);
    }
  put16 (body, 0x0303);
  g_byte_array_append (body, zeros, 32);
  g_byte_array_append (body, (const guint8[]){ 2, 7, 7 }, 3);
  put16 (body, 4);
  g_byte_array_append (body, (const guint8[]){ 0x13, 1, 0x13, 2 }, 4);
  g_byte_array_append (body, (const guint8[]){ 1, 0 }, 2);
  put_sized (body, extensions);
  g_byte_array_append (bytes, (const guint8[]){ 22, 3, 1 }, 3);
  put16 (bytes, body->len + 4);
  g_byte_array_append (bytes, (const guint8[]){ 1, 0, (guint8)(body->len >> 8), (guint8)body->len }, 4);
  g_byte_array_append (bytes, body->data, body->len);
  return bytes;
}

static PlTls
read_hello (const GByteArray *bytes, guint n, char *name)
{
  g_autofree guint8 *copy = g_memdup2 (bytes->data, n);

  return pl_tls_read_server_name (copy, n, name);
}

static void
test_tls (void)
{
  g_autoptr (GByteArray) named = hello ("Site.example", 3), unnamed = hello (NULL, 3), odd = hello ("a\nb", 3);
  g_autoptr (GByteArray) number = hello ("192.0.2.1", 3);
  char name[PL_NAME_ROOM];

  g_assert_cmpint (read_hello (named, named->len, name), ==, PL_TLS_NAMED);
  g_assert_cmpstr (name, ==, "site.example");
  g_assert_cmpint (read_hello (unnamed, unnamed->len, name), ==, PL_TLS_NOT);
  g_assert_cmpint (read_hello (odd, odd->len, name), ==, PL_TLS_NOT);
  g_assert_cmpint (read_hello (number, number->len, name), ==, PL_TLS_NOT);
  for (guint n = 0; n < named->len; n++)
    g_assert_cmpint (read_hello (named, n, name), ==, n < 6 ? PL_TLS_NOT : PL_TLS_CUT);
  named->data[named->len - strlen ("site.example") - 3] = 1; /* a name of another kind */
  g_assert_cmpint (read_hello (named, named->len, name), ==, PL_TLS_NOT);
  named->data[named->len - strlen ("site.example") - 3] = 0;
  named->data[4] -= 20; /* what follows the record is none of it */
  g_assert_cmpint (read_hello (named, named->len, name), ==, PL_TLS_NOT);
  named->data[4] += 20;
  g_assert_cmpint (read_hello (named, named->len, name), ==, PL_TLS_NAMED);
  named->data[5] = 2; /* the other side's */
  g_assert_cmpint (read_hello (named, named->len, name), ==, PL_TLS_NOT);
}

/* Each length in it changed: never a byte too far, and never a wrong name. */
static void
test_tls_lengths (void)
{
  g_autoptr (GByteArray) named = hello ("site.example", 300);
  char name[PL_NAME_ROOM];

  for (guint i = 0; i < named->len; i++)
    for (guint bit = 0; bit < 8; bit++)
      {
        named->data[i] ^= (guint8)(1u << bit);
        if (read_hello (named, named->len, name) == PL_TLS_NAMED)
          g_assert_cmpuint (strlen (name), <=, 253);
        named->data[i] ^= (guint8)(1u << bit);
      }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/talk/host-names", test_host_names);
  g_test_add_func ("/talk/dns/question", test_dns_question);
  g_test_add_func ("/talk/dns/answer", test_dns_answer);
  g_test_add_func ("/talk/dns/order", test_dns_order);
  g_test_add_func ("/talk/dns/errors", test_dns_errors);
  g_test_add_func ("/talk/dns/cut", test_dns_cut);
  g_test_add_func ("/talk/tls", test_tls);
  g_test_add_func ("/talk/tls/lengths", test_tls_lengths);
  return g_test_run ();
}
