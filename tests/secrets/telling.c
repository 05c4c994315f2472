/* SPDX-License-Identifier: Apache-2.0 */
/*
 * telling.c - every secret of a scene: private values and what two of them agree on, the keys of epochs and all that is
 * derived from them.  This process is not searched.
 */
#include "theatre.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "mp/keydist/keydist.h"
#include "seccomm/exchange.h"

enum { DRAWS_MAX = 128, EXCHANGES_MAX = 64, STACK = 1 << 20, SECRETS_MAX = 1024 };

struct telling {
	int (*generate)(void *context, void *out, size_t length);
	void *(*allocate)(void *context, size_t size);
	const struct exchange *exchanges[EXCHANGES_MAX];
	size_t exchange_count;
	size_t draw_count, count;
	struct secret draws[DRAWS_MAX], secrets[SECRETS_MAX];
};

static struct theatre *theatre_of(void *rig)
{
	return rig; /* it is its first member */
}

static void note(struct theatre *theatre, const char *name, unsigned n, const void *bytes, size_t length, bool lasts)
{
	struct telling *t = theatre->telling;
	struct secret secret = { .phase = theatre->phase, .length = (uint32_t)length, .lasts = lasts };

	assert_true(length <= SECRET_MAX);
	snprintf(secret.name, sizeof(secret.name), "%s %u of phase %u", name, n, theatre->phase);
	memcpy(secret.bytes, bytes, length);
	for (size_t i = 0; i < t->count; i++)
		if (t->secrets[i].length == length && memcmp(t->secrets[i].bytes, bytes, length) == 0)
			return;
	assert_true(t->count < SECRETS_MAX);
	t->secrets[t->count++] = secret;
}

static void *allocate(void *context, size_t size)
{
	struct telling *t = theatre_of(context)->telling;
	void *block = t->allocate(context, size);

	if (size == sizeof(struct exchange)) {
		assert_true(t->exchange_count < EXCHANGES_MAX);
		t->exchanges[t->exchange_count++] = block;
	}
	return block;
}

/* Nonces and salts travel, as IVs (8) do; they are drawn where a message is written, on the stack, or into the
 * exchange. */
static bool is_public(const struct telling *t, const void *place)
{
	char here;
	bool found = labs((const char *)place - &here) < STACK;

	for (size_t i = 0; i < t->exchange_count; i++)
		found |= t->exchanges[i] != NULL && t->exchanges[i]->nonce_c == place;
	return found;
}

static int generate(void *context, void *out, size_t length)
{
	struct theatre *theatre = theatre_of(context);
	struct telling *t = theatre->telling;
	int status = t->generate(context, out, length);

	if (status == 0 && length >= 16 && length <= SECRET_MAX && !is_public(t, out)) {
		assert_true(t->draw_count < DRAWS_MAX);
		t->draws[t->draw_count] = (struct secret){ .phase = theatre->phase, .length = (uint32_t)length };
		memcpy(t->draws[t->draw_count++].bytes, out, length);
	}
	return status;
}

/* What confirms the secret of the exchange. */
static void note_exchange(struct theatre *theatre, const struct seccomm_session *session)
{
	static const char *const directions[] = { "c2s", "s2c" };
	const struct exchange *x = session != NULL ? session->exchange : NULL;
	uint8_t prk[HASH], key[HASH];
	struct derivation d = { .key = prk, .lane = "confirm", .algorithm = "hmac-sha-256", .purpose = "key" };

	if (x == NULL || x->key.secret_length == 0)
		return;
	note(theatre, "secret", x->slot, x->key.secret, x->key.secret_length, false);
	d.instance = x->slot;
	d.epoch = x->epoch->number;
	assert_int_equal(
	    crypto_hkdf_extract(session_crypto(session), x->salt, HASH, x->key.secret, x->key.secret_length, prk), 0);
	note(theatre, "confirmation", x->slot, prk, HASH, false);
	for (unsigned way = 0; way < 2; way++) {
		d.direction = directions[way];
		assert_int_equal(epoch_derive(session_crypto(session), &d, key, HASH), 0);
		note(theatre, "confirmation key", x->slot, key, HASH, false);
	}
}

/* What a creator has made, whatever from, unless it has served already. */
static void note_created(struct theatre *theatre, const struct seccomm_session *session)
{
	static const uint8_t none[KEYDIST_BYTES];
	struct cactus *c = session != NULL && session->exchange != NULL ? session->exchange->epoch->cactus : NULL;

	for (unsigned i = 0; c != NULL && i < cactus_state_count(c); i++) {
		const struct keydist *k = cactus_state(c, i);

		if (((const struct seccomm_mp *)(const void *)k->self.cactus.mp)->class_of == SECCOMM_KEY_DISTRIBUTION && k->made &&
		    memcmp(k->own, none, sizeof(none)) != 0)
			note(theatre, "created key", k->self.key, k->own, sizeof(k->own), false);
	}
}

static void transmitted(struct end *end)
{
	struct theatre *theatre = theatre_of(end->rig);

	for (unsigned n = CLIENT; n <= SERVER; n++) {
		note_exchange(theatre, end->rig->end[n].session);
		note_created(theatre, end->rig->end[n].session);
	}
}

