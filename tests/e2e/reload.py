# SPDX-License-Identifier: Apache-2.0
"""Goal: `reload` and SIGHUP swap configuration, keys and peers as a whole or not at all, under traffic: what did not change
loses nothing, what did ends in order, and whoever is not allowed any more is cut off."""
import json
import os
import re
import select
import shutil
import signal
import threading

from datagram_support import DRAIN, Echo, Program, until
from support import (Middle, OnFrames, Rule, Scene, Service, case, check, connect, contains, echo, expect_reset, fields, main, noise,
                     receive, receive_end, run)

DATA = noise("reload", 30000)


def session(name, role, listen, connect_to, identity, peers, more="profile: default@1"):
    return (f"  {name}:\n    role: {role}\n    listen: {listen}\n    connect: {connect_to}\n    identity: {identity}\n"
            f"    peers: [{peers}]\n    {more}\n")


def write(scene, name, *sessions):
    return scene.write(name, "seccomm: 1\nsessions:\n" + "".join(sessions))


class Host:
    """A program that runs a file, and its control socket."""

    def __init__(self, scene, name, home, *sessions, more=()):
        self.scene, self.name, self.home = scene, name, home
        self.file = write(scene, name + ".yaml", *sessions)
        self.path = scene.path("ctl", name + ".sock")
        self.process = scene.start("run", "-c", self.file, "--home", home, "--control", self.path, *more)
        for text in sessions:
            self.process.wait_line("event=listening", f"session={text.split(':')[0].strip()} ")

    def url(self, name):
        """Where session NAME listens now."""
        lines = [line for line in self.process.lines if "event=listening" in line and f"session={name} " in line]
        return fields(lines[-1])["addr"]

    def write(self, *sessions):
        write(self.scene, self.name + ".yaml", *sessions)

    def reload(self, *more, status=0):
        return run("reload", "--control", self.path, *more, status=status)[1:]

    def status(self):
        return json.loads(run("status", "--control", self.path, "--json", status=0)[1])


class Hosts:
    """Two hosts with two sessions each, "a" and "b", in front of an echo service."""

    def __init__(self, scene, *more):
        scene.hosts()
        self.scene = scene
        self.service = Service(scene, echo)
        self.a = self.serving("a")
        self.b = self.serving("b")
        self.server = Host(scene, "server", scene.server_home, self.a, self.b, more=more)
        self.client = Host(scene, "client", scene.client_home, self.dialling("a"), self.dialling("b"), more=more)

    def serving(self, name, to=None, **more):
        return session(name, "server", "tcp:127.0.0.1:0", to or self.service.url, "db1", "web1", **more)

    def dialling(self, name, **more):
        return session(name, "client", "tcp:127.0.0.1:0", self.server.url(name), "web1", "db1", **more)

    def connect(self, name):
        return connect(self.client.url(name))


def carry(s, data=DATA):
    s.sendall(data)
    check(receive(s, len(data)) == data, "no echo")


def carries(hosts, name):
    with hosts.connect(name) as s:
        carry(s)


class Traffic:
    """Connections to a URL that carry data, each for a while, without an end until stop(); a single failure is kept."""

    def __init__(self, url, threads=3):
        self.url, self.over, self.wrong, self.rounds = url, threading.Event(), [], 0
        self.began = threading.Semaphore(0)
        self.threads = [threading.Thread(target=self.work, args=(i,)) for i in range(threads)]
        for thread in self.threads:
            thread.start()
        for _ in range(2 * threads):
            check(self.began.acquire(timeout=30), self.wrong)

    def work(self, long):
        try:
            while not self.over.is_set():
                with connect(self.url) as s:
                    for _ in range(10 ** 6 if long == 0 else 3):
                        carry(s)
                        self.rounds += 1
                        self.began.release()
                        if self.over.is_set():
                            break
                    s.shutdown(1)
                    check(receive_end(s) == (b"", "end"), "a cut connection")
        except (OSError, AssertionError) as error:
            self.wrong.append(error)
            self.began.release()

    def stop(self):
        self.over.set()
        for thread in self.threads:
            thread.join()
        check(not self.wrong, self.wrong)


