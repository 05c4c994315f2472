/* SPDX-License-Identifier: Apache-2.0 */
/* explain_mp.c - a micro-protocol's table as its manual. */
#include "check/explain/explain.h"
#include "check/internal.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char *const kinds[] = { "number", "duration", "size", "word", "text" };

struct gift {
	unsigned bit;
	const char *name;
};
static const struct gift gifts[] = {
	{ SECCOMM_GIVES_CONFIDENTIALITY, "confidentiality" },
	{ SECCOMM_GIVES_INTEGRITY, "integrity" },
	{ SECCOMM_GIVES_AUTHENTICITY, "authenticity" },
	{ SECCOMM_GIVES_FRESHNESS, "freshness" },
	{ SECCOMM_GIVES_CHECKSUM, "detection of accidents" },
	{ SECCOMM_GIVES_SIGNATURE, "proof to a third party" },
	{ SECCOMM_GIVES_FORWARD_SECRECY, "forward secrecy" },
};

struct subject {
	const struct seccomm *library;
	const struct seccomm_mp *mp;
};

static void add_word(char *out, size_t room, const char *word)
{
	const size_t used = strlen(out);

	snprintf(out + used, room - used, "%s%s", used ? ", " : "", word);
}

void check_mp_gives(const struct seccomm_mp *mp, char *out, size_t room)
{
	*out = '\0';
	for (size_t i = 0; i < sizeof gifts / sizeof *gifts; i++)
		if (mp->gives & gifts[i].bit)
			add_word(out, room, gifts[i].name);
}

/* Key pairs of participants are no capability of a table: they are there before a session is. */
void check_mp_needs(const struct seccomm_mp *mp, char *out, size_t room)
{
	*out = '\0';
	for (const struct cactus_tie *tie = mp->cactus.needs; tie && tie->capability; tie++)
		if (!tie->soft)
			add_word(out, room, tie->capability);
	if (seccomm_mp_pairs(mp))
		add_word(out, room, "key pair");
}

static void param(FILE *out, struct config_arena *arena, const struct cactus_param *p)
{
	const char *range = check_param_range(arena, p), *dflt = check_param_default(arena, p);

	fprintf(out, "  %-12s %s", p->name, kinds[p->kind]);
	if (range && *range)
		fprintf(out, ", %s", range);
	if (p->required)
		fputs(", required", out);
	else if (dflt && *dflt)
		fprintf(out, ", default %s", dflt);
	fprintf(out, "%s\n               %s\n", p->local ? "; the two ends may differ" : "", p->doc ? p->doc : "");
}

static void ties(FILE *out, const char *title, const struct cactus_tie *tie)
{
	for (; tie && tie->capability; tie++)
		fprintf(out, "  %-10s %s%s%s\n", title, tie->capability, tie->inner ? ", from a layer before it" : "",
		    tie->soft ? ", if there is one" : "");
}

static void limit(FILE *out, uint64_t most, const char *unit)
{
	if (most != UINT64_MAX)
		fprintf(out, "  at most    %" PRIu64 " %s under one key\n", most, unit);
}

/* Whose key pair it is, and how it is made. */
static void key_pair(FILE *out, const struct seccomm_mp *mp)
{
	const char *whose = mp->class_of == SECCOMM_PRIVACY	    ? "receiver"
			    : mp->class_of == SECCOMM_KEY_DISTRIBUTION ? "server"
								       : "sender",
		   *kind = seccomm_mp_pair_kind(mp);

	if (kind)
		fprintf(out, "  key pair   of the %s: seccomm key gen NAME --algorithm %s\n"
			     "             the other end needs the public key; the command says how\n", whose, kind);
}

static void facts(FILE *out, const struct subject *s)
{
	const struct seccomm_mp *mp = s->mp;
	const struct plan_limits limits = seccomm_mp_limits(mp);
	const char *file;
	const struct seccomm_module *module = seccomm_mp_module(s->library, mp, &file);
	const char *why = seccomm_mp_unavailable(s->library, mp);

	fprintf(out, "%s: %s\n\n", mp->cactus.name, mp->cactus.summary);
	if (mp->paper)
		fprintf(out, "  in TR 99-08  %s\n", mp->paper);
	if (module)
		fprintf(out, "  of module  %s %s, %s\n", module->name, module->version, file);
	fprintf(out, "  class      %s\n  standing   %s\n", seccomm_class_name(mp->class_of),
	    seccomm_standing_name(mp->standing));
	for (size_t i = 0; i < sizeof gifts / sizeof *gifts; i++)
		if (mp->gives & gifts[i].bit)
			fprintf(out, "  gives      %s\n", gifts[i].name);
	ties(out, "needs", mp->cactus.needs);
	ties(out, "provides", mp->cactus.provides);
	if (mp->key_bytes)
		fprintf(out, "  key        %u bytes, derived for each direction\n", (unsigned)mp->key_bytes);
	key_pair(out, mp);
	if (mp->wire)
		fprintf(out, "  wire       %s\n", mp->wire);
	limit(out, limits.messages, "messages");
	limit(out, limits.bytes, "bytes");
	limit(out, limits.failures, "refused messages");
	fprintf(out, "  available  %s\n", why ? why : "yes");
}

static bool makes_key(const struct seccomm_mp *mp)
{
	return mp->class_of == SECCOMM_KEY_CREATION || mp->class_of == SECCOMM_KEY_DISTRIBUTION;
}

