/* Made-up traffic, the same for the same seed: for the scene's and the graph's tests and screenshots. */
#pragma once
#include "model.h"

typedef struct _Synthetic Synthetic;

Synthetic *synthetic_new (guint32 seed);
void synthetic_free (Synthetic *world);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Synthetic, synthetic_free)

PlProcess *synthetic_process (const char *name, const char *key, int pid); /* (transfer full) */
/* Adds @n flows of all kinds (outgoing, inbound, listeners, failed, without ports, of unknown apps, between local apps). */
void synthetic_add (Synthetic *world, guint n);
/* Takes @n random flows away. */
void synthetic_remove (Synthetic *world, guint n);
/* Changes rates and counters, ends a few flows. */
void synthetic_stir (Synthetic *world);
/* The flows as the scene sees them; (element-type PlModelFlow) (transfer none). */
GArray *synthetic_get_flows (Synthetic *world);

/* Puts a desktop's ordinary traffic, as the design pictures show it, into @model. */
void synthetic_desktop (PlModel *model);
/* Puts apps whose attempts fail by the dozen, each kind at its place, into @model. */
void synthetic_failures (PlModel *model);
/* Puts @n flows of @world's kinds into @model, with their owners. */
void synthetic_fill (Synthetic *world, PlModel *model, guint n);
