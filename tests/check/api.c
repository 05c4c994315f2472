/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: what applications and the program call: plans from a text and from one line, errors in struct seccomm_error, and a
 * plan or NULL, never a crash, however early memory runs out.
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
#include "good.h"
#include "scarce.h"

static const char *const peers[] = { "b" };

static void reads_a_named_session(void **state)
{
	struct seccomm_plan *plan = NULL;
	struct seccomm_error error;

	(void)state;
	assert_int_equal(seccomm_plan_read(library, "f", good, strlen(good), "two", &plan, &error), SECCOMM_OK);
	assert_int_equal(seccomm_plan_role(plan), SECCOMM_SERVER);
	seccomm_plan_free(plan);
	assert_int_equal(seccomm_plan_read(library, "f", good, strlen(good), NULL, &plan, &error), SECCOMM_INVALID);
	assert_null(plan);
	assert_int_equal(seccomm_plan_read(library, "f", good, strlen(good), "three", &plan, &error), SECCOMM_INVALID);
	assert_string_equal(error.place, "f");
	assert_true(error.text[0] && error.remedy[0]);
}

static void tells_the_first_error(void **state)
{
	static const char bad[] =
	    "seccomm: 1\nsessions:\n  s: {role: klient, listen: 'tcp::0', connect: 'tcp:h:1', profile: default@1}\n";
	struct seccomm_plan *plan = NULL;
	struct seccomm_error error;

	(void)state;
	assert_int_equal(seccomm_plan_read(library, "f.yaml", bad, strlen(bad), NULL, &plan, &error), SECCOMM_INVALID);
	assert_null(plan);
	assert_int_equal(error.status, SECCOMM_INVALID);
	assert_string_equal(error.place, "f.yaml:3:3");
	assert_string_equal(error.text, "[SC009] session 's' has no 'identity'");
	assert_int_equal(seccomm_plan_read(library, "f.yaml", bad, strlen(bad), NULL, &plan, NULL), SECCOMM_INVALID);
}

static void plans_from_one_line(void **state)
{
	struct seccomm_plan *plan = NULL;
	struct seccomm_error error;
	const char *first;

	(void)state;
	assert_int_equal(seccomm_plan_stack(library, SECCOMM_CLIENT, SECCOMM_STREAM, "default@1", NULL, "a", peers, 1,
			     false, &plan, &error),
	    SECCOMM_OK);
	first = seccomm_plan_text(plan);
	assert_non_null(first);
	seccomm_plan_free(plan);
	assert_int_equal(
	    seccomm_plan_stack(library, SECCOMM_SERVER, SECCOMM_DATAGRAM, "anti-replay:sequence | encrypt:aes-256-gcm",
		"dh,protect=sign:ed25519", "a", peers, 1, false, &plan, &error),
	    SECCOMM_OK);
	assert_int_equal(seccomm_plan_link(plan), SECCOMM_DATAGRAM);
	seccomm_plan_free(plan);
	assert_int_equal(seccomm_plan_stack(library, SECCOMM_CLIENT, SECCOMM_STREAM, "encrypt:des-cbc", NULL, "a",
			     peers, 1, true, &plan, &error),
	    SECCOMM_OK);
	seccomm_plan_free(plan);
}

/* A profile and the line it stands for are one configuration: strict where the link keeps the order. */
static void profile_equals_its_line(void **state)
{
	static const char *const lines[] = { [SECCOMM_STREAM] = "anti-replay:sequence|encrypt:aes-256-gcm",
		[SECCOMM_DATAGRAM] = "anti-replay:window|encrypt:aes-256-gcm" };

	(void)state;
	for (enum seccomm_link link = SECCOMM_STREAM; link <= SECCOMM_DATAGRAM; link++) {
		struct seccomm_plan *profile = NULL, *line = NULL;

		assert_int_equal(seccomm_plan_stack(library, SECCOMM_CLIENT, link, "default@1", NULL, "a", peers, 1,
				     false, &profile, NULL),
		    SECCOMM_OK);
		assert_int_equal(seccomm_plan_stack(library, SECCOMM_SERVER, link, lines[link], NULL, "b", peers, 1,
				     false, &line, NULL),
		    SECCOMM_OK);
		assert_memory_equal(seccomm_plan_digest(profile), seccomm_plan_digest(line), 32);
		seccomm_plan_free(profile);
		seccomm_plan_free(line);
	}
}

