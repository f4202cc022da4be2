/* Large arrays as reserved address space. Any thread. */
#include "reserve.h"
#include <sys/mman.h>

#define HUGE_PAGE_BYTES (2 << 20)

gpointer
pl_reserve (gsize n_bytes)
{
  void *memory = mmap (NULL, n_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  if (memory == MAP_FAILED)
    return NULL;
  if (n_bytes > HUGE_PAGE_BYTES)
    madvise ((char *)memory + HUGE_PAGE_BYTES, n_bytes - HUGE_PAGE_BYTES, MADV_HUGEPAGE);
  return memory;
}

void
pl_release (gpointer memory, gsize n_bytes)
{
  if (memory)
    munmap (memory, n_bytes);
}
