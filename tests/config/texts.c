/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: whatever bytes a file has, reading it ends with a tree or with a fault at a place, never with a crash, and what
 * a tree says of places is true: lines of layers too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/model.h"

struct heard {
	unsigned count;
	char id[8], meant[32];
	struct config_place at;
};

static void hear(void *context, const struct config_fault *fault)
{
	struct heard *heard = context;

	assert_non_null(fault->message);
	if (heard->count++ == 0) {
		(void)snprintf(heard->id, sizeof heard->id, "%s", fault->id);
		heard->at = fault->at;
		(void)snprintf(heard->meant, sizeof heard->meant, "%s", fault->meant ? fault->meant : "");
		assert_true(!fault->meant || (fault->name && !strstr(fault->message, fault->meant)));
	}
}

struct reading {
	struct config_arena arena;
	struct heard heard;
	struct config_sink sink;
	struct config_model model;
};

static struct reading *read_text(const char *text, size_t length)
{
	struct reading *r = calloc(1, sizeof *r);

	assert_non_null(r);
	r->sink = (struct config_sink){ &r->arena, hear, &r->heard };
	assert_true(config_load(&r->sink, text, length, &r->model));
	return r;
}

static void done(struct reading *r)
{
	config_release(&r->arena);
	free(r);
}

static void refused(const char *text, size_t length, const char *id, unsigned line, unsigned column)
{
	struct reading *r = read_text(text, length);

	assert_true(r->heard.count > 0);
	assert_string_equal(r->heard.id, id);
	assert_int_equal(r->heard.at.line, line);
	assert_int_equal(r->heard.at.column, column);
	assert_null(r->model.root);
	done(r);
}

static const char good[] =
    "seccomm: 1\nsessions:\n  feed:\n    role: server\n    listen: tcp::7443\n    connect: unix:/run/feed.sock\n"
    "    identity: 'feed1'\n    peers: [desk1, \"desk2\"]\n    stack:\n      - anti-replay: sequence\n"
    "      - encrypt: {algorithm: aes-256-gcm, key: data}\n    keys:\n      data:\n        establish: dh\n"
    "        protect: [sign: ed25519]\n";

static void places_are_true(void **state)
{
	struct reading *r = read_text(good, strlen(good));
	const struct config_session *s = r->model.sessions;

	(void)state;
	assert_int_equal(r->heard.count, 0);
	assert_int_equal(r->model.count, 1);
	assert_string_equal(s->name->text, "feed");
	assert_int_equal(s->name->at.line, 3);
	assert_int_equal(s->name->at.column, 3);
	assert_int_equal(s->name->at.end, 7);
	assert_string_equal(s->field[CONFIG_IDENTITY]->text, "feed1");
	assert_int_equal(s->field[CONFIG_IDENTITY]->at.column, 16);
	assert_int_equal(s->field[CONFIG_PEERS]->count, 2);
	assert_int_equal(s->field[CONFIG_PEERS]->first->next->at.column, 21);
	assert_int_equal(s->field[CONFIG_PEERS]->first->next->at.end, 26);
	done(r);
}

static void size_is_bounded(void **state)
{
	char *text = malloc(CONFIG_TEXT_MAX + 1);
	struct reading *r;

	(void)state;
	assert_non_null(text);
	memset(text, '#', CONFIG_TEXT_MAX + 1);
	refused(text, CONFIG_TEXT_MAX + 1, "SC006", 0, 0);
	/* One byte less is read: a comment without end, so an empty file. */
	r = read_text(text, CONFIG_TEXT_MAX);
	assert_string_equal(r->heard.id, "SC009");
	done(r);
	free(text);
}

static void depth_is_bounded(void **state)
{
	char text[4096] = "a: ";
	size_t n = 3;

	(void)state;
	while (n < 2000)
		text[n++] = '[';
	refused(text, n, "SC006", 1, 19);
	for (n = 0; n < 4000; n += 2)
		memcpy(text + n, "- ", 2);
	refused(text, n, "SC006", 1, 33);
}

static void a_mebibyte_of_brackets(void **state)
{
	char *text = malloc(CONFIG_TEXT_MAX);
	struct reading *r;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < CONFIG_TEXT_MAX; i++)
		text[i] = i % 2 ? ',' : 'a';
	text[0] = '[';
	text[CONFIG_TEXT_MAX - 1] = ']';
	r = read_text(text, CONFIG_TEXT_MAX);
	assert_true(r->heard.count > 0);
	done(r);
	free(text);
}

static void not_text(void **state)
{
	(void)state;
	refused("a: \0b", 5, "SC007", 1, 4);
	refused("a: b\nc: \x01", 9, "SC007", 2, 4);
	refused("a: \xff\xfe", 5, "SC007", 1, 4);
	refused("a: \xc0\xaf", 5, "SC007", 1, 4);
	refused("a: \xed\xa0\x80", 6, "SC007", 1, 4);
	refused("a: \xf4\x90\x80\x80", 7, "SC007", 1, 4);
	refused("a: \xc3", 4, "SC007", 1, 4);
	refused("\xff\xfe"
		"a\0:\0",
	    6, "SC007", 1, 1);
	refused("a: \"x\\0y\"\n", 10, "SC007", 1, 5);
	refused("\x7f"
		"ELF\x02\x01\x01",
	    7, "SC007", 1, 1);
}

