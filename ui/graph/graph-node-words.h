/* What a screen reader says of a node. Pure. */
#pragma once
#include "scene.h"

/* "Firefox, app, 19 flows, connects to …": @connections nullable. (transfer full) */
char *graph_node_words (const PlSceneNode *node, const char *connections);
/* "TCP", of a port; NULL of what is none, or stands for ports of several protocols. */
const char *graph_node_proto (const PlSceneNode *node);
/* Its second line, of a listener its service, and the rate of a port or an endpoint, whose second line has no room for it:
 * "https · 4.2 MB/s". (transfer full) */
char *graph_node_description (const PlSceneNode *node);
