/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: strangers cost a listener little and get nothing for it: no answer without mac1, none to who is not known, a cookie before
 * a session when many are half open, and never more bytes than they have sent (crowd.c looks at everything that is sent).
 */
#include "crowd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint64_t second = 1000000;
static const struct seccomm_listener_limits always = { .cookies_above = 0 };
enum { ELSEWHERE = 0x4e000000, RETRY_LENGTH = HEADER + RETRY_BODY };

static void nothing_has_come_of_it(struct crowd *crowd)
{
	assert_null(crowd_letter(crowd));
	crowd_has(crowd, 0, 0);
	assert_int_equal(crowd->servers, 0);
}

/* ---- Strangers --------------------------------------------------------------------------------------------------- */

/* Whatever byte of an opening is another one: mac1 covers it, or it is no opening. */
static void a_changed_opening_is_met_with_silence(void **state)
{
	struct crowd *crowd = crowd_new(*state, NULL, NULL);
	struct guest *client = crowd_enter(crowd);
	struct unit *opening = crowd_take(client);

	for (size_t i = 0; i < opening->length; i++) {
		opening->bytes[i] ^= 1;
		crowd_arrive(crowd, client->address, opening->bytes, opening->length);
		opening->bytes[i] ^= 1;
		crowd_arrive(crowd, client->address, opening->bytes, i);
		nothing_has_come_of_it(crowd);
	}
	assert_int_equal(crowd_statistics(crowd).dropped, crowd->alerts);
	crowd_arrive(crowd, client->address, opening->bytes, opening->length);
	crowd_has(crowd, 1, 1);
	free(opening);
	crowd_drop(crowd);
}

static void an_opening_for_another_server(void **state)
{
	struct crowd *crowd = crowd_new(*state, &(struct setup){ .peer = { stranger_public } }, NULL);

	crowd_pass(crowd_enter(crowd));
	nothing_has_come_of_it(crowd);
	assert_int_equal(crowd->alerts, 1);
	crowd_drop(crowd);
}

static void an_unknown_client(void **state)
{
	struct crowd *crowd = crowd_new(*state, &(struct setup){ .identity = { stranger_secret } }, &always);

	crowd_pass(crowd_enter(crowd));
	nothing_has_come_of_it(crowd);
	assert_int_equal(crowd->alert, SECCOMM_ALERT_UNKNOWN_PEER);
	assert_int_equal(crowd_statistics(crowd).retries, 0);
	crowd_drop(crowd);
}

/* Bytes of no meaning, and headers that have one: nobody is answered, nothing is kept, and a session goes on. */
static void garbage(void **state)
{
	struct crowd *crowd = crowd_new(*state, NULL, NULL);
	struct guest *client = crowd_enter(crowd);
	uint64_t seed = 1;
	uint8_t bytes[1500];
	size_t memory;

	crowd_pump(crowd);
	memory = crowd->rig.bytes;
	for (unsigned i = 0; i < 20000; i++) {
		size_t length = (size_t)(rig_random(&seed) % (i % 4 == 0 ? sizeof(bytes) : 64));

		rig_fill(&seed, bytes, length);
		if (length >= HEADER && i % 8 != 0)
			bytes[0] = (uint8_t)(FRAME_VERSION << 5 | rig_random(&seed) % 5);
		if (length >= HEADER && i % 3 == 0)
			cactus_put_u32(bytes + 1, client->end.session->send_index);
		if (length >= HEADER && i % 3 == 1)
			memset(bytes + 1, 0, 5);
		if (length > HEADER && i % 5 == 0)
			bytes[HEADER] = (uint8_t)(1 + rig_random(&seed) % 7);
		crowd_arrive(crowd, i % 2 == 0 ? client->address : ELSEWHERE, bytes, length);
		assert_null(crowd_letter(crowd));
		assert_int_equal(crowd->rig.bytes, memory);
	}
	crowd_has(crowd, 1, 0);
	assert_int_equal(crowd->servers, 1);
	assert_int_equal(crowd->server[0].moves, 0);
	assert_int_equal(crowd->server[0].end.delivered, 0);
	crowd_talk(client);
	crowd_drop(crowd);
}

/* ---- Cookies ----------------------------------------------------------------------------------------------------- */

