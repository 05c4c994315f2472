/* SPDX-License-Identifier: Apache-2.0 */
/* explain_levels.c - the levels that a session achieves, of each lane in each direction, and why they are what they are. */
#include "check/explain/explain.h"
#include "config/model.h"

#include <inttypes.h>
#include <string.h>

static const char *const lacking[PLAN_PROPERTIES] = {
	[PLAN_CONFIDENTIALITY] = "everyone on the way can read the messages",
	[PLAN_INTEGRITY] = "an attacker can change messages unnoticed",
	[PLAN_AUTHENTICITY] = "nothing proves who sent a message",
	[PLAN_FRESHNESS] = "an old message that was recorded can be sent again",
	[PLAN_PEER_AUTHENTICITY] = "nothing proves who is at the other end",
	[PLAN_NON_REPUDIATION] = "nobody else can check who sent a message: either end could have made it",
	[PLAN_FORWARD_SECRECY] = "who learns the long-term keys later reads all that was recorded before",
};

const char *check_lacking(enum seccomm_property p)
{
	return lacking[p];
}

void check_data_levels(const struct seccomm_plan *plan, const struct check_keys *keys, struct check_levels out[3])
{
	size_t count;
	const struct plan_layer *layers = seccomm_plan_stack_layers(plan, &count);

	for (enum seccomm_direction d = SECCOMM_C2S; d <= SECCOMM_S2C; d++) {
		struct check_way way;

		check_way_of(layers, count, d, &way);
		check_levels_of(&way, keys, &out[d]);
	}
}

/* ---- Why ---- */

static void until(FILE *out, const struct plan_layer *by)
{
	const struct plan_limits limits = seccomm_mp_limits(by->mp);
	struct config_arena arena = { 0 };
	const char *bytes = limits.bytes != UINT64_MAX ? config_size_text(&arena, limits.bytes) : NULL;

	if (seccomm_layer_pad(by))
		fputs("; until the pad ends", out);
	else if (limits.messages != UINT64_MAX)
		fprintf(out, "; until %" PRIu64 " messages%s%s under one key", limits.messages, bytes ? " or " : "", bytes ? bytes : "");
	else if (bytes)
		fprintf(out, "; until %s under one key", bytes);
	config_release(&arena);
}

/* What a secret that several have is worth, in a key that follows from it alone and in one that it is mixed into. */
static void shared(FILE *out, const struct plan_slot *slot, enum seccomm_level level)
{
	if (level == SECCOMM_LEVEL_NONE && slot->shared)
		fprintf(out, ": the peers of other sessions compute key '%s' from secret '%s', which they have, too", slot->name, seccomm_slot_psk(slot));
	else if (level == SECCOMM_LEVEL_NONE)
		fprintf(out, ": each of the peers computes key '%s' from secret '%s', which all of them have", slot->name, seccomm_slot_psk(slot));
	else
		fprintf(out, ": secret '%s' in key '%s' does not count, for several peers have it", seccomm_slot_psk(slot), slot->name);
}

static void limited(FILE *out, const struct check_levels *levels, enum seccomm_property p, const char *key)
{
	switch (levels->why[p]) {
	case CHECK_BY_KEY:
		fprintf(out, ": no better than its key '%s'", key);
		break;
	case CHECK_BY_INNER:
		fputs(": no better than the digest it works on", out);
		break;
	case CHECK_BY_COVER:
		fputs(": no better than what proves that it was not altered", out);
		break;
	case CHECK_UNCOVERED:
		fputs(": nothing outside proves that it was not altered", out);
		break;
	case CHECK_SALTED:
		fputs(": without an exchange, nothing proves that a session is new", out);
		break;
	case CHECK_CIPHERTEXT:
		fputs(": what it signs is enciphered already", out);
		break;
	case CHECK_LASTING:
		fprintf(out, ": %s", lacking[p]);
		break;
	default:
		break;
	}
}

