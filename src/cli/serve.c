/* SPDX-License-Identifier: Apache-2.0 */
/* serve.c - services for sessions, their log, and an orderly end (see serve.h). */
#include "cli/serve.h"
#include "cli/judged.h"
#include "cli/keyring.h"
#include "cli/log.h"
#include "transport/transport.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { DRAIN_MS = 5000, ALERTS = 64, CROWDED = ALERTS, FAILED, FAULTS, LIMITS, EXIT_AT_ONCE = 130 };

struct server {
	const struct cli *cli;
	struct transport_loop *loop;
	struct seccomm_keyring *keyring;
	struct transport_service **services;
	size_t count;
	unsigned drain_ms;
	bool waits; /* a name is still being looked up */
	bool draining;
	struct log_limit limits[LIMITS]; /* of alerts by id, then of CROWDED and so on */
	uint64_t untold; /* what was suppressed and not yet counted in the log */
};

/* ---- The log ---- */

static uint64_t now_us(void)
{
	const struct cactus_platform *platform = seccomm_platform_default();

	return platform->monotonic_us(platform->context);
}

static void begin(struct log_line *line, enum log_level level, const char *event, const struct transport_event *about)
{
	log_begin(line, level, event);
	log_text(line, "session", about->service);
	if (about->connection)
		log_number(line, "connection", about->connection);
	log_text(line, "addr", about->address);
}

static void put_peer(struct log_line *line, const struct seccomm_principal *peer)
{
	char text[SECCOMM_FINGERPRINT_TEXT];

	if (!peer)
		return;
	seccomm_fingerprint_text(peer->fingerprint, text);
	log_text(line, "peer", peer->name);
	log_text(line, "fingerprint", text);
}

static void log_opened(const struct transport_event *event)
{
	struct log_line line;

	begin(&line, LOG_INFO_LEVEL, "opened", event);
	put_peer(&line, event->peer);
	log_number(&line, "us", event->us);
	log_write(&line, STDERR_FILENO);
}

static void log_closed(const struct transport_event *event)
{
	struct log_line line;

	begin(&line, LOG_INFO_LEVEL, "closed", event);
	log_text(&line, "peer", event->peer ? event->peer->name : NULL);
	log_number(&line, "sent", event->sent);
	log_number(&line, "received", event->received);
	if (event->dropped)
		log_number(&line, "dropped", event->dropped);
	log_number(&line, "ms", event->us / 1000);
	log_text(&line, "reason", *event->text ? event->text : NULL);
	log_write(&line, STDERR_FILENO);
}

static void log_moved(const struct transport_event *event)
{
	struct log_line line;

	begin(&line, LOG_INFO_LEVEL, "moved", event);
	log_text(&line, "from", event->text);
	log_write(&line, STDERR_FILENO);
}

/* The transport tells each reason at most once a second. */
static void log_dropped(const struct transport_event *event)
{
	struct log_line line;

	begin(&line, LOG_WARNING_LEVEL, "dropped", event);
	log_number(&line, "datagrams", event->dropped);
	log_text(&line, "reason", event->text);
	log_write(&line, STDERR_FILENO);
}

static bool limited(struct server *server, unsigned which)
{
	bool is = log_limited(&server->limits[which], now_us());

	server->untold += is;
	return is;
}

static void put_suppressed(struct log_line *line, struct server *server, unsigned which)
{
	server->untold -= server->limits[which].suppressed;
	log_suppressed(line, &server->limits[which]);
}

/* One line of the log; a detail of several lines (what differs between two configurations) is written with \n. */
static void log_alert(struct server *server, const struct transport_event *event)
{
	const struct seccomm_alert *alert = event->alert;
	struct log_line line;
	char id[16];

	if (limited(server, (unsigned)alert->id % ALERTS))
		return;
	snprintf(id, sizeof(id), "SA-%03u", (unsigned)alert->id);
	begin(&line, alert->fatal ? LOG_ERROR_LEVEL : LOG_WARNING_LEVEL, event->peer ? "alert" : "refused", event);
	log_text(&line, "id", id);
	log_text(&line, "layer", alert->layer);
	log_text(&line, "text", seccomm_alert_text(alert->id));
	log_text(&line, "detail", alert->detail && *alert->detail ? alert->detail : NULL);
	log_text(&line, "peer", event->peer ? event->peer->name : NULL);
	put_suppressed(&line, server, (unsigned)alert->id % ALERTS);
	log_write(&line, STDERR_FILENO);
}

