/* SPDX-License-Identifier: Apache-2.0 */
/* control.c - requests to handlers, and answers to lines (see control.h). */
#include "cli/control/private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_MAX = 512, ARGUMENTS_MAX = 4 };

struct command {
	const char *name;
	const char *arguments[ARGUMENTS_MAX]; /* beside id and command; ends with NULL */
	void (*handle)(const struct control_request *);
};

static const struct command commands[] = {
	{ "status", { "target" }, control_status },
	{ "rekey", { "target", "key" }, control_rekey },
	{ "drain", { "now", "milliseconds" }, control_drain },
	{ "reload", { NULL }, control_reload },
	{ "alerts", { "target", "follow", "count" }, control_alerts },
	{ "trace", { "target", "count" }, control_trace },
};
enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

/* ---- Answers ---- */

json_t *control_string(const char *text)
{
	json_t *string = text ? json_string(text) : json_null();
	char *clean = string ? NULL : strdup(text);

	if (!clean)
		return string;
	for (char *p = clean; *p; p++)
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	string = json_string(clean);
	free(clean);
	return string;
}

json_t *control_number(uint64_t number)
{
	return json_integer(number > INT64_MAX ? INT64_MAX : (json_int_t)number);
}

/* Drops OBJECT. */
static void send_object(const struct control_wire *wire, json_t *object)
{
	static const char no_memory[] = "{\"error\":{\"text\":\"out of memory\",\"remedy\":\"\"}}\n";
	char *text = object ? json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
	size_t length = text ? strlen(text) : 0;

	json_decref(object);
	if (!text) {
		wire->send(wire->context, no_memory, sizeof(no_memory) - 1);
		return;
	}
	text[length] = '\n'; /* in place of the final NUL */
	wire->send(wire->context, text, length + 1);
	free(text);
}

/* {"id": …, NAME: VALUE, and MEMBERS}; drops both. */
static json_t *answer(json_int_t id, const char *name, json_t *value, json_t *members)
{
	json_t *object = json_pack("{s:I, s:o}", "id", id, name, value);

	if (object && members && json_object_update(object, members) < 0) {
		json_decref(object);
		object = NULL;
	}
	json_decref(members);
	return object;
}

void control_more(const struct control_request *request, json_t *members)
{
	send_object(&request->client->wire, members ? answer(request->id, "more", json_true(), members) : NULL);
}

void control_done(const struct control_request *request, json_t *members)
{
	send_object(&request->client->wire, members ? answer(request->id, "done", json_true(), members) : NULL);
}

static json_t *trouble(const char *text, const char *remedy)
{
	return json_pack("{s:o, s:s}", "text", control_string(text), "remedy", remedy);
}

void control_fail(const struct control_request *request, const char *remedy, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	send_object(&request->client->wire, answer(request->id, "error", trouble(text, remedy), NULL));
}

void control_refuse(const struct control_wire *wire, const char *text, const char *remedy)
{
	send_object(wire, json_pack("{s:n, s:o}", "id", "error", trouble(text, remedy)));
}

/* ---- Arguments ---- */

bool control_flag(const struct control_request *request, const char *name, bool *out)
{
	const json_t *value = json_object_get(request->object, name);

	if (value && !json_is_boolean(value)) {
		control_fail(request, "", "\"%s\" must be true or false", name);
		return false;
	}
	*out = value ? json_is_true(value) : *out;
	return true;
}

bool control_count(
    const struct control_request *request, const char *name, uint64_t least, uint64_t most, uint64_t *out)
{
	const json_t *value = json_object_get(request->object, name);
	json_int_t number = json_integer_value(value);

	if (value && (!json_is_integer(value) || number < (json_int_t)least || number > (json_int_t)most)) {
		control_fail(request, "", "\"%s\" must be a whole number from %llu to %llu", name,
		    (unsigned long long)least, (unsigned long long)most);
		return false;
	}
	*out = value ? (uint64_t)number : *out;
	return true;
}

/* ---- Requests ---- */

