/* SPDX-License-Identifier: Apache-2.0 */
/* pair.c - throw-away keys and plans of two ends that know each other (see pair.h). */
#include "cli/pair.h"
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS_ROOM = 32 * 1024 }; /* several PEM blocks */

struct keys {
	char secret[KEYS_ROOM], public_key[KEYS_ROOM];
};

/* Adds a key of ALGORITHM, as a line or a block behind those that are there. */
static bool add_key(struct pair *pair, const char *algorithm, struct keys *keys)
{
	const size_t secret = strlen(keys->secret), public_key = strlen(keys->public_key);

	if (seccomm_key_generate(pair->library, algorithm, keys->secret + secret, KEYS_ROOM - secret - 1,
		keys->public_key + public_key, KEYS_ROOM - public_key - 1) != SECCOMM_OK)
		return false;
	strcat(keys->secret, "\n");
	strcat(keys->public_key, "\n");
	return true;
}

/* The first algorithm is that of an identity; a pre-shared secret is none of its keys. */
static bool make_keys(struct pair *pair, bool all, struct keys *keys)
{
	const char *algorithm;
	for (size_t i = 0; (i == 0 || all) && (algorithm = cli_key_algorithm(i)); i++) {
		if (strcmp(algorithm, "psk") == 0 || add_key(pair, algorithm, keys))
			continue;
		cli_complain("a key of %s could not be made", algorithm);
		return false;
	}
	return true;
}

static bool make_end(struct pair *pair, struct pair_end *end, bool client, const struct keys *own, const struct keys *other)
{
	struct seccomm_error error;

	end->keyring = seccomm_keyring_new(pair->library);
	if (!end->keyring)
		return false;
	if (seccomm_keyring_identity(end->keyring, client ? "client" : "server", own->secret, &error) == SECCOMM_OK &&
	    seccomm_keyring_peer(end->keyring, client ? "server" : "client", other->public_key, &error) == SECCOMM_OK)
		return true;
	cli_complain_error(&error);
	return false;
}

bool pair_make(struct pair *pair, struct seccomm *library, bool all)
{
	struct keys *keys = calloc(2, sizeof(*keys));
	bool done;

	*pair = (struct pair){ .library = library };
	done = library && keys && make_keys(pair, all, &keys[0]) && make_keys(pair, all, &keys[1]) &&
	       make_end(pair, &pair->client, true, &keys[0], &keys[1]) &&
	       make_end(pair, &pair->server, false, &keys[1], &keys[0]) && (!all || pair_shared_make(pair));
	if (keys)
		explicit_bzero(keys, 2 * sizeof(*keys));
	free(keys);
	return done;
}

static bool plan_end(struct pair *pair, struct pair_end *end, enum seccomm_link link, const char *stack, bool lab,
    struct seccomm_error *error)
{
	const bool client = end == &pair->client;
	const char *peer = client ? "server" : "client";

	seccomm_plan_free(end->plan);
	end->plan = NULL;
	return seccomm_plan_stack(pair->library, client ? SECCOMM_CLIENT : SECCOMM_SERVER, link, stack, NULL,
		   client ? "client" : "server", &peer, 1, lab, &end->plan, error) == SECCOMM_OK;
}

bool pair_stack(struct pair *pair, enum seccomm_link link, const char *stack, bool lab, struct seccomm_error *error)
{
	return plan_end(pair, &pair->client, link, stack, lab, error) &&
	       plan_end(pair, &pair->server, link, stack, lab, error);
}

static bool lab_end(struct pair *pair, struct pair_end *end, bool named, const char *keys, const char *stack, struct seccomm_error *error)
{
	const bool client = end == &pair->client;
	char text[1024], names[64] = "";
	int length;

	if (named)
		snprintf(names, sizeof(names), "identity: %s, peers: [%s], ", client ? "client" : "server", client ? "server" : "client");
	length = snprintf(text, sizeof(text), "seccomm: 1\nsessions: {s: {role: %s, listen: 'memory:', connect: 'memory:', "
	    "%sprofile: lab, keys: {%s}, stack: [%s]}}\n", client ? "client" : "server", names, keys, stack);

	seccomm_plan_free(end->plan);
	end->plan = NULL;
	return seccomm_plan_read(pair->library, "lab", text, (size_t)length < sizeof(text) ? (size_t)length : 0, NULL, &end->plan,
		   error) == SECCOMM_OK;
}

bool pair_lab(struct pair *pair, bool named, const char *keys, const char *stack, struct seccomm_error *error)
{
	return lab_end(pair, &pair->client, named, keys, stack, error) && lab_end(pair, &pair->server, named, keys, stack, error);
}

void pair_free(struct pair *pair)
{
	seccomm_plan_free(pair->client.plan);
	seccomm_plan_free(pair->server.plan);
	seccomm_keyring_free(pair->client.keyring);
	seccomm_keyring_free(pair->server.keyring);
	pair_shared_free(pair);
	seccomm_free(pair->library);
}
