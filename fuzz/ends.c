/* SPDX-License-Identifier: Apache-2.0 */
/* ends.c - two sessions, and what must hold of them (see ends.h). */
#include "ends.h"

#include <stdlib.h>
#include <string.h>

#include "seccomm/exchange.h"

/* ---- What must hold between two calls ---- */

static void check_ended(const struct end *end)
{
	const struct seccomm_session *s = end->session;

	must(end->closed == 1, "an ended session has said so, once");
	must(s->epoch == NULL && s->next == NULL && s->previous == NULL && s->exchange == NULL,
	    "an ended session has no keys");
	must(seccomm_deadline(s) == UINT64_MAX, "an ended session waits for nothing");
	must(!seccomm_may_push(s), "nothing can be sent by an ended session");
}

static void check_epochs(const struct seccomm_session *s)
{
	const struct epoch *now = s->epoch;

	must(now != NULL && now->plan == s->plan, "the session's plan is that of the epoch that sends");
	must(s->next == NULL || s->next->number == now->number + 1, "the next epoch is the one behind this one");
	must(s->previous == NULL || s->previous->number == now->number - 1, "the previous epoch is the one before");
	must(s->previous == NULL || s->next == NULL, "no epoch is begun while the previous one lives");
	must(s->retired == NULL, "a retired epoch is freed when the outermost call leaves");
	must(s->incoming == NULL || (s->plan->salted && epoch_complete(s->incoming)),
	    "only a salt has an epoch of its own");
}

static void check_exchange(const struct seccomm_session *s)
{
	const struct exchange *x = s->exchange;

	must((s->state < STATE_OPEN) == (x != NULL && x->epoch == s->epoch), "an opening agrees on the first epoch");
	must(s->state < STATE_OPEN || (x != NULL) == (s->next != NULL), "whoever agrees on keys has an epoch for them");
	must(x == NULL || x->epoch == s->epoch || x->epoch == s->next, "an exchange belongs to a living epoch");
	must(x == NULL || (x->slot >= 1 && x->slot <= x->epoch->plan->slot_count), "the slot at hand exists");
	must(x == NULL || !s->plan->salted, "where there are salts there is no exchange");
	must(s->state == STATE_OPENING || epoch_complete(s->epoch), "an epoch that sends has all its keys");
	must(s->state != STATE_OPEN || s->peer != NULL || s->plan->salted, "an open session knows its peer");
}

/* What the application has been told. */
static bool is_open(const struct seccomm_session *s)
{
	return s->plan->salted ? s->announced : s->state == STATE_OPEN;
}

void end_check(struct end *end)
{
	const struct seccomm_session *s = end->session;
	struct seccomm_statistics statistics;

	seccomm_statistics(s, &statistics);
	must(s->depth == 0 && !s->popping && (!s->closing || s->state == STATE_ENDED), "no call is under way");
	must((int)s->state >= end->reached && s->state <= STATE_ENDED, "states only go forward");
	must(s->state == STATE_ENDED || is_open(s) == (end->opened == 1), "an open session has said so");
	must(statistics.memory == end->source.bytes, "a session knows what memory it has");
	end->reached = (int)s->state;
	if (s->state == STATE_ENDED) {
		check_ended(end);
		return;
	}
	must(s->ending == 1 && end->closed == 0, "a session that is to end has ended");
	check_epochs(s);
	check_exchange(s);
}

/* ---- Callbacks ---- */

static void told(const struct end *end, const char *what, uint64_t number, const char *more)
{
	tell("%s %p: %s %llu %s\n", end->number == CLIENT ? "client" : "server", (const void *)end, what,
	    (unsigned long long)number, more);
}

/* What END is to do in a callback, once each. */
static bool reacts(struct end *end, enum reaction reaction)
{
	bool asked = (end->reactions & (unsigned)reaction) != 0;

	end->reactions &= ~(unsigned)reaction;
	return asked;
}

static void react(struct end *end)
{
	uint8_t bytes[16] = { 0 };
	int ignored;

	if (end->session == NULL)
		return;
	if (reacts(end, REACT_POP) && end->popping > 0)
		must(seccomm_pop(end->session, bytes, sizeof(bytes)) < 0, "no pop inside a pop");
	if (reacts(end, REACT_PUSH))
		ignored = end_push(end, NULL, sizeof(bytes));
	if (reacts(end, REACT_REKEY))
		ignored = seccomm_rekey(end->session);
	if (reacts(end, REACT_CLOSE))
		ignored = seccomm_close(end->session);
	(void)ignored;
}

