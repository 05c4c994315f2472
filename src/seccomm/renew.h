/* SPDX-License-Identifier: Apache-2.0 */
/*
 * renew.h - the way from one epoch to the next, as renew.c goes it: who wants it, when, and what happens at the change.
 */
#ifndef SECCOMM_RENEW_H
#define SECCOMM_RENEW_H

#include "seccomm/session.h"

/* Writes what an epoch of a plan is to be, with new SLOTS. */
void renew_target(const struct seccomm_plan *, uint32_t slots, uint8_t out[TARGET]);
/*
 * Whether an honest peer may name TARGET: it has new slots, and only such as there are.  With another stack all slots are
 * new.
 */
bool renew_is_sound(const struct seccomm_session *, const uint8_t target[TARGET]);
/* Whether the stack may be renewed now; or NOT_READY, CLOSED.  The same, and nothing is wanted already. */
int renew_possible(const struct seccomm_session *);
int renew_may_want(const struct seccomm_session *);
/* The plan with DIGEST that the peer may ask for; NULL: there is none. */
struct seccomm_plan *renew_allowed(const struct seccomm_session *, const uint8_t digest[HASH]);
/* Whether the peer has the keys that PLAN signs with; who it is a server may not know yet. */
bool renew_peer_fits(const struct seccomm_session *, const struct seccomm_plan *);
/* Starts to agree on SLOTS of an epoch of PLAN: the client begins, a server asks it to. */
int renew_want(struct seccomm_session *, struct seccomm_plan *plan, uint32_t slots);
/* Server: the client starts ATTEMPT to agree on TARGET, which is sound.  False: it may not. */
bool renew_answer(struct seccomm_session *, const uint8_t target[TARGET], uint64_t attempt);
/* NEXT has its keys at both ends: it sends from now on. */
void renew_switch(struct seccomm_session *);
/* The attempt is dropped; the epoch that sends goes on. */
void renew_drop(struct seccomm_session *, const char *why);
/* The same for one that the peer has a part in.  On a stream it is told: nothing comes again there. */
void renew_give_up(struct seccomm_session *, const char *why);
void renew_run_due(struct seccomm_session *, uint64_t now);
uint64_t renew_deadline(const struct seccomm_session *);
/* The peer's SWITCH, REKEY (false: no honest one) and REFUSE, which came in EPOCH. */
void renew_take_switch(struct seccomm_session *, struct epoch *, uint64_t count);
bool renew_take_request(struct epoch *, const uint8_t target[TARGET]);
void renew_take_refusal(struct seccomm_session *, const uint8_t target[TARGET]);
/* The epoch has begun: when is the next one due? */
void renew_plan(struct seccomm_session *);
/* Something has passed under the keys of EPOCH: perhaps the next one is due. */
void renew_press(struct epoch *);

#endif
