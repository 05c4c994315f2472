/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listener.h - the inside of a listener: listener.c judges what arrives, listener_entries.c keeps the sessions.
 */
#ifndef SECCOMM_LISTENER_H
#define SECCOMM_LISTENER_H

#include <sys/queue.h>

#include "seccomm/exchange.h"

/* A session in a listener. */
struct listener_entry {
	TAILQ_ENTRY(listener_entry) all;
	struct seccomm_listener *listener;
	struct seccomm_session *session;
	uint32_t index;
	bool half; /* not open yet */
	uint8_t name[HASH]; /* of the address and the OPEN's core, or the salt: what comes again is known by it */
};

TAILQ_HEAD(entries, listener_entry);

struct seccomm_listener {
	struct seccomm_plan *plan;
	const struct seccomm_keyring *keyring;
	const struct cactus_platform *platform;
	const struct seccomm_listener_callbacks *callbacks;
	struct seccomm_listener_limits limits;
	const struct identity *identity; /* or NULL, and then HOLDER is who has the pre-shared secret */
	const struct peer *holder;
	struct entries half, open; /* by age */
	void *by_index, *by_name; /* trees of entries */
	struct crypto_mac *mac1; /* under this server's key */
	struct cookies cookies;
	uint64_t alerts;
	struct trials trials; /* of salts, where there is no exchange */
	struct seccomm_listener_statistics statistics;
};

/* The session that has INDEX; that NAME began.  NULL: there is none. */
struct listener_entry *entries_with(const struct seccomm_listener *, uint32_t index);
struct listener_entry *entries_named(const struct seccomm_listener *, const uint8_t name[HASH]);
/* Takes SESSION in, half open, under NAME; its receive index is made one that no other has.  False: no memory. */
bool entries_add(struct seccomm_listener *, struct seccomm_session *, const uint8_t name[HASH]);
/* Memory of all that are half open. */
size_t entries_half_bytes(const struct seccomm_listener *);
/* Takes the oldest of those that are half open out until there is room for one more like it. */
void entries_make_room(struct seccomm_listener *);

#endif
