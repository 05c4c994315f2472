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
/* How good the key of each slot is: no better than what proves who takes part in its exchange, and hides what travels.
 */
struct check_keys {
	enum seccomm_level level[PLAN_SLOTS_MAX];
	size_t count;
	bool salted; /* there is no exchange, so nothing proves that what comes is new */
};
void check_keys_of(const struct plan_slot *slots, size_t count, struct check_keys *);
/* KEYS NULL: every key is taken to be as good as can be. */
void check_levels_of(const struct check_way *, const struct check_keys *keys, struct check_levels *);

enum { CHECK_BOTH_WAYS = 1 << SECCOMM_C2S | 1 << SECCOMM_S2C };
/* How much of the property the layers under a key give to its exchange: the least of WAYS, bits of 1 << direction. */
enum seccomm_level check_exchange_level(
    const struct plan_slot *, const struct check_keys *, enum seccomm_property, unsigned ways);
/* Whether the exchange makes a new key, and so needs others to say who takes part. */
bool check_slot_open(const struct plan_slot *);
/* The number of the slot whose creator makes this end's part of SLOT's key, which is the NUMBER-th; 0: none does. */
uint32_t check_slot_creator(const struct plan_slot *slot, uint32_t number);
/* How good what creates the key of the I-th of COUNT slots is. */
enum seccomm_level check_creator_level(const struct plan_slot *slots, size_t count, size_t i);
/* Whether there is no exchange at all, but a salt of each sender. */
bool check_slot_salted(const struct plan_slot *);

#endif
