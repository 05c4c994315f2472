/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: replaceKey_i makes the key of slot i new and no other, at both ends alike, whoever asks, whatever is lost, and while data
 * flows; what carries over has another key in every epoch, which follows from its old one.
 */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "seccomm/exchange.h"

enum { SLOTS = 3, OUTER = 1, INNER, DATA };
#define BIT(slot) (UINT32_C(1) << (slot))
#define ALL       (BIT(OUTER) | BIT(INNER) | BIT(DATA))
/* Key 2 is protected by key 1, key 3 by key 2. */
#define KEYS                                                                                                            \
	"      outer: {establish: dh, protect: [sign: ed25519]}\n"                                                      \
	"      inner: {establish: both, protect: [encrypt: {algorithm: chacha20-poly1305, key: outer}]}\n"              \
	"      data: {establish: dh, protect: [sign: ed25519, encrypt: {algorithm: aes-256-gcm, key: inner}], rekey: {after: 1h"

static const uint64_t second = 1000000;
static const struct key_setup setups[] = { { SECCOMM_STREAM, .keys = KEYS "}}\n" }, { SECCOMM_DATAGRAM, .keys = KEYS "}}\n" } };

static void open_rig(struct rig *rig, struct seccomm *library, enum seccomm_link link)
{
	rig_make_keys(rig, library, &setups[link]);
	rig_open(rig);
}

static struct seccomm_session *session(struct rig *rig, unsigned n) { return rig->end[n].session; }

/* Everything arrives, second by second; on datagrams until the epoch before is over. */
static void settle(struct rig *rig)
{
	rig_pump(rig);
	for (int i = 0; i < 32 && rig->end[CLIENT].session->plan->link == SECCOMM_DATAGRAM; i++) {
		rig_wait(rig, second);
		rig_pump(rig);
	}
}

static void quiet(const struct rig *rig)
{
	for (unsigned n = CLIENT; n <= SERVER; n++)
		if (rig->end[n].alerts > 0)
			fail_msg("end %u: %s: %s", n, seccomm_alert_text(rig->end[n].alert), rig->end[n].detail);
}

/* Both ends have the same keys, and those of the slots were agreed for these epochs. */
static void made_in(struct rig *rig, uint64_t outer, uint64_t inner, uint64_t data)
{
	const uint64_t epochs[] = { outer, inner, data };

	for (unsigned slot = 1; slot <= SLOTS; slot++) {
		for (unsigned n = CLIENT; n <= SERVER; n++) {
			struct seccomm_key_state state;

			assert_int_equal(seccomm_key_state(session(rig, n), slot, &state), SECCOMM_OK);
			assert_int_equal(state.epoch, epochs[slot - 1]);
			assert_int_equal(seccomm_key_slot(session(rig, n), state.name), slot);
		}
		assert_memory_equal(session(rig, 0)->epoch->keys[slot - 1], session(rig, 1)->epoch->keys[slot - 1], HASH);
	}
}

/* ---- One slot --------------------------------------------------------------------------------------------------- */

static void one_slot_is_new(void **state)
{
	for (enum seccomm_link link = SECCOMM_STREAM; link <= SECCOMM_DATAGRAM; link++)
		for (unsigned n = CLIENT; n <= SERVER; n++) {
			uint64_t made[SLOTS] = { 1, 1, 1 }, number = 2;
			struct rig rig;

			open_rig(&rig, *state, link);
			for (unsigned turn = 0; turn < 9; turn++, number++) {
				unsigned slot = 1 + (turn < 3 ? turn : (7 * turn) % SLOTS);
				uint8_t old[SLOTS][HASH];

				memcpy(old, session(&rig, n)->epoch->keys, sizeof(old));
				assert_int_equal(seccomm_replace_key(session(&rig, n), slot), SECCOMM_OK);
				assert_int_equal(seccomm_replace_key(session(&rig, n), slot), SECCOMM_NOT_READY);
				rig_pump(&rig);
				rig_both_in(&rig, number);
				made[slot - 1] = number;
				made_in(&rig, made[0], made[1], made[2]);
				for (unsigned i = 0; i < SLOTS; i++)
					assert_null(memmem(session(&rig, n)->epoch->keys, sizeof(old), old[i], HASH));
				rig_talk(&rig);
				settle(&rig);
			}
			assert_int_equal(seccomm_rekey(session(&rig, n)), SECCOMM_OK);
			rig_pump(&rig);
			made_in(&rig, number, number, number);
			quiet(&rig);
			rig_drop(&rig);
		}
}

