/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: whoever asks for new keys or another stack gets them, or is told that it does not: also when both ends ask at once for
 * different things, when the peer cannot begin yet, and when an end goes back to what it had.
 */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "seccomm/exchange.h"

static const uint64_t second = 1000000;
static const enum seccomm_link links[] = { SECCOMM_STREAM, SECCOMM_DATAGRAM };
static const char usual[] = "anti-replay:sequence | encrypt:aes-256-gcm",
		  other[] = "anti-replay:sequence | sign:ed25519 | encrypt:chacha20-poly1305";

static void open_two(struct rig *rig, struct seccomm *library, enum seccomm_link link, struct seccomm_plan *plans[2])
{
	rig_make(rig, library, &(struct setup){ .link = link, .stack = usual });
	rig_open(rig);
	for (unsigned n = CLIENT; n <= SERVER; n++)
		plans[n] = rig_plan(rig, n, link, other);
}

static void drop_two(struct rig *rig, struct seccomm_plan *plans[2])
{
	for (unsigned n = CLIENT; n <= SERVER; n++)
		seccomm_plan_free(plans[n]);
	rig_drop(rig);
}

/* Second by second, everything arrives. */
static void pass(struct rig *rig, unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i++) {
		rig_wait(rig, second);
		rig_pump(rig);
	}
}

static void both_have(const struct rig *rig, struct seccomm_plan *const plans[2])
{
	for (unsigned n = CLIENT; n <= SERVER; n++)
		assert_memory_equal(seccomm_plan_digest(rig->end[n].session->plan), seccomm_plan_digest(plans[n]), HASH);
}

static void no_alerts(const struct rig *rig)
{
	for (unsigned n = CLIENT; n <= SERVER; n++)
		if (rig->end[n].alerts > 0)
			fail_msg("end %u: %s: %s", n, seccomm_alert_text(rig->end[n].alert), rig->end[n].detail);
}

/* The server asks for another stack while the client's own new keys are on their way. */
static void a_wish_outlives_what_the_client_began(void **state)
{
	for (size_t i = 0; i < 2; i++) {
		struct seccomm_plan *plans[2];
		struct rig rig;

		open_two(&rig, *state, links[i], plans);
		assert_int_equal(seccomm_allow(rig.end[CLIENT].session, plans[CLIENT]), SECCOMM_OK);
		assert_int_equal(seccomm_rekey(rig.end[CLIENT].session), SECCOMM_OK);
		assert_int_equal(seccomm_change(rig.end[SERVER].session, plans[SERVER]), SECCOMM_OK);
		rig_pump(&rig);
		pass(&rig, 40);
		rig_both_in(&rig, 3);
		both_have(&rig, plans);
		no_alerts(&rig);
		rig_talk(&rig);
		drop_two(&rig, plans);
	}
}

/*
 * The client began with a stack that the server does not allow, so the server's own wish, which came at that moment, is still to be
 * fulfilled: else nothing that the server asks for, new keys at a limit included, would ever come again.
 */
static void a_wish_outlives_what_the_server_refused(void **state)
{
	for (size_t i = 0; i < 2; i++) {
		struct seccomm_plan *plans[2];
		struct rig rig;

		open_two(&rig, *state, links[i], plans);
		assert_int_equal(seccomm_change(rig.end[CLIENT].session, plans[CLIENT]), SECCOMM_OK);
		assert_int_equal(seccomm_rekey(rig.end[SERVER].session), SECCOMM_OK);
		rig_pump(&rig);
		pass(&rig, 2);
		rig_both_in(&rig, 2);
		pass(&rig, 40);
		rig_both_in(&rig, 2);
		assert_int_equal(rig.end[CLIENT].alert, SECCOMM_ALERT_REKEY_FAILED);
		assert_int_equal(rig.end[SERVER].alert, SECCOMM_ALERT_MISMATCH);
		assert_int_equal(seccomm_rekey(rig.end[SERVER].session), SECCOMM_OK);
		rig_pump(&rig);
		rig_both_in(&rig, 3);
		rig_talk(&rig);
		drop_two(&rig, plans);
	}
}

