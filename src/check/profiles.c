/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profiles.c - named stacks with their keys, and with what they require and accept.
 *
 * A profile is immutable: what it says is part of the configuration digest, so a better one gets another number.
 */
#include "check/internal.h"

#include <string.h>

struct profile {
	const char *name;
	const char *purpose; /* one line */
	const char *about;
	const char *text[2]; /* by enum seccomm_link */
};

#define SIGNED_KEY(name_)                                                                                              \
	"  " name_ ":\n"                                                                                               \
	"    establish: dh\n"                                                                                          \
	"    protect:\n"                                                                                               \
	"      - sign: ed25519\n"

#define DEFAULT_1(replay_)                                                                                             \
	"stack:\n"                                                                                                     \
	"  - anti-replay: " replay_ "\n"                                                                               \
	"  - encrypt: aes-256-gcm\n"                                                                                   \
	"keys:\n" SIGNED_KEY("data")

#define INTEGRITY_ONLY_1(replay_)                                                                                      \
	"require: {confidentiality: none}\n"                                                                           \
	"stack:\n"                                                                                                     \
	"  - anti-replay: " replay_ "\n"                                                                               \
	"  - mac: hmac-sha-256\n"                                                                                      \
	"keys:\n" SIGNED_KEY("data")

#define SIGNED_1(replay_)                                                                                              \
	"require: {non-repudiation: modern, forward-secrecy: modern}\n"                                                \
	"stack:\n"                                                                                                     \
	"  - anti-replay: " replay_ "\n"                                                                               \
	"  - sign: ed25519\n"                                                                                          \
	"  - encrypt: aes-256-gcm\n"                                                                                   \
	"keys:\n" SIGNED_KEY("data")

#define CASCADE_1(replay_)                                                                                             \
	"require: {forward-secrecy: modern}\n"                                                                         \
	"stack:\n"                                                                                                     \
	"  - anti-replay: " replay_ "\n"                                                                               \
	"  - encrypt: {algorithm: aes-256-gcm, key: inner}\n"                                                          \
	"  - encrypt: {algorithm: xchacha20-poly1305, key: outer}\n"                                                   \
	"keys:\n" SIGNED_KEY("inner") SIGNED_KEY("outer")

#define PAPER_1999_1(more_)                                                                                              \
	"require: {confidentiality: legacy, integrity: legacy, authenticity: legacy, freshness: legacy}\n" more_       \
	"stack:\n"                                                                                                     \
	"  - TimeReplayPrevention\n"                                                                                   \
	"  - DESPrivacy: {key: session}\n"                                                                             \
	"  - KeyedMD5Integrity: {key: session}\n"                                                                      \
	"keys:\n"                                                                                                      \
	"  session:\n"                                                                                                 \
	"    establish: DiffHellKeyDistribution\n"                                                                     \
	"    protect:\n"                                                                                               \
	"      - RSAAuthenticity\n"

/* clang-format off */
#define BOTH_LINKS(text_) { [SECCOMM_STREAM] = text_("sequence"), [SECCOMM_DATAGRAM] = text_("window") }
/* clang-format on */

static const struct profile profiles[] = {
	{ "default@1", "for almost everybody: nobody else reads, changes or repeats a message",
	    "Keys are agreed by X25519 and signed both ways with Ed25519, so long-term keys that are lost later open nothing;\n"
	    "AES-256-GCM hides and proves each message, and a number in it lets none come twice.",
	    BOTH_LINKS(DEFAULT_1) },
	{ "integrity-only@1", "for what anybody may read, and nobody may change: HMAC-SHA-256, nothing encrypted",
	    "As default@1, with HMAC-SHA-256 in place of the cipher.  For public data, or where hiding it is not allowed: everyone\n"
	    "on the way reads the messages, so send no password through it.",
	    BOTH_LINKS(INTEGRITY_ONLY_1) },
	{ "signed@1", "for what is to be shown to others later: each message is signed, inside the encryption",
	    "As default@1, and each message is signed with Ed25519 by who sends it, in both directions, before it is encrypted: who\n"
	    "keeps it can show to a third party who has said what.  A signature takes 64 bytes and many times what encrypting does,\n"
	    "and no end can deny what it has sent.",
	    BOTH_LINKS(SIGNED_1) },
	{ "cascade@1", "for secrets that must outlast one broken cipher, or one broken library: two of each",
	    "AES-256-GCM by OpenSSL inside XChaCha20-Poly1305 by libsodium, under two keys that are agreed on by two exchanges: who\n"
	    "breaks one of the ciphers, or finds a mistake in one of the libraries, has still the other one to break.  It takes\n"
	    "about twice the time of default@1.",
	    BOTH_LINKS(CASCADE_1) },
	{ "paper-1999@1", "for reading the paper (TR 99-08): DES, keyed MD5, RSA.  Not for secrets: DES can be read by trying",
	    "What the paper's examples choose, under its names: DES-CBC, keyed MD5 as HMAC outside of it, the time of each message,\n"
	    "and Diffie-Hellman signed by RSA.  Its level is legacy: a key of DES has 56 bits, and who wants it has it within days.\n"
	    "Three things are other than in 1999, and better: the group is X25519, the signature is RSA-PSS, and the digest stands\n"
	    "outside the cipher.  Both ends need clocks that agree, and beside their identity a key made by\n"
	    "   seccomm key gen NAME --algorithm rsa-3072",
	    { [SECCOMM_STREAM] = PAPER_1999_1(""),
		[SECCOMM_DATAGRAM] = PAPER_1999_1("accept: {SC513: '280 kB/s are enough to try the paper out'}\n") } },
};
enum { PROFILES = sizeof profiles / sizeof *profiles };

