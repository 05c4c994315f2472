/* SPDX-License-Identifier: Apache-2.0 */
/* ask.c - one request to a control socket, and its answers (see ask.h). */
#include "cli/ask.h"
#include "cli/control/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

struct talk {
	int fd;
	FILE *stream; /* to read from it */
	char *line;
	size_t room;
};

static void complain_silent(int fd)
{
	struct ucred peer = { .pid = 0 };
	socklen_t length = sizeof(peer);

	(void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length);
	cli_complain("the program (process %ld) has not answered within ten seconds", (long)peer.pid);
	cli_help_line("is it stopped, or does it get no processor time?   ps -o pid,state,time,args -p %ld", (long)peer.pid);
}

/* NULL: it has complained. */
static json_t *next_line(struct talk *talk)
{
	json_error_t error;
	json_t *object = NULL;
	ssize_t length;

	errno = 0;
	length = getline(&talk->line, &talk->room, talk->stream);
	if (length > 0)
		object = json_loadb(talk->line, (size_t)length, 0, &error);
	if (object)
		return object;
	if (length > 0)
		cli_complain("the program's answer is no JSON: %s", error.text);
	else if (errno == EAGAIN)
		complain_silent(talk->fd);
	else
		cli_complain("the program has ended");
	return NULL;
}

static int complain_answer(const json_t *error)
{
	const char *text = json_string_value(json_object_get(error, "text"));
	const char *remedy = json_string_value(json_object_get(error, "remedy"));

	cli_complain("%s", text ? text : "the program refused, and did not say why");
	if (remedy && *remedy)
		cli_help_line("%s", remedy);
	return CLI_FAILED;
}

static int greet(struct talk *talk)
{
	json_t *greeting = next_line(talk);
	const json_t *version = json_object_get(greeting, "seccomm"), *error = json_object_get(greeting, "error");
	int status = CLI_USAGE;

	if (error)
		complain_answer(error);
	else if (greeting && json_integer_value(version) != CONTROL_VERSION)
		cli_complain(
		    "the program speaks another version of the control protocol than this one; ask it with the "
		    "seccomm that it was started with");
	else if (greeting)
		status = CLI_OK;
	json_decref(greeting);
	return status;
}

static bool send_request(const struct talk *talk, const char *command, json_t *arguments)
{
	json_t *request = json_pack("{s:i, s:s}", "id", 1, "command", command);
	char *text = NULL;
	bool sent = false;

	if (request && (!arguments || json_object_update(request, arguments) == 0))
		text = json_dumps(request, JSON_COMPACT);
	if (text) {
		size_t length = strlen(text);

		text[length] = '\n'; /* in place of the final NUL; it is short enough for the socket's buffer */
		sent = send(talk->fd, text, length + 1, MSG_NOSIGNAL) == (ssize_t)length + 1;
	}
	if (!sent)
		cli_complain("the program takes no request: %s", text ? strerror(errno) : "out of memory");
	free(text);
	json_decref(request);
	return sent;
}

static void wait_for_ever(int fd)
{
	const struct timeval never = { .tv_sec = 0 };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &never, sizeof(never));
}

static int listen_to(struct talk *talk, const struct ask *how, json_t **last)
{
	json_t *answer;

	if (how && how->patient)
		wait_for_ever(talk->fd);
	while ((answer = next_line(talk))) {
		const json_t *error = json_object_get(answer, "error");
		bool more = json_is_true(json_object_get(answer, "more"));
		int status = error ? complain_answer(error) : CLI_OK;

		if (more && !error && (!how || !how->more || how->more(how->context, answer))) {
			json_decref(answer);
			continue;
		}
		if (last && !error && !more)
			*last = json_incref(answer);
		json_decref(answer);
		return status;
	}
	return CLI_FAILED;
}

int ask(const struct cli *cli, const char *command, json_t *arguments, const struct ask *how, json_t **last)
{
	struct talk talk = { .fd = ask_dial(cli) };
	int status = CLI_USAGE;

	if (last)
		*last = NULL;
	if (talk.fd >= 0)
		talk.stream = fdopen(talk.fd, "r");
	if (talk.stream)
		status = greet(&talk);
	if (status == CLI_OK)
		status = send_request(&talk, command, arguments) ? listen_to(&talk, how, last) : CLI_FAILED;
	json_decref(arguments);
	free(talk.line);
	if (talk.stream)
		fclose(talk.stream);
	return status;
}