static const char *name_of(unsigned which)
{
	return which < ALERTS ? "alerts" : which == FAILED ? "connect-failed" : "error";
}

/* Says how much was not written, once its second is over, or NOW: a count that is never told is lost. */
static void tell_suppressed(struct server *server, bool now)
{
	struct log_line line;
	char id[16];

	for (unsigned i = 0; i < LIMITS && server->untold; i++) {
		const struct log_limit *limit = &server->limits[i];

		if (limit->suppressed == 0 || (!now && now_us() - limit->since_us < LOG_SECOND_US))
			continue;
		snprintf(id, sizeof(id), "SA-%03u", i);
		log_begin(&line, LOG_WARNING_LEVEL, name_of(i));
		log_text(&line, "id", i < ALERTS ? id : NULL);
		log_text(&line, "text",
		    i < ALERTS ? seccomm_alert_text((enum seccomm_alert_id)i) : "there were more of them");
		put_suppressed(&line, server, i);
		log_write(&line, STDERR_FILENO);
	}
}

static void log_limited_text(struct server *server, unsigned which, const struct transport_event *event)
{
	struct log_line line;

	if (limited(server, which))
		return;
	begin(&line, LOG_ERROR_LEVEL, name_of(which), event);
	log_text(&line, "text", event->text);
	put_suppressed(&line, server, which);
	log_write(&line, STDERR_FILENO);
}

static void idle(struct server *server);

static void happened(void *context, const struct transport_event *event)
{
	struct server *server = context;

	tell_suppressed(server, false);
	switch (event->kind) {
	case TRANSPORT_OPENED:
		log_opened(event);
		break;
	case TRANSPORT_CLOSED:
		log_closed(event);
		break;
	case TRANSPORT_MOVED:
		log_moved(event);
		break;
	case TRANSPORT_ALERT:
		log_alert(server, event);
		break;
	case TRANSPORT_DROPPED:
		log_dropped(event);
		break;
	case TRANSPORT_CONNECT_FAILED:
		log_limited_text(server, FAILED, event);
		break;
	case TRANSPORT_CROWDED:
		log_limited_text(server, CROWDED, event);
		break;
	case TRANSPORT_NO_DESCRIPTORS:
	case TRANSPORT_FAULT:
		log_limited_text(server, FAULTS, event);
		break;
	case TRANSPORT_IDLE:
		idle(server);
		break;
	}
}

static void log_simple(const char *event, const char *name, const char *value)
{
	struct log_line line;

	log_begin(&line, LOG_INFO_LEVEL, event);
	log_text(&line, name, value);
	log_write(&line, STDERR_FILENO);
}

/* ---- The end ---- */

static void idle(struct server *server)
{
	size_t left = 0;

	for (size_t i = 0; i < server->count; i++)
		left += server->services[i] ? transport_service_connections(server->services[i]) : 0;
	if (server->draining && left == 0)
		transport_loop_stop(server->loop);
}

static void drained(void *context)
{
	transport_loop_stop(((struct server *)context)->loop);
}

static void signalled(void *context, int number)
{
	struct server *server = context;

	if (server->draining)
		_exit(EXIT_AT_ONCE);
	for (size_t i = 0; i < server->count; i++)
		transport_service_drain(server->services[i]);
	log_simple("draining", "signal", number == SIGINT ? "SIGINT" : number == SIGHUP ? "SIGHUP" : "SIGTERM");
	server->draining = true;
	transport_loop_alarm(server->loop, server->drain_ms, drained, server);
	idle(server);
}

/* ---- The beginning ---- */

