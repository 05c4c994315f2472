/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which configurations a run may have: of stacks and ways to agree on keys, either what compose.c puts together of all tables, or
 * one of the rows here, which show what it does not: directions, several slots in a row, one creator for two.
 *
 * In a row $encrypt, $mac and $digest stand for any micro-protocol of that layer that this machine has and that needs no
 * more than a key (a digest: none).
 */
#include "sim.h"

#include <stdio.h>
#include <string.h>

#include "seccomm/plan.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

struct stack_row {
	const char *layers; /* those with a key use "data" */
	bool signs;	    /* needs identities */
};
struct key_row {
	const char *slots; /* the last one is "data" */
	bool alone;	   /* without identities */
	bool salted;	   /* without an exchange */
};

#define AES     "encrypt: {algorithm: aes-256-gcm, key: data}"
#define CHACHA  "encrypt: {algorithm: chacha20-poly1305, key: data}"
#define DES     "encrypt: {algorithm: des-cbc, key: data}"
#define MAC     "mac: {algorithm: hmac-sha-256, key: data}"
#define ANY     "encrypt: {algorithm: $encrypt, key: data}"
#define ANY_MAC "mac: {algorithm: $mac, key: data}"
#define UP(x)   "direction: c2s, algorithm: " x
#define DOWN(x) "direction: s2c, algorithm: " x

static const struct stack_row stacks[] = {
	{ "anti-replay: window, " AES },
	{ "anti-replay: {method: window, size: 64}, " CHACHA },
	{ "anti-replay: sequence, " AES },
	{ "anti-replay: window, sign: ed25519, " AES, .signs = true },
	{ "anti-replay: sequence, " DES ", " MAC },
	{ "anti-replay: window, " MAC },
	{ "anti-replay: window, sign: {" UP("ed25519") "}, encrypt: {" UP("aes-256-gcm") ", key: data}, encrypt: {" DOWN(
	      "chacha20-poly1305") ", key: data}",
	    .signs = true },
	{ "anti-replay: timestamp, " AES },
	{ "anti-replay: timestamp, anti-replay: sequence, " MAC },
	{ "anti-replay: timestamp, digest: sha-256, sign: ed25519", .signs = true },
	{ "digest: sha-1, " DES ", " MAC },
	{ CHACHA },
	{ "anti-replay: window, " DES ", " CHACHA ", " AES },
	{ "anti-replay: window, " ANY ", " AES },
	{ "anti-replay: window, digest: $digest, " ANY ", " ANY_MAC ", " AES },
	{ "anti-replay: sequence, " ANY ", " ANY ", " MAC },
	{ "anti-replay: timestamp, digest: $digest, " ANY_MAC ", sign: ed25519", .signs = true },
};

#define OUTER  "outer: {establish: dh, protect: [sign: ed25519]}, "
#define OFFICE "office: {establish: psk, secret: shared}, "
#define SIGNED "office: {establish: psk, secret: shared, protect: [sign: ed25519]}, "
#define HIDDEN "protect: [encrypt: {algorithm: aes-256-gcm, key: outer}]"

static const struct key_row keys[] = {
	{ "data: {establish: dh, protect: [sign: ed25519]}", 0 },
	{ OUTER "data: {establish: both, protect: [encrypt: {algorithm: $encrypt, key: outer}, mac: {algorithm: $mac, key: outer}]}", 0 },
	{ "data: {establish: psk, secret: shared}", .alone = true },
	{ "data: {establish: psk, secret: shared, protect: [sign: ed25519]}", 0 },
	{ OUTER "data: {establish: client-creates, " HIDDEN "}", 0 },
	{ OUTER "data: {establish: server-creates, " HIDDEN "}", 0 },
	{ OUTER "data: {establish: both, creation: 1, " HIDDEN "}", 0 },
	{ OFFICE "data: {establish: dh, protect: [mac: {algorithm: hmac-sha-256, key: office}]}", .alone = true },
	{ SIGNED "data: {establish: dh, protect: [sign: ed25519, encrypt: {algorithm: aes-256-gcm, key: office}]}", 0 },
	{ "data: {establish: none, secret: shared}", .alone = true, .salted = true },
	{ OUTER "inner: {establish: both, " HIDDEN "}, data: {establish: dh, protect: [sign: ed25519, mac: {algorithm: "
		"hmac-sha-256, key: inner}]}",
	    0 },
	{ "outer: {establish: dh, create: {method: chain, secret: shared}, protect: [sign: ed25519]}, data: {establish: both, "
	  "create: chain, " HIDDEN "}",
	    0 },
	{ "outer: {establish: dh, create: {method: seeded, seed: 1}, protect: [sign: ed25519]}, data: {establish: "
	  "server-creates, create: {method: passphrase, secret: shared}, " HIDDEN "}",
	    0 },
};

