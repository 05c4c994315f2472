/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: layers and keys mean the same in each notation, a line that is none is a fault, and the parts of a line have places, too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "reading.h"

/* However a line is folded or escaped, its parts are where they are in the file. */
static void parts_stand_somewhere(void **state)
{
	static const char *const ways[] = { "x:w |\n          y:v,n=5", "'x:w |\n\n          y:v,n=5'", "\"x:w \\\n          | y:v,n=5\"",
		"\"x:w\\u007cy:v,n\\x3d5\"", "\"x:\\ud83d\\ude00|y:v,n=5\"", ">-\n          x:w |\n          y:v,n=5\n", "|2 # z\n          x:w |\r\n\r\n          y:v,n=5\n\n" };

	(void)state;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		char text[256];
		const int length = snprintf(text, sizeof text, "seccomm: 1\nsessions:\n  s:\n    stack: %s\n", ways[i]);
		struct reading *r = read_text(text, (size_t)length);
		const size_t place = (size_t)(strchr(text, 'y') - text);
		struct config_layers l;
		unsigned line = 1, column = 1;

		for (size_t k = 0; k < place; k++) {
			column = text[k] == '\n' ? 1 : column + 1;
			line += text[k] == '\n';
		}
		assert_int_equal(r->heard.count, 0);
		assert_true(config_layers_read(&r->sink, r->model.sessions[0].field[CONFIG_STACK], &l));
		assert_int_equal(l.count, 2);
		assert_int_equal(l.list[1].extent.form, CONFIG_IN_LINE);
		assert_int_equal(l.list[1].extent.from, place);
		assert_int_equal(text[l.list[1].extent.to - 1], '5');
		assert_int_equal(l.list[1].layer->at.line, line);
		assert_int_equal(l.list[1].layer->at.column, column);
		assert_int_equal(l.list[1].layer->at.end, column + 1);
		done(r);
	}
}

static struct config_layers layers_of(struct reading *r, const char *text)
{
	struct config_layers layers;
	const struct config_node *node =
	    config_scalar(&r->arena, text, strlen(text), (struct config_place){ 3, 10, 90 });

	assert_non_null(node);
	assert_true(config_layers_read(&r->sink, node, &layers));
	return layers;
}

static void lines_of_layers(void **state)
{
	struct reading *r = read_text(good, strlen(good));
	struct config_layers l = layers_of(
	    r, " anti-replay:sequence|sign : ed25519 , direction = c2s | encrypt:aes-256-gcm,key=data,order=40");

	(void)state;
	assert_false(l.faulty);
	assert_int_equal(l.count, 3);
	assert_string_equal(l.list[0].layer->text, "anti-replay");
	assert_string_equal(l.list[0].word->text, "sequence");
	assert_string_equal(l.list[1].word->text, "ed25519");
	assert_string_equal(l.list[1].given[0].name->text, "direction");
	assert_string_equal(l.list[1].given[0].value->text, "c2s");
	assert_int_equal(l.list[2].given_count, 2);
	assert_string_equal(l.list[2].given[1].value->text, "40");
	l = layers_of(r, "DESPrivacy");
	assert_int_equal(l.count, 1);
	assert_null(l.list[0].word);
	assert_int_equal(r->heard.count, 0);
	done(r);
}

static void faulty_lines(void **state)
{
	static const char *const bad[] = { "", "|", "a|", "a:", ":b", "a,b", "a,=c", "a,b=", "a,,b=c" };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct reading *r = read_text(good, strlen(good));

		assert_true(layers_of(r, bad[i]).faulty);
		assert_string_equal(r->heard.id, "SC021");
		done(r);
	}
}

static void both_notations_agree(void **state)
{
	static const char text[] = "seccomm: 1\nsessions: {s: {stack: [x: {algorithm: w, k: v}, 'x:w,k=v', x: w]}}\n";
	struct reading *r = read_text(text, strlen(text));
	struct config_layers l;

	(void)state;
	assert_true(config_layers_read(&r->sink, r->model.sessions[0].field[CONFIG_STACK], &l));
	assert_int_equal(l.count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(l.list[i].layer->text, "x");
		assert_string_equal(l.list[i].word->text, "w");
		assert_int_equal(l.list[i].given_count, i < 2 ? 1 : 0);
	}
	assert_string_equal(l.list[0].given[0].value->text, l.list[1].given[0].value->text);
	/* Inside the line, every part has its own column. */
	assert_int_equal(l.list[1].word->at.column, l.list[1].layer->at.column + 2);
	done(r);
}

static void keys_in_both_notations(void **state)
{
	static const char text[] =
	    "seccomm: 1\nsessions:\n  s:\n    keys:\n"
	    "      a: {establish: psk, create: random, secret: x, protect: [sign: ed25519, mac: m], rekey: 1h}\n"
	    "      b: psk,secret=x,create=random,protect=sign:ed25519,rekey=1h,protect=mac:m\n"
	    "      c: {establish: {method: psk, secret: x}, create: {algorithm: random}, protect: 'sign:ed25519 | "
	    "mac:m', rekey: 1h}\n";
	struct reading *r = read_text(text, strlen(text));

	(void)state;
	for (const struct config_node *m = r->model.sessions[0].field[CONFIG_KEYS]->first; m; m = m->next) {
		struct config_key key;

		assert_true(config_key_read(&r->sink, m, &key));
		assert_false(key.faulty);
		assert_string_equal(key.establish.word->text, "psk");
		assert_string_equal(key.create.word->text, "random");
		assert_int_equal(key.establish.given_count, 1);
		assert_string_equal(key.establish.given[0].value->text, "x");
		assert_int_equal(key.protect.count, 2);
		assert_string_equal(key.protect.list[1].word->text, "m");
		assert_string_equal(key.rekey->text, "1h");
	}
	assert_int_equal(r->heard.count, 0);
	done(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_stand_somewhere),
		cmocka_unit_test(lines_of_layers),
		cmocka_unit_test(faulty_lines),
		cmocka_unit_test(both_notations_agree),
		cmocka_unit_test(keys_in_both_notations),
	};

	return cmocka_run_group_tests_name("config notations", tests, NULL, NULL);
}
