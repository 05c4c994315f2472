/* SPDX-License-Identifier: Apache-2.0 */
/* status.c - `status`: the program, its sessions, their connections, and the sums of all. */
#include "cli/control/private.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ALERT_IDS = JOURNAL_ALERTS, HEX_MAX = 2 * SECCOMM_FINGERPRINT_BYTES + 1 };

struct sums {
	uint64_t services, open, half, connections, sent, received, refused, alerts, memory;
};
struct status {
	const struct control_request *request;
	struct sums *sums;
	uint64_t now_us;
};

static json_t *milliseconds(uint64_t from_us, uint64_t to_us)
{
	return from_us ? control_number((to_us - from_us) / 1000) : json_null();
}

/* Of the ids that there were: {"SA-002": 1}. */
static void put_alert(json_t *alerts, unsigned id, uint64_t count)
{
	char name[ALERT_NAME_MAX];

	if (!count)
		return;
	alert_name((enum seccomm_alert_id)id, name);
	json_object_set_new(alerts, name, control_number(count));
}

static json_t *session_alerts(const struct seccomm_session *session)
{
	json_t *alerts = json_object();

	for (unsigned id = 0; id < ALERT_IDS; id++)
		put_alert(alerts, id, seccomm_alert_count(session, (enum seccomm_alert_id)id));
	return alerts;
}

/* ---- Connections ---- */

static json_t *messages(uint64_t count, uint64_t bytes)
{
	return json_pack("{s:o, s:o}", "messages", control_number(count), "bytes", control_number(bytes));
}

static json_t *connection_head(
    const struct status *status, const struct served *served, const struct transport_connection *connection)
{
	char id[SECCOMM_NAME_MAX + 24];

	snprintf(id, sizeof(id), "%s/%llu", served->session->name, (unsigned long long)connection->number);
	return json_pack("{s:s, s:s, s:o, s:s, s:b, s:o, s:o}", "id", id, "session", served->session->name, "number",
	    control_number(connection->number), "state", connection->opened ? "open" : "opening", "former",
	    served->retired, "address", control_string(connection->address), "age_ms",
	    milliseconds(connection->started_us, status->now_us));
}

static void put_peer(json_t *object, const struct seccomm_principal *peer)
{
	char fingerprint[SECCOMM_FINGERPRINT_TEXT];

	if (peer)
		seccomm_fingerprint_text(peer->fingerprint, fingerprint);
	json_object_set_new(object, "peer", control_string(peer ? peer->name : NULL));
	json_object_set_new(object, "fingerprint", control_string(peer ? fingerprint : NULL));
}

/* A stream's session does not look at a clock for each message; there every byte is authentic, or it has ended. */
static json_t *heard(const struct seccomm_statistics *s, const struct transport_connection *connection, uint64_t now_us)
{
	if (!s->heard_us && connection->silent_ms != UINT64_MAX)
		return control_number(connection->silent_ms);
	return milliseconds(s->heard_us, now_us);
}

/* Each key: for which epoch it was agreed, and how long ago. */
static json_t *session_keys(const struct seccomm_session *session, uint64_t now_us)
{
	struct seccomm_key_state key;
	json_t *keys = json_array();
	int status;

	for (unsigned slot = 1; (status = seccomm_key_state(session, slot, &key)) != SECCOMM_INVALID; slot++)
		json_array_append_new(
		    keys, json_pack("{s:o, s:I, s:o, s:o}", "name", control_string(key.name), "number",
			      (json_int_t)slot, "epoch", status == SECCOMM_OK ? control_number(key.epoch) : json_null(),
			      "age_ms", milliseconds(status == SECCOMM_OK ? key.made_us : 0, now_us)));
	return keys;
}

static void put_session(const struct status *status, json_t *object, const struct transport_connection *connection)
{
	const struct seccomm_session *session = connection->session;
	struct seccomm_statistics s;

	seccomm_statistics(session, &s);
	put_peer(object, connection->peer);
	json_object_update_new(object,
	    json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "epoch", control_number(s.epoch), "epoch_age_ms",
		milliseconds(s.epoch_us, status->now_us), "keys", session_keys(session, status->now_us), "renewals", control_number(s.renewals), "sent",
		messages(s.sent, s.sent_bytes), "received", messages(s.received, s.received_bytes), "refused",
		control_number(s.refused), "alerts", session_alerts(session), "heard_ms",
		heard(&s, connection, status->now_us), "memory", control_number(s.memory)));
}

static void answer_connection(void *context, struct served *served, const struct transport_connection *connection)
{
	const struct status *status = context;
	json_t *object = connection_head(status, served, connection);

	if (object && connection->session)
		put_session(status, object, connection);
	control_more(status->request, json_pack("{s:o}", "connection", object));
}

/* ---- Sessions ---- */

static void add_connection(void *context, const struct transport_connection *connection)
{
	struct sums *sums = context;
	struct seccomm_statistics s;

	if (!connection->session)
		return;
	seccomm_statistics(connection->session, &s);
	sums->sent += s.sent_bytes;
	sums->received += s.received_bytes;
	sums->refused += s.refused;
	sums->memory += s.memory;
}

static struct sums sums_of(const struct served *served)
{
	struct sums sums = { .services = 1, .sent = served->sent, .received = served->received };
	struct transport_service_counts counts;

	transport_service_count(served->service, &counts);
	sums.open = counts.open;
	sums.half = counts.half;
	sums.connections = counts.connections;
	for (size_t i = 0; i < ALERT_IDS; i++)
		sums.alerts += served->alerts[i];
	transport_service_each(served->service, add_connection, &sums);
	return sums;
}

