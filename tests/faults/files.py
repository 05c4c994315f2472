# SPDX-License-Identifier: Apache-2.0
"""Goal: whichever system call of `key gen`, `peer add` and `peer remove` fails, does less than it was asked, or is the last one (kill
-9): a key is there whole or not at all, the list of peers is the one before or the one after, nothing else has changed, what did
not succeed is said, and the same command then works.  And a service that cannot start says why."""
import collections
import os
import re
import shutil
import stat
import time

from injection import ANY, KILL, Faults, choose, name_of, points, tell
from support import Process, Scene, case, check, main, program, run

FAULTS, KILLS, STARTS = 8, 12, 16  # points of each command and service
WORD = re.compile(r"sck1[a-z0-9]+")
OTHER = "sck1qx9g3c7awsylr90a2tdj6096t4ev5ecfhuwegysm7d6gsqd5pah4c224s3h"
PEERS = "# who may come\nold sck1qxqnjacw4p73wh6k5d2xds6v0mxvhrv2jx6wudazthmq7ku0exeegtcp52n a comment\n"


def files(home):
    """Every file of HOME and what is in it, without the lock, which is always empty."""
    out = {}
    for folder, _, names in os.walk(home):
        for name in names:
            path = os.path.join(folder, name)
            with open(path) as file:
                out[os.path.relpath(path, home)] = file.read()
            check(not stat.S_IMODE(os.lstat(path).st_mode) & 0o077, f"{path} is open to others")
    out.pop(".lock", None)
    return out


class Command:
    """A command, the home it begins with, and what that may become."""

    def __init__(self, scene, name, arguments, complete, home=True):
        self.scene, self.name, self.arguments, self.complete = scene, name, arguments, complete
        self.faults = Faults(scene)
        self.template, self.home = scene.path("template-" + name), scene.path("home-" + name)
        if home:
            run("key", "gen", "mine", "--home", self.template, status=0)
            scene.write(f"template-{name}/peers", PEERS, mode=0o600)

    def restore(self):
        shutil.rmtree(self.home, ignore_errors=True)
        if os.path.exists(self.template):
            shutil.copytree(self.template, self.home)
        return files(self.home)

    def run(self, **named):
        process = Process([program(), *self.arguments, "--home", self.home], env=self.faults.environment(), **named)
        status = process.wait()
        process.check_sane()
        return status, process.text()

    def counts(self):
        self.restore()
        self.faults.count()
        status, error = self.run()
        check(status == 0, f"{self.name} without a fault: {status} {error}")
        return self.faults.counted()

    def try_one(self, call, which, error):
        what = f"{self.name}: {call} number {which}: {name_of(error)}" if call != ANY else f"{self.name}: killed at call {which}"
        before = self.restore()
        self.faults.arm(call, error, which)
        status, said = self.run()
        happened = self.faults.disarm()
        killed = error == KILL and happened
        check(status == -9 if killed else status in (0, 1, 2), f"{what}: status {status}\n{said}")
        check(status != 0 or not killed, f"{what}: status {status}")
        check(status <= 0 or said, f"{what}: status {status} without a word")
        after = files(self.home) if os.path.exists(self.home) else {}
        changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        left = {name for name in changed if os.path.basename(name).startswith(".")}
        check(not left or killed or call == "unlink", f"{what}: left {left}")
        done = self.complete(what, before, after, changed - left)
        check(done or status != 0, f"{what}: status 0, and nothing has changed")
        status, said = self.run()
        check(status == (2 if done and self.name.startswith("key") else 0 if not done or "add" in self.name else 2),
              f"{what}: once more: status {status}: {said}")
        check(self.complete(what, before, files(self.home), {n for n in files(self.home).keys() | before.keys()
                                                             if files(self.home).get(n) != before.get(n)} - left) or done,
              f"{what}: once more, and nothing has changed")
        return happened, "done" if done else "killed" if killed else "said"


def a_key(name, shown=True):
    """Nothing has changed but that a whole key NAME is there: whether it is."""
    def complete(what, before, after, changed):
        check(changed <= {"keys/" + name}, f"{what}: changed {changed}")
        text = after.get("keys/" + name)
        if text is None:
            return False
        check(re.fullmatch(r"sc[sp]1[a-z0-9]{58,}\n", text), f"{what}: half a key: {text!r}")
        return True
    return complete


