/* SPDX-License-Identifier: Apache-2.0 */
/* pad.c - bytes of a one-time pad, each for one message (see pad.h). */
#include "pad.h"

#include <inttypes.h>
#include <stdio.h>

static uint64_t units(uint64_t length)
{
	return length == 0 ? SECCOMM_PAD_UNIT : (length + SECCOMM_PAD_UNIT - 1) / SECCOMM_PAD_UNIT * SECCOMM_PAD_UNIT;
}

int pad_begin(void *self)
{
	struct pad_layer *p = self;

	p->pad = seccomm_pad_named(self, p->name);
	return p->pad ? CACTUS_OK : CACTUS_REFUSED;
}

void pad_end(void *self)
{
	const struct pad_layer *p = self;

	if (p->next < p->end)
		p->pad->spend(p->pad->context, SECCOMM_PAD_OURS, p->next, p->end - p->next);
}

/* ---- Sending ---- */

/* Reserves enough for NEED bytes in one piece; what is left of the former block goes on if the new one follows it. */
static int more(struct pad_layer *p, uint64_t need)
{
	const uint64_t length = (need + SECCOMM_PAD_BLOCK - 1) / SECCOMM_PAD_BLOCK * SECCOMM_PAD_BLOCK;
	uint64_t offset;
	int status = p->pad->reserve(p->pad->context, length, &offset);

	if (status != SECCOMM_OK)
		return status;
	if (p->end != offset || p->end == 0) {
		pad_end(p);
		p->next = offset;
	}
	p->end = offset + length;
	return SECCOMM_OK;
}

static void used_up(struct pad_layer *p, struct cactus_msg *msg)
{
	char detail[SECCOMM_NAME_MAX + 192], place[64] = "";
	uint64_t used = 0;

	if (p->pad->left) {
		(void)p->pad->left(p->pad->context, SECCOMM_PAD_OURS, &used);
		snprintf(place, sizeof(place), " at byte %" PRIu64 " of direction %s", used, seccomm_way_name(p, SECCOMM_SEND));
	}
	snprintf(detail, sizeof(detail),
	    "one-time pad '%s' is used up%s: make a new one with `seccomm pad gen NAME` and bring the peer its copy", p->name, place);
	(void)seccomm_refuse_saying(p, msg, SECCOMM_ALERT_KEY_LIMIT, detail);
}

static void broken(struct pad_layer *p, struct cactus_msg *msg)
{
	char detail[SECCOMM_NAME_MAX + 64];

	snprintf(detail, sizeof(detail), "one-time pad '%s' could not be read or written", p->name);
	(void)seccomm_refuse_saying(p, msg, SECCOMM_ALERT_INTERNAL, detail);
}

bool pad_take(struct pad_layer *p, struct cactus_msg *msg, size_t length, uint64_t *offset)
{
	const uint64_t need = units(length);
	int status = p->end - p->next < need ? more(p, need) : SECCOMM_OK;

	if (status != SECCOMM_OK) {
		(status == SECCOMM_LIMIT ? used_up : broken)(p, msg);
		return false;
	}
	*offset = p->next;
	p->next += need;
	return true;
}

bool pad_read(const struct pad_layer *p, uint64_t offset, uint8_t *out, size_t length)
{
	return p->pad->read(p->pad->context, SECCOMM_PAD_OURS, offset, out, length) == SECCOMM_OK;
}

void pad_spend(const struct pad_layer *p, uint64_t offset, size_t length)
{
	p->pad->spend(p->pad->context, SECCOMM_PAD_OURS, offset, units(length));
}

/* ---- Receiving ---- */

bool pad_find(struct pad_layer *p, struct cactus_msg *msg, uint64_t offset, uint8_t *out, size_t length)
{
	int status = SECCOMM_INVALID;

	if (offset % SECCOMM_PAD_UNIT == 0)
		status = p->pad->read(p->pad->context, SECCOMM_PAD_PEERS, offset, out, length);
	if (status != SECCOMM_OK)
		(void)seccomm_refuse(p, msg,
		    status == SECCOMM_REFUSED	  ? SECCOMM_ALERT_REPLAYED
			: status == SECCOMM_INVALID ? SECCOMM_ALERT_MALFORMED
						    : SECCOMM_ALERT_INTERNAL);
	return status == SECCOMM_OK;
}

bool pad_note(const struct pad_layer *p, struct cactus_msg *msg, uint64_t offset, size_t length)
{
	uint8_t note[PAD_NOTE];

	cactus_put_u64(note, offset);
	cactus_put_u64(note + 8, units(length));
	return cactus_set(msg, p->note, note, sizeof(note));
}

/* Another message with the same bytes may have been accepted while this one waited; and a crash must not forget it. */
static enum cactus_verdict prepare(void *self, void *argument)
{
	const struct pad_layer *p = self;
	const uint8_t *note = cactus_get(argument, p->note, NULL);
	int status = note ? p->pad->admit(p->pad->context, cactus_u64(note), cactus_u64(note + 8)) : SECCOMM_FAILED;

	if (status == SECCOMM_OK)
		return CACTUS_NEXT;
	return seccomm_refuse(self, argument, status == SECCOMM_REFUSED ? SECCOMM_ALERT_REPLAYED : SECCOMM_ALERT_INTERNAL);
}

static enum cactus_verdict accepted(void *self, void *argument)
{
	const struct pad_layer *p = self;
	const uint8_t *note = cactus_get(argument, p->note, NULL);

	if (note)
		p->pad->spend(p->pad->context, SECCOMM_PAD_PEERS, cactus_u64(note), cactus_u64(note + 8));
	return CACTUS_NEXT;
}

/* ---- Rows ---- */

const struct cactus_param pad_params[] = {
	{ .name = "pad", .doc = "Which pad of the home's folder pads it lives on: seccomm pad gen NAME.", .at = CACTUS_AT(struct pad_layer, name),
	    .kind = CACTUS_TEXT, .required = true },
	{ 0 } };
const struct cactus_attribute pad_attributes[] = {
	{ .name = "pad", .scope = CACTUS_LOCAL, .bytes = PAD_NOTE, .at = CACTUS_AT(struct pad_layer, note) }, { 0 } };
const struct cactus_event_row pad_events[] = { SECCOMM_PREPARE_EVENT(prepare), SECCOMM_ACCEPTED_EVENT(accepted), { 0 } };
