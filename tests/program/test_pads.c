/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: a pad's file is opened by one program only, at one place only, and by the right end; the two copies fit together and
 * their directions have nothing in common; used bytes are gone from it; and a program that is killed at whatever moment never
 * gives or takes a byte twice afterwards.
 */
#include "cli/pads.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { REGION = 64 * SECCOMM_PAD_BLOCK, LIVES = 24, BIG = 4096 * SECCOMM_PAD_BLOCK };

struct scene {
	char home[64], path[2][128]; /* of pad "p", by enum seccomm_role */
	struct complaints complaints;
};

static void write_copy(const char *path, enum seccomm_role role, uint64_t region)
{
	static const uint8_t id[PAD_ID] = "the pad of tests";
	uint8_t head[PAD_HEAD];
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	pad_store_head(head, id, region, role);
	assert_int_equal(fwrite(head, PAD_HEAD, 1, file), 1);
	for (uint64_t i = 0, z = 1; i < 2 * region / 8; i++) {
		z = z * 6364136223846793005 + 1442695040888963407;
		assert_int_equal(fwrite(&(uint64_t){ z ^ z >> 29 }, 8, 1, file), 1);
	}
	assert_int_equal(fchmod(fileno(file), 0600), 0);
	assert_int_equal(fclose(file), 0);
}

static void scene_make(struct scene *s, uint64_t region)
{
	char folder[96];

	*s = (struct scene){ .home = "/tmp/seccomm-pads-XXXXXX" };
	assert_non_null(mkdtemp(s->home));
	snprintf(folder, sizeof(folder), "%s/pads", s->home);
	assert_int_equal(mkdir(folder, 0700), 0);
	for (int role = SECCOMM_CLIENT; role <= SECCOMM_SERVER; role++) {
		snprintf(s->path[role], sizeof(s->path[role]), "%s/p.%s", folder, role == SECCOMM_CLIENT ? "client" : "server");
		write_copy(s->path[role], (enum seccomm_role)role, region);
	}
}

static void scene_drop(const struct scene *s)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r %s", s->home);
	assert_int_equal(system(command), 0);
}

static void copy(const struct scene *s, const char *from, const char *to)
{
	char command[256];

	snprintf(command, sizeof(command), "cp -p %s/pads/%s %s/pads/%s", s->home, from, s->home, to);
	assert_int_equal(system(command), 0);
}

static void refused(struct scene *s, struct pads *pads, const char *name, enum seccomm_role role, const char *why)
{
	s->complaints.count = 0;
	assert_null(pads_open(pads, name, role, &s->complaints));
	assert_int_equal(s->complaints.count, 1);
	if (!strstr(s->complaints.list[0].text, why))
		fail_msg("'%s', not '%s'", s->complaints.list[0].text, why);
}

static void only_one_program(void **state)
{
	struct scene s;
	struct pads *first, *second;

	(void)state;
	scene_make(&s, REGION);
	first = pads_new(s.home);
	second = pads_new(s.home);
	assert_non_null(pads_open(first, "p", SECCOMM_CLIENT, NULL));
	assert_ptr_equal(pads_open(first, "p", SECCOMM_CLIENT, NULL), pads_open(first, "p", SECCOMM_CLIENT, NULL));
	assert_non_null(pads_open(first, "p", SECCOMM_SERVER, NULL)); /* the other end may be the same program */
	refused(&s, second, "p", SECCOMM_CLIENT, "another program uses this pad");
	pads_free(first);
	assert_non_null(pads_open(second, "p", SECCOMM_CLIENT, NULL));
	pads_free(second);
	scene_drop(&s);
}

