/* SPDX-License-Identifier: Apache-2.0 */
/*
 * epoch.c - one frozen composition with its keys: made, keyed, wiped as a whole.
 */
#include <stdlib.h>
#include <string.h>

#include "seccomm/exchange.h"

/* A micro-protocol's head, before its begin hook: who it is in this session. */
static void prepare(void *context, void *state, size_t n)
{
	struct epoch *epoch = context;
	struct seccomm_self *self = state;

	(void)n;
	self->session = epoch->session;
}

/* The session's own handlers: below the last layer when sending, above the last one when receiving. */
static int bind_ends(struct epoch *epoch)
{
	struct cactus *c = epoch->cactus;
	size_t slots = epoch->plan->slot_count;

	for (unsigned chain = 0; chain <= slots; chain++) {
		cactus_handler *bottom = chain == 0 ? session_bottom : exchange_bottom;
		cactus_handler *top = chain == 0 ? session_accept : exchange_accept;

		if (cactus_bind(c, cactus_down_event(c, chain), bottom, CACTUS_ORDER_MAX, epoch) == 0 ||
		    cactus_bind(c, cactus_up_event(c, chain), session_unpack, 0, epoch) == 0 ||
		    cactus_bind(c, cactus_up_event(c, chain), top, CACTUS_ORDER_MAX, epoch) == 0)
			return SECCOMM_NO_MEMORY;
	}
	epoch->prepare = cactus_event_named(c, "msgPrepare_", 0);
	epoch->accepted = cactus_event_named(c, "msgAccepted_", 0);
	epoch->open = cactus_event_named(c, "openSession", CACTUS_NO_INDEX);
	if (epoch->prepare == 0 || epoch->accepted == 0 || epoch->open == 0)
		return SECCOMM_NO_MEMORY;
	return cactus_freeze(c) == CACTUS_OK ? SECCOMM_OK : SECCOMM_NO_MEMORY;
}

static size_t epoch_size(const struct seccomm_plan *plan)
{
	return sizeof(struct epoch) + plan->slot_count * (sizeof(struct made) + HASH) + cactus_values_size(plan->composition);
}

static int create(struct epoch *epoch)
{
	struct seccomm_session *session = epoch->session;
	const struct cactus_composition *composition = epoch->plan->composition;
	int status = cactus_create(composition, session->platform, epoch, prepare, epoch, &epoch->cactus);

	if (status != CACTUS_OK)
		return status == CACTUS_NO_MEMORY ? SECCOMM_NO_MEMORY : SECCOMM_FAILED;
	status = bind_ends(epoch);
	return status == SECCOMM_OK && session->trace != NULL ? epoch_trace(epoch) : status;
}

int epoch_new(struct seccomm_session *session, struct seccomm_plan *plan, uint64_t number, struct epoch **out)
{
	struct epoch *epoch = session_allocate(session, epoch_size(plan));
	int status;

	*out = NULL;
	if (epoch == NULL)
		return SECCOMM_NO_MEMORY;
	epoch->session = session;
	epoch->plan = seccomm_plan_keep(plan);
	epoch->number = number;
	epoch->retire_us = UINT64_MAX;
	epoch->control = (struct seccomm_window){ .words = CONTROL_WINDOW_WORDS, .bits = epoch->control_bits };
	epoch->fresh = epoch_slots(plan);
	epoch->keys = (uint8_t(*)[HASH])&epoch->made[plan->slot_count];
	epoch->values = epoch->keys[plan->slot_count];
	*out = epoch; /* begin hooks keep their contexts in it */
	status = create(epoch);
	if (status != SECCOMM_OK) {
		epoch_free(epoch);
		*out = NULL;
	}
	return status;
}

void epoch_free(struct epoch *epoch)
{
	struct seccomm_session *session;
	struct seccomm_plan *plan;
	size_t size;

	if (epoch == NULL)
		return;
	session = epoch->session;
	plan = epoch->plan;
	size = epoch_size(plan);
	cactus_destroy(epoch->cactus);
	for (struct resource *r = epoch->resources, *next; r != NULL; r = next) {
		next = r->next;
		r->free(r->object);
		crypto_wipe(r, sizeof(*r));
		session_release(session, r, sizeof(*r));
	}
	crypto_wipe(epoch, size);
	session_release(session, epoch, size);
	seccomm_plan_free(plan);
}

