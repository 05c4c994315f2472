/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: every single bit of every byte matters.  One that is flipped on its way, in the opening or in a stream of data, ends the
 * session at the end that gets it, before it is open and before anything is delivered.
 */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { OPEN, M2, M3, DONE, DATA, CLOSE };

/* Goes on as both would if nothing had happened, and then cuts the connection. */
static void go_on(struct rig *rig)
{
	rig_pump(rig);
	if (seccomm_may_push(rig->end[CLIENT].session))
		rig_push(rig, CLIENT, "what must not arrive");
	rig_pump(rig);
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		seccomm_ended(rig->end[n].session);
		assert_int_equal(rig->end[n].closed, 1);
	}
}

/* The frame NUMBER with BIT of BYTE flipped is given to whom it is for; answers its length. */
static size_t give_flipped(struct rig *rig, unsigned number, size_t byte, unsigned bit)
{
	unsigned from = number == DATA || number == CLOSE ? CLIENT : number % 2;
	struct unit *unit = rig_take(rig, from);
	size_t length = unit->length;

	unit->bytes[byte] ^= (uint8_t)(1 << bit);
	rig_give(rig, !from, unit->bytes, unit->length);
	free(unit);
	return length;
}

static size_t flip_opening(struct rig *rig, unsigned number, size_t byte, unsigned bit)
{
	unsigned victim = number % 2 == 0 ? SERVER : CLIENT;
	size_t length;

	assert_int_equal(rig_start(rig), SECCOMM_OK);
	for (unsigned n = 0; n < number; n++)
		rig_pass(rig, n % 2);
	length = give_flipped(rig, number, byte, bit);
	go_on(rig);
	assert_int_equal(rig->end[victim].opened, 0);
	if (number != DONE)
		assert_int_equal(rig->end[!victim].opened, 0);
	assert_int_equal(rig->end[CLIENT].delivered, 0);
	/* The client may send already when DONE comes; if its length was made larger, the client waits for more and has done so. */
	assert_true(rig->end[SERVER].delivered == 0 || (number == DONE && byte >= 2 && byte < 6));
	for (unsigned n = CLIENT; n <= SERVER; n++)
		assert_int_equal(rig->end[n].status, SECCOMM_REFUSED);
	rig_shut(rig);
	return length;
}

static void flip_all(void **state, const struct setup *setup, unsigned number, unsigned step)
{
	struct rig rig;

	rig_make(&rig, *state, setup);
	for (size_t byte = 0, length = 1; byte < length; byte++)
		for (unsigned bit = (unsigned)byte % step; bit < 8; bit += step)
			length = flip_opening(&rig, number, byte, bit);
	rig_drop(&rig);
}

static void every_bit_of_open(void **state) { flip_all(state, &(struct setup){ 0 }, OPEN, 1); }
static void every_bit_of_m2(void **state) { flip_all(state, &(struct setup){ 0 }, M2, 1); }
static void every_bit_of_m3(void **state) { flip_all(state, &(struct setup){ 0 }, M3, 1); }
static void every_bit_of_done(void **state) { flip_all(state, &(struct setup){ 0 }, DONE, 1); }

static void every_byte_with_a_pre_shared_secret(void **state)
{
	const struct setup psk = { .key = "psk,secret=shared", .identity = { "", "" } };

	for (unsigned number = OPEN; number <= DONE; number++)
		flip_all(state, &psk, number, 8);
}

static size_t flip_data(struct rig *rig, unsigned number, size_t byte, unsigned bit)
{
	size_t length;

	rig_open(rig);
	if (number == DATA)
		rig_push(rig, CLIENT, "12345678");
	else
		assert_int_equal(seccomm_close(rig->end[CLIENT].session), SECCOMM_OK);
	length = give_flipped(rig, number, byte, bit);
	if (rig->end[SERVER].closed == 0) /* the length became larger, so more is awaited, and nothing of it given */
		seccomm_ended(rig->end[SERVER].session);
	assert_int_equal(rig->end[SERVER].delivered, 0);
	assert_int_equal(rig->end[SERVER].peer_closed, 0);
	assert_int_equal(rig->end[SERVER].status, SECCOMM_REFUSED);
	rig_shut(rig);
	return length;
}

static void every_bit_of_data_and_close(void **state)
{
	struct rig rig;

	rig_make(&rig, *state, &(struct setup){ 0 });
	for (unsigned number = DATA; number <= CLOSE; number++)
		for (size_t byte = 0, length = 1; byte < length; byte++)
			for (unsigned bit = 0; bit < 8; bit++)
				length = flip_data(&rig, number, byte, bit);
	rig_drop(&rig);
}

/* A byte of one message in a stream, whatever the stack: that message and all behind it are not delivered. */
static void one_bit_in_a_stream_of_many(void **state)
{
	static const char *const stacks[] = { "anti-replay:sequence | encrypt:chacha20-poly1305",
		"anti-replay:sequence | digest:sha-256 | encrypt:aes-256-gcm", "anti-replay:sequence | sign:ed25519 | encrypt:aes-256-gcm",
		"anti-replay:timestamp | encrypt:des-cbc | mac:hmac-sha-256", "anti-replay:sequence | sign:ed25519" };
	struct setup setup = { .key = "dh,protect=sign:ed25519", .lab = true };

	for (size_t i = 0; i < sizeof(stacks) / sizeof(stacks[0]); i++) {
		struct rig rig;

		setup.stack = stacks[i];
		rig_make(&rig, *state, &setup);
		for (size_t byte = 0, length = 1; byte < length; byte++) {
			rig_open(&rig);
			rig_push(&rig, CLIENT, "before");
			rig_pump(&rig);
			rig_push(&rig, CLIENT, "flipped");
			rig_push(&rig, CLIENT, "behind");
			length = give_flipped(&rig, DATA, byte, (unsigned)byte % 8);
			if (rig.end[SERVER].closed == 0) /* the length has become larger: what follows is taken for its rest */
				rig_pump(&rig), seccomm_ended(rig.end[SERVER].session);
			assert_int_equal(rig.end[SERVER].delivered, 1);
			assert_int_equal(rig.end[SERVER].status, SECCOMM_REFUSED);
			rig_shut(&rig);
		}
		rig_drop(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_bit_of_open),
		cmocka_unit_test(every_bit_of_m2),
		cmocka_unit_test(every_bit_of_m3),
		cmocka_unit_test(every_bit_of_done),
		cmocka_unit_test(every_byte_with_a_pre_shared_secret),
		cmocka_unit_test(every_bit_of_data_and_close),
		cmocka_unit_test(one_bit_in_a_stream_of_many),
	};

	return cmocka_run_group_tests_name("flipped bits", tests, rig_library, rig_library_free);
}
