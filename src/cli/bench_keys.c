/* SPDX-License-Identifier: Apache-2.0 */
/* bench_keys.c - what a key costs: one that is created, and one that the two ends agree on. */
#include "cli/bench.h"
#include "check/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY = 32, KEYS_ROOM = 384 };
static const char stack[] = "anti-replay: sequence, encrypt: aes-256-gcm";

/* A session whose key has, behind BEFORE, what a configuration writes for MP. */
static bool plan_key(struct bench *bench, const struct seccomm_mp *mp, const char *before, struct seccomm_error *error)
{
	char *example = check_mp_example(mp), keys[KEYS_ROOM];
	bool done = example != NULL;

	/* Without an exchange there is nothing to sign, and nobody's identity to prove. */
	if (done)
		snprintf(keys, sizeof(keys), "data: {%s%s%s}", before, example, mp->salted ? "" : ", protect: [sign: ed25519]");
	else
		snprintf(error->text, sizeof(error->text), "out of memory");
	free(example);
	return done && pair_lab(&bench->pair, !mp->salted, keys, stack, error);
}

static size_t memory_of(const struct bench *bench)
{
	struct seccomm_statistics statistics;

	seccomm_statistics(bench->server.session, &statistics);
	return statistics.memory;
}

/* ---- Creating ---- */

static bool create_for(struct bench *bench, double *each_ns)
{
	const double start = bench_now_ns();
	double count = 0, now = start;
	uint8_t key[KEY];
	bool made = true;

	while (made && now - start < bench->time_ms * 1e6) {
		for (int i = 0; made && i < BENCH_BATCH; i++)
			made = seccomm_session_create_key(bench->client.session, 1, key, KEY) == SECCOMM_OK;
		now = bench_now_ns();
		count += (double)BENCH_BATCH;
	}
	explicit_bzero(key, KEY);
	*each_ns = (now - start) / count;
	return made;
}

static void tell_creation(struct bench *bench, const struct seccomm_mp *mp, double each_ns)
{
	const char *name = mp->cactus.name;
	const size_t memory = memory_of(bench);
	char line[BENCH_LINE];

	snprintf(line, sizeof(line), "%-*s %9.0f %8zu", BENCH_NAME_WIDTH, name, each_ns, memory);
	bench_tell(bench, mp,
	    json_pack("{s:s, s:f, s:I}", "stack", name, "key_ns", each_ns, "session_memory", (json_int_t)memory), line);
}

void bench_creation(struct bench *bench, const struct seccomm_mp *mp)
{
	struct seccomm_error error = { .status = 0 };
	double each_ns;

	if (!plan_key(bench, mp, "establish: dh, ", &error) || !bench_open(bench, &error))
		bench_tell_why_not(bench, mp, mp->cactus.name, error.text);
	else if (!create_for(bench, &each_ns))
		bench_tell_why_not(bench, mp, mp->cactus.name, "no key was made");
	else
		tell_creation(bench, mp, each_ns);
	bench_close(bench);
}

/* ---- Agreeing ---- */

static void tell_exchange(struct bench *bench, const struct seccomm_mp *mp, double each_ns)
{
	const struct bench_end *client = &bench->client, *server = &bench->server;
	const char *name = mp->cactus.name;
	const size_t messages = client->messages + server->messages, memory = memory_of(bench);
	char line[BENCH_LINE];

	snprintf(line, sizeof(line), "%-*s %9.0f %8zu %8zu %8zu %8zu", BENCH_NAME_WIDTH, name, each_ns, messages, client->bytes,
	    server->bytes, memory);
	bench_tell(bench, mp,
	    json_pack("{s:s, s:f, s:I, s:I, s:I, s:I}", "stack", name, "exchange_ns", each_ns, "messages", (json_int_t)messages,
		"client_bytes", (json_int_t)client->bytes, "server_bytes", (json_int_t)server->bytes, "session_memory",
		(json_int_t)memory),
	    line);
}

/* Both ends, from nothing to a session that is open; what signs the exchange is part of it. */
void bench_exchange(struct bench *bench, const struct seccomm_mp *mp)
{
	struct seccomm_error error = { .status = 0 };
	double spent = 0, count = 0;
	bool open = plan_key(bench, mp, "", &error);

	while (open && spent < bench->time_ms * 1e6) {
		const double start = bench_now_ns();

		bench_close(bench);
		open = bench_open(bench, &error);
		spent += bench_now_ns() - start;
		count++;
	}
	if (open)
		tell_exchange(bench, mp, spent / count);
	else
		bench_tell_why_not(bench, mp, mp->cactus.name, error.text);
	bench_close(bench);
}
