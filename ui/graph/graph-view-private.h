/* What the files of the graph view share. Main loop only. */
#pragma once
#include "graph-canvas.h"
#include "graph-view.h"

struct _PlGraphView
{
  GtkWidget parent_instance;

  PlModel *model; /* nullable */
  GtkWidget *headings[PL_N_LANES];
  gboolean has_short_headings;
  double headings_scale;
  guint headings_idle; /* 0 none */
  GtkWidget *scroller;
  GtkWidget *empty, *start, *show_all; /* start: how to begin */
  GtkWidget *nobody; /* says why the lanes of the others are empty */
  GtkWidget *top, *search;
  GtkWidget *footer, *counts, *zoom_label;
  GtkWidget *filter_bar; /* in the footer's row where there is room */
  GtkEventController *keys, *clicks; /* at the root that we stand in; nullable */
  guint32 click_time_ms; /* of the last press on the canvas; 0: it was elsewhere */
  double click_x, click_y; /* in the root */
  PlGraphCanvas *canvas;
};

/* graph-actions.c */
void graph_view_install_actions (GtkWidgetClass *klass);
/* Handler of a key controller: what nobody in the window took. */
gboolean graph_view_key_pressed (PlGraphView *self, guint key, guint code, GdkModifierType state,
                                 GtkEventControllerKey *keys);
