/* SPDX-License-Identifier: Apache-2.0 */
/*
 * retransmit ("Reliable Communication"): the client sends a request again, each time after twice the delay, until the
 * call has ended or it has sent it often enough.  It does not end a call: who calls decides how long to wait for a
 * reply to the last request.
 */
#include <string.h>

#include "rpc_module.h"

/* What is known of a call, in an attribute of it. */
struct resend {
	uint64_t delay_us;
	uint32_t sent;
	cactus_timer timer;
};

struct retransmit {
	struct cactus_instance cactus;
	uint64_t first_us, most_us;
	uint32_t attempts;
	cactus_event due;
	cactus_column column;
};

static bool plan(const struct retransmit *r, struct cactus_msg *call, uint32_t sent, uint64_t delay_us)
{
	struct resend resend = { .delay_us = delay_us, .sent = sent };

	if (sent < r->attempts)
		resend.timer = cactus_raise_later(r->cactus.cactus, r->due, call, delay_us);
	return cactus_set(call, r->column, &resend, sizeof(resend)) && (sent == r->attempts || resend.timer != 0);
}

static enum cactus_verdict call_begun(void *self, void *argument)
{
	const struct retransmit *r = self;

	return plan(r, argument, 1, r->first_us) ? CACTUS_NEXT : rpc_refuse(argument, RPC_NO_MEMORY);
}

/* Without memory for a timer it was the last time. */
static enum cactus_verdict send_again(void *self, void *argument)
{
	const struct retransmit *r = self;
	struct resend resend;

	memcpy(&resend, cactus_get(argument, r->column, NULL), sizeof(resend));
	rpc_send_again(argument, NULL);
	(void)plan(r, argument, resend.sent + 1, resend.delay_us > r->most_us / 2 ? r->most_us : 2 * resend.delay_us);
	return CACTUS_NEXT;
}

/* A call that another layer refused to begin may have no timer here. */
static enum cactus_verdict call_ended(void *self, void *argument)
{
	const struct retransmit *r = self;
	const uint8_t *value = cactus_get(argument, r->column, NULL);
	struct resend resend = { 0 };

	if (value != NULL)
		memcpy(&resend, value, sizeof(resend));
	cactus_cancel(r->cactus.cactus, resend.timer);
	return CACTUS_NEXT;
}

static int begin(void *self)
{
	struct retransmit *r = self;

	r->due = cactus_event_named(r->cactus.cactus, "retransmit", CACTUS_NO_INDEX);
	return r->due == 0 ? RPC_NO_MEMORY : RPC_OK;
}

const struct cactus_mp rpc_retransmit = {
	.name = "retransmit",
	.summary = "sends a request again, with doubling delay, until its reply comes",
	.size = sizeof(struct retransmit),
	.params = (const struct cactus_param[]){
		{ .name = "first-delay", .doc = "How long after a request it is sent again.",
		    .kind = CACTUS_DURATION, .at = CACTUS_AT(struct retransmit, first_us), .local = true,
		    .min = 1000, .max = 3600000000, .dflt = 250000 },
		{ .name = "max-delay", .doc = "What the delay is doubled up to.",
		    .kind = CACTUS_DURATION, .at = CACTUS_AT(struct retransmit, most_us), .local = true,
		    .min = 1000, .max = 3600000000, .dflt = 8000000 },
		{ .name = "attempts", .doc = "How often a request is sent at most.",
		    .kind = CACTUS_COUNT, .at = CACTUS_AT(struct retransmit, attempts), .local = true,
		    .min = 1, .max = 100, .dflt = 8 },
		{ 0 } },
	/* The second reply to a request must not be taken for another call's; and a call must end though this gives up. */
	.needs = (const struct cactus_tie[]){
		{ .capability = RPC_HAS_IDENTITY }, { .capability = RPC_HAS_TERMINATION }, { 0 } },
	.attributes = (const struct cactus_attribute[]){
		{ .name = "resend", .scope = CACTUS_LOCAL, .bytes = sizeof(struct resend),
		    .at = CACTUS_AT(struct retransmit, column) },
		{ 0 } },
	.events = (const struct cactus_event_row[]){
		{ .event = RPC_CALL_BEGUN, .handler = call_begun },
		{ .event = RPC_CALL_ENDED, .handler = call_ended },
		{ .event = "retransmit", .handler = send_again },
		{ 0 } },
	.begin = begin,
};
