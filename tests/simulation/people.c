/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is on the hosts: texts of all keys, made once, and the keyring of each host, made anew for each run.  A key that is new has
 * no blinding yet: what it draws of the generator does not follow from what was done with it before.
 */
#include "sim.h"
#include "../rsa_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/bech32m.h"

/* ---- Texts --------------------------------------------------------------------------------------------------------- */

static const char *copy(const char *text)
{
	char *twin = strdup(text);

	if (twin == NULL)
		abort();
	return twin;
}

/* RSA_KEY, whose label is "@ ", with LABEL in its place. */
static const char *labelled(const char *rsa_key, const char *label)
{
	char text[4096];
	size_t n = 0;

	for (const char *at = rsa_key; *at != '\0'; at += *at == '@' ? 2 : 1)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%.*s%s", *at != '@', at,
		    *at == '@' && label != NULL ? label : "");
	return copy(text);
}

static bool make_principal(const struct people *people, unsigned n, struct pair *out)
{
	char secret[SECCOMM_KEY_TEXT_MAX], open[SECCOMM_KEY_TEXT_MAX];
	uint8_t bytes[1 + 32] = { 1 };

	memset(bytes + 1, (int)(16 + n), 32);
	if (bech32m_write("scs", bytes, sizeof(bytes), secret) != BECH32M_OK ||
	    seccomm_key_public(people->library, secret, open, sizeof(open)) != SECCOMM_OK)
		return false;
	*out = (struct pair){ copy(secret), copy(open) };
	return true;
}

/* Of RSA there is one key, for everybody: to make one takes long. */
static bool make_pair(const struct people *people, const struct crypto_algorithm *a, struct pair *out)
{
	static const char rsa_secret[] = RSA_SECRET("@"), rsa_open[] = RSA_PUBLIC("@");
	char secret[1024], open[1024], label[32];

	if (strcmp(a->fetch, "RSA") == 0) {
		snprintf(label, sizeof(label), "%s%s", a->label != NULL ? a->label : "", a->label != NULL ? " " : "");
		*out = (struct pair){ labelled(rsa_secret, label), labelled(rsa_open, label) };
		return true;
	}
	if (seccomm_key_generate(people->library, a->name, secret, sizeof(secret), open, sizeof(open)) != SECCOMM_OK)
		return false;
	*out = (struct pair){ copy(secret), copy(open) };
	return true;
}

/* Encapsulation to keys of known size (ML-KEM) makes them for each exchange. */
static bool has_pairs(const struct crypto_algorithm *a)
{
	return (a->kind == CRYPTO_SIGN || a->kind == CRYPTO_PKE || (a->kind == CRYPTO_KEM && a->public_bytes == 0)) &&
	       strcmp(a->name, "ed25519") != 0;
}

static bool make_texts(struct people *people)
{
	size_t count;
	const struct crypto_algorithm *all = crypto_algorithms(&count);

	for (unsigned n = 0; n <= CLIENTS_MAX; n++)
		if (!make_principal(people, n, &people->principal[n]))
			return false;
	for (size_t i = 0; i < count; i++) {
		if (!has_pairs(&all[i]) || crypto_unavailable(seccomm_crypto(people->library), &all[i]) != NULL)
			continue;
		if (people->algorithm_count == ALGORITHMS_MAX)
			return false;
		people->algorithm[people->algorithm_count] = all[i].name;
		for (unsigned n = 0; n <= CLIENTS_MAX; n++)
			if (!make_pair(people, &all[i], &people->pair[people->algorithm_count][n]))
				return false;
		people->algorithm_count++;
	}
	return true;
}

bool people_make(struct people *people, struct seccomm *library)
{
	*people = (struct people){ .library = library };
	generator_seed(1);
	roll_make(&people->roll, library);
	return make_texts(people);
}

static void drop_pair(struct pair *pair)
{
	free((char *)(uintptr_t)pair->secret);
	free((char *)(uintptr_t)pair->open);
}

void people_drop(struct people *people)
{
	for (unsigned n = 0; n <= CLIENTS_MAX; n++) {
		drop_pair(&people->principal[n]);
		for (size_t i = 0; i < ALGORITHMS_MAX; i++)
			drop_pair(&people->pair[i][n]);
	}
}

/* ---- Keyrings ------------------------------------------------------------------------------------------------------ */

/* What the keys of principal N are in one text: only those that the run needs, for to read them takes long. */
static const char *all_keys(const struct sim *sim, unsigned n, bool secret)
{
	static _Thread_local char text[16384];
	const struct pair *principal = &sim->people->principal[n];
	size_t used = (size_t)snprintf(text, sizeof(text), "%s\n", secret ? principal->secret : principal->open);

	for (size_t i = 0; i < sim->people->algorithm_count; i++) {
		const struct pair *pair = &sim->people->pair[i][n];

		if (sim_needs(sim, sim->people->algorithm[i]))
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s", secret ? pair->secret : pair->open);
	}
	return text;
}

static bool add_cover(const struct sim *sim, struct seccomm_keyring *keyring)
{
	enum { HEAD = 15, WIDTH = 128 };
	const unsigned height = (unsigned)((sim->cover_bytes - HEAD) / WIDTH);
	uint8_t *bytes = malloc(sim->cover_bytes);
	uint64_t seed = sim->seed;
	bool fine;

	if (bytes == NULL)
		abort();
	sim_fill(&seed, bytes, sim->cover_bytes);
	(void)snprintf((char *)bytes, sim->cover_bytes, "P5 %03u %03u 255", WIDTH, height);
	bytes[HEAD - 1] = '\n';
	fine = seccomm_keyring_cover(keyring, "cover", bytes, sim->cover_bytes, NULL) == SECCOMM_OK;
	free(bytes);
	return fine;
}

/* A server knows every client that there is, and a client the server. */
static bool add_peers(const struct sim *sim, const struct host *host)
{
	char name[16];
	bool known[1 + CLIENTS_MAX] = { false };

	if (host->number != 0)
		return seccomm_keyring_peer(host->keyring, "server", all_keys(sim, 0, false), NULL) == SECCOMM_OK;
	for (unsigned n = 1; n <= sim->clients; n++) {
		const unsigned who = sim->host[n].who;

		snprintf(name, sizeof(name), "client-%u", who);
		if (!known[who] && seccomm_keyring_peer(host->keyring, name, all_keys(sim, who, false), NULL) != SECCOMM_OK)
			return false;
		known[who] = true;
	}
	return true;
}

bool people_keyring(struct sim *sim, struct host *host)
{
	struct seccomm_keyring *own = host->keyring = seccomm_keyring_new(sim->people->library);
	bool fine = own != NULL && seccomm_keyring_identity(own, "self", all_keys(sim, host->who, true), NULL) == SECCOMM_OK &&
		    add_peers(sim, host) && seccomm_keyring_psk(own, "shared", psk_secret, NULL) == SECCOMM_OK &&
		    (!sim->covers || add_cover(sim, own));

	if (fine && sim->pads)
		host->pad = pad_make(sim, host);
	return fine || sim_fail(sim, "no keys");
}
