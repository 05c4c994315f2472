/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_complete.c - `complete`: what may stand in place of the last word of a command line, one answer a line, for the
 * shell.
 *
 * The answers come from the tables of commands and options, from those of the library, and from the home.  No answer
 * means a file, or something that only the user knows.
 */
#include "check/catalogue/catalogue.h"
#include "check/check.h"
#include "cli/alerts.h"
#include "cli/cli.h"
#include "cli/home.h"
#include "cli/keyring.h"
#include "cli/peers.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

struct question {
	const struct cli *cli;
	const char *const *words; /* of the command line, behind "seccomm" */
	size_t before; /* words in front of the last one */
	char home[PATH_MAX];
	const char *typed; /* what an answer begins with */
	const char
	    *kept; /* KEPT_LENGTH bytes of the last word in front of that: "--name=", or a stack's other layers */
	size_t kept_length;
};

static void offer(const struct question *q, const char *answer)
{
	if (strncmp(answer, q->typed, strlen(q->typed)) == 0)
		printf("%.*s%s\n", (int)q->kept_length, q->kept, answer);
}

/* What is typed begins LENGTH bytes later. */
static void keep(struct question *q, size_t length)
{
	q->typed += length;
	q->kept_length += length;
}

/* ---- What there is ---- */

/* Offers the names of the home's keys that end in SUFFIX; NULL: those without one. */
static void offer_keys(const struct question *q, const char *suffix)
{
	char path[PATH_MAX], name[SECCOMM_NAME_MAX];
	struct dirent *entry;
	DIR *folder = home_path(NULL, q->home, "keys", "", "", path) ? opendir(path) : NULL;

	while (folder && (entry = readdir(folder))) {
		const char *file = entry->d_name;
		bool other = keyring_stem(file, ".psk") || keyring_stem(file, ".pem");
		size_t length = suffix ? keyring_stem(file, suffix) : other ? 0 : strlen(file);

		snprintf(name, sizeof(name), "%.*s", (int)length, file);
		if (*file != '.' && length)
			offer(q, name);
	}
	if (folder)
		closedir(folder);
}

static void offer_identities(struct question *q)
{
	offer_keys(q, NULL);
}

static void offer_secrets(struct question *q)
{
	offer_keys(q, ".psk");
}

static void offer_all_keys(struct question *q)
{
	offer_identities(q);
	offer_secrets(q);
}

static void offer_peers(struct question *q)
{
	struct peers peers;

	if (!peers_read(NULL, q->home, &peers))
		return;
	for (size_t i = 0; i < peers.count; i++)
		offer(q, peers.entries[i].name);
	peers_free(&peers);
}

static void offer_profiles(struct question *q)
{
	for (const char *const *name = check_profiles(); *name; name++)
		offer(q, *name);
	offer(q, "lab");
}

static void offer_algorithms(struct question *q)
{
	const char *name;

	for (size_t i = 0; (name = cli_key_algorithm(i)); i++)
		offer(q, name);
}

static void offer_micro_protocols(const struct question *q, bool layers_only)
{
	struct seccomm *library = cli_library();
	size_t count = 0;
	const struct seccomm_mp *const *list = library ? seccomm_micro_protocols(library, &count) : NULL;

	for (size_t i = 0; i < count; i++) {
		bool layer = list[i]->class_of != SECCOMM_KEY_CREATION && list[i]->class_of != SECCOMM_KEY_DISTRIBUTION;

		if (layer || !layers_only)
			offer(q, list[i]->cactus.name);
	}
	seccomm_free(library);
}

/* The last one of "layer:word | layer:word". */
static void offer_layers(struct question *q)
{
	const char *bar = strrchr(q->typed, '|');

	if (bar)
		keep(q, (size_t)(bar + 1 - q->typed) + strspn(bar + 1, " "));
	offer_micro_protocols(q, true);
}

static void offer_names(struct question *q)
{
	char id[16];

	offer_micro_protocols(q, false);
	offer_profiles(q);
	for (const struct alert_text *row = alert_texts(); row->meaning; row++) {
		snprintf(id, sizeof(id), "SA-%03u", (unsigned)row->id);
		offer(q, id);
	}
	for (const struct check_entry *entry = NULL; (entry = check_entry_next(entry));)
		offer(q, entry->id);
}

static void offer_alternatives(const struct question *q, const char *text);

static void offer_logs(struct question *q)
{
	offer_alternatives(q, "logfmt|json");
}

static void offer_links(struct question *q)
{
	offer_alternatives(q, "stream|datagram");
}

/* The last one of "property=level,property=level". */
static void offer_properties(struct question *q)
{
	const char *comma = strrchr(q->typed, ',');

	if (comma)
		keep(q, (size_t)(comma + 1 - q->typed));
	for (int p = 0; p < PLAN_PROPERTIES; p++)
		offer(q, seccomm_property_name((enum seccomm_property)p));
}

