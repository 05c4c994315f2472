# SPDX-License-Identifier: Apache-2.0
"""datagram_support.py - what the tests of datagrams share: plain programs, and an attacker between client and server.

Whether a datagram came is waited for with a deadline; that none came is known when a later one has come."""
import itertools
import random
import select
import socket
import threading
import time

from support import PATIENCE, check

MOST = 65507  # bytes of a UDP datagram over IPv4
DATA = 1 << 5  # first byte of a data message (doc/wire.md)
_numbers = itertools.count()  # of programs on UNIX sockets
DRAIN = ("--drain", "100ms")  # flows do not end by themselves while a test waits


def address(url):
    """What a socket connects to for URL."""
    kind, _, rest = url.partition(":")
    if kind == "unixgram":
        return rest
    host, _, port = rest.rpartition(":")
    return (host.strip("[]") or "127.0.0.1", int(port))


def until(condition, seconds=PATIENCE):
    """Waits until CONDITION holds, where nothing tells when it does."""
    deadline = time.monotonic() + seconds
    while not condition():
        check(time.monotonic() < deadline, f"not within {seconds} s")
        time.sleep(0.001)  # between two looks


def ended(*processes):
    """Stops PROCESSES: then their logs are complete, and what is in them can be counted."""
    for p in processes:
        p.stop()


def queued(url):
    """Bytes that wait in the system for whoever listens at URL, on IPv4."""
    port = address(url)[1]
    with open("/proc/net/udp") as table:
        rows = [line.split() for line in table]
    return sum(int(row[4].split(":")[1], 16) for row in rows[1:] if int(row[1].split(":")[1], 16) == port)


