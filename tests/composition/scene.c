/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions under attack, and the judge; see scene.h.
 */
#include "scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../laws/pads.h"
#include "seccomm/session.h"

/* ---- People ----------------------------------------------------------------------------------------------------- */

static void give_pad(struct people *p, unsigned rig, unsigned end)
{
	struct memory_pad *pad = p->pad[end][rig == STRANGER];
	struct seccomm_error error;

	assert_int_equal(seccomm_keyring_pad(p->rig[rig].end[end].keyring, "pad", pad->role, &pad->pad, &error), SECCOMM_OK);
}

/* The strangers are one person with both ends, and a secret of his own. */
static void estrange(struct people *p)
{
	char secret[SECCOMM_KEY_TEXT_MAX], none[1];

	assert_int_equal(seccomm_key_generate(p->library, "psk", secret, sizeof(secret), none, sizeof(none)), SECCOMM_OK);
	for (unsigned end = CLIENT; end <= SERVER; end++) {
		struct end *e = &p->rig[STRANGER].end[end];
		struct seccomm_error error;

		seccomm_keyring_free(e->keyring);
		e->keyring = seccomm_keyring_new(p->library);
		assert_non_null(e->keyring);
		assert_int_equal(seccomm_keyring_identity(e->keyring, "self", stranger_secret, &error), SECCOMM_OK);
		assert_int_equal(seccomm_keyring_peer(e->keyring, "friend", stranger_public, &error), SECCOMM_OK);
		assert_int_equal(seccomm_keyring_psk(e->keyring, "shared", secret, &error), SECCOMM_OK);
	}
}

static void people_keys(struct people *p, unsigned rig)
{
	rig_make(&p->rig[rig], p->library, &(struct setup){ .link = SECCOMM_DATAGRAM });
	if (rig == STRANGER)
		estrange(p);
	p->rig[rig].seed = rig + 1;
	for (unsigned end = CLIENT; end <= SERVER; end++) {
		seccomm_plan_free(p->rig[rig].end[end].plan);
		p->rig[rig].end[end].plan = NULL;
		give_pad(p, rig, end);
	}
}

void people_make(struct people *p, struct seccomm *library)
{
	p->library = library;
	for (unsigned end = CLIENT; end <= SERVER; end++)
		for (unsigned theirs = 0; theirs < 2; theirs++)
			p->pad[end][theirs] = memory_pad_new(end == CLIENT ? SECCOMM_CLIENT : SECCOMM_SERVER, 1 + theirs);
	for (unsigned rig = VICTIM; rig < RIGS; rig++)
		people_keys(p, rig);
}

void people_drop(struct people *p)
{
	for (unsigned rig = VICTIM; rig < RIGS; rig++)
		rig_drop(&p->rig[rig]);
	for (unsigned end = CLIENT; end <= SERVER; end++)
		for (unsigned theirs = 0; theirs < 2; theirs++)
			free(p->pad[end][theirs]);
}

/* A pad does not have enough for all stacks: each begins with a new one. */
static void renew_pads(const struct people *p)
{
	for (unsigned end = CLIENT; end <= SERVER; end++)
		for (unsigned theirs = 0; theirs < 2; theirs++) {
			p->pad[end][theirs]->mark = 0;
			memset(p->pad[end][theirs]->spent, 0, sizeof(p->pad[end][theirs]->spent));
		}
}

enum { SIGNED_STEP = 4 };

/* ---- Sessions --------------------------------------------------------------------------------------------------- */

static bool opens(struct scene *s, struct rig *rig)
{
	if (rig_start(rig) != SECCOMM_OK)
		return false;
	rig_pump(rig);
	return rig->end[CLIENT].opened == 1 && rig->end[SERVER].opened == 1 && s->verdict.plan[0] != NULL;
}

static bool is_numbered(const struct seccomm_plan *plan)
{
	size_t count;
	const struct plan_layer *layers = seccomm_plan_stack_layers(plan, &count);

	for (size_t i = 0; i < count; i++)
		if (layers[i].mp->counts)
			return true;
	return false;
}

