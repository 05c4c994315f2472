/* SPDX-License-Identifier: Apache-2.0 */
/* catalogue_5xx.c - rows of the catalogue: keys, nonces and limits.  See catalogue.h. */
#include "check/catalogue/catalogue.h"

#include <stddef.h>

const struct check_entry check_catalogue_5xx[] = {
	{ "SC501", 2, 'D', CHECK_BY_DESIGN,
	    .title = "one key for two algorithms",
	    .attack = "One secret is used by two layers, or by an old and a new algorithm. An attacker uses the weak "
		"one as a tool against the strong one. The same key in CBC and in GCM let forgers of the old mode "
		"into the new one. A protocol can even be made up to be attacked by another one that shares its key. "
		"Safe parts are not safe together.",
	    .decision = "Keys that layers use are never the agreed secret: each is derived for its layer, place, "
		"algorithm, direction and epoch.",
	    .repair = "Nothing to configure: no stack of SecComm can do this.",
	    .literature = {
		"Jager, Paterson and Somorovsky, One Bad Apple: Backwards Compatibility Attacks on State-of-the-Art "
		    "Cryptography, NDSS 2013",
		"Kelsey, Schneier and Wagner, Protocol Interactions and the Chosen Protocol Attack, 1997" } },
	{ "SC502", 2, 'D', CHECK_BY_DESIGN,
	    .title = "one key for both directions",
	    .attack = "Both directions use one key, and nothing in a message says which way it goes. The attacker "
		"gives a message back to its sender. It verifies, and is taken for the answer. In an exchange this "
		"makes a client believe that it talks to a server. TLS with pre-shared keys could be led to talk to "
		"itself.",
	    .decision = "The direction is part of what every key is derived from, so a message that comes back does "
		"not verify.",
	    .repair = "Nothing to configure: no stack of SecComm can do this.",
	    .literature = {
		"Drucker and Gueron, Selfie: Reflections on TLS 1.3 with PSK, 2019 (ePrint 2019/347)" } },
	{ "SC503", 4, 'F', CHECK_BY_DESIGN,
	    .title = "a nonce that comes twice",
	    .attack = "A counter begins at 0 again after a restart, and the key is the same. Two messages then have "
		"one stream, and their XOR is that of the texts. With GCM, two messages under one nonce even give "
		"the key of its authentication, and the attacker forges from then on. Servers on the Internet did "
		"it, and Wi-Fi could be made to.",
	    .decision = "Both ends put a fresh nonce into every exchange, so no key lives twice; what has no "
		"exchange draws a fresh salt for every session. An AEAD owns its counter, and a limit ends the key "
		"before it wraps.",
	    .repair = "Nothing to configure: no stack of SecComm can do this.",
	    .literature = {
		"Joux, Authentication Failures in NIST Version of GCM, 2006",
		"Böck et al., Nonce-Disrespecting Adversaries: Practical Forgery Attacks on GCM in TLS, USENIX WOOT "
		    "2016",
		"CVE-2017-13077 (KRACK)" } },
	{ "SC504", 4, 'F', CHECK_IN_CONFIGURATION,
	    .title = "a pad that is used twice",
	    .attack = "Two messages are hidden by the same bytes of a pad: one in each direction, or one before and "
		"one after a restart. The pad cancels out of the sum of the two, which is the sum of the two texts. "
		"Who knows or guesses one of them reads the other. Nothing on the wire tells the ends that it happened.",
	    .decision = "A pad that one session uses with several peers, or several sessions with different ones, is "
		"refused. For two ends a pad's file gives each of them a part of its own, and bytes are marked as "
		"used, on the disk, before the first of them is; a copy of a used pad is recognised.",
	    .repair = "Make a pad for each peer with 'seccomm pad gen', and a session of its own. Never copy a pad "
		"or set it back from a backup.",
	    .literature = {
		"Wu, The Misuse of RC4 in Microsoft Word and Excel, 2005 (ePrint 2005/007)",
		"Shannon, Communication Theory of Secrecy Systems, Bell System Technical Journal 28(4), 1949" },
	    .fails = "role: server\n"
		"listen: udp::7443\n"
		"connect: udp:127.0.0.1:5432\n"
		"identity: db1\n"
		"peers: [web1, web2]\n"
		"stack: [anti-replay: window, encrypt: {algorithm: one-time-pad, pad: db}, mac: {algorithm:"
		" one-time-poly1305, pad: db}]\n",
	    .passes = "role: server\n"
		"listen: udp::7443\n"
		"connect: udp:127.0.0.1:5432\n"
		"identity: db1\n"
		"peers: [web1]\n"
		"stack: [anti-replay: window, encrypt: {algorithm: one-time-pad, pad: db}, mac: {algorithm:"
		" one-time-poly1305, pad: db}]\n" },
	{ "SC505", 3, 'D', CHECK_BY_DESIGN,
	    .title = "a place in the pad that the attacker chooses",
	    .attack = "On a link that loses messages the receiver must learn which bytes of the pad a message used. "
		"If the message says so and nothing covers it, the attacker says something else. The receiver "
		"deciphers with other bytes, perhaps with bytes that are still to come. The two ends no longer agree "
		"where they are.",
	    .decision = "The offset travels clear and is input of every layer that authenticates; where only a pad "
		"encrypts and nothing authenticates, SC202 or SC201 tells it.",
	    .repair = "Put   mac: {algorithm: one-time-poly1305}   behind the pad." },
	{ "SC506", 4, 'F', CHECK_AT_RUNTIME,
	    .title = "a pad that has come to its end",
	    .attack = "A pad of a million bytes hides a million bytes. To begin again at the front is to use it "
		"twice. To stretch it by a generator is to have a stream cipher and not a pad. Either way what the "
		"pad promised is over.",
	    .decision = "At the last byte the session stops sending, with an alert; nothing begins anew.",
	    .repair = "Make and carry a new pad with 'seccomm pad gen'; 'seccomm pad show' says how much is left." },
	{ "SC507", 4, 'D', CHECK_IN_CONFIGURATION,
	    .unmounted = "The library stops at the limit itself, in the lab as well: later than that there is no message to attack.",
	    .attack = "Every algorithm hides less with every message under one key. AES-GCM gives its texts away a "
		"little after some 2^24 full messages, and forgeries become likely after many failed tries. An "
		"attacker waits for a connection that runs for months. A new key in time costs nothing.",
	    .decision = "The times and amounts of 'rekey' are compared with the limits of every layer's algorithm; "
		"without 'rekey', new keys come at three quarters of them.",
	    .repair = "Write a smaller number, or leave 'rekey' out.",
	    .literature = {
		"RFC 8446, section 5.5",
		"RFC 9001, section 6.6" },
	    .fails = "rekey: {bytes: 65GiB}\n"
		"stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n",
	    .passes = "rekey: {bytes: 64GiB}\n"
		"stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n" },
	{ "SC508", 8, 'D', CHECK_IN_CONFIGURATION,
	    .attack = "With GCM and with Poly1305 a ciphertext can be made that two keys open, each to another text. "
		"An attacker who may send to a service with many passwords sends one that a thousand of them open, "
		"and learns in few tries which one it is. As evidence such a message says two things. The algorithm "
		"promises only that nobody without a key forges.",
	    .decision = "An AEAD, Poly1305 or CMAC is the only proof under   establish: none   , where no exchange ties "
		"what comes to one key. Every exchange ends with a proof by HMAC that both ends have the same one.",
	    .repair = "Put   mac: hmac-sha-256   behind it, or use an exchange: psk or dh.",
	    .literature = {
		"Len, Grubbs and Ristenpart, Partitioning Oracle Attacks, USENIX Security 2021",
		"Dodis, Grubbs, Ristenpart and Woodage, Fast Message Franking: From Invisible Salamanders to "
		    "Encryptment, Crypto 2018" },
	    .fails = CHECK_ALONE "require: {freshness: none, peer-authenticity: none}\n"
		"stack: [encrypt: aes-256-gcm]\n"
		"keys:\n"
		"  data: {establish: none, secret: office}\n",
	    .passes = CHECK_ALONE "require: {freshness: none, peer-authenticity: none}\n"
		"stack: [encrypt: aes-256-gcm, mac: hmac-sha-256]\n"
		"keys:\n"
		"  data: {establish: none, secret: office}\n" },
	{ "SC509", 4, 'F', CHECK_IN_CONFIGURATION,
	    .attack = "A key that is computed from a small seed is one of few. The attacker computes all of them and "
		"tries. A browser took its seed from the time of day, Kerberos 4 did the same, and a distribution of "
		"Linux made keys from few seeds for years. No algorithm helps once the key can be guessed.",
	    .decision = "A key is created by 'seeded', and the session is not in the lab.",
	    .repair = "Use   create: random   , which is the default.",
	    .literature = {
		"Goldberg and Wagner, Randomness and the Netscape Browser, Dr. Dobb's Journal, January 1996",
		"Dole, Lodin and Spafford, Misplaced Trust: Kerberos 4 Session Keys, SNDSS 1997",
		"CVE-2008-0166 (Debian's OpenSSL)" },
	    .fails = "stack: [anti-replay: sequence, encrypt: {algorithm: aes-256-gcm, key: data}]\n"
		"keys:\n"
		"  data: {establish: dh, create: {method: seeded, seed: 77}, protect: [sign: ed25519]}\n",
	    .passes = "stack: [anti-replay: sequence, encrypt: {algorithm: aes-256-gcm, key: data}]\n"
		"keys:\n"
		"  data: {establish: dh, protect: [sign: ed25519]}\n" },
	{ "SC510", 4, 'D', CHECK_BY_DESIGN,
	    .title = "keys that are made one from the other",
	    .attack = "Each new key is computed from the one before. Whoever learns one, from a dump of memory or a "
		"stolen disk, computes all that follow. The peers go on and believe that new keys have healed the "
		"leak. Keys that are drawn afresh do not know each other.",
	    .decision = "What creates keys from a secret or from the key before, 'passphrase' and 'chain', mixes 32 "
		"new random bytes into each; no parameter leaves them out.",
	    .repair = "Nothing to configure: no stack of SecComm can do this." },
	{ "SC511", 6, 'I', CHECK_IN_CONFIGURATION,
	    .attack = "The attacker records everything and cannot read it. Years later it gets the pre-shared "
		"secret, or the private key under which session keys were sent. With that it opens the whole "
		"recording. An exchange of throw-away shares leaves nothing that could be stolen later.",
	    .decision = "'require' asks for forward secrecy, and the key of the data follows from what the ends "
		"keep.",
	    .repair = "Use   establish: dh   , with the secret or the signature to protect it.",
	    .fails = CHECK_ALONE "require: {forward-secrecy: modern}\n"
		"stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n"
		"keys:\n"
		"  data: {establish: psk, secret: office}\n",
	    .passes = CHECK_ALONE "require: {forward-secrecy: modern}\n"
		"stack: [anti-replay: sequence, encrypt: {algorithm: aes-256-gcm, key: data}]\n"
		"keys:\n"
		"  office: {establish: psk, secret: office}\n"
		"  data: {establish: dh, protect: [mac: hmac-sha-256]}\n" },
	{ "SC512", 2, 'F', CHECK_IN_CONFIGURATION,
	    .unmounted = "No session is composed of it, so there is no stack to attack.",
	    .attack = "A key that is too short for its algorithm would be filled up with bytes that everybody knows. "
		"One that is too long would be cut. A password as a key has far fewer values than its length says. "
		"Either way the attacker searches less than the file promises.",
	    .decision = "The size that a layer needs is compared with the one that its key has; a passphrase goes "
		"through Argon2id, which takes time and memory for each guess.",
	    .repair = "Use a key of the size that the finding prints, or let it be derived." },
	{ "SC513", 4, 'W', CHECK_IN_CONFIGURATION,
	    .attack = "A cipher may protect little under one key, as one with blocks of 64 bits does. On a datagram "
		"link new keys come at most every half minute, for the old ones must live until late messages are "
		"there. So there is a speed above which nothing goes. Whoever makes the application send more makes "
		"it wait. Nothing is read or forged by that.",
	    .decision = "The least limit of the stack's algorithms, divided by the time between new keys on a "
		"datagram link, is slower than links are.",
	    .repair = "Use an algorithm with a larger limit, such as encrypt: aes-256-gcm, or a stream link.",
	    .fails = CHECK_DATAGRAMS "require: {confidentiality: legacy}\n"
		"stack: [anti-replay: window, encrypt: 3des-ede-cbc, mac: hmac-sha-256]\n",
	    .passes = "require: {confidentiality: legacy}\n"
		"stack: [anti-replay: sequence, encrypt: 3des-ede-cbc, mac: hmac-sha-256]\n" },
	{ 0 },
};
