/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mend_level.c - what makes up for a level that is short: the cheapest layer that gives it, under a key that is good enough; or
 * such a key, too, where there is none.
 */
#include "check/internal.h"

#include <string.h>

static void keys_of(const struct check_draft *d, struct check_keys *out)
{
	check_keys_of(d->slots, d->slot_count, check_several(d->session->peers, d->session->peer_count), out);
}

static unsigned ways_of(const struct check_lack *lack)
{
	return (lack->c2s ? 1U << SECCOMM_C2S : 0) | (lack->s2c ? 1U << SECCOMM_S2C : 0);
}

static const char *provider(const struct check_draft *d, unsigned gives, enum seccomm_level need)
{
	const struct check_want want = { gives, d->session->link, need == SECCOMM_LEVEL_QUANTUM };

	return check_provider(d->run, check_wanted, &want);
}

/* The best place is behind all layers: what is outermost is what a stranger's bytes reach first. */
static struct check_edit outside(const struct check_draft *d, const char *line)
{
	return line ? check_edit_after(d->run, d->stack.from[d->stack.count - 1], line) : (struct check_edit){ 0 };
}

/* The first layer that hides; COUNT: none does. */
static size_t hiding(const struct check_draft *d)
{
	size_t i = 0;

	while (i < d->stack.count && !(d->stack.layers[i].mp->gives & SECCOMM_GIVES_CONFIDENTIALITY))
		i++;
	return i;
}

/* ---- Keys ---- */

/* The number of a key that proves NEED or more; 0: there is none. */
static uint32_t proving_key(const struct check_keys *keys, enum seccomm_level need)
{
	for (size_t i = 0; i < keys->count; i++)
		if (keys->proves[i] >= need)
			return (uint32_t)i + 1;
	return 0;
}

/* How much forward secrecy can be had of what is required. */
static enum seccomm_level forward_need(const struct check_draft *d)
{
	return check_kem_missing(d->run) ? check_weaker(d->require[PLAN_FORWARD_SECRECY], SECCOMM_LEVEL_MODERN) : d->require[PLAN_FORWARD_SECRECY];
}

/* The number of a key that hides all that is required, today and later; 0: there is none. */
static uint32_t hiding_key(const struct check_draft *d, const struct check_keys *keys)
{
	for (size_t i = 0; i < keys->count; i++)
		if (keys->hides[i] >= SECCOMM_LEVEL_MODERN && keys->hides[i] >= d->require[PLAN_CONFIDENTIALITY] &&
		    keys->forward[i] >= forward_need(d))
			return (uint32_t)i + 1;
	return 0;
}

/* A name that no key has. */
static const char *new_name(const struct check_draft *d, const char *name)
{
	for (size_t i = 0; name && i < d->slot_count; i++)
		if (strcmp(d->slots[i].name, name) == 0)
			return new_name(d, config_print(d->run->arena, "%s2", name));
	return name;
}

/* LINE outside all, under a new key that is as KEY says. */
static void under_new(const struct check_draft *d, const char *line, const char *name, const char *key, unsigned ways,
    struct check_edit edit[CHECK_EDITS_MAX])
{
	const char *called = new_name(d, name), *way = line ? check_with_key(d, line, 0, ways) : NULL;

	edit[0] = way && called ? outside(d, config_print(d->run->arena, "%s,key=%s", way, called)) : (struct check_edit){ 0 };
	edit[1] = called ? check_mend_new_key(d, called, key) : (struct check_edit){ 0 };
	if (!edit[0].text || !edit[1].text)
		edit[0] = edit[1] = (struct check_edit){ 0 };
}

/* The key is sent, and what hides it is not good enough: one layer more, under the key before it. */
static bool rewrap(const struct check_draft *d, const struct check_lack *lack, struct check_edit edit[CHECK_EDITS_MAX])
{
	const size_t i = lack->key - 1;
	struct check_keys keys;

	if (lack->why != CHECK_BY_KEY || lack->key < 2 || lack->key > d->slot_count || !d->slots[i].establish.mp->wraps)
		return false;
	keys_of(d, &keys);
	if (keys.hides[i - 1] < d->require[lack->p])
		return false;
	edit[0] = check_mend_hide(d, i,
	    config_print(d->run->arena, "%s,key=%s", provider(d, SECCOMM_GIVES_CONFIDENTIALITY, d->require[lack->p]), d->slots[i - 1].name));
	return true;
}

