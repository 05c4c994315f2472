/* SPDX-License-Identifier: Apache-2.0 */
/* act.c - `rekey`, `drain` and `reload`: what changes the course of the program. */
#include "cli/control/private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS_TOLD = 64, REASON = 120, SECOND = 1000 * 1000 };

/* ---- rekey ---- */

struct rekeying {
	const struct control_request *request;
	const char *key; /* which one, by name or number; NULL: all */
	bool known; /* the session that was asked last has it */
	enum seccomm_renewal under_way; /* in it, where it could not, and for how long */
	uint64_t wait_us;
	uint64_t asked, refused;
};

/* 0: it is no number that a key can have. */
static unsigned number_of(const char *text)
{
	size_t length = strlen(text);

	return length <= 2 && strspn(text, "0123456789") == length ? (unsigned)strtoul(text, NULL, 10) : 0;
}

static int ask_for_keys(void *context, struct seccomm_session *session)
{
	struct rekeying *rekeying = context;
	struct seccomm_key_state state;
	unsigned slot;

	rekeying->under_way = seccomm_renewal_state(session, &rekeying->wait_us);
	if (!rekeying->key)
		return seccomm_rekey(session);
	slot = seccomm_key_slot(session, rekeying->key);
	if (slot == 0)
		slot = number_of(rekeying->key);
	rekeying->known = seccomm_key_state(session, slot, &state) != SECCOMM_INVALID;
	return seccomm_replace_key(session, slot);
}

/* What is under way, and for how long, in whole seconds; the statuses of seccomm_rekey(). */
static void busy(const struct rekeying *rekeying, char out[REASON])
{
	static const struct {
		const char *what, *until; /* where nobody knows when */
	} texts[] = { [SECCOMM_RENEWAL_NONE] = { "it is not ready", "" },
		[SECCOMM_RENEWAL_OPENING] = { "it has not opened yet", "" },
		[SECCOMM_RENEWAL_AGREEING] = { "new keys are being agreed already", "" },
		[SECCOMM_RENEWAL_ASKED] = { "the peer has been asked for new keys already", "" },
		[SECCOMM_RENEWAL_OVERLAP] = { "the keys before are still in use", ", until the peer uses the new ones" } };
	const uint64_t seconds = rekeying->wait_us / SECOND + (rekeying->wait_us % SECOND > 0);

	if (rekeying->wait_us == UINT64_MAX)
		snprintf(out, REASON, "%s%s", texts[rekeying->under_way].what, texts[rekeying->under_way].until);
	else
		snprintf(out, REASON, "%s, for %" PRIu64 " s more at the most", texts[rekeying->under_way].what, seconds);
}

/* Why not. */
static void reason(const struct rekeying *rekeying, int status, bool opened, char out[REASON])
{
	if (opened && rekeying->known && status == SECCOMM_NOT_READY)
		busy(rekeying, out);
	else
		snprintf(out, REASON, "%s",
		    !opened                     ? "it has not opened yet"
		    : !rekeying->known          ? "it has no such key"
		    : status == SECCOMM_INVALID ? "its configuration cannot agree on keys again"
						: seccomm_status_text(status));
}

static void rekey_one(void *context, struct served *served, const struct transport_connection *connection)
{
	struct rekeying *rekeying = context;
	int status = SECCOMM_NOT_READY;
	char id[SECCOMM_NAME_MAX + 24], why[REASON];

	rekeying->known = true;
	if (connection->opened &&
	    !transport_service_act(served->service, connection->number, ask_for_keys, rekeying, &status))
		status = SECCOMM_CLOSED;
	if (status == SECCOMM_OK) {
		rekeying->asked++;
		return;
	}
	rekeying->refused++;
	snprintf(id, sizeof(id), "%s/%llu", served->session->name, (unsigned long long)connection->number);
	reason(rekeying, status, connection->opened, why);
	control_more(rekeying->request, json_pack("{s:{s:s, s:s}}", "refused", "connection", id, "reason", why));
}

