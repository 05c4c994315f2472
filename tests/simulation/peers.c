/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two sessions of a run, the ledger that judges every delivery, and the trace.
 */
#include "sim.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Random numbers and the trace ------------------------------------------------------------------------------- */

uint64_t sim_draw(struct sim *sim, uint64_t bound) { return bound == 0 ? 0 : rig_random(&sim->random) % bound; }

static void mix(struct sim *sim, const void *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		sim->hash = (sim->hash ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001b3);
}

void sim_say(struct sim *sim, const char *format, ...)
{
	char line[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	mix(sim, line, strlen(line));
	if (sim->trace)
		printf("# %10" PRIu64 " us  %s\n", sim->rig.monotonic_us, line);
}

bool sim_fail(struct sim *sim, const char *format, ...)
{
	va_list arguments;

	if (!sim->failed) {
		va_start(arguments, format);
		vsnprintf(sim->why, sizeof(sim->why), format, arguments);
		va_end(arguments);
		sim_say(sim, "FAILED %s", sim->why);
	}
	sim->failed = true;
	return false;
}

static const char *name_of(unsigned end) { return end == CLIENT ? "client" : "server"; }

/* ---- The platform: the rig's, but each end has a wall clock of its own ------------------------------------------ */

static struct rig *rig_of(void *context) { return &((struct side *)context)->sim->rig; }
static uint64_t monotonic(void *context) { return rig_of(context)->monotonic_us; }
static uint64_t wall(void *context) { return rig_of(context)->wall_us + ((struct side *)context)->step_us; }

static int generate(void *context, void *out, size_t length)
{
	return rig_of(context)->platform.random(rig_of(context), out, length);
}

static void *allocate(void *context, size_t size)
{
	return rig_of(context)->platform.allocate(rig_of(context), size);
}

static void release(void *context, void *memory, size_t size)
{
	rig_of(context)->platform.release(rig_of(context), memory, size);
}

/* ---- The ledger ------------------------------------------------------------------------------------------------- */

/* Message N of LEDGER again.  On datagrams it begins with its number, to be recognised. */
static void content(const struct sim *sim, const struct ledger *ledger, unsigned n, uint8_t *out)
{
	uint64_t seed = ledger->seed + n * UINT64_C(0x2545f4914f6cdd1d);

	for (size_t at = 0; at < ledger->length[n]; at += 8) {
		uint64_t word = rig_random(&seed);

		if (sim->link == SECCOMM_DATAGRAM && at == 0)
			word = n;
		memcpy(out + at, &word, ledger->length[n] - at < 8 ? ledger->length[n] - at : 8);
	}
}

static size_t draw_length(struct sim *sim)
{
	static const size_t classes[] = { 16, 16, 64, 64, 256, 1500, 16384, MESSAGE_MAX + 1 };
	size_t length = (size_t)sim_draw(sim, classes[sim_draw(sim, sizeof(classes) / sizeof(classes[0]))]);

	return sim->link == SECCOMM_DATAGRAM && length < 8 ? 8 : length;
}

/* Which message of FROM the LENGTH bytes are; MESSAGES_MAX: none. */
static unsigned recognise(const struct sim *sim, const struct ledger *from, const uint8_t *bytes, size_t length)
{
	unsigned n = from->delivered;
	uint64_t number;
	uint8_t *expected;
	bool same;

	if (sim->link == SECCOMM_DATAGRAM) {
		if (length < 8)
			return MESSAGES_MAX;
		memcpy(&number, bytes, 8);
		n = number < MESSAGES_MAX ? (unsigned)number : MESSAGES_MAX;
	}
	if (n >= from->count || from->length[n] != length)
		return MESSAGES_MAX;
	expected = malloc(length + 8);
	if (expected == NULL)
		return MESSAGES_MAX;
	content(sim, from, n, expected);
	same = memcmp(expected, bytes, length) == 0;
	free(expected);
	return same ? n : MESSAGES_MAX;
}

static void deliver(void *context, struct seccomm_message *message)
{
	struct side *side = context;
	struct sim *sim = side->sim;
	struct ledger *from = &sim->side[!side->end].ledger;
	size_t length;
	const uint8_t *bytes = seccomm_message_bytes(message, &length);
	unsigned n = recognise(sim, from, bytes, length);

	sim_say(sim, "%s gets message %u of %zu bytes", name_of(side->end), n, length);
	if (n == MESSAGES_MAX) {
		sim_fail(sim, "the %s was given %zu bytes that were not sent, or not next", name_of(side->end), length);
		return;
	}
	if (side->opened == 0 || side->closed > 0 || side->peer_closed > 0)
		sim_fail(sim, "the %s was given a message while not open", name_of(side->end));
	if (++from->got[n] > 1 && sim->composition->fresh)
		sim_fail(sim, "the %s was given message %u twice", name_of(side->end), n);
	if (sim->composition->ordered && from->delivered > 0 && n <= from->last)
		sim_fail(sim, "the %s was given message %u after %u", name_of(side->end), n, from->last);
	from->last = n;
	from->delivered++;
}

/* ---- The other callbacks ---------------------------------------------------------------------------------------- */

static void transmit(void *context, const uint8_t *bytes, size_t length)
{
	struct side *side = context;
	struct sim *sim = side->sim;
	struct bytes *wire = &side->wire;

	mix(sim, bytes, length);
	sim_say(sim, "%s transmits %zu bytes", name_of(side->end), length);
	if (side->closed > 0)
		sim_fail(sim, "the %s transmits after its end", name_of(side->end));
	if (sim->link == SECCOMM_DATAGRAM) {
		units_add(&side->under_way, bytes, length);
		side->waiting++;
		return;
	}
	if (wire->room - wire->used < length) {
		wire->room = 2 * (wire->used + length);
		wire->at = realloc(wire->at, wire->room);
		if (wire->at == NULL)
			abort();
	}
	memcpy(wire->at + wire->used, bytes, length);
	wire->used += length;
}

static void alert(void *context, const struct seccomm_alert *alert)
{
	struct side *side = context;

	sim_say(side->sim, "%s alert %d %s%s %s", name_of(side->end), (int)alert->id, alert->fatal ? "fatal " : "",
	    alert->layer != NULL ? alert->layer : "", alert->detail);
	side->alerts++;
	side->alert = alert->id;
}

static void opened(void *context, const struct seccomm_principal *peer)
{
	struct side *side = context;

	(void)peer;
	side->opened++;
	sim_say(side->sim, "%s is open", name_of(side->end));
}

static void peer_closed(void *context)
{
	struct side *side = context;
	const struct ledger *from = &side->sim->side[!side->end].ledger;

	side->peer_closed++;
	sim_say(side->sim, "%s knows that its peer has closed", name_of(side->end));
	if (side->sim->link == SECCOMM_STREAM &&
	    (from->delivered != from->planned || !side->sim->side[!side->end].close_asked))
		sim_fail(side->sim, "the %s was told of a close after %u of %u messages", name_of(side->end), from->delivered,
		    from->planned);
}

static void closed(void *context, int status)
{
	struct side *side = context;

	side->closed++;
	side->status = status;
	sim_say(side->sim, "%s ends: %s", name_of(side->end), seccomm_status_name(status));
}

/* ---- A run ------------------------------------------------------------------------------------------------------ */

static void make_side(struct sim *sim, unsigned end)
{
	struct side *side = &sim->side[end];

	*side = (struct side){ .sim = sim, .end = end };
	side->platform = sim->rig.platform;
	side->platform.context = side;
	side->platform.monotonic_us = monotonic;
	side->platform.wall_us = wall;
	side->platform.random = generate;
	side->platform.allocate = allocate;
	side->platform.release = release;
	side->callbacks = (struct seccomm_callbacks){ .context = side, .transmit = transmit, .deliver = deliver, .alert = alert,
		.opened = opened, .peer_closed = peer_closed, .closed = closed };
	side->ledger.seed = rig_random(&sim->random);
	side->ledger.planned = (unsigned)sim_draw(sim, MESSAGES_MAX / 2);
	units_make(&side->under_way);
}

void sim_make(struct sim *sim, struct seccomm *library, const struct composition *composition, enum seccomm_link link,
    uint64_t seed)
{
	struct setup setup = { .link = link, .stack = composition->stack, .key = composition->key, .lab = true };

	if (composition->alone)
		setup.identity[CLIENT] = setup.identity[SERVER] = "";
	rig_make(&sim->rig, library, &setup);
	sim->rig.seed = rig_random(&sim->random);
	sim->composition = composition;
	sim->link = link;
	sim->seed = seed;
	for (unsigned end = CLIENT; end <= SERVER; end++)
		make_side(sim, end);
	sim_say(sim, "seed %" PRIu64 ", %s: %s", seed, link == SECCOMM_STREAM ? "stream" : "datagrams", composition->stack);
}

bool sim_start(struct sim *sim)
{
	struct seccomm_error error = { 0 };

	for (unsigned i = 0; i < 2; i++) {
		struct end *end = &sim->rig.end[!i];
		struct side *side = &sim->side[!i];

		if (seccomm_open(end->plan, end->keyring, &side->platform, &side->callbacks, &end->session, &error) < 0)
			return sim_fail(sim, "a session does not start: %s", error.text);
	}
	return true;
}

void sim_drop(struct sim *sim)
{
	for (unsigned end = CLIENT; end <= SERVER; end++) {
		struct side *side = &sim->side[end];

		units_drop(&side->under_way);
		for (size_t i = 0; i < HISTORY; i++)
			free(side->history[i]);
		free(side->wire.at);
		free(side->inbox.at);
	}
	rig_drop(&sim->rig);
}

void sim_send(struct sim *sim, unsigned n, bool closes)
{
	struct side *side = &sim->side[n];
	struct ledger *ledger = &side->ledger;
	struct seccomm_session *session = sim->rig.end[n].session;
	uint8_t *bytes;
	int status;

	if (side->closed > 0 || !seccomm_may_push(session))
		return;
	if (ledger->count == ledger->planned) {
		if (closes && !side->close_asked) {
			side->close_asked = true;
			sim_say(sim, "%s closes: %d", name_of(n), seccomm_close(session));
		}
		return;
	}
	ledger->length[ledger->count] = draw_length(sim);
	bytes = malloc(ledger->length[ledger->count] + 8);
	if (bytes == NULL)
		abort();
	content(sim, ledger, ledger->count, bytes);
	ledger->count++;
	sim_say(sim, "%s sends message %u of %zu bytes", name_of(n), ledger->count - 1, ledger->length[ledger->count - 1]);
	status = seccomm_push_copy(session, bytes, ledger->length[ledger->count - 1]);
	if (status != SECCOMM_OK)
		sim_fail(sim, "a push was answered %s", seccomm_status_name(status));
	free(bytes);
}

void sim_pass_time(struct sim *sim, uint64_t us)
{
	sim->rig.monotonic_us += us;
	sim->rig.wall_us += us;
	for (unsigned n = CLIENT; n <= SERVER; n++)
		if (seccomm_deadline(sim->rig.end[n].session) <= sim->rig.monotonic_us)
			seccomm_run_due(sim->rig.end[n].session);
}

void sim_step_clock(struct sim *sim)
{
	struct side *side = &sim->side[sim_draw(sim, 2)];
	uint64_t hour = UINT64_C(3600) * 1000000;

	sim->stepped = true;
	side->step_us += sim_draw(sim, 2) ? hour : -hour;
	sim_say(sim, "the clock of the %s steps", name_of(side->end));
}

bool sim_both_open(const struct sim *sim) { return sim->side[CLIENT].opened + sim->side[SERVER].opened == 2; }
