/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph.h - Figure 8 of TR 99-08 as data: micro-protocols, and what ties them to each other; private to src/check.
 *
 * graph.c makes it of the tables, graph_session.c of a session; graph_dot.c, graph_json.c and graph_svg.c write it. All
 * text is the arena's or a table's.  The order of everything is that of the tables, so the same graph is always written
 * the same.
 */
#ifndef CHECK_GRAPH_H
#define CHECK_GRAPH_H

#include <stdio.h>

#include "check/check.h"
#include "config/model.h"

/* CAPABILITY is a choice: whoever provides it will do.  UNMET stands for a provider that is not there. */
enum graph_kind { GRAPH_MICRO_PROTOCOL, GRAPH_CAPABILITY, GRAPH_UNMET };
struct graph_node {
	enum graph_kind kind;
	const char *title, *note; /* "encrypt:aes-256-gcm", "modern" */
	const char *about; /* a sentence */
	const struct seccomm_mp *mp; /* or NULL */
	bool available; /* on this machine */
	size_t group;
};
/*
 * FROM needs what WHAT says of TO; or, PROVIDES, TO gives it, so that arrows always point at what is depended on. SOFT:
 * nobody need have it.  INNER: what gives it must stand before what needs it.  UNMET: that is not so.
 */
struct graph_edge {
	size_t from, to;
	const char *what;
	bool provides, soft, inner, unmet;
};
/* Nodes that are framed together, in a column of the picture. */
struct graph_group {
	const char *title;
	unsigned column;
	bool placed; /* without a frame, each node beside those that it is tied to */
};
struct graph {
	struct config_arena arena; /* failed: no memory, and the rest means nothing */
	const char *title, *about;
	unsigned row_gap; /* between nodes, in pixels */
	bool named; /* each edge says what it is about */
	struct graph_group *groups;
	struct graph_node *nodes;
	struct graph_edge *edges;
	size_t group_count, node_count, edge_count, group_room, node_room, edge_room;
};

/* Each answers the number of the new one; what it gets is copied, texts are not. */
size_t graph_group(struct graph *, struct graph_group);
size_t graph_node(struct graph *, struct graph_node);
void graph_edge(struct graph *, struct graph_edge);
/* "needs key, from a layer before it, if there is one": EDGE as a sentence without its ends. */
const char *graph_edge_text(struct graph *, const struct graph_edge *);
/* The number that FIELD of a layer's image holds; CACTUS_NO_INDEX: it has none. */
uint32_t graph_index(const struct plan_layer *, struct cactus_field field);

/* GRAPH in the form that is asked for, and released; NULL: no memory. */
char *graph_write(struct graph *, enum check_graph_form);
/* For check_stream_text(): GRAPH is where a pointer to the graph is, whose arena they take from. */
void graph_dot(FILE *out, const void *graph);
void graph_svg(FILE *out, const void *graph);
char *graph_json(const struct graph *);

#endif
