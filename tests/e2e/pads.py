# SPDX-License-Identifier: Apache-2.0
"""Goal: two programs with a one-time pad carry data, and no byte of it serves twice, though both are started again, by SIGTERM and
by SIGKILL; at its end nothing more is sent, and the log says what to do."""
import json
import os
import shutil
import signal

from datagram_support import Echo, Program
from support import (HEADER, Middle, OnFrames, Scene, Service, case, check, connect, contains, echo, fields, main, noise, receive,
                     receive_end, run)

DATA, OFFSET, TAG, KEY, UNIT = 0x20, 8, 16, 32, 16
STACK_DATAGRAM = ("--stack", "anti-replay:window | encrypt:one-time-pad,pad=p | mac:one-time-poly1305,pad=p")
STACK = ("--stack", "anti-replay:sequence | encrypt:one-time-pad,pad=p | mac:one-time-poly1305,pad=p")


class Uses:
    """Which bytes of each region have served, read from the data messages on the wire:
    offset (8) || offset (8) || body XOR pad || tag (16)."""

    def __init__(self):
        self.used = ([], [])
        self.twice = []

    def see(self, way, frame):
        if frame[0] != DATA:
            return [frame]
        body = frame[HEADER:]
        mac, pad = (int.from_bytes(body[i:i + OFFSET], "big") for i in (0, OFFSET))
        length = len(body) - 2 * OFFSET - TAG
        for start, count in ((mac, KEY), (pad, max(UNIT, -(-length // UNIT) * UNIT))):
            self.twice += [(way, start, count) for a, n in self.used[way] if start < a + n and a < start + count]
            self.used[way].append((start, count))
        return [frame]

    def rules(self, _):
        return tuple(OnFrames(lambda number, frame, way=way: self.see(way, frame)) for way in (0, 1))


class Ends:
    """A server and a client that share a pad of SIZE, and what is seen between them."""

    def __init__(self, scene, size, service=None):
        self.scene, self.uses = scene, Uses()
        scene.hosts()
        run("pad", "gen", "p", "--size", size, "--home", scene.server_home, status=0)
        folder = os.path.join(scene.client_home, "pads")
        os.makedirs(folder, mode=0o700, exist_ok=True)
        shutil.move(os.path.join(scene.server_home, "pads", "p.client"), folder)
        self.service = service or Service(scene, echo)

    def start(self):
        self.server, wire = self.scene.server(self.service.url, *STACK)
        middle = Middle(self.scene, wire, self.uses.rules)
        self.client, self.url = self.scene.client(middle.url, *STACK)

    def marks(self):
        """How much of each region is gone, as each end's copy says: (client's, server's)."""
        out = []
        for home in (self.scene.client_home, self.scene.server_home):
            copy = json.loads(run("pad", "show", "p", "--json", "--home", home, status=0)[1])[0]
            out.append((copy["sent"], copy["received"]))
        return out


def carry(s, name, rounds=20, length=700):
    for i in range(rounds):
        data = noise(f"{name} {i}", length)
        s.sendall(data)
        check(receive(s, length) == data, "no echo")


@case("no byte of a pad serves twice, however often both ends are started again")
def restarts():
    with Scene() as scene:
        ends = Ends(scene, "512KiB")
        before = [(0, 0), (0, 0)]
        for life, end in enumerate(("term", "kill", "kill", "term")):
            ends.start()
            with connect(ends.url) as s:
                carry(s, f"life {life}")
                if end == "kill":  # in the middle of a connection
                    ends.client.signal(signal.SIGKILL)
                    ends.server.signal(signal.SIGKILL)
                    ends.client.wait()
                    ends.server.wait()
                    receive_end(s)
            if end == "term":
                ends.client.stop()
                ends.server.stop()
            now = ends.marks()
            check(all(a[0] < b[0] for a, b in zip(before, now)), f"the marks stand still: {before}, {now}")
            before = now
        check(all(len(used) >= 160 for used in ends.uses.used), "too little was seen")
        check(not ends.uses.twice, lambda: f"used twice: {ends.uses.twice[:5]}")


SPENT = ("one-time pad 'p' is used up at byte 32768 of direction c2s", "seccomm pad gen NAME")


@case("at the end of a pad nothing more is sent, and the log says what to do; after a start, too, without a session")
def exhausted():
    with Scene() as scene:
        ends = Ends(scene, "32KiB")
        for life in range(2):
            ends.start()
            carried = 0
            try:
                with connect(ends.url) as s:
                    while carried < 100:
                        carry(s, f"{life} {carried}", 1)
                        carried += 1
            except (AssertionError, ConnectionResetError, BrokenPipeError):
                pass
            check(0 < carried <= 32768 // (704 + KEY) if life == 0 else carried == 0, f"{carried} messages were carried")
            if life == 0:
                contains(ends.client.wait_line("event=alert", "SA-032"), *SPENT)
                ends.client.wait_line("event=closed", "reason=\"usage limit of a key reached\"")
            else:
                contains(ends.client.wait_line("event=used-up"), *SPENT)
                check(ends.client.count("event=opened") == 0, "a session opened that nothing can be sent in")
            ends.client.stop()
            ends.server.stop()
            check(all(sent <= 32768 for sent, _ in ends.marks()), "more than there is")
        check(not ends.uses.twice, lambda: f"used twice: {ends.uses.twice[:5]}")


@case("explain says that a pad ends and is no key to be renewed, and how much of it this home has, before and after its use")
def explained():
    with Scene() as scene:
        ends = Ends(scene, "64KiB")
        layers = "".join(f"      - {text}\n" for text in ("anti-replay: sequence", "encrypt: {algorithm: one-time-pad, pad: p}",
                                                         "mac: {algorithm: one-time-poly1305, pad: p}"))
        file = scene.write("pad.yaml", "seccomm: 1\nsessions:\n  s:\n    role: server\n    listen: tcp:127.0.0.1:1\n"
                           f"    connect: tcp:127.0.0.1:2\n    identity: a\n    peers: [b]\n    stack:\n{layers}")
        home = ("--home", scene.server_home)
        _, out, _ = run("explain", file, *home, status=0)
        contains(out, r"one-time pad 'p' \(encrypt:one-time-pad\)", "no byte of a pad is used twice", "no new key makes it longer",
                 "p: 65536 bytes each way; used for sending 0, for receiving 0")
        check("under one key" not in out and "three quarters" not in out, f"limits of keys that there are not:\n{out}")
        ends.start()
        with connect(ends.url) as s:
            s.sendall(bytes(100))
            receive(s, 100)
        session = json.loads(run("explain", file, "--json", *home, status=0)[1])[0]
        check([layer.get("pad") for layer in session["stack"]] == [None, "p", "p"], f"{session['stack']}")
        pad = session["pads"]["p"]
        check(pad["bytes_each_way"] == 65536 and pad["sent"] > 0 and pad["received"] > 0, f"{pad}")
        contains(run("explain", file, "--home", os.path.join(scene.server_home, "none"), status=0)[1], "p: not there.*seccomm pad gen")


def sessions(scene, role, own, peer, targets):
    """A file of two sessions that share pad p, each in front of one of TARGETS; and where they listen."""
    file = "seccomm: 1\nsessions:\n" + "".join(
        f"  {name}:\n    role: {role}\n    listen: tcp:127.0.0.1:0\n    connect: '{target}'\n    identity: {own}\n    peers: [{peer}]\n"
        f"    stack: '{STACK[1]}'\n" for name, target in zip(("mail", "news"), targets))
    path = scene.write(role + ".yaml", file)
    run("check", "--strict", path, status=0)
    process = scene.start("run", "-c", path, "--home", scene.path("home-" + own), "--control", scene.path("ctl", role))
    return process, [fields(process.wait_line("event=listening", "session=" + name))["addr"] for name in ("mail", "news")]


@case("two sessions of one file may share a pad with one peer: both talk at once, and no byte serves twice in them together")
def shared():
    with Scene() as scene:
        ends = Ends(scene, "256KiB")
        server, wires = sessions(scene, "server", "db1", "web1", [ends.service.url] * 2)
        client, urls = sessions(scene, "client", "web1", "db1", [Middle(scene, wire, ends.uses.rules).url for wire in wires])
        with connect(urls[0]) as mail, connect(urls[1]) as news:
            for i in range(20):
                for s in (mail, news):
                    s.sendall(noise(i, 300))
                for s in (mail, news):
                    check(receive(s, 300) == noise(i, 300), "another echo")
        client.stop()
        server.stop()
        check(len(ends.uses.used[0]) >= 80 and not ends.uses.twice, lambda: f"used twice: {ends.uses.twice[:5]}")


@case("over datagrams, too: one session ends, then none is opened; the log and the status say it once")
def exhausted_datagrams():
    with Scene() as scene:
        back = Echo(scene)
        ends = Ends(scene, "32KiB", back)
        place = scene.path("ctl", "c.sock")
        server, wire = scene.server(ends.service.url, *STACK_DATAGRAM, listen="udp:127.0.0.1:0")
        client, url = scene.client(wire, *STACK_DATAGRAM, "--control", place, listen="udp:127.0.0.1:0")
        p = Program(scene, url)
        for i in range(64):
            p.send(noise(i, 700))
        contains(client.wait_line("event=alert", "SA-032"), *SPENT)
        client.wait_line("event=closed", "reason=\"usage limit of a key reached\"")
        for i in range(20):
            p.send(noise(i, 700))
            Program(scene, url).send(b"another flow")
        contains(client.wait_line("event=used-up"), *SPENT)
        client.wait_line("event=dropped", "a one-time pad is used up")
        status = json.loads(run("status", "--control", place, "--json", status=0)[1])["services"][0]
        check(status["state"] == "used-up" and SPENT[0] in status["used_up"]["text"] and status["half_open"] == 0, status)
        contains(run("status", "--control", place, status=0)[1], SPENT[0])
        client.stop()
        server.stop()
        carried = len(back.data())
        check(0 < carried <= 32768 // (704 + KEY), f"{carried} datagrams were carried")
        check(client.count("event=opened") == client.count("event=alert") == client.count("event=used-up") == 1,
              "not one session, one alert and one line of the end")


main()
