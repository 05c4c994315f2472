/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which configurations a run may have: every stack with every way to agree on its keys.  To add one, add a row.
 *
 * In a row $encrypt, $mac and $digest stand for any micro-protocol of that layer that this machine has and that needs no
 * more than a key, $group for any group of establish:dh: so that the next one is drawn as soon as it is listed.
 */
#include "sim.h"

#include <stdio.h>
#include <string.h>

#include "crypto/bech32m.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#define AES     "encrypt: {algorithm: aes-256-gcm, key: data}"
#define CHACHA  "encrypt: {algorithm: chacha20-poly1305, key: data}"
#define DES     "encrypt: {algorithm: des-cbc, key: data}"
#define MAC     "mac: {algorithm: hmac-sha-256, key: data}"
#define ANY     "encrypt: {algorithm: $encrypt, key: data}"
#define ANY_MAC "mac: {algorithm: $mac, key: data}"
#define UP(x)   "direction: c2s, algorithm: " x
#define DOWN(x) "direction: s2c, algorithm: " x

static const struct stack stacks[] = {
	{ "anti-replay: window, " AES, .fresh = true },
	{ "anti-replay: {method: window, size: 64}, " CHACHA, .fresh = true },
	{ "anti-replay: sequence, " AES, .fresh = true, .ordered = true },
	{ "anti-replay: window, sign: ed25519, " AES, .fresh = true, .signs = true },
	{ "anti-replay: sequence, " DES ", " MAC, .fresh = true, .ordered = true },
	{ "anti-replay: window, " MAC, .fresh = true },
	{ "anti-replay: window, sign: {" UP("ed25519") "}, encrypt: {" UP("aes-256-gcm") ", key: data}, encrypt: {" DOWN(
	      "chacha20-poly1305") ", key: data}",
	    .fresh = true, .signs = true },
	{ "anti-replay: timestamp, " AES, .fresh = true, .timed = true },
	{ "anti-replay: timestamp, anti-replay: sequence, " MAC, .fresh = true, .ordered = true, .timed = true },
	{ "anti-replay: timestamp, digest: sha-256, sign: ed25519", .fresh = true, .timed = true, .signs = true },
	{ "digest: sha-1, " DES ", " MAC, 0 },
	{ CHACHA, 0 },
	{ "anti-replay: window, " DES ", " CHACHA ", " AES, .fresh = true },
	{ "anti-replay: window, " ANY ", " AES, .fresh = true },
	{ "anti-replay: window, digest: $digest, " ANY ", " ANY_MAC ", " AES, .fresh = true },
	{ "anti-replay: sequence, " ANY ", " ANY ", " MAC, .fresh = true, .ordered = true },
	{ "anti-replay: timestamp, digest: $digest, " ANY_MAC ", sign: ed25519", .fresh = true, .timed = true, .signs = true },
};

#define OUTER  "outer: {establish: dh, protect: [sign: ed25519]}, "
#define OFFICE "office: {establish: psk, secret: shared}, "
#define SIGNED "office: {establish: psk, secret: shared, protect: [sign: ed25519]}, "
#define HIDDEN "protect: [encrypt: {algorithm: aes-256-gcm, key: outer}]"

