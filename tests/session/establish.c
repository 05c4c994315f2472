/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: every way to a key opens sessions and renews their keys, alone and one behind the other, also when datagrams are lost;
 * a share that no honest end sends is refused; and no key stays where it was made.
 */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "seccomm/exchange.h"

enum { PART = 32, TEXT = 8192, FRAMES_MAX = 64 };

static const enum seccomm_link links[] = { SECCOMM_STREAM, SECCOMM_DATAGRAM };

struct way {
	const char *keys; /* of a configuration; the stack uses the one called data */
	bool alone;	  /* without identities: the holders of the secret are the principals */
};

#define OUTER  "      outer: {establish: dh, protect: [sign: ed25519]}\n"
#define MASTER "      master: {establish: psk, secret: shared}\n"

static const struct way ways[] = {
	{ OUTER "      data: {establish: client-creates, protect: [encrypt: aes-256-gcm]}\n", false },
	{ OUTER "      data: {establish: server-creates, creation: 1, protect: [encrypt: aes-256-gcm]}\n", false },
	{ OUTER "      data: {establish: both, protect: [encrypt: chacha20-poly1305]}\n", false },
	{ OUTER "      data: {establish: both, protect: [encrypt: des-cbc, sign: ed25519]}\n", false },
	{ MASTER "      data: {establish: dh, protect: [mac: hmac-sha-256]}\n", true },
	{ MASTER "      data: {establish: ClientKeyDistribution, protect: [DESPrivacy, KeyedSHAIntegrity]}\n", true },
	{ "      data: {establish: {method: dh, group: x448}, protect: [sign: ed25519]}\n", false },
	{ "      data: {establish: {method: dh, group: p-256}, protect: [sign: ed25519]}\n", false },
	{ OUTER "      data: {establish: {method: dh, group: ffdhe2048, secret: shared}, protect: [encrypt: aes-256-gcm]}\n", false },
	{ "      data: {establish: {method: dh, group: ffdhe3072}, protect: [sign: ed25519]}\n", false },
	{ MASTER "      data: {establish: {method: dh, secret: shared}, protect: [mac: hmac-sha-256]}\n", true },
	{ OUTER "      next: {establish: server-creates, protect: [encrypt: aes-256-gcm]}\n"
		"      more: {establish: psk, secret: shared, protect: [mac: {algorithm: hmac-sha-256, key: next}]}\n"
		"      data: {establish: both, protect: [encrypt: {algorithm: aes-256-gcm, key: more}]}\n", false },
};
enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

static void make(struct rig *rig, void **state, enum seccomm_link link, const struct way *way, bool lab)
{
	rig_make_keys(rig, *state, &(struct key_setup){ link, way->keys, way->alone, lab });
}

/* ---- Honest ends ------------------------------------------------------------------------------------------------ */

static void opens_and_renews(struct rig *rig, enum seccomm_link link)
{
	rig_open(rig);
	rig_talk(rig);
	for (unsigned n = 0; n < 4; n++) {
		assert_int_equal(seccomm_rekey(rig->end[n % 2].session), SECCOMM_OK);
		rig_pump(rig);
		rig_talk(rig);
		if (link == SECCOMM_DATAGRAM)
			rig_wait(rig, 31000000);
		assert_int_equal(rig->end[CLIENT].session->epoch->number, n + 2);
	}
	assert_int_equal(rig->end[CLIENT].alerts + rig->end[SERVER].alerts, 0);
}

static void each_way_opens_and_renews(void **state)
{
	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < WAYS; k++) {
			struct rig rig;

			make(&rig, state, links[i], &ways[k], false);
			opens_and_renews(&rig, links[i]);
			rig_drop(&rig);
		}
}

static void thirty_keys(void **state)
{
	char keys[TEXT];
	const struct way way = { keys, false };
	int used = snprintf(keys, sizeof(keys), "      k1: {establish: dh, protect: [sign: ed25519]}\n");

	for (unsigned n = 2; n <= 30; n++)
		used += snprintf(keys + used, sizeof(keys) - (size_t)used,
		    "      %s%.0u: {establish: %s, protect: [encrypt: {algorithm: aes-256-gcm, key: k%u}]}\n", n < 30 ? "k" : "data",
		    n < 30 ? n : 0, n % 2 ? "both" : "client-creates", n - 1);
	for (size_t i = 0; i < 2; i++) {
		struct rig rig;

		make(&rig, state, links[i], &way, false);
		opens_and_renews(&rig, links[i]);
		rig_drop(&rig);
	}
}

