# SPDX-License-Identifier: Apache-2.0
"""Goal: each name that the paper gives to a micro-protocol stands for the modern one wherever that may stand, in every notation: `check`
takes both alike, and what they make is one configuration, to the digest."""
import json

from support import Scene, case, check, main, run

ROWS = [row for row in json.loads(run("list", "micro-protocols", "--json", status=0)[1]) if row["paper"]]
SESSION = """  {name}:
    role: client
    listen: tcp:127.0.0.1:{port}
    connect: tcp:127.0.0.1:9
    identity: web1
    peers: [db1]
    profile: lab
    stack: {stack}
    keys:
      outer: {{establish: dh, protect: [sign: ed25519]}}
      data: {{establish: {establish}, create: {create}, protect: [{protect}]}}
"""
NEEDED = {"encrypt:one-time-pad": "pad: p", "encrypt:caesar": "shift: 7"}
PLAIN = {"stack": "[anti-replay: sequence, encrypt: {algorithm: aes-256-gcm, key: data}]", "establish": "client-creates", "create": "random",
         "protect": "encrypt: {algorithm: aes-256-gcm, key: outer}"}


def layers(row, paper):
    """The layer as an entry of a list and in a line: as short as it may be, and with another direction."""
    layer, word = row["name"].split(":")
    needed = [NEEDED.get(row["name"]), "key: outer" if "key" in row["needs"].split(", ") else None]
    for more in (needed, [*needed, "direction: c2s"]):
        more = [part for part in more if part]
        if more:
            yield "[]", f"{row['paper'] if paper else layer}: {{{', '.join(([] if paper else ['algorithm: ' + word]) + more)}}}"
        else:
            yield "[]", row["paper"] if paper else f"{layer}: {word}"
        yield "line", ",".join([row["paper"] if paper else row["name"], *(part.replace(": ", "=") for part in more)])


def around(row, notation, text):
    """Where the layer TEXT may stand: among the layers of data, and of the exchange of a key."""
    first = [] if row["class"] == "replay prevention" else ["anti-replay:sequence"]
    digest = ["digest:sha-256"] if row["name"].startswith("protect-digest:") else []
    if notation == "line":
        yield {"stack": "'" + " | ".join([*first, *digest, text, "encrypt:aes-256-gcm,key=data"]) + "'"}
        return
    entries = [*(part.replace(":", ": ") for part in digest), text, "encrypt: {algorithm: aes-256-gcm, key: KEY}"]
    yield {"stack": "[" + ", ".join([*(part.replace(":", ": ") for part in first), *entries]).replace("KEY", "data") + "]"}
    yield {"protect": ", ".join(entries).replace("KEY", "outer")}


def places(row, paper):
    """Every way to write ROW into the configuration, the same ones in the same order under both names."""
    layer, word = row["name"].split(":")
    name = row["paper"] if paper else word
    if layer == "establish":
        yield {"establish": name}
    elif layer == "create":
        yield from ({"create": name}, {"create": f"{{method: {name}}}"})
    else:
        for notation, text in layers(row, paper):
            yield from around(row, notation, text)


def same(row):
    modern, paper = list(places(row, False)), list(places(row, True))
    check(len(modern) == len(paper) > 0 and all(a != b for a, b in zip(modern, paper)), f"{modern}\n{paper}")
    text = "seccomm: 1\nsessions:\n" + "".join(SESSION.format(name=f"s{n}", port=n + 1, **PLAIN | place) for n, place in enumerate(modern + paper))
    with Scene() as scene:
        file = scene.write("names.yaml", text)
        status, out, error = run("check", file)
        check(status == 0, f"{status}\n{text}\n{out}{error}")
        sessions = json.loads(run("explain", file, "--json", status=0)[1])
    made = [(s["configuration-text"], s["configuration-digest"]) for s in sessions]
    check(len(made) == 2 * len(modern), f"{len(made)} sessions")
    for place, one, other in zip(paper, made, made[len(modern):]):
        check(one == other, f"{place}: {one}, {other}")
        check(row["name"] in one[0] or row["name"] == "create:random", f"{place}: {one}")  # what is the default is not written


for found in ROWS:
    case(f"{found['paper']} is {found['name']}")(lambda row=found: same(row))


@case("--stack takes them, and what --print-config writes is the same session")
def printed():
    with Scene() as scene:
        scene.hosts()
        digests = []
        for stack in ("TimeReplayPrevention | KeyedSHAIntegrity | RSAPrivacy | encrypt:aes-256-gcm",
                      "anti-replay:timestamp | mac:keyed-sha | encrypt:rsa | encrypt:aes-256-gcm"):
            _, text, _ = run("client", "--listen", "tcp:127.0.0.1:0", "--connect", "tcp:127.0.0.1:9", "--home", scene.client_home, "--peer", "db1",
                             "--stack", stack, "--print-config", status=0)
            digests.append(json.loads(run("explain", scene.write("p.yaml", text), "--json", status=0)[1])[0]["configuration-digest"])
        check(digests[0] == digests[1], f"{digests}")


@case("they are those of the paper")
def all_of_them():
    names = {row["paper"] for row in ROWS}
    check({"DESPrivacy", "RSAPrivacy", "OneTimePadPrivacy", "CaesarPrivacy", "MD5Integrity", "SHAIntegrity", "KeyedMD5Integrity", "KeyedSHAIntegrity",
           "RSAAuthenticity", "RSADigestAuthenticity", "DESDigestAuthenticity", "ConsistencyCheck", "TimeReplayPrevention", "SeqReplayPrevention",
           "RandomKeyCreate", "ClientKeyDistribution", "ServerKeyDistribution", "DiffHellKeyDistribution"} == names, f"{names}")


main(parallel=2)
