# SPDX-License-Identifier: Apache-2.0
"""Goal: what a session accepts is said at its start and by status, and both of its ends must accept it."""
import json
import os
import shutil

from datagram_support import Echo, Program
from support import Scene, Service, bound, case, check, connect, contains, echo, main, receive, run

HEAD = """seccomm: 1
sessions:
  old:
    role: {role}
    listen: tcp:127.0.0.1:0
    connect: "{target}"
    identity: {own}
    peers: ["{peer}"]
    {accept}
"""
FILE = HEAD + """    stack:
      - anti-replay: sequence
      - {inner}
      - {outer}
"""
MAC, CIPHER = "mac: hmac-sha-256", "encrypt: aes-256-cbc"
REASON = "the device at the other end knows no better"
NOTHING = "require: {freshness: modern}"  # as without it
ACCEPT = 'accept: {SC206: "' + REASON + '"}'


def end(scene, role, target, accept, inner, outer):
    home, own, peer = (scene.server_home, "db1", "web1") if role == "server" else (scene.client_home, "web1", "db1")
    file = scene.write(role + ".yaml", FILE.format(role=role, target=target, own=own, peer=peer, accept=accept, inner=inner, outer=outer))
    place = scene.path("ctl", role + ".sock")
    process = scene.start("run", "-c", file, "--home", home, "--control", place)
    return process, place


@case("a finding that is accepted is a note; the log says it at the start, and status as long as it runs")
def accepted():
    with Scene() as scene:
        scene.hosts()
        server, place = end(scene, "server", Service(scene, echo).url, ACCEPT, MAC, CIPHER)
        client, _ = end(scene, "client", bound(server), ACCEPT, MAC, CIPHER)
        contains(server.wait_line("event=accepted"), "level=warning", "session=old", "id=SC206", f'reason="{REASON}"')
        with connect(bound(client)) as s:
            s.sendall(b"through it")
            check(receive(s, 10) == b"through it", "the echo differs")
        (service,) = json.loads(run("status", "--control", place, "--json", status=0)[1])["services"]
        check(service["accepted"] == {"SC206": REASON}, service)
        contains(run("status", "--control", place, status=0)[1], f"accepted  SC206: {REASON}")


@case("without it the session is refused, and with it at one end alone the two do not talk, and both say why")
def alone():
    with Scene() as scene:
        scene.hosts()
        file = scene.write("refused.yaml", FILE.format(role="client", target="tcp:127.0.0.1:1", own="web1", peer="db1",
                                                       accept=NOTHING, inner=MAC, outer=CIPHER))
        contains(run("check", file, status=2)[2], r"error\[SC206\]")
        server, _ = end(scene, "server", Service(scene, echo).url, ACCEPT, MAC, CIPHER)
        client, _ = end(scene, "client", bound(server), NOTHING, CIPHER, MAC)
        with connect(bound(client)) as s:
            s.settimeout(30)
            s.sendall(b"x")
            try:
                check(s.recv(1) == b"", "something came through")
            except ConnectionError:
                pass
        contains(client.wait_line("SA-023"), "accept SC206")


ANYBODY = """seccomm: 1
sessions:
  old:
    role: {role}
    listen: "{listen}"
    connect: "{target}"
    {accept}
    stack: [anti-replay: window, encrypt: aes-256-gcm]
    keys:
      data: {{establish: dh}}
"""


@case("with an exchange that nobody authenticates, and that is accepted, nobody needs a name: both ends are anybody; over both links")
def anybody():
    with Scene() as scene:
        homes = {role: scene.path("home-" + role) for role in ("server", "client")}
        for home in homes.values():
            os.mkdir(home, 0o700)
        for scheme, service in (("tcp", Service(scene, echo)), ("udp", Echo(scene))):
            target, ends = service.url, []
            for role in ("server", "client"):
                file = scene.write(role + ".yaml", ANYBODY.format(role=role, listen=scheme + ":127.0.0.1:0", target=target,
                                                                  accept='accept: {SC701: "nobody is in between here"}'))
                run("check", file, status=0)
                ends.append(scene.start("run", "-c", file, "--home", homes[role], "--control", scene.path("ctl", role + scheme)))
                target = bound(ends[-1])
            if scheme == "tcp":
                with connect(target) as s:
                    s.sendall(b"through it")
                    check(receive(s, 10) == b"through it", "the echo differs")
            else:
                check(Program(scene, target).ask(b"through it") == b"through it", "the echo differs")
            contains(ends[0].wait_line("event=opened"), r"peer=\(anybody\)|peer=\"\(anybody\)\"")
            for end in ends:
                end.stop()
        file = scene.write("named.yaml", ANYBODY.format(role="client", listen="tcp:127.0.0.1:0", target="tcp:127.0.0.1:1", accept=NOTHING))
        contains(run("check", file, status=2)[2], r"error\[SC701\]", r"has no 'identity'", r"has no 'peers'")


SHARED = HEAD + """    stack: [anti-replay: sequence, encrypt: aes-256-gcm]
    keys: {{data: {{establish: psk, secret: office, protect: [sign: ed25519]}}}}
"""


@case("a secret that only one end shares with others is accepted there alone, and the two talk")
def own():
    with Scene() as scene:
        scene.hosts()
        run("key", "gen", "office", "--algorithm", "psk", "--home", scene.server_home, status=0)
        shutil.copy(os.path.join(scene.server_home, "keys", "office.psk"), os.path.join(scene.client_home, "keys"))
        several = scene.write("server.yaml", SHARED.format(role="server", target=Service(scene, echo).url, own="db1", peer="web*",
                                                           accept='accept: {SC711: "they are one team"}'))
        contains(run("check", several, status=0)[2], r"note\[SC711\]")
        server = scene.start("run", "-c", several, "--home", scene.server_home, "--control", scene.path("ctl", "server"))
        one = scene.write("client.yaml", SHARED.format(role="client", target=bound(server), own="web1", peer="db1", accept=NOTHING))
        client = scene.start("run", "-c", one, "--home", scene.client_home, "--control", scene.path("ctl", "client"))
        with connect(bound(client)) as s:
            s.sendall(b"through it")
            check(receive(s, 10) == b"through it", "the echo differs")


@case("what a session accepts anew while it runs, and why, is said by the log and by status, though the session goes on")
def anew():
    with Scene() as scene:
        home, path = scene.path("home"), scene.path("ctl", "client")
        run("key", "gen", "office", "--algorithm", "psk", "--home", home, status=0)

        def write(accept):
            return scene.write("client.yaml", "seccomm: 1\nsessions:\n" + "".join(
                f"  {name}:\n    role: client\n    listen: tcp:127.0.0.1:0\n    connect: tcp:{name}.example.net:7443\n    {accept}\n"
                "    stack: [anti-replay: sequence, encrypt: aes-256-gcm]\n    keys: {data: {establish: psk, secret: office}}\n"
                for name in ("one", "two")))

        client = scene.start("run", "-c", write(NOTHING), "--home", home, "--control", path)
        client.wait_line("event=listening", "session=two ")
        check(client.count("event=accepted") == 0, client.text())
        for reason in ("one host", "by two names"):
            write(f'accept: {{SC716: "{reason}"}}')
            run("reload", "--control", path, status=0)
            for name in ("one", "two"):
                client.wait_line("event=accepted", f"session={name} ", "id=SC716", f'reason="{reason}"')
            services = json.loads(run("status", "--control", path, "--json", status=0)[1])["services"]
            check([s["accepted"] for s in services] == [{"SC716": reason}] * 2, services)
        check(client.count("event=listening") == 2, "the sessions were begun anew")


main(parallel=2)
