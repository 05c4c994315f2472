/* SPDX-License-Identifier: Apache-2.0 */
/*
 * composing.h - for tests of cactus_compose(): micro-protocols that do nothing, and what becomes of a list of them.
 *
 * All of them have struct layer for their state, and are told a blank one.
 */
#ifndef CACTUS_TEST_COMPOSING_H
#define CACTUS_TEST_COMPOSING_H

#include "world.h"

/* A clock without an index, a key with index 7, and three chains. */
extern const struct cactus_service composing_service;

struct layer {
	struct cactus_instance head;
	uint32_t key;
	cactus_column a, b;
};
#define LAYER .size = sizeof(struct layer)

cactus_handler pass;
extern const struct cactus_mp layer_plain; /* on its way both ways */
extern const struct cactus_mp layer_sets; /* the shared attribute "d", 4 bytes */
struct cactus_spec spec(const struct cactus_mp *, unsigned order, unsigned chain);

/* For cmocka: a new world is *STATE. */
int composing_setup(void **state);
/* They can be composed, without a problem; the composition stays until world_drop(), which finds what leaked. */
void world_accept(struct world *, const struct cactus_spec *, size_t count);
void world_drop(struct world *);
/* The same, and it is dropped. */
void world_accepted(struct world *, const struct cactus_spec *, size_t count);
/* They cannot, for so many problems. */
void world_refused(struct world *, const struct cactus_spec *, size_t count, size_t problems);

#endif
