/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compare_layers.c - what became of a list of layers: which came, went, changed or moved.
 *
 * A layer's partner is the one that is the same in all, else one of the same table, else one of the same layer
 * ("encrypt"). Moved are those outside of the longest run of pairs that stand in one order in both lists: the fewest
 * that explain it.
 */
#include "check/explain/compare.h"
#include "check/internal.h"

#include <stdlib.h>
#include <string.h>

enum { NOBODY = PLAN_LAYERS_MAX };

struct pairing {
	const struct plan_layer *a[PLAN_LAYERS_MAX], *b[PLAN_LAYERS_MAX]; /* by order */
	size_t a_count, b_count;
	size_t partner[PLAN_LAYERS_MAX]; /* of each of A, in B; NOBODY: it has gone */
	bool taken[PLAN_LAYERS_MAX]; /* of B */
	bool stays[PLAN_LAYERS_MAX]; /* of A, those with a partner that have not moved */
};

static int by_order(const void *a, const void *b)
{
	const struct plan_layer *x = *(const struct plan_layer *const *)a, *y = *(const struct plan_layer *const *)b;

	return (x->order > y->order) - (x->order < y->order);
}

static void sorted(const struct compare_lane *lane, const struct plan_layer **out)
{
	for (size_t i = 0; i < lane->count; i++)
		out[i] = &lane->layers[i];
	qsort(out, lane->count, sizeof *out, by_order);
}

static bool equal(const struct plan_layer *a, const struct plan_layer *b)
{
	return seccomm_layer_same(a, b) && a->image->direction == b->image->direction && a->image->key == b->image->key;
}

static bool of_one_table(const struct plan_layer *a, const struct plan_layer *b)
{
	return a->mp == b->mp;
}

static bool of_one_layer(const struct plan_layer *a, const struct plan_layer *b)
{
	return strcmp(a->mp->layer, b->mp->layer) == 0;
}

static void pair(struct pairing *p, bool (*fits)(const struct plan_layer *, const struct plan_layer *))
{
	for (size_t i = 0; i < p->a_count; i++)
		for (size_t j = 0; j < p->b_count && p->partner[i] == NOBODY; j++)
			if (!p->taken[j] && fits(p->a[i], p->b[j])) {
				p->partner[i] = j;
				p->taken[j] = true;
			}
}

/* The longest rising run of partners; lists are short. */
static void find_moved(struct pairing *p)
{
	size_t length[PLAN_LAYERS_MAX] = { 0 }, before[PLAN_LAYERS_MAX], last = NOBODY;

	for (size_t i = 0; i < p->a_count; i++) {
		if (p->partner[i] == NOBODY)
			continue;
		length[i] = 1;
		before[i] = NOBODY;
		for (size_t j = 0; j < i; j++)
			if (p->partner[j] < p->partner[i] && length[j] >= length[i]) {
				length[i] = length[j] + 1;
				before[i] = j;
			}
		if (last == NOBODY || length[i] > length[last])
			last = i;
	}
	for (; last != NOBODY; last = before[last])
		p->stays[last] = true;
}

/* ---- What is said of them ---- */

static const struct cactus_param *param_named(const struct seccomm_mp *mp, const char *name)
{
	for (const struct cactus_param *p = mp->cactus.params; p && p->name; p++)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

static const char *value_of(struct comparison *c, const struct cactus_param *p, const struct plan_layer *layer)
{
	const char *text = p ? check_param_value(&c->arena, p, layer->image) : NULL;

	c->failed = c->failed || (p && !text);
	return text;
}

/* The parameter P of WHAT, which A or B, or both, have. */
static void param(struct comparison *c, json_t *list, const char *what, const struct cactus_param *p,
    const struct plan_layer *a, const struct plan_layer *b, bool local)
{
	const char *from = value_of(c, param_named(a->mp, p->name), a),
		   *to = value_of(c, param_named(b->mp, p->name), b);
	const char *name = *what ? config_print(&c->arena, "%s %s", what, p->name) : p->name;

	if (name)
		compare_value(c, list, name, from, to, local || p->local);
	c->failed = c->failed || !name;
}

void compare_layer(struct comparison *c, json_t *list, const char *what, const struct plan_layer *a,
    const struct plan_layer *b, bool local)
{
	compare_value(c, list, *what ? what : "micro-protocol", a->mp->cactus.name, b->mp->cactus.name, local);
	for (const struct cactus_param *p = a->mp->cactus.params; p && p->name; p++)
		param(c, list, what, p, a, b, local);
	for (const struct cactus_param *p = b->mp->cactus.params; p && p->name; p++)
		if (!param_named(a->mp, p->name))
			param(c, list, what, p, a, b, local);
}

static const char *key_name(const struct compare_lane *lane, const struct plan_layer *layer)
{
	return layer->image->key ? lane->slots[layer->image->key - 1].name : NULL;
}

static json_t *changes_of(struct comparison *c, const struct compare_lane *in_a, const struct compare_lane *in_b,
    const struct plan_layer *a, const struct plan_layer *b)
{
	json_t *list = json_array();

	compare_layer(c, list, "", a, b, false);
	compare_value(c, list, "direction", seccomm_direction_name((enum seccomm_direction)a->image->direction),
	    seccomm_direction_name((enum seccomm_direction)b->image->direction), false);
	if (a->image->key != b->image->key)
		compare_value(c, list, "key", key_name(in_a, a), key_name(in_b, b), false);
	return list;
}

static json_t *told(const struct plan_layer *layer, size_t place)
{
	return layer ? json_pack("{s:s, s:I}", "micro-protocol", layer->mp->cactus.name, "place", (json_int_t)place + 1)
		     : json_null();
}

static void row(
    struct comparison *c, json_t *list, const char *lane, const char *change, json_t *from, json_t *to, json_t *changes)
{
	compare_add(c, list,
	    json_pack("{s:s, s:s, s:o, s:o, s:o}", "lane", lane, "change", change, "from", from, "to", to, "changes",
		changes));
}

void compare_lanes(
    struct comparison *c, json_t *list, const char *lane, const struct compare_lane *a, const struct compare_lane *b)
{
	struct pairing p = { .a_count = a->count, .b_count = b->count };

	sorted(a, p.a);
	sorted(b, p.b);
	for (size_t i = 0; i < p.a_count; i++)
		p.partner[i] = NOBODY;
	pair(&p, equal);
	pair(&p, of_one_table);
	pair(&p, of_one_layer);
	find_moved(&p);
	for (size_t i = 0; i < p.a_count; i++) {
		const size_t to = p.partner[i];
		json_t *changes = to == NOBODY ? json_array() : changes_of(c, a, b, p.a[i], p.b[to]);

		if (to == NOBODY)
			row(c, list, lane, "removed", told(p.a[i], i), json_null(), changes);
		else if (!p.stays[i] || json_array_size(changes) > 0)
			row(c, list, lane, p.stays[i] ? "changed" : "moved", told(p.a[i], i), told(p.b[to], to),
			    changes);
		else
			json_decref(changes);
	}
	for (size_t j = 0; j < p.b_count; j++)
		if (!p.taken[j])
			row(c, list, lane, "added", json_null(), told(p.b[j], j), json_array());
}
