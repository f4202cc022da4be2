/* When a question's packet was there. Pure but for the clocks. */
#pragma once
#include "owners.h"

/* In CLOCK_MONOTONIC; a question without a time is about now. */
gint64 pl_question_time_packet_us (const PlOwnerQuestion *question);
/* The same as process start times count (proc(5)): in time since boot. */
gint64 pl_question_time_packet_boot_us (const PlOwnerQuestion *question);
