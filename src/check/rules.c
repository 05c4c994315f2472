/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules.c - every finding there is: its id, how bad it is, and what it is about.
 *
 * An id never changes its meaning.  SC0xx: how the configuration is written; SC1xx: structure; from SC2xx on: what is
 * achieved.
 */
#include "check/internal.h"

#include <string.h>

const struct check_rule check_rules[] = {
	{ "SC001", CHECK_ERROR, false, false, "not YAML 1.2" },
	{ "SC002", CHECK_ERROR, false, false, "unknown key of the configuration" },
	{ "SC003", CHECK_ERROR, false, false, "a value of the wrong kind" },
	{ "SC004", CHECK_ERROR, false, false, "said twice" },
	{ "SC005", CHECK_ERROR, false, false, "a tag, an anchor or an alias" },
	{ "SC006", CHECK_ERROR, false, false, "too large or nested too deep" },
	{ "SC007", CHECK_ERROR, false, false, "not text" },
	{ "SC008", CHECK_ERROR, false, false, "a value out of its range" },
	{ "SC009", CHECK_ERROR, false, false, "something required is missing" },
	{ "SC010", CHECK_ERROR, false, false, "unknown layer" },
	{ "SC011", CHECK_ERROR, false, false, "unknown word" },
	{ "SC012", CHECK_ERROR, false, false, "unknown parameter" },
	{ "SC013", CHECK_ERROR, false, false, "two statements that exclude each other" },
	{ "SC014", CHECK_ERROR, false, false, "not an address" },
	{ "SC015", CHECK_ERROR, false, false, "unknown profile" },
	{ "SC017", CHECK_ERROR, false, false, "an algorithm that this machine does not have" },
	{ "SC019", CHECK_ERROR, false, false, "another version of the format" },
	{ "SC020", CHECK_ERROR, false, false, "the lab profile on an address that others can reach" },
	{ "SC021", CHECK_ERROR, false, false, "a line of layers that cannot be read" },
	{ "SC022", CHECK_NOTE, false, false, "too many findings" },
	{ "SC023", CHECK_ERROR, false, false, "a finding that nobody can accept" },
	{ "SC024", CHECK_ERROR, false, false, "accepted, and not there" },
	{ "SC101", CHECK_ERROR, false, false, "orders that are equal or out of range" },
	{ "SC103", CHECK_ERROR, false, false, "a need that nothing meets" },
	{ "SC104", CHECK_ERROR, true, false, "layers that cancel each other" },
	{ "SC109", CHECK_NOTE, false, false, "a layer that adds nothing" },
	{ "SC113", CHECK_ERROR, false, false, "attributes that clash" },
	{ "SC114", CHECK_ERROR, false, false, "more than the limits allow" },
	{ "SC115", CHECK_WARNING, false, true, "a key that no layer uses" },
	{ "SC120", CHECK_ERROR, false, false, "the session could not be composed" },
	{ "SC201", CHECK_ERROR, true, true, "encryption without authentication" },
	{ "SC202", CHECK_ERROR, true, true, "encryption of which each byte can be changed" },
	{ "SC203", CHECK_ERROR, true, true, "a digest inside what is added byte by byte" },
	{ "SC204", CHECK_ERROR, true, true, "an encrypted digest in place of authentication" },
	{ "SC205", CHECK_ERROR, true, true, "a constant as the only check" },
	{ "SC206", CHECK_ERROR, true, true, "a MAC inside a block cipher" },
	{ "SC210", CHECK_ERROR, true, false, "confidentiality by a legacy or broken algorithm" },
	{ "SC211", CHECK_ERROR, true, false, "confidentiality by a toy" },
	{ "SC212", CHECK_WARNING, false, true, "double DES" },
	{ "SC213", CHECK_ERROR, true, true, "three chainings in place of triple DES" },
	{ "SC214", CHECK_NOTE, false, false, "several ciphers" },
	{ "SC215", CHECK_ERROR, true, true, "equal blocks that look equal" },
	{ "SC217", CHECK_ERROR, true, true, "an outermost layer that does not authenticate" },
	{ "SC219", CHECK_ERROR, true, false, "confidentiality that quantum computers may end" },
	{ "SC220", CHECK_ERROR, true, false, "no confidentiality" },
	{ "SC221", CHECK_ERROR, true, false, "no integrity or authenticity" },
	{ "SC222", CHECK_WARNING, false, true, "a one-time pad without its partner" },
	{ "SC223", CHECK_ERROR, true, true, "a one-time pad that strangers can use up" },
	{ "SC301", CHECK_ERROR, true, true, "a digest without a secret" },
	{ "SC303", CHECK_ERROR, true, true, "a keyed digest of before HMAC" },
	{ "SC304", CHECK_ERROR, true, true, "a signature over a digest with collisions" },
	{ "SC305", CHECK_ERROR, true, false, "integrity or authenticity below what is required" },
	{ "SC308", CHECK_ERROR, false, false, "a layer that must stand before another one" },
	{ "SC407", CHECK_NOTE, false, false, "a signature over what is enciphered" },
	{ "SC411", CHECK_ERROR, true, true, "encryption to a public key alone" },
	{ "SC414", CHECK_WARNING, false, true, "a key that rests on one young mechanism" },
	{ "SC415", CHECK_ERROR, true, false, "messages that can be denied" },
	{ "SC504", CHECK_ERROR, true, false, "a one-time pad of more than two" },
	{ "SC507", CHECK_ERROR, false, false, "new keys later than an algorithm allows" },
	{ "SC508", CHECK_NOTE, false, false, "a ciphertext that opens under two keys" },
	{ "SC509", CHECK_ERROR, true, false, "a key that others can compute" },
	{ "SC511", CHECK_ERROR, true, false, "no forward secrecy" },
	{ "SC512", CHECK_ERROR, false, false, "a key of the wrong size" },
	{ "SC513", CHECK_WARNING, false, true, "an algorithm whose limit makes a datagram link slow" },
	{ "SC601", CHECK_ERROR, true, true, "replay prevention that nothing protects" },
	{ "SC602", CHECK_WARNING, false, true, "strict order on a link that reorders" },
	{ "SC605", CHECK_WARNING, false, true, "replay prevention that looks too far" },
	{ "SC607", CHECK_ERROR, true, false, "no replay prevention" },
	{ "SC701", CHECK_ERROR, true, true, "a key agreed with nobody in particular" },
	{ "SC702", CHECK_ERROR, false, false, "an identity that nothing proves" },
	{ "SC711", CHECK_ERROR, true, true, "a secret of more than two", true },
	{ "SC713", CHECK_ERROR, true, true, "a key that travels readable" },
	{ "SC714", CHECK_ERROR, false, false, "a key without an exchange beside others" },
	{ "SC715", CHECK_ERROR, true, false, "a peer that is not proven to take part" },
	{ "SC716", CHECK_WARNING, false, true, "a secret that is used with several hosts", true },
	{ NULL, CHECK_ERROR, false, false, NULL },
};

const struct check_rule *check_rule(const char *id)
{
	const struct check_rule *rule = check_rules;

	while (rule->id && strcmp(rule->id, id) != 0)
		rule++;
	return rule;
}

const char *check_finding_title(const char *id, enum check_severity *severity, bool *lab)
{
	const struct check_rule *rule = check_rule(id);

	if (severity && rule->id)
		*severity = rule->severity;
	if (lab && rule->id)
		*lab = rule->level;
	return rule->title;
}

bool check_finding_accept(const char *id)
{
	return check_rule(id)->accept;
}
