/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: every table says what it must, correctly; the checker holds every parameter to its bounds, at the right place and
 * with the nearest name; and what a layer needs is missed when it is not there, with a remedy that mends it.
 */
#include "check/check.h"
#include "pair.h"
#include "table.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TEXT = 4096 };

static struct seccomm *library;
static const struct seccomm_mp *const *all;
static size_t count;

static void tables_are_right(void **state)
{
	(void)state;
	for (size_t i = 0; i < count; i++)
		table_is_right(library, i);
}

/* ---- What the checker makes of it ---- */

struct text {
	char bytes[TEXT];
	unsigned line, column; /* of what is given to the parameter; or its name */
};

#define ADDRESSES                                                                                                      \
	"seccomm: 1\nsessions:\n  s:\n    role: client\n    listen: tcp:127.0.0.1:7001\n"                               \
	"    connect: tcp:127.0.0.1:7002\n"
#define NAMES "    identity: a\n    peers: [b]\n"
#define LAB   "    profile: lab\n"
static const char head[] = ADDRESSES NAMES LAB;

static void add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct text *text, const char *format, ...)
{
	const size_t used = strlen(text->bytes);
	va_list arguments;

	va_start(arguments, format);
	assert_in_range(vsnprintf(text->bytes + used, TEXT - used, format, arguments), 0, TEXT - used - 1);
	va_end(arguments);
}

/*
 * A key that MP establishes or creates.  Without an exchange it stands alone; otherwise there are as many keys as there can be,
 * so that every number of one is good.
 */
static void key_of(struct text *text, const struct seccomm_mp *mp, const char *required, const char *given)
{
	const bool creates = strcmp(mp->layer, "create") == 0;

	add(text, "%s%s    stack:\n      - encrypt: {algorithm: aes-256-gcm, key: data}\n    keys:\n", ADDRESSES LAB,
	    mp->salted ? "" : NAMES);
	add(text, "      data: {%s{method: %s, %s%s}%s}\n", creates ? "establish: dh, create: " : "establish: ", mp->word, required,
	    given, mp->salted ? "" : ", protect: [sign: ed25519]");
	for (unsigned i = 2; i <= PLAN_SLOTS_MAX && !mp->salted; i++)
		add(text, "      k%u: {establish: psk, secret: psk, protect: [sign: ed25519]}\n", i);
}

/* Adds what MP requires to OUT, except for NAME. */
static void require(const struct seccomm_mp *mp, const char *name, char *out)
{
	for (const struct cactus_param *p = table_params(mp); p->name; p++)
		if (p->required && (!name || strcmp(p->name, name) != 0)) {
			strcat(out, p->name);
			strcat(out, p->kind == CACTUS_TEXT ? ": psk, " : ": 1, ");
		}
}

/* Whether it works on what another layer, a digest, leaves in the message. */
static bool reads(const struct seccomm_mp *mp)
{
	for (const struct cactus_attribute *a = mp->cactus.attributes; a && a->name; a++)
		if (a->act == CACTUS_READS)
			return true;
	return false;
}

/* A configuration in which MP has NAME: VALUE (NULL: nothing but what is required). */
static void configuration(struct text *text, const struct seccomm_mp *mp, const char *name, const char *value)
{
	char given[256] = "", required[256] = "";

	require(mp, name, required);
	if (name)
		snprintf(given, sizeof(given), "%s: %s", name, value);
	*text = (struct text){ .line = 0 };
	if (mp->cactus.down)
		add(text, "%s    stack:\n%s      - %s: {algorithm: %s, %s%s}\n    keys:\n      data: dh\n", head,
		    reads(mp) ? "      - digest: sha-256\n" : "", mp->layer, mp->word, required, given);
	else
		key_of(text, mp, required, given);
	if (name) {
		const char *at = strstr(text->bytes, given), *line = at;

		while (line[-1] != '\n')
			line--;
		text->column = (unsigned)(at - line) + 1;
		text->line = 1;
		for (const char *c = text->bytes; c < at; c++)
			text->line += *c == '\n';
	}
}

