/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: an end that cannot agree on new keys now says what is under way, and for how long at the most, if it knows. */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint64_t second = 1000000;

static struct seccomm_session *session(struct rig *rig, unsigned n) { return rig->end[n].session; }

static void is_under_way(struct rig *rig, unsigned n, enum seccomm_renewal expected, uint64_t least, uint64_t most)
{
	uint64_t wait;

	assert_int_equal(seccomm_renewal_state(session(rig, n), &wait), expected);
	assert_in_range(wait, least, most);
	if (expected == SECCOMM_RENEWAL_NONE)
		assert_int_not_equal(seccomm_rekey(session(rig, n)), SECCOMM_NOT_READY);
	else
		assert_int_equal(seccomm_rekey(session(rig, n)), SECCOMM_NOT_READY);
}

/* Everything arrives, second by second, until the epoch before is over on datagrams, too. */
static void settle(struct rig *rig)
{
	rig_pump(rig);
	for (int i = 0; i < 32; i++) {
		rig_wait(rig, second);
		rig_pump(rig);
	}
}

/* A stream's old keys go when the peer has gone over, those of datagrams after half a minute; and all is over then. */
static void what_is_under_way(void **state)
{
	for (enum seccomm_link link = SECCOMM_STREAM; link <= SECCOMM_DATAGRAM; link++) {
		const bool stream = link == SECCOMM_STREAM; /* it waits for as long as a program does not read */
		struct rig rig;

		rig_make(&rig, *state, &(struct setup){ .link = link });
		assert_int_equal(rig_start(&rig), SECCOMM_OK);
		is_under_way(&rig, CLIENT, SECCOMM_RENEWAL_OPENING, second, 60 * second);
		rig_pump(&rig);
		assert_int_equal(seccomm_rekey(session(&rig, SERVER)), SECCOMM_OK);
		is_under_way(&rig, SERVER, SECCOMM_RENEWAL_ASKED, UINT64_MAX, UINT64_MAX);
		assert_int_equal(seccomm_rekey(session(&rig, CLIENT)), SECCOMM_OK);
		is_under_way(&rig, CLIENT, SECCOMM_RENEWAL_AGREEING, stream ? UINT64_MAX : second, stream ? UINT64_MAX : 60 * second);
		rig_wait(&rig, second);
		is_under_way(&rig, CLIENT, SECCOMM_RENEWAL_AGREEING, stream ? UINT64_MAX : 0, stream ? UINT64_MAX : 59 * second);
		settle(&rig);
		is_under_way(&rig, CLIENT, SECCOMM_RENEWAL_NONE, UINT64_MAX, UINT64_MAX);
		settle(&rig);
		assert_int_equal(rig.end[CLIENT].alerts + rig.end[SERVER].alerts, 0);
		rig_drop(&rig);
	}
}

static void old_keys_are_in_use(void **state)
{
	struct rig rig;

	rig_make(&rig, *state, &(struct setup){ .link = SECCOMM_DATAGRAM });
	rig_open(&rig);
	assert_int_equal(seccomm_rekey(session(&rig, CLIENT)), SECCOMM_OK);
	rig_pump(&rig);
	is_under_way(&rig, SERVER, SECCOMM_RENEWAL_OVERLAP, 29 * second, 30 * second);
	rig_wait(&rig, 10 * second);
	rig_pump(&rig);
	is_under_way(&rig, SERVER, SECCOMM_RENEWAL_OVERLAP, 19 * second, 20 * second);
	rig_drop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_under_way),
		cmocka_unit_test(old_keys_are_in_use),
	};

	return cmocka_run_group_tests_name("what is under way", tests, rig_library, rig_library_free);
}
