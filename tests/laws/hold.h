/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hold.h - the laws that hold for every stack, on an open pair: what one end pushes the other delivers unchanged, and grown by
 * what the tables declare; what was changed, cut or doubled on its way is not delivered where a table promises that.
 */
#ifndef LAWS_HOLD_H
#define LAWS_HOLD_H

#include "pair.h"

/* How much of a law is tried; the rest of what is given is a sample from the pair's seed. */
struct effort {
	bool all_sizes; /* also for tables with public keys, which take a thousand times as long as others */
	unsigned flips, first_flips, cuts; /* of a datagram: bits anywhere, bits of the first bytes, lengths */
	unsigned stream_flips;
};
extern const struct effort effort_full, effort_pair;

/* Both ends, all sizes; no alert is raised. */
void hold_inverse(struct pair *, const struct stack *, const struct effort *);
void hold_replay(struct pair *, const struct stack *);
void hold_tampering(struct pair *, const struct stack *, const struct effort *);
/* All of it on one link, whether the stack is admissible or not. */
void hold_all(struct world *, enum seccomm_link, const struct stack *, const struct effort *);

#endif
