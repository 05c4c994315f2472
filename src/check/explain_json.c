/* SPDX-License-Identifier: Apache-2.0 */
/* explain_json.c - what explain.c says, for programs. */
#include "check/explain.h"

#include <jansson.h>

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

static json_t *json_key(const struct seccomm_plan *plan, size_t i, const struct check_keys *keys)
{
	size_t count;
	const struct plan_slot *slot = &seccomm_plan_slots(plan, &count)[i];
	unsigned ways = slot->establish.mp->wraps;

	return json_pack("{s:s, s:I, s:o, s:o, s:o, s:s, s:s?, s:b, s:b, s:b}", "name", slot->name, "index",
	    (json_int_t)i + 1, "establish", json_layer(&slot->establish), "create", json_layer(&slot->create),
	    "protect", json_layers(slot->protect, slot->protect_count), "authenticated",
	    seccomm_level_name(check_slot_authenticity(slot, keys, keys->level[i])), "hidden",
	    ways ? seccomm_level_name(check_exchange_level(slot, keys, PLAN_CONFIDENTIALITY, ways)) : NULL,
	    "forward-secrecy", (int)check_slot_forward(plan, i), "identity-hiding", 0, "deniability", 0);
}

static json_t *json_keys(const struct check_session *s)
{
	size_t count;
	const struct plan_slot *slots = seccomm_plan_slots(s->plan, &count);
	json_t *list = json_array();
	struct check_keys keys;

	check_keys_of(slots, count, &keys);
	for (size_t i = 0; list && i < count; i++)
		if (json_array_append_new(list, json_key(s->plan, i, &keys)) != 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

static json_t *json_way(const struct check_session *s, enum seccomm_direction d)
{
	size_t count, slot_count;
	const struct plan_layer *layers = seccomm_plan_stack_layers(s->plan, &count);
	const struct plan_slot *slots = seccomm_plan_slots(s->plan, &slot_count);
	json_t *way = json_object();
	struct check_keys keys;
	struct check_levels levels;
	struct check_way list;
	bool ok = way != NULL;

	check_keys_of(slots, slot_count, &keys);
	check_way_of(layers, count, d, &list);
	check_levels_of(&list, &keys, &levels);
	for (int p = 0; ok && p < PLAN_PROPERTIES; p++)
		ok = json_object_set_new(way, seccomm_property_name((enum seccomm_property)p),
			 json_pack("{s:s, s:s?}", "level", seccomm_level_name(levels.level[p]), "by",
			     levels.by[p] ? levels.by[p]->name : NULL)) == 0;
	ok = ok && json_object_set_new(
		       way, "added-bytes", json_integer((json_int_t)seccomm_plan_wire_size(s->plan, d, 0))) == 0;
	if (ok)
		return way;
	json_decref(way);
	return NULL;
}

static json_t *json_digest(const struct seccomm_plan *plan)
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
	    json_object_set_new(whole, "configuration-digest", json_digest(s->plan)) == 0 &&
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
