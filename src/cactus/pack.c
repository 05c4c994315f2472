/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pack.c - attributes into the body and out of it.
 *
 * The service's own layout, or this one: the fixed values, then (length (4) || value) of each variable one, then the
 * body. What is packed is no longer set: a later layer at the sender sees what its mirror at the receiver will see.
 */
#include <string.h>

#include "internal.h"

static uint64_t bits(const struct cactus_layout *layout)
{
	uint64_t set = 0;

	for (size_t i = 0; i < layout->count; i++)
		set |= (uint64_t)1 << layout->columns[i];
	return set;
}

static bool pack_native(struct cactus_msg *msg, const struct cactus_layout *layout)
{
	size_t bytes = layout->fixed, length;
	uint8_t *out;

	for (size_t i = layout->fixed_count; i < layout->count; i++) {
		(void)cactus_get(msg, layout->columns[i], &length);
		bytes += 4 + length;
	}
	out = cactus_prefix(msg, bytes);
	if (out == NULL)
		return false;
	for (size_t i = 0; i < layout->count; i++) {
		const uint8_t *value = cactus_get(msg, layout->columns[i], &length);

		if (i >= layout->fixed_count) {
			cactus_put_u32(out, (uint32_t)length);
			out += 4;
		}
		memcpy(out, value, length);
		out += length;
	}
	return true;
}

static bool pack(const struct cactus_layout *layout, struct cactus_msg *msg)
{
	const struct cactus_service *service = msg->composition->service;
	bool done;

	if (layout == NULL || layout->count == 0)
		return true;
	if ((msg->present & bits(layout)) != bits(layout))
		return false;
	done = service->pack == NULL ? pack_native(msg, layout) : service->pack(msg, layout->columns, layout->count);
	if (done)
		msg->present &= ~bits(layout);
	return done;
}

static size_t bytes_of(const struct cactus_msg *msg, cactus_column column)
{
	return msg->composition->columns[column].row->bytes;
}

/* The bytes that LAYOUT takes of the body; 0 when they are not there or say what cannot be. */
static size_t packed(const struct cactus_msg *msg, const struct cactus_layout *layout)
{
	size_t at = layout->fixed;

	if (msg->length < at)
		return 0;
	for (size_t i = layout->fixed_count; i < layout->count; i++) {
		size_t length;

		if (msg->length - at < 4)
			return 0;
		length = cactus_u32(msg->body + at);
		at += 4;
		if (length > bytes_of(msg, layout->columns[i]) || length > msg->length - at)
			return 0;
		at += length;
	}
	return at;
}

static int unpack_native(struct cactus_msg *msg, const struct cactus_layout *layout)
{
	const size_t bytes = packed(msg, layout);
	const uint8_t *in;

	if (bytes == 0 && layout->most > 0)
		return CACTUS_MALFORMED;
	in = cactus_behead(msg, bytes);
	for (size_t i = 0; i < layout->count; i++) {
		size_t length = bytes_of(msg, layout->columns[i]);

		if (i >= layout->fixed_count) {
			length = cactus_u32(in);
			in += 4;
		}
		(void)cactus_set(msg, layout->columns[i], in, length);
		in += length;
	}
	return CACTUS_OK;
}

static int unpack(const struct cactus_layout *layout, struct cactus_msg *msg)
{
	const struct cactus_service *service = msg->composition->service;
	uint8_t *const body = msg->body;
	const size_t length = msg->length;
	const uint64_t present = msg->present;

	if (layout == NULL || layout->count == 0)
		return CACTUS_OK;
	if (service->unpack == NULL)
		return unpack_native(msg, layout);
	if (service->unpack(msg, layout->columns, layout->count) >= 0)
		return CACTUS_OK;
	msg->body = body;
	msg->length = length;
	msg->present = present;
	return CACTUS_MALFORMED;
}

bool cactus_pack(const void *self, struct cactus_msg *msg)
{
	return pack(((const struct cactus_instance *)self)->down, msg);
}

int cactus_unpack(const void *self, struct cactus_msg *msg)
{
	return unpack(((const struct cactus_instance *)self)->up, msg);
}

bool cactus_pack_rest(struct cactus *c, unsigned chain, struct cactus_msg *msg)
{
	return pack(&c->composition->lanes[chain].ways[DOWN].rest, msg);
}

int cactus_unpack_rest(struct cactus *c, unsigned chain, struct cactus_msg *msg)
{
	return unpack(&c->composition->lanes[chain].ways[UP].rest, msg);
}
