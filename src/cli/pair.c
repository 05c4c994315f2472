/* SPDX-License-Identifier: Apache-2.0 */
/* pair.c - throw-away keys and plans of two ends that know each other (see pair.h). */
#include "cli/pair.h"
#include "cli/cli.h"

#include <string.h>

struct pair_stack {
	enum seccomm_link link;
	const char *text;
};

struct keys {
	char secret[SECCOMM_KEY_TEXT_MAX], public_key[SECCOMM_KEY_TEXT_MAX];
};

static bool fine(int status, const struct seccomm_error *error)
{
	if (status != SECCOMM_OK)
		cli_complain_error(error);
	return status == SECCOMM_OK;
}

static bool make_end(struct pair *pair, struct pair_end *end, enum seccomm_role role, const struct pair_stack *stack,
    const struct keys *own, const struct keys *other)
{
	const char *name = role == SECCOMM_CLIENT ? "client" : "server",
		   *peer = role == SECCOMM_CLIENT ? "server" : "client";
	struct seccomm_error error = { .status = 0 };

	end->keyring = seccomm_keyring_new(pair->library);
	return end->keyring && fine(seccomm_keyring_identity(end->keyring, name, own->secret, &error), &error) &&
	       fine(seccomm_keyring_peer(end->keyring, peer, other->public_key, &error), &error) &&
	       fine(seccomm_plan_stack(
			pair->library, role, stack->link, stack->text, NULL, name, &peer, 1, false, &end->plan, &error),
		   &error);
}

static bool generate(struct pair *pair, struct keys *keys)
{
	return seccomm_key_generate(pair->library, "ed25519", keys->secret, sizeof(keys->secret), keys->public_key,
		   sizeof(keys->public_key)) == SECCOMM_OK;
}

bool pair_make(struct pair *pair, enum seccomm_link link, const char *text)
{
	const struct pair_stack stack = { link, text };
	struct keys client, server;
	bool done;

	*pair = (struct pair){ .library = cli_library() };
	if (!pair->library)
		return false;
	done = generate(pair, &client) && generate(pair, &server) &&
	       make_end(pair, &pair->client, SECCOMM_CLIENT, &stack, &client, &server) &&
	       make_end(pair, &pair->server, SECCOMM_SERVER, &stack, &server, &client);
	explicit_bzero(&client, sizeof(client));
	explicit_bzero(&server, sizeof(server));
	return done;
}

void pair_free(struct pair *pair)
{
	seccomm_plan_free(pair->client.plan);
	seccomm_plan_free(pair->server.plan);
	seccomm_keyring_free(pair->client.keyring);
	seccomm_keyring_free(pair->server.keyring);
	seccomm_free(pair->library);
}
