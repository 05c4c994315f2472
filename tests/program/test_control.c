/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: every line gets answers that are lines of JSON and exactly one end; what is no request does nothing; a request
 * is answered as doc/control.md says; a client that takes nothing loses events, and they are counted. */
#include "rig.h"
#include "cli/control/private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SESSION(name, more)                                                                                            \
	"  " name ":\n    role: server\n    listen: unix:%/" name ".sock\n    connect: unix:%/none\n"                  \
	"    identity: me\n    peers: [a, b]\n" more

static const char two[] =
    "seccomm: 1\nsessions:\n" SESSION("db", "    profile: default@1\n") SESSION("web", "    profile: default@1\n");

static int set_up(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	if (!rig)
		return -1;
	*state = rig;
	rig_start(rig, two);
	return 0;
}

static int tear_down(void **state)
{
	rig_end(*state);
	free(*state);
	return 0;
}

/* How many of the answers end something. */
static size_t ends(const struct rig *rig)
{
	const json_t *line;
	size_t i, count = 0;

	json_array_foreach(rig->lines, i, line) count +=
	    json_object_get(line, "done") || json_object_get(line, "error");
	return count;
}

static const char *text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static void test_greeting(void **state)
{
	struct rig *rig = *state;
	const json_t *greeting = json_array_get(rig->lines, 0);

	assert_int_equal(json_integer_value(json_object_get(greeting, "seccomm")), CONTROL_VERSION);
	assert_string_equal(text_of(greeting, "version"), seccomm_version());
	assert_string_equal(text_of(greeting, "name"), "rig");
	assert_int_equal(json_array_size(json_object_get(greeting, "commands")), 6);
}

static void test_no_request(void **state)
{
	static const char *const lines[] = { "", " ", "x", "{", "}", "[]", "1", "null", "\"status\"", "{}",
		"{\"id\":\"1\",\"command\":\"status\"}", "{\"id\":1.5,\"command\":\"status\"}",
		"{\"command\":\"status\"}", "{\"id\":1,\"id\":2,\"command\":\"status\"}",
		"{\"id\":1,\"command\":\"status\"} x", "{\"id\":1,\"command\":\"status\\u0000\"}",
		"{\"id\":1,\"command\":\"\xff\"}", "\xef\xbb\xbf{}", "GET / HTTP/1.1" };
	struct rig *rig = *state;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		rig_ask(rig, lines[i]);
		assert_int_equal(json_array_size(rig->lines), 1);
		assert_true(json_is_null(rig_last(rig, "id")));
		assert_true(*rig_error(rig));
	}
	rig_line(rig, "a\0b", 3);
	assert_true(*rig_error(rig));
}

