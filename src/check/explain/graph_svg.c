/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_svg.c - a graph as a picture (SVG 1.1) that needs nothing else.
 *
 * What is told by colour is told by a word or the style of a line, too.  Edges never cross a node: between neighbouring
 * columns they are curves in the room that is free; others leave by the gap under the row that they come from.
 */
#include "check/explain/graph_layout.h"

#include <stdlib.h>

enum { LEGEND_LINE = 20, LEGEND_SAMPLE = 60, TRACKS = 5, TRACK = 4 };

static const char style[] =
    "text{font-family:'DejaVu "
    "Sans',Verdana,sans-serif;font-size:12px;fill:#222}.title{font-size:18px}.head{font-weight:bold}\n"
    ".note,.what{fill:#555}.what{font-size:10px}.frame{fill:#fafafa;stroke:#bbb}.node "
    "rect{fill:#fff;stroke-width:1.5}.modern "
    "rect{stroke:#2e7d32}\n"
    ".legacy rect{stroke:#b26a00;stroke-dasharray:7 3}.broken rect{stroke:#c62828;stroke-dasharray:2 3}\n"
    ".toy rect{stroke:#6a1b9a;stroke-dasharray:1 4}.absent rect{fill:#ddd}.capability "
    "rect{fill:#e3f2fd;stroke:#1565c0}\n"
    ".unmet rect{fill:#ffebee;stroke:#c62828;stroke-width:3}.edge path{fill:none;stroke:#444;stroke-width:1.2}\n"
    ".edge.provides path{stroke:#1565c0}.edge.soft path{stroke-dasharray:6 4}.edge.unmet "
    "path{stroke:#c62828;stroke-width:3}\n";

static const char markers[] =
    "<defs>\n"
    "<marker id=\"arrow\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"9\" markerHeight=\"9\" "
    "orient=\"auto\" markerUnits=\"userSpaceOnUse\"><path d=\"M0 1L9 5L0 9z\" fill=\"#444\"/></marker>\n"
    "<marker id=\"given\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"9\" markerHeight=\"9\" "
    "orient=\"auto\" markerUnits=\"userSpaceOnUse\"><path d=\"M0 1L9 5L0 9z\" fill=\"#1565c0\"/></marker>\n"
    "<marker id=\"inner\" viewBox=\"0 0 10 10\" refX=\"1\" refY=\"5\" markerWidth=\"9\" markerHeight=\"9\" "
    "orient=\"auto\" markerUnits=\"userSpaceOnUse\"><circle cx=\"5\" cy=\"5\" r=\"3.5\" fill=\"#fff\" "
    "stroke=\"#444\"/></marker>\n"
    "</defs>\n";

/* XML 1.0: what has a meaning there is written as a name, and control characters cannot be written at all. */
static void escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		const char c = *text;

		if (c == '&' || c == '<' || c == '>' || c == '"')
			fputs(c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : "&quot;", out);
		else if ((unsigned char)c >= 0x20)
			fputc(c, out);
	}
}

static void element(FILE *out, const char *name, const char *text)
{
	fprintf(out, "<%s>", name);
	escaped(out, text);
	fprintf(out, "</%s>\n", name);
}

/* ---- Frames and nodes ---- */

static void rect(FILE *out, struct layout_box box, int corner)
{
	fprintf(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"%d\"/>\n", box.x, box.y, box.width,
	    box.height, corner);
}

static void frame(FILE *out, const struct graph_group *group, struct layout_box box)
{
	if (group->placed)
		return;
	fprintf(out,
	    "<g class=\"group\"><rect class=\"frame\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\"/>\n"
	    "<text class=\"head\" x=\"%d\" y=\"%d\">",
	    box.x, box.y, box.width, box.height, box.x + LAYOUT_PAD, box.y + 17);
	escaped(out, group->title);
	fputs("</text></g>\n", out);
}

static void label(FILE *out, const char *title, const char *note, int x, int y)
{
	fprintf(out, "<text x=\"%d\" y=\"%d\">", x, y);
	escaped(out, title);
	if (*note) {
		fputs("<tspan class=\"note\" dx=\"10\">", out);
		escaped(out, note);
		fputs("</tspan>", out);
	}
	fputs("</text>\n", out);
}

