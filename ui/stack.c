/* One page of a stack at a time, for eyes and for screen readers. Main loop only. */
#include "stack.h"

gboolean
pl_stack_shows (GtkStack *stack, const char *name)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (stack), name) == 0;
}

static const char focus_before[] = "pl-focus-before"; /* a GWeakRef of the stack's */

static void
free_ref (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

static GtkWidget *
get_focus (GtkStack *stack)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (stack));

  return root != NULL ? gtk_root_get_focus (root) : NULL;
}

static void
give_focus_back (GtkStack *stack, GtkWidget *shown)
{
  GWeakRef *ref = g_object_get_data (G_OBJECT (stack), focus_before);
  g_autoptr (GtkWidget) before = g_weak_ref_get (ref);

  if (before == NULL || !gtk_widget_is_visible (before) || !gtk_widget_grab_focus (before))
    gtk_widget_child_focus (shown, GTK_DIR_TAB_FORWARD);
}

void
pl_stack_show (GtkStack *stack, const char *name)
{
  GtkWidget *shown = gtk_stack_get_child_by_name (stack, name), *focus = get_focus (stack);
  gboolean is_left = FALSE;

  g_return_if_fail (shown != NULL);
  gtk_widget_set_visible (shown, TRUE);
  gtk_stack_set_visible_child (stack, shown);
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (stack)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (child != shown)
      {
        is_left |= focus != NULL && gtk_widget_is_ancestor (focus, child);
        gtk_widget_set_visible (child, FALSE);
      }
  if (is_left && g_object_get_data (G_OBJECT (stack), focus_before) != NULL)
    give_focus_back (stack, shown);
  g_object_set_data (G_OBJECT (stack), focus_before, NULL);
}

void
pl_stack_show_front (GtkStack *stack, const char *name, GtkWidget *focus)
{
  GtkWidget *before = get_focus (stack);
  gboolean is_there = before != NULL && gtk_widget_is_ancestor (before, gtk_stack_get_child_by_name (stack, name));
  GWeakRef *ref = is_there ? g_object_steal_data (G_OBJECT (stack), focus_before) : g_new0 (GWeakRef, 1);

  if (!is_there)
    g_weak_ref_init (ref, before);
  pl_stack_show (stack, name);
  g_object_set_data_full (G_OBJECT (stack), focus_before, ref, free_ref);
  gtk_widget_grab_focus (focus);
}
