/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_bench.c - `bench`: what stacks cost in memory, without any socket: the default one, or all there are. */
#include "check/check.h"
#include "cli/bench.h"
#include "cli/calibration.h"
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZES = 3, LABEL = 96, LAYER = 256 };
static const size_t sizes[SIZES] = { 64, 1024, BENCH_LARGEST };

/* What one stack costs with messages of one size, each way. */
struct result {
	double send_ns, receive_ns;
	size_t added;
};

/* ---- Measuring ---- */

static bool run_batch(struct bench *bench, struct seccomm_message *message, size_t size, int batch, struct result *sum)
{
	struct bench_end *from = &bench->client, *to = &bench->server;
	const double start = bench_now_ns();
	double sent, received;

	for (int i = 0; i < batch; i++) {
		seccomm_message_reset(message, size);
		if (seccomm_push(from->session, message) != SECCOMM_OK)
			return false;
	}
	sent = bench_now_ns();
	sum->added = from->length / (size_t)batch - size;
	bench_carry(from, to);
	received = bench_now_ns();
	sum->send_ns += sent - start;
	sum->receive_ns += received - sent;
	bench_carry_all(bench); /* a renewal of keys, perhaps */
	return !from->failed && !to->failed;
}

static bool lives_on_pad(const struct bench *bench)
{
	size_t count;
	const struct plan_layer *layers = seccomm_plan_stack_layers(bench->pair.client.plan, &count);

	for (size_t i = 0; i < count; i++)
		if (seccomm_layer_pad(&layers[i]))
			return true;
	return false;
}

/* Whether a pad, if there is one, has another batch in it. */
static bool lasts(const struct bench *bench, size_t size)
{
	return !lives_on_pad(bench) || pair_pad_left(&bench->pair) > BENCH_BATCH * (size + SECCOMM_PAD_BLOCK);
}

/* As many messages as fit into the time, to judge by the first one. */
static int batch_of(const struct bench *bench, const struct result *one)
{
	const double fits = bench->time_ms * 1e6 / (one->send_ns + one->receive_ns + 1);

	return fits < 1 ? 1 : fits > (double)BENCH_BATCH ? BENCH_BATCH : (int)fits;
}

static bool measure(struct bench *bench, size_t size, struct result *out)
{
	struct seccomm_message *message = seccomm_message_new(bench->client.session, size);
	struct result warm = { 0 };
	double count = 0;
	int batch;
	bool going = message != NULL;

	*out = (struct result){ 0 };
	if (going)
		memset(seccomm_message_bytes(message, &(size_t){ 0 }), 0x5a, size);
	going = going && run_batch(bench, message, size, 1, &warm);
	batch = batch_of(bench, &warm);
	while (going && out->send_ns + out->receive_ns < bench->time_ms * 1e6 && (count == 0 || lasts(bench, size))) {
		going = run_batch(bench, message, size, batch, out);
		count += batch;
	}
	seccomm_message_release(message);
	out->send_ns /= count;
	out->receive_ns /= count;
	return going;
}

/* ---- Telling ---- */

static void tell(struct bench *bench, const struct seccomm_mp *mp, const char *stack, size_t size, const struct result *r)
{
	const double bytes = (double)size * 1e3;
	struct seccomm_statistics statistics;
	char line[BENCH_LINE];

	seccomm_statistics(bench->server.session, &statistics);
	snprintf(line, sizeof(line), "%-*s %6zu %9.0f %7.0f %9.0f %7.0f %6zu %8zu", BENCH_NAME_WIDTH, stack, size, r->send_ns,
	    bytes / r->send_ns, r->receive_ns, bytes / r->receive_ns, r->added, statistics.memory);
	bench_tell(bench, mp,
	    json_pack("{s:s, s:I, s:f, s:f, s:f, s:f, s:I, s:I}", "stack", stack, "bytes", (json_int_t)size, "send_ns", r->send_ns,
		"send_megabytes", bytes / r->send_ns, "receive_ns", r->receive_ns, "receive_megabytes", bytes / r->receive_ns, "added",
		(json_int_t)r->added, "session_memory", (json_int_t)statistics.memory),
	    line);
}

/* ---- Stacks ---- */

/* The pair's plans, which STACK tells of, with each size.  A pad is a new one each time. */
static bool bench_sizes(struct bench *bench, const struct seccomm_mp *mp, const char *stack)
{
	struct seccomm_error error = { .status = 0 };
	struct result result;
	bool done = true;

	for (size_t i = 0; done && i < SIZES; i++) {
		snprintf(error.text, sizeof(error.text), "there are no random numbers for a pad");
		done = (!lives_on_pad(bench) || pair_pad_renew(&bench->pair)) && bench_open(bench, &error);
		if (!done)
			bench_tell_why_not(bench, mp, stack, error.text);
		else if (!(done = measure(bench, sizes[i], &result)))
			bench_tell_why_not(bench, mp, stack, "a message was refused");
		else
			tell(bench, mp, stack, sizes[i], &result);
		bench_close(bench);
	}
	return done;
}

static bool bench_profile(struct bench *bench, const char *name)
{
	struct seccomm_error error = { .status = 0 };

	if (pair_stack(&bench->pair, SECCOMM_STREAM, name, false, &error))
		return bench_sizes(bench, NULL, name);
	bench_tell_why_not(bench, NULL, name, error.text);
	return false;
}

