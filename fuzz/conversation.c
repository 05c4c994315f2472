/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: two genuine ends that open, talk, renew their keys, change their stack and close stay sound whatever happens to
 * the messages between them: edited (header and inside), lost, doubled, reordered, made up; and whatever is done at
 * which time, with memory that runs out.  And if nothing happens but what the link is allowed to do, no end refuses the
 * other one, and on a stream every message arrives.
 *
 * Input: link, server's other stack, and whether the link is honest (1) || stack (1) || allocation that fails (1) ||
 * steps (steps.h), and what belongs to them.
 */
#include "ends.h"
#include "steps.h"

#include <stdlib.h>
#include <string.h>

#include "seccomm/exchange.h"

enum { ROOM = 16384, EVERYTHING = 40 };
struct step_of {
	struct pair *pair;
	struct input *input;
	struct end *end, *other;
	unsigned n, how;
};

static void change_frame(struct step_of *step, bool pass)
{
	struct frame_unit *unit = frames_take(&step->end->sent);
	uint8_t *bytes = malloc(ROOM);
	size_t length;

	must(bytes != NULL, "there is memory");
	if (unit != NULL && pass && unit->length <= ROOM) {
		memcpy(bytes, unit->bytes, unit->length);
		length = input_edit(step->input, bytes, unit->length, ROOM);
		/* Half of the edits are to be seen by more than who reads the length. */
		if ((step->how & 1) != 0 && step->pair->link == SECCOMM_STREAM && length >= FRAME_HEADER)
			cactus_put_u32(bytes + 2, (uint32_t)(length - FRAME_HEADER));
		end_give(step->other, bytes, length);
	}
	free(unit);
	free(bytes);
}

static void give_twice(struct step_of *step, bool now)
{
	struct frame_unit *unit = frames_take(&step->end->sent);

	if (unit == NULL)
		return;
	frames_add(&step->end->sent, unit->bytes, unit->length);
	if (now)
		end_give(step->other, unit->bytes, unit->length);
	free(unit);
}

/* What the end that is given to expects in a header. */
static void forge(struct step_of *step)
{
	const struct seccomm_session *s = step->other->session;
	uint8_t bytes[FRAME_HEADER + UINT8_MAX], shape = input_u8(step->input);
	struct frame frame = { .lane = step->how, .length = input_u8(step->input) };
	const uint8_t *body = input_take(step->input, &frame.length);

	frame.epoch = (uint8_t)((s->epoch != NULL ? s->epoch->number : 0) + (shape & 3));
	frame.index = (shape & 4) != 0 ? s->receive_index : 0;
	frame_write(step->pair->link, &frame, bytes);
	memcpy(bytes + FRAME_HEADER, body, frame.length);
	end_give(step->other, bytes, FRAME_HEADER + frame.length);
}

/* A listener's answer to the client's opening. */
static void retry(struct step_of *step)
{
	struct pair *pair = step->pair;
	const struct frame_unit *unit = pair->end[CLIENT].sent.first;
	struct frame frame = { .lane = LANE_KEY + 1, .length = RETRY_BODY };
	uint8_t bytes[FRAME_HEADER + RETRY_BODY + UINT8_MAX];
	struct retry retry = { .size = input_u16(step->input) };
	struct opening opening;

	if (unit == NULL || unit->length < FRAME_HEADER ||
	    !opening_read(unit->bytes + FRAME_HEADER, unit->length - FRAME_HEADER, &opening))
		return;
	must(retry_echo(composition_library()->crypto, &opening, retry.echo) == 0, "a RETRY can be made");
	frame.index = retry.id = opening.id;
	frame_write(pair->link, &frame, bytes);
	retry_write(&retry, bytes + FRAME_HEADER);
	end_give(&pair->end[CLIENT], bytes,
	    step->how == 0 ? FRAME_HEADER + RETRY_BODY
			   : input_edit(step->input, bytes, FRAME_HEADER + RETRY_BODY, sizeof(bytes)));
}

static void push(struct step_of *step)
{
	struct end *end = step->end;
	int status = end_push(end, NULL, (size_t)input_u8(step->input) << (step->how & 4));

	must(status == SECCOMM_OK || status < SECCOMM_INVALID || end->source.fail_in == 0,
	    "a push has a reason to fail");
	end_check(end);
}

static void change(struct step_of *step)
{
	unsigned stack = input_u8(step->input);
	enum seccomm_link link = step->pair->link;
	int status = SECCOMM_OK;

	if ((step->how & 1) == 0)
		status = seccomm_allow(step->other->session, composition_plan(!step->n, link, stack));
	status = seccomm_change(step->end->session, composition_plan(step->n, link, stack));
	must(status <= SECCOMM_OK, "a status is not positive");
	end_check(step->end);
	end_check(step->other);
}

static void traced(void *context, const struct seccomm_step *step)
{
	const struct end *end = context;

	must(step->layer != NULL && step->key <= end->session->plan->slot_count + 1 && step->epoch > 0,
	    "a step has a place");
}

static void make(struct step_of *step)
{
	size_t size = (size_t)input_u8(step->input) * 16, length;

	seccomm_message_release(step->end->made);
	step->end->made = seccomm_message_new(step->end->session, size);
	if (step->end->made != NULL)
		memset(seccomm_message_bytes(step->end->made, &length), 0xaa, size);
}

static int push_made(struct end *end, struct seccomm_message *message)
{
	size_t length;
	int status;

	if (message == NULL)
		return SECCOMM_OK;
	status = end_push(end, message, 0);
	seccomm_message_reset(message, SIZE_MAX);
	memset(seccomm_message_bytes(message, &length), 0x55, length);
	return status;
}

