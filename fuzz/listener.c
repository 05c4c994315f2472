/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: a listener stays within its limits, answers nobody with more than was asked before the address is proven, and
 * keeps account of its sessions, whatever datagrams come from wherever.
 *
 * Input: composition (1) || limits (1) || steps (steps.h), and what belongs to them.
 */
#include "ends.h"
#include "steps.h"

#include <stdlib.h>
#include <string.h>

#include "seccomm/exchange.h"

enum { CLIENTS = 4, SESSIONS = 12, ROOM = 4096 };

/* A session of the listener's, and where its peer is. */
struct seat {
	struct end end;
	uint8_t address;
	bool taken;
};

struct world {
	struct input *input;
	uint64_t monotonic_us;
	unsigned stack;
	struct source source;
	struct seccomm_listener *listener;
	struct seccomm_listener_callbacks callbacks;
	struct seccomm_listener_limits limits;
	struct end client[CLIENTS];
	bool started[CLIENTS];
	struct seat seat[SESSIONS];
	struct frames answers; /* for no session, and for those that have gone */
	uint64_t seed;
	size_t request; /* length of the datagram that is being judged */
};

/* ---- Callbacks ---- */

static void answer(void *context, const void *address, size_t address_length, const uint8_t *bytes, size_t length)
{
	struct world *w = context;

	must(address_length == 1 && *(const uint8_t *)address < CLIENTS,
	    "an answer goes to where the request came from");
	must(length <= w->request, "an answer is no longer than its request");
	frames_add(&w->answers, bytes, length);
}

static struct seccomm_session *accept(void *context, const void *address, size_t address_length)
{
	struct world *w = context;
	struct seat *seat = w->seat;

	must(address_length == 1, "an address comes as it was given");
	while (seat->taken)
		if (++seat == w->seat + SESSIONS)
			return NULL;
	if (!end_open(&seat->end, SERVER, composition_plan(SERVER, SECCOMM_DATAGRAM, w->stack), &w->monotonic_us,
		++w->seed, 0))
		return NULL;
	seat->taken = true;
	seat->address = *(const uint8_t *)address;
	seat->end.popping = w->request;
	return seat->end.session;
}

static struct seat *seat_of(struct world *w, const struct seccomm_session *session)
{
	struct seat *seat = w->seat;

	while (seat->end.session != session || !seat->taken)
		must(++seat < w->seat + SESSIONS, "a listener speaks of its sessions only");
	return seat;
}

static void leave(struct seat *seat)
{
	end_free(&seat->end);
	seat->taken = false;
}

static void evict(void *context, struct seccomm_session *session)
{
	struct seat *seat = seat_of(context, session);

	must(seat->end.opened == 0, "only a half-open session gives way");
	leave(seat);
}

static void moved(void *context, struct seccomm_session *session, const void *address, size_t address_length)
{
	struct seat *seat = seat_of(context, session);

	must(address_length == 1, "an address comes as it was given");
	seat->address = *(const uint8_t *)address;
}

static void alert(void *context, const struct seccomm_alert *alert, const void *address, size_t address_length)
{
	(void)context;
	must(alert->detail != NULL && !alert->fatal && address_length == 1 && address != NULL, "a drop is told");
}

/* ---- What must hold ---- */

/* Sessions that have ended are freed, as a driver does. */
static void sweep(struct world *w)
{
	for (struct seat *seat = w->seat; seat < w->seat + SESSIONS; seat++)
		if (seat->taken && seat->end.closed > 0)
			leave(seat);
}

static void check(struct world *w)
{
	struct seccomm_listener_statistics s;
	size_t sessions = 0, half = 0;

	for (struct seat *seat = w->seat; seat < w->seat + SESSIONS; seat++) {
		if (!seat->taken)
			continue;
		end_check(&seat->end);
		sessions++;
		half += seat->end.opened == 0;
	}
	seccomm_listener_statistics(w->listener, &s);
	must(s.sessions == sessions && s.half_open == half, "a listener knows its sessions");
	must(half <= w->limits.half_open, "half-open sessions are bounded in number");
	must(s.half_open_bytes <= w->limits.half_open_bytes + SESSIONS * (size_t)ROOM, "and in memory");
	must(s.retries + (composition_plan(SERVER, SECCOMM_DATAGRAM, w->stack)->salted ? 0 : s.accepted) <= s.openings,
	    "an opening is accepted or asked for again, at most once");
}

