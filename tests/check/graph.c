/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the graph of the catalogue says what the tables say: each tie of each micro-protocol is an edge, as soft and as
 * placed as the table has it, what attributes and key pairs tie is one, too, and there is no other.  And without memory
 * there is no graph.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "check/check.h"
#include "scarce.h"

static const char *text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static const char *end_name(const json_t *graph, const json_t *edge, const char *which)
{
	return text_of(
	    json_array_get(json_object_get(graph, "nodes"), (size_t)json_integer_value(json_object_get(edge, which))),
	    "name");
}

/* Takes the edge between MP and WHAT out of the graph; fails when there is none of that kind. */
static void take(json_t *graph, const char *mp, const char *what, bool provides, bool soft, bool inner)
{
	json_t *edges = json_object_get(graph, "edges"), *edge;
	size_t i;

	json_array_foreach(edges, i, edge)
	{
		const char *from = end_name(graph, edge, "from"), *to = end_name(graph, edge, "to");

		if (strcmp(provides ? to : from, mp) != 0 || strcmp(provides ? from : to, what) != 0 ||
		    strcmp(text_of(edge, "kind"), provides ? "provides" : "needs") != 0)
			continue;
		assert_int_equal(json_is_true(json_object_get(edge, "optional")), soft);
		assert_int_equal(json_is_true(json_object_get(edge, "before")), inner);
		assert_false(json_is_true(json_object_get(edge, "unmet")));
		json_array_remove(edges, i);
		return;
	}
	fail_msg("no edge of %s with %s", mp, what);
}

static bool somebody(bool (*does)(const struct cactus_attribute *), const char *attribute)
{
	size_t count;
	const struct seccomm_mp *const *list = seccomm_micro_protocols(library, &count);

	for (size_t i = 0; i < count; i++)
		for (const struct cactus_attribute *a = list[i]->cactus.attributes; a && a->name; a++)
			if (strcmp(a->name, attribute) == 0 && does(a))
				return true;
	return false;
}

static bool takes(const struct cactus_attribute *a)
{
	return a->act != CACTUS_SETS;
}

static bool provides(const struct seccomm_mp *mp, const char *what)
{
	for (const struct cactus_tie *t = mp->cactus.provides; t && t->capability; t++)
		if (strcmp(t->capability, what) == 0)
			return true;
	return false;
}

static void take_all(json_t *graph, const struct seccomm_mp *mp)
{
	for (const struct cactus_tie *t = mp->cactus.needs; t && t->capability; t++)
		take(graph, mp->cactus.name, t->capability, false, t->soft, t->inner);
	for (const struct cactus_tie *t = mp->cactus.provides; t && t->capability; t++)
		take(graph, mp->cactus.name, t->capability, true, false, false);
	for (const struct cactus_attribute *a = mp->cactus.attributes; a && a->name; a++) {
		if (takes(a))
			take(graph, mp->cactus.name, a->name, false, false, true);
		else if (somebody(takes, a->name) && !provides(mp, a->name))
			take(graph, mp->cactus.name, a->name, true, false, false);
	}
	if (seccomm_mp_pairs(mp))
		take(graph, mp->cactus.name, "key pair", false, false, false);
}

static void every_tie_is_an_edge(void **state)
{
	size_t count;
	const struct seccomm_mp *const *list = seccomm_micro_protocols(library, &count);
	char *text = check_graph_catalogue(library, CHECK_GRAPH_JSON);
	json_t *graph = json_loads(text, 0, NULL);

	(void)state;
	assert_non_null(graph);
	assert_true(json_array_size(json_object_get(graph, "edges")) > count);
	for (size_t i = 0; i < count; i++)
		take_all(graph, list[i]);
	assert_int_equal(json_array_size(json_object_get(graph, "edges")), 0);
	json_decref(graph);
	free(text);
}

/* ---- Without memory ---- */

static char *picture(void)
{
	return check_graph_catalogue(library, CHECK_GRAPH_SVG);
}

static char *graphviz(void)
{
	return check_graph_catalogue(library, CHECK_GRAPH_DOT);
}

static char *schema(void)
{
	return check_schema(library);
}

static const char two[] =
    "seccomm: 1\nsessions:\n"
    "  a: {role: client, listen: 'tcp::1', connect: 'tcp:h:1', identity: a, peers: [b], profile: default@1}\n"
    "  b: {role: server, listen: 'tcp::1', connect: 'tcp:h:1', identity: a, peers: [b], rekey: 5m, stack: [encrypt: "
    "aes-256-gcm,\n"
    "    anti-replay: window, mac: {algorithm: poly1305, direction: c2s}], keys: {k: dh, l: psk}}\n"
    "  c: {role: server, listen: 'tcp::1', connect: 'tcp:h:1', identity: a, peers: [b], rekey: 5m, stack: "
    "[anti-replay: window,\n"
    "    encrypt: aes-256-gcm, mac: {algorithm: poly1305, direction: c2s}], keys: {k: 'dh,protect=sign:ed25519'}}\n";
static struct check_result *sessions;

static char *session(void)
{
	return check_graph_session(&sessions->sessions[1], CHECK_GRAPH_SVG);
}

static char *comparison(void)
{
	const struct check_side a = { "a", sessions->sessions[0].plan }, c = { "c", sessions->sessions[2].plan };

	return check_compare(&a, &c, false);
}

static void without_memory(void **state)
{
	static char *(*const all[])(void) = { picture, graphviz, schema, session, comparison };

	(void)state;
	sessions = check_text(library, "f", two, strlen(two));
	assert_non_null(sessions);
	assert_int_equal(sessions->session_count, 3);
	for (size_t f = 0; f < sizeof all / sizeof *all; f++) {
		char *whole = all[f](), *text = NULL;

		assert_non_null(whole);
		for (long n = 0; !text; n++) {
			assert_true(n < 1000);
			allocations_left = n;
			text = all[f]();
			allocations_left = -1;
		}
		assert_string_equal(text, whole);
		free(text);
		free(whole);
	}
	check_free(sessions);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_tie_is_an_edge), cmocka_unit_test(without_memory) };

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, scarce_begin, scarce_end);
}
