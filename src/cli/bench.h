/* SPDX-License-Identifier: Apache-2.0 */
/* bench.h - two sessions in memory whose work is timed, for `bench`; private to cmd_bench.c, bench.c and bench_keys.c. */
#ifndef CLI_BENCH_H
#define CLI_BENCH_H

#include <jansson.h>

#include "cli/pair.h"
#include "seccomm/plan.h"

/* Messages of one size come in batches.  A layer with a cover makes 9 times as many bytes of the largest ones. */
enum { BENCH_BATCH = 64, BENCH_LARGEST = 16 * 1024, BENCH_WIRE = BENCH_BATCH * 10 * BENCH_LARGEST };

struct bench_end {
	struct seccomm_session *session;
	struct seccomm_callbacks callbacks;
	uint8_t *wire; /* what this end has to say to the other one */
	size_t length;
	size_t bytes, messages; /* that it has said since it was opened */
	bool failed;
};
struct bench {
	struct pair pair;
	struct bench_end client, server;
	unsigned time_ms; /* for each figure */
	json_t *list; /* of rows; NULL: they are printed */
};

/* Opens sessions of the pair's plans, and lets them talk until they are open.  False: ERROR says why not; close in any case. */
bool bench_open(struct bench *, struct seccomm_error *error);
void bench_close(struct bench *);
/* Hands what FROM has said to TO; and back and forth until both are silent. */
void bench_carry(struct bench_end *from, struct bench_end *to);
void bench_carry_all(struct bench *);
double bench_now_ns(void);

/* Adds ROW, which is the list's from now on, with the table that it is about (NULL: several), or prints LINE. */
void bench_tell(struct bench *, const struct seccomm_mp *, json_t *row, const char *line);
void bench_tell_why_not(struct bench *, const struct seccomm_mp *, const char *stack, const char *why);
enum { BENCH_NAME_WIDTH = 43, BENCH_LINE = 256 };

/* bench_keys.c: what making a key costs, and what agreeing on one does. */
void bench_creation(struct bench *, const struct seccomm_mp *);
void bench_exchange(struct bench *, const struct seccomm_mp *);

#endif
