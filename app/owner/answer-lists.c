/* Lists whose elements hold a process each. */
#include "answer-lists.h"

static void
answer_clear (gpointer data)
{
  PlOwnerAnswer *answer = data;
  pl_process_unref (answer->process);
}

static void
case_clear (gpointer data)
{
  pl_case_clear (data);
}

GArray *
pl_answers_new (void)
{
  GArray *answers = g_array_new (FALSE, FALSE, sizeof (PlOwnerAnswer));
  g_array_set_clear_func (answers, answer_clear);
  return answers;
}

GArray *
pl_cases_new (void)
{
  GArray *cases = g_array_new (FALSE, FALSE, sizeof (PlCase));
  g_array_set_clear_func (cases, case_clear);
  return cases;
}
