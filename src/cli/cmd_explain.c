/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_explain.c - `explain`: a file's sessions, or the one thing that has the name. */
#include "check/catalogue/catalogue.h"
#include "check/check.h"
#include "cli/alerts.h"
#include "cli/calibration.h"
#include "cli/cli.h"
#include "cli/home.h"
#include "cli/pads.h"
#include "cli/serve.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- A file ---- */

/* How much there is of the pad NAME, and of how much of it is gone; to OUT, or shown. */
static void explain_pad(const struct cli *cli, const struct check_session *session, const char *name, json_t *out)
{
	char path[PATH_MAX];
	struct pad_store pad;
	const enum home_result read = pads_look(NULL, cli->home, name, session->role, path, &pad);

	if (read != HOME_OK && !out)
		printf("  %s: %s\n", name, read == HOME_MISSING ? "not there; it is made by   seccomm pad gen NAME" : "cannot be read");
	else if (read == HOME_OK && !out)
		printf("  %s: %" PRIu64 " bytes each way; used for sending %" PRIu64 ", for receiving %" PRIu64 "\n", name, pad.region,
		    pad.mark[SECCOMM_PAD_OURS], pad.mark[SECCOMM_PAD_PEERS]);
	else if (read == HOME_OK)
		json_object_set_new(out, name,
		    json_pack("{s:I, s:I, s:I}", "bytes_each_way", (json_int_t)pad.region, "sent",
			(json_int_t)pad.mark[SECCOMM_PAD_OURS], "received", (json_int_t)pad.mark[SECCOMM_PAD_PEERS]));
}

/* What the checker, which reads no file, cannot say: the pads of this home that the stack lives on, each once. */
static void explain_pads(const struct cli *cli, const struct check_session *session, json_t *out)
{
	size_t count;
	const struct plan_layer *layers = seccomm_plan_stack_layers(session->plan, &count);
	bool any = false;

	for (size_t i = 0; i < count; i++) {
		const char *name = seccomm_layer_pad(&layers[i]), *before = NULL;

		for (size_t k = 0; name && k < i && !before; k++)
			before = seccomm_layer_pad(&layers[k]) && strcmp(seccomm_layer_pad(&layers[k]), name) == 0 ? name : NULL;
		if (!name || before)
			continue;
		if (!any && !out)
			printf("\none-time pads in %s/pads\n", cli->home);
		any = true;
		explain_pad(cli, session, name, out);
	}
}

static int explain_session(const struct cli *cli, const struct check_session *session, json_t *list)
{
	char *text = list ? check_explain_session_json(session) : check_explain_session(session);
	json_t *costs = calibration_costs(cli->home, session), *value, *pads;
	int status;

	if (!text || !list) {
		status = cli_answer_text(text);
		if (status == CLI_OK) {
			explain_pads(cli, session, NULL);
			calibration_print(costs);
		}
		json_decref(costs);
		return status;
	}
	value = json_loads(text, 0, NULL);
	free(text);
	pads = json_object();
	explain_pads(cli, session, pads);
	json_object_set_new(value, "pads", pads);
	json_object_set_new(value, "cost", costs ? costs : json_null());
	return json_array_append_new(list, value) == 0 ? CLI_OK : CLI_FAILED;
}

static int explain_sessions(const struct cli *cli, const struct check_result *result)
{
	json_t *list = cli_has(cli, "json") ? json_array() : NULL;
	int status = CLI_OK;

	for (size_t i = 0; i < result->session_count && status == CLI_OK; i++)
		if (result->sessions[i].plan)
			status = explain_session(cli, &result->sessions[i], list);
	if (!list)
		return status;
	if (status == CLI_OK)
		return cli_answer_json(list);
	json_decref(list);
	return status;
}

static int explain_file(const struct cli *cli, struct seccomm *library, const char *file)
{
	char *text;
	size_t length;
	struct check_result *result;
	enum home_result read;
	int status = CLI_FAILED;

	read = home_read(NULL, file, HOME_INPUT, &text, &length);
	if (read == HOME_MISSING)
		cli_complain("%s: %s", file, strerror(ENOENT));
	if (read != HOME_OK)
		return CLI_USAGE;
	result = check_text(library, file, text, length);
	if (result) {
		if (result->errors && cli_has(cli, "json")) {
			status = cli_answer_text(check_findings_json(result));
		} else {
			serve_findings(result, text, length);
			status = explain_sessions(cli, result);
		}
		if (status == CLI_OK && result->errors)
			status = CLI_USAGE;
	}
	check_free(result);
	free(text);
	return status;
}

/* ---- A name ---- */

static int explain_alert(const struct cli *cli, const char *name)
{
	const struct alert_text *row = alert_texts();
	unsigned long number = strtoul(name + 3, NULL, 10);
	const char *title;

	while (row->meaning && (unsigned long)row->id != number)
		row++;
	if (!row->meaning) {
		cli_complain("there is no alert %s", name);
		cli_help_line("seccomm list alerts");
		return CLI_USAGE;
	}
	title = seccomm_alert_text(row->id);
	if (cli_has(cli, "json"))
		return cli_answer_json(json_pack(
		    "{s:s, s:s, s:s, s:s}", "id", name, "text", title, "meaning", row->meaning, "action", row->action));
	printf("SA-%03lu  %s\n\n%s\n\n%s\n", number, title, row->meaning, row->action);
	return CLI_OK;
}

