/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: whatever an application calls from inside callbacks (it pushes, closes, asks for keys or another stack), while messages
 * are lost, doubled and overtaken and memory fails: every byte is accounted for, nothing comes twice, a stream has no gap, no
 * deadline stays in the past, and in the end both sessions work or both have ended.
 */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "seccomm/exchange.h"

enum { SEEDS = 150, STEPS = 250, MESSAGES = 4096, DEPTH = 3, RUNS = 40, TEXT = 24 };
static const uint64_t second = 1000000;

struct world {
	struct rig rig; /* first: it is what an end knows */
	uint64_t seed, number;
	enum seccomm_link link;
	bool memory_fails, calm;
	struct seccomm_plan *other[2];
	void (*alert)(void *, const struct seccomm_alert *); /* the rig's own */
	unsigned depth[2], pushed[2], next[2];
	bool taken[2][MESSAGES], came[2][MESSAGES]; /* by their sender */
};

static uint64_t below(struct world *w, uint64_t n) { return rig_random(&w->seed) % n; }
static struct world *world_of(struct end *end) { return (struct world *)end->rig; }
static unsigned number_of(const struct end *end) { return (unsigned)(end - end->rig->end); }
static bool alive(const struct world *w, unsigned n) { return w->rig.end[n].session != NULL && w->rig.end[n].closed == 0; }

static void must(const struct world *w, bool condition, const char *what)
{
	if (!condition)
		fail_msg("seed %llu, link %d: %s; alerts %d '%s' and %d '%s'", (unsigned long long)w->number, (int)w->link, what,
		    (int)w->rig.end[CLIENT].alert, w->rig.end[CLIENT].detail, (int)w->rig.end[SERVER].alert, w->rig.end[SERVER].detail);
}

/* ---- What an application does ---- */

static void push(struct world *w, unsigned n)
{
	unsigned number = w->pushed[n]++;
	char text[TEXT] = { 0 };

	must(w, number < MESSAGES, "too many messages");
	(void)snprintf(text, sizeof(text), "%u %u", n, number);
	w->taken[n][number] = seccomm_push_copy(w->rig.end[n].session, text, sizeof(text)) == SECCOMM_OK;
}

static void look_around(struct seccomm_session *session)
{
	struct seccomm_statistics statistics;
	struct seccomm_key_state state;

	seccomm_statistics(session, &statistics);
	(void)!seccomm_key_state(session, 1, &state);
	(void)seccomm_deadline(session);
}

static void do_something(struct world *w, unsigned n)
{
	struct seccomm_session *session = w->rig.end[n].session;
	struct seccomm_plan *plan = below(w, 2) == 0 ? w->other[n] : w->rig.end[n].plan;

	if (session == NULL)
		return;
	switch (below(w, 10)) {
	case 0:
		(void)!seccomm_rekey(session);
		break;
	case 1:
		(void)!seccomm_replace_key(session, 1 + (unsigned)below(w, 2));
		break;
	case 2:
		(void)!seccomm_change(session, plan);
		break;
	case 3:
		if (below(w, 20) == 0)
			(void)!seccomm_allow(session, plan);
		break;
	case 4:
		look_around(session);
		break;
	case 5:
		seccomm_message_release(seccomm_message_new(session, 10));
		break;
	default:
		push(w, n);
	}
}

static void perhaps(struct end *end)
{
	struct world *w = world_of(end);
	unsigned n = number_of(end);

	if (w->calm || w->depth[n] == DEPTH || below(w, 5) != 0)
		return;
	w->depth[n]++;
	do_something(w, n);
	w->depth[n]--;
}

/* ---- Callbacks ---- */

static void delivered(struct end *end, struct seccomm_message *message)
{
	struct world *w = world_of(end);
	unsigned from = 2, number = MESSAGES, n = number_of(end);
	size_t length;
	const char *bytes = (const char *)seccomm_message_bytes(message, &length);

	must(w, length == TEXT && sscanf(bytes, "%u %u", &from, &number) == 2 && from == !n && number < w->pushed[!n], "never pushed");
	must(w, !w->came[from][number], "delivered twice");
	for (unsigned k = w->next[n]; w->link == SECCOMM_STREAM && k < number; k++)
		must(w, !w->taken[from][k], "a gap");
	w->came[from][number] = true;
	w->next[n] = number + 1;
	perhaps(end);
}

static void alerted(void *context, const struct seccomm_alert *alert)
{
	world_of(context)->alert(context, alert);
	perhaps(context);
}

static void renewed(void *context, uint64_t epoch, struct seccomm_plan *plan)
{
	(void)epoch;
	(void)plan;
	perhaps(context);
}

/* ---- Carrying ---- */

/* One datagram in ten is lost, one comes twice, and one is overtaken by all that follow it now. */
static void carry(struct world *w, unsigned from)
{
	struct unit *unit = units_take(&w->rig.end[from].sent);
	uint64_t fate = w->link == SECCOMM_STREAM || w->calm ? 9 : below(w, 10);

	if (unit == NULL)
		return;
	if (fate == 1)
		units_add(&w->rig.end[from].sent, unit->bytes, unit->length);
	for (unsigned times = fate == 0 || fate == 1 ? 0 : fate == 2 ? 2 : 1; times > 0 && alive(w, !from); times--)
		rig_give(&w->rig, !from, unit->bytes, unit->length);
	free(unit);
}

