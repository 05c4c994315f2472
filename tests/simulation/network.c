/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Datagrams under way: each may be lost, doubled, damaged, and overtaken by others.  What has been seen is remembered, for an
 * attacker to send it again.
 */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

void network_make(struct sim *sim)
{
	struct network *n = &sim->network;

	n->gentle = sim_chance(sim, 15);
	n->latency_us = sim_between(sim, 0, 90) * MS;
	n->slack_us = sim_chance(sim, 50) ? 0 : sim_between(sim, 1, 20) * MS;
	if (n->gentle) {
		n->whole = true;
		return;
	}
	n->loss = sim_chance(sim, 20) ? 0 : (unsigned)sim_draw(sim, 41);
	n->doubled = sim_chance(sim, 40) ? 0 : (unsigned)sim_draw(sim, 30);
	n->damaged = sim_chance(sim, 40) ? 0 : (unsigned)sim_draw(sim, 20);
	n->attacks = sim_chance(sim, 40) ? 0 : (unsigned)sim_draw(sim, 30);
	n->jitter_us = sim_chance(sim, 30) ? 0 : sim_between(sim, 1, sim_chance(sim, 80) ? 300 : 8000) * MS;
	n->whole = n->damaged == 0 && n->attacks == 0;
}

void network_drop(struct sim *sim)
{
	struct network *n = &sim->network;

	for (size_t i = 0; i < n->count; i++)
		free(n->queue[i]);
	free(n->queue);
	for (size_t i = 0; i < HISTORY; i++)
		free(n->history[i]);
}

/* ---- The queue ----------------------------------------------------------------------------------------------------- */

static bool sooner(const struct packet *a, const struct packet *b)
{
	return a->arrives_us != b->arrives_us ? a->arrives_us < b->arrives_us : a->order < b->order;
}

static void swap(struct packet **a, struct packet **b)
{
	struct packet *t = *a;

	*a = *b;
	*b = t;
}

static struct packet *copy(const struct packet *like, const uint8_t *bytes, size_t length)
{
	struct packet *packet = malloc(sizeof(*packet) + length);

	if (packet == NULL)
		abort();
	*packet = *like;
	packet->length = length;
	if (length > 0)
		memcpy(packet->bytes, bytes, length);
	return packet;
}

void network_add(struct sim *sim, const struct packet *like, const uint8_t *bytes, size_t length, uint64_t after_us)
{
	struct network *n = &sim->network;
	struct packet *packet = copy(like, bytes, length);
	size_t i = n->count;

	if (n->count == n->room) {
		n->room = 2 * n->room + 64;
		n->queue = realloc(n->queue, n->room * sizeof(*n->queue)); /* NOLINT */
		if (n->queue == NULL)
			abort();
	}
	packet->arrives_us = sim->monotonic_us + after_us;
	packet->order = n->order++;
	n->queue[n->count++] = packet;
	for (; i > 0 && sooner(n->queue[i], n->queue[(i - 1) / 2]); i = (i - 1) / 2)
		swap(&n->queue[i], &n->queue[(i - 1) / 2]);
}

uint64_t network_next(const struct sim *sim) { return sim->network.count > 0 ? sim->network.queue[0]->arrives_us : UINT64_MAX; }

struct packet *network_take(struct sim *sim)
{
	struct network *n = &sim->network;
	struct packet *first = n->queue[0];

	n->queue[0] = n->queue[--n->count];
	for (size_t i = 0, child; (child = 2 * i + 1) < n->count; i = child) {
		if (child + 1 < n->count && sooner(n->queue[child + 1], n->queue[child]))
			child++;
		if (!sooner(n->queue[child], n->queue[i]))
			break;
		swap(&n->queue[i], &n->queue[child]);
	}
	return first;
}

/* ---- On the way ---------------------------------------------------------------------------------------------------- */

static void remember(struct sim *sim, const struct packet *like, const uint8_t *bytes, size_t length)
{
	struct network *n = &sim->network;
	struct packet **place = &n->history[n->remembered++ % HISTORY];

	free(*place);
	*place = copy(like, bytes, length);
}

const struct packet *network_old(struct sim *sim)
{
	const struct network *n = &sim->network;

	if (n->remembered == 0)
		return NULL;
	return n->history[sim_draw(sim, n->remembered < HISTORY ? n->remembered : HISTORY)];
}

static uint64_t delay(struct sim *sim)
{
	const struct network *n = &sim->network;

	return n->latency_us + (sim->healed ? 0 : sim_draw(sim, n->jitter_us + 1));
}

/* A copy with some of its bits, or its end, changed. */
static void damage(struct sim *sim, const struct packet *like, const uint8_t *bytes, size_t length)
{
	struct packet *damaged = copy(like, bytes, length);
	size_t left = sim_chance(sim, 50) ? (size_t)sim_draw(sim, length) : length;

	for (uint64_t i = sim_between(sim, 1, 3); left == length && i > 0; i--)
		damaged->bytes[sim_draw(sim, length)] ^= (uint8_t)(1 << sim_draw(sim, 8));
	damaged->intact = false;
	if (left != length || memcmp(damaged->bytes, bytes, length) != 0)
		network_add(sim, damaged, damaged->bytes, left, delay(sim));
	free(damaged);
}

static bool is_cut(const struct sim *sim, uint32_t from, uint32_t to)
{
	for (unsigned n = 0; n <= sim->clients; n++) {
		const struct host *host = &sim->host[n];

		if ((host->address == from && sim->monotonic_us < host->cut_us[0]) ||
		    (host->address == to && sim->monotonic_us < host->cut_us[1]))
			return true;
	}
	return false;
}

void network_send(struct sim *sim, struct actor *origin, uint32_t from, uint32_t to, const uint8_t *bytes, size_t length)
{
	const struct network *n = &sim->network;
	const struct packet like = { .origin = origin, .from = from, .to = to, .intact = true };

	remember(sim, &like, bytes, length);
	if (!sim->healed && is_cut(sim, from, to)) {
		sim_say(sim, "(it is cut off)");
		return;
	}
	if (!sim->healed && sim_chance(sim, n->damaged))
		damage(sim, &like, bytes, length);
	if (!sim->healed && sim_chance(sim, n->loss)) {
		sim_say(sim, "(it is lost)");
		return;
	}
	network_add(sim, &like, bytes, length, delay(sim));
	if (!sim->healed && sim_chance(sim, n->doubled))
		network_add(sim, &like, bytes, length, delay(sim));
}
