/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must be true: of every delivery and every alert, after every call, and at the end.
 */
#include "sim.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- Epochs -------------------------------------------------------------------------------------------------------- */

static bool same_record(const struct record *a, const struct record *b)
{
	return memcmp(a->context, b->context, HASH) == 0 && memcmp(a->digest, b->digest, HASH) == 0 &&
	       memcmp(a->keys, b->keys, sizeof(a->keys)) == 0 && memcmp(a->made, b->made, sizeof(a->made)) == 0;
}

static const struct record *record_of(const struct actor *actor, uint64_t number)
{
	return number >= 1 && number <= actor->record_count ? &actor->records[number - 1] : NULL;
}

static void read_record(const struct epoch *epoch, struct record *out)
{
	*out = (struct record){ .number = epoch->number };
	memcpy(out->context, epoch->context, HASH);
	memcpy(out->digest, epoch->plan->digest, HASH);
	for (size_t i = 0; i < epoch->plan->slot_count && i < SLOTS_KEPT; i++) {
		memcpy(out->keys[i], epoch->keys[i], HASH);
		out->made[i] = epoch->made[i].epoch;
	}
}

/* At least one slot is new; the others have carried over, but not into another stack; and every key is another one. */
static bool follows(const struct record *before, const struct record *now)
{
	bool fresh = false, fair = true, same = memcmp(before->digest, now->digest, HASH) == 0;

	for (size_t i = 0; i < SLOTS_KEPT && now->made[i] != 0; i++) {
		fresh |= now->made[i] == now->number;
		fair &= now->made[i] == now->number || (same && now->made[i] == before->made[i]);
		fair &= memmem(before->keys, sizeof(before->keys), now->keys[i], HASH) == NULL;
	}
	return fresh && fair;
}

/* Whoever has the same first keys is the peer: one, of the other role, and of the principal that the session names. */
static void find_peer(struct actor *actor)
{
	struct sim *sim = actor->sim;
	const struct seccomm_principal *named = &actor->session->principal;

	for (struct actor *other = sim->actors; other != NULL; other = other->next) {
		if (other == actor || other->record_count == 0 || !same_record(&actor->records[0], &other->records[0]))
			continue;
		if (other->server == actor->server || other->peer != NULL || actor->peer != NULL) {
			sim_fail(sim, "%s has the keys of %s", actor_name(actor), actor_name(other));
			return;
		}
		actor->peer = other;
		other->peer = actor;
		if (!sim->keys->alone && other->host->keyring->identities != NULL &&
		    memcmp(named->fingerprint, other->host->keyring->identities->principal, HASH) != 0)
			sim_fail(sim, "%s takes %s for somebody else", actor_name(actor), actor_name(other));
	}
	if (actor->server && actor->peer == NULL)
		sim_fail(sim, "%s has agreed on keys with nobody", actor_name(actor));
}

/* Without an exchange a session is the peer of whoever it has heard; a recorded one may be heard by several. */
static void find_salted(struct actor *actor)
{
	const struct epoch *incoming = actor->session->incoming;

	if (actor->peer != NULL || incoming == NULL || !incoming->heard)
		return;
	for (struct actor *other = actor->sim->actors; other != NULL; other = other->next)
		if (other->server != actor->server && other->record_count > 0 &&
		    memcmp(other->records[0].keys[0], incoming->keys[0], HASH) == 0)
			actor->peer = other;
	if (actor->peer == NULL) {
		sim_fail(actor->sim, "%s has heard nobody", actor_name(actor));
		return;
	}
	for (size_t n = 0; n < actor->peer->sent_count; n++)
		actor->peer->sent[n].delivered = 0;
}

static void add_record(struct actor *actor, const struct record *record)
{
	if (record->number != actor->record_count + 1) {
		sim_fail(actor->sim, "%s has epoch %" PRIu64 " after %zu", actor_name(actor), record->number, actor->record_count);
		return;
	}
	actor->records = realloc(actor->records, (actor->record_count + 1) * sizeof(*record));
	if (actor->records == NULL)
		abort();
	actor->records[actor->record_count++] = *record;
	if (record->number > 1 && !follows(&actor->records[record->number - 2], record))
		sim_fail(actor->sim, "%s has keys in epoch %" PRIu64 " that do not follow", actor_name(actor), record->number);
	if (record->number == 1 && !actor->sim->keys->salted)
		find_peer(actor);
	else if (!actor->server)
		actor->committed_us = actor->sim->monotonic_us;
}

static void judge_epoch(struct actor *actor, const struct epoch *epoch)
{
	const struct record *known = record_of(actor, epoch->number), *theirs;
	struct record now;

	if (!epoch_complete(epoch))
		return;
	read_record(epoch, &now);
	if (known == NULL)
		add_record(actor, &now);
	else if (!same_record(known, &now))
		sim_fail(actor->sim, "%s has changed the keys of epoch %" PRIu64, actor_name(actor), epoch->number);
	theirs = actor->peer != NULL ? record_of(actor->peer, epoch->number) : NULL;
	if (theirs != NULL && !same_record(theirs, &now) && !actor->sim->keys->salted)
		sim_fail(actor->sim, "%s and %s have different keys in epoch %" PRIu64, actor_name(actor), actor_name(actor->peer),
		    epoch->number);
}

