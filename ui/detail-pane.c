/* The whole story of what is selected. Main loop only; holds ids, never a PlModelFlow beyond one call. All words come from
 * ui/words; this file only puts them in their places. */
#include <glib/gi18n.h>

#include "data-label.h"
#include "detail-card.h"
#include "detail-pane.h"
#include "flow-details.h"
#include "flow-list.h"
#include "flow-order.h"
#include "flows-summary.h"
#include "short-scroller.h"
#include "stack.h"
#include "wrapped-labels.h"

struct _PlDetailPane
{
  GtkWidget parent_instance;

  PlModel *model; /* nullable */
  PlWordsContext context;
  GArray *ids; /* of the selection; of guint64 */
  GArray *places; /* of pl_flow_order_places(): theirs, in the list */
  guint64 serial; /* of the selection */
  char *node_title; /* nullable */
  guint64 shown_id; /* the flow on view, 0 for the list */

  GtkStack *stack;
  GtkBox *bar;
  GtkBox *flow_box;
  GtkButton *back_button;
  GtkButton *copy_button;
  GtkLabel *title;
  GtkLabel *subtitle;
  GtkLabel *sentence;
  GtkLabel *list_title;
  GtkLabel *list_subtitle;
  GtkLabel *list_sentence;
  PlFlowList *flow_list;
  GtkWidget *processes_scroller;
  GtkBox *processes_box;
  GtkWidget *processes_button;
  PlDetailCard *processes;
  PlDetailCard *cards[PL_N_DETAILS];
};

enum
{
  SIGNAL_FLOW_PICKED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PlDetailPane, pl_detail_pane, GTK_TYPE_WIDGET)

static void
write_flow (PlDetailPane *self, const PlModelFlow *flow)
{
  g_autofree char *title = pl_words_title (&self->context, flow);
  g_autofree char *subtitle = pl_words_subtitle (&self->context, flow);
  g_autofree char *sentence = pl_words_sentence (&self->context, flow);
  g_autoptr (GPtrArray) details =
      pl_flow_details (&self->context, flow, pl_model_get_iface (self->model, flow->flow.iface));

  gtk_label_set_text (self->title, title);
  gtk_label_set_text (self->subtitle, subtitle);
  gtk_label_set_text (self->sentence, sentence);
  for (guint i = 0; i < PL_N_DETAILS; i++)
    pl_detail_card_set_details (self->cards[i], details);
}

static void
write_processes (PlDetailPane *self)
{
  g_autoptr (GPtrArray) uses =
      pl_model_list_processes (self->model, (guint64 *)(gpointer)self->ids->data, self->ids->len);
  g_autoptr (GPtrArray) details = pl_processes_details (uses);

  pl_detail_card_set_details (self->processes, details);
  gtk_widget_set_visible (self->processes_scroller, details->len > 0);
}

static void
write_list (PlDetailPane *self)
{
  g_autoptr (PlFlowsSummary) summary = pl_flows_summary_new ();
  g_autofree char *subtitle = NULL, *sentence = NULL;

  for (guint i = 0; i < self->ids->len; i++)
    {
      const PlModelFlow *flow = pl_model_get_flow (self->model, g_array_index (self->ids, guint64, i));

      if (flow != NULL)
        pl_flows_summary_add (summary, flow);
    }
  subtitle = pl_flows_summary_subtitle (summary);
  sentence = pl_flows_summary_sentence (summary);
  gtk_label_set_text (self->list_title, self->node_title != NULL ? self->node_title : _ ("Several flows"));
  gtk_label_set_text (self->list_subtitle, subtitle);
  gtk_label_set_text (self->list_sentence, sentence);
  write_processes (self);
  pl_flow_list_refresh (self->flow_list, self->model, &self->context);
}

