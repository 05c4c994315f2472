/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two sessions with nothing between them but memory; see pair.h.
 */
#include "pair_plan.h"
#include "../rsa_key.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { KEY_ROOM = 4096 };

/* ---- Keys ---- */

static void add(char *text, size_t room, const char *more)
{
	strncat(text, more, room - strlen(text) - 1);
}

/* What messages are sealed to: one pair for both ends, because it takes long to make. */
static void sealing(struct world *w)
{
	for (unsigned end = CLIENT; end <= SERVER; end++) {
		add(w->identity[end], sizeof(w->identity[end]), RSA_SECRET("RSA-OAEP"));
		add(w->peer[end], sizeof(w->peer[end]), RSA_PUBLIC("RSA-OAEP"));
	}
}

/* One identity: Ed25519 for the exchange and the principal, RSA and ECDSA under the same name. */
static void identity(struct world *w, unsigned end)
{
	static const char *const further[] = { "rsa-3072", "ecdsa-p256" };
	static char secret[KEY_ROOM], open[KEY_ROOM];

	assert_int_equal(seccomm_key_generate(w->library, "ed25519", secret, KEY_ROOM, open, KEY_ROOM), SECCOMM_OK);
	snprintf(w->identity[end], sizeof(w->identity[end]), "%s\n", secret);
	snprintf(w->peer[end], sizeof(w->peer[end]), "%s\n", open);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(seccomm_key_generate(w->library, further[i], secret, KEY_ROOM, open, KEY_ROOM), SECCOMM_OK);
		add(w->identity[end], sizeof(w->identity[end]), secret);
		add(w->peer[end], sizeof(w->peer[end]), open);
	}
}

struct seccomm *laws_library(struct seccomm_error *error)
{
	const char *module = getenv("LAWS_MODULE");
	struct seccomm *library = seccomm_new(error);

	if (!library || !module || seccomm_module_load(library, module, error) == SECCOMM_OK)
		return library;
	seccomm_free(library);
	return NULL;
}

void world_make(struct world *w)
{
	struct seccomm_error error = { 0 };
	char none[1];

	memset(w, 0, sizeof(*w));
	w->library = laws_library(&error);
	if (!w->library)
		fail_msg("%s: %s", error.place, error.text);
	identity(w, CLIENT);
	identity(w, SERVER);
	sealing(w);
	assert_int_equal(seccomm_key_generate(w->library, "psk", w->psk, sizeof(w->psk), none, sizeof(none)), SECCOMM_OK);
}

void world_drop(struct world *w) { seccomm_free(w->library); }

/* ---- The platform ---- */