static const struct keys keys[] = {
	{ "data: {establish: dh, protect: [sign: ed25519]}", 0 },
	{ "data: {establish: {method: dh, group: $group}, protect: [sign: ed25519]}", 0 },
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

/* ---- Who ---------------------------------------------------------------------------------------------------------- */

static bool make_keys(struct seccomm *library, unsigned n, char secret[SECCOMM_KEY_TEXT_MAX], char open[SECCOMM_KEY_TEXT_MAX])
{
	uint8_t bytes[1 + 32] = { 1 };

	memset(bytes + 1, (int)(16 + n), 32);
	return bech32m_write("scs", bytes, sizeof(bytes), secret) == BECH32M_OK &&
	       seccomm_key_public(library, secret, open, SECCOMM_KEY_TEXT_MAX) == SECCOMM_OK;
}

bool people_make(struct people *people, struct seccomm *library)
{
	char secret[SECCOMM_KEY_TEXT_MAX], server[SECCOMM_KEY_TEXT_MAX], open[SECCOMM_KEY_TEXT_MAX], name[16];
	bool fine;

	*people = (struct people){ .library = library, .server = seccomm_keyring_new(library) };
	fine = people->server != NULL && make_keys(library, 0, secret, server) &&
	       seccomm_keyring_identity(people->server, "self", secret, NULL) == SECCOMM_OK &&
	       seccomm_keyring_psk(people->server, "shared", psk_secret, NULL) == SECCOMM_OK;
	for (unsigned n = 0; n < CLIENTS_MAX && fine; n++) {
		struct seccomm_keyring *own = people->client[n] = seccomm_keyring_new(library);

		snprintf(name, sizeof(name), "client-%u", n + 1);
		fine = own != NULL && make_keys(library, n + 1, secret, open) &&
		       seccomm_keyring_identity(own, "self", secret, NULL) == SECCOMM_OK &&
		       seccomm_keyring_psk(own, "shared", psk_secret, NULL) == SECCOMM_OK &&
		       seccomm_keyring_peer(own, "server", server, NULL) == SECCOMM_OK &&
		       seccomm_keyring_peer(people->server, name, open, NULL) == SECCOMM_OK;
	}
	return fine;
}

void people_drop(struct people *people)
{
	seccomm_keyring_free(people->server);
	for (unsigned n = 0; n < CLIENTS_MAX; n++)
		seccomm_keyring_free(people->client[n]);
}

/* ---- Plans -------------------------------------------------------------------------------------------------------- */

/* When an end asks for new keys by itself: often, so that a short run has several epochs. */
static void draw_timing(struct sim *sim, bool renews, char *out, size_t room)
{
	static const char *const idle[] = { "never", "180s", "30s", "8s" }, *const alive[] = { "never", "never", "25s", "2s" };
	uint64_t after = sim_draw(sim, 3) == 0 ? 0 : sim_between(sim, 1, sim_draw(sim, 2) == 0 ? 5 : 60);
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

static bool make_plan(struct sim *sim, const struct words *words, const struct keys *slots, unsigned role, struct seccomm_plan **out)
{
	static const char *const listen[] = { "tcp:127.0.0.1:1", "\"memory-datagram:\"" };
	char text[2048], timing[256];
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
	    words->layers, words->slots, timing);
	if (seccomm_plan_read(sim->people->library, "simulation", text, (size_t)length, NULL, out, &error) == SECCOMM_OK)
		return true;
	return sim_fail(sim, "%s %s (%s)\n%s", error.place, error.text, error.remedy, text);
}

/* ---- Words that are drawn ------------------------------------------------------------------------------------------ */

static const struct cactus_param no_params[] = { { 0 } };

/* A word for LAYER that can be used with nothing but a key, or nothing at all. */
static const char *draw_word(struct sim *sim, const char *layer)
{
	size_t count, fit = 0;
	const struct seccomm_mp *const *all = seccomm_micro_protocols(sim->people->library, &count);
	const char *words[128] = { NULL };

	for (size_t i = 0; i < count && fit < COUNT(words); i++) {
		const struct cactus_param *p = all[i]->cactus.params ? all[i]->cactus.params : no_params;

		while (p->name && !p->required)
			p++;
		if (strcmp(all[i]->layer, layer) == 0 && !p->name && (all[i]->key_bytes > 0 || strcmp(layer, "digest") == 0) &&
		    !seccomm_mp_unavailable(sim->people->library, all[i]))
			words[fit++] = all[i]->word;
	}
	return words[sim_draw(sim, fit)];
}

static const char *draw_group(struct sim *sim)
{
	const struct seccomm_mp *dh = seccomm_micro_protocol(sim->people->library, "establish", "dh");
	const struct cactus_param *p = dh->cactus.params;
	uint64_t words = 0;

	while (strcmp(p->name, "group") != 0)
		p++;
	while (p->words[words])
		words++;
	return p->words[sim_draw(sim, words)];
}

/* Copies ROW with a word for each $name. */
static const char *filled_in(struct sim *sim, const char *row, char out[WORDS_ROOM])
{
	size_t n = 0;

	while (*row && n + 1 < WORDS_ROOM) {
		const size_t length = *row == '$' ? 1 + strspn(row + 1, "abcdefghijklmnopqrstuvwxyz") : 1;
		char name[16];

		if (length == 1) {
			out[n++] = *row++;
			continue;
		}
		snprintf(name, sizeof(name), "%.*s", (int)(length - 1), row + 1);
		n += (size_t)snprintf(out + n, WORDS_ROOM - n, "%s",
		    strcmp(name, "group") == 0 ? draw_group(sim) : draw_word(sim, name));
		row += length;
	}
	out[n < WORDS_ROOM ? n : WORDS_ROOM - 1] = '\0';
	return out;
}

static const struct stack *draw_stack(struct sim *sim, bool alone)
{
	const struct stack *stack;

	do
		stack = &stacks[sim_draw(sim, COUNT(stacks))];
	while (alone && stack->signs);
	return stack;
}

static const struct keys *draw_keys(struct sim *sim, bool alone, bool salted)
{
	const struct keys *drawn;

	do
		drawn = &keys[sim_draw(sim, COUNT(keys))];
	while (drawn->alone != alone || (drawn->salted && !salted));
	return drawn;
}

bool sim_plans(struct sim *sim)
{
	bool alone = sim_draw(sim, 4) == 0;
	const struct stack *other = draw_stack(sim, alone);
	const struct keys *other_keys = draw_keys(sim, alone, false);

	sim->stack = draw_stack(sim, alone);
	sim->keys = draw_keys(sim, alone, true);
	for (unsigned i = 0; i < 2; i++) {
		filled_in(sim, (i == 0 ? sim->stack : other)->layers, sim->words[i].layers);
		filled_in(sim, (i == 0 ? sim->keys : other_keys)->slots, sim->words[i].slots);
	}
	sim->fresh = sim->stack->fresh && other->fresh;
	sim->ordered = sim->stack->ordered && other->ordered;
	sim->timed = sim->stack->timed || other->timed;
	sim_say(sim, "%s over %s", sim->words[0].layers, sim->words[0].slots);
	sim_say(sim, "or %s over %s", sim->words[1].layers, sim->words[1].slots);
	for (unsigned role = CLIENT; role <= SERVER; role++)
		if (!make_plan(sim, &sim->words[0], sim->keys, role, &sim->plan[role]) ||
		    !make_plan(sim, &sim->words[1], other_keys, role, &sim->other[role]))
			return false;
	return true;
}
