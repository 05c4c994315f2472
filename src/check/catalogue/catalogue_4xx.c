/* SPDX-License-Identifier: Apache-2.0 */
/* catalogue_4xx.c - rows of the catalogue: public keys.  See catalogue.h. */
#include "check/catalogue/catalogue.h"

#include <stddef.h>

const struct check_entry check_catalogue_4xx[] = {
	{ "SC401", 2, 'F', CHECK_BY_DESIGN,
	    .title = "RSA encryption without padding",
	    .attack = "RSA without padding turns equal texts into equal ciphertexts, and multiplies. A key of 8 "
		"bytes under exponent 3 comes out by a cube root. With any exponent, a short key that is a product "
		"of two halves is found by meeting in the middle. The paper writes RSA(data, key) and names no "
		"padding.",
	    .decision = "RSA encrypts in one way only: OAEP with SHA-256, of a fresh key of 32 bytes under which the "
		"message is sealed.",
	    .repair = "Nothing to configure: no stack of SecComm can do this.",
	    .literature = {
		"Boneh, Joux and Nguyen, Why Textbook ElGamal and RSA Encryption Are Insecure, Asiacrypt 2000" } },
	{ "SC402", 1, 'F', CHECK_BY_DESIGN,
	    .title = "RSA signatures without padding",
	    .attack = "Without padding every number is a signature of something. The attacker takes a random number, "
		"computes what it signs, and sends both. Two signatures multiplied give a third one. The receiver of "
		"Figure 4 decrypts with the public key and looks at nothing, so it accepts.",
	    .decision = "RSA signs in one way only: PSS with SHA-256 over the message and its context; a bare "
		"operation is not offered.",
	    .repair = "Nothing to configure: no stack of SecComm can do this." },
	{ "SC403", 1, 'D', CHECK_BY_DESIGN,
	    .title = "RSA encryption with the padding of PKCS #1 1.5",
	    .attack = "The receiver decrypts and looks whether the padding begins as it should. Each answer, error "
		"or delay tells the attacker whether its changed ciphertext did. Enough questions give the text. The "
		"attack is of 1998, and servers were still open to it in 2017 and in 2023. OAEP has a weak spot of "
		"the same kind, where errors can be told apart.",
	    .decision = "Only OAEP is offered, all failures are one failure, and a peer is never told which.",
	    .repair = "Nothing to configure: no stack of SecComm can do this.",
	    .literature = {
		"Bleichenbacher, Chosen Ciphertext Attacks Against Protocols Based on the RSA Encryption Standard "
		    "PKCS #1, Crypto 1998",
		"Manger, A Chosen Ciphertext Attack on RSA Optimal Asymmetric Encryption Padding (OAEP) as "
		    "Standardized in PKCS #1 v2.0, Crypto 2001",
		"CVE-2017-13099 (ROBOT), CVE-2022-4304",
		"Kario, Everlasting ROBOT: the Marvin Attack, ESORICS 2023" } },
	{ "SC404", 2, 'W', CHECK_BY_DESIGN,
	    .title = "RSA signatures with the padding of PKCS #1 1.5",
	    .attack = "The padding is fixed bytes and a structure around the digest. Checkers that read it, and do "
		"not compare it whole, accept bytes of the attacker's in between. With exponent 3 a cube root then "
		"is a signature. Browsers and servers accepted forged certificates so.",
	    .decision = "Only PSS is offered, and the length of its salt is checked.",
	    .repair = "Nothing to configure: no stack of SecComm can do this.",
	    .literature = {
		"CVE-2006-4339, CVE-2014-1568" } },
	{ "SC405", 2, 'D', CHECK_BY_DESIGN,
	    .title = "one RSA key that signs and decrypts",
	    .attack = "Signing and decrypting are one operation of RSA. If one key does both, who can have things "
		"signed can have things decrypted, and the other way round. In IPsec an old way of encrypting was "
		"used to forge the signatures of a new one, for both used the same key. Each use alone was thought "
		"safe.",
	    .decision = "The text of a private key says what it is for, and a key is loaded for that purpose only.",
	    .repair = "Make a key for each purpose with 'seccomm key gen'.",
	    .literature = {
		"Felsch et al., The Dangers of Key Reuse: Practical Attacks on IPsec IKE, USENIX Security 2018" } },
	{ "SC406", 6, 'D', CHECK_BY_DESIGN,
	    .title = "a signed message that is handed on",
	    .attack = "Alice signs a text and encrypts it to Bob. Bob decrypts it, keeps the signature, and encrypts "
		"the text to Carol. Carol sees a message of Alice's, signed and encrypted to her. Alice never wrote "
		"to Carol, and what she wrote may mean something else to her.",
	    .decision = "Every signature covers the keys of the signer and of the recipient, the session, the "
		"direction and the number of the message.",
	    .repair = "Nothing to configure: no stack of SecComm can do this.",
	    .literature = {
		"Davis, Defective Sign & Encrypt in S/MIME, PKCS#7, MOSS, PEM, PGP, and XML, USENIX Annual Technical "
		    "Conference 2001" } },
	{ "SC407", 6, 'D', CHECK_IN_CONFIGURATION,
	    .title = "a signature around a ciphertext",
	    .attack = "Somebody encrypts a bid to the auctioneer and signs the ciphertext. The attacker takes the "
		"signature off and puts its own one on. The auctioneer decrypts a bid that seems to be the "
		"attacker's, who never knew its text. As evidence it is worth little, for what was signed cannot be "
		"read. The signer may even not have known what is inside.",
	    .decision = "A signature stands outside an encryption to a public key that nothing inside ties to the "
		"sender.",
	    .repair = "Sign first, then encrypt, and authenticate outside:   sign, encrypt: rsa, mac   .",
	    .literature = {
		"Anderson and Needham, Robustness Principles for Public Key Protocols, Crypto 1995",
		"An, Dodis and Rabin, On the Security of Joint Signature and Encryption, Eurocrypt 2002" },
	    .fails = "stack: [anti-replay: sequence, encrypt: rsa, sign: ed25519]\n",
	    .passes = "stack: [anti-replay: sequence, sign: ed25519, encrypt: rsa, mac: hmac-sha-256]\n" },
	{ "SC408", 3, 'D', CHECK_BY_DESIGN,
	    .title = "evidence that does not say to whom and when",
	    .attack = "A signature over the text alone proves that somebody once signed it. It can be shown again "
		"for another day, another receiver, another contract. With some algorithms a second key can even be "
		"made under which the same signature fits. A judge cannot tell what happened. Evidence must contain "
		"its circumstances.",
	    .decision = "What is signed begins with the purpose, both keys, the context of the session, the "
		"direction and the number of the message.",
	    .repair = "Nothing to configure: no stack of SecComm can do this.",
	    .literature = {
		"Blake-Wilson and Menezes, Unknown Key-Share Attacks on the Station-to-Station (STS) Protocol, PKC "
		    "1999",
		"Jackson, Cremers, Cohn-Gordon and Sasse, Seems Legit: Automated Analysis of Subtle Attacks on "
		    "Protocols that Use Signatures, ACM CCS 2019" } },
	{ "SC409", 7, 'D', CHECK_NOT_YET,
	    .title = "evidence that is stored before it is checked",
	    .attack = "In the paper NonRepudiation writes a message down before the last layer has verified it. "
		"Anybody can send messages that do not verify. Each of them takes room on the disk, and the log "
		"fills up with what proves nothing. When the disk is full, true evidence is lost.",
	    .decision = "There is no layer yet that stores evidence. The runtime is ready for it: what a layer "
		"changes, it changes only when all layers have passed.",
	    .repair = "Nothing to configure: no stack of SecComm can do this." },
	{ "SC410", 6, 'D', CHECK_BY_DESIGN,
	    .title = "a true signature of the wrong person",
	    .attack = "A message says who signed it, and the receiver looks that key up. The signature is right, but "
		"the signer is not one of those who take part here. Every holder of any known key can so join any "
		"session. The receiver asked whether somebody signed, not whether the right one did.",
	    .decision = "A session's peers are named in its configuration. An opening from any other key is not "
		"answered, and no message of a session may be signed by another key than the one that opened it.",
	    .repair = "Keep 'peers' as short as it can be.",
	    .literature = {
		"Lowe, Breaking and Fixing the Needham-Schroeder Public-Key Protocol Using FDR, TACAS 1996" } },
	{ "SC411", 1, 'D', CHECK_IN_CONFIGURATION,
	    .title = "encryption to a public key as the only protection",
	    .attack = "A public key is public. Whoever has it encrypts what it likes, and the owner decrypts it. "
		"Encryption to a key says who may read, and nothing about who wrote. The receiver who takes it for "
		"authentic obeys anybody.",
	    .decision = "A layer encrypts to a public key, and nothing authenticates around it.",
	    .repair = "Put   sign: ed25519   behind it.",
	    .fails = "stack: [anti-replay: sequence, encrypt: rsa]\n",
	    .passes = "stack: [anti-replay: sequence, encrypt: rsa, sign: ed25519]\n" },
	{ "SC412", 2, 'W', CHECK_AT_RUNTIME,
	    .title = "a weak key pair",
	    .attack = "Moduli under 2048 bits, made by a faulty chip or with a factor in common with another one, "
		"can be factored. A signature that was computed with an error gives the key away by one greatest "
		"common divisor; a study found keys of SSH servers by watching alone. Whoever has the private key is "
		"its owner to everybody.",
	    .decision = "Keys under 2048 bits are refused when they are loaded; 'seccomm key gen' makes 3072 bits "
		"with a common exponent.",
	    .repair = "Make a new key with 'seccomm key gen NAME --algorithm rsa-3072', or use Ed25519.",
	    .literature = {
		"CVE-2017-15361 (ROCA)",
		"Boneh, DeMillo and Lipton, On the Importance of Checking Cryptographic Protocols for Faults, "
		    "Eurocrypt 1997",
		"Ryan, He, Sullivan and Heninger, Passive SSH Key Compromise via Lattices, ACM CCS 2023" } },
	{ "SC413", 6, 'W', CHECK_BY_DESIGN,
	    .title = "a share that makes the secret known",
	    .attack = "The attacker sends a share of small order. Whatever the other end multiplies it by, only a "
		"few results are possible; with zero there is one. The secret is known to everybody, and the "
		"exchange still succeeds. Unknown or small groups leak parts of a key that is used again. Leading "
		"zeros that are cut off can be measured.",
	    .decision = "Groups come from a fixed list, shares are checked, an all-zero result is refused, results "
		"have a fixed length, and a share is used once.",
	    .repair = "Nothing to configure: no stack of SecComm can do this.",
	    .literature = {
		"CVE-2016-0701 (small subgroups), CVE-2020-1968 (Raccoon)",
		"CVE-2015-4000 (Logjam)" } },
	{ "SC414", 8, 'W', CHECK_IN_CONFIGURATION,
	    .attack = "ML-KEM is young. A weakness in it, or in how a library computes it, opens all that rests on "
		"it alone; divisions that took longer for some secrets were found in several. What was recorded "
		"until then is read later. Joined to X25519 in a careless way, the pair can be weaker than either. "
		"With both in one derivation, both would have to be broken.",
	    .decision = "A key rests on an encapsulation by ML-KEM alone. The choice with x25519 in its name derives "
		"from both secrets, and every share and ciphertext is part of the transcript that keys come from.",
	    .repair = "Write   mechanism: x25519-ml-kem-768   .",
	    .literature = {
		"Cremers, Dax and Medinger, Keeping Up with the KEMs: Stronger Security Notions for KEMs and "
		    "Automated Analysis of KEM-based Protocols, 2023" } },
	{ "SC415", 1, 'I', CHECK_IN_CONFIGURATION,
	    .attack = "Both ends have the key of a MAC or an AEAD. The receiver can so make any message that the "
		"sender could, and show it to a judge. The sender can deny a true one with the same right. Only a "
		"signature over the text, by a key that one side has, tells them apart.",
	    .decision = "'require' asks for non-repudiation, and no signature covers the readable text of the "
		"message in one direction at least.",
	    .repair = "Put   sign: ed25519   before the layer that encrypts.",
	    .fails = "require: {non-repudiation: modern}\n"
		"stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n",
	    .passes = "require: {non-repudiation: modern}\n"
		"stack: [anti-replay: sequence, sign: ed25519, encrypt: aes-256-gcm]\n" },
	{ 0 },
};
