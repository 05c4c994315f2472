/* SPDX-License-Identifier: Apache-2.0 */
/*
 * levels.h - what a list of layers achieves in one direction, property by property, which layer does it, and what keeps
 * it from being more.
 */
#ifndef CHECK_LEVELS_H
#define CHECK_LEVELS_H

#include "seccomm/plan.h"

/* The layers of one direction, innermost (first at the sender) first. */
struct check_way {
	enum seccomm_direction direction;
	const struct plan_layer *layer[PLAN_LAYERS_MAX];
	size_t place[PLAN_LAYERS_MAX]; /* in the list it came from */
	size_t count;
};
void check_way_of(const struct plan_layer *list, size_t count, enum seccomm_direction, struct check_way *);

/* What decides a level. */
enum check_why {
	CHECK_BY_NOTHING, /* no layer gives it */
	CHECK_BY_STANDING, /* how good the layer's own algorithm is */
	CHECK_BY_KEY, /* the key that the layer uses is not as good as the layer */
	CHECK_BY_SHARED, /* nor is that key, for more than the two ends have the secret that is in it */
	CHECK_BY_INNER, /* nor is the digest that it works on */
	CHECK_BY_COVER, /* nor what protects it outside */
	CHECK_UNCOVERED, /* nothing outside protects it */
	CHECK_SALTED, /* nothing proves that a session is new */
	CHECK_CIPHERTEXT, /* what is signed has been enciphered before */
	CHECK_LASTING /* the key follows from others that last longer than the session */
};

/* BY is the layer that is to thank, or whose weakness it is, and may be NULL; KEY, from 1, the slot it depends on, or 0. */
struct check_levels {
	enum seccomm_level level[PLAN_PROPERTIES];
	enum check_why why[PLAN_PROPERTIES];
	const struct plan_layer *by[PLAN_PROPERTIES];
	uint32_t key[PLAN_PROPERTIES];
};

/*
 * How good the key of each slot is: no better than what creates it, what proves who takes part in its exchange, and what
 * hides what travels.  What HIDES a message may be recorded today and read when there are quantum computers; what PROVES
 * one is judged when it arrives, so there the exchange must have stood against them, too.
 */
struct check_keys {
	enum seccomm_level hides[PLAN_SLOTS_MAX], proves[PLAN_SLOTS_MAX];
	enum seccomm_level forward[PLAN_SLOTS_MAX]; /* when every long-term key is lost later */
	enum seccomm_level peer[3]; /* by direction: how well it is known that its sender takes part */
	uint32_t peer_key[3]; /* by whose exchange, from 1 */
	const struct plan_layer *peer_by[3]; /* by which layer of it; NULL: by holding the secret */
	size_t count;
	bool shared[PLAN_SLOTS_MAX]; /* a secret that several peers have is in it: it keeps nothing from them */
	bool salted; /* there is no exchange, so nothing proves that what comes is new */
};
/* SEVERAL: more than one peer may come, and has the secrets that keys follow from. */
void check_keys_of(const struct plan_slot *slots, size_t count, bool several, struct check_keys *);
/* The same, but what is wrong with a key's own exchange, which is a finding by itself, keeps no other thing from being good. */
void check_keys_beyond(const struct plan_slot *slots, size_t count, bool several, struct check_keys *);
void check_plan_keys(const struct seccomm_plan *, struct check_keys *);
/* Whether more than one peer may come, as far as PEERS, names and patterns, say. */
bool check_several(const char *const *peers, size_t count);
/* KEYS NULL: every key is taken to be as good as can be. */
void check_levels_of(const struct check_way *, const struct check_keys *keys, struct check_levels *);
/* The same of the exchange of slot I (from 0), whose confidentiality is that of the key which comes of it. */
void check_key_levels_of(const struct plan_slot *slots, const struct check_keys *keys, size_t i,
    enum seccomm_direction, struct check_levels *);

enum { CHECK_BOTH_WAYS = 1 << SECCOMM_C2S | 1 << SECCOMM_S2C };
/* How much of the property the layers under a key give to its exchange: the least of WAYS, bits of 1 << direction. */
enum seccomm_level check_exchange_level(
    const struct plan_slot *, const struct check_keys *, enum seccomm_property, unsigned ways);
/* Whether the exchange makes a new key, and so needs others to say who takes part. */
bool check_slot_open(const struct plan_slot *slot);
/* The number of the slot whose creator makes this end's part of SLOT's key, which is the NUMBER-th; 0: none does. */
uint32_t check_slot_creator(const struct plan_slot *slot, uint32_t number);
/* How good what creates the key of the I-th of COUNT slots is. */
enum seccomm_level check_creator_level(const struct plan_slot *slots, size_t count, size_t i);
/* Whether there is no exchange at all, but a salt of each sender. */
bool check_slot_salted(const struct plan_slot *);
/* The level of a table by itself. */
enum seccomm_level check_standing_level(const struct seccomm_mp *);
static inline enum seccomm_level check_weaker(enum seccomm_level a, enum seccomm_level b)
{
	return a < b ? a : b;
}

#endif