static void what_is_no_pad_of_ours(void **state)
{
	struct pad_store seen;
	char path[PATH_MAX];
	struct scene s;
	struct pads *pads;

	(void)state;
	scene_make(&s, REGION);
	pads = pads_new(s.home);
	refused(&s, pads, "q", SECCOMM_CLIENT, "there is no such one-time pad");
	refused(&s, pads, "../p", SECCOMM_CLIENT, "is not a name");
	copy(&s, "p.server", "other.client");
	refused(&s, pads, "other", SECCOMM_CLIENT, "the other end's copy");
	assert_int_equal(rename(s.path[SECCOMM_CLIENT], s.path[SECCOMM_SERVER]), 0);
	assert_int_equal(symlink(s.path[SECCOMM_SERVER], s.path[SECCOMM_CLIENT]), 0);
	refused(&s, pads, "p", SECCOMM_CLIENT, "this is a link");
	assert_int_equal(pads_look(&s.complaints, s.home, "p", SECCOMM_CLIENT, path, &seen), HOME_BAD);
	assert_non_null(strstr(s.complaints.list[1].text, "this is a link"));
	assert_int_equal(rename(s.path[SECCOMM_SERVER], s.path[SECCOMM_CLIENT]), 0);
	assert_int_equal(chmod(s.path[SECCOMM_CLIENT], 0640), 0);
	refused(&s, pads, "p", SECCOMM_CLIENT, "others can get at this pad");
	assert_int_equal(chmod(s.path[SECCOMM_CLIENT], 0600), 0);
	assert_int_equal(truncate(s.path[SECCOMM_CLIENT], PAD_HEAD + 2 * REGION - 1), 0);
	refused(&s, pads, "p", SECCOMM_CLIENT, "a part of this pad is missing");
	assert_int_equal(truncate(s.path[SECCOMM_CLIENT], 100), 0);
	refused(&s, pads, "p", SECCOMM_CLIENT, "this is no one-time pad");
	pads_free(pads);
	scene_drop(&s);
}

static void copies_are_noticed(void **state)
{
	struct scene s;
	struct pads *pads;

	(void)state;
	scene_make(&s, REGION);
	copy(&s, "p.client", "early.client");
	pads = pads_new(s.home);
	assert_non_null(pads_open(pads, "p", SECCOMM_CLIENT, NULL));
	refused(&s, pads, "early", SECCOMM_CLIENT, "a copy of pad 'p'");
	pads_free(pads);
	copy(&s, "p.client", "late.client");
	pads = pads_new(s.home);
	refused(&s, pads, "late", SECCOMM_CLIENT, "a copy of a pad that has been used");
	assert_int_equal(rename(s.path[SECCOMM_CLIENT], s.path[SECCOMM_SERVER]), 0);
	copy(&s, "p.server", "p.client"); /* as a backup that is brought back */
	refused(&s, pads, "p", SECCOMM_CLIENT, "a copy of a pad that has been used");
	pads_free(pads);
	scene_drop(&s);
}

static const char marks_file[] = "state/pads/74686520706164206f66207465737473.client"; /* the id in hexadecimal */

/* cp over it leaves inode and time of birth as they are; the marks elsewhere tell. */
static void brought_back(enum seccomm_pad_region region)
{
	struct seccomm_pad pad;
	struct pads *pads;
	struct scene s;
	uint64_t at;

	scene_make(&s, REGION);
	pads = pads_new(s.home);
	assert_non_null(pads_open(pads, "p", SECCOMM_CLIENT, NULL));
	copy(&s, "p.client", "backup");
	pads_free(pads);
	pads = pads_new(s.home); /* opened again, and not used: still the same */
	pad = pad_store_pad(pads_open(pads, "p", SECCOMM_CLIENT, NULL));
	if (region == SECCOMM_PAD_OURS)
		assert_int_equal(pad.reserve(pad.context, SECCOMM_PAD_BLOCK, &at), SECCOMM_OK);
	else
		assert_int_equal(pad.admit(pad.context, 0, 16), SECCOMM_OK);
	pads_free(pads);
	copy(&s, "p.client", "newest");
	copy(&s, "backup", "p.client");
	pads = pads_new(s.home);
	refused(&s, pads, "p", SECCOMM_CLIENT, "an older copy of this pad that was brought back");
	assert_non_null(strstr(s.complaints.list[0].remedy, "pad gen"));
	copy(&s, "newest", "p.client");
	assert_non_null(pads_open(pads, "p", SECCOMM_CLIENT, NULL));
	pads_free(pads);
	scene_drop(&s);
}

static void pad_brought_back_is_noticed(void **state)
{
	(void)state;
	brought_back(SECCOMM_PAD_OURS);
	brought_back(SECCOMM_PAD_PEERS);
}