/* Whether a session that is meant has the key, by its configuration of now; if not, that has been told. */
static bool key_known(const struct rekeying *rekeying, const struct control_target *target)
{
	const struct served *served;
	const char *names[KEYS_TOLD + 1] = { NULL }, *near;
	size_t told = 0, count;

	TAILQ_FOREACH(served, &rekeying->request->control->program->served, all)
	{
		const struct plan_slot *slots = seccomm_plan_slots(served->session->plan, &count);
		unsigned number = number_of(rekeying->key);

		if (!control_hits(target, served->session->name, target->connection))
			continue;
		if (number > 0 && number <= count)
			return true;
		for (size_t i = 0; i < count; i++) {
			if (strcmp(slots[i].name, rekeying->key) == 0)
				return true;
			if (told < KEYS_TOLD)
				names[told++] = slots[i].name;
		}
	}
	near = check_nearest(rekeying->key, names);
	control_fail(rekeying->request, "seccomm status   shows the keys of each connection", "there is no key '%s'%s%s%s",
	    rekeying->key, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	return false;
}

void control_rekey(const struct control_request *request)
{
	const json_t *key = json_object_get(request->object, "key");
	struct rekeying rekeying = { .request = request, .key = json_string_value(key) };
	const struct control_visit visit = { &rekeying, rekey_one };
	struct control_target target;

	if (!control_target(request, &target))
		return;
	if (key && !rekeying.key) {
		control_fail(request, "as in   data   or   1", "\"key\" must be the name or number of a key, as text");
		return;
	}
	if (key && !key_known(&rekeying, &target))
		return;
	if (control_each(request->control->program, &target, &visit) == 0 && target.connection)
		control_gone(request, &target);
	else
		control_done(request, json_pack("{s:o, s:o}", "asked", control_number(rekeying.asked), "refused",
					  control_number(rekeying.refused)));
}

/* ---- drain ---- */

void control_drain(const struct control_request *request)
{
	struct program *program = request->control->program;
	uint64_t milliseconds = program->drain_ms;
	bool now = false;

	if (!control_flag(request, "now", &now) ||
	    !control_count(request, "milliseconds", 0, UINT32_MAX, &milliseconds))
		return;
	if (now)
		milliseconds = 0;
	control_done(request, json_pack("{s:o, s:o}", "connections", control_number(program_connections(program)),
				  "milliseconds", control_number(milliseconds)));
	program_drain(program, (unsigned)milliseconds, "request");
}

/* ---- reload ---- */

static void answer_findings(const struct control_request *request, const struct setup *setup)
{
	char *text = check_findings_json(setup->judged.result);
	json_t *list = text ? json_loads(text, 0, NULL) : NULL, *finding;
	size_t i;

	free(text);
	json_array_foreach(list, i, finding)
	{
		char *shown = check_finding_text(
		    setup->judged.result, &setup->judged.result->findings[i], setup->text, setup->length, false);

		json_object_set_new(finding, "text", control_string(shown));
		free(shown);
		control_more(request, json_pack("{s:O}", "finding", finding));
	}
	json_decref(list);
}

static void answer_complaints(const struct control_request *request, const struct complaints *complaints)
{
	for (size_t i = 0; i < complaints->count; i++)
		control_more(
		    request, json_pack("{s:{s:o, s:o}}", "complaint", "text", control_string(complaints->list[i].text),
				 "remedy", control_string(complaints->list[i].remedy)));
}

void control_reload(const struct control_request *request)
{
	struct reload reload;

	program_reload(request->control->program, &reload);
	if (reload.setup && reload.setup->judged.result)
		answer_findings(request, reload.setup);
	answer_complaints(request, &reload.complaints);
	if (reload.done)
		control_done(request,
		    json_pack("{s:O, s:o}", "sessions", reload.sessions, "ended", control_number(reload.closed)));
	else
		control_fail(request, "correct what is told above, then reload again", "nothing has changed");
	reload_free(&reload);
}
