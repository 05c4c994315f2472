/* SPDX-License-Identifier: Apache-2.0 */
/* sim.c - one run of the simulation.  Time is virtual: it goes from one thing that is due to the next. */
#include <inttypes.h>
#include <stdio.h>

#include "network.h"
#include "rpc.h"
#include "sim.h"

enum { CALLS_MAX = 96, CLIENTS_MAX = 3, SERVER = 100, BODY_MAX = 256, MS = 1000, SECOND = 1000 * MS };
enum { AFTER = 20 * SECOND, REMEMBER = 60 * SECOND, STEPS_MAX = 1000000 };

/* One line of the ledger. */
struct call {
	struct sim *sim;
	unsigned client;
	size_t length;
	uint8_t request[BODY_MAX];
	uint64_t begun_us, ended_us;
	unsigned ended, runs;
	int status;
};

struct end {
	struct sim *sim;
	unsigned address;
	struct rpc_client *client;
};

struct sim {
	struct world world;
	struct network network;
	uint64_t seed, hash;
	bool trace;
	struct rpc_server *server;
	struct end ends[CLIENTS_MAX + 1]; /* the last one is the server's */
	unsigned clients, planned;
	uint64_t next_call_us, most_gap_us;
	struct call calls[CALLS_MAX];
	unsigned begun;
	unsigned lost, strange; /* datagrams, and requests that nobody has made */
};

/* ---- The log ---- */

static void say(struct sim *sim, const char *what, unsigned n, const uint8_t *bytes, size_t length)
{
	char line[160];
	const int used =
	    snprintf(line, sizeof(line), "%10" PRIu64 " us  %s %u, %zu bytes", sim->world.monotonic, what, n, length);

	for (int i = 0; i < used; i++)
		sim->hash = (sim->hash ^ (uint8_t)line[i]) * UINT64_C(0x100000001b3);
	for (size_t i = 0; i < length; i++)
		sim->hash = (sim->hash ^ bytes[i]) * UINT64_C(0x100000001b3);
	if (sim->trace)
		printf("# %s\n", line);
}

/* ---- What the ends call ---- */

static int generate(void *context, void *out, size_t length)
{
	struct sim *sim = context; /* its world comes first */

	for (size_t i = 0; i < length; i++)
		((uint8_t *)out)[i] = (uint8_t)network_draw(&sim->seed, 256);
	return 0;
}

static void transmit(void *context, uint64_t address, const uint8_t *bytes, size_t length)
{
	static const char *const words[] = { "carries from", "loses from", "doubles from", "damages from" };
	const struct end *end = context;
	struct sim *sim = end->sim;
	const uint64_t to = end->address == SERVER ? address : SERVER;
	const enum network_fate fate =
	    network_send(&sim->network, sim->world.monotonic, end->address, to, bytes, length);

	sim->lost += fate == NETWORK_LOST;
	say(sim, words[fate], end->address, bytes, length);
}

/* A reply is its request backwards and inverted. */
static void answer(const uint8_t *request, size_t length, uint8_t *reply)
{
	for (size_t i = 0; i < length; i++)
		reply[i] = request[length - 1 - i] ^ 0xff;
}

/* Requests begin with the number of the call. */
static size_t serve(void *context, const uint8_t *request, size_t length, uint8_t *reply, size_t room)
{
	struct sim *sim = ((const struct end *)context)->sim;
	const uint32_t n = length < 4 ? UINT32_MAX : cactus_u32(request);

	assert_true(length <= room);
	say(sim, "runs call", n, request, length);
	if (n < sim->begun && length == sim->calls[n].length && memcmp(request, sim->calls[n].request, length) == 0)
		sim->calls[n].runs++;
	else
		sim->strange++;
	answer(request, length, reply);
	return length;
}

