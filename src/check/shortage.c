/* SPDX-License-Identifier: Apache-2.0 */
/* shortage.c - what is achieved against what is required, in each direction. */
#include "check/explain/explain.h"
#include "check/internal.h"

#include <string.h>

/* What each property is told as, by how much there is of it; and what gives it, which is put WHERE. */
struct shortage {
	const char *id[SECCOMM_LEVELS];
	unsigned gives; /* 0: the exchanges do */
	const char *where;
};
static const struct shortage shortages[PLAN_PROPERTIES] = {
	[PLAN_CONFIDENTIALITY] = { { "SC220", "SC211", "SC210", "SC219" }, SECCOMM_GIVES_CONFIDENTIALITY, "" },
	[PLAN_INTEGRITY] = { { "SC221", "SC305", "SC305", "SC305" }, SECCOMM_GIVES_INTEGRITY, " last" },
	[PLAN_AUTHENTICITY] = { { "SC221", "SC305", "SC305", "SC305" }, SECCOMM_GIVES_AUTHENTICITY, " last" },
	[PLAN_FRESHNESS] = { { "SC607", "SC607", "SC607", "SC607" }, SECCOMM_GIVES_FRESHNESS, " first" },
	[PLAN_PEER_AUTHENTICITY] = { { "SC715", "SC715", "SC715", "SC715" }, 0, "" },
	[PLAN_NON_REPUDIATION] = { { "SC415", "SC415", "SC415", "SC415" }, SECCOMM_GIVES_SIGNATURE, " first" },
	[PLAN_FORWARD_SECRECY] = { { "SC511", "SC511", "SC511", "SC511" }, 0, "" },
};

static const char *key_name(const struct check_draft *d, const struct check_lack *lack)
{
	return d->slots[lack->key >= 1 && lack->key <= d->slot_count ? lack->key - 1 : 0].name;
}

/* Whether what creates the key of LACK is not as good as what is required. */
static bool created_weak(const struct check_draft *d, const struct check_lack *lack)
{
	return lack->key >= 1 && lack->key <= d->slot_count &&
	       check_creator_level(d->slots, d->slot_count, lack->key - 1) < check_weaker(d->require[lack->p], SECCOMM_LEVEL_MODERN);
}

/* Whether only what is encapsulated by ML-KEM gives so much: a secret is lost with the long-term keys, and one of several is none. */
static bool needs_kem(const struct check_draft *d, const struct check_lack *lack)
{
	return d->require[lack->p] == SECCOMM_LEVEL_QUANTUM &&
	       (lack->p == PLAN_FORWARD_SECRECY || (lack->p == PLAN_CONFIDENTIALITY && lack->why == CHECK_BY_SHARED));
}

static const char *kem_remedy(struct check_draft *d, const struct check_lack *lack)
{
	const char *missing = check_kem_missing(d->run);

	return config_print(d->run->arena, "agree on key '%s' by ML-KEM:   %s: " CHECK_BY_KEM "%s%s%s", key_name(d, lack), key_name(d, lack),
	    missing ? "\nit " : "", missing ? missing : "", missing ? ", and this machine has an older one" : "");
}

/* No signature stands against quantum computers: what proves something to who waits for them is a secret that one peer has. */
static const char *quantum_proof(const struct check_draft *d, enum seccomm_property p)
{
	const char *secret = check_secret_new(d);

	if (check_several(d->session->peers, d->session->peer_count))
		return "only a secret that one peer alone has proves so much: give each of them a session of its own";
	if (p == PLAN_PEER_AUTHENTICITY)
		return "use   establish: psk   and leave out identity and peers: who holds the secret is the peer";
	return secret ? config_print(d->run->arena, "put behind all   - mac: {algorithm: hmac-sha-256, key: shared}   , and add to keys   shared: " CHECK_HELD, secret)
		      : NULL;
}

