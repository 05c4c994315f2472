/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: whatever is required, and whichever layers are chosen, in whatever order, on either link and in each notation, what
 * `resolve` makes of it has no error; the chosen layers are in it, in their order, unless a step says that it changed them; it
 * is complete, so that resolving it again does nothing; every step says what was added, and why; and none of what it added alone
 * can be taken away again.
 *
 * What nobody can give, such as a signature that stands against quantum computers, must be told as the error that is left, and
 * as nothing else: beyond[] has all of that.
 *
 * With an argument, a seed, only that one is tried, and shown.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/check.h"
#include "crypto/library.h"

enum { SEEDS = 300, LAYERS = 6, ROOM = 8192 };

static struct seccomm *library;
static bool show;
static size_t additions;

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

/* ---- What is chosen ---- */

enum notation { BLOCK, FLOW, LINE, NOTATIONS };

struct input {
	enum seccomm_link link;
	enum notation notation;
	const struct seccomm_mp *chosen[LAYERS];
	size_t count;
	bool quantum; /* something is required that few can give */
	char text[ROOM];
};

/* A layer of data that asks for no file but a pad, which every home may have. */
static bool usable(const struct seccomm_mp *mp)
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

static void choose(struct random *r, struct input *in)
{
	size_t count;
	const struct seccomm_mp *const *list = seccomm_micro_protocols(library, &count);
	const uint32_t wanted = below(r, LAYERS);

	for (uint32_t tries = 0; in->count < wanted && tries < 200; tries++) {
		const struct seccomm_mp *mp = list[below(r, (uint32_t)count)];
		bool twice = false;

		for (size_t i = 0; i < in->count; i++)
			twice = twice || in->chosen[i] == mp;
		if (!twice && usable(mp))
			in->chosen[in->count++] = mp;
	}
}

static void write_layer(FILE *out, const struct input *in, const struct seccomm_mp *mp)
{
	const char *pad = on_pad(mp) ? "paper" : NULL;

	if (in->notation == LINE)
		(void)fprintf(out, "%s:%s%s%s", mp->layer, mp->word, pad ? ",pad=" : "", pad ? pad : "");
	else if (pad)
		(void)fprintf(out, "%s: {algorithm: %s, pad: %s}", mp->layer, mp->word, pad);
	else
		(void)fprintf(out, "%s: %s", mp->layer, mp->word);
}

static void write_stack(FILE *out, const struct input *in)
{
	static const char *const before[] = { "    stack: # chosen\n", "    stack: [", "    stack: " },
				 *const between[] = { "\n", ", ", " | " }, *const after[] = { "\n", "]\n", "\n" };

	if (in->count == 0)
		return;
	(void)fputs(before[in->notation], out);
	for (size_t i = 0; i < in->count; i++) {
		(void)fputs(i ? between[in->notation] : "", out);
		(void)fputs(in->notation == BLOCK ? "      - " : "", out);
		write_layer(out, in, in->chosen[i]);
	}
	(void)fputs(after[in->notation], out);
}

static void write_require(struct random *r, struct input *in, FILE *out)
{
	bool any = false;

	for (int p = 0; p < PLAN_PROPERTIES; p++) {
		enum seccomm_level level = (enum seccomm_level)below(r, SECCOMM_LEVEL_QUANTUM);

		if (below(r, 3) == 0)
			continue;
		if (below(r, 12) == 0)
			level = SECCOMM_LEVEL_QUANTUM;
		in->quantum = in->quantum || level == SECCOMM_LEVEL_QUANTUM;
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

static void make(uint64_t seed, struct input *in)
{
	struct random r = { seed };
	FILE *out = fmemopen(in->text, sizeof in->text, "w");
	const char *scheme;

	assert_non_null(out);
	in->link = below(&r, 2) ? SECCOMM_STREAM : SECCOMM_DATAGRAM;
	in->notation = (enum notation)below(&r, NOTATIONS);
	scheme = in->link == SECCOMM_STREAM ? "tcp" : "udp";
	choose(&r, in);
	(void)fprintf(out,
	    "seccomm: 1\nsessions:\n  s:\n    role: client # one end\n    listen: '%s:127.0.0.1:1'\n    connect: '%s:h:1'\n"
	    "    identity: a\n    peers: [b]\n",
	    scheme, scheme);
	write_require(&r, in, out);
	write_stack(out, in);
	(void)fputs(keys[below(&r, sizeof keys / sizeof *keys)], out);
	assert_int_equal(fclose(out), 0);
}

/* ---- What comes of it ---- */

/* Findings that may be left, and what they say that nobody can help. */
static const struct beyond {
	const char *id, *message;
} beyond[] = {
	{ "SC415", "required: modern+pq" }, /* no signature stands against quantum computers */
	{ "SC511", "required: modern+pq" }, /* nor does what is agreed on, where there is no ML-KEM */
	{ "SC715", "required: modern+pq" }, /* nor is who signs proven by it */
};

static bool excused(const struct check_finding *f)
{
	for (size_t i = 0; i < sizeof beyond / sizeof *beyond; i++)
		if (strcmp(beyond[i].id, f->id) == 0 && strstr(f->message, beyond[i].message))
			return true;
	return false;
}

static bool changed(const struct check_repaired *done, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strncmp(done[i].what, "added ", 6) != 0)
			return true;
	return false;
}

static void told(const struct check_repaired *done, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		assert_non_null(check_finding_title(done[i].id, NULL, NULL));
		assert_true(strlen(done[i].what) > 8 && *done[i].message);
		if (show)
			print_message("# %u: %s: %s (%s)\n", done[i].line, done[i].what, done[i].message, done[i].id);
	}
}

