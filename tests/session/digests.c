/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: digests and what protects them, in the combinations of TR 99-08, 3.3.3: a digest protected twice, a keyed one enciphered by
 * two ciphers, several in one message, each protected by its own choice.  Messages pass, and no bit of one can be changed.  And why
 * a digest is protected: whoever can compute it forges a message, and no longer can when it is enciphered.
 */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "seccomm/session.h"

enum { HEADER = 6, NUMBER = 8, DIGEST = 32, LENGTH = 16 };

static const char *const stacks[] = {
	/* Protected twice, by ciphers and by a cipher and a signature, in both orders. */
	"digest:sha-256,name=d | protect-digest:des-cbc,of=d | protect-digest:aes-256-cbc,of=d",
	"digest:sha-1,name=d | protect-digest:aes-256-cbc,of=d | protect-digest:des-cbc,of=d",
	"digest:sha-512,name=d | protect-digest:ed25519,of=d | protect-digest:aes-256-cbc,of=d",
	"digest:md5,name=d | protect-digest:aes-256-cbc,of=d | protect-digest:ed25519,of=d",
	/* A keyed digest. */
	"digest:hmac-md5,name=d | protect-digest:aes-256-cbc,of=d | protect-digest:des-cbc,of=d",
	"digest:hmac-sha-1,name=d | protect-digest:des-cbc,of=d | protect-digest:aes-256-cbc,of=d",
	"digest:hmac-sha-256,name=d | protect-digest:des-cbc,of=d",
	/* Several digests. */
	("digest:sha-1,name=a | protect-digest:des-cbc,of=a | digest:md5,name=b | protect-digest:aes-256-cbc,of=b | "
	 "protect-digest:ed25519,of=b | digest:hmac-sha-256,name=c | protect-digest:des-cbc,of=c | protect-digest:aes-256-cbc,of=c"),
};

static void talks(struct seccomm *library, enum seccomm_link link, const char *stack)
{
	struct rig rig;

	rig_make(&rig, library, &(struct setup){ .link = link, .stack = stack, .lab = true });
	rig_open(&rig);
	for (unsigned i = 0; i < 3; i++) {
		rig_push(&rig, CLIENT, "question");
		rig_push(&rig, SERVER, "answer");
		rig_pump(&rig);
		rig_got(&rig, SERVER, "question");
		rig_got(&rig, CLIENT, "answer");
		assert_true(rig.end[SERVER].sender_known && rig.end[CLIENT].sender_known);
	}
	assert_int_equal(rig.end[SERVER].alerts + rig.end[CLIENT].alerts, 0);
	rig_drop(&rig);
}

