/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_bench.c - `bench`: push and pop of the default stack in memory, without any socket. */
#include "cli/cli.h"
#include "cli/pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIRE_ROOM = 128 * 1024, RUN_US = 500000, BATCH = 64 };

struct end {
	struct seccomm_session *session;
	uint8_t *wire; /* what this end has to say to the other one */
	size_t length;
	uint64_t delivered;
	bool failed;
};
struct result {
	size_t size, added;
	double ns, megabytes;
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
	size_t length;

	(void)seccomm_message_bytes(message, &length);
	((struct end *)context)->delivered += length;
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

static uint64_t now_us(void)
{
	const struct cactus_platform *platform = seccomm_platform_default();

	return platform->monotonic_us(platform->context);
}

static bool run_batch(struct end *from, struct end *to, struct seccomm_message *message, size_t size)
{
	for (int i = 0; i < BATCH; i++) {
		seccomm_message_reset(message, size);
		if (seccomm_push(from->session, message) != SECCOMM_OK)
			return false;
		carry(from, to);
	}
	return !from->failed && !to->failed;
}

static bool measure(struct end *from, struct end *to, size_t size, struct result *out)
{
	struct seccomm_message *message = seccomm_message_new(from->session, size);
	uint64_t start, now, count = 0;
	bool going = message != NULL;

	if (going)
		memset(seccomm_message_bytes(message, &(size_t){ 0 }), 0x5a, size);
	going = going && run_batch(from, to, message, size);
	start = now = now_us();
	while (going && now - start < RUN_US) {
		going = run_batch(from, to, message, size);
		count += BATCH;
		now = now_us();
	}
	seccomm_message_release(message);
	if (!going)
		return false;
	out->size = size;
	out->ns = (double)(now - start) * 1000 / (double)count;
	out->megabytes = (double)size * (double)count / (double)(now - start);
	return true;
}

static size_t added(struct end *from, struct end *to, size_t size)
{
	uint8_t *bytes = calloc(1, size);
	size_t length = 0;

	if (bytes && seccomm_push_copy(from->session, bytes, size) == SECCOMM_OK)
		length = from->length;
	carry(from, to);
	free(bytes);
	return length > size ? length - size : 0;
}

static json_t *report(const struct cli *cli, const struct result *results, size_t count, size_t memory)
{
	json_t *list = json_array();

	if (!cli_has(cli, "json"))
		puts("stack default@1: anti-replay:sequence | encrypt:aes-256-gcm, push and pop in memory\n\n"
		     "   message   ns each     MB/s   added");
	for (size_t i = 0; i < count; i++) {
		const struct result *r = &results[i];

		if (!cli_has(cli, "json"))
			printf("%8zu B  %8.0f %8.0f  %4zu B\n", r->size, r->ns, r->megabytes, r->added);
		json_array_append_new(list, json_pack("{s:I, s:f, s:f, s:I}", "bytes", (json_int_t)r->size, "ns", r->ns,
						"megabytes", r->megabytes, "added", (json_int_t)r->added));
	}
	if (!cli_has(cli, "json"))
		printf("\nmemory of one session: %zu bytes, the crypto library's not counted\n", memory);
	return json_pack("{s:s, s:o, s:I}", "stack", "default@1", "sizes", list, "session_memory", (json_int_t)memory);
}

static int run(const struct cli *cli, struct end *client, struct end *server)
{
	static const size_t sizes[] = { 64, 1024, 16 * 1024, 64 * 1024 };
	enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };
	struct seccomm_statistics statistics;
	struct result results[SIZES];
	json_t *answer;

	for (size_t i = 0; i < SIZES; i++) {
		if (!measure(client, server, sizes[i], &results[i])) {
			cli_complain("a message was refused");
			return CLI_FAILED;
		}
		results[i].added = added(client, server, sizes[i]);
	}
	seccomm_statistics(server->session, &statistics);
	answer = report(cli, results, SIZES, statistics.memory);
	if (cli_has(cli, "json"))
		return cli_answer_json(answer);
	json_decref(answer);
	return CLI_OK;
}

static bool open_end(struct pair_end *from, struct seccomm_callbacks *callbacks, struct end *end)
{
	struct seccomm_error error;

	*callbacks = (struct seccomm_callbacks){ .context = end, .transmit = transmit, .deliver = deliver };
	end->wire = malloc(WIRE_ROOM);
	if (end->wire && seccomm_open(from->plan, from->keyring, seccomm_platform_default(), callbacks, &end->session,
			     &error) == SECCOMM_OK)
		return true;
	end->session = NULL;
	cli_complain("the session did not open");
	return false;
}

int cmd_bench(const struct cli *cli)
{
	struct end client = { .session = NULL }, server = { .session = NULL };
	struct seccomm_callbacks callbacks[2];
	struct pair pair;
	int status = CLI_FAILED;

	if (pair_make(&pair, SECCOMM_STREAM, "default@1") && open_end(&pair.server, &callbacks[0], &server) &&
	    open_end(&pair.client, &callbacks[1], &client)) {
		while ((client.length || server.length) && !client.failed && !server.failed) {
			carry(&client, &server);
			carry(&server, &client);
		}
		status = run(cli, &client, &server);
	}
	seccomm_session_free(client.session);
	seccomm_session_free(server.session);
	free(client.wire);
	free(server.wire);
	pair_free(&pair);
	return status;
}
