/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph.c - the graph itself, and the one of the whole catalogue: every micro-protocol in the frame of its class, and
 * between them what some need and others provide.
 *
 * A need is met by any one of those that provide it, which the paper's Figure 8 draws as a dotted box around them; here
 * it is a node of its own.  An attribute that one layer sets and another takes ties them just as a capability does.
 */
#include "check/explain/graph.h"
#include "check/explain/explain.h"
#include "check/internal.h"

#include <stdlib.h>
#include <string.h>

/* ---- Making one ---- */

/* LIST of COUNT items with room for one more; NULL: no memory, and nothing has changed. */
static void *grow(struct graph *g, void *list, size_t count, size_t *room, size_t size)
{
	const size_t wanted = *room ? *room * 2 : 16;
	void *more;

	if (count < *room)
		return list;
	more = config_take(&g->arena, wanted * size);
	if (!more)
		return NULL;
	if (count)
		memcpy(more, list, count * size);
	*room = wanted;
	return more;
}

size_t graph_group(struct graph *g, struct graph_group group)
{
	struct graph_group *list = grow(g, g->groups, g->group_count, &g->group_room, sizeof *list);

	if (!list)
		return 0;
	g->groups = list;
	list[g->group_count] = group;
	return g->group_count++;
}

size_t graph_node(struct graph *g, struct graph_node node)
{
	struct graph_node *list = grow(g, g->nodes, g->node_count, &g->node_room, sizeof *list);

	if (!list)
		return 0;
	g->nodes = list;
	list[g->node_count] = node;
	return g->node_count++;
}

/* Whoever provides a thing and sets it as an attribute has one tie to it. */
void graph_edge(struct graph *g, struct graph_edge edge)
{
	struct graph_edge *list = grow(g, g->edges, g->edge_count, &g->edge_room, sizeof *list);

	for (size_t i = 0; i < g->edge_count; i++)
		if (g->edges[i].from == edge.from && g->edges[i].to == edge.to &&
		    strcmp(g->edges[i].what, edge.what) == 0)
			return;
	if (!list)
		return;
	g->edges = list;
	list[g->edge_count++] = edge;
}

const char *graph_edge_text(struct graph *g, const struct graph_edge *e)
{
	return config_print(&g->arena, "%s %s%s%s%s", e->provides ? "is provided by:" : "needs", e->what,
	    e->inner ? ", from a layer before it" : "", e->soft ? ", if there is one" : "",
	    e->unmet ? ": not met" : "");
}

uint32_t graph_index(const struct plan_layer *layer, struct cactus_field field)
{
	uint32_t index = CACTUS_NO_INDEX;

	if (field.size == sizeof index)
		memcpy(&index, (const char *)layer->image + field.offset, sizeof index);
	return index;
}

char *graph_write(struct graph *g, enum check_graph_form form)
{
	char *text = NULL;

	if (!g->arena.failed)
		text = form == CHECK_GRAPH_JSON  ? graph_json(g)
		       : form == CHECK_GRAPH_DOT ? check_stream_text(graph_dot, &g)
						 : check_stream_text(graph_svg, &g);
	if (g->arena.failed) {
		free(text);
		text = NULL;
	}
	config_release(&g->arena);
	return text;
}

/* ---- The catalogue ---- */

/* Where the frame of each class stands: capabilities are between the two columns. */
static const struct place {
	enum seccomm_class class_of;
	unsigned column;
} places[] = { { SECCOMM_PRIVACY, 0 }, { SECCOMM_AUTHENTICITY, 0 }, { SECCOMM_EVIDENCE, 0 }, { SECCOMM_DIRECTORY, 0 },
	{ SECCOMM_REPLAY, 2 }, { SECCOMM_INTEGRITY, 2 }, { SECCOMM_KEY_DISTRIBUTION, 2 }, { SECCOMM_KEY_CREATION, 2 } };
enum { PLACES = sizeof places / sizeof *places };

