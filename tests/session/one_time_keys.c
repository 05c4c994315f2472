/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the key that mac:poly1305 has for a message is the one of RFC 8439, A.4, where the layer's key and nonce are those of A.4;
 * and no two messages of a session have the same, in whatever direction.
 */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "seccomm/session.h"

enum { KEY = 32, NONCE = 12, MESSAGES = 64 };

/* The layer's key and IV, when they are not its own; the keys for messages, sender and receiver alternating. */
static const uint8_t *given_key, *given_iv;
static uint8_t used[4 * MESSAGES][KEY];
static size_t uses;

int __real_seccomm_layer_key(const void *self, enum seccomm_way way, const char *purpose, uint8_t *out, size_t length);
int __wrap_seccomm_layer_key(const void *self, enum seccomm_way way, const char *purpose, uint8_t *out, size_t length);
int __wrap_seccomm_layer_key(const void *self, enum seccomm_way way, const char *purpose, uint8_t *out, size_t length)
{
	const uint8_t *given = strcmp(purpose, "iv") == 0 ? given_iv : given_key;

	if (given == NULL)
		return __real_seccomm_layer_key(self, way, purpose, out, length);
	assert_int_equal(length, given == given_iv ? NONCE : KEY);
	memcpy(out, given, length);
	return SECCOMM_OK;
}

int __real_seccomm_onetime_run(
    struct seccomm_onetime *, const uint8_t key[KEY], const struct seccomm_part *parts, size_t count, uint8_t tag[16]);
int __wrap_seccomm_onetime_run(
    struct seccomm_onetime *onetime, const uint8_t key[KEY], const struct seccomm_part *parts, size_t count, uint8_t tag[16]);
int __wrap_seccomm_onetime_run(
    struct seccomm_onetime *onetime, const uint8_t key[KEY], const struct seccomm_part *parts, size_t count, uint8_t tag[16])
{
	assert_in_range(uses, 0, 4 * MESSAGES - 1);
	memcpy(used[uses++], key, KEY);
	return __real_seccomm_onetime_run(onetime, key, parts, count, tag);
}

static void begin(struct rig *rig, struct seccomm *library)
{
	uses = 0;
	rig_make(rig, library, &(struct setup){ .stack = "mac:poly1305", .lab = true });
	rig_open(rig);
}

static void published_keys(void **state)
{
	/* RFC 8439, A.4: key, nonce, one-time key. */
	static const struct {
		uint8_t key[KEY], nonce[NONCE], one_time[KEY];
	} cases[] = {
		{ { 0 }, { 0 },
		    { 0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90, 0x40, 0x5d, 0x6a, 0xe5, 0x53, 0x86, 0xbd, 0x28, 0xbd, 0xd2,
			0x19, 0xb8, 0xa0, 0x8d, 0xed, 0x1a, 0xa8, 0x36, 0xef, 0xcc, 0x8b, 0x77, 0x0d, 0xc7 } },
		{ { [KEY - 1] = 1 }, { [NONCE - 1] = 2 },
		    { 0xec, 0xfa, 0x25, 0x4f, 0x84, 0x5f, 0x64, 0x74, 0x73, 0xd3, 0xcb, 0x14, 0x0d, 0xa9, 0xe8, 0x76, 0x06, 0xcb,
			0x33, 0x06, 0x6c, 0x44, 0x7b, 0x87, 0xbc, 0x26, 0x66, 0xdd, 0xe3, 0xfb, 0xb7, 0x39 } },
		{ { 0x1c, 0x92, 0x40, 0xa5, 0xeb, 0x55, 0xd3, 0x8a, 0xf3, 0x33, 0x88, 0x86, 0x04, 0xf6, 0xb5, 0xf0, 0x47, 0x39,
		      0x17, 0xc1, 0x40, 0x2b, 0x80, 0x09, 0x9d, 0xca, 0x5c, 0xbc, 0x20, 0x70, 0x75, 0xc0 },
		    { [NONCE - 1] = 2 },
		    { 0x96, 0x5e, 0x3b, 0xc6, 0xf9, 0xec, 0x7e, 0xd9, 0x56, 0x08, 0x08, 0xf4, 0xd2, 0x29, 0xf9, 0x4b, 0x13, 0x7f,
			0xf2, 0x75, 0xca, 0x9b, 0x3f, 0xcb, 0xdd, 0x59, 0xde, 0xaa, 0xd2, 0x33, 0x10, 0xae } },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rig rig;

		given_key = cases[i].key;
		given_iv = cases[i].nonce;
		begin(&rig, *state);
		rig_push(&rig, CLIENT, "the first one has number 0");
		rig_pump(&rig);
		rig_got(&rig, SERVER, "the first one has number 0");
		assert_int_equal(uses, 2);
		assert_memory_equal(used[0], cases[i].one_time, KEY);
		assert_memory_equal(used[1], cases[i].one_time, KEY);
		rig_drop(&rig);
	}
	given_key = given_iv = NULL;
}

static void no_key_serves_twice(void **state)
{
	struct rig rig;

	begin(&rig, *state);
	for (size_t i = 0; i < MESSAGES; i++) {
		rig_push(&rig, CLIENT, "the same again");
		rig_push(&rig, SERVER, "the same again");
		rig_pump(&rig);
		rig_got(&rig, SERVER, "the same again");
		rig_got(&rig, CLIENT, "the same again");
	}
	assert_int_equal(uses, 4 * MESSAGES);
	for (size_t i = 0; i < uses; i++) {
		size_t same = 0;

		for (size_t j = 0; j < uses; j++)
			same += memcmp(used[i], used[j], KEY) == 0;
		assert_int_equal(same, 2); /* of who sent it and who received it */
	}
	rig_drop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_keys),
		cmocka_unit_test(no_key_serves_twice),
	};

	return cmocka_run_group_tests_name("one-time keys", tests, rig_library, rig_library_free);
}