# ---- Refused -----------------------------------------------------------------------------------------------------------------


@case("a broken file changes nothing, and every finding comes with its place")
def broken():
    with Scene() as scene:
        hosts = Hosts(scene)
        with hosts.connect("a") as s:
            carry(s)
            hosts.server.write(hosts.a, hosts.b.replace("identity", "identiy").replace("default@1", "default@9"))
            out, error = hosts.server.reload(status=1)
            contains(error, r"server\.yaml:14:5: error\[SC\d+\]: .*identiy", r"\^", r"server\.yaml:16:\d+: error\[SC\d+\]",
                     "nothing has changed", "help: ")
            answer = json.loads(hosts.server.reload("--json", status=1)[0])
            check(not answer["done"] and [f["line"] for f in answer["findings"]] == [14, 16], answer)
            check(answer["findings"][0]["column"] == 5 and answer["findings"][0]["help"], answer)
            hosts.server.process.wait_line("event=finding", r"place=\S*server\.yaml:14:5", "id=SC")
            hosts.server.process.wait_line("event=reload-refused", "nothing has changed")
            carry(s)
        carries(hosts, "b")
        check(hosts.server.status()["program"]["refused_reloads"] == 2, "not counted")
        hosts.server.write(hosts.a, hosts.b)
        contains(hosts.server.reload()[0], r"a +none\nb +none")


@case("a key that is missing, a file that others can change, an address that is taken: told, and nothing has changed")
def other_reasons():
    with Scene() as scene:
        hosts = Hosts(scene)
        peers = os.path.join(scene.server_home, "peers")
        key = os.path.join(scene.server_home, "keys", "db1")
        taken = Service(scene, echo)
        with hosts.connect("a") as s:
            carry(s)
            os.rename(key, key + "-away")
            contains(hosts.server.reload(status=1)[1], "no key 'db1'", "help: seccomm key gen db1", "nothing has changed")
            os.rename(key + "-away", key)
            os.chmod(peers, 0o666)
            contains(hosts.server.reload(status=1)[1], "others can change whom we trust", "help: chmod go-w")
            os.chmod(peers, 0o600)
            hosts.server.write(hosts.serving("a", "tcp:127.0.0.1:9"), hosts.b,
                               session("c", "server", taken.url, hosts.service.url, "db1", "web1"))
            contains(hosts.server.reload(status=1)[1], "cannot listen on " + taken.url, "another program listens there",
                     "nothing has changed")
            everywhere = hosts.a.replace("127.0.0.1:0", ":" + hosts.server.url("a").rpartition(":")[2])
            hosts.server.write(everywhere, hosts.b)
            contains(hosts.server.reload(status=1)[1], "help: session 'a' of this program has that port", "nothing has changed")
            carry(s)
        carries(hosts, "a")  # to where it went before
        os.remove(hosts.server.file)
        os.mkfifo(hosts.server.file)
        contains(hosts.server.reload(status=1)[1], "server.yaml: not a file")
        os.remove(hosts.server.file)
        contains(hosts.server.reload(status=1)[1], "server.yaml: No such file")
        carries(hosts, "b")


# ---- Nothing lost ------------------------------------------------------------------------------------------------------------


@case("twenty reloads under traffic: sessions that did not change lose nothing, while their neighbour changes every time")
def under_traffic():
    with Scene() as scene:
        hosts = Hosts(scene, "--drain", "60s")
        traffic = Traffic(hosts.client.url("a"))
        for i in range(20):
            more = "stack: 'anti-replay:sequence | encrypt:%s'" % ("chacha20-poly1305", "aes-256-gcm")[i % 2]
            hosts.server.write(hosts.a, hosts.serving("b", more=more))
            hosts.client.write(hosts.dialling("a"), hosts.dialling("b", more=more))
            for host in (hosts.server, hosts.client):
                changes = {s["session"]: s["change"] for s in json.loads(host.reload("--json")[0])["sessions"]}
                check(changes == {"a": "none", "b": "changed"}, changes)
            carries(hosts, "b")
        traffic.stop()
        check(hosts.server.status()["program"]["reloads"] == 20, "not counted")
        check(hosts.server.process.count("event=(alert|refused)") == 0, hosts.server.process.text())