static void done(void *context, int status, const uint8_t *reply, size_t length)
{
	struct call *call = context;
	uint8_t expected[BODY_MAX];

	say(call->sim, rpc_status_text(status), call->client, reply, length);
	answer(call->request, call->length, expected);
	call->ended++;
	call->ended_us = call->sim->world.monotonic;
	call->status = status;
	if (status == RPC_OK && (length != call->length || memcmp(reply, expected, length) != 0))
		call->status = RPC_MALFORMED;
}

/* ---- A run ---- */

static const struct rpc_layer layers[] = {
	{ .mp = &rpc_call_identity },
	{ .mp = &rpc_at_most_once,
	    .settings = { { "window", 128 }, { "clients", CLIENTS_MAX }, { "remember", REMEMBER } } },
	{ .mp = &rpc_retransmit,
	    .settings = { { "first-delay", 200 * MS }, { "max-delay", 2 * SECOND }, { "attempts", 12 } } },
	{ .mp = &rpc_time_out, .settings = { { "after", AFTER } } },
	{ .mp = &rpc_checksum },
};

static bool has(enum twin twin, const struct cactus_mp *mp)
{
	static const struct cactus_mp *const missing[TWINS] = { [NO_AT_MOST_ONCE] = &rpc_at_most_once,
		[NO_RETRANSMISSION] = &rpc_retransmit,
		[NO_CHECKSUM] = &rpc_checksum };

	return twin == NO_IDENTITY ? mp == &rpc_time_out || mp == &rpc_checksum : mp != missing[twin];
}

static void compose(struct sim *sim, enum twin twin)
{
	struct rpc_layer chosen[sizeof(layers) / sizeof(layers[0])];
	size_t count = 0;

	for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++)
		if (has(twin, layers[i].mp))
			chosen[count++] = layers[i];
	assert_int_equal(rpc_compose(&sim->world.platform, chosen, count, NULL, NULL, &sim->world.composition), RPC_OK);
}

/* The seed decides the same for all twins. */
static void plan(struct sim *sim, uint64_t seed)
{
	sim->seed = seed;
	sim->hash = UINT64_C(0xcbf29ce484222325);
	sim->clients = 1 + (unsigned)network_draw(&sim->seed, CLIENTS_MAX);
	sim->planned = 1 + (unsigned)network_draw(&sim->seed, CALLS_MAX);
	sim->most_gap_us = network_draw(&sim->seed, 2) == 0 ? 0 : network_draw(&sim->seed, SECOND);
	sim->network.seed = network_draw(&sim->seed, UINT64_MAX);
	sim->network.lost = (unsigned)network_draw(&sim->seed, 41);
	sim->network.doubled = (unsigned)network_draw(&sim->seed, 31);
	sim->network.damaged = (unsigned)network_draw(&sim->seed, 21);
	sim->network.window = 1 + (unsigned)network_draw(&sim->seed, 64);
	sim->network.delay_us = network_draw(&sim->seed, 500 * MS);
}

static void start(struct sim *sim, enum twin twin)
{
	const struct cactus_platform *platform = &sim->world.platform;

	world_start(&sim->world);
	sim->world.platform.random = generate;
	compose(sim, twin);
	sim->ends[CLIENTS_MAX] = (struct end){ .sim = sim, .address = SERVER };
	assert_int_equal(
	    rpc_server_make(sim->world.composition, platform, transmit, serve, &sim->ends[CLIENTS_MAX], &sim->server),
	    RPC_OK);
	for (unsigned i = 0; i < sim->clients; i++) {
		sim->ends[i] = (struct end){ .sim = sim, .address = i };
		assert_int_equal(
		    rpc_client_make(sim->world.composition, platform, transmit, &sim->ends[i], &sim->ends[i].client),
		    RPC_OK);
	}
	sim->next_call_us = sim->world.monotonic;
}

