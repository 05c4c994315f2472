/* SPDX-License-Identifier: Apache-2.0 */
/*
 * participants.c - who the two ends are: this end's identity, and which of the known peers the other one may be.
 *
 * A principal is its key's fingerprint.  Without an identity the holders of a pre-shared secret are the principals.
 */
#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "seccomm/session.h"

/* No name that a keyring can have, and no digest of a key. */
const struct peer participants_anybody = { .name = "(anybody)" };

static bool allowed(const struct seccomm_plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->peer_count; i++)
		if (fnmatch(plan->peers[i], name, 0) == 0)
			return true;
	return false;
}

const struct peer *participants_peer(const struct seccomm_plan *plan, const struct seccomm_keyring *keyring,
    const struct peer *holder, const uint8_t principal[HASH])
{
	const struct peer *peer;

	if (plan->identity == NULL)
		return holder != NULL && memcmp(holder->principal, principal, HASH) == 0 ? holder : NULL;
	peer = keyring_peer_by_principal(keyring, principal);
	return peer != NULL && allowed(plan, peer->name) ? peer : NULL;
}

void participants_set(struct seccomm_session *session, const struct peer *peer)
{
	session->peer = peer;
	session->principal.name = peer->name;
	memcpy(session->principal.fingerprint, peer->principal, HASH);
}

void participants_list(
    const struct seccomm_plan *plan, const struct seccomm_keyring *keyring, char *out, size_t room)
{
	size_t n = 0;

	out[0] = '\0';
	for (const struct peer *peer = keyring->peers; peer != NULL && n + 1 < room; peer = peer->next) {
		char text[SECCOMM_FINGERPRINT_TEXT];

		if (!allowed(plan, peer->name))
			continue;
		seccomm_fingerprint_text(peer->principal, text);
		n += (size_t)snprintf(out + n, room - n, "%s%s %s", n > 0 ? ", " : "", peer->name, text);
	}
}

/* Whose key a layer of a message needs: of a signature the sender's, of what is sealed the receiver's. */
static bool needs_key(const struct plan_layer *layer, enum seccomm_role role, enum seccomm_way way)
{
	const char *kind = layer->mp->kind != NULL ? layer->mp->kind : "";
	const bool signs = strcmp(kind, "sign") == 0, seals = strcmp(kind, "pke") == 0;
	const uint32_t direction = layer->image->direction;
	const bool c2s = ((role == SECCOMM_CLIENT) == (way == SECCOMM_SEND)) == signs;

	return (signs || seals) && (direction == SECCOMM_BOTH || (direction == SECCOMM_C2S) == c2s);
}

static const char *lack_in(const struct plan_layer *layers, size_t count, struct crypto_key *const keys[KEYS_EACH],
    enum seccomm_role role, enum seccomm_way way)
{
	for (size_t i = 0; i < count; i++) {
		const char *algorithm = layers[i].mp->algorithm;

		if (needs_key(&layers[i], role, way) && (keys == NULL || keyring_key(keys, algorithm) == NULL))
			return algorithm;
	}
	return NULL;
}

/* What a client encapsulates is for the server's key. */
static const char *lack_of(const struct plan_slot *slot, struct crypto_key *const keys[KEYS_EACH], bool servers)
{
	const char *algorithm = seccomm_slot_kem(slot);

	return algorithm != NULL && servers && (keys == NULL || keyring_key(keys, algorithm) == NULL) ? algorithm : NULL;
}

const char *participants_lack(
    const struct seccomm_plan *plan, struct crypto_key *const keys[KEYS_EACH], enum seccomm_way way)
{
	const char *lack = lack_in(plan->stack, plan->stack_count, keys, plan->role, way);
	const bool servers = (plan->role == SECCOMM_SERVER) == (way == SECCOMM_SEND);

	for (size_t i = 0; i < plan->slot_count && lack == NULL; i++) {
		lack = lack_in(plan->slots[i].protect, plan->slots[i].protect_count, keys, plan->role, way);
		lack = lack != NULL ? lack : lack_of(&plan->slots[i], keys, servers);
	}
	return lack;
}

static int no_psk(const char *name, struct seccomm_error *error)
{
	return error_set(error, SECCOMM_UNKNOWN_KEY,
	    "make it with `seccomm key gen NAME --algorithm psk` and bring the file to the other host",
	    "there is no pre-shared secret called '%s'", name);
}

