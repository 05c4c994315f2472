# SPDX-License-Identifier: Apache-2.0
"""Goal: `resolve` makes of what is required, of chosen layers, or of both, a configuration that `check` accepts; comments survive,
every addition is told with its reason, and where something is left that only a person can decide nothing is printed or written."""
import json
import os
import stat

from support import Scene, case, check, contains, main, run

HEAD = """seccomm: 1
sessions:
  web: # this host
    role: client
    listen: tcp:127.0.0.1:5432   # the program
    connect: tcp:127.0.0.1:7443
    identity: web1
    peers: [db1]
"""
CHOSEN = HEAD + """    stack:
      # What we had before.
      - encrypt: aes-128-cbc # for the old hardware
"""


def digest(scene, text):
    _, out, _ = run("explain", scene.write("explained.yaml", text), "--json", status=0)
    return json.loads(out)[0]["configuration-digest"]


@case("what is required by default comes to what default@1 is, on either link")
def default():
    with Scene() as scene:
        for link, scheme in (("stream", "tcp"), ("datagram", "udp")):
            _, text, told = run("resolve", "--require", "confidentiality=modern,integrity", "--link", link, status=0)
            contains(told, r"added stack: \[anti-replay: .*, encrypt: aes-256-gcm\].*\(SC009\)")
            run("check", "--strict", scene.write("resolved.yaml", text), status=0)
            profile = HEAD.replace("tcp:", scheme + ":") + "    profile: default@1\n"
            check(digest(scene, text) == digest(scene, profile), f"another digest than default@1:\n{text}")


@case("what is required beyond that is added, each with its reason")
def require():
    with Scene() as scene:
        _, text, told = run("resolve", "--require", "non-repudiation=modern,confidentiality=modern+pq", status=0)
        contains(told, r"added sign: ed25519 before encrypt: aes-256-gcm: nobody else can check .*\(SC415\)",
                 r"added keys: .*secret: shared.*\(SC219\)")
        run("check", "--strict", scene.write("resolved.yaml", text), status=0)


@case("chosen layers stay, in their order and with their comments; the file is written back once")
def in_place():
    with Scene() as scene:
        file = scene.write("chosen.yaml", CHOSEN)
        os.chmod(file, 0o640)
        _, text, told = run("resolve", file, status=0)
        contains(told, r"chosen.yaml:\d+: added mac: hmac-sha-256 behind encrypt: aes-128-cbc: .*\(SC201\)",
                 r"chosen.yaml:\d+: added anti-replay: sequence before encrypt: aes-128-cbc: .*\(SC607\)")
        lines = text.splitlines()
        check([line for line in lines if line in CHOSEN.splitlines()] == CHOSEN.splitlines(), f"not the old lines:\n{text}")
        check(len(lines) == len(CHOSEN.splitlines()) + 2, text)
        _, out, _ = run("resolve", "--in-place", file, status=0)
        check(out == "" and open(file).read() == text, f"written is not what was printed:\n{out}")
        check(stat.S_IMODE(os.stat(file).st_mode) == 0o640, "the mode has changed")
        before = os.stat(file)
        _, out, told = run("resolve", "--in-place", file, status=0)
        check(told == "" and os.stat(file).st_mtime_ns == before.st_mtime_ns and os.stat(file).st_ino == before.st_ino,
              f"resolved twice: {told}")


@case("standard input is resolved as a file is, and is not written back to; a file of that name is one")
def standard_input():
    with Scene() as scene:
        _, text, told = run("resolve", scene.write("-", CHOSEN), status=0)
        _, out, read = run("resolve", "-", given=CHOSEN, status=0)
        contains(read, r"<stdin>:\d+: added mac: hmac-sha-256 behind encrypt: aes-128-cbc: .*\(SC201\)")
        check(out == text and read == told.replace(scene.path("-"), "<stdin>"), f"{out}\n{read}")
        _, out, read = run("resolve", "-", given=HEAD + "    peer: db1\n", status=2)
        contains(read, r"<stdin>:\d+:\d+: error\[SC013\]", "only you can decide")
        check(out == "", out)
        answer = json.loads(run("resolve", "--json", "-", given=CHOSEN, status=0)[1])
        check(answer["complete"] and answer["text"] == text, f"{answer}")
        _, out, read = run("resolve", "--in-place", "-", given=CHOSEN, status=2)
        contains(read, "--in-place needs a file")
        check(out == "", out)


@case("a layer that is given with what is required, in one line")
def mixed():
    with Scene() as scene:
        _, text, _ = run("resolve", "--require", "forward-secrecy", "--stack", "mac:blake2b | encrypt:des-cbc", "--link", "datagram",
                         status=0)
        contains(text, "mac:blake2b .*encrypt:des-cbc|encrypt:des-cbc .*mac:blake2b", "anti-replay:window", "encrypt:aes-256-gcm")
        run("check", scene.write("resolved.yaml", text), status=0)


