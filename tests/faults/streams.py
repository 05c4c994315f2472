# SPDX-License-Identifier: Apache-2.0
"""Goal: whichever system call of a running server or client over streams fails or does less than it was asked: the process lives,
no program gets a wrong byte or an end that is none, what does not go on is in the log, and the next connection works."""
import collections
import errno
import os
import re
import select
import socket
import threading
import time

from injection import NEVER, Faults, busy, choose, name_of, points, tell
from support import Scene, Service, case, check, connect, main, noise

PATIENCE = 20.0
STALLED = 0.05  # seconds without room: nothing more is taken
LONG = 0.3
SAMPLE = 60
LASTING = [errno.EIO, errno.EMFILE, errno.ENOMEM, errno.ECONNRESET]


def exchange(url, data, patience=PATIENCE, gate=None):
    """Sends DATA and reads what comes back: (bytes, "end", "reset" or "hang").  With GATE it reads, and opens that, when nothing
    more is taken."""
    deadline = time.monotonic() + patience
    sent, got = 0, bytearray()
    try:
        with connect(url) as s:
            s.setblocking(False)
            while gate and sent < len(data) and select.select([], [s], [], STALLED)[1]:
                sent += s.send(data[sent:sent + 65536])
            if gate:
                gate.set()
            if sent == len(data):
                s.shutdown(socket.SHUT_WR)
            while True:
                left = deadline - time.monotonic()
                readable, writable, _ = select.select([s], [s] if sent < len(data) else [], [], max(left, 0))
                if left <= 0:
                    return bytes(got), "hang"
                if writable:
                    sent += s.send(data[sent:sent + 65536])
                    if sent == len(data):
                        s.shutdown(socket.SHUT_WR)
                if readable:
                    piece = s.recv(1 << 18)
                    if not piece:
                        return bytes(got), "end"
                    got += piece
    except OSError as error:
        check(error.errno in (errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN), f"a program's connection: {error}")
        return bytes(got), "reset"


class EchoService:
    """Sends back what it gets, and notes how each connection ended."""

    def __init__(self, scene, path=None):
        self.notes = []
        self.gate = threading.Event()
        self.gate.set()
        self.path = path
        self.service = Service(scene, self.serve, path=path)
        self.url = self.service.url

    def serve(self, s):
        got = bytearray()
        note = [got, None]
        self.notes.append(note)
        self.gate.wait(PATIENCE)
        try:
            with s:
                while True:
                    piece = s.recv(1 << 16)
                    if not piece:
                        note[1] = "end"
                        s.shutdown(socket.SHUT_WR)
                        return
                    got += piece
                    s.sendall(piece)
        except OSError:
            note[1] = note[1] or "reset"


