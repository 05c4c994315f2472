/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim.h - one run: clients, a server and a bad network between them, and a ledger of all calls, drawn from one seed.
 */
#ifndef RPC_TEST_SIM_H
#define RPC_TEST_SIM_H

#include "../cactus/world.h"

/* What is missing of all the layers.  Without identity there is neither of the two that need it. */
enum twin { ALL, NO_AT_MOST_ONCE, NO_RETRANSMISSION, NO_CHECKSUM, NO_IDENTITY, TWINS };

/* What came out: replies to their calls, time-outs, replies that are none, runs behind the first, strange requests. */
struct tally {
	unsigned calls, replies, timed_out, wrong, again, strange, lost;
};

/*
 * Runs SEED until nothing more can happen, adds what came out to TALLY and answers the hash of the log.  Fails the test
 * if a call has not ended exactly once, in time; or if memory is left.
 */
uint64_t sim_run(uint64_t seed, enum twin twin, bool only_loss, bool trace, struct tally *tally);

#endif
