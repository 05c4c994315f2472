/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two sessions with nothing between them but memory; see pair.h.
 */
#include "pair.h"
#include "../rsa_key.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { KEY_ROOM = 4096, COVER_HEAD = 15, COVER_WIDTH = 256, SMALL_WIDTH = 56, COVER_HEIGHT = 64 };

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

/* ---- Plans ---- */

/* A key message can have 4 KiB, so that there are two covers. */
static uint64_t cover_size(uint32_t lane) { return COVER_HEAD + (lane ? SMALL_WIDTH : COVER_WIDTH) * COVER_HEIGHT; }

static int add_covers(struct end *end, struct seccomm_error *error)
{
	static const char *const names[] = { "psk", "small" };
	static const unsigned widths[] = { COVER_WIDTH, SMALL_WIDTH };
	int status = SECCOMM_OK;

	for (uint32_t i = 0; i < 2 && status == SECCOMM_OK; i++) {
		uint64_t seed = i;
		uint8_t bytes[COVER_HEAD + COVER_WIDTH * COVER_HEIGHT];

		fill(&seed, bytes, sizeof(bytes));
		assert_int_equal(snprintf((char *)bytes, sizeof(bytes), "P5 %03u %03u 255", widths[i], COVER_HEIGHT), COVER_HEAD - 1);
		bytes[COVER_HEAD - 1] = '\n';
		status = seccomm_keyring_cover(end->keyring, names[i], bytes, cover_size(i), error);
	}
	return status;
}

static const struct cactus_param none[] = { { 0 } };

/* A state with every parameter at its default; a text that must be given names the only secret. */
static struct seccomm_self *image(const struct seccomm_mp *mp, uint32_t key, uint32_t lane)
{
	const uint64_t size = cover_size(lane);
	struct seccomm_self *self = calloc(1, mp->cactus.size);

	assert_non_null(self);
	for (const struct cactus_param *p = mp->cactus.params ? mp->cactus.params : none; p->name; p++) {
		uint8_t *field = (uint8_t *)self + p->at.offset;
		const char *text = p->text ? p->text : !p->required ? NULL : lane && mp->cactus.filling ? "small" : "psk";

		if (p->kind == CACTUS_TEXT)
			memcpy(field, &text, sizeof(text));
		else if (p->at.size == sizeof(uint32_t))
			memcpy(field, &(uint32_t){ (uint32_t)p->dflt }, sizeof(uint32_t));
		else
			memcpy(field, p->kind == CACTUS_SIZE && mp->cactus.filling ? &size : &p->dflt, sizeof(uint64_t));
	}
	self->key = key;
	self->lane = lane;
	return self;
}

static struct plan_layer layer(struct world *w, const char *name, const char *word)
{
	const struct seccomm_mp *mp = seccomm_micro_protocol(w->library, name, word);

	assert_non_null(mp);
	return (struct plan_layer){ .mp = mp, .name = mp->cactus.name, .image = image(mp, 1, 0), .order = 10 };
}

/* The layers of STACK on LANE; answers how many. */
static size_t lane_layers(const struct stack *stack, uint32_t lane, struct plan_layer out[STACK_MAX])
{
	size_t n = 0;

	for (; stack->mp[n]; n++)
		out[n] = (struct plan_layer){ .mp = stack->mp[n], .name = stack->mp[n]->cactus.name,
			.image = image(stack->mp[n], stack->mp[n]->key_bytes ? 1 : 0, lane), .order = (uint16_t)(10 * (n + 1)) };
	return n;
}

static void free_images(const struct plan_layer *layers, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(layers[i].image);
}

static bool needs_keys(const struct stack *stack)
{
	for (size_t i = 0; stack->mp[i]; i++)
		if (stack->mp[i]->key_bytes)
			return true;
	return false;
}

static struct plan_slot slot(
    struct world *w, const char *name, uint32_t number, const struct stack *protect, struct plan_layer layers[STACK_MAX])
{
	struct plan_slot slot = { .name = name, .establish = layer(w, "establish", "dh"),
		.create = layer(w, "create", w->create ? w->create : "random"),
		.protect = layers, .protect_count = lane_layers(protect, number, layers) };

	slot.establish.image->key = slot.create.image->key = number;
	return slot;
}