@case("peers are added and removed under traffic: no connection of those that stay is lost, none is refused")
def peers_under_traffic():
    with Scene() as scene:
        hosts = Hosts(scene)
        _, key = scene.home("other1")
        hosts.a = hosts.a.replace("[web1]", "['*']")
        hosts.server.write(hosts.a, hosts.b)
        contains(hosts.server.reload()[0], r"a +peers\nb +none")
        traffic = Traffic(hosts.client.url("a"))
        for i in range(10):
            arguments = ("remove", "other1") if i % 2 else ("add", "other1", key)
            run("peer", *arguments, "--home", scene.server_home, status=0)
            contains(hosts.server.reload()[0], r"a +peers\nb +none")
        traffic.stop()


# ---- What changed ------------------------------------------------------------------------------------------------------------


@case("keys change: connections with the old ones go on for the time of --drain, new ones have the new")
def keys():
    with Scene() as scene:
        hosts = Hosts(scene, "--drain", "60s")  # longer than all that is done meanwhile takes
        with hosts.connect("a") as old:
            carry(old)
            # The server gets another key, and the client is told of it.
            os.remove(os.path.join(scene.server_home, "keys", "db1"))
            _, out, _ = run("key", "gen", "db1", "--home", scene.server_home, status=0)
            run("peer", "remove", "db1", "--home", scene.client_home, status=0)
            run("peer", "add", "db1", re.search(r"\bsck1[a-z0-9]+", out).group(), "--home", scene.client_home, status=0)
            contains(hosts.server.reload()[0], r"a +changed\nb +changed")
            carry(old)
            (former,) = [s for s in hosts.server.status()["services"] if s["former"]]
            check(former["session"] == "a" and former["open"] == 1 and former["state"] == "draining", former)
            expect_reset(hosts.client.url("b"), DATA)  # the client does not know that key yet
            contains(hosts.client.reload()[0], r"a +peers\nb +peers", "1 connections of peers that are not allowed")
            check(receive_end(old)[1] == "reset", "a connection with a peer that is no more went on")
        for name in "ab":
            carries(hosts, name)


@case("another stack, another target: new connections have it, the others go on and are reset when their time is over")
def changed():
    with Scene() as scene:
        hosts = Hosts(scene, "--drain", "1s")
        upper = Service(scene, shout)
        with hosts.connect("a") as old:
            carry(old)
            hosts.server.write(hosts.a.replace("[web1]", "['*']"), hosts.b)
            contains(hosts.server.reload()[0], r"a +peers\nb +none")
            with hosts.connect("a") as young:
                carry(young)
                hosts.server.write(hosts.serving("a", upper.url), hosts.b)
                contains(hosts.server.reload()[0], r"a +changed\nb +none")
                new = hosts.connect("a")
                new.sendall(b"hello")
                check(receive(new, 5) == b"HELLO", "the old target")
                for former in (old, young):
                    carry(former)
                for former in (old, young):
                    check(receive_end(former) == (b"", "reset"), "no reset")
            new.sendall(b"still")
            check(receive(new, 5) == b"STILL", "the new connection is gone, too")
            new.close()
        carries(hosts, "b")


def shout(s):
    with s:
        while piece := s.recv(1 << 16):
            s.sendall(piece.upper())