/* Forward secrecy needs a key that is agreed on: this one, or, of who holds a secret and has no identity, one more. */
static const char *agreed_remedy(const struct check_draft *d, const struct check_lack *lack)
{
	struct config_arena *arena = d->run->arena;
	const char *proof = check_mend_proving(d, d->slot_count), *yaml = check_edit_yaml(arena, proof);

	if (!yaml)
		return NULL;
	if (strncmp(proof, "sign:", 5) == 0)
		return config_print(arena, "agree on the key:   %s: {establish: dh, protect: [%s]}", key_name(d, lack), yaml);
	return config_print(arena, "add to keys   agreed: {establish: dh, protect: [%s]}   , and behind all   - encrypt: {algorithm: aes-256-gcm, key: agreed}",
	    yaml);
}

static const char *key_remedy(struct check_draft *d, const struct check_lack *lack)
{
	struct config_arena *arena = d->run->arena;
	const char *key = key_name(d, lack);

	if (d->require[lack->p] == SECCOMM_LEVEL_QUANTUM && lack->level == SECCOMM_LEVEL_MODERN)
		return config_print(arena, "mix a pre-shared secret into key '%s':   establish: dh, secret: NAME", key);
	if (created_weak(d, lack))
		return config_print(arena, "leave 'create' out where the part of key '%s' comes from", key);
	return config_print(arena, "protect key '%s' by modern layers with modern keys", key);
}

/* Nothing can be added to a profile. */
static const char *profile_remedy(struct check_draft *d, const struct check_lack *lack)
{
	const char *name = d->from->field[CONFIG_PROFILE]->text, *other = check_profile_requiring(d, lack->p, d->require[lack->p]);

	if (other)
		return config_print(d->run->arena, "use   profile: %s", other);
	return config_print(d->run->arena, "write stack and keys out, as   seccomm explain %s   shows them, and add to them", name);
}

static const char *remedy(struct check_draft *d, const struct check_lack *lack)
{
	struct config_arena *arena = d->run->arena;
	const struct shortage *s = &shortages[lack->p];
	const struct check_want want = { s->gives, d->session->link, d->require[lack->p] == SECCOMM_LEVEL_QUANTUM };
	const char *providers;

	if (d->profile[CONFIG_STACK])
		return profile_remedy(d, lack);
	if (lack->why == CHECK_SALTED)
		return "use   establish: psk   , whose exchange makes every session's keys new";
	if (lack->why == CHECK_CIPHERTEXT)
		return "put it before the layers that encrypt";
	if (lack->why == CHECK_BY_SHARED && d->slots[lack->key - 1].shared)
		return config_print(arena, "give this peer a secret of its own, in key '%s' and made with   seccomm key gen NAME --algorithm psk",
		    key_name(d, lack));
	if (needs_kem(d, lack) && (lack->key || !lack->by))
		return kem_remedy(d, lack);
	if (lack->p == PLAN_FORWARD_SECRECY && lack->by && lack->by->image->key == 0)
		return "hide messages by a layer whose key is agreed on, as in   - encrypt: aes-256-gcm";
	if (lack->p == PLAN_FORWARD_SECRECY && lack->by)
		return agreed_remedy(d, lack);
	if (d->require[lack->p] == SECCOMM_LEVEL_QUANTUM && lack->level == SECCOMM_LEVEL_MODERN &&
	    (lack->p == PLAN_PEER_AUTHENTICITY || lack->p == PLAN_FRESHNESS || lack->p == PLAN_INTEGRITY || lack->p == PLAN_AUTHENTICITY))
		return quantum_proof(d, lack->p);
	if (lack->why == CHECK_UNCOVERED || lack->why == CHECK_BY_COVER)
		return "put behind it a modern layer that authenticates, under a modern key";
	if (lack->why == CHECK_BY_KEY)
		return key_remedy(d, lack);
	if (lack->p == PLAN_PEER_AUTHENTICITY)
		return config_print(arena, "add to key '%s':   protect: [sign: ed25519]", key_name(d, lack));
	providers = check_providers(d->run, check_wanted, &want);
	if (providers && !*providers)
		return "no layer here gives so much";
	return providers ? config_print(arena, "add to the stack%s   - %s", s->where, providers) : NULL;
}

