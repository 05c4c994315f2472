/* SPDX-License-Identifier: Apache-2.0 */
/*
 * socket.c - clients of the control socket (see socket.h).
 *
 * A client's requests are not read while answers wait for it, so an answer is never cut, and memory is bounded by what
 * there is to tell.  It is freed only at the end of an event of its own, never while it is being answered.
 */
#include "cli/control/socket.h"
#include "cli/control/control.h"
#include "cli/control/place.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PAUSE_MS = 100 };

struct client {
	TAILQ_ENTRY(client) all;
	struct control_socket *socket;
	struct control_client *control;
	struct transport_watch *watch;
	int fd;
	char in[CONTROL_LINE_MAX]; /* lines that were not read yet, and the start of one */
	size_t in_length;
	char *out; /* what the socket did not take */
	size_t out_start, out_end, out_room;
	bool ended; /* it sends nothing more that would be read */
	bool lost; /* to be dropped */
};

struct control_socket {
	struct program *program;
	struct control_place place;
	struct transport_watch *watch;
	struct transport_timer *pause;
	TAILQ_HEAD(, client) clients;
	size_t count;
};

/* ---- Out ---- */

static size_t waiting(void *context)
{
	const struct client *client = context;

	return client->out_end - client->out_start;
}

static void flush(struct client *client)
{
	while (waiting(client) && !client->lost) {
		ssize_t n = send(client->fd, client->out + client->out_start, waiting(client), MSG_NOSIGNAL);

		if (n >= 0)
			client->out_start += (size_t)n;
		else if (errno == EAGAIN)
			return;
		else if (errno != EINTR)
			client->lost = true;
	}
	free(client->out);
	client->out = NULL;
	client->out_start = client->out_end = client->out_room = 0;
}

/* Room for LENGTH more bytes behind what waits; at least half of the buffer is always in use. */
static bool reserve(struct client *client, size_t length)
{
	size_t needed = waiting(client) + length;
	char *more;

	if (client->out_start > waiting(client)) {
		memmove(client->out, client->out + client->out_start, waiting(client));
		client->out_end -= client->out_start;
		client->out_start = 0;
	}
	if (client->out_end + length <= client->out_room)
		return true;
	more = realloc(client->out, client->out_start + 2 * needed);
	if (!more)
		return false;
	client->out = more;
	client->out_room = client->out_start + 2 * needed;
	return true;
}

/* Requests are not read while answers wait; who is lost is looked at by the loop at once. */
static void watch(struct client *client)
{
	unsigned events = client->lost      ? TRANSPORT_READABLE | TRANSPORT_WRITABLE
			  : waiting(client) ? TRANSPORT_WRITABLE
			  : client->ended   ? 0
					    : TRANSPORT_READABLE;

	if (client->watch)
		transport_watch_for(client->watch, events);
}

static void send_line(void *context, const char *line, size_t length)
{
	struct client *client = context;

	if (client->lost)
		return;
	if (reserve(client, length)) {
		memcpy(client->out + client->out_end, line, length);
		client->out_end += length;
		flush(client);
	} else {
		client->lost = true; /* half an answer is worse than none */
	}
	watch(client);
}

/* ---- In ---- */

/* Answers the lines that are whole, as long as no answer waits.  The last one may lack its line feed: JSON shows a cut. */
static void take_lines(struct client *client)
{
	size_t start = 0;

	while (!client->lost && !waiting(client) && start < client->in_length) {
		const char *line = client->in + start, *feed = memchr(line, '\n', client->in_length - start);
		const size_t length = feed ? (size_t)(feed - line) : client->in_length - start;

		if (!feed && !client->ended)
			break;
		control_line(client->control, line, length);
		start += length + (feed != NULL);
	}
	client->in_length -= start;
	memmove(client->in, client->in + start, client->in_length);
}

static void refuse_long_line(struct client *client)
{
	if (client->ended || client->in_length < CONTROL_LINE_MAX || memchr(client->in, '\n', client->in_length))
		return;
	client->in_length = 0;
	client->ended = true;
	control_too_long(client->control);
}

static void receive(struct client *client)
{
	ssize_t n = recv(client->fd, client->in + client->in_length, CONTROL_LINE_MAX - client->in_length, 0);

	if (n > 0)
		client->in_length += (size_t)n;
	else if (n == 0)
		client->ended = true;
	else if (errno != EAGAIN && errno != EINTR)
		client->lost = true;
}

