/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listener.c - what stands between strangers and the sessions of one datagram socket.
 *
 * Datagrams are routed by their receiver's index.  An opening costs two MACs before anything is kept of it: mac1, which
 * only who knows this server's key can make, and, when many sessions are half open, a cookie, which only who receives at
 * its address can have.  Sessions that are half open are bounded in number and memory; the oldest gives way.
 */
#include <string.h>

#include "seccomm/listener.h"

enum {
	HALF_OPEN = 1024,
	HALF_OPEN_BYTES = 1024 * 1024,
	COOKIES_ABOVE = 16,
	OPENING_MAX = 1232 /* what every path carries: 1,280 (RFC 8200) without IPv6 and UDP headers */
};

/* A datagram, and what is known of it. */
struct arrival {
	const void *address;
	size_t address_length;
	uint8_t *bytes;
	size_t length;
	struct frame frame;
	struct opening opening;
	uint8_t name[HASH]; /* of address and core, or the salt */
	bool proven;
};

/* ---- Life ---- */

static int find_own(struct seccomm_listener *listener, struct seccomm_error *error)
{
	const char *secret = seccomm_plan_psk(listener->plan);
	const struct psk *psk;

	if (listener->plan->identity != NULL) {
		listener->identity = keyring_identity(listener->keyring, listener->plan->identity);
		return listener->identity != NULL
			   ? SECCOMM_OK
			   : error_set(error, SECCOMM_UNKNOWN_KEY, "make it with `seccomm key gen NAME`",
				 "there is no identity called '%s'", listener->plan->identity);
	}
	if (seccomm_plan_anonymous(listener->plan)) {
		listener->holder = &participants_anybody;
		return SECCOMM_OK;
	}
	psk = secret != NULL ? keyring_psk(listener->keyring, secret) : NULL;
	listener->holder = psk != NULL ? &psk->as_peer : NULL;
	return psk != NULL ? SECCOMM_OK
			   : error_set(error, SECCOMM_UNKNOWN_KEY,
				 "make it with `seccomm key gen NAME --algorithm psk` and bring the file to the other host",
				 "there is no pre-shared secret called '%s'", secret != NULL ? secret : "");
}

static bool make_mac1(struct seccomm_listener *listener)
{
	listener->mac1 = opening_mac1(listener->plan->library->crypto,
	    listener->identity != NULL ? listener->identity->public_key : listener->holder->public_key);
	return listener->mac1 != NULL;
}

static struct seccomm_listener_limits limits_of(const struct seccomm_listener_limits *in)
{
	struct seccomm_listener_limits out = { HALF_OPEN, HALF_OPEN_BYTES, COOKIES_ABOVE };

	if (in == NULL)
		return out;
	out.cookies_above = in->cookies_above;
	if (in->half_open > 0)
		out.half_open = in->half_open;
	if (in->half_open_bytes > 0)
		out.half_open_bytes = in->half_open_bytes;
	return out;
}

int seccomm_listener_new(struct seccomm_plan *plan, const struct seccomm_keyring *keyring,
    const struct cactus_platform *platform, const struct seccomm_listener_callbacks *callbacks,
    const struct seccomm_listener_limits *limits, struct seccomm_listener **out, struct seccomm_error *error)
{
	struct seccomm_listener *listener;
	int status;

	*out = NULL;
	if (plan->role != SECCOMM_SERVER || plan->link != SECCOMM_DATAGRAM)
		return error_set(error, SECCOMM_INVALID, NULL, "a listener is for a server's sessions over datagrams");
	listener = platform->allocate(platform->context, sizeof(*listener));
	if (listener == NULL)
		return error_set(error, SECCOMM_NO_MEMORY, NULL, "out of memory");
	listener->plan = plan;
	listener->keyring = keyring;
	listener->platform = platform;
	listener->callbacks = callbacks;
	listener->limits = limits_of(limits);
	TAILQ_INIT(&listener->half);
	TAILQ_INIT(&listener->open);
	status = find_own(listener, error);
	if (status == SECCOMM_OK && !make_mac1(listener))
		status = error_set(error, SECCOMM_NO_MEMORY, NULL, "out of memory");
	if (status == SECCOMM_OK)
		*out = listener;
	else
		seccomm_listener_free(listener);
	return status;
}

