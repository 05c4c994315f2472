/* SPDX-License-Identifier: Apache-2.0 */
/* situation.c - brings two ends where frames.c wants them (see frames.h). */
#include "frames.h"

enum { OPENING = 7, RENEWAL = 7 << 3, DATA = 1 << 6, CLOSE = 1 << 7, STACK = 15 };

static void send_both(struct pair *pair)
{
	int ignored;

	for (unsigned n = CLIENT; n <= SERVER; n++)
		ignored = seccomm_push_copy(pair->end[n].session, "data", 4);
	(void)ignored;
}

void frames_reach(struct pair *pair, enum seccomm_link link, uint8_t progress, uint8_t how)
{
	unsigned stack = how & STACK, renewal = (progress & RENEWAL) >> 3, tried = how >> 7;
	int ignored = SECCOMM_OK;

	must(pair_open(pair, link, stack, stack, 0), "both ends start");
	pair_pump(pair, (progress & OPENING) == OPENING ? UINT8_MAX : progress & OPENING);
	if (renewal > 0) {
		ignored = seccomm_rekey(pair->end[how >> 4 & 1].session);
		pair_pump(pair, renewal - 1);
	}
	if (progress & DATA)
		send_both(pair);
	if (progress & CLOSE) {
		ignored = seccomm_close(pair->end[!tried].session);
		pair_pump(pair, UINT8_MAX);
	}
	pair->end[tried].reactions = how >> 4 & 7;
	(void)ignored;
}
