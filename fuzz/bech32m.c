/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: any text is read as a key or refused at a place that is in it; what is read has one text only, and what is
 * written is read again; one wrong letter is found, at its place.
 *
 * Input: how many bytes (1) || which letter is mistyped (1) || how (1) || a text, or the bytes of a key.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/bech32m.h"
#include "fuzz.h"

enum { BYTES_MAX = 48 };
static const char prefix[] = "sck";

static void read_any(const char *text, size_t length)
{
	uint8_t bytes[BYTES_MAX];
	char again[BECH32M_TEXT_MAX];
	size_t at = 0;
	int status = bech32m_read(prefix, text, bytes, length, &at);

	must(status <= 0 && status >= BECH32M_BAD_CHECKSUM, "a status is one of the list");
	must(status == 0 || at <= strlen(text), "the wrong character is in the text");
	if (status != 0)
		return;
	must(bech32m_write(prefix, bytes, length, again) == 0 && strcasecmp(again, text) == 0, "a key has one text");
}

/* The checksum finds up to four wrong letters, and one of them is named. */
static void write_and_mistype(const uint8_t *bytes, size_t length, uint8_t which, uint8_t how)
{
	static const char letters[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
	uint8_t again[BYTES_MAX];
	char text[BECH32M_TEXT_MAX];
	size_t at = 0, place;

	if (bech32m_write(prefix, bytes, length, text) != 0)
		return;
	must(bech32m_read(prefix, text, again, length, &at) == 0 && memcmp(again, bytes, length) == 0,
	    "what is written is read again");
	/* Not always: finding the wrong letter takes a hundred times as long as the rest. */
	place = strlen(prefix) + 1 + which % (strlen(text) - strlen(prefix) - 1);
	if (how >= 32 || text[place] == letters[how % 32])
		return;
	text[place] = letters[how % 32];
	must(bech32m_read(prefix, text, again, length, &at) == BECH32M_BAD_CHECKSUM && at == place,
	    "a wrong letter is found");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	size_t length = input_u8(&input) % (BYTES_MAX + 1);
	uint8_t which = input_u8(&input), how = input_u8(&input), bytes[BYTES_MAX] = { 0 };
	char *text;

	memcpy(bytes, input.at, input.left < length ? input.left : length);
	write_and_mistype(bytes, length, which, how);
	text = input_text(&input, '\0');
	read_any(text, length);
	free(text);
	return 0;
}