static void who_may_ask(void **state)
{
	struct seccomm_key_state key;
	struct rig rig;

	rig_make_keys(&rig, *state, &setups[SECCOMM_STREAM]);
	assert_int_equal(rig_start(&rig), SECCOMM_OK);
	assert_int_equal(seccomm_replace_key(session(&rig, CLIENT), DATA), SECCOMM_NOT_READY);
	assert_int_equal(seccomm_key_state(session(&rig, CLIENT), DATA, &key), SECCOMM_NOT_READY);
	assert_string_equal(key.name, "data");
	rig_pump(&rig);
	for (unsigned slot = 0; slot < 64; slot += slot == 0 ? SLOTS + 1 : 1) {
		assert_int_equal(seccomm_replace_key(session(&rig, CLIENT), slot), SECCOMM_INVALID);
		assert_int_equal(seccomm_key_state(session(&rig, CLIENT), slot, &key), SECCOMM_INVALID);
	}
	assert_int_equal(seccomm_key_slot(session(&rig, CLIENT), "inner"), INNER);
	assert_int_equal(seccomm_key_slot(session(&rig, CLIENT), "in"), 0);
	seccomm_ended(session(&rig, CLIENT));
	assert_int_equal(seccomm_replace_key(session(&rig, CLIENT), DATA), SECCOMM_CLOSED);
	assert_int_equal(seccomm_key_state(session(&rig, CLIENT), DATA, &key), SECCOMM_CLOSED);
	rig_drop(&rig);
	rig_make_keys(&rig, *state, &rig_predefined[SECCOMM_STREAM]);
	assert_int_equal(rig_start(&rig), SECCOMM_OK);
	assert_int_equal(seccomm_replace_key(session(&rig, CLIENT), 1), SECCOMM_INVALID);
	rig_drop(&rig);
}

/* ---- What carries over ------------------------------------------------------------------------------------------ */

/* doc/wire.md, "The next epoch", written once more: from the old keys and the transcript, and from nothing else. */
static void what_carries_over_follows_from_the_old_epoch(void **state)
{
	static const uint8_t carry_info[] = "\x09seccomm/1\x05rekey\x04\0\0\0\x03\x0chkdf-sha-256\x04" "both\x08\0\0\0\0\0\0\0\1\x05" "carry",
			     exporter_info[] = "\x09seccomm/1\x05rekey\x04\0\0\0\0\x0chkdf-sha-256\x04" "both\x08\0\0\0\0\0\0\0\1\x08" "exporter";
	uint8_t master[HASH], material[2 * HASH], expected[HASH];
	const struct epoch *old;
	struct crypto *crypto;
	struct rig rig;

	open_rig(&rig, *state, SECCOMM_STREAM);
	crypto = session_crypto(session(&rig, CLIENT));
	old = session(&rig, CLIENT)->epoch;
	assert_int_equal(crypto_hkdf_extract(crypto, old->context, HASH, old->keys[0], SLOTS * HASH, master), 0);
	assert_int_equal(crypto_hkdf_expand(crypto, old->keys[DATA - 1], carry_info, sizeof(carry_info) - 1, material, HASH), 0);
	assert_int_equal(crypto_hkdf_expand(crypto, master, exporter_info, sizeof(exporter_info) - 1, material + HASH, HASH), 0);
	assert_int_equal(seccomm_replace_key(session(&rig, CLIENT), INNER), SECCOMM_OK);
	rig_pump(&rig);
	made_in(&rig, 1, 2, 1);
	assert_int_equal(
	    crypto_hkdf_extract(crypto, session(&rig, SERVER)->epoch->context, HASH, material, sizeof(material), expected), 0);
	assert_memory_equal(session(&rig, SERVER)->epoch->keys[DATA - 1], expected, HASH);
	rig_drop(&rig);
}

static void old_keys_are_gone(void **state)
{
	for (enum seccomm_link link = SECCOMM_STREAM; link <= SECCOMM_DATAGRAM; link++)
		for (unsigned slot = 1; slot <= SLOTS; slot++) {
			uint8_t keys[SLOTS][HASH];
			struct rig rig;

			open_rig(&rig, *state, link);
			rig.bury = true;
			memcpy(keys, session(&rig, CLIENT)->epoch->keys, sizeof(keys));
			assert_int_equal(seccomm_replace_key(session(&rig, SERVER), slot), SECCOMM_OK);
			settle(&rig);
			assert_null(session(&rig, CLIENT)->previous);
			assert_null(session(&rig, SERVER)->previous);
			assert_true(rig.buried > 0);
			for (unsigned i = 0; i < SLOTS; i++)
				assert_null(memmem(rig.graves, rig.buried, keys[i], HASH));
			rig_drop(&rig);
		}
}