static struct check_result *check(const struct text *text)
{
	struct check_result *result = check_text(library, "test.yaml", text->bytes, strlen(text->bytes));

	assert_non_null(result);
	return result;
}

/* The finding with ID, or none. */
static const struct check_finding *finding(const struct check_result *result, const char *id)
{
	for (size_t i = 0; i < result->finding_count; i++)
		if (strcmp(result->findings[i].id, id) == 0)
			return &result->findings[i];
	return NULL;
}

static void accepted(const struct seccomm_mp *mp, const char *name, const char *value)
{
	struct text text;
	struct check_result *result;

	configuration(&text, mp, name, value);
	result = check(&text);
	if (result->errors)
		fail_msg("%s\n%s: %s", text.bytes, result->findings[0].id, result->findings[0].message);
	check_free(result);
}

static void refused(const struct seccomm_mp *mp, const char *name, const char *value, const char *id, const char *hint)
{
	struct text text;
	struct check_result *result;
	const struct check_finding *found;

	configuration(&text, mp, name, value);
	result = check(&text);
	found = finding(result, id);
	if (!found)
		fail_msg("%s\nis not refused as %s, %s", text.bytes, id,
		    result->finding_count ? result->findings[0].message : "nothing was found");
	else {
		assert_int_equal(found->line, text.line);
		assert_true(found->column >= text.column && found->column <= text.column + strlen(name) + 2);
		assert_true(!hint || strstr(found->message, hint) || (found->help && strstr(found->help, hint)));
	}
	check_free(result);
}

/* VALUE of P as it is written. */
static const char *written(const struct cactus_param *p, uint64_t value, char out[32])
{
	snprintf(out, 32, "%" PRIu64 "%s", value, p->kind == CACTUS_DURATION ? "us" : "");
	return out;
}

static void bounds_of(const struct seccomm_mp *mp, const struct cactus_param *p)
{
	char text[32];

	accepted(mp, p->name, written(p, p->min, text));
	accepted(mp, p->name, written(p, p->max, text));
	if (p->min > 0)
		refused(mp, p->name, written(p, p->min - 1, text), "SC008", NULL);
	if (p->max < UINT64_MAX)
		refused(mp, p->name, written(p, p->max + 1, text), "SC008", NULL);
	refused(mp, p->name, "much", "SC003", NULL);
}

static void words_of(const struct seccomm_mp *mp, const struct cactus_param *p)
{
	char wrong[64];

	for (size_t i = 0; p->words[i]; i++)
		if (mp->choice.size > 0 && mp->choice.offset == p->at.offset &&
		    seccomm_choice_unavailable(library, mp, p->words[i]))
			refused(mp, p->name, p->words[i], "SC017", NULL);
		else
			accepted(mp, p->name, p->words[i]);
	snprintf(wrong, sizeof(wrong), "%sx", p->words[0]);
	refused(mp, p->name, wrong, "SC011", p->words[0]);
}

static void parameters_are_bounded(void **state)
{
	char wrong[64];

	(void)state;
	for (size_t i = 0; i < count; i++) {
		accepted(all[i], NULL, NULL);
		for (const struct cactus_param *p = table_params(all[i]); p->name; p++) {
			if (p->kind == CACTUS_WORD)
				words_of(all[i], p);
			else if (p->kind != CACTUS_TEXT)
				bounds_of(all[i], p);
			snprintf(wrong, sizeof(wrong), "%s%c", p->name, 'x');
			refused(all[i], wrong, "1", "SC012", p->name);
		}
	}
}

/* ---- Ties ---- */

static struct check_result *layers(const char *stack, const char *keys)
{
	struct text text;

	snprintf(text.bytes, TEXT, "%s    stack:\n%s%s", head, stack, keys);
	return check(&text);
}

static const char keys[] = "    keys:\n      data: {establish: dh, protect: [sign: ed25519]}\n";