class Pair:
    """A server and a client, one of which has the shim."""

    def __init__(self, scene, role, service, stalls=False):
        self.service, self.stalls = service, stalls
        if not hasattr(scene, "client_home"):
            scene.hosts()
        self.faults = Faults(scene)
        shim = {"env": self.faults.environment()}
        self.server, wire = scene.server(service.url, **(shim if role == "server" else {}))
        self.client, self.url = scene.client(wire, **(shim if role == "client" else {}))
        self.tested = self.server if role == "server" else self.client

    def works(self, data):
        """A whole exchange, without any fault."""
        for _ in range(2):
            got, how = exchange(self.url, data)
            check(how == "end" and got == data, f"a connection without a fault: {len(got)} of {len(data)} bytes, {how}")

    def exchange(self, data, patience=PATIENCE):
        if not self.stalls:
            return exchange(self.url, data, patience)
        self.service.gate.clear()
        try:
            return exchange(self.url, data, patience, self.service.gate)
        finally:
            self.service.gate.set()

    def counts(self, data):
        self.works(data)
        self.faults.count()
        self.exchange(data)
        return self.faults.counted()

    def try_one(self, point, data):
        """Answers whether the fault happened, and what became of the connection."""
        call, which, error = point
        what = f"{call} number {which}: {name_of(error)}"
        lines = len(self.tested.lines)
        self.service.notes.clear()
        self.faults.arm(call, error, which)
        got, how = self.exchange(data)
        happened = self.faults.disarm()
        check(how != "hang", f"{what}: the connection hangs after {len(got)} of {len(data)} bytes")
        self.look_at_bytes(what, data, got, how)
        if how == "reset":
            self.look_in_log(what, lines)
        return happened, how

    def look_at_bytes(self, what, data, got, how):
        check(self.tested.popen.poll() is None, lambda: f"{what}: the process has died:\n{self.tested.text()[-4000:]}")
        check(data.startswith(got), f"{what}: the program got other bytes than were sent")
        check(how == "reset" or got == data, f"{what}: an end after {len(got)} of {len(data)} bytes")
        self.works(data[:100])
        for note in list(self.service.notes):
            check(data.startswith(note[0]), f"{what}: the service got other bytes than were sent")
            # A UNIX socket knows no reset.
            check(note[1] != "end" or len(note[0]) in (len(data), 100) or self.service.path,
                  f"{what}: the service saw an end that was none")

    def try_long(self, call, error, data):
        """The same for a call that fails for as long as the connection lasts, or for half a second."""
        what = f"every {call}: {name_of(error)}"
        lines, before = len(self.tested.lines), busy(self.tested)
        self.service.notes.clear()
        self.faults.arm(call, error, 1, NEVER)
        began = time.monotonic()
        got, how = self.exchange(data, LONG)
        passed = time.monotonic() - began
        happened = self.faults.disarm()
        check(busy(self.tested) - before < passed / 2 + 0.1, f"{what}: the process is busy with nothing")
        self.look_at_bytes(what, data, got, "reset" if how == "hang" else how)
        if how != "end":
            self.look_in_log(what, lines)
        return happened, how
        if how == "reset":
            self.look_in_log(what, lines)
        return happened, how

    def look_in_log(self, what, since):
        """At most ten lines of a kind are written in a second; those that are not are counted with a later one."""
        deadline = time.monotonic() + PATIENCE
        while not any(re.search("level=error|reason=|suppressed=", line) for line in self.tested.lines[since:]):
            check(time.monotonic() < deadline, lambda: f"{what}: nothing in the log:\n" + "\n".join(self.tested.lines[since:]))
            self.works(b"?")


def try_all(role, data, sample, stalls=False):
    with Scene() as scene:
        pair = Pair(scene, role, EchoService(scene, path=scene.path("service") if stalls else None), stalls)
        everything = points(pair.counts(data))
        chosen, outcomes, happened = choose(everything, sample), collections.Counter(), 0
        for point in chosen:
            hit, how = pair.try_one(point, data)
            happened += hit > 0
            outcomes[how] += 1
        tell(f"{role}, {len(data)} bytes", everything, len(chosen), happened, outcomes)


@case("faults that last: said, no processor is busy with them, and they are over when they are over")
def long_faults():
    with Scene() as scene:
        for role in ("server", "client"):
            pair = Pair(scene, role, EchoService(scene))
            data, outcomes = noise("long", 2000), collections.Counter()
            everything = [(call, error) for call in pair.counts(data) for error in LASTING]
            chosen = choose(everything, SAMPLE // 4)
            happened = 0
            for call, error in chosen:
                hit, how = pair.try_long(call, error, data)
                happened += hit > 0
                outcomes[how] += 1
            tell(f"{role}, for as long as it lasts", everything, len(chosen), happened, outcomes)


for role in ("server", "client"):
    for length, stalls in ((2000, False), (400000, False), (3000000, True)):
        def one(role=role, length=length, stalls=stalls):
            try_all(role, noise(length, length), SAMPLE, stalls)
        case(f"faults of a {role} while {length} bytes go and come back" + (", which nobody reads at first" if stalls else ""))(one)

main()
