/* SPDX-License-Identifier: Apache-2.0 */
/*
 * world.h - a platform for tests: clocks that stand still until told, memory that can run out and is checked to be
 * wiped, a store in memory.  One world has one instance, C.
 */
#ifndef CACTUS_TEST_WORLD_H
#define CACTUS_TEST_WORLD_H

#include <stdarg.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cactus.h"

enum { PROBLEMS_MAX = 16, STORE_MAX = 8 };

struct world {
	struct cactus_platform platform;
	struct cactus_store store;
	uint64_t monotonic, wall;
	long allocations; /* so far */
	long fail_at; /* this one and no other fails; 0: none */
	size_t blocks, bytes, peak; /* of live memory */
	int wakes;
	struct cactus_composition *composition;
	struct cactus *c;
	char story[1024]; /* what handlers wrote, in order */
	struct cactus_problem problems[PROBLEMS_MAX];
	size_t problem_count;
	struct {
		void (*done)(void *argument, int status);
		void *argument;
	} syncs[STORE_MAX];
	size_t sync_count;
	bool sync_at_once;
};

void world_start(struct world *);
/* Composes and creates; fails the test when there are problems.  NULL service: one without anything. */
void world_open(struct world *, const struct cactus_service *, const struct cactus_spec *, size_t count);
int world_compose(struct world *, const struct cactus_service *, const struct cactus_spec *, size_t count);
/* Destroys everything and fails the test if memory is left. */
void world_end(struct world *);
void world_sync(struct world *); /* completes the syncs asked for so far */
bool world_has(
    const struct world *, enum cactus_problem_kind, size_t spec, size_t other, const char *what, uint32_t index);
void tell(struct world *, const char *word);
/* Fails unless the handlers' story is EXPECTED; forgets it. */
void assert_story(struct world *, const char *expected);

/* A handler's self that says what it does. */
struct actor {
	struct world *world;
	const char *word;
	enum cactus_verdict verdict;
	void (*deed)(struct actor *, void *argument);
	cactus_event event;
	cactus_binding binding;
	struct actor *other;
};
cactus_handler act;
/* Both fail the test when there is no memory. */
cactus_event named(struct world *, const char *stem);
cactus_binding bind_actor(struct world *, cactus_event, unsigned order, struct actor *);

#endif
