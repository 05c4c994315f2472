/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_key.c - `key gen` and `key show`. */
#include "check/check.h"
#include "cli/cli.h"
#include "cli/home.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEY_ROOM = 8192 };

struct algorithm {
	const char *name, *suffix;
};
static const struct algorithm algorithms[] = { { "ed25519", "" }, { "rsa-3072", ".rsa-3072.pem" },
	{ "ecdsa-p256", ".ecdsa-p256.pem" }, { "rsa-oaep-3072", ".rsa-oaep-3072.pem" }, { "rsa-kem-3072", ".rsa-kem-3072.pem" },
	{ "psk", ".psk" } };
enum { ED25519, FURTHER, PSK = 5, ALGORITHMS };

/* Keys that are text belong to a principal, and that is an Ed25519 key. */
static bool is_further(size_t which)
{
	return which >= FURTHER && which < PSK;
}

const char *cli_key_algorithm(size_t n)
{
	return n < ALGORITHMS ? algorithms[n].name : NULL;
}

/* The row, or ALGORITHMS after a complaint. */
static size_t find_algorithm(const char *name)
{
	const char *names[ALGORITHMS + 1] = { NULL }, *near;

	for (size_t i = 0; i < ALGORITHMS; i++) {
		names[i] = algorithms[i].name;
		if (!name || strcmp(names[i], name) == 0)
			return i;
	}
	near = check_nearest(name, names);
	cli_complain("there is no key algorithm '%s'%s%s%s", name, near ? "; did you mean '" : "", near ? near : "",
	    near ? "'?" : "");
	cli_help_line("the algorithms are ed25519, rsa-3072, ecdsa-p256, rsa-oaep-3072, rsa-kem-3072 and psk");
	return ALGORITHMS;
}

/* What was made; the texts are empty where there is nothing to say. */
struct made {
	size_t which;
	char path[PATH_MAX], word[KEY_ROOM]; /* WORD: the sck1… word of the principal that a further key belongs to */
	char fingerprint[SECCOMM_FINGERPRINT_TEXT];
};

static void print_next(const char *name, const struct made *made, const char *public_key)
{
	size_t which = made->which;
	const char *path = made->path;

	printf("key     %s (%s), in %s\n", name, algorithms[which].name, path);
	if (which == PSK) {
		printf("next    take this file to the other host by a way that nobody reads along, to the same "
		       "place:\n  %s\n",
		    path);
	} else if (is_further(which)) {
		printf("public\n%snext    on the other host, with these lines in %s.pem:\n"
		       "  seccomm peer add %s %s --pem %s.pem\n",
		    public_key, name, name, made->word, name);
	} else {
		printf("public  %s\n        %s\nnext    on the other host:\n  seccomm peer add %s %s\n", public_key,
		    made->fingerprint, name, public_key);
	}
}

static int tell_made(const struct cli *cli, struct seccomm *library, struct made *made, const char *public_key)
{
	const char *name = cli->words[0];
	json_t *object;

	if (made->which == ED25519)
		cli_fingerprint(library, public_key, made->fingerprint);
	if (!cli_has(cli, "json")) {
		print_next(name, made, public_key);
		return CLI_OK;
	}
	object =
	    json_pack("{s:s, s:s, s:s}", "name", name, "algorithm", algorithms[made->which].name, "file", made->path);
	if (made->which != PSK)
		json_object_set_new(object, "public", json_string(public_key));
	if (made->which == ED25519)
		json_object_set_new(object, "fingerprint", json_string(made->fingerprint));
	return cli_answer_json(object);
}

/* The public part of one of NAME's files into OUT; "" when there is no such file. */
static enum home_result read_public(const struct cli *cli, struct seccomm *library, size_t which, char *out)
{
	char path[PATH_MAX], *text;
	size_t length;
	enum home_result result;
	int status;

	*out = '\0';
	if (!home_path(NULL, cli->home, "keys", cli->words[0], algorithms[which].suffix, path))
		return HOME_BAD;
	result = home_read(NULL, path, HOME_SECRET, &text, &length);
	if (result != HOME_OK || which == PSK) {
		home_wipe(text, length);
		return result;
	}
	status = seccomm_key_public(library, text, out, KEY_ROOM);
	home_wipe(text, length);
	if (status == SECCOMM_OK)
		return HOME_OK;
	cli_complain("%s: this is not a %s key", path, algorithms[which].name);
	return HOME_BAD;
}

