/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: a session without an exchange says what it has to say in one way or both, under keys that no other session has; a receiver
 * keeps the first salt under which something verifies, and nobody makes it try without end.
 */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "seccomm/exchange.h"

static void make(struct rig *rig, void **state, enum seccomm_link link)
{
	rig_make_keys(rig, *state, &rig_predefined[link]);
	assert_int_equal(rig_start(rig), SECCOMM_OK);
	seccomm_run_due(rig->end[CLIENT].session);
	assert_int_equal(rig->end[CLIENT].opened, 1);
	assert_int_equal(rig->end[SERVER].opened, 0);
}

/* That of the peer's keys, too. */
static void all_memory_is_stated(const struct rig *rig)
{
	struct seccomm_statistics client, server;

	seccomm_statistics(rig->end[CLIENT].session, &client);
	seccomm_statistics(rig->end[SERVER].session, &server);
	assert_int_equal(client.memory + server.memory, rig->bytes);
}

static void one_way_and_back(void **state)
{
	for (enum seccomm_link link = SECCOMM_STREAM; link <= SECCOMM_DATAGRAM; link++) {
		struct rig rig;

		make(&rig, state, link);
		rig_push(&rig, CLIENT, "there");
		rig_push(&rig, CLIENT, "and there");
		rig_pump(&rig);
		assert_int_equal(rig.end[SERVER].opened, 1);
		rig_got(&rig, SERVER, "there");
		rig_got(&rig, SERVER, "and there");
		assert_true(rig.end[SERVER].sender_known);
		rig_push(&rig, SERVER, "and back");
		rig_pump(&rig);
		rig_got(&rig, CLIENT, "and back");
		all_memory_is_stated(&rig);
		for (unsigned n = CLIENT; n <= SERVER; n++)
			assert_int_equal(seccomm_close(rig.end[n].session), SECCOMM_OK);
		rig_pump(&rig);
		for (unsigned n = CLIENT; n <= SERVER; n++) {
			assert_int_equal(rig.end[n].closed, 1);
			assert_int_equal(rig.end[n].status, SECCOMM_OK);
			assert_int_equal(rig.end[n].alerts, 0);
		}
		rig_drop(&rig);
	}
}

/* Two sessions of one secret never share a key, and what one sent is nothing to who has heard the other. */
static void another_salt_is_another_session(void **state)
{
	struct rig first, second;
	struct unit *foreign, *own;

	make(&first, state, SECCOMM_DATAGRAM);
	make(&second, state, SECCOMM_DATAGRAM);
	second.seed = 77;
	rig_shut(&second);
	assert_int_equal(rig_start(&second), SECCOMM_OK);
	assert_memory_not_equal(
	    first.end[CLIENT].session->epoch->keys[0], second.end[CLIENT].session->epoch->keys[0], HASH);
	rig_push(&second, CLIENT, "of another");
	foreign = rig_take(&second, CLIENT);
	rig_push(&first, CLIENT, "own");
	own = rig_take(&first, CLIENT);
	rig_give(&first, SERVER, own->bytes, own->length);
	rig_got(&first, SERVER, "own");
	rig_give(&first, SERVER, foreign->bytes, foreign->length);
	assert_int_equal(first.end[SERVER].alert, SECCOMM_ALERT_UNEXPECTED);
	assert_int_equal(first.end[SERVER].delivered, 1);
	rig_give(&first, SERVER, own->bytes, own->length);
	assert_int_equal(first.end[SERVER].alert, SECCOMM_ALERT_REPLAYED);
	/* Sent back, it is nothing either: directions have keys of their own. */
	rig_give(&first, CLIENT, own->bytes, own->length);
	assert_int_equal(first.end[CLIENT].alert, SECCOMM_ALERT_BAD_TAG);
	assert_null(first.end[CLIENT].session->incoming);
	free(own);
	free(foreign);
	rig_drop(&first);
	rig_drop(&second);
}