/* ---- Plans -------------------------------------------------------------------------------------------------------- */

/* When an end asks for new keys by itself: often, so that a short run has several epochs. */
static void draw_timing(struct sim *sim, bool renews, char *out, size_t room)
{
	static const char *const idle[] = { "never", "180s", "30s", "8s" }, *const alive[] = { "never", "never", "25s", "2s" };
	const uint64_t least = sim->link == SECCOMM_DATAGRAM ? 30 : 1; /* the keys before must have retired */
	uint64_t after = sim_draw(sim, 3) == 0 ? 0 : sim_between(sim, least, sim_draw(sim, 2) == 0 ? least + 4 : least + 59);
	uint64_t messages = sim_draw(sim, 2) == 0 ? 0 : sim_between(sim, 1, 40);
	uint64_t bytes = sim_draw(sim, 3) != 0 ? 0 : sim_between(sim, 1, 20000);
	size_t n = 0;

	if (!renews)
		after = messages = bytes = 0;
	if (after + messages + bytes == 0)
		n += (size_t)snprintf(out, room, "    rekey: never\n");
	else
		n += (size_t)snprintf(out, room, "    rekey: {after: %s", after == 0 ? "never" : "");
	if (after > 0)
		n += (size_t)snprintf(out + n, room - n, "%us", (unsigned)after);
	if (messages > 0)
		n += (size_t)snprintf(out + n, room - n, ", messages: %u", (unsigned)messages);
	if (bytes > 0)
		n += (size_t)snprintf(out + n, room - n, ", bytes: %u", (unsigned)bytes);
	if (after + messages + bytes > 0)
		n += (size_t)snprintf(out + n, room - n, "}\n");
	if (sim->link == SECCOMM_DATAGRAM)
		snprintf(out + n, room - n, "    idle: %s\n    keepalive: %s\n",
		    idle[sim->network.gentle ? 0 : sim_draw(sim, COUNT(idle))], alive[sim_draw(sim, COUNT(alive))]);
}

static bool make_plan(struct sim *sim, const struct text *layers, const struct keys *slots, unsigned role, struct seccomm_plan **out)
{
	static const char *const listen[] = { "tcp:127.0.0.1:1", "\"memory-datagram:\"" };
	char text[4 * TEXT_ROOM], timing[256];
	struct seccomm_error error = { 0 };
	int length;

	draw_timing(sim, !slots->salted, timing, sizeof(timing));
	length = snprintf(text, sizeof(text),
	    "seccomm: 1\nsessions:\n  s:\n    role: %s\n    profile: lab\n    listen: %s\n    connect: %s\n%s%s"
	    "    stack: [%s]\n    keys: {%s}\n%s",
	    role == CLIENT ? "client" : "server", listen[sim->link], listen[sim->link], slots->alone ? "" : "    identity: self\n",
	    slots->alone	   ? ""
	    : role == CLIENT ? "    peers: [server]\n"
			     : "    peers: [\"client-*\"]\n",
	    layers->at, slots->slots.at, timing);
	if (seccomm_plan_read(sim->people->library, "simulation", text, (size_t)length, NULL, out, &error) == SECCOMM_OK)
		return true;
	return sim_fail(sim, "%s %s (%s)\n%s", error.place, error.text, error.remedy, text);
}

