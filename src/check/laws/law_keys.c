/* SPDX-License-Identifier: Apache-2.0 */
/*
 * law_keys.c - what is for two and must not be shared by more: one-time pads, in one session or in several of the file, and
 * secrets that keys follow from; and what a key should not rest on alone.
 */
#include "check/laws/laws.h"

#include <string.h>

/* A pad, and the first session of the file that uses it at this end of it. */
struct check_pad {
	const char *name;
	const struct check_session *session;
	struct config_place at;
	const struct check_pad *next;
};

/* Without names those who hold the secret may come, and nobody knows how many they are. */
static bool several(const struct check_session *s)
{
	return check_several(s->peers, s->peer_count);
}

static bool same_peer(const struct check_session *a, const struct check_session *b)
{
	return a->peer_count != 1 || b->peer_count != 1 || strcmp(a->peers[0], b->peers[0]) == 0;
}

/* ---- Pads ---- */

static bool tell_pad(struct check_draft *d, struct config_place at, const char *message, struct config_place other)
{
	check_tell(d->run,
	    &(struct check_report){ .id = "SC504", .at = at, .message = message, .other = other,
		.reason = "each of them has a copy, and hides messages with the same bytes: who records two of them reads both",
		.help = "make a pad for each peer, with   seccomm pad gen NAME   , and a session of its own" });
	return message != NULL;
}

static bool pad(struct check_draft *d, struct config_place at, const char *name)
{
	static const struct config_place nothing;
	struct config_arena *arena = d->run->arena;
	const struct check_pad *first = d->run->pads;
	struct check_pad *used;

	while (first && (strcmp(first->name, name) != 0 || first->session->role != d->session->role))
		first = first->next;
	if (first)
		return first->session == d->session || same_peer(first->session, d->session) ||
		       tell_pad(d, at,
			   config_print(arena, "pad '%s' is for one peer, and session '%s' has another one for it", name,
			       first->session->name),
			   first->at);
	used = config_take(arena, sizeof *used);
	if (!used)
		return false;
	*used = (struct check_pad){ name, d->session, at, d->run->pads };
	d->run->pads = used;
	return !several(d->session) ||
	       tell_pad(d, at, config_print(arena, "pad '%s' is for one peer, and this session has several", name), nothing);
}

/* ---- Secrets ---- */

/*
 * The rest that a key follows from is the transcript, which is of bytes on the wire: a layer that hides what an exchange says does not
 * hide them.  Who proves nobody's identity has been told of (SC702).
 */
static bool shared(const struct check_draft *d, const struct plan_slot *slot)
{
	return (several(d->session) || slot->shared) && seccomm_slot_psk(slot) && !check_slot_open(slot) &&
	       check_exchange_level(slot, NULL, PLAN_AUTHENTICITY, CHECK_BOTH_WAYS) > SECCOMM_LEVEL_NONE;
}

static bool tell_secret(struct check_draft *d, const struct config_key *from, const struct plan_slot *slot)
{
	struct config_arena *arena = d->run->arena;
	const char *secret = seccomm_slot_psk(slot);
	size_t key;
	const struct check_draft *other = check_secret_elsewhere(d, secret, &key);
	struct check_report report = { "SC711", from->establish.word->at,
		config_print(arena, "key '%s' follows from secret '%s', which several peers have", slot->name, secret),
		"each of them computes the others' keys from what he records, reads along, and sends in their name",
		"use   establish: dh   , which mixes the secret in; or give each peer a secret and a session of its own",
		{ check_edit_place(d->run, from->establish.word->at, "dh") } };

	if (other) {
		report.message = config_print(arena, "key '%s' follows from secret '%s', which session '%s' shares with another peer",
		    slot->name, secret, other->session->name);
		report.help = "use   establish: dh   , which mixes the secret in; or give each peer a secret of its own, with\n"
			      "seccomm key gen NAME --algorithm psk";
		report.other = other->keys[key].establish.word->at;
	}
	check_tell(d->run, &report);
	return !arena->failed;
}

/* Who holds a secret is the peer where nobody has a name, and so is who holds it elsewhere. */
static bool abroad(struct check_draft *d, const struct config_key *from, const struct plan_slot *slot)
{
	const char *secret = slot->establish.mp && !check_slot_open(slot) ? seccomm_slot_psk(slot) : NULL;
	size_t key;
	const struct check_draft *other = check_secret_abroad(d, secret, &key);

	if (!other)
		return true;
	check_tell(d->run,
	    &(struct check_report){ .id = "SC716", .at = from->establish.word->at, .other = other->keys[key].establish.word->at,
		.message = config_print(d->run->arena, "key '%s' follows from secret '%s', which session '%s' uses with another host",
		    slot->name, secret, other->session->name),
		.reason = "holding the secret is all that tells who the peer is: who has it at one host can say to be the other one",
		.help = "make a secret for each host, with   seccomm key gen NAME --algorithm psk" });
	return !d->run->arena->failed;
}

/* ---- Mechanisms ---- */

/* Of a mechanism that is younger than what it replaces: whoever breaks it, by whatever computer, has the key. */
static bool alone(struct check_draft *d, const struct config_key *from, const struct plan_slot *slot)
{
	struct config_arena *arena = d->run->arena;
	const char *word = law_word(&slot->establish, "mechanism"), *message;
	struct check_edit edit = { 0 };

	if (!word || !seccomm_slot_kem_alone(slot))
		return true;
	message = config_print(arena, "key '%s' rests on %s alone", slot->name, word);
	for (size_t i = 0; i < from->establish.given_count; i++)
		if (strcmp(from->establish.given[i].name->text, "mechanism") == 0)
			edit = check_edit_place(d->run, from->establish.given[i].value->at, config_print(arena, "x25519-%s", word));
	check_tell(d->run, &(struct check_report){ "SC414", from->establish.word->at, message,
			       "it is young: if an attacker finds a weakness, nothing else keeps the key from him",
			       "use   mechanism: x25519-ml-kem-768   , of which both would have to be broken", { edit } });
	return message != NULL;
}

bool law_keys(struct check_draft *d)
{
	for (size_t i = 0; i < d->stack.count; i++) {
		const char *name = seccomm_layer_pad(&d->stack.layers[i]);

		if (name && !pad(d, check_layer_place(d->stack.from[i]), name))
			return false;
	}
	for (size_t i = 0; i < d->slot_count; i++)
		if ((shared(d, &d->slots[i]) && !tell_secret(d, &d->keys[i], &d->slots[i])) || !abroad(d, &d->keys[i], &d->slots[i]) ||
		    !alone(d, &d->keys[i], &d->slots[i]))
			return false;
	return !d->run->arena->failed;
}
