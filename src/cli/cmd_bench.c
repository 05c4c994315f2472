/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_bench.c - `bench`: what stacks cost in memory, without any socket: the default one, or all there are. */
#include "check/check.h"
#include "cli/cli.h"
#include "cli/pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SIZES = 3, BATCH = 64, LARGEST = 16 * 1024, WIRE_ROOM = BATCH * 2 * LARGEST };
static const size_t sizes[SIZES] = { 64, 1024, LARGEST };

struct end {
	struct seccomm_session *session;
	struct seccomm_callbacks callbacks;
	uint8_t *wire; /* what this end has to say to the other one */
	size_t length;
	bool failed;
};
/* What one stack costs with messages of one size, each way. */
struct result {
	double send_ns, receive_ns;
	size_t added;
};
struct bench {
	struct pair pair;
	struct end client, server;
	unsigned time_ms; /* for each size */
	json_t *list;
};

static void transmit(void *context, const uint8_t *bytes, size_t length)
{
	struct end *end = context;

	if (length > WIRE_ROOM - end->length) {
		end->failed = true;
		return;
	}
	memcpy(end->wire + end->length, bytes, length);
	end->length += length;
}

static void deliver(void *context, struct seccomm_message *message)
{
	(void)context;
	(void)message;
}

/* Hands what FROM said to TO. */
static void carry(struct end *from, struct end *to)
{
	size_t done = 0;

	while (done < from->length && !to->failed) {
		ptrdiff_t n = seccomm_pop(to->session, from->wire + done, from->length - done);

		to->failed |= n <= 0;
		done += n > 0 ? (size_t)n : 0;
	}
	from->length = 0;
}

static void carry_all(struct bench *bench)
{
	while ((bench->client.length || bench->server.length) && !bench->client.failed && !bench->server.failed) {
		carry(&bench->client, &bench->server);
		carry(&bench->server, &bench->client);
	}
}

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* ---- Measuring ---- */

static bool run_batch(struct bench *bench, struct seccomm_message *message, size_t size, struct result *sum)
{
	struct end *from = &bench->client, *to = &bench->server;
	const double start = now_ns();
	double sent, received;

	for (int i = 0; i < BATCH; i++) {
		seccomm_message_reset(message, size);
		if (seccomm_push(from->session, message) != SECCOMM_OK)
			return false;
	}
	sent = now_ns();
	sum->added = from->length / BATCH - size;
	carry(from, to);
	received = now_ns();
	sum->send_ns += sent - start;
	sum->receive_ns += received - sent;
	carry_all(bench); /* a renewal of keys, perhaps */
	return !from->failed && !to->failed;
}

static bool measure(struct bench *bench, size_t size, struct result *out)
{
	struct seccomm_message *message = seccomm_message_new(bench->client.session, size);
	struct result warm = { 0 };
	double count = 0;
	bool going = message != NULL;

	*out = (struct result){ 0 };
	if (going)
		memset(seccomm_message_bytes(message, &(size_t){ 0 }), 0x5a, size);
	going = going && run_batch(bench, message, size, &warm);
	while (going && out->send_ns + out->receive_ns < bench->time_ms * 1e6) {
		going = run_batch(bench, message, size, out);
		count += BATCH;
	}
	seccomm_message_release(message);
	out->send_ns /= count;
	out->receive_ns /= count;
	return going;
}

/* ---- Two sessions ---- */

static bool open_end(struct end *end, const struct pair_end *from, struct seccomm_error *error)
{
	end->callbacks = (struct seccomm_callbacks){ .context = end, .transmit = transmit, .deliver = deliver };
	end->length = 0;
	end->failed = false;
	return seccomm_open(from->plan, from->keyring, seccomm_platform_default(), &end->callbacks, &end->session, error) ==
	       SECCOMM_OK;
}

static bool open_both(struct bench *bench, const char *stack, bool lab, struct seccomm_error *error)
{
	if (!pair_stack(&bench->pair, SECCOMM_STREAM, stack, lab, error) ||
	    !open_end(&bench->server, &bench->pair.server, error) || !open_end(&bench->client, &bench->pair.client, error))
		return false;
	carry_all(bench);
	snprintf(error->text, sizeof(error->text), "the session did not open");
	return seccomm_peer(bench->client.session) != NULL;
}

static void close_both(struct bench *bench)
{
	seccomm_session_free(bench->client.session);
	seccomm_session_free(bench->server.session);
	bench->client.session = bench->server.session = NULL;
}

