/* SPDX-License-Identifier: Apache-2.0 */
/* lives.h - two sessions of failing.h while they live: between what happens to them (lives.c) and what is looked at (failing.c). */
#ifndef SESSION_LIVES_H
#define SESSION_LIVES_H

#include "failing.h"

enum { MESSAGES_MAX = 64, FAILING_SECOND = 1000000 /* microseconds */ };

struct failing;
struct failing_case {
	const char *name;
	enum seccomm_link link;
	const char *keys; /* of a configuration, or NULL: a stack of the default key */
	bool sealed; /* keys and messages are sealed to public keys */
	bool predefined; /* a session without an exchange */
	bool listener; /* the server's session is made by one */
	bool fails_opening; /* else both ends are open before anything fails */
	bool renews;
	void (*act)(struct failing *);
};

struct failing {
	struct rig rig;
	const struct failing_case *what;
	const struct failing_means *means;
	struct seccomm_listener *listener;
	struct seccomm_listener_callbacks callbacks;
	uint64_t at;
	bool persistent, asked; /* close was asked for */
	unsigned pushed[2]; /* messages that each end has numbered so far */
	bool taken[2][MESSAGES_MAX]; /* pushed with success */
	bool delivered[2][MESSAGES_MAX]; /* that the other end got */
	unsigned last[2]; /* one more than the number of the last one it got */
	struct seccomm_plan *other[2]; /* a plan to change to */
};

extern const struct failing_case failing_cases[];
extern const size_t failing_case_count;

bool failing_alive(const struct failing *, unsigned end);
/* One message; answers whether it was taken, and nobody insists. */
bool failing_push(struct failing *, unsigned end);
/* Carries all that is under way. */
void failing_pump(struct failing *);
/* Time passes, from one thing that is due to the next, and everything is carried. */
void failing_pass(struct failing *, uint64_t us);

#endif