/* ---- Datagrams ---- */

/* Until a cookie has come, nobody knows that somebody is at the address. */
static bool is_unproven(const uint8_t *bytes, size_t length)
{
	struct opening opening;
	struct frame frame;

	return length >= FRAME_HEADER && frame_read(SECCOMM_DATAGRAM, bytes, length, &frame) && frame.index == 0 &&
	       opening_read(bytes + FRAME_HEADER, frame.length, &opening) && opening.cookie_length == 0;
}

static void arrive(struct world *w, uint8_t address, const uint8_t *bytes, size_t length)
{
	uint8_t *copy = malloc(length > 0 ? length : 1);
	bool unproven = is_unproven(bytes, length);
	size_t sent = 0;

	must(copy != NULL, "there is memory");
	if (length > 0)
		memcpy(copy, bytes, length);
	for (struct seat *seat = w->seat; seat < w->seat + SESSIONS; seat++) {
		seat->end.popping = length;
		seat->end.transmitted = 0;
	}
	w->request = length;
	seccomm_listener_pop(w->listener, &address, 1, copy, length);
	for (struct seat *seat = w->seat; seat < w->seat + SESSIONS; seat++) {
		seat->end.popping = 0;
		sent += seat->end.transmitted;
	}
	must(!unproven || sent <= length, "a session answers an unproven address with no more than came");
	free(copy);
}

/* The client's oldest datagram, as it is or edited. */
static void pass(struct world *w, unsigned n, uint8_t address, bool edited)
{
	struct frame_unit *unit = w->started[n] ? frames_take(&w->client[n].sent) : NULL;
	uint8_t bytes[ROOM];
	size_t length;

	if (unit == NULL)
		return;
	length = unit->length < ROOM ? unit->length : ROOM;
	memcpy(bytes, unit->bytes, length);
	free(unit);
	arrive(w, address, bytes, edited ? input_edit(w->input, bytes, length, ROOM) : length);
}

static void make_up(struct world *w, uint8_t address)
{
	size_t length = input_u8(w->input);
	const uint8_t *bytes = input_take(w->input, &length);

	arrive(w, address, bytes, length);
}

static struct frame_unit *for_address(struct world *w, uint8_t address)
{
	for (struct seat *seat = w->seat; seat < w->seat + SESSIONS; seat++)
		if (seat->taken && seat->address == address && seat->end.sent.first != NULL)
			return frames_take(&seat->end.sent);
	return frames_take(&w->answers);
}

/* The client gets what is on the way to its address. */
static void come_back(struct world *w, unsigned n, uint8_t address, bool edited)
{
	struct frame_unit *unit = w->started[n] ? for_address(w, address) : NULL;
	uint8_t bytes[ROOM];
	size_t length;

	if (unit == NULL)
		return;
	length = unit->length < ROOM ? unit->length : ROOM;
	memcpy(bytes, unit->bytes, length);
	free(unit);
	end_give(&w->client[n], bytes, edited ? input_edit(w->input, bytes, length, ROOM) : length);
}

/* ---- Steps ---- */

static void stop_client(struct world *w, unsigned n)
{
	if (w->started[n])
		end_free(&w->client[n]);
	w->started[n] = false;
}

static void start(struct world *w, unsigned n, unsigned stack)
{
	stop_client(w, n);
	w->started[n] = end_open(
	    &w->client[n], CLIENT, composition_plan(CLIENT, SECCOMM_DATAGRAM, stack), &w->monotonic_us, ++w->seed, 0);
}

