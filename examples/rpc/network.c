/* SPDX-License-Identifier: Apache-2.0 */
/* network.c - a list of datagrams under way, each with the time when it arrives. */
#include "network.h"

#include <stdlib.h>
#include <string.h>

/* splitmix64 (Steele, Lea, Flood, 2014). */
uint64_t network_draw(uint64_t *seed, uint64_t bound)
{
	uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return bound == 0 ? 0 : (z ^ z >> 31) % bound;
}

static enum network_fate draw_fate(struct network *n)
{
	const uint64_t percent = network_draw(&n->seed, 100);

	if (percent < n->lost)
		return NETWORK_LOST;
	if (percent < n->lost + n->doubled)
		return NETWORK_DOUBLED;
	return percent < n->lost + n->doubled + n->damaged ? NETWORK_DAMAGED : NETWORK_CARRIED;
}

static struct datagram *add(
    struct network *n, uint64_t now_us, uint64_t from, uint64_t to, const uint8_t *bytes, size_t length)
{
	struct datagram **last = &n->first, *d = calloc(1, sizeof(*d) + length);

	if (d == NULL)
		return NULL;
	*d = (struct datagram){ .from = from, .to = to, .length = length };
	d->due_us = now_us + network_draw(&n->seed, n->delay_us + 1);
	if (length > 0)
		memcpy(d->bytes, bytes, length);
	while (*last != NULL)
		last = &(*last)->next;
	*last = d;
	return d;
}

/* Up to three bytes become others, or the end is missing. */
static void damage(struct network *n, struct datagram *d)
{
	if (d->length == 0)
		return;
	if (network_draw(&n->seed, 4) == 0) {
		d->length = (size_t)network_draw(&n->seed, d->length);
		return;
	}
	for (uint64_t left = 1 + network_draw(&n->seed, 3), at = 0; left > 0 && at < d->length; left--, at++) {
		at += network_draw(&n->seed, d->length - at);
		d->bytes[at] ^= (uint8_t)(1 + network_draw(&n->seed, 255));
	}
}

enum network_fate network_send(
    struct network *n, uint64_t now_us, uint64_t from, uint64_t to, const uint8_t *bytes, size_t length)
{
	const enum network_fate fate = draw_fate(n);
	struct datagram *d;

	if (fate == NETWORK_LOST)
		return fate;
	d = add(n, now_us, from, to, bytes, length);
	if (d == NULL)
		return NETWORK_LOST;
	if (fate == NETWORK_DAMAGED)
		damage(n, d);
	if (fate == NETWORK_DOUBLED)
		(void)add(n, now_us, from, to, bytes, length);
	return fate;
}

/* The link to the one that arrives first of those at the front. */
static struct datagram **next(struct network *n)
{
	struct datagram **best = &n->first, **at = &n->first;

	for (unsigned i = 0; i < n->window && *at != NULL; i++, at = &(*at)->next)
		if ((*at)->due_us < (*best)->due_us)
			best = at;
	return best;
}

uint64_t network_due(const struct network *n)
{
	const struct datagram *d = n->first;
	uint64_t due = UINT64_MAX;

	for (unsigned i = 0; i < n->window && d != NULL; i++, d = d->next)
		due = d->due_us < due ? d->due_us : due;
	return due;
}

struct datagram *network_take(struct network *n, uint64_t now_us)
{
	struct datagram **link = next(n), *d = *link;

	if (d == NULL || d->due_us > now_us)
		return NULL;
	*link = d->next;
	d->next = NULL;
	return d;
}

void network_drop(struct network *n)
{
	while (n->first != NULL) {
		struct datagram *d = n->first;

		n->first = d->next;
		free(d);
	}
}
