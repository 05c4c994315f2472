/* SPDX-License-Identifier: Apache-2.0 */
/* msg.c - messages and the values of their attributes. */
#include <string.h>

#include "internal.h"

void cactus_msg_init(struct cactus_msg *msg, const struct cactus_composition *composition, uint8_t *buffer, size_t size,
    size_t offset, size_t length, uint8_t *values)
{
	/* Field by field, for this runs once a message: compilers clear a whole struct with a slow string instruction. */
	msg->body = buffer + offset;
	msg->length = length;
	msg->buffer = buffer;
	msg->size = size;
	msg->values = values;
	msg->present = 0;
	msg->composition = composition;
	msg->destroy = NULL;
	msg->next = NULL;
	msg->references = 1;
	msg->held_after = 0;
	msg->held_on = 0;
	msg->held_order = 0;
}

void cactus_msg_keep(struct cactus_msg *msg)
{
	msg->references++;
}

void cactus_msg_release(struct cactus_msg *msg)
{
	if (msg != NULL && --msg->references == 0 && msg->destroy != NULL)
		msg->destroy(msg);
}

static uint64_t bit(cactus_column column)
{
	return (uint64_t)1 << column;
}

static const struct column *column_of(const struct cactus_msg *msg, cactus_column column)
{
	return column < msg->composition->column_count ? &msg->composition->columns[column] : NULL;
}

bool cactus_set(struct cactus_msg *msg, cactus_column column, const void *value, size_t length)
{
	const struct column *c = column_of(msg, column);
	const uint32_t stored = (uint32_t)length;

	if (c == NULL)
		return false;
	if (c->row->variable ? length > c->row->bytes : length != c->row->bytes)
		return false;
	if (length > 0)
		memmove(msg->values + c->offset, value, length);
	if (c->row->variable)
		memcpy(msg->values + c->length_at, &stored, sizeof(stored));
	msg->present |= bit(column);
	return true;
}

const uint8_t *cactus_get(const struct cactus_msg *msg, cactus_column column, size_t *length)
{
	const struct column *c = column_of(msg, column);
	uint32_t stored;

	if (c == NULL || !(msg->present & bit(column)))
		return NULL;
	if (length != NULL && !c->row->variable)
		*length = c->row->bytes;
	if (length != NULL && c->row->variable) {
		memcpy(&stored, msg->values + c->length_at, sizeof(stored));
		*length = stored;
	}
	return msg->values + c->offset;
}

bool cactus_set_u64(struct cactus_msg *msg, cactus_column column, uint64_t value)
{
	uint8_t bytes[8];

	cactus_put_u64(bytes, value);
	return cactus_set(msg, column, bytes, sizeof(bytes));
}

bool cactus_get_u64(const struct cactus_msg *msg, cactus_column column, uint64_t *value)
{
	size_t length;
	const uint8_t *bytes = cactus_get(msg, column, &length);

	if (bytes == NULL || length != 8)
		return false;
	*value = cactus_u64(bytes);
	return true;
}

void cactus_clear(struct cactus_msg *msg, cactus_column column)
{
	if (column_of(msg, column) != NULL)
		msg->present &= ~bit(column);
}
