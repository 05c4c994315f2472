# SPDX-License-Identifier: Apache-2.0
"""Goal: strangers that hold connections open cost bounded memory and ten seconds, and honest clients are served meanwhile."""
import os
import select
import selectors
import signal
import socket
import time

from datagram_support import until
from support import (ALERT, HEADER, Record, Rule, Middle, Process, Scene, Service, bound, case, check, connect,
                     contains, echo, main, needs, program, receive, receive_end, say)

LEAST, MOST = 9.5, 15.0
STRANGERS = 1000
OTHERS = 12
MEMORY = 96 << 20  # for a thousand of them, sanitizer included


def honest(url, text=b"hello"):
    with connect(url) as s:
        s.sendall(text)
        check(receive(s, len(text)) == text, "an honest client was not served")


def ends(sockets, began):
    """When each of SOCKETS was closed by the other end, in seconds since BEGAN (one start for each)."""
    waiting = {s.fileno(): i for i, s in enumerate(sockets)}
    poll = select.poll()
    for s in sockets:
        s.setblocking(False)
        poll.register(s, select.POLLIN | select.POLLHUP)
    after = [None] * len(sockets)
    deadline = time.monotonic() + MOST + 5
    while waiting and time.monotonic() < deadline:
        for fd, _ in poll.poll(500):
            i = waiting[fd]
            try:
                data = sockets[i].recv(100)
                check(data == b"", f"the server said {len(data)} bytes to a stranger")
            except ConnectionResetError:
                pass
            after[i] = time.monotonic() - began[i]
            poll.unregister(fd)
            del waiting[fd]
    check(not waiting, f"{len(waiting)} connections are still open after {MOST + 5} s")
    return after


