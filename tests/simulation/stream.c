/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Byte streams between a client and a server, one connection after the other: bytes arrive in pieces of any size and any time later; once, at
 * any byte, one may be changed or lost, or the connection cut or stalled; half of it may end before the other.
 */
#include "sim.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = 100000, IDLE_MAX = 400, EARLY = 450, LATE = 60000 };

enum fault { FAULT_NONE, FAULT_CUT, FAULT_FLIP, FAULT_DROP, FAULT_STALL, FAULTS };

struct bytes {
	uint8_t *at;
	size_t used, room;
};

/* One direction of a connection. */
struct pipe {
	struct actor *from, *to;
	struct bytes wire, inbox; /* under way; arrived, and not taken */
	uint64_t carried;	  /* bytes so far */
	bool cut;		  /* nothing arrives any more */
	size_t planned;		  /* messages */
};

struct connection {
	struct sim *sim;
	struct pipe pipe[2]; /* by the role of the sender */
	enum fault fault;
	unsigned fault_from; /* whose pipe it hits */
	uint64_t fault_at;   /* at which of its bytes */
	bool hit, stepped;
};

static void append(struct bytes *to, const uint8_t *bytes, size_t length)
{
	if (to->room - to->used < length) {
		to->room = 2 * (to->used + length);
		to->at = realloc(to->at, to->room);
		if (to->at == NULL)
			abort();
	}
	if (length > 0)
		memcpy(to->at + to->used, bytes, length);
	to->used += length;
}

static void forget(struct bytes *bytes, size_t length)
{
	bytes->used -= length;
	if (bytes->used > 0 && length > 0)
		memmove(bytes->at, bytes->at + length, bytes->used);
}

void stream_transmit(struct actor *actor, const uint8_t *bytes, size_t length)
{
	append(&actor->sim->connection->pipe[actor->server].wire, bytes, length);
}

/* ---- Carrying ------------------------------------------------------------------------------------------------------ */

/* What the receiver's driver does with what it has got. */
static void take_in(struct sim *sim, struct pipe *pipe)
{
	struct bytes *inbox = &pipe->inbox;
	struct actor *to = pipe->to;

	while (inbox->used > 0 && to->closed == 0) {
		size_t wanted = seccomm_wanted(to->session, inbox->at, inbox->used);
		ptrdiff_t used = actor_pop(to, inbox->at, inbox->used);

		if (used > (ptrdiff_t)inbox->used || (used == 0 && wanted <= inbox->used) || (used > 0 && (size_t)used != wanted))
			sim_fail(sim, "pop took %td of %zu bytes and had wanted %zu", used, inbox->used, wanted);
		if (used <= 0)
			break;
		forget(inbox, (size_t)used);
	}
}

/* The fault, if it lies in the next LENGTH bytes of PIPE; answers how many of them are carried. */
static size_t spoil(struct connection *c, struct pipe *pipe, size_t length)
{
	uint64_t at = c->fault_at - pipe->carried;

	if (c->hit || c->fault == FAULT_NONE || pipe != &c->pipe[c->fault_from] || c->fault_at < pipe->carried || at >= length)
		return length;
	sim_say(c->sim, "fault %d at byte %" PRIu64, (int)c->fault, c->fault_at);
	c->hit = true;
	switch (c->fault) {
	case FAULT_CUT:
		pipe->cut = true;
		return (size_t)at;
	case FAULT_FLIP:
		pipe->wire.at[at] ^= (uint8_t)(1 << sim_draw(c->sim, 8));
		return length;
	case FAULT_DROP:
		memmove(pipe->wire.at + at, pipe->wire.at + at + 1, pipe->wire.used - (size_t)at - 1);
		pipe->wire.used--;
		return length - 1;
	default: /* FAULT_STALL */
		c->sim->monotonic_us += sim_between(c->sim, 1, 100) * SECOND;
		return length;
	}
}