/* A layer whose key is not there: refused at its line, with the keys there are; with one of those it is accepted. */
static void missing_key_is_found(void **state)
{
	char stack[256];

	(void)state;
	for (size_t i = 0; i < count; i++) {
		const char *before = reads(all[i]) ? "      - digest: sha-256\n" : "";
		struct check_result *result;

		if (!all[i]->key_bytes)
			continue;
		snprintf(stack, sizeof(stack), "%s      - %s: {algorithm: %s, key: dat}\n", before, all[i]->layer, all[i]->word);
		result = layers(stack, keys);
		assert_int_equal(result->errors, 1);
		assert_int_equal(result->findings[0].line, reads(all[i]) ? 12 : 11);
		assert_true(strstr(result->findings[0].message, "data") ||
		    (result->findings[0].help && strstr(result->findings[0].help, "data")));
		check_free(result);
		snprintf(stack, sizeof(stack), "%s      - %s: {algorithm: %s, key: data}\n", before, all[i]->layer, all[i]->word);
		result = layers(stack, keys);
		assert_int_equal(result->errors, 0);
		check_free(result);
	}
}

struct met {
	const char *what;
	size_t count;
};

static void meet(void *context, const struct plan_problem *problem)
{
	struct met *met = context;

	assert_int_equal(problem->cactus->kind, CACTUS_UNMET_NEED);
	met->what = problem->cactus->what;
	met->count++;
}

/* Below the checker: with nothing that provides what a layer needs, nothing is composed, and the need is named. */
static void unmet_need_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < count; i++) {
		struct seccomm_self *self = calloc(1, all[i]->cactus.size);
		const struct plan_layer layer = { .mp = all[i], .name = "l", .image = self, .order = 10 };
		const struct plan_request request = { .session = "s", .stack = &layer, .stack_count = 1, .lab = true,
			.max_message = 1024 };
		struct seccomm_plan *plan = NULL;
		struct met met = { 0 };

		assert_non_null(self);
		self->key = 1;
		if (all[i]->key_bytes && !reads(all[i])) {
			assert_int_equal(seccomm_plan_build(library, &request, meet, &met, &plan), SECCOMM_INVALID);
			assert_int_equal(met.count, 1);
			assert_string_equal(met.what, "key");
		}
		assert_null(plan);
		free(self);
	}
}

static void two(char *out, size_t room, const struct seccomm_mp *inner, const struct seccomm_mp *outer)
{
	char more[2][64] = { "", "" };

	require(inner, NULL, more[0]);
	require(outer, NULL, more[1]);
	snprintf(out, room, "      - %s: {algorithm: %s, %s}\n      - %s: {algorithm: %s, %s}\n", inner->layer, inner->word,
	    more[0], outer->layer, outer->word, more[1]);
}

/* A layer whose table asks for another one inside it, and the two the wrong way around; turned around it is accepted. */
static void wrong_order_is_found(void **state)
{
	char stack[512];

	(void)state;
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < count; j++) {
			struct check_result *result;

			if (!all[j]->cactus.down || !order_refused(all[i], all[j]))
				continue;
			two(stack, sizeof(stack), all[i], all[j]);
			result = layers(stack, keys);
			assert_non_null(finding(result, "SC308"));
			assert_non_null(finding(result, "SC308")->help);
			check_free(result);
			two(stack, sizeof(stack), all[j], all[i]);
			result = layers(stack, keys);
			assert_int_equal(result->errors, 0);
			check_free(result);
		}
}

/* ---- The program ---- */

static int set_up(void **state)
{
	struct seccomm_error error;

	(void)state;
	library = laws_library(&error);
	all = library ? seccomm_micro_protocols(library, &count) : NULL;
	return count == 0;
}
static int tear_down(void **state)
{
	(void)state;
	seccomm_free(library);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_are_right),
		cmocka_unit_test(parameters_are_bounded),
		cmocka_unit_test(missing_key_is_found),
		cmocka_unit_test(unmet_need_is_found),
		cmocka_unit_test(wrong_order_is_found),
	};

	return cmocka_run_group_tests_name("tables", tests, set_up, tear_down);
}