static bool reads(const struct seccomm_mp *mp)
{
	for (const struct cactus_attribute *a = mp->cactus.attributes; a && a->name; a++)
		if (a->act == CACTUS_READS)
			return true;
	return false;
}

static bool has_cover(const struct seccomm_mp *mp)
{
	for (const struct cactus_param *p = mp->cactus.params; mp->cactus.filling && p && p->name; p++)
		if (strcmp(p->name, "cover") == 0)
			return true;
	return false;
}

/* What a configuration writes for MP; the cover is one that the largest message fits in. */
static bool write_layer(const struct seccomm_mp *mp, char out[LAYER])
{
	char *example = check_mp_example(mp);
	size_t length = example ? strlen(example) : 0;
	const size_t before = (size_t)snprintf(out, LAYER, "%s%s", reads(mp) ? "digest: sha-256, " : "", example ? example : "");

	free(example);
	if (has_cover(mp) && before < LAYER)
		snprintf(out + before - 1, LAYER - before + 1, ", size: %d}", PAIR_COVER_BYTES);
	return length > 0;
}

/* One layer alone, as the lab allows it; what works on a digest, with one. */
static void bench_layer(struct bench *bench, const struct seccomm_mp *mp)
{
	struct seccomm_error error = { .text = "out of memory" };
	char layer[LAYER], label[LABEL];

	snprintf(label, sizeof(label), "%s%s", reads(mp) ? "digest:sha-256 | " : "", mp->cactus.name);
	if (write_layer(mp, layer) && pair_lab(&bench->pair, true, "data: {establish: dh, protect: [sign: ed25519]}", layer, &error))
		bench_sizes(bench, mp, label);
	else
		bench_tell_why_not(bench, mp, label, error.text);
}

/* ---- All ---- */

struct part {
	const char *title; /* of its table; NULL: that of messages, which is there */
	void (*measure)(struct bench *, const struct seccomm_mp *);
};
enum { LAYERS, CREATIONS, EXCHANGES, PARTS };
static const struct part parts[PARTS] = {
	[LAYERS] = { NULL, bench_layer },
	[CREATIONS] = { "\nkey of 32 bytes, created                           ns  session", bench_creation },
	[EXCHANGES] = { "\nkey that two ends agree on, and sign               ns messages   client   server  session", bench_exchange },
};

static int part_of(const struct seccomm_mp *mp)
{
	return mp->class_of == SECCOMM_KEY_CREATION ? CREATIONS : mp->class_of == SECCOMM_KEY_DISTRIBUTION ? EXCHANGES : LAYERS;
}

/* Every profile, and every micro-protocol.  One that cannot be measured says why. */
static void bench_all(struct bench *bench)
{
	size_t count;
	const struct seccomm_mp *const *list = seccomm_micro_protocols(bench->pair.library, &count);

	for (const char *const *name = check_profiles(); *name; name++)
		bench_profile(bench, *name);
	for (int part = 0; part < PARTS; part++) {
		if (!bench->list && parts[part].title)
			puts(parts[part].title);
		for (size_t i = 0; i < count; i++)
			if (part_of(list[i]) == part)
				parts[part].measure(bench, list[i]);
	}
}

static bool contradicts(const struct cli *cli)
{
	if (!cli_has(cli, "calibrate") || !cli_has(cli, "all"))
		return false;
	cli_complain("--calibrate measures all there is and keeps it, --all prints it: one of them");
	cli_help_line("to keep it and see it, write   seccomm bench --calibrate --json");
	return true;
}

int cmd_bench(const struct cli *cli)
{
	const bool keep = cli_has(cli, "calibrate"), all = cli_has(cli, "all") || keep;
	const char *time = cli_has(cli, "time") ? cli_value(cli, "time") : keep ? "20ms" : "100ms";
	struct bench bench = { .list = cli_has(cli, "json") || keep ? json_array() : NULL };
	struct seccomm *library = NULL;
	int status;

	if (contradicts(cli)) {
		json_decref(bench.list);
		return CLI_USAGE;
	}
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
	bench.client.wire = malloc(BENCH_WIRE);
	bench.server.wire = malloc(BENCH_WIRE);
	if (!bench.list)
		printf("%-*s %6s %9s %7s %9s %7s %6s %8s\n", BENCH_NAME_WIDTH, "stack, in memory", "bytes", "send ns", "MB/s", "receive ns",
		    "MB/s", "added", "session");
	status = CLI_FAILED;
	if (pair_make(&bench.pair, library, all) && bench.client.wire && bench.server.wire) {
		status = all || bench_profile(&bench, "default@1") ? CLI_OK : CLI_FAILED;
		if (all)
			bench_all(&bench);
	}
	free(bench.client.wire);
	free(bench.server.wire);
	pair_free(&bench.pair);
	if (!bench.list)
		return status;
	if (status == CLI_OK && keep && !calibration_keep(cli->home, bench.list))
		status = CLI_FAILED;
	if (status == CLI_OK && cli_has(cli, "json"))
		return cli_answer_json(bench.list);
	json_decref(bench.list);
	return status;
}