void seccomm_listener_free(struct seccomm_listener *listener)
{
	const struct cactus_platform *platform;

	if (listener == NULL)
		return;
	platform = listener->platform;
	crypto_mac_free(listener->mac1);
	cookies_free(&listener->cookies);
	crypto_wipe(listener, sizeof(*listener));
	platform->release(platform->context, listener, sizeof(*listener));
}

/* ---- Telling ---- */

static void drop(struct seccomm_listener *listener, const struct arrival *arrival, enum seccomm_alert_id id,
    const char *detail)
{
	const struct seccomm_listener_callbacks *callbacks = listener->callbacks;
	const struct seccomm_alert alert = { .id = id, .count = ++listener->alerts, .detail = detail };

	listener->statistics.dropped++;
	if (callbacks->alert != NULL)
		callbacks->alert(callbacks->context, &alert, arrival->address, arrival->address_length);
}

/* ---- Openings ---- */

static bool name_arrival(const struct seccomm_listener *listener, struct arrival *arrival)
{
	uint8_t size[2];
	const struct crypto_part parts[] = { { size, 2 }, { arrival->address, arrival->address_length },
		{ arrival->opening.body, arrival->opening.core_length } };

	cactus_put_u16(size, (uint16_t)arrival->address_length);
	return crypto_sha256(listener->plan->library->crypto, parts, 3, arrival->name) == 0;
}

static bool has_cookie(const struct seccomm_listener *listener, const struct arrival *arrival)
{
	return arrival->opening.cookie_length == COOKIE &&
	       cookies_match(&listener->cookies, arrival->name, arrival->opening.cookie);
}

/* Asks for the OPEN again, with a cookie and at least SIZE bytes; keeps nothing. */
static void send_retry(struct seccomm_listener *listener, const struct arrival *arrival, size_t size)
{
	const struct seccomm_listener_callbacks *callbacks = listener->callbacks;
	struct retry retry = { .id = arrival->opening.id, .size = (uint16_t)size };
	struct frame frame = { .lane = LANE_KEY + 1, .index = arrival->opening.id, .length = RETRY_BODY };
	uint8_t wire[FRAME_HEADER + RETRY_BODY];

	if (retry_echo(listener->plan->library->crypto, &arrival->opening, retry.echo) < 0 ||
	    !cookies_make(&listener->cookies, arrival->name, retry.cookie))
		return;
	frame_write(SECCOMM_DATAGRAM, &frame, wire);
	retry_write(&retry, wire + FRAME_HEADER);
	listener->statistics.retries++;
	callbacks->answer(callbacks->context, arrival->address, arrival->address_length, wire, sizeof(wire));
}

static void tell_unknown(struct seccomm_listener *listener, const struct arrival *arrival)
{
	char text[SECCOMM_FINGERPRINT_TEXT], detail[128] = "a client with key ";

	seccomm_fingerprint_text(arrival->opening.principal, text);
	memcpy(detail + strlen(detail), text, sizeof(text));
	drop(listener, arrival, SECCOMM_ALERT_UNKNOWN_PEER, detail);
}

/* Whether ARRIVAL may cost a session.  If not, it has been answered, or dropped and told. */
static bool is_welcome(struct seccomm_listener *listener, struct arrival *arrival)
{
	const struct opening *opening = &arrival->opening;
	const struct seccomm_plan *plan = listener->plan;
	bool differs = memcmp(opening->digest, plan->digest, HASH) != 0;
	size_t answer = differs ? mismatch_length(plan) : exchange_answer_length(plan, opening->share_length);
	size_t before = arrival->proven ? 0 : answer;

	if (participants_peer(plan, listener->keyring, listener->holder, opening->principal) == NULL) {
		tell_unknown(listener, arrival);
		return false;
	}
	if (differs && (listener->identity == NULL || answer > OPENING_MAX)) {
		drop(listener, arrival, SECCOMM_ALERT_MISMATCH,
		    "the digests differ; compare both with `seccomm explain FILE`");
		return false;
	}
	/* No answer is longer than its request before the address is proven; a MISMATCH not even then. */
	if (opening->length < (differs ? answer : before) ||
	    (!arrival->proven && (differs || listener->statistics.half_open >= listener->limits.cookies_above))) {
		send_retry(listener, arrival, opening->length < answer ? answer : 0);
		return false;
	}
	return true;
}

