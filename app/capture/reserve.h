/* Large arrays as reserved address space: pages come as they are touched, nothing is copied as an array fills. */
#pragma once
#include <glib.h>

/* @n_bytes of zeros, or NULL. Past the first 2 MiB in huge pages where the kernel has them: with a million flows every
 * packet would otherwise miss the page table's cache too (a tenth of all time). */
gpointer pl_reserve (gsize n_bytes);
void pl_release (gpointer memory, gsize n_bytes);
