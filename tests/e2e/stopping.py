# SPDX-License-Identifier: Apache-2.0
"""Goal: programs that are killed, stopped or cannot write their log: no program takes a cut stream for a whole one, running
connections finish, and what is started again works at once."""
import os
import signal
import subprocess
import threading

from support import Box, Scene, Service, Skip, case, check, connect, echo, main, noise, program, receive, receive_end

BLOCK = noise("load", 1 << 16)


class Load:
    """Connections on which one end sends without end and the other one checks, block by block, what it reads.

    An end that only reads tells a reset from an end for certain: of two threads on one socket either may get the error."""

    def __init__(self):
        self.results = Box()
        self.flowing = threading.Semaphore(0)

    def serve(self, s):
        if receive(s, 1) == b"u":
            self.read("service", s)
        else:
            self.pour(s)

    def start(self, url):
        """One connection in each direction."""
        for way, act in ((b"u", self.pour), (b"d", lambda s: self.read("client", s))):
            s = connect(url)
            s.sendall(way)
            threading.Thread(target=act, args=(s,), daemon=True).start()

    @staticmethod
    def pour(s):
        try:
            while True:
                s.sendall(BLOCK)
        except OSError:
            s.close()

    def read(self, name, s):
        rest, right, total, how = b"", True, 0, "end"
        try:
            while piece := s.recv(1 << 16):
                total += len(piece)
                rest += piece
                while len(rest) >= len(BLOCK):
                    right &= rest[:len(BLOCK)] == BLOCK
                    rest = rest[len(BLOCK):]
                    self.flowing.release()
        except ConnectionResetError:
            how = "reset"
        s.close()
        self.results.put((name, right and rest == BLOCK[:len(rest)], how, total))


def killed(who):
    with Scene() as scene:
        scene.hosts()
        load = Load()
        service = Service(scene, load.serve)
        # The wire is a UNIX socket: its path is ours, so what is started again finds it free.
        wire = "unix:" + scene.path("wire.sock")
        server, _ = scene.server(service.url, listen=wire)
        client, url = scene.client(wire)
        for count in range(1, 4):
            load.start(url)
            for _ in range(40):
                check(load.flowing.acquire(timeout=30), "no traffic")
            seen = len((client if who == "server" else server).lines)
            (server if who == "server" else client).kill()
            load.results.wait(2 * count)
            # The end whose own program was killed sees what the kernel makes of that; the other one must see a reset.
            survivor = "client" if who == "server" else "service"
            for name, right, how, total in load.results.values[-2:]:
                check(right, f"the {name} got bytes that were not sent")
                check(name != survivor or how == "reset", f"the {name} saw {how} after {total} bytes")
            (client if who == "server" else server).wait_line("SA-031|the peer reset", after=seen)
            if who == "server":
                server, _ = scene.server(service.url, listen=wire)
            else:
                client, url = scene.client(wire)
            while load.flowing.acquire(blocking=False):
                pass


@case("kill -9 of the server under load, and again")
def kill_server():
    killed("server")


@case("kill -9 of the client under load, and again")
def kill_client():
    killed("client")


def stopped(number):
    with Scene() as scene:
        got = Box()

        def service(s):
            got.put(receive(s, 5))
            data, how = receive_end(s)
            s.sendall(data[::-1])
            s.close()
            got.put((data, how))
        server, client, url = scene.tunnel(Service(scene, service).url, "--drain", "60s")
        with connect(url) as s:
            s.sendall(b"hello")
            got.wait()
            for p in (server, client):
                p.signal(number)
                p.wait_line("event=(drain|stop)")
            try:
                connect(url, 5).close()
                refused = False
            except OSError:
                refused = True
            check(refused, "a draining client still accepts")
            s.sendall(BLOCK)
            s.shutdown(1)
            check(receive_end(s) == (BLOCK[::-1], "end"), "the running connection did not finish")
        for p in (client, server):
            check(p.wait() == 0, f"status {p.popen.returncode}\n{p.text()}")
            p.check_sane()


@case("SIGTERM: the running connection finishes, nothing new is accepted, status 0")
def terminate():
    stopped(signal.SIGTERM)


@case("SIGINT: the same")
def interrupt():
    stopped(signal.SIGINT)


