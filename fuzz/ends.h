/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ends.h - the two ends of a session, with a seeded platform and nothing between them but lists of frames; and what
 * must hold of them whatever they are given.
 *
 * Everything that is handed over is checked: what pop answers against its contract, callbacks against the order that
 * seccomm.h promises, states against each other, memory at the end.
 */
#ifndef FUZZ_ENDS_H
#define FUZZ_ENDS_H

#include "fuzz.h"
#include "seccomm.h"

enum { CLIENT, SERVER };

struct frame_unit {
	struct frame_unit *next;
	size_t length;
	uint8_t bytes[];
};
struct frames {
	struct frame_unit *first;
};
void frames_add(struct frames *, const uint8_t *bytes, size_t length);
/* The oldest, which is the caller's then; NULL: there is none. */
struct frame_unit *frames_take(struct frames *);
void frames_drop(struct frames *);

/* Clocks, random numbers and memory of one end. */
struct source {
	const uint64_t *monotonic_us; /* the clock is both ends' */
	uint64_t seed;
	size_t blocks, bytes; /* allocated and not released */
	unsigned fail_in; /* the allocation that fails, counted from 1 and backwards; 0: none does */
	struct cactus_platform platform;
};
/* SOURCE is not moved afterwards. */
void source_make(struct source *, const uint64_t *monotonic_us, uint64_t seed);

/* What an end does once, inside the next callback in which it may. */
enum reaction {
	REACT_PUSH = 1,
	REACT_CLOSE = 2,
	REACT_POP = 4,
	REACT_REKEY = 8,
	REACT_KEEP = 16 /* the message that is delivered, until the session is freed */
};

struct end {
	struct source source;
	enum seccomm_link link;
	unsigned number; /* CLIENT or SERVER */
	struct seccomm_callbacks callbacks;
	struct seccomm_session *session;
	struct frames sent; /* transmitted and not yet taken */
	struct seccomm_message *kept, *made; /* of those that were delivered; to be sent later */
	unsigned reactions;
	unsigned opened, peer_closed, closed, pushed, delivered;
	unsigned refusals; /* fatal ones, of a message that came */
	size_t popping; /* bytes given to the pop that runs */
	size_t transmitted; /* bytes, since whoever wants to know set it to 0 */
	uint64_t alerts;
	int status; /* of closed */
	int reached; /* the furthest state seen */
};

/* ---- compositions.c: what is made once, when it is needed first ---- */

enum { STACKS = 17 };
struct seccomm *composition_library(void);
const struct seccomm_keyring *composition_keyring(unsigned end);
/* STACK is taken modulo STACKS; all are of the lab profile. */
struct seccomm_plan *composition_plan(unsigned end, enum seccomm_link link, unsigned stack);

/* ---- ends.c ---- */

/*
 * Starts a session of PLAN for the client's or the server's end (N), whose FAIL_IN-th allocation fails (0: none).
 * False: it did not start, for lack of memory only.
 */
bool end_open(
    struct end *, unsigned n, struct seccomm_plan *plan, const uint64_t *monotonic_us, uint64_t seed, unsigned fail_in);
/* Frees it and looks whether all its memory came back. */
void end_free(struct end *);
/* Hands LENGTH bytes over, as a driver does: on a stream frame by frame. */
void end_give(struct end *, const uint8_t *bytes, size_t length);
/* Pushes a message, or LENGTH bytes if it is NULL, and counts it if it was taken; answers as the library does. */
int end_push(struct end *, struct seccomm_message *, size_t length);
/* Runs what is due at the time that it is. */
void end_run_due(struct end *);
/* What must hold between two calls.  end_give() and end_run_due() see to it themselves. */
void end_check(struct end *);

/* Both ends. */
struct pair {
	enum seccomm_link link;
	uint64_t monotonic_us;
	struct end end[2];
};
/* False: a session did not start for lack of memory; pair_free() in any case. */
bool pair_open(struct pair *, enum seccomm_link link, unsigned stack, unsigned server_stack, unsigned fail_in);
void pair_free(struct pair *);
/* Gives END's oldest frame to the other end; false: there was none. */
bool pair_pass(struct pair *, unsigned end);
/* Passes frames both ways, at most MOST. */
void pair_pump(struct pair *, unsigned most);

#endif
