/* Preloaded into Portlight, has each picture take two seconds more, and says on standard error that it is drawn. */
#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

int
rsvg_handle_render_document (void *handle, void *cr, const void *viewport, void **error)
{
  int (*draw) (void *, void *, const void *, void **) =
      (int (*) (void *, void *, const void *, void **))dlsym (RTLD_NEXT, "rsvg_handle_render_document");
  int is_drawn;

  sleep (2);
  is_drawn = draw (handle, cr, viewport, error);
  fputs ("picture drawn\n", stderr);
  return is_drawn;
}