class Program:
    """A plain program with one socket; on UNIX sockets it is bound, so that it can be answered."""

    def __init__(self, scene, url, to=None, seconds=PATIENCE):
        where = to or address(url)
        if isinstance(where, str):
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self.socket.bind(scene.path(f"program-{next(_numbers)}"))
        else:
            self.socket = socket.socket(socket.AF_INET6 if ":" in where[0] else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(seconds)
        self.socket.connect(where)
        scene.closers.append(self.socket.close)

    def send(self, data):
        self.socket.send(data)

    def receive(self):
        return self.socket.recv(1 << 17)

    def ask(self, data):
        """Sends DATA and waits for what comes back."""
        self.send(data)
        return self.receive()

    def nothing(self):
        """Whether nothing has come up to now."""
        return not select.select([self.socket], [], [], 0)[0]


class Echo:
    """Sends back what it gets, and remembers it: (data, address) each."""

    def __init__(self, scene, path=None, port=0, answer=lambda data: data):
        self.socket = socket.socket(socket.AF_UNIX if path else socket.AF_INET, socket.SOCK_DGRAM)
        if port:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.bind(path or ("127.0.0.1", port))
        self.url = f"unixgram:{path}" if path else "udp:127.0.0.1:%d" % self.socket.getsockname()[1]
        self.answer, self.got, self.changed, self.closed = answer, [], threading.Condition(), False
        scene.closers.append(self.close)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while not self.closed:
            if not select.select([self.socket], [], [], 0.2)[0]:
                continue
            try:
                data, source = self.socket.recvfrom(1 << 17)
                with self.changed:
                    self.got.append((data, source))
                    self.changed.notify_all()
                back = self.answer(data)
                if source and back is not None:
                    self.socket.sendto(back, source)
            except OSError:
                pass

    def data(self):
        with self.changed:
            return [data for data, _ in self.got]

    def wait(self, count, seconds=PATIENCE):
        with self.changed:
            check(self.changed.wait_for(lambda: len(self.got) >= count, seconds),
                  lambda: f"{len(self.got)} of {count} datagrams came within {seconds} s")

    def close(self):
        self.closed = True
        self.thread.join()
        self.socket.close()


class Rule:
    """What happens to one direction.  Forwards everything; subclasses change it."""

    def feed(self, data):
        """The datagrams to send on for the one that arrived."""
        return [data]

    def rest(self):
        """Nothing has arrived for a while: what is still to be sent on."""
        return []


class Bad(Rule):
    """Loses, doubles and delays, until up to WINDOW others have passed, by SEED; PASSED is what it lets through, once each."""

    def __init__(self, seed, lost=0.1, doubled=0.1, window=64):
        self.random = random.Random(seed)
        self.lost, self.doubled, self.window = lost, doubled, window
        self.pool, self.passed, self.came, self.number = [], [], 0, 0

    def feed(self, data):
        self.came += 1
        if self.random.random() >= self.lost:
            self.passed.append(data)
            for _ in range(2 if self.random.random() < self.doubled else 1):
                self.pool.append((self.number + self.random.randrange(self.window + 1), self.number, data))
            self.number += 1
        self.pool.sort()
        out = [d for place, _, d in self.pool if place <= self.number - 1]
        del self.pool[:len(out)]
        return out

    def rest(self):
        out = [d for _, _, d in self.pool]
        self.pool = []
        return out


class Held(Rule):
    """Keeps everything until it is told to let it go."""

    def __init__(self):
        self.kept, self.holding, self.changed = [], True, threading.Condition()

    def feed(self, data):
        with self.changed:
            if not self.holding:
                return [data]
            self.kept.append(data)
            self.changed.notify_all()
            return []

    def rest(self):
        with self.changed:
            out = [] if self.holding else self.kept
            self.kept = [] if not self.holding else self.kept
            return out

    def wait(self, count=1):
        with self.changed:
            check(self.changed.wait_for(lambda: len(self.kept) >= count, PATIENCE), f"{len(self.kept)} of {count} came")

    def release(self):
        with self.changed:
            self.holding = False


class Between:
    """Sits between client and server, a UDP socket to the server for each address of a client; C2S and S2C are its rules.

    It remembers what passed through it: SEEN is a list of (direction, data)."""

    def __init__(self, scene, target, c2s=None, s2c=None):
        self.target, self.c2s, self.s2c = address(target), c2s or Rule(), s2c or Rule()
        self.front = self._socket()
        self.front.bind(("127.0.0.1", 0))
        self.url = "udp:127.0.0.1:%d" % self.front.getsockname()[1]
        self.back, self.seen, self.lock, self.closed = {}, [], threading.Lock(), False
        scene.closers.append(self.close)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    @staticmethod
    def _socket():
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        return s

    def _open(self, client):
        s = self._socket()
        s.connect(self.target)
        self.back[client] = s
        return s

    def _run(self):
        while not self.closed:
            with self.lock:
                sockets = {s: client for client, s in self.back.items()}
            try:
                ready = select.select([self.front, *sockets], [], [], 0.02)[0]
            except (OSError, ValueError):  # move() has closed one meanwhile
                continue
            with self.lock:
                for s in ready:
                    self._take(s, sockets.get(s))
                if not ready:
                    self._send_on(self.c2s.rest(), True)
                    self._send_on(self.s2c.rest(), False)

    def _take(self, s, client):
        try:
            if s is self.front:
                data, self.client = s.recvfrom(1 << 17)
                if self.client not in self.back:
                    self._open(self.client)
            elif client in self.back:
                data, self.client = s.recv(1 << 17), client
            else:
                return
        except OSError:
            return
        c2s = s is self.front
        self.seen.append((c2s, data))
        self._send_on((self.c2s if c2s else self.s2c).feed(data), c2s)

    def _send_on(self, datagrams, c2s):
        for data in datagrams:
            try:
                if c2s:
                    self.back[self.client].send(data)
                else:
                    self.front.sendto(data, self.client)
            except OSError:
                pass

    def sent(self, c2s=True, first=None):
        with self.lock:
            return [d for way, d in self.seen if way == c2s and (first is None or d[0] == first)]

    def move(self):
        """From now on clients reach the server from other ports."""
        with self.lock:
            for client in list(self.back):
                old = self.back[client]
                self._open(client)  # before the old one is closed, so that its port is another one
                old.close()

    def retarget(self, url):
        """From now on clients reach another server."""
        with self.lock:
            self.target = address(url)
            for s in self.back.values():
                s.connect(self.target)

    def inject(self, datagrams):
        """Sends DATAGRAMS to the server as if the client did."""
        with self.lock:
            for data in datagrams:
                self.back[self.client].send(data)

    def close(self):
        self.closed = True
        self.thread.join()
        for s in (self.front, *self.back.values()):
            s.close()


def tunnel(scene, backend, *more, between=None, listen="udp:127.0.0.1:0", wire="udp:127.0.0.1:0"):
    """A server, perhaps something between (BETWEEN(url of the server)), and a client: (server, client, between, URL)."""
    if not hasattr(scene, "client_home"):
        scene.hosts()
    server, url = scene.server(backend, *DRAIN, *more, listen=wire)
    middle = between(url) if between else None
    client, near = scene.client(middle.url if middle else url, *DRAIN, *more, listen=listen)
    return server, client, middle, near


__all__ = [n for n in dir() if not n.startswith("_")]
