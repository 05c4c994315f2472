/* SPDX-License-Identifier: Apache-2.0 */
/* program.c - starting, watching and ending the sessions of a program (see program.h). */
#include "cli/program.h"
#include "cli/control/control.h"
#include "seccomm/keyring_compare.h"

#include <stdlib.h>
#include <string.h>

uint64_t program_now_us(void)
{
	const struct cactus_platform *platform = seccomm_platform_default();

	return platform->monotonic_us(platform->context);
}

/* ---- The end ---- */

size_t program_connections(const struct program *program)
{
	const struct served *served;
	size_t count = 0;

	TAILQ_FOREACH(served, &program->served, all)
	count += transport_service_connections(served->service);
	return count;
}

static void end_if_idle(struct program *program)
{
	if (program->draining && program_connections(program) == 0)
		transport_loop_stop(program->loop);
}

void served_free(struct served *served)
{
	TAILQ_REMOVE(&served->program->served, served, all);
	transport_service_free(served->service);
	transport_timer_free(served->limit);
	setup_release(served->setup);
	free(served);
}

static void limit_reached(void *context)
{
	struct served *served = context;
	struct program *program = served->program;

	served_free(served);
	end_if_idle(program);
}

/* Without memory for a timer it ends with the program. */
static void end_later(struct served *served, unsigned milliseconds)
{
	if (!served->limit)
		served->limit = transport_timer_new(served->program->loop, limit_reached, served);
	if (served->limit)
		transport_timer_set(served->limit, milliseconds, 0);
}

void served_retire(struct served *served, struct served *successor, unsigned limit_ms)
{
	struct served *former;

	served->retired = true;
	/* What a reload of peers alone has left of this session ends with it. */
	TAILQ_FOREACH (former, &served->program->served, all)
		if (limit_ms && former->retired && !former->limit &&
		    strcmp(former->session->name, served->session->name) == 0)
			end_later(former, limit_ms);
	transport_service_retire(served->service, successor ? successor->service : NULL);
}

static void drained(void *context)
{
	transport_loop_stop(((struct program *)context)->loop);
}

void program_drain(struct program *program, unsigned milliseconds, const char *by)
{
	struct served *served, *next;

	program->draining = true;
	for (served = TAILQ_FIRST(&program->served); served; served = next) {
		next = TAILQ_NEXT(served, all);
		transport_service_drain(served->service);
	}
	if (!program->drain_limit)
		program->drain_limit = transport_timer_new(program->loop, drained, program);
	if (program->drain_limit)
		transport_timer_set(program->drain_limit, milliseconds, 0);
	journal_simple(&program->journal, "draining", "by", by);
	notify_send(&program->notify, "STOPPING=1\nSTATUS=draining");
	end_if_idle(program);
}

/* ---- What services tell ---- */

bool program_allows(const struct program *program, const struct served *served, const struct seccomm_principal *peer)
{
	const struct served *present = program_find(program, served->session->name);
	static const char *const anybody = "*";

	if (!served->session->identity) /* the holders of a pre-shared secret: another secret is another session */
		return true;
	if (!present)
		return keyring_allows(program->setup->keyring, &anybody, 1, peer->fingerprint);
	return keyring_allows(
	    present->setup->keyring, present->session->peers, present->session->peer_count, peer->fingerprint);
}

static void opened(struct served *served, const struct transport_event *event)
{
	/* It began under a configuration that is no more. */
	if (served->retired && !program_allows(served->program, served, event->peer))
		transport_service_end(served->service, event->connection, "the peer is not allowed any more");
	control_opened(served->program->control, served, event->connection);
}

static void alerted(struct served *served, const struct transport_event *event)
{
	struct program *program = served->program;
	const struct recent_alert *note = recent_add(&program->recent, event);

	served->alerts[(unsigned)event->alert->id % JOURNAL_ALERTS]++;
	if (note)
		control_alerted(program->control, note);
}

static void happened(void *context, const struct transport_event *event)
{
	struct served *served = context;
	struct program *program = served->program;

	journal_event(&program->journal, event);
	switch (event->kind) {
	case TRANSPORT_OPENED:
		opened(served, event);
		break;
	case TRANSPORT_ALERT:
		alerted(served, event);
		break;
	case TRANSPORT_CLOSED:
		served->sent += event->sent;
		served->received += event->received;
		control_closed(program->control, served, event->connection);
		break;
	case TRANSPORT_IDLE:
		if (served->retired)
			end_later(served, 0);
		end_if_idle(program);
		break;
	default:
		break;
	}
}

/* ---- The beginning ---- */

