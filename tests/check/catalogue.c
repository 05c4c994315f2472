/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the catalogue is whole and true.  Its ids are in order and said once, every finding of the checker has a row, no row lacks a
 * text, an attack is told in three to eight sentences; and of the two examples of a row the checker finds its id in the one, and
 * neither the id nor any error in the other one.
 *
 * Rows of rules that the checker does not have yet are counted and printed; their second example must be free of errors all the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/catalogue/catalogue.h"
#include "check/internal.h"

enum { ROWS_LEAST = 120, LINE_MOST = 200, TEXT_LEAST = 7, SENTENCES_LEAST = 3, SENTENCES_MOST = 8 };

/* What a short text cannot show: too large, not text, not on every machine, or only with tables that are not in the program. */
static const char *const without_example[] = { "SC006", "SC007", "SC017", "SC022", "SC113", "SC120", "SC414", "SC512", NULL };
static struct seccomm *library;

static bool is_in(const char *id, const char *const *list)
{
	while (*list && strcmp(*list, id) != 0)
		list++;
	return *list != NULL;
}

static size_t sentences(const char *text)
{
	size_t count = 0;

	for (const char *at = text; *at; at++)
		count += strchr(".?", *at) && (at[1] == ' ' || at[1] == '\0');
	return count;
}

/* UTF-8 is for the names of people. */
static void is_text(const char *id, const char *text)
{
	if (!text || strlen(text) < TEXT_LEAST)
		fail_msg("%s lacks a text", id);
	for (const char *at = text; *at; at++)
		if ((unsigned char)*at < ' ')
			fail_msg("%s: a control character in '%s'", id, text);
	if (*text == ' ' || text[strlen(text) - 1] == ' ')
		fail_msg("%s: a blank out of place in '%s'", id, text);
}

static void ends_as_sentence(const char *id, const char *text)
{
	is_text(id, text);
	if (!strchr(".?", text[strlen(text) - 1]))
		fail_msg("%s: '%s' is not ended", id, text);
}

static void rows_are_whole(void **state)
{
	const char *before = "";
	size_t count = 0;

	(void)state;
	for (const struct check_entry *e = NULL; (e = check_entry_next(e)); count++) {
		if (strcmp(before, e->id) >= 0)
			fail_msg("%s stands behind %s", e->id, before);
		before = e->id;
		assert_ptr_equal(check_entry(e->id), e);
		assert_in_range(e->law, 1, CHECK_LAWS);
		if (!strchr("FDWI", e->severity))
			fail_msg("%s: severity %c", e->id, e->severity);
		is_text(e->id, check_entry_title(e));
		ends_as_sentence(e->id, e->attack);
		ends_as_sentence(e->id, e->decision);
		ends_as_sentence(e->id, e->repair);
		if (sentences(e->attack) < SENTENCES_LEAST || sentences(e->attack) > SENTENCES_MOST)
			fail_msg("%s: an attack in %zu sentences", e->id, sentences(e->attack));
		assert_null(e->literature[CHECK_LITERATURE_MAX - 1]);
		for (size_t i = 0; e->literature[i]; i++)
			is_text(e->id, e->literature[i]);
	}
	assert_true(count >= ROWS_LEAST);
	assert_null(check_entry("SC999"));
	assert_null(check_entry("SC"));
}

static void findings_have_rows(void **state)
{
	(void)state;
	for (const struct check_rule *rule = check_rules; rule->id; rule++) {
		const struct check_entry *e = check_entry(rule->id);

		if (!e)
			fail_msg("%s has no row in the catalogue", rule->id);
		if (e->decided != CHECK_IN_CONFIGURATION)
			fail_msg("the checker finds %s, and the catalogue says %s", rule->id, check_decided_name(e->decided));
		if (e->title)
			print_message("# %s has two titles: %s; %s\n", rule->id, rule->title, e->title);
	}
}

