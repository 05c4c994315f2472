# SPDX-License-Identifier: Apache-2.0
"""Goal: `schema` is a JSON Schema that takes every configuration which the checker takes, and all whose mistakes are of another kind
than how a file is written; and that refuses what editors can tell at once: unknown keys and words, values of the wrong kind or out
of range, what is missing.  In both notations, whether YAML's scalars are read as text or as what YAML takes them for."""
import functools
import glob
import json
import os
import re

from support import Skip, case, check, main, run

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(HERE, "..", "check", "cases")
CONF = os.path.join(HERE, "..", "..", "conf")


@functools.cache
def libraries():
    try:
        import jsonschema
        import yaml
    except ImportError as missing:
        raise Skip(f"python3-{missing.name} is not installed on this machine") from None
    return jsonschema, yaml


@functools.cache
def schema():
    return json.loads(run("schema", status=0)[1])


@functools.cache
def validator():
    return libraries()[0].Draft202012Validator(schema())


@functools.cache
def loaders():
    """YAML 1.1 with its numbers and booleans; and all scalars as text, but for what is empty."""
    yaml = libraries()[1]

    class Text(yaml.BaseLoader):
        pass

    Text.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("^$"), [""])
    Text.add_constructor("tag:yaml.org,2002:null", lambda loader, node: None)
    return yaml.SafeLoader, Text


def with_text_keys(value):
    if isinstance(value, dict):
        return {str(key): with_text_keys(member) for key, member in value.items()}
    return [with_text_keys(member) for member in value] if isinstance(value, list) else value


def faults(text):
    """What the schema has against TEXT, read in either way: the worst of each, or None."""
    best = libraries()[0].exceptions.best_match
    return [best(validator().iter_errors(with_text_keys(libraries()[1].load(text, loader)))) for loader in loaders()]


def takes(text, name):
    for fault in faults(text):
        check(fault is None, lambda: f"{name}: {list(fault.absolute_path)}: {fault.message[:300]}")


def refuses(text, name, ranged=False):
    """Text has no range, so what is RANGED is only refused as a number, which is how editors read it."""
    as_numbers, as_text = faults(text)
    check(as_numbers and (as_text or ranged), f"{name} is valid:\n{text}")


def read(path):
    with open(path) as file:
        return file.read()


def cases(pattern):
    found = sorted(glob.glob(os.path.join(CASES, pattern)))
    check(found, f"no {pattern}")
    return found


