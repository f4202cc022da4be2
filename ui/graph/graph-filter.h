/* What the graph is filtered to and what is hidden in it, with a way back that other steps share. Main loop only. */
#pragma once
#include <glib-object.h>
#include "flow-filter.h"

#define PL_TYPE_GRAPH_FILTER (pl_graph_filter_get_type ())
G_DECLARE_FINAL_TYPE (PlGraphFilter, pl_graph_filter, PL, GRAPH_FILTER, GObject)

/* Signal "changed" (void): other flows may pass now. */
PlGraphFilter *pl_graph_filter_new (void);
const PlFlowFilter *pl_graph_filter_get (PlGraphFilter *self); /* (transfer none), until the next change */
void pl_graph_filter_add (PlGraphFilter *self, gboolean is_hiding, const PlFlowMatch *match, const char *title);
/* Shows only @match in place of any earlier term of exactly the same conditions; the same once more takes it back. */
void pl_graph_filter_toggle (PlGraphFilter *self, const PlFlowMatch *match, const char *title);
void pl_graph_filter_remove (PlGraphFilter *self, guint index);
void pl_graph_filter_clear (PlGraphFilter *self);
gboolean pl_graph_filter_can_undo (PlGraphFilter *self);
void pl_graph_filter_undo (PlGraphFilter *self);
/* A step of another's, taken back in its turn by @undo (@owner, @data); @owner outlives the filter. */
typedef void (*PlGraphUndo) (gpointer owner, gpointer data);
void pl_graph_filter_remember (PlGraphFilter *self, PlGraphUndo undo, gpointer owner, gpointer data,
                               GDestroyNotify free_data);
/* How the picture was when each step was taken: @keep (@owner) makes it, and @bring_back (@owner, it) follows "changed" when what is
 * drawn is again what was drawn then; @owner outlives the filter. */
typedef gpointer (*PlGraphKeep) (gpointer owner);
void pl_graph_filter_set_keeper (PlGraphFilter *self, PlGraphKeep keep, PlGraphUndo bring_back, gpointer owner,
                                 GDestroyNotify free_kept);
/* Without a way back: for another source. */
void pl_graph_filter_forget (PlGraphFilter *self);
