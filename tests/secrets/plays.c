/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plays.c - what happens to two sessions: they open, renew their keys and end; an opening or a renewal fails.
 */
#include "theatre.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "seccomm/session.h"

static const uint64_t second = 1000000;

/* ---- Steps ---- */

static void pump(struct rig *rig)
{
	while (rig->end[CLIENT].sent.first != NULL || rig->end[SERVER].sent.first != NULL)
		for (unsigned n = CLIENT; n <= SERVER; n++)
			while (rig->end[n].sent.first != NULL)
				step(rig, rig_pass, n);
}

static void do_start(struct rig *rig, unsigned end)
{
	(void)end;
	assert_int_equal(rig_start(rig), SECCOMM_OK);
}

static void do_rekey(struct rig *rig, unsigned end)
{
	assert_int_equal(seccomm_rekey(rig->end[end].session), SECCOMM_OK);
}

/* The keys take turns. */
static void do_replace(struct rig *rig, unsigned end)
{
	assert_int_equal(seccomm_replace_key(rig->end[end].session, 2 - end), SECCOMM_OK);
}

static void do_push(struct rig *rig, unsigned end)
{
	rig_push(rig, end, end == CLIENT ? "question" : "answer");
}

static void do_close(struct rig *rig, unsigned end)
{
	assert_int_equal(seccomm_close(rig->end[end].session), SECCOMM_OK);
}

static void do_end(struct rig *rig, unsigned end)
{
	seccomm_ended(rig->end[end].session);
}

static void do_wait(struct rig *rig, unsigned seconds)
{
	rig_wait(rig, seconds * second);
}

static void talk(struct rig *rig)
{
	step(rig, do_push, CLIENT);
	step(rig, do_push, SERVER);
	pump(rig);
	rig_got(rig, SERVER, "question");
	rig_got(rig, CLIENT, "answer");
}

/* ---- What scenes have in common ---- */

static void lose_all(struct rig *rig)
{
	rig_lose(rig, CLIENT);
	rig_lose(rig, SERVER);
}

static void start(struct theatre *theatre)
{
	step(&theatre->rig, do_start, 0);
	telling_listen(theatre);
}

static void open_both(struct theatre *theatre)
{
	start(theatre);
	pump(&theatre->rig);
	assert_int_equal(theatre->rig.end[CLIENT].opened + theatre->rig.end[SERVER].opened, 2);
}

static void close_both(struct theatre *theatre)
{
	for (unsigned n = CLIENT; n <= SERVER; n++)
		step(&theatre->rig, do_close, n);
	pump(&theatre->rig);
}

/* ---- What happens ---- */

static void renew(struct theatre *theatre, void (*ask)(struct rig *, unsigned end))
{
	theatre->phase++;
	step(&theatre->rig, ask, theatre->phase % 2);
	pump(&theatre->rig);
	talk(&theatre->rig);
	step(&theatre->rig, do_wait, 31);
	pump(&theatre->rig);
	assert_int_equal(theatre->rig.end[CLIENT].session->epoch->number, theatre->phase);
	assert_null(theatre->rig.end[SERVER].session->previous);
}

static void live_with(struct theatre *theatre, void (*ask)(struct rig *, unsigned end))
{
	open_both(theatre);
	talk(&theatre->rig);
	checkpoint(theatre, "both are open", 0, phase(1), phase(LONG_TERM) | phase(1));
	renew(theatre, ask);
	checkpoint(theatre, "the first epoch is over", phase(1), phase(2), phase(2));
	renew(theatre, ask);
	checkpoint(theatre, "the second epoch is over", phase(1) | phase(2), phase(3), phase(3));
	close_both(theatre);
	checkpoint(theatre, "both have closed", phase(1) | phase(2) | phase(3), 0, 0);
}

void play_life(struct theatre *theatre)
{
	live_with(theatre, do_rekey);
}

void play_replaced(struct theatre *theatre)
{
	live_with(theatre, do_replace);
}

void play_predefined(struct theatre *theatre)
{
	start(theatre);
	step(&theatre->rig, do_wait, 1);
	step(&theatre->rig, do_push, CLIENT);
	pump(&theatre->rig);
	step(&theatre->rig, do_push, SERVER);
	pump(&theatre->rig);
	checkpoint(theatre, "both have spoken", 0, phase(1), phase(1));
	close_both(theatre);
	checkpoint(theatre, "both have closed", phase(1), 0, 0);
}

