/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A byte stream between the two sessions: bytes arrive in pieces of any size and any time later; once, at any byte, one may be
 * changed or lost, or the connection cut; and half of it ends before the other.
 */
#include "sim.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = 200000, IDLE_MAX = 2000 };

static void grow(struct bytes *bytes, size_t length)
{
	if (bytes->room - bytes->used >= length)
		return;
	bytes->room = 2 * (bytes->used + length);
	bytes->at = realloc(bytes->at, bytes->room);
	if (bytes->at == NULL)
		abort();
}

static void forget(struct bytes *bytes, size_t length)
{
	bytes->used -= length;
	if (bytes->used > 0)
		memmove(bytes->at, bytes->at + length, bytes->used);
}

/* What the driver of END does with what it has got. */
static void take_in(struct sim *sim, unsigned n)
{
	struct bytes *inbox = &sim->side[n].inbox;
	struct seccomm_session *session = sim->rig.end[n].session;

	while (inbox->used > 0 && sim->side[n].closed == 0) {
		size_t wanted = seccomm_wanted(session, inbox->at, inbox->used);
		ptrdiff_t used = seccomm_pop(session, inbox->at, inbox->used);

		if (used > (ptrdiff_t)inbox->used || (used == 0 && wanted <= inbox->used) || (used > 0 && (size_t)used != wanted))
			sim_fail(sim, "pop took %td of %zu bytes and had wanted %zu", used, inbox->used, wanted);
		if (used <= 0)
			break;
		forget(inbox, (size_t)used);
	}
}

/* The fault of this run, if it lies in the next LENGTH bytes of FROM. */
static size_t spoil(struct sim *sim, unsigned from, size_t length)
{
	struct side *side = &sim->side[from];
	uint64_t at = sim->fault_at - side->carried;

	if (sim->fault == FAULT_NONE || sim->fault == FAULT_STALL || from != sim->fault_from || sim->fault_at < side->carried ||
	    at >= length)
		return length;
	sim_say(sim, "fault %d at byte %" PRIu64, (int)sim->fault, sim->fault_at);
	switch (sim->fault) {
	case FAULT_CUT:
		side->cut = true;
		return (size_t)at;
	case FAULT_FLIP:
		side->wire.at[at] ^= (uint8_t)(1 << sim_draw(sim, 8));
		return length;
	default: /* FAULT_DROP: one byte is lost */
		memmove(side->wire.at + at, side->wire.at + at + 1, side->wire.used - (size_t)at - 1);
		side->wire.used--;
		sim->fault_at = UINT64_MAX;
		return length - 1;
	}
}

static void carry(struct sim *sim, unsigned from)
{
	struct side *side = &sim->side[from];
	struct bytes *inbox = &sim->side[!from].inbox;
	size_t length = 1 + (size_t)sim_draw(sim, sim_draw(sim, 4) == 0 ? 8 : side->wire.used);

	if (side->wire.used == 0 || side->cut)
		return;
	length = spoil(sim, from, length < side->wire.used ? length : side->wire.used);
	grow(inbox, length);
	if (length > 0)
		memcpy(inbox->at + inbox->used, side->wire.at, length);
	inbox->used += length;
	side->carried += length;
	forget(&side->wire, length);
	take_in(sim, !from);
}

/* Both know at last that there is nothing more to come. */
static void end_both(struct sim *sim)
{
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		sim_say(sim, "the connection of end %u has ended", n);
		seccomm_ended(sim->rig.end[n].session);
	}
}

static bool under_way(const struct sim *sim)
{
	for (unsigned n = CLIENT; n <= SERVER; n++)
		if (sim->side[n].wire.used > 0 && !sim->side[n].cut && sim->side[!n].closed == 0)
			return true;
	return false;
}

/* Both have closed, and heard of it; or one has given up, and the driver closes the connection. */
static bool over(const struct sim *sim)
{
	const struct side *client = &sim->side[CLIENT], *server = &sim->side[SERVER];

	if (client->cut || server->cut || client->status < 0 || server->status < 0)
		return true;
	return !under_way(sim) && client->close_asked && server->close_asked;
}

static void one_step(struct sim *sim)
{
	unsigned n = (unsigned)sim_draw(sim, 2);

	switch (sim_draw(sim, 8)) {
	case 0:
	case 1:
		sim_send(sim, n, sim_draw(sim, 3) == 0);
		break;
	case 2:
		if (sim->fault == FAULT_STALL && sim->side[CLIENT].carried > sim->fault_at)
			sim_pass_time(sim, 11000000);
		sim_pass_time(sim, sim_draw(sim, 100));
		break;
	case 3:
		if (sim->composition->timed && sim->seed % 4 == 0 && sim_draw(sim, 200) == 0)
			sim_step_clock(sim);
		break;
	default:
		carry(sim, n);
	}
}

/* ---- What must be true at the end ------------------------------------------------------------------------------- */

static bool is_complete(const struct sim *sim)
{
	for (unsigned n = CLIENT; n <= SERVER; n++)
		if (sim->side[n].ledger.delivered != sim->side[n].ledger.planned || sim->side[n].status != SECCOMM_OK ||
		    sim->side[n].alerts > 0)
			return false;
	return true;
}

static bool judge(struct sim *sim)
{
	const struct side *client = &sim->side[CLIENT], *server = &sim->side[SERVER];
	bool hit = sim->fault != FAULT_NONE && sim->fault != FAULT_STALL && sim->side[sim->fault_from].carried >= sim->fault_at;

	if (client->closed != 1 || server->closed != 1)
		return sim_fail(sim, "an end does not know that it is over");
	if ((client->opened > 0) > (server->opened > 0))
		return sim_fail(sim, "the client was open and the server was not");
	/* Whoever has seen a proper end has seen everything; peer_closed() has looked at the count. */
	for (unsigned n = CLIENT; n <= SERVER; n++)
		if (sim->side[n].status == SECCOMM_OK && (sim->side[n].peer_closed != 1 || !sim->side[n].close_asked))
			return sim_fail(sim, "end %u ended well without a close from both", n);
	if (!sim_both_open(sim) && client->status == SECCOMM_OK)
		return sim_fail(sim, "an end that was never open ended well");
	if (!hit && !sim->stepped && sim->fault != FAULT_STALL && !is_complete(sim) && !client->cut && !server->cut &&
	    sim->fault != FAULT_DROP)
		return sim_fail(sim, "nothing happened on the way, and not everything arrived: alerts %d %d", (int)client->alert,
		    (int)server->alert);
	return !sim->failed;
}

bool stream_run(struct sim *sim)
{
	sim->fault = (enum fault)(sim_draw(sim, 2) == 0 ? FAULT_NONE : sim_draw(sim, FAULTS));
	sim->fault_from = (unsigned)sim_draw(sim, 2);
	sim->fault_at = sim_draw(sim, sim_draw(sim, 2) == 0 ? 450 : 100000);
	if (!sim_start(sim))
		return false;
	/* An end that waits for the rest of a frame waits in vain; in the end the connection is given up. */
	for (unsigned step = 0, idle = 0; !over(sim) && !sim->failed && idle < IDLE_MAX; step++) {
		if (step == STEPS_MAX)
			return sim_fail(sim, "it does not come to an end");
		one_step(sim);
		idle = under_way(sim) ? 0 : idle + 1;
	}
	end_both(sim);
	return judge(sim);
}
