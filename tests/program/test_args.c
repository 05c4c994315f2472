/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: options may stand anywhere and be written in both ways; nothing unknown, missing or superfluous is passed over.
 */
#include "cli/cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct cli_option options[] = { { "config", 'c', "FILE", "" }, { "peer", 0, "NAME", "" },
	{ "once", 0, NULL, "" }, { .name = NULL } };
static const struct cli_command command = { "x", "", "", "", options, 0, 2, NULL, true };
static const struct cli_command silent = { "y", "", "", "", options, 0, 2, NULL, false };

static int read_line(struct cli *cli, const char *line, char *copy)
{
	char *arguments[16];
	int count = 0;

	memset(cli, 0, sizeof(*cli));
	strcpy(copy, line);
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
		arguments[count++] = word;
	return cli_read(cli, &command, count, arguments);
}

static void test_good(void **state)
{
	char copy[200];
	struct cli cli;

	(void)state;
	assert_int_equal(read_line(&cli, "one --peer a --once two --peer=b=c -c f --json -- ", copy), CLI_OK);
	assert_int_equal(cli.word_count, 2);
	assert_string_equal(cli.words[1], "two");
	assert_string_equal(cli_nth(&cli, "peer", 1), "b=c");
	assert_string_equal(cli_nth(&cli, "peer", 0), "a");
	assert_string_equal(cli_value(&cli, "peer"), "b=c");
	assert_null(cli_nth(&cli, "peer", 2));
	assert_string_equal(cli_value(&cli, "config"), "f");
	assert_true(cli_has(&cli, "once") && cli_has(&cli, "json") && !cli_has(&cli, "home"));
	cli_forget(&cli);
	assert_int_equal(read_line(&cli, "-- --once -", copy), CLI_OK);
	assert_int_equal(cli.word_count, 2);
	assert_false(cli_has(&cli, "once"));
	cli_forget(&cli);
}

static void test_bad(void **state)
{
	static const char *const bad[] = { "--pear a", "--once=1", "--peer", "-x", "-cf", "--c f", "a b c", "--", "-c",
		"--=x" };
	char copy[200];
	struct cli cli;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int status = read_line(&cli, bad[i], copy);

		cli_forget(&cli);
		assert_int_equal(status, strcmp(bad[i], "--") == 0 ? CLI_OK : CLI_USAGE);
	}
}

/* What answers nothing does not take --json and go on as if it had not been said. */
static void test_silent(void **state)
{
	char word[] = "--json", *arguments[] = { word };
	struct cli cli = { .command = NULL };

	(void)state;
	assert_int_equal(cli_read(&cli, &silent, 1, arguments), CLI_USAGE);
	cli_forget(&cli);
}

static void test_durations(void **state)
{
	unsigned ms = 7;

	(void)state;
	assert_true(cli_duration("5s", &ms) && ms == 5000);
	assert_true(cli_duration("5", &ms) && ms == 5000);
	assert_true(cli_duration("250ms", &ms) && ms == 250);
	assert_true(cli_duration("2m", &ms) && ms == 120000);
	assert_true(cli_duration("0s", &ms) && ms == 0);
	assert_false(cli_duration("", &ms) || cli_duration("s", &ms) || cli_duration("-1s", &ms) ||
		     cli_duration("5x", &ms) || cli_duration("99999999999999999999s", &ms) || cli_duration("5 s", &ms));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_good), cmocka_unit_test(test_bad),
		cmocka_unit_test(test_silent), cmocka_unit_test(test_durations) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
