/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: every way to a key opens sessions and renews their keys, alone and one behind the other, also when datagrams are lost;
 * a share that no honest end sends is refused; no key stays where it was made; and the three attacks on Figure 7 of TR 99-08
 * (the client's own message as its acknowledgement, the messages of an old session, garbage in place of a key) fail.
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
/* As in the paper: one symmetric key in both directions. */
#define FIGURE_7 MASTER "      data: {establish: ClientKeyDistribution, protect: [DESPrivacy, KeyedSHAIntegrity]}\n"

static const struct way ways[] = {
	{ OUTER "      data: {establish: client-creates, protect: [encrypt: aes-256-gcm]}\n", false },
	{ OUTER "      data: {establish: server-creates, creation: 1, protect: [encrypt: aes-256-gcm]}\n", false },
	{ OUTER "      data: {establish: both, protect: [encrypt: chacha20-poly1305]}\n", false },
	{ OUTER "      data: {establish: both, protect: [encrypt: des-cbc, sign: ed25519]}\n", false },
	{ MASTER "      data: {establish: dh, protect: [mac: hmac-sha-256]}\n", true },
	{ FIGURE_7, true },
	{ OUTER "      next: {establish: server-creates, protect: [encrypt: aes-256-gcm]}\n"
		"      more: {establish: psk, secret: shared, protect: [mac: {algorithm: hmac-sha-256, key: next}]}\n"
		"      data: {establish: both, protect: [encrypt: {algorithm: aes-256-gcm, key: more}]}\n", false },
};
enum { WAYS = sizeof(ways) / sizeof(ways[0]) };
static const struct way figure_7 = { FIGURE_7, true };

static struct seccomm_plan *plan(struct rig *rig, unsigned n, enum seccomm_link link, const struct way *way, bool lab)
{
	const char *url = link == SECCOMM_STREAM ? "memory:" : "memory-datagram:";
	struct seccomm_plan *made;
	struct seccomm_error error = { 0 };
	char text[TEXT];

	(void)snprintf(text, sizeof(text),
	    "seccomm: 1\nsessions:\n  s:\n    role: %s\n    listen: '%s'\n    connect: '%s'\n%s%s    require: {confidentiality: "
	    "legacy, integrity: legacy, authenticity: legacy, freshness: legacy}\n    stack: 'anti-replay:window | "
	    "encrypt:aes-256-gcm,key=data'\n    keys:\n%s",
	    n == CLIENT ? "client" : "server", url, url, way->alone ? "" : "    identity: self\n    peers: [friend]\n",
	    lab ? "    profile: lab\n" : "", way->keys);
	if (seccomm_plan_read(rig->library, "keys", text, strlen(text), NULL, &made, &error) < 0)
		fail_msg("%s %s\n%s", error.place, error.text, text);
	return made;
}

static void make(struct rig *rig, void **state, enum seccomm_link link, const struct way *way, bool lab)
{
	rig_make(rig, *state, &(struct setup){ .link = link });
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		seccomm_plan_free(rig->end[n].plan);
		rig->end[n].plan = plan(rig, n, link, way, lab);
	}
}

static void pass_time(struct rig *rig, uint64_t us)
{
	rig->monotonic_us += us;
	for (unsigned n = CLIENT; n <= SERVER; n++)
		if (seccomm_deadline(rig->end[n].session) <= rig->monotonic_us)
			seccomm_run_due(rig->end[n].session);
}

static void talk(struct rig *rig)
{
	rig_push(rig, CLIENT, "question");
	rig_push(rig, SERVER, "answer");
	rig_pump(rig);
	rig_got(rig, SERVER, "question");
	rig_got(rig, CLIENT, "answer");
}

/* ---- Honest ends ------------------------------------------------------------------------------------------------ */

static void opens_and_renews(struct rig *rig, enum seccomm_link link)
{
	rig_open(rig);
	talk(rig);
	for (unsigned n = 0; n < 4; n++) {
		assert_int_equal(seccomm_rekey(rig->end[n % 2].session), SECCOMM_OK);
		rig_pump(rig);
		talk(rig);
		if (link == SECCOMM_DATAGRAM)
			pass_time(rig, 31000000);
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
		pass_time(rig, 250000);
	}
	assert_int_equal(rig->end[CLIENT].opened + rig->end[SERVER].opened, 2);
	talk(rig);
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
		assert_true(count >= 7); /* four messages for the first key, three for the second, at least */
		rig_drop(&rig);
	}
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
	uint8_t share[2 * PART];
	struct seccomm_exchange x = { 0 };

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
	struct seccomm_exchange c = { 0 }, s = { 0 };
	uint8_t answer[PART] = { 0 };

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

/* ---- Attacks on Figure 7 ---------------------------------------------------------------------------------------- */

/* Carries frames until the client has sent one more than COUNT, which is answered and not carried; NULL: it sends no more. */
static struct unit *client_frame(struct rig *rig, unsigned count)
{
	unsigned n = 0;

