/* SPDX-License-Identifier: Apache-2.0 */
/* journal.h - the log of what services tell: a line an event, and of what comes in floods at most ten a second with a
 * count. */
#ifndef CLI_JOURNAL_H
#define CLI_JOURNAL_H

#include "cli/log.h"
#include "transport/transport.h"

/* What comes in floods: alerts by id, of which none is as great as JOURNAL_ALERTS, and three other events. */
enum {
	JOURNAL_ALERTS = 64,
	JOURNAL_CROWDED = JOURNAL_ALERTS,
	JOURNAL_CONNECT_FAILED,
	JOURNAL_FAULT,
	JOURNAL_LIMITS
};

struct journal {
	struct log log;
	struct log_limit limits[JOURNAL_LIMITS];
	uint64_t untold; /* what was suppressed and not yet counted in the log */
};

void journal_event(struct journal *, const struct transport_event *);
/* Says how much was not written, once their second is over, or NOW: a count that is never told is lost. */
void journal_suppressed(struct journal *, bool now);
/* One event with at most one value; NULL is left out. */
void journal_simple(const struct journal *, const char *event, const char *name, const char *value);
/* Which modules from outside the LIBRARY has, a line each. */
void journal_modules(const struct journal *, const struct seccomm *library);
/* Something of the program that did not work, and what can be done about it; REMEDY may be empty. */
void journal_trouble(const struct journal *, enum log_level, const char *event, const char *text, const char *remedy);

/* "SA-031". */
enum { ALERT_NAME_MAX = 16 };
void alert_name(enum seccomm_alert_id, char out[ALERT_NAME_MAX]);

#endif