static void give(struct seccomm_session *session, const struct arrival *arrival)
{
	ptrdiff_t used = seccomm_pop(session, arrival->bytes, arrival->length);

	(void)used; /* what is wrong with it, the session tells */
}

/* The session that a client's MISMATCH answers.  The client knows no index of it; but it is bound to what was sent there. */
static struct listener_entry *differs_from(const struct seccomm_listener *listener, const struct arrival *arrival)
{
	const uint8_t *body = arrival->bytes + FRAME_HEADER, *bound = body + 1 + 2 * HASH;
	struct listener_entry *entry;

	if (arrival->frame.length < 1 + 3 * HASH || body[0] != KIND_MISMATCH)
		return NULL;
	TAILQ_FOREACH (entry, &listener->half, all) {
		const struct exchange *x = entry->session->exchange;

		if (x != NULL && x->stage == AWAIT_MISMATCH && memcmp(x->bound, bound, HASH) == 0)
			return entry;
	}
	return NULL;
}

/*
 * It was begun by an OPEN without a cookie, and now the same one has come with one: the client has followed a RETRY that a copy of
 * the first met, so to what that was answered with it will not listen.
 */
static bool is_outdated(const struct listener_entry *entry)
{
	const struct exchange *x = entry->session->exchange; /* NULL: it has ended, and its owner has not freed it yet */

	return entry->half && x != NULL && !x->proven;
}

static void take_opening(struct seccomm_listener *listener, struct arrival *arrival)
{
	const struct seccomm_listener_callbacks *callbacks = listener->callbacks;
	struct listener_entry *entry;
	struct seccomm_session *session;

	entry = differs_from(listener, arrival);
	if (entry != NULL) {
		give(entry->session, arrival);
		return;
	}
	listener->statistics.openings++;
	if (!opening_read(arrival->bytes + FRAME_HEADER, arrival->frame.length, &arrival->opening) ||
	    !opening_is_for(listener->mac1, &arrival->opening)) {
		drop(listener, arrival, SECCOMM_ALERT_MALFORMED,
		    "no opening for this server: of another protocol, or made for another identity or pre-shared secret than this end has");
		return;
	}
	if (!cookies_turn(&listener->cookies, listener->plan->library->crypto, listener->platform) ||
	    !name_arrival(listener, arrival))
		return;
	arrival->proven = has_cookie(listener, arrival);
	entry = entries_named(listener, arrival->name);
	if (entry != NULL && arrival->proven && is_outdated(entry)) {
		session = entry->session;
		listener_leave(session);
		callbacks->evict(callbacks->context, session);
	} else if (entry != NULL) {
		/* One that is open was begun by it long ago; a network that doubles brings it late. */
		if (entry->half)
			give(entry->session, arrival);
		else
			listener->statistics.dropped++;
		return;
	}
	if (!is_welcome(listener, arrival))
		return;
	entries_make_room(listener);
	session = callbacks->accept(callbacks->context, arrival->address, arrival->address_length);
	if (session == NULL)
		return;
	if (session->exchange == NULL || !entries_add(listener, session, arrival->name)) {
		callbacks->evict(callbacks->context, session);
		return;
	}
	listener->statistics.accepted++;
	session->exchange->proven = arrival->proven;
	give(session, arrival);
}

/* ---- Datagrams ---- */