static void test_wrong_requests(void **state)
{
	static const struct {
		const char *request, *told;
	} rows[] = { { "{\"id\":7}", "\"command\" is missing" },
		{ "{\"id\":7,\"command\":1}", "\"command\" is missing" },
		{ "{\"id\":7,\"command\":\"statsu\"}", "did you mean 'status'" },
		{ "{\"id\":7,\"command\":\"status\",\"x\":1}", "\"x\" is no argument of status" },
		{ "{\"id\":7,\"command\":\"status\",\"target\":1}", "SESSION/CONNECTION" },
		{ "{\"id\":7,\"command\":\"status\",\"target\":\"\"}", "SESSION/CONNECTION" },
		{ "{\"id\":7,\"command\":\"status\",\"target\":\"db/\"}", "SESSION/CONNECTION" },
		{ "{\"id\":7,\"command\":\"status\",\"target\":\"db/0\"}", "SESSION/CONNECTION" },
		{ "{\"id\":7,\"command\":\"status\",\"target\":\"db/x\"}", "SESSION/CONNECTION" },
		{ "{\"id\":7,\"command\":\"status\",\"target\":\"db/-1\"}", "SESSION/CONNECTION" },
		{ "{\"id\":7,\"command\":\"status\",\"target\":\"dbb\"}", "did you mean 'db'" },
		{ "{\"id\":7,\"command\":\"status\",\"target\":\"db/9\"}", "no connection db/9" },
		{ "{\"id\":7,\"command\":\"rekey\",\"target\":\"db/9\"}", "no connection db/9" },
		{ "{\"id\":7,\"command\":\"rekey\",\"key\":1}", "the name or number of a key, as text" },
		{ "{\"id\":7,\"command\":\"rekey\",\"key\":\"dato\"}", "did you mean 'data'" },
		{ "{\"id\":7,\"command\":\"rekey\",\"key\":\"2\"}", "there is no key '2'" },
		{ "{\"id\":7,\"command\":\"rekey\",\"key\":\"0\"}", "there is no key '0'" },
		{ "{\"id\":7,\"command\":\"rekey\",\"key\":\"data\",\"target\":\"db/9\"}", "no connection db/9" },
		{ "{\"id\":7,\"command\":\"trace\"}", "\"target\" is missing" },
		{ "{\"id\":7,\"command\":\"trace\",\"target\":\"db/9\"}", "no connection db/9" },
		{ "{\"id\":7,\"command\":\"trace\",\"target\":\"db\",\"count\":0}", "whole number from 1" },
		{ "{\"id\":7,\"command\":\"alerts\",\"count\":-1}", "whole number from 0 to 256" },
		{ "{\"id\":7,\"command\":\"alerts\",\"count\":257}", "whole number from 0 to 256" },
		{ "{\"id\":7,\"command\":\"alerts\",\"count\":1.0}", "whole number" },
		{ "{\"id\":7,\"command\":\"alerts\",\"follow\":1}", "true or false" },
		{ "{\"id\":7,\"command\":\"drain\",\"now\":\"yes\"}", "true or false" },
		{ "{\"id\":7,\"command\":\"drain\",\"milliseconds\":-1}", "whole number" } };
	struct rig *rig = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		rig_ask(rig, rows[i].request);
		assert_int_equal(json_integer_value(rig_last(rig, "id")), 7);
		if (!strstr(rig_error(rig), rows[i].told))
			fail_msg("%s: %s", rows[i].request, rig_error(rig));
		assert_int_equal(ends(rig), 1);
	}
	assert_false(rig->program.draining);
}

static void test_status(void **state)
{
	struct rig *rig = *state;
	const json_t *service;

	rig_ask(rig, "{\"id\":3,\"command\":\"status\"}");
	assert_int_equal(json_array_size(rig->lines), 4);
	service = json_object_get(json_array_get(rig->lines, 1), "service");
	assert_string_equal(text_of(service, "session"), "db");
	assert_string_equal(text_of(service, "state"), "listening");
	assert_int_equal(strlen(text_of(service, "digest")), 64);
	assert_true(json_is_true(rig_last(rig, "done")));
	rig_ask(rig, "{\"id\":3,\"command\":\"status\",\"target\":\"web\"}");
	assert_int_equal(json_array_size(rig->lines), 3);
	assert_string_equal(text_of(json_object_get(json_array_get(rig->lines, 1), "service"), "session"), "web");
}

/* ---- Alerts ---- */

static void raise_alert(struct rig *rig, const char *session, uint64_t connection)
{
	const struct seccomm_alert alert = {
		.id = SECCOMM_ALERT_BAD_TAG, .layer = "encrypt:aes-256-gcm", .detail = "d\xff\"{"
	};
	const struct transport_event event = {
		.kind = TRANSPORT_ALERT, .service = session, .connection = connection, .alert = &alert
	};

	control_alerted(rig->program.control, recent_add(&rig->program.recent, &event));
}

static void test_alerts(void **state)
{
	struct rig *rig = *state;
	const json_t *alert;

	rig_ask(rig, "{\"id\":1,\"command\":\"alerts\"}");
	assert_int_equal(json_array_size(rig->lines), 1);
	for (uint64_t i = 1; i <= 300; i++)
		raise_alert(rig, i % 2 ? "db" : "web", i);
	rig_ask(rig, "{\"id\":1,\"command\":\"alerts\"}");
	assert_int_equal(json_array_size(rig->lines), 21);
	assert_int_equal(json_integer_value(rig_last(rig, "seen")), 300);
	rig_ask(rig, "{\"id\":1,\"command\":\"alerts\",\"count\":256}");
	assert_int_equal(json_array_size(rig->lines), 257);
	alert = json_object_get(json_array_get(rig->lines, 0), "alert");
	assert_int_equal(json_integer_value(json_object_get(alert, "number")), 300 - 256 + 1);
	assert_string_equal(text_of(alert, "id"), "SA-002");
	assert_string_equal(text_of(alert, "detail"), "d?\"{");
	rig_ask(rig, "{\"id\":1,\"command\":\"alerts\",\"target\":\"web\",\"count\":2}");
	assert_int_equal(json_array_size(rig->lines), 3);
	alert = json_object_get(json_array_get(rig->lines, 0), "alert");
	assert_int_equal(json_integer_value(json_object_get(alert, "connection")), 298);
}

