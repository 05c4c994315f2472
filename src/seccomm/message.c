/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message.c - messages: one block of memory each, with room for all that the stack adds.
 *
 * Layout of the block: struct seccomm_message || attribute values || front room || body || back room.
 */
#include <string.h>

#include "seccomm/session.h"

/* Blocks are aligned for the struct; values need no alignment of their own. */
static void destroy(struct cactus_msg *msg)
{
	struct seccomm_message *message = message_of(msg);
	size_t size = message->memory;
	struct seccomm_session *session = message->session;

	crypto_wipe(message, size);
	session_release(session, message, size);
}

struct seccomm_message *message_new(
    struct seccomm_session *session, const struct seccomm_plan *plan, unsigned chain, size_t size)
{
	const struct cactus_composition *composition = plan->composition;
	size_t front, back, values = cactus_values_size(composition), memory;
	struct seccomm_message *message;
	uint8_t *buffer;

	cactus_room(composition, chain, true, size, &front, &back);
	front += plan->salt;
	memory = sizeof(*message) + values + front + size + back;
	message = session_allocate(session, memory);
	if (message == NULL)
		return NULL;
	buffer = (uint8_t *)(message + 1) + values;
	cactus_msg_init(
	    &message->cactus, composition, buffer, front + size + back, front, size, (uint8_t *)(message + 1));
	message->cactus.destroy = destroy;
	message->session = session;
	message->plan = plan;
	message->chain = chain;
	message->front = front;
	message->capacity = size;
	message->memory = memory;
	return message;
}

struct seccomm_message *seccomm_message_new(struct seccomm_session *session, size_t size)
{
	return size > session->plan->max_message ? NULL : message_new(session, session->plan, 0, size);
}

void seccomm_message_reset(struct seccomm_message *message, size_t size)
{
	message->cactus.body = message->cactus.buffer + message->front;
	message->cactus.length = size < message->capacity ? size : message->capacity;
	message->cactus.present = 0;
	message->status = SECCOMM_OK;
}

uint8_t *seccomm_message_bytes(struct seccomm_message *message, size_t *length)
{
	*length = message->cactus.length;
	return message->cactus.body;
}

void seccomm_message_truncate(struct seccomm_message *message, size_t length)
{
	if (length < message->cactus.length)
		message->cactus.length = length;
}

/* A message that pop made lies in the driver's bytes: what is kept of it is a copy. */
static struct seccomm_message *copy(struct seccomm_message *message)
{
	const struct seccomm_plan *plan = message->plan;
	struct seccomm_message *twin = message_new(message->session, plan, 0, message->cactus.length);

	if (twin == NULL)
		return NULL;
	if (message->cactus.length > 0)
		memcpy(twin->cactus.body, message->cactus.body, message->cactus.length);
	memcpy(twin->cactus.values, message->cactus.values, cactus_values_size(plan->composition));
	twin->cactus.present = message->cactus.present;
	twin->number = message->number;
	return twin;
}

struct seccomm_message *seccomm_message_keep(struct seccomm_message *message)
{
	if (message->memory == 0)
		return copy(message);
	cactus_msg_keep(&message->cactus);
	return message;
}

void seccomm_message_release(struct seccomm_message *message)
{
	if (message != NULL && message->memory != 0)
		cactus_msg_release(&message->cactus);
}

const struct seccomm_principal *seccomm_message_sender(const struct seccomm_message *message)
{
	return cactus_get(&message->cactus, message->plan->sender, NULL) != NULL ? &message->session->principal
											  : NULL;
}
