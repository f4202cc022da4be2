/* Why a flow failed or ails: pure functions over a flow's facts. A diagnosis carries its confidence: a drop is no proof. */
#pragma once
#include "flow.h"

typedef enum
{
  PL_FAILURE_NONE,
  PL_FAILURE_REFUSED,     /* RST answered the SYN: nothing listens, or a firewall rejects */
  PL_FAILURE_UNREACHABLE, /* an ICMP error says host, network or port can't be reached */
  PL_FAILURE_PROHIBITED,  /* an ICMP error says a firewall forbids it, or is only a firewall's */
  PL_FAILURE_NO_ANSWER,   /* no answer that got through for 3 s, or to a SYN and two retries: likely dropped */
  PL_FAILURE_RESET,       /* reset after it was established */
} PlFailure;

typedef enum
{
  PL_PLACE_WAY,    /* between the ends, or nobody knows where */
  PL_PLACE_CALLER, /* at the end that called: it did not let its attempt out, or the answer in */
  PL_PLACE_CALLED,
} PlPlace;

typedef struct
{
  PlFailure failure;
  bool is_certain; /* false: "likely" */
  PlPlace place;   /* where it failed */
} PlDiagnosis;

/* When silence alone makes a failure of it, Unix time; 0: never. */
uint64_t pl_diagnosis_due_us (const PlFlow *flow, const PlFlowStory *story);
PlDiagnosis pl_diagnose (const PlFlow *flow, const PlFlowStory *story, uint64_t now_us);
const char *pl_failure_id (PlFailure failure); /* "refused", "unreachable", "prohibited", "no-answer", "reset"; NULL for none */
