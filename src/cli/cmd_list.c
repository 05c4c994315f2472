/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_list.c - `list`: the tables that the program is made of, as this machine has them. */
#include "check/catalogue/catalogue.h"
#include "check/check.h"
#include "cli/alerts.h"
#include "cli/cli.h"
#include "transport/transport.h"

#include <stdio.h>
#include <string.h>

enum { WORDS_ROOM = 160 };

/* One row of an answer: it is shown as columns or put into the list. */
struct row {
	const char *name, *second, *third, *rest;
};
struct kind {
	const char *name;
	const char *columns[4]; /* names in JSON */
	void (*list)(const struct kind *, const struct seccomm *, json_t *out);
};

static void add(const struct kind *kind, json_t *out, struct row row)
{
	const char *const values[] = { row.name, row.second, row.third, row.rest };
	json_t *object;

	if (!out) {
		printf("%-24s %-12s %-10s %s\n", row.name, row.second ? row.second : "", row.third ? row.third : "",
		    row.rest ? row.rest : "");
		return;
	}
	object = json_object();
	for (size_t i = 0; i < 4; i++)
		if (kind->columns[i])
			json_object_set_new(object, kind->columns[i], values[i] ? json_string(values[i]) : json_null());
	json_array_append_new(out, object);
}

static void print_micro_protocol(const struct seccomm *library, const struct seccomm_mp *mp)
{
	const struct seccomm_module *module = seccomm_mp_module(library, mp, NULL);
	const char *why = seccomm_mp_unavailable(library, mp);
	char gives[WORDS_ROOM], needs[WORDS_ROOM];

	check_mp_gives(mp, gives, sizeof(gives));
	check_mp_needs(mp, needs, sizeof(needs));
	printf("%-28s %-24s %-16s %-8s gives %s", mp->cactus.name, mp->paper ? mp->paper : "-", seccomm_class_name(mp->class_of),
	    seccomm_standing_name(mp->standing), *gives ? gives : "nothing");
	printf("%s%s%s%s", *needs ? "; needs " : "", needs, why ? "; not available: " : "", why ? why : "");
	printf("%s%s%s%s\n", module ? "; of module " : "", module ? module->name : "", module ? " " : "",
	    module ? module->version : "");
}

static json_t *micro_protocol_json(const struct seccomm *library, const struct seccomm_mp *mp)
{
	char gives[WORDS_ROOM], needs[WORDS_ROOM];

	check_mp_gives(mp, gives, sizeof(gives));
	check_mp_needs(mp, needs, sizeof(needs));
	return json_pack("{s:s, s:s?, s:s, s:s, s:s, s:s, s:s, s:s?, s:o}", "name", mp->cactus.name, "paper", mp->paper, "class",
	    seccomm_class_name(mp->class_of), "standing", seccomm_standing_name(mp->standing), "gives", gives, "needs", needs,
	    "summary", mp->cactus.summary, "unavailable", seccomm_mp_unavailable(library, mp), "module",
	    check_mp_module_json(library, mp));
}

static void list_micro_protocols(const struct kind *kind, const struct seccomm *library, json_t *out)
{
	size_t count;
	const struct seccomm_mp *const *list = seccomm_micro_protocols(library, &count);

	(void)kind;
	for (size_t i = 0; i < count; i++) {
		if (out)
			json_array_append_new(out, micro_protocol_json(library, list[i]));
		else
			print_micro_protocol(library, list[i]);
	}
}

static void list_algorithms(const struct kind *kind, const struct seccomm *library, json_t *out)
{
	size_t count;
	const struct crypto_algorithm *list = crypto_algorithms(&count);

	for (size_t i = 0; i < count; i++) {
		const char *why = crypto_unavailable(seccomm_crypto(library), &list[i]);

		add(kind, out,
		    (struct row){ list[i].name, crypto_kind_name(list[i].kind), crypto_standing_name(list[i].standing),
			why ? why : "available" });
	}
}

static void list_transports(const struct kind *kind, const struct seccomm *library, json_t *out)
{
	(void)library;
	for (const struct transport *const *t = transport_kinds(); *t; t++) {
		if (out)
			add(kind, out, (struct row){ (*t)->name, (*t)->synopsis, NULL, (*t)->purpose });
		else
			printf("%-9s %s\n          %s\n", (*t)->name, (*t)->synopsis, (*t)->purpose);
	}
}