static void marks_are_needed(void **state)
{
	char path[192], away[192];
	struct pads *first, *second;
	struct scene s;

	(void)state;
	scene_make(&s, REGION);
	copy(&s, "p.client", "early.client");
	snprintf(path, sizeof(path), "%s/%s", s.home, marks_file);
	snprintf(away, sizeof(away), "%s/away", s.home);
	first = pads_new(s.home);
	second = pads_new(s.home);
	assert_non_null(pads_open(first, "p", SECCOMM_CLIENT, NULL));
	refused(&s, second, "early", SECCOMM_CLIENT, "another program uses this pad, or a copy of it");
	pads_free(first);
	assert_int_equal(rename(path, away), 0);
	refused(&s, second, "p", SECCOMM_CLIENT, "is missing: nobody can tell how much of it is gone");
	assert_int_equal(rename(away, path), 0);
	assert_int_equal(chmod(path, 0620), 0);
	refused(&s, second, "p", SECCOMM_CLIENT, "others can change what is noted there");
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(truncate(path, 600), 0);
	refused(&s, second, "p", SECCOMM_CLIENT, "is damaged");
	pads_free(second);
	scene_drop(&s);
}

static void copies_fit_together(void **state)
{
	uint8_t there[SECCOMM_PAD_BLOCK], here[SECCOMM_PAD_BLOCK], back[SECCOMM_PAD_BLOCK];
	struct seccomm_pad client, server;
	struct pads *pads;
	struct scene s;
	uint64_t at = 1, behind;

	(void)state;
	scene_make(&s, REGION);
	pads = pads_new(s.home);
	client = pad_store_pad(pads_open(pads, "p", SECCOMM_CLIENT, NULL));
	server = pad_store_pad(pads_open(pads, "p", SECCOMM_SERVER, NULL));
	assert_int_equal(client.reserve(client.context, SECCOMM_PAD_BLOCK, &at), SECCOMM_OK);
	assert_int_equal(at, 0);
	assert_int_equal(client.read(client.context, SECCOMM_PAD_OURS, at, there, sizeof(there)), SECCOMM_OK);
	assert_int_equal(client.read(client.context, SECCOMM_PAD_OURS, at + SECCOMM_PAD_BLOCK, here, 1), SECCOMM_INVALID);
	assert_int_equal(server.read(server.context, SECCOMM_PAD_PEERS, at, here, sizeof(here)), SECCOMM_OK);
	assert_memory_equal(there, here, sizeof(there));
	assert_int_equal(server.reserve(server.context, SECCOMM_PAD_BLOCK, &behind), SECCOMM_OK);
	assert_int_equal(server.read(server.context, SECCOMM_PAD_OURS, behind, back, sizeof(back)), SECCOMM_OK);
	assert_memory_not_equal(there, back, sizeof(there));
	/* Used bytes are refused, and gone from both copies; their neighbours are not. */
	assert_int_equal(server.admit(server.context, 16, 32), SECCOMM_OK);
	server.spend(server.context, SECCOMM_PAD_PEERS, 16, 32);
	client.spend(client.context, SECCOMM_PAD_OURS, 16, 32);
	assert_int_equal(server.admit(server.context, 32, 32), SECCOMM_REFUSED);
	assert_int_equal(server.read(server.context, SECCOMM_PAD_PEERS, 0, here, 17), SECCOMM_REFUSED);
	assert_int_equal(server.read(server.context, SECCOMM_PAD_PEERS, 48, here, 100), SECCOMM_OK);
	assert_int_equal(client.read(client.context, SECCOMM_PAD_OURS, 16, here, 0), SECCOMM_REFUSED);
	pads_free(pads);
	for (int role = SECCOMM_CLIENT; role <= SECCOMM_SERVER; role++) {
		FILE *file = fopen(s.path[role], "r");

		assert_non_null(file);
		for (bool found = false; fread(here, sizeof(here), 1, file) == 1;) {
			found = memmem(here, sizeof(here), there + 16, 16) || memmem(here, sizeof(here), there + 32, 16);
			assert_false(found);
		}
		fclose(file);
	}
	/* After a restart all of the block that was begun is refused. */
	pads = pads_new(s.home);
	server = pad_store_pad(pads_open(pads, "p", SECCOMM_SERVER, NULL));
	assert_int_equal(server.read(server.context, SECCOMM_PAD_PEERS, 48, here, 100), SECCOMM_REFUSED);
	assert_int_equal(server.admit(server.context, 48, 16), SECCOMM_REFUSED);
	assert_int_equal(server.read(server.context, SECCOMM_PAD_PEERS, SECCOMM_PAD_BLOCK, here, 100), SECCOMM_OK);
	assert_int_equal(server.reserve(server.context, SECCOMM_PAD_BLOCK, &at), SECCOMM_OK);
	assert_int_equal(at, SECCOMM_PAD_BLOCK);
	pads_free(pads);
	scene_drop(&s);
}