@case("a peer that is removed is cut off at once, and may not come back; the others stay")
def removed_peer():
    with Scene() as scene:
        hosts = Hosts(scene)
        folder, key = scene.home("other1")
        run("peer", "add", "other1", key, "--home", scene.server_home, status=0)
        run("peer", "add", "db1", scene.server_key, "--home", folder, status=0)
        hosts.a = hosts.a.replace("[web1]", "[web1, other1]")
        hosts.server.write(hosts.a, hosts.b)
        hosts.server.reload()
        other = Host(scene, "other", folder, hosts.dialling("a").replace("web1", "other1"))
        with hosts.connect("a") as stays, connect(other.url("a")) as goes:
            carry(stays)
            carry(goes)
            run("peer", "remove", "other1", "--home", scene.server_home, status=0)
            _, error = hosts.server.reload(status=1)
            contains(error, "no peer 'other1'", "nothing has changed")
            carry(goes)
            hosts.a = hosts.a.replace("[web1, other1]", "[web1]")
            hosts.server.write(hosts.a, hosts.b)
            contains(hosts.server.reload()[0], r"a +peers\nb +none", "1 connections of peers that are not allowed any more were ended")
            check(receive_end(goes) == (b"", "reset"), "it was not cut off")
            carry(stays)
            expect_reset(other.url("a"), DATA)
            hosts.server.process.wait_line("event=refused", "SA-021")
            carry(stays)
        hosts.server.process.wait_line("event=closed", "peer=other1", "not allowed any more")


@case("a peer that is removed while its connection opens is not served")
def removed_while_opening():
    with Scene() as scene:
        hosts = Hosts(scene)
        folder, key = scene.home("other1")
        run("peer", "add", "other1", key, "--home", scene.server_home, status=0)
        run("peer", "add", "db1", scene.server_key, "--home", folder, status=0)
        hosts.server.write(hosts.a.replace("[web1]", "[web1, other1]"), hosts.b)
        hosts.server.reload()
        third, go_on = threading.Event(), threading.Event()

        def hold(number, frame):
            if number == 1:  # M3: behind it the connection is open
                third.set()
                go_on.wait(30)
            return [frame]
        middle = Middle(scene, hosts.server.url("a"), lambda number: (OnFrames(hold), Rule()))
        other = Host(scene, "other", folder, session("a", "client", "tcp:127.0.0.1:0", middle.url, "other1", "db1"))
        with connect(other.url("a")) as s:
            check(third.wait(30), "it does not open")
            hosts.server.write(hosts.a, hosts.b)
            contains(hosts.server.reload()[0], r"a +peers\nb +none")
            go_on.set()
            check(receive_end(s) == (b"", "reset"), "it was served")
        hosts.server.process.wait_line("event=closed", "peer=other1", "not allowed any more")
        carries(hosts, "a")


@case("a session is removed, another added, one renamed: each listens, or not, as the file says")
def others():
    with Scene() as scene:
        hosts = Hosts(scene, "--drain", "60s")
        with hosts.connect("b") as s:
            carry(s)
            b = hosts.server.url("b")
            hosts.server.write(hosts.a, hosts.serving("c"))
            contains(hosts.server.reload()[0], r"a +none\nc +added\nb +removed")
            carry(s)
            expect_reset(hosts.client.url("b"), DATA)
            hosts.server.write(hosts.a, hosts.serving("c"), hosts.serving("b").replace("tcp:127.0.0.1:0", b))
            contains(hosts.server.reload()[0], r"b +added")
            carry(s)
            s.shutdown(1)
            check(receive_end(s) == (b"", "end"), "a connection of a removed session did not finish")
        carries(hosts, "b")


@case("SIGHUP does the same and says so in the log")
def hang_up():
    with Scene() as scene:
        hosts = Hosts(scene)
        with hosts.connect("a") as s:
            carry(s)
            process = hosts.server.process
            hosts.server.write(hosts.a.replace("listen", "lisen"), hosts.b)
            process.signal(signal.SIGHUP)
            process.wait_line("event=finding", "lisen", r"server\.yaml:5:5")
            process.wait_line("event=reload-refused")
            hosts.server.write(hosts.a, hosts.serving("b", "tcp:127.0.0.1:9"))
            process.signal(signal.SIGHUP)
            process.wait_line("event=reload ", "session=a", "change=none")
            process.wait_line("event=reload ", "session=b", "change=changed")
            process.wait_line("event=reloaded")
            carry(s)