static void carry(struct connection *c, struct pipe *pipe)
{
	struct sim *sim = c->sim;
	size_t length = 1 + (size_t)sim_draw(sim, sim_draw(sim, 4) == 0 ? 8 : pipe->wire.used);

	if (pipe->wire.used == 0 || pipe->cut)
		return;
	length = spoil(c, pipe, length < pipe->wire.used ? length : pipe->wire.used);
	append(&pipe->inbox, pipe->wire.at, length);
	pipe->carried += length;
	forget(&pipe->wire, length);
	take_in(sim, pipe);
}

/* ---- What the two ends do ------------------------------------------------------------------------------------------ */

/* Nobody closes before a change of stack that was asked for has been answered. */
static void send_next(struct connection *c, struct pipe *pipe)
{
	bool owed = pipe->from->wanted != NULL || pipe->to->wanted != NULL;

	if (pipe->from->sent_count < pipe->planned)
		actor_send(pipe->from, draw_length(c->sim));
	else if (actor_may_send(pipe->from) && !owed && sim_draw(c->sim, 3) == 0)
		actor_close(pipe->from);
}

static void run_timers(struct connection *c)
{
	for (unsigned n = CLIENT; n <= SERVER; n++)
		if (seccomm_deadline(c->pipe[n].from->session) <= c->sim->monotonic_us)
			actor_run_due(c->pipe[n].from);
}

/* A moment; or a while, if nobody waits for anything. */
static void pass_time(struct connection *c)
{
	struct sim *sim = c->sim;
	bool waits = sim->timed; /* so that nothing grows old on the way */

	for (unsigned n = CLIENT; n <= SERVER; n++)
		waits = waits || c->pipe[n].from->opened == 0 || c->pipe[n].from->session->exchange != NULL;
	sim->monotonic_us += sim_draw(sim, waits ? 100 : 2 * SECOND);
	run_timers(c);
}

static void step_clock(struct connection *c)
{
	struct host *host = &c->sim->host[sim_draw(c->sim, 2)];

	if (!c->sim->timed || sim_draw(c->sim, 100) != 0)
		return;
	c->stepped = true;
	host->step_us += sim_draw(c->sim, 2) ? HOUR : -HOUR;
	sim_say(c->sim, "the clock of %s steps", host->name);
}

static void one_step(struct connection *c)
{
	struct sim *sim = c->sim;
	struct pipe *pipe = &c->pipe[sim_draw(sim, 2)];

	switch (sim_draw(sim, 12)) {
	case 0:
	case 1:
	case 2:
		send_next(c, pipe);
		break;
	case 3:
		pass_time(c);
		break;
	case 4:
		step_clock(c);
		break;
	case 5:
		if (sim_chance(sim, 20))
			actor_rekey(pipe->from);
		if (sim_chance(sim, 10))
			actor_change(pipe->from);
		break;
	default:
		carry(c, pipe);
		run_timers(c);
	}
}

static bool under_way(const struct connection *c)
{
	for (unsigned n = CLIENT; n <= SERVER; n++)
		if (c->pipe[n].wire.used > 0 && !c->pipe[n].cut && c->pipe[n].to->closed == 0)
			return true;
	return false;
}

/* Both have closed, and heard of it; or one has given up, and the driver closes the connection. */
static bool over(const struct connection *c)
{
	const struct pipe *client = &c->pipe[CLIENT], *server = &c->pipe[SERVER];

	if (client->cut || server->cut || client->from->status < 0 || server->from->status < 0)
		return true;
	return !under_way(c) && client->from->closed > 0 && server->from->closed > 0;
}

/* ---- What must be true at the end ---------------------------------------------------------------------------------- */

/* Alerts that somebody raised: none, but for changes of the stack that are not allowed. */
static uint64_t complaints(const struct actor *actor)
{
	uint64_t alerts = 0;

	for (unsigned id = 0; id < ALERTS; id++)
		if (actor->sim->allows || (id != SECCOMM_ALERT_REKEY_FAILED && id != SECCOMM_ALERT_MISMATCH))
			alerts += actor->alerts[id];
	return alerts;
}

