/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stacks.h - micro-protocols of the data lane, one for each behaviour that there is; and all stacks of them, by number.
 *
 * The first SIXTEEN are those of which every stack of up to four layers is tried by `dev/deep composition`; the others
 * differ from one of them in a detail, and are in the pairs and triples of ./test.
 */
#ifndef COMPOSITION_STACKS_H
#define COMPOSITION_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "seccomm.h"

enum { SIXTEEN = 16, LAYERS_MAX = 4, STACK_TEXT = 2048, STACK_NAME = 256 };

struct row {
	const char *layer, *word;
	const char *more; /* parameters, as ", mode: rfc1828", or "" */
	bool signs; /* so that both ends need key pairs */
};
extern const struct row rows[];
extern const size_t row_count;

/* Distinct rows by number, the sender's inside first. */
struct stack {
	size_t row[LAYERS_MAX], count;
};
/* How many stacks of 1 to LENGTH of the first ROWS rows there are; and the Nth of them, the short ones first. */
uint64_t stacks_count(size_t rows, size_t length);
void stack_nth(size_t rows, uint64_t n, struct stack *);
/* LENGTH distinct rows, drawn from *SEED. */
void stack_draw(uint64_t *seed, size_t length, struct stack *);

/* Whether something in it signs. */
bool stack_signs(const struct stack *);

/* "mac:hmac-sha-256 | encrypt:caesar" in STACK_NAME bytes, for messages. */
const char *stack_name(const struct stack *, char out[STACK_NAME]);

/* How a list says which layer is inside which. */
enum spelling { BY_PLACE, BY_ORDER, REVERSED /* with orders, and the other way round */ };
/*
 * The YAML of a session with STACK in the lab, in STACK_TEXT bytes.  Where something signs, the key is agreed by X25519 and signed with
 * Ed25519; else it comes from a pre-shared secret, which takes less time.  Names in the keyring are "self", "friend", "shared" and, of a pad,
 * "pad".
 */
void stack_text(const struct stack *, enum seccomm_role, enum seccomm_link, enum spelling, char out[STACK_TEXT]);

#endif
