/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pad.h - what the two layers that live on a one-time pad share: at the sender taking bytes that nobody has had, at the
 * receiver finding the same ones, and seeing to it that they serve once.
 *
 * Bytes are taken in units of 16, at least one for a message, out of blocks that are reserved on the disk before the first
 * of them is used.  A layer keeps what is left of its block until its epoch ends, and then destroys it.
 */
#ifndef MP_PAD_H
#define MP_PAD_H

#include "seccomm_module.h"

enum { PAD_OFFSET = 8, PAD_NOTE = 16 };

/* Heads the state of both layers. */
struct pad_layer {
	struct seccomm_self self;
	const char *name; /* of the pad */
	const struct seccomm_pad *pad;
	uint64_t next, end; /* reserved and not yet used */
	cactus_column note; /* of a received message: offset (8) || bytes (8), for those who decide at its end */
};

/* The rows of both tables. */
extern const struct cactus_param pad_params[];
extern const struct cactus_attribute pad_attributes[];
extern const struct cactus_event_row pad_events[];
int pad_begin(void *self);
void pad_end(void *self);

/* Sending: LENGTH bytes that have never been used, at *OFFSET.  False: it has refused MSG. */
bool pad_take(struct pad_layer *, struct cactus_msg *msg, size_t length, uint64_t *offset);
/* Reads them; false: the pad failed. */
bool pad_read(const struct pad_layer *, uint64_t offset, uint8_t *out, size_t length);
/* They have served, and are destroyed. */
void pad_spend(const struct pad_layer *, uint64_t offset, size_t length);

/*
 * Receiving: LENGTH bytes of the peer's region at OFFSET to OUT; false: it has refused MSG, for they have served already or
 * are not there.
 */
bool pad_find(struct pad_layer *, struct cactus_msg *msg, uint64_t offset, uint8_t *out, size_t length);
/* Notes that MSG uses up LENGTH bytes at OFFSET, if it is accepted. */
bool pad_note(const struct pad_layer *, struct cactus_msg *msg, uint64_t offset, size_t length);

#endif
