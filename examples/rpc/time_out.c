/* SPDX-License-Identifier: Apache-2.0 */
/* time-out ("Bounded Termination"): a call that has no reply a certain time after it began ends without one. */
#include <string.h>

#include "rpc_module.h"

struct time_out {
	struct cactus_instance cactus;
	uint64_t after_us;
	cactus_event due;
	cactus_column timer; /* of a call: a cactus_timer */
};

static enum cactus_verdict call_begun(void *self, void *argument)
{
	const struct time_out *t = self;
	const cactus_timer timer = cactus_raise_later(t->cactus.cactus, t->due, argument, t->after_us);

	if (timer == 0 || !cactus_set(argument, t->timer, &timer, sizeof(timer)))
		return rpc_refuse(argument, RPC_NO_MEMORY);
	return CACTUS_NEXT;
}

static enum cactus_verdict end_call(void *self, void *argument)
{
	(void)self;
	rpc_end_call(argument, RPC_TIMED_OUT);
	return CACTUS_NEXT;
}

/* A call that another layer refused to begin may have no timer here. */
static enum cactus_verdict call_ended(void *self, void *argument)
{
	const struct time_out *t = self;
	const uint8_t *value = cactus_get(argument, t->timer, NULL);
	cactus_timer timer = 0;

	if (value != NULL)
		memcpy(&timer, value, sizeof(timer));
	cactus_cancel(t->cactus.cactus, timer);
	return CACTUS_NEXT;
}

static int begin(void *self)
{
	struct time_out *t = self;

	t->due = cactus_event_named(t->cactus.cactus, "time-out", CACTUS_NO_INDEX);
	return t->due == 0 ? RPC_NO_MEMORY : RPC_OK;
}

const struct cactus_mp rpc_time_out = {
	.name = "time-out",
	.summary = "ends a call that got no reply in time",
	.size = sizeof(struct time_out),
	.params = (const struct cactus_param[]){
		{ .name = "after", .doc = "How long a call may take.",
		    .kind = CACTUS_DURATION, .at = CACTUS_AT(struct time_out, after_us), .local = true,
		    .min = 1000, .max = 86400000000, .dflt = 30000000 },
		{ 0 } },
	.provides = (const struct cactus_tie[]){ { .capability = RPC_HAS_TERMINATION }, { 0 } },
	.attributes = (const struct cactus_attribute[]){
		{ .name = "time-out", .scope = CACTUS_LOCAL, .bytes = sizeof(cactus_timer),
		    .at = CACTUS_AT(struct time_out, timer) },
		{ 0 } },
	.events = (const struct cactus_event_row[]){
		{ .event = RPC_CALL_BEGUN, .handler = call_begun },
		{ .event = RPC_CALL_ENDED, .handler = call_ended },
		{ .event = "time-out", .handler = end_call },
		{ 0 } },
	.begin = begin,
};