/* The chosen layers one after the other, whatever stands between them. */
static bool in_order(const struct input *in, const struct seccomm_plan *plan)
{
	size_t count, next = 0;
	const struct plan_layer *layers = seccomm_plan_stack_layers(plan, &count);

	for (size_t i = 0; i < count && next < in->count; i++)
		next += layers[i].mp == in->chosen[next];
	return next == in->count;
}

/* Whether a step says that it took MP away, or put something in its place. */
static bool given_up(const struct seccomm_mp *mp, const struct check_repaired *done, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strncmp(done[i].what, "added ", 6) != 0 && strstr(done[i].what, mp->layer) && strstr(done[i].what, mp->word))
			return true;
	return false;
}

static bool all_there(
    const struct input *in, const struct seccomm_plan *plan, const struct check_repaired *done, size_t done_count)
{
	size_t count;
	const struct plan_layer *layers = seccomm_plan_stack_layers(plan, &count);

	for (size_t n = 0; n < in->count; n++) {
		size_t i = 0;

		while (i < count && layers[i].mp != in->chosen[n])
			i++;
		if (i == count && !given_up(in->chosen[n], done, done_count))
			return false;
	}
	return true;
}

static void again_is_nothing(const char *text)
{
	struct check_repaired *done;
	size_t count;
	char *again = check_resolve(library, "again", text, strlen(text), &done, &count);

	assert_non_null(again);
	assert_int_equal(count, 0);
	assert_string_equal(again, text);
	check_repaired_free(done, count);
	free(again);
}

/* ---- Nothing needless ---- */

/* TEXT without the LENGTH bytes at AT is refused, too. */
static bool needed(const char *text, const char *at, size_t length)
{
	char without[2 * ROOM];
	struct check_result *result;
	bool errors;

	(void)snprintf(without, sizeof without, "%.*s%s", (int)(at - text), text, at + length);
	result = check_text(library, "without", without, strlen(without));
	assert_non_null(result);
	errors = result->errors > 0;
	check_free(result);
	return errors;
}

/* ITEM as it may be joined to others; what is not there so is not in the text, and one that is there twice is needed once. */
static bool needed_item(const char *text, const char *item)
{
	static const char *const joined[][2] = { { "      - ", "\n" }, { ", ", "" }, { "", ", " }, { " | ", "" }, { "", " | " }, { "    ", "\n" } };

	size_t found = 0;

	for (size_t i = 0; i < sizeof joined / sizeof *joined; i++) {
		char whole[ROOM];
		const size_t length = (size_t)snprintf(whole, sizeof whole, "%s%s%s", joined[i][0], item, joined[i][1]);

		for (const char *at = text; (at = strstr(at, whole)); at++, found++)
			if (needed(text, at, length))
				return true;
	}
	return found == 0;
}

/* "added ITEM before ..." and, behind a semicolon, another one. */
static void all_needed(uint64_t seed, const char *text, const struct check_repaired *done, size_t count, size_t *tried)
{
	for (size_t i = 0; i < count; i++)
		for (const char *at = done[i].what; (at = strstr(at, "added ")); at++) {
			char item[ROOM];
			size_t length = strcspn(at += strlen("added "), ";");

			for (const char *end = at; end < at + length; end++)
				if (strncmp(end, " before ", 8) == 0 || strncmp(end, " behind ", 8) == 0)
					length = (size_t)(end - at);
			(void)snprintf(item, sizeof item, "%.*s", (int)length, at);
			++*tried;
			if (!needed_item(text, item))
				fail_msg("seed %llu: %s was added, and nothing needs it", (unsigned long long)seed, item);
		}
}

