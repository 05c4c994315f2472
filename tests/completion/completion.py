# SPDX-License-Identifier: Apache-2.0
"""Goal: the installed completion for bash knows every command, option and word that the program knows, and what it answers
completes the line, also where the shell takes a word apart (: and =) or has it in quotes."""
import json
import os
import pty
import re
import select
import shlex
import subprocess
import time

from destination import call, destination
from support import PATIENCE, Scene, case, check, environment, find, main, needs, program, run

ASK = """source "$SCRIPT"; COMP_LINE=$LINE COMP_POINT=${#LINE} COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_seccomm seccomm; printf '%s\\n' "${COMPREPLY[@]}"
"""


def script():
    return destination().path("datadir", "bash-completion", "completions", "seccomm")


def shell_environment(scene):
    """A shell that finds the tested program, and a home with keys and peers."""
    os.makedirs(scene.path("bin"), exist_ok=True)
    if not os.path.exists(scene.path("bin", "seccomm")):
        os.symlink(program(), scene.path("bin", "seccomm"))
    if not hasattr(scene, "client_home"):
        scene.hosts()
        run("key", "gen", "office", "--algorithm", "psk", "--home", scene.client_home, status=0)
    return environment() | {"PATH": scene.path("bin") + ":" + os.environ["PATH"], "SCRIPT": script(), "SECCOMM_HOME": scene.client_home}


