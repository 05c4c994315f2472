/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_private.h - the inside of a plan, for the session that is opened from it.
 */
#ifndef SECCOMM_PLAN_PRIVATE_H
#define SECCOMM_PLAN_PRIVATE_H

#include <stdatomic.h>

#include "seccomm/library.h"
#include "seccomm/plan.h"

struct seccomm_plan {
	atomic_uint references;
	struct seccomm *library;
	enum seccomm_role role;
	enum seccomm_link link;
	bool lab, anonymous;
	bool counts; /* data messages on datagrams carry their number */
	bool holds;
	bool salted; /* the key comes from a predefined secret and a salt of each sender: there is no exchange */
	bool hidden; /* a layer under a key encrypts: what it carries cannot be looked at */
	char *session, *identity, *accepted;
	char **peers;
	size_t peer_count;
	struct plan_layer *stack;
	size_t stack_count;
	struct plan_slot *slots;
	size_t slot_count;
	enum seccomm_level require[PLAN_PROPERTIES];
	size_t max_message;
	struct plan_timing timing; /* UINT64_MAX: never */
	size_t head; /* in front of a data message's body: header, salt and number if they travel, clear attributes */
	size_t salt; /* of that, the salt */
	size_t max_frame; /* of a data message on the wire, header not counted */
	struct plan_limits limits[2]; /* by enum seccomm_way */
	struct plan_limits soft[2]; /* from here on a new epoch is due */
	struct cactus_chain *chains;
	struct cactus_service service;
	struct cactus_composition *composition;
	cactus_column sender; /* AUTH_SENDER */
	uint8_t digest[CRYPTO_HASH_BYTES];
	char *text;
};

/* Copies REQUEST into PLAN.  False: no memory; what was copied is freed with the plan. */
bool plan_copy(struct seccomm_plan *plan, const struct plan_request *request);
/* The configuration text of PLAN (doc/wire.md) into a new string; NULL: no memory, or longer than PLAN_TEXT_MAX. */
char *plan_write_text(const struct seccomm_plan *plan);

/* Whether LAYER works on the messages that this end sends, or receives. */
bool plan_runs(const struct seccomm_plan *plan, const struct plan_layer *layer, enum seccomm_way way);

#endif
