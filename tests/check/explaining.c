/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: what is told of a configuration is true and can be read: explanations of sessions and of tables, JSON that a JSON
 * library reads, "did you mean", and colour only where it is wanted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "check/check.h"
#include "good.h"
#include "scarce.h"

static void json_is_json(void **state)
{
	static const char bad[] = "seccomm: 1\nsessions:\n  s: {role: \"k\\u00e9\\n\\x01\", \"\\\"\": '\\', listen: x, "
				  "connect: \"\xc3\xa9\"}\n";
	struct check_result *result = check_text(library, "f\x01\xff", bad, strlen(bad));
	char *text = result ? check_findings_json(result) : NULL;
	json_error_t error;
	json_t *list = text ? json_loads(text, 0, &error) : NULL;

	(void)state;
	assert_non_null(list);
	assert_int_equal(json_array_size(list), result->finding_count);
	assert_true(result->finding_count > 3);
	for (size_t i = 0; i < json_array_size(list); i++)
		assert_string_equal(json_string_value(json_object_get(json_array_get(list, i), "file")), "f??");
	json_decref(list);
	free(text);
	check_free(result);
}

static void holds(const char *text, const char *part)
{
	if (!text || !strstr(text, part))
		fail_msg("'%s' is missing", part);
}

static const char *level_of(const json_t *lane, const char *direction, const char *property)
{
	return json_string_value(json_object_get(json_object_get(json_object_get(lane, direction), property), "level"));
}

static void explains(void **state)
{
	struct check_result *result = check_text(library, "f", good, strlen(good));
	char *dh, *psk, *json;
	json_t *value;

	(void)state;
	assert_non_null(result);
	dh = check_explain_session(&result->sessions[0]);
	psk = check_explain_session(&result->sessions[1]);
	json = check_explain_session_json(&result->sessions[1]);
	holds(dh, "forward secrecy  yes");
	holds(dh, "no deniability");
	holds(dh, "100 bytes of data become 122 (22 added)");
	holds(dh, "header: 6 bytes");
	holds(dh, "new keys are agreed after 1h\n");
	holds(psk, "forward secrecy  no");
	holds(psk, "confidentiality   modern+pq  by encrypt:chacha20-poly1305");
	value = json_loads(json, 0, NULL);
	assert_non_null(value);
	assert_string_equal(level_of(json_array_get(json_object_get(value, "keys"), 0), "c2s", "forward-secrecy"), "none");
	json_decref(value);
	free(dh);
	free(psk);
	free(json);
	check_free(result);
}

/* Where there are several keys, what one does not get when another one is replaced. */
static void explains_what_carries_over(void **state)
{
	static const char two[] = "seccomm: 1\nsessions:\n  s:\n    role: server\n    listen: tcp:127.0.0.1:1\n    connect: tcp:127.0.0.1:2\n"
				  "    identity: me\n    peers: [you]\n    stack: 'anti-replay:sequence | encrypt:aes-256-gcm,key=data'\n"
				  "    keys:\n      outer: {establish: dh, protect: [sign: ed25519]}\n"
				  "      data: {establish: both, protect: [encrypt: {algorithm: aes-256-gcm, key: outer}]}\n";
	struct check_result *one = check_text(library, "f", good, strlen(good)), *result = check_text(library, "f", two, strlen(two));
	char *alone, *both;

	(void)state;
	assert_int_equal(result->session_count, 1);
	alone = check_explain_session(&one->sessions[0]);
	both = check_explain_session(&result->sessions[0]);
	holds(both, "carries over     when only another key is replaced (seccomm rekey --key), and gets no new forward secrecy");
	assert_null(strstr(alone, "carries over"));
	free(alone);
	free(both);
	check_free(one);
	check_free(result);
}

static void explains_the_faulty(void **state)
{
	static const char bad[] = "seccomm: 1\nsessions: {s: {}}\n";
	struct check_result *result = check_text(library, "f", bad, strlen(bad));
	char *text, *json;

	(void)state;
	assert_non_null(result);
	text = check_explain_session(&result->sessions[0]);
	json = check_explain_session_json(&result->sessions[0]);
	holds(text, "the session has errors");
	holds(json, "\"valid\": false");
	free(text);
	free(json);
	check_free(result);
}

static void every_table_has_a_manual(void **state)
{
	size_t count;
	const struct seccomm_mp *const *list = seccomm_micro_protocols(library, &count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		char *text = check_explain_mp(library, list[i]), *json = check_explain_mp_json(library, list[i]);
		json_t *value = json ? json_loads(json, 0, NULL) : NULL;

		holds(text, list[i]->cactus.summary);
		assert_non_null(value);
		json_decref(value);
		free(text);
		free(json);
	}
}

static void nearest(void **state)
{
	static const char *const names[] = { "aes-256-gcm", "both", "c2s", "dh", NULL };

	(void)state;
	assert_string_equal(check_nearest("aes256-gcm", names), "aes-256-gcm");
	assert_string_equal(check_nearest("AES-256-GMC", names), "aes-256-gcm");
	assert_string_equal(check_nearest("bohtt", names), "both");
	assert_string_equal(check_nearest("c2c", names), "c2s");
	assert_string_equal(check_nearest("dhe", names), "dh");
	assert_null(check_nearest("x", names));
	assert_null(check_nearest("xy", names));
	assert_null(check_nearest("entirely-different", names));
	assert_null(check_nearest("", names));
}

static void colour_only_if_wanted(void **state)
{
	static const char bad[] = "seccomm: 2\n";
	struct check_result *result = check_text(library, "f", bad, strlen(bad));
	char *plain, *coloured;

	(void)state;
	assert_non_null(result);
	plain = check_finding_text(result, &result->findings[0], bad, strlen(bad), false);
	coloured = check_finding_text(result, &result->findings[0], bad, strlen(bad), true);
	assert_null(strchr(plain, '\033'));
	assert_non_null(strchr(coloured, '\033'));
	free(plain);
	free(coloured);
	check_free(result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_is_json),
		cmocka_unit_test(explains),
		cmocka_unit_test(explains_what_carries_over),
		cmocka_unit_test(explains_the_faulty),
		cmocka_unit_test(every_table_has_a_manual),
		cmocka_unit_test(nearest),
		cmocka_unit_test(colour_only_if_wanted),
	};

	return cmocka_run_group_tests_name("check explaining", tests, scarce_begin, scarce_end);
}
