/* Lists of answers and of cases that let go of their processes. */
#pragma once
#include "case.h"

GArray *pl_answers_new (void); /* (element-type PlOwnerAnswer) */
GArray *pl_cases_new (void); /* (element-type PlCase) */