/* ---- Telling ---- */

static void tell(struct bench *bench, const char *stack, size_t size, const struct result *r, size_t memory)
{
	const double bytes = (double)size * 1e3;

	if (bench->list)
		json_array_append_new(bench->list, json_pack("{s:s, s:I, s:f, s:f, s:f, s:f, s:I, s:I}", "stack", stack, "bytes",
						(json_int_t)size, "send_ns", r->send_ns, "send_megabytes",
						bytes / r->send_ns, "receive_ns", r->receive_ns, "receive_megabytes",
						bytes / r->receive_ns, "added", (json_int_t)r->added, "session_memory",
						(json_int_t)memory));
	else
		printf("%-28s %6zu %9.0f %7.0f %9.0f %7.0f %6zu %8zu\n", stack, size, r->send_ns, bytes / r->send_ns,
		    r->receive_ns, bytes / r->receive_ns, r->added, memory);
}

static void tell_why_not(struct bench *bench, const char *stack, const char *why)
{
	if (bench->list)
		json_array_append_new(bench->list, json_pack("{s:s, s:s}", "stack", stack, "not_measured", why));
	else
		printf("%-28s not measured: %s\n", stack, why);
}

static bool bench_stack(struct bench *bench, const char *stack, bool lab)
{
	struct seccomm_error error = { .status = 0 };
	struct seccomm_statistics statistics;
	struct result result;
	bool done = open_both(bench, stack, lab, &error);

	if (!done)
		tell_why_not(bench, stack, error.text);
	for (size_t i = 0; done && i < SIZES; i++) {
		done = measure(bench, sizes[i], &result);
		seccomm_statistics(bench->server.session, &statistics);
		if (done)
			tell(bench, stack, sizes[i], &result, statistics.memory);
		else
			tell_why_not(bench, stack, "a message was refused");
	}
	close_both(bench);
	return done;
}

static bool reads(const struct seccomm_mp *mp)
{
	for (const struct cactus_attribute *a = mp->cactus.attributes; a && a->name; a++)
		if (a->act == CACTUS_READS)
			return true;
	return false;
}

/*
 * Every profile, and every micro-protocol alone, as the lab allows it; what works on a digest, with one.  One that cannot be alone
 * says why.
 */
static void bench_all(struct bench *bench)
{
	size_t count;
	const struct seccomm_mp *const *list = seccomm_micro_protocols(bench->pair.library, &count);
	char stack[128];

	for (const char *const *name = check_profiles(); *name; name++)
		bench_stack(bench, *name, false);
	for (size_t i = 0; i < count; i++) {
		snprintf(stack, sizeof(stack), "%s%s", reads(list[i]) ? "digest:sha-256 | " : "", list[i]->cactus.name);
		if (list[i]->cactus.down)
			bench_stack(bench, stack, true);
	}
}

int cmd_bench(const struct cli *cli)
{
	const bool all = cli_has(cli, "all");
	const char *time = cli_has(cli, "time") ? cli_value(cli, "time") : "100ms";
	struct bench bench = { .list = cli_has(cli, "json") ? json_array() : NULL };
	struct seccomm *library = NULL;
	int status;

	if (!cli_duration(time, &bench.time_ms) || bench.time_ms == 0) {
		cli_complain("'%s' is no time that could be measured in", time);
		cli_help_line("write it like 100ms or 1s");
		json_decref(bench.list);
		return CLI_USAGE;
	}
	status = cli_library_with_modules(cli, &library);
	if (status != CLI_OK) {
		json_decref(bench.list);
		return status;
	}
	bench.client.wire = malloc(WIRE_ROOM);
	bench.server.wire = malloc(WIRE_ROOM);
	if (!bench.list)
		printf("%-28s %6s %9s %7s %9s %7s %6s %8s\n", "stack, in memory", "bytes", "send ns", "MB/s", "receive ns", "MB/s",
		    "added", "session");
	status = CLI_FAILED;
	if (pair_make(&bench.pair, library, all) && bench.client.wire && bench.server.wire) {
		status = all || bench_stack(&bench, "default@1", false) ? CLI_OK : CLI_FAILED;
		if (all)
			bench_all(&bench);
	}
	free(bench.client.wire);
	free(bench.server.wire);
	pair_free(&bench.pair);
	if (!bench.list)
		return status;
	if (status == CLI_OK)
		return cli_answer_json(bench.list);
	json_decref(bench.list);
	return status;
}
