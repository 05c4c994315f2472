/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stacks and how they are numbered and written down; see stacks.h.
 */
#include "stacks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "rig.h"

const struct row rows[] = {
	{ "encrypt", "aes-256-cbc", "", false },
	{ "encrypt", "des-ecb", "", false },
	{ "encrypt", "aes-256-ctr", "", false },
	{ "encrypt", "aes-256-gcm", "", false },
	{ "encrypt", "caesar", "", false },
	{ "encrypt", "one-time-pad", ", pad: pad", false },
	{ "mac", "one-time-poly1305", ", pad: pad", false },
	{ "mac", "hmac-sha-256", "", false },
	{ "mac", "keyed-md5", ", mode: rfc1828", false },
	{ "digest", "sha-256", "", false },
	{ "sign", "ed25519", "", true },
	{ "protect-digest", "ed25519", "", true },
	{ "protect-digest", "des-cbc", "", false },
	{ "consistency", "fixed", "", false },
	{ "anti-replay", "window", "", false },
	{ "anti-replay", "timestamp", "", false },
	/* Not of the sixteen. */
	{ "anti-replay", "sequence", "", false },
	{ "digest", "md5", "", false },
	{ "digest", "hmac-sha-256", "", false },
	{ "mac", "aes-cmac", "", false },
	{ "mac", "poly1305", "", false },
	{ "encrypt", "des-ofb", "", false },
	{ "encrypt", "substitution", "", false },
	{ "encrypt", "shift", "", false },
};
const size_t row_count = sizeof(rows) / sizeof(rows[0]);

/* ---- Numbers ---------------------------------------------------------------------------------------------------- */

/* Of exactly LENGTH layers. */
static uint64_t arrangements(size_t of, size_t length)
{
	uint64_t n = 1;

	for (size_t i = 0; i < length; i++)
		n *= of - i;
	return n;
}

uint64_t stacks_count(size_t of, size_t length)
{
	uint64_t n = 0;

	for (size_t i = 1; i <= length; i++)
		n += arrangements(of, i);
	return n;
}

/* The Nth row, from 0, that STACK does not have yet. */
static size_t unused(const struct stack *stack, uint64_t n)
{
	for (size_t row = 0;; row++) {
		bool used = false;

		for (size_t i = 0; i < stack->count; i++)
			used = used || stack->row[i] == row;
		if (!used && n-- == 0)
			return row;
	}
}

static void append(struct stack *stack, uint64_t n)
{
	size_t row = unused(stack, n);

	stack->row[stack->count++] = row;
}

void stack_nth(size_t of, uint64_t n, struct stack *stack)
{
	size_t length = 1;

	for (; length < LAYERS_MAX && n >= arrangements(of, length); length++)
		n -= arrangements(of, length);
	stack->count = 0;
	for (size_t i = 0; i < length; i++) {
		uint64_t behind = arrangements(of - i - 1, length - i - 1);

		append(stack, n / behind);
		n %= behind;
	}
}

void stack_draw(uint64_t *seed, size_t length, struct stack *stack)
{
	stack->count = 0;
	while (stack->count < length)
		append(stack, rig_random(seed) % (row_count - stack->count));
}

/* ---- Texts ------------------------------------------------------------------------------------------------------ */

const char *stack_name(const struct stack *stack, char out[STACK_NAME])
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < stack->count && at < STACK_NAME; i++)
		at += (size_t)snprintf(out + at, STACK_NAME - at, "%s%s:%s", i > 0 ? " | " : "", rows[stack->row[i]].layer,
		    rows[stack->row[i]].word);
	return out;
}

static size_t layer_text(const struct stack *stack, size_t i, enum spelling spelling, char *out, size_t room)
{
	const struct row *row = &rows[stack->row[i]];
	char order[24] = "";

	if (spelling != BY_PLACE)
		(void)snprintf(order, sizeof(order), ", order: %zu", 10 * (i + 1));
	return (size_t)snprintf(out, room, "      - %s: {%s: %s%s%s}\n", row->layer,
	    strcmp(row->layer, "anti-replay") == 0 ? "method" : "algorithm", row->word, row->more, order);
}

static const char psk[] = "    keys:\n      data: {establish: psk, secret: shared}\n",
		  pairs[] = "    identity: self\n    peers: [friend]\n    keys:\n      data: {establish: dh, protect: [sign: ed25519]}\n";

bool stack_signs(const struct stack *stack)
{
	for (size_t i = 0; i < stack->count; i++)
		if (rows[stack->row[i]].signs)
			return true;
	return false;
}

void stack_text(const struct stack *stack, enum seccomm_role role, enum seccomm_link link, enum spelling spelling, char out[STACK_TEXT])
{
	const char *url = link == SECCOMM_STREAM ? "memory:" : "memory-datagram:";
	size_t at = (size_t)snprintf(out, STACK_TEXT,
	    "seccomm: 1\nsessions:\n  s:\n    role: %s\n    listen: '%s'\n    connect: '%s'\n%s    profile: lab\n    stack:\n",
	    role == SECCOMM_CLIENT ? "client" : "server", url, url, stack_signs(stack) ? pairs : psk);

	for (size_t i = 0; i < stack->count; i++)
		at += layer_text(stack, spelling == REVERSED ? stack->count - 1 - i : i, spelling, out + at, STACK_TEXT - at);
	assert_true(at < STACK_TEXT);
}
