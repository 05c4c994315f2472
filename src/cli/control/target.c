/* SPDX-License-Identifier: Apache-2.0 */
/* target.c - what a request is about: everything, SESSION, or SESSION/CONNECTION. */
#include "cli/control/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HELP_MAX = 512, DIGITS_MAX = 18 };

static bool read_target(const char *text, struct control_target *out)
{
	size_t length = strcspn(text, "/");
	const char *digits = text[length] ? text + length + 1 : NULL;

	*out = (struct control_target){ .connection = 0 };
	if (length == 0 || length >= sizeof(out->session))
		return false;
	memcpy(out->session, text, length);
	if (!digits)
		return true;
	if (!*digits || digits[strspn(digits, "0123456789")] || strlen(digits) > DIGITS_MAX)
		return false;
	out->connection = strtoull(digits, NULL, 10);
	return out->connection > 0;
}

static void no_such_session(const struct control_request *request, const char *name)
{
	const struct setup *setup = request->control->program->setup;
	const char **names = calloc(setup ? setup->count + 1 : 1, sizeof(*names)), *near;
	char help[HELP_MAX] = "", *end = help;

	for (size_t i = 0; setup && names && i < setup->count; i++) {
		names[i] = setup->sessions[i]->name;
		if ((size_t)(help + sizeof(help) - end) > strlen(names[i]) + 32)
			end += sprintf(end, "%s%s", end == help ? "the sessions are: " : ", ", names[i]);
	}
	near = names ? check_nearest(name, names) : NULL;
	control_fail(request, help, "there is no session '%s'%s%s%s", name, near ? "; did you mean '" : "",
	    near ? near : "", near ? "'?" : "");
	free(names);
}

bool control_target(const struct control_request *request, struct control_target *out)
{
	const json_t *value = json_object_get(request->object, "target");
	const struct served *served;

	*out = (struct control_target){ .connection = 0 };
	if (!value)
		return true;
	if (!json_is_string(value) || !read_target(json_string_value(value), out)) {
		control_fail(request, "as in   db   or   db/7", "\"target\" must be SESSION or SESSION/CONNECTION");
		return false;
	}
	TAILQ_FOREACH(served, &request->control->program->served, all)
	if (strcmp(served->session->name, out->session) == 0)
		return true;
	no_such_session(request, out->session);
	return false;
}

bool control_hits(const struct control_target *target, const char *session, uint64_t connection)
{
	return (!*target->session || strcmp(target->session, session) == 0) &&
	       (!target->connection || target->connection == connection);
}

struct walk {
	const struct control_target *target;
	const struct control_visit *visit;
	struct served *served;
	size_t count;
};

static void visit_one(void *context, const struct transport_connection *connection)
{
	struct walk *walk = context;

	if (!control_hits(walk->target, walk->served->session->name, connection->number))
		return;
	walk->count++;
	walk->visit->visit(walk->visit->context, walk->served, connection);
}

size_t control_each(struct program *program, const struct control_target *target, const struct control_visit *visit)
{
	struct walk walk = { .target = target, .visit = visit };

	TAILQ_FOREACH(walk.served, &program->served, all)
	transport_service_each(walk.served->service, visit_one, &walk);
	return walk.count;
}

void control_gone(const struct control_request *request, const struct control_target *target)
{
	control_fail(request, "seccomm status   shows those that there are", "there is no connection %s/%llu now",
	    target->session, (unsigned long long)target->connection);
}