static void no_bit_can_be_changed(struct seccomm *library, const char *stack)
{
	struct rig rig;
	struct unit *unit;

	rig_make(&rig, library, &(struct setup){ .link = SECCOMM_DATAGRAM, .stack = stack, .lab = true });
	rig_open(&rig);
	rig_push(&rig, CLIENT, "as it was meant");
	unit = rig_take(&rig, CLIENT);
	for (size_t bit = 0; bit < 8 * unit->length; bit++) {
		unit->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		(void)rig_give(&rig, SERVER, unit->bytes, unit->length);
		assert_int_equal(rig.end[SERVER].delivered, 0);
		unit->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	(void)rig_give(&rig, SERVER, unit->bytes, unit->length);
	rig_got(&rig, SERVER, "as it was meant");
	free(unit);
	rig_drop(&rig);
}

static void combinations(void **state)
{
	for (size_t i = 0; i < sizeof(stacks) / sizeof(stacks[0]); i++) {
		talks(*state, SECCOMM_STREAM, stacks[i]);
		talks(*state, SECCOMM_DATAGRAM, stacks[i]);
		no_bit_can_be_changed(*state, stacks[i]);
	}
}

/* ---- Forging: header || number || digest || body, and the digest is over number || header || body ---- */

/* What makes the number travel, even if nothing authenticates. */
#define WINDOW "anti-replay:window | "

static void digest_of(const struct rig *rig, const struct unit *unit, const char *body, uint8_t out[DIGEST])
{
	const struct crypto_part parts[] = { { unit->bytes + HEADER, NUMBER }, { unit->bytes, HEADER }, { body, LENGTH } };

	assert_int_equal(crypto_sha256(rig->end[CLIENT].session->plan->library->crypto, parts, 3, out), 0);
}

/* The attacker knows what was sent, and wants something else.  TO_DIFFERENCE: he changes the digest by as much as it is to change. */
static bool forged(struct seccomm *library, const char *stack, bool to_difference)
{
	static const char meant[LENGTH + 1] = "pay   10 to Bob ", wanted[LENGTH + 1] = "pay 9910 to Eve ";
	uint8_t before[DIGEST], after[DIGEST];
	struct rig rig;
	struct unit *unit;
	bool wins;

	rig_make(&rig, library, &(struct setup){ .link = SECCOMM_DATAGRAM, .stack = stack, .lab = true });
	rig_open(&rig);
	rig_push(&rig, CLIENT, meant);
	unit = rig_take(&rig, CLIENT);
	assert_int_equal(unit->length, HEADER + NUMBER + DIGEST + LENGTH);
	digest_of(&rig, unit, meant, before);
	digest_of(&rig, unit, wanted, after);
	memcpy(unit->bytes + HEADER + NUMBER + DIGEST, wanted, LENGTH);
	for (size_t i = 0; i < DIGEST; i++)
		unit->bytes[HEADER + NUMBER + i] =
		    to_difference ? unit->bytes[HEADER + NUMBER + i] ^ before[i] ^ after[i] : after[i];
	(void)rig_give(&rig, SERVER, unit->bytes, unit->length);
	wins = rig.end[SERVER].delivered == 1;
	if (wins)
		rig_got(&rig, SERVER, wanted);
	else
		assert_int_equal(rig.end[SERVER].alert, SECCOMM_ALERT_BAD_DIGEST);
	free(unit);
	rig_drop(&rig);
	return wins;
}

static void who_can_compute_a_digest_forges(void **state)
{
	static const char *const ciphers[] = { WINDOW "digest:sha-256 | protect-digest:des-cbc",
		WINDOW "digest:sha-256 | protect-digest:aes-256-cbc",
		WINDOW "digest:sha-256 | protect-digest:aes-256-cbc | protect-digest:des-cbc" };

	assert_true(forged(*state, WINDOW "digest:sha-256", false));
	assert_true(forged(*state, WINDOW "digest:sha-256", true));
	for (size_t i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++) {
		assert_false(forged(*state, ciphers[i], false));
		assert_false(forged(*state, ciphers[i], true));
	}
}

/* Not even its end, where it does not fill a block. */
static void no_part_of_the_digest_is_seen(void **state)
{
	enum { SHA_1 = 20, STEP = 4 };
	static const char text[LENGTH + 1] = "sixteen of bytes", *const ciphers[] = {
		"digest:sha-1 | protect-digest:des-cbc", "digest:sha-1 | protect-digest:aes-256-cbc" };

	for (size_t i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++) {
		struct crypto_digest *context = NULL;
		struct crypto *crypto;
		uint8_t digest[SHA_1];
		struct rig rig;
		struct unit *unit;

		rig_make(&rig, *state, &(struct setup){ .link = SECCOMM_DATAGRAM, .stack = ciphers[i], .lab = true });
		rig_open(&rig);
		rig_push(&rig, CLIENT, text);
		unit = rig_take(&rig, CLIENT);
		crypto = rig.end[CLIENT].session->plan->library->crypto;
		assert_int_equal(crypto_digest_new(crypto, crypto_find(CRYPTO_DIGEST, "sha-1"), &context), 0);
		assert_int_equal(crypto_digest_run(context,
				     (const struct crypto_part[]){
					 { unit->bytes + HEADER, NUMBER }, { unit->bytes, HEADER }, { text, LENGTH } }, 3, digest),
		    0);
		for (size_t at = 0; at < SHA_1; at += STEP)
			assert_memory_not_equal(unit->bytes + HEADER + NUMBER + at, digest + at, STEP);
		crypto_digest_free(context);
		free(unit);
		rig_drop(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(combinations),
		cmocka_unit_test(who_can_compute_a_digest_forges),
		cmocka_unit_test(no_part_of_the_digest_is_seen),
	};

	return cmocka_run_group_tests_name("digests", tests, rig_library, rig_library_free);
}
