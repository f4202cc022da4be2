/* Reads a message of DNS. Names are followed through their pointers backwards alone, so that each ends; of the answers those
 * count that lead from the name that was asked for, by aliases, to an address. */
#include "dns.h"

#include "cursor.h"
#include "host-name.h"

#include <string.h>

#define HEADER_BYTES 12
#define FLAG_ANSWER 0x8000u
#define OPCODE_AND_ERROR 0x780fu /* 0: a plain query that went well */
#define CLASS_INTERNET 1
#define TYPE_A 1
#define TYPE_CNAME 5
#define TYPE_AAAA 28
#define POINTER 0xc0u

typedef struct
{
  const uint8_t *bytes;
  uint32_t n_bytes;
  uint32_t at; /* where the next field begins */
} Message;

typedef struct
{
  char owner[PL_NAME_ROOM];
  uint16_t type, class;
  uint32_t data, n_data; /* where its data is, all of it there */
} Record;

/* Room for @n_bytes at the message's place, which moves on; NULL where it is cut. */
static const uint8_t *
take (Message *message, uint32_t n_bytes)
{
  if (message->n_bytes - message->at < n_bytes)
    return NULL;
  message->at += n_bytes;
  return message->bytes + message->at - n_bytes;
}

/* Reads a name with dots; empty where it is none that may be shown, the root's among them. FALSE where the message is cut or its
 * pointers lead forwards. */
static bool
read_name (Message *message, char name[static PL_NAME_ROOM])
{
  uint8_t text[PL_NAME_ROOM + 1];
  uint32_t n_text = 0, at = message->at, lowest = message->at, end = 0;
  bool fits = true;

  for (;;)
    {
      uint8_t length;

      if (at >= message->n_bytes)
        return false;
      length = message->bytes[at++];
      if ((length & POINTER) == POINTER)
        {
          uint32_t target;

          if (at >= message->n_bytes)
            return false;
          target = (length & ~POINTER) << 8 | message->bytes[at++];
          end = end != 0 ? end : at;
          if (target >= lowest)
            return false;
          at = lowest = target;
          continue;
        }
      if ((length & POINTER) != 0 || length > message->n_bytes - at)
        return false;
      if (length == 0)
        break;
      fits = fits && n_text + length + 1 <= sizeof text && memchr (message->bytes + at, '.', length) == NULL;
      if (fits)
        {
          memcpy (text + n_text, message->bytes + at, length);
          n_text += length;
          text[n_text++] = '.';
        }
      at += length;
    }
  message->at = end != 0 ? end : at;
  pl_host_name_read (text, fits ? n_text : 0, name);
  return true;
}

static bool
read_record (Message *message, Record *record)
{
  const uint8_t *fixed = read_name (message, record->owner) ? take (message, 10) : NULL;

  if (fixed == NULL)
    return false;
  record->type = pl_be16 (fixed);
  record->class = pl_be16 (fixed + 2);
  record->n_data = pl_be16 (fixed + 8);
  record->data = message->at;
  return take (message, record->n_data) != NULL;
}

static void
add_address (PlDns *dns, const Message *message, const Record *record)
{
  const uint8_t *bytes = message->bytes + record->data;

  if (dns->n_addrs == PL_LIMIT_DNS_ADDRESSES)
    return;
  if (record->type == TYPE_A && record->n_data == 4)
    dns->addrs[dns->n_addrs++] = pl_addr_from_v4 (bytes);
  else if (record->type == TYPE_AAAA && record->n_data == 16)
    dns->addrs[dns->n_addrs++] = pl_addr_from_v6 (bytes);
}

/* Adds the addresses of @current among the first @n_before answers, and behind an alias that leads on from it those of that among
 * all. FALSE where none does, or not all is there: what is missing may lead elsewhere. */
static bool
follow_aliases (Message answers, uint32_t n_answers, uint32_t *n_before, char current[static PL_NAME_ROOM], PlDns *dns)
{
  bool is_alias = false;
  Record record;

  for (uint32_t i = 0; i < n_answers && (is_alias || i < *n_before); i++)
    {
      if (!read_record (&answers, &record))
        return false;
      if (record.class != CLASS_INTERNET || strcmp (record.owner, current) != 0)
        continue;
      if (record.type == TYPE_CNAME)
        {
          Message target = { answers.bytes, record.data + record.n_data, record.data };

          if (!read_name (&target, current))
            return false;
          is_alias = true;
          *n_before = i;
        }
      else
        add_address (dns, &answers, &record);
    }
  return is_alias;
}

/* Answers may have any order; most often one walk meets all, and the next has little before the last alias. */
static void
read_answers (const Message *message, uint32_t n_answers, PlDns *dns)
{
  char current[PL_NAME_ROOM];
  uint32_t n_before;
  int n_walks = 1;

  n_answers = n_answers < PL_LIMIT_DNS_RECORDS ? n_answers : PL_LIMIT_DNS_RECORDS;
  n_before = n_answers;
  memcpy (current, dns->name, sizeof current);
  while (follow_aliases (*message, n_answers, &n_before, current, dns) && n_walks < PL_LIMIT_DNS_WALKS)
    n_walks++;
}

bool
pl_dns_read (const uint8_t *bytes, uint32_t n_bytes, PlDns *dns)
{
  Message message = { bytes, n_bytes, 0 };
  const uint8_t *header = take (&message, HEADER_BYTES), *question;
  uint16_t flags, type;

  if (header == NULL)
    return false;
  dns->id = pl_be16 (header);
  flags = pl_be16 (header + 2);
  dns->is_answer = (flags & FLAG_ANSWER) != 0;
  dns->n_addrs = 0;
  if ((flags & OPCODE_AND_ERROR) != 0 || pl_be16 (header + 4) != 1 || !read_name (&message, dns->name)
      || dns->name[0] == 0)
    return false;
  question = take (&message, 4);
  if (question == NULL || pl_be16 (question + 2) != CLASS_INTERNET)
    return false;
  type = pl_be16 (question);
  if (type != TYPE_A && type != TYPE_AAAA)
    return false;
  if (dns->is_answer)
    read_answers (&message, pl_be16 (header + 6), dns);
  return true;
}