static void announce_accepted(const struct served *served, const struct check_session *session)
{
	struct log_line line;

	for (size_t i = 0; i < session->accepted_count; i++) {
		log_begin(&line, &served->program->journal.log, LOG_WARNING_LEVEL, "accepted");
		log_text(&line, "session", session->name);
		log_text(&line, "id", session->accepted[i].id);
		log_text(&line, "text", session->accepted[i].title);
		log_text(&line, "reason", session->accepted[i].reason);
		log_write(&line);
	}
}

const struct check_session *served_present(const struct served *served)
{
	const struct setup *setup = served->program->setup;

	for (size_t i = 0; i < setup->count && !served->retired; i++)
		if (strcmp(setup->sessions[i]->name, served->session->name) == 0)
			return setup->sessions[i];
	return served->session;
}

static bool same_accepted(const struct check_session *a, const struct check_session *b)
{
	if (a->accepted_count != b->accepted_count)
		return false;
	for (size_t i = 0; i < a->accepted_count; i++)
		if (strcmp(a->accepted[i].id, b->accepted[i].id) != 0 || strcmp(a->accepted[i].reason, b->accepted[i].reason) != 0)
			return false;
	return true;
}

void served_announce_again(const struct served *served, const struct check_session *session)
{
	if (!same_accepted(served_present(served), session))
		announce_accepted(served, session);
}

void served_announce(const struct served *served)
{
	const struct check_session *session = served->session;
	char url[CONFIG_URL_MAX];
	struct log_line line;

	config_url_format(transport_service_bound(served->service), url);
	log_begin(&line, &served->program->journal.log, LOG_INFO_LEVEL, "listening");
	log_text(&line, "session", session->name);
	log_text(&line, "addr", url);
	log_text(&line, "connect", session->connect);
	log_text(&line, "role", session->role == SECCOMM_CLIENT ? "client" : "server");
	log_write(&line);
	announce_accepted(served, session);
}

struct served *served_start(struct program *program, struct setup *setup, const struct check_session *session,
    struct served *predecessor, struct complaints *to)
{
	struct served *served = calloc(1, sizeof(*served));
	struct transport_service_config config = { .name = session->name,
		.role = session->role,
		.plan = session->plan,
		.keyring = setup->keyring,
		.predecessor = predecessor ? predecessor->service : NULL,
		.context = served,
		.event = happened };
	char text[TRANSPORT_WHY_MAX] = "out of memory";
	const char *why = NULL;

	if (!served || config_url_parse(session->listen, &config.listen, &why) < 0 ||
	    config_url_parse(session->connect, &config.connect, &why) < 0 ||
	    transport_service_start(program->loop, &config, &served->service, text) < 0) {
		complain(to, "session '%s': %s", session->name, why ? why : text);
		free(served);
		return NULL;
	}
	served->program = program;
	served->setup = setup_use(setup);
	served->session = session;
	served->listen = config.listen;
	TAILQ_INSERT_TAIL(&program->served, served, all);
	return served;
}

void program_init(
    struct program *program, struct seccomm *library, struct transport_loop *loop, const struct setup_source *source)
{
	const struct cactus_platform *platform = seccomm_platform_default();

	*program = (struct program){ .source = *source, .library = library, .loop = loop, .notify = { .fd = -1 } };
	TAILQ_INIT(&program->served);
	program->started_us = program_now_us();
	program->started_wall_us = platform->wall_us(platform->context);
}

bool program_start(struct program *program, struct setup *setup, struct complaints *to)
{
	program->setup = setup_use(setup);
	for (size_t i = 0; i < setup->count; i++) {
		const struct served *served = served_start(program, setup, setup->sessions[i], NULL, to);

		if (!served)
			return false;
		served_announce(served);
	}
	return true;
}

struct served *program_find(const struct program *program, const char *name)
{
	struct served *served;

	TAILQ_FOREACH(served, &program->served, all)
	if (!served->retired && strcmp(served->session->name, name) == 0)
		return served;
	return NULL;
}

const struct served *program_on_port(const struct program *program, const char *listen)
{
	const struct served *served;
	struct config_url url;
	const char *why;

	if (config_url_parse(listen, &url, &why) < 0 || !config_url_has_host(&url))
		return NULL;
	TAILQ_FOREACH(served, &program->served, all)
	{
		const struct config_url *bound = transport_service_bound(served->service);

		if (!served->retired && bound->kind == url.kind && bound->port == url.port)
			return served;
	}
	return NULL;
}

void program_free(struct program *program)
{
	struct served *served;

	while ((served = TAILQ_FIRST(&program->served)))
		served_free(served);
	transport_timer_free(program->drain_limit);
	transport_timer_free(program->watchdog);
	setup_release(program->setup);
	recent_free(&program->recent);
	journal_suppressed(&program->journal, true);
}
