/* SPDX-License-Identifier: Apache-2.0 */
/* law_facts.c - what is known of a layer in its place, from its table and its parameters. */
#include "check/laws/laws.h"

#include <string.h>

static const struct cactus_param *param(const struct seccomm_mp *mp, const char *name)
{
	for (const struct cactus_param *p = mp->cactus.params; p && p->name; p++)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

bool law_number(const struct plan_layer *layer, const char *name, uint64_t *out)
{
	const struct cactus_param *p = param(layer->mp, name);
	const unsigned char *field = p ? (const unsigned char *)layer->image + p->at.offset : NULL;
	uint32_t small;

	if (!p || p->kind == CACTUS_TEXT)
		return false;
	if (p->at.size == sizeof *out) {
		memcpy(out, field, sizeof *out);
		return true;
	}
	memcpy(&small, field, sizeof small);
	*out = small;
	return true;
}

const char *law_word(const struct plan_layer *layer, const char *name)
{
	const struct cactus_param *p = param(layer->mp, name);
	uint64_t value;

	return p && p->kind == CACTUS_WORD && law_number(layer, name, &value) ? p->words[value] : NULL;
}

static bool is(const char *text, const char *wanted)
{
	return text && strcmp(text, wanted) == 0;
}

static bool begins(const char *text, const char *start)
{
	return text && strncmp(text, start, strlen(start)) == 0;
}

static bool ends(const char *text, const char *end)
{
	return text && strlen(text) >= strlen(end) && strcmp(text + strlen(text) - strlen(end), end) == 0;
}

static uint32_t so(bool is_so, uint32_t fact)
{
	return is_so ? fact : 0;
}

static uint32_t given(const struct seccomm_mp *mp)
{
	const unsigned g = mp->gives;

	return so(g & SECCOMM_GIVES_CONFIDENTIALITY, FACT_HIDES) | so(g & SECCOMM_GIVES_INTEGRITY, FACT_INTEGRITY) |
	       so(g & (SECCOMM_GIVES_INTEGRITY | SECCOMM_GIVES_AUTHENTICITY), FACT_PROVES) |
	       so(g & SECCOMM_GIVES_SIGNATURE, FACT_SIGNS) | so(g & SECCOMM_GIVES_FRESHNESS, FACT_FRESH) |
	       so(g & SECCOMM_GIVES_CHECKSUM, FACT_CHECKSUM) | so(mp->standing == SECCOMM_MODERN, FACT_MODERN) |
	       so(mp->standing == SECCOMM_TOY, FACT_TOY);
}

/* Of a layer that hides. */
static uint32_t hiding(const struct plan_layer *layer)
{
	const struct seccomm_mp *mp = layer->mp;
	const bool cipher = is(mp->kind, "cipher"), blocks = cipher && mp->cactus.growth.block > 0,
		   adds = mp->standing == SECCOMM_TOY && param(mp, "shift"), ecb = blocks && mp->cactus.growth.prefix == 0;

	return so(mp->standing != SECCOMM_TOY, FACT_CIPHER) | so(blocks, FACT_BLOCKS) | so(cipher && !blocks, FACT_STREAM) |
	       so((cipher && !blocks) || adds || seccomm_layer_pad(layer), FACT_BYTES) | so(adds, FACT_ADDS) |
	       so(ecb, FACT_ECB) | so(mp->standing != SECCOMM_TOY && !ecb, FACT_VEILS) |
	       so(cipher && begins(mp->algorithm, "des-"), FACT_DES) | so(ends(mp->algorithm, "-cbc"), FACT_CBC) |
	       so(is(mp->kind, "pke"), FACT_SEALS);
}

static bool wide(const struct plan_layer *layer)
{
	uint64_t age = 0, skew = 0;

	return law_number(layer, "max-age", &age) && law_number(layer, "max-skew", &skew) &&
	       (age > LAW_CLOCKS_US || skew > LAW_CLOCKS_US);
}

/* A polynomial, or CBC, can be solved for a message that two keys accept; a digest cannot, nor can a signature. */
static bool binds(const struct seccomm_mp *mp)
{
	return (mp->gives & SECCOMM_GIVES_INTEGRITY) && !(mp->gives & SECCOMM_GIVES_CONFIDENTIALITY) && !ends(mp->algorithm, "poly1305") &&
	       !ends(mp->algorithm, "-cmac");
}

static uint32_t proving(const struct plan_layer *layer)
{
	const struct seccomm_mp *mp = layer->mp;
	const bool checksum = (mp->gives & SECCOMM_GIVES_CHECKSUM) != 0;

	return so(is(mp->kind, "mac") || is(mp->kind, "onetime"), FACT_MAC) |
	       so(binds(mp), FACT_BINDS) | so((mp->gives & SECCOMM_GIVES_INTEGRITY) && begins(law_word(layer, "mode"), "rfc18"), FACT_ENVELOPE) |
	       so(checksum && is(mp->kind, "digest"), FACT_DIGEST) | so(checksum && !mp->kind, FACT_CONSTANT) |
	       so(seccomm_layer_pad(layer), FACT_PAD) | so(mp->ordered, FACT_ORDERED) |
	       so((mp->gives & SECCOMM_GIVES_FRESHNESS) && wide(layer), FACT_WIDE);
}

void law_facts_of(const struct check_way *way, uint32_t *facts)
{
	size_t last = way->count;

	for (size_t i = 0; i < way->count; i++) {
		const struct plan_layer *layer = way->layer[i];

		facts[i] = given(layer->mp) | proving(layer);
		if (facts[i] & FACT_HIDES)
			facts[i] |= hiding(layer);
	}
	/* A layer for freshness alone changes no byte. */
	while (last > 0 && way->layer[last - 1]->mp->gives == SECCOMM_GIVES_FRESHNESS)
		last--;
	if (last > 0)
		facts[last - 1] |= FACT_OUTERMOST;
}

size_t law_find(const uint32_t *facts, size_t from, size_t to, uint32_t wanted)
{
	for (size_t i = to; i-- > from;)
		if ((facts[i] & wanted) == wanted)
			return i;
	return to;
}