/* The public word of the principal that a further key belongs to goes to WORD. */
static bool has_principal(const struct cli *cli, struct seccomm *library, struct made *made)
{
	enum home_result result;

	if (!is_further(made->which))
		return true;
	result = read_public(cli, library, ED25519, made->word);
	if (result == HOME_MISSING) {
		cli_complain("'%s' has no key of its own yet, which the one for %s is added to", cli->words[0],
		    algorithms[made->which].name);
		cli_help_line("seccomm key gen %s", cli->words[0]);
	}
	return result == HOME_OK;
}

static int generate(const struct cli *cli, struct seccomm *library, struct made *made)
{
	char *secret = calloc(1, KEY_ROOM), *public_key = calloc(1, KEY_ROOM);
	const struct algorithm *algorithm = &algorithms[made->which];
	int status = CLI_FAILED, lock = -1, failed;

	if (!secret || !public_key || !home_make(cli->home) ||
	    !home_path(NULL, cli->home, "keys", cli->words[0], algorithm->suffix, made->path) ||
	    (lock = home_lock(cli->home)) < 0)
		goto out;
	failed = seccomm_key_generate(library, algorithm->name, secret, KEY_ROOM - 1, public_key, KEY_ROOM);
	if (failed != SECCOMM_OK) {
		cli_complain("the key could not be made: %s", seccomm_status_text(failed));
		goto out;
	}
	/* A file of one word is a line. */
	if (secret[strlen(secret) - 1] != '\n')
		strcat(secret, "\n");
	status = home_create(made->path, secret) ? tell_made(cli, library, made, public_key) : CLI_USAGE;
out:
	if (lock >= 0)
		close(lock);
	home_wipe(secret, secret ? KEY_ROOM : 0);
	free(public_key);
	return status;
}

int cmd_key_gen(const struct cli *cli)
{
	struct made made = { .which = find_algorithm(cli_value(cli, "algorithm")) };
	struct seccomm *library;
	int status = CLI_USAGE;

	if (made.which == ALGORITHMS || !home_name(NULL, cli->words[0]))
		return CLI_USAGE;
	library = cli_library();
	if (!library)
		return CLI_FAILED;
	if (has_principal(cli, library, &made))
		status = generate(cli, library, &made);
	seccomm_free(library);
	return status;
}

static int show(const struct cli *cli, struct seccomm *library, char (*public_key)[KEY_ROOM], bool psk)
{
	char fingerprint[SECCOMM_FINGERPRINT_TEXT];
	json_t *object;
	char *pem = public_key[FURTHER];
	size_t used = strlen(pem);

	cli_fingerprint(library, public_key[ED25519], fingerprint);
	/* All in one text, as `peer add --pem` takes it. */
	for (size_t i = FURTHER + 1; i < PSK; i++) {
		const size_t more = strnlen(public_key[i], KEY_ROOM - used - 1);

		memmove(pem + used, public_key[i], more);
		used += more;
	}
	pem[used] = '\0';
	if (cli_has(cli, "json")) {
		object = json_pack("{s:s, s:b}", "name", cli->words[0], "pre-shared", psk);
		if (*public_key[ED25519]) {
			json_object_set_new(object, "public", json_string(public_key[ED25519]));
			json_object_set_new(object, "fingerprint", json_string(fingerprint));
		}
		if (*pem)
			json_object_set_new(object, "pem", json_string(pem));
		return cli_answer_json(object);
	}
	if (*public_key[ED25519])
		printf("%s\n%s\n", public_key[ED25519], fingerprint);
	fputs(pem, stdout);
	if (psk && !*public_key[ED25519])
		printf("'%s' is a pre-shared secret: it has no public part\n", cli->words[0]);
	return CLI_OK;
}

static int find_and_show(const struct cli *cli, struct seccomm *library)
{
	char(*public_key)[KEY_ROOM] = calloc(ALGORITHMS, KEY_ROOM);
	bool found[ALGORITHMS] = { false }, any = false, bad = public_key == NULL;
	int status = CLI_USAGE;

	for (size_t i = 0; i < ALGORITHMS && !bad; i++) {
		enum home_result result = read_public(cli, library, i, public_key[i]);

		found[i] = result == HOME_OK;
		any |= found[i];
		bad |= result == HOME_BAD;
	}
	if (!bad && any) {
		status = show(cli, library, public_key, found[PSK]);
	} else if (!bad) {
		cli_complain("there is no key '%s' in %s/keys", cli->words[0], cli->home);
		cli_help_line("seccomm key gen %s", cli->words[0]);
	}
	free(public_key);
	return status;
}

int cmd_key_show(const struct cli *cli)
{
	struct seccomm *library;
	int status;

	if (!home_name(NULL, cli->words[0]))
		return CLI_USAGE;
	library = cli_library();
	if (!library)
		return CLI_FAILED;
	status = find_and_show(cli, library);
	seccomm_free(library);
	return status;
}