static void pad_ends(void **state)
{
	struct seccomm_pad pad;
	struct pads *pads;
	struct scene s;
	uint64_t at;

	(void)state;
	scene_make(&s, REGION);
	pads = pads_new(s.home);
	pad = pad_store_pad(pads_open(pads, "p", SECCOMM_CLIENT, NULL));
	assert_int_equal(pad.reserve(pad.context, REGION + SECCOMM_PAD_BLOCK, &at), SECCOMM_LIMIT);
	for (uint64_t n = 0; n < REGION; n += SECCOMM_PAD_BLOCK) {
		assert_int_equal(pad.reserve(pad.context, SECCOMM_PAD_BLOCK, &at), SECCOMM_OK);
		assert_int_equal(at, n);
	}
	assert_int_equal(pad.reserve(pad.context, SECCOMM_PAD_BLOCK, &at), SECCOMM_LIMIT);
	assert_int_equal(pad.read(pad.context, SECCOMM_PAD_PEERS, REGION - 16, (uint8_t[32]){ 0 }, 16), SECCOMM_OK);
	assert_int_equal(pad.read(pad.context, SECCOMM_PAD_PEERS, REGION - 16, (uint8_t[32]){ 0 }, 17), SECCOMM_INVALID);
	assert_int_equal(pad.read(pad.context, SECCOMM_PAD_PEERS, REGION, (uint8_t[32]){ 0 }, 0), SECCOMM_INVALID);
	assert_int_equal(pad.read(pad.context, SECCOMM_PAD_PEERS, UINT64_MAX - 15, (uint8_t[32]){ 0 }, 16), SECCOMM_INVALID);
	pads_free(pads);
	scene_drop(&s);
}

/* ---- A program that is killed ---- */

struct record {
	uint64_t region, offset;
};

/* Takes every 16 bytes of the peer's that it may, from the first on, and blocks, and says so as soon as it has them, until it
 * is killed. */
static void live(const struct scene *s, int out)
{
	struct pads *pads = pads_new(s->home);
	struct pad_store *store = pads ? pads_open(pads, "p", SECCOMM_CLIENT, NULL) : NULL;
	struct seccomm_pad pad;
	struct record record;

	if (!store)
		_exit(1);
	pad = pad_store_pad(store);
	for (uint64_t at = 0;; at += 16) {
		record = (struct record){ SECCOMM_PAD_PEERS, at };
		if (pad.admit(pad.context, at, 16) != SECCOMM_OK)
			continue;
		if (write(out, &record, sizeof(record)) != sizeof(record))
			_exit(2);
		pad.spend(pad.context, SECCOMM_PAD_PEERS, at, 16);
		record.region = SECCOMM_PAD_OURS;
		if (pad.reserve(pad.context, SECCOMM_PAD_BLOCK, &record.offset) != SECCOMM_OK ||
		    write(out, &record, sizeof(record)) != sizeof(record))
			_exit(3);
		pad.spend(pad.context, SECCOMM_PAD_OURS, record.offset, SECCOMM_PAD_BLOCK);
	}
}

static void killed_programs_use_nothing_twice(void **state)
{
	static bool used[2][BIG / SECCOMM_PAD_UNIT];
	struct scene s;
	uint64_t records = 0;

	(void)state;
	scene_make(&s, BIG);
	for (unsigned life = 0; life < LIVES; life++) {
		struct record record;
		int ends[2], status;
		pid_t child;

		assert_int_equal(pipe(ends), 0);
		child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			close(ends[0]); /* so that it ends with this test, if that fails */
			live(&s, ends[1]);
		}
		close(ends[1]);
		for (unsigned n = 0; read(ends[0], &record, sizeof(record)) == sizeof(record); n++) {
			bool *unit = &used[record.region][record.offset / SECCOMM_PAD_UNIT];

			assert_false(*unit);
			*unit = true;
			records++;
			if (n == life * 7 % 23)
				assert_int_equal(kill(child, SIGKILL), 0);
		}
		close(ends[0]);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	}
	assert_true(records > 2 * LIVES);
	scene_drop(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_one_program),
		cmocka_unit_test(what_is_no_pad_of_ours),
		cmocka_unit_test(copies_are_noticed),
		cmocka_unit_test(pad_brought_back_is_noticed),
		cmocka_unit_test(marks_are_needed),
		cmocka_unit_test(copies_fit_together),
		cmocka_unit_test(pad_ends),
		cmocka_unit_test(killed_programs_use_nothing_twice),
	};

	return cmocka_run_group_tests_name("pads", tests, NULL, NULL);
}
