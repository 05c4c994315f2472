/* SPDX-License-Identifier: Apache-2.0 */
/* graph_dot.c - a graph for Graphviz: frames as clusters, standing by colour and by word. */
#include "check/explain/graph.h"

static const char *const colours[] = { [SECCOMM_MODERN] = "#2e7d32",
	[SECCOMM_LEGACY] = "#b26a00",
	[SECCOMM_BROKEN] = "#c62828",
	[SECCOMM_TOY] = "#6a1b9a" };
static const char *const styles[] = {
	[SECCOMM_MODERN] = "solid", [SECCOMM_LEGACY] = "dashed", [SECCOMM_BROKEN] = "dotted", [SECCOMM_TOY] = "dotted"
};

/* Within quotes, where Graphviz takes a backslash for more than itself. */
static void quoted(FILE *out, const char *text)
{
	for (; *text; text++)
		fprintf(out, "%s%c", *text == '"' || *text == '\\' ? "\\" : "", *text);
}

static void node(FILE *out, const struct graph *g, size_t i)
{
	const struct graph_node *n = &g->nodes[i];

	fprintf(out, "    n%zu [label=\"", i);
	quoted(out, n->title);
	fputs(*n->note ? "\\n" : "", out);
	quoted(out, n->note);
	fputs("\", tooltip=\"", out);
	quoted(out, n->about);
	if (n->kind == GRAPH_CAPABILITY)
		fputs("\", shape=ellipse, color=\"#1565c0\"];\n", out);
	else if (n->kind == GRAPH_UNMET)
		fputs("\", shape=box, color=\"#c62828\", penwidth=2];\n", out);
	else
		fprintf(out, "\", shape=box, color=\"%s\", style=\"%s%s\"];\n", colours[n->mp->standing],
		    styles[n->mp->standing], n->available ? "" : ",filled\", fillcolor=\"#dddddd");
}

static void group(FILE *out, const struct graph *g, size_t i)
{
	fprintf(out, "  subgraph %s%zu {\n    label=\"", g->groups[i].placed ? "group_" : "cluster_", i);
	quoted(out, g->groups[i].title);
	fputs("\";\n", out);
	for (size_t n = 0; n < g->node_count; n++)
		if (g->nodes[n].group == i)
			node(out, g, n);
	fputs("  }\n", out);
}

static void edge(FILE *out, const struct graph_edge *e)
{
	fprintf(out, "  n%zu -> n%zu [label=\"%s", e->from, e->to, e->provides ? "provides " : "");
	quoted(out, e->what);
	fprintf(out, "%s%s\"%s%s];\n", e->inner ? ", before it" : "", e->unmet ? ", not met" : "",
	    e->soft ? ", style=dashed" : "",
	    e->unmet      ? ", color=\"#c62828\", penwidth=2"
	    : e->provides ? ", color=\"#1565c0\""
			  : "");
}

void graph_dot(FILE *out, const void *graph)
{
	const struct graph *g = *(struct graph *const *)graph;

	fputs("digraph seccomm {\n  rankdir=LR;\n  node [fontname=\"sans-serif\", fontsize=10];\n  edge "
	      "[fontname=\"sans-serif\", fontsize=8];\n  label=\"",
	    out);
	quoted(out, g->title);
	fputs("\";\n", out);
	for (size_t i = 0; i < g->group_count; i++)
		group(out, g, i);
	for (size_t i = 0; i < g->edge_count; i++)
		edge(out, &g->edges[i]);
	fputs("}\n", out);
}
