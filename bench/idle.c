/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Heap of an idle established session, the crypto library's contexts included: 5,000 pairs of the default stack in one process,
 * by what malloc says is in use before and after.  Client and server are told apart by freeing one after the other.
 * --check fails above 8 KiB a session.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seccomm.h"

enum { CLIENT, SERVER, PAIRS = 5000, LIMIT = 8 * 1024, WIRE = 4096 };

struct end {
	struct seccomm_session *session;
	struct seccomm_callbacks callbacks;
	struct wire *out; /* only while opening */
};
struct wire {
	uint8_t bytes[WIRE];
	size_t used;
};
struct side {
	struct seccomm_plan *plan;
	struct seccomm_keyring *keyring;
	struct end *ends;
};

static void die(const char *what)
{
	fprintf(stderr, "idle: %s\n", what);
	exit(2);
}

static void transmit(void *context, const uint8_t *bytes, size_t length)
{
	struct wire *wire = ((struct end *)context)->out;

	if (length > WIRE - wire->used)
		die("an opening is too long");
	memcpy(wire->bytes + wire->used, bytes, length);
	wire->used += length;
}

static void deliver(void *context, struct seccomm_message *message)
{
	(void)context;
	(void)message;
}

static void make_sides(struct seccomm *library, struct side side[2])
{
	static const char *const peers[] = { "peer" };
	char secret[2][256], public_key[2][256];
	struct seccomm_error error = { 0 };

	for (unsigned n = CLIENT; n <= SERVER; n++)
		if (seccomm_key_generate(library, "ed25519", secret[n], sizeof(secret[n]), public_key[n], sizeof(public_key[n])) < 0)
			die("no keys");
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		side[n].ends = calloc(PAIRS, sizeof(*side[n].ends));
		side[n].keyring = seccomm_keyring_new(library);
		if (side[n].ends == NULL || side[n].keyring == NULL)
			die("no memory");
		if (seccomm_keyring_identity(side[n].keyring, "self", secret[n], &error) < 0 ||
		    seccomm_keyring_peer(side[n].keyring, "peer", public_key[!n], &error) < 0 ||
		    seccomm_plan_stack(library, n == CLIENT ? SECCOMM_CLIENT : SECCOMM_SERVER, SECCOMM_STREAM, "default@1", NULL, "self",
			peers, 1, false, &side[n].plan, &error) < 0)
			die(error.text);
	}
}

static void open_one(struct side *side, struct end *end, struct wire *out)
{
	struct seccomm_error error = { 0 };

	end->out = out;
	end->callbacks = (struct seccomm_callbacks){ .context = end, .transmit = transmit, .deliver = deliver };
	if (seccomm_open(side->plan, side->keyring, seccomm_platform_default(), &end->callbacks, &end->session, &error) < 0)
		die(error.text);
}

static void open_pair(struct side side[2], size_t i)
{
	struct wire wires[2] = { { .used = 0 }, { .used = 0 } };

	open_one(&side[SERVER], &side[SERVER].ends[i], &wires[SERVER]);
	open_one(&side[CLIENT], &side[CLIENT].ends[i], &wires[CLIENT]);
	for (unsigned turn = 0; turn < 4; turn++) {
		struct wire *wire = &wires[turn % 2];
		size_t length = wire->used;

		wire->used = 0;
		if (seccomm_pop(side[!(turn % 2)].ends[i].session, wire->bytes, length) != (ptrdiff_t)length)
			die("an opening failed");
	}
	if (seccomm_peer(side[CLIENT].ends[i].session) == NULL || seccomm_peer(side[SERVER].ends[i].session) == NULL)
		die("a session is not open");
	side[CLIENT].ends[i].out = side[SERVER].ends[i].out = NULL;
}

static size_t in_use(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static void free_side(struct side *side)
{
	for (size_t i = 0; i < PAIRS; i++)
		seccomm_session_free(side->ends[i].session);
}

int main(int argc, char **argv)
{
	bool check = argc > 1 && strcmp(argv[1], "--check") == 0;
	struct seccomm *library = seccomm_new(NULL);
	struct side side[2];
	struct seccomm_statistics statistics[2];
	size_t before, all, without_clients, client, server;

	if (library == NULL)
		die("no crypto library");
	make_sides(library, side);
	open_pair(side, 0); /* what the crypto library keeps once for all */
	for (unsigned n = CLIENT; n <= SERVER; n++)
		seccomm_session_free(side[n].ends[0].session);
	before = in_use();
	for (size_t i = 0; i < PAIRS; i++)
		open_pair(side, i);
	all = in_use();
	for (unsigned n = CLIENT; n <= SERVER; n++)
		seccomm_statistics(side[n].ends[0].session, &statistics[n]);
	free_side(&side[CLIENT]);
	without_clients = in_use();
	free_side(&side[SERVER]);
	client = (all - without_clients) / PAIRS;
	server = (without_clients - before) / PAIRS;
	printf("heap of an idle session, bytes, %d sessions (of them SecComm's own, the rest is the crypto library's)\n", 2 * PAIRS);
	printf("client %6zu (%zu)\nserver %6zu (%zu)\nat most %d%s\n", client, statistics[CLIENT].memory, server,
	    statistics[SERVER].memory, LIMIT, client > LIMIT || server > LIMIT ? "  MISSED" : "");
	printf("left when all are freed: %zd\n", (ssize_t)in_use() - (ssize_t)before);
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		seccomm_plan_free(side[n].plan);
		seccomm_keyring_free(side[n].keyring);
		free(side[n].ends);
	}
	seccomm_free(library);
	return check && (client > LIMIT || server > LIMIT);
}
