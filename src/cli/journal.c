/* SPDX-License-Identifier: Apache-2.0 */
/* journal.c - log lines of events (see journal.h). */
#include "cli/journal.h"
#include "seccomm/plan.h"

#include <stdio.h>
#include <string.h>

static uint64_t now_us(void)
{
	const struct cactus_platform *platform = seccomm_platform_default();

	return platform->monotonic_us(platform->context);
}

void alert_name(enum seccomm_alert_id id, char out[ALERT_NAME_MAX])
{
	snprintf(out, ALERT_NAME_MAX, "SA-%03u", (unsigned)id);
}

static void begin(const struct journal *journal, struct log_line *line, enum log_level level, const char *event,
    const struct transport_event *about)
{
	log_begin(line, &journal->log, level, event);
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

static void opened(const struct journal *journal, const struct transport_event *event)
{
	struct log_line line;

	begin(journal, &line, LOG_INFO_LEVEL, "opened", event);
	put_peer(&line, event->peer);
	log_number(&line, "us", event->us);
	log_write(&line);
}

static void renewed(const struct journal *journal, const struct transport_event *event)
{
	struct log_line line;

	begin(journal, &line, LOG_INFO_LEVEL, "renewed", event);
	log_text(&line, "peer", event->peer ? event->peer->name : NULL);
	log_number(&line, "epoch", event->epoch);
	log_write(&line);
}

static void closed(const struct journal *journal, const struct transport_event *event)
{
	struct log_line line;

	begin(journal, &line, LOG_INFO_LEVEL, "closed", event);
	log_text(&line, "peer", event->peer ? event->peer->name : NULL);
	log_number(&line, "sent", event->sent);
	log_number(&line, "received", event->received);
	if (event->dropped)
		log_number(&line, "dropped", event->dropped);
	log_number(&line, "ms", event->us / 1000);
	log_text(&line, "reason", *event->text ? event->text : NULL);
	log_write(&line);
}

static void moved(const struct journal *journal, const struct transport_event *event)
{
	struct log_line line;

	begin(journal, &line, LOG_INFO_LEVEL, "moved", event);
	log_text(&line, "from", event->text);
	log_write(&line);
}

/* The transport tells each reason at most once a second. */
static void dropped(const struct journal *journal, const struct transport_event *event)
{
	struct log_line line;

	begin(journal, &line, LOG_WARNING_LEVEL, "dropped", event);
	log_number(&line, "datagrams", event->dropped);
	log_text(&line, "reason", event->text);
	log_write(&line);
}

static bool is_limited(struct journal *journal, unsigned which)
{
	bool limited = log_limited(&journal->limits[which], now_us());

	journal->untold += limited;
	return limited;
}

static void put_suppressed(struct journal *journal, struct log_line *line, unsigned which)
{
	journal->untold -= journal->limits[which].suppressed;
	log_suppressed(line, &journal->limits[which]);
}

/* One line of the log; a detail of several lines (what differs between two configurations) is written with \n. */
static void alerted(struct journal *journal, const struct transport_event *event)
{
	const struct seccomm_alert *alert = event->alert;
	struct log_line line;
	char id[ALERT_NAME_MAX];

	if (is_limited(journal, (unsigned)alert->id % JOURNAL_ALERTS))
		return;
	alert_name(alert->id, id);
	begin(journal, &line, alert->fatal ? LOG_ERROR_LEVEL : LOG_WARNING_LEVEL, event->peer ? "alert" : "refused",
	    event);
	log_text(&line, "id", id);
	log_text(&line, "layer", alert->layer);
	log_text(&line, "text", seccomm_alert_text(alert->id));
	log_text(&line, "detail", alert->detail && *alert->detail ? alert->detail : NULL);
	log_text(&line, "peer", event->peer ? event->peer->name : NULL);
	put_suppressed(journal, &line, (unsigned)alert->id % JOURNAL_ALERTS);
	log_write(&line);
}

static const char *name_of(unsigned which)
{
	return which < JOURNAL_ALERTS ? "alerts" : which == JOURNAL_CONNECT_FAILED ? "connect-failed" : "error";
}

void journal_suppressed(struct journal *journal, bool now)
{
	struct log_line line;
	char id[ALERT_NAME_MAX];

	for (unsigned i = 0; i < JOURNAL_LIMITS && journal->untold; i++) {
		const struct log_limit *limit = &journal->limits[i];
		bool alert = i < JOURNAL_ALERTS;

		if (limit->suppressed == 0 || (!now && now_us() - limit->since_us < LOG_SECOND_US))
			continue;
		alert_name((enum seccomm_alert_id)i, id);
		log_begin(&line, &journal->log, LOG_WARNING_LEVEL, name_of(i));
		log_text(&line, "id", alert ? id : NULL);
		log_text(
		    &line, "text", alert ? seccomm_alert_text((enum seccomm_alert_id)i) : "there were more of them");
		put_suppressed(journal, &line, i);
		log_write(&line);
	}
}

static void limited(struct journal *journal, unsigned which, const struct transport_event *event)
{
	struct log_line line;

	if (is_limited(journal, which))
		return;
	begin(journal, &line, LOG_ERROR_LEVEL, name_of(which), event);
	log_text(&line, "text", event->text);
	put_suppressed(journal, &line, which);
	log_write(&line);
}

/* The service tells it once. */
static void used_up(const struct journal *journal, const struct transport_event *event)
{
	struct log_line line;

	begin(journal, &line, LOG_ERROR_LEVEL, "used-up", event);
	log_text(&line, "text", event->text);
	log_write(&line);
}

void journal_event(struct journal *journal, const struct transport_event *event)
{
	journal_suppressed(journal, false);
	switch (event->kind) {
	case TRANSPORT_OPENED:
		opened(journal, event);
		break;
	case TRANSPORT_RENEWED:
		renewed(journal, event);
		break;
	case TRANSPORT_CLOSED:
		closed(journal, event);
		break;
	case TRANSPORT_MOVED:
		moved(journal, event);
		break;
	case TRANSPORT_DROPPED:
		dropped(journal, event);
		break;
	case TRANSPORT_ALERT:
		alerted(journal, event);
		break;
	case TRANSPORT_CONNECT_FAILED:
		limited(journal, JOURNAL_CONNECT_FAILED, event);
		break;
	case TRANSPORT_CROWDED:
		limited(journal, JOURNAL_CROWDED, event);
		break;
	case TRANSPORT_NO_DESCRIPTORS:
	case TRANSPORT_FAULT:
		limited(journal, JOURNAL_FAULT, event);
		break;
	case TRANSPORT_USED_UP:
		used_up(journal, event);
		break;
	case TRANSPORT_IDLE:
		break;
	}
}

void journal_simple(const struct journal *journal, const char *event, const char *name, const char *value)
{
	struct log_line line;

	log_begin(&line, &journal->log, LOG_INFO_LEVEL, event);
	if (name)
		log_text(&line, name, value);
	log_write(&line);
}

void journal_modules(const struct journal *journal, const struct seccomm *library)
{
	const struct seccomm_module *module;
	struct log_line line;
	const char *file;

	for (size_t i = 0; (module = seccomm_module_nth(library, i, &file)); i++) {
		log_begin(&line, &journal->log, LOG_INFO_LEVEL, "module");
		log_text(&line, "name", module->name);
		log_text(&line, "version", module->version);
		log_text(&line, "file", file);
		log_write(&line);
	}
}

void journal_trouble(
    const struct journal *journal, enum log_level level, const char *event, const char *text, const char *remedy)
{
	struct log_line line;

	log_begin(&line, &journal->log, level, event);
	log_text(&line, "text", text);
	log_text(&line, "help", *remedy ? remedy : NULL);
	log_write(&line);
}
