/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Datagrams between the two sessions: the opening arrives; then each datagram may be lost, doubled, changed, cut, overtaken by up
 * to 64 others, and any old one may come again.  Nothing of that may end a session, and at last messages pass as before.
 */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

/* Takes the Nth datagram that is under way from SIDE. */
static struct unit *pick(struct side *side, size_t n)
{
	struct unit **at = &side->under_way.first, *unit;

	while (n-- > 0)
		at = &(*at)->next;
	unit = *at;
	*at = unit->next;
	if (unit->next == NULL)
		side->under_way.last = at;
	side->waiting--;
	return unit;
}

static void hand(struct sim *sim, unsigned to, const uint8_t *bytes, size_t length)
{
	uint8_t *copy = malloc(length + 1);
	ptrdiff_t used;

	if (copy == NULL)
		abort();
	memcpy(copy, bytes, length);
	used = seccomm_pop(sim->rig.end[to].session, copy, length);
	if (used != (ptrdiff_t)length)
		sim_fail(sim, "pop answered %td for a datagram of %zu bytes", used, length);
	free(copy);
}

static void remember(struct side *side, struct unit *unit)
{
	struct unit **place = &side->history[side->remembered++ % HISTORY];

	free(*place);
	*place = unit;
}

static bool by_chance(struct sim *sim, unsigned percent) { return sim_draw(sim, 100) < percent; }

/* A copy of UNIT with some of its bits or its end gone. */
static void hand_damaged(struct sim *sim, unsigned to, const struct unit *unit)
{
	uint8_t *copy = malloc(unit->length);
	size_t length = unit->length;

	if (copy == NULL)
		abort();
	memcpy(copy, unit->bytes, length);
	if (by_chance(sim, 50))
		length = (size_t)sim_draw(sim, length);
	for (uint64_t i = 1 + sim_draw(sim, 3); length == unit->length && i > 0; i--)
		copy[sim_draw(sim, length)] ^= (uint8_t)(1 + sim_draw(sim, 255));
	if (length != unit->length || memcmp(copy, unit->bytes, length) != 0) {
		sim_say(sim, "a damaged datagram of %zu bytes", length);
		hand(sim, to, copy, length);
	}
	free(copy);
}

static void carry(struct sim *sim, unsigned from)
{
	struct side *side = &sim->side[from];
	struct unit *unit;

	if (by_chance(sim, sim->replayed) && side->remembered > 0) {
		size_t known = side->remembered < HISTORY ? side->remembered : HISTORY;

		unit = side->history[sim_draw(sim, known)];
		sim_say(sim, "an old datagram of %zu bytes", unit->length);
		hand(sim, !from, unit->bytes, unit->length);
	}
	if (side->waiting == 0)
		return;
	unit = pick(side, (size_t)sim_draw(sim, side->waiting < sim->window ? side->waiting : sim->window));
	if (by_chance(sim, sim->damaged))
		hand_damaged(sim, !from, unit);
	if (by_chance(sim, sim->loss)) {
		sim_say(sim, "a datagram of %zu bytes is lost", unit->length);
	} else {
		hand(sim, !from, unit->bytes, unit->length);
		if (by_chance(sim, sim->doubled))
			hand(sim, !from, unit->bytes, unit->length);
	}
	remember(side, unit);
}

static bool open_reliably(struct sim *sim)
{
	for (unsigned n = 0; n < 4; n++) {
		struct unit *unit;

		if (sim->side[n % 2].waiting == 0)
			return sim_fail(sim, "the opening has stopped at message %u, alerts %d %d", n, (int)sim->side[CLIENT].alert,
			    (int)sim->side[SERVER].alert);
		unit = pick(&sim->side[n % 2], 0);
		sim_pass_time(sim, sim_draw(sim, 1000));
		hand(sim, !(n % 2), unit->bytes, unit->length);
		remember(&sim->side[n % 2], unit);
	}
	return sim_both_open(sim) || sim_fail(sim, "an end is not open");
}

static void one_step(struct sim *sim)
{
	unsigned n = (unsigned)sim_draw(sim, 2);

	switch (sim_draw(sim, 4)) {
	case 0:
		sim_send(sim, n, false);
		break;
	case 1:
		sim_pass_time(sim, sim_draw(sim, 100));
		if (sim->composition->timed && sim->seed % 3 == 0 && by_chance(sim, 2))
			sim_step_clock(sim);
		break;
	default:
		carry(sim, n);
	}
}

/* One more message each way, on a link that is good again; three hours later, so that no clock is ahead of any stamp. */
static bool still_works(struct sim *sim)
{
	for (unsigned n = CLIENT; n <= SERVER; n++)
		sim->side[n].step_us = 0;
	sim_pass_time(sim, UINT64_C(100) * 3600 * 1000000);
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		struct ledger *ledger = &sim->side[n].ledger;
		unsigned before = ledger->delivered;
		struct unit *unit;

		while (sim->side[n].waiting > 0)
			remember(&sim->side[n], pick(&sim->side[n], 0));
		ledger->planned = ledger->count + 1;
		sim_send(sim, n, false);
		if (sim->side[n].waiting != 1)
			return sim_fail(sim, "end %u cannot send any more", n);
		unit = pick(&sim->side[n], 0);
		hand(sim, !n, unit->bytes, unit->length);
		remember(&sim->side[n], unit);
		if (ledger->delivered != before + 1)
			return sim_fail(sim, "a message of end %u on a good link did not arrive: alert %d", n, (int)sim->side[!n].alert);
	}
	return true;
}

/* Without loss and disorder everything arrives. */
static bool all_arrived(struct sim *sim, bool gentle)
{
	for (unsigned n = CLIENT; n <= SERVER && gentle && !sim->stepped; n++)
		if (sim->side[n].ledger.delivered != sim->side[n].ledger.planned)
			return sim_fail(sim, "%u of %u messages arrived of end %u on a good link", sim->side[n].ledger.delivered,
			    sim->side[n].ledger.planned, n);
	return true;
}

bool datagram_run(struct sim *sim)
{
	bool gentle = sim_draw(sim, 5) == 0;

	sim->window = gentle ? 1 : 1 + (unsigned)sim_draw(sim, 64);
	sim->loss = gentle ? 0 : (unsigned)sim_draw(sim, 41);
	sim->doubled = gentle && !sim->composition->fresh ? 0 : (unsigned)sim_draw(sim, 20);
	sim->damaged = (unsigned)sim_draw(sim, 20);
	sim->replayed = sim->composition->fresh ? (unsigned)sim_draw(sim, 20) : 0;
	if (!sim_start(sim) || !open_reliably(sim))
		return false;
	for (unsigned n = CLIENT; n <= SERVER; n++)
		while (!sim->failed && (sim->side[n].ledger.count < sim->side[n].ledger.planned || sim->side[n].waiting > 0))
			one_step(sim);
	while (sim->side[CLIENT].waiting > 0 && !sim->failed)
		carry(sim, CLIENT);
	if (sim->failed || !all_arrived(sim, gentle) || !still_works(sim))
		return false;
	if (sim->side[CLIENT].closed + sim->side[SERVER].closed > 0)
		return sim_fail(sim, "bad datagrams have ended a session");
	return !sim->failed;
}
