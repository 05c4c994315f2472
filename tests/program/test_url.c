/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: every URL that is read is written as it was; what is no URL is told, never guessed; loopback is never said of
 * others. */
#include "config/url.h"

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
	{ "memory:", true },
	{ "memory-datagram:", true },
	{ "unix:/tmp/\xc3\xa4", true },
	{ "tcp::7443", false },
	{ "tcp:my_db.example.net.:1", false },
	{ "tcp:localhost:65535", true },
	{ "tcp:[::2]:1", false },
	{ "tcp:128.0.0.1:65535", false },
	{ "tcp:[::]:1", false },
	{ "tcp:[fe80::1%eth0]:1", false },
	{ "tcp:db.example.net:7443", false },
	{ "tcp:localhost.example.net:1", false },
	{ "tcp:[::ffff:10.0.0.1]:1", false },
	{ "tcp:127.0.0.1.example.net:1", false },
	{ "udp:127.0.0.1:80", true },
	{ "udp:[::1]:0", true },
	{ "udp:localhost:53", true },
	{ "unixgram:/run/feed.sock", true },
	{ "udp::7443", false },
	{ "udp:[fe80::1%eth0]:1", false },
	{ "udp:dns.example.net:53", false },
};

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct config_url url;
		char text[CONFIG_URL_MAX];
		const char *why;

		assert_int_equal(config_url_parse(good[i].text, &url, &why), 0);
		config_url_format(&url, text);
		assert_string_equal(text, good[i].text);
		assert_int_equal(config_url_is_loopback(&url), good[i].loopback);
	}
}

static void test_bad(void **state)
{
	static const char *const bad[] = { "", "tcp", "tcp:", "tcp:host", "tcp:host:", "tcp:host:x", "tcp:host:65536",
		"tcp:host:-1", "tcp:host:99999999999999999999", "tcp:::1:80", "tcp:[::1]", "tcp:[::1]80", "tcp:[::1:80",
		"tcp:[x]:80", "tcp:[]:80", "tcp:ho st:80", "tcp:host\n:80", "tcp:host:80 ", "tcp:host:+80",
		"unix:", "unixgram:", "unixgram:/a b", "udp:host", "udp:::1:80", "udp:[::1]", "udp:a..b:80",
		"udp:host:65536", "udp4:host:80", "UDP:host:80", "TCP:host:80", "http://host/", "tcp:a/b:1", "tcp:a..b:80", "tcp:.a:80",
		"tcp:.:80", "tcp:a.:", "tcp:_x:80", "tcp:a._b:80", "tcp:x_:80", "tcp:-a:80", "tcp:a-.b:80",
		"tcp:a\x7f:80", "tcp:a\t:80", "tcp: :80", "tcp:host:000080", "tcp:[fe80::1%]:80",
		"tcp:[fe80::1%e o]:80", "tcp:[fe80::1%a%b]:80", "unix: ", "unix:/a b", "unix:/a\n", "unix:/a\x7f",
		"unix:\x01", "memory" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct config_url url;
		const char *why = NULL;

		assert_int_equal(config_url_parse(bad[i], &url, &why), -1);
		assert_non_null(why);
	}
}

/* Which kinds carry whole messages, and which have a host: what the checker and the sockets ask. */
static void test_kinds(void **state)
{
	static const struct {
		const char *text;
		enum seccomm_link link;
		bool has_host, has_socket;
	} rows[] = {
		{ "tcp:a:1", SECCOMM_STREAM, true, true },
		{ "unix:a", SECCOMM_STREAM, false, true },
		{ "udp:a:1", SECCOMM_DATAGRAM, true, true },
		{ "unixgram:a", SECCOMM_DATAGRAM, false, true },
		{ "memory:", SECCOMM_STREAM, false, false },
		{ "memory-datagram:", SECCOMM_DATAGRAM, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config_url url;
		const char *why;

		assert_int_equal(config_url_parse(rows[i].text, &url, &why), 0);
		assert_int_equal(config_url_link(&url), rows[i].link);
		assert_int_equal(config_url_has_host(&url), rows[i].has_host);
		assert_int_equal(config_url_has_socket(&url), rows[i].has_socket);
	}
}

/* The longest that fits, and one more. */
static void test_lengths(void **state)
{
	char text[400], again[CONFIG_URL_MAX];
	const char *why;
	struct config_url url;

	(void)state;
	for (size_t host = CONFIG_HOST_MAX - 1; host <= CONFIG_HOST_MAX; host++) {
		memset(text, 'a', sizeof(text));
		memcpy(text, "tcp:", 4);
		for (size_t dot = 4 + 63; dot < 4 + host; dot += 64)
			text[dot] = '.';
		strcpy(text + 4 + host, ":65535");
		assert_int_equal(config_url_parse(text, &url, &why), host < CONFIG_HOST_MAX ? 0 : -1);
		if (host == CONFIG_HOST_MAX)
			continue;
		config_url_format(&url, again);
		assert_string_equal(again, text);
	}
	for (size_t label = 63; label <= 64; label++) {
		memset(text, 'a', sizeof(text));
		memcpy(text, "tcp:", 4);
		strcpy(text + 4 + label, ".b:1");
		assert_int_equal(config_url_parse(text, &url, &why), label == 63 ? 0 : -1);
	}
	for (size_t path = CONFIG_PATH_MAX - 1; path <= CONFIG_PATH_MAX; path++) {
		memset(text, 'a', sizeof(text));
		memcpy(text, "unix:", 5);
		text[5 + path] = '\0';
		assert_int_equal(config_url_parse(text, &url, &why), path < CONFIG_PATH_MAX ? 0 : -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_good), cmocka_unit_test(test_bad),
		cmocka_unit_test(test_kinds), cmocka_unit_test(test_lengths) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
