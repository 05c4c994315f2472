/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan.c - composing: from the checker's request to what sessions are opened from.
 *
 * The chains of a session: 0 is data (msgFromAbove, msgFromBelow), i carries the key messages of slot i.  Where a layer
 * runs (role, direction, lane) is decided here, once, for every micro-protocol: Figure 3's "initial".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seccomm/plan_private.h"
#include "seccomm/session.h"

enum { COVER = COVER_HEADER + FRAME_HEADER };

/* The session's own attributes: number || header, which every authenticating layer covers, and who the sender is. */
static const struct cactus_attribute own_attributes[] = {
	{ .name = "cover", .scope = CACTUS_CLEAR, .bytes = COVER, .shared = true },
	{ .name = "AUTH_SENDER", .scope = CACTUS_STACK, .bytes = 1, .shared = true },
	{ 0 },
};

const struct plan_timing plan_timing_default = {
	.rekey_after_us = UINT64_C(3600) * 1000 * 1000,
	.idle_us = UINT64_C(180) * 1000 * 1000,
};

struct seccomm_plan *seccomm_plan_keep(struct seccomm_plan *plan)
{
	atomic_fetch_add(&plan->references, 1);
	return plan;
}

/* ---- Composing ---- */

/* Where a place in the list given to Cactus came from. */
struct origin {
	uint32_t lane;
	size_t layer;
};

struct composing {
	struct seccomm_plan *plan;
	struct cactus_spec *specs;
	struct origin *origins;
	size_t count;
	void (*problem)(void *context, const struct plan_problem *);
	void *context;
};

bool plan_runs(const struct seccomm_plan *plan, const struct plan_layer *layer, enum seccomm_way way)
{
	bool c2s = (plan->role == SECCOMM_CLIENT) == (way == SECCOMM_SEND);

	return layer->image->direction == SECCOMM_BOTH || (layer->image->direction == SECCOMM_C2S) == c2s;
}

static void add(struct composing *c, const struct plan_layer *layer, uint32_t lane, size_t place, bool pair)
{
	c->specs[c->count] = (struct cactus_spec){ .mp = &layer->mp->cactus,
		.name = layer->name,
		.image = layer->image,
		.order = layer->order,
		.chain = pair ? lane : 0,
		.down = pair && plan_runs(c->plan, layer, SECCOMM_SEND),
		.up = pair && plan_runs(c->plan, layer, SECCOMM_RECEIVE) };
	c->origins[c->count++] = (struct origin){ lane, place };
}

static void list_specs(struct composing *c)
{
	const struct seccomm_plan *plan = c->plan;

	for (size_t i = 0; i < plan->stack_count; i++)
		add(c, &plan->stack[i], 0, i, true);
	for (size_t i = 0; i < plan->slot_count; i++) {
		const struct plan_slot *slot = &plan->slots[i];

		add(c, &slot->create, (uint32_t)i + 1, SIZE_MAX, false);
		add(c, &slot->establish, (uint32_t)i + 1, SIZE_MAX, false);
		for (size_t k = 0; k < slot->protect_count; k++)
			add(c, &slot->protect[k], (uint32_t)i + 1, k, true);
	}
}

static void translate(void *context, const struct cactus_problem *problem)
{
	struct composing *c = context;
	struct plan_problem out = { .cactus = problem, .layer = SIZE_MAX, .other = SIZE_MAX };

	out.lane = c->origins[problem->spec].lane;
	out.layer = c->origins[problem->spec].layer;
	if (problem->other != SIZE_MAX) {
		out.other_lane = c->origins[problem->other].lane;
		out.other = c->origins[problem->other].layer;
	}
	if (c->problem != NULL)
		c->problem(c->context, &out);
}

static bool make_chains(struct seccomm_plan *plan)
{
	plan->chains = calloc(plan->slot_count + 1, sizeof(*plan->chains));
	if (plan->chains == NULL)
		return false;
	plan->chains[0] =
	    (struct cactus_chain){ "msgFromAbove", "msgFromBelow", CACTUS_NO_INDEX, plan->link == SECCOMM_STREAM };
	for (size_t i = 1; i <= plan->slot_count; i++)
		plan->chains[i] = (struct cactus_chain){ "keyMsgSend_", "keyMsgReceive_", (unsigned)i, true };
	plan->service.chains = plan->chains;
	plan->service.chain_count = plan->slot_count + 1;
	plan->service.attributes = own_attributes;
	return true;
}

static int compose(struct composing *c)
{
	struct seccomm_plan *plan = c->plan;
	size_t most = plan->stack_count + 2 * plan->slot_count + 1;
	int status = SECCOMM_NO_MEMORY;

	for (size_t i = 0; i < plan->slot_count; i++)
		most += plan->slots[i].protect_count;
	c->specs = calloc(most, sizeof(*c->specs));
	c->origins = calloc(most, sizeof(*c->origins));
	if (c->specs != NULL && c->origins != NULL && make_chains(plan)) {
		list_specs(c);
		status = cactus_compose(
		    seccomm_platform_default(), &plan->service, c->specs, c->count, translate, c, &plan->composition);
		if (status != CACTUS_OK)
			status = status == CACTUS_NO_MEMORY ? SECCOMM_NO_MEMORY : SECCOMM_INVALID;
	}
	free(c->specs);
	free(c->origins);
	return status;
}