/* ---- Words that are drawn ------------------------------------------------------------------------------------------ */

/* A word for LAYER that can be used with nothing but a key, or, for a digest, with nothing at all. */
static const char *draw_word(struct sim *sim, const char *layer)
{
	const struct roll *roll = &sim->people->roll;
	const char *words[TABLES_MAX] = { NULL };
	size_t fit = 0;

	for (size_t i = 0; i < roll->count; i++) {
		const struct seccomm_mp *mp = roll->tables[i];

		if (strcmp(mp->layer, layer) == 0 && !compose_needs(mp, NULL) && (mp->key_bytes > 0) == (strcmp(layer, "digest") != 0))
			words[fit++] = mp->word;
	}
	return words[sim_draw(sim, fit)];
}

/* Copies ROW with a word for each $name. */
static void fill_in(struct sim *sim, const char *row, struct text *out)
{
	while (*row && out->used + 1 < sizeof(out->at)) {
		const size_t length = *row == '$' ? 1 + strspn(row + 1, "abcdefghijklmnopqrstuvwxyz") : 1;
		char name[16];

		if (length == 1) {
			out->at[out->used++] = *row++;
			continue;
		}
		snprintf(name, sizeof(name), "%.*s", (int)(length - 1), row + 1);
		out->used += (size_t)snprintf(out->at + out->used, sizeof(out->at) - out->used, "%s", draw_word(sim, name));
		row += length;
	}
	out->at[out->used] = '\0';
}

static void draw_layers(struct sim *sim, const struct wants *wants, struct text *out)
{
	const struct stack_row *row;

	if (wants->turn != NULL || sim_chance(sim, 60)) {
		compose_layers(sim, wants, "data", out);
		return;
	}
	do
		row = &stacks[sim_draw(sim, COUNT(stacks))];
	while (wants->alone && row->signs);
	fill_in(sim, row->layers, out);
}

static void draw_keys(struct sim *sim, const struct wants *wants, bool salted, struct keys *out)
{
	const struct key_row *row;

	out->alone = wants->alone;
	if (wants->turn != NULL || sim_chance(sim, 60)) {
		out->salted = wants->turn != NULL && wants->turn->salted;
		compose_keys(sim, wants, &out->slots);
		return;
	}
	do
		row = &keys[sim_draw(sim, COUNT(keys))];
	while (row->alone != wants->alone || (row->salted && !salted));
	out->salted = row->salted;
	fill_in(sim, row->slots, &out->slots);
}

/* ---- What they promise --------------------------------------------------------------------------------------------- */

/* The layers of PLAN that run in direction WAY. */
static struct stack way_of(const struct seccomm_plan *plan, enum seccomm_direction way)
{
	size_t count, n = 0;
	const struct plan_layer *layers = seccomm_plan_stack_layers(plan, &count);
	struct stack stack = { { NULL } };

	for (size_t i = 0; i < count && n < STACK_MAX; i++)
		if (layers[i].image->direction == SECCOMM_BOTH || layers[i].image->direction == way)
			stack.mp[n++] = layers[i].mp;
	return stack;
}

/* What judges freshness without the message's number looks at a clock. */
static bool is_timed(const struct seccomm_mp *mp)
{
	return mp->class_of == SECCOMM_REPLAY && !mp->counts;
}

static bool keys_are_timed(const struct seccomm_plan *plan)
{
	size_t slots;
	const struct plan_slot *slot = seccomm_plan_slots(plan, &slots);
	bool timed = false;

	for (size_t i = 0; i < slots; i++)
		for (size_t n = 0; n < slot[i].protect_count; n++)
			timed |= is_timed(slot[i].protect[n].mp);
	return timed;
}