static void pass_time(struct world *w, unsigned how)
{
	static const uint32_t ms[] = { 250, 4000, 11000, 130000 };

	w->monotonic_us += UINT64_C(1000) * ms[how];
	for (unsigned n = 0; n < CLIENTS; n++)
		if (w->started[n])
			end_run_due(&w->client[n]);
	for (struct seat *seat = w->seat; seat < w->seat + SESSIONS; seat++)
		if (seat->taken)
			end_run_due(&seat->end);
}

static void talk(struct world *w, struct end *end)
{
	uint8_t how = input_u8(w->input), bytes[UINT8_MAX] = { 0 };
	int ignored = SECCOMM_OK;

	switch (how & 3) {
	case 0:
		ignored = seccomm_push_copy(end->session, bytes, how);
		break;
	case 1:
		ignored = seccomm_close(end->session);
		break;
	case 2:
		ignored = seccomm_rekey(end->session);
		break;
	default:
		end->reactions = how >> 2;
	}
	(void)ignored;
}

static void take(struct world *w, uint8_t what)
{
	unsigned n = what >> 3 & 3;
	uint8_t address = what >> 5 & 3;
	bool how = (what & 128) != 0;
	struct seat *seat;

	switch ((enum listener_step)(what & 7)) {
	case LISTENER_START:
		start(w, n, how ? input_u8(w->input) : w->stack);
		break;
	case LISTENER_PASS:
		pass(w, n, address, false);
		break;
	case LISTENER_EDIT:
		pass(w, n, address, true);
		break;
	case LISTENER_MAKE_UP:
		make_up(w, address);
		break;
	case LISTENER_ANSWER:
		come_back(w, n, address, how);
		break;
	case LISTENER_TIME:
		pass_time(w, n);
		w->source.fail_in = how;
		break;
	case LISTENER_TALK:
	case LISTENER_STOP:
		seat = &w->seat[how ? input_u8(w->input) % SESSIONS : 0];
		if ((what & 7) == LISTENER_TALK && (how ? seat->taken : w->started[n]))
			talk(w, how ? &seat->end : &w->client[n]);
		else if ((what & 7) == LISTENER_STOP && how && seat->taken)
			leave(seat);
		else if ((what & 7) == LISTENER_STOP && !how)
			stop_client(w, n);
	}
}

static void begin(struct world *w)
{
	static const size_t bytes[] = { 0, 1, 20000, 100000 };
	uint8_t stack = input_u8(w->input), limits = input_u8(w->input);
	struct seccomm_error error = { 0 };

	w->monotonic_us = 1000000;
	w->stack = stack % STACKS;
	w->limits = (struct seccomm_listener_limits){ .half_open = 1 + (limits & 7),
		.half_open_bytes = bytes[limits >> 3 & 3],
		.cookies_above = (limits & 128) != 0 ? SIZE_MAX : limits >> 5 & 3 };
	w->callbacks = (struct seccomm_listener_callbacks){ w, answer, accept, evict, moved, alert };
	source_make(&w->source, &w->monotonic_us, 0);
	must(seccomm_listener_new(composition_plan(SERVER, SECCOMM_DATAGRAM, w->stack), composition_keyring(SERVER),
		 &w->source.platform, &w->callbacks, &w->limits, &w->listener, &error) == SECCOMM_OK,
	    error.text);
	if (w->limits.half_open_bytes == 0)
		w->limits.half_open_bytes = 1024 * 1024;
}

static void end(struct world *w)
{
	for (unsigned n = 0; n < CLIENTS; n++)
		stop_client(w, n);
	for (struct seat *seat = w->seat; seat < w->seat + SESSIONS; seat++)
		if (seat->taken)
			leave(seat);
	frames_drop(&w->answers);
	seccomm_listener_free(w->listener);
	must(w->source.blocks == 0 && w->source.bytes == 0, "all memory of a listener comes back");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	struct world w = { .input = &input };

	begin(&w);
	for (unsigned left = STEPS_MOST; input.left > 0 && left > 0; left--) {
		take(&w, input_u8(&input));
		check(&w);
		sweep(&w);
	}
	end(&w);
	return 0;
}