/* ---- What sessions ask on every message, computed once ---- */

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void take_limits(struct seccomm_plan *plan)
{
	for (int way = SECCOMM_SEND; way <= SECCOMM_RECEIVE; way++) {
		struct plan_limits *limits = &plan->limits[way];

		*limits = (struct plan_limits){ UINT64_MAX, UINT64_MAX, UINT64_MAX };
		for (size_t i = 0; i < plan->stack_count; i++) {
			const struct plan_limits own = seccomm_mp_limits(plan->stack[i].mp);

			if (!plan_runs(plan, &plan->stack[i], (enum seccomm_way)way))
				continue;
			limits->messages = least(limits->messages, own.messages);
			limits->bytes = least(limits->bytes, own.bytes);
			limits->failures = least(limits->failures, own.failures);
		}
	}
}

/* A new epoch is to be there before a limit stops everything: from three quarters of it on one is asked for. */
static uint64_t three_quarters(uint64_t limit)
{
	return limit == UINT64_MAX ? limit : limit - limit / 4;
}

static void take_soft_limits(struct seccomm_plan *plan)
{
	for (int way = SECCOMM_SEND; way <= SECCOMM_RECEIVE; way++)
		plan->soft[way] = (struct plan_limits){
			.messages = least(plan->timing.rekey_messages, three_quarters(plan->limits[way].messages)),
			.bytes = least(plan->timing.rekey_bytes, three_quarters(plan->limits[way].bytes)),
		};
}

/* A layer that puts something in front of a key message, or encrypts it. */
static bool hides(const struct seccomm_mp *mp)
{
	return mp->cactus.growth.prefix != 0 || mp->cactus.growth.block != 0 || mp->cactus.attributes != NULL ||
	       (mp->gives & SECCOMM_GIVES_CONFIDENTIALITY) != 0;
}

static void take_flags(struct seccomm_plan *plan)
{
	for (size_t i = 0; i < plan->stack_count; i++) {
		plan->counts |= plan->stack[i].mp->counts;
		plan->holds |= plan->stack[i].mp->holds;
	}
	plan->salted = plan->slot_count > 0 && plan->slots[0].establish.mp->salted;
	plan->salt = plan->salted && plan->link == SECCOMM_DATAGRAM ? SALT : 0;
	for (size_t i = 0; i < plan->slot_count; i++)
		for (size_t k = 0; k < plan->slots[i].protect_count; k++)
			plan->hidden |= hides(plan->slots[i].protect[k].mp);
}

static size_t head_size(const struct seccomm_plan *plan)
{
	size_t number = plan->link == SECCOMM_DATAGRAM && plan->counts ? FRAME_NUMBER : 0;

	return FRAME_HEADER + plan->salt + number + cactus_clear_size(plan->composition, 0) - COVER;
}

static void take_sizes(struct seccomm_plan *plan)
{
	size_t most, peer;

	plan->max_message = least(plan->max_message, cactus_most(plan->composition, 0, true));
	plan->max_message = least(plan->max_message, cactus_most(plan->composition, 0, false));
	most = cactus_grown(plan->composition, 0, true, plan->max_message);
	peer = cactus_grown(plan->composition, 0, false, plan->max_message);
	plan->head = head_size(plan);
	plan->max_frame = plan->head - FRAME_HEADER + (most > peer ? most : peer);
	plan->sender = cactus_service_column(plan->composition, 1);
}

static int take_text(struct seccomm_plan *plan)
{
	struct crypto_part part;

	plan->text = plan_write_text(plan);
	if (plan->text == NULL)
		return SECCOMM_NO_MEMORY;
	part = (struct crypto_part){ plan->text, strlen(plan->text) };
	return crypto_sha256(plan->library->crypto, &part, 1, plan->digest) < 0 ? SECCOMM_FAILED : SECCOMM_OK;
}

int seccomm_plan_build(struct seccomm *library, const struct plan_request *request,
    void (*problem)(void *context, const struct plan_problem *), void *context, struct seccomm_plan **out)
{
	struct seccomm_plan *plan = calloc(1, sizeof(*plan));
	struct composing composing = { .plan = plan, .problem = problem, .context = context };
	int status = SECCOMM_NO_MEMORY;

	*out = NULL;
	if (plan == NULL)
		return SECCOMM_NO_MEMORY;
	plan->references = 1;
	plan->library = library;
	if (plan_copy(plan, request))
		status = compose(&composing);
	if (status == SECCOMM_OK) {
		take_limits(plan);
		take_soft_limits(plan);
		take_flags(plan);
		take_sizes(plan);
		status = take_text(plan);
	}
	if (status == SECCOMM_OK)
		*out = plan;
	else
		seccomm_plan_free(plan);
	return status;
}