/* Three at most, with numbers in a row, and none that waits to be freed; a new one is not prepared beside an old one. */
static void judge_epochs(struct actor *actor)
{
	const struct seccomm_session *session = actor->session;
	const struct epoch *now = session->epoch, *next = session->next, *previous = session->previous;

	if (session->state == STATE_ENDED) {
		if (now != NULL || next != NULL || previous != NULL || session->incoming != NULL || session->exchange != NULL ||
		    session->retired != NULL)
			sim_fail(actor->sim, "%s has ended and has not wiped its keys", actor_name(actor));
		return;
	}
	if (now == NULL || (next != NULL && next->number != now->number + 1) ||
	    (previous != NULL && previous->number != now->number - 1) || (next != NULL && previous != NULL))
		sim_fail(actor->sim, "%s has epochs that do not follow each other", actor_name(actor));
	/* Inside a callback of the session one may wait. */
	if (session->retired != NULL && session->depth == 0)
		sim_fail(actor->sim, "%s keeps an epoch that was retired", actor_name(actor));
	if (previous != NULL)
		judge_epoch(actor, previous);
	if (now != NULL)
		judge_epoch(actor, now);
	if (next != NULL)
		judge_epoch(actor, next);
	if (actor->sim->keys->salted)
		find_salted(actor);
}

/* ---- Messages ------------------------------------------------------------------------------------------------------ */

/* On datagrams a message begins with its sender and its place, to be recognised. */
void message_content(const struct actor *actor, size_t n, uint8_t *out)
{
	uint64_t seed = actor->id * UINT64_C(0x2545f4914f6cdd1d) + n;
	size_t length = actor->sent[n].length;

	for (size_t at = 0; at < length; at += 8) {
		uint64_t word = rig_random(&seed);

		if (actor->sim->link == SECCOMM_DATAGRAM && at == 0)
			word = (uint64_t)actor->id << 32 | n;
		memcpy(out + at, &word, 8);
	}
}

static bool is_content(const struct actor *actor, size_t n, const uint8_t *bytes, size_t length)
{
	uint8_t *expected;
	bool same;

	if (n >= actor->sent_count || actor->sent[n].length != length)
		return false;
	expected = malloc(length + 8);
	if (expected == NULL)
		abort();
	message_content(actor, n, expected);
	same = memcmp(expected, bytes, length) == 0;
	free(expected);
	return same;
}

/* Its place among the messages of the peer; SIZE_MAX: it is none of them, or not the next one of a stream. */
static size_t find_place(const struct actor *actor, const uint8_t *bytes, size_t length)
{
	const struct actor *peer = actor->peer;
	size_t n = actor->got;
	uint64_t word;

	if (peer == NULL || (actor->sim->link == SECCOMM_DATAGRAM && length < 8))
		return SIZE_MAX;
	if (actor->sim->link == SECCOMM_DATAGRAM) {
		memcpy(&word, bytes, 8);
		n = word >> 32 == peer->id ? (size_t)(word & UINT32_MAX) : SIZE_MAX;
	}
	return is_content(peer, n, bytes, length) ? n : SIZE_MAX;
}

/* Of what a client sends behind its M3 it does not know the epoch yet. */
static void note_passed(struct sim *sim, const struct record *record)
{
	if (record == NULL)
		return;
	sim->passed[0] |= memcmp(record->digest, seccomm_plan_digest(sim->plan[SERVER]), HASH) == 0;
	sim->passed[1] |= memcmp(record->digest, seccomm_plan_digest(sim->other[SERVER]), HASH) == 0;
}

void judge_delivery(struct actor *actor, const uint8_t *bytes, size_t length)
{
	struct sim *sim = actor->sim;
	size_t n, *last;

	judge_epochs(actor); /* it may be the first that is heard */
	n = find_place(actor, bytes, length);
	sim_say(sim, "%s gets message %zu of %zu bytes", actor_name(actor), n, length);
	actor->got_bytes += length;
	actor->got++;
	actor->heard_us = sim->monotonic_us;
	if (n == SIZE_MAX) {
		sim_fail(sim, "%s was given %zu bytes that its peer did not send, or not next", actor_name(actor), length);
		return;
	}
	if (actor->opened == 0 || actor->closed > 0 || actor->peer_closed > 0)
		sim_fail(sim, "%s was given a message while not open", actor_name(actor));
	if (++actor->peer->sent[n].delivered > 1 && (sim->fresh || sim->link == SECCOMM_STREAM))
		sim_fail(sim, "%s was given message %zu twice", actor_name(actor), n);
	note_passed(sim, record_of(actor->peer, actor->peer->sent[n].epoch));
	last = &actor->last[actor->peer->sent[n].epoch % (EPOCHS_ALIVE + 1)];
	if (sim->ordered && n < *last)
		sim_fail(sim, "%s was given message %zu after %zu", actor_name(actor), n, *last - 1);
	*last = n + 1;
}

