/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the example of doc/wire.md is what the program does, byte for byte.
 *
 * Keys, clocks and random numbers are fixed and Ed25519 signatures are deterministic, so an opening, two messages and what the
 * next epoch begins with can be computed again.  The hex stands in wire-example.txt in the fenced blocks of the document, which holds the same blocks.
 *
 *	wire EXAMPLE DOCUMENT		compares
 *	wire				prints the example
 */
#include "rig.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "seccomm/session.h"

enum { BLOCKS = 8, HEX_MAX = 4096, HEADER = 6, LINE = 32 };

struct block {
	const char *name;
	char hex[HEX_MAX]; /* as printed: a line feed behind each header and each 32 bytes */
	size_t used;
};
struct example {
	struct block blocks[BLOCKS];
	const char *files[2];
};

static void add(struct block *block, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		assert_true(block->used + 4 < HEX_MAX);
		block->used += (size_t)snprintf(block->hex + block->used, 4, "%02x%s", bytes[i],
		    i + 1 == length || i % LINE == LINE - 1 ? "\n" : "");
	}
}

/* Takes the next frame of END down, and passes it on. */
static void add_frame(struct rig *rig, unsigned from, struct block *block)
{
	struct unit *unit = rig_take(rig, from);

	add(block, unit->bytes, HEADER);
	add(block, unit->bytes + HEADER, unit->length - HEADER);
	rig_give(rig, !from, unit->bytes, unit->length);
	free(unit);
}

static void make(struct seccomm *library, struct example *example)
{
	static const char *const names[BLOCKS] = { "wire-open", "wire-m2", "wire-m3", "wire-done", "wire-keys", "wire-data",
		"wire-next", "wire-next-keys" };
	struct rig rig;

	rig_make(&rig, library, &(struct setup){ 0 });
	for (unsigned i = 0; i < BLOCKS; i++)
		example->blocks[i].name = names[i];
	assert_int_equal(rig_start(&rig), SECCOMM_OK);
	for (unsigned i = 0; i < 4; i++)
		add_frame(&rig, i % 2, &example->blocks[i]);
	assert_int_equal(rig.end[CLIENT].opened + rig.end[SERVER].opened, 2);
	add(&example->blocks[4], rig.end[CLIENT].session->epoch->context, HASH);
	add(&example->blocks[4], rig.end[CLIENT].session->epoch->keys[0], HASH);
	rig_push(&rig, CLIENT, "ping");
	add_frame(&rig, CLIENT, &example->blocks[5]);
	rig_push(&rig, SERVER, "pong");
	add_frame(&rig, SERVER, &example->blocks[5]);
	rig_got(&rig, SERVER, "ping");
	rig_got(&rig, CLIENT, "pong");
	assert_int_equal(seccomm_replace_key(rig.end[SERVER].session, 1), SECCOMM_OK);
	add_frame(&rig, SERVER, &example->blocks[6]);
	add_frame(&rig, CLIENT, &example->blocks[6]);
	rig_pump(&rig);
	add(&example->blocks[7], rig.end[CLIENT].session->epoch->context, HASH);
	add(&example->blocks[7], rig.end[CLIENT].session->epoch->keys[0], HASH);
	rig_both_in(&rig, 2);
	rig_drop(&rig);
}

static void print(const struct example *example)
{
	for (unsigned i = 0; i < BLOCKS; i++)
		printf("```%s\n%s```\n", example->blocks[i].name, example->blocks[i].hex);
}

/* ---- Comparing -------------------------------------------------------------------------------------------------- */

static char *read_all(const char *name)
{
	FILE *file = fopen(name, "r");
	char *text = calloc(1, 1 << 20);

	assert_non_null(text);
	if (file == NULL)
		fail_msg("%s cannot be read", name);
	assert_true(fread(text, 1, (1 << 20) - 1, file) > 0);
	fclose(file);
	return text;
}

/* The hex digits of the block NAME of TEXT without anything between them. */
static void digits(const char *text, const char *name, const char *file, char out[HEX_MAX])
{
	char fence[64];
	const char *at;
	size_t n = 0;

	snprintf(fence, sizeof(fence), "```%s\n", name);
	at = strstr(text, fence);
	if (at == NULL)
		fail_msg("%s has no block ```%s: put the one of wire-example.txt there", file, name);
	for (at += strlen(fence); *at != '`' && *at != '\0'; at++)
		if (isxdigit((unsigned char)*at)) {
			assert_true(n + 1 < HEX_MAX);
			out[n++] = *at;
		} else {
			assert_true(isspace((unsigned char)*at));
		}
	out[n] = '\0';
}

static void compare(const struct example *example, const char *file)
{
	char *text = read_all(file), got[HEX_MAX], expected[HEX_MAX];

	for (unsigned i = 0; i < BLOCKS; i++) {
		size_t n = 0;

		for (const char *c = example->blocks[i].hex; *c != '\0'; c++)
			if (*c != '\n')
				expected[n++] = *c;
		expected[n] = '\0';
		digits(text, example->blocks[i].name, file, got);
		assert_string_equal(got, expected);
	}
	free(text);
}

static void the_example_file(void **state)
{
	struct example *example = *state;

	if (example->files[0] == NULL)
		skip();
	compare(example, example->files[0]);
}

static void the_document(void **state)
{
	struct example *example = *state;

	if (example->files[1] == NULL)
		skip();
	compare(example, example->files[1]);
}

int main(int count, char **arguments)
{
	struct example example = { .files = { count > 1 ? arguments[1] : NULL, count > 2 ? arguments[2] : NULL } };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(the_example_file, &example),
		cmocka_unit_test_prestate(the_document, &example),
	};
	struct seccomm *library = seccomm_new(NULL);
	int failed = 0;

	if (library == NULL)
		return 1;
	make(library, &example);
	if (count == 1)
		print(&example);
	else
		failed = cmocka_run_group_tests_name("the wire", tests, NULL, NULL);
	seccomm_free(library);
	return failed;
}