static void node(FILE *out, const struct graph_node *n, size_t number, struct layout_box box)
{
	const char *kind = n->kind == GRAPH_CAPABILITY ? "capability"
			   : n->kind == GRAPH_UNMET    ? "unmet"
						       : seccomm_standing_name(n->mp->standing);

	fprintf(out, "<g class=\"node %s%s\" id=\"n%zu\">", kind, n->available ? "" : " absent", number);
	element(out, "title", n->about);
	rect(out, box, n->kind == GRAPH_CAPABILITY ? LAYOUT_NODE / 2 : 3);
	label(out, n->title, n->note, box.x + LAYOUT_PAD, box.y + 16);
	fputs("</g>\n", out);
}

/* ---- Edges ---- */

static int middle(struct layout_box box)
{
	return box.y + box.height / 2;
}

/* From one node of a column to another: around the left side, wider for those that are farther. */
static void loop(FILE *out, struct layout_box from, struct layout_box to)
{
	const int far = 18 + abs(to.y - from.y) / 6, bend = from.x - LAYOUT_PAD - (far < 60 ? far : 60);

	fprintf(out, "M%d %dC%d %d %d %d %d %d", from.x, middle(from), bend, middle(from), bend, middle(to), to.x,
	    middle(to));
}

static void curve(FILE *out, struct layout_box from, struct layout_box to)
{
	const bool right = to.x > from.x;
	const int x1 = right ? from.x + from.width : from.x, x2 = right ? to.x : to.x + to.width, half = (x1 + x2) / 2;

	fprintf(
	    out, "M%d %dC%d %d %d %d %d %d", x1, middle(from), half, middle(from), half, middle(to), x2, middle(to));
}

/* Past the columns between them: down to the gap under the row, along it, and down or up beside the column that it goes
 * to. */
static void detour(FILE *out, struct layout_box from, struct layout_box to, size_t number)
{
	const bool right = to.x > from.x;
	const int side = right ? 1 : -1, shift = (int)(number % TRACKS) * TRACK;
	const int x1 = right ? from.x + from.width : from.x, x2 = right ? to.x : to.x + to.width;
	const int leave = x1 + side * (LAYOUT_PAD + 12 + shift), arrive = x2 - side * (LAYOUT_PAD + 30 + shift);

	fprintf(out, "M%d %dH%dV%dH%dV%dH%d", x1, middle(from), leave, from.y + from.height + 3 + shift, arrive,
	    middle(to), x2);
}

/* Columns without any node between two are no columns. */
static bool beside(const struct graph *g, const struct layout *l, const struct graph_edge *e)
{
	const int low = l->nodes[e->from].x < l->nodes[e->to].x ? l->nodes[e->from].x : l->nodes[e->to].x;
	const int high = l->nodes[e->from].x + l->nodes[e->to].x - low;

	for (size_t i = 0; i < g->node_count; i++)
		if (l->nodes[i].x > low && l->nodes[i].x < high)
			return false;
	return true;
}

/* What it is about, beside where it begins and off its way; above the node, if it goes around the side. */
static void name(FILE *out, const struct graph_edge *e, struct layout_box from, struct layout_box to)
{
	const bool right = to.x > from.x;

	if (from.x == to.x)
		fprintf(out, "<text class=\"what\" x=\"%d\" y=\"%d\">needs ", from.x + 2, from.y - 6);
	else
		fprintf(out, "<text class=\"what\" x=\"%d\" y=\"%d\" text-anchor=\"%s\">",
		    right ? from.x + from.width + LAYOUT_PAD + 4 : from.x - LAYOUT_PAD - 4,
		    middle(from) + (to.y < from.y ? 12 : -4), right ? "start" : "end");
	escaped(out, e->what);
	fputs("</text>", out);
}

static void edge(FILE *out, struct graph *g, const struct layout *l, size_t number)
{
	const struct graph_edge *e = &g->edges[number];
	const struct layout_box from = l->nodes[e->from], to = l->nodes[e->to];
	const char *text = graph_edge_text(g, e);

	fprintf(out, "<g class=\"edge%s%s%s\" data-from=\"n%zu\" data-to=\"n%zu\"><title>",
	    e->provides ? " provides" : "", e->soft ? " soft" : "", e->unmet ? " unmet" : "", e->from, e->to);
	escaped(out, g->nodes[e->from].title);
	fputc(' ', out);
	escaped(out, text ? text : "");
	fputc(' ', out);
	escaped(out, g->nodes[e->to].title);
	fputs("</title><path d=\"", out);
	if (from.x == to.x)
		loop(out, from, to);
	else if (beside(g, l, e))
		curve(out, from, to);
	else
		detour(out, from, to, number);
	fprintf(out, "\" marker-end=\"url(#%s)\"%s/>", e->provides ? "given" : "arrow",
	    e->inner ? " marker-start=\"url(#inner)\"" : "");
	if (g->named)
		name(out, e, from, to);
	fputs("</g>\n", out);
}