static void transmit(void *context, const uint8_t *bytes, size_t length)
{
	struct end *end = context;

	must(end->closed == 0, "nothing is sent behind the end");
	must(length >= FRAME_HEADER && bytes[0] >> 5 == FRAME_VERSION, "what is sent has a header");
	if (end->link == SECCOMM_STREAM)
		must(length == FRAME_HEADER + cactus_u32(bytes + 2), "a header states the length");
	told(end, "sends on lane", bytes[0] & 31, "");
	frames_add(&end->sent, bytes, length);
	end->transmitted += length;
	react(end);
}

static void deliver(void *context, struct seccomm_message *message)
{
	struct end *end = context;
	size_t length;
	const uint8_t *bytes = seccomm_message_bytes(message, &length);
	uint8_t copy[64];

	must(end->opened == 1 && end->closed == 0 && end->peer_closed == 0, "only an open session delivers");
	must(end->popping > 0 && length <= end->popping - FRAME_HEADER, "no more is delivered than has come");
	must(length <= seccomm_plan_max_message(end->session->plan), "nothing too large is delivered");
	memcpy(copy, bytes, length < sizeof(copy) ? length : sizeof(copy));
	must(seccomm_message_sender(message) == NULL || end->session->plan->salted ||
		 seccomm_message_sender(message) == seccomm_peer(end->session),
	    "a sender that is proven is the peer");
	told(end, "gets message", ++end->delivered, "");
	if (end->kept == NULL && reacts(end, REACT_KEEP))
		end->kept = seccomm_message_keep(message);
	react(end);
}

static void alert(void *context, const struct seccomm_alert *alert)
{
	struct end *end = context;

	told(end, alert->fatal ? "fatal alert" : "alert", (uint64_t)alert->id, alert->detail);
	must(alert->count == ++end->alerts, "alerts are counted");
	must(end->session == NULL || seccomm_alert_count(end->session, alert->id) > 0, "alerts are counted by id");
	must(end->closed == 0, "no alert comes behind the end");
	end->refusals += alert->fatal && alert->id < SECCOMM_ALERT_TIMED_OUT;
	for (const char *c = alert->detail; *c != '\0'; c++)
		must((unsigned char)*c >= ' ' && *c != 127, "a detail has no control characters");
	react(end);
}

static void opened(void *context, const struct seccomm_principal *peer)
{
	struct end *end = context;

	told(end, "opened", end->opened, "");
	must(++end->opened == 1 && end->closed == 0, "a session opens once");
	must(end->session == NULL || peer == seccomm_peer(end->session), "the peer is known when it is told");
	react(end);
}

static void peer_closed(void *context)
{
	struct end *end = context;

	must(++end->peer_closed == 1 && end->opened == 1, "an open session's peer closes once");
	react(end);
}

static void closed(void *context, int status)
{
	struct end *end = context;

	told(end, "closed", end->closed, seccomm_status_name(status));
	must(++end->closed == 1, "a session ends once");
	end->status = status;
	must(status == SECCOMM_OK || status == SECCOMM_CLOSED || status == SECCOMM_REFUSED || status == SECCOMM_FAILED,
	    "an end has a reason");
	react(end);
}

static void writable(void *context)
{
	struct end *end = context;

	must(seccomm_may_push(end->session), "what is writable can be written");
	react(end);
}

static void renewed(void *context, uint64_t epoch, struct seccomm_plan *plan)
{
	struct end *end = context;

	told(end, "renewed", epoch, "");
	must(end->opened == 1 && end->closed == 0 && plan == end->session->plan && epoch == end->session->epoch->number,
	    "a new epoch sends when it is told");
	react(end);
}

/* ---- One end ---- */

bool end_open(struct end *end, unsigned n, struct seccomm_plan *plan, const uint64_t *monotonic_us, uint64_t seed,
    unsigned fail_in)
{
	struct seccomm_error error = { 0 };
	int status;

	*end = (struct end){ .link = seccomm_plan_link(plan), .number = n };
	source_make(&end->source, monotonic_us, seed);
	end->source.fail_in = fail_in;
	end->callbacks = (struct seccomm_callbacks){ .context = end,
		.transmit = transmit,
		.deliver = deliver,
		.alert = alert,
		.opened = opened,
		.peer_closed = peer_closed,
		.closed = closed,
		.writable = writable,
		.renewed = renewed };
	status =
	    seccomm_open(plan, composition_keyring(n), &end->source.platform, &end->callbacks, &end->session, &error);
	must(status == SECCOMM_OK || (fail_in > 0 && end->source.fail_in == 0),
	    "a session starts where there is memory");
	must((status == SECCOMM_OK) == (end->session != NULL), "a session that does not start is not there");
	return status == SECCOMM_OK;
}

