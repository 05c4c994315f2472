/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: a listener gives every datagram to the session that it is for and to no other one, follows a peer that moves and nobody
 * else, and lets nothing that comes twice, late, or from somewhere else disturb a session.
 */
#include "crowd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint64_t second = 1000000;
enum { ELSEWHERE = 0x4e000000 };

static struct guest *enter_and_open(struct crowd *crowd)
{
	struct guest *client = crowd_enter(crowd);

	crowd_pump(crowd);
	assert_int_equal(client->end.opened, 1);
	return client;
}

/* ---- Routing ----------------------------------------------------------------------------------------------------- */

static void two_hundred_sessions(void **state)
{
	enum { MANY = 200 };
	struct crowd *crowd = crowd_new(*state, NULL, NULL);

	for (unsigned n = 0; n < MANY; n++)
		(void)crowd_enter(crowd);
	crowd_pump(crowd);
	crowd_has(crowd, MANY, 0);
	for (unsigned n = 0; n < MANY; n++)
		crowd_talk(&crowd->client[n]);
	/* All at once; what each gets is its own. */
	for (unsigned n = 0; n < MANY; n++)
		assert_int_equal(seccomm_push_copy(crowd->client[n].end.session, &n, sizeof(n)), SECCOMM_OK);
	crowd_pump(crowd);
	for (unsigned n = 0; n < MANY; n++) {
		struct unit *unit = units_take(&crowd_peer(&crowd->client[n])->end.got);

		assert_non_null(unit);
		assert_memory_equal(unit->bytes, &n, sizeof(n));
		free(unit);
	}
	/* Every second one leaves; the others do not notice. */
	for (unsigned n = 0; n < MANY; n += 2) {
		assert_int_equal(seccomm_close(crowd->client[n].end.session), SECCOMM_OK);
		crowd_pump(crowd);
		assert_int_equal(seccomm_close(crowd_peer(&crowd->client[n])->end.session), SECCOMM_OK);
		crowd_pump(crowd);
	}
	crowd_wait(crowd, second);
	crowd_has(crowd, MANY / 2, 0);
	for (unsigned n = 1; n < MANY; n += 2)
		crowd_talk(&crowd->client[n]);
	assert_int_equal(crowd->alerts, 0);
	crowd_drop(crowd);
}

/* An OPEN that comes again begins nothing, and its answer is the one that was sent before, byte for byte. */
static void an_opening_comes_again(void **state)
{
	struct crowd *crowd = crowd_new(*state, NULL, NULL);
	struct guest *client = crowd_enter(crowd);
	struct unit *opening = crowd_take(client);
	struct letter *first, *again;

	crowd_arrive(crowd, client->address, opening->bytes, opening->length);
	first = crowd_letter(crowd);
	assert_non_null(first);
	for (int i = 0; i < 3; i++) {
		crowd_arrive(crowd, client->address, opening->bytes, opening->length);
		again = crowd_letter(crowd);
		assert_non_null(again);
		assert_int_equal(again->length, first->length);
		assert_memory_equal(again->bytes, first->bytes, first->length);
		free(again);
	}
	crowd_has(crowd, 1, 1);
	assert_true(seccomm_pop(client->end.session, first->bytes, first->length) > 0);
	crowd_pump(crowd);
	crowd_talk(client);
	/* Once it is open, a late one is not even answered. */
	crowd_arrive(crowd, client->address, opening->bytes, opening->length);
	assert_null(crowd_letter(crowd));
	crowd_has(crowd, 1, 0);
	assert_int_equal(crowd->alerts + client->end.alerts + crowd->server[0].end.alerts, 0);
	free(first);
	free(opening);
	crowd_drop(crowd);
}

