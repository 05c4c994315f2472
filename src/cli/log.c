/* SPDX-License-Identifier: Apache-2.0 */
/* log.c - logfmt lines (see log.h). */
#include "cli/log.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void put(struct log_line *line, const char *text)
{
	size_t length = strlen(text), room = sizeof(line->text) - 2 - line->length;

	if (length > room)
		length = room;
	memcpy(line->text + line->length, text, length);
	line->length += length;
}

static bool plain(const char *value)
{
	if (!*value)
		return false;
	for (const char *p = value; *p; p++)
		if (*p <= ' ' || *p >= 0x7f || *p == '"' || *p == '=' || *p == '\\')
			return false;
	return true;
}

static void put_quoted(struct log_line *line, const char *value)
{
	char piece[8];

	put(line, "\"");
	for (const char *p = value; *p; p++) {
		unsigned char c = (unsigned char)*p;

		if (c == '"' || c == '\\')
			snprintf(piece, sizeof(piece), "\\%c", c);
		else if (c == '\n')
			snprintf(piece, sizeof(piece), "\\n");
		else if (c < 0x20 || c >= 0x7f)
			snprintf(piece, sizeof(piece), "\\x%02x", c);
		else
			snprintf(piece, sizeof(piece), "%c", c);
		/* A quote that is not closed would spoil the line. */
		if (line->length + strlen(piece) + 4 > sizeof(line->text))
			break;
		put(line, piece);
	}
	put(line, "\"");
}

void log_text(struct log_line *line, const char *name, const char *value)
{
	if (!value || line->length + strlen(name) + 8 > sizeof(line->text))
		return;
	put(line, line->length ? " " : "");
	put(line, name);
	put(line, "=");
	if (plain(value))
		put(line, value);
	else
		put_quoted(line, value);
}

void log_number(struct log_line *line, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	log_text(line, name, text);
}

void log_begin(struct log_line *line, enum log_level level, const char *event)
{
	static const char *const levels[] = { "error", "warning", "info" };
	char stamp[40], seconds[24];
	struct timespec now;
	struct tm parts;

	line->length = 0;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &parts);
	strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(stamp, sizeof(stamp), "%s.%03ldZ", seconds, now.tv_nsec / 1000000);
	log_text(line, "ts", stamp);
	log_text(line, "level", levels[level]);
	log_text(line, "event", event);
}

void log_write(struct log_line *line, int fd)
{
	struct pollfd room = { .fd = fd, .events = POLLOUT };

	line->text[line->length++] = '\n';
	/* What cannot be logged cannot be reported either, and a reader of the log that has stopped must not stop the service. */
	if (poll(&room, 1, 0) != 1 || !(room.revents & POLLOUT) || write(fd, line->text, line->length) < 0)
		return;
}

bool log_limited(struct log_limit *limit, uint64_t now_us)
{
	if (now_us - limit->since_us >= LOG_SECOND_US) {
		limit->since_us = now_us;
		limit->written = 0;
	}
	if (limit->written < LOG_PER_SECOND) {
		limit->written++;
		return false;
	}
	limit->suppressed++;
	return true;
}

void log_suppressed(struct log_line *line, struct log_limit *limit)
{
	if (limit->suppressed)
		log_number(line, "suppressed", limit->suppressed);
	limit->suppressed = 0;
}
