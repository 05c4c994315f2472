/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: a DONE that could not be sealed, for memory was short for a moment, is as good as lost: on datagrams the client's M3 comes
 * again, is answered, and both ends are open; on a stream, where nothing is sent again, both know that they are not.
 */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/crypto.h"

static unsigned left_to_fail;

int __real_crypto_aead_new(struct crypto *, const struct crypto_algorithm *, const uint8_t *key, bool sealing, struct crypto_aead **out);
int __wrap_crypto_aead_new(struct crypto *, const struct crypto_algorithm *, const uint8_t *key, bool sealing, struct crypto_aead **out);
int __wrap_crypto_aead_new(
    struct crypto *crypto, const struct crypto_algorithm *algorithm, const uint8_t *key, bool sealing, struct crypto_aead **out)
{
	if (sealing && left_to_fail > 0 && strcmp(algorithm->name, "chacha20-poly1305") == 0) { /* that of CONTROL */
		left_to_fail--;
		return CRYPTO_ERROR;
	}
	return __real_crypto_aead_new(crypto, algorithm, key, sealing, out);
}

static void start(struct rig *rig, struct seccomm *library, enum seccomm_link link)
{
	rig_make(rig, library, &(struct setup){ .link = link });
	assert_int_equal(rig_start(rig), SECCOMM_OK);
	left_to_fail = 1;
	rig_pump(rig);
	assert_int_equal(left_to_fail, 0);
	assert_int_equal(rig->end[SERVER].alert, SECCOMM_ALERT_INTERNAL);
}

static void on_datagrams_it_is_sent_again(void **state)
{
	struct rig rig;

	start(&rig, *state, SECCOMM_DATAGRAM);
	assert_int_equal(rig.end[CLIENT].opened, 0);
	rig_wait(&rig, 300000); /* the client's first repetition */
	rig_pump(&rig);
	for (unsigned n = CLIENT; n <= SERVER; n++)
		assert_int_equal(rig.end[n].opened, 1);
	rig_talk(&rig);
	rig_drop(&rig);
}

static void on_streams_it_is_the_end(void **state)
{
	struct rig rig;

	start(&rig, *state, SECCOMM_STREAM);
	rig_refused(&rig, SERVER, SECCOMM_ALERT_INTERNAL);
	seccomm_ended(rig.end[CLIENT].session);
	assert_int_equal(rig.end[CLIENT].closed, 1);
	rig_never_opened(&rig);
	rig_drop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(on_datagrams_it_is_sent_again),
		cmocka_unit_test(on_streams_it_is_the_end),
	};

	return cmocka_run_group_tests_name("unsealed", tests, rig_library, rig_library_free);
}
