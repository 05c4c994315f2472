/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cover.c - images and sounds that messages are hidden in: which bytes of such a file are samples.
 *
 * Read are the two formats whose samples lie in the file as they are: netpbm's binary PGM and PPM, with 8 bits a sample, and WAV
 * with PCM of 8 or 16 bits.  Nothing is converted: what is sent is the file, but for the lowest bits of its samples.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seccomm/keyring.h"

/* ---- PGM and PPM ---- */

enum { NUMBER_MAX = 1000000 };

/* Blanks and comments, and then a number of the header of M; 0: there is none. */
static uint32_t number(const struct seccomm_medium *m, size_t *at)
{
	uint32_t n = 0;

	while (*at < m->length && strchr(" \t\r\n#", m->bytes[*at]) != NULL && m->bytes[*at] != '\0') {
		if (m->bytes[*at] == '#')
			while (*at + 1 < m->length && m->bytes[*at] != '\n')
				++*at;
		++*at;
	}
	while (*at < m->length && m->bytes[*at] >= '0' && m->bytes[*at] <= '9' && n < NUMBER_MAX)
		n = 10 * n + (uint32_t)(m->bytes[(*at)++] - '0');
	return n;
}

/* What is wrong with it; NULL: nothing, and M knows its samples. */
static const char *read_netpbm(struct seccomm_medium *m)
{
	size_t at = 2;
	const uint64_t width = number(m, &at), height = number(m, &at);
	const uint32_t most = number(m, &at);

	if (width == 0 || height == 0 || most == 0 || at >= m->length)
		return "its header is not that of an image";
	if (most > 255)
		return "its samples have more than 8 bits";
	m->first = at + 1;
	m->count = (size_t)(width * height * (m->bytes[1] == '6' ? 3 : 1));
	return m->count > m->length - m->first ? "the image is cut off" : NULL;
}

/* ---- WAV ---- */

enum { RIFF = 12, CHUNK = 8, FORMAT = 16 };

static uint32_t little(const uint8_t *in, unsigned bytes)
{
	uint32_t n = 0;

	while (bytes-- > 0)
		n = n << 8 | in[bytes];
	return n;
}

static const char *read_wav(struct seccomm_medium *m)
{
	uint32_t bits = 0;

	for (size_t at = RIFF; m->length - at >= CHUNK;) {
		const uint8_t *chunk = m->bytes + at;
		const uint32_t size = little(chunk + 4, 4);

		if (size > m->length - at - CHUNK)
			return "the sound is cut off";
		if (memcmp(chunk, "fmt ", 4) == 0 && size >= FORMAT && little(chunk + CHUNK, 2) == 1)
			bits = little(chunk + CHUNK + 14, 2);
		if (memcmp(chunk, "data", 4) == 0) {
			m->first = at + CHUNK;
			m->count = size - size % 2;
			m->wide = bits == 16;
			return bits == 8 || bits == 16 ? NULL : "it is not PCM with 8 or 16 bits a sample";
		}
		at += CHUNK + (size_t)size;
		at += size % 2 != 0 && at < m->length ? 1 : 0;
	}
	return "it has no samples";
}

static const char *read_medium(struct seccomm_medium *m)
{
	const char *wrong = "it is no binary PGM or PPM image and no WAV sound";

	if (m->length > 2 && m->bytes[0] == 'P' && (m->bytes[1] == '5' || m->bytes[1] == '6'))
		wrong = read_netpbm(m);
	else if (m->length >= RIFF && memcmp(m->bytes, "RIFF", 4) == 0 && memcmp(m->bytes + 8, "WAVE", 4) == 0)
		wrong = read_wav(m);
	if (wrong == NULL && m->length - m->count > SECCOMM_COVER_HEAD)
		wrong = "more than 256 of its bytes are not samples";
	return wrong;
}

/* ---- In the keyring ---- */

const struct seccomm_medium *keyring_cover(const struct seccomm_keyring *keyring, const char *name)
{
	const struct cover *cover = keyring->covers;

	while (cover != NULL && strcmp(cover->name, name) != 0)
		cover = cover->next;
	return cover != NULL ? &cover->medium : NULL;
}

void keyring_free_covers(struct seccomm_keyring *keyring)
{
	for (struct cover *cover = keyring->covers, *next; cover != NULL; cover = next) {
		next = cover->next;
		free(cover);
	}
}

int seccomm_keyring_cover(
    struct seccomm_keyring *keyring, const char *name, const void *bytes, size_t length, struct seccomm_error *error)
{
	int status = keyring_check_name(name, error);
	const char *wrong;
	struct cover *cover;

	if (status == SECCOMM_OK && keyring_cover(keyring, name) != NULL)
		status = error_set(error, SECCOMM_INVALID, NULL, "there is a cover '%s' already", name);
	if (status != SECCOMM_OK)
		return status;
	cover = calloc(1, sizeof(*cover) + length);
	if (cover == NULL)
		return error_set(error, SECCOMM_NO_MEMORY, NULL, "out of memory");
	memcpy(cover->bytes, bytes, length);
	cover->medium = (struct seccomm_medium){ .bytes = cover->bytes, .length = length };
	wrong = read_medium(&cover->medium);
	if (wrong != NULL) {
		free(cover);
		return error_set(error, SECCOMM_INVALID,
		    "take an image in binary PGM or PPM with 8 bits a sample, or a WAV with PCM of 8 or 16 bits and little else",
		    "nothing can be hidden in this file: %s", wrong);
	}
	snprintf(cover->name, sizeof(cover->name), "%s", name);
	cover->next = keyring->covers;
	keyring->covers = cover;
	return SECCOMM_OK;
}
