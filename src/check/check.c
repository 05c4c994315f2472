/* SPDX-License-Identifier: Apache-2.0 */
/* check.c - the run from a text to findings, sessions and plans. */
#include "check/internal.h"

#include <stdlib.h>
#include <string.h>

static void sink_tell(void *context, const struct config_fault *fault)
{
	check_tell(context, &(struct check_report){ .id = fault->id, .at = fault->at, .message = fault->message, .reason = fault->reason,
				.help = fault->help, .name = fault->name, .meant = fault->meant });
}

/* For a drawing, which shows what is refused, too. */
static bool remember_keys(const struct check_draft *d, struct check_session *out)
{
	out->exchanges = config_take(d->run->arena, (d->slot_count + 1) * sizeof *out->exchanges);
	if (!out->exchanges)
		return false;
	for (size_t i = 0; i < d->slot_count; i++)
		out->exchanges[i] = (struct check_drawn){ d->protect[i].drawn, d->protect[i].drawn_count };
	out->keys = d->slots;
	out->key_count = d->slot_count;
	return true;
}

/* One session; what is missing in one part does not keep the others from being looked at. */
static bool read_session(struct check_draft *d)
{
	const size_t before = d->run->result->errors;
	struct check_session *out = d->session;

	out->name = d->from->name->text;
	out->line = d->from->name->at.line;
	d->run->session = NULL;
	if (!check_session_frame(d) || !check_profile_load(d) || !check_accept(d) || !check_session_require(d) ||
	    !check_session_names(d) || !check_source(d) || !check_keys(d))
		return false;
	d->stack.at = d->stack_at;
	if (!remember_keys(d, out))
		return false;
	if (!check_lane_resolve(d, &d->stack_from, &d->stack))
		return false;
	out->drawn = (struct check_drawn){ d->stack.drawn, d->stack.drawn_count };
	if (!check_session_needs(d) || !check_timing(d))
		return false;
	d->faulty = d->run->result->errors > before;
	return true;
}

/*
 * The same one in the light of the others, which have all been read.  FRAME: the file around it is in order; otherwise nobody can say
 * what was meant, and there is no plan.
 */
static bool judge_session(struct check_draft *d, bool frame)
{
	const size_t before = d->run->result->errors;

	d->run->session = d->session;
	d->run->lab = d->session->lab;
	check_secrets(d);
	if (!d->partial && d->stack.count > 0 && (!check_laws(d) || !check_keys_used(d) || !check_accept_met(d)))
		return false;
	return !frame || d->faulty || d->run->result->errors > before || check_plan(d);
}

static bool sessions(struct check_run *run, const struct config_model *model, bool frame)
{
	struct check_draft *drafts = config_take(run->arena, (model->count + 1) * sizeof *drafts);

	if (!drafts)
		return false;
	for (size_t i = 0; i < model->count; i++) {
		const struct config_session *from = &model->sessions[i];

		run->result->session_count++;
		drafts[i] = (struct check_draft){ .run = run, .from = from, .session = &run->result->sessions[i], .head = from->name->at };
		if (!read_session(&drafts[i]) || !check_secrets_remember(&drafts[i]))
			return false;
	}
	for (size_t i = 0; i < model->count; i++)
		if (!judge_session(&drafts[i], frame))
			return false;
	return true;
}

static bool run_all(struct check_run *run, const char *text, size_t length)
{
	struct check_result *result = run->result;
	struct config_model model;
	bool frame;

	if (!config_load(&run->sink, text, length, &model))
		return false;
	result->sessions = config_take(run->arena, (model.count + 1) * sizeof *result->sessions);
	if (!result->sessions)
		return false;
	frame = result->errors == 0;
	return sessions(run, &model, frame) && !run->arena->failed;
}

struct check_result *check_text(struct seccomm *library, const char *file, const char *text, size_t length)
{
	struct check_result *result = calloc(1, sizeof *result);
	struct check_run run = { .library = library, .result = result };
	bool done;

	if (!result)
		return NULL;
	run.arena = calloc(1, sizeof *run.arena);
	result->memory = run.arena;
	if (!run.arena) {
		free(result);
		return NULL;
	}
	run.sink = (struct config_sink){ run.arena, sink_tell, &run };
	run.text = text;
	run.length = length;
	result->file = check_clean(run.arena, file ? file : "configuration", 4096);
	done = result->file && run_all(&run, text, length) && !run.arena->failed;
	if (!done) {
		check_free(result);
		return NULL;
	}
	check_sort(result);
	return result;
}

void check_free(struct check_result *result)
{
	if (!result)
		return;
	for (size_t i = 0; i < result->session_count; i++)
		seccomm_plan_free(result->sessions[i].plan);
	config_release(result->memory);
	free(result->memory);
	free(result);
}