/* Loses the N-th datagram of an opening, whoever sent it; time mends it.  Answers how many there were. */
static unsigned opens_without(struct rig *rig, unsigned nth)
{
	unsigned count = 0;

	assert_int_equal(rig_start(rig), SECCOMM_OK);
	for (unsigned tries = 0; tries < 40 && (!rig->end[CLIENT].opened || !rig->end[SERVER].opened); tries++) {
		while (rig->end[CLIENT].sent.first || rig->end[SERVER].sent.first)
			for (unsigned n = CLIENT; n <= SERVER; n++)
				while (rig->end[n].sent.first) {
					if (count++ == nth)
						free(rig_take(rig, n));
					else
						rig_pass(rig, n);
				}
		rig_wait(rig, 250000);
	}
	assert_int_equal(rig->end[CLIENT].opened + rig->end[SERVER].opened, 2);
	rig_talk(rig);
	return count;
}

static unsigned keys_of(const struct way *way)
{
	unsigned count = 0;

	for (const char *at = way->keys; (at = strstr(at, "{establish:")); at++)
		count++;
	return count;
}

static void each_way_opens_when_datagrams_are_lost(void **state)
{
	for (size_t k = 0; k < WAYS; k++) {
		struct rig rig;
		unsigned count = 1;

		make(&rig, state, SECCOMM_DATAGRAM, &ways[k], false);
		for (unsigned nth = 0; nth < count; nth++) {
			count = opens_without(&rig, nth);
			assert_true(count < FRAMES_MAX);
			rig_shut(&rig);
		}
		assert_true(count >= 1 + 3 * keys_of(&ways[k])); /* three messages for each key, and DONE, at least */
		rig_drop(&rig);
	}
}

/* The group is the same, and yet only who has the secret as well confirms. */
static void another_secret_does_not_confirm(void **state)
{
	const struct way way = { "      data: {establish: {method: dh, secret: shared}, protect: [sign: ed25519]}\n", false };
	struct rig rig;

	make(&rig, state, SECCOMM_STREAM, &way, false);
	((struct psk *)(uintptr_t)keyring_psk(rig.end[SERVER].keyring, "shared"))->secret[0] ^= 1;
	assert_int_equal(rig_start(&rig), SECCOMM_OK);
	rig_pass(&rig, CLIENT);
	rig_pass(&rig, SERVER);
	rig_refused(&rig, CLIENT, SECCOMM_ALERT_UNCONFIRMED);
	rig_never_opened(&rig);
	rig_drop(&rig);
}

/* ---- Shares ----------------------------------------------------------------------------------------------------- */

static enum cactus_verdict ask(struct end *end, struct seccomm_exchange *x, unsigned step, const uint8_t *share, size_t length)
{
	struct cactus *cactus = end->session->exchange->epoch->cactus;

	x->step = step;
	x->peer_share = share;
	x->peer_length = length;
	return cactus_raise(cactus, cactus_event_named(cactus, "keyExchange_", 1), x);
}

/* Of all lengths only LENGTH is taken, and of that one not zeros. */
static void only(struct end *end, unsigned step, size_t length)
{
	static const uint8_t zero[2 * PART];
	uint8_t share[2 * PART], own[SECCOMM_SHARE_MAX];
	struct seccomm_exchange x = { .share = own };

	rig_fill(&end->rig->seed, share, sizeof(share));
	for (size_t n = 0; n <= sizeof(share); n++) {
		assert_int_equal(ask(end, &x, step, share, n), n == length ? CACTUS_NEXT : CACTUS_STOP);
		assert_int_equal(ask(end, &x, step, zero, n), n == length && n == 0 ? CACTUS_NEXT : CACTUS_STOP);
	}
}

