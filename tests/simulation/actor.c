/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions: what they take from their host, what they are told to do, and what they tell.
 */
#include "sim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- The platform -------------------------------------------------------------------------------------------------- */

static uint64_t monotonic(void *context) { return ((struct actor *)context)->sim->monotonic_us; }

static uint64_t wall(void *context)
{
	const struct actor *actor = context;

	return UINT64_C(1700000000) * SECOND + actor->sim->monotonic_us + actor->host->step_us;
}

static int generate(void *context, void *out, size_t length)
{
	sim_fill(&((struct actor *)context)->sim->random, out, length);
	return 0;
}

static void *allocate(void *context, size_t size)
{
	struct actor *actor = context;
	void *memory = calloc(1, size);

	if (memory == NULL)
		abort();
	actor->blocks++;
	actor->bytes += size;
	return memory;
}

static void release(void *context, void *memory, size_t size)
{
	struct actor *actor = context;

	if (memory == NULL)
		return;
	actor->blocks--;
	actor->bytes -= size;
	free(memory);
}

static void forget(void *context, int level, const char *line)
{
	(void)context;
	(void)level;
	(void)line;
}

/* ---- Callbacks ----------------------------------------------------------------------------------------------------- */

static void transmit(void *context, const uint8_t *bytes, size_t length)
{
	struct actor *actor = context;

	sim_mix(actor->sim, bytes, length);
	sim_say(actor->sim, "%s transmits %zu bytes, type %02x", actor_name(actor), length, length > 0 ? bytes[0] : 0);
	if (actor->closed > 0)
		sim_fail(actor->sim, "%s transmits after its end", actor_name(actor));
	if (actor->sim->link == SECCOMM_STREAM)
		stream_transmit(actor, bytes, length);
	else
		datagram_transmit(actor, bytes, length);
}

static void deliver(void *context, struct seccomm_message *message)
{
	struct actor *actor = context;
	size_t length;
	const uint8_t *bytes = seccomm_message_bytes(message, &length);

	judge_delivery(actor, bytes, length);
	if (actor->sim->echo && sim_chance(actor->sim, 20))
		actor_send(actor, (size_t)sim_between(actor->sim, 8, 40));
}

static void alert(void *context, const struct seccomm_alert *alert)
{
	struct actor *actor = context;

	sim_say(actor->sim, "%s: %s%s %s %s", actor_name(actor), alert->fatal ? "fatal: " : "", seccomm_alert_text(alert->id),
	    alert->layer != NULL ? alert->layer : "", alert->detail);
	actor->alert = alert->id;
	actor->alerts[alert->id]++;
	actor->refused += alert->id < SECCOMM_ALERT_TIMED_OUT;
	if (alert->id == SECCOMM_ALERT_REKEY_FAILED)
		actor->wanted = NULL;
	judge_alert(actor, alert);
}

static void opened(void *context, const struct seccomm_principal *peer)
{
	struct actor *actor = context;

	(void)peer;
	actor->opened++;
	sim_say(actor->sim, "%s is open", actor_name(actor));
}

static void peer_closed(void *context)
{
	struct actor *actor = context;

	actor->peer_closed++;
	sim_say(actor->sim, "%s knows that its peer has closed", actor_name(actor));
	judge_peer_closed(actor);
}

static void closed(void *context, int status)
{
	struct actor *actor = context;

	actor->closed++;
	actor->status = status;
	sim_say(actor->sim, "%s ends: %s", actor_name(actor), seccomm_status_name(status));
}

static void writable(void *context)
{
	struct actor *actor = context;

	if (!seccomm_may_push(actor->session))
		sim_fail(actor->sim, "%s is called writable and is not", actor_name(actor));
}

