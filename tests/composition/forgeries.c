/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages made from messages: what an enemy changes, cuts, adds and puts together.  See attackers.h.
 */
#include "attackers.h"

#include <string.h>

enum { FLIPS = 40, CUTS = 24, SPLICES = 12, SIZES_MAX = 12, PLACES_MAX = 16 };

static size_t copy(const struct sent *a, uint8_t *out)
{
	memcpy(out, a->wire, a->wire_length);
	return a->wire_length;
}

/* Place N of COUNT in LENGTH bytes: all of the first ones, and then evenly spread to the last. */
static size_t spread(size_t n, size_t first, size_t count, size_t length)
{
	return n < first ? n : first + (n - first) * (length - first) / (count - first);
}

/* ---- Changing --------------------------------------------------------------------------------------------------- */

size_t forge_flip(struct scene *s, const struct sent *a, const struct sent *b, size_t n, uint8_t *out)
{
	static const uint8_t masks[] = { 0x01, 0x80, 0xff, 0x04, 0x10 };
	const size_t head = HEADER + (s->numbered ? NUMBER : 0), count = a->wire_length < FLIPS ? a->wire_length : FLIPS;

	(void)b;
	if (n >= count)
		return NO_MORE;
	copy(a, out);
	out[spread(n, head < count ? head : 0, count, a->wire_length)] ^= masks[n % sizeof(masks)];
	return a->wire_length;
}

/* Where the text may lie as it is known: every place behind the header. */
static bool text_at(const struct sent *a, size_t n, uint8_t *out, uint8_t **text)
{
	if (HEADER + n + a->length > a->wire_length)
		return false;
	copy(a, out);
	*text = out + HEADER + n;
	return true;
}

/* The known text becomes another one: right behind a stream cipher or a pad, wherever it starts. */
size_t forge_xor(struct scene *s, const struct sent *a, const struct sent *b, size_t n, uint8_t *out)
{
	uint8_t *text;

	(void)s;
	if (!text_at(a, n, out, &text))
		return NO_MORE;
	for (size_t i = 0; i < a->length; i++)
		text[i] ^= a->plain[i] ^ b->plain[i];
	return a->wire_length;
}

/* The same behind what adds. */
size_t forge_add(struct scene *s, const struct sent *a, const struct sent *b, size_t n, uint8_t *out)
{
	uint8_t *text;

	(void)s;
	if (!text_at(a, n, out, &text))
		return NO_MORE;
	for (size_t i = 0; i < a->length; i++)
		text[i] = (uint8_t)(text[i] + b->plain[i] - a->plain[i]);
	return a->wire_length;
}

/* ---- Cutting and joining ---------------------------------------------------------------------------------------- */

size_t forge_truncate(struct scene *s, const struct sent *a, const struct sent *b, size_t n, uint8_t *out)
{
	const size_t count = a->wire_length < CUTS ? a->wire_length : CUTS;

	(void)s;
	(void)b;
	if (n >= count)
		return NO_MORE;
	copy(a, out);
	/* From the end: by single bytes, and then by more and more. */
	return a->wire_length - 1 - spread(n, count / 2, count, a->wire_length - 1);
}

size_t forge_extend(struct scene *s, const struct sent *a, const struct sent *b, size_t n, uint8_t *out)
{
	static const size_t by[] = { 1, 7, 8, 16, 32 };
	const size_t count = sizeof(by) / sizeof(by[0]), more = by[n % count];

	(void)s;
	(void)b;
	if (n >= 2 * count)
		return NO_MORE;
	copy(a, out);
	/* By zeros, or by its own end once more. */
	if (n < count)
		memset(out + a->wire_length, 0, more);
	else
		memmove(out + a->wire_length, out + a->wire_length - (more < a->wire_length ? more : a->wire_length), more);
	return a->wire_length + more;
}

/* Head of A and tail of B, and tail of A behind the head of B but with A's header. */
size_t forge_splice(struct scene *s, const struct sent *a, const struct sent *b, size_t n, uint8_t *out)
{
	const size_t head = HEADER + (s->numbered ? NUMBER : 0);
	const size_t cut = head + spread(n / 2, 1, SPLICES, a->wire_length > head ? a->wire_length - head : 1);

	if (n >= (size_t)2 * SPLICES || b->wire_length != a->wire_length)
		return NO_MORE;
	copy(a, out);
	if (n % 2 == 0)
		memcpy(out + cut, b->wire + cut, a->wire_length - cut);
	else
		memcpy(out + head, b->wire + head, cut - head);
	return a->wire_length;
}

/* ---- Attributes ------------------------------------------------------------------------------------------------- */

/* Where attributes may lie: in front of what each layer packs, behind what it puts in front; and as far from the end. */
struct layout {
	size_t place[PLACES_MAX], places, size[SIZES_MAX], sizes;
};

static void add_sizes(const struct seccomm_mp *mp, struct layout *layout)
{
	for (const struct cactus_attribute *a = mp->cactus.attributes; a != NULL && a->name != NULL; a++)
		if (a->act == CACTUS_SETS && a->scope == CACTUS_PEER && layout->sizes < SIZES_MAX)
			layout->size[layout->sizes++] = a->bytes;
}

static void look(const struct scene *s, size_t length, struct layout *layout)
{
	size_t count, begin = HEADER, end = length;
	const struct plan_layer *layers = seccomm_plan_stack_layers(s->verdict.plan[CLIENT], &count);

	*layout = (struct layout){ .size = { NUMBER }, .sizes = 1, .place = { HEADER }, .places = 1 };
	begin += s->numbered ? NUMBER : 0;
	for (size_t i = count; i-- > 0 && begin <= end && layout->places + 2 <= PLACES_MAX;) {
		const struct cactus_growth *growth = &layers[i].mp->cactus.growth;

		layout->place[layout->places++] = begin;
		layout->place[layout->places++] = end;
		add_sizes(layers[i].mp, layout);
		begin += growth->prefix;
		end -= growth->suffix < end ? growth->suffix : end;
	}
}

size_t forge_strip(struct scene *s, const struct sent *a, const struct sent *b, size_t n, uint8_t *out)
{
	struct layout layout;
	size_t from, size;

	(void)b;
	look(s, a->wire_length, &layout);
	if (n >= layout.places * layout.sizes)
		return NO_MORE;
	from = layout.place[n / layout.sizes];
	size = layout.size[n % layout.sizes];
	copy(a, out);
	if (from + size > a->wire_length)
		from = a->wire_length > HEADER + size ? a->wire_length - size : HEADER;
	if (from + size > a->wire_length)
		return HEADER;
	memmove(out + from, out + from + size, a->wire_length - from - size);
	return a->wire_length - size;
}

/* Zeros, or what stands there once more. */
size_t forge_smuggle(struct scene *s, const struct sent *a, const struct sent *b, size_t n, uint8_t *out)
{
	struct layout layout;
	size_t at, size;

	(void)b;
	look(s, a->wire_length, &layout);
	if (n >= 2 * layout.places * layout.sizes)
		return NO_MORE;
	at = layout.place[n / 2 / layout.sizes];
	size = layout.size[n / 2 % layout.sizes];
	copy(a, out);
	memmove(out + at + size, out + at, a->wire_length - at);
	if (n % 2 == 0 || at + size > a->wire_length)
		memset(out + at, 0, size);
	return a->wire_length + size;
}