/* The handlers alone, as the session asks them. */
static void judged(struct rig *rig, size_t from_client, size_t from_server)
{
	struct end *client = &rig->end[CLIENT], *server = &rig->end[SERVER];
	uint8_t answer[PART] = { 0 }, from_c[SECCOMM_SHARE_MAX], from_s[SECCOMM_SHARE_MAX];
	struct seccomm_exchange c = { .share = from_c }, s = { .share = from_s };

	assert_int_equal(ask(client, &c, SECCOMM_OFFER, NULL, 0), CACTUS_NEXT);
	assert_int_equal(c.share_length, 0);
	only(server, SECCOMM_ANSWER, 0);
	assert_int_equal(ask(server, &s, SECCOMM_ANSWER, NULL, 0), CACTUS_NEXT);
	assert_int_equal(s.share_length, from_server);
	memcpy(answer, s.share, from_server);
	only(client, SECCOMM_FINISH, from_server);
	assert_int_equal(ask(client, &c, SECCOMM_FINISH, answer, from_server), CACTUS_NEXT);
	assert_int_equal(c.share_length, from_client);
	assert_int_equal(c.late, from_client > 0);
	assert_int_equal(s.late, from_client > 0);
	if (s.late) {
		only(server, SECCOMM_CONCLUDE, PART);
		assert_int_equal(ask(server, &s, SECCOMM_CONCLUDE, c.share, c.share_length), CACTUS_NEXT);
	}
	assert_int_equal(c.secret_length, from_client + from_server);
	assert_int_equal(s.secret_length, c.secret_length);
	assert_memory_equal(c.secret, s.secret, c.secret_length);
	assert_memory_equal(c.secret, c.share, from_client);
	assert_memory_equal(c.secret + from_client, answer, from_server);
}

static const struct bare {
	const char *keys;
	size_t from_client, from_server;
} bare[] = {
	{ "      data: client-creates\n", PART, 0 },
	{ "      data: server-creates\n", 0, PART },
	{ "      data: both\n", PART, PART },
};

static void shares_are_judged(void **state)
{
	for (size_t k = 0; k < 3; k++) {
		struct rig rig;

		make(&rig, state, SECCOMM_STREAM, &(struct way){ bare[k].keys, false }, true);
		assert_int_equal(rig_start(&rig), SECCOMM_OK);
		judged(&rig, bare[k].from_client, bare[k].from_server);
		rig_drop(&rig);
	}
}

/* Sizes of what the client and the server send where the key is new each time. */
static const struct encapsulated {
	const char *mechanism;
	size_t from_client, from_server;
} encapsulated[] = { { "ml-kem-768", 1184, 1088 }, { "x25519-ml-kem-768", 1216, 1120 } };

/* LENGTH bytes of SHARE are refused, and as what no honest end sends. */
static void refuses(struct end *end, unsigned step, const uint8_t *share, size_t length)
{
	uint8_t own[SECCOMM_SHARE_MAX];
	struct seccomm_exchange x = { .share = own };

	assert_int_equal(ask(end, &x, step, share, length), CACTUS_STOP);
	assert_true(x.refused);
}

static void refuses_other_sizes(struct end *end, unsigned step, const uint8_t *share, size_t size)
{
	refuses(end, step, share, 0);
	refuses(end, step, share, 32);
	refuses(end, step, share, size - 1);
	refuses(end, step, share, size + 1);
}

static void encapsulation(struct rig *rig, const struct encapsulated *e)
{
	uint8_t from_c[SECCOMM_SHARE_MAX + 1] = { 0 }, from_s[SECCOMM_SHARE_MAX + 1] = { 0 };
	struct seccomm_exchange c = { .share = from_c }, s = { .share = from_s };
	struct end *client = &rig->end[CLIENT], *server = &rig->end[SERVER];

	assert_int_equal(ask(client, &c, SECCOMM_OFFER, NULL, 0), CACTUS_NEXT);
	assert_int_equal(c.share_length, e->from_client);
	refuses_other_sizes(server, SECCOMM_ANSWER, from_c, e->from_client);
	from_c[1] |= 0x0f; /* the first coefficient: its upper bits are here */
	from_c[0] = 0xff;
	refuses(server, SECCOMM_ANSWER, from_c, e->from_client);
	assert_int_equal(ask(client, &c, SECCOMM_OFFER, NULL, 0), CACTUS_NEXT);
	assert_int_equal(ask(server, &s, SECCOMM_ANSWER, from_c, e->from_client), CACTUS_NEXT);
	assert_int_equal(s.share_length, e->from_server);
	refuses_other_sizes(client, SECCOMM_FINISH, from_s, e->from_server);
	/* One changed on its way costs nothing, and its secret is nobody's: the true one can still come. */
	from_s[0] ^= 1;
	assert_int_equal(ask(client, &c, SECCOMM_FINISH, from_s, e->from_server), CACTUS_NEXT);
	assert_memory_not_equal(c.secret, s.secret, 32);
	from_s[0] ^= 1;
	assert_int_equal(ask(client, &c, SECCOMM_FINISH, from_s, e->from_server), CACTUS_NEXT);
	assert_int_equal(c.secret_length, s.secret_length);
	assert_memory_equal(c.secret, s.secret, c.secret_length);
}