static void renewed(void *context, uint64_t epoch, struct seccomm_plan *plan)
{
	struct actor *actor = context;

	sim_say(actor->sim, "%s is in epoch %" PRIu64, actor_name(actor), epoch);
	actor->renewed++;
	if (actor->wanted != NULL && memcmp(seccomm_plan_digest(plan), seccomm_plan_digest(actor->wanted), HASH) == 0)
		actor->wanted = NULL;
	if (epoch != actor->renewed + 1)
		sim_fail(actor->sim, "%s is in epoch %" PRIu64 " after %" PRIu64 " renewals", actor_name(actor), epoch, actor->renewed);
}

/* ---- Life ---------------------------------------------------------------------------------------------------------- */

const char *actor_name(const struct actor *actor)
{
	static _Thread_local char names[4][32];
	static _Thread_local unsigned turn;
	char *name = names[turn++ % 4];

	snprintf(name, sizeof(names[0]), "%s #%u", actor->host->name, actor->id);
	return name;
}

struct actor *actor_make(struct sim *sim, struct host *host)
{
	struct actor *actor = calloc(1, sizeof(*actor));

	if (actor == NULL)
		abort();
	actor->sim = sim;
	actor->host = host;
	actor->id = sim->actor_count++;
	actor->server = host->number == 0;
	actor->platform = (struct cactus_platform){ .context = actor, .monotonic_us = monotonic, .wall_us = wall,
		.random = generate, .allocate = allocate, .release = release, .log = forget };
	actor->callbacks = (struct seccomm_callbacks){ .context = actor, .transmit = transmit, .deliver = deliver, .alert = alert,
		.opened = opened, .peer_closed = peer_closed, .closed = closed, .writable = writable, .renewed = renewed };
	*sim->last_actor = actor;
	sim->last_actor = &actor->next;
	return actor;
}

/* Without an exchange there is none for another stack either. */
static bool allow(struct actor *actor, struct seccomm_plan *plan)
{
	return seccomm_allow(actor->session, plan) == (actor->sim->keys->salted ? SECCOMM_INVALID : SECCOMM_OK);
}

struct actor *actor_open(struct sim *sim, struct host *host)
{
	struct actor *actor = actor_make(sim, host);
	struct seccomm_error error = { 0 };
	unsigned role = actor->server ? SERVER : CLIENT;

	sim_say(sim, "%s begins", actor_name(actor));
	if (seccomm_open(sim->plan[role], host->keyring, &actor->platform, &actor->callbacks, &actor->session, &error) < 0) {
		sim_fail(sim, "a session does not start: %s", error.text);
		return NULL;
	}
	if (!allow(actor, sim->plan[role]) || (sim->allows && !allow(actor, sim->other[role])))
		sim_fail(sim, "a configuration cannot be allowed");
	judge_actor(actor);
	return actor;
}

void actor_free_session(struct actor *actor)
{
	seccomm_message_release(actor->spare);
	actor->spare = NULL;
	seccomm_session_free(actor->session);
	actor->session = NULL;
	actor->wanted = NULL;
}

/* ---- What it is told to do ----------------------------------------------------------------------------------------- */

bool actor_may_send(const struct actor *actor)
{
	return actor->session != NULL && actor->closed == 0 && seccomm_may_push(actor->session);
}

size_t draw_length(struct sim *sim)
{
	static const size_t classes[] = { 16, 16, 64, 64, 256, 1500, 16384, MESSAGE_MAX + 1 };
	size_t most = classes[sim_draw(sim, sim_chance(sim, 5) ? 8 : 6)];
	size_t length = (size_t)sim_draw(sim, most <= sim->max_message ? most : sim->max_message + 1);

	return sim->link == SECCOMM_DATAGRAM && length < 8 ? 8 : length;
}

static void note_sent(struct actor *actor, size_t length)
{
	struct seccomm_statistics now;

	if (actor->sent_count == actor->sent_room) {
		actor->sent_room = 2 * actor->sent_room + 16;
		actor->sent = realloc(actor->sent, actor->sent_room * sizeof(*actor->sent));
		if (actor->sent == NULL)
			abort();
	}
	seccomm_statistics(actor->session, &now);
	actor->sent[actor->sent_count++] = (struct sent){ .length = (uint32_t)length, .epoch = now.epoch };
	actor->sent_bytes += length;
}