static void add_class(struct graph *g, const struct seccomm *library, const struct place *place)
{
	size_t count, group = SIZE_MAX;
	const struct seccomm_mp *const *list = seccomm_micro_protocols(library, &count);

	for (size_t i = 0; i < count; i++) {
		const struct seccomm_mp *mp = list[i];
		const char *standing = seccomm_standing_name(mp->standing);
		const bool available = !seccomm_mp_unavailable(library, mp);
		const char *note = available ? standing : config_print(&g->arena, "%s, not available", standing);

		if (mp->class_of != place->class_of)
			continue;
		if (group == SIZE_MAX)
			group = graph_group(
			    g, (struct graph_group){ seccomm_class_name(mp->class_of), place->column, false });
		graph_node(g, (struct graph_node){ GRAPH_MICRO_PROTOCOL, mp->cactus.name, note, mp->cactus.summary, mp,
				  available, group });
	}
}

/* The node of the capability, made when it is first asked for. */
static size_t capability(struct graph *g, size_t group, const char *name)
{
	for (size_t i = 0; i < g->node_count; i++)
		if (g->nodes[i].kind == GRAPH_CAPABILITY && strcmp(g->nodes[i].title, name) == 0)
			return i;
	return graph_node(g, (struct graph_node){ GRAPH_CAPABILITY, name, "", "one of those that provide it will do",
				 NULL, true, group });
}

static void add_ties(struct graph *g, size_t group, size_t node)
{
	const struct seccomm_mp *mp = g->nodes[node].mp;

	for (const struct cactus_tie *t = mp->cactus.needs; t && t->capability; t++)
		graph_edge(g, (struct graph_edge){ node, capability(g, group, t->capability), t->capability, false,
				  t->soft, t->inner, false });
	for (const struct cactus_tie *t = mp->cactus.provides; t && t->capability; t++)
		graph_edge(g,
		    (struct graph_edge){ capability(g, group, t->capability), node, t->capability, .provides = true });
	/* Pairs of keys are nobody's to provide: they are there before a session is. */
	if (seccomm_mp_pairs(mp))
		graph_edge(
		    g, (struct graph_edge){ node, capability(g, group, "key pair"), "key pair", .provides = false });
}

static bool is_taken(const struct graph *g, const char *attribute)
{
	for (size_t i = 0; i < g->node_count; i++)
		for (const struct cactus_attribute *a = g->nodes[i].mp ? g->nodes[i].mp->cactus.attributes : NULL;
		     a && a->name; a++)
			if (a->act != CACTUS_SETS && strcmp(a->name, attribute) == 0)
				return true;
	return false;
}

static void add_attributes(struct graph *g, size_t group, size_t node)
{
	for (const struct cactus_attribute *a = g->nodes[node].mp->cactus.attributes; a && a->name; a++) {
		if (!is_taken(g, a->name))
			continue;
		if (a->act == CACTUS_SETS)
			graph_edge(
			    g, (struct graph_edge){ capability(g, group, a->name), node, a->name, .provides = true });
		else
			graph_edge(
			    g, (struct graph_edge){ node, capability(g, group, a->name), a->name, .inner = true });
	}
}

char *check_graph_catalogue(const struct seccomm *library, enum check_graph_form form)
{
	struct graph g = { .title = "SecComm: micro-protocols and what ties them",
		.about = "Each micro-protocol in the frame of its class, and what it needs and provides; Figure 8 of "
			 "TR 99-08.",
		.row_gap = 6 };
	size_t group, count;

	for (size_t i = 0; i < PLACES; i++)
		add_class(&g, library, &places[i]);
	group = graph_group(&g, (struct graph_group){ "what some need and others provide", 1, true });
	count = g.node_count;
	for (size_t i = 0; i < count && !g.arena.failed; i++) {
		add_ties(&g, group, i);
		add_attributes(&g, group, i);
	}
	return graph_write(&g, form);
}
