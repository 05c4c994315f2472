# SPDX-License-Identifier: Apache-2.0
"""Goal: the ends of a connection pass through as they are: half-close both ways, resets both ways, back-pressure with bounded
memory, and services that are not there."""
import json
import select
import socket
import threading

from datagram_support import until
from support import (PATIENCE, Box, Middle, Rule, Scene, Service, case, check, connect, contains, control, digest, echo,
                     expect_reset, main, noise, receive, receive_end, refused_port, reset, run, say)

DATA = noise("half-close", 300000)
MEMORY = 64 << 20  # what a blocked tunnel may hold more than before, in each program, sanitizer included
OFFERED = 1 << 30
HELD = 1 << 19  # bytes: more than a socket takes that is not read, less than it keeps to be sent


@case("the client sends all and half-closes; the server answers after the end")
def half_close_client():
    got = Box()

    def service(s):
        data, how = receive_end(s)
        got.put((digest(data), how))
        s.sendall(data[::-1])
        s.close()

    with Scene() as scene:
        _, _, url = scene.tunnel(Service(scene, service).url)
        for data in (DATA, b"x", b""):
            s = connect(url)
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
            check(receive_end(s) == (data[::-1], "end"), f"the answer to {len(data)} bytes is not what the service sent")
            s.close()
        check(got.values == [(digest(d), "end") for d in (DATA, b"x", b"")], "the service got something else")


@case("the server sends all and half-closes; the client goes on sending after the end")
def half_close_server():
    got = Box()

    def service(s):
        s.sendall(DATA)
        s.shutdown(socket.SHUT_WR)
        got.put(receive_end(s))
        s.close()

    with Scene() as scene:
        _, _, url = scene.tunnel(Service(scene, service).url)
        s = connect(url)
        check(receive_end(s) == (DATA, "end"), "the client did not get all and the end")
        s.sendall(DATA[::-1])
        s.shutdown(socket.SHUT_WR)
        check(got.wait() == (DATA[::-1], "end"), "the service did not get all and the end")
        s.close()


class Hold(Rule):
    """Lets nothing through when it is told, so that what is sent stays with the sender's system."""

    def __init__(self):
        self.passing = threading.Event()
        self.passing.set()

    def feed(self, data):
        check(self.passing.wait(PATIENCE), "held for ever")
        return [data]


class Behind:
    """Both programs are done, and so is the end of the one that was last; what that one has sent is still on its way."""

    def __init__(self, scene, forward, *more):
        sockets, self.data = Box(), noise("behind", HELD)
        scene.hosts()
        self.server, wire = scene.server(Service(scene, sockets.put).url, *more)
        hold = Hold()
        middle = Middle(scene, wire, lambda _: (hold, Rule()) if forward else (Rule(), hold))
        self.client, url = scene.client(middle.url, *more)
        near = connect(url)
        far = sockets.wait()
        self.done, self.late, self.peer = (self.client, self.server, "db1") if forward else (self.server, self.client, "web1")
        sender, self.reader = (near, far) if forward else (far, near)
        self.reader.shutdown(socket.SHUT_WR)
        check(receive_end(sender) == (b"", "end"), "no end")
        self.go_on = hold.passing.set
        hold.passing.clear()
        sender.sendall(self.data)
        sender.close()
        until(lambda: all(c["sent"]["bytes"] == HELD for c in self.ask(self.done, "status")["connections"]))

    @staticmethod
    def ask(process, command):
        return json.loads(run(command, "--control", control(process), "--json")[1])

    def check(self):
        self.go_on()
        check(receive_end(self.reader) == (self.data, "end"), "not all came")
        self.reader.close()
        for p, peer in ((self.server, "web1"), (self.client, "db1")):
            p.wait_line("event=closed", f"peer={peer} ")


@case("new keys are asked for by an end that has not had all, when the other one is done: nothing is lost, both ways")
def rekey_behind_the_end():
    for forward in (True, False):
        with Scene() as scene:
            behind = Behind(scene, forward)
            check(behind.ask(behind.late, "rekey")["asked"] == 1, "it is over already")
            check(behind.ask(behind.done, "status")["connections"][0]["peer"] == behind.peer, "it does not know any more who that is")
            behind.check()


@case("a program is told to end when it is done and its peer has not had all: nothing is lost, both ways")
def stopped_behind_the_end():
    for forward in (True, False):
        with Scene() as scene:
            behind = Behind(scene, forward, "--drain", "100ms")
            behind.done.stop()
            behind.check()


@case("a byte sent as urgent is a byte like the others")
def urgent():
    with Scene() as scene:
        _, _, url = scene.tunnel(Service(scene, echo).url)
        with connect(url) as s:
            s.sendall(b"abc")
            s.send(b"X", socket.MSG_OOB)
            s.sendall(b"def")
            check(receive(s, 7) == b"abcXdef", "the urgent byte was lost or moved")


@case("a reset of the client's program is a reset for the service, not an end")
def reset_forward():
    got = Box()

    def service(s):
        s.sendall(receive(s, 5))
        got.put(receive_end(s))

    with Scene() as scene:
        _, _, url = scene.tunnel(Service(scene, service).url)
        s = connect(url)
        s.sendall(b"hello")
        receive(s, 5)
        reset(s)
        check(got.wait() == (b"", "reset"), f"the service saw {got.values}")


