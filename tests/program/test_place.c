/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: the control socket is where it is said to be, closed to others; what is stale is taken over, what lives is not,
 * and every reason is told with what to do. */
#include "cli/control/place.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];

static int set_up(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/seccomm-place-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *ftw)
{
	(void)status, (void)kind, (void)ftw;
	return remove(path);
}

static int tear_down(void **state)
{
	(void)state;
	return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static const char *in_folder(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static mode_t mode_of(const char *path)
{
	struct stat file;

	return lstat(path, &file) == 0 ? file.st_mode & 07777 : 0;
}

static void test_usual(void **state)
{
	char path[CONTROL_PATH_MAX];
	struct complaints complaints = { .count = 0 };

	(void)state;
	setenv("RUNTIME_DIRECTORY", "/run/a:/run/b", 1);
	setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
	assert_true(control_usual_path(NULL, "db", path));
	assert_string_equal(path, "/run/a/db.sock");
	unsetenv("RUNTIME_DIRECTORY");
	assert_true(control_usual_path(NULL, "db", path));
	assert_string_equal(path, geteuid() == 0 ? "/run/seccomm/db.sock" : "/run/user/7/seccomm/db.sock");
	unsetenv("XDG_RUNTIME_DIR");
	if (geteuid() != 0) {
		assert_false(control_usual_path(&complaints, "db", path));
		assert_non_null(strstr(complaints.list[0].text, "XDG_RUNTIME_DIR"));
	}
	complaints.count = 0;
	setenv("RUNTIME_DIRECTORY",
	    "/12345678901234567890123456789012345678901234567890/1234567890123456789012345678901234567890", 1);
	assert_false(control_usual_path(&complaints, "1234567890", path));
	assert_non_null(strstr(complaints.list[0].text, "too long"));
	unsetenv("RUNTIME_DIRECTORY");
}

static bool take(struct control_place *place, const char *path, struct complaints *complaints, bool *taken)
{
	bool done;

	*complaints = (struct complaints){ .count = 0 };
	done = control_place_take(place, path, complaints, taken);
	assert_true(done || (complaints->count == 1 && *complaints->list[0].remedy));
	return done;
}

static void test_empty(void **state)
{
	struct control_place place;
	struct complaints complaints;
	bool taken;

	(void)state;
	assert_false(take(&place, "", &complaints, &taken));
	assert_false(taken);
	assert_non_null(strstr(complaints.list[0].text, "empty"));
}

static void test_made(void **state)
{
	struct control_place place;
	struct complaints complaints;
	mode_t before = umask(0);
	char lock[160];
	bool taken;

	(void)state;
	assert_true(take(&place, in_folder("new/db.sock"), &complaints, &taken));
	umask(before);
	assert_int_equal(mode_of(in_folder("new")), 0700);
	assert_int_equal(mode_of(in_folder("new/db.sock")), 0600);
	snprintf(lock, sizeof(lock), "%s.lock", place.path);
	assert_int_equal(mode_of(lock), 0600);
	control_place_leave(&place);
	close(place.fd);
	assert_int_equal(mode_of(in_folder("new/db.sock")) + mode_of(lock), 0);
}

/* Two in one process are two: the lock is the open file's. */
static void test_taken(void **state)
{
	struct control_place first, second;
	struct complaints complaints;
	char pid[24];
	bool taken;

	(void)state;
	assert_true(take(&first, in_folder("db.sock"), &complaints, &taken));
	assert_false(take(&second, in_folder("db.sock"), &complaints, &taken));
	assert_true(taken);
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	assert_non_null(strstr(complaints.list[0].text, pid));
	assert_non_null(strstr(complaints.list[0].remedy, "db-2.sock"));
	assert_int_equal(mode_of(in_folder("db.sock")), 0600);
	control_place_leave(&first);
	close(first.fd);
	assert_true(take(&second, in_folder("db.sock"), &complaints, &taken));
	control_place_leave(&second);
	close(second.fd);
}

/* A program that ended without a word. */
static void leave_stale(void)
{
	struct control_place place;
	pid_t child = fork();
	bool taken;
	int status;

	if (child == 0)
		_exit(!control_place_take(&place, in_folder("db.sock"), NULL, &taken));
	assert_true(child > 0 && waitpid(child, &status, 0) == child && status == 0);
	assert_int_equal(mode_of(in_folder("db.sock")), 0600);
}

static void test_stale(void **state)
{
	struct control_place place;
	struct complaints complaints;
	bool taken;

	(void)state;
	leave_stale();
	assert_true(take(&place, in_folder("db.sock"), &complaints, &taken));
	control_place_leave(&place);
	close(place.fd);
}

/* One of many: waits for the start, tries, tells, and lives until it is killed. */
static void try_once(int start, int result)
{
	struct complaints complaints = { .count = 0 };
	struct control_place place;
	bool taken = false, done;
	char answer;

	(void)!read(start, &answer, 1); /* its end is the start */
	done = control_place_take(&place, in_folder("db.sock"), &complaints, &taken);
	answer = done ? 'y' : taken ? 'n' : '?';
	(void)!write(result, &answer, 1);
	for (;;)
		pause();
}

/* Many start at once where a stale socket is: one gets it. */
static void test_race(void **state)
{
	enum { MANY = 16 };
	pid_t children[MANY];
	int start[2], result[2], won = 0;
	char answer;

	(void)state;
	leave_stale();
	assert_true(pipe(start) == 0 && pipe(result) == 0);
	for (int i = 0; i < MANY; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			close(start[1]);
			try_once(start[0], result[1]);
		}
	}
	close(start[1]);
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(read(result[0], &answer, 1), 1);
		won += answer == 'y' ? 1 : answer == 'n' ? 0 : MANY;
	}
	for (int i = 0; i < MANY; i++)
		assert_true(kill(children[i], SIGKILL) == 0 && waitpid(children[i], NULL, 0) == children[i]);
	assert_int_equal(won, 1);
}