static void add(struct sums *to, const struct sums *sums)
{
	to->services += sums->services;
	to->open += sums->open;
	to->half += sums->half;
	to->connections += sums->connections;
	to->sent += sums->sent;
	to->received += sums->received;
	to->refused += sums->refused;
	to->alerts += sums->alerts;
	to->memory += sums->memory;
}

static json_t *sums_json(const struct sums *sums)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "open", control_number(sums->open), "half_open",
	    control_number(sums->half), "connections", control_number(sums->connections), "sent_bytes",
	    control_number(sums->sent), "received_bytes", control_number(sums->received), "refused",
	    control_number(sums->refused), "session_memory", control_number(sums->memory));
}

static const char *hex(const uint8_t *digest, char out[HEX_MAX])
{
	for (size_t i = 0; i < SECCOMM_FINGERPRINT_BYTES; i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
	return out;
}

static json_t *peer_names(const struct check_session *session)
{
	json_t *names = json_array();

	for (size_t i = 0; i < session->peer_count; i++)
		json_array_append_new(names, control_string(session->peers[i]));
	return names;
}

/* What stands between strangers and a server's sessions of datagrams. */
static json_t *listener_json(const struct transport_service_counts *counts)
{
	const struct seccomm_listener_statistics *l = &counts->listener;

	if (!counts->has_listener)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "openings", control_number(l->openings), "retries",
	    control_number(l->retries), "accepted", control_number(l->accepted), "evicted", control_number(l->evicted),
	    "dropped", control_number(l->dropped), "half_open_bytes", control_number(l->half_open_bytes));
}

/* {"SC206": "why"} */
static json_t *accepted_json(const struct check_session *session)
{
	json_t *map = json_object();

	for (size_t i = 0; i < session->accepted_count; i++)
		json_object_set_new(map, session->accepted[i].id, control_string(session->accepted[i].reason));
	return map;
}

/* Which one-time pad has ended, and what to do. */
static json_t *used_up_json(const struct transport_service_counts *counts)
{
	if (!counts->used_up)
		return json_null();
	return json_pack("{s:s, s:s}", "text", counts->why_used_up.text, "help", counts->why_used_up.remedy);
}

static json_t *service_json(const struct served *served, const struct sums *sums)
{
	const struct check_session *session = served->session;
	bool draining = served->program->draining || served->retired;
	char url[CONFIG_URL_MAX], digest[HEX_MAX];
	const char *state;
	struct transport_service_counts counts;
	json_t *object, *alerts = json_object();

	for (unsigned id = 0; id < ALERT_IDS; id++)
		put_alert(alerts, id, served->alerts[id]);
	config_url_format(transport_service_bound(served->service), url);
	transport_service_count(served->service, &counts);
	if (draining)
		state = "draining";
	else
		state = counts.used_up ? "used-up" : "listening";
	object = json_pack("{s:s, s:s, s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o}", "session",
	    session->name, "role", session->role == SECCOMM_CLIENT ? "client" : "server", "link",
	    session->link == SECCOMM_STREAM ? "stream" : "datagram", "state", state,
	    "former", served->retired, "listen", control_string(url), "connect", control_string(session->connect),
	    "identity", control_string(session->identity), "peers", peer_names(session), "profile",
	    control_string(session->profile), "digest", hex(seccomm_plan_digest(session->plan), digest), "alerts",
	    alerts, "half_open_max", control_number(counts.half_max));
	json_object_set_new(object, "accepted", accepted_json(served_present(served)));
	json_object_set_new(object, "listener", listener_json(&counts));
	json_object_set_new(object, "used_up", used_up_json(&counts));
	json_object_update_new(object, sums_json(sums));
	return object;
}

/* ---- The program ---- */

static json_t *program_json(const struct program *program, uint64_t now_us)
{
	char started[LOG_TIME_MAX];

	log_time(program->started_wall_us, started);
	return json_pack("{s:s, s:I, s:s, s:o, s:o, s:o, s:b, s:i, s:i}", "version", seccomm_version(), "pid",
	    (json_int_t)getpid(), "started", started, "uptime_ms", milliseconds(program->started_us, now_us),
	    "configuration", control_string(program->source.file), "home", control_string(program->source.home),
	    "draining", program->draining, "reloads", (int)program->reloads, "refused_reloads",
	    (int)program->refused_reloads);
}

static void answer_services(const struct status *status, const struct control_target *target)
{
	const struct served *served;

	TAILQ_FOREACH(served, &status->request->control->program->served, all)
	{
		struct sums sums;

		if (!control_hits(target, served->session->name, target->connection))
			continue;
		sums = sums_of(served);
		add(status->sums, &sums);
		control_more(status->request, json_pack("{s:o}", "service", service_json(served, &sums)));
	}
}

void control_status(const struct control_request *request)
{
	struct program *program = request->control->program;
	struct sums sums = { .services = 0 };
	struct status status = { .request = request, .sums = &sums, .now_us = program_now_us() };
	const struct control_visit visit = { &status, answer_connection };
	struct control_target target;
	json_t *totals;

	if (!control_target(request, &target))
		return;
	control_more(request, json_pack("{s:o}", "program", program_json(program, status.now_us)));
	answer_services(&status, &target);
	if (control_each(program, &target, &visit) == 0 && target.connection) {
		control_gone(request, &target);
		return;
	}
	totals = sums_json(&sums);
	json_object_set_new(totals, "alerts", control_number(sums.alerts));
	control_done(request, json_pack("{s:o}", "totals", totals));
}