/* What creates the key can be guessed: that has been told, and is mended, where it stands (SC509). */
static bool guessed(const struct check_draft *d, const struct check_lack *lack)
{
	return lack->why == CHECK_BY_KEY && lack->key >= 1 && lack->key <= d->slot_count &&
	       check_creator_level(d->slots, d->slot_count, lack->key - 1) < SECCOMM_LEVEL_MODERN;
}

/* ---- Properties ---- */

static const char *held(const struct check_draft *d)
{
	const char *secret = check_secret_new(d);

	return secret ? config_print(d->run->arena, CHECK_HELD, secret) : NULL;
}

void check_mend_proof(const struct check_draft *d, enum seccomm_level need, unsigned ways, struct check_edit edit[CHECK_EDITS_MAX])
{
	const char *line = provider(d, SECCOMM_GIVES_INTEGRITY | SECCOMM_GIVES_AUTHENTICITY, need);
	struct check_keys keys;
	uint32_t key;

	keys_of(d, &keys);
	key = proving_key(&keys, need == SECCOMM_LEVEL_QUANTUM ? need : SECCOMM_LEVEL_MODERN);
	if (key)
		edit[0] = outside(d, check_with_key(d, line, key, ways));
	else if (need <= SECCOMM_LEVEL_MODERN)
		edit[0] = outside(d, check_with_key(d, provider(d, SECCOMM_GIVES_SIGNATURE, need), 0, ways));
	else if (!check_several(d->session->peers, d->session->peer_count))
		under_new(d, line, "shared", held(d), ways, edit);
}

/* A secret mixed into what is agreed on keeps it from who breaks the agreement later. */
static bool can_mix(const struct check_draft *d, const struct check_lack *lack)
{
	const struct plan_slot *slot = lack->key >= 1 && lack->key <= d->slot_count ? &d->slots[lack->key - 1] : NULL;

	return lack->p == PLAN_CONFIDENTIALITY && forward_need(d) < SECCOMM_LEVEL_QUANTUM && lack->why == CHECK_BY_KEY && lack->level == SECCOMM_LEVEL_MODERN && slot &&
	       !check_several(d->session->peers, d->session->peer_count) && (slot->establish.mp->gives & SECCOMM_GIVES_FORWARD_SECRECY) && !seccomm_slot_psk(slot);
}

/* A secret which this peer alone has takes the place of one that another session's has, too. */
static bool part(const struct check_draft *d, const struct check_lack *lack, struct check_edit edit[CHECK_EDITS_MAX])
{
	const struct config_layer *from = lack->why == CHECK_BY_SHARED ? &d->keys[lack->key - 1].establish : NULL;

	if (!from || !d->slots[lack->key - 1].shared)
		return false;
	for (size_t i = 0; i < from->given_count; i++)
		if (strcmp(from->given[i].name->text, "secret") == 0)
			edit[0] = check_edit_node(d->run, from->given[i].value, check_secret_new(d));
	return true;
}

/* What a key has to be that hides all that is required; NULL: this machine cannot make one. */
static const char *new_key(const struct check_draft *d)
{
	const bool quantum = d->require[PLAN_CONFIDENTIALITY] == SECCOMM_LEVEL_QUANTUM, forward = forward_need(d) == SECCOMM_LEVEL_QUANTUM;
	const char *proof = check_edit_yaml(d->run->arena, check_mend_proving(d, d->slot_count)), *secret = check_secret_new(d);

	if (!proof || !secret)
		return NULL;
	if (!quantum && !forward)
		return config_print(d->run->arena, "{establish: dh, protect: [%s]}", proof);
	if (!forward && !check_several(d->session->peers, d->session->peer_count))
		return config_print(d->run->arena, "{establish: dh, secret: %s, protect: [%s]}", secret, proof);
	return check_kem_missing(d->run) ? NULL : CHECK_BY_KEM;
}

