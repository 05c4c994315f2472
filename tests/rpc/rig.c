/* SPDX-License-Identifier: Apache-2.0 */
/* rig.c - a client and a server whose datagrams the test carries. */
#include "rig.h"

static int generate(void *context, void *out, size_t length)
{
	const struct world *w = context;
	const struct rig *rig = (const struct rig *)w;

	memset(out, 0x5a, length);
	return rig->no_random ? -1 : 0;
}

static void note(struct sent *sent, const struct rig *rig, uint64_t address, const uint8_t *bytes, size_t length)
{
	assert_true(length <= DATAGRAM_MAX);
	*sent = (struct sent){ .length = length, .at_us = rig->world.monotonic, .address = address };
	memcpy(sent->bytes, bytes, length);
}

static void to_server(void *context, uint64_t address, const uint8_t *bytes, size_t length)
{
	struct rig *rig = context;

	assert_true(rig->request_count < SENT_MAX);
	note(&rig->requests[rig->request_count++], rig, address, bytes, length);
}

static void to_client(void *context, uint64_t address, const uint8_t *bytes, size_t length)
{
	struct rig *rig = context;

	assert_true(rig->reply_count < SENT_MAX);
	note(&rig->replies[rig->reply_count++], rig, address, bytes, length);
}

/* It claims to have written all of its reply, even where there was no room. */
static size_t serve(void *context, const uint8_t *request, size_t length, uint8_t *reply, size_t room)
{
	struct rig *rig = context;

	rig->runs++;
	assert_int_equal(room, RPC_BODY_MAX);
	for (size_t i = 0; i < length && i < room; i++)
		reply[i] = request[i] ^ 0xff;
	if (length < room)
		reply[length] = (uint8_t)rig->runs;
	return length + 1;
}

static void done(void *context, int status, const uint8_t *reply, size_t length)
{
	struct ended *e = context;

	e->status = status;
	e->length = length;
	e->at_us = e->rig->world.monotonic;
	e->times++;
	e->rig->ended++;
	if (length > 0)
		memcpy(e->reply, reply, length);
}

static void note_problem(void *context, const char *line)
{
	struct rig *rig = context;

	assert_true(strlen(rig->problems) + strlen(line) + 2 < sizeof(rig->problems));
	strcat(strcat(rig->problems, line), "\n");
}

void rig_init(struct rig *rig)
{
	memset(rig, 0, sizeof(*rig));
	world_start(&rig->world);
	rig->world.platform.random = generate;
}

int rig_compose(struct rig *rig, const struct rpc_layer *layers, size_t count)
{
	rig->problems[0] = '\0';
	return rpc_compose(&rig->world.platform, layers, count, note_problem, rig, &rig->world.composition);
}

int rig_make(struct rig *rig, const struct rpc_layer *layers, size_t count)
{
	const struct cactus_platform *platform = &rig->world.platform;
	int status = rig_compose(rig, layers, count);

	if (status == RPC_OK)
		status = rpc_server_make(rig->world.composition, platform, to_client, serve, rig, &rig->server);
	if (status == RPC_OK)
		status = rpc_client_make(rig->world.composition, platform, to_server, rig, &rig->client);
	return status;
}

void rig_start(struct rig *rig, const struct rpc_layer *layers, size_t count)
{
	rig_init(rig);
	assert_int_equal(rig_make(rig, layers, count), RPC_OK);
}

void rig_end(struct rig *rig)
{
	rpc_client_free(rig->client);
	rpc_server_free(rig->server);
	world_end(&rig->world);
	for (unsigned i = 0; i < rig->calls; i++)
		assert_int_equal(rig->ends[i].times, 1);
}

int rig_try_call(struct rig *rig, const void *request, size_t length)
{
	struct ended *e = &rig->ends[rig->calls];
	int status;

	assert_true(rig->calls < SENT_MAX);
	e->rig = rig;
	status = rpc_call(rig->client, request, length, done, e);
	if (status == RPC_OK)
		rig->calls++;
	else
		assert_int_equal(e->times, 0);
	return status;
}

unsigned rig_call(struct rig *rig, const char *request)
{
	assert_int_equal(rig_try_call(rig, request, strlen(request)), RPC_OK);
	return rig->calls - 1;
}

/* In a block of exactly its size, for the sanitizer's sake. */
static uint8_t *copy_of(const void *bytes, size_t length)
{
	uint8_t *copy = malloc(length > 0 ? length : 1);

	assert_non_null(copy);
	memcpy(copy, bytes, length);
	return copy;
}

int rig_pop_server(struct rig *rig, uint64_t from, const void *bytes, size_t length)
{
	uint8_t *copy = copy_of(bytes, length);
	const int status = rpc_server_pop(rig->server, from, copy, length);

	free(copy);
	return status;
}

int rig_pop_client(struct rig *rig, const void *bytes, size_t length)
{
	uint8_t *copy = copy_of(bytes, length);
	const int status = rpc_client_pop(rig->client, copy, length);

	free(copy);
	return status;
}

int rig_request(struct rig *rig, unsigned n)
{
	assert_true(n < rig->request_count);
	return rig_pop_server(rig, FROM, rig->requests[n].bytes, rig->requests[n].length);
}

int rig_reply(struct rig *rig, unsigned n)
{
	assert_true(n < rig->reply_count);
	return rig_pop_client(rig, rig->replies[n].bytes, rig->replies[n].length);
}

void rig_pass(struct rig *rig, uint64_t us)
{
	const uint64_t until = rig->world.monotonic + us;

	for (;;) {
		const uint64_t a = rpc_client_deadline(rig->client), b = rpc_server_deadline(rig->server);
		const uint64_t due = a < b ? a : b;

		if (due > until)
			break;
		rig->world.monotonic = due;
		rpc_client_run_due(rig->client);
		rpc_server_run_due(rig->server);
	}
	rig->world.monotonic = until;
}

void rig_assert_reply(const struct rig *rig, unsigned n, const char *request, unsigned run)
{
	const struct ended *e = &rig->ends[n];
	const size_t length = strlen(request);

	assert_int_equal(e->times, 1);
	assert_int_equal(e->status, RPC_OK);
	assert_int_equal(e->length, length + 1);
	for (size_t i = 0; i < length; i++)
		assert_int_equal(e->reply[i], (uint8_t)request[i] ^ 0xff);
	assert_int_equal(e->reply[length], run);
}