/* Not one of them: it has no stack, and its rules are others. */
static const struct profile lab = { .name = "lab",
	.purpose = "for trying what is refused elsewhere: a stack of your own, on this machine only",
	.about = "No stack, keys or levels of its own: the session brings them.  Findings about what is achieved only warn, and toys are\n"
		 "allowed, so that attacks can be seen to succeed.  Addresses beyond this machine are refused, and a peer without the lab\n"
		 "is, too." };

static const char *const names[] = { "default@1", "integrity-only@1", "signed@1", "cascade@1", "paper-1999@1", NULL };
_Static_assert(sizeof names / sizeof *names == PROFILES + 1, "every profile has a name in the list");

const char *const *check_profiles(void)
{
	return names;
}

static const struct profile *find(const char *name)
{
	for (size_t i = 0; i < PROFILES; i++)
		if (strcmp(profiles[i].name, name) == 0)
			return &profiles[i];
	return strcmp(lab.name, name) == 0 ? &lab : NULL;
}

const char *check_profile_text(const char *name, enum seccomm_link link)
{
	const struct profile *profile = find(name);

	return profile ? profile->text[link] : NULL;
}

const char *check_profile_purpose(const char *name)
{
	const struct profile *profile = find(name);

	return profile ? profile->purpose : NULL;
}

const char *check_profile_about(const char *name)
{
	const struct profile *profile = find(name);

	return profile ? profile->about : NULL;
}

/* Whether the YAML of a profile says that it requires LEVEL of P, or more. */
static bool requires(const struct check_run *run, const char *text, enum seccomm_property p, enum seccomm_level level)
{
	const struct config_node *root = config_tree(&run->sink, text, strlen(text)), *map = root ? config_get(root, "require") : NULL,
				 *said = map ? config_get(map, seccomm_property_name(p)) : NULL;

	for (; said && level < SECCOMM_LEVELS; level++)
		if (strcmp(said->text, seccomm_level_name(level)) == 0)
			return true;
	return false;
}

const char *check_profile_requiring(const struct check_draft *d, enum seccomm_property p, enum seccomm_level level)
{
	for (size_t i = 0; i < PROFILES; i++)
		if (requires(d->run, profiles[i].text[d->session->link], p, level))
			return profiles[i].name;
	return NULL;
}

/* ---- Into a session ---- */

static bool tell(struct check_draft *d, const char *id, struct config_place at, const char *message, const char *help)
{
	check_tell(d->run, &(struct check_report){ .id = id, .at = at, .message = message, .help = help });
	return message != NULL && help != NULL;
}

/* What a profile brings cannot be said beside it. */
static bool contradicted(struct check_draft *d, const char *name)
{
	for (int i = 0; i < 2; i++) {
		const struct config_node *own = d->from->field[i ? CONFIG_KEYS : CONFIG_STACK];

		if (own && !tell(d, "SC013", own->name ? own->name->at : own->at,
			       config_print(d->run->arena, "profile '%s' has its own %s", name, i ? "keys" : "stack"),
			       "remove the profile, or this"))
			return false;
	}
	return true;
}

static bool unknown(struct check_draft *d, const struct config_node *profile)
{
	struct config_arena *arena = d->run->arena;
	const char *list = config_names(arena, names);

	d->partial = true;
	return list && check_tell_unknown(d->run, "SC015", profile, names, config_print(arena, "unknown profile '%s'", profile->text),
			   config_print(arena, "the profiles are: %s, and lab", list));
}

/* All of it is at the place of the profile's name. */
bool check_profile_load(struct check_draft *d)
{
	static const enum config_field brought[] = { CONFIG_REQUIRE, CONFIG_ACCEPT, CONFIG_STACK, CONFIG_KEYS };
	const struct config_node *profile = d->from->field[CONFIG_PROFILE];
	const char *text = profile ? check_profile_text(profile->text, d->session->link) : NULL;
	struct config_node *root;

	if (!profile || d->session->lab)
		return true;
	if (!contradicted(d, profile->text))
		return false;
	if (!text)
		return unknown(d, profile);
	root = config_tree(&d->run->sink, text, strlen(text));
	if (!root)
		return false;
	config_place_all(root, profile->at);
	for (size_t i = 0; i < sizeof brought / sizeof *brought; i++)
		d->profile[brought[i]] = config_get(root, config_field_name(brought[i]));
	return true;
}
