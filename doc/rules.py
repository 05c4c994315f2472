#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""rules.py PROGRAM: the manual page seccomm-rules(7) as scdoc, from the catalogue that PROGRAM is made with."""
import textwrap

from tables import ask, plain, sentence

HEAD = """seccomm-rules(7) "SecComm" "SecComm Manual"

# NAME

seccomm-rules - what is known against compositions, and what seccomm does about it

# DESCRIPTION

Layers that are each good can be put together so that they protect nothing.
This page has every rule: the attack, how *seccomm check* or the design decides
it, what to do, and where to read about it. *seccomm explain* _ID_ says the same
of one rule, *seccomm list rules* has a line for each, and *--json* has all of it.

This page is made from the tables that the program itself works with.

# COMMON TO ALL

*Severity*
	_fatal_: certainly broken. _danger_: broken by an attacker that there may
	well be. _warning_: it runs, with less than it seems. _information_: a claim
	is less than it seems.

*Decided*
	_configuration_: by the checker, from the text of a configuration. _design_:
	no configuration can break it. _runtime_: when a key is loaded or a message
	comes, with an alert. _not yet_: what the rule is about is not there yet.

*Finding*
	What *seccomm check* makes of it, and whether a session may take it on
	with *accept*; see *seccomm.yaml*(5). Rules without it have no finding.

*Mounted by a test*
	A test of the program mounts the attack on the real library: it wins on what
	is flagged, or on a library that was weakened, and loses on the repair.
	*Mounted by no test*: why, of what a configuration shows and is fatal or a
	danger.

*Literature*
	Only what was checked. Where nothing stands, nothing was found or nothing is
	needed.

Each example is a whole file, or what a client's session says besides its role,
addresses and participants.
"""
FOOT = """
# SEE ALSO

*seccomm*(1), *seccomm.yaml*(5), *seccomm-microprotocols*(7)
"""
FRAME = """seccomm: 1
sessions:
  s:
    role: client
    listen: tcp:127.0.0.1:5432
    connect: tcp:db.example.net:7443
    identity: web1
    peers: [db1]
"""
PAGES = ("HOW A CONFIGURATION IS WRITTEN", "STRUCTURE AND ATTRIBUTES", "ENCRYPTION", "DIGESTS AND MACS", "PUBLIC KEYS",
         "KEYS, NONCES AND LIMITS", "FRESHNESS", "EXCHANGES OF KEYS, AND IDENTITY", "CHANGES WHILE A SESSION RUNS",
         "RESOURCES, EVIDENCE, AND WHAT SHOWS")


def finding(rule):
    made = rule["finding"]
    if not made:
        return ""
    lab = ", in the lab a warning" if made["warning-in-lab"] and made["severity"] == "error" else ""
    return made["severity"] + lab + (", can be accepted" if made["acceptable"] else "")


def facts(rule):
    """Terms and texts; those without a text are left out."""
    yield "Severity", rule["severity"]
    told = rule["told-as"]
    yield "Decided", rule["decided"] + (f", told as {told}" if told and told != rule["id"] else "")
    yield "Finding", finding(rule)
    yield "Law", f"{rule['law']['number']}, {rule['law']['name']}"
    yield "Mounted by a test", "yes" if rule["backed"] else ""
    yield "Mounted by no test", rule["unmounted"]


def own(text):
    """What is an example's own in a file that begins as most of them do; others as they are."""
    head, found, rest = text.partition("    peers: [db1]\n")
    return textwrap.dedent(rest) if found and head + found == FRAME else text


def folded(text):
    """The lines of a file, none over 66 columns: a list in flow notation goes on below itself."""
    for line in text.split("\n"):
        indent = len(line) - len(line.lstrip()) + 4
        while len(line) > 66:
            cut = max(line.rfind(mark, indent, 66) + len(mark) for mark in (", ", "| ", " "))
            yield line[:cut].rstrip()
            line = " " * indent + line[cut:]
        yield line


def rule_text(rule):
    parts = [f"## {rule['id']}: {plain(rule['title'])}\n"]
    parts.append("++\n".join(f"*{term}:* {plain(text)}" for term, text in facts(rule) if text) + "\n")
    parts += [sentence(rule[part]) + "\n" for part in ("attack", "decision", "repair")]
    if rule["literature"]:
        parts.append("++\n".join(f"_{plain(text)}_" for text in rule["literature"]) + "\n")
    for title, text in (("Refused", rule["refused"]), ("Accepted", rule["accepted"])):
        if text:
            example = "\n".join(folded(own(text).rstrip()))
            parts.append(f"{title}:\n\n```\n{example}\n```\n")
    return "\n".join(parts)


def main():
    rules, page = ask("list", "rules"), [HEAD, "\n# THE TEN LAWS\n"]
    page += [f"*{law['number']}. {plain(law['name'])}*\n\t{sentence(law['sentence'])}\n" for law in ask("list", "laws")]
    for number, title in enumerate(PAGES):
        page.append(f"\n# {title}\n")
        page += [rule_text(rule) for rule in rules if rule["id"][2] == str(number)]
    print("\n".join(page) + FOOT, end="")


main()
