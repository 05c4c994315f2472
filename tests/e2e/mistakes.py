# SPDX-License-Identifier: Apache-2.0
"""Goal: every mistake of a user is refused with a status that is not 0, and told so that the next step is in the message."""
import json
import os
import re
import socket

from support import Scene, case, check, contains, main, run

GOOD = """seccomm: 1
sessions:
  a:
    role: client
    listen: tcp:127.0.0.1:0
    connect: tcp:127.0.0.1:9
    identity: web1
    peers: [db1]
    stack:
      - anti-replay: sequence
      - encrypt: {algorithm: aes-256-gcm}
"""


def bad_file(old, new, *told, place=None):
    """`check` and `run` refuse the good file with OLD replaced by NEW, and tell it at PLACE (line:column)."""
    with Scene() as scene:
        scene.hosts()
        check(old in GOOD, old)
        file = scene.write("bad.yaml", GOOD.replace(old, new, 1))
        status, out, error = run("check", file, "--home", scene.client_home)
        check(status == 2, f"check ended with {status}:\n{out}{error}")
        contains(out + error, *told)
        contains(out + error, r"error\[SC\d+\]")
        if place:
            contains(out + error, re.escape(f"bad.yaml:{place}:"), r"\^")
        status, out, error = run("run", "-c", file, "--home", scene.client_home, seconds=20)
        check(status != 0, "run accepted what check refuses")
        contains(out + error, *told)


@case("the good file is good")
def good():
    with Scene() as scene:
        scene.hosts()
        run("check", scene.write("good.yaml", GOOD), "--home", scene.client_home, status=0)


@case("unknown key of a file, with the nearest one")
def unknown_key():
    bad_file("identity:", "identiy:", "identiy", "did you mean .?identity", place="7:5")


@case("unknown layer, with the nearest one")
def unknown_layer():
    bad_file("encrypt:", "encrpyt:", "encrpyt", "did you mean .?encrypt", place="11:9")


@case("unknown algorithm, with the nearest one")
def unknown_algorithm():
    bad_file("aes-256-gcm", "aes-265-gcm", "aes-265-gcm", "did you mean .?aes-256-gcm", place="11:30")


@case("unknown parameter, with the nearest one")
def unknown_parameter():
    bad_file("{algorithm: aes-256-gcm}", "{algorithm: aes-256-gcm, directoin: c2s}", "directoin", "did you mean .?direction",
             place="11:43")


@case("a value of the wrong type")
def wrong_type():
    bad_file("{algorithm: aes-256-gcm}", "{algorithm: aes-256-gcm, direction: [c2s]}", "direction", "list", place="11")
    bad_file("role: client", "role: [client]", "role", "client or server", place="4:11")
    bad_file("role: client", "role: cleint", "cleint", "did you mean .?client", place="4:11")


@case("a key given twice")
def duplicate():
    bad_file("    role: client\n", "    role: client\n    role: server\n", "role", "twice|duplicate|already", place="5:5")


@case("a file that is no YAML, and one with every mistake: all are told in one run")
def all_at_once():
    bad_file("sessions:", "sessions: [", "error")
    with Scene() as scene:
        scene.hosts()
        text = GOOD.replace("identity:", "identiy:").replace("encrypt:", "encrpyt:").replace("sequence", "sequense")
        status, out, error = run("check", scene.write("bad.yaml", text), "--home", scene.client_home)
        check(status == 2, "accepted")
        contains(out + error, "identiy", "sequense", "encrpyt")


@case("a bad address")
def bad_address():
    bad_file("tcp:127.0.0.1:9", "tcp:127.0.0.1:99999", "port", place="6")
    bad_file("tcp:127.0.0.1:9", "tpc:127.0.0.1:9", "tpc|tcp:", place="6")


