/* SPDX-License-Identifier: Apache-2.0 */
/* catalogue_2xx.c - rows of the catalogue: encryption.  See catalogue.h. */
#include "check/catalogue/catalogue.h"

#include <stddef.h>

const struct check_entry check_catalogue_2xx[] = {
	{ "SC201", 1, 'D', CHECK_IN_CONFIGURATION,
	    .attack = "The attacker has no key and changes the ciphertext. With CBC, a bit turned in one block turns "
		"the same bit of the next one; with the IV it turns the first block. The receiver deciphers and acts "
		"on it, for nothing tells it from the truth. With answers or errors to watch, the attacker even "
		"reads by trying. Encryption alone was broken so in IPsec, in Kerberos 4 and elsewhere.",
	    .decision = "The outermost layer of the lane encrypts and does not authenticate, and nothing inside it "
		"does.",
	    .repair = "Put a MAC behind the cipher, or use an AEAD such as encrypt: aes-256-gcm, which does both.",
	    .literature = {
		"Bellovin, Problem Areas for the IP Security Protocols, USENIX Security 1996",
		"Paterson and Yau, Eurocrypt 2006, on encryption without integrity in IPsec",
		"Yu, Hartman and Raeburn, The Perils of Unauthenticated Encryption: Kerberos Version 4, NDSS 2004",
		"RFC 8221" },
	    .fails = "stack: [anti-replay: sequence, encrypt: aes-256-cbc]\n",
	    .passes = "stack: [anti-replay: sequence, encrypt: aes-256-cbc, mac: hmac-sha-256]\n" },
	{ "SC202", 1, 'D', CHECK_IN_CONFIGURATION,
	    .title = "a stream cipher or a pad without authentication",
	    .attack = "A stream cipher and a one-time pad add a secret to the text, byte by byte. Who turns a bit of "
		"the ciphertext turns that bit of the text and no other. The attacker who knows where the amount "
		"stands changes it, without the key and without a trace. A pad hides for good, and does not help "
		"against this at all. The first protection of wireless networks fell to it.",
	    .decision = "A layer that adds a stream, a pad or a shift has nothing around it that authenticates.",
	    .repair = "Put a MAC behind it; behind a pad   mac: {algorithm: one-time-poly1305}   with the same pad.",
	    .literature = {
		"Borisov, Goldberg and Wagner, Intercepting Mobile Communications: The Insecurity of 802.11, MobiCom "
		    "2001" },
	    .fails = "stack: [anti-replay: sequence, encrypt: aes-256-ctr]\n",
	    .passes = "stack: [anti-replay: sequence, encrypt: aes-256-ctr, mac: hmac-sha-256]\n" },
	{ "SC203", 1, 'D', CHECK_IN_CONFIGURATION,
	    .title = "a digest that is only hidden by a stream",
	    .attack = "A digest without a secret stands inside a stream cipher, and is taken for a check. Who knows "
		"the text knows its digest, for everybody can compute it. Both are XORed with the stream, so both "
		"can be turned into another text and its digest. The receiver finds that they fit. With a shift "
		"cipher one known byte gives the key away as well.",
	    .decision = "A digest without a secret inside a layer that only adds, and nothing around that "
		"authenticates.",
	    .repair = "Put a keyed MAC outside the cipher, or use an AEAD.",
	    .literature = {
		"Borisov, Goldberg and Wagner, Intercepting Mobile Communications: The Insecurity of 802.11, MobiCom "
		    "2001",
		"CVE-1999-1085 (insertion into SSH 1, which relied on an encrypted CRC-32)" },
	    .fails = "stack: [anti-replay: sequence, digest: sha-256, encrypt: aes-256-ctr]\n",
	    .passes = "stack: [anti-replay: sequence, digest: sha-256, encrypt: aes-256-ctr, mac: hmac-sha-256]\n" },
	{ "SC204", 1, 'D', CHECK_IN_CONFIGURATION,
	    .attack = "The digest is inside the encryption, but it has no secret. The attacker gets the victim to "
		"send a text that holds a whole message with its digest in the middle. CBC blocks stand on their "
		"own, so that part can be cut out of the ciphertext. Sent alone, with the block before it as its IV, "
		"it deciphers to the attacker's message, and the digest fits. Encryption with redundancy does not "
		"authenticate.",
	    .decision = "A digest without a secret inside a cipher, and nothing around that authenticates.",
	    .repair = "Put a keyed MAC outside the cipher, or use an AEAD.",
	    .literature = {
		"An and Bellare 2001, on encryption with redundancy" },
	    .fails = "stack: [anti-replay: sequence, digest: sha-256, encrypt: aes-256-cbc]\n",
	    .passes = "stack: [anti-replay: sequence, digest: sha-256, encrypt: aes-256-cbc, mac: hmac-sha-256]\n" },
	{ "SC205", 1, 'D', CHECK_IN_CONFIGURATION,
	    .title = "a fixed check in place of authentication",
	    .attack = "A consistency check is a text that everybody knows, at a known place of the message. The "
		"receiver looks whether it is still there after deciphering. The attacker changes other bytes and "
		"leaves these alone, so the check stays right. Worse, the answer to the check is a sign that an "
		"attacker can ask for, as with the quick check of OpenPGP. It finds accidents, not attackers.",
	    .decision = "The only layer that checks anything is 'consistency'.",
	    .repair = "Put a keyed MAC outside the cipher, or use an AEAD; the check may stay.",
	    .literature = {
		"An and Bellare 2001, on encryption with redundancy",
		"Mister and Zuccherato, An Attack on CFB Mode Encryption as Used by OpenPGP, 2005 (ePrint 2005/033)",
		"CVE-2017-17688 (EFAIL)" },
	    .fails = "stack: [anti-replay: sequence, consistency: fixed, encrypt: aes-256-ctr]\n",
	    .passes = "stack: [anti-replay: sequence, consistency: fixed, encrypt: aes-256-ctr, mac: hmac-sha-256]\n" },
	{ "SC206", 1, 'D', CHECK_IN_CONFIGURATION,
	    .attack = "The MAC is inside the cipher, so the receiver deciphers and takes the padding off before it "
		"can check anything. The attacker sends a block with other bytes before it, again and again. Whether "
		"the padding was right shows in an error, in a time or in a log. Some 128 questions give a byte, and "
		"a whole block follows. TLS had to be repaired for this several times.",
	    .decision = "A block cipher stands outside the MAC of the same lane, in at least one direction.",
	    .repair = "Swap the two layers: first the cipher, then the MAC around it.",
	    .literature = {
		"Vaudenay, Security Flaws Induced by CBC Padding, Eurocrypt 2002",
		"CVE-2014-3566 (POODLE)",
		"CVE-2013-0169: AlFardan and Paterson, Lucky Thirteen: Breaking the TLS and DTLS Record Protocols, "
		    "IEEE Symposium on Security and Privacy 2013",
		"Krawczyk, The Order of Encryption and Authentication for Protecting Communications, Crypto 2001",
		"Degabriele and Paterson, On the (In)Security of IPsec in MAC-then-Encrypt Configurations, ACM CCS "
		    "2010",
		"RFC 7366" },
	    .fails = "stack: [anti-replay: sequence, mac: hmac-sha-256, encrypt: aes-256-cbc]\n",
	    .passes = "stack: [anti-replay: sequence, encrypt: aes-256-cbc, mac: hmac-sha-256]\n" },
	{ "SC207", 3, 'D', CHECK_BY_DESIGN,
	    .title = "a digest of the plaintext in the open",
	    .attack = "A digest or MAC of the plaintext travels beside the ciphertext. Two equal messages have equal "
		"digests, so an observer sees that they are equal. A short text, such as yes or no, is found by "
		"computing the digest of each guess. Encryption was meant to hide just that. Encrypt-and-MAC gives "
		"no privacy in general.",
	    .decision = "A layer works on what the layers before it have made: a digest or MAC in front of a cipher "
		"is encrypted by it, and one behind it covers the ciphertext. None stands beside it.",
	    .repair = "Nothing to configure: no stack of SecComm can do this.",
	    .literature = {
		"Krawczyk, The Order of Encryption and Authentication for Protecting Communications, Crypto 2001",
		"Bellare and Namprempre, Authenticated Encryption: Relations among Notions, Asiacrypt 2000" } },
	{ "SC208", 4, 'D', CHECK_BY_DESIGN,
	    .title = "an IV that can be foreseen",
	    .attack = "CBC with an IV that is constant, counted or the last block of the message before. Equal "
		"beginnings of messages then have equal ciphertexts. An attacker who can have a text sent knows the "
		"next IV, and tests a guess about an earlier block. BEAST read cookies of TLS 1.0 so, byte by byte. "
		"The cipher itself is not broken.",
	    .decision = "Every message in CBC has an IV of its own, fresh from the system's generator; no parameter "
		"changes that.",
	    .repair = "Nothing to configure: no stack of SecComm can do this.",
	    .literature = {
		"CVE-2011-3389 (BEAST)" } },
	{ "SC209", 4, 'D', CHECK_IN_CONFIGURATION,
	    .unmounted = "It takes some 2^32 blocks under one key, and the library stops at its limit long before, whatever a configuration says.",
	    .title = "a 64-bit block cipher without a limit",
	    .attack = "Blocks of 64 bits repeat by chance after some 2^32 of them. Where two blocks of CBC "
		"ciphertext are equal, the XOR of two plaintext blocks is known. An attacker who records enough of "
		"one connection, and knows part of it, reads secrets that come again and again. Sweet32 took cookies "
		"out of Triple-DES traffic so. The remedy is a new key in time.",
	    .decision = "A cipher with blocks of 64 bits protects at most 2^20 blocks under one key, which are 8 "
		"MiB. A 'rekey' above that is refused; without one, new keys come in time.",
	    .repair = "Write   rekey: {bytes: 8MiB}   or less, or use AES.",
	    .by = "SC507",
	    .literature = {
		"CVE-2016-2183 (Sweet32): Bhargavan and Leurent, On the Practical (In-)Security of 64-bit Block "
		    "Ciphers, ACM CCS 2016" },
	    .fails = "require: {confidentiality: legacy}\n"
		"rekey: {bytes: 1GiB}\n"
		"stack: [anti-replay: sequence, encrypt: 3des-ede-cbc, mac: hmac-sha-256]\n",
	    .passes = "require: {confidentiality: legacy}\n"
		"rekey: {bytes: 8MiB}\n"
		"stack: [anti-replay: sequence, encrypt: 3des-ede-cbc, mac: hmac-sha-256]\n" },
	{ "SC210", 9, 'D', CHECK_IN_CONFIGURATION,
	    .attack = "DES has 2^56 keys. A machine of 1998 tried them all in days, and rented hardware does it "
		"today. The attacker records a message of which one block is known, and tries keys until it fits. "
		"Then all traffic under that key is open, old and new. Other legacy ciphers have known weaknesses of "
		"their own.",
	    .decision = "The best cipher around the data is legacy or broken, and 'require' asks for more.",
	    .repair = "Use encrypt: aes-256-gcm or encrypt: chacha20-poly1305, or say   require: {confidentiality: "
		"legacy}   if the old cipher must do.",
	    .literature = {
		"RFC 4772",
		"Biham, How to Forge DES-Encrypted Messages in 2^28 Steps, 1996" },
	    .fails = "stack: [anti-replay: sequence, encrypt: des-cbc, mac: hmac-sha-256]\n",
	    .passes = "stack: [anti-replay: sequence, encrypt: aes-256-cbc, mac: hmac-sha-256]\n" },
	{ "SC211", 9, 'D', CHECK_IN_CONFIGURATION,
	    .attack = "A shift has 256 keys, and a table of letters keeps how often each of them comes. The attacker "
		"tries the keys by hand, counts letters, or has one message of its own choice sent. It reads "
		"everything after that. A toy shows how a layer works; it hides nothing.",
	    .decision = "The best cipher around the data is a toy, and 'require' asks for more.",
	    .repair = "Use encrypt: aes-256-gcm or encrypt: chacha20-poly1305.",
	    .fails = "stack: [anti-replay: sequence, encrypt: caesar, mac: hmac-sha-256]\n",
	    .passes = "stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n" },
	{ "SC212", 8, 'W', CHECK_IN_CONFIGURATION,
	    .title = "two equal ciphers that are as strong as one",
	    .attack = "Two layers of DES with two keys look like 112 bits. The attacker has one block and its "
		"ciphertext. It enciphers the block with every first key, deciphers the ciphertext with every second "
		"key, and looks where they meet. That is two searches of 56 bits and a table, not one of 112. TR "
		"99-08 names this itself.",
	    .decision = "Two block ciphers of one kind stand in a lane.",
	    .repair = "Use encrypt: 3des-ede-cbc if it must be DES, or better AES.",
	    .literature = {
		"Merkle and Hellman, On the Security of Multiple Encryption, Communications of the ACM 24(7), 1981" },
	    .fails = "require: {confidentiality: legacy}\n"
		"stack: [anti-replay: sequence, encrypt: des-cbc, encrypt: des-cbc, mac: hmac-sha-256]\n",
	    .passes = "require: {confidentiality: legacy}\n"
		"stack: [anti-replay: sequence, encrypt: 3des-ede-cbc, mac: hmac-sha-256]\n" },
	{ "SC213", 8, 'D', CHECK_IN_CONFIGURATION,
	    .title = "three layers of DES that are not Triple DES",
	    .attack = "Triple DES runs three ciphers inside one chain. Three layers of DES-CBC have a chain each, "
		"and the inner chains can be steered and watched from outside. An attacker with chosen ciphertexts "
		"separates the three keys and searches each of them alone. That costs little more than breaking DES. "
		"The three names in the file promise much more.",
	    .decision = "Three chained block ciphers stand in a lane.",
	    .repair = "Use encrypt: 3des-ede-cbc, which has one chain, or better AES.",
	    .literature = {
		"Biham 1994, 1996 and 1998, on multiple modes of operation" },
	    .fails = "require: {confidentiality: legacy}\n"
		"stack: [anti-replay: sequence, encrypt: des-cbc, encrypt: des-cbc, encrypt: des-cbc, mac:"
		" hmac-sha-256]\n",
	    .passes = "require: {confidentiality: legacy}\n"
		"stack: [anti-replay: sequence, encrypt: 3des-ede-cbc, mac: hmac-sha-256]\n" },
	{ "SC214", 8, 'I', CHECK_IN_CONFIGURATION,
	    .title = "several ciphers, of which one counts",
	    .attack = "Several ciphers one inside the other are at least as strong as the first of them, the "
		"innermost. They need not be stronger than that, and with one key for all they may even be weaker. "
		"The paper hopes for the sum of all; nobody can promise it. An attacker who can break the innermost "
		"one for some reason may find the others in the way, or not.",
	    .decision = "The level of a cascade is the best one of its layers, whose keys are derived apart from "
		"each other; further ones are not added.",
	    .repair = "Nothing must change. Take the slower layer out if you do not need it as a second opinion.",
	    .literature = {
		"Even and Goldreich, On the Power of Cascade Ciphers, ACM Transactions on Computer Systems 3(2), "
		    "1985",
		"Maurer and Massey, Cascade Ciphers: The Importance of Being First, Journal of Cryptology 6(1), 1993" },
	    .fails = "stack: [anti-replay: sequence, encrypt: aes-256-gcm, encrypt: chacha20-poly1305]\n",
	    .passes = "stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n" },
	{ "SC215", 9, 'D', CHECK_IN_CONFIGURATION,
	    .title = "a cipher in ECB mode",
	    .attack = "ECB enciphers each block by itself, so equal blocks look equal. An observer sees where a text "
		"repeats itself, and the outline of a picture. An attacker who can have text sent beside a secret "
		"puts guesses in front of it, and sees when the blocks agree. It also moves whole blocks from one "
		"message to another. No key is needed for any of it.",
	    .decision = "The word of a cipher layer ends in -ecb.",
	    .repair = "Use the same cipher in CBC with a MAC around it, or an AEAD.",
	    .fails = "require: {confidentiality: legacy}\n"
		"stack: [anti-replay: sequence, encrypt: des-ecb, mac: hmac-sha-256]\n",
	    .passes = "require: {confidentiality: legacy}\n"
		"stack: [anti-replay: sequence, encrypt: des-cbc, mac: hmac-sha-256]\n" },
	{ "SC216", 1, 'F', CHECK_BY_DESIGN,
	    .title = "failures that look different on the network",
	    .attack = "The attacker sends changed messages and watches what happens. If a wrong padding is answered "
		"in another way than a wrong digest, each message answers a question about the plaintext. An error "
		"code, a closed connection or a measurable time is enough. Many small answers make the whole text. "
		"Every system with two answers was broken by somebody.",
	    .decision = "All layers refuse in one way: the message stops, nothing is sent back, and the operator's "
		"alert stays on this machine. On a stream any refusal closes the connection.",
	    .repair = "Nothing to configure. Keep the log away from those who can send messages.",
	    .literature = {
		"Vaudenay, Security Flaws Induced by CBC Padding, Eurocrypt 2002" } },
	{ "SC217", 1, 'D', CHECK_IN_CONFIGURATION,
	    .attack = "The data is authenticated, but a cipher around it is not. A stranger's bytes reach that "
		"cipher and its padding first. Everything that it does with them can be asked about, and faults in "
		"it can be reached without a key. Its padding answers whether a guess was right, though a true MAC "
		"comes later. Whoever looks at the log, or at times, takes the outer cipher off.",
	    .decision = "The outermost layer of the lane does not authenticate, and one inside it does.",
	    .repair = "Put a layer that authenticates outside: a MAC, a signature or an AEAD.",
	    .literature = {
		"Paterson and Yau, Eurocrypt 2006, on encryption without integrity in IPsec" },
	    .fails = "stack: [anti-replay: sequence, encrypt: aes-256-gcm, encrypt: des-cbc]\n",
	    .passes = "stack: [anti-replay: sequence, encrypt: aes-256-gcm, encrypt: des-cbc, mac: hmac-sha-256]\n" },
	{ "SC219", 9, 'I', CHECK_IN_CONFIGURATION,
	    .attack = "The attacker records today and waits. A large quantum computer solves discrete logarithms and "
		"factors numbers, so every key that was agreed on curves or sent under RSA is then known. With it "
		"come all messages of the recording. Ciphers with keys of 128 bits lose half of them to a faster "
		"search as well. What must stay secret for decades is at stake today.",
	    .decision = "'require' asks for modern+pq, and an exchange rests on a group, a curve or RSA alone, or a "
		"cipher has keys under 256 bits.",
	    .repair = "Mix a pre-shared secret into the exchange:   establish: {method: dh, secret: NAME}   , or use "
		"a key encapsulation that resists, with ciphers of 256 bits.",
	    .literature = {
		"Shor, Algorithms for Quantum Computation: Discrete Logarithms and Factoring, FOCS 1994" },
	    .fails = "require: {confidentiality: modern+pq}\n"
		"stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n",
	    .passes = "require: {confidentiality: modern+pq}\n"
		"stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n"
		"keys:\n"
		"  data: {establish: {method: dh, secret: office}, protect: [sign: ed25519]}\n" },
	{ "SC220", 9, 'D', CHECK_IN_CONFIGURATION,
	    .attack = "Nothing in the lane encrypts. Everybody on the way reads every message: the wireless network, "
		"the provider, the neighbour in the computing centre. No attack is needed, a copy is enough. It may "
		"be meant so, but then the file must say it.",
	    .decision = "'require' asks for confidentiality, as it does by default, and no layer gives any in one "
		"direction at least.",
	    .repair = "Add   encrypt: aes-256-gcm   , or write   require: {confidentiality: none}   if all may read.",
	    .fails = "stack: [anti-replay: sequence, mac: hmac-sha-256]\n",
	    .passes = "stack: [anti-replay: sequence, mac: hmac-sha-256, encrypt: aes-256-gcm]\n" },
	{ "SC221", 9, 'D', CHECK_IN_CONFIGURATION,
	    .attack = "Nothing in the lane proves a message. An attacker on the way writes whatever it likes into "
		"it, or makes messages of its own. The receiver takes them for the peer's. Numbers and times in the "
		"message do not help, for they can be written as well.",
	    .decision = "'require' asks for integrity and authenticity, as it does by default, and no layer gives "
		"any in one direction at least.",
	    .repair = "Add   mac: hmac-sha-256   or   sign: ed25519   , or use an AEAD.",
	    .fails = "require: {confidentiality: none, freshness: none}\n"
		"stack: [anti-replay: sequence, encrypt: {algorithm: aes-256-gcm, direction: s2c}]\n",
	    .passes = "require: {confidentiality: none, freshness: none}\n"
		"stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n" },
	{ "SC222", 9, 'W', CHECK_IN_CONFIGURATION,
	    .attack = "A pad hides a message from every computer there will ever be. A MAC under a key that was "
		"agreed does not: whoever breaks the agreement one day has its key. That attacker can still not "
		"read, but turn any bit and make the MAC fit. The promise of the pad then holds for half of what was "
		"wanted. A one-time MAC from the same pad keeps all of it.",
	    .decision = "A pad encrypts, and no layer around it authenticates with bytes of a pad.",
	    .repair = "Put   mac: {algorithm: one-time-poly1305, pad: NAME}   behind the pad.",
	    .literature = {
		"Shannon, Communication Theory of Secrecy Systems, Bell System Technical Journal 28(4), 1949",
		"Wegman and Carter, New Hash Functions and Their Use in Authentication and Set Equality, Journal of "
		    "Computer and System Sciences 22, 1981" },
	    .fails = "stack: [anti-replay: window, encrypt: {algorithm: one-time-pad, pad: db}, mac: hmac-sha-256]\n",
	    .passes = "stack: [anti-replay: window, encrypt: {algorithm: one-time-pad, pad: db}, mac: {algorithm:"
		" one-time-poly1305, pad: db}]\n" },
	{ "SC223", 7, 'D', CHECK_IN_CONFIGURATION,
	    .attack = "The messages of the exchange itself are protected by a pad. A server answers an opening "
		"before it knows who asks, and spends bytes of the pad on the answer. The attacker repeats a "
		"recorded opening as often as it likes. The pad is soon used up, and the honest peers have none. No "
		"key is needed.",
	    .decision = "A layer under a key's exchange uses a pad.",
	    .repair = "Protect the exchange by   sign: ed25519   , and keep the pad for data.",
	    .fails = "stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n"
		"keys:\n"
		"  data: {establish: dh, protect: [encrypt: {algorithm: one-time-pad, pad: db}, mac: {algorithm:"
		" one-time-poly1305, pad: db}, sign: ed25519]}\n",
	    .passes = "stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n"
		"keys:\n"
		"  data: {establish: dh, protect: [sign: ed25519]}\n" },
	{ 0 },
};
