/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The making of two sessions, and all that they take from outside; see rig.h.
 */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { GRAVES = 1 << 20, TEXT_MAX = 8192 };

/* Seeds of 32 bytes of 1, 2, 3 and a secret of 32 bytes of 4. */
const char client_secret[] = "scs1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszdv7jxv";
const char server_secret[] = "scs1qypqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyvy74m7";
const char stranger_secret[] = "scs1qypsxqcrqvpsxqcrqvpsxqcrqvpsxqcrqvpsxqcrqvpsxqcrqvpsx9mxvmv";
const char psk_secret[] = "scp1qgzqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgnnwf05";
const char client_public[] = "sck1qx9g3c7awsylr90a2tdj6096t4ev5ecfhuwegysm7d6gsqd5pah4c224s3h";
const char server_public[] = "sck1qxqnjacw4p73wh6k5d2xds6v0mxvhrv2jx6wudazthmq7ku0exeegtcp52n";
const char stranger_public[] = "sck1q8k5j2xx9rgu93h2aypn3yzej4sjjkf88fwx87fkxmq5v99vsumaz3gtlpe";

/* ---- The platform ----------------------------------------------------------------------------------------------- */

uint64_t rig_random(uint64_t *seed)
{
	uint64_t z = (*seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

void rig_fill(uint64_t *seed, void *out, size_t length)
{
	uint8_t *bytes = out;

	for (size_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)rig_random(seed);
}

static uint64_t monotonic(void *context) { return ((struct rig *)context)->monotonic_us; }
static uint64_t wall(void *context) { return ((struct rig *)context)->wall_us; }

static bool fails(const struct rig *rig, uint64_t number, uint64_t first)
{
	return first != 0 && (rig->persistent ? number >= first : number == first);
}

static int generate(void *context, void *out, size_t length)
{
	struct rig *rig = context;

	if (fails(rig, ++rig->drawn, rig->fail_random))
		return -1;
	rig_fill(&rig->seed, out, length);
	if (length <= RANDOM_LOG - rig->random_length) {
		memcpy(rig->random + rig->random_length, out, length);
		rig->random_length += length;
	}
	return 0;
}

/* The size stands in front of a block, so that a wrong one at the release is seen. */
union head {
	size_t size;
	max_align_t align;
};

static void *allocate(void *context, size_t size)
{
	struct rig *rig = context;
	union head *block;

	if (fails(rig, ++rig->allocations, rig->fail_at))
		return NULL;
	block = malloc(sizeof(*block) + size); /* not calloc(): a test lets that one fail */
	assert_non_null(block);
	memset(block, 0, sizeof(*block) + size);
	block->size = size;
	rig->blocks++;
	rig->bytes += size;
	return block + 1;
}

static void release(void *context, void *memory, size_t size)
{
	struct rig *rig = context;
	union head *block = memory;

	if (memory == NULL)
		return;
	block--;
	assert_int_equal(block->size, size);
	for (size_t i = 0; i < size && !rig->bury; i++) /* what is buried the test itself looks at */
		if (((const uint8_t *)memory)[i] != 0)
			fail_msg("byte %zu of %zu that are released is not wiped", i, size);
	if (rig->bury && size <= GRAVES - rig->buried) {
		memcpy(rig->graves + rig->buried, memory, size);
		rig->buried += size;
	}
	rig->blocks--;
	rig->bytes -= size;
	free(block);
}

static void forget(void *context, int level, const char *line)
{
	(void)context;
	(void)level;
	(void)line;
}

/* ---- Callbacks -------------------------------------------------------------------------------------------------- */

static void transmit(void *context, const uint8_t *bytes, size_t length)
{
	struct end *end = context;

	assert_int_equal(end->closed, 0);
	units_add(&end->sent, bytes, length);
	if (end->on_transmit != NULL)
		end->on_transmit(end);
}

static void deliver(void *context, struct seccomm_message *message)
{
	struct end *end = context;
	size_t length;
	const uint8_t *bytes = seccomm_message_bytes(message, &length);

	assert_int_equal(end->closed, 0);
	assert_int_equal(end->opened, 1);
	units_add(&end->got, bytes, length);
	end->sender_known = seccomm_message_sender(message) != NULL;
	end->delivered++;
	if (end->on_deliver != NULL)
		end->on_deliver(end, message);
}

static void alert(void *context, const struct seccomm_alert *alert)
{
	struct end *end = context;

	end->alerts++;
	assert_int_equal(alert->count, end->alerts);
	end->alert = alert->id;
	end->fatal = alert->fatal;
	snprintf(end->layer, sizeof(end->layer), "%s", alert->layer != NULL ? alert->layer : "");
	snprintf(end->detail, sizeof(end->detail), "%s", alert->detail);
	for (const char *c = alert->detail; *c != '\0'; c++)
		assert_true((unsigned char)*c >= ' ' || *c == '\n');
}

static void opened(void *context, const struct seccomm_principal *peer)
{
	struct end *end = context;

	assert_ptr_equal(peer, seccomm_peer(end->session));
	end->opened++;
	if (end->on_opened != NULL)
		end->on_opened(end);
}

static void peer_closed(void *context) { ((struct end *)context)->peer_closed++; }

static void writable(void *context)
{
	struct end *end = context;

	assert_true(seccomm_may_push(end->session));
	end->writable++;
	if (end->on_writable != NULL)
		end->on_writable(end);
}

static void closed(void *context, int status)
{
	struct end *end = context;

	end->closed++;
	end->status = status;
}

/* ---- Making ----------------------------------------------------------------------------------------------------- */

static const char *or(const char *given, const char *usual) { return given != NULL ? given : usual; }

static void keys(struct rig *rig, unsigned n, const struct setup *setup)
{
	struct end *end = &rig->end[n];
	const char *own = or(setup->identity[n], n == CLIENT ? client_secret : server_secret);
	const char *other = or(setup->peer[n], n == CLIENT ? server_public : client_public);
	struct seccomm_error error = { 0 };

	end->keyring = seccomm_keyring_new(rig->library);
	assert_non_null(end->keyring);
	if ((*own != '\0' && seccomm_keyring_identity(end->keyring, "self", own, &error) < 0) ||
	    seccomm_keyring_peer(end->keyring, "friend", other, &error) < 0 ||
	    seccomm_keyring_psk(end->keyring, "shared", psk_secret, &error) < 0)
		fail_msg("%s %s", error.place, error.text);
}

static void plan(struct rig *rig, unsigned n, const struct setup *setup)
{
	static const char *const peers[] = { "friend" };
	const char *stack = or(setup->stack, "anti-replay:sequence | encrypt:aes-256-gcm"), *key = setup->key;
	bool alone = setup->identity[n] != NULL && *setup->identity[n] == '\0';
	struct seccomm_error error = { 0 };

	if (n == SERVER) {
		stack = or(setup->server_stack, stack);
		key = or(setup->server_key, key);
	}
	if (seccomm_plan_stack(rig->library, n == CLIENT ? SECCOMM_CLIENT : SECCOMM_SERVER, setup->link, stack, key,
		alone ? NULL : "self", peers, alone ? 0 : 1, setup->lab, &rig->end[n].plan, &error) < 0)
		fail_msg("%s: %s %s %s", stack, error.place, error.text, error.remedy);
}

static void reset(struct end *end)
{
	*end = (struct end){ .rig = end->rig, .plan = end->plan, .keyring = end->keyring };
	units_make(&end->sent);
	units_make(&end->got);
	end->callbacks = (struct seccomm_callbacks){ .context = end, .transmit = transmit, .deliver = deliver, .alert = alert,
		.opened = opened, .peer_closed = peer_closed, .closed = closed, .writable = writable };
}

void rig_end(struct rig *rig, unsigned n, struct end *out)
{
	*out = (struct end){ .rig = rig, .plan = rig->end[n].plan, .keyring = rig->end[n].keyring };
	reset(out);
}

void rig_end_drop(struct end *end)
{
	seccomm_session_free(end->session);
	units_drop(&end->sent);
	units_drop(&end->got);
	reset(end);
}

void rig_make(struct rig *rig, struct seccomm *library, const struct setup *setup)
{
	*rig = (struct rig){ .library = library, .seed = 1, .monotonic_us = 1000000, .wall_us = UINT64_C(1700000000000000) };
	rig->platform = (struct cactus_platform){ .context = rig, .monotonic_us = monotonic, .wall_us = wall, .random = generate,
		.allocate = allocate, .release = release, .log = forget };
	rig->graves = calloc(1, GRAVES);
	assert_non_null(rig->graves);
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		rig->end[n].rig = rig;
		keys(rig, n, setup);
		plan(rig, n, setup);
		reset(&rig->end[n]);
	}
}

void rig_make_keys(struct rig *rig, struct seccomm *library, const struct key_setup *setup)
{
	static const char legacy[] = "{confidentiality: legacy, integrity: legacy, authenticity: legacy, freshness: legacy, peer-authenticity: legacy}";
	const char *url = setup->link == SECCOMM_STREAM ? "memory:" : "memory-datagram:";
	struct seccomm_error error = { 0 };
	char text[TEXT_MAX];

	rig_make(rig, library, &(struct setup){ .link = setup->link });
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		seccomm_plan_free(rig->end[n].plan);
		(void)snprintf(text, sizeof(text),
		    "seccomm: 1\nsessions:\n  s:\n    role: %s\n    listen: '%s'\n    connect: '%s'\n%s%s    require: %s\n"
		    "    stack: 'anti-replay:window | encrypt:aes-256-gcm,key=data'\n    keys:\n%s",
		    n == CLIENT ? "client" : "server", url, url, setup->alone ? "" : "    identity: self\n    peers: [friend]\n",
		    setup->lab ? "    profile: lab\n" : "", or(setup->require, legacy), setup->keys);
		if (seccomm_plan_read(library, "keys", text, strlen(text), NULL, &rig->end[n].plan, &error) < 0)
			fail_msg("%s %s\n%s", error.place, error.text, text);
	}
}

