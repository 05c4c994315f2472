/* SPDX-License-Identifier: Apache-2.0 */
/*
 * network.h - a network in memory that treats datagrams badly: some are lost, doubled, damaged, all are late, and one
 * may overtake others.  Time is the owner's; all else is drawn from one seed, so that a run can be repeated.
 */
#ifndef RPC_NETWORK_H
#define RPC_NETWORK_H

#include <stddef.h>
#include <stdint.h>

enum network_fate { NETWORK_CARRIED, NETWORK_LOST, NETWORK_DOUBLED, NETWORK_DAMAGED };

struct datagram {
	struct datagram *next;
	uint64_t from, to, due_us;
	size_t length;
	uint8_t bytes[];
};

struct network {
	uint64_t seed; /* changes with every number drawn */
	unsigned lost, doubled, damaged; /* percent */
	unsigned window; /* one datagram may overtake WINDOW - 1 that were sent before it; at least 1 */
	uint64_t delay_us; /* at most */
	struct datagram *first; /* under way, in the order of sending */
};

/* A number below BOUND, from *SEED. */
uint64_t network_draw(uint64_t *seed, uint64_t bound);
/* A datagram that finds no memory is lost, too. */
enum network_fate network_send(
    struct network *, uint64_t now_us, uint64_t from, uint64_t to, const uint8_t *bytes, size_t length);
/* When the next one arrives; UINT64_MAX: none is under way. */
uint64_t network_due(const struct network *);
/* Takes the one that has arrived by NOW; NULL: none.  The caller's then, to free(). */
struct datagram *network_take(struct network *, uint64_t now_us);
/* Loses all that are under way. */
void network_drop(struct network *);

#endif
