/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A listener, its sessions and its clients; see crowd.h.
 */
#include "crowd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- What the server sends ----------------------------------------------------------------------------------------- */

static void post(struct crowd *crowd, uint32_t address, const uint8_t *bytes, size_t length)
{
	struct letter *letter = malloc(sizeof(*letter) + length);

	assert_non_null(letter);
	letter->next = NULL;
	letter->address = address;
	letter->length = length;
	memcpy(letter->bytes, bytes, length);
	*crowd->last = letter;
	crowd->last = &letter->next;
}

/* To somebody who may not be where it says it is. */
static void to_a_stranger(struct crowd *crowd, size_t length)
{
	if (length > crowd->request)
		fail_msg("%zu bytes for %zu", length, crowd->request);
	crowd->request -= length;
}

static void answer(void *context, const void *address, size_t address_length, const uint8_t *bytes, size_t length)
{
	struct crowd *crowd = context;
	uint32_t to;

	assert_int_equal(address_length, sizeof(to));
	memcpy(&to, address, sizeof(to));
	to_a_stranger(crowd, length);
	post(crowd, to, bytes, length);
}

static void transmitted(struct end *end)
{
	struct guest *guest = (struct guest *)end;
	struct unit *unit = units_take(&end->sent);

	/* Until its client's M3 has come nothing of the session is proven. */
	if (end->session->epoch->ready == 0)
		to_a_stranger(guest->crowd, unit->length);
	post(guest->crowd, guest->address, unit->bytes, unit->length);
	free(unit);
}

/* ---- Callbacks of the listener ------------------------------------------------------------------------------------- */

static struct guest *guest_of(struct seccomm_session *session) { return seccomm_context(session); }

static struct seccomm_session *accept(void *context, const void *address, size_t address_length)
{
	struct crowd *crowd = context;
	struct guest *guest = &crowd->server[crowd->servers];
	struct seccomm_error error = { 0 };

	if (crowd->full)
		return NULL;
	assert_int_equal(address_length, sizeof(guest->address));
	assert_true(crowd->servers < CROWD_MAX);
	rig_end(&crowd->rig, SERVER, &guest->end);
	guest->crowd = crowd;
	guest->end.on_transmit = transmitted;
	memcpy(&guest->address, address, address_length);
	if (seccomm_open(guest->end.plan, guest->end.keyring, &crowd->rig.platform, &guest->end.callbacks, &guest->end.session,
		&error) < 0)
		return NULL;
	crowd->servers++;
	return guest->end.session;
}

static void evict(void *context, struct seccomm_session *session)
{
	(void)context;
	guest_of(session)->evicted = true;
	rig_end_drop(&guest_of(session)->end);
}

static void moved(void *context, struct seccomm_session *session, const void *address, size_t address_length)
{
	struct guest *guest = guest_of(session);
	uint32_t to;

	(void)context;
	assert_int_equal(address_length, sizeof(to));
	memcpy(&to, address, sizeof(to));
	guest->moves += to != guest->address;
	guest->address = to;
}

static void alert(void *context, const struct seccomm_alert *alert, const void *address, size_t address_length)
{
	struct crowd *crowd = context;

	(void)address;
	(void)address_length;
	assert_false(alert->fatal);
	crowd->alerts++;
	crowd->alert = alert->id;
}

/* ---- Making -------------------------------------------------------------------------------------------------------- */

struct crowd *crowd_new(struct seccomm *library, const struct setup *setup, const struct seccomm_listener_limits *limits)
{
	static const struct seccomm_listener_limits no_cookies = { .cookies_above = SIZE_MAX };
	struct crowd *crowd = calloc(1, sizeof(*crowd));
	struct setup datagrams = setup != NULL ? *setup : (struct setup){ .link = SECCOMM_DATAGRAM };
	struct seccomm_error error = { 0 };

	assert_non_null(crowd);
	datagrams.link = SECCOMM_DATAGRAM;
	if (datagrams.stack == NULL)
		datagrams.stack = "anti-replay:window | encrypt:aes-256-gcm";
	rig_make(&crowd->rig, library, &datagrams);
	crowd->last = &crowd->first;
	crowd->callbacks = (struct seccomm_listener_callbacks){
		.context = crowd, .answer = answer, .accept = accept, .evict = evict, .moved = moved, .alert = alert
	};
	if (seccomm_listener_new(crowd->rig.end[SERVER].plan, crowd->rig.end[SERVER].keyring, &crowd->rig.platform,
		&crowd->callbacks, limits != NULL ? limits : &no_cookies, &crowd->listener, &error) < 0)
		fail_msg("%s", error.text);
	return crowd;
}

void crowd_drop(struct crowd *crowd)
{
	for (unsigned n = 0; n < crowd->clients; n++)
		rig_end_drop(&crowd->client[n].end);
	for (unsigned n = 0; n < crowd->servers; n++)
		rig_end_drop(&crowd->server[n].end);
	crowd_lose(crowd);
	seccomm_listener_free(crowd->listener);
	rig_drop(&crowd->rig);
	free(crowd);
}

struct guest *crowd_enter(struct crowd *crowd)
{
	struct guest *guest = &crowd->client[crowd->clients++];
	struct seccomm_error error = { 0 };

