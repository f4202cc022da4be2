/* The only place for API newer than GTK 4.8, GLib 2.74 or libadwaita 1.2, or deprecated after them. */
#pragma once
#include <adwaita.h>