def peers(then):
    """The list is the one before or THEN."""
    def complete(what, before, after, changed):
        check(changed <= {"peers"}, f"{what}: changed {changed}")
        check(after.get("peers") in (before.get("peers"), then), f"{what}: half a list: {after.get('peers')!r}")
        return after.get("peers") == then
    return complete


def commands(scene):
    return [
        Command(scene, "key gen, the first", ["key", "gen", "new"], a_key("new"), home=False),
        Command(scene, "key gen, another", ["key", "gen", "new"], a_key("new")),
        Command(scene, "key gen, psk", ["key", "gen", "new", "--algorithm", "psk"], a_key("new.psk")),
        Command(scene, "peer add", ["peer", "add", "web", OTHER], peers(PEERS + f"web {OTHER}\n")),
        Command(scene, "peer add, the first", ["peer", "add", "web", OTHER], peers(f"web {OTHER}\n"), home=False),
        Command(scene, "peer remove", ["peer", "remove", "old"], peers("# who may come\n")),
    ]


@case("a call of a command that changes files fails: a key is whole or not there, a list is the old one or the new one")
def faults():
    with Scene() as scene:
        for command in commands(scene):
            everything = points(command.counts())
            chosen, outcomes, happened = choose(everything, FAULTS), collections.Counter(), 0
            for point in chosen:
                hit, how = command.try_one(*point)
                happened += hit > 0
                outcomes[how] += 1
            tell(command.name, everything, len(chosen), happened, outcomes)


@case("a command that changes files is killed at each of its calls")
def kills():
    with Scene() as scene:
        for command in commands(scene):
            everything = [(ANY, which, KILL) for which in range(1, sum(command.counts().values()) + 1)]
            chosen, outcomes, happened = choose(everything, KILLS), collections.Counter(), 0
            for point in chosen:
                hit, how = command.try_one(*point)
                happened += hit > 0
                outcomes[how] += 1
            tell(command.name, everything, len(chosen), happened, outcomes)


def starts(faults, arguments, unheard=False):
    """Starts a service that has the shim: it listens, or ends with a status and a word."""
    process = Process([program(), *arguments], env=faults.environment())
    deadline = time.monotonic() + 20
    while process.popen.poll() is None and not process.count("event=listening"):
        if unheard and faults.happened():
            break  # it is the log that has failed
        check(time.monotonic() < deadline, f"neither listens nor ends:\n{process.text()}")
        with process.changed:
            process.changed.wait(0.05)
    return process


def services(scene):
    """The command line of each service, by a name."""
    keys = ["--home", scene.server_home, "--identity", "db1", "--peer", "web1"]
    out = {f"server --listen {url}": ["server", "--listen", url, "--connect", url.replace(":0", ":9"), *keys]
           for url in ("tcp:127.0.0.1:0", "udp:127.0.0.1:0", "unix:" + scene.path("socket"))}
    text = run(*next(iter(out.values())), "--print-config", status=0)[1]
    out["run -c FILE"] = ["run", "-c", scene.write("seccomm.yaml", text), "--home", scene.server_home]
    return out


def start_one(faults, arguments, point):
    """Whether the fault happened, and what became of it."""
    call, which, error = point
    what = f"{arguments[:3]}: {call} number {which}: {name_of(error)}"
    faults.arm(call, error, which)
    process = starts(faults, arguments, call == "write")
    happened = faults.disarm()
    if process.popen.poll() is None:
        process.stop()
        return happened, "serves"
    status = process.wait()
    check(status in (1, 2), f"{what}: status {status}\n{process.text()}")
    check(re.search("seccomm: .", process.text()), f"{what}: status {status} without a word")
    return happened, "says why"


@case("a call of a service that starts fails: it serves all the same, or ends and says why")
def starting():
    with Scene() as scene:
        scene.hosts()
        for name, arguments in services(scene).items():
            faults = Faults(scene)
            faults.count()
            process = starts(faults, arguments)
            everything = points(faults.counted())
            process.stop()
            chosen, outcomes, happened = choose(everything, STARTS), collections.Counter(), 0
            for point in chosen:
                hit, how = start_one(faults, arguments, point)
                happened += hit > 0
                outcomes[how] += 1
            tell(name, everything, len(chosen), happened, outcomes)


main()
