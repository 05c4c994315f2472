/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listener_entries.c - the sessions of a listener: by age, by their receive index, and by the opening that began them.
 */
#include <search.h>
#include <string.h>

#include "seccomm/listener.h"

static int by_index(const void *a, const void *b)
{
	const struct listener_entry *x = a, *y = b;

	return (x->index > y->index) - (x->index < y->index);
}

static int by_name(const void *a, const void *b)
{
	const struct listener_entry *x = a, *y = b;

	return memcmp(x->name, y->name, HASH);
}

struct listener_entry *entries_with(const struct seccomm_listener *listener, uint32_t index)
{
	const struct listener_entry wanted = { .index = index };
	void *node = tfind(&wanted, &listener->by_index, by_index);

	return node != NULL ? *(struct listener_entry **)node : NULL;
}

struct listener_entry *entries_named(const struct seccomm_listener *listener, const uint8_t name[HASH])
{
	struct listener_entry wanted = { .index = 0 };
	void *node;

	memcpy(wanted.name, name, HASH);
	node = tfind(&wanted, &listener->by_name, by_name);
	return node != NULL ? *(struct listener_entry **)node : NULL;
}

static size_t cost(const struct listener_entry *entry)
{
	return sizeof(*entry) + session_memory(entry->session);
}

/* In both trees or in none: a node of a tree that holds another entry means that the entry is not in. */
static bool plant(struct listener_entry *entry)
{
	struct seccomm_listener *listener = entry->listener;

	if (tsearch(entry, &listener->by_index, by_index) == NULL)
		return false;
	if (entries_with(listener, entry->index) == entry && tsearch(entry, &listener->by_name, by_name) != NULL &&
	    entries_named(listener, entry->name) == entry)
		return true;
	if (entries_with(listener, entry->index) == entry)
		(void)tdelete(entry, &listener->by_index, by_index);
	return false;
}

bool entries_add(struct seccomm_listener *listener, struct seccomm_session *session, const uint8_t name[HASH])
{
	const struct cactus_platform *platform = listener->platform;
	struct listener_entry *entry = platform->allocate(platform->context, sizeof(*entry));

	if (entry == NULL)
		return false;
	while (entries_with(listener, session->receive_index) != NULL)
		if (session_draw_index(session) < 0)
			break;
	*entry = (struct listener_entry){
		.listener = listener, .session = session, .index = session->receive_index, .half = true
	};
	memcpy(entry->name, name, HASH);
	if (!plant(entry)) {
		crypto_wipe(entry, sizeof(*entry));
		platform->release(platform->context, entry, sizeof(*entry));
		return false;
	}
	session->entry = entry;
	TAILQ_INSERT_TAIL(&listener->half, entry, all);
	listener->statistics.sessions++;
	listener->statistics.half_open++;
	return true;
}

static void leave_half(struct listener_entry *entry)
{
	TAILQ_REMOVE(entry->half ? &entry->listener->half : &entry->listener->open, entry, all);
	entry->listener->statistics.half_open -= entry->half;
	entry->half = false;
}

void listener_opened(struct seccomm_session *session)
{
	struct listener_entry *entry = session->entry;

	if (entry == NULL || !entry->half)
		return;
	leave_half(entry);
	TAILQ_INSERT_TAIL(&entry->listener->open, entry, all);
}

void listener_leave(struct seccomm_session *session)
{
	struct listener_entry *entry = session->entry;
	const struct cactus_platform *platform;

	if (entry == NULL)
		return;
	platform = entry->listener->platform;
	leave_half(entry);
	(void)tdelete(entry, &entry->listener->by_index, by_index);
	(void)tdelete(entry, &entry->listener->by_name, by_name);
	entry->listener->statistics.sessions--;
	session->entry = NULL;
	crypto_wipe(entry, sizeof(*entry));
	platform->release(platform->context, entry, sizeof(*entry));
}

size_t entries_half_bytes(const struct seccomm_listener *listener)
{
	const struct listener_entry *entry;
	size_t bytes = 0;

	TAILQ_FOREACH (entry, &listener->half, all)
		bytes += cost(entry);
	return bytes;
}

void entries_make_room(struct seccomm_listener *listener)
{
	const struct seccomm_listener_callbacks *callbacks = listener->callbacks;
	struct listener_entry *oldest;

	while ((oldest = TAILQ_FIRST(&listener->half)) != NULL &&
	       (listener->statistics.half_open >= listener->limits.half_open ||
		   entries_half_bytes(listener) + cost(oldest) > listener->limits.half_open_bytes)) {
		struct seccomm_session *session = oldest->session;

		listener->statistics.evicted++;
		listener_leave(session);
		callbacks->evict(callbacks->context, session);
	}
}