void serve_prepare_process(void)
{
	struct rlimit files;

	signal(SIGPIPE, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

static bool start(struct server *server, const struct check_session *session)
{
	struct transport_service_config config = { .name = session->name,
		.role = session->role,
		.plan = session->plan,
		.keyring = server->keyring,
		.context = server,
		.event = happened };
	struct transport_service *service;
	char text[TRANSPORT_WHY_MAX], url[CONFIG_URL_MAX];
	const char *why;
	struct log_line line;

	if (config_url_parse(session->listen, &config.listen, &why) < 0 ||
	    config_url_parse(session->connect, &config.connect, &why) < 0 ||
	    transport_service_start(server->loop, &config, &service, text) < 0) {
		cli_complain("session '%s': %s", session->name, why ? why : text);
		return false;
	}
	server->services[server->count++] = service;
	config_url_format(transport_service_bound(service), url);
	log_begin(&line, LOG_INFO_LEVEL, "listening");
	log_text(&line, "session", session->name);
	log_text(&line, "addr", url);
	log_text(&line, "connect", session->connect);
	log_text(&line, "role", session->role == SECCOMM_CLIENT ? "client" : "server");
	log_write(&line, STDERR_FILENO);
	return true;
}

static int run(struct server *server, const struct check_session *const *sessions, size_t count)
{
	/* Before the first log line: who reads it may send a signal at once. */
	bool started = transport_loop_signals(server->loop, signalled, server) == 0;

	if (!started)
		cli_complain("signals cannot be caught");
	for (size_t i = 0; i < count && started; i++)
		started = start(server, sessions[i]);
	if (started)
		transport_loop_run(server->loop);
	for (size_t i = 0; i < server->count; i++) {
		transport_service_free(server->services[i]);
		server->services[i] = NULL;
	}
	tell_suppressed(server, true);
	if (started)
		log_simple("stopped", "session", NULL);
	return started ? CLI_OK : CLI_FAILED;
}

static int serve(struct server *server, const struct check_session *const *sessions, size_t count)
{
	int status = CLI_FAILED;

	serve_prepare_process();
	server->services = calloc(count, sizeof(struct transport_service *));
	server->loop = transport_loop_new();
	if (server->services && server->loop)
		status = run(server, sessions, count);
	else
		cli_complain("out of memory");
	free(server->services);
	server->waits = !transport_loop_free(server->loop);
	return status;
}

void serve_findings(const struct check_result *result, const char *text, size_t length)
{
	bool colour = isatty(STDERR_FILENO) && !getenv("NO_COLOR");

	for (size_t i = 0; i < result->finding_count; i++) {
		char *shown = check_finding_text(result, &result->findings[i], text, length, colour);

		fputs(shown ? shown : result->findings[i].message, stderr);
		free(shown);
	}
}

/* The sessions to run: all, or the one called ONLY.  0: there is none, and it has complained. */
static size_t choose(const struct check_result *result, const char *only, const struct check_session **out)
{
	size_t count = 0;

	for (size_t i = 0; i < result->session_count; i++)
		if (!only || strcmp(result->sessions[i].name, only) == 0)
			out[count++] = &result->sessions[i];
	if (count == 0)
		cli_complain(
		    "%s: there is no session%s%s%s", result->file, only ? " '" : "", only ? only : "", only ? "'" : "");
	return count;
}

static int serve_result(
    struct server *server, struct seccomm *library, const struct check_result *result, const char *only)
{
	const struct check_session **sessions = calloc(result->session_count + 1, sizeof(*sessions));
	size_t count = sessions ? choose(result, only, sessions) : 0;
	int status = CLI_USAGE;

	if (count)
		server->keyring = keyring_load(library, server->cli->home, sessions, count);
	if (server->keyring)
		status = serve(server, sessions, count);
	seccomm_keyring_free(server->keyring);
	free(sessions);
	if (server->waits) /* exit() would wait for the name that is being looked up */
		_exit(status);
	return status;
}

bool serve_drain(const char *text, unsigned *milliseconds)
{
	if (cli_duration(text, milliseconds))
		return true;
	cli_complain("'%s' is not a time; write 500ms, 5s or 2m", text);
	return false;
}

int serve_text(const struct cli *cli, const char *file, const char *text, size_t length, const char *only)
{
	struct server server = { .cli = cli, .drain_ms = DRAIN_MS };
	const char *drain = cli_value(cli, "drain");
	struct seccomm *library;
	struct judged judged;
	int status = CLI_FAILED;

	if (drain && !serve_drain(drain, &server.drain_ms))
		return CLI_USAGE;
	library = cli_library();
	if (!library)
		return CLI_FAILED;
	if (judged_text(&judged, library, file, text, length)) {
		serve_findings(judged.result, text, length);
		status = judged.result->errors ? CLI_USAGE : serve_result(&server, library, judged.result, only);
		judged_free(&judged);
	}
	seccomm_free(library);
	return status;
}