/* One layer has the greatest size that there is; what several do with it would take long, and differ in nothing. */
static size_t stream_max(const struct stack *stack) { return stack->mp[0] && stack->mp[1] ? 70001 : PLAN_STREAM_MESSAGE_MAX; }

static int plan(struct pair *pair, enum seccomm_role role, const struct stack *stack, const struct stack *protect,
    struct seccomm_plan **out)
{
	static const char *const peers[] = { "peer" };
	struct world *w = pair->world;
	const bool keyed = needs_keys(protect);
	const struct stack signing = { { seccomm_micro_protocol(w->library, "sign", "ed25519") } };
	struct plan_layer layers[STACK_MAX], under[2][STACK_MAX];
	struct plan_slot slots[2] = { slot(w, "data", 1, keyed ? &signing : protect, under[0]) };
	const struct plan_request request = { .role = role, .link = pair->link, .session = "laws", .identity = "self",
		.peers = peers, .peer_count = 1, .stack = layers, .stack_count = lane_layers(stack, 0, layers), .slots = slots,
		.slot_count = keyed ? 2 : 1, .lab = true,
		.max_message = pair->link == SECCOMM_STREAM ? stream_max(stack) : PLAN_DATAGRAM_MESSAGE_MAX };
	int status;

	if (keyed)
		slots[1] = slot(w, "second", 2, protect, under[1]);
	status = seccomm_plan_build(w->library, &request, NULL, NULL, out);
	free_images(layers, request.stack_count);
	for (size_t i = 0; i < request.slot_count; i++) {
		free_images(slots[i].protect, slots[i].protect_count);
		free_images(&slots[i].establish, 1);
		free_images(&slots[i].create, 1);
	}
	return status;
}

/* RSA and ECDSA keys take longer to read than an exchange takes: who does not need them gets the first line, Ed25519. */
static bool needs_all_keys(const struct stack *stack)
{
	for (size_t i = 0; stack->mp[i]; i++) {
		const char *kind = stack->mp[i]->kind ? stack->mp[i]->kind : "";

		if (strcmp(kind, "pke") == 0 || (strcmp(kind, "sign") == 0 && strcmp(stack->mp[i]->algorithm, "ed25519") != 0))
			return true;
	}
	return false;
}

static const char *some_keys(const struct pair *pair, const char *text, char first[SECCOMM_KEY_TEXT_MAX])
{
	if (pair->all_keys)
		return text;
	assert_true(strcspn(text, "\n") < SECCOMM_KEY_TEXT_MAX);
	return memcpy(first, text, strcspn(text, "\n"));
}

static void keys(struct pair *pair, unsigned n)
{
	struct end *end = &pair->end[n];
	struct seccomm_error error = { 0 };
	char first[2][SECCOMM_KEY_TEXT_MAX] = { { 0 } };

	end->keyring = seccomm_keyring_new(pair->world->library);
	assert_non_null(end->keyring);
	end->pad = memory_pad_new(n == CLIENT ? SECCOMM_CLIENT : SECCOMM_SERVER, 1);
	if (seccomm_keyring_identity(end->keyring, "self", some_keys(pair, pair->world->identity[n], first[0]), &error) < 0 ||
	    seccomm_keyring_peer(end->keyring, "peer", some_keys(pair, pair->world->peer[!n], first[1]), &error) < 0 ||
	    seccomm_keyring_psk(end->keyring, "psk", pair->world->psk, &error) < 0 ||
	    seccomm_keyring_pad(end->keyring, "psk", end->pad->role, &end->pad->pad, &error) < 0 ||
	    add_covers(end, &error) < 0)
		fail_msg("%s %s", error.place, error.text);
}

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
	pair->all_keys = needs_all_keys(stack) || needs_all_keys(protect);
	pair->seed = 1;
	pair->monotonic_us = 1000000;
	pair->wall_us = 1700000000000000;
	pair->platform = (struct cactus_platform){ .context = pair, .monotonic_us = monotonic, .wall_us = wall,
		.random = generate, .allocate = allocate, .release = release, .log = forget };
	for (unsigned n = CLIENT; status == SECCOMM_OK && n <= SERVER; n++)
		status = plan(pair, n == CLIENT ? SECCOMM_CLIENT : SECCOMM_SERVER, stack, protect, &pair->end[n].plan);
	if (status < 0)
		pair_drop(pair);
	return status;
}

/* ---- Running ---- */

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
			keys(pair, n);
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
