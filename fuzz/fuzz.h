/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz.h - what fuzz targets share: reading an input as a script, editing bytes as it says, and dying when something
 * does not hold.  Two sessions to play with are in ends.h.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A library in which every check succeeds links with fuzz targets and with nothing else: unchecked.c asks for this. */
extern const bool fuzz_targets_only;

/* What libFuzzer calls. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is left of the input; behind its end everything is 0. */
struct input {
	const uint8_t *at;
	size_t left;
};
uint8_t input_u8(struct input *);
uint16_t input_u16(struct input *);
/* At most LENGTH bytes of it, in *LENGTH how many. */
const uint8_t *input_take(struct input *, size_t *length);
/* All that is left, or what stands before the next SEPARATOR, as a string for free(). */
char *input_text(struct input *, int separator);

/*
 * Changes BYTES, of which there are LENGTH in ROOM, by a number of edits that INPUT names: bytes set, put in, taken out
 * or copied, bits turned, the end cut off or made to be refused by the layer that looks at it.  Answers the new length.
 */
size_t input_edit(struct input *, uint8_t *bytes, size_t length, size_t room);

/* A home of the program for this process, with its folders and nothing in them (folder.c). */
const char *fuzz_home(void);

/* With FUZZ_TELL in the environment, for whoever looks at one input: what happens, on standard error. */
void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Ends the process, with a message, unless HOLDS. */
void must(bool holds, const char *what);

#endif