void check_why_text(FILE *out, const struct plan_slot *slots, const struct check_levels *levels, enum seccomm_property p)
{
	const struct plan_layer *by = levels->by[p];
	const struct plan_slot *slot = levels->key[p] ? &slots[levels->key[p] - 1] : NULL;
	bool exchange = p == PLAN_PEER_AUTHENTICITY && slot;

	if (by)
		fprintf(out, "by %s at order %u", by->mp->cactus.name, (unsigned)by->order);
	else
		fputs(exchange ? "by holding the secret" : "by nothing", out);
	if (exchange)
		fprintf(out, ", in the exchange of key %s", slot->name);
	if (levels->why[p] == CHECK_BY_SHARED && slot)
		shared(out, slot, levels->level[p]);
	else if (!by && !exchange)
		fprintf(out, ": %s", levels->why[p] == CHECK_SALTED ? "there is no exchange" : lacking[p]);
	else if (levels->level[p] < SECCOMM_LEVEL_MODERN)
		limited(out, levels, p, slot ? slot->name : "");
	if (by && !exchange && p <= PLAN_AUTHENTICITY && levels->level[p] != SECCOMM_LEVEL_NONE)
		until(out, by);
}

/* ---- As a table ---- */

enum { COLUMN = 11 };

static int width(const struct plan_slot *slot)
{
	int length = (int)strlen(slot->name) + (int)sizeof "key  c2s ";

	return length > COLUMN ? length : COLUMN;
}

static void column_names(FILE *out, const struct plan_slot *slots, size_t count)
{
	fprintf(out, "  %-18s%-*s%-*s", "", COLUMN, "data c2s", COLUMN, "data s2c");
	for (size_t i = 0; i < count; i++)
		for (enum seccomm_direction d = SECCOMM_C2S; d <= SECCOMM_S2C; d++)
			fprintf(out, "key %s%-*s", slots[i].name, width(&slots[i]) - (int)strlen(slots[i].name) - 4,
			    d == SECCOMM_C2S ? " c2s" : " s2c");
	fputc('\n', out);
}

static void row(FILE *out, const struct plan_slot *slots, size_t count, const struct check_keys *keys,
    const struct check_levels data[3], enum seccomm_property p)
{
	fprintf(out, "  %-18s", seccomm_property_name(p));
	for (enum seccomm_direction d = SECCOMM_C2S; d <= SECCOMM_S2C; d++)
		fprintf(out, "%-*s", COLUMN, seccomm_level_name(data[d].level[p]));
	for (size_t i = 0; i < count; i++)
		for (enum seccomm_direction d = SECCOMM_C2S; d <= SECCOMM_S2C; d++) {
			struct check_levels levels;

			check_key_levels_of(slots, keys, i, d, &levels);
			fprintf(out, "%-*s", width(&slots[i]), seccomm_level_name(levels.level[p]));
		}
	fputc('\n', out);
}

void check_explain_levels(FILE *out, const struct seccomm_plan *plan)
{
	size_t count;
	const struct plan_slot *slots = seccomm_plan_slots(plan, &count);
	struct check_levels data[3];
	struct check_keys keys;

	check_plan_keys(plan, &keys);
	check_data_levels(plan, &keys, data);
	fputs("\nachieved, of the data and of the exchange of each key\n", out);
	column_names(out, slots, count);
	for (int p = 0; p < PLAN_PROPERTIES; p++)
		row(out, slots, count, &keys, data, (enum seccomm_property)p);
	for (enum seccomm_direction d = SECCOMM_C2S; d <= SECCOMM_S2C; d++) {
		fprintf(out, "\nwhy, %s\n", d == SECCOMM_C2S ? "client to server" : "server to client");
		for (int p = 0; p < PLAN_PROPERTIES; p++) {
			fprintf(out, "  %-18s%-11s", seccomm_property_name((enum seccomm_property)p),
			    seccomm_level_name(data[d].level[p]));
			check_why_text(out, slots, &data[d], (enum seccomm_property)p);
			fputc('\n', out);
		}
	}
}