static void route(struct seccomm_listener *listener, const struct arrival *arrival)
{
	const struct seccomm_listener_callbacks *callbacks = listener->callbacks;
	struct listener_entry *entry = entries_with(listener, arrival->frame.index);
	struct seccomm_session *session;
	uint64_t newest;

	if (entry == NULL) {
		drop(listener, arrival, SECCOMM_ALERT_UNEXPECTED, "receiver's index");
		return;
	}
	session = entry->session;
	newest = session->statistics.newest;
	session_enter(session); /* the session outlives its callbacks in this call */
	give(session, arrival);
	if (session->statistics.newest != newest)
		callbacks->moved(callbacks->context, session, arrival->address, arrival->address_length);
	session_leave(session);
}

/* Without an exchange a session is known by its sender's salt; one that no session has may begin another. */
static void take_salted(struct seccomm_listener *listener, struct arrival *arrival)
{
	const struct seccomm_listener_callbacks *callbacks = listener->callbacks;
	const struct cactus_platform *platform = listener->platform;
	struct seccomm_session *session;

	if (arrival->length < FRAME_HEADER + SALT || arrival->frame.index != 0) {
		drop(listener, arrival, SECCOMM_ALERT_MALFORMED, "no message with a salt");
		return;
	}
	arrival->frame.index = cactus_u32(arrival->bytes + FRAME_HEADER);
	if (entries_with(listener, arrival->frame.index) != NULL) {
		route(listener, arrival);
		return;
	}
	/* The close of a session that is over here would begin another one, whose close would do the same over there. */
	if (arrival->frame.lane != LANE_DATA) {
		drop(listener, arrival, SECCOMM_ALERT_UNEXPECTED, "a session does not begin with its end");
		return;
	}
	if (!predefined_may_try(&listener->trials, platform->monotonic_us(platform->context))) {
		drop(listener, arrival, SECCOMM_ALERT_UNEXPECTED, "too many salts were tried");
		return;
	}
	session = callbacks->accept(callbacks->context, arrival->address, arrival->address_length);
	if (session == NULL)
		return;
	session->receive_index = arrival->frame.index;
	memcpy(arrival->name, arrival->bytes + FRAME_HEADER, SALT);
	if (entries_add(listener, session, arrival->name)) {
		give(session, arrival);
		listener->statistics.accepted += session->announced;
	}
	if (!session->announced) {
		listener_leave(session);
		callbacks->evict(callbacks->context, session);
	}
}

void seccomm_listener_pop(
    struct seccomm_listener *listener, const void *address, size_t address_length, uint8_t *bytes, size_t length)
{
	struct arrival arrival = {
		.address = address, .address_length = address_length, .bytes = bytes, .length = length
	};

	if (address_length > SECCOMM_ADDRESS_MAX || length < FRAME_HEADER ||
	    !frame_read(SECCOMM_DATAGRAM, bytes, length, &arrival.frame)) {
		drop(listener, &arrival, SECCOMM_ALERT_MALFORMED, "not SecComm, or another version of it");
		return;
	}
	if (listener->plan->salted)
		take_salted(listener, &arrival);
	else if (arrival.frame.index == 0 && arrival.frame.lane == LANE_KEY + 1 && arrival.frame.epoch == 0)
		take_opening(listener, &arrival);
	else
		route(listener, &arrival);
}

bool seccomm_listener_has(const struct seccomm_listener *listener, const uint8_t *bytes, size_t length)
{
	struct frame frame;

	if (length < FRAME_HEADER || !frame_read(SECCOMM_DATAGRAM, bytes, length, &frame))
		return false;
	if (listener->plan->salted && frame.index == 0 && length >= FRAME_HEADER + SALT)
		frame.index = cactus_u32(bytes + FRAME_HEADER);
	return frame.index != 0 && entries_with(listener, frame.index) != NULL;
}

void seccomm_listener_statistics(const struct seccomm_listener *listener, struct seccomm_listener_statistics *out)
{
	*out = listener->statistics;
	out->half_open_bytes = entries_half_bytes(listener);
}