static void hide(const struct check_draft *d, const struct check_lack *lack, struct check_edit edit[CHECK_EDITS_MAX])
{
	const bool quantum = d->require[PLAN_CONFIDENTIALITY] == SECCOMM_LEVEL_QUANTUM || forward_need(d) == SECCOMM_LEVEL_QUANTUM;
	const char *line = provider(d, SECCOMM_GIVES_CONFIDENTIALITY, quantum ? SECCOMM_LEVEL_QUANTUM : d->require[lack->p]), *fresh = new_key(d);
	struct check_keys keys;
	uint32_t key;

	if (lack->p == PLAN_FORWARD_SECRECY && lack->level >= forward_need(d))
		return;
	keys_of(d, &keys);
	key = hiding_key(d, &keys);
	if (key)
		edit[0] = outside(d, check_with_key(d, line, key, ways_of(lack)));
	else if (can_mix(d, lack))
		edit[0] = check_mend_key(d, lack->key - 1, "secret", check_secret_new(d));
	else if (fresh && lack->key && lack->why != CHECK_BY_STANDING && !d->from->field[CONFIG_KEYS])
		edit[0] = check_mend_only_key(d, fresh);
	else if (fresh)
		under_new(d, line, "agreed", fresh, ways_of(lack), edit);
}

/* Inside what hides: a signature over what is enciphered proves nothing of what was said. */
static struct check_edit sign(const struct check_draft *d, const struct check_lack *lack)
{
	const char *line = check_with_key(d, provider(d, SECCOMM_GIVES_SIGNATURE, d->require[lack->p]), 0, ways_of(lack));
	const size_t at = hiding(d);

	if (!line)
		return (struct check_edit){ 0 };
	return at < d->stack.count ? check_edit_before(d->run, d->stack.from[at], line) : outside(d, line);
}

/* No signature does for who waits for quantum computers, and nothing but one proves who of several it is. */
static struct check_edit identify(const struct check_draft *d)
{
	return d->require[PLAN_PEER_AUTHENTICITY] == SECCOMM_LEVEL_QUANTUM ? (struct check_edit){ 0 } : check_mend_protect(d, 0, "sign:ed25519");
}

/* Whether a layer behind BY proves something; what BY adds it cannot cover, else there would be no lack. */
static bool proven_digest(const struct check_draft *d, const struct plan_layer *by)
{
	for (size_t i = d->stack.count; by && i-- > 0 && &d->stack.layers[i] != by;)
		if (d->stack.layers[i].mp->gives & SECCOMM_GIVES_INTEGRITY)
			return true;
	return false;
}

/* Another profile, for nothing can be added to one. */
static struct check_edit other_profile(const struct check_draft *d, const struct check_lack *lack)
{
	return check_edit_node(d->run, d->from->field[CONFIG_PROFILE], check_profile_requiring(d, lack->p, d->require[lack->p]));
}

void check_mend_lack(const struct check_draft *d, const struct check_lack *lack, struct check_edit edit[CHECK_EDITS_MAX])
{
	const bool covered = lack->why == CHECK_UNCOVERED ? proven_digest(d, lack->by) : lack->why != CHECK_BY_COVER;

	if (d->profile[CONFIG_STACK]) {
		edit[0] = other_profile(d, lack);
		return;
	}
	if (lack->rests || guessed(d, lack) || part(d, lack, edit) || rewrap(d, lack, edit))
		return;
	if (lack->why == CHECK_SALTED)
		edit[0] = check_mend_establish(d, 0, "psk");
	else if (lack->p == PLAN_PEER_AUTHENTICITY)
		edit[0] = identify(d);
	else if (lack->p == PLAN_NON_REPUDIATION)
		edit[0] = sign(d, lack);
	else if (lack->p == PLAN_FRESHNESS && covered)
		edit[0] = check_edit_before(d->run, d->stack.from[0],
		    check_with_key(d, provider(d, SECCOMM_GIVES_FRESHNESS, d->require[lack->p]), 0, ways_of(lack)));
	else if (lack->p == PLAN_CONFIDENTIALITY || lack->p == PLAN_FORWARD_SECRECY)
		hide(d, lack, edit);
	else
		check_mend_proof(d, d->require[lack->p], ways_of(lack), edit);
}
