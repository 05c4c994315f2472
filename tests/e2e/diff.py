# SPDX-License-Identifier: Apache-2.0
"""Goal: `diff` says what changes from one configuration to another, layer by layer and level by level, and its exit status says
whether ends with them would talk; what it counts as bytes is what `explain` lays out."""
import json
import os

from support import Scene, case, check, contains, main, run

CONF = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "conf")
FRAME = """seccomm: 1
sessions:
  s: {{role: client, listen: 'tcp:127.0.0.1:1', connect: 'tcp:127.0.0.1:2', identity: a, peers: [b], {more}
    stack: [{stack}],
    keys: {{{keys}}}}}
"""
KEY = "data: {establish: dh, protect: [sign: ed25519]}"
NONE = "require: {confidentiality: none, integrity: none, authenticity: none, freshness: none, peer-authenticity: none},"


def session(scene, name, stack, keys=KEY, more=""):
    return scene.write(name, FRAME.format(stack=stack, keys=keys, more=more))


def diff(a, b, status=None):
    """The sections of the answer, and its text for people."""
    got, out, _ = run("diff", a, b, "--json", status=status)
    told = json.loads(out)
    check(got == (0 if told["equal"] else 1), f"status {got} with {told['equal']}")
    check(run("diff", a, b)[0] == got, "with and without --json it ends differently")
    return told


def rows(section, *names):
    return [tuple(row[name] for name in names) for row in section]


def places(section):
    return [(row["lane"], row["change"], *[side and (side["micro-protocol"], side["place"]) for side in (row["from"], row["to"])])
            for row in section]


@case("a profile and a session that takes it are equal, whatever link, role and names are")
def equal():
    told = diff(os.path.join(CONF, "default.yaml") + ":server", "default@1", status=0)
    check(not any(told[name] for name in ("levels", "layers", "keys", "bytes", "settings")), told)
    check(told["told-at-a"] is None and told["a"]["configuration-digest"] == told["b"]["configuration-digest"], told)
    told = diff(os.path.join(CONF, "default.yaml") + ":server", os.path.join(CONF, "default.yaml") + ":client", status=0)
    check(rows(told["settings"], "what", "local") == [("role", True)], told["settings"])
    with Scene() as scene:
        path = scene.write("u.yaml", "seccomm: 1\nsessions:\n  u: {role: server, listen: 'udp::1', connect: 'udp:h:2', identity: a, "
                                     "peers: [b], profile: default@1}\n")
        diff("default@1", path, status=0)


@case("layers that come, go, move and change")
def layers():
    with Scene() as scene:
        a = session(scene, "a.yaml", "anti-replay: sequence, mac: hmac-sha-256, encrypt: aes-256-gcm", more=NONE)
        moved = session(scene, "b.yaml", "anti-replay: sequence, encrypt: aes-256-gcm, mac: hmac-sha-256", more=NONE)
        told = diff(a, moved, status=1)
        check(len(told["layers"]) == 1 and told["layers"][0]["change"] == "moved" and told["layers"][0]["changes"] == [], told["layers"])
        other = session(scene, "c.yaml", "anti-replay: sequence, encrypt: chacha20-poly1305, sign: ed25519", more=NONE)
        told = diff(a, other, status=1)
        check(places(told["layers"]) == [
            ("data", "removed", ("mac:hmac-sha-256", 2), None),
            ("data", "changed", ("encrypt:aes-256-gcm", 3), ("encrypt:chacha20-poly1305", 2)),
            ("data", "added", None, ("sign:ed25519", 3))], places(told["layers"]))
        check(told["layers"][1]["changes"][0] == {"what": "micro-protocol", "from": "encrypt:aes-256-gcm",
                                                  "to": "encrypt:chacha20-poly1305", "local": False}, told["layers"][1])
        again = diff(other, a, status=1)
        check(sorted(row[1] for row in places(again["layers"])) == ["added", "changed", "removed"], again["layers"])