/* The client may send behind its M3, when it does not know yet that its epoch is the first. */
static int push(struct actor *actor, size_t length)
{
	uint8_t *bytes = malloc(length + 8);
	struct seccomm_message *message = actor->spare;
	size_t room;
	int status;

	if (bytes == NULL)
		abort();
	message_content(actor, actor->sent_count - 1, bytes);
	if (message == NULL) {
		status = seccomm_push_copy(actor->session, bytes, length);
	} else {
		memcpy(seccomm_message_bytes(message, &room), bytes, length);
		status = seccomm_push(actor->session, message);
		seccomm_message_release(message);
		actor->spare = NULL;
	}
	free(bytes);
	return status;
}

void actor_send(struct actor *actor, size_t length)
{
	struct sim *sim = actor->sim;
	int status;

	if (!actor_may_send(actor))
		return;
	if (actor->spare != NULL)
		(void)seccomm_message_bytes(actor->spare, &length);
	note_sent(actor, length);
	status = push(actor, length);
	sim_say(sim, "%s sends message %zu of %zu bytes: %s", actor_name(actor), actor->sent_count - 1, length,
	    seccomm_status_name(status));
	if (status != SECCOMM_OK)
		sim_fail(sim, "a push of %s was answered %s", actor_name(actor), seccomm_status_name(status));
	if (sim_chance(sim, 5))
		actor->spare = seccomm_message_new(actor->session, (size_t)sim_between(sim, 8, 100));
	judge_actor(actor);
}

void actor_close(struct actor *actor)
{
	bool ready = actor->opened > 0 || (actor->sim->keys->salted && !actor->server);

	if (actor->session == NULL || actor->closed > 0 || !ready || actor->close_asked)
		return;
	actor->close_asked = true;
	actor->wanted = NULL;
	sim_say(actor->sim, "%s closes: %s", actor_name(actor), seccomm_status_name(seccomm_close(actor->session)));
	judge_actor(actor);
}

void actor_rekey(struct actor *actor)
{
	struct sim *sim = actor->sim;
	unsigned slot = 0;

	if (actor->session == NULL || actor->closed > 0)
		return;
	if (sim_chance(sim, 60))
		slot = (unsigned)sim_between(sim, 1, actor->session->plan->slot_count);
	sim_say(sim, "%s asks for new keys (%u): %s", actor_name(actor), slot,
	    seccomm_status_name(slot == 0 ? seccomm_rekey(actor->session) : seccomm_replace_key(actor->session, slot)));
	judge_actor(actor);
}

void actor_change(struct actor *actor)
{
	struct sim *sim = actor->sim;
	struct seccomm_plan *plan;
	unsigned role = actor->server ? SERVER : CLIENT;
	int status;

	if (actor->session == NULL || actor->closed > 0)
		return;
	plan = actor->session->plan == sim->plan[role] ? sim->other[role] : sim->plan[role];
	status = seccomm_change(actor->session, plan);
	sim_say(sim, "%s asks for another stack: %s", actor_name(actor), seccomm_status_name(status));
	if (status == SECCOMM_OK)
		actor->wanted = plan;
	else if (status != SECCOMM_NOT_READY && status != SECCOMM_CLOSED && !sim->keys->salted)
		sim_fail(sim, "a change was answered %s", seccomm_status_name(status));
	judge_actor(actor);
}

void actor_run_due(struct actor *actor)
{
	seccomm_run_due(actor->session);
	if (seccomm_deadline(actor->session) <= actor->sim->monotonic_us)
		sim_fail(actor->sim, "%s has done what was due and it is due still", actor_name(actor));
	judge_actor(actor);
}

ptrdiff_t actor_pop(struct actor *actor, uint8_t *bytes, size_t length)
{
	ptrdiff_t used = seccomm_pop(actor->session, bytes, length);

	judge_actor(actor);
	return used;
}
