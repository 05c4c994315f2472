/* SPDX-License-Identifier: Apache-2.0 */
/*
 * roster.h - what the programs of laws share: the world of their pairs, the tables of a data lane, and which stacks of them a
 * run looks at.
 *
 * PROGRAM [PART OF]: the PARTth of OF parts.  PROGRAM NAME: the stacks with the table of that name.
 */
#ifndef LAWS_ROSTER_H
#define LAWS_ROSTER_H

#include "pair.h"

enum { TABLES_MAX = 128 };

struct roster {
	struct world world;
	const struct seccomm_mp *tables[TABLES_MAX];
	size_t count;
	const char *only; /* NULL: all */
	unsigned part, of;
};
extern struct roster roster;

void roster_arguments(int argc, char **argv);
/* For cmocka: before the first test, after the last one. */
int roster_make(void **state);
int roster_drop(void **state);
/* Whether this run looks at the Ith table alone; at stacks of it and the Jth. */
bool roster_wants(size_t i);
bool roster_wants_pair(size_t i, size_t j);

#endif
