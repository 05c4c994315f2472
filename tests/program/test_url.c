/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: every URL that is read is written as it was; what is no URL is told, never guessed; loopback is never said of
 * others. */
#include "transport/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *text;
	bool loopback;
} good[] = {
	{ "tcp:127.0.0.1:80", true },
	{ "tcp:127.255.255.254:1", true },
	{ "tcp:[::1]:7443", true },
	{ "tcp:[::ffff:127.0.0.1]:1", true },
	{ "tcp:localhost:0", true },
	{ "unix:/run/feed.sock", true },
	{ "unix:relative", true },
	{ "tcp::7443", false },
	{ "tcp:128.0.0.1:65535", false },
	{ "tcp:[::]:1", false },
	{ "tcp:[fe80::1%eth0]:1", false },
	{ "tcp:db.example.net:7443", false },
	{ "tcp:localhost.example.net:1", false },
	{ "tcp:[::ffff:10.0.0.1]:1", false },
	{ "tcp:127.0.0.1.example.net:1", false },
};

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct transport_url url;
		char why[TRANSPORT_WHY_MAX], text[TRANSPORT_TEXT_MAX];

		assert_int_equal(transport_url_parse(good[i].text, &url, why, sizeof(why)), 0);
		transport_url_format(&url, text);
		assert_string_equal(text, good[i].text);
		assert_int_equal(transport_url_is_loopback(&url), good[i].loopback);
	}
}

static void test_bad(void **state)
{
	static const char *const bad[] = { "", "tcp", "tcp:", "tcp:host", "tcp:host:", "tcp:host:x", "tcp:host:65536",
		"tcp:host:-1", "tcp:host:99999999999999999999", "tcp:::1:80", "tcp:[::1]", "tcp:[::1]80", "tcp:[::1:80",
		"tcp:[x]:80", "tcp:[]:80", "tcp:ho st:80", "tcp:host\n:80", "tcp:host:80 ", "tcp:host:+80",
		"unix:", "udp:host:80", "TCP:host:80", "http://host/", "tcp:a/b:1" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct transport_url url;
		char why[TRANSPORT_WHY_MAX] = "";

		assert_int_equal(transport_url_parse(bad[i], &url, why, sizeof(why)), -1);
		assert_non_null(strstr(why, "is not an address"));
	}
}

/* The longest that fits, and one more. */
static void test_lengths(void **state)
{
	char text[400], why[TRANSPORT_WHY_MAX], again[TRANSPORT_TEXT_MAX];
	struct transport_url url;

	(void)state;
	for (size_t host = TRANSPORT_HOST_MAX - 1; host <= TRANSPORT_HOST_MAX; host++) {
		memset(text, 'a', sizeof(text));
		memcpy(text, "tcp:", 4);
		strcpy(text + 4 + host, ":65535");
		assert_int_equal(transport_url_parse(text, &url, why, sizeof(why)), host < TRANSPORT_HOST_MAX ? 0 : -1);
		if (host == TRANSPORT_HOST_MAX)
			continue;
		transport_url_format(&url, again);
		assert_string_equal(again, text);
	}
	for (size_t path = TRANSPORT_PATH_MAX - 1; path <= TRANSPORT_PATH_MAX; path++) {
		memset(text, 'a', sizeof(text));
		memcpy(text, "unix:", 5);
		text[5 + path] = '\0';
		assert_int_equal(transport_url_parse(text, &url, why, sizeof(why)), path < TRANSPORT_PATH_MAX ? 0 : -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_good), cmocka_unit_test(test_bad),
		cmocka_unit_test(test_lengths) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