static void lines_cannot_smuggle(void **state)
{
	static const char *const lines[] = { "encrypt:des-cbc", "x\"\n    profile: lab\n", "anti-replay:sequence", "",
		"|", "encrypt" };
	static const char *const strange[] = { "b\"\n    role: server" };
	struct seccomm_plan *plan;
	struct seccomm_error error;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		memset(&error, 0, sizeof error);
		assert_int_equal(seccomm_plan_stack(library, SECCOMM_CLIENT, SECCOMM_STREAM, lines[i], NULL, "a", peers,
				     1, false, &plan, &error),
		    SECCOMM_INVALID);
		assert_null(plan);
		assert_true(error.text[0] != 0);
	}
	assert_int_equal(seccomm_plan_stack(library, SECCOMM_CLIENT, SECCOMM_STREAM, "default@1", NULL, "a", strange, 1,
			     false, &plan, &error),
	    SECCOMM_INVALID);
}

/* The plan of the only session of "... s: {..., MORE}" on LINK; its digest is what it is without MORE. */
static struct seccomm_plan *timed_plan(const char *link, const char *more)
{
	static const char form[] = "seccomm: 1\nsessions: {s: {role: client, listen: '%s', connect: '%s', identity: a, peers: "
				   "[b], stack: [anti-replay: window, encrypt: aes-256-gcm]%s}}\n";
	struct seccomm_error error = { 0 };
	struct seccomm_plan *plan, *plain;
	char text[1024];

	(void)snprintf(text, sizeof text, form, link, link, ", keys: {data: {establish: dh, protect: [sign: ed25519]}}");
	assert_int_equal(seccomm_plan_read(library, "f", text, strlen(text), NULL, &plain, &error), SECCOMM_OK);
	(void)snprintf(text, sizeof text, form, link, link, more);
	if (seccomm_plan_read(library, "f", text, strlen(text), NULL, &plan, &error) != SECCOMM_OK)
		fail_msg("%s: %s", error.place, error.text);
	assert_memory_equal(seccomm_plan_digest(plan), seccomm_plan_digest(plain), 32);
	seccomm_plan_free(plain);
	return plan;
}

static void times_are_local(void **state)
{
	const uint64_t second = 1000000, never = UINT64_MAX;
	const struct row {
		const char *link, *more;
		struct plan_timing timing;
	} rows[] = {
		{ "memory-datagram:", "", { 3600 * second, never, never, 180 * second, never } },
		{ "memory:", "", { 3600 * second, never, never, never, never } },
		{ "memory-datagram:",
		    ", rekey: {bytes: 1MiB, after: 2h}, idle: never, keepalive: 25s, "
		    "keys: {data: {establish: dh, protect: [sign: ed25519], rekey: {messages: 7}}}",
		    { 7200 * second, 1 << 20, 7, never, 25 * second } },
		{ "memory:", ", rekey: 10m, keys: {data: 'dh,protect=sign:ed25519,rekey=never'}",
		    { never, never, never, never, never } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct seccomm_plan *plan = timed_plan(rows[i].link, rows[i].more);
		const struct plan_timing *timing = seccomm_plan_timing(plan);

		assert_memory_equal(timing, &rows[i].timing, sizeof *timing);
		seccomm_plan_free(plan);
	}
}

/* Only the own end knows who else has the secret: the other one could not accept that, too. */
static void what_only_one_end_knows_is_in_no_digest(void **state)
{
	static const char *const accepted[] = { "", "accept: {SC716: 'two names of one host'}, " };
	struct check_result *results[2];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char text[1024];

		(void)snprintf(text, sizeof text,
		    "seccomm: 1\nsessions:\n"
		    "  a: {role: client, listen: 'tcp::0', connect: 'tcp:a:1', %sstack: 'anti-replay:sequence|encrypt:aes-256-gcm', keys: {d: 'psk,secret=x'}}\n"
		    "  b: {role: client, listen: 'tcp::0', connect: 'tcp:b:1', %sstack: 'anti-replay:sequence|encrypt:aes-256-gcm', keys: {d: 'psk,secret=x'}}\n",
		    accepted[i], accepted[i]);
		results[i] = check_text(library, "text", text, strlen(text));
		assert_non_null(results[i]);
		assert_int_equal(results[i]->errors, 0);
		assert_int_equal(results[i]->warnings, i == 0 ? 2 : 0);
		assert_non_null(results[i]->sessions[0].plan);
	}
	assert_string_equal(seccomm_plan_text(results[0]->sessions[0].plan), seccomm_plan_text(results[1]->sessions[0].plan));
	check_free(results[0]);
	check_free(results[1]);
}

