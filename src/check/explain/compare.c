/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compare.c - what changes from one plan to another, as JSON: a section for each kind of thing, a row for each change.
 *
 * What the two ends must have in common is told from what each of them does alone ("local"), which no peer sees.
 */
#include "check/explain/compare.h"
#include "check/explain/explain.h"
#include "check/internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTH = 100, TOLD_MAX = 3000 }; /* bytes of the message that is measured; of what a peer is told */

void compare_add(struct comparison *c, json_t *list, json_t *row)
{
	if (json_array_append_new(list, row) != 0)
		c->failed = true;
}

void compare_value(struct comparison *c, json_t *list, const char *what, const char *from, const char *to, bool local)
{
	if (from == to || (from && to && strcmp(from, to) == 0))
		return;
	compare_add(
	    c, list, json_pack("{s:s, s:s?, s:s?, s:b}", "what", what, "from", from, "to", to, "local", (int)local));
}

static const struct plan_slot *slots_of(const struct comparison *c, int side, size_t *count)
{
	return seccomm_plan_slots(c->side[side]->plan, count);
}

/* ---- Levels ---- */

static void levels(struct comparison *c, json_t *list, const char *lane, enum seccomm_direction d,
    const struct check_levels *a, const struct check_levels *b)
{
	for (int p = 0; p < PLAN_PROPERTIES; p++)
		if (a->level[p] != b->level[p])
			compare_add(c, list,
			    json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "lane", lane, "direction",
				seccomm_direction_name(d), "property", seccomm_property_name((enum seccomm_property)p),
				"from", seccomm_level_name(a->level[p]), "to", seccomm_level_name(b->level[p]),
				"change", a->level[p] < b->level[p] ? "stronger" : "weaker"));
}

static void compare_levels(struct comparison *c, json_t *list)
{
	struct check_levels data[2][3], of[2];
	struct check_keys keys[2];
	const struct plan_slot *slots[2];
	size_t count[2];

	for (int s = 0; s < 2; s++) {
		slots[s] = slots_of(c, s, &count[s]);
		check_plan_keys(c->side[s]->plan, &keys[s]);
		check_data_levels(c->side[s]->plan, &keys[s], data[s]);
	}
	for (enum seccomm_direction d = SECCOMM_C2S; d <= SECCOMM_S2C; d++)
		levels(c, list, "data", d, &data[0][d], &data[1][d]);
	for (size_t i = 0; i < count[0] && i < count[1]; i++)
		for (enum seccomm_direction d = SECCOMM_C2S; d <= SECCOMM_S2C; d++) {
			const char *lane = config_print(&c->arena, "key %s", slots[0][i].name);

			for (int s = 0; s < 2; s++)
				check_key_levels_of(slots[s], &keys[s], i, d, &of[s]);
			if (lane)
				levels(c, list, lane, d, &of[0], &of[1]);
			c->failed = c->failed || !lane;
		}
}

/* ---- Layers and keys ---- */

static void compare_stacks(struct comparison *c, json_t *list)
{
	struct compare_lane lane[2];
	size_t count[2];

	for (int s = 0; s < 2; s++) {
		lane[s].slots = slots_of(c, s, &count[s]);
		lane[s].layers = seccomm_plan_stack_layers(c->side[s]->plan, &lane[s].count);
	}
	compare_lanes(c, list, "data", &lane[0], &lane[1]);
	/* What protects a key that one side has not comes or goes with it. */
	for (size_t i = 0; i < count[0] && i < count[1]; i++) {
		const char *name = config_print(&c->arena, "key %s", lane[0].slots[i].name);

		for (int s = 0; s < 2; s++) {
			lane[s].layers = lane[s].slots[i].protect;
			lane[s].count = lane[s].slots[i].protect_count;
		}
		if (name)
			compare_lanes(c, list, name, &lane[0], &lane[1]);
		c->failed = c->failed || !name;
	}
}