# ---- Datagrams -----------------------------------------------------------------------------------------------------------------


class DatagramHosts:
    """Two hosts with one session of datagrams in front of an echo service."""

    def __init__(self, scene, *more):
        scene.hosts()
        self.echo = Echo(scene)
        self.a = self.serving(self.echo.url)
        self.server = Host(scene, "server", scene.server_home, self.a, more=more)
        self.b = session("a", "client", "udp:127.0.0.1:0", self.server.url("a"), "web1", "db1")
        self.client = Host(scene, "client", scene.client_home, self.b, more=more)

    @staticmethod
    def serving(to):
        return session("a", "server", "udp:127.0.0.1:0", to, "db1", "web1")


def asks(program, data, answer=None):
    """DATA is answered; while a session opens anew some may be lost."""
    for _ in range(100):
        program.send(data)
        if select.select([program.socket], [], [], 0.1)[0] and program.receive() == (answer or data):
            return
    check(False, f"no answer to {data!r}")


@case("datagrams, other peers at the server: flows go on in their sessions, new ones open, with one socket for all")
def datagram_peers():
    with Scene() as scene:
        hosts = DatagramHosts(scene, *DRAIN)
        url, wire = hosts.client.url("a"), hosts.server.url("a")
        programs = [Program(scene, url)]
        _, key = scene.home("other1")
        hosts.server.write(hosts.a.replace("[web1]", "['*']"))
        hosts.server.reload()
        for i in range(6):
            for number, p in enumerate(programs):
                check(p.ask(b"%d %d" % (i, number)) == b"%d %d" % (i, number), "a flow was lost")
            arguments = ("remove", "other1") if i % 2 else ("add", "other1", key)
            run("peer", *arguments, "--home", scene.server_home, status=0)
            contains(hosts.server.reload()[0], r"a +peers")
            programs.append(Program(scene, url))
        for number, p in enumerate(programs):
            check(p.ask(b"%d" % number) == b"%d" % number, "a flow was lost")
        check(hosts.server.process.count("event=opened") == len(programs), "not one session a flow")
        answer = hosts.server.status()
        check(all(s["listen"] == wire for s in answer["services"]), answer)
        check(sorted(c["number"] for c in answer["connections"]) == [1, 2, 3, 4, 5, 6, 7], answer)
        check(hosts.server.process.count("event=(refused|alert|dropped)") == 0, hosts.server.process.text())
        hosts.client.process.stop()
        until(lambda: hosts.server.process.count("event=closed", "the peer closed it") == len(programs))


@case("datagrams: a session is removed after its peers changed: the flows of both go on for the time of --drain")
def datagram_removed_twice():
    with Scene() as scene:
        hosts = DatagramHosts(scene, "--drain", "2s")
        p = Program(scene, hosts.client.url("a"))
        check(p.ask(b"before") == b"before", "no echo")
        hosts.server.write(hosts.a.replace("[web1]", "['*']"))
        contains(hosts.server.reload()[0], r"a +peers")
        rest = session("rest", "server", "tcp:127.0.0.1:0", Service(scene, echo).url, "db1", "web1")
        hosts.server.write(rest)
        contains(hosts.server.reload()[0], r"rest +added\na +removed")
        for _ in range(3):
            check(p.ask(b"during") == b"during", "an open flow was ended")
        hosts.client.process.wait_line("event=closed", "the peer closed it")


