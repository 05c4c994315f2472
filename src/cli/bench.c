/* SPDX-License-Identifier: Apache-2.0 */
/* bench.c - two sessions with nothing between them but memory (see bench.h). */
#include "cli/bench.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static void transmit(void *context, const uint8_t *bytes, size_t length)
{
	struct bench_end *end = context;

	if (length > BENCH_WIRE - end->length) {
		end->failed = true;
		return;
	}
	memcpy(end->wire + end->length, bytes, length);
	end->length += length;
	end->bytes += length;
	end->messages++;
}

static void deliver(void *context, struct seccomm_message *message)
{
	(void)context;
	(void)message;
}

void bench_carry(struct bench_end *from, struct bench_end *to)
{
	size_t done = 0;

	while (done < from->length && !to->failed) {
		ptrdiff_t n = seccomm_pop(to->session, from->wire + done, from->length - done);

		to->failed |= n <= 0;
		done += n > 0 ? (size_t)n : 0;
	}
	from->length = 0;
}

void bench_carry_all(struct bench *bench)
{
	while ((bench->client.length || bench->server.length) && !bench->client.failed && !bench->server.failed) {
		bench_carry(&bench->client, &bench->server);
		bench_carry(&bench->server, &bench->client);
	}
}

double bench_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* ---- Two sessions ---- */

static bool open_end(struct bench_end *end, const struct pair_end *from, struct seccomm_error *error)
{
	*end = (struct bench_end){ .wire = end->wire };
	end->callbacks = (struct seccomm_callbacks){ .context = end, .transmit = transmit, .deliver = deliver };
	return seccomm_open(from->plan, from->keyring, seccomm_platform_default(), &end->callbacks, &end->session, error) ==
	       SECCOMM_OK;
}

bool bench_open(struct bench *bench, struct seccomm_error *error)
{
	if (!open_end(&bench->server, &bench->pair.server, error) || !open_end(&bench->client, &bench->pair.client, error))
		return false;
	bench_carry_all(bench);
	snprintf(error->text, sizeof(error->text), "the session did not open");
	return seccomm_peer(bench->client.session) != NULL;
}

void bench_close(struct bench *bench)
{
	seccomm_session_free(bench->client.session);
	seccomm_session_free(bench->server.session);
	bench->client.session = bench->server.session = NULL;
}

/* ---- Telling ---- */

void bench_tell(struct bench *bench, const struct seccomm_mp *mp, json_t *row, const char *line)
{
	if (!bench->list) {
		puts(line);
		json_decref(row);
		return;
	}
	json_object_set_new(row, "micro_protocol", mp ? json_string(mp->cactus.name) : json_null());
	json_array_append_new(bench->list, row);
}

void bench_tell_why_not(struct bench *bench, const struct seccomm_mp *mp, const char *stack, const char *why)
{
	char line[BENCH_LINE + sizeof(((struct seccomm_error *)0)->text)];

	snprintf(line, sizeof(line), "%-*s not measured: %s", BENCH_NAME_WIDTH, stack, why);
	bench_tell(bench, mp, json_pack("{s:s, s:s}", "stack", stack, "not_measured", why), line);
}