static const char *key_text(struct comparison *c, const struct plan_slot *slot)
{
	const char *text = config_print(&c->arena, "%s", slot->establish.mp->cactus.name);

	for (size_t i = 0; text && i < slot->protect_count; i++)
		text = config_print(
		    &c->arena, "%s%s%s", text, i ? ", " : " protected by ", slot->protect[i].mp->cactus.name);
	c->failed = c->failed || !text;
	return text;
}

static void key_row(struct comparison *c, json_t *list, const char *name, const char *change, json_t *changes)
{
	compare_add(c, list, json_pack("{s:s, s:s, s:o}", "key", name, "change", change, "changes", changes));
}

static void compare_keys(struct comparison *c, json_t *list)
{
	size_t count[2];
	const struct plan_slot *a = slots_of(c, 0, &count[0]), *b = slots_of(c, 1, &count[1]);

	for (size_t i = 0; i < count[0] || i < count[1]; i++) {
		const bool both = i < count[0] && i < count[1];
		json_t *changes = json_array();

		if (both) {
			compare_value(c, changes, "name", a[i].name, b[i].name, true);
			compare_layer(c, changes, "establish", &a[i].establish, &b[i].establish, false);
			compare_layer(c, changes, "create", &a[i].create, &b[i].create, true);
		} else {
			compare_value(c, changes, "establish", i < count[0] ? key_text(c, &a[i]) : NULL,
			    i < count[1] ? key_text(c, &b[i]) : NULL, false);
		}
		if (json_array_size(changes) > 0)
			key_row(c, list, i < count[0] ? a[i].name : b[i].name,
			    both           ? "changed"
			    : i < count[0] ? "removed"
					   : "added",
			    changes);
		else
			json_decref(changes);
	}
}

/* ---- Bytes ---- */

static void compare_bytes(struct comparison *c, json_t *list)
{
	for (enum seccomm_direction d = SECCOMM_C2S; d <= SECCOMM_S2C; d++) {
		const size_t a = seccomm_plan_wire_size(c->side[0]->plan, d, LENGTH),
			     b = seccomm_plan_wire_size(c->side[1]->plan, d, LENGTH);

		if (a != b)
			compare_add(c, list,
			    json_pack("{s:s, s:I, s:I, s:I}", "direction", seccomm_direction_name(d), "length",
				(json_int_t)LENGTH, "from", (json_int_t)a, "to", (json_int_t)b));
	}
}

/* ---- Settings ---- */

/* A line of the configuration text that is about no layer and no key: its last word is what it says of the others. */
static const char *setting(struct comparison *c, const char *line, const char **value)
{
	const size_t length = strcspn(line, "\n");
	char *name = config_print(&c->arena, "%.*s", (int)length, line);
	char *blank = name ? strrchr(name, ' ') : NULL;

	c->failed = c->failed || !name;
	*value = "yes";
	if (!name || strncmp(name, "layer ", 6) == 0 || strncmp(name, "key ", 4) == 0)
		return NULL;
	if (blank && strncmp(name, "accept ", 7) != 0) {
		*value = blank + 1;
		*blank = '\0';
	}
	return name;
}

static const char *next_line(const char *line)
{
	const size_t length = strcspn(line, "\n");

	return line + length + (line[length] == '\n');
}

/* What TEXT says of NAME; NULL: nothing. */
static const char *said(struct comparison *c, const char *text, const char *name)
{
	const char *value, *other;

	for (; *text; text = next_line(text)) {
		other = setting(c, text, &value);
		if (other && strcmp(other, name) == 0)
			return value;
	}
	return NULL;
}

static void settings_of(struct comparison *c, json_t *list, const char *text, const char *other, bool reversed)
{
	for (const char *line = text, *value; *line; line = next_line(line)) {
		const char *name = setting(c, line, &value), *there = name ? said(c, other, name) : NULL;

		if (name && !reversed)
			compare_value(c, list, name, value, there, false);
		else if (name && !there)
			compare_value(c, list, name, NULL, value, false);
	}
}

static const char *time_text(struct comparison *c, uint64_t value, const char *(*text)(struct config_arena *, uint64_t))
{
	const char *written = value == 0 || value == UINT64_MAX ? "never" : text(&c->arena, value);

	c->failed = c->failed || !written;
	return written;
}

