/* scene_space_out(): against a slow, independent solver, and its bounds. */
#include <math.h>

#include "scene-private.h"

/* The same problem by the min-max formula of isotonic regression: the largest over j <= i of the smallest over k >= i of
 * the mean of j..k, offsets taken out. */
static void
solve (const double *wishes, const double *heights, double gap, guint n, double *middles)
{
  for (guint i = 0; i < n; i++)
    {
      double outer = -INFINITY;

      for (guint j = 0; j <= i; j++)
        {
          double inner = INFINITY;

          for (guint k = i; k < n; k++)
            {
              double sum = 0, offset = 0;

              for (guint l = 0; l <= k; l++)
                {
                  offset += l > 0 ? (heights[l - 1] + heights[l]) / 2 + gap : 0;
                  sum += l >= j ? wishes[l] - offset : 0;
                }
              inner = MIN (inner, sum / (k - j + 1));
            }
          outer = MAX (outer, inner);
        }
      middles[i] = outer;
      for (guint l = 1; l <= i; l++)
        middles[i] += (heights[l - 1] + heights[l]) / 2 + gap;
    }
}

static void
test_least_squares (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);

  for (guint round = 0; round < 3000; round++)
    {
      guint n = g_rand_int_range (random, 1, 9);
      double wishes[8], heights[8], middles[8], expected[8], gap = g_rand_int_range (random, 0, 20);

      for (guint i = 0; i < n; i++)
        {
          wishes[i] = g_rand_double_range (random, 0, 400);
          heights[i] = g_rand_int_range (random, 10, 50);
        }
      scene_space_out (wishes, heights, gap, n, -1e9, 1e9, middles);
      solve (wishes, heights, gap, n, expected);
      for (guint i = 0; i < n; i++)
        g_assert_cmpfloat_with_epsilon (middles[i], expected[i], 1e-6);
    }
}

static void
test_bounds (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (8);

  for (guint round = 0; round < 3000; round++)
    {
      guint n = g_rand_int_range (random, 1, 30);
      double wishes[30], heights[30], middles[30], gap = 6, total = (n - 1) * gap, top = 100, bottom;

      for (guint i = 0; i < n; i++)
        {
          wishes[i] = g_rand_double_range (random, -500, 2500);
          heights[i] = 30;
          total += heights[i];
        }
      bottom = top + total + (round % 3 ? g_rand_double_range (random, 0, 200) : 0);
      scene_space_out (wishes, heights, gap, n, top, bottom, middles);
      g_assert_cmpfloat (middles[0] - heights[0] / 2, >=, top - 1e-6);
      g_assert_cmpfloat (middles[n - 1] + heights[n - 1] / 2, <=, bottom + 1e-6);
      for (guint i = 1; i < n; i++)
        g_assert_cmpfloat (middles[i] - middles[i - 1], >=, 30 + gap - 1e-6);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scene/space/least-squares", test_least_squares);
  g_test_add_func ("/scene/space/bounds", test_bounds);
  return g_test_run ();
}
