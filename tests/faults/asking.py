# SPDX-License-Identifier: Apache-2.0
"""Goal: whichever system call of a running program fails while it is asked (status, rekey) or reads its files again (reload): it goes on
serving as before, who asked is told, and is answered the next time."""
import collections
import re
import subprocess
import time

from injection import Faults, busy, choose, name_of, points, tell
from support import Scene, Service, case, check, connect, echo, environment, main, noise, program, receive

SAMPLE = 24
PATIENCE = 20.0
DATA = noise("asking", 3000)


class Asked:
    """A server with the shim, and one connection that stays open."""

    def __init__(self, scene):
        scene.hosts()
        self.faults, self.socket = Faults(scene), scene.path("control")
        self.service = Service(scene, echo)
        self.server, wire = scene.server(self.service.url, "--control", self.socket, env=self.faults.environment())
        _, self.url = scene.client(wire)
        self.open = connect(self.url)
        self.works()

    def works(self, may_be_cut=False):
        """New keys are agreed on the connection itself, so that one MAY_BE_CUT by a fault."""
        if may_be_cut:
            try:
                self.open.sendall(DATA)
                receive(self.open, len(DATA))
            except (OSError, AssertionError):
                # ECONNRESET is what a peer's reset looks like, and is called so.
                self.server.wait_line("connection to the peer failed|the peer reset the connection")
                self.open = connect(self.url)
        with connect(self.url) as new:
            for s in (self.open, new):
                s.sendall(DATA)
                check(receive(s, len(DATA)) == DATA, "no echo")

    def ask(self, command):
        done = subprocess.run([program(), command, "--control", self.socket], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              env=environment(), timeout=PATIENCE)
        return done.returncode, done.stdout, done.stderr

    def counts(self, command):
        """Of three times the one with the fewest calls: in the others connections may still have been ending."""
        counted = []
        for _ in range(3):
            check(self.ask(command)[0] == 0, command)
            self.faults.count()
            self.ask(command)
            counted.append(self.faults.counted())
        return min(counted, key=lambda calls: sum(calls.values()))

    def try_one(self, command, call, which, error):
        what = f"{command}: {call} number {which}: {name_of(error)}"
        used, began = busy(self.server), time.monotonic()
        self.faults.arm(call, error, which)
        status, out, said = self.ask(command)
        happened, used, passed = self.faults.disarm(), busy(self.server) - used, time.monotonic() - began
        check(self.server.popen.poll() is None, lambda: f"{what}: the process has died:\n{self.server.text()[-4000:]}")
        check(used < passed / 2 + 0.1, f"{what}: the process is busy with nothing")
        check(status in (0, 1, 2), f"{what}: status {status}")
        # Where no connection takes new keys, for the fault has ended it, the answer says so.
        check(status == 0 or re.search("seccomm: .", said) or "refused by" in out, f"{what}: status {status} without a word:\n{said}")
        self.works(may_be_cut=command == "rekey")
        status, out, said = self.ask(command)
        check(status == 0, f"{what}: asked again: {status} {said}")
        return happened


for command in ("status", "rekey", "reload"):
    def one(command=command):
        with Scene() as scene:
            asked = Asked(scene)
            everything = points(asked.counts(command))
            chosen, happened = choose(everything, SAMPLE), 0
            for point in chosen:
                happened += asked.try_one(command, *point) > 0
            tell(command, everything, len(chosen), happened, collections.Counter(done=len(chosen)))
    case(f"faults of a program that is asked: {command}")(one)

main()