@case("a reset of the service is a reset for the client's program, not an end")
def reset_back():
    def service(s):
        s.sendall(receive(s, 5))
        receive(s, 1)
        reset(s)

    with Scene() as scene:
        _, _, url = scene.tunnel(Service(scene, service).url)
        s = connect(url)
        s.sendall(b"hello")
        receive(s, 5)
        s.sendall(b"!")
        check(receive_end(s) == (b"", "reset"), "the client's program did not see a reset")


@case("a reset while the other direction is already closed passes through")
def reset_after_half_close():
    got = Box()

    def service(s):
        got.put(receive_end(s))
        s.sendall(b"answer")
        # Data that nobody reads any more must end in an error here, too, not in a silence for ever.
        try:
            while True:
                s.sendall(bytes(1 << 16))
        except OSError as error:
            got.put(type(error).__name__)

    with Scene() as scene:
        _, _, url = scene.tunnel(Service(scene, service).url)
        s = connect(url)
        s.sendall(b"question")
        s.shutdown(socket.SHUT_WR)
        check(receive(s, 6) == b"answer", "no answer")
        check(got.wait() == (b"question", "end"), "the service saw no end")
        reset(s)
        check(got.wait(2) in ("ConnectionResetError", "BrokenPipeError"), f"{got.values}")


@case("a reset after a half-close passes through while nobody sends")
def reset_when_quiet():
    got = Box()

    def service(s):
        got.put(receive_end(s))
        # Nothing is asked for: the kernel tells errors and hang-ups anyway.
        poll = select.poll()
        poll.register(s, 0)
        got.put(bool(poll.poll(PATIENCE / 3 * 1000)))

    with Scene() as scene:
        _, _, url = scene.tunnel(Service(scene, service).url)
        s = connect(url)
        s.sendall(b"question")
        s.shutdown(socket.SHUT_WR)
        check(got.wait() == (b"question", "end"), "the service saw no end")
        reset(s)
        check(got.wait(2), "the service was not told that the client's program is gone")


def offer(s, limit, seed):
    """Sends until nothing is taken for a second: how much was taken, and its digest's input."""
    block = noise(seed, 1 << 16)
    sent = 0
    s.setblocking(False)
    while sent < limit:
        if not select.select([], [s], [], 1.0)[1]:
            break
        at = sent % len(block)
        try:
            sent += s.send(block[at:])
        except BlockingIOError:
            continue
    s.setblocking(True)
    s.settimeout(PATIENCE)
    return sent


def expect(s, length, seed):
    """Reads LENGTH bytes of what `offer` sent and the end."""
    block = noise(seed, 1 << 16)
    at = 0
    while at < length:
        piece = s.recv(1 << 18)
        check(piece, f"the stream ended after {at} of {length} bytes")
        for start in range(0, len(piece), len(block)):
            part = piece[start:start + len(block)]
            from_ = (at + start) % len(block)
            twice = block + block
            check(part == twice[from_:from_ + len(part)], f"other bytes near {at + start}")
        at += len(piece)
    check(s.recv(1) == b"", "more bytes than were sent")


@case("a slow reader stops the sender, in both directions, and memory stays bounded")
def slow_reader():
    sockets = Box()
    with Scene() as scene:
        server, client, url = scene.tunnel(Service(scene, sockets.put).url)
        for number, forward in enumerate((True, False), 1):
            near = connect(url)
            near.sendall(b"!")
            far = sockets.wait(number)
            check(receive(far, 1) == b"!", "no first byte")
            before = [p.memory() for p in (server, client)]
            sender, reader = (near, far) if forward else (far, near)
            sent = offer(sender, OFFERED, number)
            grown = [p.memory() - b for p, b in zip((server, client), before)]
            say(f"{'c2s' if forward else 's2c'}: {sent >> 10} KiB taken of {OFFERED >> 10}, memory grew by "
                f"{grown[0] >> 10} KiB (server) and {grown[1] >> 10} KiB (client)")
            check(sent < OFFERED // 4, f"the sender was not stopped: {sent} bytes were taken")
            check(max(grown) < MEMORY, f"memory grew by {grown}")
            sender.shutdown(socket.SHUT_WR)
            expect(reader, sent, number)
            near.close()
            far.close()


@case("service down: the program sees the connection end, and the server's log names it")
def service_down():
    nobody, down = refused_port()
    with Scene() as scene, nobody:
        server, client, url = scene.tunnel(down)
        expect_reset(url, b"hello")
        line = server.wait_line("cannot connect|refused", "127.0.0.1:" + down.rsplit(":", 1)[1])
        contains(line, "refused")
        client.wait_line("SA-031|closed|reset")


@case("server down: the program sees the connection end, and the client's log names it")
def server_down():
    nobody, down = refused_port()
    with Scene() as scene, nobody:
        scene.hosts()
        client, url = scene.client(down)
        expect_reset(url, b"")
        contains(client.wait_line("cannot connect|refused", "127.0.0.1:" + down.rsplit(":", 1)[1]), "refused")


@case("the service comes up later: the next connection works, without a restart")
def service_later():
    with Scene() as scene:
        path = scene.path("late.sock")
        server, client, url = scene.tunnel("unix:" + path)
        with connect(url) as s:
            s.sendall(b"hello")
            check(receive_end(s) == (b"", "reset"), "no reset while the service was down")
        server.wait_line("cannot connect", "late.sock")
        Service(scene, echo, path=path)
        with connect(url) as s:
            s.sendall(b"hello")
            check(receive(s, 5) == b"hello", "no echo")


main(parallel=3)
