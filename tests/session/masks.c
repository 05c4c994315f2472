/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: which slots are new is agreed on as everything else is: a peer that names none, or one that there is not, or some of
 * another stack, is refused; whoever changes what it names on the way is found out; and no key serves two attempts.
 */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "seccomm/exchange.h"

enum { OUTER = 1, DATA };
#define BIT(slot) (UINT32_C(1) << (slot))
#define KEYS                                                                                                            \
	"      outer: {establish: dh, protect: [sign: ed25519]}\n"                                                      \
	"      data: {establish: both, protect: [encrypt: {algorithm: chacha20-poly1305, key: outer}]}\n"

static const uint64_t second = 1000000;
static const struct key_setup setups[] = { { SECCOMM_STREAM, .keys = KEYS }, { SECCOMM_DATAGRAM, .keys = KEYS } };
/* No slot, those before the first and behind the last, and the greatest. */
static const uint32_t wrong[] = { 0, 1, BIT(OUTER) | 1, BIT(3), BIT(DATA) | BIT(3), BIT(31) };

static struct seccomm_session *session(struct rig *rig, unsigned n) { return rig->end[n].session; }

/* END sends KIND about SLOTS of an epoch of its plan; and the beginning of a first message behind it. */
static void send_about(struct rig *rig, unsigned end, enum control_kind kind, uint32_t slots)
{
	uint8_t body[CONTROL_KEY_HEAD + 64] = { 0 };
	unsigned slot = 1;

	while (slot < 31 && (slots >> slot & 1) == 0)
		slot++;
	body[0] = mark_of(slot, PLACE_M1);
	renew_target(session(rig, end)->plan, slots, body + 1);
	cactus_put_u64(body + 1 + TARGET, 1);
	if (kind == CONTROL_KEY)
		assert_int_equal(control_send(session(rig, end)->epoch, kind, body, sizeof(body)), SECCOMM_OK);
	else
		assert_int_equal(control_send(session(rig, end)->epoch, kind, body + 1, TARGET), SECCOMM_OK);
}

/* What a peer names wrongly is the end of a stream, and nothing on datagrams. */
static void wrong_slots_are_refused(void **state)
{
	for (enum seccomm_link link = SECCOMM_STREAM; link <= SECCOMM_DATAGRAM; link++)
		for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
			for (unsigned from = CLIENT; from <= SERVER; from++) {
				struct rig rig;

				rig_make_keys(&rig, *state, &setups[link]);
				rig_open(&rig);
				send_about(&rig, from, from == CLIENT ? CONTROL_KEY : CONTROL_REKEY, wrong[i]);
				rig_pump(&rig);
				assert_int_equal(rig.end[!from].alerts, 1);
				assert_int_equal(rig.end[!from].alert,
				    from == CLIENT ? SECCOMM_ALERT_MALFORMED : SECCOMM_ALERT_UNEXPECTED);
				assert_int_equal(rig.end[!from].closed, link == SECCOMM_STREAM);
				if (link == SECCOMM_DATAGRAM) {
					assert_null(session(&rig, !from)->exchange);
					rig_talk(&rig);
					assert_int_equal(seccomm_rekey(session(&rig, from)), SECCOMM_OK);
					rig_pump(&rig);
					rig_both_in(&rig, 2);
				}
				rig_drop(&rig);
			}
}

/* Into another stack nothing carries over. */
static void another_stack_renews_all(void **state)
{
	static const struct key_setup other = { SECCOMM_DATAGRAM,
		.keys = "      outer: {establish: dh, protect: [sign: ed25519]}\n      data: {establish: dh, protect: [sign: ed25519]}\n" };

	for (unsigned from = CLIENT; from <= SERVER; from++) {
		struct seccomm_plan *kept;
		struct rig rig, another;

		rig_make_keys(&rig, *state, &setups[SECCOMM_DATAGRAM]);
		rig_make_keys(&another, *state, &other);
		rig_open(&rig);
		assert_int_equal(seccomm_allow(session(&rig, !from), another.end[!from].plan), SECCOMM_OK);
		kept = session(&rig, from)->plan;
		session(&rig, from)->plan = another.end[from].plan; /* that is what is named */
		send_about(&rig, from, from == CLIENT ? CONTROL_KEY : CONTROL_REKEY, BIT(DATA));
		session(&rig, from)->plan = kept;
		rig_pump(&rig);
		assert_int_equal(rig.end[!from].alerts, 1);
		assert_int_equal(
		    rig.end[!from].alert, from == CLIENT ? SECCOMM_ALERT_MALFORMED : SECCOMM_ALERT_UNEXPECTED);
		assert_null(session(&rig, !from)->exchange);
		rig_talk(&rig);
		rig_drop(&rig);
		rig_drop(&another);
	}
}

/*
 * The client's messages name other slots, or another attempt, than those it has begun with: as if somebody with the keys of
 * CONTROL had changed that, and nothing else.  The transcripts differ, so no layer accepts what the other end made.
 */
