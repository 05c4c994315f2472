# SPDX-License-Identifier: Apache-2.0
"""Goal: every configuration in conf/ is one that works: without a finding, explained, and with both of its ends run for real,
with keys made as its comments say, bytes pass through it unchanged; the paper's names are those of its figures."""
import glob
import json
import os
import re
import shutil

from support import Scene, Service, bound, case, check, connect, contains, echo, main, noise, receive, run

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "conf")
FILES = sorted(glob.glob(os.path.join(FOLDER, "**", "*.yaml"), recursive=True))
DATA = noise("configurations", 50000)


def placed(text, session, listen, target):
    """TEXT with other addresses in SESSION; the other session of the file stays as it is, and is not run."""
    head, body, rest = re.match(rf"(?s)(.*\n  {session}:\n)(.*?)(\n  \w.*|$)", text).groups()
    body, one = re.subn(r"(?m)^    listen: .*$", f'    listen: "{listen}"', body)
    body, other = re.subn(r"(?m)^    connect: .*$", f'    connect: "{target}"', body)
    check(one == 1 and other == 1, f"session {session} has not two addresses")
    return head + body + rest


def identities(scene, names, rsa):
    """Homes of the ends, which know each other: {name: folder}."""
    homes, words, pems = {}, {}, {}
    for name in names:
        homes[name], words[name] = scene.home(name)
        pems[name] = []
        if rsa:
            run("key", "gen", name, "--algorithm", "rsa-3072", "--home", homes[name], status=0)
            _, out, _ = run("key", "show", name, "--home", homes[name], status=0)
            pem = re.search(r"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", out, re.S).group()
            pems[name] = ["--pem", scene.write(name + ".pem", pem + "\n")]
    for one, other in (names, reversed(names)):
        run("peer", "add", one, words[one], *pems[one], "--home", homes[other], status=0)
    return homes


def secrets(text, homes):
    """Makes each pre-shared secret in one home and brings its file to the other."""
    for name in sorted(set(re.findall(r"secret: (\w+)", text))):
        first, second = homes.values()
        run("key", "gen", name, "--algorithm", "psk", "--home", first, status=0)
        shutil.copy(os.path.join(first, "keys", name + ".psk"), os.path.join(second, "keys", name + ".psk"))


def passes(path):
    with open(path) as file:
        text = file.read()
    _, out, error = run("check", "--strict", path, status=0)
    contains(out + error, "no mistake found")
    ends = {s["role"]: s for s in json.loads(run("explain", path, "--json", status=0)[1])}
    check(set(ends) == {"client", "server"}, f"{path} has not two ends")
    check(ends["client"]["configuration-digest"] == ends["server"]["configuration-digest"], "the two ends differ")
    with Scene() as scene:
        names = [ends["client"]["identity"], ends["server"]["identity"]]
        homes = identities(scene, names, "rsa-pss" in ends["client"]["configuration-text"])
        secrets(text, homes)
        service = Service(scene, echo)
        file = scene.write("server.yaml", placed(text, ends["server"]["session"], "tcp:127.0.0.1:0", service.url))
        server = scene.start("run", "-c", file, ends["server"]["session"], "--home", homes[names[1]])
        file = scene.write("client.yaml", placed(text, ends["client"]["session"], "tcp:127.0.0.1:0", bound(server)))
        client = scene.start("run", "-c", file, ends["client"]["session"], "--home", homes[names[0]])
        with connect(bound(client)) as s:
            s.sendall(DATA)
            check(receive(s, len(DATA)) == DATA, "the echo differs")
        for process in (client, server):
            process.wait_line("event=opened")


for found in FILES:
    case("conf/" + os.path.relpath(found, FOLDER))(lambda path=found: passes(path))


@case("the paper's figures under the paper's names")
def figures():
    path = os.path.join(FOLDER, "paper", "figures.yaml")
    _, told, _ = run("explain", path, status=0)
    contains(told, *(rf"in the paper: {name}\n" for name in ("DESPrivacy", "RSAAuthenticity", "TimeReplayPrevention",
                                                             "ClientKeyDistribution")))
    keys = json.loads(run("explain", path, "--json", status=0)[1])[0]["keys"]
    check([key["create"]["paper"] for key in keys] == ["RandomKeyCreate"] * 2, f"{keys}")
    check([key[way]["forward-secrecy"]["level"] for key in keys for way in ("c2s", "s2c")] == ["none"] * 4, f"{keys}")


@case("the paper's digests, each protected by its own choice, under the paper's names")
def digests():
    path = os.path.join(FOLDER, "paper", "digests.yaml")
    _, told, _ = run("explain", path, status=0)
    contains(told, *(rf"in the paper: {name}\n" for name in ("TimeReplayPrevention", "SHAIntegrity", "DESDigestAuthenticity",
                                                             "MD5Integrity", "RSADigestAuthenticity", "KeyedSHAIntegrity")))


@case("there are configurations")
def some():
    names = {os.path.basename(path) for path in FILES}
    check({"figures.yaml", "digests.yaml", "cascade.yaml", "signed.yaml", "integrity-only.yaml", "paper-1999.yaml"} <= names, f"{names}")


main(parallel=2)
