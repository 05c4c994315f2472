/* SPDX-License-Identifier: Apache-2.0 */
/* pair_plan.c - what the ends of a pair are opened with (see pair_plan.h). */
#include "pair_plan.h"
#include "table.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { COVER_HEAD = 15, COVER_WIDTH = 256, SMALL_WIDTH = 56, COVER_HEIGHT = 64 };

/* ---- Layers ---- */

/* A key message can have 4 KiB, so that there are two covers. */
static uint64_t cover_size(uint32_t lane) { return COVER_HEAD + (lane ? SMALL_WIDTH : COVER_WIDTH) * COVER_HEIGHT; }

/* A state with every parameter at its default; a text that must be given names the only secret. */
static struct seccomm_self *image(const struct seccomm_mp *mp, uint32_t key, uint32_t lane)
{
	const uint64_t size = cover_size(lane);
	struct seccomm_self *self = calloc(1, mp->cactus.size);

	assert_non_null(self);
	for (const struct cactus_param *p = table_params(mp); p->name; p++) {
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

int pair_plan_make(struct pair *pair, unsigned end, const struct stack *stack, const struct stack *protect)
{
	static const char *const peers[] = { "peer" };
	struct world *w = pair->world;
	const bool keyed = needs_keys(protect);
	const struct stack signing = { { seccomm_micro_protocol(w->library, "sign", "ed25519") } };
	struct plan_layer layers[STACK_MAX], under[2][STACK_MAX];
	struct plan_slot slots[2] = { slot(w, "data", 1, keyed ? &signing : protect, under[0]) };
	const struct plan_request request = { .role = end == CLIENT ? SECCOMM_CLIENT : SECCOMM_SERVER, .link = pair->link,
		.session = "laws", .identity = "self", .peers = peers, .peer_count = 1, .stack = layers,
		.stack_count = lane_layers(stack, 0, layers), .slots = slots, .slot_count = keyed ? 2 : 1, .lab = true,
		.max_message = pair->link == SECCOMM_STREAM ? stream_max(stack) : PLAN_DATAGRAM_MESSAGE_MAX };
	int status;

	if (keyed)
		slots[1] = slot(w, "second", 2, protect, under[1]);
	status = seccomm_plan_build(w->library, &request, NULL, NULL, &pair->end[end].plan);
	free_images(layers, request.stack_count);
	for (size_t i = 0; i < request.slot_count; i++) {
		free_images(slots[i].protect, slots[i].protect_count);
		free_images(&slots[i].establish, 1);
		free_images(&slots[i].create, 1);
	}
	return status;
}

/* ---- Keys ---- */

/* RSA and ECDSA keys take longer to read than an exchange takes: who does not need them gets the first line, Ed25519. */
bool pair_plan_needs_all_keys(const struct stack *stack)
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

void pair_plan_keys(struct pair *pair, unsigned n)
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