@case("memory: is for programs that use the library: told at its place, in text and JSON")
def memory_address():
    bad_file("connect: tcp:127.0.0.1:9", "connect: 'memory:'", r"error\[SC014\]", "programs that use the library",
             "tcp:HOST:PORT, udp:HOST:PORT, unix:PATH or unixgram:PATH", place="6:15")
    with Scene() as scene:
        scene.hosts()
        home = ("--home", scene.client_home)
        file = scene.write("both.yaml", GOOD.replace("tcp:127.0.0.1:0", '"memory-datagram:"')
                           .replace("tcp:127.0.0.1:9", "'memory-datagram:'").replace("sequence", "window"))
        status, out, _ = run("check", file, "--json", *home)
        found = json.loads(out)
        check(status == 2 and [(f["id"], f["line"], f["column"]) for f in found] == [("SC014", 5, 14), ("SC014", 6, 15)], out)
        flow = scene.write("flow.yaml", "seccomm: 1\nsessions: {s: {role: client, connect: 'tcp:a:1', listen: "
                           "'memory:', identity: web1, peers: [db1], profile: default@1}}\n")
        _, _, error = run("check", flow, *home, status=2)
        contains(error, r"flow\.yaml:2:59: error\[SC014\]")
        for command in ("client", "server"):
            for more in ((), ("--print-config",)):
                _, out, error = run(command, "--listen", "memory:", "--connect", "memory:", "--identity", "web1", "--peer",
                                    "db1", *home, *more, seconds=20, status=2)
                check(not out, out)
                contains(error, "'listen'", "'connect'", "programs that use the library")


@case("--json is refused where nothing is answered")
def json_of_nothing():
    for command in ("demo", "client", "server", "run"):
        _, out, error = run(command, "--json", seconds=20, status=2)
        check(not out, out)
        contains(error, "unknown option '--json'", f"seccomm {command} --help")


@case("a group of commands alone: its commands")
def groups():
    for group, commands in (("key", ("gen", "show")), ("peer", ("add", "list", "remove"))):
        _, out, error = run(group, status=2)
        check(not out, out)
        contains(error, *(f"seccomm {group} {c}" for c in commands))
        for help in ("--help", "-h"):
            _, out, error = run(group, help, status=0)
            check(not error, error)
            contains(out, "Usage", *(f"seccomm {group} {c}" for c in commands))


@case("--print-config prints only what runs, and says what it does not print")
def print_config():
    with Scene() as scene:
        scene.hosts()
        base = ("client", "--listen", "tcp:127.0.0.1:0", "--connect", "tcp:127.0.0.1:9", "--identity", "web1", "--peer", "db1",
                "--home", scene.client_home, "--print-config")
        for more, told in ((("--stack", "encrpyt:aes-256-gcm"), "encrpyt"), (("--connect", "tcp:a..b:1"), "SC014"),
                           (("--profile", "default@1", "--stack", "encrypt:aes-256-gcm"), "SC013"),
                           (("--drain", "soon"), "soon")):
            _, out, error = run(*base, *more, status=2)
            check(not out, f"{more}: printed\n{out}")
            contains(error, told)
        _, plain, error = run(*base, status=0)
        check(not error, error)
        _, out, error = run(*base, "--drain", "7s", status=0)
        check(out == plain, "the configuration differs")
        contains(error, "--drain is not part of the configuration", "seccomm run -c FILE --drain 7s")


@case("missing files and words")
def missing_things():
    with Scene() as scene:
        scene.hosts()
        home = ("--home", scene.client_home)
        status, out, error = run("check", scene.path("none.yaml"), *home)
        check(status == 2, f"{status}")
        contains(error + out, "none.yaml", "No such file|not there|missing")
        status, out, error = run("key", "gen", *home)
        check(status == 2, f"{status}")
        contains(error, "seccomm key gen")
        status, out, error = run("client", "--listen", "tcp:127.0.0.1:0", *home)
        check(status in (1, 2), f"{status}")
        contains(error, "connect")