static void begin_call(struct sim *sim)
{
	struct call *call = &sim->calls[sim->begun];

	call->sim = sim;
	call->client = (unsigned)network_draw(&sim->seed, sim->clients);
	call->length = 4 + (size_t)network_draw(&sim->seed, BODY_MAX - 3);
	call->begun_us = sim->world.monotonic;
	(void)generate(sim, call->request, call->length);
	cactus_put_u32(call->request, sim->begun++);
	sim->next_call_us =
	    sim->begun == sim->planned ? UINT64_MAX : call->begun_us + network_draw(&sim->seed, sim->most_gap_us + 1);
	assert_int_equal(rpc_call(sim->ends[call->client].client, call->request, call->length, done, call), RPC_OK);
}

static void carry(struct sim *sim)
{
	struct datagram *d = network_take(&sim->network, sim->world.monotonic);

	if (d == NULL)
		return;
	if (d->to == SERVER)
		(void)rpc_server_pop(sim->server, d->from, d->bytes, d->length);
	else
		(void)rpc_client_pop(sim->ends[d->to].client, d->bytes, d->length);
	free(d);
}

static uint64_t next_time(const struct sim *sim)
{
	uint64_t next = network_due(&sim->network);

	next = sim->next_call_us < next ? sim->next_call_us : next;
	next = rpc_server_deadline(sim->server) < next ? rpc_server_deadline(sim->server) : next;
	for (unsigned i = 0; i < sim->clients; i++)
		if (rpc_client_deadline(sim->ends[i].client) < next)
			next = rpc_client_deadline(sim->ends[i].client);
	return next;
}

/* Until nothing is under way and nobody has anything planned. */
static void run_out(struct sim *sim)
{
	uint64_t next;

	for (unsigned step = 0; (next = next_time(sim)) != UINT64_MAX; step++) {
		if (step == STEPS_MAX)
			fail_msg("it does not come to an end");
		/* Of datagrams behind the window, one may have been due before. */
		sim->world.monotonic = next > sim->world.monotonic ? next : sim->world.monotonic;
		for (unsigned i = 0; i < sim->clients; i++)
			rpc_client_run_due(sim->ends[i].client);
		rpc_server_run_due(sim->server);
		carry(sim);
		if (sim->next_call_us <= sim->world.monotonic)
			begin_call(sim);
	}
}

/* What must be true of a call whatever the layers; answers whether it is. */
static bool judge(const struct call *call)
{
	const uint64_t took = call->ended_us - call->begun_us;

	return call->ended == 1 && (call->status == RPC_TIMED_OUT ? took == AFTER : took <= AFTER);
}

static void count(const struct sim *sim, struct tally *t)
{
	for (unsigned i = 0; i < sim->begun; i++) {
		const struct call *call = &sim->calls[i];

		t->replies += call->status == RPC_OK;
		t->timed_out += call->status == RPC_TIMED_OUT;
		t->wrong += call->status == RPC_MALFORMED || (call->status == RPC_OK && call->runs == 0);
		t->again += call->runs > 1 ? call->runs - 1 : 0;
	}
	t->calls += sim->begun;
	t->strange += sim->strange;
	t->lost += sim->lost;
}

uint64_t sim_run(uint64_t seed, enum twin twin, bool only_loss, bool trace, struct tally *tally)
{
	static struct sim sim;

	memset(&sim, 0, sizeof(sim));
	sim.trace = trace;
	plan(&sim, seed);
	if (only_loss)
		sim.network.doubled = sim.network.damaged = 0;
	start(&sim, twin);
	run_out(&sim);
	for (unsigned i = 0; i < sim.planned; i++)
		if (!judge(&sim.calls[i]))
			fail_msg("seed %" PRIu64 ": call %u has ended %u times, after %" PRIu64 " us", seed, i,
			    sim.calls[i].ended, sim.calls[i].ended_us - sim.calls[i].begun_us);
	for (unsigned i = 0; i < sim.clients; i++)
		rpc_client_free(sim.ends[i].client);
	rpc_server_free(sim.server);
	world_end(&sim.world);
	count(&sim, tally);
	return sim.hash;
}
