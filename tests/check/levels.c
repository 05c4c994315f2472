/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: a level is what somebody who wants to break it leaves of it, and `explain` says in words why it is no more.  Each row is a
 * session, and lines that its explanation must have, and must not have.
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

enum { LINES = 8, TEXT = 2048 };

#define OFFICE "stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n"
#define MINE   "accept: {SC711: \"they are all mine\"}\n"
#define ALL    "each of the peers computes key 'data' from secret 'office', which all of them have"
#define OTHERS "the peers of other sessions compute key 'data' from secret 'office', which they have, too"
#define BOB                                                                                                                          \
	"  t:\n    role: client\n    listen: tcp:127.0.0.1:7444\n    connect: tcp:bob.example.net:7443\n    identity: srv\n    peers: [bob]\n" \
	"    stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n"                                                                   \
	"    keys: {data: {establish: dh, secret: office, protect: [sign: ed25519]}}\n"
#define BESIDE "secret 'office' in key 'data' does not count, for several peers have it"

static struct seccomm *library;

static const struct row {
	const char *name, *peers, *body;
	const char *has[LINES], *lacks[LINES];
	const char *beside; /* another session of the file; NULL: there is none */
} rows[] = {
	{ "a secret of several peers hides nothing from any of them", "[alice, bob]",
	    MINE OFFICE "keys: {data: {establish: psk, secret: office, protect: [sign: ed25519]}}\n",
	    { "confidentiality   none       by encrypt:aes-256-gcm at order 20: " ALL "\n", "integrity         none       by encrypt:aes-256-gcm at order 20: " ALL "\n",
		"freshness         none       by anti-replay:sequence at order 10: no better than", "peer-authenticity modern     by sign:ed25519",
		"confidentiality   none       none       none          none" },
	    { "confidentiality   modern" } },
	{ "nor does a pattern keep them apart", "['desk-*']",
	    MINE OFFICE "keys: {data: {establish: psk, secret: office, protect: [sign: ed25519]}}\n",
	    { "confidentiality   none       by encrypt:aes-256-gcm at order 20: " ALL "\n" }, { NULL } },
	{ "what hides its exchange does not hide what it follows from", "[alice, bob]",
	    MINE "stack: [anti-replay: sequence, encrypt: {algorithm: aes-256-gcm, key: data}]\n"
		 "keys:\n  outer: {establish: dh, protect: [sign: ed25519]}\n"
		 "  data: {establish: psk, secret: office, protect: [encrypt: {algorithm: aes-256-gcm, key: outer}]}\n",
	    { "confidentiality   none       by encrypt:aes-256-gcm at order 20: " ALL "\n" }, { NULL } },
	{ "mixed into what is agreed on it counts for nothing, and takes nothing away", "[alice, bob]",
	    OFFICE "keys: {data: {establish: dh, secret: office, protect: [sign: ed25519]}}\n",
	    { "confidentiality   modern     by encrypt:aes-256-gcm at order 20: " BESIDE "; until", "integrity         modern     by encrypt:aes-256-gcm at order 20; until",
		"forward-secrecy   modern     by encrypt:aes-256-gcm at order 20\n" },
	    { "modern+pq" } },
	{ "a secret of two stands against quantum computers", "[alice]",
	    OFFICE "keys: {data: {establish: dh, secret: office, protect: [sign: ed25519]}}\n",
	    { "confidentiality   modern+pq  by encrypt:aes-256-gcm at order 20; until" }, { BESIDE } },
	{ "a secret of two is a key", "[alice]", OFFICE "keys: {data: {establish: psk, secret: office, protect: [sign: ed25519]}}\n",
	    { "confidentiality   modern+pq  by encrypt:aes-256-gcm at order 20; until", "integrity         modern+pq" }, { ALL } },
	{ "the columns of a key are not those of the data, whatever its name is", "[alice]", OFFICE,
	    { "data c2s   data s2c   key data c2s  key data s2c" }, { NULL } },
	{ "a key that is agreed on with anybody keeps nothing, today or later", "[alice]",
	    "accept: {SC701: \"an exercise\"}\n" OFFICE "keys: {data: {establish: dh}}\n",
	    { "confidentiality   none       by encrypt:aes-256-gcm at order 20: no better than its key 'data'\n",
		"forward secrecy  no: this key is none to somebody who is there, or who listens, already\n" },
	    { "who learns the secret", "modern+pq" } },
	{ .name = "what another session's peer has is a key to him", .peers = "[alice]",
	    .body = MINE OFFICE "keys: {data: {establish: psk, secret: office, protect: [sign: ed25519]}}\n", .beside = BOB,
	    .has = { "confidentiality   none       by encrypt:aes-256-gcm at order 20: " OTHERS "\n", "peer-authenticity modern     by sign:ed25519" } },
	{ .name = "and mixed in it counts for nothing", .peers = "[alice]",
	    .body = OFFICE "keys: {data: {establish: dh, secret: office, protect: [sign: ed25519]}}\n", .beside = BOB,
	    .has = { "confidentiality   modern     by encrypt:aes-256-gcm at order 20: " BESIDE "; until" }, .lacks = { "modern+pq" } },
	{ .name = "the same peer may have it for several sessions", .peers = "[bob]",
	    .body = OFFICE "keys: {data: {establish: psk, secret: office, protect: [sign: ed25519]}}\n", .beside = BOB,
	    .has = { "confidentiality   modern+pq  by encrypt:aes-256-gcm at order 20; until" } },
	{ NULL, NULL, NULL, { NULL }, { NULL }, NULL },
};

static void indent(FILE *out, const char *text)
{
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
		(void)fputs("    ", out);
		(void)fwrite(line, 1, strcspn(line, "\n"), out);
		(void)fputc('\n', out);
	}
}

static char *explained(const struct row *row)
{
	char text[TEXT];
	FILE *out = fmemopen(text, sizeof text, "w");
	struct check_result *result;
	char *said;

	assert_non_null(out);
	(void)fprintf(out, "seccomm: 1\nsessions:\n  s:\n    role: server\n    listen: 'tcp::7443'\n    connect: tcp:127.0.0.1:5432\n");
	(void)fprintf(out, "    identity: srv\n    peers: %s\n", row->peers);
	indent(out, row->body);
	if (row->beside)
		(void)fputs(row->beside, out);
	assert_int_equal(fclose(out), 0);
	result = check_text(library, "text", text, strlen(text));
	assert_non_null(result);
	for (size_t i = 0; i < result->finding_count; i++)
		if (result->findings[i].severity == CHECK_ERROR)
			fail_msg("%s: %s: %s", row->name, result->findings[i].id, result->findings[i].message);
	said = check_explain_session(&result->sessions[0]);
	assert_non_null(said);
	check_free(result);
	return said;
}

static void levels_are_true(void **state)
{
	(void)state;
	for (const struct row *row = rows; row->name; row++) {
		char *said = explained(row);

		for (size_t i = 0; row->has[i]; i++)
			if (!strstr(said, row->has[i]))
				fail_msg("%s: there is no '%s'", row->name, row->has[i]);
		for (size_t i = 0; row->lacks[i]; i++)
			if (strstr(said, row->lacks[i]))
				fail_msg("%s: there is '%s'", row->name, row->lacks[i]);
		free(said);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(levels_are_true) };
	int failed;

	library = seccomm_new(NULL);
	if (!library)
		return 2;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	seccomm_free(library);
	return failed;
}