#define SALT_KEYS .keys = "      data: {establish: none, secret: shared}\n", .alone = true, .require = "{freshness: none, peer-authenticity: none}"

const struct key_setup rig_predefined[2] = { { SECCOMM_STREAM, SALT_KEYS }, { SECCOMM_DATAGRAM, SALT_KEYS } };

int rig_start(struct rig *rig)
{
	static const unsigned order[] = { SERVER, CLIENT };

	for (size_t i = 0; i < 2; i++) {
		struct end *end = &rig->end[order[i]];
		struct seccomm_error error = { 0 };
		int status = seccomm_open(end->plan, end->keyring, &rig->platform, &end->callbacks, &end->session, &error);

		if (status < 0) {
			assert_null(end->session);
			assert_int_equal(error.status, status);
			assert_true(error.text[0] != '\0');
			return status;
		}
	}
	return SECCOMM_OK;
}

void rig_open(struct rig *rig)
{
	int status = rig_start(rig);

	if (status != SECCOMM_OK)
		fail_msg("a session does not start: %s", seccomm_status_text(status));
	rig_pump(rig);
	for (unsigned n = CLIENT; n <= SERVER; n++)
		if (rig->end[n].opened != 1)
			fail_msg("end %u is not open: alert %d %s %s", n, (int)rig->end[n].alert, rig->end[n].layer, rig->end[n].detail);
}

void rig_shut(struct rig *rig)
{
	for (unsigned n = CLIENT; n <= SERVER; n++)
		rig_end_drop(&rig->end[n]);
	assert_int_equal(rig->blocks, 0);
	assert_int_equal(rig->bytes, 0);
}

void rig_drop(struct rig *rig)
{
	rig_shut(rig);
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		seccomm_plan_free(rig->end[n].plan);
		seccomm_keyring_free(rig->end[n].keyring);
	}
	free(rig->graves);
}

int rig_library(void **state)
{
	struct seccomm_error error = { 0 };

	*state = seccomm_new(&error);
	if (*state == NULL)
		fail_msg("%s", error.text);
	return 0;
}

int rig_library_free(void **state)
{
	seccomm_free(*state);
	return 0;
}