static bool is_complete(const struct connection *c)
{
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		const struct pipe *pipe = &c->pipe[n];

		if (pipe->to->got != pipe->from->sent_count || pipe->to->got < pipe->planned || pipe->from->status != SECCOMM_OK || complaints(pipe->from) > 0)
			return sim_fail(c->sim, "nothing happened on the way, and %zu of %zu messages of %s arrived, %" PRIu64
			    " alerts", pipe->to->got, pipe->planned, actor_name(pipe->from), complaints(pipe->from));
	}
	return true;
}

static bool judge(const struct connection *c)
{
	struct sim *sim = c->sim;
	const struct actor *client = c->pipe[CLIENT].from, *server = c->pipe[SERVER].from;

	if (client->closed != 1 || server->closed != 1)
		return sim_fail(sim, "an end does not know that it is over");
	if (client->opened > server->opened && !sim->keys->salted)
		return sim_fail(sim, "the client was open and the server was not");
	/* Whoever has seen a proper end has seen everything; judge_peer_closed() has looked at the count. */
	for (unsigned n = CLIENT; n <= SERVER; n++)
		if (c->pipe[n].from->status == SECCOMM_OK && (c->pipe[n].from->peer_closed != 1 || !c->pipe[n].from->close_asked))
			return sim_fail(sim, "%s ended well without a close from both", actor_name(c->pipe[n].from));
	return !sim->failed && (c->hit || c->stepped || is_complete(c));
}

/* ---- A run --------------------------------------------------------------------------------------------------------- */

static bool connect(struct connection *c)
{
	struct sim *sim = c->sim;
	static const unsigned order[] = { SERVER, CLIENT };
	struct actor *actor[2];

	sim->connection = c;
	for (unsigned i = 0; i < 2; i++) {
		actor[order[i]] = actor_open(sim, &sim->host[order[i] == CLIENT]);
		if (actor[order[i]] == NULL)
			return false;
	}
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		c->pipe[n].from = actor[n];
		c->pipe[n].to = actor[!n];
		c->pipe[n].planned = (size_t)sim_draw(sim, sim->slow ? 4 : 40);
	}
	c->fault = (enum fault)(sim_draw(sim, 2) == 0 ? FAULT_NONE : sim_draw(sim, FAULTS));
	c->fault_from = (unsigned)sim_draw(sim, 2);
	c->fault_at = sim_draw(sim, sim_draw(sim, 2) == 0 ? EARLY : LATE);
	c->stepped = sim->host[0].step_us != sim->host[1].step_us;
	return true;
}

static bool run_connection(struct connection *c)
{
	struct sim *sim = c->sim;

	/* An end that waits for the rest of a frame waits in vain; in the end the connection is given up. */
	for (unsigned step = 0, idle = 0; !over(c) && !sim->failed && idle < IDLE_MAX; step++) {
		if (step == STEPS_MAX)
			return sim_fail(sim, "it does not come to an end");
		one_step(c);
		idle = under_way(c) ? 0 : idle + 1;
	}
	for (unsigned n = CLIENT; n <= SERVER && !sim->failed; n++) {
		sim_say(sim, "the connection of %s has ended", actor_name(c->pipe[n].from));
		seccomm_ended(c->pipe[n].from->session);
		judge_actor(c->pipe[n].from);
	}
	return !sim->failed && judge(c);
}

/* A host may start again before the next connection, which only its pad minds. */
static void drop(struct sim *sim, struct pipe *pipe)
{
	struct pad_copy *pad = sim_chance(sim, 30) ? pipe->from->host->pad : NULL;

	free(pipe->wire.at);
	free(pipe->inbox.at);
	pad_halt(pad);
	actor_free_session(pipe->from);
	pad_start(pad);
}

bool stream_run(struct sim *sim)
{
	bool well = true;

	for (uint64_t count = sim_between(sim, 1, 3); count > 0 && well; count--) {
		struct connection connection = { .sim = sim };

		well = connect(&connection) && run_connection(&connection);
		for (unsigned n = CLIENT; n <= SERVER; n++)
			if (connection.pipe[n].from != NULL)
				drop(sim, &connection.pipe[n]);
	}
	return well;
}