static void profiles_are_clean(void **state)
{
	(void)state;
	for (const char *const *name = check_profiles(); *name; name++) {
		struct seccomm_plan *plan;

		assert_non_null(check_profile_text(*name, SECCOMM_STREAM));
		assert_non_null(check_profile_text(*name, SECCOMM_DATAGRAM));
		assert_int_equal(seccomm_plan_stack(library, SECCOMM_CLIENT, SECCOMM_STREAM, *name, NULL, "a", peers, 1,
				     false, &plan, NULL),
		    SECCOMM_OK);
		seccomm_plan_free(plan);
	}
	assert_null(check_profile_text("default", SECCOMM_STREAM));
}

/* The text of COUNT sessions with one secret, of as many peers, or of clients of as many hosts; the caller's. */
static char *crowd(unsigned count, bool named)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	(void)fputs("seccomm: 1\nsessions:\n", out);
	for (unsigned i = 0; i < count; i++) {
		(void)fprintf(out, "  s%u: {role: client, listen: 'tcp:127.0.0.1:0', connect: 'tcp:h%u.example.net:7443', ", i, i);
		(void)fprintf(out, named ? "identity: a, peers: [p%u], " : "", i);
		(void)fprintf(out, "stack: 'anti-replay:sequence|encrypt:aes-256-gcm', keys: {data: 'psk,secret=x%s'}}\n",
		    named ? ",protect=sign:ed25519" : "");
	}
	assert_int_equal(fclose(out), 0);
	return text;
}

/* Each of them, however many there are, and the last as well as the first. */
static void all_who_share_are_told(void **state)
{
	enum { MANY = 150 };

	(void)state;
	for (unsigned named = 0; named < 2; named++)
		for (unsigned count = 1; count <= MANY; count += count == 1 ? 1 : MANY - 2) {
			char *text = crowd(count, named);
			struct check_result *result = check_text(library, "crowd", text, strlen(text));

			assert_non_null(result);
			assert_int_equal(result->finding_count, count == 1 ? 0 : count);
			for (unsigned i = 0; i < result->finding_count; i++) {
				assert_string_equal(result->findings[i].id, named ? "SC711" : "SC716");
				assert_int_equal(result->findings[i].line, 3 + i);
				assert_in_range(result->findings[i].other_line, 3, 2 + count);
				assert_int_not_equal(result->findings[i].other_line, 3 + i);
			}
			check_free(result);
			free(text);
		}
}

/* A session after so many findings that no more are shown is not taken for a good one. */
static void errors_that_are_not_shown(void **state)
{
	char *text = malloc(CHECK_TEXT_MAX);
	struct check_result *result;
	size_t length;

	(void)state;
	assert_non_null(text);
	length = (size_t)snprintf(text, CHECK_TEXT_MAX, "seccomm: 1\nsessions:\n");
	for (int i = 0; i < 210; i++)
		length += (size_t)snprintf(text + length, CHECK_TEXT_MAX - length,
		    "  s%d: {role: client, listen: 'tcp:[::1]:1', connect: 'tcp:[::1]:2', identity: a, peers: [b], profile: lab, stack: "
		    "[encrypt: {algorithm: caesar, shift: 5}]}\n", i);
	length += (size_t)snprintf(text + length, CHECK_TEXT_MAX - length,
	    "  last: {role: client, listen: 'tcp:a:1', connect: 'tcp:a:2', identity: a, peers: [b], stack: [encrypt: {algorithm: caesar, shift: 5}]}\n");
	result = check_text(library, "f", text, length);
	assert_non_null(result);
	assert_int_equal(result->finding_count, 201);
	assert_string_equal(result->findings[0].id, "SC022");
	assert_true(result->errors > 0 && result->warnings > 200);
	assert_null(result->sessions[result->session_count - 1].plan);
	check_free(result);
	free(text);
}