/* A client whose memory fails before it has begun tells so: the server that asked must not wait for ever. */
static void a_client_that_cannot_begin_says_so(void **state)
{
	for (uint64_t at = 1, more = 1; more > 0; at++) {
		struct seccomm_plan *plans[2];
		struct rig rig;

		open_two(&rig, *state, SECCOMM_STREAM, plans);
		assert_int_equal(seccomm_allow(rig.end[CLIENT].session, plans[CLIENT]), SECCOMM_OK);
		assert_int_equal(seccomm_change(rig.end[SERVER].session, plans[SERVER]), SECCOMM_OK);
		rig.allocations = 0;
		rig.fail_at = at;
		rig_pass(&rig, SERVER); /* REKEY */
		more = rig.allocations >= at;
		rig.fail_at = 0;
		rig_pump(&rig);
		if (more > 0) {
			rig_both_in(&rig, 1);
			assert_int_equal(rig.end[SERVER].alert, SECCOMM_ALERT_REKEY_FAILED);
			assert_int_equal(seccomm_change(rig.end[SERVER].session, plans[SERVER]), SECCOMM_OK);
			rig_pump(&rig);
		}
		both_have(&rig, plans);
		rig_talk(&rig);
		drop_two(&rig, plans);
	}
}

/* New keys that the client began satisfy a server that only wanted new keys, even if they came with another stack. */
static void new_keys_are_new_keys(void **state)
{
	for (size_t i = 0; i < 2; i++) {
		struct seccomm_plan *plans[2];
		struct rig rig;

		open_two(&rig, *state, links[i], plans);
		assert_int_equal(seccomm_allow(rig.end[SERVER].session, plans[SERVER]), SECCOMM_OK);
		assert_int_equal(seccomm_rekey(rig.end[SERVER].session), SECCOMM_OK);
		assert_int_equal(seccomm_change(rig.end[CLIENT].session, plans[CLIENT]), SECCOMM_OK);
		rig_pump(&rig);
		pass(&rig, 40);
		rig_both_in(&rig, 2);
		both_have(&rig, plans);
		no_alerts(&rig);
		drop_two(&rig, plans);
	}
}

/* A wish that the client refuses does not disturb the new keys that the client is agreeing on. */
static void a_refused_wish_leaves_the_rest(void **state)
{
	for (size_t i = 0; i < 2; i++) {
		struct seccomm_plan *plans[2];
		struct rig rig;

		open_two(&rig, *state, links[i], plans);
		assert_int_equal(seccomm_rekey(rig.end[CLIENT].session), SECCOMM_OK);
		assert_int_equal(seccomm_change(rig.end[SERVER].session, plans[SERVER]), SECCOMM_OK);
		rig_pump(&rig);
		rig_both_in(&rig, 2);
		assert_int_equal(rig.end[SERVER].alerts, 1);
		assert_int_equal(rig.end[SERVER].alert, SECCOMM_ALERT_REKEY_FAILED);
		assert_int_equal(rig.end[CLIENT].alerts, 0);
		rig_talk(&rig);
		pass(&rig, 40);
		assert_int_equal(seccomm_rekey(rig.end[SERVER].session), SECCOMM_OK);
		rig_pump(&rig);
		rig_both_in(&rig, 3);
		drop_two(&rig, plans);
	}
}

