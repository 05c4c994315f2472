# SPDX-License-Identifier: Apache-2.0
"""Goal: `check --fix` changes files as `--dry-run` has shown it, in a diff that `patch` and `git apply` take, whatever their lines end with;
it does all that it can at once, says so when it cannot, and refuses before it reads what it could not write back; `check -` reads a pipe."""
import json
import os
import stat
import subprocess

from support import Scene, case, check, contains, environment, main, needs, program, run

HEAD = """seccomm: 1
sessions:
  s:
    role: client
    listen: tcp:127.0.0.1:5432
    connect: tcp:db.example.net:7443
    identity: web1
    peers: [db1]
"""
BAD = HEAD + """    stack:
      # Hides.
      - encrypt: aes-256-gcm
      # Counts.
      - anti-replay: sequnce
"""
GOOD = HEAD + """    stack:
      # Counts.
      - anti-replay: sequence
      # Hides.
      - encrypt: aes-256-gcm
"""
LAYOUTS = {"plain": (BAD, GOOD), "no-end": (BAD[:-1], GOOD[:-1]),
           "crlf": (BAD.replace("\n", "\r\n"), GOOD.replace("\n", "\r\n")),
           "crlf-no-end": (BAD[:-1].replace("\n", "\r\n"), GOOD[:-1].replace("\n", "\r\n")),
           "with blanks": (BAD, GOOD)}


def raw(path, text=None):
    """The text of PATH, as it is; with TEXT it becomes that."""
    if text is not None:
        with open(path, "wb") as file:
            file.write(text.encode())
    with open(path, "rb") as file:
        return file.read().decode()


