/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keydist.h - what the key distributions share: they are worked off one after the other, as in Figure 7 of TR 99-08.  The
 * client's handler of openSession starts the exchange and stops the event, which the session raises again when the slot has
 * its key; until then nothing can be pushed.  In a further epoch replaceKey_i starts the exchange of slot i, if it is new.
 */
#ifndef KEYDIST_H
#define KEYDIST_H

#include "seccomm_module.h"

enum { KEYDIST_BYTES = 32 };

/* Heads the state of every one of them. */
struct keydist {
	struct seccomm_self self;
	uint32_t creation; /* whose creator makes what this end contributes; 0: that of the slot itself */
	bool done;	   /* the slot has its key */
	bool made;	   /* OWN is there */
	uint8_t own[KEYDIST_BYTES]; /* what this end has contributed, until the slot has its key */
};

int keydist_begin(void *self);
enum cactus_verdict keydist_ready(void *self, void *argument);
enum cactus_verdict keydist_open(void *self, void *argument);
/* Makes OWN; false: the creator made nothing. */
bool keydist_make(struct keydist *);

#define KEYDIST_CREATION                                                                                               \
	{                                                                                                              \
		.name = "creation",                                                                                    \
		.doc = "Number of the key whose creator makes this end's part; 0: its own.",                           \
		.at = CACTUS_AT(struct keydist, creation),                                                             \
		.kind = CACTUS_COUNT,                                                                                  \
		.max = 30,                                                                                             \
		.local = true                                                                                          \
	}
#define KEYDIST_PROVIDES                                                                                               \
	(const struct cactus_tie[])                                                                                    \
	{                                                                                                              \
		{ .capability = "key", .index = CACTUS_AT(struct seccomm_self, key) }, { 0 }                           \
	}
/* The slot is done when every layer has its key: until then it may have to be established again. */
#define KEYDIST_EVENTS(exchange_)                                                                                      \
	(const struct cactus_event_row[])                                                                              \
	{                                                                                                              \
		{ .event = "keyReady_",                                                                                \
		    .index = CACTUS_AT(struct seccomm_self, key),                                                      \
		    .order = CACTUS_ORDER_MAX,                                                                         \
		    .handler = keydist_ready },                                                                        \
		    { .event = "openSession", .handler = keydist_open },                                               \
		    { .event = "replaceKey_", .index = CACTUS_AT(struct seccomm_self, key), .handler = keydist_open }, \
		    { .event = "keyExchange_", .index = CACTUS_AT(struct seccomm_self, key), .handler = (exchange_) }, \
		{ 0 }                                                                                                  \
	}

#endif
