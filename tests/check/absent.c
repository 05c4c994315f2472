/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: on a machine without OpenSSL's legacy provider, every micro-protocol and every choice that needs it is explained as
 * unavailable, with the reason, and refused in a configuration; all others can be used.
 *
 * OPENSSL_MODULES names an empty folder before the library is made.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check/check.h"
#include "check/explain/explain.h"
#include "seccomm/library.h"
#include "seccomm/plan.h"

enum { TEXT = 2048 };
static const char why[] = "needs OpenSSL's legacy provider (legacy.so), which this machine does not have";
static struct seccomm *library;

/* Whether a session with LAYER is refused for that reason; otherwise nothing is to be told of it. */
static bool refused(const char *layer, bool digested)
{
	char text[TEXT];
	struct check_result *result;
	bool found = false;

	snprintf(text, sizeof(text),
	    "seccomm: 1\nsessions:\n  s:\n    role: client\n    listen: tcp:127.0.0.1:7001\n    connect: tcp:127.0.0.1:7002\n"
	    "    identity: a\n    peers: [b]\n    profile: lab\n    stack:\n%s      - %s\n"
	    "      - encrypt: aes-256-gcm\n    keys:\n      data: {establish: dh, protect: [sign: ed25519]}\n",
	    digested ? "      - digest: sha-256\n" : "", layer);
	result = check_text(library, "absent.yaml", text, strlen(text));
	assert_non_null(result);
	for (size_t i = 0; i < result->finding_count; i++)
		if (strcmp(result->findings[i].id, "SC017") == 0) {
			assert_non_null(strstr(result->findings[i].message, why));
			found = true;
		}
	if (!found && result->errors > 0)
		fail_msg("%s: %s", layer, result->findings[result->finding_count - 1].message);
	assert_int_equal(found, result->sessions[0].plan == NULL);
	check_free(result);
	return found;
}

/* Whether it works on what a digest leaves in the message. */
static bool reads(const struct seccomm_mp *mp)
{
	for (const struct cactus_attribute *a = mp->cactus.attributes; a && a->name; a++)
		if (a->act != CACTUS_SETS)
			return true;
	return false;
}

/* As a person reads it. */
static bool explained(const struct seccomm_mp *mp)
{
	char *manual = check_explain_mp(library, mp);
	bool found;

	assert_non_null(manual);
	found = strstr(manual, why) != NULL;
	assert_true(found || strstr(manual, "available  yes") != NULL);
	free(manual);
	return found;
}

static bool requires(const struct seccomm_mp *mp)
{
	for (const struct cactus_param *p = mp->cactus.params; p && p->name; p++)
		if (p->required)
			return true;
	return false;
}

static void absent_tables_are_refused(void **state)
{
	size_t count, absent = 0, here = 0;
	const struct seccomm_mp *const *all = seccomm_micro_protocols(library, &count);
	char layer[128];

	(void)state;
	for (size_t i = 0; i < count; i++) {
		const bool missing = seccomm_mp_unavailable(library, all[i]) != NULL;

		assert_int_equal(explained(all[i]), missing);
		if (!all[i]->cactus.down || requires(all[i]))
			continue;
		snprintf(layer, sizeof(layer), "%s: %s", all[i]->layer, all[i]->word);
		if (refused(layer, reads(all[i])) != missing)
			fail_msg("%s", layer);
		absent += missing;
		here += !missing;
	}
	assert_true(absent >= 4 && here > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(absent_tables_are_refused) };
	char folder[] = "absent-XXXXXX";
	struct seccomm_error error;
	int failed;

	if (!mkdtemp(folder) || setenv("OPENSSL_MODULES", folder, 1) || !(library = seccomm_new(&error))) {
		fprintf(stderr, "cannot set up\n");
		return 2;
	}
	failed = cmocka_run_group_tests_name("without the legacy provider", tests, NULL, NULL);
	seccomm_free(library);
	return rmdir(folder) ? 2 : failed;
}
