#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""micro-protocols.py PROGRAM: the manual page seccomm-microprotocols(7) as scdoc, from the tables that PROGRAM is made of."""
from tables import ask, plain, sentence

HEAD = """seccomm-microprotocols(7) "SecComm" "SecComm Manual"

# NAME

seccomm-microprotocols - the layers that seccomm protects messages with

# DESCRIPTION

A session is a stack of layers, each of them a micro-protocol that does one
thing. The sender runs them in order, the receiver backwards. How they are
written into a configuration is in *seccomm.yaml*(5); *seccomm explain* _NAME_
says the same as here, and whether this machine has the algorithm.

This page is made from the tables that the program itself works with.

# COMMON TO ALL

*Standing*
	_modern_: nothing better is known that would be needed. _legacy_ and
	_broken_ ones, and _toys_, count as less, and a session that requires
	_modern_, as it does by itself, is refused with them where they decide.

*Gives*
	What a message has from this layer alone. It is worth no more than the key
	below it.

*Wire*
	What the layer makes of a message's body; || joins, and the numbers in
	parentheses are bytes.

Parameters of every layer: *direction*, *order* and *name*, and *key* of those
that need one; see *seccomm.yaml*(5), "LAYERS". A parameter that is called
local may differ at the two ends; all others must be equal.
"""
FOOT = """
# SEE ALSO

*seccomm*(1), *seccomm.yaml*(5)

_Exploiting Fine-Grain Configurability for Secure Communication_, TR 99-08,
University of Arizona, 1999, is where the names in parentheses are from.
"""


def number(value):
    """Limits are powers of two."""
    return f"2^{value.bit_length() - 1}" if value & (value - 1) == 0 else f"{value:,}"


def limits(table):
    units = (("max-messages", "messages"), ("max-bytes", "bytes"), ("max-failures", "refused messages"))
    return [f"{number(table[key])} {unit}" for key, unit in units if table[key] is not None]


def tied(ties):
    for tie in ties:
        how = ("from a layer before it" if tie["before"] else "", "if there is one" if tie["optional"] else "")
        yield tie["capability"] + (f" ({' '.join(filter(None, how))})" if any(how) else "")


def facts(table):
    """Terms and texts; those without a text are left out."""
    yield "Standing", table["standing"]
    yield "Gives", ", ".join(table["gives"])
    yield "Needs", ", ".join(tied(table["needs"]))
    yield "Provides", ", ".join(tied(table["provides"]))
    yield "Key", f"{table['key-bytes']} bytes, derived for each direction" if table["key-bytes"] else ""
    yield "Key pair", f"seccomm key gen NAME --algorithm {table['key-pair']}" if table["key-pair"] else ""
    yield "Wire", table["wire"] or ""
    yield "At most under one key", ", ".join(limits(table))


def parameter(row):
    about = [row["kind"], row["range"] or ""]
    about.append("required" if row["required"] else f"default {row['default']}" if row["default"] else "")
    about.append("local" if row["local"] else "")
    return f"*{plain(row['name'])}* ({plain(', '.join(filter(None, about)))})\n\t{sentence(row['doc'])}\n"


def micro_protocol(table):
    paper = f" ({plain(table['paper'])})" if table["paper"] else ""
    parts = [f"## {plain(table['name'])}{paper}\n", sentence(table["summary"]) + "\n"]
    parts.append("++\n".join(f"*{term}:* {plain(text)}" for term, text in facts(table) if text) + "\n")
    if table["parameters"]:
        parts.append("Parameters:\n")
        parts += [parameter(row) for row in table["parameters"]]
    parts.append(f"In a configuration: _{plain(table['example'])}_\n")
    return "\n".join(parts)


def main():
    tables = [ask("explain", row["name"]) for row in ask("list", "micro-protocols")]
    page = [HEAD]
    for name in dict.fromkeys(table["class"] for table in tables):
        page.append(f"\n# {name.upper()}\n")
        page += [micro_protocol(table) for table in tables if table["class"] == name]
    print("\n".join(page) + FOOT, end="")


main()