@case("a connection that does not finish is reset when the drain time is over, status 0")
def drain_over():
    with Scene() as scene:
        got = Box()
        server, client, url = scene.tunnel(Service(scene, got.put).url, "--drain", "300ms")
        with connect(url) as s:
            s.sendall(b"hello")
            receive(got.wait(), 5)
            client.signal(signal.SIGTERM)
            check(receive_end(s) == (b"", "reset"), "no reset")
            check(client.wait() == 0, client.text())
            check(receive_end(got.wait())[1] == "reset", "the service saw a clean end")


@case("idle programs end at once on SIGTERM")
def idle():
    with Scene() as scene:
        server, client, url = scene.tunnel(Service(scene, echo).url)
        for p in (client, server):
            p.signal(signal.SIGTERM)
            check(p.wait(10) == 0, p.text())


@case("SIGTERM as soon as the program listens: status 0")
def at_once():
    with Scene() as scene:
        scene.hosts()
        for _ in range(10):
            server, _ = scene.server("unix:" + scene.path("nobody"))
            server.signal(signal.SIGTERM)
            check(server.wait(10) == 0, f"ended with {server.popen.returncode}:\n{server.text()}")


def wait_path(path, *processes):
    """Until a program listens there: with its log in /dev/full it cannot say so."""
    import time
    deadline = time.monotonic() + 30
    while True:
        for p in processes:
            check(p.popen.poll() is None, f"{p.arguments} ended with {p.popen.returncode}")
        try:
            connect("unix:" + path).close()
            return
        except OSError:
            check(time.monotonic() < deadline, f"nobody listens at {path}")
            time.sleep(0.01)  # between two looks, with a deadline


def serves_with_logs(server_log, client_log):
    """Programs whose logs are those descriptors serve, and stop when told."""
    with Scene() as scene:
        scene.hosts()
        service = Service(scene, echo)
        wire, near = "unix:" + scene.path("wire.sock"), "unix:" + scene.path("near.sock")
        server, _ = scene.server(service.url, listen=wire, stderr=server_log)
        client, _ = scene.client(wire, listen=near, stderr=client_log)
        for path in ("wire.sock", "near.sock"):
            wait_path(scene.path(path), server, client)
        for _ in range(3):
            with connect(near) as s:
                s.sendall(BLOCK)
                check(receive(s, len(BLOCK)) == BLOCK, "no echo")
        for p in (client, server):
            p.signal(signal.SIGTERM)
            check(p.wait() == 0, f"ended with {p.popen.returncode}")


@case("a log that cannot be written: the programs go on serving")
def full_log():
    if not os.path.exists("/dev/full"):
        raise Skip("/dev/full is not here")
    with open("/dev/full", "wb") as full:
        serves_with_logs(full, full)


@case("a log whose reader is gone: the programs go on serving")
def broken_log():
    read, write = os.pipe()
    os.close(read)
    serves_with_logs(write, write)
    os.close(write)


@case("a log whose reader has stopped reading: the programs go on serving, and stop when told")
def stalled_log():
    read, write = os.pipe()
    os.set_blocking(write, False)
    try:
        while os.write(write, bytes(4096)):
            pass
    except BlockingIOError:
        os.set_blocking(write, True)
    serves_with_logs(write, write)
    os.close(read)
    os.close(write)


@case("closed standard descriptors: no socket takes their place")
def closed_descriptors():
    close = 'exec "$@" <&- >&- 2>&-'
    done = subprocess.run(["sh", "-c", close, "sh", program(), "demo", "--once"], timeout=60)
    # What is said has nowhere to go, which is told by the status; being killed is something else.
    check(done.returncode == 1, f"ended with {done.returncode}")


@case("kill -9 of the program next to it: a program over TCP sees a reset, not an end")
def neighbour_killed():
    for who in ("client", "server"):
        with Scene() as scene:
            got = Box()

            def service(s):
                s.sendall(receive(s, 5))
                got.put(receive_end(s))
            server, client, url = scene.tunnel(Service(scene, service).url)
            with connect(url) as s:
                s.sendall(b"hello")
                receive(s, 5)
                (client if who == "client" else server).kill()
                check(receive_end(s) == (b"", "reset"), f"the client's program saw no reset when the {who} was killed")
                check(got.wait() == (b"", "reset"), f"the service saw {got.values} when the {who} was killed")


main(parallel=3)
