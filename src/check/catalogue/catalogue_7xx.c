/* SPDX-License-Identifier: Apache-2.0 */
/* catalogue_7xx.c - rows of the catalogue: exchanges of keys, and identity.  See catalogue.h. */
#include "check/catalogue/catalogue.h"

#include <stddef.h>

const struct check_entry check_catalogue_7xx[] = {
	{ "SC701", 6, 'D', CHECK_IN_CONFIGURATION,
	    .attack = "Two ends agree on a key by Diffie-Hellman, and nothing says with whom. The attacker sits "
		"between them and agrees on a key with each. It deciphers, reads, changes and enciphers again. Both "
		"ends see a session that works. One direction without proof is enough for half of it.",
	    .decision = "No layer under the key authenticates its exchange, in at least one direction.",
	    .repair = "Write   protect: [sign: ed25519]   under the key, or a MAC under a pre-shared secret.",
	    .literature = {
		"Diffie, van Oorschot and Wiener, Authentication and Authenticated Key Exchanges, Designs, Codes and "
		    "Cryptography 2, 1992" },
	    .fails = "stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n"
		"keys:\n"
		"  data: {establish: dh}\n",
	    .passes = "stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n"
		"keys:\n"
		"  data: {establish: dh, protect: [sign: ed25519]}\n" },
	{ "SC702", 6, 'D', CHECK_IN_CONFIGURATION,
	    .attack = "A session names an identity and its peers, and its key is shared by more than those. Any "
		"holder of the secret then says that it is one of the peers. In older exchanges a signature did not "
		"cover both names and both shares, so an end believed to talk to somebody else than it did. A name "
		"that nothing proves is a label.",
	    .decision = "Peers are named, and no layer under any key signs with their keys. What is signed here "
		"always covers both keys, both shares and the roles.",
	    .repair = "Write   protect: [sign: ed25519]   under the key, or leave identity and peers out.",
	    .literature = {
		"Diffie, van Oorschot and Wiener, Authentication and Authenticated Key Exchanges, Designs, Codes and "
		    "Cryptography 2, 1992",
		"Krawczyk, SIGMA: The 'SIGn-and-MAc' Approach to Authenticated Diffie-Hellman and Its Use in the IKE "
		    "Protocols, Crypto 2003" },
	    .fails = "stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n"
		"keys:\n"
		"  data: {establish: psk, secret: office}\n",
	    .passes = "stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n"
		"keys:\n"
		"  data: {establish: psk, secret: office, protect: [sign: ed25519]}\n" },
	{ "SC703", 6, 'F', CHECK_BY_DESIGN,
	    .title = "an acknowledgement that is the message itself",
	    .attack = "In Figure 7 of the paper a client sends a new key under a master key, and takes the same key "
		"back as the acknowledgement. Both directions use one master key. The attacker gives the client its "
		"own message back. The client believes that the server has the key, and begins to send. The server "
		"has heard nothing.",
	    .decision = "Each message of an exchange has its own form, direction and key; both ends prove that they "
		"have the new key, each in its own words.",
	    .repair = "Nothing to configure: no stack of SecComm can do this." },
	{ "SC704", 5, 'D', CHECK_BY_DESIGN,
	    .title = "an old key that is new to the server",
	    .attack = "A message that brings a session key is recorded, and the key comes out later. The attacker "
		"sends the message again. A server that has put nothing of its own into the exchange cannot tell, "
		"and installs the old key. From then on the attacker is the client. Needham and Schroeder's protocol "
		"fell to this.",
	    .decision = "Every exchange contains a fresh nonce of each end, and keys are derived from both.",
	    .repair = "Nothing to configure: no stack of SecComm can do this.",
	    .literature = {
		"Needham and Schroeder, Using Encryption for Authentication in Large Networks of Computers, "
		    "Communications of the ACM 21(12), 1978",
		"Denning and Sacco, Timestamps in Key Distribution Protocols, Communications of the ACM 24(8), 1981" } },
	{ "SC705", 6, 'D', CHECK_BY_DESIGN,
	    .title = "an answer that does not say whom it is for",
	    .attack = "A client proves to the attacker's own server who it is. The attacker hands each message on to "
		"another server. If the messages do not say for whom they are meant, that server believes that it "
		"talks to the client. Lowe found this 17 years after the protocol was published, by a machine.",
	    .decision = "Signatures and confirmations cover the keys of both ends, their roles and all that was said "
		"before.",
	    .repair = "Nothing to configure: no stack of SecComm can do this.",
	    .literature = {
		"Lowe, Breaking and Fixing the Needham-Schroeder Public-Key Protocol Using FDR, TACAS 1996" } },
	{ "SC706", 7, 'F', CHECK_BY_DESIGN,
	    .title = "garbage that ends an exchange for good",
	    .attack = "In Figure 7 the server unbinds its handler before it looks at the message. One datagram of "
		"garbage is enough: the handler is gone, and the true message finds nobody. The attacker needs no "
		"key and does not even have to see the traffic. Keys are never agreed.",
	    .decision = "A message of an exchange that does not verify changes nothing: the exchange goes on and "
		"waits for the true one. On a stream the connection closes and can be opened again.",
	    .repair = "Nothing to configure: no stack of SecComm can do this." },
	{ "SC707", 6, 'D', CHECK_NOT_YET,
	    .title = "tickets of a key server",
	    .attack = "A third party hands out tickets with session keys. If they are not authenticated, they can be "
		"put together from parts; if they do not say what they are, one kind passes for another. Tickets "
		"under a password can be asked for by anybody and guessed at home. Kerberos 4 had all of these.",
	    .decision = "There is no key server yet, so no configuration can have one.",
	    .repair = "Nothing to configure yet.",
	    .literature = {
		"Bellovin and Merritt, Limitations of the Kerberos Authentication System, USENIX 1991",
		"Yu, Hartman and Raeburn, The Perils of Unauthenticated Encryption: Kerberos Version 4, NDSS 2004" } },
	{ "SC708", 6, 'D', CHECK_BY_DESIGN,
	    .title = "a key inside another one that is not tied to it",
	    .attack = "One exchange is carried inside the protection of another one. If the inner one does not know "
		"of the outer one, the attacker ends the outer one itself and hands the inner messages on. The inner "
		"proof is true, and belongs to another tunnel. Renegotiation of TLS and several tunnels for "
		"passwords were broken so.",
	    .decision = "All keys of a session share one transcript: the keys of a later exchange are derived from "
		"everything said in the earlier ones, and a renewal mixes the old keys in.",
	    .repair = "Nothing to configure: no stack of SecComm can do this.",
	    .literature = {
		"Asokan, Niemi and Nyberg, Man-in-the-Middle in Tunnelled Authentication Protocols, 2002 (ePrint "
		    "2002/163)",
		"CVE-2009-3555 (renegotiation)",
		"Bhargavan et al., Triple Handshakes and Cookie Cutters: Breaking and Fixing Authentication over "
		    "TLS, IEEE Symposium on Security and Privacy 2014" } },
	{ "SC709", 3, 'F', CHECK_BY_DESIGN,
	    .title = "a message of data that is taken for one of keys",
	    .attack = "Data and key messages differ only in who is listening at the moment. A message in flight is "
		"then taken for one of the other kind. The attacker delays or reorders to choose which. An "
		"implementation of TLS let a message for switching keys come too early, and went on with an empty "
		"key.",
	    .decision = "The header says which lane and epoch a message belongs to, every authenticating layer "
		"covers the header, and each lane has keys of its own.",
	    .repair = "Nothing to configure: no stack of SecComm can do this.",
	    .literature = {
		"CVE-2014-0224",
		"Beurdouche et al., A Messy State of the Union: Taming the Composite State Machines of TLS, IEEE "
		    "Symposium on Security and Privacy 2015" } },
	{ "SC710", 7, 'D', CHECK_NOT_YET,
	    .title = "looking keys up for strangers",
	    .attack = "A message names a signer, and the receiver asks a directory for its key. Anybody can so make "
		"a server ask, wait and hold a message for every name that there is. If the answer is not checked, "
		"the attacker's key comes back. The directory is flooded by the server, not by the attacker.",
	    .decision = "There is no directory yet. Public keys are files that the operator has added with 'seccomm "
		"peer add', and are read before the first message.",
	    .repair = "Nothing to configure yet." },
	{ "SC711", 6, 'D', CHECK_IN_CONFIGURATION,
	    .title = "a secret that more than two share",
	    .attack = "Three machines share one secret. Each of them has all that the others have. So each can be "
		"any of the others, and read what two of them say to each other. A message is from the group, and no "
		"more is known. One stolen machine is all of them.",
	    .decision = "A key follows from a pre-shared secret alone, and the session has several peers, or a "
		"pattern of them, or another session of the file uses the secret with another peer. Layers that hide "
		"the exchange do not help: the rest of what the key follows from is what travels. Nor does such a "
		"secret count where it is mixed into what is agreed on.",
	    .repair = "Use   establish: {method: dh, secret: NAME}   with   protect: [sign: ed25519]   , or give "
		"each pair a secret and a session of its own.",
	    .fails = "role: server\n"
		"listen: tcp:127.0.0.1:7443\n"
		"connect: tcp:127.0.0.1:5432\n"
		"identity: db1\n"
		"peers: [web1, web2]\n"
		"stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n"
		"keys:\n"
		"  data: {establish: psk, secret: office, protect: [sign: ed25519]}\n",
	    .passes = "role: server\n"
		"listen: tcp:127.0.0.1:7443\n"
		"connect: tcp:127.0.0.1:5432\n"
		"identity: db1\n"
		"peers: [web1, web2]\n"
		"stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n"
		"keys:\n"
		"  data: {establish: {method: dh, secret: office}, protect: [sign: ed25519]}\n" },
	{ "SC712", 6, 'D', CHECK_BY_DESIGN,
	    .title = "data under a key that nobody has confirmed",
	    .attack = "An end sends as soon as it has computed a key. Perhaps the other end has not: a message was "
		"lost, or the attacker has put itself between. What is sent is lost, or meant for somebody else. "
		"Confirmation costs one message.",
	    .decision = "Each end proves that it has the key before the other one takes data under it; a server "
		"sends nothing before the client's proof.",
	    .repair = "Nothing to configure: no stack of SecComm can do this." },
	{ "SC713", 6, 'F', CHECK_IN_CONFIGURATION,
	    .attack = "One end makes a key and sends it to the other. Nothing under the key encrypts, so the key "
		"travels readable. Whoever records the exchange has it, and with it every message. That the exchange "
		"is signed only tells the attacker that the key is the right one.",
	    .decision = "A key that one end creates has no layer under it that encrypts, in the direction that it "
		"travels.",
	    .repair = "Write   protect: [encrypt: {algorithm: aes-256-gcm, key: OTHER}]   or   protect: [encrypt: "
		"rsa, sign: ed25519]   under the key, or use   establish: dh   .",
	    .fails = "stack: [anti-replay: sequence, encrypt: {algorithm: aes-256-gcm, key: data}]\n"
		"keys:\n"
		"  data: {establish: client-creates, protect: [sign: ed25519]}\n",
	    .passes = "stack: [anti-replay: sequence, encrypt: {algorithm: aes-256-gcm, key: data}]\n"
		"keys:\n"
		"  outer: {establish: dh, protect: [sign: ed25519]}\n"
		"  data: {establish: client-creates, protect: [encrypt: {algorithm: aes-256-gcm, key: outer}]}\n" },
	{ "SC714", 6, 'F', CHECK_IN_CONFIGURATION,
	    .unmounted = "No session is composed of it, so there is no stack to attack.",
	    .attack = "A key without an exchange is there from the first message on. Another key of the session has "
		"an exchange, and until it ends there is nothing under it. Half of the stack would protect and half "
		"of it not. Which messages were safe would depend on time. So such a key stands alone.",
	    .decision = "A session with 'establish: none' has a second key.",
	    .repair = "Use   establish: psk   in place of none, or take the other key out.",
	    .fails = CHECK_ALONE "require: {freshness: none, peer-authenticity: none}\n"
		"stack: [anti-replay: sequence, encrypt: {algorithm: aes-256-gcm, key: data}]\n"
		"keys:\n"
		"  data: {establish: none, secret: office}\n"
		"  more: {establish: dh, protect: [mac: {algorithm: hmac-sha-256, key: data}]}\n",
	    .passes = CHECK_ALONE "require: {freshness: none, peer-authenticity: none}\n"
		"stack: [anti-replay: sequence, encrypt: {algorithm: aes-256-gcm, key: data}]\n"
		"keys:\n"
		"  data: {establish: none, secret: office}\n" },
	{ "SC715", 6, 'D', CHECK_IN_CONFIGURATION,
	    .attack = "Without an exchange nobody has to answer. The attacker plays a recording of a whole session "
		"to a server, and the server sees a peer. The peer may have been gone for years. Messages are "
		"authentic, each for itself; that somebody is there now is not proven.",
	    .decision = "'require' asks for peer authenticity, as it does by default, and the key has no exchange in "
		"which the peer takes part.",
	    .repair = "Use   establish: psk   in place of none, or write   require: {peer-authenticity: none}   "
		"where nobody can answer.",
	    .fails = CHECK_ALONE "require: {freshness: none}\n"
		"stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n"
		"keys:\n"
		"  data: {establish: none, secret: office}\n",
	    .passes = CHECK_ALONE "stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n"
		"keys:\n"
		"  data: {establish: psk, secret: office}\n" },
	{ "SC716", 6, 'D', CHECK_IN_CONFIGURATION,
	    .attack = "A client talks to two hosts, and has one secret for both. It knows neither of them by a name: "
		"who proves to have the secret is the peer. Whoever runs the one host has it. Where that one can "
		"reach the wire, it answers in place of the other host. It reads what was meant for the other one, "
		"and the client sees nothing.",
	    .decision = "Two sessions of a file are clients, name no peers, use one pre-shared secret, and connect to "
		"hosts of different names or addresses. That two names can be one host is for the author to say. "
		"Where peers are named, SC711 tells of it.",
	    .repair = "Make a secret for each host with 'seccomm key gen NAME --algorithm psk', or give the ends "
		"identities and let them sign.",
	    .fails = "seccomm: 1\n"
		"sessions:\n"
		"  one:\n"
		"    role: client\n"
		"    listen: tcp:127.0.0.1:5432\n"
		"    connect: tcp:db1.example.net:7443\n"
		"    stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n"
		"    keys: {data: {establish: psk, secret: office}}\n"
		"  two:\n"
		"    role: client\n"
		"    listen: tcp:127.0.0.1:5433\n"
		"    connect: tcp:db2.example.net:7443\n"
		"    stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n"
		"    keys: {data: {establish: psk, secret: office}}\n",
	    .passes = "seccomm: 1\n"
		"sessions:\n"
		"  one:\n"
		"    role: client\n"
		"    listen: tcp:127.0.0.1:5432\n"
		"    connect: tcp:db1.example.net:7443\n"
		"    stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n"
		"    keys: {data: {establish: psk, secret: for-db1}}\n"
		"  two:\n"
		"    role: client\n"
		"    listen: tcp:127.0.0.1:5433\n"
		"    connect: tcp:db2.example.net:7443\n"
		"    stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n"
		"    keys: {data: {establish: psk, secret: for-db2}}\n" },
	{ 0 },
};
