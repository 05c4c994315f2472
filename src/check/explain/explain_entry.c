/* SPDX-License-Identifier: Apache-2.0 */
/* explain_entry.c - a row of the catalogue and a law, for people and as JSON. */
#include "check/catalogue/catalogue.h"
#include "check/explain/explain.h"
#include "check/internal.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 78 };

/* TEXT in lines of WIDTH, each of them behind INDENT blanks. */
static void wrapped(FILE *out, const char *text, int indent)
{
	size_t column = WIDTH; /* the first word begins a line */

	for (bool first = true; *text; first = false) {
		size_t blanks = strspn(text, " "), length = strcspn(text + blanks, " ");
		bool breaks = column + blanks + length > (size_t)(WIDTH - indent);

		if (breaks)
			fprintf(out, "%s%*s", first ? "" : "\n", indent, "");
		column = breaks ? length : column + blanks + length;
		fprintf(out, "%*s%.*s", breaks ? 0 : (int)blanks, "", (int)length, text + blanks);
		text += blanks + length;
	}
	fputc('\n', out);
}

static void paragraph(FILE *out, const char *title, const char *text)
{
	fprintf(out, "\n%s\n", title);
	wrapped(out, text, 2);
}

static void lines(FILE *out, const char *title, const char *text)
{
	fprintf(out, "\n%s\n", title);
	for (const char *end; *text; text = end + 1) {
		end = strchr(text, '\n');
		fprintf(out, "  %.*s\n", (int)(end - text), text);
	}
}

/* What the checker makes of it: an error or a warning, in the lab, and whether a session may take it on. */
static void finding(FILE *out, const struct check_rule *rule)
{
	static const char *const kinds[] = { "an error: no session with it opens", "a warning: sessions with it open", "a note" };

	fprintf(out, "  finding    %s%s%s\n", kinds[rule->severity],
	    rule->level && rule->severity == CHECK_ERROR ? "; with profile lab, on loopback only, a warning" : "",
	    rule->accept ? "; can be accepted, with a reason" : "");
}

static void literature(FILE *out, const struct check_entry *entry)
{
	fputs("\nLiterature\n", out);
	if (!entry->literature[0])
		fputs("  none that was checked\n", out);
	for (size_t i = 0; i < CHECK_LITERATURE_MAX && entry->literature[i]; i++)
		wrapped(out, entry->literature[i], 2);
}

static void entry_text(FILE *out, const void *context)
{
	const struct check_entry *entry = context;
	const struct check_rule *rule = check_rule(entry->id);
	const struct check_law *law = check_law(entry->law);

	fprintf(out, "%s  %s\n\n", entry->id, check_entry_title(entry));
	fprintf(out, "  severity   %s\n  decided    %s", check_entry_severity(entry), check_decided_name(entry->decided));
	if (entry->by)
		fprintf(out, ", told as %s", entry->by);
	else if (entry->decided == CHECK_IN_CONFIGURATION && !rule->id)
		fputs(", but by no rule yet", out);
	fputc('\n', out);
	if (rule->id)
		finding(out, rule);
	if (check_backed(entry->id))
		fputs("  attack     mounted by a test: it wins on what is flagged and loses on the repair\n", out);
	if (check_entry_unmounted(entry)) {
		fputs("  attack     mounted by no test\n", out);
		wrapped(out, check_entry_unmounted(entry), 13);
	}
	fprintf(out, "  law %-6u %s\n", entry->law, law->name);
	wrapped(out, law->sentence, 13);
	paragraph(out, "The attack", entry->attack);
	paragraph(out, "How SecComm decides it", entry->decision);
	paragraph(out, "What to do", entry->repair);
	literature(out, entry);
	if (entry->fails) {
		lines(out, "Refused", entry->fails);
		lines(out, "Accepted", entry->passes);
	}
}

char *check_explain_entry(const struct check_entry *entry)
{
	return check_stream_text(entry_text, entry);
}

json_t *check_law_json(unsigned number)
{
	const struct check_law *law = check_law(number);

	return json_pack("{s:i, s:s, s:s}", "number", (int)number, "name", law->name, "sentence", law->sentence);
}

static json_t *literature_json(const struct check_entry *entry)
{
	json_t *list = json_array();

	for (size_t i = 0; i < CHECK_LITERATURE_MAX && entry->literature[i]; i++)
		json_array_append_new(list, json_string(entry->literature[i]));
	return list;
}

static json_t *example_json(const char *body)
{
	char *text = body ? check_entry_text(body) : NULL;
	json_t *value = text ? json_string(text) : json_null();

	free(text);
	return value;
}

/* What the checker has of it: null if no rule of its own. */
static json_t *finding_json(const struct check_rule *rule)
{
	static const char *const kinds[] = { "error", "warning", "note" };

	return rule->id ? json_pack("{s:s, s:b, s:b}", "severity", kinds[rule->severity], "warning-in-lab", rule->level,
			      "acceptable", rule->accept)
			: json_null();
}

json_t *check_entry_json(const struct check_entry *entry)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s?, s:o, s:o, s:b, s:s?, s:s, s:s, s:s, s:o, s:o, s:o}", "id", entry->id, "title",
	    check_entry_title(entry), "severity", check_entry_severity(entry), "decided", check_decided_name(entry->decided),
	    "told-as", check_entry_by(entry), "finding", finding_json(check_rule(entry->id)), "law", check_law_json(entry->law), "backed", check_backed(entry->id),
	    "unmounted", check_entry_unmounted(entry), "attack",
	    entry->attack, "decision", entry->decision, "repair", entry->repair, "literature", literature_json(entry), "refused",
	    example_json(entry->fails), "accepted", example_json(entry->passes));
}