int end_push(struct end *end, struct seccomm_message *message, size_t length)
{
	static const uint8_t zeros[1 << 12];
	int status = message != NULL
			 ? seccomm_push(end->session, message)
			 : seccomm_push_copy(end->session, zeros, length < sizeof(zeros) ? length : sizeof(zeros));

	must(status <= SECCOMM_OK, "a status is not positive");
	end->pushed += status == SECCOMM_OK;
	return status;
}

void end_free(struct end *end)
{
	if (end->session != NULL)
		end_check(end);
	seccomm_message_release(end->kept);
	seccomm_message_release(end->made);
	seccomm_session_free(end->session);
	frames_drop(&end->sent);
	must(end->source.blocks == 0 && end->source.bytes == 0, "all memory comes back");
	end->session = NULL;
	end->kept = end->made = NULL;
}

static void check_stream(ptrdiff_t used, size_t wanted, size_t length)
{
	must(used <= (ptrdiff_t)length, "no more is taken than was given");
	must(used != 0 || wanted > length, "a whole frame is taken");
	must(used <= 0 || (size_t)used == wanted, "a frame is as long as was said before");
}

static ptrdiff_t pop(struct end *end, uint8_t *bytes, size_t length)
{
	size_t wanted = seccomm_wanted(end->session, bytes, length);
	unsigned delivered = end->delivered, ended = end->closed;
	ptrdiff_t used;

	end->popping = length;
	used = seccomm_pop(end->session, bytes, length);
	end->popping = 0;
	must(end->delivered <= delivered + 1, "a frame carries one message");
	if (ended)
		must(used == SECCOMM_CLOSED, "an ended session takes nothing");
	else if (used < 0)
		must(end->closed == 1 && (used == SECCOMM_REFUSED || used == SECCOMM_CLOSED || used == SECCOMM_FAILED),
		    "a negative answer tells that the session has ended");
	else if (end->link == SECCOMM_STREAM)
		check_stream(used, wanted, length);
	else
		must(used == (ptrdiff_t)length, "a datagram is taken as a whole");
	end_check(end);
	return used;
}

void end_give(struct end *end, const uint8_t *bytes, size_t length)
{
	uint8_t *copy = malloc(length > 0 ? length : 1); /* of just this size, so that a step beyond is seen */
	ptrdiff_t used;
	size_t at = 0;

	must(copy != NULL, "there is memory");
	if (length > 0)
		memcpy(copy, bytes, length);
	do {
		used = pop(end, copy + at, length - at);
		at += used > 0 ? (size_t)used : 0;
	} while (used > 0 && at < length);
	free(copy);
}

/* What is due at one time is done in one go, or a driver would never rest. */
void end_run_due(struct end *end)
{
	uint64_t now = *end->source.monotonic_us;

	for (unsigned round = 0; seccomm_deadline(end->session) <= now; round++) {
		must(round < 4, "what is due is done");
		seccomm_run_due(end->session);
		end_check(end);
	}
}

/* ---- Both ---- */

bool pair_open(struct pair *pair, enum seccomm_link link, unsigned stack, unsigned server_stack, unsigned fail_in)
{
	*pair = (struct pair){ .link = link, .monotonic_us = 1000000 };
	return end_open(&pair->end[SERVER], SERVER, composition_plan(SERVER, link, server_stack), &pair->monotonic_us,
		   1, fail_in) &&
	       end_open(
		   &pair->end[CLIENT], CLIENT, composition_plan(CLIENT, link, stack), &pair->monotonic_us, 2, fail_in);
}

void pair_free(struct pair *pair)
{
	for (unsigned n = CLIENT; n <= SERVER; n++)
		end_free(&pair->end[n]);
}

bool pair_pass(struct pair *pair, unsigned n)
{
	struct frame_unit *unit = frames_take(&pair->end[n].sent);

	if (unit == NULL)
		return false;
	end_give(&pair->end[!n], unit->bytes, unit->length);
	free(unit);
	return true;
}

void pair_pump(struct pair *pair, unsigned most)
{
	bool any = true;

	for (unsigned n = SERVER; any && most > 0; most--) {
		n = !n;
		any = pair_pass(pair, n) || pair_pass(pair, !n);
	}
}