void telling_begin(struct theatre *theatre)
{
	struct telling *t = theatre->telling = calloc(1, sizeof(*t));

	assert_non_null(t);
	t->generate = theatre->rig.platform.random;
	t->allocate = theatre->rig.platform.allocate;
	theatre->rig.platform.random = generate;
	theatre->rig.platform.allocate = allocate;
}

/* Their keys; IVs are of no use without them. */
static void note_layers(struct theatre *theatre, const struct epoch *epoch)
{
	uint8_t key[CRYPTO_KEY_MAX];

	for (unsigned i = 0; i < cactus_state_count(epoch->cactus); i++) {
		const struct seccomm_self *self = cactus_state(epoch->cactus, i);
		const struct seccomm_mp *mp = (const void *)self->cactus.mp;

		for (unsigned way = SECCOMM_SEND; way <= SECCOMM_RECEIVE && mp->key_bytes > 0; way++)
			if (seccomm_layer_key(self, way, "key", key, mp->key_bytes) == SECCOMM_OK)
				note(theatre, mp->cactus.name, i, key, mp->key_bytes, true);
	}
}

static void note_epoch(struct theatre *theatre, struct epoch *epoch)
{
	static const char *const directions[] = { "c2s", "s2c" };
	uint8_t master[HASH], key[HASH];
	struct derivation d = {
		.key = master, .lane = "rekey", .algorithm = "hkdf-sha-256", .direction = "both", .purpose = "exporter"
	};
	struct crypto *crypto;

	if (epoch == NULL || !epoch_complete(epoch))
		return;
	crypto = session_crypto(epoch->session);
	for (unsigned i = 0; i < epoch->plan->slot_count; i++)
		note(theatre, "epoch key", i, epoch->keys[i], HASH, true);
	note_layers(theatre, epoch);
	assert_int_equal(epoch_master(epoch, master), 0);
	note(theatre, "master", 0, master, HASH, false);
	d.epoch = epoch->number;
	assert_int_equal(epoch_derive(crypto, &d, key, HASH), 0);
	note(theatre, "exporter", 0, key, HASH, false);
	d.purpose = "carry";
	for (d.instance = 1; d.instance <= epoch->plan->slot_count; d.instance++) {
		d.key = epoch->keys[d.instance - 1];
		assert_int_equal(epoch_derive(crypto, &d, key, HASH), 0);
		note(theatre, "carried secret", d.instance, key, HASH, false);
	}
	d.key = master;
	d.instance = 0;
	d.lane = "control";
	d.algorithm = "chacha20-poly1305";
	d.purpose = "key";
	for (unsigned way = 0; way < 2; way++) {
		d.direction = directions[way];
		assert_int_equal(epoch_derive(crypto, &d, key, HASH), 0);
		note(theatre, "control key", way, key, HASH, false);
	}
}

void telling_epochs(struct theatre *theatre)
{
	for (unsigned n = CLIENT; n <= SERVER && theatre->telling != NULL; n++) {
		struct seccomm_session *session = theatre->rig.end[n].session;

		if (session == NULL)
			continue;
		/* A state serves until the next one is there. */
		for (const struct kept *kept = session->kept; kept != NULL; kept = kept->next)
			note(theatre, "state", kept->key, kept->bytes + kept->size - HASH, HASH, true);
		note_epoch(theatre, session->epoch);
		note_epoch(theatre, session->next);
		note_epoch(theatre, session->incoming);
	}
}

void telling_listen(struct theatre *theatre)
{
	for (unsigned n = CLIENT; n <= SERVER && theatre->telling != NULL; n++)
		theatre->rig.end[n].on_transmit = transmitted;
}

/* X25519 of any two private values of one phase. */
static void note_agreed(struct theatre *theatre, struct crypto *crypto, const struct secret *a, const struct secret *b)
{
	const struct crypto_algorithm *x25519 = crypto_find(CRYPTO_KX, "x25519");
	uint8_t open[32], agreed[32];

	if (a->phase != b->phase || a->length != 32 || b->length != 32)
		return;
	assert_int_equal(crypto_kx_public(crypto, x25519, b->bytes, open), 0);
	assert_int_equal(crypto_kx_secret(crypto, x25519, a->bytes, open, agreed), 0);
	theatre->phase = a->phase;
	note(theatre, "agreed value", 0, agreed, sizeof(agreed), false);
}

void telling_end(struct theatre *theatre)
{
	struct telling *t = theatre->telling;
	struct crypto *crypto;

	if (t == NULL)
		return;
	crypto = seccomm_crypto(theatre->rig.library);
	for (size_t i = 0; i < t->draw_count; i++) {
		theatre->phase = t->draws[i].phase;
		note(theatre, "drawn value", (unsigned)i, t->draws[i].bytes, t->draws[i].length, false);
		for (size_t k = 0; k < i; k++)
			note_agreed(theatre, crypto, &t->draws[i], &t->draws[k]);
	}
	for (size_t i = 0; i < t->count; i++)
		assert_int_equal(write(theatre->out, &t->secrets[i], sizeof(t->secrets[i])), sizeof(t->secrets[i]));
	free(t);
}
