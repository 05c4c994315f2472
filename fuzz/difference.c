/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: whatever configuration text a peer says to have, the difference to ours is one line of printable characters
 * that fits.
 *
 * Input: room (1) || our text || 0 || the peer's.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "seccomm/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	size_t room = 1 + (size_t)input_u8(&input) * 16;
	char *ours = input_text(&input, '\0'), *theirs = input_text(&input, '\0'), *out = malloc(room);

	must(out != NULL, "there is memory");
	seccomm_text_diff(ours, theirs, out, room);
	must(memchr(out, '\0', room) != NULL, "the difference ends in its room");
	for (const char *c = out; *c != '\0'; c++)
		must((unsigned char)*c >= ' ' && *c != 127, "the difference is printable");
	must(strcmp(ours, theirs) != 0 || room < 64 || strlen(out) < 64, "equal texts have no long difference");
	free(ours);
	free(theirs);
	free(out);
	return 0;
}
