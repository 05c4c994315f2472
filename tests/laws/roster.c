/* SPDX-License-Identifier: Apache-2.0 */
#include "roster.h"

#include <stdlib.h>
#include <string.h>

struct roster roster = { .of = 1 };

void roster_arguments(int argc, char **argv)
{
	if (argc == 2)
		roster.only = argv[1];
	if (argc != 3)
		return;
	roster.part = (unsigned)atoi(argv[1]);
	roster.of = (unsigned)atoi(argv[2]);
}

int roster_make(void **state)
{
	(void)state;
	world_make(&roster.world);
	roster.count = lane_tables(&roster.world, roster.tables, TABLES_MAX);
	return roster.count == 0;
}

int roster_drop(void **state)
{
	(void)state;
	world_drop(&roster.world);
	return 0;
}

static bool is_named(size_t i)
{
	return strcmp(roster.tables[i]->cactus.name, roster.only) == 0;
}

bool roster_wants(size_t i)
{
	return roster.only ? is_named(i) : i % roster.of == roster.part;
}

bool roster_wants_pair(size_t i, size_t j)
{
	return roster.only ? is_named(i) || is_named(j) : (i * roster.count + j) % roster.of == roster.part;
}