def complete(scene, line):
    """What the completion function answers to LINE and the tab, given to it as bash does."""
    pieces = re.findall(r"'[^']*'?|[:=]+|[^\s:=']+", line) + ([""] if line.endswith(" ") and line.count("'") % 2 == 0 else [])
    ask = f"COMP_WORDS=({' '.join(map(shlex.quote, pieces))})\n" + ASK
    done = subprocess.run(["bash", "--norc", "-c", ask], env=shell_environment(scene) | {"LINE": line}, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    check(done.returncode == 0 and not done.stderr, f"{line!r}: {done}")
    return done.stdout.split("\n")[:-1] if done.stdout.strip() else []


def same(scene, line, expected):
    got = complete(scene, line)
    check(sorted(got) == sorted(expected), f"{line!r} is completed by {got}, not {sorted(expected)}")


def names(kind):
    return [row.get("name") or row["id"] for row in json.loads(run("list", kind, "--json", status=0)[1])]


@case("every command, and every option of each")
def commands():
    listed = re.findall(r"^  ([a-z]+(?: [a-z]+)?)  +\S", run("--help", status=0)[1], re.M)
    with Scene() as scene:
        same(scene, "seccomm ", {c.split()[0] for c in listed} | {"--help", "--home", "--version"})
        same(scene, "seccomm ex", ["explain"])
        for group in {c.split()[0] for c in listed if " " in c}:
            same(scene, f"seccomm {group} ", [c.split()[1] for c in listed if c.startswith(group + " ")])
        for command in listed:
            _, out, _ = run(*command.split(), "--help", status=0)
            same(scene, f"seccomm {command} --", re.findall(r"^  (?:-\w, |    )(--[\w-]+)", out, re.M))
        same(scene, "seccomm server --li", ["--listen"])
        same(scene, "seccomm --home /tmp server --li", ["--listen"])
        same(scene, "seccomm server --nothing=", [])
        same(scene, "seccomm server -- --li", [])


@case("the words of the tables: layers, profiles, lists, alerts, findings")
def tables():
    mps = names("micro-protocols")
    layers = [name for name in mps if name.split(":")[0] not in ("create", "establish")]
    with Scene() as scene:
        same(scene, "seccomm explain encrypt:", [n.split(":")[1] for n in mps if n.startswith("encrypt:")])
        same(scene, "seccomm explain encrypt:aes", [n.split(":")[1] for n in mps if n.startswith("encrypt:aes")])
        same(scene, "seccomm explain SA-0", names("alerts"))
        answered = complete(scene, "seccomm explain ")
        check({*mps, *names("profiles"), *names("alerts"), *names("rules")} <= set(answered), f"{answered}")
        same(scene, "seccomm list ", re.search(r"list (\S+)", run("list", "--help", status=0)[1]).group(1).split("|"))
        same(scene, "seccomm client --profile ", names("profiles"))
        same(scene, "seccomm run --log ", ["logfmt", "json"])
        same(scene, "seccomm client --profile=de", [n for n in names("profiles") if n.startswith("de")])
        same(scene, "seccomm client --stack ", layers)
        same(scene, "seccomm client --stack 'anti-replay:sequence | enc",
             ["anti-replay:sequence | " + n for n in layers if n.startswith("enc")])
        same(scene, "seccomm key gen web2 --algorithm ", ["ed25519", "rsa-3072", "ecdsa-p256", "rsa-oaep-3072", "rsa-kem-3072", "psk"])


@case("the keys and peers of this home, or of the one that the line says")
def home():
    with Scene() as scene:
        same(scene, "seccomm client --identity ", ["web1"])
        same(scene, "seccomm client --psk ", ["office"])
        same(scene, "seccomm client --peer ", ["db1"])
        same(scene, "seccomm key show ", ["office", "web1"])
        same(scene, "seccomm peer remove d", ["db1"])
        same(scene, f"seccomm --home {scene.server_home} key show ", ["db1"])
        same(scene, f"seccomm server --home={scene.server_home} --peer=", ["web1"])


@case("files and what nobody can know are left to the shell")
def files():
    with Scene() as scene:
        for line in ("run -c ", "run --config ", "check ", "key gen ", "server --listen ", "nothing "):
            same(scene, "seccomm " + line, [])


class Terminal:
    """An interactive bash.  `show` is completed as seccomm is, and prints its arguments."""

    START = """source "$SCRIPT"; complete -o bashdefault -o default -F _seccomm show; bind 'set enable-bracketed-paste off'
show() { [ "$1" = complete ] && { command seccomm "$@"; return; }; printf '<%s>' "$@"; echo; }
PS1=; echo READY
"""

    def __init__(self, env, folder):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe("bash", ["bash", "--norc", "--noprofile", "-i"], env)
        self.send(self.START)
        self.wait(r"\nREADY\r")

    def send(self, text):
        os.write(self.fd, text.encode())

    def wait(self, pattern):
        seen, until = "", time.monotonic() + PATIENCE
        while not (found := re.search(pattern, seen)):
            check(select.select([self.fd], [], [], max(0, until - time.monotonic()))[0], f"/{pattern}/ did not come:\n{seen}")
            seen += os.read(self.fd, 4096).decode("utf-8", "replace")
        return found

    def typed(self, line):
        """The arguments that bash runs when LINE, a tab and the end of the line are typed."""
        self.send(line + "\t\n")
        return re.findall("<([^>]*)>", self.wait(r"\n((?:<[^>\n]*>)+)\r").group(1))

    def close(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


@case("typed in a terminal, the line becomes the one that was meant")
def terminal():
    needs("bash")
    with Scene() as scene:
        env = shell_environment(scene) | {"TERM": "dumb", "HISTFILE": ""}
        scene.write("my.yaml", "")
        shell = Terminal(env, scene.folder)
        try:
            for line, meant in (("show ex", ["explain"]),
                                ("show explain encrypt:chacha20-p", ["explain", "encrypt:chacha20-poly1305"]),
                                ("show explain default", ["explain", "default@1"]),
                                ("show server --profile=def", ["server", "--profile=default@1"]),
                                ("show server --pee", ["server", "--peer"]),
                                ("show client --peer=d", ["client", "--peer=db1"]),
                                ("show server --stack 'anti-replay:seq", ["server", "--stack", "anti-replay:sequence"]),
                                ("show run -c m", ["run", "-c", "my.yaml"])):
                got = shell.typed(line)
                check(got == meant, f"{line!r} became {got}, not {meant}")
        finally:
            shell.close()


@case("the script is one that shellcheck has nothing to say against")
def shellcheck():
    needs("shellcheck")
    call(find("shellcheck"), "--shell=bash", script())


main()