/* The connection ends behind the N-th frame of an opening, for every N. */
void play_cut_openings(struct theatre *theatre)
{
	for (unsigned passed = 0; passed < 3; passed++) {
		theatre->phase = 1 + passed;
		start(theatre);
		for (unsigned n = 0; n < passed; n++)
			step(&theatre->rig, rig_pass, n % 2);
		for (unsigned n = CLIENT; n <= SERVER; n++)
			step(&theatre->rig, do_end, n);
		checkpoint(theatre, "the connection has ended", phase(theatre->phase), 0, 0);
		rig_shut(&theatre->rig);
	}
}

/* A byte of M2 or M3 is changed on the way. */
void play_refused_openings(struct theatre *theatre)
{
	for (unsigned passed = 1; passed < 3; passed++) {
		struct unit *unit;

		theatre->phase = passed;
		start(theatre);
		for (unsigned n = 0; n < passed; n++)
			step(&theatre->rig, rig_pass, n % 2);
		unit = rig_take(&theatre->rig, passed % 2);
		unit->bytes[unit->length - 1] ^= 1;
		rig_give(&theatre->rig, !(passed % 2), unit->bytes, unit->length);
		free(unit);
		for (unsigned n = CLIENT; n <= SERVER; n++)
			step(&theatre->rig, do_end, n);
		checkpoint(theatre, "a message was refused", phase(theatre->phase), 0, 0);
		rig_shut(&theatre->rig);
	}
}

void play_unanswered_opening(struct theatre *theatre)
{
	start(theatre);
	for (unsigned n = 0; n < 22; n++) {
		rig_wait(&theatre->rig, second / 2);
		lose_all(&theatre->rig);
	}
	assert_int_equal(theatre->rig.end[CLIENT].closed, 1);
	checkpoint(theatre, "nobody has answered", phase(1), 0, 0);
}

/* The N-th allocation of an opening fails. */
void play_openings_without_memory(struct theatre *theatre)
{
	for (unsigned n = 1; n < 12; n++) {
		theatre->phase = n;
		theatre->rig.allocations = 0;
		theatre->rig.fail_at = 2 * n;
		if (rig_start(&theatre->rig) == SECCOMM_OK) {
			telling_listen(theatre);
			pump(&theatre->rig);
			for (unsigned k = CLIENT; k <= SERVER; k++)
				step(&theatre->rig, do_end, k);
		}
		checkpoint(theatre, "an allocation has failed", phase(theatre->phase), 0, 0);
		rig_shut(&theatre->rig);
	}
	theatre->rig.fail_at = 0;
}

/* Carries everything for US, second by second. */
static void live(struct rig *rig, unsigned seconds)
{
	for (unsigned n = 0; n < seconds; n++) {
		rig_talk(rig);
		rig_wait(rig, second);
		rig_pump(rig);
	}
}

static void lose(struct rig *rig, unsigned seconds)
{
	for (unsigned n = 0; n < seconds; n++) {
		lose_all(rig);
		rig_wait(rig, second);
		lose_all(rig);
	}
}

/* The first messages of a renewal are lost, or memory is short for them; the client gives up, and the next attempt
 * succeeds. */
void play_dropped_renewals(struct theatre *theatre)
{
	struct rig *rig = &theatre->rig;
	uint32_t before = 0;

	open_both(theatre);
	checkpoint(theatre, "both are open", 0, phase(1), phase(1));
	for (unsigned n = 0; n < 5; n++) {
		before |= phase(theatre->phase);
		theatre->phase++;
		step(rig, do_rekey, CLIENT);
		if (n == 1)
			step(rig, rig_pass, CLIENT);
		rig->allocations = 0;
		rig->fail_at = n > 1 ? 3 * n - 5 : 0;
		rig->persistent = true;
		if (n > 1)
			pump(rig);
		lose(rig, 11);
		rig->fail_at = 0;
		assert_null(rig->end[CLIENT].session->next);
		assert_int_equal(rig->end[SERVER].session->epoch->number, n + 1);
		checkpoint(theatre, "the attempt was dropped", n == 0 ? phase(theatre->phase) : 0, 0,
		    phase(theatre->phase - 1));
		before |= phase(theatre->phase);
		theatre->phase++;
		live(rig, 45);
		assert_int_equal(rig->end[SERVER].session->epoch->number, n + 2);
		assert_null(rig->end[SERVER].session->previous);
		checkpoint(theatre, "the next one has succeeded", before, phase(theatre->phase), phase(theatre->phase));
	}
}
