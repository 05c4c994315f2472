/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: any bytes are a configuration that can be explained, or have findings that lie in the text, with repairs that can be
 * made; and all is told in printable characters.
 *
 * Input: the file.
 */
#include <stdlib.h>
#include <string.h>

#include "check/check.h"
#include "cli/judged.h"
#include "ends.h"

/* One text that was made for somebody to read. */
static void is_printable(char *text)
{
	must(text != NULL, "there is memory");
	for (const char *c = text; *c != '\0'; c++)
		must((unsigned char)*c >= ' ' || *c == '\n' || *c == '\033', "what is told is printable");
	free(text);
}

static void look_at_finding(
    const struct check_result *result, const struct check_finding *f, const char *text, size_t size)
{
	size_t lines = 1;

	for (size_t i = 0; i < size; i++)
		lines += text[i] == '\n' || text[i] == '\r';
	must(f->line <= lines + 1 && f->column <= size + 1, "a finding lies in the text, or where it ends");
	for (unsigned i = 0; i < f->edits; i++)
		must(f->edit[i].from <= f->edit[i].to && f->edit[i].to <= size && (i == 0 || f->edit[i].from >= f->edit[i - 1].to),
		    "changes lie in the text, one behind the other");
	must(f->message[0] != '\0' && check_finding_title(f->id, NULL, NULL) != NULL, "a finding says what is wrong");
	is_printable(check_finding_text(result, f, text, size, (size & 1) != 0));
}

static void look_at(const struct check_result *result, const char *text, size_t size)
{
	size_t errors = 0;

	for (size_t i = 0; i < result->finding_count; i++) {
		look_at_finding(result, &result->findings[i], text, size);
		errors += result->findings[i].severity == CHECK_ERROR;
	}
	/* Behind so many findings only the count goes on. */
	must(errors == result->errors || (errors < result->errors && result->finding_count > 200), "errors are counted");
	is_printable(check_findings_json(result));
	for (size_t i = 0; i < result->session_count; i++) {
		const struct check_session *session = &result->sessions[i];

		must(session->plan == NULL || session->name != NULL, "a session has a name");
		if (session->plan == NULL)
			continue;
		is_printable(check_explain_session(session));
		is_printable(check_explain_session_json(session));
	}
}

/* What is offered can be done, ends, and leaves nothing to be done again; a large file takes too long to be asked often. */
static void repair(const struct check_result *result, const char *text, size_t size)
{
	enum { LARGE = 1024 };
	struct check_repaired *done;
	size_t offered = 0, count;
	enum check_left left;
	char *fixed;

	for (size_t i = 0; i < result->finding_count; i++)
		offered += result->findings[i].edits;
	if (offered == 0 || size > LARGE)
		return;
	fixed = check_repair(composition_library(), "fuzz.yaml", text, size, &done, &count, &left);
	must(fixed != NULL, "there is memory");
	for (size_t i = 0; i < count; i++)
		must(done[i].message[0] != '\0' && check_finding_title(done[i].id, NULL, NULL) != NULL, "a repair is of a finding");
	check_repaired_free(done, count);
	free(fixed);
}

/* The program has a NUL behind the text. */
static void judge(const char *bytes, size_t size)
{
	char *text = malloc(size + 1);
	struct judged judged;

	must(text != NULL, "there is memory");
	memcpy(text, bytes, size);
	text[size] = '\0';
	must(judged_text(&judged, composition_library(), "fuzz.yaml", text, size), "there is memory");
	look_at(judged.result, text, size);
	judged_free(&judged);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size > 0 ? size : 1); /* of just this size, so that a step beyond is seen */
	struct check_result *result;

	must(text != NULL, "there is memory");
	if (size > 0)
		memcpy(text, data, size);
	result = check_text(composition_library(), "fuzz.yaml", text, size);
	must(result != NULL, "there is memory");
	if (result->errors == 0 && result->session_count > 0)
		judge(text, size);
	else
		look_at(result, text, size);
	repair(result, text, size);
	check_free(result);
	free(text);
	return 0;
}