def fed(text, *arguments, status):
    done = subprocess.run([program(), "check", *arguments], input=text.encode(), env=environment(), timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, error = done.stdout.decode(), done.stderr.decode()
    check(done.returncode == status, f"{arguments} ended with {done.returncode}, not {status}:\n{out}{error}")
    return out, error


@case("a file is repaired in its own line ends, comments go with their layers, and then there is nothing more to do")
def repaired():
    with Scene() as scene:
        for name, (bad, good) in LAYOUTS.items():
            path = scene.path(name + ".yaml")
            raw(path, bad)
            os.chmod(path, 0o640)
            _, out, error = run("check", "--fix", path, status=0)
            check(raw(path) == good, f"{name}:\n{raw(path)!r}")
            check(stat.S_IMODE(os.stat(path).st_mode) == 0o640, "another mode")
            contains(out, "no mistake found")
            contains(error, "repaired .SC011.", "repaired .SC601.")
            _, _, error = run("check", "--fix", path, status=0)
            check(raw(path) == good and not error, f"a second time:\n{error}")


def applied(tool, *command):
    needs(tool)
    with Scene() as scene:
        for name, (bad, good) in LAYOUTS.items():
            file = name + ".yaml"
            raw(scene.path(file), bad)
            _, diff, error = run("check", "--fix", "--dry-run", file, cwd=scene.folder)
            check(raw(scene.path(file)) == bad, "--dry-run has changed the file")
            contains(error, "would be repaired")
            done = subprocess.run([tool, *command], input=diff.encode(), cwd=scene.folder, timeout=60, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT)
            check(done.returncode == 0 and raw(scene.path(file)) == good, f"{name}:\n{diff!r}\n{done.stdout.decode()}\n{raw(scene.path(file))!r}")


@case("what --dry-run shows is a diff for patch")
def patch():
    applied("patch", "-p0")


@case("what --dry-run shows is a diff for git apply")
def git():
    applied("git", "apply", "-p0", "--whitespace=nowarn")


@case("--dry-run without --fix is refused")
def alone():
    with Scene() as scene:
        path = scene.write("c.yaml", BAD)
        _, out, error = run("check", "--dry-run", path, status=2)
        contains(error, "there is no --fix", "help: seccomm check --fix --dry-run " + path)
        check(not out and raw(path) == BAD, "something was done")


@case("- is standard input, under the name <stdin>")
def standard_input():
    out, _ = fed(GOOD, "-", status=0)
    contains(out, "no mistake found")
    _, error = fed(BAD, "-", status=2)
    contains(error, "<stdin>:13:22: error.SC011.", "sequnce")
    out, _ = fed(BAD, "--json", "-", status=2)
    check({f["file"] for f in json.loads(out)} == {"<stdin>"}, out)
    out, error = fed(BAD, "--fix", "--dry-run", "-", status=2)
    contains(out, "--- <stdin>", "[+]      - anti-replay: sequence")
    with Scene() as scene:
        check("SC011" in fed(BAD, scene.write("good.yaml", GOOD), "-", status=2)[1], "a file and standard input")
        scene.write("-", GOOD)
        contains(run("check", "./-", cwd=scene.folder, status=0)[1], "no mistake found")
    _, error = fed(BAD, "-", "-", status=2)
    contains(error, "can be read once")


@case("what cannot be written back is refused before anything is read or written")
def refused():
    with Scene() as scene:
        path, pipe = scene.write("c.yaml", BAD), scene.path("pipe")
        os.mkfifo(pipe)  # nobody writes into it: who opened it would wait
        for name in (pipe, "/dev/null", "/dev/stdin", "/proc/self/fd/0", "-"):
            _, out, error = run("check", "--fix", path, name, seconds=20, status=2)
            contains(error, "--fix cannot write", "help: see what would change:   seccomm check --fix --dry-run " + name)
            check(not out and raw(path) == BAD, f"{name}: something was done")
        with open(path, "rb") as file:
            done = subprocess.run([program(), "check", "--fix", "/dev/stdin"], stdin=file, env=environment(), timeout=60,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            check(done.returncode == 2 and raw(path) == BAD and file.tell() == 0, "a file was written back through /dev/stdin")
        contains(run("check", "--fix", scene.path("none"), status=2)[2], "No such file")


@case("a file that the repair would make larger than 1 MiB is not repaired, and that is told")
def too_large():
    with Scene() as scene:
        text = HEAD + "    stack: [anti-replay: sequence, encrypt: aes-256-cbc]\n"
        text += "#" * (1024 * 1024 - len(text) - 1) + "\n"
        path = scene.write("c.yaml", text)
        _, _, error = run("check", "--fix", path, status=2)
        contains(error, "not all is repaired that could be, for the file would be larger than 1 MiB", "help: split it", "SC201")
        check(raw(path) == text, "it was changed")
        text = text.replace("#" * 100, "", 1)
        _, _, error = run("check", "--fix", scene.write("c.yaml", text), status=0)
        check("mac: hmac-sha-256" in raw(path) and "not all" not in error, error)


@case("more findings than are shown are repaired all at once")
def many():
    layers = ", ".join(["encrpyt: aes-256-gcm"] * 31)
    text = "seccomm: 1\nsessions:\n" + "".join(
        f"  s{n}: {{role: client, listen: 'tcp:127.0.0.1:1', connect: 'tcp:db.example.net:2', identity: a, peers: [b], stack: [{layers}]}}\n"
        for n in range(7))
    with Scene() as scene:
        path = scene.write("c.yaml", text)
        contains(run("check", path, status=2)[1], "217 errors")
        _, _, error = run("check", "--fix", path)
        check("encrpyt" not in raw(path) and error.count("repaired [SC010]") == 217, f"{error.count('repaired [SC010]')} were repaired")
        before = raw(path)
        run("check", "--fix", path)
        check(raw(path) == before, "a second time there was more to do")


@case("what stands behind more findings than are told, of which none can be repaired, is not repaired, and that is told")
def behind_many():
    links = "listen: 'tcp:127.0.0.1:1', connect: 'tcp:db.example.net:2', identity: a, peers: [b]"
    text = "seccomm: 1\nsessions:\n" + "".join(
        f"  s{n}: {{role: client, {links}, stack: [anti-replay: sequence, encrypt: one-time-pad, mac: hmac-sha-256]}}\n" for n in range(201))
    text += f"  last: {{role: client, {links}, stack: [encrypt: aes-256-gcm]}}\n"
    with Scene() as scene:
        path = scene.write("c.yaml", text)
        _, _, error = run("check", "--fix", path, status=2)
        contains(error, "not all is repaired that could be, for there is more than is told at a time", "help: mend what is told, and run this again")
        check(raw(path) == text, "it was changed")


main(parallel=4)