/* Takes and leaves the place again and again; whoever has it is alone. */
static int take_turns(void)
{
	struct control_place place;
	bool taken;

	for (int i = 0; i < 300;) {
		struct complaints complaints = { .count = 0 };
		int fd;

		if (!control_place_take(&place, in_folder("db.sock"), &complaints, &taken)) {
			if (!taken)
				return 1;
			continue;
		}
		fd = open(in_folder("owner"), O_CREAT | O_EXCL | O_WRONLY, 0600);
		if (fd < 0 || close(fd) < 0 || unlink(in_folder("owner")) < 0)
			return 2;
		control_place_leave(&place);
		close(place.fd);
		i++;
	}
	return 0;
}

static void test_turns(void **state)
{
	enum { MANY = 4 };
	int status;

	(void)state;
	for (int i = 0; i < MANY; i++)
		if (fork() == 0)
			_exit(take_turns());
	for (int i = 0; i < MANY; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
}

static void test_refused(void **state)
{
	struct control_place place;
	struct complaints complaints;
	bool taken;
	FILE *file;

	(void)state;
	assert_int_equal(mkdir(in_folder("open"), 0700), 0);
	assert_int_equal(chmod(in_folder("open"), 01777), 0);
	assert_false(take(&place, in_folder("open/db.sock"), &complaints, &taken));
	assert_non_null(strstr(complaints.list[0].text, "others can change"));
	assert_false(take(&place, in_folder("no/such/db.sock"), &complaints, &taken));
	assert_non_null(strstr(complaints.list[0].text, "No such file"));
	file = fopen(in_folder("file"), "w");
	assert_true(file && fclose(file) == 0);
	assert_false(take(&place, in_folder("file"), &complaints, &taken));
	assert_non_null(strstr(complaints.list[0].text, "File exists"));
	assert_false(take(&place, in_folder("file/db.sock"), &complaints, &taken));
	assert_int_equal(symlink("/etc/passwd", in_folder("db.sock.lock")), 0);
	assert_false(take(&place, in_folder("db.sock"), &complaints, &taken));
	assert_false(taken);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(test_usual), TEST(test_empty), TEST(test_made), TEST(test_taken), TEST(test_stale),
		TEST(test_race), TEST(test_turns), TEST(test_refused) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
