/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For second_public.py: answers questions, a line each, with what our own descriptors make of them.  A question is a verb, the
 * name of an algorithm, and its arguments in hex, with a dash for no bytes; an answer is a status and what came out, in hex.
 * "list" is answered by the kind and name of every algorithm that has a pair of keys, and a dot.
 */
#include "crypto/crypto.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS = 4, LINE = 32768, OUTPUTS = 2, ROOM = 8192 };
enum needs { NO_KEY, PRIVATE_KEY, PUBLIC_KEY };

struct question {
	struct crypto *crypto;
	const struct crypto_algorithm *row;
	struct crypto_key *key; /* of the first field, if the verb needs one */
	struct crypto_part in[FIELDS];
	uint8_t out[OUTPUTS][ROOM];
	size_t length[OUTPUTS];
};

static const uint8_t *bytes(const struct question *q, size_t n)
{
	return q->in[n].bytes;
}

static bool sized(const struct question *q, size_t n, size_t length)
{
	return q->in[n].length == length;
}

/* ---- Signatures ---- */

static int sign(struct question *q)
{
	q->length[0] = crypto_key_signature_bytes(q->key);
	return crypto_signature_make(q->crypto, q->key, bytes(q, 1), q->in[1].length, q->out[0]);
}

static int verify(struct question *q)
{
	return crypto_verify(q->crypto, q->key, bytes(q, 1), q->in[1].length, bytes(q, 2), q->in[2].length);
}

static int export(struct question *q)
{
	q->length[0] = ROOM;
	return crypto_key_export_public(q->key, q->out[0], &q->length[0]);
}

/* ---- Agreements ---- */

static int private(struct question *q)
{
	q->length[0] = q->row->key_bytes;
	return sized(q, 0, CRYPTO_HASH_BYTES) ? crypto_kx_private(q->crypto, q->row, bytes(q, 0), q->out[0]) : CRYPTO_BAD;
}

static int public(struct question *q)
{
	q->length[0] = q->row->public_bytes;
	return sized(q, 0, q->row->key_bytes) ? crypto_kx_public(q->crypto, q->row, bytes(q, 0), q->out[0]) : CRYPTO_BAD;
}

static int agree(struct question *q)
{
	if (!sized(q, 0, q->row->key_bytes) || !sized(q, 1, q->row->public_bytes))
		return CRYPTO_BAD;
	q->length[0] = q->row->output_bytes;
	return crypto_kx_secret(q->crypto, q->row, bytes(q, 0), bytes(q, 1), q->out[0]);
}

/* ---- To a public key ---- */

static int seal(struct question *q)
{
	q->length[0] = crypto_key_signature_bytes(q->key);
	return crypto_pke_seal(q->crypto, q->key, &q->in[1], bytes(q, 2), q->in[2].length, q->out[0]);
}

/* The last field is what it is to be otherwise, and as long as the text. */
static int open(struct question *q)
{
	q->length[0] = q->in[3].length;
	return crypto_pke_open(q->crypto, q->key, &q->in[1], bytes(q, 2), q->in[2].length, bytes(q, 3), q->out[0], q->length[0]);
}

static int encapsulate(struct question *q)
{
	q->length[0] = q->length[1] = crypto_key_signature_bytes(q->key);
	return sized(q, 1, CRYPTO_HASH_BYTES) ? crypto_kem_encapsulate(q->crypto, q->key, bytes(q, 1), q->out[0], q->out[1])
					      : CRYPTO_BAD;
}

static int decapsulate(struct question *q)
{
	q->length[0] = crypto_key_signature_bytes(q->key);
	return crypto_kem_decapsulate(q->crypto, q->key, bytes(q, 1), q->in[1].length, q->out[0]);
}

/* ---- To a key that is new each time ---- */

static int kem_public(struct question *q)
{
	q->length[0] = q->row->public_bytes;
	return sized(q, 0, q->row->key_bytes) ? crypto_mlkem_public(q->crypto, q->row, bytes(q, 0), q->out[0]) : CRYPTO_BAD;
}

static int kem_seal(struct question *q)
{
	if (!sized(q, 0, q->row->public_bytes) || !sized(q, 1, q->row->output_bytes))
		return CRYPTO_BAD;
	q->length[0] = q->row->sealed_bytes;
	q->length[1] = q->row->output_bytes;
	return crypto_mlkem_encapsulate(q->crypto, q->row, bytes(q, 0), bytes(q, 1), q->out[0], q->out[1]);
}

static int kem_open(struct question *q)
{
	if (!sized(q, 0, q->row->key_bytes) || !sized(q, 1, q->row->sealed_bytes))
		return CRYPTO_BAD;
	q->length[0] = q->row->output_bytes;
	return crypto_mlkem_decapsulate(q->crypto, q->row, bytes(q, 0), bytes(q, 1), q->out[0]);
}

