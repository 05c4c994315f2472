/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_session.c - the graph of one session: its layers in the sender's order, lane by lane and direction by
 * direction, its keys, and which of them meets which need.
 *
 * What the checker refuses is drawn, too, as far as its tables are known: then the needs that nothing meets are to be
 * seen.
 */
#include "check/explain/graph.h"
#include "check/internal.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMN_ESTABLISH = 2, COLUMN_CREATE, COLUMN_EXCHANGES };

/* The layer of each node, and where it runs; LANE 0: data; KEYS: it makes a key. */
struct member {
	const struct plan_layer *layer;
	size_t node, group;
	bool keys;
};
struct drawing {
	struct graph g;
	const struct check_session *session;
	struct member *members;
	size_t count, room;
};

static void add(struct drawing *d, const struct plan_layer *layer, const char *note, size_t group, bool keys)
{
	const struct graph_node node = { GRAPH_MICRO_PROTOCOL, layer->mp->cactus.name, note, layer->mp->cactus.summary,
		layer->mp, true, group };

	if (d->count < d->room)
		d->members[d->count++] = (struct member){ layer, graph_node(&d->g, node), group, keys };
}

/* ---- Lanes ---- */

static int by_order(const void *a, const void *b)
{
	const struct plan_layer *x = *(const struct plan_layer *const *)a, *y = *(const struct plan_layer *const *)b;

	return (x->order > y->order) - (x->order < y->order);
}

static bool runs(const struct plan_layer *layer, enum seccomm_direction way)
{
	return layer->image->direction == SECCOMM_BOTH || layer->image->direction == way || way == SECCOMM_BOTH;
}

static const char *key_name(const struct drawing *d, const struct plan_layer *layer)
{
	return layer->image->key > 0 && layer->image->key <= d->session->key_count
		   ? d->session->keys[layer->image->key - 1].name
		   : NULL;
}

/* Those of the COUNT that run that WAY; BOTH: all of them do. */
static void add_way(struct drawing *d, const char *lane, const struct plan_layer *layers, size_t count,
    enum seccomm_direction way, unsigned column)
{
	const struct plan_layer *sorted[PLAN_LAYERS_MAX];
	const char *title =
	    config_print(&d->g.arena, "%s, %s", lane, way == SECCOMM_BOTH ? "both ways" : seccomm_direction_name(way));
	size_t n = 0, group = graph_group(&d->g, (struct graph_group){ title, column, false });

	for (size_t i = 0; i < count; i++)
		if (runs(&layers[i], way))
			sorted[n++] = &layers[i];
	qsort(sorted, n, sizeof *sorted, by_order);
	for (size_t i = 0; i < n; i++) {
		const char *key = key_name(d, sorted[i]);

		add(d, sorted[i],
		    config_print(&d->g.arena, "%u, %s%s%s", (unsigned)sorted[i]->order,
			seccomm_standing_name(sorted[i]->mp->standing), key ? ", key " : "", key ? key : ""),
		    group, false);
	}
}

/* One column if every layer runs both ways, or else one for each way. */
static void add_lane(
    struct drawing *d, const char *lane, const struct plan_layer *layers, size_t count, unsigned column)
{
	bool same = true;

	for (size_t i = 0; i < count; i++)
		same = same && layers[i].image->direction == SECCOMM_BOTH;
	if (same) {
		add_way(d, lane, layers, count, SECCOMM_BOTH, column);
		return;
	}
	add_way(d, lane, layers, count, SECCOMM_C2S, column);
	add_way(d, lane, layers, count, SECCOMM_S2C, column + 1);
}

static void add_keys(struct drawing *d, const char *title, unsigned column, bool create)
{
	const size_t group = graph_group(&d->g, (struct graph_group){ title, column, false });

	for (size_t i = 0; i < d->session->key_count; i++) {
		const struct plan_slot *slot = &d->session->keys[i];
		const struct plan_layer *layer = create ? &slot->create : &slot->establish;

		if (layer->mp)
			add(d, layer,
			    config_print(
				&d->g.arena, "key %s, %s", slot->name, seccomm_standing_name(layer->mp->standing)),
			    group, true);
	}
}

static void add_all(struct drawing *d)
{
	const struct check_session *s = d->session;

	add_lane(d, "data", s->drawn.layers, s->drawn.count, 0);
	add_keys(d, "keys, established by", COLUMN_ESTABLISH, false);
	add_keys(d, "keys, created by", COLUMN_CREATE, true);
	for (size_t i = 0; i < s->key_count; i++) {
		const char *lane = config_print(&d->g.arena, "exchange of key %s", s->keys[i].name);

		if (s->exchanges[i].count > 0)
			add_lane(d, lane, s->exchanges[i].layers, s->exchanges[i].count, COLUMN_EXCHANGES);
	}
}

