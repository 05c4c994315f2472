/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h - one event a line: ts=… level=info event=opened session=… and what else there is; or the same as a JSON
 * object.
 *
 * In logfmt, values that need it are quoted.  In both forms no control character of anybody's gets through, and bytes
 * that are not ASCII are written \xNN.  In JSON the names are those of the control socket: time and address for ts and
 * addr.  A log that cannot be written is lost and changes nothing else.
 */
#ifndef CLI_LOG_H
#define CLI_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_ERROR_LEVEL, LOG_WARNING_LEVEL, LOG_INFO_LEVEL };
enum log_form { LOG_LOGFMT, LOG_JSON };

struct log {
	int fd;
	enum log_form form;
	bool journal; /* each line begins with its priority, "<6>" (sd-daemon(3)) */
};
/* Finds out whether FD is connected to systemd's journal. */
void log_open(struct log *, int fd, enum log_form);
/* "logfmt" or "json"; false: neither. */
bool log_form_read(const char *word, enum log_form *out);

enum { LOG_LINE_MAX = 4096, LOG_PER_SECOND = 10, LOG_SECOND_US = 1000000, LOG_TIME_MAX = 40 };
struct log_line {
	const struct log *log;
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

/* Microseconds since 1970 as RFC 3339 has it: "2026-11-25T23:12:37.250Z". */
void log_time(uint64_t wall_us, char out[LOG_TIME_MAX]);

void log_begin(struct log_line *, const struct log *, enum log_level, const char *event);
/* NULL is left out. */
void log_text(struct log_line *, const char *name, const char *value);
void log_number(struct log_line *, const char *name, uint64_t value);
/* "suppressed=N", and forgets it; nothing when it is 0. */
void log_suppressed(struct log_line *, struct log_limit *);
void log_write(struct log_line *);

#endif
