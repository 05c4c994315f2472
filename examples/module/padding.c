/* SPDX-License-Identifier: Apache-2.0 */
/*
 * padding.c - a micro-protocol from outside: fills messages up, so that who sees the ciphertext learns their size only to the
 * next multiple of 64, 256 or 1,024 bytes.
 *
 * On the wire: packed body || 0x80 || zeros, to a multiple of the block (ISO/IEC 7816-4's padding; a full multiple gets another
 * block).
 *
 * It hides nothing itself: a layer outside it must encrypt.  How many messages there are and when is seen all the same, and so is
 * in which block a size falls.
 */
#include <seccomm_module.h>

#include <string.h>

enum { MARK = 0x80 };

struct padding {
	struct seccomm_self self; /* always first */
};

/* The tables differ in nothing else. */
static size_t block_of(const struct padding *padding)
{
	return padding->self.cactus.mp->growth.block;
}

static enum cactus_verdict down(void *self, void *argument)
{
	struct cactus_msg *msg = argument;
	uint8_t *end;
	size_t more;

	if (!cactus_pack(self, msg))
		return seccomm_refuse(self, msg, SECCOMM_ALERT_INTERNAL);
	more = block_of(self) - msg->length % block_of(self);
	end = cactus_suffix(msg, more);
	if (end == NULL)
		return seccomm_refuse(self, msg, SECCOMM_ALERT_INTERNAL);
	memset(end, 0, more);
	end[0] = MARK;
	return CACTUS_NEXT;
}

/* How much of the body is padding; 0: it does not end as down() ends one. */
static size_t padding_of(const struct cactus_msg *msg, size_t block)
{
	const uint8_t *end = msg->body + msg->length;
	size_t zeros = 0;

	if (msg->length == 0 || msg->length % block != 0)
		return 0;
	while (zeros < block && end[-1 - (ptrdiff_t)zeros] == 0)
		zeros++;
	return zeros < block && end[-1 - (ptrdiff_t)zeros] == MARK ? zeros + 1 : 0;
}

static enum cactus_verdict up(void *self, void *argument)
{
	struct cactus_msg *msg = argument;
	size_t length = padding_of(msg, block_of(self));

	if (length == 0 || cactus_curtail(msg, length) == NULL || cactus_unpack(self, msg) < 0)
		return seccomm_refuse(self, msg, SECCOMM_ALERT_BAD_DECRYPTION);
	return CACTUS_NEXT;
}

#define PADDING(word_, block_)                                                                                         \
	{                                                                                                              \
		.cactus = { .name = "padding:" word_,                                                                  \
			.summary = "fills messages up to a multiple of " #block_                                       \
				   " bytes, which hides their sizes if a layer outside it encrypts",                   \
			.size = sizeof(struct padding), .growth = { .block = (block_) }, .packs = true, .down = down,  \
			.up = up },                                                                                    \
		.layer = "padding", .word = word_, .class_of = SECCOMM_PRIVACY, .standing = SECCOMM_MODERN,            \
		.revision = 1, .wire = "packed body || 0x80 || zeros, to a multiple of " #block_                       \
	}

static const struct seccomm_mp to_64 = PADDING("to-64", 64);
static const struct seccomm_mp to_256 = PADDING("to-256", 256);
static const struct seccomm_mp to_1024 = PADDING("to-1024", 1024);

static const struct seccomm_mp *const tables[] = { &to_64, &to_256, &to_1024, NULL };

const struct seccomm_module seccomm_module = {
	SECCOMM_MODULE_HEAD,
	.name = "padding",
	.version = MODULE_VERSION, /* of meson.build; two ends with different ones do not open */
	.tables = tables,
};
