/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bech32m.c - the text form of keys (BIP 350).  A text is PREFIX || "1" || symbols of 5 bits || checksum (6 symbols).
 */
#include "crypto/bech32m.h"
#include "crypto/crypto.h"
#include <stdbool.h>
#include <string.h>

enum {
	CHECKSUM = 6,
	LONGEST = 90, /* the checksum finds four wrong characters up to this length */
	SYMBOLS = LONGEST - 2
};
#define GOOD UINT32_C(0x2bc830a3)

static const char letters[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/* One step of the checksum: the remainder of a polynomial over GF(32), 5 bits a coefficient. */
static uint32_t step(uint32_t sum, uint8_t symbol)
{
	static const uint32_t generator[] = { 0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3 };
	uint32_t top = sum >> 25;

	sum = (sum & 0x1ffffff) << 5 ^ symbol;
	for (unsigned i = 0; i < 5; i++)
		sum ^= (top >> i & 1) ? generator[i] : 0;
	return sum;
}

static uint32_t checksum(const char *prefix, const uint8_t *symbols, size_t count)
{
	uint32_t sum = 1;

	for (const char *p = prefix; *p; p++)
		sum = step(sum, (uint8_t)((unsigned char)*p >> 5));
	sum = step(sum, 0);
	for (const char *p = prefix; *p; p++)
		sum = step(sum, (uint8_t)(*p & 31));
	for (size_t i = 0; i < count; i++)
		sum = step(sum, symbols[i]);
	return sum;
}

static bool good_prefix(const char *prefix)
{
	for (const char *p = prefix; *p; p++)
		if (*p < 33 || *p > 126 || (*p >= 'A' && *p <= 'Z'))
			return false;
	return *prefix != '\0';
}

static size_t symbols_of(size_t bytes)
{
	return (8 * bytes + 4) / 5;
}

static bool fits(const char *prefix, size_t bytes)
{
	return bytes <= LONGEST && strlen(prefix) + 1 + symbols_of(bytes) + CHECKSUM <= LONGEST;
}

int bech32m_write(const char *prefix, const uint8_t *bytes, size_t length, char text[BECH32M_TEXT_MAX])
{
	uint8_t symbols[SYMBOLS + CHECKSUM] = { 0 };
	size_t count = symbols_of(length), at = strlen(prefix);
	uint32_t sum;

	if (!good_prefix(prefix))
		return BECH32M_BAD_PREFIX;
	if (!fits(prefix, length))
		return BECH32M_BAD_LENGTH;
	for (size_t i = 0; i < 8 * length; i++) /* bit by bit, highest first */
		symbols[i / 5] |= (uint8_t)((bytes[i / 8] >> (7 - i % 8) & 1) << (4 - i % 5));
	sum = checksum(prefix, symbols, count + CHECKSUM) ^ GOOD;
	for (size_t i = 0; i < CHECKSUM; i++)
		symbols[count + i] = sum >> 5 * (CHECKSUM - 1 - i) & 31;
	memcpy(text, prefix, at);
	text[at++] = '1';
	for (size_t i = 0; i < count + CHECKSUM; i++)
		text[at++] = letters[symbols[i]];
	text[at] = '\0';
	crypto_wipe(symbols, sizeof symbols);
	return BECH32M_OK;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Place of the first letter in another case than the first letter of TEXT, or its length. */
static size_t mixed_case(const char *text)
{
	int first = 0;
	size_t i;

	for (i = 0; text[i]; i++) {
		int now = text[i] >= 'A' && text[i] <= 'Z' ? 1 : text[i] >= 'a' && text[i] <= 'z' ? 2 : 0;

		if (first && now && now != first)
			break;
		first = first ? first : now;
	}
	return i;
}

/* The one symbol that, put right, makes the checksum right; COUNT when it takes more than one. */
static size_t mistyped(const char *prefix, uint8_t *symbols, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (uint8_t change = 1; change < 32; change++) {
			uint32_t sum;

			symbols[i] ^= change;
			sum = checksum(prefix, symbols, count);
			symbols[i] ^= change;
			if (sum == GOOD)
				return i;
		}
	return count;
}

/* The symbols of TEXT behind a prefix of START - 1 characters; *AT is where it fails. */
static int read_symbols(const char *text, size_t start, uint8_t *symbols, size_t count, size_t *at)
{
	size_t have = 0;

	*at = mixed_case(text);
	for (size_t i = start; i < *at; i++) {
		const char *letter = strchr(letters, lower(text[i]));

		if (!letter) {
			*at = i;
			break;
		}
		if (have < count)
			symbols[have] = (uint8_t)(letter - letters);
		have++;
	}
	if (text[*at])
		return BECH32M_BAD_CHARACTER;
	if (have > count)
		*at = start + count;
	return have == count ? BECH32M_OK : BECH32M_BAD_LENGTH;
}

/* Bits behind the last byte must be zero, or two texts would mean the same. */
static bool to_bytes(const uint8_t *symbols, size_t count, uint8_t *bytes, size_t length)
{
	bool rest = false;

	memset(bytes, 0, length);
	for (size_t i = 0; i < 5 * count; i++) {
		unsigned bit = symbols[i / 5] >> (4 - i % 5) & 1;

		if (i < 8 * length)
			bytes[i / 8] |= (uint8_t)(bit << (7 - i % 8));
		else
			rest |= bit != 0;
	}
	return !rest;
}

/* Place of the first character that differs from PREFIX || "1"; strlen(PREFIX) + 1: none does. */
static size_t same_prefix(const char *prefix, const char *text)
{
	size_t i;

	for (i = 0; prefix[i]; i++)
		if (lower(text[i]) != prefix[i])
			return i;
	return text[i] == '1' ? i + 1 : i;
}

int bech32m_read(const char *prefix, const char *text, uint8_t *bytes, size_t length, size_t *at)
{
	uint8_t symbols[SYMBOLS + CHECKSUM];
	size_t start = strlen(prefix) + 1, count = symbols_of(length), place;
	int status;

	place = same_prefix(prefix, text);
	status = good_prefix(prefix) && place == start ? BECH32M_OK : BECH32M_BAD_PREFIX;
	if (!status && !fits(prefix, length))
		status = BECH32M_BAD_LENGTH;
	if (!status)
		status = read_symbols(text, start, symbols, count + CHECKSUM, &place);
	if (!status && checksum(prefix, symbols, count + CHECKSUM) != GOOD) {
		status = BECH32M_BAD_CHECKSUM;
		place = start + mistyped(prefix, symbols, count + CHECKSUM);
	}
	if (!status && !to_bytes(symbols, count, bytes, length)) {
		status = BECH32M_BAD_CHARACTER;
		place = start + count - 1;
		crypto_wipe(bytes, length);
	}
	crypto_wipe(symbols, sizeof symbols);
	if (at && status)
		*at = place;
	return status;
}
