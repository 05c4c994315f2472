/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: a profile never changes: on either link, what it says, the configuration text and its digest, what it achieves, and the
 * bytes of its messages are what the file of profiles/ says; nothing of it is more than a note, and what it accepts is there.
 *
 * The folder is the first argument.  With a second one, "write", the files that are not there yet are written; one that is there
 * stays, for a profile that says something else is another one.
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
#include "check/explain/explain.h"

enum { CASES_MAX = 64, ROOM = 65536 };

struct one {
	const char *profile;
	enum seccomm_link link;
	char name[80];
};
static struct world {
	struct seccomm *library;
	const char *folder;
	bool write;
} world;

static const char *link_name(enum seccomm_link link)
{
	return link == SECCOMM_STREAM ? "stream" : "datagram";
}

static struct check_result *checked(const struct one *one, enum seccomm_role role)
{
	const char *url = one->link == SECCOMM_STREAM ? "memory:" : "memory-datagram:";
	char text[400];

	(void)snprintf(text, sizeof text,
	    "seccomm: 1\nsessions:\n  s: {role: %s, listen: '%s', connect: '%s', identity: a, peers: [b], profile: %s}\n",
	    role == SECCOMM_CLIENT ? "client" : "server", url, url, one->profile);
	return check_text(world.library, "profile", text, strlen(text));
}

static void write_digest(FILE *out, const struct seccomm_plan *plan)
{
	for (size_t i = 0; i < CRYPTO_HASH_BYTES; i++)
		(void)fprintf(out, "%02x", seccomm_plan_digest(plan)[i]);
	(void)fputc('\n', out);
}

/* The table, without the words that explain it: those may change. */
static void write_levels(FILE *out, const struct seccomm_plan *plan)
{
	char text[ROOM] = "";
	FILE *file = fmemopen(text, sizeof text, "w");

	assert_non_null(file);
	check_explain_levels(file, plan);
	assert_int_equal(fclose(file), 0);
	assert_non_null(strstr(text, "\nwhy, "));
	*strstr(text, "\nwhy, ") = 0;
	(void)fputs(text, out);
}

/* Of messages without data, of some, and of many. */
static void write_sizes(FILE *out, const struct seccomm_plan *plan)
{
	static const size_t sizes[] = { 0, 1, 100, 1000, 16384 };

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		(void)fprintf(out, "%5zu bytes become %5zu from client to server, %5zu back\n", sizes[i],
		    seccomm_plan_wire_size(plan, SECCOMM_C2S, sizes[i]), seccomm_plan_wire_size(plan, SECCOMM_S2C, sizes[i]));
}

static void describe(const struct one *one, const struct seccomm_plan *plan, char out[ROOM])
{
	FILE *file = fmemopen(out, ROOM, "w");

	assert_non_null(file);
	(void)fprintf(file, "%s on a %s link\n\n%s\n", one->profile, link_name(one->link), check_profile_text(one->profile, one->link));
	(void)fprintf(file, "configuration text\n%s\ndigest\n", seccomm_plan_text(plan));
	write_digest(file, plan);
	write_levels(file, plan);
	(void)fputs("\nmessages\n", file);
	write_sizes(file, plan);
	assert_false(ferror(file));
	assert_int_equal(fclose(file), 0);
	assert_true(strlen(out) < ROOM - 1);
}

static void compare(const struct one *one, const char *got)
{
	char path[4096], expected[ROOM] = "";
	FILE *file;

	(void)snprintf(path, sizeof path, "%s/%s.%s", world.folder, one->profile, link_name(one->link));
	file = fopen(path, "rb");
	if (!file && world.write) {
		file = fopen(path, "wb");
		assert_non_null(file);
		assert_true(fputs(got, file) >= 0);
		assert_int_equal(fclose(file), 0);
		return;
	}
	assert_non_null(file);
	(void)!fread(expected, 1, sizeof expected - 1, file);
	(void)fclose(file);
	assert_string_equal(got, expected);
}

static void is_as_it_was(void **state)
{
	const struct one *one = *state;
	char text[2][ROOM] = { "", "" };

	for (enum seccomm_role role = SECCOMM_CLIENT; role <= SECCOMM_SERVER; role++) {
		struct check_result *result = checked(one, role);

		assert_non_null(result);
		for (size_t i = 0; i < result->finding_count; i++)
			if (result->findings[i].severity != CHECK_NOTE)
				fail_msg("%s: %s", result->findings[i].id, result->findings[i].message);
		for (size_t i = 0; i < result->sessions[0].accepted_count; i++)
			assert_true(result->sessions[0].accepted[i].met);
		describe(one, result->sessions[0].plan, text[role == SECCOMM_SERVER]);
		check_free(result);
	}
	assert_string_equal(text[0], text[1]);
	compare(one, text[0]);
}

/* What is told about it is one line, and some. */
static void is_described(void **state)
{
	(void)state;
	for (const char *const *name = check_profiles(); *name; name++) {
		assert_non_null(check_profile_purpose(*name));
		assert_null(strchr(check_profile_purpose(*name), '\n'));
		assert_non_null(check_profile_about(*name));
		assert_non_null(strchr(*name, '@'));
	}
	assert_non_null(check_profile_purpose("lab"));
	assert_null(check_profile_text("lab", SECCOMM_STREAM));
	assert_null(check_profile_purpose("default"));
}

int main(int argc, char **argv)
{
	static struct one ones[CASES_MAX];
	struct CMUnitTest tests[CASES_MAX + 1] = { { .name = "every profile is described", .test_func = is_described } };
	size_t n = 0;
	int failed;

	if (argc < 2)
		return 2;
	world.folder = argv[1];
	world.write = argc > 2 && strcmp(argv[2], "write") == 0;
	world.library = seccomm_new(NULL);
	for (const char *const *name = check_profiles(); *name; name++)
		for (enum seccomm_link link = SECCOMM_STREAM; link <= SECCOMM_DATAGRAM && n < CASES_MAX; link++) {
			struct one *one = &ones[n++];

			one->profile = *name;
			one->link = link;
			(void)snprintf(one->name, sizeof one->name, "%s on a %s link", *name, link_name(link));
			tests[n] = (struct CMUnitTest){ .name = one->name, .test_func = is_as_it_was, .initial_state = one };
		}
	failed = world.library ? _cmocka_run_group_tests("profiles", tests, n + 1, NULL, NULL) : 2;
	seccomm_free(world.library);
	return failed;
}
