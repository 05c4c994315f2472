/* SPDX-License-Identifier: Apache-2.0 */
/* law_when.c - what rows ask that facts of layers do not say. */
#include "check/laws/laws.h"

#include <inttypes.h>
#include <string.h>

/* Constants that are added one after the other are one, and 256 is none; what only packs in between changes nothing. */
bool law_cancels(struct law_site *s)
{
	struct config_arena *arena = s->draft->run->arena;
	uint64_t sum = 0, shift = 0;
	const char *terms = NULL;

	for (size_t i = s->at + 1; i-- > 0;) {
		if (!(s->facts[i] & FACT_HIDES))
			continue;
		if (!(s->facts[i] & FACT_ADDS) || !law_number(s->way->layer[i], "shift", &shift))
			return false;
		sum += shift;
		terms = terms ? config_print(arena, "%" PRIu64 " + %s", shift, terms) : config_print(arena, "%" PRIu64, shift);
		if (sum % 256 == 0) {
			s->other = i;
			s->detail = terms;
			return true;
		}
	}
	return false;
}

/* This one is the outermost of three or more. */
bool law_three_des(struct law_site *s)
{
	unsigned count = 0;

	for (size_t i = 0; i <= s->at; i++)
		count += (s->facts[i] & FACT_DES) && (s->facts[i] & FACT_CBC);
	return count >= 3;
}

bool law_one_key(struct law_site *s)
{
	const uint32_t key = s->way->layer[s->at]->image->key;

	s->detail = key ? s->draft->slots[key - 1].name : "";
	return key && s->way->layer[s->other]->image->key == key;
}

/* The value of the attribute's name, which the configuration may give; NULL: the nearest one inside is meant. */
static const char *meant(const struct plan_layer *layer, const struct cactus_attribute *a)
{
	const char *name = NULL;

	if (a->of.size == sizeof name)
		memcpy(&name, (const char *)layer->image + a->of.offset, sizeof name);
	return name && *name ? name : NULL;
}

static bool makes(const struct plan_layer *layer, const struct cactus_attribute *wanted, const char *name)
{
	if (name && strcmp(layer->name, name) != 0)
		return false;
	for (const struct cactus_attribute *a = layer->mp->cactus.attributes; a && a->name; a++)
		if (a->act == CACTUS_SETS && strcmp(a->name, wanted->name) == 0)
			return true;
	return false;
}

/* A signature over a digest for which there are, or soon will be, two messages. */
bool law_weak_digest(struct law_site *s)
{
	const struct plan_layer *own = s->way->layer[s->at];

	for (const struct cactus_attribute *a = own->mp->cactus.attributes; a && a->name; a++) {
		size_t i = s->at;

		while (a->act == CACTUS_READS && i > 0 && !makes(s->way->layer[i - 1], a, meant(own, a)))
			i--;
		if (a->act != CACTUS_READS || i == 0 || (s->facts[i - 1] & FACT_MODERN) || !(s->facts[i - 1] & FACT_DIGEST))
			continue;
		s->other = i - 1;
		return true;
	}
	return false;
}

/* Where evidence is required, that it is none is an error (SC415). */
bool law_needless(struct law_site *s)
{
	return s->draft->require[PLAN_NON_REPUDIATION] == SECCOMM_LEVEL_NONE;
}

bool law_mode(struct law_site *s)
{
	s->detail = law_word(s->way->layer[s->at], "mode");
	return s->detail;
}

bool law_far(struct law_site *s)
{
	struct config_arena *arena = s->draft->run->arena;
	uint64_t age = 0, skew = 0;

	(void)law_number(s->way->layer[s->at], "max-age", &age);
	(void)law_number(s->way->layer[s->at], "max-skew", &skew);
	s->detail = age > LAW_CLOCKS_US
			? config_print(arena, "%s old", config_duration_text(arena, age))
			: config_print(arena, "%s in the future", config_duration_text(arena, skew));
	return true;
}

/* Where nothing proves anything, that is told, and this is only a consequence. */
bool law_uncovered(struct law_site *s)
{
	const size_t count = s->way->count;
	const bool proven = law_find(s->facts, 0, count, FACT_PROVES) < count;

	return proven || (s->draft->require[PLAN_INTEGRITY] == SECCOMM_LEVEL_NONE && !s->told);
}

/* An exchange ends with a proof, by HMAC, that both ends have one key. */
bool law_unbound(struct law_site *s)
{
	return !(s->facts[s->at] & FACT_BINDS) && s->draft->slot_count == 1 && check_slot_salted(&s->draft->slots[0]);
}

bool law_overtaken(struct law_site *s)
{
	return s->draft->session->link == SECCOMM_DATAGRAM;
}