/* A second wish would make the first one forgotten. */
static void one_wish_at_a_time(void **state)
{
	for (size_t i = 0; i < 2; i++) {
		struct seccomm_plan *plans[2];
		struct rig rig;

		open_two(&rig, *state, links[i], plans);
		assert_int_equal(seccomm_allow(rig.end[CLIENT].session, plans[CLIENT]), SECCOMM_OK);
		assert_int_equal(seccomm_change(rig.end[SERVER].session, plans[SERVER]), SECCOMM_OK);
		assert_int_equal(seccomm_rekey(rig.end[SERVER].session), SECCOMM_NOT_READY);
		rig_pump(&rig);
		both_have(&rig, plans);
		drop_two(&rig, plans);
	}
}

/* What a session began with it may go back to, if that was allowed; either end may ask. */
static void back_to_the_first_stack(void **state)
{
	for (size_t i = 0; i < 2; i++)
		for (unsigned n = CLIENT; n <= SERVER; n++)
			for (int allowed = 0; allowed < 2; allowed++) {
				struct seccomm_plan *plans[2];
				struct rig rig;

				open_two(&rig, *state, links[i], plans);
				for (unsigned k = CLIENT; k <= SERVER; k++) {
					assert_int_equal(seccomm_allow(rig.end[k].session, plans[k]), SECCOMM_OK);
					if (allowed)
						assert_int_equal(seccomm_allow(rig.end[k].session, rig.end[k].plan), SECCOMM_OK);
				}
				assert_int_equal(seccomm_change(rig.end[CLIENT].session, plans[CLIENT]), SECCOMM_OK);
				rig_pump(&rig);
				pass(&rig, 31);
				both_have(&rig, plans);
				assert_int_equal(seccomm_change(rig.end[n].session, rig.end[n].plan), SECCOMM_OK);
				rig_pump(&rig);
				rig_both_in(&rig, 2 + (uint64_t)allowed);
				rig_talk(&rig);
				drop_two(&rig, plans);
			}
}

/* A server may allow a stack before anybody has come; that the peer cannot sign for it is seen when it is asked for. */
static void a_server_allows_before_it_knows_its_peer(void **state)
{
	for (size_t i = 0; i < 2; i++) {
		struct seccomm_plan *plans[2];
		struct rig rig;

		rig_make(&rig, *state, &(struct setup){ .link = links[i], .stack = usual });
		assert_int_equal(rig_start(&rig), SECCOMM_OK);
		for (unsigned n = CLIENT; n <= SERVER; n++) {
			plans[n] = rig_plan(&rig, n, links[i], other);
			assert_int_equal(seccomm_allow(rig.end[n].session, plans[n]), SECCOMM_OK);
		}
		rig_pump(&rig);
		assert_int_equal(seccomm_change(rig.end[CLIENT].session, plans[CLIENT]), SECCOMM_OK);
		rig_pump(&rig);
		rig_both_in(&rig, 2);
		both_have(&rig, plans);
		rig_talk(&rig);
		drop_two(&rig, plans);
	}
}

/*
 * The client keeps an old epoch a little shorter than the server, which heard of the new one later.  Who begins at that moment
 * is not refused: it is answered as soon as it can be.
 */
static void a_moment_too_early(void **state)
{
	struct seccomm_plan *plans[2];
	struct rig rig;

	open_two(&rig, *state, SECCOMM_DATAGRAM, plans);
	assert_int_equal(seccomm_rekey(rig.end[CLIENT].session), SECCOMM_OK);
	for (unsigned n = 0; n < 4; n++)
		rig_pass(&rig, n % 2); /* now the client has heard of the new epoch, and the server has not */
	rig_wait(&rig, second / 10);
	rig_pump(&rig);
	rig_wait(&rig, 30 * second - second / 10);
	assert_null(rig.end[CLIENT].session->previous);
	assert_non_null(rig.end[SERVER].session->previous);
	assert_int_equal(seccomm_rekey(rig.end[CLIENT].session), SECCOMM_OK);
	rig_pump(&rig);
	rig_both_in(&rig, 2);
	for (int i = 0; i < 4; i++) {
		rig_wait(&rig, second / 4);
		rig_pump(&rig);
	}
	rig_both_in(&rig, 3);
	no_alerts(&rig);
	drop_two(&rig, plans);
}

