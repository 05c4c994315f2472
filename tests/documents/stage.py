# SPDX-License-Identifier: Apache-2.0
"""stage.py - where the commands of one document are run as they stand: hosts with homes of their own, a plain program behind them,
and loopback in place of the network."""
import os
import re
import shlex
import subprocess
import threading

from destination import SOURCE, build, meson
from support import Scene, Service, bound, check, connect, echo, environment, fields, noise, program, receive, say

DATA = noise("documents", 50000)


class Stage:
    def __init__(self):
        self.scene = Scene().__enter__()
        self.echo = Service(self.scene, echo)
        self.keys = {}  # public keys by name, as they were made
        self.wire = None  # where the last server listens
        self.pair = {}  # role: (host, words) of the last services
        os.makedirs(self.scene.path("bin"))
        os.symlink(program(), self.scene.path("bin", "seccomm"))

    def close(self):
        self.scene.__exit__(None, None, None)

    def folder(self, host):
        path = self.scene.path("host-" + (host or "here"))
        os.makedirs(path, exist_ok=True)
        return path

    def environment(self, host):
        return environment() | {"PATH": self.scene.path("bin") + ":" + os.environ["PATH"], "SECCOMM_HOME": self.folder(host)}

    # What is written for two hosts, and what it is here.
    def rewritten(self, words):
        words, table = list(words), {
            ("--listen", "tcp::7443"): "tcp:127.0.0.1:0",
            ("--listen", "tcp:127.0.0.1:5432"): "tcp:127.0.0.1:0",
            ("--connect", "tcp:127.0.0.1:5432"): self.echo.url,
            ("--connect", "tcp:db.example.net:7443"): self.wire,
            ("setup", "build-dev"): self.scene.path("build"),  # the real one is there already
            ("-C", "build-dev"): build(),
        }
        for i in range(1, len(words)):
            words[i] = table.get((words[i - 1], words[i]), words[i])
        if words[1:3] == ["peer", "add"]:
            words[words.index("sck1...")] = self.keys[words[3]]
        if words[0] == "meson":
            # Not all the tests from inside one: that there are those that are named.
            words = meson(*words[1:]) + (["--list", "--no-rebuild"] if words[1] == "test" else [])
        if words[0].startswith("build-dev/"):
            words[0] = os.path.join(build(), words[0].removeprefix("build-dev/"))
        return words

    def run(self, host, command):
        # A redirection is the shell's business; all else is one command.
        shown, _, target = command.partition(" >")
        written = shlex.split(shown, comments=True)
        if written[0] == "seccomm" and written[1] in ("server", "client", "run") and "--print-config" not in written:
            self.start(host, written)
            return
        words = self.rewritten(written)
        say(f"{host}$ {shlex.join(words)}")
        done = subprocess.run(words, cwd=self.folder(host) if words[0] == "seccomm" else SOURCE, env=self.environment(host), timeout=120,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        check(done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        check(not re.search("Sanitizer|runtime error:", done.stderr), done.stderr)
        if target:
            with open(os.path.join(self.folder(host), target.strip()), "w") as file:
                file.write(done.stdout)
        for name, key in re.findall(r"seccomm peer add (\S+) (sck1\w+)", done.stdout):
            self.keys[name] = key

    def start(self, host, written):
        """A service, which stays; a client's connections must come through to the plain program and back."""
        words = self.rewritten(written)
        say(f"{host}$ {shlex.join(words)} &")
        process = self.scene.start(*words[1:], cwd=self.folder(host), env=self.environment(host))
        url, role = bound(process), fields(process.wait_line("event=listening"))["role"]
        self.pair[role] = host, written
        if role == "server":
            self.wire = url
            return
        with connect(url) as s:
            sender = threading.Thread(target=s.sendall, args=(DATA,))
            sender.start()
            check(receive(s, len(DATA)) == DATA, "other bytes came back than were sent")
            sender.join()

    def again(self, options):
        """The last server and client once more, with more OPTIONS."""
        for role in ("server", "client"):
            host, written = self.pair[role]
            self.start(host, written + options)
