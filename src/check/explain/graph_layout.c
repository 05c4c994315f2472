/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_layout.c - columns from left to right, in each of them its frames from top to bottom, in each frame its nodes.
 *
 * All nodes of a column are equally wide, so that the room between two columns is free for edges.  Nodes without a
 * frame stand as near as they can to the middle of those they are tied to.
 */
#include "check/explain/graph_layout.h"

#include <string.h>

enum { BETWEEN_COLUMNS = 110, BETWEEN_GROUPS = 14, BETWEEN_PLACED = 40, LOOPS = 44 };

/* Tenths of a pixel; of DejaVu Sans, which is among the widest, so that others fit as well. */
static int character_width(unsigned char c)
{
	if ((c & 0xc0) == 0x80)
		return 0; /* the rest of a character of UTF-8 */
	if (strchr("ijl.,:;'|!()[]frtI-/ ", c))
		return 51;
	if (strchr("mwMW@%", c))
		return 119;
	return c >= 'A' && c <= 'Z' ? 94 : c < 0x80 ? 78 : 120;
}

int graph_text_width(const char *text)
{
	int tenths = 0;

	for (; *text; text++)
		tenths += character_width((unsigned char)*text);
	return (tenths + 9) / 10;
}

static int node_width(const struct graph_node *n)
{
	return graph_text_width(n->title) + (*n->note ? graph_text_width(n->note) + 10 : 0) + 2 * LAYOUT_PAD;
}

static unsigned columns(const struct graph *g)
{
	unsigned count = 0;

	for (size_t i = 0; i < g->group_count; i++)
		count = g->groups[i].column >= count ? g->groups[i].column + 1 : count;
	return count;
}

static int column_width(const struct graph *g, unsigned column)
{
	int width = 0, own;

	for (size_t i = 0; i < g->group_count; i++) {
		own = g->groups[i].placed ? 0 : graph_text_width(g->groups[i].title) + LAYOUT_PAD;
		if (g->groups[i].column == column && own > width)
			width = own;
	}
	for (size_t i = 0; i < g->node_count; i++) {
		own = node_width(&g->nodes[i]);
		if (g->groups[g->nodes[i].group].column == column && own > width)
			width = own;
	}
	return width;
}

/* The frames of a column under each other; answers where they end. */
static int stack_column(const struct graph *g, struct layout *l, unsigned column, int x, int width)
{
	int y = LAYOUT_TITLE + LAYOUT_MARGIN;

	for (size_t i = 0; i < g->group_count; i++) {
		int top = y;

		if (g->groups[i].column != column || g->groups[i].placed)
			continue;
		y += LAYOUT_NODE + (int)g->row_gap; /* as high as a node, so that rows of all columns are in line */
		for (size_t n = 0; n < g->node_count; n++) {
			if (g->nodes[n].group != i)
				continue;
			l->nodes[n] = (struct layout_box){ x + LAYOUT_PAD, y, width, LAYOUT_NODE };
			y += LAYOUT_NODE + (int)g->row_gap;
		}
		l->groups[i] =
		    (struct layout_box){ x, top, width + 2 * LAYOUT_PAD, y - top + LAYOUT_PAD - (int)g->row_gap };
		y = top + l->groups[i].height + BETWEEN_GROUPS;
	}
	return y - BETWEEN_GROUPS;
}

/* ---- Those without a frame ---- */

static int wanted(const struct graph *g, const struct layout *l, size_t node)
{
	long sum = 0, count = 0;

	for (size_t i = 0; i < g->edge_count; i++) {
		const struct graph_edge *e = &g->edges[i];

		if (e->from != node && e->to != node)
			continue;
		sum += l->nodes[e->from == node ? e->to : e->from].y;
		count++;
	}
	return count ? (int)(sum / count) : 0;
}

/* The next one from the top that is not placed yet. */
static size_t next_node(const struct graph *g, const struct layout *l, size_t group, const int *at)
{
	size_t next = SIZE_MAX;

	for (size_t n = 0; n < g->node_count; n++)
		if (g->nodes[n].group == group && l->nodes[n].width == 0 && (next == SIZE_MAX || at[n] < at[next]))
			next = n;
	return next;
}

static bool place_group(struct graph *g, struct layout *l, size_t group, int x, int width)
{
	int *at = config_take(&g->arena, (g->node_count + 1) * sizeof *at), y = LAYOUT_TITLE + LAYOUT_MARGIN;

	if (!at)
		return false;
	for (size_t n = 0; n < g->node_count; n++)
		at[n] = g->nodes[n].group == group ? wanted(g, l, n) : 0;
	for (size_t n = next_node(g, l, group, at); n != SIZE_MAX; n = next_node(g, l, group, at)) {
		y = at[n] > y ? at[n] : y;
		l->nodes[n] = (struct layout_box){ x + LAYOUT_PAD, y, width, LAYOUT_NODE };
		y += LAYOUT_NODE + BETWEEN_PLACED;
	}
	l->height = y - BETWEEN_PLACED > l->height ? y - BETWEEN_PLACED : l->height;
	return true;
}

/* Edges within a column go around its left side. */
static bool loops(const struct graph *g)
{
	for (size_t i = 0; i < g->edge_count; i++)
		if (g->groups[g->nodes[g->edges[i].from].group].column ==
		    g->groups[g->nodes[g->edges[i].to].group].column)
			return true;
	return false;
}

bool graph_layout(struct graph *g, struct layout *l)
{
	const unsigned count = columns(g);
	int x = LAYOUT_MARGIN + (loops(g) ? LOOPS : 0);
	int *left = config_take(&g->arena, (count + 1) * sizeof *left),
	    *width = config_take(&g->arena, (count + 1) * sizeof *width);

	*l = (struct layout){ .groups = config_take(&g->arena, (g->group_count + 1) * sizeof *l->groups),
		.nodes = config_take(&g->arena, (g->node_count + 1) * sizeof *l->nodes) };
	if (!l->groups || !l->nodes || !left || !width)
		return false;
	for (unsigned c = 0; c < count; c++) {
		int end;

		width[c] = column_width(g, c);
		left[c] = x;
		if (width[c] == 0)
			continue;
		end = stack_column(g, l, c, x, width[c]);
		l->height = end > l->height ? end : l->height;
		x += width[c] + 2 * LAYOUT_PAD + BETWEEN_COLUMNS;
	}
	for (size_t i = 0; i < g->group_count; i++)
		if (g->groups[i].placed && !place_group(g, l, i, left[g->groups[i].column], width[g->groups[i].column]))
			return false;
	l->width = x - BETWEEN_COLUMNS + LAYOUT_MARGIN;
	l->height += LAYOUT_MARGIN;
	return true;
}