/* What has served before goes on being counted: an hour, or so many messages, after all were new, all are again. */
static void limits_count_from_the_oldest_key(void **state)
{
	static const struct key_setup counted = { SECCOMM_STREAM, .keys = KEYS ", messages: 10}}\n" };
	struct rig rig;

	open_rig(&rig, *state, SECCOMM_STREAM);
	rig_wait(&rig, 3000 * second);
	assert_int_equal(seccomm_replace_key(session(&rig, SERVER), DATA), SECCOMM_OK);
	rig_pump(&rig);
	made_in(&rig, 1, 1, 2);
	rig_wait(&rig, 599 * second);
	rig_pump(&rig);
	rig_both_in(&rig, 2);
	rig_wait(&rig, second);
	rig_pump(&rig);
	made_in(&rig, 3, 3, 3);
	rig_wait(&rig, 3599 * second);
	rig_pump(&rig);
	rig_both_in(&rig, 3);
	rig_drop(&rig);
	rig_make_keys(&rig, *state, &counted);
	rig_open(&rig);
	for (unsigned sent = 0; sent < 10; sent++) {
		assert_int_equal(session(&rig, CLIENT)->epoch->number, 1 + sent / 4);
		if (sent % 4 == 3)
			assert_int_equal(seccomm_replace_key(session(&rig, CLIENT), OUTER), SECCOMM_OK);
		rig_talk(&rig);
	}
	rig_wait(&rig, 0);
	rig_pump(&rig);
	made_in(&rig, 4, 4, 4);
	rig_drop(&rig);
}

/* ---- Both at once ----------------------------------------------------------------------------------------------- */

static void both_ask_at_once(void **state)
{
	static const struct {
		unsigned client, server; /* slots; 0: all */
		uint64_t last, outer, inner, data;
	} cases[] = {
		{ INNER, INNER, 2, 1, 2, 1 },
		{ OUTER, DATA, 3, 2, 1, 3 },
		{ DATA, OUTER, 3, 3, 1, 2 },
		{ 0, INNER, 2, 2, 2, 2 },
		{ INNER, 0, 3, 3, 2, 3 },
	};

	for (enum seccomm_link link = SECCOMM_STREAM; link <= SECCOMM_DATAGRAM; link++)
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			const unsigned slots[] = { cases[i].client, cases[i].server };
			struct rig rig;

			open_rig(&rig, *state, link);
			for (int n = SERVER; n >= CLIENT; n--)
				assert_int_equal(slots[n] == 0 ? seccomm_rekey(session(&rig, (unsigned)n))
							       : seccomm_replace_key(session(&rig, (unsigned)n), slots[n]),
				    SECCOMM_OK);
			settle(&rig);
			settle(&rig);
			rig_both_in(&rig, cases[i].last);
			made_in(&rig, cases[i].outer, cases[i].inner, cases[i].data);
			rig_talk(&rig);
			quiet(&rig);
			rig_drop(&rig);
		}
}

/* Another stack makes all keys new, so it does for a slot, too. */
static void another_stack_is_enough(void **state)
{
	static const char stack[] = "anti-replay:sequence | encrypt:aes-256-gcm", other[] = "anti-replay:sequence | encrypt:chacha20-poly1305";
	struct seccomm_plan *plans[2];
	struct rig rig;

	rig_make(&rig, *state, &(struct setup){ .stack = stack });
	rig_open(&rig);
	for (unsigned n = CLIENT; n <= SERVER; n++)
		plans[n] = rig_plan(&rig, n, SECCOMM_STREAM, other);
	assert_int_equal(seccomm_allow(session(&rig, SERVER), plans[SERVER]), SECCOMM_OK);
	assert_int_equal(seccomm_replace_key(session(&rig, SERVER), 1), SECCOMM_OK);
	assert_int_equal(seccomm_change(session(&rig, CLIENT), plans[CLIENT]), SECCOMM_OK);
	rig_pump(&rig);
	rig_both_in(&rig, 2);
	quiet(&rig);
	for (unsigned n = CLIENT; n <= SERVER; n++)
		seccomm_plan_free(plans[n]);
	rig_drop(&rig);
}