/* Garbage adopts nothing, costs ten trials a second at most, and does not keep the true one out for longer. */
static void trials_are_bounded(void **state)
{
	struct rig rig;
	struct unit *genuine;
	uint64_t before;

	make(&rig, state, SECCOMM_DATAGRAM);
	rig_push(&rig, CLIENT, "genuine");
	genuine = rig_take(&rig, CLIENT);
	before = rig.allocations;
	for (int i = 0; i < 1000; i++) {
		genuine->bytes[FRAME_HEADER + i % SALT] ^= 1;
		rig_give(&rig, SERVER, genuine->bytes, genuine->length);
		genuine->bytes[FRAME_HEADER + i % SALT] ^= 1;
	}
	assert_true(rig.allocations - before < 10 * 20);
	assert_null(rig.end[SERVER].session->incoming);
	assert_int_equal(rig.end[SERVER].delivered, 0);
	rig.monotonic_us += 1000000;
	rig_give(&rig, SERVER, genuine->bytes, genuine->length);
	rig_got(&rig, SERVER, "genuine");
	assert_int_equal(rig.end[SERVER].opened, 1);
	free(genuine);
	rig_drop(&rig);
}

/* A stream that begins with anything else, or says its salt twice, ends. */
static void a_stream_begins_with_its_salt(void **state)
{
	struct rig rig;
	struct unit *salt, *data;

	for (int twice = 0; twice < 2; twice++) {
		make(&rig, state, SECCOMM_STREAM);
		salt = rig_take(&rig, CLIENT);
		rig_push(&rig, CLIENT, "data");
		data = rig_take(&rig, CLIENT);
		if (twice) {
			rig_give(&rig, SERVER, salt->bytes, salt->length);
			rig_give(&rig, SERVER, salt->bytes, salt->length);
		} else {
			rig_give(&rig, SERVER, data->bytes, data->length);
		}
		rig_refused(&rig, SERVER, SECCOMM_ALERT_UNEXPECTED);
		assert_int_equal(rig.end[SERVER].delivered, 0);
		assert_null(rig.end[SERVER].sent.first);
		free(salt);
		free(data);
		rig_drop(&rig);
	}
}

/* A server has nobody to talk to before it was spoken to, and on a stream its salt goes in front of all that it says. */
static void a_server_waits_to_be_spoken_to(void **state)
{
	for (enum seccomm_link link = SECCOMM_STREAM; link <= SECCOMM_DATAGRAM; link++) {
		struct rig rig;

		make(&rig, state, link);
		assert_false(seccomm_may_push(rig.end[SERVER].session));
		assert_int_equal(seccomm_push_copy(rig.end[SERVER].session, "early", 5), SECCOMM_NOT_READY);
		assert_int_equal(seccomm_close(rig.end[SERVER].session), SECCOMM_NOT_READY);
		assert_null(rig.end[SERVER].sent.first);
		rig_push(&rig, CLIENT, "speak");
		rig_pump(&rig);
		assert_int_equal(rig.end[SERVER].writable, 1);
		rig_push(&rig, SERVER, "now");
		rig_pump(&rig);
		rig_got(&rig, CLIENT, "now");
		assert_int_equal(rig.end[CLIENT].alerts, 0);
		rig_drop(&rig);
	}
}

/* There is nothing to agree on again, and nobody is asked to answer. */
static void nothing_is_renewed(void **state)
{
	struct rig rig;

	make(&rig, state, SECCOMM_DATAGRAM);
	assert_int_equal(seccomm_rekey(rig.end[CLIENT].session), SECCOMM_INVALID);
	rig_push(&rig, CLIENT, "alone");
	for (int i = 0; i < 100; i++) {
		rig.monotonic_us += 1000000;
		seccomm_run_due(rig.end[CLIENT].session);
	}
	assert_int_equal(rig.end[CLIENT].closed + rig.end[CLIENT].alerts, 0);
	rig_drop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_way_and_back),
		cmocka_unit_test(another_salt_is_another_session),
		cmocka_unit_test(trials_are_bounded),
		cmocka_unit_test(a_stream_begins_with_its_salt),
		cmocka_unit_test(a_server_waits_to_be_spoken_to),
		cmocka_unit_test(nothing_is_renewed),
	};

	return cmocka_run_group_tests_name("sessions without an exchange", tests, rig_library, rig_library_free);
}
