/* The facts of a flow as labelled values in groups, for a pane to show or a person to copy. Pure. */
#pragma once
#include "flow-words.h"
#include "model-processes.h"

typedef enum
{
  PL_DETAILS_ENDPOINTS,
  PL_DETAILS_TRAFFIC,
  PL_DETAILS_CONNECTION,
  PL_DETAILS_APP,
  PL_DETAILS_OTHER_APP, /* loopback: the app at the other end */
  PL_DETAILS_TIMELINE,
  PL_DETAILS_PROCESSES, /* of a node's flows */
  PL_N_DETAILS,
} PlDetailGroup;

typedef struct
{
  PlDetailGroup group;
  char *label; /* "Local" */
  char *value; /* "192.168.1.20 :51514" */
  char *note;  /* a smaller line under it; nullable */
  PlRange mark; /* PL_RANGE_NONE: no mark */
  gboolean is_brief; /* @value may be long: the first of it will do */
} PlDetail;

const char *pl_detail_group_title (PlDetailGroup group);

/**
 * pl_flow_details:
 * @iface: (nullable): name of the interface the flow was first seen on
 *
 * Returns: (transfer full) (element-type PlDetail): in order of their groups; a fact that is not known has no row, but
 *   for what a person would look for: that says "unknown" and what to do.
 */
GPtrArray *pl_flow_details (const PlWordsContext *context, const PlModelFlow *flow, const char *iface);

/**
 * pl_processes_details:
 * @uses: (element-type PlProcessUse): see pl_model_list_processes()
 *
 * Returns: (transfer full) (element-type PlDetail): of one process all that is known, of several a row each
 */
GPtrArray *pl_processes_details (GPtrArray *uses);

/* All of it as text to copy: title, line, sentence, groups. (transfer full) */
char *pl_flow_details_as_text (const PlWordsContext *context, const PlModelFlow *flow, const char *iface);