@case("unknown command, option and word on the command line, with the nearest one")
def command_line():
    for arguments, told in (
            (("sevrer",), ("sevrer", "did you mean .?server")),
            (("key", "gne", "x"), ("gne", "key gen")),
            (("server", "--lisetn", "tcp::1"), ("lisetn", "did you mean .?--listen")),
            (("list", "algoritms"), ("algoritms", "algorithms")),
            (("explain", "defualt@1"), ("defualt@1", "default@1")),
            (("explain", "SC2066"), ("SC2066", "did you mean .?SC206", "seccomm list rules")),
            (("client", "--listen"), ("--listen", "value|wants")),
            (("key", "gen", "../x"), ("name",)),
            (("peer", "list", "more"), ("more",))):
        status, out, error = run(*arguments)
        check(status == 2, f"{arguments} ended with {status}:\n{out}{error}")
        contains(error, *told)


@case("a stack of flags that is wrong: told with its place in the expression")
def bad_stack():
    with Scene() as scene:
        scene.hosts()
        base = ("client", "--listen", "tcp:127.0.0.1:0", "--connect", "tcp:127.0.0.1:9", "--identity", "web1", "--peer", "db1",
                "--home", scene.client_home)
        for stack, told in (("anti-replay:sequence | encrpyt:aes-256-gcm", ("encrpyt", "did you mean .?encrypt")),
                            ("encrypt:aes-256-gcm,directoin=c2s", ("directoin", "did you mean .?direction")),
                            ("encrypt:aes-256-gcm,order=many", ("order", "many")),
                            ("encrypt:des-cbc", ("des-cbc",)),
                            ("digest:sha-256", ("SC",)),
                            ("", ("stack|empty",))):
            status, out, error = run(*base, "--stack", stack, seconds=20)
            check(status == 2, f"--stack '{stack}' ended with {status}:\n{out}{error}")
            contains(out + error, *told)
        status, out, error = run(*base, "--profile", "defualt@1", seconds=20)
        check(status == 2, f"{status}")
        contains(out + error, "defualt@1", "did you mean .?default@1")
        status, out, error = run(*base, "--profile", "default@1", "--stack", "encrypt:aes-256-gcm", seconds=20)
        check(status == 2, "profile and stack together were accepted")


def start_client(scene, *changes):
    arguments = {"--listen": "tcp:127.0.0.1:0", "--connect": "tcp:127.0.0.1:9", "--identity": "web1", "--peer": "db1",
                 "--home": scene.client_home}
    arguments.update(dict(zip(changes[::2], changes[1::2])))
    return run("client", *(word for pair in arguments.items() for word in pair), seconds=20)


@case("missing key, with the command that makes one; unknown peer, with the command that adds one")
def missing_key():
    with Scene() as scene:
        scene.hosts()
        status, out, error = start_client(scene, "--identity", "wbe1")
        check(status != 0, "accepted")
        contains(out + error, "wbe1", "did you mean .?web1|seccomm key gen wbe1")
        status, out, error = start_client(scene, "--peer", "bd1")
        check(status != 0, "accepted")
        contains(out + error, "bd1", "did you mean .?db1|seccomm peer add bd1")
        empty = scene.path("empty")
        status, out, error = start_client(scene, "--home", empty)
        check(status != 0, "accepted")
        contains(out + error, "web1", "seccomm key gen web1")


@case("a key file that others can read is refused, with the chmod to run")
def open_key():
    with Scene() as scene:
        scene.hosts()
        file = os.path.join(scene.client_home, "keys", "web1")
        for mode in (0o644, 0o640, 0o604, 0o660):
            os.chmod(file, mode)
            status, out, error = start_client(scene)
            check(status != 0, f"mode {mode:o} was accepted")
            contains(out + error, re.escape(file))
            command = re.search(r"chmod [0-7a-z,=+-]+ \S*" + re.escape("web1"), out + error)
            check(command, f"no chmod is told:\n{out}{error}")
            status, _, _ = run("key", "show", "web1", "--home", scene.client_home)
            check(status != 0, "key show read a key that is open to others")
        os.chmod(file, 0o600)
        run("key", "show", "web1", "--home", scene.client_home, status=0)


