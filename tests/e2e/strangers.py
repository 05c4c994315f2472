# SPDX-License-Identifier: Apache-2.0
"""Goal: ends that do not fit say so: both fingerprints where keys differ, the difference at both ends where configurations do;
and in none of these cases does a byte reach the service."""
import re

from support import (ALERT, Scene, Service, bound, case, check, connect, contains, echo, expect_reset, main, receive,
                     run, say)

FINGERPRINT = r"SHA256:[A-Za-z0-9+/]{43}"


def fingerprint(home, name):
    _, out, _ = run("key", "show", name, "--home", home, status=0)
    return re.search(FINGERPRINT, out).group()


def refused(scene, url, service):
    expect_reset(url, b"hello")
    check(service.accepted == 0, "the service was reached")


@case("the server has another key than the client expects: the client's log names both fingerprints")
def other_server():
    with Scene() as scene:
        scene.hosts()
        service = Service(scene, echo)
        false_home, false_key = scene.home("db2")
        run("peer", "add", "web1", scene.client_key, "--home", false_home, status=0)
        server = scene.start("server", "--listen", "tcp:127.0.0.1:0", "--connect", service.url, "--identity", "db2", "--peer",
                             "web1", "--home", false_home)
        client, url = scene.client(bound(server))
        refused(scene, url, service)
        expected, real = fingerprint(scene.server_home, "db1"), fingerprint(false_home, "db2")
        contains(client.wait_line(ALERT, "SA-022"), "db1", re.escape(expected), re.escape(real))
        server.wait_line(ALERT, "SA-0")


@case("the client's key is unknown to the server: the server's log names its fingerprint and the command to trust it")
def unknown_client():
    with Scene() as scene:
        scene.hosts()
        service = Service(scene, echo)
        strange = scene.path("home-strange")
        _, out, _ = run("key", "gen", "web1", "--home", strange, status=0)
        run("peer", "add", "db1", scene.server_key, "--home", strange, status=0)
        server, wire = scene.server(service.url)
        client = scene.start("client", "--listen", "tcp:127.0.0.1:0", "--connect", wire, "--identity", "web1", "--peer", "db1",
                             "--home", strange)
        refused(scene, bound(client), service)
        line = server.wait_line(ALERT, "SA-021")
        contains(line, re.escape(fingerprint(strange, "web1")))
        client.wait_line(ALERT, "SA-0")


@case("a peer that is known but not meant for this session is refused")
def not_this_session():
    with Scene() as scene:
        scene.hosts()
        service = Service(scene, echo)
        other_home, other_key = scene.home("web2")
        run("peer", "add", "web2", other_key, "--home", scene.server_home, status=0)
        run("peer", "add", "db1", scene.server_key, "--home", other_home, status=0)
        server, wire = scene.server(service.url)
        client = scene.start("client", "--listen", "tcp:127.0.0.1:0", "--connect", wire, "--identity", "web2", "--peer", "db1",
                             "--home", other_home)
        refused(scene, bound(client), service)
        contains(server.wait_line(ALERT), "SA-02[12]", "web2|" + FINGERPRINT)


@case("every known peer with --peer '*', and each connection's log line names who it is")
def anyone_known():
    with Scene() as scene:
        scene.hosts()
        service = Service(scene, echo)
        other_home, other_key = scene.home("web2")
        run("peer", "add", "web2", other_key, "--home", scene.server_home, status=0)
        run("peer", "add", "db1", scene.server_key, "--home", other_home, status=0)
        server = scene.start("server", "--listen", "tcp:127.0.0.1:0", "--connect", service.url, "--identity", "db1", "--peer",
                             "*", "--home", scene.server_home)
        for name, home in (("web1", scene.client_home), ("web2", other_home)):
            client = scene.start("client", "--listen", "tcp:127.0.0.1:0", "--connect", bound(server), "--identity", name,
                                 "--peer", "db1", "--home", home)
            with connect(bound(client)) as s:
                s.sendall(b"hello")
                receive(s, 5)
            server.wait_line("event=open", f"peer={name}")


@case("different configurations: the difference is in both logs")
def mismatch():
    with Scene() as scene:
        scene.hosts()
        service = Service(scene, echo)
        server, wire = scene.server(service.url, "--stack", "anti-replay:sequence | encrypt:aes-256-gcm")
        client, url = scene.client(wire, "--stack", "anti-replay:sequence | mac:hmac-sha-256 | encrypt:chacha20-poly1305")
        refused(scene, url, service)
        for p, ours, theirs in ((server, "aes-256-gcm", "chacha20-poly1305"), (client, "chacha20-poly1305", "aes-256-gcm")):
            line = p.wait_line(ALERT, "SA-023", "layer")
            contains(line, ours, theirs, "hmac-sha-256", "peer")


@case("different configurations with many parameters, each way round")
def mismatch_more():
    stacks = ("anti-replay:sequence | encrypt:aes-256-gcm", "anti-replay:timestamp | encrypt:aes-256-gcm",
              "anti-replay:sequence | sign:ed25519,direction=c2s | encrypt:aes-256-gcm")
    for ours in stacks:
        for theirs in stacks:
            if ours == theirs:
                continue
            with Scene() as scene:
                scene.hosts()
                service = Service(scene, echo)
                server, wire = scene.server(service.url, "--stack", theirs)
                client, url = scene.client(wire, "--stack", ours)
                refused(scene, url, service)
                for p in (server, client):
                    p.wait_line(ALERT, "SA-023", "layer")


@case("a pre-shared secret that differs: refused at both ends")
def other_secret():
    with Scene() as scene:
        scene.hosts()
        service = Service(scene, echo)
        for home in (scene.client_home, scene.server_home):
            run("key", "gen", "shared", "--algorithm", "psk", "--home", home, status=0)
        server, wire = scene.server(service.url, "--psk", "shared")
        client, url = scene.client(wire, "--psk", "shared")
        refused(scene, url, service)
        # The server proves itself first, so it is the client that knows why.
        contains(client.wait_line(ALERT), "SA-024", "the same pre-shared secret")
        server.wait_line(ALERT, "SA-0")


main(parallel=3)
