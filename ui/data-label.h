/* Labels of addresses, ports and arrows. */
#pragma once
#include <gtk/gtk.h>

/* Keeps "192.168.1.20 :443 → …" in its order where people write from right to left: without a letter in it, such text would
 * take the window's direction and turn around. It still begins at the side where they begin to read. */
void pl_data_label_setup (GtkLabel *label);