static uint64_t next_number(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Whatever a file is called, what is found in it can be told as JSON; what looks like UTF-8 and is none is not. */
static void strange_names(void **state)
{
	static const char *const names[] = { "a\xed\xa0\x80", "a\xe0\x80\xaf", "a\xf0\x80\x80\x80", "a\xf4\x90\x80\x80", "a\xc0", "a\xe2\x82" };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct check_result *result = check_text(library, names[i], "", 0);
		char *json;

		assert_non_null(result);
		assert_true(result->finding_count > 0);
		json = check_findings_json(result);
		assert_non_null(json);
		assert_non_null(strstr(json, "a?"));
		assert_int_equal(check_utf8(names[i], strlen(names[i])), 1);
		free(json);
		check_free(result);
	}
	assert_int_equal(check_utf8("\xc3\xa9\xe2\x82\xac\xf4\x8f\xbf\xbf", 9), 9);
}

/* Whatever a good file becomes, there is a plan for every session or a finding, and every finding can be shown. */
static void mutations(void **state)
{
	static const char signs[] = "{}[]:,-|=&*'\"#?\t\n \0\xff"
				    "abcdehksy0129";
	uint64_t seed = UINT64_C(0x5ecc0002);

	(void)state;
	for (int round = 0; round < 1000; round++) {
		char text[sizeof good];
		struct check_result *result;

		memcpy(text, good, sizeof good);
		for (uint64_t k = next_number(&seed) % 3; k < 3; k++)
			text[next_number(&seed) % (sizeof good - 1)] = signs[next_number(&seed) % (sizeof signs - 1)];
		result = check_text(library, "f", text, sizeof good - 1);
		assert_non_null(result);
		for (size_t i = 0; i < result->session_count; i++)
			assert_true(result->sessions[i].plan || result->errors > 0);
		for (size_t i = 0; i < result->finding_count; i++) {
			char *shown = check_finding_text(result, &result->findings[i], text, sizeof good - 1, false);

			assert_non_null(shown);
			assert_true(
			    result->findings[i].line > 0 && result->findings[i].end > result->findings[i].column);
			free(shown);
		}
		check_free(result);
	}
}

static bool survives(const char *text, long n)
{
	struct check_result *result;

	allocations_left = n;
	result = check_text(library, "f", text, strlen(text));
	allocations_left = -1;
	check_free(result);
	return result != NULL;
}

/* Runs with one more allocation each time, until there are enough. */
static void memory_runs_out(void **state)
{
	static const char bad[] = "seccomm: 1\nsessions:\n  s: {role: klient, listen: x, connect: y, require: {x: y}, "
				  "stack: 'sing:x|mac:y,z=1'}\n"
				  "  t: {role: client, listen: 'tcp::0', connect: 'tcp:h:1', stack: [encrypt: "
				  "des-cbc], keys: {a: dh, b: dh}}\n";
	const char *const texts[] = { good, bad };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		long n = 0;

		while (!survives(texts[i], n)) {
			n++;
			assert_true(n < 5000);
		}
		assert_true(n > 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_named_session),
		cmocka_unit_test(tells_the_first_error),
		cmocka_unit_test(plans_from_one_line),
		cmocka_unit_test(profile_equals_its_line),
		cmocka_unit_test(lines_cannot_smuggle),
		cmocka_unit_test(times_are_local),
		cmocka_unit_test(profiles_are_clean),
		cmocka_unit_test(all_who_share_are_told),
		cmocka_unit_test(what_only_one_end_knows_is_in_no_digest),
		cmocka_unit_test(errors_that_are_not_shown),
		cmocka_unit_test(strange_names),
		cmocka_unit_test(mutations),
		cmocka_unit_test(memory_runs_out),
	};

	return cmocka_run_group_tests_name("check api", tests, scarce_begin, scarce_end);
}
