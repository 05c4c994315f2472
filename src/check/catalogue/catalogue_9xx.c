/* SPDX-License-Identifier: Apache-2.0 */
/* catalogue_9xx.c - rows of the catalogue: resources, evidence, and what shows.  See catalogue.h. */
#include "check/catalogue/catalogue.h"

#include <stddef.h>

const struct check_entry check_catalogue_9xx[] = {
	{ "SC901", 7, 'D', CHECK_BY_DESIGN,
	    .title = "sessions that strangers have half opened",
	    .attack = "The attacker sends openings from addresses that are not its own. A server that keeps "
		"something for each of them runs out of memory, and honest peers find no place. No key is needed, "
		"only a fast line. The remedy is old: let the client carry the state until it has proven its "
		"address.",
	    .decision = "At most 1,024 openings are pending. Above 16 of them a server answers with a cookie, "
		"shorter than the request, and keeps nothing.",
	    .repair = "Nothing to configure: no stack of SecComm can do this.",
	    .literature = {
		"RFC 2522" } },
	{ "SC902", 7, 'D', CHECK_BY_DESIGN,
	    .title = "costly work for strangers",
	    .attack = "An operation with a private key costs a thousand times what the request for it costs. The "
		"attacker sends requests that need not even be right. A few machines keep a large server busy. Old "
		"versions of many protocols can be stopped so.",
	    .decision = "A server looks first whether the opening is made for its own key, by a MAC, and whether the "
		"sender's key is a known peer's. Only then it computes with a private key.",
	    .repair = "Nothing to configure: no stack of SecComm can do this.",
	    .literature = {
		"CVE-2002-20001 (D(HE)at)" } },
	{ "SC903", 7, 'D', CHECK_BY_DESIGN,
	    .title = "answers that are longer than the question",
	    .attack = "The attacker asks in the name of somebody else, and the answer goes there. If it is longer "
		"than the question, the attacker multiplies its line with other people's servers. Where an address "
		"is not proven, an answer must not be longer than what came.",
	    .decision = "No answer is longer than its request before the address is proven: openings are padded to "
		"the size of the answer.",
	    .repair = "Nothing to configure: no stack of SecComm can do this.",
	    .literature = {
		"RFC 9000, section 8" } },
	{ "SC904", 7, 'W', CHECK_AT_RUNTIME,
	    .title = "a log that strangers write",
	    .attack = "Each refused message writes a line. The attacker sends a million of them, fills the disk, and "
		"the line that matters is among them. If bytes of the message are logged as they are, it writes "
		"lines of its own, or commands for a terminal.",
	    .decision = "Alerts are limited in rate, with a count of those left out. What comes from outside is "
		"escaped or not printed.",
	    .repair = "Watch the counters of 'seccomm status' beside the log.",
	    .literature = {
		"CWE-117" } },
	{ "SC905", 7, 'D', CHECK_NOT_YET,
	    .title = "evidence that is changed afterwards",
	    .attack = "Whoever has the machine can change its records: take one out, cut the end off, write another "
		"history. A chain of digests shows changes in the middle, not a missing end. Sealed journals of a "
		"system were forged in three ways at once, for the checker believed the records about themselves. "
		"Evidence must be anchored outside.",
	    .decision = "There is no layer yet that stores evidence.",
	    .repair = "Nothing to configure yet.",
	    .literature = {
		"Schneier and Kelsey, Secure Audit Logs to Support Computer Forensics, ACM TISSEC 2(2), 1999",
		"Ma and Tsudik, A New Approach to Secure Logging, ACM Transactions on Storage 5(1), 2009",
		"CVE-2023-31437, CVE-2023-31438, CVE-2023-31439" } },
	{ "SC906", 7, 'D', CHECK_NOT_YET,
	    .title = "a disk that is full of evidence",
	    .attack = "Evidence is written before a message is delivered, and the disk is full. To deliver without "
		"evidence gives the attacker what it wants, for it can fill disks. To stop gives it a way to stop "
		"the service. One of the two must be chosen, and said.",
	    .decision = "There is no layer yet that stores evidence.",
	    .repair = "Nothing to configure yet." },
	{ "SC907", 1, 'F', CHECK_BY_DESIGN,
	    .title = "secrets that show in time",
	    .attack = "A comparison that ends at the first difference says how much of a guess is right. Tables "
		"whose places depend on a key show in the times of other programs on the machine. The attacker "
		"measures, thousands of times. What comes out is a tag, a padding or a key.",
	    .decision = "Tags and secrets are compared in constant time, and cryptography is done by libraries that "
		"care for it. Tests run the paths of secrets under a tool that reports each branch on one.",
	    .repair = "Do not use DES or other ciphers with tables on machines that you share with others.",
	    .literature = {
		"CVE-2013-0169: AlFardan and Paterson, Lucky Thirteen: Breaking the TLS and DTLS Record Protocols, "
		    "IEEE Symposium on Security and Privacy 2013" } },
	{ "SC908", 1, 'W', CHECK_AT_RUNTIME,
	    .title = "secrets that lie about",
	    .attack = "A process dies and leaves its memory in a file. Memory goes to the swap disk and stays there "
		"for years. A secret on a command line can be seen by every user, one in the environment by every "
		"child. The attacker looks there first, for no algorithm is in the way.",
	    .decision = "At its start the program forbids dumps and tracing of itself. Secrets are wiped after use, "
		"never logged, and never taken from arguments or the environment.",
	    .repair = "Keep key files readable for one user only, as 'seccomm key gen' makes them." },
	{ 0 },
};
