/* SPDX-License-Identifier: Apache-2.0 */
/*
 * internal.h - what the files of Cactus share with each other and with nobody else.
 *
 * Two structures matter.  A composition is computed once and never changes.  An instance is one block of memory: struct
 * cactus, the states, and tables with a little spare; a table that outgrows its place moves to memory of its own.
 */
#ifndef CACTUS_INTERNAL_H
#define CACTUS_INTERNAL_H

#include <stdatomic.h>

#include "cactus.h"

/* Not to be drawn into the quick path by the linker: its registers and its stack guard would be paid for by every
 * raise. */
#define CORE_COLD __attribute__((noinline, cold))

/* ---- Memory (memory.c) ---- */

/* Cuts one block into aligned pieces.  With BASE NULL nothing is cut, only counted. */
struct carver {
	uint8_t *base;
	size_t used;
};
size_t core_aligned(size_t bytes);
void *core_carve(struct carver *, size_t bytes);
/* Wipes and gives back; NULL is ignored. */
void core_release(const struct cactus_platform *, void *memory, size_t bytes);
/* A copy of TABLE with twice the ROOM for items of ITEM bytes; NULL: nothing has changed. */
void *core_enlarge(struct cactus *, void *table, size_t item, uint32_t *room);
/* BYTES, unless TABLE is NULL or lies in the instance's own block. */
size_t core_outside(const struct cactus *, const void *table, size_t bytes);
/* Gives back a table of an instance that lies outside. */
void core_drop(struct cactus *, void *table, size_t bytes);

/* ---- Composition ---- */

enum { DOWN, UP, WAYS };
#define SERVICE SIZE_MAX /* stands for the service where a place in the list is asked */

struct column {
	const struct cactus_attribute *row;
	size_t spec; /* who declared it first */
	uint32_t offset; /* in a message's values */
	uint32_t length_at; /* of a variable one: where its length is */
};

struct cactus_layout {
	uint32_t fixed; /* bytes of the fixed ones */
	uint32_t most; /* bytes of all, at most */
	uint8_t count;
	uint8_t fixed_count; /* these come first */
	cactus_column columns[CACTUS_PACK_MAX];
};

/*
 * A layer that pads: BEFORE bytes were added since the last one, then the body is filled up to BLOCK.  One that fills takes
 * MOST bytes, less than a block, so that there is one block of it.
 */
struct pad {
	size_t part;
	uint32_t before, block, most; /* MOST is 0 if any length will do */
	bool exact; /* no variable attribute has been packed so far */
};

/* What one way through a chain adds. */
struct path {
	struct cactus_layout rest;
	struct pad *pads;
	uint32_t pad_count;
	uint32_t tail; /* added after the last padding layer, or altogether if there is none */
	uint32_t front, back; /* in front of and behind the body, without clear block and padding */
};

struct lane {
	size_t clear; /* bytes of the clear block */
	struct path ways[WAYS];
};

/* One micro-protocol of the list. */
struct part {
	struct cactus_spec spec;
	uint8_t *image;
	size_t extra;
	size_t state_at; /* offset in an instance */
	struct cactus_layout *layouts[WAYS];
	uint64_t told; /* columns whose consumption was complained about */
	bool crowded; /* its pack point was complained about */
	bool overfull; /* that it cannot take an empty body was complained about */
};

struct cactus_composition {
	const struct cactus_platform *platform;
	const struct cactus_service *service;
	size_t bytes;
	size_t count;
	struct part *parts;
	size_t *by_order; /* places in PARTS by ascending order */
	struct lane *lanes;
	struct column *columns;
	size_t column_count, clear_count, values_size;
	uint64_t peers; /* columns of scope PEER */
	uint32_t name_room, binding_room; /* of a new instance */
	size_t frozen_bytes, instance_size;
};

/* Counts and passes on what is wrong. */
struct checker {
	struct cactus_composition *composition;
	void (*tell)(void *context, const struct cactus_problem *);
	void *context;
	size_t problems;
};
void core_problem(
    struct checker *, enum cactus_problem_kind, size_t spec, size_t other, const char *what, uint32_t index);

void core_check_orders(struct checker *); /* ties.c */
void core_check_ties(struct checker *);
void core_number_columns(struct checker *); /* columns.c */
void core_lay_values(struct checker *);
/* The column of ROW as SPEC declares it, CACTUS_NO_COLUMN if it got none. */
cactus_column core_column_of(const struct cactus_composition *, size_t spec, const struct cactus_attribute *row);
void core_lay_ways(struct checker *, struct pad *pads); /* layout.c */
/* The uint32_t at FIELD of an image or state, CACTUS_NO_INDEX where there is no field. */
uint32_t core_index(const void *state, struct cactus_field field);
/* Sizes of the tables and of the block of an instance, and where the states go in it (instance.c). */
void core_plan_instance(struct cactus_composition *);

