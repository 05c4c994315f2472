/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What it costs to check a configuration of 200 sessions, which a program does at its start and an editor at every key: CPU time
 * of the best of several runs, and of one session alone.  --check fails above 100 ms.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check/check.h"

enum { SESSIONS = 200, RUNS = 20, LIMIT_US = 100 * 1000, SESSION_ROOM = 1024, FILE_ROOM = SESSIONS * SESSION_ROOM + 64 };

static void die(const char *what)
{
	fprintf(stderr, "check: %s\n", what);
	exit(2);
}

static uint64_t cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* Of each kind of session one in turn: a profile, a stack of four layers, one with two keys. */
static const char *const kinds[] = {
	"    profile: default@1\n",
	"    stack:\n      - anti-replay: sequence\n      - sign: {algorithm: ed25519, direction: c2s}\n      - encrypt: {algorithm: aes-256-cbc, key: data}\n"
	"      - mac: {algorithm: hmac-sha-256, key: data}\n    keys:\n      data: {establish: dh, protect: [sign: ed25519], rekey: {after: 1h}}\n",
	"    require: {confidentiality: none}\n    stack:\n      - anti-replay: timestamp\n      - digest: sha-256\n      - protect-digest: ed25519\n"
	"      - mac: {algorithm: poly1305, key: second}\n"
	"    keys:\n      first: {establish: dh, protect: [sign: ed25519]}\n      second: {establish: server-creates, protect: [encrypt: {algorithm: "
	"aes-256-gcm, key: first}]}\n",
};

static size_t write_file(size_t sessions, char text[FILE_ROOM])
{
	size_t at = (size_t)snprintf(text, FILE_ROOM, "seccomm: 1\nsessions:\n");

	for (size_t i = 0; i < sessions; i++)
		at += (size_t)snprintf(text + at, FILE_ROOM - at,
		    "  session-%zu:\n    role: server\n    listen: tcp::%zu\n    connect: unix:/run/program-%zu.sock\n    identity: own\n"
		    "    peers: [friend-%zu, others-*]\n%s",
		    i, 10000 + i, i, i, kinds[i % (sizeof(kinds) / sizeof(kinds[0]))]);
	return at;
}

static uint64_t measure(struct seccomm *library, const char *text, size_t length, size_t sessions)
{
	uint64_t best = UINT64_MAX;

	for (int run = 0; run < RUNS; run++) {
		const uint64_t before = cpu_us();
		struct check_result *result = check_text(library, "bench.yaml", text, length);
		uint64_t took;

		if (result == NULL || result->session_count != sessions)
			die("no result");
		if (result->errors > 0)
			die(result->findings[0].message);
		check_free(result);
		took = cpu_us() - before;
		best = took < best ? took : best;
	}
	return best;
}

int main(int argc, char **argv)
{
	bool check = argc > 1 && strcmp(argv[1], "--check") == 0;
	struct seccomm *library = seccomm_new(NULL);
	static char text[FILE_ROOM];
	uint64_t one, all;

	if (library == NULL)
		die("no crypto library");
	one = measure(library, text, write_file(1, text), 1);
	all = measure(library, text, write_file(SESSIONS, text), SESSIONS);
	printf("CPU time to check a configuration, best of %d runs\n", RUNS);
	printf("%3d session  %6.2f ms\n%3d sessions %6.2f ms, at most %d ms%s\n", 1, (double)one / 1000, SESSIONS, (double)all / 1000,
	    LIMIT_US / 1000, all > LIMIT_US ? "  MISSED" : "");
	seccomm_free(library);
	return check && all > LIMIT_US;
}