/* Above the limit, and not below it; then honest clients open all the same. */
static void a_retry_above_the_limit(void **state)
{
	const struct seccomm_listener_limits limits = { .cookies_above = 2 };
	struct crowd *crowd = crowd_new(*state, NULL, &limits);
	struct letter *letter;

	for (unsigned n = 0; n < 2; n++) {
		crowd_pass(crowd_enter(crowd));
		letter = crowd_letter(crowd);
		assert_true(letter->length > RETRY_LENGTH);
		free(letter);
	}
	crowd_has(crowd, 2, 2);
	for (unsigned n = 2; n < 5; n++) {
		crowd_pass(crowd_enter(crowd));
		assert_int_equal(crowd->first->length, RETRY_LENGTH);
		crowd_has(crowd, n, n);
		crowd_return(crowd);
		crowd_pass(&crowd->client[n]);
		crowd_has(crowd, n + 1, n + 1);
		crowd_lose(crowd);
	}
	assert_int_equal(crowd_statistics(crowd).retries, 3);
	crowd_wait(crowd, second);
	crowd_pump(crowd);
	for (unsigned n = 0; n < 5; n++)
		crowd_talk(&crowd->client[n]);
	assert_int_equal(crowd->servers, 5);
	crowd_drop(crowd);
}

/* CLIENT's opening as it is when it has followed a RETRY. */
static struct unit *with_cookie(struct guest *client)
{
	crowd_pass(client);
	crowd_return(client->crowd);
	return crowd_take(client);
}

static bool is_accepted(struct crowd *crowd, uint32_t address, const struct unit *opening)
{
	unsigned before = crowd->servers;

	crowd_arrive(crowd, address, opening->bytes, opening->length);
	if (crowd->servers == before)
		assert_int_equal(crowd->first->length, RETRY_LENGTH);
	crowd_lose(crowd);
	return crowd->servers > before;
}

static void a_cookie_is_for_one_address_and_one_opening(void **state)
{
	struct crowd *crowd = crowd_new(*state, NULL, &always);
	struct guest *client = crowd_enter(crowd), *other = crowd_enter(crowd);
	struct unit *one = with_cookie(client), *two = with_cookie(other);
	struct crypto *crypto = session_crypto(client->end.session);
	struct opening opening, from;
	uint8_t wire[HEADER + OPEN_MAX], cookie[COOKIE];
	struct unit *mixed;

	assert_false(is_accepted(crowd, ELSEWHERE, one));
	assert_false(is_accepted(crowd, other->address, one));
	/* The cookie of another opening from the same address, and one that nobody made. */
	assert_true(opening_read(one->bytes + HEADER, one->length - HEADER, &from));
	for (unsigned i = 0; i < 3; i++) {
		assert_true(opening_read(two->bytes + HEADER, two->length - HEADER, &opening));
		memcpy(cookie, i == 0 ? from.cookie : opening.cookie, COOKIE);
		cookie[0] ^= i == 1;
		opening.cookie = cookie;
		memcpy(wire, two->bytes, HEADER);
		mixed = malloc(sizeof(*mixed) + two->length);
		assert_non_null(mixed);
		mixed->length = HEADER + opening_write(crypto, &opening, other->end.session->peer, wire + HEADER);
		assert_int_equal(mixed->length, two->length);
		memcpy(mixed->bytes, wire, mixed->length);
		assert_int_equal(is_accepted(crowd, other->address, mixed), i == 2);
		free(mixed);
	}
	assert_true(is_accepted(crowd, client->address, one));
	free(one);
	free(two);
	crowd_drop(crowd);
}

/* Made AT seconds after the listener's first secret, is it good for an opening that comes LATER? */
static bool is_good(struct seccomm *library, uint64_t at, uint64_t later)
{
	struct crowd *crowd = crowd_new(library, NULL, &always);
	struct unit *opening;
	bool good;

	free(with_cookie(crowd_enter(crowd)));
	crowd_wait(crowd, at);
	opening = with_cookie(crowd_enter(crowd));
	crowd_wait(crowd, later);
	good = is_accepted(crowd, 2, opening);
	free(opening);
	crowd_drop(crowd);
	return good;
}

/* Two to four minutes, as the secret of two minutes ago is still good. */
static void a_cookie_expires(void **state)
{
	assert_true(is_good(*state, 0, 239 * second));
	assert_false(is_good(*state, 0, 240 * second));
	assert_true(is_good(*state, 119 * second, 120 * second));
	assert_false(is_good(*state, 119 * second, 121 * second));
	assert_true(is_good(*state, 120 * second, 239 * second));
	/* A listener that nobody spoke to for long has not kept a secret from then. */
	assert_false(is_good(*state, 0, 360 * second));
	assert_false(is_good(*state, 0, 1000000 * second));
}

