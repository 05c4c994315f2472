/* SPDX-License-Identifier: Apache-2.0 */
/* chosen.c - configurations by chance (see chosen.h). */
#include "chosen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct random {
	uint64_t state;
};

/* SplitMix64. */
static uint32_t below(struct random *r, uint32_t n)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (uint32_t)((z ^ z >> 31) >> 33) % n;
}

/* A layer of data that asks for no file but a pad, which every home may have. */
static bool usable(const struct seccomm *library, const struct seccomm_mp *mp)
{
	if (mp->class_of == SECCOMM_KEY_CREATION || mp->class_of == SECCOMM_KEY_DISTRIBUTION || seccomm_mp_unavailable(library, mp))
		return false;
	for (const struct cactus_param *p = mp->cactus.params; p && p->name; p++)
		if (p->required && strcmp(p->name, "pad") != 0)
			return false;
	return true;
}

static bool on_pad(const struct seccomm_mp *mp)
{
	for (const struct cactus_param *p = mp->cactus.params; p && p->name; p++)
		if (p->required)
			return true;
	return false;
}

static void choose(const struct seccomm *library, struct random *r, struct chosen *in)
{
	size_t count;
	const struct seccomm_mp *const *list = seccomm_micro_protocols(library, &count);
	const uint32_t wanted = below(r, CHOSEN_LAYERS);

	for (uint32_t tries = 0; in->count < wanted && tries < 200; tries++) {
		const struct seccomm_mp *mp = list[below(r, (uint32_t)count)];
		bool twice = false;

		for (size_t i = 0; i < in->count; i++)
			twice = twice || in->layers[i] == mp;
		if (!twice && usable(library, mp))
			in->layers[in->count++] = mp;
	}
}

static void write_layer(FILE *out, const struct chosen *in, const struct seccomm_mp *mp)
{
	const char *pad = on_pad(mp) ? "paper" : NULL;

	if (in->notation == LINE)
		(void)fprintf(out, "%s:%s%s%s", mp->layer, mp->word, pad ? ",pad=" : "", pad ? pad : "");
	else if (pad)
		(void)fprintf(out, "%s: {algorithm: %s, pad: %s}", mp->layer, mp->word, pad);
	else
		(void)fprintf(out, "%s: %s", mp->layer, mp->word);
}

static void write_stack(FILE *out, const struct chosen *in)
{
	static const char *const before[] = { "    stack: # chosen\n", "    stack: [", "    stack: " },
				 *const between[] = { "\n", ", ", " | " }, *const after[] = { "\n", "]\n", "\n" };

	if (in->count == 0)
		return;
	(void)fputs(before[in->notation], out);
	for (size_t i = 0; i < in->count; i++) {
		(void)fputs(i ? between[in->notation] : "", out);
		(void)fputs(in->notation == BLOCK ? "      - " : "", out);
		write_layer(out, in, in->layers[i]);
	}
	(void)fputs(after[in->notation], out);
}

static void write_require(struct random *r, FILE *out)
{
	bool any = false;

	for (int p = 0; p < PLAN_PROPERTIES; p++) {
		enum seccomm_level level = (enum seccomm_level)below(r, SECCOMM_LEVEL_QUANTUM);

		if (below(r, 3) == 0)
			continue;
		if (below(r, 12) == 0)
			level = SECCOMM_LEVEL_QUANTUM;
		(void)fprintf(out, "%s      %s: %s\n", any ? "" : "    require:\n", seccomm_property_name((enum seccomm_property)p), seccomm_level_name(level));
		any = true;
	}
}

static const char *const keys[] = { "", "", "", "    keys: {data: {establish: dh}}\n",
	"    keys:\n      data: # a comment\n        protect: [sign: ed25519]\n",
	"    keys: {data: {establish: psk, secret: office, protect: [sign: ed25519]}}\n",
	"    keys:\n      data: {establish: psk, secret: office}\n",
	"    keys: {data: {establish: kem, protect: [sign: ed25519]}}\n",
	"    keys:\n      data: {establish: client-creates}\n",
	"    keys: {data: 'both,protect=sign:ed25519'}\n", "    keys: {}\n" };

void chosen_make(const struct seccomm *library, uint64_t seed, struct chosen *in)
{
	struct random r = { seed };
	FILE *out = fmemopen(in->text, sizeof in->text, "w");
	const char *scheme;

	assert_non_null(out);
	in->link = below(&r, 2) ? SECCOMM_STREAM : SECCOMM_DATAGRAM;
	in->notation = (enum notation)below(&r, NOTATIONS);
	scheme = in->link == SECCOMM_STREAM ? "tcp" : "udp";
	choose(library, &r, in);
	(void)fprintf(out,
	    "seccomm: 1\nsessions:\n  s:\n    role: client # one end\n    listen: '%s:127.0.0.1:1'\n    connect: '%s:h:1'\n"
	    "    identity: a\n    peers: [b]\n",
	    scheme, scheme);
	write_require(&r, out);
	write_stack(out, in);
	(void)fputs(keys[below(&r, sizeof keys / sizeof *keys)], out);
	assert_int_equal(fclose(out), 0);
}
