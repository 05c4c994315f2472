/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CaesarPrivacy (TR 99-08, 3.3.2) and the "simple substitutions and shifts" beside it: toys, which deter a casual observer
 * and nobody else.
 *
 * On the wire, of the packed body of N bytes, and nothing more:
 *   caesar:        every byte plus SHIFT, modulo 256;
 *   substitution:  every byte replaced by its image under a permutation of the 256 values;
 *   shift:         rotated: the byte at place I goes to place (I + K) modulo N.
 * The permutation and K (8 bytes, big-endian) come from the slot's key, of each direction its own.
 */
#include "seccomm_module.h"

#include <stdio.h>

enum { VALUES = 256, KEY = 32, DRAW = 4, PIECE = 64, PIECES = VALUES * DRAW / PIECE };

struct caesar {
	struct seccomm_self self;
	uint32_t shift;
};
struct substitution {
	struct seccomm_self self;
	bool ready[2]; /* by enum seccomm_way */
	uint8_t image[2][VALUES]; /* at the receiver the inverse of the sender's */
};
struct shift {
	struct seccomm_self self;
	bool ready[2];
	uint64_t by[2];
};

/* The end of every way up: all that can be wrong with a message has one answer. */
static enum cactus_verdict unpacked(void *self, struct cactus_msg *msg)
{
	return cactus_unpack(self, msg) < 0 ? seccomm_refuse(self, msg, SECCOMM_ALERT_BAD_DECRYPTION) : CACTUS_NEXT;
}

/* ---- caesar ---- */

static void add(struct cactus_msg *msg, uint32_t shift)
{
	for (size_t i = 0; i < msg->length; i++)
		msg->body[i] = (uint8_t)(msg->body[i] + shift);
}

static enum cactus_verdict caesar_down(void *self, void *argument)
{
	if (!cactus_pack(self, argument))
		return seccomm_refuse(self, argument, SECCOMM_ALERT_INTERNAL);
	add(argument, ((const struct caesar *)self)->shift);
	return CACTUS_NEXT;
}

static enum cactus_verdict caesar_up(void *self, void *argument)
{
	add(argument, VALUES - ((const struct caesar *)self)->shift);
	return unpacked(self, argument);
}

/* ---- substitution ---- */

/* Fisher and Yates's shuffle of the 256 values, each draw 4 bytes derived from the slot's key. */
static bool shuffle(struct substitution *s, enum seccomm_way way)
{
	uint8_t draws[VALUES * DRAW], order[VALUES];
	char purpose[16];
	bool drawn = true;

	for (unsigned i = 0; drawn && i < PIECES; i++) {
		snprintf(purpose, sizeof(purpose), "draws %02u", i);
		drawn = seccomm_layer_key(s, way, purpose, draws + (size_t)i * PIECE, PIECE) == 0;
	}
	for (unsigned i = 0; i < VALUES; i++)
		order[i] = (uint8_t)i;
	for (unsigned i = VALUES - 1; drawn && i > 0; i--) {
		const unsigned j = cactus_u32(draws + (size_t)i * DRAW) % (i + 1);
		const uint8_t value = order[i];

		order[i] = order[j];
		order[j] = value;
	}
	for (unsigned i = 0; i < VALUES; i++)
		s->image[way][way == SECCOMM_SEND ? i : order[i]] = way == SECCOMM_SEND ? order[i] : (uint8_t)i;
	seccomm_wipe(draws, sizeof(draws));
	seccomm_wipe(order, sizeof(order));
	return s->ready[way] = drawn;
}

static enum cactus_verdict substitution_key(void *self, void *argument)
{
	(void)argument;
	for (enum seccomm_way way = SECCOMM_SEND; way <= SECCOMM_RECEIVE; way++)
		if (seccomm_runs(self, way) && !shuffle(self, way))
			return CACTUS_STOP;
	return CACTUS_NEXT;
}

static void replace(const struct substitution *s, enum seccomm_way way, struct cactus_msg *msg)
{
	for (size_t i = 0; i < msg->length; i++)
		msg->body[i] = s->image[way][msg->body[i]];
}

static enum cactus_verdict substitution_down(void *self, void *argument)
{
	const struct substitution *s = self;

	if (!s->ready[SECCOMM_SEND] || !cactus_pack(self, argument))
		return seccomm_refuse(self, argument, SECCOMM_ALERT_INTERNAL);
	replace(s, SECCOMM_SEND, argument);
	return CACTUS_NEXT;
}

static enum cactus_verdict substitution_up(void *self, void *argument)
{
	const struct substitution *s = self;

