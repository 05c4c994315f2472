/* SPDX-License-Identifier: Apache-2.0 */
/* shortage.c - what is achieved against what is required, in each direction. */
#include "check/internal.h"

#include <string.h>

static const unsigned gives[PLAN_PROPERTIES] = { SECCOMM_GIVES_CONFIDENTIALITY, SECCOMM_GIVES_INTEGRITY,
	SECCOMM_GIVES_AUTHENTICITY, SECCOMM_GIVES_FRESHNESS };

static const char *id_of(enum seccomm_property p, enum seccomm_level level)
{
	if (p == PLAN_FRESHNESS)
		return "SC607";
	if (p == PLAN_CONFIDENTIALITY)
		return level == SECCOMM_LEVEL_NONE ? "SC220" : level == SECCOMM_LEVEL_TOY ? "SC211" : "SC210";
	return level == SECCOMM_LEVEL_NONE ? "SC221" : "SC305";
}

static const char *const reasons[PLAN_PROPERTIES] = { "everyone on the way can read the messages",
	"an attacker can change messages unnoticed", "nothing proves who sent a message",
	"an old message that was recorded can be sent again" };

struct want {
	unsigned gives;
	enum seccomm_link link;
};

static bool gives_it(const struct seccomm_mp *mp, const void *context)
{
	const struct want *want = context;

	return (mp->gives & want->gives) && mp->class_of != SECCOMM_KEY_DISTRIBUTION &&
	       (want->link == SECCOMM_STREAM || !mp->ordered);
}

static bool salted(const struct check_draft *d)
{
	return d->slot_count > 0 && check_slot_salted(&d->slots[0]);
}

/* The name of the key that keeps a modern layer from being one; NULL: it is not a key that does. */
static const char *weak_key(const struct check_draft *d, const struct plan_layer *by)
{
	bool keyed = by && by->mp->standing == SECCOMM_MODERN && by->image->key >= 1 && by->image->key <= d->slot_count;

	return keyed ? d->slots[by->image->key - 1].name : NULL;
}

/* Of the key of BY, which has one. */
static enum seccomm_level creator_level(const struct check_draft *d, const struct plan_layer *by)
{
	return check_creator_level(d->slots, d->slot_count, by->image->key - 1);
}

static const char *remedy(struct check_draft *d, enum seccomm_property p, const struct plan_layer *by)
{
	struct config_arena *arena = d->run->arena;
	const struct want want = { gives[p], d->session->link };
	const char *providers = check_providers(d->run, gives_it, &want), *key = weak_key(d, by);
	const char *where = p == PLAN_FRESHNESS ? " first" : p == PLAN_CONFIDENTIALITY ? "" : " last";

	if (p == PLAN_FRESHNESS && salted(d))
		return "use   establish: psk   , whose exchange makes every session's keys new";
	if (p == PLAN_FRESHNESS && by && by->mp->standing == SECCOMM_MODERN)
		return "put behind it a modern layer that authenticates, under a modern key";
	if (key && creator_level(d, by) != SECCOMM_LEVEL_MODERN)
		return config_print(arena, "leave 'create' out where the part of key '%s' comes from", key);
	if (key)
		return config_print(arena, "protect key '%s' by modern layers with modern keys", key);
	return providers ? config_print(arena, "add to the stack%s   - %s", where, providers) : NULL;
}

/* Why a layer reaches no more than LEVEL: its own standing, or the key it uses. */
static const char *blame(struct check_draft *d, const struct plan_layer *by, enum seccomm_property p)
{
	struct config_arena *arena = d->run->arena;
	const char *text;

	if (p == PLAN_FRESHNESS && salted(d))
		return "establish: none has no exchange: after a restart, all that was recorded before passes as new";
	if (!by)
		return reasons[p];
	text = check_layer_text(arena, by);
	if (!text)
		return NULL;
	if (by->mp->standing != SECCOMM_MODERN)
		return config_print(arena, "%s is %s", text, seccomm_standing_name(by->mp->standing));
	if (weak_key(d, by))
		return config_print(arena, "%s is modern, but what %s its key '%s' is not", text,
		    creator_level(d, by) == SECCOMM_LEVEL_MODERN ? "protects the exchange of" : "creates", weak_key(d, by));
	return config_print(arena, "%s is modern, but what it rests on is not", text);
}

struct lack {
	enum seccomm_level level;
	const struct plan_layer *by;
	bool c2s, s2c;
};

