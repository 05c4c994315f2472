/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the three attacks that Figure 7 of TR 99-08 allows as it is printed fail on what stands for it here: the client's own
 * message as its acknowledgement, the messages of an old session, garbage in place of a key.
 */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FRAMES_MAX = 64 };

static const enum seccomm_link links[] = { SECCOMM_STREAM, SECCOMM_DATAGRAM };

/* As in the paper: one symmetric key in both directions, and no identities. */
static void make(struct rig *rig, void **state, enum seccomm_link link)
{
	rig_make_keys(rig, *state,
	    &(struct key_setup){ .link = link, .alone = true,
		.keys = "      master: {establish: psk, secret: shared}\n"
			"      data: {establish: ClientKeyDistribution, protect: [DESPrivacy, KeyedSHAIntegrity]}\n" });
}

/* Carries frames until the client has sent one more than COUNT, which is answered and not carried; NULL: it sends no more. */
static struct unit *client_frame(struct rig *rig, unsigned count)
{
	unsigned n = 0;

	for (;;) {
		while (rig->end[SERVER].sent.first)
			rig_pass(rig, SERVER);
		if (!rig->end[CLIENT].sent.first)
			return NULL;
		if (n++ == count)
			return rig_take(rig, CLIENT);
		rig_pass(rig, CLIENT);
	}
}

/* The client's message comes back to it in place of the server's: in Figure 7 that opens the session. */
static void reflection(void **state)
{
	for (size_t i = 0; i < 2; i++) {
		struct rig rig;
		struct unit *unit;
		unsigned count = 0;

		make(&rig, state, links[i]);
		for (assert_int_equal(rig_start(&rig), SECCOMM_OK); (unit = client_frame(&rig, count)); count++) {
			rig_give(&rig, CLIENT, unit->bytes, unit->length);
			unit->bytes[0] = 0x21; /* as CONTROL, where the last confirmation comes */
			rig_give(&rig, CLIENT, unit->bytes, unit->length);
			assert_int_equal(rig.end[CLIENT].opened, 0);
			assert_int_equal(rig.end[CLIENT].closed, links[i] == SECCOMM_STREAM);
			free(unit);
			rig_shut(&rig);
			assert_int_equal(rig_start(&rig), SECCOMM_OK);
		}
		assert_true(count >= 3);
		rig_drop(&rig);
	}
}

/* All that the client of an old session sent, to a new one: in Figure 7 the server takes the old key. */
static void replay(void **state)
{
	for (size_t i = 0; i < 2; i++) {
		struct rig rig;
		struct unit *unit[FRAMES_MAX];
		unsigned count = 0;

		make(&rig, state, links[i]);
		assert_int_equal(rig_start(&rig), SECCOMM_OK);
		while ((unit[count] = client_frame(&rig, 0))) {
			rig_give(&rig, SERVER, unit[count]->bytes, unit[count]->length);
			assert_true(++count < FRAMES_MAX);
		}
		rig_talk(&rig);
		rig_shut(&rig);
		assert_int_equal(rig_start(&rig), SECCOMM_OK);
		for (unsigned n = 0; n < count; n++) {
			rig_give(&rig, SERVER, unit[n]->bytes, unit[n]->length);
			free(unit[n]);
		}
		assert_true(count >= 3);
		assert_int_equal(rig.end[SERVER].opened, 0);
		assert_false(seccomm_may_push(rig.end[SERVER].session));
		assert_true(rig.end[SERVER].alerts > 0);
		rig_drop(&rig);
	}
}

/* Junk of every length and kind in front of each message; in Figure 7 one such datagram blocks the distribution for good. */
static void junk(struct rig *rig, unsigned to, const struct unit *unit)
{
	uint8_t bytes[1024];

	assert_true(unit->length < sizeof(bytes));
	for (size_t n = 1; n <= unit->length; n += 7) {
		rig_fill(&rig->seed, bytes, n);
		rig_give(rig, to, bytes, n);
		memcpy(bytes, unit->bytes, n < 6 ? n : 6); /* the very header that is expected now */
		rig_give(rig, to, bytes, n);
		memcpy(bytes, unit->bytes, unit->length);
		bytes[n - 1] ^= 0x10;
		rig_give(rig, to, bytes, unit->length);
	}
}

static void garbage_does_not_lock_out(void **state)
{
	struct rig rig;
	unsigned count = 0;

	make(&rig, state, SECCOMM_DATAGRAM);
	assert_int_equal(rig_start(&rig), SECCOMM_OK);
	while (rig.end[CLIENT].sent.first || rig.end[SERVER].sent.first)
		for (unsigned n = CLIENT; n <= SERVER; n++)
			while (rig.end[n].sent.first) {
				/* The first OPEN makes the session; before it there is none that could be locked. */
				if (count++ > 0)
					junk(&rig, !n, rig.end[n].sent.first);
				rig_pass(&rig, n);
			}
	assert_true(count >= 7);
	assert_int_equal(rig.end[CLIENT].opened + rig.end[SERVER].opened, 2);
	rig_talk(&rig);
	rig_drop(&rig);
	/* On a stream garbage ends the connection, and the next one is as good as ever. */
	make(&rig, state, SECCOMM_STREAM);
	assert_int_equal(rig_start(&rig), SECCOMM_OK);
	junk(&rig, SERVER, rig.end[CLIENT].sent.first);
	assert_int_equal(rig.end[SERVER].closed, 1);
	rig_shut(&rig);
	rig_open(&rig);
	rig_talk(&rig);
	rig_drop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reflection),
		cmocka_unit_test(replay),
		cmocka_unit_test(garbage_does_not_lock_out),
	};

	return cmocka_run_group_tests_name("attacks on Figure 7", tests, rig_library, rig_library_free);
}
