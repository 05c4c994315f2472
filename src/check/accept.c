/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accept.c - findings that a session takes on with its eyes open: `accept: {SC206: "why"}`.
 *
 * What can be accepted is a property of the rule: what is about a level is said by `require`, and what nobody can mean, or no
 * peer could agree to, not at all.  A word for something that is not there is an error, too, so that no acceptance outlives
 * what it was for.
 */
#include "check/catalogue/catalogue.h"
#include "check/internal.h"

#include <string.h>

static bool tell(struct check_draft *d, const char *id, struct config_place at, const char *message, const char *help)
{
	check_tell(d->run, &(struct check_report){ .id = id, .at = at, .message = message, .help = help });
	return message != NULL;
}

static const char *const *rule_names(struct check_draft *d)
{
	size_t count = 0, n = 0;
	const char **names;

	while (check_rules[count].id)
		count++;
	names = config_take(d->run->arena, (count + 1) * sizeof *names);
	for (size_t i = 0; names && i < count; i++)
		if (check_rules[i].accept)
			names[n++] = check_rules[i].id;
	return names;
}

static bool unknown(struct check_draft *d, const struct config_node *name)
{
	const char *const *names = rule_names(d);
	const char *list = names ? config_names(d->run->arena, names) : NULL;

	return list && check_tell_unknown(d->run, "SC011", name, names, config_print(d->run->arena, "'%s' is no finding", name->text),
			   config_print(d->run->arena, "what can be accepted: %s", list));
}

/* A rule of the catalogue that check does not tell of by this id, or not at all. */
static bool elsewhere(struct check_draft *d, const struct config_node *name, const struct check_entry *entry)
{
	struct config_arena *arena = d->run->arena;
	const char *by = check_entry_by(entry);

	if (by)
		return tell(d, "SC023", name->at, config_print(arena, "%s, %s, is told as %s", entry->id, check_entry_title(entry), by),
		    check_finding_accept(by) ? config_print(arena, "if that is what is to be accepted, write   %s", by)
					     : config_print(arena, "remove this: %s cannot be accepted", by));
	return tell(d, "SC023", name->at, config_print(arena, "%s, %s, is nothing that a configuration has", entry->id, check_entry_title(entry)),
	    config_print(arena, "remove this;   seccomm explain %s   says what prevents it", entry->id));
}

/* Whether NAME may be accepted; if not, *SAID. */
static bool acceptable(struct check_draft *d, const struct config_node *m, bool *said)
{
	const struct check_rule *rule = check_rule(m->name->text);
	const struct check_entry *entry = check_entry(m->name->text);
	struct config_arena *arena = d->run->arena;

	*said = true;
	if (!rule->id)
		return entry ? elsewhere(d, m->name, entry) : unknown(d, m->name);
	if (!rule->accept)
		return tell(d, "SC023", m->name->at, config_print(arena, "%s, %s, cannot be accepted", rule->id, rule->title),
		    rule->severity == CHECK_NOTE ? "remove this: a note keeps nothing from running"
		    : rule->level ? "mend what it tells of; what is about a level is said by 'require'; or try it under   profile: lab"
				  : "mend what it tells of");
	if (m->kind != CONFIG_SCALAR || m->empty || m->length == 0 || strspn(m->text, " \t") == m->length)
		return tell(d, "SC003", m->at, config_print(arena, "accepting %s needs a reason", rule->id),
		    config_print(arena, "write why, for those who read this later:   %s: \"why this is no danger here\"", rule->id));
	for (size_t i = 0; i < d->session->accepted_count; i++)
		if (d->session->accepted[i].id == rule->id)
			return !d->session->profile || tell(d, "SC013", m->name->at,
			    config_print(arena, "profile '%s' accepts %s itself", d->session->profile, rule->id), "remove this");
	*said = false;
	return true;
}

static bool accept_all(struct check_draft *d, const struct config_node *map)
{
	for (const struct config_node *m = map ? map->first : NULL; m; m = m->next) {
		struct check_accepted *list = d->session->accepted;
		bool said;

		if (!acceptable(d, m, &said))
			return false;
		if (!said)
			list[d->session->accepted_count++] =
			    (struct check_accepted){ check_rule(m->name->text)->id, check_rule(m->name->text)->title, m->text, m->name->at.line, false };
	}
	return true;
}

bool check_accept(struct check_draft *d)
{
	const struct config_node *own = d->from->field[CONFIG_ACCEPT], *profile = d->profile[CONFIG_ACCEPT];

	d->session->accepted =
	    config_take(d->run->arena, ((own ? own->count : 0) + (profile ? profile->count : 0) + 1) * sizeof *d->session->accepted);
	d->run->session = d->session;
	return d->session->accepted && accept_all(d, profile) && accept_all(d, own);
}

bool check_accepts(struct check_session *session, const char *id)
{
	for (size_t i = 0; session && i < session->accepted_count; i++)
		if (strcmp(session->accepted[i].id, id) == 0)
			return session->accepted[i].met = true;
	return false;
}

bool check_accept_met(struct check_draft *d)
{
	const struct config_node *map = d->from->field[CONFIG_ACCEPT];

	for (const struct config_node *m = map ? map->first : NULL; m; m = m->next) {
		bool idle = false;

		for (size_t i = 0; i < d->session->accepted_count; i++)
			idle = idle || (!d->session->accepted[i].met && strcmp(d->session->accepted[i].id, m->name->text) == 0);
		if (idle && !tell(d, "SC024", m->name->at,
				config_print(d->run->arena, "%s is accepted, and there is nothing to accept", m->name->text),
				"remove it: it would hide the finding if it came later"))
			return false;
	}
	return true;
}

static int by_id(const struct check_accepted *a, const struct check_accepted *b)
{
	return strcmp(a->id, b->id);
}

const char *check_accept_text(struct check_draft *d)
{
	const struct check_accepted *last = NULL;
	const char *text = "";

	/* In the order of the ids, whatever the file's is; there are few. */
	for (size_t n = 0; text && n < d->session->accepted_count; n++) {
		const struct check_accepted *next = NULL;

		for (size_t i = 0; i < d->session->accepted_count; i++) {
			const struct check_accepted *a = &d->session->accepted[i];

			if (!check_rule(a->id)->own && (!last || by_id(a, last) > 0) && (!next || by_id(a, next) < 0))
				next = a;
		}
		if (!next)
			break;
		last = next;
		text = config_print(d->run->arena, "%saccept %s\n", text, last->id);
	}
	return text;
}