bool scene_make(struct scene *s, struct people *people, const struct stack *stack, enum seccomm_link link, const struct verdict *verdict,
    struct tally *tally)
{
	bool open = true;

	*s = (struct scene){ .people = people, .rig = people->rig, .stack = stack, .link = link, .verdict = *verdict, .tally = tally,
		.numbered = link == SECCOMM_DATAGRAM && is_numbered(verdict->plan[CLIENT]), .seed = 1, .name = "nobody" };
	for (size_t i = 0; i < stack->count; i++)
		s->seed = s->seed * row_count + stack->row[i];
	s->step = stack_signs(stack) ? SIGNED_STEP : 1;
	s->from = s->seed % 2 == 0 ? CLIENT : SERVER;
	renew_pads(people);
	for (unsigned rig = VICTIM; rig < RIGS; rig++) {
		for (unsigned end = CLIENT; end <= SERVER; end++)
			s->rig[rig].end[end].plan = verdict->plan[end];
		open = open && opens(s, &s->rig[rig]);
	}
	if (!open)
		scene_fail(s, "its sessions do not open");
	return open;
}

static void forget(struct scene *s)
{
	for (unsigned end = CLIENT; end <= SERVER; end++) {
		while (s->count[end] > 0)
			free(s->sent[end][--s->count[end]].wire);
		s->last[end] = 0;
	}
}

void scene_again(struct scene *s, unsigned rig)
{
	if (rig == VICTIM)
		forget(s);
	rig_shut(&s->rig[rig]);
	if (!opens(s, &s->rig[rig]))
		scene_fail(s, "a session does not open again");
}

void scene_drop(struct scene *s)
{
	forget(s);
	for (unsigned rig = VICTIM; rig < RIGS; rig++) {
		rig_shut(&s->rig[rig]);
		for (unsigned end = CLIENT; end <= SERVER; end++)
			s->rig[rig].end[end].plan = NULL;
	}
}

/* ---- Honest messages -------------------------------------------------------------------------------------------- */

static struct unit *push(struct scene *s, struct rig *rig, unsigned end, const uint8_t *plain, size_t length)
{
	int status = seccomm_push_copy(rig->end[end].session, plain, length);

	for (unsigned i = VICTIM; i < RIGS; i++)
		s->rig[i].wall_us += 10;
	if (status != SECCOMM_OK)
		scene_fail(s, seccomm_status_text(status));
	return rig_take(rig, end);
}

size_t scene_send(struct scene *s, unsigned end, const uint8_t *plain, size_t length)
{
	struct sent *sent = &s->sent[end][s->count[end]];
	struct unit *unit;

	assert_true(s->count[end] < SENT_MAX && length <= PLAIN_LONG);
	*sent = (struct sent){ .length = length };
	if (plain != NULL)
		memcpy(sent->plain, plain, length);
	else
		rig_fill(&s->seed, sent->plain, length);
	unit = push(s, &s->rig[VICTIM], end, sent->plain, length);
	sent->wire = malloc(unit->length);
	assert_non_null(sent->wire);
	memcpy(sent->wire, unit->bytes, unit->length);
	sent->wire_length = unit->length;
	free(unit);
	return s->count[end]++;
}

struct unit *scene_send_in(struct scene *s, unsigned rig, unsigned end, size_t length)
{
	uint8_t plain[PLAIN_LONG];

	rig_fill(&s->seed, plain, length);
	return push(s, &s->rig[rig], end, plain, length);
}

/* ---- The judge -------------------------------------------------------------------------------------------------- */

void scene_fail(struct scene *s, const char *what)
{
	char name[STACK_NAME];

	printf("# %s: %s\n", stack_name(s->stack, name), what);
	s->failed = true;
}

void scene_win(struct scene *s, unsigned end, enum seccomm_property property, const char *how)
{
	const enum seccomm_level level = s->verdict.level[end][property];
	char name[STACK_NAME];

	if (level < SECCOMM_LEVEL_LEGACY) {
		s->tally->expected[s->attacker]++;
		return;
	}
	s->tally->wins++;
	if (!s->failed) /* one line a stack */
		printf("# %s on %s: %s wins %s, which is granted as %s: %s\n", stack_name(s->stack, name),
		    s->link == SECCOMM_STREAM ? "a stream" : "datagrams", s->name, seccomm_property_name(property),
		    seccomm_level_name(level), how);
	s->failed = true;
}