	for (;;) {
		while (rig->end[SERVER].sent.first)
			rig_pass(rig, SERVER);
		if (!rig->end[CLIENT].sent.first)
			return NULL;
		if (n++ == count)
			return rig_take(rig, CLIENT);
		rig_pass(rig, CLIENT);
	}
}

/* The client's message comes back to it in place of the server's: in Figure 7 that opens the session. */
static void figure_7_reflection(void **state)
{
	for (size_t i = 0; i < 2; i++) {
		struct rig rig;
		struct unit *unit;
		unsigned count = 0;

		make(&rig, state, links[i], &figure_7, false);
		for (assert_int_equal(rig_start(&rig), SECCOMM_OK); (unit = client_frame(&rig, count)); count++) {
			rig_give(&rig, CLIENT, unit->bytes, unit->length);
			unit->bytes[0] = 0x21; /* as CONTROL, where the last confirmation comes */
			rig_give(&rig, CLIENT, unit->bytes, unit->length);
			assert_int_equal(rig.end[CLIENT].opened, 0);
			assert_int_equal(rig.end[CLIENT].closed, links[i] == SECCOMM_STREAM);
			free(unit);
			rig_shut(&rig);
			assert_int_equal(rig_start(&rig), SECCOMM_OK);
		}
		assert_true(count >= 3);
		rig_drop(&rig);
	}
}

/* All that the client of an old session sent, to a new one: in Figure 7 the server takes the old key. */
static void figure_7_replay(void **state)
{
	for (size_t i = 0; i < 2; i++) {
		struct rig rig;
		struct unit *unit[FRAMES_MAX];
		unsigned count = 0;

		make(&rig, state, links[i], &figure_7, false);
		assert_int_equal(rig_start(&rig), SECCOMM_OK);
		while ((unit[count] = client_frame(&rig, 0))) {
			rig_give(&rig, SERVER, unit[count]->bytes, unit[count]->length);
			assert_true(++count < FRAMES_MAX);
		}
		talk(&rig);
		rig_shut(&rig);
		assert_int_equal(rig_start(&rig), SECCOMM_OK);
		for (unsigned n = 0; n < count; n++) {
			rig_give(&rig, SERVER, unit[n]->bytes, unit[n]->length);
			free(unit[n]);
		}
		assert_true(count >= 3);
		assert_int_equal(rig.end[SERVER].opened, 0);
		assert_false(seccomm_may_push(rig.end[SERVER].session));
		assert_true(rig.end[SERVER].alerts > 0);
		rig_drop(&rig);
	}
}

/* Junk of every length and kind in front of each message; in Figure 7 one such datagram blocks the distribution for good. */
static void junk(struct rig *rig, unsigned to, const struct unit *unit)
{
	uint8_t bytes[1024];

	assert_true(unit->length < sizeof(bytes));
	for (size_t n = 1; n <= unit->length; n += 7) {
		rig_fill(&rig->seed, bytes, n);
		rig_give(rig, to, bytes, n);
		memcpy(bytes, unit->bytes, n < 6 ? n : 6); /* the very header that is expected now */
		rig_give(rig, to, bytes, n);
		memcpy(bytes, unit->bytes, unit->length);
		bytes[n - 1] ^= 0x10;
		rig_give(rig, to, bytes, unit->length);
	}
}

static void figure_7_garbage_does_not_lock_out(void **state)
{
	struct rig rig;
	unsigned count = 0;

	make(&rig, state, SECCOMM_DATAGRAM, &figure_7, false);
	assert_int_equal(rig_start(&rig), SECCOMM_OK);
	while (rig.end[CLIENT].sent.first || rig.end[SERVER].sent.first)
		for (unsigned n = CLIENT; n <= SERVER; n++)
			while (rig.end[n].sent.first) {
				/* The first OPEN makes the session; before it there is none that could be locked. */
				if (count++ > 0)
					junk(&rig, !n, rig.end[n].sent.first);
				rig_pass(&rig, n);
			}
	assert_true(count >= 7);
	assert_int_equal(rig.end[CLIENT].opened + rig.end[SERVER].opened, 2);
	talk(&rig);
	rig_drop(&rig);
	/* On a stream garbage ends the connection, and the next one is as good as ever. */
	make(&rig, state, SECCOMM_STREAM, &figure_7, false);
	assert_int_equal(rig_start(&rig), SECCOMM_OK);
	junk(&rig, SERVER, rig.end[CLIENT].sent.first);
	assert_int_equal(rig.end[SERVER].closed, 1);
	rig_shut(&rig);
	rig_open(&rig);
	talk(&rig);
	rig_drop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_way_opens_and_renews),
		cmocka_unit_test(thirty_keys),
		cmocka_unit_test(each_way_opens_when_datagrams_are_lost),
		cmocka_unit_test(shares_are_judged),
		cmocka_unit_test(a_share_of_zeros_ends_the_opening),
		cmocka_unit_test(no_key_stays_where_it_was_made),
		cmocka_unit_test(figure_7_reflection),
		cmocka_unit_test(figure_7_replay),
		cmocka_unit_test(figure_7_garbage_does_not_lock_out),
	};

	return cmocka_run_group_tests_name("ways to a key", tests, rig_library, rig_library_free);
}
