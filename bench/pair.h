/* SPDX-License-Identifier: Apache-2.0 */
/* pair.h - two sessions in memory, for benchmarks: what one transmits is carried to the other by hand. */
#ifndef BENCH_PAIR_H
#define BENCH_PAIR_H

#include "seccomm.h"

enum { CLIENT, SERVER, FRAME_MAX = 16384 + 1024 };

struct pair;
struct end {
	struct pair *pair;
	struct seccomm_plan *plan;
	struct seccomm_keyring *keyring;
	struct seccomm_session *session;
	struct seccomm_callbacks callbacks;
	uint8_t wire[FRAME_MAX]; /* what it transmitted */
	size_t used;
	unsigned long delivered;
};
struct pair {
	struct cactus_platform platform;
	unsigned long allocations; /* of SecComm itself */
	struct end end[2];
};

struct stack {
	const char *text, *key;
	bool alone; /* without identities */
	bool aead;  /* nothing may be allocated at all */
};

struct keys {
	char secret[2][4096], public_key[2][4096], psk[256];
};

/* Ends the program. */
_Noreturn void die(const char *what);
/* Opens both sessions; ends the program if they do not open. */
void pair_make(struct seccomm *library, struct pair *pair, const struct stack *stack, const struct keys *keys);
void pair_drop(struct pair *pair);
/* Hands over all that END transmitted. */
void pair_carry(struct end *end);
/* COUNT messages of SIZE bytes from the client to the server, in one message that is used again and again. */
void pair_run(struct pair *pair, struct seccomm_message *message, size_t size, unsigned long count);

#endif
