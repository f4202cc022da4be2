/* What a screen reader says of a node. Pure. */
#pragma once
#include "scene.h"

/* "Firefox, app, 19 flows, connects to …": @connections nullable. (transfer full) */
char *graph_node_words (const PlSceneNode *node, const char *connections);
