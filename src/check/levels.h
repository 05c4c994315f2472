/* SPDX-License-Identifier: Apache-2.0 */
/* levels.h - what a list of layers achieves in one direction, property by property, and which layer does it. */
#ifndef CHECK_LEVELS_H
#define CHECK_LEVELS_H

#include "seccomm/plan.h"

/* The layers of one direction, innermost (first at the sender) first. */
struct check_way {
	const struct plan_layer *layer[PLAN_LAYERS_MAX];
	size_t place[PLAN_LAYERS_MAX]; /* in the list it came from */
	size_t count;
};
void check_way_of(const struct plan_layer *list, size_t count, enum seccomm_direction, struct check_way *);

struct check_levels {
	enum seccomm_level level[PLAN_PROPERTIES];
	const struct plan_layer
	    *by[PLAN_PROPERTIES]; /* the layer that is to thank, or whose weakness it is; NULL: none */
};
/* SLOTS NULL: every key is taken to be as good as can be. */
void check_levels_of(const struct check_way *, const struct plan_slot *slots, size_t slot_count, struct check_levels *);
/* How well the exchange of a slot is authenticated: the weaker of both directions. */
enum seccomm_level check_slot_level(const struct plan_slot *);
/* Whether the exchange makes a key out of nothing and so needs others to say who takes part. */
bool check_slot_open(const struct plan_slot *);
/* Whether there is no exchange at all, but a salt of each sender. */
bool check_slot_salted(const struct plan_slot *);

#endif
