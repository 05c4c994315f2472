/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_peer.c - `peer add`, `peer list`, `peer remove`. */
#include "cli/cli.h"
#include "cli/home.h"
#include "cli/peers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

struct addition {
	struct seccomm *library;
	const char *name, *key;
	char *pem; /* or NULL */
};

/* Puts the key and the PEM into a keyring that is thrown away: what the library takes now it takes later, too. */
static bool acceptable(struct seccomm *library, const struct addition *add)
{
	struct seccomm_keyring *keyring = seccomm_keyring_new(library);
	struct seccomm_error error = { .status = SECCOMM_NO_MEMORY };
	uint8_t fingerprint[SECCOMM_FINGERPRINT_BYTES];
	char *text = NULL;
	int status = SECCOMM_NO_MEMORY;

	if (keyring && asprintf(&text, "%s\n%s", add->key, add->pem ? add->pem : "") >= 0) {
		status = seccomm_key_fingerprint(library, add->key, fingerprint, &error);
		if (status == SECCOMM_OK)
			status = seccomm_keyring_peer(keyring, add->name, text, &error);
	}
	free(text);
	seccomm_keyring_free(keyring);
	if (status != SECCOMM_OK)
		cli_complain_error(&error);
	return status == SECCOMM_OK;
}

static void complain_changed(const struct addition *add, const char *known)
{
	char before[SECCOMM_FINGERPRINT_TEXT], now[SECCOMM_FINGERPRINT_TEXT];

	cli_fingerprint(add->library, known, before);
	cli_fingerprint(add->library, add->key, now);
	cli_complain("'%s' is known with another key\n  known  %s\n         %s\n  new    %s\n         %s", add->name,
	    known, before, add->key, now);
	cli_help_line("ask %s, by another way than the one the key came, which one is right; if it is the new one:   "
		      "seccomm peer remove %s",
	    add->name, add->name);
}

/* Whether nothing in the list speaks against it; *KNOWN: it is there already. */
static bool agrees(const struct peers *peers, const struct addition *add, bool *known)
{
	*known = false;
	for (size_t i = 0; i < peers->count; i++) {
		const struct peers_entry *entry = &peers->entries[i];
		bool name = strcmp(entry->name, add->name) == 0, key = strcasecmp(entry->key, add->key) == 0;

		*known |= name && key;
		if (name && !key) {
			complain_changed(add, entry->key);
			return false;
		}
		if (key && !name) {
			cli_complain("this key is known already, under the name '%s'", entry->name);
			cli_help_line("use that name, or first:   seccomm peer remove %s", entry->name);
			return false;
		}
	}
	return true;
}

static bool append(const char *home, const struct peers *peers, const struct addition *add)
{
	const char *before = peers->text ? peers->text : "";
	const char *feed = peers->length && before[peers->length - 1] != '\n' ? "\n" : "";
	char path[PATH_MAX], *text;
	bool done;

	if (asprintf(&text, "%s%s%s %s\n", before, feed, add->name, add->key) < 0)
		return false;
	done = home_path(NULL, home, "", "peers", "", path) && home_replace(path, text);
	free(text);
	return done;
}

static bool add_locked(const char *home, const struct addition *add, bool *known)
{
	char path[PATH_MAX];
	struct peers peers;
	bool done;

	if (!peers_read(NULL, home, &peers))
		return false;
	done = agrees(&peers, add, known);
	if (done && add->pem)
		done = home_path(NULL, home, "peers.d", add->name, ".pem", path) && home_replace(path, add->pem);
	if (done && !*known)
		done = append(home, &peers, add);
	peers_free(&peers);
	return done;
}

static int add(const struct cli *cli, const struct addition *addition)
{
	bool known = false, done;
	int lock = home_make(cli->home) ? home_lock(cli->home) : -1;

	if (lock < 0)
		return CLI_FAILED;
	done = add_locked(cli->home, addition, &known);
	close(lock);
	if (!done)
		return CLI_USAGE;
	if (cli_has(cli, "json"))
		return cli_answer_json(
		    json_pack("{s:s, s:s, s:b}", "name", addition->name, "key", addition->key, "known", known));
	printf("peer %s %s\n", addition->name, known ? "is known already" : "added");
	return CLI_OK;
}