static int find_psk(struct seccomm_session *session, struct seccomm_error *error)
{
	const char *name = seccomm_plan_psk(session->plan);
	const struct psk *psk = name != NULL ? keyring_psk(session->keyring, name) : NULL;

	if (seccomm_plan_anonymous(session->plan)) {
		memcpy(session->self, participants_anybody.principal, HASH);
		participants_set(session, &participants_anybody);
		return SECCOMM_OK;
	}
	if (name == NULL)
		return error_set(error, SECCOMM_UNKNOWN_KEY,
		    "name one with `identity:` (or --identity); make it with `seccomm key gen NAME`",
		    "this session has no identity and no pre-shared secret: nobody could know who it is");
	if (psk == NULL)
		return no_psk(name, error);
	memcpy(session->self, psk->as_peer.principal, HASH);
	participants_set(session, &psk->as_peer);
	return SECCOMM_OK;
}

/* A client writes its OPEN for one server, so it must know which. */
static int find_server(struct seccomm_session *session, struct seccomm_error *error)
{
	const struct seccomm_plan *plan = session->plan;
	const struct peer *found = NULL;
	const char *lack;

	for (const struct peer *peer = session->keyring->peers; peer != NULL; peer = peer->next) {
		if (!allowed(plan, peer->name))
			continue;
		if (found != NULL)
			return error_set(error, SECCOMM_INVALID,
			    "give a client exactly one peer: the server it connects to",
			    "more than one peer matches: '%s' and '%s'", found->name, peer->name);
		found = peer;
	}
	if (found == NULL)
		return error_set(error, SECCOMM_UNKNOWN_KEY,
		    "add it with `seccomm peer add NAME sck1...`, its key as `seccomm key show` prints it there",
		    "the peer '%s' is not known here", plan->peer_count > 0 ? plan->peers[0] : "(none given)");
	lack = participants_lack(plan, found->keys, SECCOMM_RECEIVE);
	if (lack != NULL)
		return error_set(error, SECCOMM_UNKNOWN_KEY, "add it with `seccomm peer add NAME --pem FILE`",
		    "peer '%s' has no public key for %s, which the configuration needs", found->name, lack);
	participants_set(session, found);
	return SECCOMM_OK;
}

/* The first of LAYERS' pads that is not in the keyring; NULL: none. */
static const char *pad_lack(const struct seccomm_session *session, const struct plan_layer *layers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *name = seccomm_layer_pad(&layers[i]);

		if (name != NULL && keyring_pad(session->keyring, name, session->plan->role) == NULL)
			return name;
	}
	return NULL;
}

/* Whether PLAN's layers of that way find a block each in the pad called NAME. */
static int pad_lasts(const struct seccomm_plan *plan, const struct seccomm_pad *pad, const char *name, enum seccomm_way way,
    struct seccomm_error *error)
{
	const bool c2s = (plan->role == SECCOMM_CLIENT) == (way == SECCOMM_SEND);
	uint64_t need = 0, used = 0;

	for (size_t i = 0; i < plan->stack_count; i++) {
		const char *other = plan_runs(plan, &plan->stack[i], way) ? seccomm_layer_pad(&plan->stack[i]) : NULL;

		need += other != NULL && strcmp(other, name) == 0 ? SECCOMM_PAD_BLOCK : 0;
	}
	if (need <= pad->left(pad->context, way == SECCOMM_SEND ? SECCOMM_PAD_OURS : SECCOMM_PAD_PEERS, &used))
		return SECCOMM_OK;
	return error_set(error, SECCOMM_LIMIT, "make a new one with `seccomm pad gen NAME`, bring the peer its copy, and name it in the configuration", "one-time pad '%s' is used up at byte %" PRIu64 " of direction %s", name,
	    used, c2s ? "c2s" : "s2c");
}

int seccomm_plan_pads(
    const struct seccomm_plan *plan, const struct seccomm_keyring *keyring, struct seccomm_error *error)
{
	int status = SECCOMM_OK;

	for (size_t i = 0; i < plan->stack_count && status == SECCOMM_OK; i++) {
		const char *name = seccomm_layer_pad(&plan->stack[i]);
		const struct seccomm_pad *pad = name != NULL ? keyring_pad(keyring, name, plan->role) : NULL;

		if (pad == NULL || pad->left == NULL)
			continue;
		status = pad_lasts(plan, pad, name, SECCOMM_SEND, error);
		if (status == SECCOMM_OK)
			status = pad_lasts(plan, pad, name, SECCOMM_RECEIVE, error);
	}
	return status;
}