int epoch_keep(struct epoch *epoch, void *object, void (*release)(void *))
{
	struct resource *resource = session_allocate(epoch->session, sizeof(*resource));

	if (resource == NULL)
		return SECCOMM_NO_MEMORY;
	*resource = (struct resource){ .next = epoch->resources, .object = object, .free = release };
	epoch->resources = resource;
	return SECCOMM_OK;
}

static size_t put(uint8_t *out, size_t at, const void *bytes, size_t length)
{
	out[at] = (uint8_t)length;
	memcpy(out + at + 1, bytes, length);
	return at + 1 + length;
}

static size_t put_text(uint8_t *out, size_t at, const char *text)
{
	size_t length = strnlen(text, PLAN_NAME_MAX);

	return put(out, at, text, length);
}

int epoch_derive(struct crypto *crypto, const struct derivation *d, uint8_t *out, size_t length)
{
	uint8_t info[256], number[8];
	size_t n = put_text(info, 0, "seccomm/1");

	n = put_text(info, n, d->lane);
	cactus_put_u32(number, d->instance);
	n = put(info, n, number, 4);
	n = put_text(info, n, d->algorithm);
	n = put_text(info, n, d->direction);
	cactus_put_u64(number, d->epoch);
	n = put(info, n, number, 8);
	n = put_text(info, n, d->purpose);
	return crypto_hkdf_expand(crypto, d->key, info, n, out, length);
}

int epoch_install(struct epoch *epoch, unsigned slot, const uint8_t context[HASH], const uint8_t *secret, size_t length,
    const uint8_t *exporter)
{
	struct crypto *crypto = session_crypto(epoch->session);
	uint8_t material[SECCOMM_SECRET_MAX + HASH];
	size_t extra = exporter != NULL ? HASH : 0;
	cactus_event ready;
	int status;

	memcpy(material, secret, length);
	if (exporter != NULL)
		memcpy(material + length, exporter, HASH);
	status = crypto_hkdf_extract(crypto, context, HASH, material, length + extra, epoch->keys[slot - 1]);
	crypto_wipe(material, sizeof(material));
	if (status < 0)
		return SECCOMM_FAILED;
	memcpy(epoch->context, context, HASH);
	epoch->ready |= UINT32_C(1) << slot;
	ready = cactus_event_named(epoch->cactus, "keyReady_", slot);
	if (ready != 0 && cactus_raise(epoch->cactus, ready, NULL) == CACTUS_NEXT) {
		epoch->made[slot - 1] = (struct made){ epoch->number, session_now(epoch->session) };
		return SECCOMM_OK;
	}
	epoch->ready &= ~(UINT32_C(1) << slot);
	return SECCOMM_FAILED;
}

int epoch_carry(struct epoch *epoch, const struct epoch *before, unsigned slot, const uint8_t context[HASH],
    const uint8_t exporter[HASH])
{
	const struct derivation d = { .key = before->keys[slot - 1],
		.lane = "rekey",
		.instance = slot,
		.algorithm = "hkdf-sha-256",
		.direction = "both",
		.purpose = "carry",
		.epoch = before->number };
	uint8_t secret[HASH];
	int status = SECCOMM_FAILED;

	if (epoch_derive(session_crypto(epoch->session), &d, secret, HASH) == 0)
		status = epoch_install(epoch, slot, context, secret, HASH, exporter);
	crypto_wipe(secret, sizeof(secret));
	if (status == SECCOMM_OK)
		epoch->made[slot - 1] = before->made[slot - 1];
	return status;
}

bool epoch_complete(const struct epoch *epoch)
{
	return epoch->ready == epoch_slots(epoch->plan);
}

int epoch_master(const struct epoch *epoch, uint8_t out[HASH])
{
	return crypto_hkdf_extract(session_crypto(epoch->session), epoch->context, HASH, epoch->keys[0],
	    epoch->plan->slot_count * HASH, out);
}