/* The session that shares the secret of LACK's key with another peer, and where; NULL: none does. */
static const struct check_draft *sharing(const struct check_draft *d, const struct check_lack *lack, struct config_place *at)
{
	const struct plan_slot *slot = lack->why == CHECK_BY_SHARED ? &d->slots[lack->key - 1] : NULL;
	const struct check_draft *other;
	size_t key;

	other = slot ? check_secret_elsewhere(d, seccomm_slot_psk(slot), &key) : NULL;
	if (other)
		*at = other->keys[key].establish.word->at;
	return other;
}

static const char *shared(const struct check_draft *d, const struct check_lack *lack)
{
	const char *secret = seccomm_slot_psk(&d->slots[lack->key - 1]);
	struct config_place at;
	const struct check_draft *other = sharing(d, lack, &at);

	if (other)
		return config_print(d->run->arena, "secret '%s' in key '%s' does not count: session '%s' shares it with another peer", secret,
		    key_name(d, lack), other->session->name);
	return config_print(d->run->arena, "secret '%s' in key '%s' does not count: several peers have it", secret, key_name(d, lack));
}

/* Why a layer reaches no more than its level. */
static const char *blame(struct check_draft *d, const struct check_lack *lack)
{
	struct config_arena *arena = d->run->arena;
	const char *text;

	if (lack->why == CHECK_SALTED)
		return "establish: none has no exchange: after a restart, all that was recorded before passes as new";
	if (!lack->by)
		return check_lacking(lack->p);
	text = check_layer_text(arena, lack->by);
	if (!text)
		return NULL;
	switch (lack->why) {
	case CHECK_BY_SHARED:
		return shared(d, lack);
	case CHECK_BY_KEY:
		if (lack->level == SECCOMM_LEVEL_MODERN)
			return config_print(arena, "how its key '%s' comes about is not known to stand against quantum computers",
			    key_name(d, lack));
		return config_print(arena, "%s is modern, but what %s its key '%s' is not", text,
		    created_weak(d, lack) ? "creates" : "protects the exchange of", key_name(d, lack));
	case CHECK_CIPHERTEXT:
		return config_print(arena, "%s signs what is enciphered already: it proves nothing of what was said", text);
	case CHECK_LASTING:
		if (lack->level == SECCOMM_LEVEL_MODERN)
			return config_print(arena, "who learns the secret in key '%s' later, and has a quantum computer, reads what he recorded",
			    key_name(d, lack));
		return check_lacking(lack->p);
	case CHECK_BY_STANDING:
		return lack->by->mp->standing == SECCOMM_MODERN
			   ? config_print(arena, "%s is not known to stand against quantum computers", text)
			   : config_print(arena, "%s is %s", text, seccomm_standing_name(lack->by->mp->standing));
	default:
		return config_print(arena, "%s is modern, but what it rests on is not", text);
	}
}

static struct config_place place_of(const struct check_draft *d, const struct plan_layer *by)
{
	for (size_t i = 0; i < d->stack.count; i++)
		if (&d->stack.layers[i] == by)
			return check_layer_place(d->stack.from[i]);
	return d->stack_at;
}

static bool tell(struct check_draft *d, const struct check_lack *lack, bool both_proofs)
{
	struct config_arena *arena = d->run->arena;
	const enum seccomm_property p = lack->p;
	const char *names = both_proofs ? "integrity and authenticity" : seccomm_property_name(p);
	const char *as_yaml =
	    both_proofs ? config_print(arena, "integrity: %s, authenticity", seccomm_level_name(lack->level)) : names;
	const char *way = lack->c2s && lack->s2c ? "in both directions"
			  : lack->c2s            ? "from the client to the server"
						 : "from the server to the client";
	const char *reason = blame(d, lack), *add = remedy(d, lack);
	struct check_report report = { shortages[p].id[lack->level], place_of(d, lack->by), NULL, reason, NULL, { { 0 } } };
	const char *help = as_yaml && add ? config_print(arena, "%s\nor, if that is meant, say so:   require: {%s: %s}",
						add, as_yaml, seccomm_level_name(lack->level))
					  : NULL;

	if (!reason || !help)
		return false;
	report.help = help;
	(void)sharing(d, lack, &report.other);
	report.message = config_print(arena, "achieved %s %s: %s; required: %s", names, way, seccomm_level_name(lack->level),
	    seccomm_level_name(d->require[p]));
	check_mend_lack(d, lack, report.edit);
	check_tell(d->run, &report);
	return !arena->failed;
}

