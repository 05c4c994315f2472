/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attackers that only look: is anything of the text, or of what two texts have in common, on the wire?
 *
 * The texts are of one length and chosen by the enemy: one of all 256 values, the same again, and another one.  Each reader needs
 * a piece of eight bytes, so chance does not win.
 */
#include "attackers.h"

#include <string.h>

enum { PIECE = 8, VALUES = PLAIN_LONG };

/* Three messages, of which the first two are equal. */
struct trio {
	const struct sent *first, *same, *other;
	size_t head, length;
};

static void shuffle(uint64_t *seed, uint8_t text[VALUES])
{
	for (size_t i = 0; i < VALUES; i++)
		text[i] = (uint8_t)i;
	for (size_t i = VALUES - 1; i > 0; i--) {
		const size_t j = rig_random(seed) % (i + 1);
		const uint8_t value = text[i];

		text[i] = text[j];
		text[j] = value;
	}
}

static void send_trio(struct scene *s, struct trio *t)
{
	uint8_t text[2][VALUES];

	shuffle(&s->seed, text[0]);
	shuffle(&s->seed, text[1]);
	t->first = &s->sent[s->from][scene_send(s, s->from, text[0], VALUES)];
	t->same = &s->sent[s->from][scene_send(s, s->from, text[0], VALUES)];
	t->other = &s->sent[s->from][scene_send(s, s->from, text[1], VALUES)];
	t->head = HEADER + (s->numbered ? NUMBER : 0);
	t->length = t->first->wire_length;
}

static bool found(const uint8_t *piece, const uint8_t *in, size_t length)
{
	for (size_t i = 0; i + PIECE <= length; i++)
		if (in[i] == piece[0] && memcmp(in + i, piece, PIECE) == 0)
			return true;
	return false;
}

/* Whether any piece of A is one of B. */
static bool share(const uint8_t *a, size_t a_length, const uint8_t *b, size_t b_length)
{
	for (size_t i = 0; i + PIECE <= a_length; i++)
		if (found(a + i, b, b_length))
			return true;
	return false;
}

void read_plain(struct scene *s)
{
	struct trio t;

	send_trio(s, &t);
	if (share(t.first->plain, VALUES, t.first->wire + t.head, t.length - t.head))
		scene_win(s, s->from, PLAN_CONFIDENTIALITY, "bytes of the text are on the wire");
}

/* Blocks that look equal where texts are equal are what a legacy mode is legacy for. */
void read_equal(struct scene *s)
{
	struct trio t;
	size_t run = 0;
	bool equal = false;

	send_trio(s, &t);
	for (size_t i = t.head; i < t.length && !equal; i++) {
		run = t.first->wire[i] == t.same->wire[i] && t.first->wire[i] != t.other->wire[i] ? run + 1 : 0;
		equal = run == PIECE;
	}
	if (equal && s->verdict.level[s->from][PLAN_CONFIDENTIALITY] == SECCOMM_LEVEL_LEGACY)
		s->tally->expected[s->attacker]++;
	else if (equal)
		scene_win(s, s->from, PLAN_CONFIDENTIALITY, "equal texts look equal");
}

typedef uint8_t combine(uint8_t a, uint8_t b);
static uint8_t by_xor(uint8_t a, uint8_t b) { return a ^ b; }
static uint8_t by_sum(uint8_t a, uint8_t b) { return (uint8_t)(a - b); }

/* Two messages, combined, are their texts combined: whoever knows one of them reads the other. */
static bool cancels(const struct trio *t, combine *how)
{
	uint8_t wires[FORGERY_MAX], texts[VALUES];

	for (size_t i = 0; i < t->length; i++)
		wires[i] = how(t->first->wire[i], t->other->wire[i]);
	for (size_t i = 0; i < VALUES; i++)
		texts[i] = how(t->first->plain[i], t->other->plain[i]);
	return share(texts, VALUES, wires + t->head, t->length - t->head);
}

void read_xor(struct scene *s)
{
	struct trio t;

	send_trio(s, &t);
	if (cancels(&t, by_xor))
		scene_win(s, s->from, PLAN_CONFIDENTIALITY, "the xor of two messages is that of their texts");
}

void read_sum(struct scene *s)
{
	struct trio t;

	send_trio(s, &t);
	if (cancels(&t, by_sum))
		scene_win(s, s->from, PLAN_CONFIDENTIALITY, "the difference of two messages is that of their texts");
}

/* The text with all values is a code book, if each value has one image; the other message is read with it. */
static bool deciphers(const struct trio *t, size_t at)
{
	uint8_t image[VALUES];

	for (size_t i = 0; i < VALUES; i++)
		image[t->first->plain[i]] = t->first->wire[at + i];
	for (size_t i = 0; i < VALUES; i++)
		if (image[t->other->plain[i]] != t->other->wire[at + i])
			return false;
	return true;
}

void read_code(struct scene *s)
{
	struct trio t;
	bool read = false;

	send_trio(s, &t);
	for (size_t at = t.head; at + VALUES <= t.length && !read; at++)
		read = deciphers(&t, at);
	if (read)
		scene_win(s, s->from, PLAN_CONFIDENTIALITY, "one known text is the code book of all");
}