/* By every plan of the run in every direction. */
static void read_promises(struct sim *sim)
{
	const struct seccomm_plan *plans[] = { sim->plan[SERVER], sim->other[SERVER] };

	sim->timed = keys_are_timed(plans[0]) || keys_are_timed(plans[1]);
	sim->fresh = sim->ordered = true;
	sim->max_message = MESSAGE_MAX;
	for (size_t i = 0; i < COUNT(plans); i++) {
		sim->max_message = seccomm_plan_max_message(plans[i]) < sim->max_message ? seccomm_plan_max_message(plans[i]) : sim->max_message;
		for (enum seccomm_direction way = SECCOMM_C2S; way <= SECCOMM_S2C; way++) {
			const struct stack stack = way_of(plans[i], way);
			bool ordered = false;

			sim->fresh &= hold_promised(&stack, SECCOMM_GIVES_FRESHNESS);
			for (size_t n = 0; stack.mp[n]; n++) {
				ordered |= stack.mp[n]->ordered;
				sim->timed |= is_timed(stack.mp[n]);
				sim->pads |= compose_needs(stack.mp[n], "pad");
				sim->covers |= compose_needs(stack.mp[n], "cover");
			}
			sim->ordered &= ordered;
		}
	}
}

static bool layer_needs(const struct plan_layer *layers, size_t count, const char *algorithm)
{
	for (size_t i = 0; i < count; i++)
		if (seccomm_mp_pairs(layers[i].mp) && strcmp(layers[i].mp->algorithm, algorithm) == 0)
			return true;
	return false;
}

static bool plan_needs(const struct seccomm_plan *plan, const char *algorithm)
{
	size_t layers, slots;
	const struct plan_layer *stack = seccomm_plan_stack_layers(plan, &layers);
	const struct plan_slot *slot = seccomm_plan_slots(plan, &slots);
	bool needs = layer_needs(stack, layers, algorithm);

	for (size_t i = 0; i < slots && !needs; i++) {
		const char *kem = seccomm_slot_kem(&slot[i]);

		needs = layer_needs(slot[i].protect, slot[i].protect_count, algorithm) || (kem != NULL && strcmp(kem, algorithm) == 0);
	}
	return needs;
}

bool sim_needs(const struct sim *sim, const char *algorithm)
{
	return plan_needs(sim->plan[SERVER], algorithm) || plan_needs(sim->other[SERVER], algorithm);
}

/* ---- All of it ----------------------------------------------------------------------------------------------------- */

/* The table by turn belongs into the stack or among the keys. */
static void draw(struct sim *sim)
{
	const struct seccomm_mp *turn = roll_turn(&sim->people->roll, sim->seed);
	const bool lane = turn != NULL && turn->cactus.down != NULL, pairs = turn != NULL && seccomm_mp_pairs(turn);
	const bool salted = turn != NULL && turn->salted, alone = salted || (!pairs && sim_draw(sim, 4) == 0);
	const bool pad = turn != NULL && compose_needs(turn, "pad");
	struct wants layers = { .turn = lane ? turn : NULL, .alone = alone, .covers = true };
	struct wants slots = { .turn = lane ? NULL : turn, .alone = alone };

	sim->slow = turn != NULL && roll_rare(turn);
	for (unsigned i = 0; i < 2; i++) {
		draw_keys(sim, &slots, i == 0 && !pad, &sim->keys[i]);
		layers.pads = sim->clients == 1 && !sim->keys[0].salted;
		draw_layers(sim, &layers, &sim->layers[i]);
		layers.turn = slots.turn = NULL;
	}
}

bool sim_plans(struct sim *sim)
{
	sim->cover_bytes = 15 + 128 * (size_t)sim_between(sim, 60, 200);
	draw(sim);
	sim_say(sim, "%s over %s", sim->layers[0].at, sim->keys[0].slots.at);
	sim_say(sim, "or %s over %s", sim->layers[1].at, sim->keys[1].slots.at);
	for (unsigned role = CLIENT; role <= SERVER; role++)
		if (!make_plan(sim, &sim->layers[0], &sim->keys[0], role, &sim->plan[role]) ||
		    !make_plan(sim, &sim->layers[1], &sim->keys[1], role, &sim->other[role]))
			return false;
	read_promises(sim);
	return true;
}