/* Salt, input, info, and something as long as the output is to be. */
static int hkdf(struct question *q)
{
	uint8_t prk[CRYPTO_HASH_BYTES];
	int status = crypto_hkdf_extract(q->crypto, bytes(q, 0), q->in[0].length, bytes(q, 1), q->in[1].length, prk);

	q->length[0] = q->in[3].length;
	return status ? status : crypto_hkdf_expand(q->crypto, prk, bytes(q, 2), q->in[2].length, q->out[0], q->length[0]);
}

/* ---- Questions ---- */

static const struct verb {
	const char *name;
	enum crypto_kind kind; /* DIGEST: needs no row */
	enum needs key;
	size_t fields;
	int (*run)(struct question *);
} verbs[] = {
	{ "sign", CRYPTO_SIGN, PRIVATE_KEY, 2, sign },
	{ "verify", CRYPTO_SIGN, PUBLIC_KEY, 3, verify },
	{ "export", CRYPTO_SIGN, PRIVATE_KEY, 1, export },
	{ "private", CRYPTO_KX, NO_KEY, 1, private },
	{ "public", CRYPTO_KX, NO_KEY, 1, public },
	{ "agree", CRYPTO_KX, NO_KEY, 2, agree },
	{ "seal", CRYPTO_PKE, PUBLIC_KEY, 3, seal },
	{ "open", CRYPTO_PKE, PRIVATE_KEY, 4, open },
	{ "encapsulate", CRYPTO_KEM, PUBLIC_KEY, 2, encapsulate },
	{ "decapsulate", CRYPTO_KEM, PRIVATE_KEY, 2, decapsulate },
	{ "kem-public", CRYPTO_KEM, NO_KEY, 1, kem_public },
	{ "kem-seal", CRYPTO_KEM, NO_KEY, 2, kem_seal },
	{ "kem-open", CRYPTO_KEM, NO_KEY, 2, kem_open },
	{ "hkdf", CRYPTO_DIGEST, NO_KEY, 4, hkdf },
};

static unsigned digit(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* In memory of its own size, so that whoever reads behind it is caught. */
static bool read_field(const char *word, struct crypto_part *part)
{
	const size_t length = strcmp(word, "-") == 0 ? 0 : strlen(word) / 2;
	uint8_t *at = malloc(length ? length : 1);

	part->bytes = at;
	part->length = length;
	for (size_t i = 0; at && i < length; i++)
		at[i] = (uint8_t)(digit(word[2 * i]) << 4 | digit(word[2 * i + 1]));
	return at != NULL;
}

static int ask(struct question *q, const struct verb *verb, const char *name)
{
	int status = 0;

	q->row = crypto_find(verb->kind, name);
	if (!q->row && verb->kind != CRYPTO_DIGEST)
		return CRYPTO_UNAVAILABLE;
	if (verb->key == PRIVATE_KEY)
		status = crypto_key_private(q->crypto, q->row, q->in[0].bytes, q->in[0].length, &q->key);
	if (verb->key == PUBLIC_KEY)
		status = crypto_key_public(q->crypto, q->row, q->in[0].bytes, q->in[0].length, &q->key);
	return status ? status : verb->run(q);
}

static void tell(const struct question *q, int status)
{
	printf("%d", status);
	for (size_t n = 0; status == 0 && n < OUTPUTS && q->length[n] > 0; n++) {
		printf(" ");
		for (size_t i = 0; i < q->length[n]; i++)
			printf("%02x", q->out[n][i]);
	}
	printf("\n");
}

static bool answer(struct crypto *crypto, char *line)
{
	const char *word = strtok(line, " \n"), *name = strtok(NULL, " \n");
	const struct verb *verb = verbs, *end = verbs + sizeof verbs / sizeof *verbs;
	struct question q = { .crypto = crypto };
	bool good = name != NULL;

	while (good && verb < end && strcmp(verb->name, word) != 0)
		verb++;
	good = good && verb < end;
	for (size_t n = 0; good && n < verb->fields; n++) {
		word = strtok(NULL, " \n");
		good = word && read_field(word, &q.in[n]);
	}
	if (good)
		tell(&q, ask(&q, verb, name));
	crypto_key_free(q.key);
	for (size_t n = 0; n < FIELDS; n++)
		free((void *)(uintptr_t)q.in[n].bytes);
	return good;
}

static void list(const struct crypto *crypto)
{
	size_t count;
	const struct crypto_algorithm *rows = crypto_algorithms(&count);

	for (size_t i = 0; i < count; i++)
		if (rows[i].kind > CRYPTO_ONETIME)
			printf("%s %s %s\n", crypto_kind_name(rows[i].kind), rows[i].name,
			    crypto_unavailable(crypto, &rows[i]) ? "unavailable" : "available");
	printf(".\n");
}

int main(void)
{
	static char line[LINE];
	char why[256];
	struct crypto *crypto = crypto_new(why, sizeof why);
	bool good = crypto != NULL;

	while (good && fgets(line, sizeof line, stdin)) {
		if (strcmp(line, "list\n") == 0)
			list(crypto);
		else
			good = answer(crypto, line);
		fflush(stdout);
	}
	crypto_free(crypto);
	return good ? 0 : 1;
}
