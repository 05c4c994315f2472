/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: whatever bytes an end is given, in whatever state it is, it takes, waits for more or refuses as seccomm_pop()
 * promises.  Built for a stream and for datagrams (FUZZ_LINK).
 *
 * Input: how far the two ends come before (frames_situation) (2) || the stream's bytes, or datagrams, each behind its
 * length (2).
 */
#include "frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	struct pair pair;
	uint8_t progress = input_u8(&input), how = input_u8(&input);
	struct end *end = &pair.end[how >> 7];

	frames_reach(&pair, FUZZ_LINK, progress, how);
	do {
		size_t length = FUZZ_LINK == SECCOMM_STREAM ? input.left : input_u16(&input);
		const uint8_t *bytes = input_take(&input, &length);

		end_give(end, bytes, length);
		end_run_due(end);
	} while (input.left > 0);
	pair_free(&pair);
	return 0;
}
