/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a reload swaps everything or nothing: what did not change goes on as it is, what listens at the same place does
 * so with the same socket, what cannot be started undoes all of it, and every reason is told. */
#include "rig.h"
#include "cli/home.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#define HEAD "seccomm: 1\nsessions:\n"
#define SESSION(name, file, peers, more)                                                                               \
	"  " name ":\n    role: server\n    listen: unix:%/" file ".sock\n    connect: unix:%/none\n"                  \
	"    identity: me\n    peers: " peers "\n    profile: default@1\n" more
#define DB  SESSION("db", "db", "[a, b]", "")
#define WEB SESSION("web", "web", "['*']", "")

static int set_up(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	if (!rig)
		return -1;
	*state = rig;
	rig_start(rig, HEAD DB WEB);
	return 0;
}

static int tear_down(void **state)
{
	rig_end(*state);
	free(*state);
	return 0;
}

/* ---- Looking ---- */

/* The file of a socket: the same one as long as nobody has bound it again; 0: there is none. */
static ino_t file_of(const struct rig *rig, const char *name)
{
	char path[PATH_MAX];
	struct stat file;

	snprintf(path, sizeof(path), "%s/%s.sock", rig->folder, name);
	return stat(path, &file) == 0 ? file.st_ino : 0;
}

static int dial(const struct rig *rig, const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%.60s/%.20s.sock", rig->folder, name);
	assert_true(fd >= 0);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	close(fd);
	return -1;
}