static void test_follow(void **state)
{
	struct rig *rig = *state;

	rig_ask(rig, "{\"id\":8,\"command\":\"alerts\",\"follow\":true,\"target\":\"db/4\"}");
	assert_true(json_is_true(rig_last(rig, "following")));
	raise_alert(rig, "db", 3);
	raise_alert(rig, "web", 4);
	assert_int_equal(json_array_size(rig->lines), 1);
	raise_alert(rig, "db", 4);
	assert_int_equal(json_array_size(rig->lines), 2);
	assert_int_equal(json_integer_value(rig_last(rig, "id")), 8);
	/* A client that takes nothing. */
	rig->waiting = CONTROL_WAITING_MAX + 1;
	for (int i = 0; i < 5; i++)
		raise_alert(rig, "db", 4);
	assert_int_equal(json_array_size(rig->lines), 2);
	rig->waiting = 0;
	raise_alert(rig, "db", 4);
	assert_int_equal(json_integer_value(rig_last(rig, "lost")), 5);
	raise_alert(rig, "db", 4);
	assert_null(rig_last(rig, "lost"));
	for (int i = 1; i < CONTROL_FOLLOWS_MAX; i++)
		rig_ask(rig, "{\"id\":9,\"command\":\"alerts\",\"follow\":true}");
	assert_true(json_is_true(rig_last(rig, "following")));
	rig_ask(rig, "{\"id\":9,\"command\":\"alerts\",\"follow\":true}");
	assert_true(*rig_error(rig));
}

/* ---- Anything ---- */

static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Changes, takes out or brings in a few bytes. */
static size_t mutate(char *line, size_t length, size_t room, uint32_t *seed)
{
	for (uint32_t n = next(seed) % 4; n > 0 && length > 1; n--) {
		size_t at = next(seed) % length;

		switch (next(seed) % 3) {
		case 0:
			line[at] = (char)next(seed);
			break;
		case 1:
			memmove(line + at, line + at + 1, length - at - 1);
			length--;
			break;
		default:
			if (length == room)
				break;
			memmove(line + at + 1, line + at, length - at);
			line[at] = "{}[]\",:0-\\u"[next(seed) % 11];
			length++;
		}
	}
	return length;
}

static void test_anything(void **state)
{
	static const char *const requests[] = { "{\"id\":1,\"command\":\"status\",\"target\":\"db\"}",
		"{\"id\":2,\"command\":\"alerts\",\"count\":3,\"follow\":false}",
		"{\"id\":3,\"command\":\"trace\",\"target\":\"web\",\"count\":1}",
		"{\"id\":4,\"command\":\"rekey\",\"target\":\"db/1\"}", "{\"id\":5,\"command\":\"reload\"}" };
	struct rig *rig = *state;
	uint32_t seed = 1;

	for (int i = 0; i < 20000; i++) {
		char line[256];
		const char *from = requests[i % 5];
		size_t length = strlen(from);
		unsigned follows = rig->client->follows;

		memcpy(line, from, length);
		length = mutate(line, length, sizeof(line), &seed);
		/* A changed byte can make another request of it, but not one that ends the program. */
		rig_line(rig, line, length);
		assert_int_equal(ends(rig) + (rig->client->follows - follows), 1);
	}
	assert_false(rig->program.draining);
	rig_ask(rig, "{\"id\":3,\"command\":\"status\"}");
	assert_int_equal(json_array_size(rig->lines), 4);
}

static void test_drain(void **state)
{
	struct rig *rig = *state;

	rig_ask(rig, "{\"id\":1,\"command\":\"drain\",\"milliseconds\":5}");
	assert_int_equal(json_integer_value(rig_last(rig, "milliseconds")), 5);
	assert_true(rig->program.draining);
	transport_loop_run(rig->loop); /* without a connection it ends */
	rig_ask(rig, "{\"id\":2,\"command\":\"reload\"}");
	assert_string_equal(rig_error(rig), "nothing has changed");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(test_greeting, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_request, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_wrong_requests, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_status, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_alerts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_follow, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_anything, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_drain, set_up, tear_down) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
