/* SPDX-License-Identifier: Apache-2.0 */
/* input.c - reading an input as a script (see fuzz.h). */
#include "fuzz.h"

#include <sanitizer/common_interface_defs.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const bool fuzz_targets_only = true;

void tell(const char *format, ...)
{
	va_list arguments;

	if (getenv("FUZZ_TELL") == NULL)
		return;
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
}

void must(bool holds, const char *what)
{
	char line[1024];

	if (holds)
		return;
	/* Where a sanitizer would report: standard error may be closed. */
	snprintf(line, sizeof(line), "does not hold: %s", what);
	__sanitizer_report_error_summary(line);
	abort();
}

uint8_t input_u8(struct input *input)
{
	if (input->left == 0)
		return 0;
	input->left--;
	return *input->at++;
}

uint16_t input_u16(struct input *input)
{
	unsigned high = input_u8(input);

	return (uint16_t)(high << 8 | input_u8(input));
}

const uint8_t *input_take(struct input *input, size_t *length)
{
	const uint8_t *taken = input->at;

	if (*length > input->left)
		*length = input->left;
	input->at += *length;
	input->left -= *length;
	return taken;
}

char *input_text(struct input *input, int separator)
{
	const uint8_t *end = input->left > 0 ? memchr(input->at, separator, input->left) : NULL;
	size_t length = end != NULL ? (size_t)(end - input->at) : input->left;
	char *text = malloc(length + 1);

	must(text != NULL, "there is memory");
	memcpy(text, input_take(input, &length), length);
	text[length] = '\0';
	if (end != NULL)
		(void)input_u8(input);
	return text;
}

/* ---- Edits ---- */

enum { EDITS_MAX = 8 };
enum edit { SET, TURN, PUT_IN, TAKE_OUT, CUT, COPY, OVERWRITE, REFUSE, EDIT_KINDS };

static size_t put_in(uint8_t *bytes, size_t length, size_t room, size_t at, const uint8_t *from, size_t count)
{
	if (count > room - length)
		count = room - length;
	memmove(bytes + at + count, bytes + at, length - at);
	memcpy(bytes + at, from, count);
	return length + count;
}

static size_t take_out(uint8_t *bytes, size_t length, size_t at, size_t count)
{
	if (count > length - at)
		count = length - at;
	memmove(bytes + at, bytes + at + count, length - at - count);
	return length - count;
}

static size_t edit(struct input *input, uint8_t *bytes, size_t length, size_t room)
{
	enum edit kind = (enum edit)(input_u8(input) % EDIT_KINDS);
	size_t at = input_u16(input) % (length + 1), count = input_u8(input);
	uint8_t copied[256];
	const uint8_t *given;

	switch (kind) {
	case SET:
	case TURN:
		if (at < length)
			bytes[at] = (uint8_t)(kind == SET ? count : bytes[at] ^ 1U << count % 8);
		return length;
	case PUT_IN:
		given = input_take(input, &count);
		return put_in(bytes, length, room, at, given, count);
	case TAKE_OUT:
		return take_out(bytes, length, at, count);
	case CUT:
		return at;
	case COPY:
		if (count > length - at)
			count = length - at;
		memcpy(copied, bytes + at, count);
		return put_in(bytes, length, room, input_u16(input) % (length + 1), copied, count);
	case OVERWRITE:
		given = input_take(input, &count);
		memcpy(bytes + at, given, count < length - at ? count : length - at);
		return length;
	case REFUSE:
		memset(bytes + (length < 4 ? 0 : length - 4), 0xff, length < 4 ? length : 4);
		return length;
	case EDIT_KINDS:
		break;
	}
	return length;
}

size_t input_edit(struct input *input, uint8_t *bytes, size_t length, size_t room)
{
	for (unsigned left = 1 + input_u8(input) % EDITS_MAX; left > 0 && input->left > 0; left--)
		length = edit(input, bytes, length, room);
	return length;
}
