/* The nodes as pixels, for GTK's cairo renderer: while somebody scrolls, each is painted once and then copied. Rounded frames,
 * marks and letters, drawn anew for every frame, were more than half of its time. One that has been still for some frames is
 * copied as well: GTK 4.8 goes through all that a window draws, however little of it changes. Other renderers keep their own.
 * Main loop only. */
#pragma once
#include <gtk/gtk.h>

typedef struct _PlNodePictures PlNodePictures;

PlNodePictures *pl_node_pictures_new (void);
void pl_node_pictures_free (PlNodePictures *self);

/* A frame begins. @is_scrolled: all of it is painted anyway, as it stands elsewhere than in the frame before, and all become
 * pictures. In another frame a picture in the place of a drawing has its area painted once more: only few do, that rest. */
void pl_node_pictures_begin (PlNodePictures *self, gboolean is_scrolled);
/* Appends @child of @parent, whose origin is a whole device pixel, as a picture or as it draws itself. @scale: device pixels for
 * each of the widget's. */
void pl_node_pictures_append (PlNodePictures *self, GtkWidget *parent, GtkWidget *child, double scale,
                              GtkSnapshot *snapshot);
/* Forgets the pictures of what was not appended since it began. */
void pl_node_pictures_end (PlNodePictures *self);
/* How many there are. */
guint pl_node_pictures_count (PlNodePictures *self);