/* What is short of P: up to two, one for both directions if they are alike. */
static size_t lacks(const struct check_draft *d, const struct check_levels levels[3], const unsigned excused[3],
    enum seccomm_property p, struct check_lack out[2])
{
	size_t n = 0;

	for (enum seccomm_direction way = SECCOMM_C2S; way <= SECCOMM_S2C; way++) {
		enum seccomm_level level = levels[way].level[p];

		if (level >= d->require[p] || (excused[way] & 1U << p))
			continue;
		if (n == 0 || out[0].level != level || out[0].by != levels[way].by[p])
			out[n++] = (struct check_lack){ .p = p, .level = level, .why = levels[way].why[p], .by = levels[way].by[p],
				.key = levels[way].key[p] };
		out[n - 1].c2s = out[n - 1].c2s || way == SECCOMM_C2S;
		out[n - 1].s2c = out[n - 1].s2c || way == SECCOMM_S2C;
	}
	return n;
}

static bool alike(const struct check_lack *a, const struct check_lack *b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (a[i].level != b[i].level || a[i].by != b[i].by || a[i].c2s != b[i].c2s || a[i].s2c != b[i].s2c)
			return false;
	return count > 0;
}

static void levels_by(const struct check_draft *d, const struct check_keys *keys, struct check_levels levels[3])
{
	for (enum seccomm_direction way = SECCOMM_C2S; way <= SECCOMM_S2C; way++) {
		struct check_way layers;

		check_way_of(d->stack.layers, d->stack.count, way, &layers);
		check_levels_of(&layers, keys, &levels[way]);
	}
}

/* What the session asks for in so many words holds though something that takes it away has been accepted. */
static bool insists(const struct check_draft *d, enum seccomm_property p)
{
	const struct config_node *own = d->from->field[CONFIG_REQUIRE];
	bool met = false;

	for (size_t i = 0; i < d->session->accepted_count; i++)
		met = met || d->session->accepted[i].met;
	return met && own && config_get(own, seccomm_property_name(p));
}

bool check_shortage(struct check_draft *d, const unsigned excused[3])
{
	static const unsigned nothing[3];
	const bool several = check_several(d->session->peers, d->session->peer_count);
	struct check_levels levels[3], beyond[3];
	struct check_lack list[PLAN_PROPERTIES][2];
	size_t count[PLAN_PROPERTIES];
	struct check_keys keys;
	bool proofs;

	check_keys_of(d->slots, d->slot_count, several, &keys);
	levels_by(d, &keys, levels);
	/* Who authenticates nobody (SC701), travels readable (SC713) or is computed by others (SC711) has been told of. */
	check_keys_beyond(d->slots, d->slot_count, several, &keys);
	levels_by(d, &keys, beyond);
	for (int p = 0; p < PLAN_PROPERTIES; p++)
		count[p] = insists(d, (enum seccomm_property)p) ? lacks(d, levels, nothing, (enum seccomm_property)p, list[p])
								: lacks(d, beyond, excused, (enum seccomm_property)p, list[p]);
	for (size_t i = 0; i < count[PLAN_FRESHNESS]; i++)
		list[PLAN_FRESHNESS][i].rests = list[PLAN_FRESHNESS][i].why == CHECK_BY_COVER && count[PLAN_INTEGRITY] > 0;
	/* Mostly one cause takes both away: then that is one finding. */
	proofs = count[PLAN_INTEGRITY] == count[PLAN_AUTHENTICITY] &&
		 d->require[PLAN_INTEGRITY] == d->require[PLAN_AUTHENTICITY] &&
		 alike(list[PLAN_INTEGRITY], list[PLAN_AUTHENTICITY], count[PLAN_INTEGRITY]);
	for (int p = 0; p < PLAN_PROPERTIES; p++)
		for (size_t i = 0; i < count[p] && !(proofs && p == PLAN_AUTHENTICITY); i++)
			if (!tell(d, &list[p][i], proofs && p == PLAN_INTEGRITY))
				return false;
	return true;
}
