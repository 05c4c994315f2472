/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpc-example [SEED]: a client and a server in one process, and between them a network that loses, doubles, damages and
 * reorders datagrams.  The procedure adds a number to an account.  The same calls are made with different layers; what
 * comes out is what the layers make of it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "network.h"
#include "rpc.h"

enum { CALLS = 40, SHOWN = 4, CLIENT = 1, SERVER = 2, SECOND = 1000000 };

/* One run: the clock, the network, the ends, and what became of the calls. */
struct world {
	struct cactus_platform platform;
	uint64_t now_us, seed;
	struct network network;
	struct rpc_client *client;
	struct rpc_server *server;
	bool shown;
	uint64_t account, expected;
	unsigned begun, replies, timed_out, runs;
};

struct variant {
	const char *name;
	size_t count;
	struct rpc_layer layers[5];
};

/* ---- The platform: a clock that only the loop below moves ---- */

static uint64_t clock_us(void *context)
{
	return ((const struct world *)context)->now_us;
}

static int draw(void *context, void *out, size_t length)
{
	uint8_t *bytes = out;

	for (size_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)network_draw(&((struct world *)context)->seed, 256);
	return 0;
}

static void *allocate(void *context, size_t size)
{
	(void)context;
	return calloc(1, size);
}

static void release(void *context, void *memory, size_t size)
{
	(void)context;
	(void)size;
	free(memory);
}

static void no_log(void *context, int level, const char *line)
{
	(void)context;
	(void)level;
	(void)line;
}

/* ---- What the ends call ---- */

static void show(const struct world *w, const char *who, const char *what, const char *more)
{
	if (w->shown)
		printf("  %7.3f s  %s %s%s\n", (double)w->now_us / 1e6, who, what, more);
}

static void put(struct world *w, uint64_t from, uint64_t to, const uint8_t *bytes, size_t length)
{
	static const char *const fates[] = { "", ": lost", ": doubled", ": damaged" };
	const enum network_fate fate = network_send(&w->network, w->now_us, from, to, bytes, length);

	show(
	    w, from == CLIENT ? "client" : "server", from == CLIENT ? "sends a request" : "sends a reply", fates[fate]);
}

static void to_server(void *context, uint64_t address, const uint8_t *bytes, size_t length)
{
	(void)address;
	put(context, CLIENT, SERVER, bytes, length);
}

static void to_client(void *context, uint64_t address, const uint8_t *bytes, size_t length)
{
	put(context, SERVER, address, bytes, length);
}

/* Adds the four bytes of a request to the account, which is the reply. */
static size_t add(void *context, const uint8_t *request, size_t length, uint8_t *reply, size_t room)
{
	struct world *w = context;

	if (length != 4 || room < 8)
		return 0;
	w->account += cactus_u32(request);
	w->runs++;
	show(w, "server", "runs the procedure", "");
	cactus_put_u64(reply, w->account);
	return 8;
}

static void done(void *context, int status, const uint8_t *reply, size_t length)
{
	struct world *w = context;

	(void)reply;
	(void)length;
	w->replies += status == RPC_OK;
	w->timed_out += status == RPC_TIMED_OUT;
	show(w, "client",
	    status == RPC_OK ? "has a reply" : "has none: ", status == RPC_OK ? "" : rpc_status_text(status));
}

/* ---- The loop ---- */

static int call(struct world *w)
{
	const uint32_t amount = ++w->begun;
	uint8_t request[4];

	cactus_put_u32(request, amount);
	w->expected += amount;
	return rpc_call(w->client, request, sizeof(request), done, w);
}

