/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attackers.h - what an enemy on the wire tries, whatever the stack is.  A new one is a row.
 */
#ifndef COMPOSITION_ATTACKERS_H
#define COMPOSITION_ATTACKERS_H

#include "scene.h"

/*
 * Makes the Nth forgery of message A, with B at hand, another one of the same size: FORGERY_MAX bytes at OUT.  Answers its length;
 * NO_MORE: there are only N.
 */
enum { FORGERY_MAX = 4096 };
#define NO_MORE SIZE_MAX
typedef size_t forge(struct scene *, const struct sent *a, const struct sent *b, size_t n, uint8_t *out);

forge forge_flip, forge_truncate, forge_extend, forge_splice, forge_strip, forge_smuggle, forge_xor, forge_add;

/* Those that need more than forgeries. */
typedef void attack(struct scene *);
attack attack_stranger, attack_replay, attack_reorder, attack_reflect, attack_session, attack_renumber, attack_epoch;
/* Those that only look. */
attack read_plain, read_equal, read_xor, read_sum, read_code;

struct attacker {
	const char *name;
	forge *forge;
	attack *attack;
	bool datagrams; /* only there */
	bool again; /* message A has been delivered before it is forged */
};
/* In the order in which they are tried: those come last that leave a session useless. */
extern const struct attacker attackers[];
extern const size_t attacker_count;

/* All of them, on a scene that is open. */
void attackers_run(struct scene *);

#endif
