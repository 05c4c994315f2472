/* SPDX-License-Identifier: Apache-2.0 */
/* catalogue_8xx.c - rows of the catalogue: changes while a session runs.  See catalogue.h. */
#include "check/catalogue/catalogue.h"

#include <stddef.h>

const struct check_entry check_catalogue_8xx[] = {
	{ "SC801", 9, 'D', CHECK_BY_DESIGN,
	    .title = "a running session that becomes weaker",
	    .attack = "Two ends may change the stack while they talk. The attacker makes a strong choice fail until "
		"they try a weaker one, or sends the proposal itself. Browsers fell back from TLS to SSL 3 like "
		"that, for the sake of old servers. What is allowed in the end is what is attacked.",
	    .decision = "A change of the stack names its digest inside the protection of the old one. Both ends must "
		"have that stack in their configuration, checked against 'require' like every other; there is no "
		"falling back.",
	    .repair = "Nothing to configure: no stack of SecComm can do this.",
	    .literature = {
		"CVE-2014-3566 (POODLE)",
		"CVE-2015-0204 (FREAK), CVE-2015-4000 (Logjam)" } },
	{ "SC802", 3, 'F', CHECK_BY_DESIGN,
	    .title = "numbers that go on over a change of keys",
	    .attack = "In SSH the numbers of messages went on when encryption began, and unprotected messages before "
		"that were counted. The attacker put one in before and took one out behind. All numbers were right "
		"again. The extension that was taken out was the one that strengthens the connection.",
	    .decision = "Numbers begin anew with every epoch, and every message of an exchange is part of the "
		"transcript that keys are derived from, so that one more or one less gives other keys.",
	    .repair = "Nothing to configure: no stack of SecComm can do this.",
	    .literature = {
		"CVE-2023-48795: Bäumer, Brinkmann and Schwenk, Terrapin Attack: Breaking SSH Channel Integrity by "
		    "Sequence Number Manipulation, USENIX Security 2024" } },
	{ "SC803", 4, 'F', CHECK_BY_DESIGN,
	    .title = "a key that is installed a second time",
	    .attack = "The last message of an exchange is lost, so the other end sends its message again. An end "
		"that installs the key again sets its counter back to 0. The attacker only has to hold one message "
		"back. Two texts under one nonce come apart. Wi-Fi could be attacked so everywhere.",
	    .decision = "A repeated message is answered again with the stored bytes, and installs nothing.",
	    .repair = "Nothing to configure: no stack of SecComm can do this.",
	    .literature = {
		"CVE-2017-13077: Vanhoef and Piessens, Key Reinstallation Attacks: Forcing Nonce Reuse in WPA2, ACM "
		    "CCS 2017" } },
	{ "SC804", 5, 'D', CHECK_BY_DESIGN,
	    .title = "an old key that lives too long, or too short",
	    .attack = "New keys are there, and messages under the old ones are still on their way. If the old key "
		"goes at once, they are lost. If it stays for an hour, the attacker has an hour to deliver what it "
		"held back, or to use a key that has just come out. The border must be known to both.",
	    .decision = "On a stream the last message under the old key says so. On datagrams the old key stays for "
		"30 seconds after the first message under the new one, and then it is wiped.",
	    .repair = "Nothing to configure: no stack of SecComm can do this." },
	{ "SC805", 1, 'F', CHECK_BY_DESIGN,
	    .title = "a message that half of two stacks has judged",
	    .attack = "A stack is changed while a message is between two of its layers. The first half is judged by "
		"the old stack and the second half by the new one. A check that both stacks have, at different "
		"places, is passed by. The attacker chooses the moment.",
	    .decision = "An epoch is one frozen composition with its own keys and state. A message belongs to one "
		"epoch from the first layer to the last, and nothing is swapped under it.",
	    .repair = "Nothing to configure: no stack of SecComm can do this." },
	{ "SC806", 7, 'W', CHECK_BY_DESIGN,
	    .title = "a session that waits for ever",
	    .attack = "Several layers may stop the application from sending, and let it go on later. If one of them "
		"lets go twice, another one's stop is undone and data goes out too early. If one forgets to, the "
		"session stands still. The attacker provokes the rare case.",
	    .decision = "Stops are counted for each layer, data waits for the last key, and every exchange has a "
		"time limit that ends it with an alert.",
	    .repair = "Nothing to configure: no stack of SecComm can do this." },
	{ 0 },
};
