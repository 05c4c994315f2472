/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: every micro-protocol that establishes a key, in every group that it knows, with and without a predefined secret, opens
 * sessions and renews their keys over a network that loses 30 of 100 datagrams, doubles 20 and brings them in any order.
 *
 * The list of ways is made from the tables, so that a new group is here by itself; loss and order are drawn from a seed.
 */
#include "../rsa_key.h"
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "seccomm/library.h"
#include "seccomm/plan.h"
#include "seccomm/session.h"

enum { TEXT = 8192, SEEDS = 5, KEYS = 512, FLYING = 512, STEP_US = 10000, LATEST_US = 300000, PATIENCE = 12000, LOST = 30, DOUBLED = 20 };

/* ---- The network ------------------------------------------------------------------------------------------------ */

struct datagram {
	uint64_t arrives_us;
	unsigned to;
	struct unit *unit;
};
struct network {
	struct rig *rig;
	uint64_t seed;
	struct datagram flying[FLYING];
	unsigned lost, doubled, overtaken;
};

static uint64_t draw(struct network *n, uint64_t below) { return rig_random(&n->seed) % below; }

static void launch(struct network *n, unsigned to, const struct unit *unit)
{
	struct datagram *free_one = n->flying;

	while (free_one->unit != NULL)
		assert_true(++free_one < n->flying + FLYING);
	free_one->unit = malloc(sizeof(*unit) + unit->length);
	assert_non_null(free_one->unit);
	memcpy(free_one->unit, unit, sizeof(*unit) + unit->length);
	free_one->to = to;
	free_one->arrives_us = n->rig->monotonic_us + draw(n, LATEST_US);
	for (const struct datagram *d = n->flying; d < n->flying + FLYING; d++)
		n->overtaken += d->unit != NULL && d->to == to && d->arrives_us > free_one->arrives_us;
}

static void send_all(struct network *n)
{
	for (unsigned from = CLIENT; from <= SERVER; from++)
		for (struct unit *unit; (unit = units_take(&n->rig->end[from].sent)) != NULL; free(unit)) {
			const bool lost = draw(n, 100) < LOST, doubled = draw(n, 100) < DOUBLED;

			n->lost += lost;
			n->doubled += doubled;
			for (unsigned copies = lost ? 0 : doubled ? 2 : 1; copies > 0; copies--)
				launch(n, !from, unit);
		}
}

static void arrive(struct network *n)
{
	for (struct datagram *d = n->flying; d < n->flying + FLYING; d++)
		if (d->unit != NULL && d->arrives_us <= n->rig->monotonic_us) {
			rig_give(n->rig, d->to, d->unit->bytes, d->unit->length);
			free(d->unit);
			d->unit = NULL;
		}
}

static void empty(struct network *n)
{
	for (struct datagram *d = n->flying; d < n->flying + FLYING; d++) {
		free(d->unit);
		d->unit = NULL;
	}
}

/* Until both ends are open and send in epoch NUMBER. */
static bool comes_to(struct network *n, uint64_t number)
{
	const struct end *end = n->rig->end;

	for (unsigned step = 0; step < PATIENCE; step++) {
		if (end[CLIENT].opened && end[SERVER].opened && end[CLIENT].session->epoch->number == number &&
		    end[SERVER].session->epoch->number == number)
			return true;
		send_all(n);
		rig_wait(n->rig, STEP_US);
		arrive(n);
	}
	return false;
}

/* ---- The ways --------------------------------------------------------------------------------------------------- */

struct way {
	char keys[KEYS];
	bool alone;
};

static const struct cactus_param *param(const struct seccomm_mp *mp, const char *name)
{
	const struct cactus_param *p = mp->cactus.params;

	while (p != NULL && p->name != NULL && strcmp(p->name, name) != 0)
		p++;
	return p != NULL && p->name != NULL ? p : NULL;
}

/* The parameter that names a group; NULL: MP has none. */
static const struct cactus_param *choice(const struct seccomm_mp *mp)
{
	const struct cactus_param *p = mp->cactus.params;

	while (mp->choice.size != 0 && p->at.offset != mp->choice.offset)
		p++;
	return mp->choice.size != 0 ? p : NULL;
}