/* What the catalogue says about ID, or which ids are near it. */
static int explain_rule(const struct cli *cli, const char *id)
{
	const struct check_entry *entry = check_entry(id);
	const char **ids, *near;

	if (entry && cli_has(cli, "json"))
		return cli_answer_json(check_entry_json(entry));
	if (entry)
		return cli_answer_text(check_explain_entry(entry));
	ids = check_entry_ids();
	near = ids ? check_nearest(id, ids) : NULL;
	cli_complain(
	    "there is no rule %s%s%s%s", id, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	cli_help_line("seccomm list rules   ; 'seccomm check FILE' prints the ids of what it finds in brackets");
	free(ids);
	return CLI_USAGE;
}

static int explain_profile(const struct cli *cli, const char *name)
{
	const char *stream = check_profile_text(name, SECCOMM_STREAM);
	const char *datagram = check_profile_text(name, SECCOMM_DATAGRAM);

	if (cli_has(cli, "json"))
		return cli_answer_json(json_pack("{s:s, s:s, s:s, s:s?, s:s?}", "profile", name, "purpose", check_profile_purpose(name),
		    "about", check_profile_about(name), "text", stream, "datagram-text", datagram));
	printf("profile %s: %s\n\n%s\n", name, check_profile_purpose(name), check_profile_about(name));
	if (stream)
		printf("\n# profile %s\n%s", name, stream);
	if (stream && strcmp(stream, datagram) != 0)
		printf("\n# profile %s on a datagram link\n%s", name, datagram);
	return CLI_OK;
}

/* "encrypt:aes-256-gcm", "aes-256-gcm", "encrypt aes-256-gcm", or a paper name; MATCHES counts where a word is
 * ambiguous. */
static const struct seccomm_mp *find_mp(const struct seccomm *library, const char *name, size_t *matches)
{
	size_t count;
	const struct seccomm_mp *const *list = seccomm_micro_protocols(library, &count), *found = NULL;

	*matches = 0;
	for (size_t i = 0; i < count; i++) {
		const struct seccomm_mp *mp = list[i];

		if (strcmp(mp->cactus.name, name) == 0 || (mp->paper && strcmp(mp->paper, name) == 0)) {
			*matches = 1;
			return mp;
		}
		if ((mp->word && strcmp(mp->word, name) == 0) || strcmp(mp->layer, name) == 0) {
			found = mp;
			++*matches;
		}
	}
	return found;
}

/* What the library knows under one name of several: which, so that the user can say. */
static int ambiguous(const struct seccomm *library, const char *name)
{
	size_t count;
	const struct seccomm_mp *const *list = seccomm_micro_protocols(library, &count);

	cli_complain("several micro-protocols are called '%s':", name);
	for (size_t i = 0; i < count; i++)
		if ((list[i]->word && strcmp(list[i]->word, name) == 0) || strcmp(list[i]->layer, name) == 0)
			fprintf(stderr, "  seccomm explain %s\n", list[i]->cactus.name);
	return CLI_USAGE;
}

static int unknown(const struct seccomm *library, const char *name)
{
	size_t count, used = 0;
	const struct seccomm_mp *const *list = seccomm_micro_protocols(library, &count);
	const char *const *profiles = check_profiles();
	size_t room = 2 * count + 1;
	const char **names, *near = NULL;

	for (size_t i = 0; profiles[i]; i++)
		room++;
	names = calloc(room, sizeof(*names));
	for (size_t i = 0; names && profiles[i]; i++)
		names[used++] = profiles[i];
	for (size_t i = 0; names && i < count; i++) {
		names[used++] = list[i]->cactus.name;
		if (list[i]->word)
			names[used++] = list[i]->word;
	}
	if (names)
		near = check_nearest(name, names);
	cli_complain("'%s' is neither a file nor a name%s%s%s", name, near ? "; did you mean '" : "", near ? near : "",
	    near ? "'?" : "");
	cli_help_line("seccomm list micro-protocols   ; or profiles, or alerts, or rules");
	free(names);
	return CLI_USAGE;
}

static int explain_name(const struct cli *cli, const struct seccomm *library, const char *name)
{
	size_t matches;
	const struct seccomm_mp *mp;
	char *text;

	if (strncmp(name, "SA-", 3) == 0)
		return explain_alert(cli, name);
	if (strncmp(name, "SC", 2) == 0 && name[2] >= '0' && name[2] <= '9')
		return explain_rule(cli, name);
	if (check_profile_purpose(name))
		return explain_profile(cli, name);
	mp = find_mp(library, name, &matches);
	if (!mp)
		return unknown(library, name);
	if (matches > 1)
		return ambiguous(library, name);
	text = cli_has(cli, "json") ? check_explain_mp_json(library, mp) : check_explain_mp(library, mp);
	return cli_answer_text(text);
}

int cmd_explain(const struct cli *cli)
{
	const char *name = cli->words[0];
	struct seccomm *library;
	int status = cli_library_with_modules(cli, &library);

	if (status != CLI_OK)
		return status;
	if (access(name, F_OK) == 0 || strchr(name, '/'))
		status = explain_file(cli, library, name);
	else
		status = explain_name(cli, library, name);
	seccomm_free(library);
	return status;
}
