# SPDX-License-Identifier: Apache-2.0
"""Goal: over datagrams, too, ends that do not fit say so, and in none of these cases does a byte reach the service: who is unknown is
met with silence and named in the server's log; where configurations differ both logs say how; and many half openings do not keep
honest ones out."""
import re
import shutil
import socket

from datagram_support import DATA, DRAIN, Between, Echo, Program, address, ended, tunnel
from support import ALERT, Scene, bound, case, check, contains, fields, main, noise, run, say

FINGERPRINT = r"SHA256:[A-Za-z0-9+/]{43}"
STRANGERS = 3000


def fingerprint(home, name):
    _, out, _ = run("key", "show", name, "--home", home, status=0)
    return re.search(FINGERPRINT, out).group()


def start(scene, role, listen, connect, identity, peer, home, *more):
    return scene.start(role, "--listen", listen, "--connect", connect, "--identity", identity, "--peer", peer, "--home", home, *DRAIN,
                       *more)


@case("holders of two pre-shared secrets: silence, and the server's log says what to look at; the client's that there is no answer")
def other_secret():
    with Scene() as scene:
        scene.hosts()
        for home in (scene.client_home, scene.server_home):
            run("key", "gen", "shared", "--algorithm", "psk", "--home", home, status=0)
        text = ("seccomm: 1\nsessions:\n  s:\n    role: {}\n    listen: udp:127.0.0.1:0\n    connect: {}\n"
                "    stack: [anti-replay: window, encrypt: aes-256-gcm]\n    keys: {{data: {{establish: psk, secret: shared}}}}\n")
        echo = Echo(scene)
        target = echo.url
        ends = []
        for role, home in (("server", scene.server_home), ("client", scene.client_home)):
            ends.append(scene.start("run", "-c", scene.write(role + ".yaml", text.format(role, target)), "--home", home, "--no-control", *DRAIN))
            target = bound(ends[-1])
        p = Program(scene, target)
        p.send(b"hello")
        ends[0].wait_line(ALERT, "SA-001", "made for another identity or pre-shared secret")
        ends[1].wait_line(ALERT, "SA-026")
        check(not echo.data() and p.nothing(), "something went through")


@case("a client whose key is unknown: silence, and the server's log names its fingerprint")
def unknown_client():
    with Scene() as scene:
        scene.hosts()
        echo = Echo(scene)
        strange, _ = scene.home("web2")
        run("peer", "add", "db1", scene.server_key, "--home", strange, status=0)
        server, wire = scene.server(echo.url, *DRAIN, listen="udp:127.0.0.1:0")
        middle = Between(scene, wire)
        client = start(scene, "client", "udp:127.0.0.1:0", middle.url, "web2", "db1", strange)
        p = Program(scene, bound(client))
        p.send(b"hello")
        contains(server.wait_line(ALERT, "SA-021"), re.escape(fingerprint(strange, "web2")), r"addr=udp:127\.0\.0\.1:\d+")
        client.wait_line(ALERT, "SA-026")
        check(not middle.sent(c2s=False) and not echo.data() and p.nothing(), "somebody has answered")
        line = client.wait_line("event=dropped", "session ended before")
        check(fields(line)["datagrams"] == "1", line)


@case("a server with another key than is expected: silence, and nothing of what waited is sent")
def other_server():
    with Scene() as scene:
        scene.hosts()
        echo = Echo(scene)
        false, false_key = scene.home("db2")
        run("peer", "add", "web1", scene.client_key, "--home", false, status=0)
        server = start(scene, "server", "udp:127.0.0.1:0", echo.url, "db2", "web1", false)
        client, url = scene.client(bound(server), *DRAIN, listen="udp:127.0.0.1:0")
        p = Program(scene, url)
        p.send(b"hello")
        server.wait_line(ALERT, "SA-001|SA-02")
        client.wait_line(ALERT, "SA-02")
        check(not echo.data() and p.nothing(), "it was served")