int cmd_peer_add(const struct cli *cli)
{
	struct addition addition = { NULL, cli->words[0], cli->words[1], NULL };
	struct seccomm *library;
	const char *path = cli_value(cli, "pem");
	size_t length = 0;
	int status = CLI_USAGE;

	if (!home_name(NULL, addition.name))
		return CLI_USAGE;
	if (path) {
		enum home_result result = home_read(NULL, path, HOME_INPUT, &addition.pem, &length);

		if (result == HOME_MISSING)
			cli_complain("%s: %s", path, strerror(ENOENT));
		if (result != HOME_OK)
			return CLI_USAGE;
	}
	addition.library = library = cli_library();
	if (!library)
		status = CLI_FAILED;
	else if (acceptable(library, &addition))
		status = add(cli, &addition);
	seccomm_free(library);
	home_wipe(addition.pem, length);
	return status;
}

static int list(const struct cli *cli, struct seccomm *library, const struct peers *peers)
{
	json_t *list = cli_has(cli, "json") ? json_array() : NULL;
	char fingerprint[SECCOMM_FINGERPRINT_TEXT];

	for (size_t i = 0; i < peers->count; i++) {
		const struct peers_entry *entry = &peers->entries[i];

		cli_fingerprint(library, entry->key, fingerprint);
		if (list && json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "name", entry->name, "key", entry->key,
						    "fingerprint", fingerprint, "comment", entry->comment)) < 0) {
			cli_complain("line of '%s' in the list of peers: not UTF-8, so JSON cannot say it", entry->name);
			json_decref(list);
			return CLI_FAILED;
		}
		if (!list)
			printf("%-16s %s %s%s%s\n", entry->name, entry->key, fingerprint, *entry->comment ? " " : "",
			    entry->comment);
	}
	return list ? cli_answer_json(list) : CLI_OK;
}

int cmd_peer_list(const struct cli *cli)
{
	struct seccomm *library = cli_library();
	struct peers peers;
	int status = CLI_FAILED;

	if (library && peers_read(NULL, cli->home, &peers)) {
		status = list(cli, library, &peers);
		peers_free(&peers);
	} else if (library) {
		status = CLI_USAGE;
	}
	seccomm_free(library);
	return status;
}

/* The list without the lines of NAME, however many there are; *REMOVED: how many. */
static char *without(const struct peers *peers, const char *name, size_t *removed)
{
	char *text = malloc(peers->length + 1), *end = text;
	size_t from = 0;

	*removed = 0;
	for (size_t i = 0; text && i < peers->count; i++) {
		const struct peers_entry *entry = &peers->entries[i];

		if (strcmp(entry->name, name) != 0)
			continue;
		end = mempcpy(end, peers->text + from, entry->from - from);
		from = entry->to;
		++*removed;
	}
	if (text)
		strcpy(end, peers->text ? peers->text + from : "");
	return text;
}

static bool remove_locked(const char *home, const char *name)
{
	char path[PATH_MAX], *text;
	struct peers peers;
	size_t removed;
	bool done = false;

	if (!peers_read(NULL, home, &peers))
		return false;
	text = without(&peers, name, &removed);
	if (text && removed == 0)
		cli_complain("there is no peer '%s'; seccomm peer list   shows them", name);
	else if (text)
		done = home_path(NULL, home, "", "peers", "", path) && home_replace(path, text);
	if (done && home_path(NULL, home, "peers.d", name, ".pem", path))
		(void)unlink(path);
	free(text);
	peers_free(&peers);
	return done;
}

int cmd_peer_remove(const struct cli *cli)
{
	const char *name = cli->words[0];
	int lock;
	bool done;

	if (!home_name(NULL, name))
		return CLI_USAGE;
	lock = home_make(cli->home) ? home_lock(cli->home) : -1;
	if (lock < 0)
		return CLI_FAILED;
	done = remove_locked(cli->home, name);
	close(lock);
	if (!done)
		return CLI_USAGE;
	if (cli_has(cli, "json"))
		return cli_answer_json(json_pack("{s:s}", "removed", name));
	printf("peer %s removed; running services know it until   seccomm reload\n", name);
	return CLI_OK;
}
