/* SPDX-License-Identifier: Apache-2.0 */
/* catalogue_6xx.c - rows of the catalogue: freshness.  See catalogue.h. */
#include "check/catalogue/catalogue.h"

#include <stddef.h>

const struct check_entry check_catalogue_6xx[] = {
	{ "SC601", 5, 'D', CHECK_IN_CONFIGURATION,
	    .attack = "A number or a time says which message this is, and nothing around it protects it. The "
		"attacker takes an old message and writes a new number or time on it. Under CBC it turns bits of the "
		"IV for that. The old order is carried out once more. The paper warns of it.",
	    .decision = "A layer for freshness has no layer outside it, in the same direction, that gives integrity.",
	    .repair = "Put the anti-replay layer before the layer that authenticates.",
	    .fails = "stack: [encrypt: aes-256-gcm, anti-replay: timestamp]\n",
	    .passes = "stack: [anti-replay: timestamp, encrypt: aes-256-gcm]\n" },
	{ "SC602", 5, 'D', CHECK_IN_CONFIGURATION,
	    .attack = "The link carries datagrams, which overtake each other. A layer that wants them in strict "
		"order refuses each one that comes late. No attacker is needed for that, and one who can hold a "
		"message back has others refused at will. A window takes each of the last messages once, in any "
		"order.",
	    .decision = "A layer of the stack wants messages in order, and the link is a datagram one.",
	    .repair = "Use   anti-replay: window   .",
	    .literature = {
		"RFC 4303",
		"RFC 6479" },
	    .fails = CHECK_DATAGRAMS "stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n",
	    .passes = CHECK_DATAGRAMS "stack: [anti-replay: window, encrypt: aes-256-gcm]\n" },
	{ "SC603", 4, 'F', CHECK_BY_DESIGN,
	    .title = "a number that begins again under the same key",
	    .attack = "The numbers of messages begin again after a restart or when keys are renewed. If the key is "
		"the same, old messages have numbers that are fresh again. The attacker sends the recording, and it "
		"is taken. If the number is also the nonce, the texts come apart as well.",
	    .decision = "Numbers belong to an epoch, as its keys do. A new epoch has both new; 64 bits do not wrap.",
	    .repair = "Nothing to configure: no stack of SecComm can do this." },
	{ "SC604", 7, 'F', CHECK_BY_DESIGN,
	    .title = "a window that moves before the message is checked",
	    .attack = "A receiver remembers the greatest number that it has seen. If it does so before it has "
		"checked the message, one forged number far ahead is enough. All true messages are then too old, and "
		"refused. The attacker needs no key and sends one datagram. It may do that again whenever it likes.",
	    .decision = "Layers only look while they verify. What they change, they change when every layer has "
		"passed.",
	    .repair = "Nothing to configure: no stack of SecComm can do this.",
	    .literature = {
		"RFC 4303" } },
	{ "SC605", 5, 'D', CHECK_IN_CONFIGURATION,
	    .title = "times that may lie far ahead or far back",
	    .attack = "The attacker holds an order back and delivers it much later. A receiver that allows hours of "
		"age or of difference between clocks takes it then. If the sender's clock was ahead, its messages "
		"are good until the true time has come. Figure 5 of the paper has no bound for the future at all. An "
		"order is meant for its moment.",
	    .decision = "'timestamp' allows ages or differences of clocks that go far beyond what links and clocks "
		"need.",
	    .repair = "Use the defaults of anti-replay: timestamp, or seconds in place of hours.",
	    .literature = {
		"Gong 1992, on suppress-replay attacks" },
	    .fails = "stack: [anti-replay: {method: timestamp, max-age: 1h, max-skew: 1h}, encrypt: aes-256-gcm]\n",
	    .passes = "stack: [anti-replay: timestamp, encrypt: aes-256-gcm]\n" },
	{ "SC606", 5, 'W', CHECK_BY_DESIGN,
	    .title = "a memory of messages that can be pushed out",
	    .attack = "A receiver remembers which messages it has taken. If that memory is full and forgets the "
		"oldest, the attacker waits until a message is forgotten and sends it again. If it grows without "
		"end, a flood uses up the machine. If forged messages enter it, the flood needs no key.",
	    .decision = "The memory has a fixed size and only accepted messages enter it. What is dropped from it "
		"leaves a floor: a message at or below it is refused as too old.",
	    .repair = "Make 'cache' of anti-replay: timestamp larger if honest messages are refused." },
	{ "SC607", 5, 'D', CHECK_IN_CONFIGURATION,
	    .attack = "The attacker records a message and sends it again. It is authentic, so the receiver takes it: "
		"the payment is made twice, the gate opens once more. A whole session can be sent again to a server "
		"that has forgotten the first one. Authenticity says who wrote a message, and not when.",
	    .decision = "'require' asks for freshness, as it does by default, and no layer gives it, or only within "
		"a session.",
	    .repair = "Put   anti-replay: sequence   on a stream, or   anti-replay: window   on datagrams, before "
		"the layer that authenticates.",
	    .fails = "stack: [encrypt: aes-256-gcm]\n",
	    .passes = "stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n" },
	{ "SC608", 3, 'D', CHECK_BY_DESIGN,
	    .title = "an end that anybody can write",
	    .attack = "The attacker cuts a connection. If the receiver cannot tell that from an honest end, half an "
		"order looks like a whole one. Web browsers kept cookies that had lost their last attribute, the one "
		"that protects them. What is left of a text can mean the opposite of it.",
	    .decision = "The last message of each direction is a sealed CLOSE with the number of messages. An end of "
		"a stream without it is an error, with an alert.",
	    .repair = "Nothing to configure: no stack of SecComm can do this.",
	    .literature = {
		"Bhargavan et al., Triple Handshakes and Cookie Cutters: Breaking and Fixing Authentication over "
		    "TLS, IEEE Symposium on Security and Privacy 2014" } },
	{ "SC609", 5, 'W', CHECK_BY_DESIGN,
	    .title = "messages that are missing and not missed",
	    .attack = "The attacker on the way takes single messages out of a stream. If gaps are passed over, the "
		"application gets a text with holes that looks whole. A database gets every statement but one. "
		"Nobody is told.",
	    .decision = "On a stream every message has the next number, in all lanes. The first gap ends the session "
		"with an alert.",
	    .repair = "Nothing to configure: no stack of SecComm can do this." },
	{ 0 },
};