/* What a client gets that asks again and again: the same, until the secret changes. */
static void the_secret_changes(void **state)
{
	struct crowd *crowd = crowd_new(*state, NULL, &always);
	struct guest *client = crowd_enter(crowd);
	struct unit *opening = crowd_take(client);
	uint8_t cookies[4][COOKIE];

	for (unsigned i = 0; i < 4; i++) {
		struct letter *letter;
		struct retry retry;

		crowd_arrive(crowd, client->address, opening->bytes, opening->length);
		letter = crowd_letter(crowd);
		assert_true(retry_read(letter->bytes + HEADER, letter->length - HEADER, &retry));
		memcpy(cookies[i], retry.cookie, COOKIE);
		free(letter);
		crowd->rig.monotonic_us += 60 * second;
	}
	assert_memory_equal(cookies[0], cookies[1], COOKIE);
	assert_memory_not_equal(cookies[1], cookies[2], COOKIE);
	assert_memory_equal(cookies[2], cookies[3], COOKIE);
	free(opening);
	crowd_drop(crowd);
}

/*
 * An OPEN that was under way twice is met by a RETRY, and, when fewer are half open, by a session.  The client has followed the
 * RETRY by then, so only the OPEN with the cookie is one that it still stands by.
 */
static void an_opening_that_came_twice_around_the_limit(void **state)
{
	const struct seccomm_listener_limits limits = { .cookies_above = 1 };
	struct crowd *crowd = crowd_new(*state, NULL, &limits);
	struct guest *first = crowd_enter(crowd), *client = crowd_enter(crowd);
	struct unit *open = crowd_take(client);
	struct letter *m2, *retry;

	crowd_pass(first);
	crowd_arrive(crowd, client->address, open->bytes, open->length);
	m2 = crowd_letter(crowd);
	retry = crowd_letter(crowd);
	assert_true(seccomm_pop(first->end.session, m2->bytes, m2->length) > 0);
	crowd_pass(first);
	crowd_has(crowd, 1, 0);
	crowd_arrive(crowd, client->address, open->bytes, open->length);
	crowd_has(crowd, 2, 1);
	assert_true(seccomm_pop(client->end.session, retry->bytes, retry->length) > 0);
	for (int i = 0; i < 4; i++) {
		crowd_pump(crowd);
		crowd_wait(crowd, 1000000);
	}
	assert_int_equal(client->end.opened, 1);
	crowd_talk(client);
	crowd_has(crowd, 2, 0);
	free(m2);
	free(retry);
	free(open);
	crowd_drop(crowd);
}

/* A client follows only a RETRY for its own opening, and only a few of them. */
static void a_forged_retry(void **state)
{
	struct crowd *crowd = crowd_new(*state, NULL, &always);
	struct guest *client = crowd_enter(crowd);
	struct letter *letter;

	crowd_pass(client);
	letter = crowd_letter(crowd);
	/* Kind, id and echo; the size and the cookie are nothing that a client could know. */
	for (size_t i = HEADER; i < HEADER + 5 + RETRY_ECHO; i++) {
		uint8_t forged[RETRY_LENGTH];

		memcpy(forged, letter->bytes, RETRY_LENGTH);
		forged[i] ^= 1;
		assert_int_equal(seccomm_pop(client->end.session, forged, RETRY_LENGTH), RETRY_LENGTH);
		assert_null(client->end.sent.first);
	}
	assert_int_equal(client->end.alerts, 5 + RETRY_ECHO);
	for (unsigned i = 0; i < 10; i++) {
		uint8_t copy[RETRY_LENGTH];

		memcpy(copy, letter->bytes, RETRY_LENGTH);
		assert_int_equal(seccomm_pop(client->end.session, copy, RETRY_LENGTH), RETRY_LENGTH);
	}
	for (unsigned i = 0; i < 4; i++)
		free(crowd_take(client));
	assert_null(client->end.sent.first);
	crowd_wait(crowd, second);
	crowd_pump(crowd);
	crowd_talk(client);
	free(letter);
	crowd_drop(crowd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_changed_opening_is_met_with_silence),
		cmocka_unit_test(an_opening_for_another_server),
		cmocka_unit_test(an_unknown_client),
		cmocka_unit_test(garbage),
		cmocka_unit_test(a_retry_above_the_limit),
		cmocka_unit_test(a_cookie_is_for_one_address_and_one_opening),
		cmocka_unit_test(a_cookie_expires),
		cmocka_unit_test(the_secret_changes),
		cmocka_unit_test(an_opening_that_came_twice_around_the_limit),
		cmocka_unit_test(a_forged_retry),
	};

	return cmocka_run_group_tests_name("floods", tests, rig_library, rig_library_free);
}