@case("clients that connect and say nothing, or half an opening, are closed after ten seconds; memory stays bounded")
def half_openings():
    with Scene() as scene:
        record = Record()
        scene.hosts()
        service = Service(scene, echo)
        server, wire = scene.server(service.url)
        middle = Middle(scene, wire, lambda number: (record, Rule()))
        _, through = scene.client(middle.url)
        honest(through)
        client, url = scene.client(wire)
        honest(url)
        length = HEADER + int.from_bytes(record.bytes[2:6], "big")
        opening = bytes(record.bytes[:length])
        before = server.memory()
        sockets, began = [], []
        for i in range(STRANGERS + OTHERS):
            began.append(time.monotonic())
            s = connect(wire)
            sockets.append(s)
            # Half of an opening each; and some that send nothing, a part of the header, or all but one byte.
            s.sendall(opening[:length // 2 if i < STRANGERS else (0, 3, HEADER, length - 1)[i % 4]])
            if i % 100 == 99:
                honest(url)
        grown = server.memory() - before
        say(f"{STRANGERS} strangers: memory grew by {grown >> 10} KiB; the last came after {began[-1] - began[0]:.1f} s")
        check(grown < MEMORY, f"memory grew by {grown} bytes")
        honest(url)
        after = ends(sockets, began)
        say(f"closed after {min(after):.1f} to {max(after):.1f} s")
        check(min(after) >= LEAST and max(after) <= MOST, f"closed after {min(after):.1f} to {max(after):.1f} s")
        honest(url)
        check(service.accepted <= 4 + STRANGERS // 100, "a stranger reached the service")
        contains(server.wait_line(ALERT, "SA-026"), "10 s")
        for s in sockets:
            s.close()


@case("more strangers than are held: the oldest gives way, and honest clients are served")
def crowd():
    with Scene() as scene:
        server, client, url = scene.tunnel(Service(scene, echo).url)
        wire = "tcp:" + [w for w in client.arguments if w.startswith("tcp:")][-1].split("tcp:", 1)[1]
        sockets = [connect(wire) for _ in range(1300)]
        honest(url)
        server.wait_line("crowd|too many|half-open|dropped")
        for s in sockets:
            s.close()
        honest(url)


@case("no descriptors left: said in the log, and served again when there are")
def descriptors():
    needs("prlimit")
    with Scene() as scene:
        scene.hosts()
        service = Service(scene, echo)
        server = Process(["prlimit", "--nofile=48:48", program(), "server", "--listen", "tcp:127.0.0.1:0", "--connect", service.url,
                          "--home", scene.server_home, "--identity", "db1", "--peer", "web1"])
        scene.processes.append(server)
        wire = bound(server)
        client, url = scene.client(wire)
        honest(url)
        sockets = [connect(wire) for _ in range(100)]
        server.wait_line("event=error", "too many open files|descriptor")
        for s in sockets:
            s.close()
        honest(url)


def full(url):
    """How many connections to URL have bytes that were not read at its end."""
    port = int(url.rpartition(":")[2])
    with open("/proc/net/tcp") as table:
        rows = [line.split() for line in table][1:]
    return sum(int(row[1].split(":")[1], 16) == port and row[3] == "01" and row[4].split(":")[1] != "00000000" for row in rows)


def sockets(process):
    folder = f"/proc/{process.pid}/fd"
    return sum(os.readlink(os.path.join(folder, fd)).startswith("socket:") for fd in os.listdir(folder))


def limited(scene, limit):
    """A server with so many descriptors: (process, its URL)."""
    server = Process(["prlimit", f"--nofile={limit}:{limit}", program(), "server", "--listen", "tcp:127.0.0.1:0", "--connect",
                      Service(scene, echo).url, "--home", scene.server_home, "--identity", "db1", "--peer", "web1", "--no-control"])
    scene.processes.append(server)
    return server, bound(server)


def all_answered(waiting):
    selector = selectors.DefaultSelector()
    for s in waiting:
        selector.register(s, selectors.EVENT_READ)
    while selector.get_map():
        ready = selector.select(MOST)
        check(ready, f"{len(selector.get_map())} got no answer")
        for key, _ in ready:
            selector.unregister(key.fileobj)
            check(key.fileobj.recv(5, socket.MSG_WAITALL) == b"asked", "one was cut off")
            key.fileobj.close()


@case("no descriptors left: what was accepted has one for the other side, too, so the others wait, and none is cut off")
def descriptors_of_both_sides():
    needs("prlimit")
    with Scene() as scene:
        scene.hosts()
        for limit in (28, 29):  # with one of them a pair is left over, with the other a single one
            server, wire = limited(scene, limit)
            client, url = scene.client(wire)
            before = sockets(server)
            server.signal(signal.SIGSTOP)
            waiting = [connect(url) for _ in range(24)]
            for s in waiting:
                s.sendall(b"asked")
            until(lambda: full(wire) == 24)  # every opening has come
            client.signal(signal.SIGSTOP)
            server.signal(signal.SIGCONT)
            server.wait_line("Too many open files")
            until(lambda: full(wire) == 24 - (sockets(server) - before))  # who was accepted is answered, the others wait
            server.signal(signal.SIGSTOP)
            client.signal(signal.SIGCONT)
            until(lambda: full(wire) == 24)  # the openings go on: all of them, and who waits, at once
            time.sleep(0.2)  # for so long it takes nobody who waits
            server.signal(signal.SIGCONT)
            all_answered(waiting)


@case("a server that says nothing: the client gives up after ten seconds, and its program sees a reset")
def silent_server():
    with Scene() as scene:
        scene.hosts()
        held = []
        client, url = scene.client(Service(scene, held.append).url)
        began = time.monotonic()
        with connect(url) as s:
            s.settimeout(MOST + 5)
            s.sendall(b"hello")
            check(receive_end(s) == (b"", "reset"), "no reset")
        took = time.monotonic() - began
        check(LEAST <= took <= MOST, f"given up after {took:.1f} s")
        contains(client.wait_line(ALERT, "SA-026"), "server")


main(parallel=3)