/* Whether nothing is left to say. */
static bool one(uint64_t seed)
{
	struct input in = { 0 };
	struct check_repaired *done;
	struct check_result *result;
	size_t count;
	char *text;
	bool complete;

	make(seed, &in);
	if (show)
		print_message("%s\n", in.text);
	text = check_resolve(library, "input", in.text, strlen(in.text), &done, &count);
	assert_non_null(text);
	if (show)
		print_message("%s\n", text);
	told(done, count);
	assert_true(count > 0 || strcmp(text, in.text) == 0);
	result = check_text(library, "result", text, strlen(text));
	assert_non_null(result);
	for (size_t i = 0; i < result->finding_count; i++) {
		const struct check_finding *f = &result->findings[i];

		if (f->severity == CHECK_ERROR && !excused(f))
			fail_msg("seed %llu: %s: %s: %s", (unsigned long long)seed, f->id, f->message, f->reason ? f->reason : "");
	}
	complete = result->errors == 0;
	if (complete && !all_there(&in, result->sessions[0].plan, done, count))
		fail_msg("seed %llu: a chosen layer is lost", (unsigned long long)seed);
	if (complete && !changed(done, count) && !in_order(&in, result->sessions[0].plan))
		fail_msg("seed %llu: the layers are in another order, and nothing says so", (unsigned long long)seed);
	if (complete)
		all_needed(seed, text, done, count, &additions);
	again_is_nothing(text);
	check_free(result);
	check_repaired_free(done, count);
	free(text);
	return complete;
}

static void resolves(void **state)
{
	size_t complete = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		complete += one(seed);
	print_message("# %d inputs, %zu complete, of the others only what nobody can give is left; %zu additions, none needless\n", SEEDS, complete,
	    additions);
	assert_true(complete >= SEEDS * 8 / 10 && additions > SEEDS);
}

/* ---- Where there is ML-KEM ---- */

#define LATER "seccomm: 1\nsessions:\n  s:\n    role: client\n    listen: 'tcp:127.0.0.1:1'\n    connect: 'tcp:h:1'\n    identity: a\n    peers: [b]\n" \
	      "    require: {forward-secrecy: modern+pq}\n    stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n"
#define BY_KEM "{establish: kem, mechanism: x25519-ml-kem-768, protect: [sign: ed25519]}"

/* What becomes of TEXT; the caller's. */
static char *resolved(const char *text, bool *complete)
{
	struct check_repaired *done;
	struct check_result *result;
	size_t count;
	char *out = check_resolve(library, "input", text, strlen(text), &done, &count);

	assert_non_null(out);
	result = check_text(library, "result", out, strlen(out));
	assert_non_null(result);
	*complete = result->errors == 0;
	check_free(result);
	check_repaired_free(done, count);
	return out;
}

/* As on a machine that has it, or has it not, whichever this one is: no key is made here. */
static void ml_kem(const char *why)
{
	size_t count;
	const struct crypto_algorithm *list = crypto_algorithms(&count);

	for (size_t i = 0; i < count; i++)
		if (strstr(list[i].name, "ml-kem"))
			seccomm_crypto(library)->rows[i].why = why;
}

static void by_ml_kem(void **state)
{
	static const char *const keys[] = { "", "    keys: {data: {establish: dh, protect: [sign: ed25519]}}\n",
		"    keys: {data: {establish: psk, secret: office, protect: [sign: ed25519]}}\n" };

	(void)state;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		char text[ROOM];
		bool complete;
		char *out;

		(void)snprintf(text, sizeof text, LATER "%s", keys[i]);
		ml_kem(NULL);
		out = resolved(text, &complete);
		if (!complete || !strstr(out, BY_KEM))
			fail_msg("not resolved by ML-KEM:\n%s", out);
		free(out);
		ml_kem("needs OpenSSL 3.5 or later");
		out = resolved(text, &complete);
		if (complete || strstr(out, "kem"))
			fail_msg("resolved by what this machine does not have:\n%s", out);
		free(out);
	}
}

static void one_seed(void **state)
{
	show = true;
	(void)one(*(const uint64_t *)*state);
}

int main(int argc, char **argv)
{
	static uint64_t seed;
	const struct CMUnitTest all[] = { cmocka_unit_test(resolves), cmocka_unit_test(by_ml_kem) };
	const struct CMUnitTest single[] = { cmocka_unit_test_prestate(one_seed, &seed) };
	int failed;

	library = seccomm_new(NULL);
	if (!library)
		return 2;
	seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
	failed = argc > 1 ? cmocka_run_group_tests(single, NULL, NULL) : cmocka_run_group_tests(all, NULL, NULL);
	seccomm_free(library);
	return failed;
}