static void list_profile(const struct kind *kind, json_t *out, const char *name)
{
	if (out)
		add(kind, out, (struct row){ name, check_profile_purpose(name), NULL, check_profile_text(name, SECCOMM_STREAM) });
	else
		printf("%-17s %s\n", name, check_profile_purpose(name));
}

static void list_profiles(const struct kind *kind, const struct seccomm *library, json_t *out)
{
	(void)library;
	for (const char *const *name = check_profiles(); *name; name++)
		list_profile(kind, out, *name);
	list_profile(kind, out, "lab");
}

static void list_alerts(const struct kind *kind, const struct seccomm *library, json_t *out)
{
	char id[16];

	(void)library;
	for (const struct alert_text *row = alert_texts(); row->meaning; row++) {
		snprintf(id, sizeof(id), "SA-%03u", (unsigned)row->id);
		if (out)
			add(kind, out, (struct row){ id, seccomm_alert_text(row->id), NULL, row->meaning });
		else
			printf("%s  %s\n", id, seccomm_alert_text(row->id));
	}
}

/* What the checker makes of it in a word, and whether a session may take it on. */
static const char *finding_text(const struct check_entry *entry)
{
	enum check_severity severity;
	bool accept;

	if (!check_finding_title(entry->id, &severity, NULL))
		return check_entry_by(entry) ? check_entry_by(entry) : "-";
	accept = check_finding_accept(entry->id);
	if (severity == CHECK_ERROR)
		return accept ? "error, acceptable" : "error";
	return accept ? "warning, acceptable" : severity == CHECK_WARNING ? "warning" : "note";
}

static void list_rules(const struct kind *kind, const struct seccomm *library, json_t *out)
{
	(void)kind;
	(void)library;
	for (const struct check_entry *entry = NULL; (entry = check_entry_next(entry));) {
		if (out)
			json_array_append_new(out, check_entry_json(entry));
		else
			printf("%s  %-11s  %-13s  law %-2u  %-19s  %-6s  %s\n", entry->id, check_entry_severity(entry),
			    check_decided_name(entry->decided), entry->law, finding_text(entry),
			    check_backed(entry->id) ? "attack" : check_entry_unmounted(entry) ? "none" : "-", check_entry_title(entry));
	}
}

static void list_laws(const struct kind *kind, const struct seccomm *library, json_t *out)
{
	(void)kind;
	(void)library;
	for (unsigned number = 1; number <= CHECK_LAWS; number++) {
		const struct check_law *law = check_law(number);

		if (out)
			json_array_append_new(out, check_law_json(number));
		else
			printf("%2u  %-28s  %s\n", number, law->name, law->sentence);
	}
}

static const struct kind kinds[] = {
	{ "micro-protocols", { NULL }, list_micro_protocols },
	{ "algorithms", { "name", "kind", "standing", "availability" }, list_algorithms },
	{ "transports", { "name", "synopsis", NULL, "purpose" }, list_transports },
	{ "profiles", { "name", "purpose", NULL, "text" }, list_profiles },
	{ "alerts", { "id", "text", NULL, "meaning" }, list_alerts },
	{ "rules", { NULL }, list_rules },
	{ "laws", { NULL }, list_laws },
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static int unknown(const char *name)
{
	const char *names[KINDS + 1] = { NULL }, *near;

	for (size_t i = 0; i < KINDS; i++)
		names[i] = kinds[i].name;
	near = check_nearest(name, names);
	cli_complain(
	    "there is no list of '%s'%s%s%s", name, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	cli_help_line("the lists are micro-protocols, algorithms, transports, profiles, alerts, rules and laws");
	return CLI_USAGE;
}

int cmd_list(const struct cli *cli)
{
	json_t *out;
	struct seccomm *library;
	size_t i = 0;
	int status;

	while (i < KINDS && strcmp(kinds[i].name, cli->words[0]) != 0)
		i++;
	if (i == KINDS)
		return unknown(cli->words[0]);
	status = cli_library_with_modules(cli, &library);
	if (status != CLI_OK)
		return status;
	out = cli_has(cli, "json") ? json_array() : NULL;
	kinds[i].list(&kinds[i], library, out);
	seccomm_free(library);
	return out ? cli_answer_json(out) : CLI_OK;
}
