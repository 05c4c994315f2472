/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steganography (TR 99-08, 3.3.2, which cites Johnson and Jajodia): a message in the lowest bits of an image or a sound.  A toy:
 * whoever has the cover, or counts its lowest bits, sees that a message is there, and reads it.
 *
 * On the wire: the cover, a file of SIZE bytes, whose samples carry length (4) || packed body, the high bit of each byte first: a
 * sample of 8 bits one, in its lowest bit, and a sample of 16 bits two, in its lowest two, the lower one first.  So 8 bytes of the
 * file carry one of the message.  All else must be as in the cover, or the message is refused.
 */
#include "seccomm_module.h"

#include <string.h>

enum { BITS = 8, LENGTH = 4 };

struct steganography {
	struct seccomm_self self;
	const char *name;
	uint64_t size;
	const struct seccomm_medium *cover;
};

/* What 8 bytes for each byte hold, when as few of the SIZE as there can be are samples. */
static struct cactus_filling filling(const void *image)
{
	const uint64_t size = ((const struct steganography *)image)->size;

	return (struct cactus_filling){ (uint32_t)size, (uint32_t)((size - SECCOMM_COVER_HEAD) / BITS - LENGTH) };
}

/* The session has seen to it that there is one of that size. */
static int begin(void *self)
{
	struct steganography *s = self;

	s->cover = seccomm_medium_named(self, s->name);
	return s->cover && s->cover->length == s->size ? CACTUS_OK : CACTUS_REFUSED;
}

/* The place and the bit, in 8 bytes of samples, of bit I of a byte. */
static unsigned place(const struct seccomm_medium *m, unsigned i) { return m->wide ? i & ~1U : i; }
static unsigned bit(const struct seccomm_medium *m, unsigned i) { return m->wide ? i & 1 : 0; }

/* Byte N of what FILE carries becomes VALUE, or is read. */
static void put(const struct seccomm_medium *m, uint8_t *file, size_t n, uint8_t value)
{
	const size_t at = m->first + n * BITS;

	memcpy(file + at, m->bytes + at, BITS);
	for (unsigned i = 0; i < BITS; i++) {
		uint8_t *sample = file + at + place(m, i);

		*sample = (uint8_t)((*sample & ~(1U << bit(m, i))) | (unsigned)(value >> (BITS - 1 - i) & 1) << bit(m, i));
	}
}

static bool get(const struct seccomm_medium *m, const uint8_t *file, size_t n, uint8_t *value)
{
	const size_t at = m->first + n * BITS;
	uint8_t again[BITS];

	*value = 0;
	for (unsigned i = 0; i < BITS; i++)
		*value = (uint8_t)(*value << 1 | (file[at + place(m, i)] >> bit(m, i) & 1));
	memcpy(again, m->bytes + at, BITS);
	for (unsigned i = 0; i < BITS; i++)
		again[place(m, i)] = (uint8_t)((again[place(m, i)] & ~(1U << bit(m, i))) | (file[at + place(m, i)] & 1U << bit(m, i)));
	return memcmp(again, file + at, BITS) == 0;
}

/* From the last byte on: what carries one lies behind it. */
static enum cactus_verdict down(void *self, void *argument)
{
	const struct steganography *s = self;
	const struct seccomm_medium *m = s->cover;
	struct cactus_msg *msg = argument;
	uint8_t length[LENGTH];
	size_t n, end;

	if (!cactus_pack(self, msg))
		return seccomm_refuse(self, msg, SECCOMM_ALERT_INTERNAL);
	n = msg->length;
	end = m->first + (LENGTH + n) * BITS;
	if (n > filling(s).most || !cactus_suffix(msg, m->length - n))
		return seccomm_refuse(self, msg, SECCOMM_ALERT_INTERNAL);
	cactus_put_u32(length, (uint32_t)n);
	for (size_t i = n; i-- > 0;)
		put(m, msg->body, LENGTH + i, msg->body[i]);
	for (size_t i = 0; i < LENGTH; i++)
		put(m, msg->body, i, length[i]);
	memcpy(msg->body, m->bytes, m->first);
	memcpy(msg->body + end, m->bytes + end, m->length - end);
	return CACTUS_NEXT;
}

static enum cactus_verdict up(void *self, void *argument)
{
	const struct steganography *s = self;
	const struct seccomm_medium *m = s->cover;
	struct cactus_msg *msg = argument;
	bool good = msg->length == m->length && memcmp(msg->body, m->bytes, m->first) == 0;
	uint8_t length[LENGTH];
	size_t n = 0, end;

	for (size_t i = 0; good && i < LENGTH; i++)
		good = get(m, msg->body, i, &length[i]);
	if (good && (n = cactus_u32(length)) > filling(s).most)
		good = false;
	end = m->first + (LENGTH + n) * BITS;
	good = good && memcmp(msg->body + end, m->bytes + end, m->length - end) == 0;
	for (size_t i = 0; good && i < n; i++)
		good = get(m, msg->body, LENGTH + i, &msg->body[i]);
	if (!good || !cactus_curtail(msg, msg->length - n) || cactus_unpack(self, msg) < 0)
		return seccomm_refuse(self, msg, SECCOMM_ALERT_BAD_DECRYPTION);
	return CACTUS_NEXT;
}

const struct seccomm_mp mp_steganography = {
	.cactus = {
		.name = "encrypt:steganography",
		.summary = "hides a message in the lowest bits of an image or a sound; a toy that falls to who knows the cover",
		.size = sizeof(struct steganography),
		.filling = filling,
		.packs = true,
		.params = (const struct cactus_param[]){
			{ .name = "cover", .doc = "Which file of the home's folder covers: a binary PGM or PPM, or a WAV.",
			    .at = CACTUS_AT(struct steganography, name), .kind = CACTUS_TEXT, .required = true },
			{ .name = "size", .doc = "How large that file is; a message can have an eighth of it, less 36 bytes.",
			    .at = CACTUS_AT(struct steganography, size), .kind = CACTUS_SIZE, .min = 1024, .max = 1024 * 1024, .dflt = 65551 },
			{ 0 } },
		.down = down,
		.up = up,
		.begin = begin,
	},
	.layer = "encrypt", .word = "steganography", .class_of = SECCOMM_PRIVACY, .standing = SECCOMM_TOY,
	.gives = SECCOMM_GIVES_CONFIDENTIALITY, .revision = 1, .wire = "the cover's file, packed body in its lowest bits",
};
