/* SPDX-License-Identifier: Apache-2.0 */
/* keycreate.h - what the tables of key creation share.  The number of a creation is that of the key it creates for. */
#ifndef KEYCREATE_H
#define KEYCREATE_H

#include "seccomm_module.h"

#define KEYCREATE_PROVIDES                                                                                             \
	(const struct cactus_tie[])                                                                                    \
	{                                                                                                              \
		{ .capability = "key-creation", .index = CACTUS_AT(struct seccomm_self, key) }, { 0 }                  \
	}
#define KEYCREATE_EVENTS(create_)                                                                                      \
	(const struct cactus_event_row[])                                                                              \
	{                                                                                                              \
		{ .event = "keyCreate_", .index = CACTUS_AT(struct seccomm_self, key), .handler = (create_) }, { 0 }   \
	}

#endif