@case("different configurations: the difference is in both logs, and no session opens")
def mismatch():
    with Scene() as scene:
        scene.hosts()
        echo = Echo(scene)
        server, wire = scene.server(echo.url, *DRAIN, "--stack", "anti-replay:window | encrypt:aes-256-gcm", listen="udp:127.0.0.1:0")
        client, url = scene.client(wire, *DRAIN, "--stack", "anti-replay:window,size=4096 | encrypt:chacha20-poly1305",
                                   listen="udp:127.0.0.1:0")
        p = Program(scene, url)
        p.send(b"hello")
        for q in (client, server):
            contains(q.wait_line(ALERT, "SA-023"), "aes-256-gcm", "chacha20-poly1305", "size")
        check(not echo.data() and p.nothing(), "it was served")


@case("a pre-shared secret over datagrams; and one that differs: nobody answers")
def shared_secret():
    with Scene() as scene:
        scene.hosts()
        echo = Echo(scene)
        for home in (scene.client_home, scene.server_home):
            run("key", "gen", "differs", "--algorithm", "psk", "--home", home, status=0)
        secret = open(scene.path("home-web1", "keys", "differs.psk")).read()
        for home in (scene.client_home, scene.server_home):
            scene.write(f"home-{'web1' if home == scene.client_home else 'db1'}/keys/same.psk", secret, 0o600)
        server, client, _, url = tunnel(scene, echo.url, "--psk", "same")
        check(Program(scene, url).ask(b"hello") == b"hello", "no echo")
        server, client, _, url = tunnel(scene, echo.url, "--psk", "differs")
        p = Program(scene, url)
        p.send(b"hello")
        server.wait_line(ALERT)
        client.wait_line(ALERT)
        check(len(echo.data()) == 1 and p.nothing(), "it was served")


NO_EXCHANGE = """seccomm: 1
sessions:
  s:
    role: {role}
    listen: "udp:127.0.0.1:0"
    connect: "{connect}"
    require: {{freshness: none, peer-authenticity: none}}
    stack: [anti-replay: window, encrypt: aes-256-gcm]
    keys: {{data: {{establish: none, secret: one}}}}
"""


@case("a secret and no exchange: the first datagram arrives at once; invented ones begin nothing, and are not said to be a crowd")
def no_exchange():
    with Scene() as scene:
        homes = [scene.path("home-a"), scene.path("home-b")]
        run("key", "gen", "one", "--algorithm", "psk", "--home", homes[0], status=0)
        shutil.copytree(*homes)
        echo = Echo(scene)
        server = scene.start("run", "-c", scene.write("s.yaml", NO_EXCHANGE.format(role="server", connect=echo.url)), "--home", homes[0],
                             *DRAIN)
        middle = Between(scene, bound(server))
        client = scene.start("run", "-c", scene.write("c.yaml", NO_EXCHANGE.format(role="client", connect=middle.url)), "--home",
                             homes[1], *DRAIN)
        programs = [Program(scene, bound(client)) for _ in range(3)]
        for turn in range(20):
            for i, p in enumerate(programs):
                check(p.ask(b"%d of %d" % (turn, i)) == b"%d of %d" % (turn, i), "no echo")
            middle.inject([bytes([DATA, 0, 0, 0, 0, 1]) + noise(turn, 60)])
        ended(client, server)
        check(server.count("event=opened") == 3, server.text())
        server.wait_line(ALERT, "SA-002")
        check(server.count("event=error") == 0, "said to be a crowd")


@case("3,000 half openings, replayed from many ports: honest ones open at once, and memory stays bounded")
def half_openings():
    with Scene() as scene:
        echo = Echo(scene)
        server, client, middle, url = tunnel(scene, echo.url, between=lambda wire: Between(scene, wire))
        check(Program(scene, url).ask(b"hello") == b"hello", "no echo")
        opening = middle.sent()[0]
        before = server.memory()
        to = address(bound(server))
        for i in range(STRANGERS):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                s.sendto(opening, to)
            if i % 500 == 499:
                check(Program(scene, url).ask(b"honest") == b"honest", "an honest client was not served")
        grown = server.memory() - before
        say(f"memory grew by {grown >> 10} KiB")
        check(grown < 32 << 20, f"memory grew by {grown} bytes")
        ended(client, server)
        check(server.count("event=opened") == 1 + STRANGERS // 500, "not the honest sessions alone have opened")


main(parallel=3)
