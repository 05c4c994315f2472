/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of attackers, how they are set to work, and those that need several messages, sessions or epochs.
 */
#include "attackers.h"

#include <stdlib.h>
#include <string.h>

#include "seccomm/session.h"

enum { FAR = 100 };

const struct attacker attackers[] = {
	{ .name = "stranger", .attack = attack_stranger },
	{ .name = "flip", .forge = forge_flip },
	{ .name = "truncate", .forge = forge_truncate },
	{ .name = "extend", .forge = forge_extend },
	{ .name = "splice", .forge = forge_splice },
	{ .name = "attribute strip", .forge = forge_strip },
	{ .name = "attribute smuggle", .forge = forge_smuggle },
	{ .name = "known plaintext, xor", .forge = forge_xor },
	{ .name = "known plaintext, sum", .forge = forge_add },
	{ .name = "replay", .attack = attack_replay },
	{ .name = "altered replay", .forge = forge_flip, .datagrams = true, .again = true },
	{ .name = "reorder", .attack = attack_reorder },
	{ .name = "reflect", .attack = attack_reflect },
	{ .name = "cross-session splice", .attack = attack_session },
	{ .name = "plain reader", .attack = read_plain, .datagrams = true },
	{ .name = "equality reader", .attack = read_equal, .datagrams = true },
	{ .name = "xor reader", .attack = read_xor, .datagrams = true },
	{ .name = "sum reader", .attack = read_sum, .datagrams = true },
	{ .name = "code book reader", .attack = read_code, .datagrams = true },
	{ .name = "renumber", .attack = attack_renumber, .datagrams = true },
	{ .name = "cross-epoch splice", .attack = attack_epoch },
};
const size_t attacker_count = sizeof(attackers) / sizeof(attackers[0]);

/* ---- At work ---------------------------------------------------------------------------------------------------- */

/* What was not accepted changed nothing: behind an outermost layer that authenticates, the honest message is still welcome. */
static void settle(struct scene *s, size_t place)
{
	struct sent *sent = &s->sent[s->from][place];

	if (sent->delivered > 0)
		return;
	scene_pass(s, !s->from, place);
	if (sent->delivered == 0 && s->verdict.guarded)
		scene_fail(s, "an honest message is refused after forgeries");
}

static void forge_datagrams(struct scene *s, const struct attacker *attacker)
{
	const size_t a = scene_send(s, s->from, NULL, PLAIN), b = scene_send(s, s->from, NULL, PLAIN);
	uint8_t wire[FORGERY_MAX];
	size_t length;

	if (attacker->again)
		scene_pass(s, !s->from, a);
	for (size_t n = rig_random(&s->seed) % s->step;
	     (length = attacker->forge(s, &s->sent[s->from][a], &s->sent[s->from][b], n, wire)) != NO_MORE; n += s->step)
		scene_give(s, !s->from, wire, length, (long)a);
	settle(s, a);
	settle(s, b);
}

/* The first refusal ends a stream, so each forgery has its own, and there are few of them. */
static void forge_stream(struct scene *s, const struct attacker *attacker)
{
	forge *made = attacker->forge;
	uint8_t wire[FORGERY_MAX];
	size_t count = 0;

	for (unsigned tried = 0; tried < s->thoroughness; tried++) {
		const struct sent *sent = s->sent[s->from];
		size_t length;

		scene_again(s, VICTIM);
		(void)scene_send(s, s->from, NULL, PLAIN);
		(void)scene_send(s, s->from, NULL, PLAIN);
		while (tried == 0 && made(s, &sent[0], &sent[1], count, wire) != NO_MORE)
			count++;
		if (count == 0)
			return;
		length = made(s, &sent[0], &sent[1], rig_random(&s->seed) % count, wire);
		scene_readdress(s, !s->from, wire, length);
		scene_give(s, !s->from, wire, length, 0);
	}
}

static void run(struct scene *s, size_t i)
{
	const struct attacker *attacker = &attackers[i];

	s->attacker = i;
	s->name = attacker->name;
	s->tally->attacks++;
	if (attacker->attack != NULL)
		attacker->attack(s);
	else
		(s->link == SECCOMM_STREAM ? forge_stream : forge_datagrams)(s, attacker);
}

void attackers_run(struct scene *s)
{
	for (size_t i = 0; i < attacker_count && !s->failed; i++)
		if (s->link == SECCOMM_DATAGRAM || !attackers[i].datagrams)
			run(s, i);
}

/* ---- Again, and in another order -------------------------------------------------------------------------------- */

static void anew(struct scene *s)
{
	if (s->link == SECCOMM_STREAM)
		scene_again(s, VICTIM);
}

void attack_replay(struct scene *s)
{
	size_t a, b;

	anew(s);
	a = scene_send(s, s->from, NULL, PLAIN);
	scene_pass(s, !s->from, a);
	scene_pass(s, !s->from, a);
	anew(s);
	a = scene_send(s, s->from, NULL, PLAIN);
	scene_pass(s, !s->from, a);
	b = scene_send(s, s->from, NULL, PLAIN);
	scene_pass(s, !s->from, b);
	scene_pass(s, !s->from, a);
	scene_pass(s, !s->from, b);
}

void attack_reorder(struct scene *s)
{
	size_t a, b;

	anew(s);
	a = scene_send(s, s->from, NULL, PLAIN);
	b = scene_send(s, s->from, NULL, PLAIN);
	scene_pass(s, !s->from, b);
	scene_pass(s, !s->from, a);
}

