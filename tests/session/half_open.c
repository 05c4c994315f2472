/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: sessions that are half open are bounded in number, memory and time, whatever comes; the oldest gives way, and one that is
 * open never does.
 */
#include "crowd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "seccomm/plan.h"

static const uint64_t second = 1000000;

static void the_oldest_gives_way(void **state)
{
	enum { BOUND = 4, COME = 10 };
	const struct seccomm_listener_limits limits = { .half_open = BOUND, .cookies_above = SIZE_MAX };
	struct crowd *crowd = crowd_new(*state, NULL, &limits);

	for (unsigned n = 0; n < COME; n++) {
		crowd_pass(crowd_enter(crowd));
		crowd_has(crowd, n < BOUND ? n + 1 : BOUND, n < BOUND ? n + 1 : BOUND);
		for (unsigned k = 0; k <= n; k++)
			assert_int_equal(crowd->server[k].evicted, k + BOUND <= n);
	}
	assert_int_equal(crowd_statistics(crowd).evicted, COME - BOUND);
	/* Those that are left can finish; for the others it is too late, until they send their OPEN again. */
	crowd_pump(crowd);
	for (unsigned n = 0; n < COME; n++)
		assert_int_equal(crowd->client[n].end.opened, n >= COME - BOUND);
	crowd_has(crowd, BOUND, 0);
	assert_int_equal(crowd_statistics(crowd).evicted, COME - BOUND);
	crowd_drop(crowd);
}

/* By which a key is agreed on: small shares, and the largest. */
static const char *const ways[][2] = { { "dh", "x25519" }, { "dh", "ffdhe3072" }, { "kem", "x25519-ml-kem-768" } };

static bool offered(struct seccomm *library, const char *const way[2])
{
	const char *why = seccomm_choice_unavailable(library, seccomm_micro_protocol(library, "establish", way[0]), way[1]);

	if (why != NULL)
		print_message("# NOT RUN: %s by %s: %s\n", way[0], way[1], why);
	return why == NULL;
}

/* The same by memory: whatever comes, what is half open has no more than its bound. */
static void bounded_by(struct seccomm *library, const char *key, const char *name)
{
	const size_t bound = 40000;
	const struct seccomm_listener_limits limits = { .half_open_bytes = bound, .cookies_above = SIZE_MAX };
	struct crowd *crowd = crowd_new(library, &(struct setup){ .key = key }, &limits);

	for (unsigned n = 0; n < 20; n++) {
		struct seccomm_listener_statistics now;

		crowd_pass(crowd_enter(crowd));
		now = crowd_statistics(crowd);
		assert_true(now.half_open_bytes <= bound);
		crowd_has(crowd, now.sessions, now.sessions);
	}
	assert_true(crowd_statistics(crowd).evicted > 0);
	assert_true(crowd_statistics(crowd).half_open > 2);
	print_message("# half open by %s: %zu bytes each\n", name,
	    (size_t)(crowd_statistics(crowd).half_open_bytes / crowd_statistics(crowd).half_open));
	crowd_drop(crowd);
}

static void memory_of_half_open_sessions(void **state)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		char key[128];

		(void)snprintf(key, sizeof(key), "%s,%s=%s,protect=sign:ed25519", ways[i][0],
		    strcmp(ways[i][0], "dh") == 0 ? "group" : "mechanism", ways[i][1]);
		if (offered(*state, ways[i]))
			bounded_by(*state, key, ways[i][1]);
	}
}

/* Open sessions never give way. */
static void open_sessions_stay(void **state)
{
	const struct seccomm_listener_limits limits = { .half_open = 1, .cookies_above = SIZE_MAX };
	struct crowd *crowd = crowd_new(*state, NULL, &limits);

	for (unsigned n = 0; n < 3; n++) {
		(void)crowd_enter(crowd);
		crowd_pump(crowd);
	}
	for (unsigned n = 0; n < 5; n++)
		crowd_pass(crowd_enter(crowd));
	crowd_has(crowd, 4, 1);
	for (unsigned n = 0; n < 3; n++)
		assert_false(crowd->server[n].evicted);
	crowd_lose(crowd);
	for (unsigned n = 0; n < 3; n++)
		crowd_talk(&crowd->client[n]);
	crowd_drop(crowd);
}

static void half_open_for_ten_seconds(void **state)
{
	struct crowd *crowd = crowd_new(*state, NULL, NULL);

	for (unsigned n = 0; n < 5; n++) {
		crowd_pass(crowd_enter(crowd));
		crowd_wait(crowd, second);
	}
	crowd_wait(crowd, 4 * second);
	crowd_has(crowd, 5, 5);
	for (unsigned n = 5; n > 0; n--) {
		crowd_wait(crowd, second);
		crowd_has(crowd, n - 1, n - 1);
		assert_int_equal(crowd->server[5 - n].end.alert, SECCOMM_ALERT_TIMED_OUT);
	}
	crowd_drop(crowd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_oldest_gives_way),
		cmocka_unit_test(memory_of_half_open_sessions),
		cmocka_unit_test(open_sessions_stay),
		cmocka_unit_test(half_open_for_ten_seconds),
	};

	return cmocka_run_group_tests_name("half open", tests, rig_library, rig_library_free);
}
