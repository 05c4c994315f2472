/* SPDX-License-Identifier: Apache-2.0 */
/* catalogue_3xx.c - rows of the catalogue: digests and MACs.  See catalogue.h. */
#include "check/catalogue/catalogue.h"

#include <stddef.h>

const struct check_entry check_catalogue_3xx[] = {
	{ "SC301", 1, 'D', CHECK_IN_CONFIGURATION,
	    .attack = "A digest has no secret, so everybody can compute it. The attacker changes the message, "
		"computes the digest again, and sends both. The receiver compares and finds them equal. The paper "
		"says so itself: a digest alone is for noise on the line. It finds accidents only.",
	    .decision = "The outermost layer is a digest without a secret, and nothing inside it authenticates.",
	    .repair = "Put a MAC behind it, or protect the digest:   protect-digest: ed25519   .",
	    .fails = "require: {confidentiality: none}\n"
		"stack: [anti-replay: sequence, digest: sha-256]\n",
	    .passes = "require: {confidentiality: none}\n"
		"stack: [anti-replay: sequence, digest: sha-256, mac: hmac-sha-256]\n" },
	{ "SC302", 1, 'F', CHECK_BY_DESIGN,
	    .title = "a digest over the key and the message",
	    .attack = "The code is the digest of key and message, one behind the other. A digest such as MD5 or "
		"SHA-256 is the state of a machine after the last block. The attacker goes on from that state, adds "
		"padding and more text, and has the code of a longer message. The key stays unknown and is not "
		"needed. Web services were broken so.",
	    .decision = "Keyed digests are HMAC, or the envelope of RFC 1828 with the key at both ends; the plain "
		"form is not offered.",
	    .repair = "Nothing to configure: no stack of SecComm can do this.",
	    .literature = {
		"Tsudik, Message Authentication with One-Way Hash Functions, IEEE INFOCOM 1992",
		"Duong and Rizzo, Flickr's API Signature Forgery Vulnerability, 2009" } },
	{ "SC303", 9, 'D', CHECK_IN_CONFIGURATION,
	    .unmounted = "It takes 2^67 known messages, more than anybody can collect, and least of all a test.",
	    .title = "keyed MD5 in its old form",
	    .attack = "RFC 1828 puts the key before and behind the message. That stops adding to a message, but the "
		"key at the end can be looked for by itself. Collisions found among 2^67 known texts give it away "
		"with 2^13 chosen ones. Nobody collects that much, and HMAC has no such weakness at all. The old "
		"form is for old peers only.",
	    .decision = "'mode' of the layer is the one of RFC 1828 or RFC 1852.",
	    .repair = "Use mac: hmac-sha-256.",
	    .literature = {
		"Preneel and van Oorschot 1996, On the Security of Two MAC Algorithms" },
	    .fails = "require: {integrity: legacy, authenticity: legacy, freshness: legacy}\n"
		"stack: [anti-replay: sequence, encrypt: aes-256-cbc, mac: {algorithm: keyed-md5, mode: rfc1828}]\n",
	    .passes = "require: {integrity: legacy, authenticity: legacy, freshness: legacy}\n"
		"stack: [anti-replay: sequence, encrypt: aes-256-cbc, mac: hmac-sha-256]\n" },
	{ "SC304", 9, 'D', CHECK_IN_CONFIGURATION,
	    .title = "a signature over a digest that has collisions",
	    .attack = "Two texts with one MD5 digest can be made in seconds, two with one SHA-1 digest for the price "
		"of a car. A sender prepares both, and has the harmless one signed. The signature fits the other "
		"one, too. A false certification authority was made so. Evidence with such a signature proves "
		"nothing.",
	    .decision = "A signature protects the digest of a layer whose algorithm has known collisions.",
	    .repair = "Use digest: sha-256, or sign the message itself with sign: ed25519.",
	    .literature = {
		"Wang and Yu, How to Break MD5 and Other Hash Functions, Eurocrypt 2005",
		"Sotirov et al., MD5 Considered Harmful Today: Creating a Rogue CA Certificate, 25C3 2008",
		"Stevens et al., The First Collision for Full SHA-1, Crypto 2017",
		"Leurent and Peyrin, SHA-1 is a Shambles, 2020 (ePrint 2020/014)",
		"CVE-2015-7575 (SLOTH): Bhargavan and Leurent, Transcript Collision Attacks, NDSS 2016" },
	    .fails = "require: {confidentiality: none, integrity: legacy, authenticity: legacy, freshness: legacy}\n"
		"stack: [anti-replay: sequence, digest: md5, protect-digest: ed25519]\n",
	    .passes = "require: {confidentiality: none, integrity: legacy, authenticity: legacy, freshness:"
		" legacy}\n"
		"stack: [anti-replay: sequence, digest: sha-256, protect-digest: ed25519]\n" },
	{ "SC305", 9, 'W', CHECK_IN_CONFIGURATION,
	    .attack = "What proves a message is a legacy algorithm. A digest hidden by DES falls to a search of 2^56 "
		"keys, after which the attacker makes any message. HMAC with MD5 or SHA-1 is not broken in practice, "
		"but nothing new should rest on it. The level says how much time is left.",
	    .decision = "The best proof in the lane is legacy or broken, and 'require' asks for more.",
	    .repair = "Use mac: hmac-sha-256, sign: ed25519 or an AEAD; or say   require: {integrity: legacy, "
		"authenticity: legacy}   .",
	    .literature = {
		"RFC 6151",
		"RFC 6194" },
	    .fails = "require: {confidentiality: none, freshness: none}\n"
		"stack: [anti-replay: sequence, digest: sha-256, protect-digest: des-cbc]\n",
	    .passes = "require: {confidentiality: none, freshness: none}\n"
		"stack: [anti-replay: sequence, digest: sha-256, protect-digest: ed25519]\n" },
	{ "SC306", 1, 'D', CHECK_BY_DESIGN,
	    .title = "a tag that is too short",
	    .attack = "A tag of 32 bits is right by chance once in 2^32 tries. An attacker who may try often, as on "
		"a datagram link, forges a message in hours. A standard for signed documents let the sender of a "
		"document choose the length, and accepted one of a few bits. Whoever checks must know the length "
		"before the message comes.",
	    .decision = "No layer has a parameter that shortens its tag, and failures are counted against the limit "
		"of the algorithm.",
	    .repair = "Nothing to configure: no stack of SecComm can do this.",
	    .literature = {
		"CVE-2009-0217 (truncation of HMAC in XML signatures)" } },
	{ "SC307", 9, 'D', CHECK_IN_CONFIGURATION,
	    .title = "a digest that DES protects",
	    .attack = "A digest of MD5 is hidden under DES, in the manner of 1999. A search of 56 bits finds the "
		"key, and each forged message then fits. Before that, two messages with one digest can be swapped "
		"for each other. The value does not depend on who sends or in which direction, so it can be sent "
		"back.",
	    .decision = "DES protects a digest that has collisions: the level of integrity and authenticity is "
		"legacy at most, and less than 'require' asks for by default.",
	    .repair = "Use mac: hmac-sha-256 or protect-digest: ed25519 with digest: sha-256.",
	    .by = "SC305",
	    .literature = {
		"RFC 4772",
		"RFC 6151" },
	    .fails = "require: {confidentiality: none, freshness: none}\n"
		"stack: [anti-replay: sequence, digest: md5, protect-digest: des-cbc]\n",
	    .passes = "require: {confidentiality: none, freshness: none}\n"
		"stack: [anti-replay: sequence, mac: hmac-sha-256]\n" },
	{ "SC308", 3, 'F', CHECK_IN_CONFIGURATION,
	    .attack = "A number or a time is added to a message after its digest was computed. The digest does not "
		"cover it. The attacker takes an old message, writes a new time on it, and the signature of the "
		"digest still fits. The message is taken once more. The paper warns of nonces outside the digest.",
	    .decision = "A layer whose attribute must be covered stands behind the layer that should cover it.",
	    .repair = "Move the layer before the one that the finding names.",
	    .fails = "stack: [mac: hmac-sha-256, anti-replay: sequence, encrypt: aes-256-gcm]\n",
	    .passes = "stack: [anti-replay: sequence, mac: hmac-sha-256, encrypt: aes-256-gcm]\n" },
	{ "SC309", 2, 'W', CHECK_BY_DESIGN,
	    .title = "several digests under one key",
	    .attack = "Two algorithms that use one key were never analysed together. A weakness of the one may give "
		"away what the other rests on. A code of the weaker one can be asked for and used in another place. "
		"Nobody has shown that it is safe, and it is easy to avoid.",
	    .decision = "Each layer's key is derived for it alone, with its name, place, algorithm, direction and "
		"epoch.",
	    .repair = "Nothing to configure: no stack of SecComm can do this." },
	{ 0 },
};