static void do_other(struct step_of *step)
{
	struct end *end = step->end;
	int status = SECCOMM_OK;

	switch ((enum conversation_other)step->how) {
	case OTHER_END:
		seccomm_ended(end->session);
		break;
	case OTHER_PATH:
		seccomm_set_path_limit(end->session, input_u8(step->input));
		break;
	case OTHER_TRACE:
	case OTHER_UNTRACE:
		status = seccomm_trace(end->session, step->how == OTHER_TRACE ? traced : NULL, end);
		break;
	case OTHER_MAKE:
		make(step);
		break;
	case OTHER_PUSH_MADE:
		status = push_made(end, end->made);
		break;
	case OTHER_RESET:
		if (end->made != NULL) {
			seccomm_message_reset(end->made, input_u8(step->input));
			seccomm_message_truncate(end->made, input_u8(step->input));
		}
		break;
	case OTHER_PUSH_KEPT:
		status = push_made(end, end->kept);
		break;
	}
	must(status <= SECCOMM_OK, "a status is not positive");
	end_check(end);
}

/* From a millisecond to an hour. */
static void pass_time(struct step_of *step)
{
	static const uint32_t ms[] = { 1, 250, 1000, 10000, 15000, 31000, 180000, 3600000 };

	step->pair->monotonic_us += UINT64_C(1000) * ms[step->how];
	end_run_due(&step->pair->end[CLIENT]);
	end_run_due(&step->pair->end[SERVER]);
}

static void take(struct step_of *step, enum conversation_step what)
{
	int ignored = SECCOMM_OK;

	switch (what) {
	case STEP_PASS:
		(void)pair_pass(step->pair, step->n);
		break;
	case STEP_EDIT:
	case STEP_LOSE:
		change_frame(step, what == STEP_EDIT);
		break;
	case STEP_TWICE:
	case STEP_LATER:
		give_twice(step, what == STEP_TWICE);
		break;
	case STEP_PUMP:
		pair_pump(step->pair, EVERYTHING);
		break;
	case STEP_PUSH:
		push(step);
		break;
	case STEP_CLOSE:
		ignored = seccomm_close(step->end->session);
		end_check(step->end);
		break;
	case STEP_OTHER:
		do_other(step);
		break;
	case STEP_REKEY:
		ignored = step->how == 0 ? seccomm_rekey(step->end->session)
					 : seccomm_replace_key(step->end->session, step->how);
		end_check(step->end);
		break;
	case STEP_CHANGE:
		change(step);
		break;
	case STEP_TIME:
		pass_time(step);
		break;
	case STEP_FORGE:
		forge(step);
		break;
	case STEP_RETRY:
		retry(step);
		break;
	case STEP_REACT:
		step->end->reactions = 1U << step->how;
		break;
	case STEP_FAIL:
		step->end->source.fail_in = step->how + 1;
		break;
	}
	(void)ignored;
}

/* ---- What a link is allowed to do ---- */

/* On a stream nothing is under way that time would make too old. */
static bool is_quiet(const struct pair *pair)
{
	return pair->end[CLIENT].sent.first == NULL && pair->end[SERVER].sent.first == NULL;
}

static bool is_honest(const struct step_of *step, enum conversation_step what)
{
	bool stream = step->pair->link == SECCOMM_STREAM;

	switch (what) {
	case STEP_EDIT:
	case STEP_FORGE:
	case STEP_RETRY:
	case STEP_FAIL:
		return false;
	case STEP_LOSE:
	case STEP_TWICE:
	case STEP_LATER:
		return !stream;
	case STEP_OTHER:
		return step->how != OTHER_END;
	case STEP_TIME:
		return !stream || is_quiet(step->pair);
	default:
		return true;
	}
}

/* The end of an honest conversation. */
static void check_honest(struct pair *pair)
{
	pair_pump(pair, EVERYTHING * STEPS_MOST);
	for (unsigned n = CLIENT; n <= SERVER; n++) {
		const struct end *end = &pair->end[n], *other = &pair->end[!n];

		must(end->refusals == 0, "no genuine message is refused for good");
		if (pair->link == SECCOMM_DATAGRAM)
			continue;
		must(end->closed == 0 || end->status == SECCOMM_OK, "no end gives up");
		must(end->delivered == other->pushed, "every message arrives, once");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	uint8_t first = input_u8(&input), stack = input_u8(&input), fail_in = input_u8(&input);
	bool honest = (first & 8) != 0;
	struct pair pair;
	bool open = pair_open(&pair, (first & 1) != 0 ? SECCOMM_DATAGRAM : SECCOMM_STREAM, stack,
	    stack + (honest ? 0 : (unsigned)(first >> 1 & 3)), honest ? 0 : fail_in);

	for (unsigned left = STEPS_MOST; open && input.left > 0 && left > 0; left--) {
		uint8_t byte = input_u8(&input);
		enum conversation_step what = (enum conversation_step)(byte & 15);
		struct step_of step = { .pair = &pair, .input = &input, .n = byte >> 4 & 1, .how = byte >> 5 };

		step.end = &pair.end[step.n];
		step.other = &pair.end[!step.n];
		tell("step %d of %s, %u\n", (int)what, step.n == CLIENT ? "client" : "server", step.how);
		if (!honest || is_honest(&step, what))
			take(&step, what);
	}
	if (honest)
		check_honest(&pair);
	pair_free(&pair);
	return 0;
}