	assert_true(crowd->clients <= CROWD_MAX);
	rig_end(&crowd->rig, CLIENT, &guest->end);
	guest->crowd = crowd;
	guest->address = crowd->clients;
	if (seccomm_open(guest->end.plan, guest->end.keyring, &crowd->rig.platform, &guest->end.callbacks, &guest->end.session,
		&error) < 0)
		fail_msg("%s", error.text);
	return guest;
}

/* ---- Carrying ------------------------------------------------------------------------------------------------------ */

void crowd_arrive(struct crowd *crowd, uint32_t address, const void *bytes, size_t length)
{
	uint8_t *copy = malloc(length > 0 ? length : 1); /* of just this size, so that a step beyond is seen */

	assert_non_null(copy);
	if (length > 0)
		memcpy(copy, bytes, length);
	crowd->request = length;
	seccomm_listener_pop(crowd->listener, &address, sizeof(address), copy, length);
	crowd->request = 0;
	free(copy);
}

struct unit *crowd_take(struct guest *client)
{
	struct unit *unit = units_take(&client->end.sent);

	assert_non_null(unit);
	return unit;
}

void crowd_pass(struct guest *client)
{
	struct unit *unit = crowd_take(client);

	crowd_arrive(client->crowd, client->address, unit->bytes, unit->length);
	free(unit);
}

struct letter *crowd_letter(struct crowd *crowd)
{
	struct letter *letter = crowd->first;

	if (letter != NULL && (crowd->first = letter->next) == NULL)
		crowd->last = &crowd->first;
	return letter;
}

void crowd_return(struct crowd *crowd)
{
	for (struct letter *letter; (letter = crowd_letter(crowd)) != NULL; free(letter))
		for (unsigned n = 0; n < crowd->clients; n++) {
			struct guest *client = &crowd->client[n];

			if (client->address == letter->address && client->end.session != NULL)
				assert_true(seccomm_pop(client->end.session, letter->bytes, letter->length) != 0);
		}
}

void crowd_pump(struct crowd *crowd)
{
	for (bool more = true; more;) {
		more = crowd->first != NULL;
		crowd_return(crowd);
		for (unsigned n = 0; n < crowd->clients; n++)
			for (; crowd->client[n].end.sent.first != NULL; more = true)
				crowd_pass(&crowd->client[n]);
	}
}

void crowd_lose(struct crowd *crowd)
{
	for (struct letter *letter; (letter = crowd_letter(crowd)) != NULL;)
		free(letter);
}

static void run_due(struct guest *guest)
{
	if (guest->end.session != NULL && seccomm_deadline(guest->end.session) <= guest->crowd->rig.monotonic_us)
		seccomm_run_due(guest->end.session);
}

void crowd_wait(struct crowd *crowd, uint64_t us)
{
	crowd->rig.monotonic_us += us;
	for (unsigned n = 0; n < crowd->clients; n++)
		run_due(&crowd->client[n]);
	for (unsigned n = 0; n < crowd->servers; n++) {
		struct end *end = &crowd->server[n].end;

		run_due(&crowd->server[n]);
		if (end->session != NULL && end->closed > 0) {
			seccomm_session_free(end->session);
			end->session = NULL;
		}
	}
}

/* ---- What tests say often ------------------------------------------------------------------------------------------ */

struct guest *crowd_peer(struct guest *client)
{
	struct crowd *crowd = client->crowd;

	for (unsigned n = 0; n < crowd->servers; n++)
		if (crowd->server[n].end.session != NULL &&
		    crowd->server[n].end.session->receive_index == client->end.session->send_index &&
		    crowd->server[n].end.session->send_index == client->end.session->receive_index)
			return &crowd->server[n];
	fail_msg("client %u has no peer", client->address);
	return NULL;
}

static void says(struct guest *from, struct guest *to, const char *text)
{
	struct unit *unit;

	assert_int_equal(seccomm_push_copy(from->end.session, text, strlen(text)), SECCOMM_OK);
	crowd_pump(from->crowd);
	unit = units_take(&to->end.got);
	assert_non_null(unit);
	assert_int_equal(unit->length, strlen(text));
	assert_memory_equal(unit->bytes, text, unit->length);
	free(unit);
}

void crowd_talk(struct guest *client)
{
	struct guest *server = crowd_peer(client);
	char text[64];

	snprintf(text, sizeof(text), "question of %u", client->address);
	says(client, server, text);
	snprintf(text, sizeof(text), "answer to %u", client->address);
	says(server, client, text);
}

struct seccomm_listener_statistics crowd_statistics(const struct crowd *crowd)
{
	struct seccomm_listener_statistics statistics;

	seccomm_listener_statistics(crowd->listener, &statistics);
	return statistics;
}

void crowd_has(const struct crowd *crowd, size_t sessions, size_t half_open)
{
	struct seccomm_listener_statistics now = crowd_statistics(crowd);
	size_t bytes = 0;

	assert_int_equal(now.sessions, sessions);
	assert_int_equal(now.half_open, half_open);
	for (unsigned n = 0; n < crowd->servers; n++)
		if (crowd->server[n].end.session != NULL && crowd->server[n].end.opened == 0)
			bytes += sizeof(struct listener_entry) + session_memory(crowd->server[n].end.session);
	assert_int_equal(now.half_open_bytes, bytes);
}
