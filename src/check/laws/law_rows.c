/* SPDX-License-Identifier: Apache-2.0 */
/*
 * law_rows.c - the rows: what no list of layers may be, whatever its levels.  See laws.h for how to read one.
 *
 * Of a group the first that is broken is told, so the order says which is the more telling one.
 */
#include "check/laws/laws.h"

enum { PROOFS = 1 << PLAN_INTEGRITY | 1 << PLAN_AUTHENTICITY };

#define PROVE_HELP  "add behind it   - {proof}"
#define BETTER_HELP PROVE_HELP "\nor use   encrypt: aes-256-gcm   , which does both"
#define DES_HELP    "use one   - encrypt: aes-256-cbc   in place of them, or, for who knows DES only,   - encrypt: 3des-ede-cbc"
#define STRANGERS   "a stranger's bytes reach it before anything has checked where they come from"
#define ONLY_CHECK  "everybody knows its bytes beforehand: an attacker keeps them and changes the rest"

#define OUTER(facts_) .group = LAW_OUTSIDE, .own = FACT_OUTERMOST | (facts_)
/* Nothing proves anything: the rows before have told the cases in which something inside does. */
#define UNPROVEN(facts_) OUTER(facts_), .lanes = LAW_DATA, .excuses = PROOFS

const struct law laws[] = {
	/* ---- The outermost layer authenticates, for it is what a stranger's bytes reach first ---- */

	/* One that authenticates is as it should be: a row without words ends the group. */
	{ OUTER(FACT_PROVES), .lanes = LAW_ANY },
	{ .id = "SC206", OUTER(FACT_HIDES | FACT_BLOCKS), .lanes = LAW_ANY, .inside = FACT_MAC | FACT_PROVES,
	    .message = "{own} stands outside {other}",
	    .reason = "padding is looked at before the MAC is checked: an attacker reads messages by trying",
	    .help = "swap them: first   - {own}   , then   - {other}", .mend = MEND_SWAP },
	{ .id = "SC217", OUTER(FACT_STREAM), .lanes = LAW_ANY, .inside = FACT_MAC | FACT_PROVES,
	    .message = "the outermost layer {own} does not authenticate", .reason = STRANGERS,
	    .help = "swap them: first   - {own}   , then   - {other}", .mend = MEND_SWAP },
	{ .id = "SC217", OUTER(FACT_HIDES), .lanes = LAW_ANY, .inside = FACT_PROVES,
	    .message = "the outermost layer {own} does not authenticate", .reason = STRANGERS, .help = BETTER_HELP, .mend = MEND_PROVE },
	{ .id = "SC217", OUTER(0), .lanes = LAW_ANY, .inside = FACT_PROVES,
	    .message = "the outermost layer {own} does not authenticate", .reason = STRANGERS, .help = PROVE_HELP, .mend = MEND_PROVE },

	/* From here on nothing does.  An exchange that nobody authenticates is told of at its key. */
	{ .id = "SC411", UNPROVEN(FACT_SEALS), .message = "{own} does not say who has sent a message",
	    .reason = "everybody can have the public key: an attacker sends what he likes, and it passes as the peer's",
	    .help = PROVE_HELP, .mend = MEND_PROVE },
	{ .id = "SC203", UNPROVEN(FACT_HIDES | FACT_BYTES), .inside = FACT_DIGEST,
	    .message = "{own} around {other} does not authenticate",
	    .reason = "whoever knows a message computes what was added to it, and puts another one with its digest in its place",
	    .help = BETTER_HELP, .mend = MEND_PROVE },
	{ .id = "SC204", UNPROVEN(FACT_HIDES), .inside = FACT_DIGEST, .message = "{own} around {other} does not authenticate",
	    .reason = "an attacker has a message of his, digest included, sent as data, and cuts it out of what was encrypted",
	    .help = BETTER_HELP, .mend = MEND_PROVE },
	{ .id = "SC205", UNPROVEN(FACT_HIDES), .inside = FACT_CONSTANT, .message = "{other} inside {own} is the only check",
	    .reason = ONLY_CHECK, .help = BETTER_HELP, .mend = MEND_PROVE },
	{ .id = "SC202", UNPROVEN(FACT_HIDES | FACT_PAD), .message = "{own} hides a message, and anybody can change it",
	    .reason = "who flips a bit on the way flips that bit of the message, without any key",
	    .help = "add behind it   - mac: {algorithm: one-time-poly1305, pad: {pad}}   , which is as good as the pad",
	    .mend = MEND_AFTER, .line = "mac:one-time-poly1305,pad={pad}" },
	{ .id = "SC202", UNPROVEN(FACT_HIDES | FACT_BYTES), .message = "{own} hides a message, and anybody can change it",
	    .reason = "who knows a byte of the message changes it on the way to what he likes, without any key",
	    .help = BETTER_HELP, .mend = MEND_PROVE },
	{ .id = "SC201", UNPROVEN(FACT_HIDES), .message = "{own} encrypts without authentication",
	    .reason = "an attacker can change messages unnoticed, and with some ciphers read them by trying", .help = BETTER_HELP,
	    .mend = MEND_PROVE },
	{ .id = "SC205", UNPROVEN(FACT_CONSTANT), .message = "{own} is the only check", .reason = ONLY_CHECK, .help = PROVE_HELP,
	    .mend = MEND_PROVE },
	{ .id = "SC301", UNPROVEN(FACT_CHECKSUM), .message = "{own} has no secret",
	    .reason = "an attacker changes the message and computes the digest again: it finds accidents only", .help = PROVE_HELP,
	    .mend = MEND_PROVE },
	{ .id = "SC217", OUTER(0), .lanes = LAW_DATA, .message = "the outermost layer {own} does not authenticate",
	    .reason = STRANGERS, .help = PROVE_HELP, .mend = MEND_PROVE },

	/* ---- Freshness needs integrity outside it, and a link that is as it thinks ---- */

	{ .id = "SC601", .lanes = LAW_DATA, .own = FACT_FRESH, .inside = FACT_INTEGRITY, .no_outside = FACT_INTEGRITY,
	    .when = law_uncovered, .message = "nothing outside {own} protects it",
	    .reason = "the number or time of a message can be altered, so an old message passes as a new one",
	    .help = "put   - {own}   before {other}", .mend = MEND_MOVE, .excuses = 1 << PLAN_FRESHNESS },
	{ .id = "SC601", .lanes = LAW_DATA, .own = FACT_FRESH, .no_inside = FACT_INTEGRITY, .no_outside = FACT_INTEGRITY,
	    .when = law_uncovered, .message = "nothing outside {own} protects it",
	    .reason = "the number or time of a message can be altered, so an old message passes as a new one", .help = PROVE_HELP,
	    .mend = MEND_PROVE, .excuses = 1 << PLAN_FRESHNESS },
	{ .id = "SC602", .lanes = LAW_DATA, .own = FACT_ORDERED, .when = law_overtaken,
	    .message = "{own} refuses datagrams that others have overtaken",
	    .reason = "a datagram link changes the order: messages are lost though nobody attacks",
	    .help = "use   anti-replay: window   , which accepts each of the last messages once, in any order", .mend = MEND_INSTEAD,
	    .line = "anti-replay:window" },
	{ .id = "SC605", .lanes = LAW_ANY, .own = FACT_WIDE, .when = law_far, .message = "{own} accepts messages that are {detail}",
	    .reason = "who holds a message back delivers it at the moment when it harms: nobody sees that it is late",
	    .help = "write at most   max-age: 5m   and   max-skew: 5m   : the clocks of two machines do not differ by more",
	    .mend = MEND_BOUNDS },

	/* ---- Pads ---- */

	{ .id = "SC222", .lanes = LAW_DATA, .own = FACT_HIDES | FACT_PAD, .outside = FACT_INTEGRITY,
	    .no_outside = FACT_INTEGRITY | FACT_PAD, .message = "nothing outside {own} proves a message with bytes of a pad",
	    .reason = "a pad hides for good, whatever computer comes; who breaks the algorithm that proves a message can still change it",
	    .help = "put behind it   - mac: {algorithm: one-time-poly1305, pad: {pad}}", .mend = MEND_AFTER,
	    .line = "mac:one-time-poly1305,pad={pad}" },
	{ .id = "SC223", .lanes = LAW_EXCHANGE, .own = FACT_PAD, .message = "{own} spends a pad on whoever asks",
	    .reason = "who repeats a recorded opening makes the server answer with new bytes of the pad, until it is used up",
	    .help = "protect the exchange by   - sign: ed25519   , and keep the pad for data", .mend = MEND_REMOVE },

	/* ---- Layers that hide: what they are together ---- */

	{ .id = "SC104", .group = LAW_TOYS, .lanes = LAW_ANY, .own = FACT_ADDS, .when = law_cancels, .message = "{other} and {own} cancel",
	    .reason = "shifts of {detail} are none at all, for bytes have 256 values: they hide nothing",
	    .help = "remove them, and use   - encrypt: aes-256-gcm", .mend = MEND_REMOVE },
	{ .id = "SC215", .lanes = LAW_DATA, .own = FACT_ECB, .no_inside = FACT_VEILS, .no_outside = FACT_VEILS,
	    .message = "{own} shows which blocks are equal",
	    .reason = "an attacker sees what repeats, cuts such blocks out and puts them elsewhere",
	    .help = "use   - encrypt: aes-256-cbc   , in which equal blocks look different", .mend = MEND_INSTEAD,
	    .line = "encrypt:aes-256-cbc" },
	{ .id = "SC213", .group = LAW_CASCADE, .lanes = LAW_ANY, .own = FACT_DES | FACT_CBC, .inside = FACT_DES | FACT_CBC,
	    .no_outside = FACT_DES | FACT_CBC, .no_beside = FACT_MODERN | FACT_CIPHER, .when = law_three_des,
	    .message = "three times {own} is not triple DES",
	    .reason = "each layer has a chaining of its own: an attacker who has chosen messages takes off one after the other",
	    .help = DES_HELP, .mend = MEND_MERGE, .line = "encrypt:aes-256-cbc" },
	{ .id = "SC212", .group = LAW_CASCADE, .lanes = LAW_ANY, .own = FACT_DES, .inside = FACT_DES, .no_outside = FACT_DES,
	    .no_beside = FACT_MODERN | FACT_CIPHER, .message = "{own} around {other} is about as strong as one of them",
	    .reason = "who knows a message meets in the middle, and finds both keys with little more work than one takes",
	    .help = DES_HELP, .mend = MEND_MERGE, .line = "encrypt:aes-256-cbc" },
	{ .id = "SC214", .group = LAW_CASCADE, .lanes = LAW_DATA, .own = FACT_CIPHER, .inside = FACT_CIPHER,
	    .no_outside = FACT_CIPHER, .when = law_one_key, .message = "{own} around {other} counts as the better one of the two",
	    .reason = "both keys follow from '{detail}': who gets that reads through both layers",
	    .help = "give each its own key, as in   key: inner   and   key: outer" },
	{ .id = "SC214", .group = LAW_CASCADE, .lanes = LAW_DATA, .own = FACT_CIPHER, .inside = FACT_CIPHER,
	    .no_outside = FACT_CIPHER, .message = "{own} around {other} counts as the better one of the two",
	    .reason = "it is proven that two ciphers are as strong as the first one; that they are stronger is only to be hoped",
	    .help = "leave it, if the second one is there in case the first is broken one day" },
	{ .id = "SC109", .group = LAW_TOYS, .lanes = LAW_ANY, .own = FACT_HIDES | FACT_TOY, .beside = FACT_CIPHER | FACT_MODERN,
	    .message = "{own} adds nothing to what {other} achieves",
	    .reason = "it is a toy: who gets through the other layer gets through this one at once",
	    .help = "leave it out, or keep it for what it shows" },
	{ .id = "SC109", .group = LAW_TOYS, .lanes = LAW_ANY, .own = FACT_CONSTANT, .beside = FACT_INTEGRITY | FACT_MODERN,
	    .message = "{own} adds nothing to what {other} achieves", .reason = "the other layer refuses all that this one would, and more",
	    .help = "leave it out, or keep it for what it shows" },

	/* ---- Digests, MACs and signatures ---- */

	{ .id = "SC303", .lanes = LAW_ANY, .own = FACT_ENVELOPE, .no_beside = FACT_INTEGRITY | FACT_MODERN, .when = law_mode,
	    .message = "{own} as {detail} has it is no HMAC",
	    .reason = "who collects enough messages finds its key long before he has tried all of them, and then forges",
	    .help = "leave 'mode' out, and it is an HMAC; or use   - mac: hmac-sha-256", .mend = MEND_INSTEAD,
	    .line = "mac:hmac-sha-256" },
	{ .id = "SC304", .lanes = LAW_ANY, .own = FACT_SIGNS, .when = law_weak_digest, .message = "{own} signs what {other} computes",
	    .reason = "whoever writes the messages makes two with one digest, has the one signed and shows the other",
	    .help = "use   - digest: sha-256   in place of {other}", .mend = MEND_INSTEAD_OTHER, .line = "digest:sha-256" },
	{ .id = "SC508", .lanes = LAW_DATA, .own = FACT_INTEGRITY, .no_beside = FACT_BINDS, .no_outside = FACT_INTEGRITY, .when = law_unbound,
	    .message = "{own} does not tie a message to one secret",
	    .reason = "who knows two secrets makes a message that both accept, each reading another text; and who may guess tries many at once",
	    .help = "if the secret can be guessed, or several are in use, add   - mac: hmac-sha-256   ; or use   establish: psk" },
	{ .id = "SC407", .lanes = LAW_DATA, .own = FACT_SIGNS, .inside = FACT_CIPHER, .no_inside = FACT_SIGNS, .when = law_needless,
	    .message = "{own} signs what {other} has enciphered already",
	    .reason = "the signature shows others that something was sent, not what was said",
	    .help = "if it is to be evidence, put   - {own}   before   - {other}" },
};
const size_t law_count = sizeof laws / sizeof *laws;