/* What travels in a share must be encrypted, with a key that was there before. */
static void write_way(struct way *way, const struct seccomm_mp *mp, const char *group, bool secret)
{
	const struct cactus_param *words = choice(mp);

	way->alone = false;
	snprintf(way->keys, KEYS, "%s      data: {establish: {method: %s%s%s%s%s%s}, protect: [%s]}\n",
	    mp->wraps ? "      outer: {establish: dh, protect: [sign: ed25519]}\n" : "", mp->word, group ? ", " : "",
	    group ? words->name : "", group ? ": " : "", group ? group : "", secret ? ", secret: shared" : "",
	    mp->wraps ? "encrypt: {algorithm: aes-256-gcm, key: outer}" : "sign: ed25519");
}

/* Encapsulation needs a long-term key of its own kind; one serves both ends, so that none need be made. */
static void take_keys(struct rig *rig)
{
	static const char own[] = RSA_SECRET("RSA-KEM"), known[] = RSA_PUBLIC("RSA-KEM");

	for (unsigned n = CLIENT; n <= SERVER; n++) {
		struct seccomm_keyring *keyring = seccomm_keyring_new(rig->library);
		char text[TEXT], other[TEXT];
		struct seccomm_error error = { 0 };

		assert_non_null(keyring);
		(void)snprintf(text, TEXT, "%s\n%s", n == CLIENT ? client_secret : server_secret, own);
		(void)snprintf(other, TEXT, "%s\n%s", n == CLIENT ? server_public : client_public, known);
		if (seccomm_keyring_identity(keyring, "self", text, &error) < 0 ||
		    seccomm_keyring_peer(keyring, "friend", other, &error) < 0 ||
		    seccomm_keyring_psk(keyring, "shared", psk_secret, &error) < 0)
			fail_msg("%s", error.text);
		seccomm_keyring_free(rig->end[n].keyring);
		rig->end[n].keyring = keyring;
	}
}

static void tries(void **state, const struct way *way, uint64_t seed)
{
	struct network *n = calloc(1, sizeof(*n));
	struct rig rig;

	assert_non_null(n);
	rig_make_keys(&rig, *state, &(struct key_setup){ SECCOMM_DATAGRAM, way->keys, way->alone, false });
	take_keys(&rig);
	n->rig = &rig;
	n->seed = seed;
	assert_int_equal(rig_start(&rig), SECCOMM_OK);
	if (!comes_to(n, 1))
		fail_msg("seed %llu: does not open\n%s", (unsigned long long)seed, way->keys);
	assert_int_equal(seccomm_rekey(rig.end[seed % 2].session), SECCOMM_OK);
	if (!comes_to(n, 2))
		fail_msg("seed %llu: is not renewed\n%s", (unsigned long long)seed, way->keys);
	assert_true(n->lost > 0 && n->doubled > 0);
	assert_int_equal(rig.end[CLIENT].closed + rig.end[SERVER].closed, 0);
	empty(n);
	rig_drop(&rig);
	free(n);
}

static size_t all_seeds(void **state, const struct seccomm_mp *mp, const char *group, bool secret)
{
	struct way way;

	write_way(&way, mp, group, secret);
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		tries(state, &way, seed);
	return 1;
}

static size_t ways_of(void **state, const struct seccomm_mp *mp, const char *group)
{
	const struct cactus_param *secret = param(mp, "secret");
	size_t count = 0;

	if (secret == NULL || !secret->required)
		count += all_seeds(state, mp, group, false);
	if (secret != NULL)
		count += all_seeds(state, mp, group, true);
	return count;
}

static void each_way_completes(void **state)
{
	size_t count, ways = 0;
	const struct seccomm_mp *const *all = seccomm_micro_protocols(*state, &count);

	for (size_t i = 0; i < count; i++) {
		const struct seccomm_mp *mp = all[i];
		const struct cactus_param *groups = choice(mp);

		if (mp->class_of != SECCOMM_KEY_DISTRIBUTION || mp->salted || seccomm_mp_unavailable(*state, mp) != NULL)
			continue; /* a salted one has no exchange */
		if (groups == NULL)
			ways += ways_of(state, mp, NULL);
		for (size_t k = 0; groups != NULL && groups->words[k] != NULL; k++)
			if (seccomm_choice_unavailable(*state, mp, groups->words[k]) == NULL)
				ways += ways_of(state, mp, groups->words[k]);
	}
	assert_true(ways >= 14); /* five groups, each with and without a secret, psk and three that send keys */
	print_message("# %zu ways, each with %d seeds\n", ways, SEEDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_way_completes) };

	return cmocka_run_group_tests_name("ways to a key over a bad network", tests, rig_library, rig_library_free);
}
