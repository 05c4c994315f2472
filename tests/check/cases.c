/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: every file of cases/ gets exactly the findings written in the .expect beside it (none if there is no such
 * file), at the very place and in the very words, and is repaired as the .repair beside it says; a session without errors has a plan and one with errors has none; and
 * every rule has a file that breaks it.
 *
 * A case whose name ends in "-before-3.5" is for an OpenSSL without ML-KEM, one in "-from-3.5" for one with it.
 *
 * The folder is the first argument.  With a second one, "write", the .expect and .repair files are written anew: read the
 * difference.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/internal.h"

enum { CASES_MAX = 400, RULES_MAX = 80 };

struct world {
	struct seccomm *library;
	const char *folder;
	bool write;
	bool seen[RULES_MAX];
};
static struct world world;

static char *slurp(const char *name, size_t *length)
{
	char path[4096], *bytes;
	FILE *file;

	(void)snprintf(path, sizeof path, "%s/%s", world.folder, name);
	file = fopen(path, "rb");
	if (!file)
		return NULL;
	bytes = calloc(1, CHECK_TEXT_MAX + 2);
	assert_non_null(bytes);
	*length = fread(bytes, 1, CHECK_TEXT_MAX + 1, file);
	(void)fclose(file);
	return bytes;
}

static void judge(const char *expected_name, const char *got)
{
	char path[4096];
	size_t length;
	char *expected = slurp(expected_name, &length);
	FILE *file;

	if (!world.write) {
		assert_string_equal(got, expected ? expected : "");
	} else {
		(void)snprintf(path, sizeof path, "%s/%s", world.folder, expected_name);
		(void)remove(path);
		file = *got ? fopen(path, "wb") : NULL;
		if (file) {
			assert_true(fputs(got, file) >= 0);
			assert_int_equal(fclose(file), 0);
		}
	}
	free(expected);
}

static void mark_seen(const char *id)
{
	for (size_t i = 0; check_rules[i].id; i++)
		if (strcmp(check_rules[i].id, id) == 0)
			world.seen[i] = true;
}

static void collect(const struct check_result *result, const char *text, size_t length, char *out, size_t room)
{
	size_t used = 0;

	out[0] = 0;
	for (size_t i = 0; i < result->finding_count; i++) {
		const struct check_finding *f = &result->findings[i];
		char *shown = check_finding_text(result, f, text, length, false);

		assert_non_null(shown);
		assert_true(f->line == 0 || (f->column >= 1 && f->end > f->column));
		assert_true(used + strlen(shown) < room);
		memcpy(out + used, shown, strlen(shown) + 1);
		used += strlen(shown);
		mark_seen(f->id);
		free(shown);
	}
}

/* What the tool makes of it, as a diff; it must find nothing more to do in what it has made. */
static void repaired(const char *name, const char *text, size_t length)
{
	struct check_repaired *done, *again;
	size_t count, more;
	enum check_left left;
	char *fixed = check_repair(world.library, name, text, length, &done, &count, &left), *twice, *diff;
	char expected[300];

	assert_non_null(fixed);
	twice = check_repair(world.library, name, fixed, strlen(fixed), &again, &more, &left);
	diff = count ? check_text_diff(name, text, fixed) : NULL;
	assert_non_null(twice);
	assert_int_equal(more, 0);
	assert_true(count == 0 || diff);
	(void)snprintf(expected, sizeof expected, "%.*s.repair", (int)(strrchr(name, '.') - name), name);
	judge(expected, diff ? diff : "");
	check_repaired_free(done, count);
	check_repaired_free(again, more);
	free(fixed);
	free(twice);
	free(diff);
}

static void one(void **state)
{
	enum { ROOM = 1 << 20 };
	const char *name = *state, *dot = strrchr(name, '.');
	char expected[300], *out = malloc(ROOM), *text;
	size_t length = 0;
	struct check_result *result;

	assert_non_null(out);
	text = slurp(name, &length);
	assert_non_null(text);
	result = check_text(world.library, name, text, length);
	assert_non_null(result);
	collect(result, text, length, out, ROOM);
	for (size_t i = 0; i < result->session_count; i++)
		assert_true(result->errors > 0 || result->sessions[i].plan);
	(void)snprintf(expected, sizeof expected, "%.*s.expect", (int)(dot - name), name);
	judge(expected, out);
	if (strncmp(name, "clean-", 6) == 0)
		assert_int_equal(result->finding_count, 0);
	check_free(result);
	repaired(name, text, length);
	free(text);
	free(out);
}

/* Rules that no configuration of today's tables can break: tables.c breaks them with tables of its own. */
static const char *const elsewhere[] = { "SC017", "SC113", "SC120", "SC211", "SC305", "SC414", "SC512", NULL };

static void every_rule_has_a_case(void **state)
{
	(void)state;
	for (size_t i = 0; check_rules[i].id; i++) {
		bool other = false;

		assert_true(i < RULES_MAX);
		for (size_t k = 0; elsewhere[k]; k++)
			other = other || strcmp(elsewhere[k], check_rules[i].id) == 0;
		if (!world.seen[i] && !other)
			fail_msg("no case for %s, %s", check_rules[i].id, check_rules[i].title);
	}
}

static bool has_ml_kem(void)
{
	const struct seccomm_mp *kem = seccomm_micro_protocol(world.library, "establish", "kem");

	return !seccomm_choice_unavailable(world.library, kem, "ml-kem-768");
}

static bool for_this_openssl(const char *name) { return !strstr(name, has_ml_kem() ? "-before-3.5.yaml" : "-from-3.5.yaml"); }

static int is_case(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && strcmp(dot, ".yaml") == 0;
}

static void one_of_this_openssl(void **state)
{
	if (for_this_openssl(*state))
		one(state);
	else
		print_message("# NOT RUN: %s is for another OpenSSL\n", (const char *)*state);
}

int main(int argc, char **argv)
{
	struct CMUnitTest tests[CASES_MAX];
	struct dirent **entries;
	int count, failed;
	size_t n = 0;

	if (argc < 2)
		return 2;
	world.folder = argv[1];
	world.write = argc > 2 && strcmp(argv[2], "write") == 0;
	world.library = seccomm_new(NULL);
	count = world.library ? scandir(world.folder, &entries, is_case, alphasort) : 0;
	if (count <= 0 || count >= CASES_MAX)
		return 2;
	memset(tests, 0, sizeof tests);
	for (int i = 0; i < count; i++)
		tests[n++] = (struct CMUnitTest){
			.name = entries[i]->d_name, .test_func = one_of_this_openssl, .initial_state = entries[i]->d_name
		};
	tests[n++] = (struct CMUnitTest){ .name = "every rule has a case", .test_func = every_rule_has_a_case };
	failed = _cmocka_run_group_tests("check cases", tests, n, NULL, NULL);
	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	seccomm_free(world.library);
	return failed;
}
