/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_passphrase.c - `key passphrase`: a pre-shared secret from a passphrase.  What is kept is the secret, with the salt and
 * the cost behind it, so that another host can make the same; the passphrase is not.
 */
#include "check/check.h"
#include "cli/cli.h"
#include "cli/home.h"
#include "cli/passphrase.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SALT_TEXT = 2 * SECCOMM_STRETCH_SALT + 1, WORD_ROOM = 256, DISTINCT_MIN = 6 };

static void salt_text(const struct seccomm_stretch *stretch, char out[SALT_TEXT])
{
	for (size_t i = 0; i < SECCOMM_STRETCH_SALT; i++)
		snprintf(out + 2 * i, 3, "%02x", stretch->salt[i]);
}

static bool read_salt(const char *text, struct seccomm_stretch *out)
{
	const struct cactus_platform *platform = seccomm_platform_default();

	if (!text && platform->random(platform->context, out->salt, SECCOMM_STRETCH_SALT) == 0)
		return true;
	if (!text) {
		cli_complain("there are no random numbers for a salt");
		return false;
	}
	if (strlen(text) == SALT_TEXT - 1 && strspn(text, "0123456789abcdef") == SALT_TEXT - 1) {
		for (size_t i = 0; i < SECCOMM_STRETCH_SALT; i++)
			sscanf(text + 2 * i, "%2hhx", &out->salt[i]);
		return true;
	}
	cli_complain("'%s' is no salt", text);
	cli_help_line("it has %d digits of 0-9 a-f, as the other host has printed them", SALT_TEXT - 1);
	return false;
}

/* What the command line says of the cost; the library knows what is too little. */
static bool read_stretch(const struct cli *cli, struct seccomm_stretch *out)
{
	const char *memory = cli_has(cli, "memory") ? cli_value(cli, "memory") : "256MiB";
	const char *passes = cli_has(cli, "passes") ? cli_value(cli, "passes") : "3";
	char *end;
	unsigned long n = strtoul(passes, &end, 10);
	uint64_t bytes;

	if (!check_size(memory, &bytes) || bytes % 1024 != 0 || bytes / 1024 > UINT32_MAX) {
		cli_complain("'%s' is no size of memory", memory);
		cli_help_line("write it like 256MiB");
		return false;
	}
	if (*passes < '0' || *passes > '9' || *end || n > UINT32_MAX) {
		cli_complain("'%s' is no number of passes", passes);
		return false;
	}
	out->memory_kib = (uint32_t)(bytes / 1024);
	out->passes = (uint32_t)n;
	return read_salt(cli_value(cli, "salt"), out);
}

static int tell_made(const struct cli *cli, const struct seccomm_stretch *stretch, const char *path)
{
	const char *name = cli->words[0];
	char salt[SALT_TEXT];

	salt_text(stretch, salt);
	if (cli_has(cli, "json"))
		return cli_answer_json(json_pack("{s:s, s:s, s:s, s:s, s:I, s:I}", "name", name, "algorithm", "psk", "file", path,
		    "salt", salt, "memory", (json_int_t)stretch->memory_kib * 1024, "passes", (json_int_t)stretch->passes));
	printf("key     %s (psk, from a passphrase), in %s\n"
	       "next    on the other host, with the same passphrase:\n"
	       "  seccomm key passphrase %s --salt %s --memory %uKiB --passes %u\n",
	    name, path, name, salt, (unsigned)stretch->memory_kib, (unsigned)stretch->passes);
	return CLI_OK;
}

/* The secret's word, and how it came about in a line behind it. */
static bool store(const struct cli *cli, const char *path, const char *word, const struct seccomm_stretch *stretch)
{
	char text[WORD_ROOM + 128], salt[SALT_TEXT];
	int lock = home_lock(cli->home);
	bool stored;

	if (lock < 0)
		return false;
	salt_text(stretch, salt);
	snprintf(text, sizeof(text), "%s\n# Argon2id of a passphrase: salt %s, memory %uKiB, passes %u\n", word, salt,
	    (unsigned)stretch->memory_kib, (unsigned)stretch->passes);
	stored = home_create(path, text);
	explicit_bzero(text, sizeof(text));
	close(lock);
	return stored;
}

/* Whether PASSPHRASE is PERIOD bytes again and again. */
static bool repeats(const char *passphrase, size_t length, size_t period)
{
	size_t at = period;

	while (at < length && passphrase[at] == passphrase[at - period])
		at++;
	return at >= length;
}

/* What shows without a dictionary: few characters, or a short piece again and again. */
static bool looks_weak(const char *passphrase, size_t length)
{
	bool seen[256] = { false };
	size_t distinct = 0;

	for (size_t i = 0; i < length; i++) {
		distinct += !seen[(uint8_t)passphrase[i]];
		seen[(uint8_t)passphrase[i]] = true;
	}
	explicit_bzero(seen, sizeof(seen));
	for (size_t period = 1; period < SECCOMM_PASSPHRASE_MIN && 2 * period <= length; period++)
		if (repeats(passphrase, length, period))
			return true;
	return distinct < DISTINCT_MIN;
}

static void warn(const char *passphrase, size_t length)
{
	const size_t text = check_utf8(passphrase, length);

	if (text < length) {
		cli_complain("warning: standard input: byte %zu of the passphrase is no UTF-8: who types the same words elsewhere makes another secret", text + 1);
		cli_help_line("give it as UTF-8 text, and make the secret anew at both ends");
	}
	if (!looks_weak(passphrase, length))
		return;
	cli_complain("warning: this passphrase is long, but it has few different characters or repeats a short piece: it is guessed soon");
	cli_help_line("use six words or more that dice or a program have chosen, and make the secret anew at both ends");
}

/* The passphrase is asked for last, when nothing else is wrong. */
static int stretch_and_store(
    const struct cli *cli, struct seccomm *library, const struct seccomm_stretch *stretch, const char *path)
{
	char passphrase[PASSPHRASE_ROOM], word[WORD_ROOM];
	struct seccomm_error error = { .status = 0 };
	size_t length = 0;
	int status = CLI_USAGE, failed = SECCOMM_INVALID;

	if (passphrase_read(passphrase, &length)) {
		failed = seccomm_key_stretch(library, passphrase, length, stretch, word, sizeof(word), &error);
		if (failed != SECCOMM_OK)
			cli_complain_error(&error);
		else
			warn(passphrase, length);
	}
	explicit_bzero(passphrase, sizeof(passphrase));
	if (failed == SECCOMM_OK && store(cli, path, word, stretch))
		status = tell_made(cli, stretch, path);
	explicit_bzero(word, sizeof(word));
	return failed == SECCOMM_OK || failed == SECCOMM_INVALID ? status : CLI_FAILED;
}

int cmd_key_passphrase(const struct cli *cli)
{
	struct seccomm_stretch stretch;
	struct seccomm *library;
	char path[PATH_MAX];
	int status;

	if (!home_name(NULL, cli->words[0]) || !read_stretch(cli, &stretch) || !home_make(cli->home) ||
	    !home_path(NULL, cli->home, "keys", cli->words[0], ".psk", path))
		return CLI_USAGE;
	if (access(path, F_OK) == 0) {
		cli_complain("%s is there already and will not be overwritten", path);
		return CLI_USAGE;
	}
	library = cli_library();
	if (!library)
		return CLI_FAILED;
	status = stretch_and_store(cli, library, &stretch, path);
	seccomm_free(library);
	return status;
}
