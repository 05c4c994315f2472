/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: key files are never overwritten, never open to others, never read when they are; the home is found in the
 * stated order. */
#include "cli/home.h"
#include "cli/peers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/seccomm-home-XXXXXX";

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(folder) && home_make(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
	static const char *const names[] = { "keys/a", "keys/kept", "keys/secret", "peers", ".lock" };
	static const char *const folders[] = { "keys", "peers.d", "pads", "covers" };
	char path[PATH_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, folders[i]);
		rmdir(path);
	}
	return rmdir(folder);
}

static void test_place(void **state)
{
	char home[PATH_MAX];

	(void)state;
	setenv("SECCOMM_HOME", "/from/variable", 1);
	setenv("XDG_CONFIG_HOME", "/from/xdg", 1);
	assert_true(home_find("/from/option", home));
	assert_string_equal(home, "/from/option");
	assert_true(home_find(NULL, home));
	assert_string_equal(home, "/from/variable");
	setenv("SECCOMM_HOME", "", 1);
	assert_true(home_find(NULL, home));
	assert_string_equal(home, geteuid() == 0 ? "/etc/seccomm" : "/from/xdg/seccomm");
	unsetenv("SECCOMM_HOME");
}

/* The state's place follows from the home, whichever way that is written. */
static void test_state(void **state)
{
	char base[] = "/tmp/seccomm-state-XXXXXX", home[PATH_MAX], path[PATH_MAX], expected[PATH_MAX], command[PATH_MAX];

	(void)state;
	assert_non_null(mkdtemp(base));
	snprintf(home, sizeof(home), "%s/seccomm", base);
	assert_true(home_make(home));
	assert_true(home_state(NULL, home, "pads", path));
	snprintf(expected, sizeof(expected), "%s/seccomm/state/pads", base);
	assert_string_equal(path, expected);
	assert_int_equal(access(path, W_OK), 0);
	setenv("XDG_CONFIG_HOME", base, 1);
	setenv("XDG_STATE_HOME", base, 1);
	snprintf(home, sizeof(home), "%s/./seccomm/", base);
	assert_true(home_state(NULL, home, "pads", path));
	snprintf(expected, sizeof(expected), "%s/seccomm/pads", base);
	assert_string_equal(path, expected);
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("XDG_STATE_HOME");
	snprintf(command, sizeof(command), "rm -r %.100s", base);
	assert_int_equal(system(command), 0);
}