static struct config_place place_of(const struct check_draft *d, const struct plan_layer *by)
{
	for (size_t i = 0; i < d->stack.count; i++)
		if (&d->stack.layers[i] == by)
			return check_layer_place(d->stack.from[i]);
	return d->stack_at;
}

static bool tell(struct check_draft *d, enum seccomm_property p, const struct lack *lack, bool both_proofs)
{
	struct config_arena *arena = d->run->arena;
	const char *names = both_proofs ? "integrity and authenticity" : seccomm_property_name(p);
	const char *as_yaml =
	    both_proofs ? config_print(arena, "integrity: %s, authenticity", seccomm_level_name(lack->level)) : names;
	const char *way = lack->c2s && lack->s2c ? "in both directions"
			  : lack->c2s            ? "from the client to the server"
						 : "from the server to the client";
	const char *reason = blame(d, lack->by, p), *add = remedy(d, p, lack->by);
	const char *help = as_yaml && add ? config_print(arena, "%s\nor, if that is meant, say so:   require: {%s: %s}",
						add, as_yaml, seccomm_level_name(lack->level))
					  : NULL;

	if (!reason || !help)
		return false;
	check_tell(d->run, &(struct check_report){ id_of(p, lack->level), place_of(d, lack->by),
			       config_print(arena, "achieved %s %s: %s; required: %s", names, way,
				   seccomm_level_name(lack->level), seccomm_level_name(d->require[p])),
			       reason, help });
	return !arena->failed;
}

/* What is short of P: up to two, one for both directions if they are alike. */
static size_t lacks(const struct check_draft *d, const struct check_levels levels[3], const unsigned excused[3],
    enum seccomm_property p, struct lack out[2])
{
	size_t n = 0;

	for (enum seccomm_direction way = SECCOMM_C2S; way <= SECCOMM_S2C; way++) {
		enum seccomm_level level = levels[way].level[p];

		if (level >= d->require[p] || (excused[way] & 1U << p))
			continue;
		if (n == 0 || out[0].level != level || out[0].by != levels[way].by[p])
			out[n++] = (struct lack){ .level = level, .by = levels[way].by[p] };
		out[n - 1].c2s = out[n - 1].c2s || way == SECCOMM_C2S;
		out[n - 1].s2c = out[n - 1].s2c || way == SECCOMM_S2C;
	}
	return n;
}

static bool alike(const struct lack *a, const struct lack *b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (a[i].level != b[i].level || a[i].by != b[i].by || a[i].c2s != b[i].c2s || a[i].s2c != b[i].s2c)
			return false;
	return count > 0;
}

/*
 * An exchange that nobody authenticates has been told of (SC701), and so has a key that travels readable (SC713); what
 * follows from that is not repeated for every layer.
 */
static void take_keys(const struct check_draft *d, struct check_keys *keys)
{
	bool told = false;

	check_keys_of(d->slots, d->slot_count, keys);
	for (size_t i = 0; i < keys->count; i++)
		told = told || keys->level[i] == SECCOMM_LEVEL_NONE;
	for (size_t i = 0; i < keys->count && told; i++)
		keys->level[i] = SECCOMM_LEVEL_MODERN;
}

bool check_shortage(struct check_draft *d, const unsigned excused[3])
{
	struct check_levels levels[3];
	struct lack list[PLAN_PROPERTIES][2];
	size_t count[PLAN_PROPERTIES];
	struct check_keys keys;
	bool proofs;

	take_keys(d, &keys);
	for (enum seccomm_direction way = SECCOMM_C2S; way <= SECCOMM_S2C; way++) {
		struct check_way layers;

		check_way_of(d->stack.layers, d->stack.count, way, &layers);
		check_levels_of(&layers, &keys, &levels[way]);
	}
	for (int p = 0; p < PLAN_PROPERTIES; p++)
		count[p] = lacks(d, levels, excused, (enum seccomm_property)p, list[p]);
	/* Mostly one cause takes both away: then that is one finding. */
	proofs = count[PLAN_INTEGRITY] == count[PLAN_AUTHENTICITY] &&
		 d->require[PLAN_INTEGRITY] == d->require[PLAN_AUTHENTICITY] &&
		 alike(list[PLAN_INTEGRITY], list[PLAN_AUTHENTICITY], count[PLAN_INTEGRITY]);
	for (int p = 0; p < PLAN_PROPERTIES; p++)
		for (size_t i = 0; i < count[p] && !(proofs && p == PLAN_AUTHENTICITY); i++)
			if (!tell(d, (enum seccomm_property)p, &list[p][i], proofs && p == PLAN_INTEGRITY))
				return false;
	return true;
}