/* Recorded, and sent again when its session is over: half a session, for ten seconds. */
static void an_opening_of_a_finished_session(void **state)
{
	struct crowd *crowd = crowd_new(*state, NULL, NULL);
	struct guest *client = crowd_enter(crowd), *later;
	struct unit *opening = crowd_take(client), *conclusion;

	crowd_arrive(crowd, client->address, opening->bytes, opening->length);
	crowd_return(crowd);
	conclusion = crowd_take(client);
	crowd_arrive(crowd, client->address, conclusion->bytes, conclusion->length);
	crowd_pump(crowd);
	assert_int_equal(seccomm_close(client->end.session), SECCOMM_OK);
	crowd_pump(crowd);
	assert_int_equal(seccomm_close(crowd->server[0].end.session), SECCOMM_OK);
	crowd_pump(crowd);
	crowd_wait(crowd, second);
	crowd_has(crowd, 0, 0);
	later = enter_and_open(crowd);
	crowd_arrive(crowd, client->address, opening->bytes, opening->length);
	crowd_arrive(crowd, client->address, conclusion->bytes, conclusion->length);
	crowd_has(crowd, 2, 1);
	crowd_lose(crowd);
	crowd_talk(later);
	crowd_wait(crowd, 9 * second);
	crowd_has(crowd, 2, 1);
	crowd_wait(crowd, second);
	crowd_has(crowd, 1, 0);
	assert_int_equal(crowd->server[2].end.opened + crowd->server[2].end.delivered, 0);
	assert_int_equal(crowd->server[2].end.alert, SECCOMM_ALERT_TIMED_OUT);
	free(opening);
	free(conclusion);
	crowd_drop(crowd);
}

/* The client opens once more from the same address; or somebody replays such an opening. */
static void a_new_exchange_leaves_the_old_session(void **state)
{
	struct crowd *crowd = crowd_new(*state, NULL, NULL);
	struct guest *client = enter_and_open(crowd), *again;
	struct unit *opening;

	crowd_talk(client);
	again = crowd_enter(crowd);
	opening = crowd_take(again);
	crowd_arrive(crowd, client->address, opening->bytes, opening->length);
	crowd_lose(crowd);
	crowd_has(crowd, 2, 1);
	crowd_talk(client);
	crowd_wait(crowd, 11 * second);
	crowd_has(crowd, 1, 0);
	crowd_pump(crowd);
	crowd_talk(client);
	again = enter_and_open(crowd);
	crowd_has(crowd, 2, 0);
	crowd_talk(client);
	crowd_talk(again);
	assert_int_equal(client->end.alerts + crowd->server[0].end.alerts, 0);
	free(opening);
	crowd_drop(crowd);
}

/* ---- Moving ------------------------------------------------------------------------------------------------------ */

static void a_client_moves(void **state)
{
	struct crowd *crowd = crowd_new(*state, NULL, NULL);
	struct guest *client = enter_and_open(crowd), *server = crowd_peer(client);

	crowd_talk(client);
	assert_int_equal(server->moves, 0);
	client->address = ELSEWHERE;
	crowd_talk(client);
	assert_int_equal(server->address, ELSEWHERE);
	assert_int_equal(server->moves, 1);
	/* A keepalive is enough. */
	client->address = ELSEWHERE + 1;
	control_keepalive(client->end.session, false);
	crowd_pump(crowd);
	assert_int_equal(server->address, ELSEWHERE + 1);
	crowd_drop(crowd);
}

/* Nothing that is not new and authentic: whatever attackers send from their own address. */
static void nobody_else_moves_it(void **state)
{
	struct crowd *crowd = crowd_new(*state, NULL, NULL);
	struct guest *client = enter_and_open(crowd), *server = crowd_peer(client);
	struct unit *unit[5];

	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(seccomm_push_copy(client->end.session, "message", 7), SECCOMM_OK);
		unit[i] = crowd_take(client);
	}
	control_keepalive(client->end.session, false);
	unit[4] = crowd_take(client);
	for (unsigned i = 2; i < 5; i++)
		crowd_arrive(crowd, client->address, unit[i]->bytes, unit[i]->length);
	/* Again; late, but for the first time; and changed at every byte. */
	for (unsigned i = 0; i < 5; i++) {
		unsigned delivered = server->end.delivered;

		for (size_t k = HEADER; k < unit[i]->length; k++) {
			unit[i]->bytes[k] ^= 1;
			crowd_arrive(crowd, ELSEWHERE, unit[i]->bytes, unit[i]->length);
			unit[i]->bytes[k] ^= 1;
		}
		assert_int_equal(server->end.delivered, delivered);
		crowd_arrive(crowd, ELSEWHERE, unit[i]->bytes, unit[i]->length);
		assert_int_equal(server->end.delivered, delivered + (i < 2));
		assert_int_equal(server->moves, 0);
		free(unit[i]);
	}
	units_drop(&server->end.got);
	units_make(&server->end.got);
	crowd_talk(client);
	assert_int_equal(server->moves, 0);
	crowd_drop(crowd);
}

