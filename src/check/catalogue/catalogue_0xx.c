/* SPDX-License-Identifier: Apache-2.0 */
/* catalogue_0xx.c - rows of the catalogue: how a configuration is written.  See catalogue.h. */
#include "check/catalogue/catalogue.h"

#include <stddef.h>

const struct check_entry check_catalogue_0xx[] = {
	{ "SC001", 10, 'F', CHECK_IN_CONFIGURATION,
	    .attack = "A file that is not YAML can be read in more than one way. Whoever guesses what was meant may "
		"guess something weaker than the author did. Two ends that guess differently do not even run the "
		"same stack. So nothing is guessed, and nothing of the file is used.",
	    .decision = "The parser refuses the text at the place where it stops being YAML 1.2.",
	    .repair = "Mend the line that the finding points at; a bracket or a quote that is not closed is often "
		"some lines above it.",
	    .fails = "seccomm: 1\n"
		"sessions: [\n",
	    .passes = "stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n" },
	{ "SC002", 10, 'F', CHECK_IN_CONFIGURATION,
	    .attack = "A word that the program does not know may be a misspelt one that it does. If it were passed "
		"over, the layer or the limit that the author wrote would silently be missing. The session would run "
		"with less than its file says. That is the mistake an attacker has to do nothing for.",
	    .decision = "Every word of a file must be one that the tables know; the finding names the nearest one.",
	    .repair = "Write the word that the finding suggests, or take the line out.",
	    .fails = "rekey-after: 1h\n"
		"stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n",
	    .passes = "stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n" },
	{ "SC003", 10, 'F', CHECK_IN_CONFIGURATION,
	    .attack = "A list where one word is expected, or a number where a name is, can be read as several "
		"things. One reader takes the first entry, another one the last, a third one none. Which protection "
		"runs would depend on the reader. The author must say what is meant.",
	    .decision = "Each place has one kind of value, which its table states.",
	    .repair = "Write the kind of value that the finding asks for.",
	    .fails = "identity: [web1]\n"
		"stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n",
	    .passes = "identity: web1\n"
		"stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n" },
	{ "SC004", 10, 'F', CHECK_IN_CONFIGURATION,
	    .attack = "Where something is said twice, one of the two is not what runs. Readers of YAML differ in "
		"which one they keep. Somebody who may add a line to a file could so replace a strong algorithm by a "
		"weak one, far from where the author looks. Both are therefore refused.",
	    .decision = "Names are compared in every map of the file, and the second one is the finding.",
	    .repair = "Keep one of the two.",
	    .fails = "stack: [{encrypt: {algorithm: aes-256-gcm, algorithm: aes-128-gcm}}]\n",
	    .passes = "stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n" },
	{ "SC005", 10, 'F', CHECK_IN_CONFIGURATION,
	    .attack = "Anchors and aliases let a small file grow without bounds, and let one place change what "
		"another one says. Tags change the type of what they stand before. An author who reads a session "
		"would not see all that is in it. A file for security should say at each place what holds there.",
	    .decision = "The parser refuses a tag, an anchor and an alias where they stand.",
	    .repair = "Write the value out at each place where it is wanted.",
	    .fails = "identity: &me web1\n"
		"stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n",
	    .passes = "identity: web1\n"
		"stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n" },
	{ "SC006", 10, 'F', CHECK_IN_CONFIGURATION,
	    .attack = "A file that is too large or nested too deep is no configuration that a person wrote. It can "
		"be made to use up memory or stack of whoever reads it. Somebody who may hand in drafts could stop a "
		"service so. The bounds are far above what an honest file needs.",
	    .decision = "Files over 1 MiB are not read, and the depth of nesting is counted while reading. In single "
		"quotes no two quotes may follow each other: the YAML library would lose memory over many of them.",
	    .repair = "Split the file into several, one for each program that runs. Write such a value in double quotes." },
	{ "SC007", 10, 'F', CHECK_IN_CONFIGURATION,
	    .attack = "Control characters and broken UTF-8 do not show on a screen as what they are. A terminal may "
		"hide a line, or show another text than the one that is read. An author would check something that "
		"does not run. Such bytes have no use in a configuration.",
	    .decision = "Every byte is looked at before the text is parsed.",
	    .repair = "Save the file as UTF-8 text without control characters." },
	{ "SC008", 10, 'F', CHECK_IN_CONFIGURATION,
	    .attack = "A value out of its range would be cut to something that nobody chose. A limit of messages "
		"that wraps to zero, or a window of no size, turns a protection off. The author would still read the "
		"large number in the file. So the number is refused, not bent.",
	    .decision = "Each parameter has a range in its table.",
	    .repair = "Choose a value in the range that the finding prints.",
	    .fails = "require: {confidentiality: toy}\n"
		"stack: [anti-replay: sequence, encrypt: {algorithm: caesar, shift: 0}, mac: hmac-sha-256]\n",
	    .passes = "require: {confidentiality: toy}\n"
		"stack: [anti-replay: sequence, encrypt: {algorithm: caesar, shift: 3}, mac: hmac-sha-256]\n" },
	{ "SC009", 10, 'F', CHECK_IN_CONFIGURATION,
	    .attack = "Where something necessary is missing, a program could take a default or leave the protection "
		"out. Both are choices that the author did not make. For a key or a peer there is no harmless "
		"default. So the program asks.",
	    .decision = "What a session, a key and a layer cannot do without is in their tables.",
	    .repair = "Add what the finding names.",
	    .fails = "stack: [anti-replay: sequence, encrypt: {key: data}]\n",
	    .passes = "stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n" },
	{ "SC010", 10, 'F', CHECK_IN_CONFIGURATION,
	    .attack = "A layer that is not known cannot be judged, so it counts as no protection at all. If it were "
		"passed over, the session would run without it. A misspelt name is the most likely reason, and the "
		"most dangerous one. Nothing opens until the name is one that this program has.",
	    .decision = "Names of layers come from one list of tables, and modules given with --module add to it.",
	    .repair = "Take the name that the finding suggests, or load the module that has the layer.",
	    .fails = "stack: [anti-replay: sequence, encript: aes-256-gcm]\n",
	    .passes = "stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n" },
	{ "SC011", 10, 'F', CHECK_IN_CONFIGURATION,
	    .attack = "A word such as an algorithm, a direction or a level decides what is protected and how. One "
		"that is not known must not become a default one. A misspelt direction could leave one half of the "
		"traffic open, and a misspelt level ask for nothing. So the word is refused.",
	    .decision = "Each place has its own list of words; the finding prints the nearest.",
	    .repair = "Take one of the words that the finding lists.",
	    .fails = "stack: [anti-replay: sequence, encrypt: aes-256-gmc]\n",
	    .passes = "stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n" },
	{ "SC012", 10, 'F', CHECK_IN_CONFIGURATION,
	    .attack = "A parameter that a layer does not have was meant to change something. If it were passed over, "
		"the layer would run unchanged. A limit or a name of a key would not be what the file says. So it is "
		"refused.",
	    .decision = "The parameters of a layer are rows of its table.",
	    .repair = "See 'seccomm explain' with the layer's name for the parameters that it has.",
	    .fails = "stack: [anti-replay: sequence, encrypt: {algorithm: aes-256-gcm, tag: 4}]\n",
	    .passes = "stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n" },
	{ "SC013", 10, 'F', CHECK_IN_CONFIGURATION,
	    .attack = "Two statements that exclude each other cannot both hold. Whatever the program chose, the "
		"author has written the other one, too. A profile beside a stack is an example: which of them "
		"protects the data? The choice is the author's.",
	    .decision = "Pairs that exclude each other are checked where they are read.",
	    .repair = "Keep one of the two statements.",
	    .fails = "profile: default@1\n"
		"stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n",
	    .passes = "profile: default@1\n" },
	{ "SC014", 10, 'F', CHECK_IN_CONFIGURATION,
	    .attack = "An address that can be read in two ways can lead traffic to somebody else. A missing bracket "
		"around an IPv6 address moves the border between host and port. Plain traffic that comes out at a "
		"wrong place is lost to all protection. So an address must be written in full.",
	    .decision = "Addresses are parsed by the transport that they name; 'seccomm list transports' shows how "
		"they look.",
	    .repair = "Write the address in the form that the finding shows.",
	    .fails = "role: client\n"
		"listen: tcp:127.0.0.1:70000\n"
		"connect: tcp:db.example.net:7443\n"
		"identity: web1\n"
		"peers: [db1]\n"
		"profile: default@1\n",
	    .passes = "role: client\n"
		"listen: tcp:127.0.0.1:5432\n"
		"connect: tcp:db.example.net:7443\n"
		"identity: web1\n"
		"peers: [db1]\n"
		"profile: default@1\n" },
	{ "SC015", 10, 'F', CHECK_IN_CONFIGURATION,
	    .attack = "A profile is a name for a whole stack with its keys. If an unknown one became the default "
		"one, the session would run something else than the author chose. The number behind the @ matters as "
		"well: another number is another stack. So the name must be exact.",
	    .decision = "Profiles are part of the program and never change; 'seccomm list profiles' lists them.",
	    .repair = "Take one of the names that the finding lists.",
	    .fails = "profile: defualt@1\n",
	    .passes = "profile: default@1\n" },
	{ "SC017", 10, 'F', CHECK_IN_CONFIGURATION,
	    .attack = "An algorithm that this machine does not have cannot protect anything. A program that took "
		"another one in its place would fall back to something that nobody chose. Downgrades of TLS worked "
		"like that. Nothing here ever falls back.",
	    .decision = "Each algorithm is fetched and tried with known answers when the library starts; without "
		"both, it is not offered.",
	    .repair = "Install what the finding names, or choose another algorithm at both ends." },
	{ "SC019", 10, 'F', CHECK_IN_CONFIGURATION,
	    .attack = "A file for another version of the format may use words whose meaning has changed. To read it "
		"as this version would be a guess about security. An old program must not run half of a new file. So "
		"the number must be the one that this program knows.",
	    .decision = "The member 'seccomm' of the file is compared with the version of the program.",
	    .repair = "Write the file for this version, or run the program that it was written for.",
	    .fails = "seccomm: 2\n"
		"sessions:\n"
		"  s: {role: client, listen: \"tcp:127.0.0.1:5432\", connect: \"tcp:db.example.net:7443\","
		" identity: web1, peers: [db1], profile: default@1}\n",
	    .passes = "seccomm: 1\n"
		"sessions:\n"
		"  s: {role: client, listen: \"tcp:127.0.0.1:5432\", connect: \"tcp:db.example.net:7443\","
		" identity: web1, peers: [db1], profile: default@1}\n" },
	{ "SC020", 9, 'F', CHECK_IN_CONFIGURATION,
	    .attack = "The lab profile turns findings into warnings, so that attacks can be tried. A service that "
		"others can reach and that runs so is open to all of them. Whoever left the line in the file may not "
		"notice, for everything works. So the lab is bound to addresses that only this machine reaches.",
	    .decision = "With profile lab every address must be loopback, a UNIX socket or memory; there is no way "
		"around it.",
	    .repair = "Take 'profile: lab' out, or use loopback addresses.",
	    .fails = "role: server\n"
		"listen: tcp::7443\n"
		"connect: tcp:127.0.0.1:5432\n"
		"identity: db1\n"
		"peers: [web1]\n"
		"profile: lab\n"
		"stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n",
	    .passes = "role: server\n"
		"listen: tcp:127.0.0.1:7443\n"
		"connect: tcp:127.0.0.1:5432\n"
		"identity: db1\n"
		"peers: [web1]\n"
		"profile: lab\n"
		"stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n" },
	{ "SC021", 10, 'F', CHECK_IN_CONFIGURATION,
	    .attack = "A line of layers is a short form of a list. One that cannot be read to its end has a layer "
		"that would be missing. The rest of it may even look like a whole stack. So all of it is refused.",
	    .decision = "The line is read as layer, colon, word, parameters; bars stand between layers.",
	    .repair = "Write it as   layer:word,name=value | layer:word   .",
	    .fails = "stack: \"anti-replay:sequence | | encrypt:aes-256-gcm\"\n",
	    .passes = "stack: \"anti-replay:sequence | encrypt:aes-256-gcm\"\n" },
	{ "SC022", 10, 'I', CHECK_IN_CONFIGURATION,
	    .attack = "Only so many findings are told at a time. A file that has more is wrong in some general way. "
		"What is not told may be worse than what is. The file is not used whatever comes behind.",
	    .decision = "The list ends with this note.",
	    .repair = "Mend the first findings, and check again." },
	{ "SC023", 10, 'F', CHECK_IN_CONFIGURATION,
	    .attack = "To accept a finding is to say that one knows why it is no danger here. Some findings have no "
		"such reason: a name that is unknown, a key that anybody can compute. A file that could accept those "
		"would turn the checker off with one line. Somebody in a hurry would write that line.",
	    .decision = "Each finding's row says whether it can be accepted; 'seccomm list rules' shows it.",
	    .repair = "Mend what the finding is about.",
	    .fails = "accept: {SC511: \"nobody records\"}\n"
		"require: {forward-secrecy: modern}\n"
		"stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n",
	    .passes = "stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n" },
	{ "SC024", 10, 'F', CHECK_IN_CONFIGURATION,
	    .attack = "An acceptance that nothing needs stays in the file when the danger comes back later. Then it "
		"hides a finding that nobody has thought about. Its reason was written for another stack. So it must "
		"go as soon as it is not needed.",
	    .decision = "What is accepted is compared with what was found.",
	    .repair = "Take the line out of 'accept'.",
	    .fails = "accept: {SC206: \"an old peer\"}\n"
		"stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n",
	    .passes = "stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n" },
	{ 0 },
};
