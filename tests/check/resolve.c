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
#include "chosen.h"
#include "crypto/library.h"

enum { SEEDS = 300, ROOM = CHOSEN_ROOM };

static struct seccomm *library;
static bool show;
static size_t additions;

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
static bool in_order(const struct chosen *in, const struct seccomm_plan *plan)
{
	size_t count, next = 0;
	const struct plan_layer *layers = seccomm_plan_stack_layers(plan, &count);

	for (size_t i = 0; i < count && next < in->count; i++)
		next += layers[i].mp == in->layers[next];
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
    const struct chosen *in, const struct seccomm_plan *plan, const struct check_repaired *done, size_t done_count)
{
	size_t count;
	const struct plan_layer *layers = seccomm_plan_stack_layers(plan, &count);

	for (size_t n = 0; n < in->count; n++) {
		size_t i = 0;

		while (i < count && layers[i].mp != in->layers[n])
			i++;
		if (i == count && !given_up(in->layers[n], done, done_count))
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
	struct chosen in = { 0 };
	struct check_repaired *done;
	struct check_result *result;
	size_t count;
	char *text;
	bool complete;

	chosen_make(library, seed, &in);
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