static bool listens(const struct rig *rig, const char *name)
{
	int fd = dial(rig, name);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* ---- Asking ---- */

static void reload(struct rig *rig, const char *text)
{
	rig_text(rig, text);
	rig_ask(rig, "{\"id\":1,\"command\":\"reload\"}");
}

static void assert_change(const struct rig *rig, const char *name, const char *change)
{
	const json_t *session;
	size_t i;

	assert_true(json_is_true(rig_last(rig, "done")));
	json_array_foreach(rig_last(rig, "sessions"), i,
	    session) if (strcmp(json_string_value(json_object_get(session, "session")), name) == 0)
	{
		assert_string_equal(json_string_value(json_object_get(session, "change")), change);
		return;
	}
	fail_msg("%s is not in the answer", name);
}

static void assert_refused(const struct rig *rig, const char *member, const char *told)
{
	const json_t *line;
	bool found = false;
	size_t i;

	assert_string_equal(rig_error(rig), "nothing has changed");
	json_array_foreach(rig->lines, i, line)
	{
		const char *text = json_string_value(json_object_get(json_object_get(line, member), "text"));

		found |= text && strstr(text, told);
	}
	if (!found)
		fail_msg("no %s with '%s'", member, told);
}

/* ---- What did not change ---- */

static void test_nothing_changed(void **state)
{
	struct rig *rig = *state;
	const struct served *db = program_find(&rig->program, "db");
	const struct transport_service *service = db->service;

	/* Comments, order and notation are no change. */
	reload(rig, "# new\n" HEAD WEB DB);
	assert_change(rig, "db", "none");
	assert_change(rig, "web", "none");
	assert_ptr_equal(program_find(&rig->program, "db"), db);
	assert_ptr_equal(db->service, service);
	assert_int_equal(rig->program.reloads, 1);
}

static void test_added_and_removed(void **state)
{
	struct rig *rig = *state;

	reload(rig, HEAD DB SESSION("new", "new", "[a]", ""));
	assert_change(rig, "db", "none");
	assert_change(rig, "new", "added");
	assert_change(rig, "web", "removed");
	assert_true(listens(rig, "new") && listens(rig, "db"));
	assert_int_equal(file_of(rig, "web"), 0);
	assert_null(program_find(&rig->program, "web"));
}

/* ---- What changed ---- */

static void assert_same_socket(struct rig *rig, const char *text, const char *change)
{
	const struct served *before = program_find(&rig->program, "db");
	ino_t file = file_of(rig, "db");

	reload(rig, text);
	assert_change(rig, "db", change);
	assert_ptr_not_equal(program_find(&rig->program, "db"), before);
	assert_int_equal(file_of(rig, "db"), file);
	assert_true(listens(rig, "db"));
	rig_turn(rig);
	assert_true(listens(rig, "db"));
}

static void test_changed(void **state)
{
	assert_same_socket(*state,
	    HEAD "  db:\n    role: server\n    listen: unix:%/db.sock\n    connect: unix:%/none\n    identity: me\n"
		 "    peers: [a, b]\n    stack: 'anti-replay:sequence | encrypt:chacha20-poly1305'\n" WEB,
	    "changed");
	assert_same_socket(*state, HEAD DB WEB, "changed");
	/* The last one to have it takes it away. */
	reload(*state, HEAD WEB);
	assert_change(*state, "db", "removed");
	assert_int_equal(file_of(*state, "db"), 0);
}

/* It is this end's own affair, and in no digest. */
static void test_changed_creator(void **state)
{
#define CREATED(by)                                                                                                    \
	HEAD "  db:\n    role: server\n    listen: unix:%/db.sock\n    connect: unix:%/none\n    identity: me\n"        \
	     "    peers: [a, b]\n    stack: 'anti-replay:sequence | encrypt:chacha20-poly1305'\n"                        \
	     "    keys: {data: 'dh,protect=sign:ed25519" by "'}\n" WEB
	reload(*state, CREATED(""));
	reload(*state, CREATED(",create=random"));
	assert_change(*state, "db", "none");
	assert_same_socket(*state, CREATED(",create=chain"), "changed");
	reload(*state, CREATED(",create=chain"));
	assert_change(*state, "db", "none");
}

static void test_changed_connect(void **state)
{
	assert_same_socket(*state,
	    HEAD "  db:\n    role: server\n    listen: unix:%/db.sock\n    connect: unix:%/other\n    identity: me\n"
		 "    peers: [a, b]\n    profile: default@1\n" WEB,
	    "changed");
}

static void test_changed_identity(void **state)
{
	struct rig *rig = *state;
	char secret[SECCOMM_KEY_TEXT_MAX], public_key[SECCOMM_KEY_TEXT_MAX], path[PATH_MAX];

	assert_int_equal(
	    seccomm_key_generate(rig->library, "ed25519", secret, sizeof(secret), public_key, sizeof(public_key)),
	    SECCOMM_OK);
	assert_true(home_path(NULL, rig->folder, "keys", "me", "", path) && home_replace(path, secret));
	assert_same_socket(rig, HEAD DB WEB, "changed");
	assert_change(rig, "web", "changed");
}

static void test_changed_peers(void **state)
{
	struct rig *rig = *state;

	assert_same_socket(rig, HEAD SESSION("db", "db", "[a]", "") WEB, "peers");
	assert_change(rig, "web", "none");
	rig_add_peer(rig, "c");
	reload(rig, HEAD SESSION("db", "db", "[a]", "") WEB);
	assert_change(rig, "db", "none"); /* it does not ask for c */
	assert_change(rig, "web", "peers");
	/* The same names with other keys. */
	rig_remove_peers(rig);
	rig_add_peer(rig, "a");
	assert_same_socket(rig, HEAD SESSION("db", "db", "[a]", "") WEB, "peers");
}

static void test_renamed_and_swapped(void **state)
{
	struct rig *rig = *state;
	ino_t db = file_of(rig, "db"), web = file_of(rig, "web");

	reload(rig, HEAD SESSION("db", "web", "[a, b]", "") SESSION("web", "db", "['*']", ""));
	assert_change(rig, "db", "changed");
	assert_change(rig, "web", "changed");
	assert_int_equal(file_of(rig, "db"), db);
	assert_int_equal(file_of(rig, "web"), web);
	reload(rig, HEAD SESSION("other", "db", "[a]", "") WEB);
	assert_change(rig, "other", "added");
	assert_change(rig, "db", "removed");
	assert_change(rig, "web", "changed");
	assert_int_equal(file_of(rig, "db"), db);
	rig_turn(rig);
	assert_true(listens(rig, "db") && listens(rig, "web"));
}

/* What waits in the kernel's queue is served by the one that comes after. */
static void test_waiting_connection(void **state)
{
	struct rig *rig = *state;
	int fd = dial(rig, "db");
	struct transport_service_counts counts;

	reload(rig, HEAD SESSION("db", "db", "[b]", "") WEB);
	assert_change(rig, "db", "peers");
	while (transport_service_count(program_find(&rig->program, "db")->service, &counts), counts.half == 0)
		rig_turn(rig);
	close(fd);
}

/* ---- What is refused ---- */

static void assert_as_before(struct rig *rig)
{
	assert_true(listens(rig, "db") && listens(rig, "web"));
	rig_turn(rig);
	assert_true(listens(rig, "db") && listens(rig, "web"));
	assert_int_equal(rig->program.reloads, 0);
	assert_int_equal(rig->program.refused_reloads, 1);
	reload(rig, HEAD DB WEB);
	assert_change(rig, "db", "none");
	assert_change(rig, "web", "none");
}

static void test_findings(void **state)
{
	struct rig *rig = *state;

	reload(rig, HEAD DB "    coonect: x\n" WEB);
	assert_refused(rig, "finding", "rig.yaml:10:5: error[");
	assert_as_before(rig);
}

static void test_no_key(void **state)
{
	struct rig *rig = *state;

	reload(rig, HEAD DB WEB SESSION("x", "x", "[stranger]", ""));
	assert_refused(rig, "complaint", "no peer 'stranger'");
	assert_as_before(rig);
}

/* The sessions before the one that cannot listen have started, one with the socket of its former self. */
static void test_undone(void **state)
{
	struct rig *rig = *state;
	ino_t db = file_of(rig, "db");

	reload(rig,
	    HEAD SESSION("db", "db", "[a]", "") SESSION("new", "new", "[a]", "") SESSION("x", "missing/x", "[a]", ""));
	assert_refused(rig, "complaint", "cannot listen on unix:");
	assert_int_equal(file_of(rig, "db"), db);
	assert_int_equal(file_of(rig, "new"), 0);
	assert_as_before(rig);
}

static void test_missing_file(void **state)
{
	struct rig *rig = *state;

	rig->program.source.text = NULL;
	rig->program.source.file = "/nowhere/rig.yaml";
	rig_ask(rig, "{\"id\":1,\"command\":\"reload\"}");
	assert_refused(rig, "complaint", "/nowhere/rig.yaml: No such file");
	rig->program.source.text = rig->text;
	assert_as_before(rig);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(test_nothing_changed), TEST(test_added_and_removed),
		TEST(test_changed), TEST(test_changed_creator), TEST(test_changed_connect), TEST(test_changed_identity), TEST(test_changed_peers),
		TEST(test_renamed_and_swapped), TEST(test_waiting_connection), TEST(test_findings), TEST(test_no_key),
		TEST(test_undone), TEST(test_missing_file) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
