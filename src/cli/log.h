/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h - one event a line on standard error: ts=… level=info event=opened session=… and what else there is.
 *
 * Values that need it are quoted; no control character of anybody's gets through.  A log that cannot be written is lost
 * and changes nothing else.
 */
#ifndef CLI_LOG_H
#define CLI_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_ERROR_LEVEL, LOG_WARNING_LEVEL, LOG_INFO_LEVEL };

enum { LOG_LINE_MAX = 4096, LOG_PER_SECOND = 10, LOG_SECOND_US = 1000000 };
struct log_line {
	char text[LOG_LINE_MAX];
	size_t length;
};

/* At most ten of a kind in a second are written; how many were not is said with the next one. */
struct log_limit {
	uint64_t since_us;
	unsigned written;
	uint64_t suppressed;
};
bool log_limited(struct log_limit *, uint64_t now_us);

void log_begin(struct log_line *, enum log_level, const char *event);
/* NULL is left out. */
void log_text(struct log_line *, const char *name, const char *value);
void log_number(struct log_line *, const char *name, uint64_t value);
/* "suppressed=N", and forgets it; nothing when it is 0. */
void log_suppressed(struct log_line *, struct log_limit *);
void log_write(struct log_line *, int fd);

#endif