static void a_changed_name_is_found_out(void **state)
{
	static const struct {
		unsigned slot;
		uint32_t named;
		uint64_t attempt;
		enum seccomm_alert_id alert;
	} cases[] = {
		{ OUTER, BIT(OUTER) | BIT(DATA), 1, SECCOMM_ALERT_BAD_SIGNATURE },
		{ OUTER, BIT(OUTER), 2, SECCOMM_ALERT_BAD_SIGNATURE },
		{ DATA, BIT(DATA), 2, SECCOMM_ALERT_BAD_TAG },
		{ 0, BIT(OUTER), 1, SECCOMM_ALERT_BAD_SIGNATURE },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rig rig;

		rig_make_keys(&rig, *state, &setups[SECCOMM_DATAGRAM]);
		rig_open(&rig);
		assert_int_equal(cases[i].slot == 0 ? seccomm_rekey(session(&rig, CLIENT))
						    : seccomm_replace_key(session(&rig, CLIENT), cases[i].slot),
		    SECCOMM_OK);
		rig_lose(&rig, CLIENT);
		session(&rig, CLIENT)->next->fresh = cases[i].named;
		session(&rig, CLIENT)->exchange->attempt = cases[i].attempt;
		rig_wait(&rig, second / 4);
		rig_pass(&rig, CLIENT);
		assert_int_equal(rig.end[SERVER].alerts, 1);
		assert_int_equal(rig.end[SERVER].alert, cases[i].alert);
		assert_null(rig.end[SERVER].sent.first);
		rig_both_in(&rig, 1);
		rig_talk(&rig);
		rig_drop(&rig);
	}
}

/* Whatever bit of the message that carries it is another one, it is no message. */
static void a_changed_message_is_none(void **state)
{
	struct unit *unit;
	struct rig rig;

	rig_make_keys(&rig, *state, &setups[SECCOMM_DATAGRAM]);
	rig_open(&rig);
	assert_int_equal(seccomm_replace_key(session(&rig, CLIENT), DATA), SECCOMM_OK);
	unit = rig_take(&rig, CLIENT);
	for (size_t bit = 0; bit < 8 * unit->length; bit++) {
		unit->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		rig_give(&rig, SERVER, unit->bytes, unit->length);
		unit->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_null(session(&rig, SERVER)->exchange);
	}
	rig_give(&rig, SERVER, unit->bytes, unit->length);
	assert_non_null(session(&rig, SERVER)->exchange);
	free(unit);
	rig_drop(&rig);
}

/* A key that protects the exchange of another one is never used twice, though the first message of each attempt has number 0. */
static void each_attempt_has_keys_of_its_own(void **state)
{
	uint8_t seen[4][HASH];
	struct rig rig;

	rig_make_keys(&rig, *state, &setups[SECCOMM_DATAGRAM]);
	rig_open(&rig);
	for (unsigned turn = 0; turn < 4; turn++) {
		assert_int_equal(seccomm_replace_key(session(&rig, CLIENT), DATA), SECCOMM_OK);
		memcpy(seen[turn], session(&rig, CLIENT)->next->keys[OUTER - 1], HASH);
		for (unsigned i = 0; i < turn; i++)
			assert_memory_not_equal(seen[i], seen[turn], HASH);
		if (turn == 3)
			break;
		for (int i = 0; i < 10; i++) {
			rig_lose(&rig, CLIENT);
			rig_wait(&rig, second);
		}
		rig_lose(&rig, CLIENT);
		assert_null(session(&rig, CLIENT)->next);
		rig_talk(&rig);
	}
	rig_pump(&rig);
	rig_both_in(&rig, 2);
	rig_drop(&rig);
}

/* Nor does the server answer one attempt twice: an M1 that was answered, given up and comes again late is passed over. */
static void an_attempt_is_answered_once(void **state)
{
	struct unit *late;
	struct rig rig;

	rig_make_keys(&rig, *state, &setups[SECCOMM_DATAGRAM]);
	rig_open(&rig);
	assert_int_equal(seccomm_replace_key(session(&rig, CLIENT), DATA), SECCOMM_OK);
	rig_pass(&rig, CLIENT);
	rig_wait(&rig, second / 4);
	late = rig_take(&rig, CLIENT);
	assert_non_null(session(&rig, SERVER)->exchange);
	rig_lose(&rig, SERVER);
	renew_drop(session(&rig, SERVER), "as after 60 s");
	rig.end[SERVER].alerts = 0;
	rig_lose(&rig, SERVER);
	rig_give(&rig, SERVER, late->bytes, late->length);
	assert_null(session(&rig, SERVER)->exchange);
	assert_null(rig.end[SERVER].sent.first);
	assert_int_equal(rig.end[SERVER].alerts, 0);
	free(late);
	rig_drop(&rig);
}

/* On a stream nothing is sent again, so an attempt comes once. */
static void a_stream_has_each_attempt_once(void **state)
{
	struct rig rig;

	rig_make_keys(&rig, *state, &setups[SECCOMM_STREAM]);
	rig_open(&rig);
	session(&rig, SERVER)->renewal.attempt = 1; /* as if it had been answered and given up */
	assert_int_equal(seccomm_replace_key(session(&rig, CLIENT), DATA), SECCOMM_OK);
	rig_pass(&rig, CLIENT);
	rig_refused(&rig, SERVER, SECCOMM_ALERT_UNEXPECTED);
	rig_drop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_slots_are_refused),
		cmocka_unit_test(another_stack_renews_all),
		cmocka_unit_test(a_changed_name_is_found_out),
		cmocka_unit_test(a_changed_message_is_none),
		cmocka_unit_test(each_attempt_has_keys_of_its_own),
		cmocka_unit_test(an_attempt_is_answered_once),
		cmocka_unit_test(a_stream_has_each_attempt_once),
	};

	return cmocka_run_group_tests_name("which keys are new", tests, rig_library, rig_library_free);
}
