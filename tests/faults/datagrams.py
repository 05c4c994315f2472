# SPDX-License-Identifier: Apache-2.0
"""Goal: whichever system call of a running server or client over datagrams fails: the process lives, no program gets a datagram that
was not sent, or one twice, what was lost is in the log, and the next flow and this one go on."""
import collections
import errno
import time

from datagram_support import DRAIN, Echo, Program
from injection import NEVER, Faults, busy, choose, name_of, points, tell
from support import Scene, case, check, main, noise

COUNT = 5
QUIET = 0.4  # seconds in which nothing comes back: longer than until the first resend of an opening
PATIENCE = 20.0  # longer than until a peer is taken for dead
LONG = 0.3
SAMPLE = 20
LASTING = [errno.EIO, errno.EMFILE, errno.ENOMEM, errno.ENOBUFS]


class Pair:
    """A server and a client, one of which has the shim."""

    def __init__(self, scene, role):
        self.scene, self.number = scene, 0
        self.echo = Echo(scene)
        if not hasattr(scene, "client_home"):
            scene.hosts()
        self.faults = Faults(scene)
        shim = {"env": self.faults.environment()}
        self.server, wire = scene.server(self.echo.url, *DRAIN, listen="udp:127.0.0.1:0", **(shim if role == "server" else {}))
        self.client, self.url = scene.client(wire, *DRAIN, listen="udp:127.0.0.1:0", **(shim if role == "client" else {}))
        self.tested = self.server if role == "server" else self.client
        self.works(Program(scene, self.url))

    def datagram(self):
        self.number += 1
        return b"%d " % self.number + noise(self.number, 300)

    def works(self, program):
        """A datagram is sent again, as another one, until one comes back; datagrams may be lost."""
        deadline, sent = time.monotonic() + PATIENCE, set()
        program.socket.settimeout(QUIET)
        while time.monotonic() < deadline:
            sent.add(self.datagram())
            try:
                program.send(list(sent)[-1])
                while program.receive() not in sent:
                    pass  # of before
                return
            except (TimeoutError, ConnectionRefusedError):
                pass
        raise AssertionError(f"nothing came back within {PATIENCE} s:\n{self.tested.text()[-3000:]}")

    def talk(self, program, quiet=QUIET):
        """Sends some datagrams: how many came back."""
        sent = {self.datagram() for _ in range(COUNT)}
        count = len(sent)
        program.socket.settimeout(quiet)
        for data in sent:
            program.send(data)
        while sent:
            try:
                data = program.receive()
            except (TimeoutError, ConnectionRefusedError):
                break
            check(data in sent, "a datagram came back that was not sent, or twice")
            sent.remove(data)
        return count - len(sent)

    def counts(self):
        self.faults.count()
        self.talk(Program(self.scene, self.url))
        return self.faults.counted()

    def try_one(self, call, error, which, times=1, quiet=QUIET):
        """Answers whether the fault happened, and how many datagrams came back."""
        what = f"{call} number {which}: {name_of(error)}" if times == 1 else f"every {call}: {name_of(error)}"
        lines, used, began = len(self.tested.lines), busy(self.tested), time.monotonic()
        program = Program(self.scene, self.url)
        self.faults.arm(call, error, which, times)
        came = self.talk(program, quiet)
        passed, used = time.monotonic() - began, busy(self.tested) - used
        happened = self.faults.disarm()
        check(self.tested.popen.poll() is None, lambda: f"{what}: the process has died:\n{self.tested.text()[-4000:]}")
        check(used < passed / 2 + 0.1, f"{what}: the process is busy with nothing, {used:.2f} of {passed:.2f} s")
        self.works(Program(self.scene, self.url))
        self.works(program)
        if came < COUNT and happened:
            try:
                self.tested.wait_line("event=dropped|level=error|reason=|suppressed=", after=lines, seconds=PATIENCE)
            except AssertionError as error:
                raise AssertionError(f"{what}: {came} of {COUNT} came back, and: {error}") from None
        return happened, came


def try_all(role, sample):
    with Scene() as scene:
        pair = Pair(scene, role)
        everything = points(pair.counts())
        chosen, outcomes, happened = choose(everything, sample), collections.Counter(), 0
        for call, which, error in chosen:
            hit, came = pair.try_one(call, error, which)
            happened += hit > 0
            outcomes["whole" if came == COUNT else f"some lost by {call}"] += 1
        tell(role, everything, len(chosen), happened, outcomes)


@case("faults that last: said, no processor is busy with them, and they are over when they are over")
def long_faults():
    with Scene() as scene:
        for role in ("server", "client"):
            pair = Pair(scene, role)
            everything = [(call, error) for call in pair.counts() for error in LASTING]
            chosen, outcomes, happened = choose(everything, SAMPLE // 2), collections.Counter(), 0
            for call, error in chosen:
                hit, came = pair.try_one(call, error, 1, NEVER, LONG)
                happened += hit > 0
                outcomes["whole" if came == COUNT else f"some lost by {call}"] += 1
            tell(f"{role}, for as long as it lasts", everything, len(chosen), happened, outcomes)


for role in ("server", "client"):
    def one(role=role):
        try_all(role, SAMPLE)
    case(f"faults of a {role} while datagrams go and come back")(one)

main()
