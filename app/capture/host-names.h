/* The names that packets tell: answers of DNS, and what callers ask for as TLS or QUIC begins. Capture thread only.
 *
 * A packet that tells none costs a look at its ports or its first bytes. An answer of DNS is believed only where its question
 * was seen to go the other way before, so that nobody who can merely send to this computer names others' addresses. What is
 * learnt waits for the next batch; past the cap it is counted as lost. */
#pragma once
#include "batch.h"

typedef struct _PlHostNames PlHostNames;

PlHostNames *pl_host_names_new (void);
void pl_host_names_free (PlHostNames *names);
void pl_host_names_read (PlHostNames *names, const PlPacket *packet);
/* Moves what waits into @batch. */
void pl_host_names_take (PlHostNames *names, PlBatch *batch);
guint64 pl_host_names_get_n_lost (const PlHostNames *names);