static void carry(struct world *w)
{
	struct datagram *d = network_take(&w->network, w->now_us);
	int status;

	if (d == NULL)
		return;
	status = d->to == SERVER ? rpc_server_pop(w->server, d->from, d->bytes, d->length)
				 : rpc_client_pop(w->client, d->bytes, d->length);
	if (status < 0)
		show(w, d->to == SERVER ? "server" : "client", "refuses a datagram: ", rpc_status_text(status));
	free(d);
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* A call every second, and then until all of them have ended. */
static int loop(struct world *w, unsigned calls)
{
	int status = RPC_OK;

	while (status == RPC_OK && (w->begun < calls || w->replies + w->timed_out < calls)) {
		const uint64_t next_call = w->begun < calls ? (uint64_t)w->begun * SECOND : UINT64_MAX;

		w->now_us = sooner(sooner(network_due(&w->network), next_call),
		    sooner(rpc_client_deadline(w->client), rpc_server_deadline(w->server)));
		rpc_client_run_due(w->client);
		rpc_server_run_due(w->server);
		carry(w);
		if (next_call <= w->now_us)
			status = call(w);
	}
	return status;
}

static void tell(void *context, const char *line)
{
	(void)context;
	printf("  refused: %s\n", line);
}

/* One client, one server, CALLS calls; negative: why it could not be done. */
static int run(struct world *w, const struct variant *v, uint64_t seed, unsigned calls, bool shown)
{
	struct cactus_composition *composition = NULL;
	int status;

	*w = (struct world){ .seed = seed, .shown = shown };
	w->platform = (struct cactus_platform){ w, clock_us, clock_us, draw, allocate, release, no_log, NULL, NULL };
	w->network = (struct network){
		.seed = seed, .lost = 30, .doubled = 10, .damaged = 10, .window = 64, .delay_us = SECOND / 5
	};
	status = rpc_compose(&w->platform, v->layers, v->count, tell, NULL, &composition);
	if (status == RPC_OK)
		status = rpc_server_make(composition, &w->platform, to_client, add, w, &w->server);
	if (status == RPC_OK)
		status = rpc_client_make(composition, &w->platform, to_server, w, &w->client);
	if (status == RPC_OK)
		status = loop(w, calls);
	rpc_client_free(w->client);
	rpc_server_free(w->server);
	cactus_composition_free(composition);
	network_drop(&w->network);
	return status;
}

static const struct variant broken = { "retransmission alone", 1, { { .mp = &rpc_retransmit } } };
static const struct variant variants[] = {
	{ "a time limit only", 3, { { .mp = &rpc_call_identity }, { .mp = &rpc_time_out }, { .mp = &rpc_checksum } } },
	{ "and retransmission", 4,
	    { { .mp = &rpc_call_identity }, { .mp = &rpc_retransmit }, { .mp = &rpc_time_out },
		{ .mp = &rpc_checksum } } },
	{ "and at most once", 5,
	    { { .mp = &rpc_call_identity }, { .mp = &rpc_at_most_once }, { .mp = &rpc_retransmit },
		{ .mp = &rpc_time_out }, { .mp = &rpc_checksum } } },
};
enum { VARIANTS = sizeof(variants) / sizeof(variants[0]) };

int main(int count, char **arguments)
{
	const uint64_t seed = count > 1 ? strtoull(arguments[1], NULL, 10) : 1;
	struct world w;
	int status;

	printf("A list that does not hold together:\n");
	if (run(&w, &broken, seed, 0, false) != RPC_REFUSED)
		return 1;
	printf("\n%d calls with all layers, seed %" PRIu64 ":\n", SHOWN, seed);
	status = run(&w, &variants[VARIANTS - 1], seed, SHOWN, true);
	printf("\n%d calls     replies  time-outs  runs  account  as called\n", CALLS);
	for (size_t i = 0; status == RPC_OK && i < VARIANTS; i++) {
		status = run(&w, &variants[i], seed, CALLS, false);
		printf("%-20s %4u  %9u  %4u  %7" PRIu64 "  %9" PRIu64 "\n", variants[i].name, w.replies, w.timed_out,
		    w.runs, w.account, w.expected);
	}
	if (status < 0)
		fprintf(stderr, "rpc-example: %s\n", rpc_status_text(status));
	return status < 0;
}