/* How a configuration names MP, with all that it cannot do without; NULL: no memory. */
static const char *example(struct config_arena *arena, const struct seccomm_mp *mp)
{
	const char *more = "";

	for (const struct cactus_param *p = mp->cactus.params; p && p->name && more; p++) {
		const char *value = p->required ? check_param_example(arena, p) : NULL;

		if (p->required)
			more = value ? config_print(arena, "%s, %s: %s", more, p->name, value) : NULL;
	}
	if (!more || !*more)
		return more ? config_print(arena, "%s: %s", mp->layer, mp->word) : NULL;
	return config_print(arena, "%s: {%s: %s%s}", mp->layer, makes_key(mp) ? "method" : "algorithm", mp->word, more);
}

char *check_mp_example(const struct seccomm_mp *mp)
{
	struct config_arena arena = { 0 };
	const char *line = example(&arena, mp);
	char *out = line ? strdup(line) : NULL;

	config_release(&arena);
	return out;
}

static void manual(FILE *out, const void *context)
{
	const struct subject *s = context;
	const struct cactus_param *p = s->mp->cactus.params;
	struct config_arena arena = { 0 };
	const char *line = example(&arena, s->mp);

	facts(out, s);
	if ((p && p->name) || !makes_key(s->mp))
		fputs("\nparameters\n", out);
	for (; p && p->name; p++)
		param(out, &arena, p);
	if (!makes_key(s->mp)) {
		if (check_needs_key(s->mp))
			fputs("  key          name of a key under keys; not needed if there is one only\n", out);
		fputs("  direction    both, c2s or s2c; default both\n"
		      "  order        1 to 999; default 10 for each place in the list\n"
		      "  name         for messages\n",
		    out);
	}
	fprintf(out, "\nin a configuration\n  %s\n", line ? line : "");
	config_release(&arena);
}

char *check_explain_mp(const struct seccomm *library, const struct seccomm_mp *mp)
{
	const struct subject subject = { library, mp };

	return check_stream_text(manual, &subject);
}

/* ---- JSON ---- */

static json_t *json_param(struct config_arena *arena, const struct cactus_param *p)
{
	const char *range = check_param_range(arena, p), *dflt = check_param_default(arena, p);

	return json_pack("{s:s, s:s, s:s?, s:s?, s:s?, s:b, s:b}", "name", p->name, "kind", kinds[p->kind], "doc",
	    p->doc, "range", range, "default", dflt, "required", (int)p->required, "local", (int)p->local);
}

static json_t *json_params(const struct seccomm_mp *mp)
{
	struct config_arena arena = { 0 };
	json_t *list = json_array();

	for (const struct cactus_param *p = mp->cactus.params; list && p && p->name; p++) {
		if (json_array_append_new(list, json_param(&arena, p)) != 0) {
			json_decref(list);
			list = NULL;
		}
	}
	config_release(&arena);
	return list;
}

static json_t *json_gifts(const struct seccomm_mp *mp)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < sizeof gifts / sizeof *gifts; i++) {
		if ((mp->gives & gifts[i].bit) && json_array_append_new(list, json_string(gifts[i].name)) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *json_ties(const struct cactus_tie *tie)
{
	json_t *list = json_array();

	for (; list && tie && tie->capability; tie++) {
		json_t *one = json_pack("{s:s, s:b, s:b}", "capability", tie->capability, "before", (int)tie->inner,
		    "optional", (int)tie->soft);

		if (json_array_append_new(list, one) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

/* JSON has no word for "none" among numbers but null. */
static json_t *json_limit(uint64_t most)
{
	return most == UINT64_MAX ? json_null() : json_integer((json_int_t)most);
}

struct json_t *check_mp_module_json(const struct seccomm *library, const struct seccomm_mp *mp)
{
	const char *file;
	const struct seccomm_module *module = seccomm_mp_module(library, mp, &file);

	return module ? json_pack("{s:s, s:s, s:o?}", "name", module->name, "version", module->version, "file", json_string(file))
		      : json_null();
}

char *check_explain_mp_json(const struct seccomm *library, const struct seccomm_mp *mp)
{
	const struct plan_limits limits = seccomm_mp_limits(mp);
	struct config_arena arena = { 0 };
	json_t *whole = json_pack(
	    "{s:s, s:s, s:s?, s:s?, s:s, s:s, s:s, s:s?, s:s?, s:I, s:s?, s:s?, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "name",
	    mp->cactus.name, "layer", mp->layer, "word", mp->word, "paper", mp->paper, "summary", mp->cactus.summary,
	    "class", seccomm_class_name(mp->class_of), "standing", seccomm_standing_name(mp->standing), "wire",
	    mp->wire, "unavailable", seccomm_mp_unavailable(library, mp), "key-bytes", (json_int_t)mp->key_bytes,
	    "key-pair", seccomm_mp_pair_kind(mp), "example", example(&arena, mp), "max-messages", json_limit(limits.messages), "max-bytes", json_limit(limits.bytes), "max-failures",
	    json_limit(limits.failures), "gives", json_gifts(mp), "needs", json_ties(mp->cactus.needs), "provides",
	    json_ties(mp->cactus.provides), "parameters", json_params(mp), "module", check_mp_module_json(library, mp));
	char *text = whole ? json_dumps(whole, JSON_INDENT(2)) : NULL;

	config_release(&arena);
	json_decref(whole);
	return text;
}
