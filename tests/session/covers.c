/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: what steganography sends is the cover, a file of its kind, in which nothing but the lowest bits of samples differs; a file
 * that nothing can be hidden in, one of another size and one that is not there are refused, with the reason.
 */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SAMPLES = 8192, ROOM = 9000, STACK = 128 };

struct file {
	uint8_t bytes[ROOM];
	size_t length, first;
};

/* HEAD (of HEAD_LENGTH bytes) and samples behind it. */
static void make_file(struct file *file, const void *head, size_t head_length, size_t samples)
{
	uint64_t seed = samples;

	memcpy(file->bytes, head, head_length);
	rig_fill(&seed, file->bytes + head_length, samples);
	file->first = head_length;
	file->length = head_length + samples;
}

#define WAV(format, bits)                                                                                                    \
	"RIFF\x24\x20\0\0WAVEfmt \x10\0\0\0" format "\0\1\0\x40\x1f\0\0\x40\x1f\0\0\1\0" bits "\0data\0\x20\0\0"
#define HEAD(text) text, sizeof(text) - 1

static const struct kind {
	const char *head;
	size_t head_length, samples;
	uint8_t low[2]; /* bits that may change, in samples at even and odd places */
	const char *wrong; /* part of the reason why it is no cover; NULL: it is one */
} kinds[] = {
	{ HEAD("P5\n128 64\n255\n"), SAMPLES, { 1, 1 }, NULL },
	{ HEAD("P5 # a comment\n128\t64 # another\n255 "), SAMPLES, { 1, 1 }, NULL },
	{ HEAD("P6\n60 45\n255\n"), 60 * 45 * 3, { 1, 1 }, NULL },
	{ HEAD(WAV("\1", "\x08")), SAMPLES, { 1, 1 }, NULL },
	{ HEAD(WAV("\1", "\x10")), SAMPLES, { 3, 0 }, NULL },
	{ HEAD("P5\n128 64\n65535\n"), SAMPLES, { 0 }, "more than 8 bits" },
	{ HEAD("P5\n128 65\n255\n"), SAMPLES, { 0 }, "cut off" },
	{ HEAD("P5\n999999 999999\n255\n"), SAMPLES, { 0 }, "cut off" },
	{ HEAD("P5\n128 0\n255\n"), SAMPLES, { 0 }, "its header" },
	{ HEAD("P5\n12"), 0, { 0 }, "its header" },
	{ HEAD("P5\n128 61\n255\n"), SAMPLES, { 0 }, "more than 256" },
	{ HEAD("P2\n128 64\n255\n"), SAMPLES, { 0 }, "no binary PGM or PPM" },
	{ HEAD(""), 0, { 0 }, "no binary PGM or PPM" },
	{ HEAD("\xff\xd8\xff\xe0"), SAMPLES, { 0 }, "no binary PGM or PPM" },
	{ HEAD(WAV("\3", "\x20")), SAMPLES, { 0 }, "not PCM" },
	{ HEAD(WAV("\1", "\x18")), SAMPLES, { 0 }, "not PCM" },
	{ HEAD(WAV("\1", "\x10")), SAMPLES - 1, { 0 }, "cut off" },
	{ HEAD("RIFF\x24\x20\0\0WAVE"), 0, { 0 }, "no samples" },
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static void start(struct rig *rig, void **state, size_t size)
{
	char stack[STACK];

	snprintf(stack, STACK, "encrypt:steganography,cover=cat,size=%zu", size);
	rig_make(rig, *state, &(struct setup){ .link = SECCOMM_STREAM, .stack = stack, .lab = true });
}

static void hides(void **state, const struct kind *kind, const struct file *file)
{
	struct rig rig;
	struct unit *unit;
	const uint8_t *wire;
	size_t changed = 0;

	start(&rig, state, file->length);
	for (unsigned n = CLIENT; n <= SERVER; n++)
		assert_int_equal(seccomm_keyring_cover(rig.end[n].keyring, "cat", file->bytes, file->length, NULL), SECCOMM_OK);
	rig_open(&rig);
	rig_push(&rig, CLIENT, "the eagle has landed");
	unit = rig_take(&rig, CLIENT);
	assert_true(unit->length > file->length);
	wire = unit->bytes + unit->length - file->length;
	assert_memory_equal(wire, file->bytes, file->first);
	for (size_t i = file->first; i < file->length; i++) {
		assert_int_equal((wire[i] ^ file->bytes[i]) & ~kind->low[(i - file->first) % 2], 0);
		changed += wire[i] != file->bytes[i];
	}
	assert_true(changed > 20 && changed <= 24 * 8);
	rig_give(&rig, SERVER, unit->bytes, unit->length);
	rig_got(&rig, SERVER, "the eagle has landed");
	free(unit);
	rig_drop(&rig);
}

static void no_cover(void **state, const struct kind *kind, const struct file *file)
{
	struct seccomm_keyring *keyring = seccomm_keyring_new(*state);
	struct seccomm_error error = { 0 };

	assert_non_null(keyring);
	assert_int_equal(seccomm_keyring_cover(keyring, "cat", file->bytes, file->length, &error), SECCOMM_INVALID);
	if (!strstr(error.text, kind->wrong))
		fail_msg("'%s' does not say '%s'", error.text, kind->wrong);
	assert_true(error.remedy[0] != '\0');
	seccomm_keyring_free(keyring);
}

static void each_kind_of_file(void **state)
{
	for (size_t i = 0; i < KINDS; i++) {
		struct file file;

		make_file(&file, kinds[i].head, kinds[i].head_length, kinds[i].samples);
		(kinds[i].wrong ? no_cover : hides)(state, &kinds[i], &file);
	}
}

/* A file that ends anywhere is read to its end and not beyond it. */
static void cut_anywhere(void **state)
{
	struct seccomm_keyring *keyring = seccomm_keyring_new(*state);
	struct file file;

	assert_non_null(keyring);
	for (size_t i = 0; i < KINDS; i++)
		for (size_t length = 0; length < kinds[i].head_length; length++) {
			uint8_t *exact = malloc(length ? length : 1);

			assert_non_null(exact);
			make_file(&file, kinds[i].head, kinds[i].head_length, 0);
			memcpy(exact, file.bytes, length);
			assert_int_equal(seccomm_keyring_cover(keyring, "cat", exact, length, NULL), SECCOMM_INVALID);
			free(exact);
		}
	seccomm_keyring_free(keyring);
}

static void not_there_or_of_another_size(void **state)
{
	struct rig rig;
	struct file file;
	struct seccomm_error error = { 0 };
	struct end *end = &rig.end[SERVER];

	make_file(&file, kinds[0].head, kinds[0].head_length, kinds[0].samples);
	start(&rig, state, file.length + 1);
	assert_int_equal(
	    seccomm_open(end->plan, end->keyring, &rig.platform, &end->callbacks, &end->session, &error), SECCOMM_UNKNOWN_KEY);
	assert_non_null(strstr(error.text, "'cat'"));
	assert_int_equal(seccomm_keyring_cover(end->keyring, "cat", file.bytes, file.length, &error), SECCOMM_OK);
	assert_int_equal(seccomm_keyring_cover(end->keyring, "cat", file.bytes, file.length, &error), SECCOMM_INVALID);
	assert_int_equal(
	    seccomm_open(end->plan, end->keyring, &rig.platform, &end->callbacks, &end->session, &error), SECCOMM_INVALID);
	assert_string_equal(error.text, "cover 'cat' has 8206 bytes, and the configuration says 8207");
	rig_drop(&rig);
}

/* (8206 - 256) / 8 - 4 bytes, less nothing: no layer is inside. */
static void capacity_is_the_longest_message(void **state)
{
	struct rig rig;
	struct file file;

	make_file(&file, kinds[0].head, kinds[0].head_length, kinds[0].samples);
	start(&rig, state, file.length);
	assert_int_equal(seccomm_plan_max_message(rig.end[CLIENT].plan), 989);
	assert_int_equal(seccomm_plan_max_message(rig.end[SERVER].plan), 989);
	rig_drop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_file),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(not_there_or_of_another_size),
		cmocka_unit_test(capacity_is_the_longest_message),
	};

	return cmocka_run_group_tests_name("covers", tests, rig_library, rig_library_free);
}
