/* SPDX-License-Identifier: Apache-2.0 */
/* graph_layout.h - where everything of a graph stands in a picture, in pixels; private to src/check. */
#ifndef CHECK_GRAPH_LAYOUT_H
#define CHECK_GRAPH_LAYOUT_H

#include "check/explain/graph.h"

enum { LAYOUT_NODE = 24, LAYOUT_MARGIN = 20, LAYOUT_PAD = 10, LAYOUT_TITLE = 40 };

struct layout_box {
	int x, y, width, height;
};
struct layout {
	struct layout_box *groups, *nodes; /* in the graph's arena */
	int width, height; /* of all of it, without a legend */
};
/* False: no memory. */
bool graph_layout(struct graph *, struct layout *out);
/* The width of TEXT at 12 pixels in a common sans-serif font, not less than it is. */
int graph_text_width(const char *text);

#endif
