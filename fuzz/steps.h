/* SPDX-License-Identifier: Apache-2.0 */
/* steps.h - the bytes of the two targets whose input is a script, for them and for seeds.c. */
#ifndef FUZZ_STEPS_H
#define FUZZ_STEPS_H

enum { STEPS_MOST = 100 };

/* conversation.c: what (4 bits), whose frame or action it is (1), how (3). */
enum conversation_step {
	STEP_PASS, /* the oldest frame */
	STEP_EDIT, /* it, and pass it */
	STEP_LOSE,
	STEP_TWICE, /* pass it, and keep it */
	STEP_LATER, /* behind all others */
	STEP_PUMP,
	STEP_PUSH,
	STEP_CLOSE,
	STEP_OTHER, /* how: what */
	STEP_REKEY,
	STEP_CHANGE,
	STEP_TIME,
	STEP_FORGE, /* a message of a lane, with the right header */
	STEP_RETRY,
	STEP_REACT,
	STEP_FAIL /* an allocation */
};

enum conversation_other {
	OTHER_END, /* of the stream */
	OTHER_PATH, /* its limit (1) */
	OTHER_TRACE,
	OTHER_UNTRACE,
	OTHER_MAKE, /* a message, for later */
	OTHER_PUSH_MADE,
	OTHER_RESET, /* it, to a size (1), and truncate it (1) */
	OTHER_PUSH_KEPT /* one that was delivered */
};

/* listener.c: what (3 bits), which client (2), from or at which address (2), how (1). */
enum listener_step {
	LISTENER_START, /* the client, anew; how: with another composition */
	LISTENER_PASS, /* its oldest datagram */
	LISTENER_EDIT, /* it, and pass it */
	LISTENER_MAKE_UP,
	LISTENER_ANSWER, /* what is on the way to the address comes to the client; how: edited */
	LISTENER_TIME, /* how: and the listener's next allocation fails */
	LISTENER_TALK, /* how: a session of the listener's */
	LISTENER_STOP /* likewise */
};

#endif
