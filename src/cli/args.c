/* SPDX-License-Identifier: Apache-2.0 */
/* args.c - options and words of a command line: --name VALUE, --name=VALUE, -x VALUE, in any order; "--" ends options.
 */
#include "check/check.h"
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 32 };

const struct cli_option *cli_common_options(void)
{
	static const struct cli_option common[] = {
		{ "home", 0, "DIR", "where keys and peers are, instead of $SECCOMM_HOME or the usual place" },
		{ "help", 'h', NULL, "say what this command does" },
		{ .name = NULL },
	};

	return common;
}

const struct cli_option *cli_json_option(void)
{
	static const struct cli_option json[] = { { "json", 0, NULL, "answer in JSON" }, { .name = NULL } };

	return json;
}

static const struct cli_option *find_in(const struct cli_option *list, const char *name, size_t length)
{
	for (; list && list->name; list++) {
		if (length == 1 && list->letter && list->letter == *name)
			return list;
		if (strlen(list->name) == length && strncmp(list->name, name, length) == 0)
			return list;
	}
	return NULL;
}

const struct cli_option *cli_option_named(const struct cli_command *command, const char *name, size_t length)
{
	const struct cli_option *found = find_in(command->options, name, length);

	if (!found)
		found = find_in(cli_common_options(), name, length);
	return found || !command->json ? found : find_in(cli_json_option(), name, length);
}

int cli_matches(const char *name, int count, const char *const *arguments)
{
	const char *blank = strchr(name, ' ');
	size_t first = blank ? (size_t)(blank - name) : strlen(name);

	if (count < 1 || strlen(arguments[0]) != first || strncmp(arguments[0], name, first) != 0)
		return 0;
	if (!blank)
		return 1;
	return count > 1 && strcmp(arguments[1], blank + 1) == 0 ? 2 : 0;
}

static int unknown(const struct cli_command *command, const char *name, size_t length)
{
	const char *names[NAMES_MAX + 1] = { NULL }, *near;
	char word[64];
	size_t count = 0;

	for (const struct cli_option *o = command->options; o && o->name && count < NAMES_MAX; o++)
		names[count++] = o->name;
	for (const struct cli_option *o = cli_common_options(); o->name && count < NAMES_MAX; o++)
		names[count++] = o->name;
	if (command->json && count < NAMES_MAX)
		names[count++] = cli_json_option()->name;
	if (length >= sizeof(word))
		length = sizeof(word) - 1;
	memcpy(word, name, length);
	word[length] = '\0';
	near = check_nearest(word, names);
	cli_complain(
	    "unknown option '--%s'%s%s%s", word, near ? "; did you mean '--" : "", near ? near : "", near ? "'?" : "");
	cli_help_line("seccomm %s --help   lists the options", command->name);
	return CLI_USAGE;
}

static void give(struct cli *cli, const struct cli_option *option, const char *value)
{
	cli->given[cli->given_count++] = (struct cli_given){ option, value };
}

/* Reads the option at ARGUMENTS[*AT], and its value, if that is the next argument. */
static int read_option(struct cli *cli, int count, char **arguments, int *at)
{
	const char *text = arguments[*at];
	bool dashes = text[1] == '-';
	const char *name = text + (dashes ? 2 : 1), *equals = dashes ? strchr(name, '=') : NULL;
	size_t length = equals ? (size_t)(equals - name) : dashes ? strlen(name) : 1;
	const struct cli_option *option = dashes || name[1] == '\0' ? cli_option_named(cli->command, name, length) : NULL;

	if (!option || (dashes && length == 1))
		return unknown(cli->command, name, length);
	if (!option->value && equals) {
		cli_complain("option '--%s' takes no value", option->name);
		return CLI_USAGE;
	}
	if (option->value && !equals && *at + 1 >= count) {
		cli_complain("option '--%s' wants a value: --%s %s", option->name, option->name, option->value);
		return CLI_USAGE;
	}
	give(cli, option, !option->value ? "" : equals ? equals + 1 : arguments[++*at]);
	return CLI_OK;
}

static int count_words(const struct cli *cli)
{
	const struct cli_command *command = cli->command;

	if (cli_has(cli, "help") || (cli->word_count >= command->least && cli->word_count <= command->most))
		return CLI_OK;
	if (cli->word_count < command->least)
		cli_complain("something is missing behind 'seccomm %s'", command->name);
	else
		cli_complain("'%s' is one word too many", cli->words[command->most]);
	cli_help_line("seccomm %s %s", command->name, command->arguments);
	return CLI_USAGE;
}

int cli_read(struct cli *cli, const struct cli_command *command, int count, char **arguments)
{
	bool options = true;
	int status = CLI_OK;

	cli->command = command;
	cli->words = calloc((size_t)count + 1, sizeof(*cli->words));
	cli->given = realloc(cli->given, (cli->given_count + (size_t)count + 1) * sizeof(*cli->given));
	if (!cli->words || !cli->given) {
		cli_complain("out of memory");
		return CLI_FAILED;
	}
	for (int i = 0; i < count && status == CLI_OK; i++) {
		if (options && strcmp(arguments[i], "--") == 0)
			options = false;
		else if (options && arguments[i][0] == '-' && arguments[i][1])
			status = read_option(cli, count, arguments, &i);
		else
			cli->words[cli->word_count++] = arguments[i];
	}
	return status == CLI_OK ? count_words(cli) : status;
}

void cli_forget(struct cli *cli)
{
	free(cli->words);
	free(cli->given);
	cli->words = NULL;
	cli->given = NULL;
}

const char *cli_nth(const struct cli *cli, const char *name, size_t n)
{
	for (size_t i = 0; i < cli->given_count; i++)
		if (strcmp(cli->given[i].option->name, name) == 0 && n-- == 0)
			return cli->given[i].value;
	return NULL;
}

static size_t count_of(const struct cli *cli, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < cli->given_count; i++)
		count += strcmp(cli->given[i].option->name, name) == 0;
	return count;
}

const char *cli_value(const struct cli *cli, const char *name)
{
	size_t count = count_of(cli, name);

	return count ? cli_nth(cli, name, count - 1) : NULL;
}

bool cli_has(const struct cli *cli, const char *name)
{
	return count_of(cli, name) > 0;
}

bool cli_duration(const char *text, unsigned *milliseconds)
{
	static const struct {
		const char *unit;
		unsigned factor;
	} units[] = { { "ms", 1 }, { "s", 1000 }, { "", 1000 }, { "m", 60000 } };
	char *end;
	unsigned long value;

	if (*text < '0' || *text > '9')
		return false;
	value = strtoul(text, &end, 10);
	if (value > 86400)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].unit) != 0)
			continue;
		*milliseconds = (unsigned)value * units[i].factor;
		return value <= 86400000 / units[i].factor;
	}
	return false;
}