/* Asked for several slots while the old epoch is still there, the client makes all of them new as soon as it can. */
static void wishes_that_wait_are_joined(void **state)
{
	static const uint32_t masks[] = { BIT(OUTER), BIT(DATA) };
	struct rig rig;

	open_rig(&rig, *state, SECCOMM_DATAGRAM);
	assert_int_equal(seccomm_replace_key(session(&rig, CLIENT), INNER), SECCOMM_OK);
	rig_pump(&rig);
	rig_both_in(&rig, 2);
	for (size_t i = 0; i < 2; i++) {
		uint8_t target[TARGET];

		renew_target(session(&rig, SERVER)->plan, masks[i], target);
		assert_int_equal(control_send(session(&rig, SERVER)->epoch, CONTROL_REKEY, target, TARGET), SECCOMM_OK);
	}
	rig_pump(&rig);
	rig_both_in(&rig, 2);
	settle(&rig);
	made_in(&rig, 3, 2, 3);
	quiet(&rig);
	rig_drop(&rig);
}

/* ---- On the way ------------------------------------------------------------------------------------------------- */

static void any_message_is_lost_or_doubled(void **state)
{
	for (unsigned slot = 1; slot <= SLOTS; slot++)
		for (unsigned lost = 0; lost < 12; lost++) {
			struct rig rig;

			open_rig(&rig, *state, SECCOMM_DATAGRAM);
			assert_int_equal(seccomm_replace_key(session(&rig, lost % 2), slot), SECCOMM_OK);
			for (unsigned n = 0; n < 2 * lost; n++)
				if (rig.end[n % 2].sent.first != NULL) {
					struct unit *unit = rig_take(&rig, n % 2);

					for (unsigned times = 0; times < 1 + lost / 6; times++)
						rig_give(&rig, !(n % 2), unit->bytes, unit->length);
					free(unit);
				}
			rig_lose(&rig, CLIENT);
			rig_lose(&rig, SERVER);
			settle(&rig);
			rig_both_in(&rig, 2);
			made_in(&rig, 1 + (slot == 1), 1 + (slot == 2), 1 + (slot == 3));
			rig_talk(&rig);
			rig_drop(&rig);
		}
}

/* What nobody answers is given up, and tried again with all keys. */
static void what_fails_renews_all(void **state)
{
	struct rig rig;

	open_rig(&rig, *state, SECCOMM_DATAGRAM);
	assert_int_equal(seccomm_replace_key(session(&rig, CLIENT), INNER), SECCOMM_OK);
	for (int i = 0; i < 10; i++) {
		rig_lose(&rig, CLIENT);
		rig_wait(&rig, second);
	}
	rig_lose(&rig, CLIENT);
	assert_int_equal(rig.end[CLIENT].alert, SECCOMM_ALERT_REKEY_FAILED);
	rig_talk(&rig);
	made_in(&rig, 1, 1, 1);
	rig_wait(&rig, 10 * second);
	rig_pump(&rig);
	made_in(&rig, 2, 2, 2);
	rig_drop(&rig);
}

/* A message is pushed by each end between any two frames of the exchange; all arrive, in order. */
static void data_flows_on_a_stream(void **state)
{
	unsigned sent[2] = { 0 };
	char text[32];
	struct rig rig;

	open_rig(&rig, *state, SECCOMM_STREAM);
	for (unsigned round = 0; round < 12; round++) {
		assert_int_equal(seccomm_replace_key(session(&rig, round % 2), 1 + round % SLOTS), SECCOMM_OK);
		for (unsigned step = 0; step < 24; step++) {
			unsigned n = (step + round / 2) % 2;

			snprintf(text, sizeof(text), "message %u", sent[n]++);
			rig_push(&rig, n, text);
			if (rig.end[!n].sent.first != NULL)
				rig_pass(&rig, !n);
		}
		rig_pump(&rig);
		rig_both_in(&rig, round + 2);
	}
	for (unsigned n = CLIENT; n <= SERVER; n++)
		for (unsigned k = 0; k < sent[!n]; k++) {
			snprintf(text, sizeof(text), "message %u", k);
			rig_got(&rig, n, text);
		}
	quiet(&rig);
	rig_drop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_slot_is_new),
		cmocka_unit_test(who_may_ask),
		cmocka_unit_test(what_carries_over_follows_from_the_old_epoch),
		cmocka_unit_test(old_keys_are_gone),
		cmocka_unit_test(limits_count_from_the_oldest_key),
		cmocka_unit_test(both_ask_at_once),
		cmocka_unit_test(another_stack_is_enough),
		cmocka_unit_test(wishes_that_wait_are_joined),
		cmocka_unit_test(any_message_is_lost_or_doubled),
		cmocka_unit_test(what_fails_renews_all),
		cmocka_unit_test(data_flows_on_a_stream),
	};

	return cmocka_run_group_tests_name("one new key", tests, rig_library, rig_library_free);
}