/* ---- Alerts and ends ----------------------------------------------------------------------------------------------- */

/* What may end a session over datagrams: a time that is over, and nothing that arrives. */
static bool may_end(const struct actor *actor, enum seccomm_alert_id id)
{
	uint64_t now = actor->sim->monotonic_us;

	if (id == SECCOMM_ALERT_TIMED_OUT)
		return actor->opened == 0;
	return id == SECCOMM_ALERT_REKEY_FAILED && !actor->server && actor->committed_us != 0 &&
	       now - actor->committed_us >= UINT64_C(60) * SECOND;
}

void judge_alert(struct actor *actor, const struct seccomm_alert *alert)
{
	struct sim *sim = actor->sim;
	const struct network *network = &sim->network;
	enum seccomm_alert_id id = alert->id;

	if (id == SECCOMM_ALERT_INTERNAL || id == SECCOMM_ALERT_KEY_LIMIT)
		sim_fail(sim, "%s: %s: %s", actor_name(actor), seccomm_alert_text(id), alert->detail);
	if (sim->link == SECCOMM_STREAM)
		return;
	if (alert->fatal && !may_end(actor, id))
		sim_fail(sim, "%s was ended by an alert: %s: %s", actor_name(actor), seccomm_alert_text(id), alert->detail);
	if (id == SECCOMM_ALERT_SILENT && actor->heard_us != 0 && sim->monotonic_us - actor->heard_us < UINT64_C(14) * SECOND)
		sim_fail(sim, "%s calls its peer silent, which spoke a moment ago", actor_name(actor));
	if (network->gentle)
		sim_fail(sim, "%s: %s: %s, and nothing has happened", actor_name(actor), seccomm_alert_text(id), alert->detail);
	if (network->whole && (id == SECCOMM_ALERT_BAD_TAG || id == SECCOMM_ALERT_BAD_MAC || id == SECCOMM_ALERT_BAD_DECRYPTION))
		sim_fail(sim, "%s: %s, and nothing was changed", actor_name(actor), seccomm_alert_text(id));
}

void judge_peer_closed(struct actor *actor)
{
	const struct actor *peer;
	bool stream = actor->sim->link == SECCOMM_STREAM;

	judge_epochs(actor); /* it may be the first that is heard */
	peer = actor->peer;
	if (peer == NULL || (stream && (actor->got != peer->sent_count || !peer->close_asked)))
		sim_fail(actor->sim, "%s was told of a close after %zu of %zu messages", actor_name(actor), actor->got,
		    peer != NULL ? peer->sent_count : 0);
}

/* ---- After every call ---------------------------------------------------------------------------------------------- */

static void judge_statistics(struct actor *actor)
{
	struct seccomm_statistics s;

	seccomm_statistics(actor->session, &s);
	if (actor->session->depth > 0)
		return;
	if (s.sent != actor->sent_count || s.sent_bytes != actor->sent_bytes || s.received != actor->got ||
	    s.received_bytes != actor->got_bytes || s.refused != actor->refused || s.renewals != actor->renewed)
		sim_fail(actor->sim, "the statistics of %s do not add up: sent %" PRIu64 " of %zu, received %" PRIu64 " of %zu, refused %"
		    PRIu64 " of %" PRIu64, actor_name(actor), s.sent, actor->sent_count, s.received, actor->got, s.refused, actor->refused);
	if (actor->opened > 0 && actor->closed == 0 && s.epoch != actor->renewed + 1)
		sim_fail(actor->sim, "%s says to be in epoch %" PRIu64, actor_name(actor), s.epoch);
	if (s.memory != actor->bytes)
		sim_fail(actor->sim, "%s says to have %zu bytes and has %zu", actor_name(actor), s.memory, actor->bytes);
	for (unsigned id = 0; id < ALERTS; id++)
		if (seccomm_alert_count(actor->session, (enum seccomm_alert_id)id) != actor->alerts[id])
			sim_fail(actor->sim, "%s has not counted alert %u", actor_name(actor), id);
}

void judge_actor(struct actor *actor)
{
	if (actor->session == NULL)
		return;
	judge_epochs(actor);
	judge_statistics(actor);
	if (actor->opened > 1 || actor->closed > 1 || actor->peer_closed > 1)
		sim_fail(actor->sim, "%s was told something twice", actor_name(actor));
	if (actor->opened > 0 && actor->peer == NULL && !actor->sim->keys->salted)
		sim_fail(actor->sim, "%s is open with nobody", actor_name(actor));
	if ((actor->closed > 0) != (actor->session->state == STATE_ENDED))
		sim_fail(actor->sim, "%s was not told of its end", actor_name(actor));
}

bool judge_agreed(const struct actor *actor)
{
	const struct actor *peer = actor != NULL ? actor->peer : NULL;

	return peer != NULL && actor->session != NULL && peer->session != NULL && actor->session->state == STATE_OPEN &&
	       peer->session->state == STATE_OPEN && actor->peer_closed + peer->peer_closed == 0 &&
	       actor->session->epoch->number == peer->session->epoch->number && actor->session->exchange == NULL &&
	       peer->session->exchange == NULL;
}
