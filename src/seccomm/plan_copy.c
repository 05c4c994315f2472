/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_copy.c - the memory of a plan: its own copy of what the checker asked for, and the end of it.
 */
#include <stdlib.h>
#include <string.h>

#include "seccomm/plan_private.h"

static char *copy_text(const char *text)
{
	return text != NULL ? strdup(text) : NULL;
}

static void free_layer(struct plan_layer *layer)
{
	if (layer->image != NULL)
		for (const struct cactus_param *p = layer->mp->cactus.params; p != NULL && p->name != NULL; p++)
			if (p->kind == CACTUS_TEXT) {
				char *text;

				memcpy(&text, (char *)layer->image + p->at.offset, sizeof(text));
				free(text);
			}
	free(layer->image);
	free((char *)(uintptr_t)layer->name);
}

/* TEXT parameters are pointers in the image: the plan gets its own strings, all of them before any failure is told. */
static bool own_texts(struct plan_layer *layer)
{
	bool ok = true;

	for (const struct cactus_param *p = layer->mp->cactus.params; p != NULL && p->name != NULL; p++) {
		const char *text;
		char *twin;

		if (p->kind != CACTUS_TEXT)
			continue;
		memcpy(&text, (char *)layer->image + p->at.offset, sizeof(text));
		twin = copy_text(text);
		memcpy((char *)layer->image + p->at.offset, &twin, sizeof(twin));
		ok = ok && (text == NULL || twin != NULL);
	}
	return ok;
}

static bool copy_layer(struct plan_layer *out, const struct plan_layer *in, uint32_t lane, size_t place)
{
	*out = (struct plan_layer){ .mp = in->mp, .order = in->order };
	out->name = copy_text(in->name != NULL ? in->name : in->mp->cactus.name);
	out->image = calloc(1, in->mp->cactus.size);
	if (out->image == NULL)
		return false;
	memcpy(out->image, in->image, in->mp->cactus.size);
	out->image->lane = lane;
	out->image->id = lane << 16 | (uint32_t)place;
	return own_texts(out) && out->name != NULL;
}

static struct plan_layer *copy_layers(const struct plan_layer *in, size_t count, uint32_t lane, bool *ok)
{
	struct plan_layer *out = calloc(count + 1, sizeof(*out));

	if (out == NULL)
		*ok = false;
	for (size_t i = 0; i < count && *ok; i++)
		*ok = copy_layer(&out[i], &in[i], lane, i + 1);
	return out;
}

static bool copy_slots(struct seccomm_plan *plan, const struct plan_request *request)
{
	bool ok = true;

	plan->slots = calloc(request->slot_count + 1, sizeof(*plan->slots));
	for (size_t i = 0; i < request->slot_count && ok && plan->slots != NULL; i++) {
		struct plan_slot *out = &plan->slots[i];
		const struct plan_slot *in = &request->slots[i];
		uint32_t lane = (uint32_t)i + 1;

		plan->slot_count++;
		out->name = copy_text(in->name);
		out->shared = in->shared;
		ok = out->name != NULL && copy_layer(&out->establish, &in->establish, lane, 0xfffe) &&
		     copy_layer(&out->create, &in->create, lane, 0xffff);
		out->protect = copy_layers(in->protect, in->protect_count, lane, &ok);
		out->protect_count = out->protect != NULL ? in->protect_count : 0;
	}
	return ok && plan->slots != NULL;
}

static bool copy_names(struct seccomm_plan *plan, const struct plan_request *request)
{
	plan->session = copy_text(request->session != NULL ? request->session : "session");
	plan->identity = copy_text(request->identity);
	plan->accepted = copy_text(request->accepted != NULL ? request->accepted : "");
	plan->peers = calloc(request->peer_count + 1, sizeof(*plan->peers));
	if (plan->session == NULL || plan->accepted == NULL || plan->peers == NULL || (request->identity != NULL && plan->identity == NULL))
		return false;
	for (size_t i = 0; i < request->peer_count; i++, plan->peer_count++)
		if ((plan->peers[i] = copy_text(request->peers[i])) == NULL)
			return false;
	return true;
}

static uint64_t or_never(uint64_t value)
{
	return value == 0 ? UINT64_MAX : value;
}

static struct plan_timing timing_of(const struct plan_timing *in)
{
	return (struct plan_timing){ or_never(in->rekey_after_us), or_never(in->rekey_bytes),
		or_never(in->rekey_messages), or_never(in->idle_us), or_never(in->keepalive_us) };
}

bool plan_copy(struct seccomm_plan *plan, const struct plan_request *request)
{
	bool ok = true;

	plan->role = request->role;
	plan->link = request->link;
	plan->lab = request->lab;
	plan->anonymous = request->anonymous;
	memcpy(plan->require, request->require, sizeof(plan->require));
	plan->max_message = request->max_message;
	plan->timing = timing_of(&request->timing);
	plan->stack = copy_layers(request->stack, request->stack_count, 0, &ok);
	plan->stack_count = plan->stack != NULL ? request->stack_count : 0;
	return ok && copy_slots(plan, request) && copy_names(plan, request);
}

static void free_layers(struct plan_layer *layers, size_t count)
{
	for (size_t i = 0; layers != NULL && i < count; i++)
		free_layer(&layers[i]);
	free(layers);
}

void seccomm_plan_free(struct seccomm_plan *plan)
{
	if (plan == NULL || atomic_fetch_sub(&plan->references, 1) != 1)
		return;
	cactus_composition_free(plan->composition);
	free_layers(plan->stack, plan->stack_count);
	for (size_t i = 0; i < plan->slot_count; i++) {
		free((char *)(uintptr_t)plan->slots[i].name);
		free_layer(&plan->slots[i].establish);
		free_layer(&plan->slots[i].create);
		free_layers((struct plan_layer *)(uintptr_t)plan->slots[i].protect, plan->slots[i].protect_count);
	}
	for (size_t i = 0; i < plan->peer_count; i++)
		free(plan->peers[i]);
	free(plan->slots);
	free(plan->peers);
	free(plan->session);
	free(plan->identity);
	free(plan->accepted);
	free(plan->chains);
	free(plan->text);
	free(plan);
}