static void encapsulated_shares_are_judged(void **state)
{
	for (size_t k = 0; k < sizeof(encapsulated) / sizeof(*encapsulated); k++) {
		const struct seccomm_mp *kem = seccomm_micro_protocol(*state, "establish", "kem");
		const char *why = seccomm_choice_unavailable(*state, kem, encapsulated[k].mechanism);
		struct way way = { .alone = false };
		char keys[128];
		struct rig rig;

		if (why != NULL) {
			print_message("# NOT RUN: %s: %s\n", encapsulated[k].mechanism, why);
			continue;
		}
		(void)snprintf(keys, sizeof(keys), "      data: {establish: {method: kem, mechanism: %s}, protect: [sign: ed25519]}\n",
		    encapsulated[k].mechanism);
		way.keys = keys;
		make(&rig, state, SECCOMM_STREAM, &way, false);
		assert_int_equal(rig_start(&rig), SECCOMM_OK);
		encapsulation(&rig, &encapsulated[k]);
		rig_drop(&rig);
	}
}

/* Where a share begins in the second and the third message. */
enum { M2_SHARE = 6 + 1 + 4 + 4 + 32 + 32 + 2, M3_SHARE = 6 + 1 + 4 + 2 };

/* In the lab, with nothing under the key, a share can be changed on its way: all zero it is refused as what it is. */
static void a_share_of_zeros_ends_the_opening(void **state)
{
	for (size_t k = 0; k < 3; k++)
		for (unsigned victim = CLIENT; victim <= SERVER; victim++) {
			struct rig rig;
			struct unit *unit;

			if (victim == CLIENT ? !bare[k].from_server : !bare[k].from_client)
				continue;
			make(&rig, state, SECCOMM_STREAM, &(struct way){ bare[k].keys, false }, true);
			assert_int_equal(rig_start(&rig), SECCOMM_OK);
			rig_pass(&rig, CLIENT);
			if (victim == SERVER)
				rig_pass(&rig, SERVER);
			unit = rig_take(&rig, !victim);
			memset(unit->bytes + (victim == CLIENT ? M2_SHARE : M3_SHARE), 0, PART);
			rig_give(&rig, victim, unit->bytes, unit->length);
			rig_refused(&rig, victim, SECCOMM_ALERT_BAD_SHARE);
			assert_int_equal(rig.end[CLIENT].opened + rig.end[SERVER].opened, 0);
			free(unit);
			rig_drop(&rig);
		}
}

/* No state of a micro-protocol holds 32 bytes that were drawn for the opening: neither a key nor a part of one. */
static void no_key_stays_where_it_was_made(void **state)
{
	for (size_t k = 0; k < WAYS; k++) {
		struct rig rig;

		make(&rig, state, SECCOMM_STREAM, &ways[k], false);
		rig_open(&rig);
		assert_true(rig.random_length > 2 * PART && rig.random_length < RANDOM_LOG);
		for (unsigned n = CLIENT; n <= SERVER; n++) {
			struct cactus *cactus = rig.end[n].session->epoch->cactus;

			for (size_t i = 0; i < cactus_state_count(cactus); i++) {
				const struct seccomm_self *self = cactus_state(cactus, i);

				for (size_t at = 0; at + PART <= rig.random_length; at++)
					assert_null(memmem(self, self->cactus.mp->size, rig.random + at, PART));
			}
		}
		rig_drop(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_way_opens_and_renews),
		cmocka_unit_test(thirty_keys),
		cmocka_unit_test(each_way_opens_when_datagrams_are_lost),
		cmocka_unit_test(another_secret_does_not_confirm),
		cmocka_unit_test(shares_are_judged), cmocka_unit_test(encapsulated_shares_are_judged),
		cmocka_unit_test(a_share_of_zeros_ends_the_opening),
		cmocka_unit_test(no_key_stays_where_it_was_made),
	};

	return cmocka_run_group_tests_name("ways to a key", tests, rig_library, rig_library_free);
}