@case("a private key that a layer needs and the identity does not have: told at the start, with the command that makes it")
def lacking_key():
    with Scene() as scene:
        scene.hosts()
        for stack, kind in (("sign:rsa-pss", "rsa-3072"), ("sign:ecdsa-p256", "ecdsa-p256")):
            error = run("server", "--listen", "tcp:127.0.0.1:0", "--connect", "tcp:127.0.0.1:1", "--identity", "db1", "--peer", "web1", "--home",
                        scene.server_home, "--no-control", "--stack", f"anti-replay:sequence | {stack} | encrypt:aes-256-gcm", status=2)[2]
            contains(error, "has no private key for", f"key gen NAME --algorithm {kind}")


@case("a further private key that cannot be read: told with its file and why, not as missing")
def unreadable_private_key():
    with Scene() as scene:
        scene.hosts()
        keys = os.path.join(scene.client_home, "keys")
        run("key", "gen", "web1", "--algorithm", "ecdsa-p256", "--home", scene.client_home, status=0)
        with open(os.path.join(keys, "web1.ecdsa-p256.pem"), encoding="ascii") as file:
            good = file.read()
        config = scene.write("c.yaml", GOOD)
        for name, text, why in (("rsa-kem-3072", "garbage\n", "there is no PEM block in it"),
                                ("rsa-3072", "", "there is no PEM block in it"),
                                ("rsa-oaep-3072", good[:100] + "!" + good[101:], "its PEM block is damaged, encrypted, or no private key"),
                                ("rsa-kem-3072", good, "its PEM block is a private key of another kind"),
                                ("ecdsa-p256", good[:-40], "its PEM block is damaged")):
            path = os.path.join(keys, f"web1.{name}.pem")
            with open(path, "w", encoding="ascii", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
                file.write(text)
            _, _, error = run("run", "-c", config, "--home", scene.client_home, seconds=20, status=2)
            contains(error, re.escape(path), f"this is where the {name} key of 'web1' is kept, but it cannot be read: {why}",
                     f"seccomm key gen web1 --algorithm {name}")
            os.unlink(path)


@case("files and folders that others can change are refused, with the chmod to run")
def open_to_change():
    with Scene() as scene:
        scene.hosts()
        keys, file = os.path.join(scene.client_home, "keys"), scene.path("run.yaml")
        for folder in (keys, scene.client_home):
            os.chmod(folder, 0o777)
            status, out, error = start_client(scene)
            check(status != 0, f"{folder} was accepted")
            contains(error, "others can exchange what is in this folder", "chmod go-w " + re.escape(folder))
            os.chmod(folder, 0o700)
        with open(file, "w", encoding="utf-8") as to:
            to.write(run("client", "--listen", "tcp:127.0.0.1:0", "--connect", "tcp:127.0.0.1:1", "--identity", "web1", "--peer", "db1",
                         "--print-config", status=0)[1])
        for mode in (0o622, 0o664, 0o646):
            os.chmod(file, mode)
            error = run("run", "-c", file, "--home", scene.client_home, "--no-control", status=2)[2]
            contains(error, "others can change what is run", "chmod go-w " + re.escape(file))
            run("check", file, status=0)


@case("a list of peers that is not what seccomm wrote is refused, and left as it is")
def strange_peers():
    with Scene() as scene:
        scene.hosts()
        path = os.path.join(scene.client_home, "peers")
        good = open(path, "rb").read()

        def refused(what):
            before = None if os.path.islink(path) or not os.path.isfile(path) else open(path, "rb").read()
            for arguments in (("peer", "add", "new", scene.client_key), ("peer", "remove", "db1"), ("peer", "list")):
                status, out, error = run(*arguments, "--home", scene.client_home, seconds=20)
                check(status != 0, f"{what}: {arguments} was accepted")
                contains(out + error, what)
            check(before is None or open(path, "rb").read() == before, f"{what}: the list was changed")
        open(path, "wb").write(good + b"\0\nother " + scene.client_key.encode() + b"\n")
        refused("NUL")
        open(path, "wb").write(good)
        os.chmod(path, 0o666)
        refused("chmod go-w")
        os.unlink(path)
        os.mkfifo(path, 0o600)
        refused("not a file")


@case("every line of a peer that is removed goes, and a key in capitals is the same key")
def twice():
    with Scene() as scene:
        scene.hosts()
        path = os.path.join(scene.client_home, "peers")
        with open(path, "a") as file:
            file.write(f"db1 {scene.client_key}\n")
        run("peer", "remove", "db1", "--home", scene.client_home, status=0)
        check("db1" not in open(path).read(), "a line of the peer is still there")
        run("peer", "add", "db1", scene.server_key, "--home", scene.client_home, status=0)
        _, out, _ = run("peer", "add", "db1", scene.server_key.upper(), "--home", scene.client_home, status=0)
        contains(out, "known already")


@case("a damaged key word is told, not taken")
def damaged_word():
    with Scene() as scene:
        scene.hosts()
        word = scene.server_key
        for wrong in (word[:-1], word[:10] + ("q" if word[10] != "q" else "p") + word[11:], "sck1", "ssh-ed25519", word + "q",
                      "scs1" + word[4:]):
            status, out, error = run("peer", "add", "other", wrong, "--home", scene.client_home)
            check(status != 0, f"peer add took {wrong}")
            check(len(out + error) > 20, "no reason was told")
        _, out, _ = run("peer", "list", "--home", scene.client_home, status=0)
        check("other" not in out, "a peer with a damaged key was kept")


@case("a known peer with another key: both fingerprints, and nothing changed")
def changed_key():
    with Scene() as scene:
        scene.hosts()
        _, stranger = scene.home("stranger")
        status, out, error = run("peer", "add", "db1", stranger, "--home", scene.client_home)
        check(status != 0, "the key of a peer was changed without a word")
        check(len(set(re.findall(r"SHA256:[A-Za-z0-9+/]{43}", out + error))) == 2, f"not both fingerprints:\n{out}{error}")
        contains(out + error, "peer remove db1")
        run("peer", "add", "db1", scene.server_key, "--home", scene.client_home, status=0)
        run("peer", "remove", "db1", "--home", scene.client_home, status=0)
        run("peer", "add", "db1", stranger, "--home", scene.client_home, status=0)


@case("a key is never overwritten")
def overwrite():
    with Scene() as scene:
        home, key = scene.home("web1")
        status, out, error = run("key", "gen", "web1", "--home", home)
        check(status != 0, "key gen made a second key of one name")
        contains(out + error, "already|exists")
        contains(run("key", "show", "web1", "--home", home, status=0)[1], key)


@case("port in use, and a UNIX path in use")
def in_use():
    with Scene() as scene, socket.socket() as taken, socket.socket(socket.AF_UNIX) as path:
        scene.hosts()
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        url = "tcp:127.0.0.1:%d" % taken.getsockname()[1]
        status, out, error = start_client(scene, "--listen", url)
        check(status not in (0, 2), f"{status}")
        contains(error, re.escape(url), "in use", "ss -ltn|stop it|another port")
        path.bind(scene.path("taken.sock"))
        path.listen()
        status, out, error = start_client(scene, "--listen", "unix:" + scene.path("taken.sock"))
        check(status not in (0, 2), f"{status}")
        contains(error, "taken.sock", "in use")
        check(os.path.exists(scene.path("taken.sock")), "the other program's socket was removed")
        file = scene.write("plain", "precious")
        status, out, error = start_client(scene, "--listen", "unix:" + file)
        check(status not in (0, 2) and open(file).read() == "precious", "a file was taken for a socket")


@case("standard output that cannot be written: not success")
def full():
    if not os.path.exists("/dev/full"):
        from support import Skip
        raise Skip("/dev/full is not here")
    with Scene() as scene:
        scene.hosts()
        for arguments in (("--version",), ("--help",), ("list", "algorithms"), ("key", "show", "web1"), ("peer", "list", "--json"),
                          ("explain", "default@1")):
            with open("/dev/full", "wb") as stdout:
                more = () if arguments[0].startswith("--") else ("--home", scene.client_home)
                status, _, error = run(*arguments, *more, stdout=stdout)
            check(status != 0, f"{arguments} > /dev/full ended with 0")
            contains(error, "No space left|could not be written")


main(parallel=4)
