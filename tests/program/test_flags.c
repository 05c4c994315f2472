/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: what stands on the command line reaches the checker as that text, whatever characters it has; and the options of a
 * session are the configuration that they say.
 */
#include "check/check.h"
#include "cli/flags.h"
#include "config/print.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *scalar_of(const char *text)
{
	char *made = NULL;
	size_t size;
	FILE *out = open_memstream(&made, &size);

	assert_non_null(out);
	config_print_scalar(out, text);
	assert_int_equal(fclose(out), 0);
	return made;
}

static void test_scalars(void **state)
{
	static const struct {
		const char *text, *yaml;
	} rows[] = { { "web1", "web1" }, { "default@1", "default@1" }, { "*", "\"*\"" },
		{ "tcp::7443", "\"tcp::7443\"" }, { "true", "\"true\"" }, { "No", "\"No\"" }, { "1e3", "\"1e3\"" },
		{ "", "\"\"" }, { "a\"b\\c\n", "\"a\\\"b\\\\c\\x0a\"" }, { "x: y", "\"x: y\"" }, { "x #y", "\"x #y\"" },
		{ "- a", "\"- a\"" } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *made = scalar_of(rows[i].text);

		assert_string_equal(made, rows[i].yaml);
		free(made);
	}
}

/* A URL with every printable character: what the checker says it got is what was given. */
static void test_through_checker(void **state)
{
	struct seccomm_error error;
	struct seccomm *library = seccomm_new(&error);
	char url[120] = "unix:/tmp/", text[2048], *scalar;
	struct check_result *result;
	size_t length = strlen(url);

	(void)state;
	for (char c = '!'; c <= '~'; c++)
		url[length++] = c;
	scalar = scalar_of(url);
	snprintf(text, sizeof(text),
	    "seccomm: 1\nsessions:\n  s:\n    role: client\n    listen: %s\n    connect: tcp:[::1]:1\n"
	    "    identity: a\n    peers: [b]\n    profile: default@1\n",
	    scalar);
	result = check_text(library, "x", text, strlen(text));
	assert_non_null(result);
	assert_int_equal(result->errors, 0);
	assert_string_equal(result->sessions[0].listen, url);
	check_free(result);
	free(scalar);
	seccomm_free(library);
}

/* The configuration of `client` with these options, which must be without a mistake. */
static char *yaml_of(const struct cli_given *given, size_t count)
{
	struct cli cli = { .given = (struct cli_given *)(uintptr_t)given, .given_count = count };
	struct seccomm *library = seccomm_new(NULL);
	char *text = flags_yaml(&cli, "client", NULL);
	struct check_result *result;

	assert_non_null(text);
	result = check_text(library, "x", text, strlen(text));
	assert_non_null(result);
	if (result->finding_count)
		fail_msg("%s: %s\n%s", result->findings[0].id, result->findings[0].message, text);
	check_free(result);
	seccomm_free(library);
	return text;
}

static void test_options(void **state)
{
	static const struct cli_option listen = { .name = "listen" }, connect = { .name = "connect" }, psk = { .name = "psk" },
				       rekey = { .name = "rekey" }, idle = { .name = "idle" },
				       keepalive = { .name = "keepalive" };
	static const struct cli_given given[] = { { &psk, "office" }, { &rekey, "10m" }, { &listen, "memory-datagram:" },
		{ &connect, "memory-datagram:" }, { &idle, "never" }, { &keepalive, "25s" } };
	static const struct cli_given stream[] = { { &psk, "office" }, { &rekey, "10m" }, { &listen, "unix:/a" },
		{ &connect, "tcp:[::1]:1" } };
	char *text = yaml_of(given, 6);

	(void)state;
	assert_non_null(strstr(text, "    stack: \"anti-replay:window | encrypt:aes-256-gcm\"\n"));
	assert_non_null(strstr(text, "    rekey: \"10m\"\n    idle: never\n    keepalive: \"25s\"\n"));
	free(text);
	text = yaml_of(stream, 4);
	assert_non_null(strstr(text, "    stack: \"anti-replay:sequence | encrypt:aes-256-gcm\"\n"));
	assert_non_null(strstr(text, "    rekey: \"10m\"\n"));
	assert_null(strstr(text, "idle"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_scalars), cmocka_unit_test(test_through_checker),
		cmocka_unit_test(test_options) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