/* Where PLAIN was sent: a place where it was not delivered yet, if there is one. */
static long place_of(const struct scene *s, unsigned from, const struct unit *plain)
{
	long found = NOWHERE;

	for (size_t i = 0; i < s->count[from]; i++) {
		const struct sent *sent = &s->sent[from][i];

		if (sent->length == plain->length && memcmp(sent->plain, plain->bytes, plain->length) == 0 &&
		    (found == NOWHERE || sent->delivered == 0))
			found = (long)i;
	}
	return found;
}

/* The order is something that only some layers promise. */
static void in_order(struct scene *s, unsigned from, size_t place)
{
	if (place + 1 < s->last[from] && s->verdict.ordered)
		scene_win(s, from, PLAN_FRESHNESS, "a message is delivered behind a later one");
	else if (place + 1 < s->last[from])
		s->tally->expected[s->attacker]++;
	if (place + 1 > s->last[from])
		s->last[from] = place + 1;
}

/* On a stream nothing says where a message belongs but where it comes: behind all that were delivered. */
static void judge(struct scene *s, unsigned from, const struct unit *plain, long claimed)
{
	long place = place_of(s, from, plain);

	if (s->link == SECCOMM_STREAM && claimed != NOWHERE)
		claimed = s->last[from] < s->count[from] ? (long)s->last[from] : NOWHERE;
	/* Of two equal messages each may stand in its own place. */
	if (claimed != NOWHERE && s->sent[from][claimed].length == plain->length &&
	    memcmp(s->sent[from][claimed].plain, plain->bytes, plain->length) == 0)
		place = claimed;
	if (place == NOWHERE) {
		scene_win(s, from, PLAN_AUTHENTICITY, "a message is delivered that nobody sent");
		scene_win(s, from, PLAN_INTEGRITY, "a message is delivered that nobody sent");
		return;
	}
	if (place != claimed)
		scene_win(s, from, PLAN_INTEGRITY, "a message is delivered in place of another one");
	if (++s->sent[from][place].delivered > 1)
		scene_win(s, from, PLAN_FRESHNESS, "a message is delivered again");
	else
		in_order(s, from, (size_t)place);
}

/* Whose bytes these are, if they are honest ones. */
static long honest(const struct scene *s, unsigned from, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < s->count[from]; i++)
		if (s->sent[from][i].wire_length == length && memcmp(s->sent[from][i].wire, bytes, length) == 0)
			return (long)i;
	return NOWHERE;
}

void scene_give(struct scene *s, unsigned to, const uint8_t *bytes, size_t length, long place)
{
	struct rig *rig = &s->rig[VICTIM];
	const long whose = honest(s, !to, bytes, length);

	s->tally->tries++;
	(void)rig_give(rig, to, bytes, length);
	rig_lose(rig, to);
	for (struct unit *unit; (unit = units_take(&rig->end[to].got)) != NULL; free(unit))
		judge(s, !to, unit, whose != NOWHERE ? whose : place);
}

void scene_pass(struct scene *s, unsigned to, size_t place)
{
	const struct sent *sent = &s->sent[!to][place];

	scene_give(s, to, sent->wire, sent->wire_length, (long)place);
}

/* ---- Addresses -------------------------------------------------------------------------------------------------- */

void scene_readdress(struct scene *s, unsigned to, uint8_t *wire, size_t length)
{
	if (length < HEADER)
		return;
	if (s->link == SECCOMM_DATAGRAM)
		cactus_put_u32(wire + 1, s->rig[VICTIM].end[to].session->receive_index);
	else
		cactus_put_u32(wire + 2, (uint32_t)(length - HEADER));
}

void scene_renumber(const struct scene *s, uint8_t *wire, size_t length, uint64_t number)
{
	if (s->numbered && length >= HEADER + NUMBER)
		cactus_put_u64(wire + HEADER, number);
}