	if (!s->ready[SECCOMM_RECEIVE])
		return seccomm_refuse(self, argument, SECCOMM_ALERT_BAD_DECRYPTION);
	replace(s, SECCOMM_RECEIVE, argument);
	return unpacked(self, argument);
}

/* ---- shift ---- */

static enum cactus_verdict shift_key(void *self, void *argument)
{
	struct shift *s = self;
	uint8_t key[KEY];

	(void)argument;
	for (enum seccomm_way way = SECCOMM_SEND; way <= SECCOMM_RECEIVE; way++) {
		if (!seccomm_runs(self, way))
			continue;
		s->ready[way] = seccomm_layer_key(self, way, "key", key, KEY) == 0;
		s->by[way] = cactus_u64(key);
		seccomm_wipe(key, KEY);
		if (!s->ready[way])
			return CACTUS_STOP;
	}
	return CACTUS_NEXT;
}

static void reverse(uint8_t *from, uint8_t *end)
{
	while (from < end) {
		const uint8_t first = *from;

		*from++ = *--end;
		*end = first;
	}
}

/* Rotates by N places to the right, in place: both parts reversed, and then the whole. */
static void rotate(struct cactus_msg *msg, size_t n)
{
	uint8_t *end = msg->body + msg->length;

	reverse(msg->body, end - n);
	reverse(end - n, end);
	reverse(msg->body, end);
}

static enum cactus_verdict shift_down(void *self, void *argument)
{
	const struct shift *s = self;
	struct cactus_msg *msg = argument;

	if (!s->ready[SECCOMM_SEND] || !cactus_pack(self, msg))
		return seccomm_refuse(self, msg, SECCOMM_ALERT_INTERNAL);
	if (msg->length > 0)
		rotate(msg, s->by[SECCOMM_SEND] % msg->length);
	return CACTUS_NEXT;
}

static enum cactus_verdict shift_up(void *self, void *argument)
{
	const struct shift *s = self;
	struct cactus_msg *msg = argument;

	if (!s->ready[SECCOMM_RECEIVE])
		return seccomm_refuse(self, msg, SECCOMM_ALERT_BAD_DECRYPTION);
	if (msg->length > 0)
		rotate(msg, msg->length - s->by[SECCOMM_RECEIVE] % msg->length);
	return unpacked(self, msg);
}

/* ---- The tables ---- */

static const struct cactus_tie needs[] = { { .capability = "key", .index = CACTUS_AT(struct seccomm_self, key) }, { 0 } };

const struct seccomm_mp mp_caesar = {
	.cactus = { .name = "encrypt:caesar", .summary = "adds a constant to every byte; a toy that hides nothing from who looks twice",
		.size = sizeof(struct caesar), .packs = true, .down = caesar_down, .up = caesar_up,
		.params = (const struct cactus_param[]){
			{ .name = "shift", .doc = "What is added to every byte, modulo 256.", .at = CACTUS_AT(struct caesar, shift),
			    .kind = CACTUS_COUNT, .min = 1, .max = 255, .dflt = 3 }, { 0 } } },
	.layer = "encrypt", .word = "caesar", .paper = "CaesarPrivacy", .class_of = SECCOMM_PRIVACY, .standing = SECCOMM_TOY,
	.gives = SECCOMM_GIVES_CONFIDENTIALITY, .revision = 1, .wire = "packed body, each byte plus a constant" };

const struct seccomm_mp mp_substitution = {
	.cactus = { .name = "encrypt:substitution",
		.summary = "replaces every byte by another one, always the same; a toy that falls to counting them",
		.size = sizeof(struct substitution), .packs = true, .needs = needs,
		.events = (const struct cactus_event_row[]){ SECCOMM_KEY_EVENT(substitution_key), { 0 } },
		.down = substitution_down, .up = substitution_up },
	.layer = "encrypt", .word = "substitution", .class_of = SECCOMM_PRIVACY, .standing = SECCOMM_TOY,
	.gives = SECCOMM_GIVES_CONFIDENTIALITY, .revision = 1, .key_bytes = KEY,
	.wire = "packed body, each byte by a permutation of the 256 values" };

const struct seccomm_mp mp_shift = {
	.cactus = { .name = "encrypt:shift", .summary = "rotates a message by a secret number of bytes; a toy that falls to trying them all",
		.size = sizeof(struct shift), .packs = true, .needs = needs,
		.events = (const struct cactus_event_row[]){ SECCOMM_KEY_EVENT(shift_key), { 0 } },
		.down = shift_down, .up = shift_up },
	.layer = "encrypt", .word = "shift", .class_of = SECCOMM_PRIVACY, .standing = SECCOMM_TOY,
	.gives = SECCOMM_GIVES_CONFIDENTIALITY, .revision = 1, .key_bytes = KEY, .wire = "packed body, rotated" };
