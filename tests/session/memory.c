/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: whichever allocation or random number fails, once or from then on, the session says so and nothing leaks, crashes or is
 * delivered wrong; and no block of memory that a session hands back holds a secret or a message.
 */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "seccomm/exchange.h"

static const char canary[] = "the message that must not be found again";

/* Opening, a message each way in both forms, a kept one, the end.  Goes on wherever something failed. */
static void life(struct rig *rig)
{
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		struct seccomm_session *session = rig->end[n].session;
		struct seccomm_message *message = seccomm_message_new(session, sizeof(canary));
		size_t length;

		if (message != NULL) {
			memcpy(seccomm_message_bytes(message, &length), canary, sizeof(canary));
			if (seccomm_push(session, message) != SECCOMM_OK)
				assert_true(rig->fail_at + rig->fail_random > 0);
			seccomm_message_release(message);
		}
		if (seccomm_push_copy(session, canary, sizeof(canary)) != SECCOMM_OK)
			assert_true(rig->fail_at + rig->fail_random > 0);
		rig_pump(rig);
		if (seccomm_close(session) != SECCOMM_OK)
			assert_true(rig->fail_at + rig->fail_random > 0);
	}
	rig_pump(rig);
}

static void keep_one(struct end *end, struct seccomm_message *message)
{
	(void)end;
	seccomm_message_release(seccomm_message_keep(message));
}

/* Answers whether everything went well. */
static bool run(struct rig *rig)
{
	bool well = false;

	rig->end[CLIENT].on_deliver = rig->end[SERVER].on_deliver = keep_one;
	if (rig_start(rig) == SECCOMM_OK) {
		rig_pump(rig);
		life(rig);
		for (unsigned n = CLIENT; n <= SERVER; n++) {
			seccomm_ended(rig->end[n].session);
			assert_int_equal(rig->end[n].closed, 1);
			for (struct unit *unit; (unit = units_take(&rig->end[n].got)) != NULL; free(unit)) {
				assert_int_equal(unit->length, sizeof(canary));
				assert_memory_equal(unit->bytes, canary, sizeof(canary));
			}
		}
		well = rig->end[CLIENT].delivered == 2 && rig->end[SERVER].delivered == 2 && rig->end[CLIENT].alerts == 0 &&
		    rig->end[SERVER].alerts == 0;
	}
	rig_shut(rig); /* finds what leaked */
	return well;
}

static const char *const stacks[] = { "anti-replay:sequence | encrypt:aes-256-gcm",
	"anti-replay:timestamp | digest:sha-256 | sign:ed25519 | encrypt:chacha20-poly1305",
	"anti-replay:sequence | encrypt:des-cbc | mac:hmac-sha-256" };

static void every_allocation_fails(void **state)
{
	for (size_t i = 0; i < sizeof(stacks) / sizeof(stacks[0]); i++)
		for (int persistent = 0; persistent < 2; persistent++) {
			struct rig rig;
			uint64_t at = 0, made;

			rig_make(&rig, *state, &(struct setup){ .stack = stacks[i], .lab = true });
			assert_true(run(&rig));
			made = rig.allocations;
			assert_true(made > 10);
			rig.persistent = persistent;
			do {
				rig.allocations = 0;
				rig.fail_at = ++at;
				run(&rig);
			} while (at < made);
			rig.fail_at = 0;
			assert_true(run(&rig));
			rig_drop(&rig);
		}
}

static void every_random_number_fails(void **state)
{
	struct rig rig;
	uint64_t made;

	rig_make(&rig, *state, &(struct setup){ .stack = stacks[2], .lab = true });
	assert_true(run(&rig));
	made = rig.drawn;
	assert_true(made > 6);
	for (uint64_t at = 1; at <= made; at++) {
		rig.drawn = 0;
		rig.fail_random = at;
		assert_false(run(&rig));
	}
	rig_drop(&rig);
}

/* ---- Secrets ---------------------------------------------------------------------------------------------------- */

static bool found(const struct rig *rig, const void *what, size_t length)
{
	return memmem(rig->graves, rig->buried, what, length) != NULL;
}

/* Every key that the session derives for a layer, in the same way as it does. */
static void layer_keys(struct seccomm_session *session, const char *layer, uint32_t place, uint8_t out[4][HASH])
{
	static const char *const directions[] = { "c2s", "s2c" }, *const purposes[] = { "key", "iv" };

	for (unsigned i = 0; i < 4; i++) {
		struct derivation d = { .key = session->epoch->keys[0], .lane = "data", .algorithm = layer,
			.direction = directions[i / 2], .purpose = purposes[i % 2], .instance = place, .epoch = 1 };

		assert_int_equal(epoch_derive(session->plan->library->crypto, &d, out[i], i % 2 == 0 ? HASH : 12), 0);
	}
}

static void take_shared(struct rig *rig, uint8_t secret[HASH], uint8_t confirm[HASH])
{
	memcpy(secret, rig->end[SERVER].session->exchange->key.secret, HASH);
	memcpy(confirm, rig->end[SERVER].session->exchange->th, HASH);
}

