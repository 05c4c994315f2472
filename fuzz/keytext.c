/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: a keyring takes the text of a key or says why not, whatever the text is, and what it took it has.
 *
 * Input: what the text is said to be (1) || name || 0 || text.
 */
#include <stdlib.h>
#include <string.h>

#include "ends.h"
#include "seccomm/keyring.h"

enum kind { IDENTITY, PEER, PSK, PUBLIC, FINGERPRINT, KINDS };

static void check_error(int status, const struct seccomm_error *error)
{
	must(status <= 0 && (status == 0 || error->status == status), "the error says what was answered");
	must(status == 0 || error->text[0] != '\0', "a refusal has a reason");
	for (const char *c = error->text; *c != '\0'; c++)
		must((unsigned char)*c >= ' ' && *c != 127, "a reason is printable");
}

static void add(enum kind kind, const char *name, const char *text)
{
	struct seccomm_keyring *keyring = seccomm_keyring_new(composition_library());
	struct seccomm_error error = { 0 };
	int status;

	must(keyring != NULL, "there is memory");
	if (kind == IDENTITY)
		status = seccomm_keyring_identity(keyring, name, text, &error);
	else if (kind == PEER)
		status = seccomm_keyring_peer(keyring, name, text, &error);
	else
		status = seccomm_keyring_psk(keyring, name, text, &error);
	check_error(status, &error);
	must((status == SECCOMM_OK) == (keyring->identities != NULL || keyring->peers != NULL || keyring->psks != NULL),
	    "what was taken is there, and nothing else");
	seccomm_keyring_free(keyring);
}

/* Rooms of every size: a text that does not fit is refused. */
static void make_public(const char *name, const char *text)
{
	size_t room = strlen(name) * 16;
	char *out = malloc(room + 1);
	int status;

	must(out != NULL, "there is memory");
	status = seccomm_key_public(composition_library(), text, out, room);
	must(status != SECCOMM_OK || strlen(out) < room, "a public key ends in its room");
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	enum kind kind = (enum kind)(input_u8(&input) % KINDS);
	char *name = input_text(&input, '\0'), *text = input_text(&input, '\0');
	uint8_t fingerprint[SECCOMM_FINGERPRINT_BYTES];
	struct seccomm_error error = { 0 };

	if (kind == PUBLIC)
		make_public(name, text);
	else if (kind == FINGERPRINT)
		check_error(seccomm_key_fingerprint(composition_library(), text, fingerprint, &error), &error);
	else
		add(kind, name, text);
	free(name);
	free(text);
	return 0;
}