static uint64_t next(uint64_t *seed)
{
	uint64_t z = (*seed += 0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

void fill(uint64_t *seed, void *out, size_t length)
{
	uint8_t *bytes = out;

	for (size_t i = 0; i < length; i += sizeof(uint64_t)) {
		const uint64_t r = next(seed);

		memcpy(bytes + i, &r, length - i < sizeof(r) ? length - i : sizeof(r));
	}
}

static uint64_t monotonic(void *context) { return ((struct pair *)context)->monotonic_us; }
static uint64_t wall(void *context) { return ((struct pair *)context)->wall_us; }

static int generate(void *context, void *out, size_t length)
{
	struct pair *pair = context;

	fill(&pair->seed, out, length);
	if (pair->generated)
		pair->generated(pair, out, length);
	return 0;
}

static void *allocate(void *context, size_t size)
{
	struct pair *pair = context;
	void *memory;

	if (++pair->allocations == pair->fail_at)
		return NULL;
	memory = calloc(1, size);
	pair->blocks += memory != NULL;
	pair->bytes += memory ? size : 0;
	return memory;
}

static void release(void *context, void *memory, size_t size)
{
	struct pair *pair = context;

	if (!memory)
		return;
	if (pair->released)
		pair->released(pair, memory, size);
	pair->blocks--;
	pair->bytes -= size;
	free(memory);
}

static void forget(void *context, int level, const char *line)
{
	(void)context;
	(void)level;
	(void)line;
}

/* ---- Callbacks ---- */

static void transmit(void *context, const uint8_t *bytes, size_t length)
{
	struct end *end = context;
	struct unit *unit = malloc(sizeof(*unit) + length);

	assert_non_null(unit);
	unit->next = NULL;
	unit->length = length;
	memcpy(unit->bytes, bytes, length);
	*end->last = unit;
	end->last = &unit->next;
}

static void deliver(void *context, struct seccomm_message *message)
{
	struct end *end = context;
	const uint8_t *bytes = seccomm_message_bytes(message, &end->length);

	free(end->message);
	end->message = malloc(end->length + 1);
	assert_non_null(end->message);
	memcpy(end->message, bytes, end->length);
	end->sender_known = seccomm_message_sender(message) != NULL;
	end->deliveries++;
}

static void alert(void *context, const struct seccomm_alert *alert)
{
	struct end *end = context;

	end->alerts++;
	end->alert = alert->id;
}

static void opened(void *context, const struct seccomm_principal *peer)
{
	(void)peer;
	((struct end *)context)->opened = true;
}

static void closed(void *context, int status)
{
	struct end *end = context;

	end->closed = true;
	end->status = status;
}

/* ---- Running ---- */

int pair_plan(struct pair *pair, struct world *w, enum seccomm_link link, const struct stack *stack)
{
	return pair_plan_under(pair, w, link, stack,
	    &(struct stack){ { seccomm_micro_protocol(w->library, "sign", "ed25519") } });
}

int pair_plan_under(struct pair *pair, struct world *w, enum seccomm_link link, const struct stack *stack,
    const struct stack *protect)
{
	int status = SECCOMM_OK;

	memset(pair, 0, sizeof(*pair));
	pair->world = w;
	pair->link = link;
	pair->all_keys = pair_plan_needs_all_keys(stack) || pair_plan_needs_all_keys(protect);
	pair->seed = 1;
	pair->monotonic_us = 1000000;
	pair->wall_us = 1700000000000000;
	pair->platform = (struct cactus_platform){ .context = pair, .monotonic_us = monotonic, .wall_us = wall,
		.random = generate, .allocate = allocate, .release = release, .log = forget };
	for (unsigned n = CLIENT; status == SECCOMM_OK && n <= SERVER; n++)
		status = pair_plan_make(pair, n, stack, protect);
	if (status < 0)
		pair_drop(pair);
	return status;
}

int pair_open(struct pair *pair)
{
	const int status = pair_start(pair);

	if (status < 0)
		return status;
	pair_pump(pair);
	return pair->end[CLIENT].opened && pair->end[SERVER].opened ? SECCOMM_OK : SECCOMM_FAILED;
}

int pair_start(struct pair *pair)
{
	static const unsigned server_first[] = { SERVER, CLIENT };

	for (unsigned i = 0; i < 2; i++) {
		const unsigned n = server_first[i];
		struct end *end = &pair->end[n];
		struct seccomm_error error;
		int status;

		if (!end->keyring)
			pair_plan_keys(pair, n);
		end->pair = pair;
		end->last = &end->first;
		end->callbacks = (struct seccomm_callbacks){ .context = end, .transmit = transmit, .deliver = deliver,
			.alert = alert, .opened = opened, .closed = closed };
		status = seccomm_open(end->plan, end->keyring, &pair->platform, &end->callbacks, &end->session, &error);
		if (status < 0) {
			assert_null(end->session);
			return status;
		}
	}
	return SECCOMM_OK;
}

struct unit *pair_take(struct pair *pair, unsigned n)
{
	struct end *end = &pair->end[n];
	struct unit *unit = end->first;

	if (unit) {
		end->first = unit->next;
		if (!end->first)
			end->last = &end->first;
	}
	return unit;
}

void pair_give(struct pair *pair, unsigned n, const void *bytes, size_t length)
{
	/* Exactly as large as what arrived, so that a read or write beyond it is seen. */
	uint8_t *copy = malloc(length ? length : 1);

	assert_non_null(copy);
	memcpy(copy, bytes, length);
	for (size_t at = 0; at < length && pair->end[n].session && !pair->end[n].closed;) {
		ptrdiff_t used = seccomm_pop(pair->end[n].session, copy + at, length - at);

		if (used <= 0)
			break;
		at += (size_t)used;
	}
	free(copy);
}

void pair_pump(struct pair *pair)
{
	for (bool moved = true; moved;) {
		moved = false;
		for (unsigned n = CLIENT; n <= SERVER; n++)
			for (struct unit *unit; (unit = pair_take(pair, n)); free(unit)) {
				pair_give(pair, !n, unit->bytes, unit->length);
				moved = true;
			}
	}
}

void pair_shut(struct pair *pair)
{
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		struct end *end = &pair->end[n];

		seccomm_session_free(end->session);
		for (struct unit *unit; (unit = pair_take(pair, n));)
			free(unit);
		free(end->message);
		*end = (struct end){ .plan = end->plan, .keyring = end->keyring, .pad = end->pad };
	}
}

void pair_drop(struct pair *pair)
{
	pair_shut(pair);
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		seccomm_plan_free(pair->end[n].plan);
		seccomm_keyring_free(pair->end[n].keyring);
		free(pair->end[n].pad);
	}
	memset(pair->end, 0, sizeof(pair->end));
}

/* ---- Tables ---- */

size_t lane_tables(const struct world *w, const struct seccomm_mp **out, size_t room)
{
	size_t count, kept = 0;
	const struct seccomm_mp *const *all = seccomm_micro_protocols(w->library, &count);

	for (size_t i = 0; i < count; i++)
		if (all[i]->cactus.down) {
			assert_true(kept < room);
			out[kept++] = all[i];
		}
	return kept;
}

bool order_refused(const struct seccomm_mp *inner, const struct seccomm_mp *outer)
{
	for (const struct cactus_tie *need = inner->cactus.needs; need && need->capability; need++)
		for (const struct cactus_tie *give = outer->cactus.provides; give && give->capability; give++)
			if (need->inner && strcmp(need->capability, give->capability) == 0)
				return true;
	return false;
}

const char *stack_name(const struct stack *stack, char *out, size_t room)
{
	size_t used = 0;

	out[0] = 0;
	for (size_t i = 0; stack->mp[i] && used < room; i++)
		used += (size_t)snprintf(out + used, room - used, "%s%s", i ? " | " : "", stack->mp[i]->cactus.name);
	return out;
}