/* What is left of the epoch before, delayed, is older than anything of this one. */
static void an_old_epoch_does_not_move_it(void **state)
{
	struct crowd *crowd = crowd_new(*state, NULL, NULL);
	struct guest *client = enter_and_open(crowd), *server = crowd_peer(client);
	struct unit *data, *keepalive;

	assert_int_equal(seccomm_push_copy(client->end.session, "late", 4), SECCOMM_OK);
	data = crowd_take(client);
	control_keepalive(client->end.session, false);
	keepalive = crowd_take(client);
	assert_int_equal(seccomm_rekey(client->end.session), SECCOMM_OK);
	free(crowd_take(client)); /* M1 is sent again, with greater numbers */
	crowd_wait(crowd, second / 4);
	crowd_pump(crowd);
	crowd_talk(client);
	assert_non_null(server->end.session->previous);
	crowd_arrive(crowd, ELSEWHERE, data->bytes, data->length);
	crowd_arrive(crowd, ELSEWHERE, keepalive->bytes, keepalive->length);
	assert_int_equal(server->end.delivered, 2);
	assert_int_equal(server->moves, 0);
	free(data);
	free(keepalive);
	crowd_drop(crowd);
}

/* As long as the client sends in the old epoch that is where its newest message is. */
static void the_old_epoch_moves_it_until_the_new_one_is_heard(void **state)
{
	struct crowd *crowd = crowd_new(*state, NULL, NULL);
	struct guest *client = enter_and_open(crowd), *server = crowd_peer(client);

	assert_int_equal(seccomm_rekey(client->end.session), SECCOMM_OK);
	for (unsigned n = 0; n < 2; n++) {
		crowd_pass(client);
		if (n == 0)
			crowd_return(crowd);
	}
	crowd_lose(crowd);
	assert_int_equal(server->end.session->epoch->number, 2);
	client->address = ELSEWHERE;
	assert_int_equal(seccomm_push_copy(client->end.session, "in the old one", 14), SECCOMM_OK);
	crowd_pass(client);
	assert_int_equal(server->end.delivered, 1);
	assert_int_equal(server->address, ELSEWHERE);
	crowd_drop(crowd);
}

/* Its address changes between OPEN and M3: who can finish the opening is where M3 came from. */
static void a_client_moves_while_it_opens(void **state)
{
	struct crowd *crowd = crowd_new(*state, NULL, NULL);
	struct guest *client = crowd_enter(crowd);

	crowd_pass(client);
	crowd_return(crowd);
	client->address = ELSEWHERE;
	crowd_pass(client);
	crowd_lose(crowd); /* DONE went to where the client was */
	crowd_wait(crowd, second);
	crowd_pump(crowd);
	assert_int_equal(client->end.opened, 1);
	assert_int_equal(crowd->servers, 1);
	assert_int_equal(crowd->server[0].address, ELSEWHERE);
	crowd_talk(client);
	crowd_drop(crowd);
}

/* ---- Without an exchange ----------------------------------------------------------------------------------------- */

