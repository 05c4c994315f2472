/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: the network of these tests and of the example is as bad as it says, no worse, and the same for the same seed.
 */
#include "../cactus/world.h"
#include "network.h"

enum { MANY = 20000, LENGTH = 32 };

static void send_number(struct network *n, uint32_t number, unsigned fates[4])
{
	uint8_t bytes[LENGTH] = { (uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8),
		(uint8_t)number };

	fates[network_send(n, 0, 1, 2, bytes, LENGTH)]++;
}

/* Takes all there is, in the order of arrival; answers how many. */
static unsigned take_all(struct network *n, uint32_t *order, unsigned room)
{
	unsigned count = 0;
	uint64_t due;

	while ((due = network_due(n)) != UINT64_MAX) {
		struct datagram *d = network_take(n, due);

		assert_non_null(d);
		assert_true(d->from == 1 && d->to == 2 && d->length <= LENGTH);
		assert_true(count < room);
		order[count++] = d->length < 4 ? UINT32_MAX : cactus_u32(d->bytes);
		free(d);
	}
	return count;
}

static void fates_come_as_often_as_said(void **state)
{
	struct network n = { .seed = 3, .lost = 40, .doubled = 30, .damaged = 20, .window = 1 };
	static uint32_t order[2 * MANY];
	unsigned fates[4] = { 0 };

	(void)state;
	for (uint32_t i = 0; i < MANY; i++)
		send_number(&n, i, fates);
	assert_in_range(fates[NETWORK_LOST], MANY * 38 / 100, MANY * 42 / 100);
	assert_in_range(fates[NETWORK_DOUBLED], MANY * 28 / 100, MANY * 32 / 100);
	assert_in_range(fates[NETWORK_DAMAGED], MANY * 18 / 100, MANY * 22 / 100);
	assert_int_equal(take_all(&n, order, 2 * MANY), MANY - fates[NETWORK_LOST] + fates[NETWORK_DOUBLED]);
}

static void one_overtakes_as_many_as_said(void **state)
{
	enum { SENT = 1000, WINDOW = 64 };
	struct network n = { .seed = 5, .window = WINDOW, .delay_us = 1000000 };
	uint32_t order[SENT];
	unsigned fates[4] = { 0 }, most = 0;

	(void)state;
	for (uint32_t i = 0; i < SENT; i++)
		send_number(&n, i, fates);
	assert_int_equal(take_all(&n, order, SENT), SENT);
	for (unsigned i = 0; i < SENT; i++) {
		unsigned overtaken = 0;

		for (unsigned later = i + 1; later < SENT; later++)
			overtaken += order[later] < order[i];
		most = overtaken > most ? overtaken : most;
	}
	assert_int_equal(most, WINDOW - 1);
}

static void damage_is_damage(void **state)
{
	struct network n = { .seed = 7, .damaged = 100, .window = 1 };
	uint8_t bytes[LENGTH] = { 1, 2, 3 };
	unsigned shorter = 0;

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		struct datagram *d;

		assert_int_equal(network_send(&n, 0, 1, 2, bytes, LENGTH), NETWORK_DAMAGED);
		d = network_take(&n, 0);
		assert_non_null(d);
		assert_true(d->length < LENGTH || memcmp(d->bytes, bytes, LENGTH) != 0);
		shorter += d->length < LENGTH;
		free(d);
	}
	assert_in_range(shorter, 200, 300);
}

static void time_and_seed_decide(void **state)
{
	struct network a = { .seed = 9, .lost = 10, .doubled = 10, .window = 8, .delay_us = 1000 }, b = a;
	uint32_t first[200], second[200];
	unsigned fates[4] = { 0 }, count;

	(void)state;
	assert_null(network_take(&a, UINT64_MAX));
	for (uint32_t i = 0; i < 100; i++) {
		send_number(&a, i, fates);
		send_number(&b, i, fates);
	}
	assert_null(network_take(&a, network_due(&a) - 1));
	count = take_all(&a, first, 200);
	assert_int_equal(take_all(&b, second, 200), count);
	assert_memory_equal(first, second, count * sizeof(first[0]));
	send_number(&a, 1, fates);
	network_drop(&a);
	assert_true(network_due(&a) == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fates_come_as_often_as_said),
		cmocka_unit_test(one_overtakes_as_many_as_said),
		cmocka_unit_test(damage_is_damage),
		cmocka_unit_test(time_and_seed_decide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