/* A message that was accepted comes again with a number that is new, and one that was not with another one's. */
void attack_renumber(struct scene *s)
{
	const size_t a = scene_send(s, s->from, NULL, PLAIN), b = scene_send(s, s->from, NULL, PLAIN);
	uint8_t wire[FORGERY_MAX];

	scene_pass(s, !s->from, a);
	for (size_t i = 0; i < 2; i++) {
		const struct sent *sent = &s->sent[s->from][i == 0 ? a : b];

		memcpy(wire, sent->wire, sent->wire_length);
		scene_renumber(s, wire, sent->wire_length, s->count[s->from] + i);
		scene_give(s, !s->from, wire, sent->wire_length, NOWHERE);
		scene_renumber(s, wire, sent->wire_length, s->count[s->from] + FAR + i);
		scene_give(s, !s->from, wire, sent->wire_length, NOWHERE);
	}
	settle(s, b);
}

/* ---- From elsewhere --------------------------------------------------------------------------------------------- */

/* Gives UNIT to the victim as it is, addressed to it, and with the number that is expected next; frees it. */
static void transplant(struct scene *s, unsigned to, struct unit *unit)
{
	scene_give(s, to, unit->bytes, unit->length, NOWHERE);
	scene_readdress(s, to, unit->bytes, unit->length);
	scene_give(s, to, unit->bytes, unit->length, NOWHERE);
	scene_renumber(s, unit->bytes, unit->length, s->count[!to]);
	scene_give(s, to, unit->bytes, unit->length, NOWHERE);
	free(unit);
}

/* All that needs no key the enemy does himself, for whatever receiver he likes. */
void attack_stranger(struct scene *s)
{
	s->rig[STRANGER].end[s->from].session->send_index = s->rig[VICTIM].end[!s->from].session->receive_index;
	transplant(s, !s->from, scene_send_in(s, STRANGER, s->from, PLAIN));
}

/* The other session is as old as this one: its numbers are the same. */
void attack_session(struct scene *s)
{
	anew(s);
	scene_again(s, OTHER);
	transplant(s, !s->from, scene_send_in(s, OTHER, s->from, PLAIN));
}

/*
 * Both ends count for themselves, and on a stream their own messages about the session, too.  So that the numbers fit, SKIPPED messages
 * go out before the one that comes back, or HEARD come in.
 */
static void reflect(struct scene *s, size_t skipped, size_t heard)
{
	uint8_t wire[FORGERY_MAX];
	const struct sent *sent;

	anew(s);
	while (skipped-- > 0)
		(void)scene_send(s, s->from, NULL, PLAIN);
	while (heard-- > 0)
		scene_pass(s, s->from, scene_send(s, !s->from, NULL, PLAIN));
	sent = &s->sent[s->from][scene_send(s, s->from, NULL, PLAIN)];
	memcpy(wire, sent->wire, sent->wire_length);
	scene_give(s, s->from, wire, sent->wire_length, NOWHERE);
	scene_readdress(s, s->from, wire, sent->wire_length);
	scene_give(s, s->from, wire, sent->wire_length, NOWHERE);
}

void attack_reflect(struct scene *s)
{
	reflect(s, 0, 0);
	reflect(s, 1, 0);
	reflect(s, 0, 1);
}

/* ---- From another epoch ----------------------------------------------------------------------------------------- */

static uint8_t *epoch_byte(const struct scene *s, uint8_t *wire)
{
	return &wire[s->link == SECCOMM_STREAM ? 1 : 5];
}

static void rekey(struct scene *s)
{
	struct rig *rig = &s->rig[VICTIM];

	if (seccomm_rekey(rig->end[CLIENT].session) != SECCOMM_OK)
		scene_fail(s, "no new keys are asked for");
	rig_pump(rig);
	for (unsigned end = CLIENT; end <= SERVER; end++)
		if (rig->end[end].session->epoch->number != 2)
			scene_fail(s, "there is no new epoch");
}

/* The bytes of SENT under the header of epoch NUMBER, with its number and with the first one of an epoch. */
static void into_epoch(struct scene *s, const struct sent *sent, uint8_t number)
{
	uint8_t wire[FORGERY_MAX];

	memcpy(wire, sent->wire, sent->wire_length);
	*epoch_byte(s, wire) = number;
	scene_give(s, !s->from, wire, sent->wire_length, NOWHERE);
	scene_renumber(s, wire, sent->wire_length, 0);
	scene_give(s, !s->from, wire, sent->wire_length, NOWHERE);
}

void attack_epoch(struct scene *s)
{
	const bool datagrams = s->link == SECCOMM_DATAGRAM;
	size_t given, kept, later;

	anew(s);
	given = scene_send(s, s->from, NULL, PLAIN);
	scene_pass(s, !s->from, given);
	kept = datagrams ? scene_send(s, s->from, NULL, PLAIN) : given;
	rekey(s);
	if (s->failed)
		return;
	if (datagrams)
		scene_pass(s, !s->from, given);
	into_epoch(s, &s->sent[s->from][given], 2);
	if (!datagrams)
		return;
	into_epoch(s, &s->sent[s->from][kept], 2);
	later = scene_send(s, s->from, NULL, PLAIN);
	into_epoch(s, &s->sent[s->from][later], 1);
	settle(s, kept); /* first: an order is promised within an epoch only */
	settle(s, later);
	scene_pass(s, !s->from, kept);
}