@case("parameters: those that a peer must share, and those that are each end's own")
def parameters():
    with Scene() as scene:
        a = session(scene, "a.yaml", "anti-replay: sequence, encrypt: aes-256-gcm")
        way = session(scene, "b.yaml", "anti-replay: sequence, encrypt: aes-256-gcm, mac: {algorithm: hmac-sha-256, direction: c2s}")
        both = session(scene, "c.yaml", "anti-replay: sequence, encrypt: aes-256-gcm, mac: hmac-sha-256")
        told = diff(way, both, status=1)
        check(told["layers"][0]["changes"] == [{"what": "direction", "from": "c2s", "to": "both", "local": False}], told["layers"])
        check(rows(told["bytes"], "direction") == [("s2c",)], told["bytes"])
        rekey = session(scene, "d.yaml", "anti-replay: sequence, encrypt: aes-256-gcm", more="rekey: 5m,")
        told = diff(a, rekey, status=0)
        check(rows(told["settings"], "what", "from", "to", "local") == [("rekey after", "1h", "5m", True)], told["settings"])
        contains(run("diff", a, rekey)[1], "equal", r"rekey after +1h -> 5m  \(this end's own affair\)")


@case("levels, by lane and direction, and which way they go")
def levels():
    with Scene() as scene:
        a = session(scene, "a.yaml", "anti-replay: sequence, encrypt: aes-256-gcm")
        b = session(scene, "b.yaml", "anti-replay: sequence, mac: {algorithm: hmac-sha-256, direction: c2s}, "
                                     "encrypt: {algorithm: aes-256-gcm, direction: s2c}", more="require: {confidentiality: none},")
        told = diff(a, b, status=1)
        check(("data", "c2s", "confidentiality", "modern", "none", "weaker") in
              rows(told["levels"], "lane", "direction", "property", "from", "to", "change"), told["levels"])
        check(not [row for row in told["levels"] if row["direction"] == "s2c"], told["levels"])
        back = diff(b, a, status=1)
        check({row["change"] for row in back["levels"]} >= {"stronger"}, back["levels"])
        check(rows(told["settings"], "what", "from", "to") == [("require confidentiality", "modern", "none")], told["settings"])


@case("keys: how they are established, what protects them, how many there are")
def keys():
    cascade = os.path.join(CONF, "cascade.yaml") + ":client"
    told = diff("default@1", cascade, status=1)
    check(rows(told["keys"], "key", "change") == [("data", "changed"), ("inner", "added")], told["keys"])
    contains(told["told-at-a"], "the peer has key 2")
    contains(told["told-at-b"], "this end has key 2")
    with Scene() as scene:
        stack = "anti-replay: sequence, encrypt: aes-256-gcm"
        a = session(scene, "a.yaml", stack)
        b = session(scene, "b.yaml", stack, keys="data: {establish: {method: dh, group: x448}, protect: [sign: ecdsa-p256]}")
        told = diff(a, b, status=1)
        check(told["keys"] == [{"key": "data", "change": "changed", "changes": [
            {"what": "establish group", "from": "x25519", "to": "x448", "local": False}]}], told["keys"])
        check(places(told["layers"]) == [("key data", "changed", ("sign:ed25519", 1), ("sign:ecdsa-p256", 1))], told["layers"])


@case("the bytes are those that explain lays out")
def size():
    cascade = os.path.join(CONF, "cascade.yaml")
    told = diff("default@1", cascade + ":client", status=1)
    sessions = {row["session"]: row for row in json.loads(run("explain", cascade, "--json", status=0)[1])}
    for row in told["bytes"]:
        check(row["to"] == row["length"] + sessions["client"][row["direction"]]["added-bytes"], row)
        check(row["length"] == 100 and row["from"] < row["to"], row)
    check(len(told["bytes"]) == 2, told["bytes"])


@case("what is neither file nor profile, a file with several sessions, a session that is not there, a file with errors")
def mistakes():
    several = os.path.join(CONF, "default.yaml")
    _, _, error = run("diff", several, "default@1", status=2)
    contains(error, "2 sessions", "server", "client")
    _, _, error = run("diff", several + ":sever", "default@1", status=2)
    contains(error, "no session 'sever'", "server")
    _, _, error = run("diff", "defualt@1", "default@1", status=2)
    contains(error, "neither a file nor a profile", "list profiles")
    _, _, error = run("diff", "default@1", "lab", status=2)
    contains(error, "profile 'lab' has no layers of its own that could be compared", "FILE:SESSION")
    _, _, error = run("diff", "./no/file.yaml", "default@1", status=2)
    contains(error, "No such file")
    with Scene() as scene:
        bad = session(scene, "bad.yaml", "encrpyt: aes-256-gcm")
        _, _, error = run("diff", bad, "default@1", status=2)
        contains(error, "SC010", "did you mean")


main(parallel=2)