/* ---- Instance ---- */

struct slot {
	cactus_handler *handler;
	void *self;
};

/* What a walk need not know about a slot. */
struct tag {
	cactus_binding binding;
	uint16_t order;
};

/* All bindings, sorted by event, order and time: event e has slots FIRST[e] to FIRST[e + 1]. */
struct frozen {
	struct frozen *older; /* the next retired one */
	size_t bytes;
	uint32_t limit; /* events below it are in FIRST */
	uint32_t count;
	struct slot *slots;
	struct tag *tags;
	uint32_t *first;
};

struct binding {
	cactus_handler *handler;
	void *self;
	cactus_binding id;
	cactus_event event;
	uint16_t order;
};

struct name {
	const char *stem; /* NULL: the number is free */
	unsigned index;
};

struct timer {
	uint64_t due_us;
	void *argument;
	cactus_timer id;
	cactus_event event;
};

struct queued {
	void *argument;
	cactus_event event;
};

struct cactus {
	/* What every raise reads.  LIMIT is 0 whenever the plain walk will not do: after a change, and while traced. */
	const struct slot *slots;
	const uint32_t *first;
	uint32_t limit;
	uint32_t depth; /* raises running inside each other */
	bool unsettled; /* something is to be done when the outermost raise returns */
	bool settling; /* it is being done */
	bool stale; /* bindings have changed since the last freeze */
	struct cactus_msg *parked; /* held and queued messages of all events */

	struct frozen *frozen, *retired, *home; /* HOME is the one in the instance's block */
	struct binding *bindings;
	struct name *names; /* of event 1 and up */
	struct timer *timers; /* a heap by time, then number */
	struct queued *queue; /* from QUEUE_HEAD to QUEUE_TAIL */
	uint32_t binding_count, binding_room, name_count, name_room, timer_count, timer_room;
	uint32_t queue_head, queue_tail, queue_room;
	cactus_binding last_binding;
	cactus_timer last_timer;

	const struct cactus_composition *composition;
	const struct cactus_platform *platform;
	void *owner;
	size_t begun; /* states whose begin hook has run */
	cactus_event (*chains)[WAYS]; /* the events of each chain */
	struct cactus_post *posts; /* taken over, in order */
	_Atomic(struct cactus_post *) posted; /* by other threads, last one first */
	void (*trace)(void *, const struct cactus_step *), (*next_trace)(void *, const struct cactus_step *);
	void *trace_context, *next_trace_context;
};

size_t core_frozen_bytes(uint32_t names, uint32_t bindings);
void core_stale(struct cactus *);
/* The handlers of BINDING do not run again, in whatever array they stand. */
void core_silence(struct cactus *, cactus_binding);
void core_drop_retired(struct cactus *);

/* What is left to be walked of an event's slots. */
struct walk {
	const struct frozen *in;
	const struct slot *at, *end;
};
/* The slots of EVENT behind (ORDER, BINDING), from the first one on for (0, 0). */
struct walk core_walk(struct cactus *, cactus_event, unsigned order, cactus_binding);
/* Runs them until one does not answer NEXT; AT is then that one.  To be called between enter and leave. */
enum cactus_verdict core_run(struct cactus *, struct walk *, cactus_event, void *argument, const struct cactus_msg *);
/* As cactus_raise(), when not everything is as usual. */
CORE_COLD enum cactus_verdict core_raise_slowly(struct cactus *, cactus_event, void *argument);
/* Does what had to wait for the outermost raise: drops retired arrays, runs queued raises.  Answers VERDICT. */
CORE_COLD enum cactus_verdict core_settle(struct cactus *, enum cactus_verdict verdict);
/* Answers the depth before, which leaving restores. */
static inline uint32_t core_enter(struct cactus *c)
{
	return c->depth++;
}
/* Answers VERDICT, to be a raise's last call: what comes after a cold call the compiler moves away, returning included. */
static inline enum cactus_verdict core_leave(struct cactus *c, uint32_t depth, enum cactus_verdict verdict)
{
	c->depth = depth;
	return depth == 0 && c->unsettled ? core_settle(c, verdict) : verdict;
}

/* Forget what waits for EVENT. */
void core_forget_timers(struct cactus *, cactus_event);
void core_forget_parked(struct cactus *, cactus_event);
/* The state that SELF lies in, NULL if in none. */
const struct cactus_instance *core_instance_of(const struct cactus *, const void *self);

#endif
