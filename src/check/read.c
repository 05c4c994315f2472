/* SPDX-License-Identifier: Apache-2.0 */
/*
 * read.c - plans for applications: from a configuration's text, and from a stack in one line.
 *
 * The second writes a configuration and reads it: there is one way to a plan, and it leads through the checker.
 */
#include "check/internal.h"
#include "config/print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void copy(char *out, size_t room, const char *text)
{
	size_t length = text ? strlen(text) : 0;

	if (room == 0)
		return;
	if (length >= room) {
		length = room - 1;
		/* Not in the middle of a character. */
		while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
			length--;
	}
	if (length)
		memcpy(out, text, length);
	out[length] = 0;
}

static int fail(struct seccomm_error *error, int status, const char *place, const char *text, const char *remedy)
{
	if (!error)
		return status;
	error->status = status;
	copy(error->place, sizeof error->place, place);
	copy(error->text, sizeof error->text, text);
	copy(error->remedy, sizeof error->remedy, remedy);
	return status;
}

static int no_memory(struct seccomm_error *error)
{
	return fail(error, SECCOMM_NO_MEMORY, NULL, seccomm_status_text(SECCOMM_NO_MEMORY), NULL);
}

/* The first error of a result, in a struct seccomm_error. */
static int first_error(const struct check_result *result, struct seccomm_error *error)
{
	const struct check_finding *f = result->findings;
	char place[256], text[700];

	while (f->severity != CHECK_ERROR)
		f++;
	(void)snprintf(place, sizeof place, "%.100s:%u:%u", result->file, f->line, f->column);
	(void)snprintf(text, sizeof text, "[%s] %s", f->id, f->message);
	return fail(error, strcmp(f->id, "SC017") == 0 ? SECCOMM_UNAVAILABLE : SECCOMM_INVALID,
	    f->line ? place : result->file, text, f->help);
}

static const struct check_session *session_named(const struct check_result *result, const char *name)
{
	if (!name)
		return result->session_count == 1 ? &result->sessions[0] : NULL;
	for (size_t i = 0; i < result->session_count; i++)
		if (strcmp(result->sessions[i].name, name) == 0)
			return &result->sessions[i];
	return NULL;
}

int seccomm_plan_read(struct seccomm *library, const char *file, const char *text, size_t length, const char *name,
    struct seccomm_plan **out, struct seccomm_error *error)
{
	struct check_result *result = check_text(library, file, text, length);
	const struct check_session *session;
	int status = SECCOMM_OK;

	*out = NULL;
	if (!result)
		return no_memory(error);
	session = session_named(result, name);
	if (result->errors)
		status = first_error(result, error);
	else if (!session)
		status = fail(error, SECCOMM_INVALID, result->file,
		    name ? "there is no session of that name"
			 : "there is not exactly one session, so its name is needed",
		    "name one of the configuration's sessions");
	else
		*out = seccomm_plan_keep(session->plan);
	check_free(result);
	return status;
}

/* ---- From one line ---- */

static void member(FILE *out, const char *name, const char *text)
{
	fprintf(out, "    %s: ", name);
	config_print_scalar(out, text);
	fputc('\n', out);
}

struct line {
	enum seccomm_role role;
	enum seccomm_link link;
	const char *stack, *key, *identity;
	const char *const *peers;
	size_t peer_count;
	bool lab;
};

static void write_session(FILE *out, const struct line *line)
{
	const char *url = line->link == SECCOMM_STREAM ? "memory:" : "memory-datagram:";

	fputs("seccomm: 1\nsessions:\n  session:\n", out);
	member(out, "role", line->role == SECCOMM_CLIENT ? "client" : "server");
	member(out, "listen", url);
	member(out, "connect", url);
	if (line->identity)
		member(out, "identity", line->identity);
	if (line->peer_count) {
		fputs("    peers:\n", out);
		for (size_t i = 0; i < line->peer_count; i++) {
			fputs("      - ", out);
			config_print_scalar(out, line->peers[i]);
			fputc('\n', out);
		}
	}
	if (line->lab)
		fputs("    profile: lab\n", out);
	if (check_profile_text(line->stack, line->link) && !line->lab && !line->key)
		member(out, "profile", line->stack);
	else
		member(out, "stack", line->stack);
	if (line->key) {
		fputs("    keys:\n  ", out);
		member(out, "  data", line->key);
	}
}

int seccomm_plan_stack(struct seccomm *library, enum seccomm_role role, enum seccomm_link link, const char *stack,
    const char *key, const char *identity, const char *const *peers, size_t peer_count, bool lab,
    struct seccomm_plan **out, struct seccomm_error *error)
{
	const struct line line = { role, link, stack, key, identity, peers, peer_count, lab };
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);
	bool bad;
	int status;

	*out = NULL;
	if (!stream)
		return no_memory(error);
	write_session(stream, &line);
	bad = ferror(stream) != 0;
	if (fclose(stream) != 0 || bad)
		status = no_memory(error);
	else
		status = seccomm_plan_read(library, "stack", text, size, NULL, out, error);
	free(text);
	return status;
}