/* What comes late of a session that is over does not begin one that is over at once. */
static void a_late_close_begins_nothing(void **state)
{
	static const struct setup salted = { .key = "none,secret=shared", .identity = { "", "" }, .lab = true };
	struct crowd *crowd = crowd_new(*state, &salted, NULL);
	struct guest *client = crowd_enter(crowd);
	struct unit *data, *end;

	assert_int_equal(seccomm_push_copy(client->end.session, "one way", 7), SECCOMM_OK);
	assert_int_equal(seccomm_close(client->end.session), SECCOMM_OK);
	data = crowd_take(client);
	end = crowd_take(client);
	crowd_arrive(crowd, client->address, end->bytes, end->length);
	crowd_has(crowd, 0, 0);
	assert_int_equal(crowd->alert, SECCOMM_ALERT_UNEXPECTED);
	crowd_arrive(crowd, client->address, data->bytes, data->length);
	crowd_arrive(crowd, client->address, end->bytes, end->length);
	assert_int_equal(crowd->server[0].end.delivered, 1);
	assert_int_equal(crowd->server[0].end.peer_closed, 1);
	assert_int_equal(seccomm_close(crowd->server[0].end.session), SECCOMM_OK);
	crowd_wait(crowd, second);
	crowd_arrive(crowd, client->address, end->bytes, end->length);
	crowd_has(crowd, 0, 0);
	assert_int_equal(crowd->servers, 1);
	free(data);
	free(end);
	crowd_drop(crowd);
}

/* ---- Failures ---------------------------------------------------------------------------------------------------- */

/* Wherever memory or random numbers fail while an opening is taken, the client opens at last, and nothing is left behind. */
static void every_allocation_of_an_accept_fails(void **state)
{
	for (int random = 0; random < 2; random++) {
		bool hit = true;

		for (uint64_t k = 1; hit; k++) {
			struct crowd *crowd = crowd_new(*state, NULL, NULL);
			struct guest *client = crowd_enter(crowd), *other;

			crowd->rig.fail_at = random ? 0 : crowd->rig.allocations + k;
			crowd->rig.fail_random = random ? crowd->rig.drawn + k : 0;
			crowd_pass(client);
			hit = random ? crowd->rig.drawn >= crowd->rig.fail_random : crowd->rig.allocations >= crowd->rig.fail_at;
			crowd->rig.fail_at = crowd->rig.fail_random = 0;
			for (int i = 0; i < 12 && client->end.opened == 0; i++) {
				crowd_pump(crowd);
				crowd_wait(crowd, second);
			}
			if (client->end.opened == 0) {
				/* The server's session could not go on; the client tries again by itself, as drivers do. */
				assert_int_equal(client->end.alert, SECCOMM_ALERT_TIMED_OUT);
				other = enter_and_open(crowd);
				crowd_talk(other);
			} else {
				crowd_talk(client);
			}
			crowd_has(crowd, 1, 0);
			assert_true(k < 200);
			crowd_drop(crowd);
		}
	}
}

static void a_driver_that_does_not_want(void **state)
{
	struct crowd *crowd = crowd_new(*state, NULL, NULL);
	struct guest *client = crowd_enter(crowd);

	crowd->full = true;
	crowd_pass(client);
	crowd_has(crowd, 0, 0);
	assert_null(crowd_letter(crowd));
	crowd->full = false;
	crowd_wait(crowd, second);
	crowd_pump(crowd);
	crowd_talk(client);
	crowd_drop(crowd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_hundred_sessions),
		cmocka_unit_test(an_opening_comes_again),
		cmocka_unit_test(an_opening_of_a_finished_session),
		cmocka_unit_test(a_new_exchange_leaves_the_old_session),
		cmocka_unit_test(a_client_moves),
		cmocka_unit_test(nobody_else_moves_it),
		cmocka_unit_test(an_old_epoch_does_not_move_it),
		cmocka_unit_test(the_old_epoch_moves_it_until_the_new_one_is_heard),
		cmocka_unit_test(a_client_moves_while_it_opens),
		cmocka_unit_test(a_late_close_begins_nothing),
		cmocka_unit_test(every_allocation_of_an_accept_fails),
		cmocka_unit_test(a_driver_that_does_not_want),
	};

	return cmocka_run_group_tests_name("listener", tests, rig_library, rig_library_free);
}
