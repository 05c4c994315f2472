/* SPDX-License-Identifier: Apache-2.0 */
/* log.c - lines of a log in two forms, logfmt and JSON (see log.h). */
#include "cli/log.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Behind whatever is written there must be room for a quote, a brace and a line feed. */
enum { END_ROOM = 4, PIECE_MAX = 8 };

void log_open(struct log *log, int fd, enum log_form form)
{
	const char *journal = getenv("JOURNAL_STREAM");
	char here[64];
	struct stat file;

	*log = (struct log){ .fd = fd, .form = form };
	if (!journal || fstat(fd, &file) < 0)
		return;
	snprintf(here, sizeof(here), "%ju:%ju", (uintmax_t)file.st_dev, (uintmax_t)file.st_ino);
	log->journal = strcmp(here, journal) == 0;
}

bool log_form_read(const char *word, enum log_form *out)
{
	*out = strcmp(word, "json") == 0 ? LOG_JSON : LOG_LOGFMT;
	return *out == LOG_JSON || strcmp(word, "logfmt") == 0;
}

static bool is_json(const struct log_line *line)
{
	return line->log->form == LOG_JSON;
}

static void put(struct log_line *line, const char *text)
{
	size_t length = strlen(text), room = sizeof(line->text) - END_ROOM - line->length;

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

/* One character as it stands between quotes; JSON knows no \x, so there the backslash itself is escaped. */
static void escape(bool json, unsigned char c, char out[PIECE_MAX])
{
	if (c == '"' || c == '\\')
		snprintf(out, PIECE_MAX, "\\%c", c);
	else if (c == '\n')
		snprintf(out, PIECE_MAX, "\\n");
	else if (c < 0x20 || c >= 0x7f)
		snprintf(out, PIECE_MAX, json ? "\\\\x%02x" : "\\x%02x", c);
	else
		snprintf(out, PIECE_MAX, "%c", c);
}

static void put_quoted(struct log_line *line, const char *value)
{
	char piece[PIECE_MAX];

	put(line, "\"");
	for (const char *p = value; *p; p++) {
		escape(is_json(line), (unsigned char)*p, piece);
		/* A quote that is not closed would spoil the line. */
		if (line->length + strlen(piece) + END_ROOM + 2 > sizeof(line->text))
			break;
		put(line, piece);
	}
	put(line, "\"");
}

static const char *json_name(const char *name)
{
	static const struct {
		const char *text, *json;
	} others[] = { { "ts", "time" }, { "addr", "address" } };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(others[i].text, name) == 0)
			return others[i].json;
	return name;
}

/* False: there is no room for it and a value. */
static bool put_name(struct log_line *line, const char *name)
{
	bool json = is_json(line), first = !line->length || (json && line->text[line->length - 1] == '{');

	name = json ? json_name(name) : name;
	if (line->length + strlen(name) + 32 > sizeof(line->text))
		return false;
	put(line, first ? "" : json ? "," : " ");
	put(line, json ? "\"" : "");
	put(line, name);
	put(line, json ? "\":" : "=");
	return true;
}

void log_text(struct log_line *line, const char *name, const char *value)
{
	if (!value || !put_name(line, name))
		return;
	if (!is_json(line) && plain(value))
		put(line, value);
	else
		put_quoted(line, value);
}

void log_number(struct log_line *line, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	if (put_name(line, name))
		put(line, text);
}

void log_time(uint64_t wall_us, char out[LOG_TIME_MAX])
{
	time_t seconds = (time_t)(wall_us / LOG_SECOND_US);
	char text[24];
	struct tm parts;

	gmtime_r(&seconds, &parts);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(out, LOG_TIME_MAX, "%s.%03uZ", text, (unsigned)(wall_us % LOG_SECOND_US / 1000));
}

void log_begin(struct log_line *line, const struct log *log, enum log_level level, const char *event)
{
	static const struct {
		const char *name, *priority;
	} levels[] = { { "error", "<3>" }, { "warning", "<4>" }, { "info", "<6>" } };
	char stamp[LOG_TIME_MAX];
	struct timespec now;

	line->log = log;
	line->length = 0;
	clock_gettime(CLOCK_REALTIME, &now);
	log_time((uint64_t)now.tv_sec * LOG_SECOND_US + (uint64_t)now.tv_nsec / 1000, stamp);
	put(line, is_json(line) ? "{" : "");
	log_text(line, "ts", stamp);
	log_text(line, "level", levels[level].name);
	log_text(line, "event", event);
	if (!log->journal)
		return;
	memmove(line->text + 3, line->text, line->length);
	memcpy(line->text, levels[level].priority, 3);
	line->length += 3;
}

void log_write(struct log_line *line)
{
	struct pollfd room = { .fd = line->log->fd, .events = POLLOUT };

	if (is_json(line))
		line->text[line->length++] = '}';
	line->text[line->length++] = '\n';
	/* What cannot be logged cannot be reported either, and a reader of the log that has stopped must not stop the
	 * service. */
	if (poll(&room, 1, 0) != 1 || !(room.revents & POLLOUT) || write(room.fd, line->text, line->length) < 0)
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