static void test_names(void **state)
{
	static const char *const bad[] = { "", ".", "..", "../x", "a/b", "-x", "a b", "x.psk", "x.rsa-3072.pem",
		"\xc3\xa4", "a\n", "1234567890123456789012345678901234567890123456789012345678901234" };
	static const char *const good[] = { "a", "web1", "A.b_c-9",
		"123456789012345678901234567890123456789012345678901234567890123" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(home_name(NULL, bad[i]));
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(home_name(NULL, good[i]));
}

static void test_secret(void **state)
{
	static const mode_t open_modes[] = { 0640, 0604, 0660, 0601, 0644, 0777 };
	char path[PATH_MAX], *text;
	struct stat file;
	size_t length;

	(void)state;
	assert_true(home_path(NULL, folder, "keys", "secret", "", path));
	assert_int_equal(home_read(NULL, path, HOME_SECRET, &text, &length), HOME_MISSING);
	umask(0);
	assert_true(home_create(path, "scs1first\n"));
	assert_int_equal(stat(path, &file), 0);
	assert_int_equal(file.st_mode & 07777, 0600);
	assert_false(home_create(path, "scs1second\n"));
	assert_int_equal(home_read(NULL, path, HOME_SECRET, &text, &length), HOME_OK);
	assert_string_equal(text, "scs1first\n");
	assert_int_equal(length, 10);
	home_wipe(text, length);
	for (size_t i = 0; i < sizeof(open_modes) / sizeof(open_modes[0]); i++) {
		chmod(path, open_modes[i]);
		assert_int_equal(home_read(NULL, path, HOME_SECRET, &text, &length), HOME_BAD);
		assert_null(text);
	}
}

/* Who can change a folder can exchange our files in it, whatever their own modes. */
static void test_folders(void **state)
{
	char keys[PATH_MAX], path[PATH_MAX], *text;
	size_t length;

	(void)state;
	assert_true(home_path(NULL, folder, "keys", "", "", keys));
	assert_true(home_path(NULL, folder, "keys", "kept", "", path));
	assert_true(home_create(path, "scs1kept\n"));
	for (mode_t open = 02; open <= 022; open += 010) {
		chmod(keys, 0700 | open);
		assert_int_equal(home_read(NULL, path, HOME_SECRET, &text, &length), HOME_BAD);
		assert_int_equal(home_read(NULL, path, HOME_TRUSTED, &text, &length), HOME_BAD);
		assert_int_equal(home_read(NULL, path, HOME_INPUT, &text, &length), HOME_OK);
		home_wipe(text, length);
	}
	chmod(keys, 0755);
	assert_int_equal(home_read(NULL, path, HOME_SECRET, &text, &length), HOME_OK);
	home_wipe(text, length);
	chmod(keys, 0700);
}

/* What is run others may read, but not change. */
static void test_followed(void **state)
{
	static const enum home_access followed[] = { HOME_FOLLOWED, HOME_AGAIN };
	char path[PATH_MAX], *text;
	size_t length;

	(void)state;
	assert_true(home_path(NULL, folder, "", "run.yaml", "", path));
	assert_true(home_create(path, "sessions: {}\n"));
	for (size_t i = 0; i < 2; i++) {
		chmod(path, 0644);
		assert_int_equal(home_read(NULL, path, followed[i], &text, &length), HOME_OK);
		home_wipe(text, length);
		chmod(path, 0664);
		assert_int_equal(home_read(NULL, path, followed[i], &text, &length), HOME_BAD);
		chmod(path, 0646);
		assert_int_equal(home_read(NULL, path, followed[i], &text, &length), HOME_BAD);
		assert_int_equal(home_read(NULL, path, HOME_INPUT, &text, &length), HOME_OK);
		home_wipe(text, length);
	}
	unlink(path);
}

static void test_replace(void **state)
{
	char path[PATH_MAX], *text;
	size_t length;

	(void)state;
	assert_true(home_path(NULL, folder, "keys", "a", "", path));
	assert_true(home_replace(path, "one"));
	assert_true(home_replace(path, "two and more"));
	assert_int_equal(home_read(NULL, path, HOME_INPUT, &text, &length), HOME_OK);
	assert_string_equal(text, "two and more");
	free(text);
}

static void test_peers(void **state)
{
	static const char text[] = "# a comment\n\n  web1\tsck1abc   at the front \r\nlast sck1def";
	char path[PATH_MAX];
	struct peers peers;

	(void)state;
	assert_true(home_path(NULL, folder, "", "peers", "", path));
	assert_true(peers_read(NULL, folder, &peers));
	assert_int_equal(peers.count, 0);
	assert_true(home_replace(path, text));
	assert_true(peers_read(NULL, folder, &peers));
	assert_int_equal(peers.count, 2);
	assert_string_equal(peers.entries[0].key, "sck1abc");
	assert_string_equal(peers.entries[peers.count - 1].key, "sck1def");
	assert_int_equal(peers.entries[1].to, sizeof(text) - 1);
	peers_free(&peers);
	assert_true(home_replace(path, "web1\n"));
	assert_false(peers_read(NULL, folder, &peers));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_place), cmocka_unit_test(test_state), cmocka_unit_test(test_names),
		cmocka_unit_test(test_secret), cmocka_unit_test(test_folders), cmocka_unit_test(test_followed),
		cmocka_unit_test(test_replace), cmocka_unit_test(test_peers) };

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
