# SPDX-License-Identifier: Apache-2.0
"""Goal: two hosts make the same secret from the same passphrase, again at any time, and a session runs on it; another passphrase,
salt or cost makes another secret; the passphrase is not shown, not kept, and not taken from where others can read it."""
import json
import os
import pty
import re
import stat
import subprocess

from support import Scene, case, check, connect, contains, echo, environment, main, noise, program, receive, run, Service

SECRET = "correct horse battery staple"
CHEAP = ("--memory", "64MiB")
SALT = "000102030405060708090a0b0c0d0e0f"


def make(home, *arguments, passphrase=SECRET, status=0, stdin=None):
    """`key passphrase` with the passphrase, or a file, as its standard input."""
    given = {"stdin": stdin} if stdin else {"input": (passphrase + "\n").encode()}
    done = subprocess.run([program(), "key", "passphrase", *arguments, "--home", home], env=environment(), timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, **given)
    out, error = done.stdout.decode(), done.stderr.decode()
    check(done.returncode == status, f"{arguments}: {done.returncode}\n{out}{error}")
    check(passphrase not in out + error, "the passphrase was shown")
    return out + error


def secret(home, name):
    path = os.path.join(home, "keys", name + ".psk")
    with open(path) as file:
        text = file.read()
    check(stat.S_IMODE(os.stat(path).st_mode) == 0o600, "the secret is open to others")
    check(SECRET not in text, "the passphrase was kept")
    return text.split()[0]


@case("the command that is printed makes the same secret on the other host, and a session runs on it")
def two_hosts():
    with Scene() as scene:
        scene.hosts()
        out = make(scene.client_home, "office", *CHEAP)
        again = re.search(r"seccomm key passphrase (office .*)", out).group(1)
        make(scene.server_home, *again.split())
        check(secret(scene.client_home, "office") == secret(scene.server_home, "office"), "two secrets")
        text = ("seccomm: 1\nsessions:\n  s:\n    role: {}\n    listen: {}\n    connect: {}\n    stack:\n      - anti-replay: sequence\n"
                "      - encrypt: {{algorithm: aes-256-gcm, key: data}}\n    keys:\n"
                "      outer: {{establish: psk, secret: office}}\n      data: {{establish: client-creates, "
                "create: {{method: passphrase, secret: office}}, protect: [encrypt: aes-256-gcm]}}\n")
        wire, outside = "unix:" + scene.path("wire"), "unix:" + scene.path("outside")
        for home, file, role, listen, to in ((scene.server_home, "server.yaml", "server", wire, Service(scene, echo).url),
                                             (scene.client_home, "client.yaml", "client", outside, wire)):
            path = scene.write(file, text.format(role, listen, to))
            scene.start("run", "-c", path, "--home", home, "--no-control").wait_line("event=listening")
        data = noise("passphrase", 3000)
        with connect(outside) as s:
            s.sendall(data)
            check(receive(s, len(data)) == data, "no echo")


@case("the same passphrase, salt and cost make the same secret at any time; others make others")
def same_again():
    with Scene() as scene:
        home = scene.path("home")
        ways = [((), {}), ((), {}), (("--passes", "4"), {}), (("--memory", "65MiB"), {}), (("--salt", SALT[::-1]), {}),
                ((), {"passphrase": SECRET + "!"})]
        made = []
        for n, (more, given) in enumerate(ways):
            make(home, f"k{n}", "--salt", SALT, *CHEAP, *more, **given)
            made.append(secret(home, f"k{n}"))
        check(made[0] == made[1] and len(set(made)) == len(made) - 1, f"{made}")
        out = json.loads(make(home, "j", *CHEAP, "--json"))
        check(out["memory"] == 64 << 20 and out["passes"] == 3 and len(out["salt"]) == 32, out)
        check(json.loads(make(home, "l", *CHEAP, "--json"))["salt"] != out["salt"], "the same salt twice")


@case("what is too weak, wrong or there already is refused, and leaves nothing")
def refused():
    with Scene() as scene:
        home = scene.path("home")
        for arguments, told in ((("--memory", "32MiB"), "64MiB to 4GiB"), (("--memory", "8TiB"), "memory"), (("--memory", "much"), "256MiB"),
                                (("--passes", "2"), "3 to 64"), (("--passes", "-3"), "passes"), (("--passes", "65"), "3 to 64"),
                                (("--salt", "00"), "32 digits"), (("--salt", SALT.replace("f", "g")), "32 digits")):
            contains(make(home, "weak", *arguments, status=2), told)
        contains(make(home, "weak", *CHEAP, passphrase="fifteen letters", status=2), "16 to 1024 bytes", "six words")
        contains(make(home, "weak", *CHEAP, passphrase="x" * 1025, status=2), "16 to 1024 bytes")
        contains(make(home, "weak", *CHEAP, passphrase="x" * 4096, status=2), "no passphrase: it is longer", "16 to 1024 bytes")
        contains(make(home, "weak", *CHEAP, passphrase="sixteen letters\0and", status=2), "no passphrase: it has a zero byte", "UTF-8")
        check(os.listdir(os.path.join(home, "keys")) == [], "something was left")
        make(home, "once", *CHEAP)
        before = secret(home, "once")
        contains(make(home, "once", *CHEAP, status=2), "already")
        check(secret(home, "once") == before, "it was overwritten")