void
pl_detail_pane_refresh (PlDetailPane *self)
{
  g_return_if_fail (PL_IS_DETAIL_PANE (self));
  if (self->model == NULL || self->ids->len == 0)
    return;
  self->context.now_us = (guint64)g_get_real_time ();
  if (self->shown_id != 0)
    {
      const PlModelFlow *flow = pl_model_get_flow (self->model, self->shown_id);

      gtk_widget_set_sensitive (GTK_WIDGET (self->copy_button), flow != NULL);
      if (flow != NULL)
        write_flow (self, flow);
      else if (self->context.is_live)
        gtk_label_set_text (self->subtitle, _ ("This flow is gone; these are its last facts."));
      return;
    }
  write_list (self);
}

/* Shows flow @id, or the list for 0. */
static void
show_flow (PlDetailPane *self, guint64 id)
{
  self->shown_id = id;
  pl_stack_show (self->stack, id != 0 ? "flow" : "list");
  gtk_widget_set_visible (GTK_WIDGET (self->back_button), id != 0 && self->ids->len > 1);
  gtk_widget_set_visible (GTK_WIDGET (self->copy_button), id != 0);
  pl_detail_pane_refresh (self);
}

static void
open_flow_of_list (PlDetailPane *self, guint64 id)
{
  show_flow (self, id);
  g_signal_emit (self, signals[SIGNAL_FLOW_PICKED], 0, id);
}

static void
go_back (PlDetailPane *self)
{
  show_flow (self, 0);
  g_signal_emit (self, signals[SIGNAL_FLOW_PICKED], 0, (guint64)0);
}

static void
copy_all (PlDetailPane *self)
{
  const PlModelFlow *flow = self->model != NULL ? pl_model_get_flow (self->model, self->shown_id) : NULL;
  g_autofree char *text = NULL;

  if (flow == NULL)
    return;
  text = pl_flow_details_as_text (&self->context, flow, pl_model_get_iface (self->model, flow->flow.iface));
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
}

/* ---- object ---- */

static void
pl_detail_pane_dispose (GObject *object)
{
  PlDetailPane *self = PL_DETAIL_PANE (object);

  g_clear_object (&self->model);
  g_clear_pointer ((GtkWidget **)&self->bar, gtk_widget_unparent);
  g_clear_pointer ((GtkWidget **)&self->stack, gtk_widget_unparent);
  g_clear_pointer (&self->processes_button, gtk_widget_unparent);
  G_OBJECT_CLASS (pl_detail_pane_parent_class)->dispose (object);
}

static void
pl_detail_pane_finalize (GObject *object)
{
  PlDetailPane *self = PL_DETAIL_PANE (object);

  g_array_unref (self->ids);
  g_array_unref (self->places);
  g_free (self->node_title);
  G_OBJECT_CLASS (pl_detail_pane_parent_class)->finalize (object);
}

