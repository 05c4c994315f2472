/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_status.c - `status`: what a running program does, as three tables or one JSON value. */
#include "cli/ask.h"

#include <stdio.h>
#include <string.h>

struct status {
	json_t *program, *services, *connections; /* as they were answered */
};

static bool collect(void *context, const json_t *answer)
{
	struct status *status = context;
	const struct {
		const char *name;
		json_t *list;
	} lists[] = { { "service", status->services }, { "connection", status->connections } };
	json_t *program = json_object_get(answer, "program");

	if (program)
		status->program = json_incref(program);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (json_object_get(answer, lists[i].name))
			json_array_append(lists[i].list, json_object_get(answer, lists[i].name));
	return true;
}

/* ---- For people ---- */

static uint64_t alert_count(const json_t *object)
{
	json_t *alerts = json_object_get(object, "alerts"), *count;
	const char *id;
	uint64_t sum = 0;

	json_object_foreach(alerts, id, count) sum += (uint64_t)json_integer_value(count);
	return sum;
}

static void print_program(const json_t *program)
{
	char up[ASK_TEXT_MAX];

	printf("seccomm %s  process %llu  %s  up %s%s\n", ask_text(program, "version"),
	    (unsigned long long)ask_number(program, "pid"), ask_text(program, "configuration"),
	    ask_duration(ask_number(program, "uptime_ms"), up),
	    json_is_true(json_object_get(program, "draining")) ? "  draining" : "");
}

static void print_service(const json_t *service)
{
	const json_t *used_up = json_object_get(service, "used_up");
	char sent[ASK_TEXT_MAX], received[ASK_TEXT_MAX];
	const char *id;
	json_t *reason;

	printf("%-16s %-7s %-9s %5llu %5llu %7llu %10s %10s %7llu %7llu  %s -> %s\n", ask_text(service, "session"),
	    ask_text(service, "role"), ask_text(service, "state"), (unsigned long long)ask_number(service, "open"),
	    (unsigned long long)ask_number(service, "half_open"),
	    (unsigned long long)ask_number(service, "connections"), ask_bytes(ask_number(service, "sent_bytes"), sent),
	    ask_bytes(ask_number(service, "received_bytes"), received),
	    (unsigned long long)ask_number(service, "refused"), (unsigned long long)alert_count(service),
	    ask_text(service, "listen"), ask_text(service, "connect"));
	json_object_foreach(json_object_get(service, "accepted"), id, reason)
	    printf("  accepted  %s: %s\n", id, json_string_value(reason));
	if (json_is_object(used_up))
		printf("  %s: %s\n", ask_text(used_up, "text"), ask_text(used_up, "help"));
}

static const char *age(const json_t *object, const char *name, char out[ASK_TEXT_MAX])
{
	return json_is_integer(json_object_get(object, name)) ? ask_duration(ask_number(object, name), out) : "-";
}

static const char *bytes_of(const json_t *connection, const char *way, char out[ASK_TEXT_MAX])
{
	return ask_bytes(ask_number(json_object_get(connection, way), "bytes"), out);
}

/* Where there are several, they need not be of the same age. */
static void print_keys(const json_t *keys)
{
	const json_t *key;
	char old[ASK_TEXT_MAX];
	size_t i;

	if (json_array_size(keys) < 2)
		return;
	fputs("  keys", stdout);
	json_array_foreach(keys, i, key) printf("%s  %s: epoch %llu, %s", i ? " " : "", ask_text(key, "name"),
	    (unsigned long long)ask_number(key, "epoch"), age(key, "age_ms", old));
	putchar('\n');
}

static void print_connection(const json_t *connection)
{
	char old[ASK_TEXT_MAX], heard[ASK_TEXT_MAX], sent[ASK_TEXT_MAX], received[ASK_TEXT_MAX], memory[ASK_TEXT_MAX];
	bool open = strcmp(ask_text(connection, "state"), "open") == 0;

	printf("%-16s %-12s %10s %5llu %10s %10s %7llu %7llu %10s %10s  %s%s\n", ask_text(connection, "id"),
	    open ? ask_text(connection, "peer") : "(opening)", age(connection, "age_ms", old),
	    (unsigned long long)ask_number(connection, "epoch"), bytes_of(connection, "sent", sent),
	    bytes_of(connection, "received", received), (unsigned long long)ask_number(connection, "refused"),
	    (unsigned long long)alert_count(connection), age(connection, "heard_ms", heard),
	    ask_bytes(ask_number(connection, "memory"), memory), ask_text(connection, "address"),
	    json_is_true(json_object_get(connection, "former")) ? "  (former configuration)" : "");
	print_keys(json_object_get(connection, "keys"));
}

static void print_rows(const json_t *rows, void (*print)(const json_t *row))
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) print(row);
}

static void print_all(const struct status *status)
{
	print_program(status->program);
	printf("\n%-16s %-7s %-9s %5s %5s %7s %10s %10s %7s %7s  %s\n", "SESSION", "ROLE", "STATE", "OPEN", "HALF",
	    "SO FAR", "SENT", "RECEIVED", "REFUSED", "ALERTS", "LISTENS -> CONNECTS");
	print_rows(status->services, print_service);
	if (json_array_size(status->connections) == 0)
		return;
	printf("\n%-16s %-12s %10s %5s %10s %10s %7s %7s %10s %10s  %s\n", "CONNECTION", "PEER", "AGE", "EPOCH", "SENT",
	    "RECEIVED", "REFUSED", "ALERTS", "HEARD", "MEMORY", "ADDRESS");
	print_rows(status->connections, print_connection);
}

int cmd_status(const struct cli *cli)
{
	struct status status = { .services = json_array(), .connections = json_array() };
	const struct ask how = { .context = &status, .more = collect };
	json_t *last;
	int result = ask(cli, "status", ask_target(cli), &how, &last);

	if (result == CLI_OK && cli_has(cli, "json"))
		result = cli_answer_json(json_pack("{s:O, s:O, s:O, s:O}", "program", status.program, "services",
		    status.services, "connections", status.connections, "totals", json_object_get(last, "totals")));
	else if (result == CLI_OK)
		print_all(&status);
	json_decref(last);
	json_decref(status.program);
	json_decref(status.services);
	json_decref(status.connections);
	return result;
}
