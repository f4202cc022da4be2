/* What a flow is, in plain words: one title, one line, one or two sentences, for every situation a flow can be in. Pure:
 * all it knows comes in as arguments, so that every sentence can be tested. Every string is (transfer full). */
#pragma once
#include "model.h"

typedef struct
{
  gboolean is_live;        /* the flows are this computer's own, now; else they come from a file or another machine */
  guint16 kernel_low_port; /* what this kernel hands out as temporary ports, both inclusive; 0 unknown */
  guint16 kernel_high_port;
  guint64 now_us;          /* Unix time */
} PlWordsContext;

/* Reads this kernel's range of temporary ports ("32768\t60999"). @text is the content of
 * /proc/sys/net/ipv4/ip_local_port_range. FALSE and 0, 0 when it is not two ports in order. */
gboolean pl_words_parse_kernel_ports (const char *text, guint16 *low, guint16 *high);

/* "Firefox → 93.184.216.34"; an arrow to the left when the remote end opened it; a listener's is its app's name. */
char *pl_words_title (const PlWordsContext *context, const PlModelFlow *flow);
/* ":51514 → :443 https", of a flow that has ports: the arrow as in the title. */
char *pl_words_ports (const PlModelFlow *flow);
/* "TCP · established · open for 2 min 41 s" */
char *pl_words_subtitle (const PlWordsContext *context, const PlModelFlow *flow);
/* Who opened which port to reach what, and how that went. */
char *pl_words_sentence (const PlWordsContext *context, const PlModelFlow *flow);

/* "established", "waiting for an answer", "refused" …: one word or few. */
const char *pl_words_state (const PlModelFlow *flow);
/* "open for 2 min 41 s", "lasted 3 s", "seen for 5 s" */
char *pl_words_age (const PlWordsContext *context, const PlModelFlow *flow);
/* "registered range, but picked by this kernel as a temporary port". NULL when the flow has no ports or @end none yet. */
char *pl_words_port (const PlWordsContext *context, const PlModelFlow *flow, int end);
/* "192.168.1.20 :51514", "*" for every address */
char *pl_words_end (const PlModelFlow *flow, int end);
/* What kind of address it is: "this computer", "on the local network", …; NULL when there is nothing to say. */
const char *pl_words_scope (const PlAddr *addr);
/* Who can reach a listener: "this computer only", "this network", "everyone"; NULL for a flow. Static. */
const char *pl_words_reach (const PlModelFlow *flow);
/* How sure it is that the app is the one; a whole sentence. */
const char *pl_words_confidence (PlConfidence confidence);
/* The service's name at the called port, or NULL. Static. */
const char *pl_words_service (const PlModelFlow *flow, int end);
/* An ICMP error's meaning: "port unreachable". */
const char *pl_words_icmp_error (gboolean is_v6, guint8 type, guint8 code);
/* Name of an undecodable reason, for people. */
const char *pl_words_undecodable (PlUndecodable reason);
/* The flow as the model sees it: its local end decided. */
PlFlow pl_words_decided (const PlModelFlow *flow);