static void
pl_detail_pane_class_init (PlDetailPaneClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pl_detail_pane_dispose;
  G_OBJECT_CLASS (klass)->finalize = pl_detail_pane_finalize;
  signals[SIGNAL_FLOW_PICKED] = g_signal_new ("flow-picked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                              NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT64);

  g_type_ensure (PL_TYPE_FLOW_LIST);
  g_type_ensure (PL_TYPE_SHORT_SCROLLER);
  gtk_widget_class_set_css_name (widget_class, "detailpane");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/portlight/portlight/detail-pane.ui");
  gtk_widget_class_bind_template_child (widget_class, PlDetailPane, bar);
  gtk_widget_class_bind_template_child (widget_class, PlDetailPane, stack);
  gtk_widget_class_bind_template_child (widget_class, PlDetailPane, flow_box);
  gtk_widget_class_bind_template_child (widget_class, PlDetailPane, back_button);
  gtk_widget_class_bind_template_child (widget_class, PlDetailPane, copy_button);
  gtk_widget_class_bind_template_child (widget_class, PlDetailPane, title);
  gtk_widget_class_bind_template_child (widget_class, PlDetailPane, subtitle);
  gtk_widget_class_bind_template_child (widget_class, PlDetailPane, sentence);
  gtk_widget_class_bind_template_child (widget_class, PlDetailPane, list_title);
  gtk_widget_class_bind_template_child (widget_class, PlDetailPane, list_subtitle);
  gtk_widget_class_bind_template_child (widget_class, PlDetailPane, list_sentence);
  gtk_widget_class_bind_template_child (widget_class, PlDetailPane, flow_list);
  gtk_widget_class_bind_template_child (widget_class, PlDetailPane, processes_scroller);
  gtk_widget_class_bind_template_child (widget_class, PlDetailPane, processes_box);
  gtk_widget_class_bind_template_child (widget_class, PlDetailPane, processes_button);
  gtk_widget_class_bind_template_callback (widget_class, go_back);
  gtk_widget_class_bind_template_callback (widget_class, copy_all);
  gtk_widget_class_bind_template_callback (widget_class, open_flow_of_list);
}

static void
pl_detail_pane_init (PlDetailPane *self)
{
  g_autofree char *text = NULL;

  self->ids = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->places = g_array_new (FALSE, FALSE, sizeof (guint64));
  gtk_widget_init_template (GTK_WIDGET (self));
  pl_data_label_setup (self->title);
  pl_data_label_setup (self->list_title);
  gtk_label_set_wrap (GTK_LABEL (gtk_button_get_child (GTK_BUTTON (self->processes_button))), TRUE);
  for (guint i = 0; i < PL_N_DETAILS; i++)
    {
      self->cards[i] = PL_DETAIL_CARD (pl_detail_card_new (i));
      gtk_box_append (self->flow_box, GTK_WIDGET (self->cards[i]));
    }
  self->processes = PL_DETAIL_CARD (pl_detail_card_new (PL_DETAILS_PROCESSES));
  gtk_box_append (self->processes_box, GTK_WIDGET (self->processes));
  pl_wrapped_labels_widen (GTK_WIDGET (self));
  if (g_file_get_contents ("/proc/sys/net/ipv4/ip_local_port_range", &text, NULL, NULL))
    pl_words_parse_kernel_ports (text, &self->context.kernel_low_port, &self->context.kernel_high_port);
}

void
pl_detail_pane_set_model (PlDetailPane *self, PlModel *model, gboolean is_live)
{
  g_return_if_fail (PL_IS_DETAIL_PANE (self));
  g_set_object (&self->model, model);
  self->context.is_live = is_live;
}

void
pl_detail_pane_set_can_show_processes (PlDetailPane *self, gboolean can)
{
  g_return_if_fail (PL_IS_DETAIL_PANE (self));
  gtk_widget_set_visible (self->processes_button, can);
}

void
pl_detail_pane_set_selection (PlDetailPane *self, GArray *ids, guint64 serial, const char *node_title)
{
  gboolean is_same, keeps_flow = FALSE;
  GArray *places;

  g_return_if_fail (PL_IS_DETAIL_PANE (self));
  g_return_if_fail (ids->len > 0);
  is_same = self->serial == serial;
  for (guint i = 0; i < ids->len && is_same && self->ids->len > 1; i++)
    keeps_flow = keeps_flow || g_array_index (ids, guint64, i) == self->shown_id;

  g_array_set_size (self->ids, 0);
  g_array_append_vals (self->ids, ids->data, ids->len);
  self->serial = serial;
  g_free (self->node_title);
  self->node_title = g_strdup (node_title);
  places = pl_flow_order_places (self->model, self->ids, is_same ? self->places : NULL);
  g_array_unref (self->places);
  self->places = places;
  pl_flow_list_set_flows (self->flow_list, self->places, !is_same);
  /* A flow picked from a list stays on view while its node only gains and loses others. */
  if (keeps_flow)
    show_flow (self, self->shown_id);
  else
    show_flow (self, ids->len == 1 ? g_array_index (ids, guint64, 0) : 0);
}