/* ---- What meets what ---- */

struct need {
	const char *what;
	uint32_t index, bytes;
	bool soft, inner, attribute;
	const char *of; /* of an attribute: the name of the layer whose it is; NULL: the nearest one */
};

static bool gives(const struct member *m, const struct need *need)
{
	const struct seccomm_mp *mp = m->layer->mp;

	for (const struct cactus_attribute *a = need->attribute ? mp->cactus.attributes : NULL; a && a->name; a++)
		if (a->act == CACTUS_SETS && strcmp(a->name, need->what) == 0 &&
		    (!need->of || strcmp(m->layer->name, need->of) == 0))
			return true;
	for (const struct cactus_tie *t = need->attribute ? NULL : mp->cactus.provides; t && t->capability; t++)
		if (strcmp(t->capability, need->what) == 0 && graph_index(m->layer, t->index) == need->index &&
		    (!t->bytes || !need->bytes || t->bytes == need->bytes))
			return true;
	return false;
}

static void tie(struct drawing *d, const struct member *from, size_t to, const struct need *need, bool unmet)
{
	graph_edge(&d->g, (struct graph_edge){ from->node, to, need->what, false, need->soft, need->inner, unmet });
}

static void tie_nothing(struct drawing *d, const struct member *m, const struct need *need)
{
	const struct graph_node node = { GRAPH_UNMET, config_print(&d->g.arena, "unmet: %s", need->what), "",
		"nothing here provides it", NULL, true, m->group };

	tie(d, m, graph_node(&d->g, node), need, true);
}

/* What is in place meets it, of attributes the nearest; what is not shows what is wrong. */
static void meet(struct drawing *d, const struct member *m, const struct need *need)
{
	const struct member *met = NULL, *misplaced = NULL;

	for (size_t i = 0; i < d->count; i++) {
		const struct member *other = &d->members[i];
		const bool beside = other->group == m->group && !other->keys;

		if (other == m || !gives(other, need) || (need->inner && !beside))
			continue;
		if (need->inner && other->layer->order >= m->layer->order) {
			misplaced = misplaced ? misplaced : other;
		} else {
			if (!need->attribute)
				tie(d, m, other->node, need, false);
			met = other;
		}
	}
	if (met && need->attribute)
		tie(d, m, met->node, need, false);
	else if (!met && misplaced)
		tie(d, m, misplaced->node, need, true);
	else if (!met && !need->soft)
		tie_nothing(d, m, need);
}

static void meet_all(struct drawing *d, const struct member *m)
{
	for (const struct cactus_tie *t = m->layer->mp->cactus.needs; t && t->capability; t++)
		meet(d, m,
		    &(struct need){
			t->capability, graph_index(m->layer, t->index), t->bytes, t->soft, t->inner, false, NULL });
	for (const struct cactus_attribute *a = m->layer->mp->cactus.attributes; a && a->name; a++) {
		struct need need = { .what = a->name, .inner = true, .attribute = true };

		if (a->act == CACTUS_SETS)
			continue;
		if (a->of.size == sizeof need.of)
			memcpy(&need.of, (const char *)m->layer->image + a->of.offset, sizeof need.of);
		need.of = need.of && *need.of ? need.of : NULL;
		meet(d, m, &need);
	}
}

/* Every layer may be drawn in both directions. */
static size_t most(const struct check_session *s)
{
	size_t count = 2 * s->drawn.count;

	for (size_t i = 0; i < s->key_count; i++)
		count += 2 + 2 * s->exchanges[i].count;
	return count;
}

char *check_graph_session(const struct check_session *session, enum check_graph_form form)
{
	struct drawing d = { .session = session, .room = most(session) };

	d.g.row_gap = 24;
	d.g.named = true;
	d.g.title = config_print(&d.g.arena, "SecComm: session %s", session->name);
	d.g.about = config_print(&d.g.arena,
	    "Layers of session %s in the sender's order, its keys, and which of them meets which need.%s",
	    session->name, session->plan ? "" : " The checker refuses it.");
	d.members = config_take(&d.g.arena, (d.room + 1) * sizeof *d.members);
	if (d.members)
		add_all(&d);
	for (size_t i = 0; i < d.count && !d.g.arena.failed; i++)
		meet_all(&d, &d.members[i]);
	return graph_write(&d.g, form);
}