@case("a step says where, whatever the notation and its quotes are; a layer that cannot stay is told to be changed")
def wording():
    with Scene() as scene:
        for stack, behind in (("'anti-replay:sequence | encrypt:aes-128-cbc'", "encrypt:aes-128-cbc"), ("'encrypt:aes-128-cbc'", "encrypt:aes-128-cbc"),
                              ('"encrypt:aes-128-cbc"', "encrypt:aes-128-cbc"), ("encrypt:aes-128-cbc", "encrypt:aes-128-cbc"),
                              ("[encrypt: 'aes-128-cbc']", "encrypt: 'aes-128-cbc'"), ("[encrypt: {algorithm: \"aes-128-cbc\"}]",
                                                                                    "encrypt: {algorithm: \"aes-128-cbc\"}")):
            _, _, told = run("resolve", scene.write("quoted.yaml", HEAD + f"    stack: {stack}\n"), status=0)
            line = [line for line in told.splitlines() if "added mac" in line]
            check(len(line) == 1 and f" behind {behind}: " in line[0], told)
            check(not [line for line in told.splitlines() if line.count("'") % 2 or line.count('"') % 2], told)
        _, text, told = run("resolve", "--stack", "encrypt:des-ecb", "--require", "confidentiality=legacy", status=0)
        contains(told, r"changed encrypt:\S+-ecb.* to ", r"\(SC215\)")
        run("check", scene.write("resolved.yaml", text), status=0)


@case("JSON has the text, the steps and what is left")
def as_json():
    with Scene() as scene:
        _, out, told = run("resolve", "--json", scene.write("chosen.yaml", CHOSEN), status=0)
        answer = json.loads(out)
        check(told == "" and answer["complete"] and answer["findings"] == [], f"{answer}")
        check(sorted(step["id"] for step in answer["steps"]) == ["SC201", "SC607"], f"{answer['steps']}")
        check(all(step["what"].startswith("added ") and step["message"] and step["line"] for step in answer["steps"]), f"{answer}")
        check("# for the old hardware" in answer["text"], answer["text"])


@case("what only a person can decide is told, and nothing is printed or written")
def left():
    with Scene() as scene:
        text = CHOSEN.replace("    identity: web1\n", "")
        file = scene.write("left.yaml", text)
        for arguments in (("resolve", file), ("resolve", "--in-place", file)):
            _, out, told = run(*arguments, status=2)
            check(out == "" and open(file).read() == text, f"{out}")
            contains(told, r"error\[SC009\]: session 'web' has no 'identity'", "only you can decide")
        answer = json.loads(run("resolve", "--json", file, status=2)[1])
        check(not answer["complete"] and answer["findings"][0]["id"] == "SC009", f"{answer}")
        _, out, told = run("resolve", "--require", "non-repudiation=modern+pq", status=2)
        contains(told, r"error\[SC415\].*required: modern\+pq")
        check(out == "", out)


@case("arguments that say nothing, or two things, are refused")
def arguments():
    with Scene() as scene:
        file = scene.write("chosen.yaml", CHOSEN)
        for given, told in ((("resolve",), "nothing to resolve"), (("resolve", file, "--require", "integrity"), "without a file"),
                            (("resolve", "--in-place", "--require", "integrity"), "needs a file"),
                            (("resolve", "--require", "integrity", "--link", "pigeon"), "'pigeon' is no link"),
                            (("resolve", "--require", "integrity\n    role: server"), "not what --require takes"),
                            (("resolve", "--require", "integrty=modern"), r"error\[SC002\]: 'integrty' is no property; did you mean 'integrity'"),
                            (("resolve", scene.path("none.yaml")), "No such file")):
            status, out, error = run(*given)
            check(status == 2 and out == "", f"{given}: {status}\n{out}")
            contains(error, told)


@case("a misspelt word is an error as it is to check, with what it may mean, and is not guessed")
def misspelt():
    with Scene() as scene:
        for wrong, right, identifier in (("encrypt: aes-128-cbc", "encrpyt: aes-128-cbc", "SC010"), ("encrypt: aes-128-cbc", "encrypt: aes-128-cbx", "SC011"),
                                         ("    stack:", "    require: {confidentialty: modern}\n    stack:", "SC002")):
            text = CHOSEN.replace(wrong, right)
            check(text != CHOSEN, "nothing is misspelt")
            file = scene.write("misspelt.yaml", text)
            _, out, told = run("resolve", "--in-place", file, status=2)
            check(out == "" and open(file).read() == text, out)
            line = [line for line in told.splitlines() if f"error[{identifier}]" in line]
            check(len(line) == 1 and "did you mean" in line[0], told)
            answer = json.loads(run("resolve", "--json", file, status=2)[1])
            check(identifier in [finding["id"] for finding in answer["findings"]], f"{answer}")


main(parallel=2)
