# SPDX-License-Identifier: Apache-2.0
"""Goal: datagrams of programs that know nothing of SecComm pass whole, once and unchanged, over a network that loses, doubles
and reorders; whatever does not pass is counted and said; strangers change nothing; and peers may restart and move."""
import json
import os
import random
import re
import resource
import select
import socket
import stat
import subprocess
import sys

from datagram_support import DATA, DRAIN, MOST, Bad, Between, Echo, Held, Program, address, ended, queued, tunnel, until
from support import ALERT, Process, Scene, Skip, bound, case, check, contains, control, fields, main, needs, noise, program, run, say

FLOWS = 4096  # that a service holds
OVERHEAD = 30  # of default@1: header 6, number 8, tag 16 (doc/wire.md)


def told(process, *parts):
    """The sum of datagrams that PROCESS says it has dropped, for reasons that match PARTS."""
    with process.changed:
        return sum(int(fields(line)["datagrams"]) for line in process.lines
                   if all(re.search(p, line) for p in ("event=dropped", *parts)))


@case("echo: sizes 0, 1 and up to the limit pass; larger ones are refused, with size and limit in the log")
def sizes():
    with Scene() as scene:
        echo = Echo(scene)
        server, client, _, url = tunnel(scene, echo.url)
        p = Program(scene, url)
        for size in (5, 0, 1, 2, 1400, 1500, 9000, 40000, MOST - OVERHEAD):
            data = noise(size, size)
            check(p.ask(data) == data, f"{size} bytes did not come back")
        for size in (MOST - OVERHEAD + 1, MOST):
            p.send(bytes(size))
            client.wait_line(ALERT, "SA-035", str(size + OVERHEAD), str(MOST))
        line = client.wait_line("event=dropped", "too large")
        contains(line, f"{MOST - OVERHEAD + 1} bytes", f"at most {MOST - OVERHEAD}")
        check(p.ask(b"still here") == b"still here", "a datagram that was too large ended the flow")
        ended(client, server)
        check(server.count("event=opened") == 1, "it took more than one session")
        check(max(map(len, echo.data())) == MOST - OVERHEAD, "a datagram that was too large arrived")


@case("100 flows at once: each gets its own answers, from one session and one socket of its own")
def many():
    with Scene() as scene:
        echo = Echo(scene)
        server, client, _, url = tunnel(scene, echo.url)
        programs = [Program(scene, url) for _ in range(100)]
        for turn in range(5):
            for i, p in enumerate(programs):
                p.send(b"%d of %d" % (turn, i))
            for i, p in enumerate(programs):
                check(p.receive() == b"%d of %d" % (turn, i), f"flow {i} got something else")
        sources = {source for _, source in echo.got}
        check(len(sources) == 100, f"the service saw {len(sources)} programs")
        ended(client, server)
        check(server.count("event=opened") == client.count("event=opened") == 100, "not one session a flow")
        check(all(p.nothing() for p in programs), "more came than was sent")


def data_of(rule):
    """The data messages that passed RULE, each once."""
    return {d for d in rule.passed if d[0] == DATA}


