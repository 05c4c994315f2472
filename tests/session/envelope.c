/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For ../crypto/second_library.py: tells what the modes of RFC 1828 and RFC 1852 make of messages in a session, a line each: kind,
 * name, key, no nonce, what the MAC is over, and the MAC, in hex.  The key is seen where the layer asks for it.
 */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "seccomm/session.h"

enum { HEADER = 6, NUMBER = 8, LONGEST = 300, KEY_MAX = 64 };

static uint8_t key[KEY_MAX]; /* the client's, for sending */

int __real_seccomm_layer_key(const void *self, enum seccomm_way way, const char *purpose, uint8_t *out, size_t length);
int __wrap_seccomm_layer_key(const void *self, enum seccomm_way way, const char *purpose, uint8_t *out, size_t length);
int __wrap_seccomm_layer_key(const void *self, enum seccomm_way way, const char *purpose, uint8_t *out, size_t length)
{
	int status = __real_seccomm_layer_key(self, way, purpose, out, length);

	if (way == SECCOMM_SEND && ((const struct seccomm_self *)self)->session->plan->role == SECCOMM_CLIENT)
		memcpy(key, out, length);
	return status;
}

static void tell(const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		printf("%02x", bytes[i]);
}

/* On datagrams: header || number || body || MAC; the MAC, as long as the key, is over number || header || body. */
static void tell_all(struct seccomm *library, const char *name, const char *stack, size_t length)
{
	uint8_t text[LONGEST];
	uint64_t seed = 1;
	struct rig rig;

	rig_make(&rig, library, &(struct setup){ .link = SECCOMM_DATAGRAM, .stack = stack, .lab = true });
	rig_open(&rig);
	for (size_t n = 0; n < LONGEST; n++) {
		struct unit *unit;

		rig_fill(&seed, text, n);
		assert_int_equal(seccomm_push_copy(rig.end[CLIENT].session, text, n), SECCOMM_OK);
		unit = rig_take(&rig, CLIENT);
		assert_int_equal(unit->length, HEADER + NUMBER + n + length);
		printf("mac %s ", name);
		tell(key, length);
		printf(" - ");
		tell(unit->bytes + HEADER, NUMBER);
		tell(unit->bytes, HEADER);
		tell(unit->bytes + HEADER + NUMBER, n);
		printf(" ");
		tell(unit->bytes + HEADER + NUMBER + n, length);
		printf("\n");
		free(unit);
	}
	rig_drop(&rig);
}

int main(void)
{
	void *library = NULL;

	if (rig_library(&library) != 0)
		return 1;
	tell_all(library, "rfc1828", "mac:keyed-md5,mode=rfc1828", 16);
	tell_all(library, "rfc1852", "mac:keyed-sha,mode=rfc1852", 20);
	return rig_library_free(&library);
}