static int find_pads(const struct seccomm_session *session, struct seccomm_error *error)
{
	const struct seccomm_plan *plan = session->plan;
	const char *lack = pad_lack(session, plan->stack, plan->stack_count);

	for (size_t i = 0; i < plan->slot_count && lack == NULL; i++)
		lack = pad_lack(session, plan->slots[i].protect, plan->slots[i].protect_count);
	if (lack == NULL)
		return seccomm_plan_pads(plan, session->keyring, error);
	return error_set(error, SECCOMM_UNKNOWN_KEY, "make it with `seccomm pad gen NAME`",
	    "there is no one-time pad '%s' for a %s", lack, plan->role == SECCOMM_CLIENT ? "client" : "server");
}

/* Whether the keyring has what LAYERS hide messages in. */
static int covers_found(
    const struct seccomm_session *session, const struct plan_layer *layers, size_t count, struct seccomm_error *error)
{
	for (size_t i = 0; i < count; i++) {
		size_t size = 0;
		const char *name = seccomm_layer_cover(&layers[i], &size);
		const struct seccomm_medium *cover = name != NULL ? keyring_cover(session->keyring, name) : NULL;

		if (name != NULL && cover == NULL)
			return error_set(error, SECCOMM_UNKNOWN_KEY, "put the file into the home's folder covers, at both ends",
			    "there is no cover '%s'", name);
		if (cover != NULL && cover->length != size)
			return error_set(error, SECCOMM_INVALID, "write its size after 'size:', at both ends",
			    "cover '%s' has %zu bytes, and the configuration says %zu", name, cover->length, size);
	}
	return SECCOMM_OK;
}

/* Without them an opening would fail later, and not say why. */
static int find_secrets(const struct seccomm_session *session, struct seccomm_error *error)
{
	const struct seccomm_plan *plan = session->plan;

	for (size_t i = 0; i < plan->slot_count; i++) {
		const char *names[] = { seccomm_slot_psk(&plan->slots[i]), seccomm_slot_creator_secret(&plan->slots[i]) };

		for (size_t k = 0; k < 2; k++)
			if (names[k] != NULL && names[k][0] != '\0' && keyring_psk(session->keyring, names[k]) == NULL)
				return no_psk(names[k], error);
	}
	return SECCOMM_OK;
}

static int find_covers(const struct seccomm_session *session, struct seccomm_error *error)
{
	const struct seccomm_plan *plan = session->plan;
	int status = covers_found(session, plan->stack, plan->stack_count, error);

	for (size_t i = 0; i < plan->slot_count && status == SECCOMM_OK; i++)
		status = covers_found(session, plan->slots[i].protect, plan->slots[i].protect_count, error);
	return status;
}

int seccomm_plan_identity(
    const struct seccomm_plan *plan, const struct seccomm_keyring *keyring, struct seccomm_error *error)
{
	const struct identity *identity = plan->identity != NULL ? keyring_identity(keyring, plan->identity) : NULL;
	char remedy[96];
	const char *lack;

	if (plan->identity == NULL)
		return SECCOMM_OK;
	if (identity == NULL)
		return error_set(error, SECCOMM_UNKNOWN_KEY, "make it with `seccomm key gen NAME`",
		    "there is no identity called '%s'", plan->identity);
	lack = participants_lack(plan, identity->keys, SECCOMM_SEND);
	if (lack == NULL)
		return SECCOMM_OK;
	snprintf(remedy, sizeof(remedy), "make it with `seccomm key gen NAME --algorithm %s`", keytext_purpose(lack)->make);
	return error_set(error, SECCOMM_UNKNOWN_KEY, remedy,
	    "identity '%s' has no private key for %s, which the configuration needs", plan->identity, lack);
}

int participants_find(struct seccomm_session *session, struct seccomm_error *error)
{
	const struct seccomm_plan *plan = session->plan;
	int status = find_pads(session, error);

	if (status == SECCOMM_OK)
		status = find_secrets(session, error);
	if (status == SECCOMM_OK)
		status = find_covers(session, error);
	if (status != SECCOMM_OK)
		return status;
	if (plan->identity == NULL)
		return find_psk(session, error);
	status = seccomm_plan_identity(plan, session->keyring, error);
	if (status != SECCOMM_OK)
		return status;
	session->identity = keyring_identity(session->keyring, plan->identity);
	memcpy(session->self, session->identity->principal, HASH);
	return plan->role == SECCOMM_CLIENT ? find_server(session, error) : SECCOMM_OK;
}