/* ---- Legend ---- */

/* In the order in which it is written; those that are not in the graph are left out. */
static const struct line {
	struct graph_edge sample;
	const char *text;
} lines[] = {
	{ { 0 }, "needs, or is met by, what it points at" },
	{ { .provides = true }, "is provided by what it points at; any one of them will do" },
	{ { .soft = true }, "dashed: nobody need provide it, but if somebody does, the order counts" },
	{ { .inner = true }, "with a ring: what provides it must stand before, in the sender's order" },
	{ { .unmet = true }, "thick: not met" },
};
enum { LINES = sizeof lines / sizeof *lines };
static const char words[] =
    "Frames of nodes: modern solid, legacy dashed, broken and toy dotted; grey: not on this machine.";

static void legend(FILE *out, int y)
{
	for (size_t i = 0; i < LINES; i++) {
		const struct graph_edge *e = &lines[i].sample;
		const int at = y + (int)i * LEGEND_LINE;

		fprintf(out, "<g class=\"edge%s%s%s\"><path d=\"M%d %dh%d\" marker-end=\"url(#%s)\"%s/></g>",
		    e->provides ? " provides" : "", e->soft ? " soft" : "", e->unmet ? " unmet" : "", LAYOUT_MARGIN, at,
		    LEGEND_SAMPLE, e->provides ? "given" : "arrow", e->inner ? " marker-start=\"url(#inner)\"" : "");
		label(out, lines[i].text, "", LAYOUT_MARGIN + LEGEND_SAMPLE + LAYOUT_PAD, at + 4);
	}
	label(out, words, "", LAYOUT_MARGIN, y + LINES * LEGEND_LINE + 4);
}

static int widest(const struct graph *g, int width)
{
	int most = graph_text_width(words) + 2 * LAYOUT_MARGIN;

	for (size_t i = 0; i < LINES; i++) {
		const int own = graph_text_width(lines[i].text) + LEGEND_SAMPLE + LAYOUT_PAD + 2 * LAYOUT_MARGIN;

		most = own > most ? own : most;
	}
	most = graph_text_width(g->title) * 3 / 2 + 2 * LAYOUT_MARGIN > most
		   ? graph_text_width(g->title) * 3 / 2 + 2 * LAYOUT_MARGIN
		   : most;
	return most > width ? most : width;
}

static void head(FILE *out, const struct graph *g, const struct layout *l)
{
	const int width = widest(g, l->width), height = l->height + (LINES + 1) * LEGEND_LINE + LAYOUT_MARGIN;

	fprintf(out,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\" "
	    "aria-labelledby=\"title desc\">\n<title id=\"title\">",
	    width, height, width, height);
	escaped(out, g->title);
	fputs("</title>\n<desc id=\"desc\">", out);
	escaped(out, g->about);
	fprintf(out, "</desc>\n<style>\n%s</style>\n%s", style, markers);
	fprintf(out, "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n<text class=\"title\" x=\"%d\" y=\"34\">",
	    width, height, LAYOUT_MARGIN);
	escaped(out, g->title);
	fputs("</text>\n", out);
}

void graph_svg(FILE *out, const void *graph)
{
	struct graph *g = *(struct graph *const *)graph;
	struct layout l;

	if (!graph_layout(g, &l))
		return;
	head(out, g, &l);
	for (size_t i = 0; i < g->group_count; i++)
		frame(out, &g->groups[i], l.groups[i]);
	for (size_t i = 0; i < g->edge_count; i++)
		edge(out, g, &l, i);
	for (size_t i = 0; i < g->node_count; i++)
		node(out, &g->nodes[i], i, l.nodes[i]);
	legend(out, l.height + LEGEND_LINE / 2);
	fputs("</svg>\n", out);
}
