/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: every alert that the library can raise says what it means and what to do, once; and the ring of the last ones
 * keeps as many as it says, whole. */
#include "cli/alerts.h"
#include "cli/recent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static unsigned rows_of(enum seccomm_alert_id id)
{
	unsigned count = 0;

	for (const struct alert_text *row = alert_texts(); row->meaning; row++)
		count += row->id == id && *row->meaning && *row->action;
	return count;
}

static void test_manual(void **state)
{
	(void)state;
#define ROW(name, number, text) assert_int_equal(rows_of(SECCOMM_ALERT_##name), 1);
	SECCOMM_ALERT_MAP(ROW)
#undef ROW
}

static void test_ring(void **state)
{
	struct recent recent = { .list = NULL };
	char detail[RECENT_DETAIL_MAX + 100];

	(void)state;
	assert_null(recent_get(&recent, 0));
	assert_null(recent_get(&recent, 1));
	memset(detail, 'd', sizeof(detail));
	detail[sizeof(detail) - 1] = '\0';
	for (uint64_t i = 1; i <= 3 * RECENT_ALERTS; i++) {
		const struct seccomm_alert alert = { .id = SECCOMM_ALERT_BAD_MAC, .detail = detail };
		const struct transport_event event = { .service = "s", .connection = i, .alert = &alert };
		const struct recent_alert *note = recent_add(&recent, &event);

		assert_non_null(note);
		assert_int_equal(note->number, i);
		assert_int_equal(strlen(note->detail), RECENT_DETAIL_MAX - 1);
		assert_ptr_equal(recent_get(&recent, i), note);
		assert_null(recent_get(&recent, i + 1));
	}
	assert_null(recent_get(&recent, 2 * RECENT_ALERTS));
	assert_int_equal(recent_get(&recent, 2 * RECENT_ALERTS + 1)->connection, 2 * RECENT_ALERTS + 1);
	recent_free(&recent);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_manual), cmocka_unit_test(test_ring) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