@case("loss, doubles and disorder among 64: what the network lets through arrives, exactly once, and nothing else")
def bad_network():
    with Scene() as scene:
        echo, c2s, s2c = Echo(scene), Bad(1), Bad(2)
        server, client, middle, url = tunnel(scene, echo.url, between=lambda wire: Between(scene, wire, c2s, s2c))
        p = Program(scene, url)
        p.send(b"first")
        client.wait_line("event=opened")
        got = []

        def collect(count):
            """Until COUNT datagrams came back; at least all that are there."""
            while len(got) < count or not p.nothing():
                got.append(p.receive())
        for i in range(3000):
            p.send(b"%d " % i + noise(i, i % 400))
            if i % 20 == 19:  # not faster than it is carried, so that nothing but the network loses anything
                until(lambda: collect(0) or (c2s.came > i - 20 and len(echo.got) > len(c2s.passed) - 100 and
                                             s2c.came > len(echo.got) - 20 and len(got) > len(s2c.passed) - 100))
        for rule in (c2s, s2c):
            rule.lost = rule.doubled = rule.window = 0
        until(lambda: collect(0) or not (c2s.pool or s2c.pool))
        i = 3000  # one more, behind all others
        p.send(b"%d " % i + noise(i, i % 400))
        while got[-1] != b"%d " % i + noise(i, i % 400):
            got.append(p.receive())
        arrived, passed, back = echo.data(), data_of(c2s), data_of(s2c)
        say(f"{c2s.came} came, {len(passed)} data messages passed, {len(arrived)} arrived; {len(back)} passed back, {len(got)} arrived")
        sent = [b"%d " % i + noise(i, i % 400) for i in range(i + 1)] + [b"first"]
        check(len(arrived) == len(passed) and len(got) == len(back), "what passed did not all arrive, or more did")
        check(len(set(arrived)) == len(arrived) and len(set(got)) == len(got), "a datagram arrived twice")
        check(set(arrived) <= set(sent) and set(got) <= set(arrived), "something arrived that was not sent")
        check(2500 < len(passed) < 2950, "the network was not as bad as it was to be")
        ended(client, server)
        check(server.count("event=opened") == 1, "it took more than one session")


@case("datagrams sent before the session is open: the first 256 arrive in order, the others are counted and said")
def waiting():
    with Scene() as scene:
        echo, held = Echo(scene), Held()
        server, client, middle, url = tunnel(scene, echo.url, between=lambda wire: Between(scene, wire, held))
        p = Program(scene, url)
        p.send(b"0")
        held.wait()
        for i in range(1, 300):
            p.send(b"%d" % i)
            if i % 50 == 49:
                until(lambda: queued(url) == 0)
        held.release()
        echo.wait(256)
        until(lambda: client.count("event=opened") == 1)
        p.send(b"last")
        echo.wait(257)
        check(echo.data() == [b"%d" % i for i in range(256)] + [b"last"], f"other datagrams arrived: {echo.data()}")
        client.stop()
        check(told(client, "too many waited") == 44, client.text())
        contains(client.wait_line("event=closed"), r"dropped=44\b")


def restarted(kill):
    with Scene() as scene:
        echo = Echo(scene)
        server, client, middle, url = tunnel(scene, echo.url, between=lambda wire: Between(scene, wire))
        p = Program(scene, url)
        check(p.ask(b"before") == b"before", "no echo")
        server.kill() if kill else server.stop()
        server, wire = scene.server(echo.url, *DRAIN, listen="udp:127.0.0.1:0")
        middle.retarget(wire)
        if kill:
            p.send(b"into the void")
        line = client.wait_line("event=closed", seconds=40)
        contains(line, "the peer does not answer" if kill else "the peer closed it")
        check(client.count("SA-033") == kill, "not told once that the peer is silent")
        check(p.ask(b"after") == b"after", "no echo of the new server")
        check(b"into the void" not in echo.data(), "a datagram of the lost session arrived")
        server.wait_line("event=opened")


@case("the server stops and starts again: the client is told, and the next datagram opens a new session")
def stop_server():
    restarted(False)


@case("the server is killed and starts again: the client notices within 20 s, and the next datagram opens a new session")
def kill_server():
    restarted(True)


@case("the client is killed and starts again: its programs go on at once, in a new session")
def kill_client():
    with Scene() as scene:
        echo = Echo(scene)
        scene.hosts()
        server, wire = scene.server(echo.url, *DRAIN, listen="udp:127.0.0.1:0")
        near = "unixgram:" + scene.path("near.sock")  # whose path is free again, where a port may not be
        for turn in range(3):
            client, _ = scene.client(wire, *DRAIN, listen=near)
            p = Program(scene, near)
            check(p.ask(b"turn %d" % turn) == b"turn %d" % turn, "no echo")
            client.kill()
        ended(server)
        check(server.count("event=opened") == 3, "not one session each time")


