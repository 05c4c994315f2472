/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: whatever lines come through the control socket, each is answered by lines of JSON and does nothing but what it
 * says; a client that takes nothing costs no memory.
 *
 * Input: whether the client takes what it is sent (1) || lines.  One that begins with ! is no request: something
 * happens.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/control/private.h"
#include "cli/home.h"
#include "ends.h"

enum { TEXT_MAX = 1024 };
static const char secret[] = "scp1qgzqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgnnwf05";
static const char configuration[] =
    "seccomm: 1\nsessions:\n"
    "  db: {role: server, listen: 'unix:%s/db.sock', connect: 'unix:%s/none', stack: [anti-replay: "
    "sequence, encrypt: aes-256-gcm], keys: {data: {establish: psk, secret: shared}}}\n"
    "  web: {role: client, listen: 'unix:%s/web.sock', connect: 'unix:%s/none', stack: [anti-replay: "
    "sequence, encrypt: aes-256-gcm], keys: {data: {establish: psk, secret: shared}}}\n";

/* libFuzzer hands a target nothing but the input, so what serves several of them lies in a variable of the process. */
struct running {
	char text[TEXT_MAX + 4 * PATH_MAX];
	struct setup_source source;
	struct transport_loop *loop;
	struct program program;
	bool runs;
};

/* ---- The program ---- */

static void prepare(struct running *r)
{
	const char *home = fuzz_home();
	char path[PATH_MAX];

	must(
	    home_path(NULL, home, "keys", "shared", ".psk", path) && home_create(path, secret), "a key can be written");
	snprintf(r->text, sizeof(r->text), configuration, home, home, home, home);
	r->source = (struct setup_source){ .home = home, .name = "fuzz", .file = "fuzz.yaml", .text = r->text };
	r->loop = transport_loop_new();
	must(r->loop != NULL, "there is a loop");
}

static void start(struct running *r)
{
	struct setup *setup;

	program_init(&r->program, composition_library(), r->loop, &r->source);
	log_open(&r->program.journal.log, -1, LOG_LOGFMT);
	r->program.control = control_new(&r->program);
	setup = setup_read(composition_library(), &r->source, false, NULL);
	must(r->program.control != NULL && setup != NULL && setup_ready(setup) &&
		 program_start(&r->program, setup, NULL),
	    "the program runs");
	setup_release(setup);
	r->runs = true;
}

static void turned(void *context)
{
	transport_loop_stop(context);
}

/* What was closed is released by the loop. */
static void turn(struct running *r)
{
	struct transport_timer *timer = transport_timer_new(r->loop, turned, r->loop);

	must(timer != NULL, "there is memory");
	transport_timer_set(timer, 0, 0);
	transport_loop_run(r->loop);
	transport_timer_free(timer);
}

static void stop(struct running *r)
{
	struct control *control = r->program.control;

	program_free(&r->program);
	control_free(control);
	turn(r);
	r->runs = false;
}

static struct running *running(void)
{
	static struct running r;

	if (r.loop == NULL)
		prepare(&r);
	if (!r.runs)
		start(&r);
	return &r;
}

/* ---- The client ---- */

struct client {
	size_t waiting; /* what it says that it has not taken */
	unsigned lines, ends;
};

static void take(void *context, const char *line, size_t length)
{
	struct client *client = context;
	json_t *object = json_loadb(line, length, 0, NULL);

	must(length > 0 && line[length - 1] == '\n' && memchr(line, '\n', length - 1) == NULL, "an answer is one line");
	must(json_is_object(object), "an answer is an object");
	client->lines++;
	client->ends += json_object_get(object, "done") != NULL || json_object_get(object, "error") != NULL;
	json_decref(object);
}

static size_t waiting(void *context)
{
	return ((struct client *)context)->waiting;
}

/* An alert with the text behind the !, for those who follow. */
static void happen(struct program *program, struct input *input)
{
	char *line = input_text(input, '\n');
	const char *text = line + 1;
	const struct seccomm_alert alert = { .id = SECCOMM_ALERT_BAD_TAG, .layer = text, .count = 1, .detail = text };
	const struct transport_event event = { .kind = TRANSPORT_ALERT,
		.service = "db",
		.address = text,
		.alert = &alert,
		.text = text,
		.connection = 7 };
	const struct recent_alert *note = recent_add(&program->recent, &event);

	if (note != NULL)
		control_alerted(program->control, note);
	free(line);
}

/* One line, in memory of just its size, so that a step beyond is seen. */
static void hand_in(struct running *r, struct control_client *joined, struct client *client, struct input *input)
{
	const uint8_t *feed = memchr(input->at, '\n', input->left);
	size_t length = feed != NULL ? (size_t)(feed - input->at) : input->left;
	char *line = malloc(length > 0 ? length : 1);
	unsigned lines = client->lines, ends = client->ends;

	must(line != NULL, "there is memory");
	memcpy(line, input_take(input, &length), length);
	control_line(joined, line, length);
	must(client->lines > lines && client->ends <= ends + 1, "a request is answered, and ends once");
	must(r->program.setup != NULL && program_find(&r->program, "db") != NULL, "the program goes on");
	free(line);
	(void)input_u8(input);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	struct client client = { .waiting = (input_u8(&input) & 1) != 0 ? CONTROL_WAITING_MAX + 1 : 0 };
	const struct control_wire wire = { .context = &client, .send = take, .waiting = waiting };
	struct running *r = running();
	struct control_client *joined = control_join(r->program.control, &wire);

	must(joined != NULL && client.lines == 1, "a client is greeted");
	while (input.left > 0) {
		if (*input.at == '!')
			happen(&r->program, &input);
		else
			hand_in(r, joined, &client, &input);
	}
	control_leave(joined);
	must(TAILQ_EMPTY(&r->program.control->follows), "nobody follows when all have left");
	if (r->program.draining)
		stop(r);
	return 0;
}
