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
	{ "SC001", CHECK_ERROR, false, "not YAML 1.2" },
	{ "SC002", CHECK_ERROR, false, "unknown key of the configuration" },
	{ "SC003", CHECK_ERROR, false, "a value of the wrong kind" },
	{ "SC004", CHECK_ERROR, false, "said twice" },
	{ "SC005", CHECK_ERROR, false, "a tag, an anchor or an alias" },
	{ "SC006", CHECK_ERROR, false, "too large or nested too deep" },
	{ "SC007", CHECK_ERROR, false, "not text" },
	{ "SC008", CHECK_ERROR, false, "a value out of its range" },
	{ "SC009", CHECK_ERROR, false, "something required is missing" },
	{ "SC010", CHECK_ERROR, false, "unknown layer" },
	{ "SC011", CHECK_ERROR, false, "unknown word" },
	{ "SC012", CHECK_ERROR, false, "unknown parameter" },
	{ "SC013", CHECK_ERROR, false, "two statements that exclude each other" },
	{ "SC014", CHECK_ERROR, false, "not an address" },
	{ "SC015", CHECK_ERROR, false, "unknown profile" },
	{ "SC017", CHECK_ERROR, false, "an algorithm that this machine does not have" },
	{ "SC019", CHECK_ERROR, false, "another version of the format" },
	{ "SC020", CHECK_ERROR, false, "the lab profile on an address that others can reach" },
	{ "SC021", CHECK_ERROR, false, "a line of layers that cannot be read" },
	{ "SC022", CHECK_NOTE, false, "too many findings" },
	{ "SC101", CHECK_ERROR, false, "orders that are equal or out of range" },
	{ "SC103", CHECK_ERROR, false, "a need that nothing meets" },
	{ "SC113", CHECK_ERROR, false, "attributes that clash" },
	{ "SC114", CHECK_ERROR, false, "more than the limits allow" },
	{ "SC115", CHECK_WARNING, false, "a key that no layer uses" },
	{ "SC120", CHECK_ERROR, false, "the session could not be composed" },
	{ "SC201", CHECK_ERROR, true, "encryption without authentication" },
	{ "SC204", CHECK_ERROR, true, "an encrypted digest in place of authentication" },
	{ "SC206", CHECK_ERROR, true, "a MAC inside a block cipher" },
	{ "SC210", CHECK_ERROR, true, "confidentiality by a legacy or broken algorithm" },
	{ "SC211", CHECK_ERROR, true, "confidentiality by a toy" },
	{ "SC217", CHECK_ERROR, true, "an outermost layer that does not authenticate" },
	{ "SC220", CHECK_ERROR, true, "no confidentiality" },
	{ "SC221", CHECK_ERROR, true, "no integrity or authenticity" },
	{ "SC222", CHECK_WARNING, false, "a one-time pad without its partner" },
	{ "SC223", CHECK_ERROR, true, "a one-time pad that strangers can use up" },
	{ "SC301", CHECK_ERROR, true, "a digest without a secret" },
	{ "SC305", CHECK_ERROR, true, "integrity or authenticity below what is required" },
	{ "SC308", CHECK_ERROR, false, "a layer that must stand before another one" },
	{ "SC507", CHECK_ERROR, false, "new keys later than an algorithm allows" },
	{ "SC509", CHECK_ERROR, true, "a key that others can compute" },
	{ "SC512", CHECK_ERROR, false, "a key of the wrong size" },
	{ "SC601", CHECK_ERROR, true, "replay prevention that nothing protects" },
	{ "SC602", CHECK_WARNING, false, "strict order on a link that reorders" },
	{ "SC607", CHECK_ERROR, true, "no replay prevention" },
	{ "SC701", CHECK_ERROR, true, "a key agreed with nobody in particular" },
	{ "SC702", CHECK_ERROR, false, "an identity that nothing proves" },
	{ "SC713", CHECK_ERROR, true, "a key that travels readable" },
	{ "SC714", CHECK_ERROR, false, "a key without an exchange beside others" },
	{ NULL, CHECK_ERROR, false, NULL },
};

const struct check_rule *check_rule(const char *id)
{
	const struct check_rule *rule = check_rules;

	while (rule->id && strcmp(rule->id, id) != 0)
		rule++;
	return rule;
}

const char *check_finding_id(size_t n)
{
	return n < sizeof check_rules / sizeof *check_rules ? check_rules[n].id : NULL;
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
