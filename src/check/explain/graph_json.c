/* SPDX-License-Identifier: Apache-2.0 */
/* graph_json.c - a graph for programs: {title, about, nodes, edges}; an edge names its ends by their number. */
#include "check/explain/graph.h"

#include <jansson.h>

static json_t *node(const struct graph *g, const struct graph_node *n)
{
	static const char *const kinds[] = { "micro-protocol", "capability", "unmet" };

	return json_pack("{s:s, s:s, s:s, s:s?, s:b, s:s}", "kind", kinds[n->kind], "name", n->title, "group",
	    g->groups[n->group].title, "standing", n->mp ? seccomm_standing_name(n->mp->standing) : NULL, "available",
	    (int)n->available, "note", n->note);
}

static json_t *edge(const struct graph_edge *e)
{
	return json_pack("{s:I, s:I, s:s, s:s, s:b, s:b, s:b}", "from", (json_int_t)e->from, "to", (json_int_t)e->to,
	    "kind", e->provides ? "provides" : "needs", "what", e->what, "optional", (int)e->soft, "before",
	    (int)e->inner, "unmet", (int)e->unmet);
}

char *graph_json(const struct graph *g)
{
	json_t *nodes = json_array(), *edges = json_array(), *whole;
	bool ok = nodes && edges;
	char *text = NULL;

	for (size_t i = 0; i < g->node_count; i++)
		ok = json_array_append_new(nodes, node(g, &g->nodes[i])) == 0 && ok;
	for (size_t i = 0; i < g->edge_count; i++)
		ok = json_array_append_new(edges, edge(&g->edges[i])) == 0 && ok;
	whole = json_pack("{s:s, s:s, s:o, s:o}", "title", g->title, "about", g->about, "nodes", nodes, "edges", edges);
	if (whole && ok)
		text = json_dumps(whole, JSON_INDENT(2));
	json_decref(whole);
	return text;
}
