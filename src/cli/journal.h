/* SPDX-License-Identifier: Apache-2.0 */
/* journal.h - the log of what services tell: a line an event, and of what comes in floods at most ten a second with a
 * count. */
#ifndef CLI_JOURNAL_H
#define CLI_JOURNAL_H

#include "cli/log.h"
#include "transport/transport.h"

enum { JOURNAL_ALERTS = 64 }; /* more than any alert's id */

struct journal {
	struct log log;
	struct log_limit alerts[JOURNAL_ALERTS], crowded, failed, faults;
	uint64_t untold; /* alerts that were suppressed and not yet counted in the log */
};

void journal_event(struct journal *, const struct transport_event *);
/* Says how many alerts were not written, once their second is over, or NOW: a count that is never told is lost. */
void journal_suppressed(struct journal *, bool now);
/* One event with at most one value; NULL is left out. */
void journal_simple(const struct journal *, const char *event, const char *name, const char *value);
/* Something of the program that did not work, and what can be done about it; REMEDY may be empty. */
void journal_trouble(const struct journal *, enum log_level, const char *event, const char *text, const char *remedy);

/* "SA-031". */
enum { ALERT_NAME_MAX = 16 };
void alert_name(enum seccomm_alert_id, char out[ALERT_NAME_MAX]);

#endif
