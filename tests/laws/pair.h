/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pair.h - two sessions with nothing between them but memory, for tests that try the laws on every stack.
 *
 * The clock, the random numbers and all memory are the test's: nothing sleeps, everything is repeatable, every block that
 * a session releases can be looked at.  Every unit (datagram, or piece of a stream) can be taken on its way.
 */
#ifndef LAWS_PAIR_H
#define LAWS_PAIR_H

#include "pads.h"
#include "promises.h"
#include "seccomm.h"
#include "seccomm/plan.h"

enum { CLIENT, SERVER };

/* What all pairs of a program share; the keys cost most of its time. */
struct world {
	struct seccomm *library;
	const char *create; /* what creates keys; NULL: random */
	char identity[2][8192], peer[2][8192], psk[SECCOMM_KEY_TEXT_MAX];
};
/* The library, with the module from outside that LAWS_MODULE in the environment names; NULL: ERROR says why. */
struct seccomm *laws_library(struct seccomm_error *error);
/* Dies (as a failed assertion) when it cannot be made. */
void world_make(struct world *);
void world_drop(struct world *);

struct unit {
	struct unit *next;
	size_t length;
	uint8_t bytes[];
};

struct pair;
struct end {
	struct pair *pair;
	struct seccomm_plan *plan;
	struct seccomm_keyring *keyring;
	struct memory_pad *pad; /* "psk", as every text is called */
	struct seccomm_session *session;
	struct seccomm_callbacks callbacks;
	struct unit *first, **last; /* transmitted and not yet taken */
	uint8_t *message;	    /* the last delivered one, a copy */
	size_t length;
	bool sender_known;
	unsigned deliveries, alerts;
	enum seccomm_alert_id alert; /* the last one */
	bool opened, closed;
	int status; /* of closed */
};

struct pair {
	struct world *world;
	enum seccomm_link link;
	bool all_keys; /* of an identity, not only Ed25519 */
	struct cactus_platform platform;
	uint64_t monotonic_us, wall_us, seed;
	uint64_t allocations, fail_at; /* the FAIL_AT-th allocation from now on fails; 0: none */
	size_t blocks, bytes;	       /* allocated and not released */
	void (*released)(struct pair *, const uint8_t *memory, size_t size); /* may be NULL */
	void (*generated)(struct pair *, const uint8_t *bytes, size_t size); /* random numbers given; may be NULL */
	void *context;							    /* of RELEASED and GENERATED */
	struct end end[2];
};

/* "anti-replay:sequence | encrypt:aes-256-gcm" in ROOM bytes, for messages. */
const char *stack_name(const struct stack *, char *out, size_t room);

/* Makes two plans of STACK, key agreed by X25519 and signed with Ed25519; negative: it cannot be composed, nothing is kept. */
int pair_plan(struct pair *, struct world *, enum seccomm_link, const struct stack *);
/* The same with PROTECT under the key, in place of the signature; if its layers need a key, that of a slot before it. */
int pair_plan_under(struct pair *, struct world *, enum seccomm_link, const struct stack *, const struct stack *protect);
/* Opens both sessions; the client's opening is then under way. */
int pair_start(struct pair *);
/* Opens both sessions and lets them agree; negative when an end is not open afterwards. */
int pair_open(struct pair *);
/* Carries units until nothing is under way. */
void pair_pump(struct pair *);
/* The oldest unit that END transmitted, or NULL; the caller frees it. */
struct unit *pair_take(struct pair *, unsigned end);
/* Hands a copy of BYTES to END. */
void pair_give(struct pair *, unsigned end, const void *bytes, size_t length);
/* Drops the sessions, what is under way, and the delivered messages; the plans stay. */
void pair_shut(struct pair *);
void pair_drop(struct pair *);

/* The data-lane tables of the library, COUNT of them. */
size_t lane_tables(const struct world *, const struct seccomm_mp **out, size_t room);
/* Whether a tie of INNER's table asks that OUTER, outside it, had better be inside it. */
bool order_refused(const struct seccomm_mp *inner, const struct seccomm_mp *outer);
/* Fills LENGTH bytes with something that is not regular, from *SEED. */
void fill(uint64_t *seed, void *out, size_t length);

#endif