static void no_aliases_and_tags(void **state)
{
	static const char bomb[] = "a: &a [x, x]\nb: &b [*a, *a]\n", alias[] = "a: *b\n", tag[] = "a: !!int 3\n",
			  own[] = "a: !x y\n", merge[] = "a: 1\n<<: *a\n", key[] = "&a b: c\n";

	(void)state;
	refused(bomb, strlen(bomb), "SC005", 1, 5);
	refused(alias, strlen(alias), "SC005", 1, 5);
	refused(tag, strlen(tag), "SC005", 1, 4);
	refused(own, strlen(own), "SC005", 1, 4);
	refused(merge, strlen(merge), "SC005", 2, 6);
	refused(key, strlen(key), "SC005", 1, 2);
}

static void keys_that_come_twice(void **state)
{
	static const char text[] = "seccomm: 1\nsessions: {b: {}, a: {}, 'b': {}}\n\"seccomm\": 1\n";
	struct reading *r = read_text(text, strlen(text));

	(void)state;
	assert_int_equal(r->heard.count, 2);
	assert_string_equal(r->heard.id, "SC004");
	done(r);
}

/* A hundred thousand keys, all different or all equal, take no quadratic time. */
static void many_keys(void **state)
{
	char *text = malloc(CONFIG_TEXT_MAX);

	(void)state;
	assert_non_null(text);
	for (int equal = 0; equal < 2; equal++) {
		size_t n = 0;
		struct reading *r;

		for (unsigned i = 0; i < 90000; i++)
			n += (size_t)snprintf(text + n, CONFIG_TEXT_MAX - n, "k%u: x\n", equal ? 7 : i);
		r = read_text(text, n);
		assert_true(r->heard.count > 0);
		done(r);
	}
	free(text);
}

static uint64_t next_number(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void mutations(void **state)
{
	static const char signs[] = "{}[]:,-|>&*!%@`'\"#?\t\n \\\0\x80\xff"
				    "abc019";
	uint64_t seed = UINT64_C(0x5ecc0001);

	(void)state;
	for (int round = 0; round < 2000; round++) {
		char text[sizeof good];
		size_t length = sizeof good - 1;
		struct reading *r;

		memcpy(text, good, sizeof good);
		for (uint64_t k = next_number(&seed) % 4; k < 4; k++)
			text[next_number(&seed) % length] = signs[next_number(&seed) % (sizeof signs - 1)];
		if (round % 5 == 0)
			length = next_number(&seed) % length;
		r = read_text(text, length);
		assert_true(r->model.root || r->heard.count > 0);
		if (r->heard.count > 0)
			assert_true(
			    r->heard.at.line >= 1 && r->heard.at.column >= 1 && r->heard.at.end > r->heard.at.column);
		done(r);
	}
}

static void junk(void **state)
{
	uint64_t seed = 42;

	(void)state;
	for (int round = 0; round < 500; round++) {
		char text[256];
		struct reading *r;

		for (size_t i = 0; i < sizeof text; i++)
			text[i] = (char)(round % 2 ? next_number(&seed) : 0x20 + next_number(&seed) % 0x5f);
		r = read_text(text, sizeof text);
		assert_true(r->heard.count > 0);
		done(r);
	}
}

/* What was meant is handed over as a word, beside the name; nobody has to read it out of the message. */
static void what_was_meant(void **state)
{
	static const char text[] = "seccomm: 1\nsessions: {s: {identiy: a}}\n", quoted[] = "seccomm: 1\nsessions: {}\n\"x; did you mean 'y'?\": 1\n";
	struct reading *r = read_text(text, strlen(text));

	(void)state;
	assert_string_equal(r->heard.meant, "identity");
	assert_int_equal(r->heard.at.column, 16);
	done(r);
	r = read_text(quoted, strlen(quoted));
	assert_string_equal(r->heard.id, "SC002");
	assert_string_equal(r->heard.meant, "");
	done(r);
}

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

/* ---- Notations ---- */

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
		cmocka_unit_test(places_are_true),
		cmocka_unit_test(size_is_bounded),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(a_mebibyte_of_brackets),
		cmocka_unit_test(not_text),
		cmocka_unit_test(no_aliases_and_tags),
		cmocka_unit_test(keys_that_come_twice),
		cmocka_unit_test(many_keys),
		cmocka_unit_test(mutations),
		cmocka_unit_test(junk),
		cmocka_unit_test(what_was_meant),
		cmocka_unit_test(parts_stand_somewhere),
		cmocka_unit_test(lines_of_layers),
		cmocka_unit_test(faulty_lines),
		cmocka_unit_test(both_notations_agree),
		cmocka_unit_test(keys_in_both_notations),
	};

	return cmocka_run_group_tests_name("config texts", tests, NULL, NULL);
}
