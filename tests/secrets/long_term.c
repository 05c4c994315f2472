/* SPDX-License-Identifier: Apache-2.0 */
/*
 * long_term.c - long-term keys, and in what forms they could be found: as bytes, as text, and as what signing makes of
 * them.
 */
#include "secrets.h"

#include <stdio.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "crypto/bech32m.h"
#include "seccomm.h"

enum { SEED = 32, PREFIX = 5, WORD = 48, LINE = 65 };

struct list {
	struct secret *secrets;
	size_t count;
};

static void add(struct list *list, const char *name, size_t n, uint32_t phase, const void *bytes, size_t length)
{
	struct secret *secret = &list->secrets[list->count++];

	*secret = (struct secret){ .phase = phase, .length = (uint32_t)length, .lasts = phase == LONG_TERM };
	snprintf(secret->name, sizeof(secret->name), "%s of key %zu", name, n);
	memcpy(secret->bytes, bytes, length);
}

/* The start of the number NAME as RSA keys are written, and its end as processors keep it, whose byte order is the
 * other one. */
static bool add_number(struct list *list, const EVP_PKEY *key, const char *name, size_t n)
{
	uint8_t big[SECRET_MAX * 8], little[SECRET_MAX];
	BIGNUM *number = NULL;
	int length = 0;

	if (EVP_PKEY_get_bn_param(key, name, &number) == 1 && BN_num_bytes(number) <= (int)sizeof(big))
		length = BN_bn2bin(number, big);
	BN_clear_free(number);
	if (length < SECRET_MAX)
		return false;
	add(list, name, n, LONG_TERM, big, SECRET_MAX);
	for (size_t i = 0; i < sizeof(little); i++)
		little[i] = big[(size_t)length - 1 - i];
	add(list, name, n, LONG_TERM, little, SECRET_MAX);
	return true;
}

/* Adds PEM to TEXT under LABEL ("": as it is). */
static void add_labelled(char text[KEY_TEXT], const char *pem, const char *label)
{
	size_t used = strlen(text);

	text[used++] = '\n';
	for (const char *line = pem; *line; line = strchr(line, '\n') + 1) {
		const size_t length = strcspn(line, "\n") + 1, title = strncmp(line, "-----END", 8) == 0 ? 9 : 11;

		if (*line == '-')
			used += (size_t)snprintf(text + used, KEY_TEXT - used, "%.*s%s%.*s", (int)title, line, label,
			    (int)(length - title), line + title);
		else
			used += (size_t)snprintf(text + used, KEY_TEXT - used, "%.*s", (int)length, line);
	}
}

static bool add_rsa(struct seccomm *library, struct list *list, struct key_texts *texts, size_t n)
{
	static const char *const numbers[] = { OSSL_PKEY_PARAM_RSA_D, OSSL_PKEY_PARAM_RSA_FACTOR1,
		OSSL_PKEY_PARAM_RSA_FACTOR2, OSSL_PKEY_PARAM_RSA_EXPONENT1, OSSL_PKEY_PARAM_RSA_EXPONENT2,
		OSSL_PKEY_PARAM_RSA_COEFFICIENT1 };
	static const char *const labels[] = { "", "RSA-OAEP ", "RSA-KEM " };
	char secret[KEY_TEXT], open[KEY_TEXT];
	BIO *text;
	EVP_PKEY *key;
	bool fine;

	if (seccomm_key_generate(library, "rsa-3072", secret, sizeof(secret), open, sizeof(open)) < 0 ||
	    strlen(texts->secret[n]) + 3 * (strlen(secret) + 32) > KEY_TEXT)
		return false;
	text = BIO_new_mem_buf(secret, -1);
	key = PEM_read_bio_PrivateKey(text, NULL, NULL, NULL);
	fine = key != NULL;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]) && fine; i++)
		fine = add_number(list, key, numbers[i], n);
	add(list, "PEM", n, NEVER, strchr(secret, '\n') + 1 + 20 * LINE, SECRET_MAX);
	EVP_PKEY_free(key);
	BIO_free(text);
	/* One pair for everything: what is looked for is the same, and pairs take long to make. */
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		add_labelled(texts->secret[n], secret, labels[i]);
		add_labelled(texts->open[n], open, labels[i]);
	}
	return fine;
}

size_t long_term_make(struct seccomm *library, bool rsa, struct key_texts *texts, struct secret out[LONG_TERM_MAX])
{
	static const char *const algorithms[KEY_TEXTS] = { "ed25519", "ed25519", "psk" }, *const prefixes[KEY_TEXTS] = {
		"scs", "scs", "scp"
	};
	struct list list = { out, 0 };

	for (size_t i = 0; i < KEY_TEXTS; i++) {
		uint8_t payload[1 + SEED], expanded[SECRET_MAX];
		size_t at;

		if (seccomm_key_generate(library, algorithms[i], texts->secret[i], KEY_TEXT, texts->open[i], KEY_TEXT) <
			0 ||
		    bech32m_read(prefixes[i], texts->secret[i], payload, sizeof(payload), &at) != BECH32M_OK ||
		    EVP_Digest(payload + 1, SEED, expanded, NULL, EVP_sha512(), NULL) != 1)
			return 0;
		add(&list, "bytes", i, LONG_TERM, payload + 1, SEED);
		add(&list, "text", i, NEVER, texts->secret[i] + PREFIX, WORD);
		add(&list, "SHA-512", i, NEVER, expanded, sizeof(expanded)); /* what Ed25519 signs with */
		if (rsa && i < KEY_TEXTS - 1 && !add_rsa(library, &list, texts, i))
			return 0;
	}
	return list.count;
}