@case("datagrams, the server changes: flows go on for the time of --drain, then the next datagram opens a new session")
def datagram_changed():
    with Scene() as scene:
        hosts = DatagramHosts(scene, "--drain", "1s")
        upper = Echo(scene, answer=lambda data: data.upper())
        old = Program(scene, hosts.client.url("a"))
        check(old.ask(b"before") == b"before", "no echo")
        hosts.server.write(hosts.serving(upper.url))
        contains(hosts.server.reload()[0], r"a +changed")
        new = Program(scene, hosts.client.url("a"))
        for _ in range(5):
            check(old.ask(b"during") == b"during", "an open flow was ended")
            check(new.ask(b"during") == b"DURING", "a new one has the old target")
        hosts.server.process.wait_line("event=closed", "connection=1 ")
        hosts.client.process.wait_line("event=closed", "connection=1 ", "the peer closed it")
        asks(old, b"after", b"AFTER")
        check(new.ask(b"still") == b"STILL", "the new flow is gone, too")


@case("datagrams, the client changes: the same")
def datagram_client():
    with Scene() as scene:
        hosts = DatagramHosts(scene, "--drain", "1s")
        url = hosts.client.url("a")
        old = Program(scene, url)
        check(old.ask(b"before") == b"before", "no echo")
        hosts.client.write(hosts.b.replace("profile", "rekey: 30m\n    profile"))
        contains(hosts.client.reload()[0], r"a +changed")
        check(hosts.client.url("a") == url, "another port")
        new = Program(scene, url)
        for _ in range(5):
            check(old.ask(b"during") == b"during" and new.ask(b"new") == b"new", "a flow was ended")
        check(hosts.client.process.count("event=opened") == 2, "an open flow was not found again")
        hosts.client.process.wait_line("event=closed", "connection=1 ")
        check(new.ask(b"still") == b"still", "the new flow is gone, too")
        asks(old, b"after")
        hosts.client.write(hosts.b)
        contains(hosts.client.reload()[0], r"a +changed")
        asks(new, b"again")


@case("datagrams: a session is removed and added again; a removed peer is cut off, told, and not let in again")
def datagram_removed():
    with Scene() as scene:
        hosts = DatagramHosts(scene, "--drain", "3s")
        other = Service(scene, echo)
        rest = session("rest", "server", "tcp:127.0.0.1:0", other.url, "db1", "web1")
        wire = hosts.server.url("a")
        hosts.a = hosts.a.replace("udp:127.0.0.1:0", wire)
        hosts.server.write(hosts.a, rest)
        contains(hosts.server.reload()[0], "a +changed")
        p = Program(scene, hosts.client.url("a"))
        asks(p, b"one")
        hosts.server.write(rest)
        contains(hosts.server.reload()[0], r"rest +none\na +removed")
        check(p.ask(b"during") == b"during", "an open flow was ended")
        hosts.client.process.wait_line("event=closed", "the peer closed it")
        hosts.server.write(hosts.a, rest)
        contains(hosts.server.reload()[0], r"a +added")
        asks(p, b"two")
        opened = hosts.client.process.count("event=closed")
        _, key = scene.home("other1")
        run("peer", "add", "other1", key, "--home", scene.server_home, status=0)
        hosts.server.write(hosts.a.replace("[web1]", "[other1]"), rest)
        contains(hosts.server.reload()[0], r"a +peers", "1 connections of peers that are not allowed")
        hosts.server.process.wait_line("event=closed", "not allowed any more")
        until(lambda: hosts.client.process.count("event=closed", "the peer closed it") > opened)
        p.send(b"three")
        hosts.server.process.wait_line("event=refused", "SA-021")
        check(p.nothing(), "it was answered")


@case("what the options said stays; keys and peers are read again")
def options():
    with Scene() as scene:
        scene.hosts()
        path = scene.path("ctl", "server.sock")
        server, wire = scene.server(Service(scene, echo).url, "--control", path)
        client, url = scene.client(wire)
        with connect(url) as s:
            carry(s)
            contains(run("reload", "--control", path, status=0)[1], r"server +none")
            shutil.copytree(scene.server_home, scene.server_home + "-copy")
            run("peer", "remove", "web1", "--home", scene.server_home, status=0)
            contains(run("reload", "--control", path, status=1)[2], "no peer 'web1'")
            carry(s)


main(parallel=2)
