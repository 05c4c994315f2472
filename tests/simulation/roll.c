/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be drawn: every table of the list whose algorithm this machine has; and whether all of them were.
 *
 * Each seed has one table by turn, which is in its first configuration, so that as many seeds as there are tables draw all of
 * them.  What computes with RSA keys takes a hundred times as long as all else: it is drawn by turn only, and in every second
 * round.
 */
#include "sim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seccomm/plan.h"

enum { RARE_ROUND = 2 };

void roll_make(struct roll *roll, const struct seccomm *library)
{
	size_t count;
	const struct seccomm_mp *const *all = seccomm_micro_protocols(library, &count);

	*roll = (struct roll){ .count = 0 };
	for (size_t i = 0; i < count; i++) {
		if (seccomm_mp_unavailable(library, all[i]) != NULL)
			continue;
		if (roll->count == TABLES_MAX)
			abort();
		roll->tables[roll->count++] = all[i];
	}
}

bool roll_rare(const struct seccomm_mp *mp)
{
	size_t count;
	const struct crypto_algorithm *all = crypto_algorithms(&count);

	for (size_t i = 0; i < count; i++)
		if (mp->algorithm != NULL && seccomm_mp_pairs(mp) && strcmp(all[i].name, mp->algorithm) == 0)
			return strcmp(all[i].fetch, "RSA") == 0;
	return false;
}

const struct seccomm_mp *roll_turn(const struct roll *roll, uint64_t seed)
{
	const struct seccomm_mp *turn = roll->tables[seed % roll->count];

	return roll_rare(turn) && seed / roll->count % RARE_ROUND != 0 ? NULL : turn;
}

/* ---- What was drawn ------------------------------------------------------------------------------------------------ */

static void note(const struct roll *roll, const struct seccomm_mp *mp, bool seen[TABLES_MAX])
{
	for (size_t i = 0; i < roll->count; i++)
		seen[i] |= roll->tables[i] == mp;
}

bool roll_creates(const struct seccomm_mp *establish)
{
	for (const struct cactus_tie *need = establish->cactus.needs; need != NULL && need->capability != NULL; need++)
		if (strcmp(need->capability, "key-creation") == 0)
			return true;
	return false;
}

static void note_plan(const struct roll *roll, const struct seccomm_plan *plan, bool seen[TABLES_MAX])
{
	size_t layers, slots;
	const struct plan_layer *stack = seccomm_plan_stack_layers(plan, &layers);
	const struct plan_slot *slot = seccomm_plan_slots(plan, &slots);

	for (size_t i = 0; i < layers; i++)
		note(roll, stack[i].mp, seen);
	for (size_t i = 0; i < slots; i++) {
		note(roll, slot[i].establish.mp, seen);
		if (roll_creates(slot[i].establish.mp))
			note(roll, slot[i].create.mp, seen);
		for (size_t k = 0; k < slot[i].protect_count; k++)
			note(roll, slot[i].protect[k].mp, seen);
	}
}

void roll_count(const struct sim *sim, struct totals *totals)
{
	const struct roll *roll = &sim->people->roll;
	bool seen[TABLES_MAX] = { false }, rare = false;

	if (sim->passed[0])
		note_plan(roll, sim->plan[SERVER], seen);
	if (sim->passed[1])
		note_plan(roll, sim->other[SERVER], seen);
	for (size_t i = 0; i < roll->count; i++) {
		totals->runs_with[i] += seen[i];
		rare |= seen[i] && roll_rare(roll->tables[i]);
	}
	totals->rare += rare;
	totals->padded += sim->pad_bytes;
}

bool roll_tell(const struct roll *roll, const struct totals *totals)
{
	size_t least = 0;

	for (size_t i = 0; i < roll->count; i++) {
		if (totals->runs_with[i] == 0)
			printf("# no message passed %s\n", roll->tables[i]->cactus.name);
		if (totals->runs_with[i] < totals->runs_with[least])
			least = i;
	}
	printf("# %zu tables; messages passed %s, the rarest, in %" PRIu64 " runs, some RSA in %" PRIu64 "; %" PRIu64 " bytes of pads used\n",
	    roll->count, roll->tables[least]->cactus.name, totals->runs_with[least], totals->rare, totals->padded);
	return totals->runs_with[least] > 0;
}

bool roll_enough(const struct roll *roll, uint64_t seeds) { return seeds >= RARE_ROUND * roll->count; }
