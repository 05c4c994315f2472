/* SPDX-License-Identifier: Apache-2.0 */
/* catalogue_1xx.c - rows of the catalogue: structure and attributes.  See catalogue.h. */
#include "check/catalogue/catalogue.h"

#include <stddef.h>

const struct check_entry check_catalogue_1xx[] = {
	{ "SC101", 10, 'F', CHECK_IN_CONFIGURATION,
	    .unmounted = "No session is composed of it, so there is no stack to attack.",
	    .attack = "Layers run by their order, and the receiver runs them backwards. Two of one order could run "
		"either way round, and the two ends could differ. Then a layer that is meant to be outermost may be "
		"inside, and what it should check is not checked. A place that a number does not settle is no place.",
	    .decision = "Orders on one lane and direction must differ and lie between 1 and 999. Without 'order' the "
		"place in the list decides.",
	    .repair = "Give the two layers different orders, or leave 'order' out.",
	    .fails = "stack: [anti-replay: {method: sequence, order: 20}, encrypt: aes-256-gcm]\n",
	    .passes = "stack: [anti-replay: {method: sequence, order: 5}, encrypt: aes-256-gcm]\n" },
	{ "SC102", 6, 'F', CHECK_BY_DESIGN,
	    .title = "two ends that do not run the same stack",
	    .attack = "Each end has its own file. An attacker who can change one of them, or who sits between two "
		"ends that negotiate, makes them use less than either wants. FREAK and Logjam led both ends of TLS "
		"to keys of 512 bits so, which were then computed. A check that only one end makes is not made for "
		"the other direction.",
	    .decision = "No end negotiates. The digest of the resolved configuration opens every exchange and is "
		"part of what all keys are derived from, so ends that differ have no common key; known peers are "
		"told what differs.",
	    .repair = "Give both ends the same stack, keys and parameters; the log shows the difference line by "
		"line.",
	    .literature = {
		"CVE-2015-0204 (FREAK): Beurdouche et al., A Messy State of the Union, IEEE Symposium on Security "
		    "and Privacy 2015",
		"CVE-2015-4000 (Logjam): Adrian et al., Imperfect Forward Secrecy: How Diffie-Hellman Fails in "
		    "Practice, ACM CCS 2015" } },
	{ "SC103", 10, 'F', CHECK_IN_CONFIGURATION,
	    .unmounted = "No session is composed of it, so there is no stack to attack.",
	    .attack = "A layer may work on what another one makes: a signature on a digest, a digest on a number. If "
		"that other layer is missing, it would sign or check nothing. The message still looks signed. TR "
		"99-08 draws these needs in its Figure 8, and leaves it to the author to meet them.",
	    .decision = "Each table says what it needs and what it provides; a need that nothing meets is refused, "
		"for keys as well.",
	    .repair = "Add the layer or the key that the finding names before the one that needs it.",
	    .fails = "stack: [anti-replay: sequence, protect-digest: ed25519, encrypt: aes-256-gcm]\n",
	    .passes = "stack: [anti-replay: sequence, digest: sha-256, protect-digest: ed25519, encrypt:"
		" aes-256-gcm]\n" },
	{ "SC104", 8, 'F', CHECK_IN_CONFIGURATION,
	    .title = "layers that undo each other",
	    .attack = "Two additive ciphers whose shifts add up to 256, or the same bytes of a pad taken twice, give back the "
		"plaintext. Each layer alone looks like protection, and the pair sends everything readable. The "
		"attacker only has to read the wire. The file still shows two ciphers.",
	    .decision = "The shifts of all additive toys in a lane are added up, modulo 256, and pads are counted; a "
		"sum of nothing is refused.",
	    .repair = "Take one of the two layers out, or use a real cipher.",
	    .fails = "require: {confidentiality: toy}\n"
		"stack: [anti-replay: sequence, encrypt: {algorithm: caesar, shift: 100}, encrypt: {algorithm:"
		" caesar, shift: 156}, mac: hmac-sha-256]\n",
	    .passes = "require: {confidentiality: toy}\n"
		"stack: [anti-replay: sequence, encrypt: {algorithm: caesar, shift: 100}, mac: hmac-sha-256]\n" },
	{ "SC105", 3, 'F', CHECK_BY_DESIGN,
	    .title = "a check that is only made when something is there",
	    .attack = "The attacker takes the digest or the signature off a message. A receiver that checks it only "
		"if it is present then checks nothing, and accepts. Libraries for web tokens were broken so: a "
		"header said that there is no algorithm, and the check was left out. What must be there may never be "
		"the message's own choice.",
	    .decision = "Both ends compute the layout of every message from the configuration. Nothing on the wire "
		"is optional, so a part that is missing makes the lengths wrong, and the message is refused.",
	    .repair = "Nothing to configure: no stack of SecComm can do this.",
	    .literature = {
		"CVE-2015-9235 (a token library that accepted another algorithm than the one expected)" } },
	{ "SC106", 3, 'F', CHECK_BY_DESIGN,
	    .title = "a peer's attribute that passes for one of this machine",
	    .attack = "The receiver keeps what it has found out about a message beside what the message says: who "
		"sent it, under which key. If both live under the same names, the sender can write the first by "
		"adding it to the second. A message then says about itself that the administrator sent it. No key is "
		"needed for that.",
	    .decision = "Attributes have numbered columns with a scope. What travels is exactly the list that the "
		"configuration computes, and nothing a peer sends can reach a column of this machine.",
	    .repair = "Nothing to configure: no stack of SecComm can do this." },
	{ "SC107", 3, 'D', CHECK_BY_DESIGN,
	    .title = "something that is believed and not authenticated",
	    .attack = "A receiver acts on more than the text: on lengths, numbers, epochs, names. If the outermost "
		"check does not cover one of them, an attacker turns it and the rest still verifies. The length "
		"field of SSH, enciphered but used before it was checked, gave away plaintext. What is meant must be "
		"authenticated, not only what is said.",
	    .decision = "The whole header, every clear attribute and the implicit sequence of a stream are input of "
		"every layer that authenticates.",
	    .repair = "Nothing to configure: no stack of SecComm can do this.",
	    .literature = {
		"Wagner and Schneier, Analysis of the SSL 3.0 Protocol, USENIX Workshop on Electronic Commerce 1996",
		"CVE-2008-5161: Albrecht, Paterson and Watson, Plaintext Recovery Attacks Against SSH, IEEE "
		    "Symposium on Security and Privacy 2009" } },
	{ "SC108", 3, 'D', CHECK_BY_DESIGN,
	    .title = "compression inside encryption",
	    .attack = "Compressing makes a message shorter where it repeats itself. An attacker who has some of its "
		"text chosen watches the length: it is shortest where the guess equals a secret beside it. Byte by "
		"byte the secret comes out, though every message is encrypted. CRIME and BREACH took cookies and "
		"tokens out of HTTPS so.",
	    .decision = "No layer compresses. What an application compresses itself, SecComm does not see.",
	    .repair = "Do not compress secrets together with what others can choose.",
	    .literature = {
		"Kelsey, Compression and Information Leakage of Plaintext, FSE 2002",
		"CVE-2012-4929 (CRIME), CVE-2013-3587 (BREACH)" } },
	{ "SC109", 8, 'I', CHECK_IN_CONFIGURATION,
	    .title = "a layer that adds nothing",
	    .attack = "A toy cipher, a hidden image or a fixed check in a stack looks like one more wall. None of "
		"them stops anybody: a shift has 256 keys, and a fixed check is known to all. TR 99-08 says that "
		"trivial methods may enhance DES considerably; nothing supports that. Who counts such layers "
		"believes in more than there is.",
	    .decision = "Levels of toys are below everything that 'require' asks by default, and never raise the "
		"level of a better layer beside them.",
	    .repair = "Leave the layer in for play if you like; do not count on it.",
	    .fails = "stack: [anti-replay: sequence, encrypt: caesar, encrypt: aes-256-gcm]\n",
	    .passes = "stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n" },
	{ "SC110", 3, 'D', CHECK_BY_DESIGN,
	    .title = "a digest or signature that fits two messages",
	    .attack = "If fields are joined without their lengths, \"ab\" and \"c\" look like \"a\" and \"bc\". A "
		"signature over the one fits the other. An attacker moves bytes from one field to the next, and what "
		"was signed means something else. The algorithm is not even touched.",
	    .decision = "Packing is injective: fixed fields at known offsets, then variable ones each with its "
		"length, and the sum must be exact.",
	    .repair = "Nothing to configure: no stack of SecComm can do this." },
	{ "SC113", 10, 'F', CHECK_IN_CONFIGURATION,
	    .unmounted = "No session is composed of it, so there is no stack to attack.",
	    .attack = "Two layers that use one attribute in different sizes, or where one takes away what the other "
		"one reads, do not fit. One of them would work on bytes that mean something else. A check that "
		"compares the wrong bytes is no check. Such a stack must not run.",
	    .decision = "The composer lays out all attributes of a lane, and tells where two of them clash.",
	    .repair = "Give the layers different names, or take one out." },
	{ "SC114", 10, 'F', CHECK_IN_CONFIGURATION,
	    .unmounted = "No session is composed of it, so there is no stack to attack.",
	    .attack = "Every table and buffer has a size that is set when a session is composed. More layers, keys "
		"or bytes than that cannot be held. To leave some of them out would leave out protection. So the "
		"whole session is refused.",
	    .decision = "The limits are 30 keys, 32 layers in a lane, and what a datagram can carry.",
	    .repair = "Take out what is not needed, or split the session.",
	    .fails = "stack: \"sign:ed25519 | sign:ed25519 | sign:ed25519 | sign:ed25519 | sign:ed25519 |"
		" sign:ed25519 | sign:ed25519 | sign:ed25519 | sign:ed25519 | sign:ed25519 | sign:ed25519 |"
		" sign:ed25519 | sign:ed25519 | sign:ed25519 | sign:ed25519 | sign:ed25519 | sign:ed25519 |"
		" sign:ed25519 | sign:ed25519 | sign:ed25519 | sign:ed25519 | sign:ed25519 | sign:ed25519 |"
		" sign:ed25519 | sign:ed25519 | sign:ed25519 | sign:ed25519 | sign:ed25519 | sign:ed25519 |"
		" sign:ed25519 | sign:ed25519 | sign:ed25519 | sign:ed25519\"\n",
	    .passes = "stack: \"anti-replay:sequence | sign:ed25519 | encrypt:aes-256-gcm\"\n" },
	{ "SC115", 10, 'W', CHECK_IN_CONFIGURATION,
	    .attack = "A key that nobody uses was meant for something. Perhaps a layer names another key, one that "
		"is weaker or shared with others. Making it costs time at every opening, and its secret lies about "
		"for nothing. An attacker gains most where the author thinks that this key protects the data.",
	    .decision = "The users of every key are counted.",
	    .repair = "Name the key in the layer that it is meant for, or take it out.",
	    .fails = "stack: [anti-replay: sequence, encrypt: {algorithm: aes-256-gcm, key: data}]\n"
		"keys:\n"
		"  data: {establish: dh, protect: [sign: ed25519]}\n"
		"  more: {establish: dh, protect: [sign: ed25519]}\n",
	    .passes = "stack: [anti-replay: sequence, encrypt: {algorithm: aes-256-gcm, key: data}]\n"
		"keys:\n"
		"  data: {establish: dh, protect: [sign: ed25519]}\n" },
	{ "SC120", 10, 'F', CHECK_IN_CONFIGURATION,
	    .unmounted = "No session is composed of it, so there is no stack to attack.",
	    .attack = "The runtime builds every session once before it is allowed to open. If that fails, something "
		"holds that no other rule has foreseen. To run the rest of it would be to guess. So the session is "
		"refused with what the runtime says.",
	    .decision = "The checker asks the composer that the runtime itself uses.",
	    .repair = "Follow what the finding says; if it says nothing that helps, report it as a fault of the "
		"program." },
	{ 0 },
};
