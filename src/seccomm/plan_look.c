/* SPDX-License-Identifier: Apache-2.0 */
/* plan_look.c - what the checker, the program and sessions ask of a plan that is composed, and of its layers. */
#include <string.h>

#include "seccomm/plan_private.h"
#include "seccomm/session.h"

const char *seccomm_plan_text(const struct seccomm_plan *plan)
{
	return plan->text;
}
const uint8_t *seccomm_plan_digest(const struct seccomm_plan *plan)
{
	return plan->digest;
}
size_t seccomm_plan_max_message(const struct seccomm_plan *plan)
{
	return plan->max_message;
}
const char *const *seccomm_plan_peers(const struct seccomm_plan *plan, size_t *count)
{
	*count = plan->peer_count;
	return (const char *const *)plan->peers;
}
enum seccomm_role seccomm_plan_role(const struct seccomm_plan *plan)
{
	return plan->role;
}
enum seccomm_link seccomm_plan_link(const struct seccomm_plan *plan)
{
	return plan->link;
}

const struct plan_timing *seccomm_plan_timing(const struct seccomm_plan *plan)
{
	return &plan->timing;
}

/* Padding makes it depend on the length, with the largest block as period: all of them are powers of two. */
size_t seccomm_plan_overhead(const struct seccomm_plan *plan)
{
	size_t most = 0, period = 1;

	for (size_t i = 0; i < plan->stack_count; i++) {
		const size_t block = plan->stack[i].mp->cactus.growth.block;

		period = block > period ? block : period;
	}
	for (size_t n = 0; n < period; n++)
		for (enum seccomm_direction way = SECCOMM_C2S; way <= SECCOMM_S2C; way++) {
			size_t added = seccomm_plan_wire_size(plan, way, n) - n;

			most = added > most ? added : most;
		}
	return most;
}

const struct plan_layer *seccomm_plan_stack_layers(const struct seccomm_plan *plan, size_t *count)
{
	*count = plan->stack_count;
	return plan->stack;
}

const struct plan_slot *seccomm_plan_slots(const struct seccomm_plan *plan, size_t *count)
{
	*count = plan->slot_count;
	return plan->slots;
}

/* What LAYER's text PARAMETER is; NULL: it has none. */
static const char *text_of(const struct plan_layer *layer, const char *parameter)
{
	const char *text = NULL;

	for (const struct cactus_param *p = layer->mp->cactus.params; p != NULL && p->name != NULL; p++)
		if (p->kind == CACTUS_TEXT && strcmp(p->name, parameter) == 0)
			memcpy(&text, (const char *)layer->image + p->at.offset, sizeof(text));
	return text;
}

bool seccomm_mp_pairs(const struct seccomm_mp *mp)
{
	return mp->kind != NULL && (strcmp(mp->kind, "sign") == 0 || strcmp(mp->kind, "pke") == 0 || strcmp(mp->kind, "kem") == 0);
}

const char *seccomm_mp_pair_kind(const struct seccomm_mp *mp)
{
	for (size_t i = 0; seccomm_mp_pairs(mp) && i < KEYS_EACH; i++)
		if (strcmp(keytext_purposes[i].algorithm, mp->algorithm) == 0)
			return keytext_purposes[i].make;
	return NULL;
}

const char *seccomm_slot_psk(const struct plan_slot *slot)
{
	return text_of(&slot->establish, "secret");
}

const char *seccomm_slot_creator_secret(const struct plan_slot *slot)
{
	return text_of(&slot->create, "secret");
}

bool seccomm_plan_anonymous(const struct seccomm_plan *plan)
{
	return plan->anonymous && plan->identity == NULL && seccomm_plan_psk(plan) == NULL;
}

bool seccomm_layer_same(const struct plan_layer *a, const struct plan_layer *b)
{
	bool same = a->mp == b->mp;

	for (const struct cactus_param *p = a->mp->cactus.params; same && p != NULL && p->name != NULL; p++) {
		const char *x = text_of(a, p->name), *y = text_of(b, p->name);

		if (p->kind != CACTUS_TEXT)
			same = memcmp((const char *)a->image + p->at.offset, (const char *)b->image + p->at.offset,
				   p->at.size) == 0;
		else
			same = x != NULL && y != NULL ? strcmp(x, y) == 0 : x == y;
	}
	return same;
}

const char *seccomm_layer_pad(const struct plan_layer *layer)
{
	return text_of(layer, "pad");
}

const char *seccomm_layer_cover(const struct plan_layer *layer, size_t *size)
{
	if (layer->mp->cactus.filling == NULL)
		return NULL;
	*size = layer->mp->cactus.filling(layer->image).to;
	return text_of(layer, "cover");
}

const char *seccomm_plan_psk(const struct seccomm_plan *plan)
{
	const char *name = NULL;

	for (size_t i = 0; i < plan->slot_count && name == NULL; i++)
		name = seccomm_slot_psk(&plan->slots[i]);
	return name;
}

size_t seccomm_plan_wire_size(const struct seccomm_plan *plan, enum seccomm_direction direction, size_t length)
{
	bool sends = (direction == SECCOMM_C2S) == (plan->role == SECCOMM_CLIENT);

	return plan->head + cactus_grown(plan->composition, 0, sends, length);
}