@case("a client that moves to another port is followed, in one session, and the log says where from and to")
def moves():
    with Scene() as scene:
        echo = Echo(scene)
        server, client, middle, url = tunnel(scene, echo.url, between=lambda wire: Between(scene, wire))
        p = Program(scene, url)
        for turn in range(5):
            check(p.ask(b"turn %d" % turn) == b"turn %d" % turn, "no echo")
            middle.move()
        check(p.ask(b"last") == b"last", "no echo")
        line = server.wait_line("event=moved", after=0)
        contains(line, r"addr=udp:127\.0\.0\.1:\d+ from=udp:127\.0\.0\.1:\d+")
        check(fields(line)["addr"] != fields(line)["from"], line)
        ended(client, server)
        check(server.count("event=moved") == 5 and server.count("event=opened") == 1, server.text())


@case("replayed, changed and invented datagrams: nothing is delivered, moved or ended; all are counted, few are logged")
def strangers():
    with Scene() as scene:
        echo = Echo(scene)
        server, client, middle, url = tunnel(scene, echo.url, between=lambda wire: Between(scene, wire))
        p = Program(scene, url)
        for i in range(100):
            check(p.ask(b"%d" % i) == b"%d" % i, "no echo")
        recorded = middle.sent(first=DATA)
        check(len(recorded) == 100, f"{len(recorded)} data messages were recorded")
        chance = random.Random(7)
        bad = [d for d in recorded for _ in range(3)]
        for d in recorded:
            flipped = bytearray(d)
            flipped[chance.randrange(len(d))] ^= 1 << chance.randrange(8)
            bad += [bytes(flipped), d[:chance.randrange(len(d))]]
        bad += [chance.randbytes(chance.randrange(1500)) for _ in range(300)]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.connect(address(bound(server)))
            for i, d in enumerate(bad):
                middle.inject([d]) if i % 2 else stranger.send(d)
                if i % 50 == 49:
                    check(p.ask(b"honest %d" % i) == b"honest %d" % i, "the session did not survive")
        check(len(echo.data()) == 100 + len(bad) // 50, "something of it was delivered")
        ended(client, server)
        check(server.count("event=moved") == 0, "a stranger has moved the session")
        check(server.count("event=opened") == client.count("event=opened") == 1, "it took more than one session")
        check(client.count(ALERT) == 0, "the server answered strangers")
        server.stop()
        lines = [fields(line) for line in server.lines if re.search("id=SA-", line)]
        counted = sum(int(f.get("suppressed", 0)) + (f["event"] != "alerts") for f in lines)
        say(f"{len(bad)} bad datagrams: {len(lines)} lines that count {counted}")
        check(counted == len(bad), f"{counted} of {len(bad)} bad datagrams are counted in the log")
        check(len(lines) < len(bad) / 3, f"{len(lines)} lines")


@case("an opening that is replayed: the session that it began goes on, and no other one opens")
def replayed_opening():
    with Scene() as scene:
        echo = Echo(scene)
        server, client, middle, url = tunnel(scene, echo.url, between=lambda wire: Between(scene, wire))
        p = Program(scene, url)
        check(p.ask(b"one") == b"one", "no echo")
        opening = [d for d in middle.sent() if d[0] != DATA]
        for _ in range(20):
            middle.inject(opening)
            check(p.ask(b"more") == b"more", "no echo")
        ended(client, server)
        check(server.count("event=opened") == client.count("event=opened") == 1, server.text())
        check(len(echo.data()) == 21, "something was delivered twice")


@case("UNIX datagram sockets at every place; who has no name is told that no answer can reach it")
def unix_sockets():
    with Scene() as scene:
        echo = Echo(scene, scene.path("service.sock"))
        near, wire = scene.path("near.sock"), scene.path("wire.sock")
        server, client, _, url = tunnel(scene, echo.url, listen="unixgram:" + near, wire="unixgram:" + wire)
        programs = [Program(scene, url) for _ in range(10)]
        for i, p in enumerate(programs):
            for size in (0, 1, 1000, 60000):
                check(p.ask(noise(i, size)) == noise(i, size), f"{size} bytes did not come back")
        for size, why in ((66000, f"66000 bytes; at most {MOST - OVERHEAD} pass"), (70000, "larger than any that pass")):
            programs[0].send(bytes(size))
            client.wait_line("event=dropped", "too large", why)
        check(stat.S_IMODE(os.stat(near).st_mode) & 0o117 == 0, "others may send to it")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as nameless:
            nameless.connect(near)
            nameless.send(b"who am I")
            client.wait_line("event=dropped", "has no name")
        check(b"who am I" in echo.data(), "the datagram of a program without a name did not arrive")
        for p in (client, server):
            p.stop()
        check(not os.path.exists(near) and not os.path.exists(wire), "the sockets' files are still there")


@case("UNIX datagram sockets: a dead program's file gives way, a living one's does not")
def unix_files():
    with Scene() as scene:
        scene.hosts()
        near = scene.path("near.sock")
        dead = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        dead.bind(near)
        dead.close()
        client, _ = scene.client("unixgram:" + scene.path("wire.sock"), *DRAIN, listen="unixgram:" + near)
        arguments = ("client", "--connect", "unixgram:" + scene.path("wire.sock"), "--home", scene.client_home, "--identity",
                     "web1", "--peer", "db1", "--listen", "unixgram:" + near)
        status, _, error = run(*arguments, seconds=20)
        check(status not in (0, 2), f"{status}")
        contains(error, "near.sock", "in use", "another path")
        check(os.path.exists(near), "the living program's socket was removed")
        stream = socket.socket(socket.AF_UNIX)
        stream.bind(scene.path("stream.sock"))
        stream.listen()
        status, _, error = run(*arguments[:-1], "unixgram:" + scene.path("stream.sock"), seconds=20)
        check(status not in (0, 2), f"{status}")
        contains(error, "stream.sock", "other kind")
        stream.close()


@case("UDP port in use: said with what to do")
def port_in_use():
    with Scene() as scene, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        scene.hosts()
        taken.bind(("127.0.0.1", 0))
        url = "udp:127.0.0.1:%d" % taken.getsockname()[1]
        status, _, error = run("client", "--listen", url, "--connect", "udp:127.0.0.1:9", "--home", scene.client_home,
                               "--identity", "web1", "--peer", "db1", seconds=20)
        check(status not in (0, 2), f"{status}")
        contains(error, re.escape(url), "in use", "ss -lunp")


def gone(echo, path):
    """Closes it, and waits until no program that was just being started has it still."""
    echo.close()
    until(lambda: path not in open("/proc/net/unix").read())


@case("a service on a UNIX socket that starts again is reached again, in the same session")
def unix_service_again():
    with Scene() as scene:
        path = scene.path("service.sock")
        echo = Echo(scene, path)
        server, client, _, url = tunnel(scene, echo.url)
        p = Program(scene, url)
        check(p.ask(b"before") == b"before", "no echo")
        gone(echo, path)
        p.send(b"to nobody")
        server.wait_line("event=dropped", "nobody receives at the program's address")
        for turn in range(2):  # the second time nothing is sent while it is away
            os.unlink(path)
            echo = Echo(scene, path)
            check(p.ask(b"after") == b"after", "no echo")
            gone(echo, path)
        ended(client, server)
        check(server.count("event=opened") == 1, "it took another session")


@case("nobody receives at the service's port: said at most once a second, and no reason to end the session")
def unreachable():
    with Scene() as scene, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        deaf.bind(("127.0.0.1", 0))
        deaf.connect(("127.0.0.1", 9))  # it keeps the port, and hears nobody else
        port = deaf.getsockname()[1]
        server, client, _, url = tunnel(scene, f"udp:127.0.0.1:{port}")
        p = Program(scene, url)
        p.send(b"0")
        server.wait_line("event=dropped", "nobody receives at the program's address", "refused")
        for i in range(200):
            p.send(b"%d" % i)
        echo = Echo(scene, port=port)
        p.send(b"are you there")
        while p.receive() != b"are you there":
            pass
        ended(client, server)
        check(server.count("event=opened") == 1, "the session ended")
        lines = [line for line in server.lines if "event=dropped" in line]
        check(len(lines) <= 4, f"{len(lines)} lines")


@case("several addresses of this machine: answers come from the one that was asked, on both sides")
def several_addresses():
    with Scene() as scene:
        echo = Echo(scene)
        scene.hosts()
        server, wire = scene.server(echo.url, *DRAIN, listen="udp::0")
        port = wire.rpartition(":")[2]
        # A connected socket hears only whom it has asked: the client of the server, the program of the client.
        for i, host in enumerate(("127.0.0.2", "127.0.0.1", "[::1]")):
            client, url = scene.client(f"udp:{host}:{port}", *DRAIN, listen="udp::0")
            near = int(url.rpartition(":")[2])
            for to in (("127.0.0.3", near), ("127.0.0.1", near), ("::1", near)):
                p = Program(scene, url, to=to)
                check(p.ask(b"hello") == b"hello", f"no echo by {to} and {host}")
        ended(client, server)
        check(server.count("event=opened", r"addr=udp:\[::1\]:") == 3, "not every flow came by its address")


def in_namespace(name, inside):
    """Runs INSIDE, which is the case NAME, in a network namespace of its own, as root there."""
    needs("unshare", "ip")
    if os.environ.get("SECCOMM_TEST_INSIDE"):
        inside()
        return
    private = ["unshare", "-Urnm", "sh", "-c", 'mount -t tmpfs none /run && mkdir /run/netns && ip link set lo up && exec "$@"', "sh"]
    if subprocess.run([*private, "true"], capture_output=True).returncode != 0:
        raise Skip("a network namespace cannot be made")
    done = subprocess.run([*private, "env", "SECCOMM_TEST_INSIDE=1", sys.executable, __file__, program(), name],
                          capture_output=True, text=True, timeout=100)
    check(done.returncode == 0 and "ok 1" in done.stdout, done.stdout + done.stderr)


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


@case("a client's host that gets another address: the session goes on from there, and the server's log says so")
def roams():
    in_namespace("a client's host that gets", inside_roams)


def inside_roams():
    ip("netns", "add", "far")
    ip("link", "add", "here", "type", "veth", "peer", "name", "there", "netns", "far")
    for command in (("addr", "add", "10.1.0.9/24", "dev", "there"), ("link", "set", "there", "up"), ("link", "set", "lo", "up")):
        ip("-n", "far", *command)
    ip("addr", "add", "10.1.0.1/24", "dev", "here")
    ip("link", "set", "here", "up")
    far = ["ip", "netns", "exec", "far"]
    with Scene() as scene:
        scene.hosts()
        echo = scene.other(*far, sys.executable, "-c", "import socket, sys\ns = socket.socket(type=socket.SOCK_DGRAM)\n"
                           "s.bind(('127.0.0.1', 0))\nprint('port', s.getsockname()[1], file=sys.stderr, flush=True)\n"
                           "while True:\n s.sendto(*s.recvfrom(99))")
        port = echo.wait_line("port").split()[1]
        server = Process([*far, program(), "server", "--listen", "udp:10.1.0.9:0", "--connect", f"udp:127.0.0.1:{port}", "--home",
                          scene.server_home, "--identity", "db1", "--peer", "web1", *DRAIN])
        scene.processes.append(server)
        client, url = scene.client(bound(server), *DRAIN, listen="udp:127.0.0.1:0")
        p = Program(scene, url)
        check(p.ask(b"before") == b"before", "no echo")
        ip("addr", "del", "10.1.0.1/24", "dev", "here")
        p.send(b"without an address")
        client.wait_line("event=dropped", "nobody receives at the peer's address|could not be sent")
        ip("addr", "add", "10.1.0.3/24", "dev", "here")
        check(p.ask(b"after") == b"after", "no echo")
        contains(server.wait_line("event=moved"), r"addr=udp:10\.1\.0\.3:\d+ from=udp:10\.1\.0\.1:\d+")
        ended(client, server)
        check(server.count("event=opened") == 1, "it took another session")


@case("the path's limit: found on a link of 1,400 bytes, said with sizes, and found again when it shrinks")
def path_limit():
    in_namespace("the path's limit", inside_path_limit)


def inside_path_limit():
    def mtu(size):
        ip("link", "set", "lo", "mtu", str(size))

    mtu(1400)
    with Scene() as scene:
        echo = Echo(scene)
        scene.hosts()
        for host, around in (("127.0.0.1", 28), ("[::1]", 48)):
            mtu(1400)
            server, wire = scene.server(echo.url, *DRAIN, listen=f"udp:{host}:0")
            client, url = scene.client(wire, *DRAIN, listen="udp:127.0.0.1:0")
            p = Program(scene, url)
            most = 1400 - around - OVERHEAD
            check(p.ask(bytes(most)) == bytes(most), "what the path carries did not pass")
            p.send(bytes(most + 1))
            contains(client.wait_line("event=dropped", "too large"), f"{most + 1} bytes", f"at most {most}")
            contains(client.wait_line(ALERT, "SA-035"), str(1400 - around))
            mtu(1300)
            seen = len(client.lines)
            p.send(bytes(most))  # the session does not know yet: the system refuses it
            check(p.ask(b"small") == b"small", "no echo")
            p.send(bytes(most))
            client.wait_line(ALERT, "SA-035", str(1300 - around), after=seen)
            check(p.ask(bytes(most - 100)) == bytes(most - 100), "what the path carries now did not pass")
            ended(client, server)
            check(client.count("event=opened") == 1, "it took another session")


@case("no descriptors left at the server: said, those that are open go on, and others are served when there are some")
def descriptors():
    needs("prlimit")
    with Scene() as scene:
        scene.hosts()
        echo = Echo(scene)
        server = Process(["prlimit", "--nofile=48:48", program(), "server", "--listen", "udp:127.0.0.1:0", "--connect", echo.url,
                          "--home", scene.server_home, "--identity", "db1", "--peer", "web1", *DRAIN])
        scene.processes.append(server)
        wire = bound(server)
        client, url = scene.client(wire, *DRAIN, listen="udp:127.0.0.1:0")
        first = Program(scene, url)
        check(first.ask(b"first") == b"first", "no echo")
        for i in range(80):
            Program(scene, url).send(b"%d" % i)
        server.wait_line("Too many open files")
        check(first.ask(b"still") == b"still", "an open flow was ended")
        client.stop()  # says goodbye to all
        client, url = scene.client(wire, *DRAIN, listen="udp:127.0.0.1:0")
        check(Program(scene, url).ask(b"again") == b"again", "not served again")


@case("no descriptors left at the client: said, and those that are open go on")
def client_descriptors():
    needs("prlimit")
    with Scene() as scene:
        echo = Echo(scene)
        scene.hosts()
        server, wire = scene.server(echo.url, *DRAIN, listen="udp:127.0.0.1:0")
        client = Process(["prlimit", "--nofile=48:48", program(), "client", "--listen", "udp:127.0.0.1:0", "--connect", wire,
                          "--home", scene.client_home, "--identity", "web1", "--peer", "db1", *DRAIN])
        scene.processes.append(client)
        url = bound(client)
        first = Program(scene, url)
        check(first.ask(b"first") == b"first", "no echo")
        for i in range(80):
            Program(scene, url).send(b"%d" % i)
        client.wait_line("Too many open files")
        check(first.ask(b"still") == b"still", "an open flow was ended")


@case("SIGTERM: open flows go on until the drain time is over, new ones are not taken, status 0")
def draining():
    with Scene() as scene:
        echo = Echo(scene)
        scene.hosts()
        server, wire = scene.server(echo.url, "--drain", "2s", listen="udp:127.0.0.1:0")
        client, url = scene.client(wire, "--drain", "2s", listen="udp:127.0.0.1:0")
        old, new = Program(scene, url), Program(scene, url)
        check(old.ask(b"before") == b"before", "no echo")
        for p in (server, client):
            p.signal(15)
            p.wait_line("event=draining")
        new.send(b"too late")
        client.wait_line("event=dropped", "draining")
        check(old.ask(b"during") == b"during", "an open flow was ended")
        for p in (client, server):
            check(p.wait() == 0, p.text())
        check(b"too late" not in echo.data(), "a new flow was taken")


@case("a flow that is idle ends in order at both ends, and the next datagram begins a new one")
def idle():
    with Scene() as scene:
        echo = Echo(scene)
        scene.hosts()
        server, wire = scene.server(echo.url, *DRAIN, listen="udp:127.0.0.1:0")
        client, url = scene.client(wire, *DRAIN, "--idle", "1s", listen="udp:127.0.0.1:0")
        p = Program(scene, url)
        for turn in range(2):
            check(p.ask(b"turn %d" % turn) == b"turn %d" % turn, "no echo")
            for q in (client, server):
                line = q.wait_line("event=closed", f"connection={turn + 1} ")
                contains(line, "reason=idle" if q is client else "the peer closed it", "sent=6 received=6")
        ended(client, server)
        check(client.count(ALERT) == server.count(ALERT) == 0, "a word about an attack")


@case("new keys meanwhile: no datagram is lost or doubled by it")
def renewed():
    with Scene() as scene:
        echo = Echo(scene)
        server, client, _, url = tunnel(scene, echo.url)
        p = Program(scene, url)
        for count in range(60):
            if count == 20:
                run("rekey", "--control", control(client), status=0)
            check(p.ask(b"%d" % count) == b"%d" % count, "no echo")
        for process in (client, server):
            process.wait_line("event=renewed")
        check(p.ask(b"60") == b"60", "no echo with the new keys")
        check(echo.data() == [b"%d" % i for i in range(61)], "something was lost or doubled")
        ended(client, server)
        check(server.count("event=opened") == 1, "it took another session")
        check(client.count(ALERT) == server.count(ALERT) == 0, "a word about an attack")


@case("a key's limit reached before new keys can come: datagrams wait, and the programs answer, idle, and end when told")
def at_the_limit():
    ends = []
    with Scene() as scene:
        scene.hosts()
        connect = Echo(scene).url
        for role, home, mine, other in (("server", scene.server_home, "db1", "web1"), ("client", scene.client_home, "web1", "db1")):
            file = scene.write(f"{role}.yaml", f"""seccomm: 1
sessions:
  s:
    role: {role}
    listen: 'udp:127.0.0.1:0'
    connect: '{connect}'
    identity: {mine}
    peers: [{other}]
    require: {{confidentiality: legacy}}
    stack: 'anti-replay:window | encrypt:3des-ede-cbc | mac:hmac-sha-256'
""")
            ends.append(scene.start("run", "-c", file, "--home", home, *DRAIN))
            connect = url = bound(ends[-1])
        p = Program(scene, url, seconds=5)
        for count in range(1000):  # of 8 MiB a key, the second of which ends before the first is given up
            p.send(bytes(32 << 10))
            if not select.select([p.socket], [], [], 2)[0]:
                break
            p.receive()
        check(256 < count < 1000, f"{count} datagrams")
        for process in ends:
            with open(f"/proc/{process.pid}/stat", encoding="ascii") as file:
                before = int(file.read().split()[13])
            status = json.loads(run("status", "--json", "--control", control(process), status=0)[1])
            check(len(status["connections"]) == 1, status)
            with open(f"/proc/{process.pid}/stat", encoding="ascii") as file:
                check(int(file.read().split()[13]) - before < 20, "it is busy")
        ended(*ends)


@case("a client's and a server's session in one process, beside a stream's")
def one_process():
    with Scene() as scene:
        echo = Echo(scene, scene.path("service.sock"))
        home, web1 = scene.home("web1")
        _, out, _ = run("key", "gen", "db1", "--home", home, status=0)
        run("peer", "add", "web1", web1, "--home", home, status=0)
        run("peer", "add", "db1", re.search(r"\bsck1[a-z0-9]+", out).group(), "--home", home, status=0)

        def session(name, role, listen, connect, identity, peer):
            return (f"  {name}: {{role: {role}, listen: '{listen}', connect: '{connect}', identity: {identity}, "
                    f"peers: [{peer}], profile: default@1}}\n")
        near, wire = ["unixgram:" + scene.path(n) for n in ("near.sock", "wire.sock")]
        text = "seccomm: 1\nsessions:\n" + session("far", "server", wire, echo.url, "db1", "web1") + \
            session("here", "client", near, wire, "web1", "db1") + \
            session("stream", "client", "tcp:127.0.0.1:0", "tcp:127.0.0.1:9", "web1", "db1")
        both = scene.start("run", "-c", scene.write("both.yaml", text), "--home", home, *DRAIN)
        for name in ("far", "here", "stream"):
            both.wait_line("event=listening", f"session={name}")
        programs = [Program(scene, near) for _ in range(10)]
        for turn in range(20):
            for i, p in enumerate(programs):
                p.send(b"%d of %d" % (turn, i))
            for i, p in enumerate(programs):
                check(p.receive() == b"%d of %d" % (turn, i), "another flow's answer")


@case("more flows than are held: the one that was idle for longest gives way, and that is said")
def crowd():
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 5000:
        raise Skip("5,000 descriptors cannot be had")
    with Scene() as scene:
        echo = Echo(scene)
        server, client, _, url = tunnel(scene, echo.url, listen="unixgram:" + scene.path("near.sock"))
        busy, lazy = Program(scene, url), Program(scene, url)
        check(lazy.ask(b"lazy") == b"lazy" and busy.ask(b"busy") == b"busy", "no echo")
        for i in range(FLOWS):
            p = Program(scene, url)
            check(p.ask(b"%d" % i) == b"%d" % i, "no echo")
            p.socket.close()
            if i % 100 == 0:
                check(busy.ask(b"busy") == b"busy", "no echo")
        client.wait_line("event=error", "too many flows")
        client.wait_line("event=closed", "connection=1 ", "idle for longest")
        check(lazy.ask(b"again") == b"again", "no echo in a new flow")
        for q in (client, server):
            held = q.count("event=opened") - q.count("event=closed")
            check(held <= FLOWS, f"{held} flows")
        say(f"memory: {server.memory() >> 20} MiB at the server, {client.memory() >> 20} MiB at the client")


@case("memory: a thousand datagrams of each of 50 flows leave nothing behind")
def memory():
    with Scene() as scene:
        echo = Echo(scene)
        server, client, _, url = tunnel(scene, echo.url)
        programs = [Program(scene, url) for _ in range(50)]

        def turns(count):
            for i in range(count):
                for p in programs:
                    p.send(noise(i, 500))
                for p in programs:
                    check(p.receive() == noise(i, 500), "no echo")
        turns(100)
        before = server.memory(), client.memory()
        turns(400)
        grown = server.memory() - before[0], client.memory() - before[1]
        say(f"memory grew by {grown[0] >> 10} KiB at the server and {grown[1] >> 10} KiB at the client")
        check(max(grown) < 4 << 20, f"memory grew by {grown}")


main(parallel=3)
