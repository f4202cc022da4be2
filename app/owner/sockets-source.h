/* The sockets of this machine once a second, each with its process as far as rights go. Owner thread only. */
#pragma once
#include "resolver.h"

typedef struct _PlSocketsSource PlSocketsSource;

/* @resolver may be NULL: then every dump fails with @why. Both must outlive the source. */
PlSocketsSource *pl_sockets_source_new (PlResolver *resolver, const char *why);
void pl_sockets_source_free (PlSocketsSource *source);
/* Whether there are packets: then sockets that closed before any dump had them are told of as well, one dump later, when their
 * flow is known. */
void pl_sockets_source_set_has_packets (PlSocketsSource *source, gboolean has_packets);
/* Dumps when it is time to; returns the milliseconds until it is called again at the latest, -1 for no need. */
int pl_sockets_source_step (PlSocketsSource *source, gboolean is_watching, gint64 now_us);
/* Readable when sockets have closed: then ring, and step; -1 while there is nothing to wait for. */
int pl_sockets_source_get_fd (PlSocketsSource *source);
void pl_sockets_source_ring (PlSocketsSource *source);
/* How many sockets, or news of their closing, the caps turned away. */
guint64 pl_sockets_source_get_n_cut (PlSocketsSource *source);
/* A scan has ended: names what it found. The first one is news though it found nothing. */
void pl_sockets_source_scanned (PlSocketsSource *source);
/* What was dumped or named since the last call: (transfer full) (element-type PlSocket) and (transfer full) (nullable)
 * error. FALSE when nothing is new. */
gboolean pl_sockets_source_take (PlSocketsSource *source, GArray **sockets, char **error);
/* The next socket from *@at whose holder a scan could find, or NULL. */
const PlSocket *pl_sockets_source_next_unowned (PlSocketsSource *source, guint *at);
/* A dump that nobody took gives way to the next, @sockets, but not what it told of closings: they come only once. The newest
 * PL_LIMIT_CLOSED_SOCKETS of them. */
void pl_sockets_source_keep_closings (PlSocketsSource *source, GArray *sockets, GArray *untaken);
