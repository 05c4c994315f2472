/* SPDX-License-Identifier: Apache-2.0 */
/* answers.c - a list of clients, each a block of memory with its places behind it. */
#include "answers.h"

#include <string.h>

static size_t client_bytes(const struct answers *a)
{
	return sizeof(struct answers_client) + a->window * sizeof(struct answer);
}

struct answers_client *answers_find(const struct answers *a, uint64_t id)
{
	struct answers_client *client = a->first;

	while (client != NULL && client->id != id)
		client = client->next;
	return client;
}

struct answers_client *answers_admit(struct answers *a, const struct cactus_platform *platform, uint64_t id)
{
	struct answers_client *client = platform->allocate(platform->context, client_bytes(a));

	if (client == NULL)
		return NULL;
	client->id = id;
	client->next = a->first;
	a->first = client;
	a->known++;
	return client;
}

void answers_forget(struct answers *a, const struct cactus_platform *platform, struct answers_client *client)
{
	struct answers_client **link = &a->first;

	while (*link != client)
		link = &(*link)->next;
	*link = client->next;
	a->known--;
	for (uint32_t i = 0; i < a->window; i++)
		cactus_msg_release(client->places[i].reply);
	memset(client, 0, client_bytes(a));
	platform->release(platform->context, client, client_bytes(a));
}

struct answer *answers_place(const struct answers *a, struct answers_client *client, uint64_t call)
{
	return &client->places[call % a->window];
}

void answer_set(struct answer *answer, uint64_t call, struct cactus_msg *reply)
{
	cactus_msg_release(answer->reply);
	cactus_msg_keep(reply);
	*answer = (struct answer){ call, reply };
}