static void drop(struct client *client)
{
	TAILQ_REMOVE(&client->socket->clients, client, all);
	client->socket->count--;
	control_leave(client->control);
	transport_watch_free(client->watch);
	free(client->out);
	free(client);
}

static void possible(void *context, unsigned events)
{
	struct client *client = context;

	if (events & TRANSPORT_WRITABLE)
		flush(client);
	if ((events & TRANSPORT_READABLE) && !client->ended && !waiting(client) && !client->lost)
		receive(client);
	take_lines(client);
	refuse_long_line(client);
	if (client->lost || (client->ended && !waiting(client)))
		drop(client);
	else
		watch(client);
}

/* ---- Clients ---- */

static void write_once(void *context, const char *line, size_t length)
{
	/* What does not fit into an empty socket's buffer is lost: it is only a reason. */
	(void)send(*(const int *)context, line, length, MSG_NOSIGNAL);
}

static void turn_away(int fd, const char *text, const char *remedy)
{
	const struct control_wire wire = { .context = &fd, .send = write_once };

	control_refuse(&wire, text, remedy);
	close(fd);
}

/* Who may command the program is who could stop it anyway. */
static bool may_command(int fd)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 && (peer.uid == geteuid() || peer.uid == 0);
}

static void greet(struct control_socket *socket, int fd)
{
	struct client *client = calloc(1, sizeof(*client));
	const struct control_wire wire = { .context = client, .send = send_line, .waiting = waiting };

	if (!client) {
		close(fd);
		return;
	}
	client->socket = socket;
	client->fd = fd;
	TAILQ_INSERT_TAIL(&socket->clients, client, all);
	socket->count++;
	client->watch = transport_watch_new(socket->program->loop, fd, possible, client);
	if (client->watch)
		client->control = control_join(socket->program->control, &wire);
	else
		close(fd);
	if (client->control)
		watch(client);
	else
		drop(client);
}

static void resume(void *context)
{
	transport_watch_for(((struct control_socket *)context)->watch, TRANSPORT_READABLE);
}

static void connected(void *context, unsigned events)
{
	struct control_socket *socket = context;
	int fd = accept4(socket->place.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)events;
	if (fd < 0) {
		/* Without a descriptor the socket stays readable: do not spin on it. */
		transport_watch_for(socket->watch, 0);
		transport_timer_set(socket->pause, PAUSE_MS, 0);
	} else if (!may_command(fd)) {
		turn_away(fd, "this program is another user's", "ask as that user, or as root");
	} else if (socket->count == CONTROL_CLIENTS_MAX) {
		turn_away(fd, "32 clients are connected already", "end one of them");
	} else {
		greet(socket, fd);
	}
}

/* ---- The socket ---- */

static bool attach(struct control_socket *socket)
{
	struct program *program = socket->program;

	program->control = control_new(program);
	socket->pause = transport_timer_new(program->loop, resume, socket);
	socket->watch = transport_watch_new(program->loop, socket->place.fd, connected, socket);
	if (!socket->watch)
		close(socket->place.fd);
	else
		transport_watch_for(socket->watch, TRANSPORT_READABLE);
	return program->control && socket->pause && socket->watch;
}

struct control_socket *control_socket_open(
    struct program *program, const char *path, struct complaints *to, bool *taken)
{
	struct control_socket *socket = calloc(1, sizeof(*socket));

	*taken = false;
	if (!socket) {
		complain(to, "out of memory");
		return NULL;
	}
	if (!control_place_take(&socket->place, path, to, taken)) {
		free(socket);
		return NULL;
	}
	socket->program = program;
	TAILQ_INIT(&socket->clients);
	if (attach(socket))
		return socket;
	complain(to, "out of memory");
	control_socket_close(socket);
	return NULL;
}

const char *control_socket_path(const struct control_socket *socket)
{
	return socket->place.path;
}

void control_socket_close(struct control_socket *socket)
{
	struct client *client;

	if (!socket)
		return;
	while ((client = TAILQ_FIRST(&socket->clients)))
		drop(client);
	control_free(socket->program->control);
	socket->program->control = NULL;
	transport_watch_free(socket->watch);
	transport_timer_free(socket->pause);
	control_place_leave(&socket->place);
	free(socket);
}
