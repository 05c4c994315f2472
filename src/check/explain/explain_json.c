/* SPDX-License-Identifier: Apache-2.0 */
/* explain_json.c - what explain.c says, for programs. */
#include "check/explain/explain.h"

#include <jansson.h>
#include <stdlib.h>

struct why {
	const struct plan_slot *slots;
	const struct check_levels *levels;
	enum seccomm_property p;
};

static json_t *json_layer(const struct plan_layer *layer)
{
	return json_pack("{s:s, s:s, s:s, s:s?, s:s*, s:s, s:s, s:I, s:I, s:s*}", "name", layer->name, "micro-protocol",
	    layer->mp->cactus.name, "layer", layer->mp->layer, "word", layer->mp->word, "paper", layer->mp->paper,
	    "standing", seccomm_standing_name(layer->mp->standing), "direction",
	    seccomm_direction_name((enum seccomm_direction)layer->image->direction), "order", (json_int_t)layer->order,
	    "key", (json_int_t)layer->image->key, "pad", seccomm_layer_pad(layer));
}

static json_t *json_layers(const struct plan_layer *layers, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < count; i++)
		if (json_array_append_new(list, json_layer(&layers[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

static void write_why(FILE *out, const void *context)
{
	const struct why *why = context;

	check_why_text(out, why->slots, why->levels, why->p);
}

/* {property: {level, by, why}} */
static json_t *json_levels(const struct plan_slot *slots, const struct check_levels *levels)
{
	json_t *whole = json_object();
	bool ok = whole != NULL;

	for (int p = 0; ok && p < PLAN_PROPERTIES; p++) {
		const struct why context = { slots, levels, (enum seccomm_property)p };
		char *why = check_stream_text(write_why, &context);

		ok = why && json_object_set_new(whole, seccomm_property_name(context.p),
				json_pack("{s:s, s:s?, s:s}", "level", seccomm_level_name(levels->level[p]), "by",
				    levels->by[p] ? levels->by[p]->name : NULL, "why", why)) == 0;
		free(why);
	}
	if (ok)
		return whole;
	json_decref(whole);
	return NULL;
}

static json_t *json_key(const struct seccomm_plan *plan, size_t i, const struct check_keys *keys)
{
	size_t count;
	const struct plan_slot *slots = seccomm_plan_slots(plan, &count), *slot = &slots[i];
	struct check_levels c2s, s2c;

	check_key_levels_of(slots, keys, i, SECCOMM_C2S, &c2s);
	check_key_levels_of(slots, keys, i, SECCOMM_S2C, &s2c);
	return json_pack("{s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:b, s:b}", "name", slot->name, "index", (json_int_t)i + 1,
	    "establish", json_layer(&slot->establish), "create", json_layer(&slot->create), "protect",
	    json_layers(slot->protect, slot->protect_count), "c2s", json_levels(slots, &c2s), "s2c",
	    json_levels(slots, &s2c), "identity-hiding", 0, "deniability", 0);
}

static json_t *json_keys(const struct check_session *s)
{
	size_t count;
	json_t *list = json_array();
	struct check_keys keys;

	(void)seccomm_plan_slots(s->plan, &count);
	check_plan_keys(s->plan, &keys);
	for (size_t i = 0; list && i < count; i++)
		if (json_array_append_new(list, json_key(s->plan, i, &keys)) != 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

static json_t *json_way(const struct check_session *s, enum seccomm_direction d)
{
	size_t count;
	const struct plan_slot *slots = seccomm_plan_slots(s->plan, &count);
	struct check_levels levels[3];
	struct check_keys keys;
	json_t *way;

	check_plan_keys(s->plan, &keys);
	check_data_levels(s->plan, &keys, levels);
	way = json_levels(slots, &levels[d]);
	if (way && json_object_set_new(way, "added-bytes", json_integer((json_int_t)seccomm_plan_wire_size(s->plan, d, 0))) == 0)
		return way;
	json_decref(way);
	return NULL;
}

json_t *check_digest_json(const struct seccomm_plan *plan)
{
	char text[2 * CRYPTO_HASH_BYTES + 1];

	for (size_t i = 0; i < CRYPTO_HASH_BYTES; i++)
		snprintf(text + 2 * i, 3, "%02x", seccomm_plan_digest(plan)[i]);
	return json_string(text);
}

static json_t *json_time(uint64_t value)
{
	return value == UINT64_MAX ? json_null() : json_integer((json_int_t)value);
}

static json_t *json_times(const struct seccomm_plan *plan)
{
	const struct plan_timing *t = seccomm_plan_timing(plan);

	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "rekey-after-us", json_time(t->rekey_after_us), "rekey-bytes",
	    json_time(t->rekey_bytes), "rekey-messages", json_time(t->rekey_messages), "idle-us", json_time(t->idle_us),
	    "keepalive-us", json_time(t->keepalive_us));
}

static json_t *json_session(const struct check_session *s)
{
	size_t count;
	const struct plan_layer *layers;
	json_t *whole = json_pack("{s:s, s:s, s:s, s:s?, s:s?, s:s*, s:s*, s:b, s:b}", "session", s->name, "role",
	    s->role == SECCOMM_CLIENT ? "client" : "server", "link", s->link == SECCOMM_STREAM ? "stream" : "datagram",
	    "listen", s->listen, "connect", s->connect, "identity", s->identity, "profile", s->profile, "lab",
	    (int)s->lab, "valid", (int)(s->plan != NULL));

	if (!whole || !s->plan)
		return whole;
	layers = seccomm_plan_stack_layers(s->plan, &count);
	if (json_object_set_new(whole, "stack", json_layers(layers, count)) == 0 &&
	    json_object_set_new(whole, "keys", json_keys(s)) == 0 &&
	    json_object_set_new(whole, "c2s", json_way(s, SECCOMM_C2S)) == 0 &&
	    json_object_set_new(whole, "s2c", json_way(s, SECCOMM_S2C)) == 0 &&
	    json_object_set_new(whole, "max-message", json_integer((json_int_t)seccomm_plan_max_message(s->plan))) ==
		0 &&
	    json_object_set_new(whole, "times", json_times(s->plan)) == 0 &&
	    json_object_set_new(whole, "configuration-digest", check_digest_json(s->plan)) == 0 &&
	    json_object_set_new(whole, "configuration-text", json_string(seccomm_plan_text(s->plan))) == 0)
		return whole;
	json_decref(whole);
	return NULL;
}

char *check_explain_session_json(const struct check_session *session)
{
	json_t *whole = json_session(session);
	char *text = whole ? json_dumps(whole, JSON_INDENT(2)) : NULL;

	json_decref(whole);
	return text;
}