static void carry_all(struct world *w)
{
	while (w->rig.end[CLIENT].sent.first != NULL || w->rig.end[SERVER].sent.first != NULL)
		for (unsigned n = CLIENT; n <= SERVER; n++)
			carry(w, n);
	for (unsigned n = CLIENT; n <= SERVER; n++)
		if (w->link == SECCOMM_STREAM && !alive(w, n) && alive(w, !n))
			seccomm_ended(w->rig.end[!n].session);
}

static void run_due(struct world *w)
{
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		unsigned runs = 0;

		for (; alive(w, n) && seccomm_deadline(w->rig.end[n].session) <= w->rig.monotonic_us; runs++) {
			must(w, runs < RUNS, "a deadline stays in the past");
			seccomm_run_due(w->rig.end[n].session);
		}
	}
}

static void look(struct world *w)
{
	size_t bytes = 0;

	for (unsigned n = CLIENT; n <= SERVER; n++) {
		const struct seccomm_session *session = w->rig.end[n].session;

		bytes += session_memory(session);
		must(w, session->depth == 0 && session->retired == NULL, "something is left behind");
		must(w, session->exchange == NULL || seccomm_deadline(session) != UINT64_MAX, "nobody waits for the exchange");
		must(w, !session->wanted_writable || !seccomm_may_push(session), "nobody says that it is writable");
	}
	must(w, bytes == w->rig.bytes, "memory that nobody states");
}

/* ---- Runs ---- */

static void make(struct world *w, struct seccomm *library)
{
	static const char keys[] = "      outer: {establish: dh, protect: [sign: ed25519]}\n"
				   "      data: {establish: both, protect: [encrypt: {algorithm: chacha20-poly1305, key: outer}]}\n";

	rig_make_keys(&w->rig, library,
	    &(struct key_setup){ .link = w->link, .keys = keys, .require = "{}" });
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		struct end *end = &w->rig.end[n];

		w->other[n] = rig_plan(&w->rig, n, w->link, "anti-replay:window | sign:ed25519 | encrypt:chacha20-poly1305");
		w->alert = end->callbacks.alert;
		end->callbacks.alert = alerted;
		end->callbacks.renewed = renewed;
		end->on_deliver = delivered;
		end->on_transmit = end->on_writable = end->on_opened = perhaps;
	}
}

static void step(struct world *w)
{
	unsigned n = (unsigned)below(w, 2);

	w->rig.allocations = 0;
	w->rig.fail_at = w->memory_fails && below(w, 12) == 0 ? 1 + below(w, 12) : 0;
	switch (below(w, 6)) {
	case 0:
		do_something(w, n);
		break;
	case 1:
		w->rig.monotonic_us += below(w, second / 2);
		run_due(w);
		break;
	default:
		carry(w, n);
	}
	w->rig.fail_at = 0;
}

static void pass(struct world *w, unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i++) {
		carry_all(w);
		w->rig.monotonic_us += second;
		run_due(w);
		for (unsigned n = CLIENT; n <= SERVER && i % 10 == 0; n++)
			push(w, n);
	}
	carry_all(w);
	look(w);
	must(w, alive(w, CLIENT) == alive(w, SERVER), "one lives on alone");
	for (unsigned n = CLIENT; n <= SERVER && alive(w, CLIENT); n++)
		must(w, w->taken[n][w->pushed[n] - 1] && w->came[n][w->pushed[n] - 1], "it lives and does not work");
}

/* Nothing is lost any more: both work, and may ask for new keys, or both have ended. */
static void calm_down(struct world *w)
{
	w->calm = true;
	pass(w, 150);
	for (unsigned turn = 0; turn < 2 && alive(w, CLIENT); turn++) { /* first the server, whose wish depends on the client */
		const uint64_t before = w->rig.end[CLIENT].session->statistics.epoch;

		must(w, seccomm_rekey(w->rig.end[turn == 0 ? SERVER : CLIENT].session) == SECCOMM_OK, "no new keys can be asked for");
		pass(w, 40);
		must(w, alive(w, CLIENT) && w->rig.end[CLIENT].session->statistics.epoch > before, "no new keys came");
	}
}

static void run(struct seccomm *library, uint64_t number, enum seccomm_link link, bool memory_fails)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->seed = w->number = number;
	w->link = link;
	w->memory_fails = memory_fails;
	make(w, library);
	assert_int_equal(rig_start(&w->rig), SECCOMM_OK);
	for (unsigned i = 0; i < STEPS; i++) {
		step(w);
		look(w);
	}
	calm_down(w);
	must(w, memory_fails || alive(w, CLIENT) || w->rig.end[CLIENT].opened == 0, "it has ended, and nothing had failed");
	for (unsigned n = CLIENT; n <= SERVER; n++)
		seccomm_plan_free(w->other[n]);
	rig_drop(&w->rig);
	free(w);
}

static void on(struct seccomm *library, enum seccomm_link link)
{
	for (uint64_t number = 1; number <= SEEDS; number++)
		run(library, number, link, number % 2 == 0);
}

static void calls_inside_callbacks_on_a_stream(void **state) { on(*state, SECCOMM_STREAM); }
static void calls_inside_callbacks_on_datagrams(void **state) { on(*state, SECCOMM_DATAGRAM); }

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_inside_callbacks_on_a_stream),
		cmocka_unit_test(calls_inside_callbacks_on_datagrams),
	};

	return cmocka_run_group_tests_name("inside callbacks", tests, rig_library, rig_library_free);
}
