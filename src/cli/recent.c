/* SPDX-License-Identifier: Apache-2.0 */
/* recent.c - a ring of alerts (see recent.h). */
#include "cli/recent.h"

#include <stdlib.h>
#include <string.h>

static void copy(char *out, size_t room, const char *text)
{
	size_t length = text ? strnlen(text, room - 1) : 0;

	if (length)
		memcpy(out, text, length);
	out[length] = '\0';
}

const struct recent_alert *recent_add(struct recent *recent, const struct transport_event *event)
{
	const struct cactus_platform *platform = seccomm_platform_default();
	const struct seccomm_alert *alert = event->alert;
	struct recent_alert *note;

	if (!recent->list)
		recent->list = calloc(RECENT_ALERTS, sizeof(*recent->list));
	if (!recent->list)
		return NULL;
	note = &recent->list[recent->count++ % RECENT_ALERTS];
	note->number = recent->count;
	note->wall_us = platform->wall_us(platform->context);
	note->id = alert->id;
	note->fatal = alert->fatal;
	note->connection = event->connection;
	copy(note->session, sizeof(note->session), event->service);
	copy(note->peer, sizeof(note->peer), event->peer ? event->peer->name : NULL);
	copy(note->address, sizeof(note->address), event->address);
	copy(note->layer, sizeof(note->layer), alert->layer);
	copy(note->detail, sizeof(note->detail), alert->detail);
	return note;
}

const struct recent_alert *recent_get(const struct recent *recent, uint64_t number)
{
	const struct recent_alert *note;

	if (number == 0 || number > recent->count)
		return NULL;
	note = &recent->list[(number - 1) % RECENT_ALERTS];
	return note->number == number ? note : NULL;
}

void recent_free(struct recent *recent)
{
	free(recent->list);
	*recent = (struct recent){ .list = NULL };
}
