/* What a screen reader says of a node. Pure. */
#pragma once
#include "scene.h"

/* "Firefox, app, 19 flows, connects to …": @connections nullable. (transfer full) */
char *graph_node_words (const PlSceneNode *node, const char *connections);
/* Its second line and, of a port or an endpoint, whose second line has no room for it, the rate: "https · 4.2 MB/s". (transfer full) */
char *graph_node_description (const PlSceneNode *node);