static void nothing_secret_is_handed_back(void **state)
{
	const struct setup setups[] = { { 0 }, { .key = "psk,secret=shared", .identity = { "", "" } },
		{ .stack = "anti-replay:sequence | encrypt:des-cbc | mac:hmac-sha-256", .lab = true } };
	static const char *const layers[] = { "encrypt:aes-256-gcm", "encrypt:aes-256-gcm", "mac:hmac-sha-256" };

	for (size_t i = 0; i < sizeof(setups) / sizeof(setups[0]); i++) {
		uint8_t key[HASH], secret[HASH], th[HASH], derived[4][HASH], zero[HASH] = { 0 };
		struct rig rig;

		rig_make(&rig, *state, &setups[i]);
		rig.bury = true;
		assert_int_equal(rig_start(&rig), SECCOMM_OK);
		rig_pass(&rig, CLIENT);
		take_shared(&rig, secret, th); /* the client has wiped it when it has derived from it */
		rig_pass(&rig, SERVER);
		memcpy(key, rig.end[CLIENT].session->epoch->keys[0], HASH);
		layer_keys(rig.end[CLIENT].session, layers[i], i == 2 ? 3 : 2, derived);
		assert_memory_not_equal(key, zero, HASH);
		assert_memory_not_equal(secret, zero, HASH);
		rig_pump(&rig);
		life(&rig);
		rig_shut(&rig);
		assert_true(rig.buried > 1000);
		assert_false(found(&rig, key, HASH));
		assert_false(found(&rig, secret, HASH));
		assert_false(found(&rig, th, HASH));
		for (unsigned k = 0; k < 4; k++)
			assert_false(found(&rig, derived[k], k % 2 == 0 ? 8 : 12));
		for (size_t at = 0; at + 16 <= rig.random_length; at += 4)
			assert_false(found(&rig, rig.random + at, 16));
		assert_false(found(&rig, canary, sizeof(canary)));
		assert_false(found(&rig, canary + 8, 16));
		rig_drop(&rig);
	}
}

/* The same when a session ends in the midst of an opening, by itself or by being freed. */
static void nothing_secret_is_left_of_an_opening(void **state)
{
	for (unsigned passed = 0; passed < 4; passed++)
		for (int ended = 0; ended < 2; ended++) {
			struct rig rig;

			rig_make(&rig, *state, &(struct setup){ 0 });
			rig.bury = true;
			assert_int_equal(rig_start(&rig), SECCOMM_OK);
			for (unsigned n = 0; n < passed; n++)
				rig_pass(&rig, n % 2);
			for (unsigned n = CLIENT; n <= SERVER && ended; n++)
				seccomm_ended(rig.end[n].session);
			rig_shut(&rig);
			for (size_t at = 0; at + 16 <= rig.random_length; at += 4)
				assert_false(found(&rig, rig.random + at, 16));
			rig_drop(&rig);
		}
}

/* The search itself finds what is there. */
static void the_search_finds(void **state)
{
	struct rig rig;
	void *block;

	rig_make(&rig, *state, &(struct setup){ 0 });
	rig.bury = true;
	block = rig.platform.allocate(&rig, 100);
	memcpy((char *)block + 13, canary, sizeof(canary));
	rig.platform.release(&rig, block, 100);
	assert_true(found(&rig, canary + 8, 16));
	rig_drop(&rig);
}

/* The statistics of both ends name every byte that they have of the platform, in between two epochs, too. */
static void all_memory_is_stated(void **state)
{
	for (int link = SECCOMM_STREAM; link <= SECCOMM_DATAGRAM; link++) {
		struct rig rig;

		rig_make(&rig, *state, &(struct setup){ .link = (enum seccomm_link)link, .lab = true });
		assert_int_equal(rig_start(&rig), SECCOMM_OK);
		for (unsigned step = 0; step < 24; step++) {
			struct seccomm_statistics client, server;

			seccomm_statistics(rig.end[CLIENT].session, &client);
			seccomm_statistics(rig.end[SERVER].session, &server);
			assert_int_equal(client.memory + server.memory, rig.bytes);
			if (rig.end[step % 2].sent.first != NULL)
				rig_pass(&rig, step % 2);
			if (step == 12)
				assert_int_equal(seccomm_rekey(rig.end[CLIENT].session), SECCOMM_OK);
		}
		rig_both_in(&rig, 2);
		rig_drop(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allocation_fails),
		cmocka_unit_test(every_random_number_fails),
		cmocka_unit_test(nothing_secret_is_handed_back),
		cmocka_unit_test(nothing_secret_is_left_of_an_opening),
		cmocka_unit_test(the_search_finds),
		cmocka_unit_test(all_memory_is_stated),
	};

	return cmocka_run_group_tests_name("memory and secrets", tests, rig_library, rig_library_free);
}