@case("it is a schema of draft 2020-12, and the same each time")
def is_schema():
    libraries()[0].Draft202012Validator.check_schema(schema())
    check(schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema", schema()["$schema"])
    check(run("schema", status=0)[1] == run("schema", "--json", status=0)[1], "two runs differ")


@case("every configuration that is right is valid")
def right():
    for path in cases("clean-*.yaml") + sorted(glob.glob(os.path.join(CONF, "**", "*.yaml"), recursive=True)):
        takes(read(path), path)


@case("so is what is only weak, misplaced or contradictory")
def weak():
    for path in cases("sc[2-7]*.yaml") + cases("sc103-*.yaml") + cases("lab-*.yaml"):
        takes(read(path), path)


@case("what is written wrong is not, file by file")
def wrong():
    for pattern in ("sc002-*", "sc003-*", "sc008-*", "sc010-*", "sc011-*", "sc012-*", "sc015-*", "sc019-*", "sc021-*", "sc023-*",
                    "sc009-empty*", "sc009-pad", "sc009-cover", "sc009-word", "sc009-stack", "sc009-session*", "sc009-establish",
                    "sc101-range", "sc013-paper-word", "sc013-peer-and-peers", "sc013-profile-and-stack", "sc114-keys"):
        for path in cases(pattern + ".yaml"):
            if path.endswith("sc008-rekey-datagram.yaml"):
                continue  # what is in range depends on the link, which is in the addresses
            refuses(read(path), path, ranged=pattern in ("sc008-*", "sc101-range"))


GOOD = """seccomm: 1
sessions:
  a:
    role: client
    listen: tcp:127.0.0.1:1
    connect: tcp:127.0.0.1:2
    identity: web1
    peers: [db1]
    require: {freshness: none}
    accept: {SC206: why}
    stack:
      - anti-replay: {algorithm: timestamp, max-age: 5s, cache: 128, order: 7}
      - sign:ed25519,direction=c2s
      - DESPrivacy: {key: data}
      - encrypt: {method: aes-256-gcm, key: data, direction: both, name: outer}
    keys:
      data: {establish: dh, group: x448, create: {method: passphrase, secret: p}, protect: sign:ed25519 | mac:poly1305, rekey: 5m}
      line: psk,secret=office,protect=sign:ed25519 | mac:poly1305,rekey=5m
    rekey: {after: 1h, bytes: 64GiB, messages: 1000000}
    keepalive: never
"""
MISTAKES = (("role: client", "role: cleint"), ("identity:", "identiy:"), ("freshness: none", "freshness: high"),
            ("freshness:", "fresness:"), ("SC206", "SC101"), ("anti-replay:", "anti-relay:"), ("timestamp", "timestmp"),
            ("max-age: 5s", "max-age: 5"), ("max-age: 5s", "max-age: 5 parsecs"), ("cache: 128", "cache: 15"), ("cache: 128", "cache: 65537"),
            ("cache: 128", "cach: 128"), ("order: 7", "order: 0"), ("order: 7", "order: 1000"), ("sign:ed25519,direction=c2s", "sign:ed25518"),
            ("sign:ed25519,direction=c2s", "sign:ed25519,direcion=c2s"), ("sign:ed25519,direction=c2s", "sign:ed25519,direction"),
            ("{key: data}", "{algorithm: des-cbc, key: data}"), ("method: aes-256-gcm,", ""),
            ("method: aes-256-gcm", "method: aes-256-gcm, algorithm: aes-256-gcm"), ("direction: both", "direction: [c2s]"),
            ("name: outer", "name: 'the outer'"), ("establish: dh", "establish: dhh"), ("establish: dh, ", ""), ("group: x448", "group: x449"),
            ("secret: p", "secrt: p"), (", secret: p", ""), ("mac:poly1305", "mac:poly1306"), ("rekey: 5m", "rekey: soon"),
            ("psk,secret", "pks,secret"), ("psk,secret", "psk,secrt"), ("bytes: 64GiB", "bytes: 64GB"), ("messages: 1000000", "messages: 0"),
            ("keepalive: never", "keepalive: always"), ("tcp:127.0.0.1:1", "tpc:127.0.0.1:1"), ("    listen: tcp:127.0.0.1:1\n", ""),
            ("peers: [db1]", "peers: []"), ("peers: [db1]", "peers: [db 1]"), ("seccomm: 1", "seccomm: 2"), ("sessions:", "session:"))


@case("one mistake at a time in a file with everything in it")
def mistakes():
    takes(GOOD, "the good one")
    for old, new in MISTAKES:
        check(GOOD.count(old) >= 1, old)
        refuses(GOOD.replace(old, new, 1), f"'{new}' for '{old}'", ranged=re.fullmatch(r"[a-z]+: \d+", new))


@case("every micro-protocol is in it, by its word and by its name in the paper, as a map and in a line")
def all_of_them():
    layers, keys = (schema()["$defs"][name]["anyOf"] for name in ("layer", "key"))
    for row in json.loads(run("list", "micro-protocols", "--json", status=0)[1]):
        layer, word = row["name"].split(":")
        maps = (keys if layer in ("establish", "create") else layers)[1]["properties"]
        consts = [one["properties"]["algorithm"]["const"] for one in maps[layer]["anyOf"] if "properties" in one]
        check(consts.count(word) == 1, f"{row['name']}: {consts}")
        if layer != "create":
            line = word if layer == "establish" else row["name"]
            check(re.search((keys if layer == "establish" else layers)[0]["pattern"], line), f"{row['name']}: not in a line")
        if row["paper"]:
            check(row["paper"] in (consts if layer in ("establish", "create") else maps), f"{row['paper']} is missing")


main(parallel=2)