static const char *count_text(struct config_arena *arena, uint64_t value)
{
	return config_print(arena, "%" PRIu64, value);
}

static const struct timed {
	const char *name;
	size_t at; /* in struct plan_timing */
	const char *(*text)(struct config_arena *, uint64_t);
} times[] = {
	{ "rekey after", offsetof(struct plan_timing, rekey_after_us), config_duration_text },
	{ "rekey bytes", offsetof(struct plan_timing, rekey_bytes), config_size_text },
	{ "rekey messages", offsetof(struct plan_timing, rekey_messages), count_text },
	{ "idle", offsetof(struct plan_timing, idle_us), config_duration_text },
	{ "keepalive", offsetof(struct plan_timing, keepalive_us), config_duration_text },
};

static void compare_settings(struct comparison *c, json_t *list)
{
	static const char *const roles[] = { [SECCOMM_CLIENT] = "client", [SECCOMM_SERVER] = "server" };
	const struct seccomm_plan *a = c->side[0]->plan, *b = c->side[1]->plan;

	settings_of(c, list, seccomm_plan_text(a), seccomm_plan_text(b), false);
	settings_of(c, list, seccomm_plan_text(b), seccomm_plan_text(a), true);
	compare_value(c, list, "role", roles[seccomm_plan_role(a)], roles[seccomm_plan_role(b)], true);
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		uint64_t value[2];

		memcpy(&value[0], (const char *)seccomm_plan_timing(a) + times[i].at, sizeof value[0]);
		memcpy(&value[1], (const char *)seccomm_plan_timing(b) + times[i].at, sizeof value[1]);
		compare_value(c, list, times[i].name, time_text(c, value[0], times[i].text),
		    time_text(c, value[1], times[i].text), true);
	}
}

/* ---- The whole ---- */

/* What costs time belongs behind what costs bytes, as one more row here, and one in compare_text.c. */
static const struct section {
	const char *name;
	void (*compare)(struct comparison *, json_t *list);
} sections[] = {
	{ "levels", compare_levels },
	{ "layers", compare_stacks },
	{ "keys", compare_keys },
	{ "bytes", compare_bytes },
	{ "settings", compare_settings },
};

static json_t *side(const struct check_side *s)
{
	return json_pack("{s:s, s:o}", "name", s->name, "configuration-digest", check_digest_json(s->plan));
}

/* FROM: whose end it is told at, when the other one's configuration comes. */
static json_t *told(const struct seccomm_plan *ours, const struct seccomm_plan *theirs)
{
	char text[TOLD_MAX];

	seccomm_text_diff(seccomm_plan_text(ours), seccomm_plan_text(theirs), text, sizeof text);
	return *text ? json_string(text) : json_null();
}

bool check_same(const struct seccomm_plan *a, const struct seccomm_plan *b)
{
	return memcmp(seccomm_plan_digest(a), seccomm_plan_digest(b), CRYPTO_HASH_BYTES) == 0;
}

static json_t *compare(struct comparison *c)
{
	const struct seccomm_plan *a = c->side[0]->plan, *b = c->side[1]->plan;
	json_t *whole = json_pack("{s:o, s:o, s:b, s:o, s:o}", "a", side(c->side[0]), "b", side(c->side[1]), "equal",
	    (int)check_same(a, b), "told-at-a", told(a, b), "told-at-b", told(b, a));

	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
		json_t *list = json_array();

		sections[i].compare(c, list);
		c->failed = json_object_set_new(whole, sections[i].name, list) != 0 || c->failed;
	}
	return whole;
}

char *check_compare(const struct check_side *a, const struct check_side *b, bool json)
{
	struct comparison c = { .side = { a, b } };
	json_t *whole = compare(&c);
	char *text = NULL;

	if (whole && !c.failed)
		text = json ? json_dumps(whole, JSON_INDENT(2)) : check_stream_text(compare_write, whole);
	json_decref(whole);
	config_release(&c.arena);
	return text;
}