/* There is no exchange in which it could be agreed on. */
static void never_to_a_stack_without_an_exchange(void **state)
{
	struct rig rig, predefined;

	rig_make(&rig, *state, &(struct setup){ .key = "psk,secret=shared", .identity = { "", "" } });
	rig_open(&rig);
	rig_make_keys(&predefined, *state, &rig_predefined[SECCOMM_STREAM]);
	memcpy(predefined.end[CLIENT].plan->require, rig.end[CLIENT].plan->require, sizeof(rig.end[CLIENT].plan->require));
	assert_int_equal(seccomm_allow(rig.end[CLIENT].session, predefined.end[CLIENT].plan), SECCOMM_INVALID);
	assert_int_equal(seccomm_change(rig.end[CLIENT].session, predefined.end[CLIENT].plan), SECCOMM_INVALID);
	rig_talk(&rig);
	rig_drop(&predefined);
	rig_drop(&rig);
}

/*
 * Whether a key message lies readable is a matter of the stack that is being agreed on, not of the one that is left.  A hidden
 * message looks like a readable one in one of 256 cases, so there are many.
 */
static void from_readable_to_hidden_keys(void **state)
{
	enum { CHANGES = 600 };
	static const char text[] =
	    "seccomm: 1\nsessions:\n  s:\n    role: %s\n    listen: tcp:127.0.0.1:1\n    connect: tcp:127.0.0.1:1\n    identity: self\n"
	    "    peers: [friend]\n    stack: [anti-replay: sequence, encrypt: {algorithm: aes-256-gcm, key: data}]\n    keys:\n"
	    "      office: {establish: psk, secret: shared, protect: [sign: ed25519]}\n"
	    "      data: {establish: dh, protect: [sign: ed25519, encrypt: {algorithm: aes-256-gcm, key: office}]}\n";
	struct seccomm_plan *plans[2];
	struct rig rig;

	rig_make(&rig, *state, &(struct setup){ .stack = usual });
	rig_open(&rig);
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		struct seccomm_error error = { 0 };
		char room[1024];
		int length = snprintf(room, sizeof(room), text, n == CLIENT ? "client" : "server");

		if (seccomm_plan_read(*state, "test", room, (size_t)length, NULL, &plans[n], &error) < 0)
			fail_msg("%s %s", error.place, error.text);
		assert_int_equal(seccomm_allow(rig.end[n].session, plans[n]), SECCOMM_OK);
		assert_int_equal(seccomm_allow(rig.end[n].session, rig.end[n].plan), SECCOMM_OK);
	}
	for (uint64_t i = 0; i < CHANGES; i++) {
		struct seccomm_plan *to = i % 2 == 0 ? plans[CLIENT] : rig.end[CLIENT].plan;

		assert_int_equal(seccomm_change(rig.end[CLIENT].session, to), SECCOMM_OK);
		rig_pump(&rig);
		rig_both_in(&rig, i + 2);
	}
	no_alerts(&rig);
	drop_two(&rig, plans);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wish_outlives_what_the_client_began),
		cmocka_unit_test(a_wish_outlives_what_the_server_refused),
		cmocka_unit_test(a_client_that_cannot_begin_says_so),
		cmocka_unit_test(new_keys_are_new_keys),
		cmocka_unit_test(a_refused_wish_leaves_the_rest),
		cmocka_unit_test(one_wish_at_a_time),
		cmocka_unit_test(back_to_the_first_stack),
		cmocka_unit_test(a_server_allows_before_it_knows_its_peer),
		cmocka_unit_test(a_moment_too_early),
		cmocka_unit_test(never_to_a_stack_without_an_exchange),
		cmocka_unit_test(from_readable_to_hidden_keys),
	};

	return cmocka_run_group_tests_name("asking for an epoch", tests, rig_library, rig_library_free);
}
