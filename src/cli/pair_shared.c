/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pair_shared.c - what two throw-away ends have in common, in memory alone: a pre-shared secret, a one-time pad and a cover (see
 * pair.h).  The pad is kept as one in a file is, by pad_store.c.
 */
#include "check/check.h"
#include "cli/cli.h"
#include "cli/pad_store.h"
#include "cli/pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COPY = PAD_HEAD + 2 * PAIR_PAD_BYTES, COVER_SIDE = 384, COVER_HEAD = 15, SECRET_ROOM = 256 };

struct pair_pad {
	struct pad_store store;
	uint8_t bytes[COPY];
};

/* ---- Memory as a disk ---- */

static int memory_read(void *context, uint64_t offset, void *out, size_t length)
{
	if (offset > COPY || length > COPY - offset)
		return -1;
	memcpy(out, (const uint8_t *)context + offset, length);
	return 0;
}

static int memory_write(void *context, uint64_t offset, const void *bytes, size_t length)
{
	if (offset > COPY || length > COPY - offset)
		return -1;
	memcpy((uint8_t *)context + offset, bytes, length);
	return 0;
}

static int memory_sync(void *context)
{
	(void)context;
	return 0;
}

/* ---- The pad ---- */

static bool open_copy(struct pair_pad *pad, enum seccomm_role role, const uint8_t id[PAD_ID])
{
	const struct pad_disk disk = { .context = pad->bytes, .read = memory_read, .write = memory_write, .sync = memory_sync };

	pad_store_head(pad->bytes, id, PAIR_PAD_BYTES, role);
	return pad_store_open(&pad->store, &disk) == NULL;
}

bool pair_pad_renew(struct pair *pair)
{
	const struct cactus_platform *platform = seccomm_platform_default();
	struct pair_pad *client = pair->client.pad, *server = pair->server.pad;
	uint8_t id[PAD_ID];

	if (platform->random(platform->context, id, PAD_ID) < 0 ||
	    platform->random(platform->context, client->bytes + PAD_HEAD, COPY - PAD_HEAD) < 0)
		return false;
	memcpy(server->bytes + PAD_HEAD, client->bytes + PAD_HEAD, COPY - PAD_HEAD);
	return open_copy(client, SECCOMM_CLIENT, id) && open_copy(server, SECCOMM_SERVER, id);
}

size_t pair_pad_left(const struct pair *pair)
{
	const struct pad_store *store = &pair->client.pad->store;

	return (size_t)(store->region - store->mark[SECCOMM_PAD_OURS]);
}

/* ---- All of it ---- */

/* A square image of random grey. */
static bool add_cover(struct seccomm_keyring *keyring, uint8_t *bytes, struct seccomm_error *error)
{
	char head[COVER_HEAD + 1];

	snprintf(head, sizeof(head), "P5 %d %d 255\n", COVER_SIDE, COVER_SIDE);
	memcpy(bytes, head, COVER_HEAD);
	return seccomm_keyring_cover(keyring, CHECK_EXAMPLE_NAME, bytes, PAIR_COVER_BYTES, error) == SECCOMM_OK;
}

static bool add_shared(struct pair_end *end, enum seccomm_role role, const char *secret, uint8_t *cover, struct seccomm_error *error)
{
	const struct seccomm_pad pad = pad_store_pad(&end->pad->store);

	return seccomm_keyring_psk(end->keyring, CHECK_EXAMPLE_NAME, secret, error) == SECCOMM_OK &&
	       seccomm_keyring_pad(end->keyring, CHECK_EXAMPLE_NAME, role, &pad, error) == SECCOMM_OK &&
	       add_cover(end->keyring, cover, error);
}

bool pair_shared_make(struct pair *pair)
{
	const struct cactus_platform *platform = seccomm_platform_default();
	struct seccomm_error error = { .text = "out of memory, or of random numbers" };
	char secret[SECRET_ROOM], none[1];
	uint8_t *cover = malloc(PAIR_COVER_BYTES);
	bool done;

	pair->client.pad = calloc(1, sizeof(*pair->client.pad));
	pair->server.pad = calloc(1, sizeof(*pair->server.pad));
	done = cover && pair->client.pad && pair->server.pad && pair_pad_renew(pair) &&
	       platform->random(platform->context, cover, PAIR_COVER_BYTES) >= 0 &&
	       seccomm_key_generate(pair->library, "psk", secret, sizeof(secret), none, sizeof(none)) == SECCOMM_OK &&
	       add_shared(&pair->client, SECCOMM_CLIENT, secret, cover, &error) &&
	       add_shared(&pair->server, SECCOMM_SERVER, secret, cover, &error);
	explicit_bzero(secret, sizeof(secret));
	free(cover);
	if (!done)
		cli_complain_error(&error);
	return done;
}

static void free_pad(struct pair_end *end)
{
	if (end->pad)
		explicit_bzero(end->pad, sizeof(*end->pad));
	free(end->pad);
	end->pad = NULL;
}

void pair_shared_free(struct pair *pair)
{
	free_pad(&pair->client);
	free_pad(&pair->server);
}