/* What can be attacked is, or a sentence says why not, and nobody says so of what is. */
static void attacks_are_mounted(void **state)
{
	size_t reasons = 0;

	(void)state;
	for (const struct check_entry *e = NULL; (e = check_entry_next(e));) {
		const bool attackable = e->decided == CHECK_IN_CONFIGURATION && strchr("FD", e->severity);
		const char *why = check_entry_unmounted(e);

		if (attackable && !why && !check_backed(e->id))
			fail_msg("%s: no test mounts the attack, and nothing says why", e->id);
		if (why)
			ends_as_sentence(e->id, why);
		if ((why || e->unmounted) && (!attackable || check_backed(e->id)))
			fail_msg("%s: a reason that is not needed", e->id);
		if (e->decided == CHECK_IN_CONFIGURATION && !check_entry_by(e))
			fail_msg("%s: decided by the configuration, and the checker has no rule", e->id);
		reasons += why != NULL;
	}
	assert_true(reasons > 20);
}

/* How often ID is found in BODY, and how many errors are. */
static size_t found(const char *id, const char *body, size_t *errors)
{
	char *text = check_entry_text(body);
	struct check_result *result;
	size_t count = 0;

	assert_non_null(text);
	result = check_text(library, id, text, strlen(text));
	assert_non_null(result);
	for (size_t i = 0; i < result->finding_count; i++)
		count += strcmp(result->findings[i].id, id) == 0;
	*errors = result->errors;
	for (size_t i = 0; i < result->finding_count && getenv("SHOW_FINDINGS"); i++)
		print_message("# %s: %s %s\n", id, result->findings[i].id, result->findings[i].message);
	check_free(result);
	free(text);
	return count;
}

static void examples_behave(void **state)
{
	size_t tried = 0, pending = 0, wrong = 0, errors;

	(void)state;
	for (const struct check_entry *e = NULL; (e = check_entry_next(e));) {
		bool wanted = e->decided == CHECK_IN_CONFIGURATION && !is_in(e->id, without_example);

		if ((e->fails != NULL) != wanted || (e->passes != NULL) != wanted)
			fail_msg("%s: examples are %s", e->id, wanted ? "missing" : "not wanted");
		if (!wanted)
			continue;
		if (found(e->id, e->passes, &errors) > 0 || errors > 0) {
			print_error("%s: what passes does not\n", e->id);
			wrong++;
		}
		tried++;
		if (!check_entry_by(e)) {
			print_message("# %s: the checker does not have it yet\n", e->id);
			pending++;
		} else if (found(check_entry_by(e), e->fails, &errors) == 0) {
			print_error("%s: it is not found in what fails\n", e->id);
			wrong++;
		}
	}
	print_message("# %zu pairs of examples; of %zu the first one could not be tried\n", tried, pending);
	assert_int_equal(wrong, 0);
}

/* All laws are used, and both ways of telling a row say all of it. */
static void rows_are_told(void **state)
{
	bool used[CHECK_LAWS + 1] = { false };

	(void)state;
	for (const struct check_entry *e = NULL; (e = check_entry_next(e));) {
		char *text = check_explain_entry(e);
		json_t *value = check_entry_json(e);

		assert_non_null(text);
		assert_non_null(value);
		for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
			assert_in_range(strcspn(line, "\n"), 0, e->fails ? 4096 : LINE_MOST);
		assert_non_null(strstr(text, check_entry_title(e)));
		assert_string_equal(json_string_value(json_object_get(value, "attack")), e->attack);
		used[e->law] = true;
		json_decref(value);
		free(text);
	}
	for (unsigned law = 1; law <= CHECK_LAWS; law++) {
		if (!used[law])
			fail_msg("no row is about law %u", law);
		ends_as_sentence("a law", check_law(law)->sentence);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(rows_are_whole), cmocka_unit_test(findings_have_rows),
		cmocka_unit_test(attacks_are_mounted),
		cmocka_unit_test(examples_behave), cmocka_unit_test(rows_are_told) };
	int failed;

	library = seccomm_new(NULL);
	if (!library)
		return 2;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	seccomm_free(library);
	return failed;
}