/* What an option's value, or a command's word, can be; the others are in the command's own text, or free. */
static const struct place {
	const char *name;
	void (*offer)(struct question *);
} places[] = {
	{ "--identity", offer_identities },
	{ "--psk", offer_secrets },
	{ "--peer", offer_peers },
	{ "--profile", offer_profiles },
	{ "--stack", offer_layers },
	{ "--algorithm", offer_algorithms },
	{ "--log", offer_logs },
	{ "--link", offer_links },
	{ "--require", offer_properties },
	{ "explain", offer_names },
	{ "diff", offer_profiles },
	{ "key show", offer_all_keys },
	{ "peer remove", offer_peers },
};

static void offer_place(struct question *q, const char *name)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (strcmp(places[i].name, name) == 0)
			places[i].offer(q);
}

/* "a|b|c" in TEXT, where that is what can be written. */
static void offer_alternatives(const struct question *q, const char *text)
{
	char word[64];

	while (*text) {
		size_t length = strcspn(text, "|");

		if (strspn(text, "abcdefghijklmnopqrstuvwxyz-") == length && length < sizeof(word)) {
			snprintf(word, sizeof(word), "%.*s", (int)length, text);
			offer(q, word);
		}
		text += length + (text[length] == '|');
	}
}

/* ---- Where the last word stands ---- */

/* The first words of names, or the second ones of those that begin with GROUP. */
static void offer_commands(const struct question *q, const char *group)
{
	const struct cli_command *list = q->cli->commands;
	char word[64], last[64] = "";

	for (size_t i = 0; i < q->cli->command_count; i++) {
		size_t first = strcspn(list[i].name, " ");
		bool mine = group && strlen(group) == first && strncmp(list[i].name, group, first) == 0;

		if (group && (!mine || !list[i].name[first]))
			continue;
		snprintf(word, sizeof(word), "%.*s", group ? 63 : (int)first, list[i].name + (group ? first + 1 : 0));
		if (strcmp(word, last) != 0)
			offer(q, word);
		memcpy(last, word, sizeof(last));
	}
	if (!group)
		offer_alternatives(q, "--help|--home|--version");
}

static void offer_options(const struct question *q, const struct cli_option *list)
{
	char text[64];

	for (; list && list->name; list++) {
		snprintf(text, sizeof(text), "--%s", list->name);
		offer(q, text);
	}
}

static const struct cli_option *option_of(const struct cli_command *command, const char *word, bool *joined)
{
	const char *name = word + (word[1] == '-' ? 2 : 1), *equals = strchr(name, '=');

	*joined = equals != NULL;
	return cli_option_named(command, name, equals ? (size_t)(equals - name) : strlen(name));
}

/* The option whose value the last word is; *WORDS: no option can stand there any more. */
static const struct cli_option *awaited(
    const struct question *q, const struct cli_command *command, size_t from, bool *words)
{
	const struct cli_option *option = NULL;
	bool joined;

	for (size_t i = from; i < q->before; i++) {
		const char *word = q->words[i];

		*words = *words || (!option && strcmp(word, "--") == 0);
		option = option || *words || *word != '-' ? NULL : option_of(command, word, &joined);
		option = option && option->value && !joined ? option : NULL;
	}
	return option;
}

static void offer_arguments(struct question *q, const struct cli_command *command, size_t from)
{
	bool words = false, joined = false;
	const struct cli_option *option = awaited(q, command, from, &words);
	char name[64];

	if (!option && !words && *q->typed == '-') {
		option = option_of(command, q->typed, &joined);
		if (option && joined)
			keep(q, (size_t)(strchr(q->typed, '=') + 1 - q->typed));
		else
			option = NULL;
	}
	if (option) {
		snprintf(name, sizeof(name), "--%s", option->name);
		offer_place(q, name);
	} else if (!words && *q->typed == '-') {
		offer_options(q, command->options);
		offer_options(q, cli_common_options());
		offer_options(q, command->json ? cli_json_option() : NULL);
	} else {
		offer_place(q, command->name);
		offer_alternatives(q, command->arguments);
	}
}

/* --home of the line that is being written is where its keys are. */
static bool find_home(struct question *q)
{
	for (size_t i = 0; i < q->before; i++) {
		if (strncmp(q->words[i], "--home=", 7) == 0)
			return home_find(q->words[i] + 7, q->home);
		if (strcmp(q->words[i], "--home") == 0 && i + 1 < q->before)
			return home_find(q->words[i + 1], q->home);
	}
	memcpy(q->home, q->cli->home, sizeof(q->home));
	return true;
}

int cmd_complete(const struct cli *cli)
{
	struct question q = { .cli = cli, .words = cli->words, .before = cli->word_count ? cli->word_count - 1 : 0 };
	size_t from = 0;

	q.typed = q.kept = cli->word_count ? cli->words[q.before] : "";
	if (!find_home(&q))
		return CLI_USAGE;
	if (q.before && strncmp(q.words[0], "--home", 6) == 0)
		from = q.words[0][6] == '=' ? 1 : 2;
	if (from > q.before)
		return CLI_OK;
	for (size_t i = 0; i < cli->command_count; i++) {
		int words = cli_matches(cli->commands[i].name, (int)(q.before - from), q.words + from);

		if (words) {
			offer_arguments(&q, &cli->commands[i], from + (size_t)words);
			return CLI_OK;
		}
	}
	if (q.before - from < 2)
		offer_commands(&q, q.before > from ? q.words[from] : NULL);
	return CLI_OK;
}