static bool is_argument(const struct command *command, const char *name)
{
	for (size_t i = 0; i < ARGUMENTS_MAX && command->arguments[i]; i++)
		if (strcmp(command->arguments[i], name) == 0)
			return true;
	return strcmp(name, "id") == 0 || strcmp(name, "command") == 0;
}

/* A request that means more than this program understands is not half done. */
static bool arguments_known(const struct control_request *request, const struct command *command)
{
	const char *name;
	json_t *value;

	json_object_foreach(request->object, name, value) if (!is_argument(command, name))
	{
		control_fail(request, "see doc/control.md", "\"%s\" is no argument of %s", name, command->name);
		return false;
	}
	return true;
}

static void no_such_command(const struct control_request *request, const char *name)
{
	const char *names[COMMANDS + 1] = { NULL }, *near;

	for (size_t i = 0; i < COMMANDS; i++)
		names[i] = commands[i].name;
	near = check_nearest(name, names);
	control_fail(request, "the commands are status, rekey, drain, reload, alerts and trace",
	    "there is no command '%s'%s%s%s", name, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static void dispatch(const struct control_request *request)
{
	const char *name = json_string_value(json_object_get(request->object, "command"));

	if (!name) {
		control_fail(request, "as in   {\"id\":1,\"command\":\"status\"}", "\"command\" is missing or no text");
		return;
	}
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(commands[i].name, name) != 0)
			continue;
		if (arguments_known(request, &commands[i]))
			commands[i].handle(request);
		return;
	}
	no_such_command(request, name);
}

void control_line(struct control_client *client, const char *line, size_t length)
{
	struct control_request request = { .client = client, .control = client->control };
	json_error_t error;
	json_t *object = json_loadb(line, length, JSON_REJECT_DUPLICATES, &error);
	const json_t *id = json_object_get(object, "id");
	char text[TEXT_MAX];

	request.object = object;
	request.id = json_integer_value(id);
	if (!object) {
		snprintf(text, sizeof(text), "the line is not JSON: %.160s at column %d", error.text, error.column);
		control_refuse(&client->wire, text, "a request is one line:   {\"id\":1,\"command\":\"status\"}");
	} else if (!json_is_object(object) || !json_is_integer(id)) {
		control_refuse(&client->wire, "the line is no object with a whole number as \"id\"",
		    "a request is one line:   {\"id\":1,\"command\":\"status\"}");
	} else {
		dispatch(&request);
	}
	json_decref(object);
}

void control_too_long(struct control_client *client)
{
	control_refuse(&client->wire, "the line is longer than 65,536 bytes", "a request is one short line");
}

/* ---- Clients ---- */

static void happened_later(void *context)
{
	trace_flush(context);
}

struct control *control_new(struct program *program)
{
	struct control *control = calloc(1, sizeof(*control));

	if (!control)
		return NULL;
	control->program = program;
	TAILQ_INIT(&control->follows);
	TAILQ_INIT(&control->taps);
	control->later = transport_timer_new(program->loop, happened_later, control);
	if (control->later)
		return control;
	free(control);
	return NULL;
}

void control_free(struct control *control)
{
	if (!control)
		return;
	transport_timer_free(control->later);
	free(control);
}

static json_t *greeting(const struct program *program)
{
	json_t *names = json_array();

	for (size_t i = 0; i < COMMANDS; i++)
		json_array_append_new(names, json_string(commands[i].name));
	return json_pack("{s:i, s:s, s:o, s:I, s:o}", "seccomm", CONTROL_VERSION, "version", seccomm_version(), "name",
	    control_string(program->source.name), "pid", (json_int_t)getpid(), "commands", names);
}

struct control_client *control_join(struct control *control, const struct control_wire *wire)
{
	struct control_client *client = calloc(1, sizeof(*client));

	if (!client)
		return NULL;
	client->control = control;
	client->wire = *wire;
	send_object(wire, greeting(control->program));
	return client;
}

void control_leave(struct control_client *client)
{
	struct follow *follow, *next;

	if (!client)
		return;
	for (follow = TAILQ_FIRST(&client->control->follows); follow; follow = next) {
		next = TAILQ_NEXT(follow, all);
		if (follow->client == client)
			follow_end(follow);
	}
	trace_unfollow(client->control);
	free(client);
}