@case("a file with a passphrase is taken only if it is closed to others")
def from_file():
    with Scene() as scene:
        home, path = scene.path("home"), scene.write("words", SECRET + "\nand more\n", mode=0o644)
        with open(path) as file:
            contains(make(home, "open", *CHEAP, stdin=file, status=2), "others can get at")
        os.chmod(path, 0o600)
        with open(path) as file:
            make(home, "shut", "--salt", SALT, *CHEAP, stdin=file)
        make(home, "typed", "--salt", SALT, *CHEAP)
        check(secret(home, "shut") == secret(home, "typed"), "the first line is not what was taken")


@case("a line's end and a byte order mark are no part of it, whichever system wrote them; a second return is")
def line_ends():
    with Scene() as scene:
        home, made = scene.path("home"), []
        for n, text in enumerate((SECRET, SECRET + "\n", "\ufeff" + SECRET + "\r\n", SECRET + "\r\r\n")):
            path = scene.write(f"words{n}", text, mode=0o600)
            with open(path) as file:
                make(home, f"k{n}", "--salt", SALT, *CHEAP, stdin=file)
            made.append(secret(home, f"k{n}"))
        check(made[0] == made[1] == made[2] != made[3], f"{made}")


@case("few different characters and repeated pieces are warned of; the secret is made")
def weak():
    with Scene() as scene:
        home, n = scene.path("home"), 0
        for text, is_weak in (("fifteen letters" * 2, True), ("12345123451234554321", True), ("sixteen letters!" * 2, False),
                              ("7492930184561127", False)):
            n += 1
            out = make(home, f"k{n}", *CHEAP, passphrase=text)
            check(("warning" in out) == is_weak, f"{text}: {out}")
            secret(home, f"k{n}")


@case("what is no UTF-8 is warned of, with the byte, and is what was given; the secret is made")
def encodings():
    with Scene() as scene:
        home, words = scene.path("home"), "größere bärte überall"
        for n, (given, byte) in enumerate(((words.encode(), None), (words.encode("latin-1"), 3), ("\ufeff".encode() + words.encode("latin-1"), 3),
                                           (b"sixteen letters \xed\xa0\x80", 17), (b"sixteen letters \xc0\xaf", 17),
                                           (b"sixteen letters \xf4\x90\x80\x80", 17), (b"sixteen letters \xe2\x82", 17))):
            path = scene.write(f"words{n}", "", mode=0o600)
            with open(path, "wb") as file:
                file.write(given + b"\n")
            with open(path) as file:
                out = make(home, f"k{n}", "--salt", SALT, *CHEAP, stdin=file)
            check(("no UTF-8" in out) == (byte is not None), f"{given}: {out}")
            if byte:
                contains(out, f"warning: standard input: byte {byte} of the passphrase")
        check(secret(home, "k1") == secret(home, "k2") != secret(home, "k0"), "the words were changed")


def at_terminal(home, name, *typed):
    """What a terminal shows when TYPED is typed, each at its prompt; and the status."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([program(), "key", "passphrase", name, "--salt", SALT, *CHEAP, "--home", home], stdin=theirs,
                               stdout=theirs, stderr=theirs, env=environment(), start_new_session=True)
    os.close(theirs)
    shown = b""
    for text in typed:
        while not shown.endswith(b": "):
            shown += os.read(ours, 1)
        os.write(ours, text)
        shown += os.read(ours, 1)
    try:
        while piece := os.read(ours, 4096):
            shown += piece
    except OSError:
        pass
    status = process.wait(timeout=60)
    os.close(ours)
    return status, shown.decode()


@case("a terminal is asked twice and shows nothing")
def terminal():
    with Scene() as scene:
        home, words = scene.path("home"), (SECRET + "\n").encode()
        status, shown = at_terminal(home, "typed", words, words)
        check(status == 0 and SECRET not in shown, shown)
        make(home, "given", "--salt", SALT, *CHEAP)
        check(secret(home, "typed") == secret(home, "given"), "another secret")
        status, shown = at_terminal(home, "wrong", words, words.upper())
        check(status == 2 and "not the same" in shown, shown)
        status, shown = at_terminal(home, "none", b"\x04")
        check(status == 2 and "no passphrase" in shown, shown)


@case("neither an option nor the environment takes a passphrase")
def nowhere_else():
    with Scene() as scene:
        home = scene.path("home")
        run("key", "passphrase", "a", SECRET, "--home", home, status=2)
        for option in ("--passphrase", "--secret"):
            run("key", "passphrase", "a", option, SECRET, "--home", home, status=2)
        _, _, error = run("key", "passphrase", "a", "--home", home, env=environment() | {"SECCOMM_PASSPHRASE": SECRET}, status=2)
        contains(error, "16 to 1024")


main()
