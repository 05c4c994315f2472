# SPDX-License-Identifier: Apache-2.0
"""Goal: a running program answers what it is asked, in tables and in JSON; whatever else comes through its control socket,
it goes on serving; who may not ask does not; and two programs never share a socket."""
import json
import os
import pty
import re
import resource
import signal
import socket
import stat
import subprocess
import threading

from datagram_support import DRAIN, Echo, Program, until
from support import (ALERT, Flip, Middle, Rule, Scene, Service, Skip, bound, case, check, connect, contains, echo, environment, main,
                     noise, program, receive, receive_end, run)

DATA = noise("control", 50000)


class Pair:
    """A tunnel whose two programs have control sockets."""

    def __init__(self, scene, *more, handle=echo):
        self.scene, self.folder = scene, scene.path("ctl")
        self.service = Service(scene, handle)
        scene.hosts()
        self.server, self.wire = scene.server(self.service.url, "--control", self.path("server"), *more)
        self.client, self.url = scene.client(self.wire, "--control", self.path("client"), *more)

    def path(self, name):
        return os.path.join(self.folder, name + ".sock")

    def ask(self, name, command, *more, status=0):
        """(standard output, standard error)"""
        return run(command, "--control", self.path(name), *more, status=status)[1:]

    def json(self, name, command, *more, status=0):
        return json.loads(self.ask(name, command, "--json", *more, status=status)[0])

    def follow(self, name, command, *more):
        """A command that goes on; its lines are read from popen.stdout."""
        return self.scene.other(program(), command, "--control", self.path(name), *more, stdout=subprocess.PIPE)

    def attack(self, position=600):
        """Somebody flips a bit on the wire, and the connection is reset."""
        middle = Middle(self.scene, self.wire, lambda number: (Flip(position, 3), Rule()))
        attacked, url = self.scene.client(middle.url)
        with connect(url) as s:
            try:
                s.sendall(DATA)
            except OSError:
                pass
            check(receive_end(s)[1] == "reset", "no reset")


def alone(scene, role, connect_to):
    """The command line of one end."""
    home, peer = (scene.client_home, "db1") if role == "client" else (scene.server_home, "web1")
    return role, "--listen", "tcp:127.0.0.1:0", "--connect", connect_to, "--home", home, "--peer", peer


def carry(s, data=DATA):
    s.sendall(data)
    check(receive(s, len(data)) == data, "no echo")


def carry_once(pair):
    with connect(pair.url) as s:
        carry(s)


class Raw:
    """A client of a control socket that speaks as it likes."""

    def __init__(self, path, greeted=True):
        self.socket = connect("unix:" + path)
        self.file = self.socket.makefile("rb")
        if greeted:
            check(self.line()["seccomm"] == 1, "no greeting")

    def line(self):
        """None: the end."""
        line = self.file.readline()
        return json.loads(line) if line else None

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else json.dumps(data).encode() + b"\n")

    def ask(self, **request):
        """All answers."""
        self.send({"id": 5, **request})
        answers = [self.line()]
        while answers[-1].get("more"):
            answers.append(self.line())
        check(all(a["id"] == 5 for a in answers), answers)
        return answers

    def close(self):
        self.file.close()
        self.socket.close()


# ---- Commands ----------------------------------------------------------------------------------------------------------------


@case("status: the program, its sessions, its connections")
def status():
    with Scene() as scene:
        pair = Pair(scene)
        with connect(pair.url) as s:
            carry(s)
            answer = pair.json("server", "status")
            check(answer["program"]["pid"] == pair.server.pid, answer["program"])
            (session,), (connection,) = answer["services"], answer["connections"]
            check(session["listen"] == pair.wire and session["open"] == 1 and session["connections"] == 1, session)
            check(session["digest"] == pair.json("client", "status")["services"][0]["digest"], "the digests differ")
            check(connection["id"] == "server/1" and connection["peer"] == "web1" and connection["state"] == "open", connection)
            check(connection["received"]["bytes"] == len(DATA) == connection["sent"]["bytes"], connection)
            check(connection["received"]["messages"] > 0 and connection["memory"] > 1000 and connection["epoch"] >= 1, connection)
            check(0 <= connection["heard_ms"] <= connection["age_ms"], connection)
            out, _ = pair.ask("server", "status")
            contains(out, rf"process {pair.server.pid}\b", r"server +server +listening +1 +0 +1 ", r"server/1 +web1 ", "48.8 KiB")
            out, _ = pair.ask("server", "status", "server/1")
            contains(out, "server/1")
            _, error = pair.ask("server", "status", "server/2", status=1)
            contains(error, "no connection server/2", "help: ")
            _, error = pair.ask("server", "status", "sevrer", status=1)
            contains(error, "did you mean 'server'", "help: the sessions are: server")
        pair.server.wait_line("event=closed")
        answer = pair.json("server", "status")
        check(answer["connections"] == [] and answer["totals"]["sent_bytes"] == len(DATA), answer)


@case("alerts: the last ones, and those of an attack as they happen")
def alerts():
    with Scene() as scene:
        pair = Pair(scene)
        check(pair.ask("server", "alerts")[0] == "", "an alert before any")
        pair.attack()
        out, _ = pair.ask("server", "alerts")
        contains(out, r"^\S+Z  SA-\d+  server/1  \S+  tcp:127.0.0.1:\d+  ")
        follower = pair.follow("server", "alerts", "--follow", "--count", "1")
        machine = pair.follow("server", "alerts", "--follow", "--json", "--count", "1", "server")
        # Who has shown the last one misses none from now on.
        check(follower.popen.stdout.readline().decode() == out, "another alert was the last one")
        first = json.loads(machine.popen.stdout.readline())
        pair.attack(700)
        line = json.loads(machine.popen.stdout.readline())
        check(line["number"] == first["number"] + 1 and line["session"] == "server" and line["connection"] == 2, line)
        check(line["fatal"] and line["address"].startswith("tcp:127.0.0.1:"), line)
        check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"]), line["time"])
        contains(follower.popen.stdout.readline().decode(), re.escape(line["time"]), line["id"], "server/2", re.escape(line["text"]))
        contains(pair.server.wait_line(ALERT, "connection=2"), line["id"])
        check(sum(pair.json("server", "status")["services"][0]["alerts"].values()) == 2, "not counted")
        check(pair.ask("server", "alerts", "--count", "1")[0].count("\n") == 1, "more than asked for")
        check(pair.ask("client", "alerts")[0] == "", "the other program had none")


@case("drain: connections finish, nothing new is accepted, status 0")
def drain():
    with Scene() as scene:
        pair = Pair(scene)
        with connect(pair.url) as s:
            carry(s)
            answer = pair.json("client", "drain", "--drain", "60s")
            check(answer == {"connections": 1, "milliseconds": 60000}, answer)
            try:
                connect(pair.url, 5).close()
                check(False, "a draining program still accepts")
            except OSError:
                pass
            check(pair.json("client", "status")["program"]["draining"], "it does not say that it drains")
            carry(s)
            s.shutdown(socket.SHUT_WR)
            check(receive_end(s) == (b"", "end"), "the connection did not finish")
        check(pair.client.wait() == 0, pair.client.text())
        check(sorted(os.listdir(pair.folder)) == ["server.sock", "server.sock.lock"], os.listdir(pair.folder))
        out, _ = pair.ask("server", "drain")
        contains(out, "the program ends")
        check(pair.server.wait() == 0, pair.server.text())


@case("drain --now and drain with a limit: what is left is reset, status 0")
def drain_now():
    for arguments in (("--now",), ("--drain", "200ms")):
        with Scene() as scene:
            pair = Pair(scene)
            with connect(pair.url) as s:
                carry(s)
                pair.ask("client", "drain", *arguments)
                check(receive_end(s) == (b"", "reset"), "no reset")
            check(pair.client.wait() == 0, pair.client.text())
            pair.client.check_sane()


@case("SIGTERM after a drain still has its own limit")
def drain_then_signal():
    with Scene() as scene:
        pair = Pair(scene, "--drain", "300ms")
        with connect(pair.url) as s:
            carry(s)
            pair.ask("client", "drain", "--drain", "10m")
            pair.client.signal(signal.SIGTERM)
            check(receive_end(s) == (b"", "reset"), "no reset")
        check(pair.client.wait() == 0, pair.client.text())


@case("rekey: new keys for what is open, under traffic, from both ends")
def rekey():
    with Scene() as scene:
        pair = Pair(scene)
        over, wrong = threading.Event(), []

        def traffic():
            try:
                with connect(pair.url) as s:
                    while not over.is_set():
                        carry(s)
            except (OSError, AssertionError) as error:
                wrong.append(error)
        workers = [threading.Thread(target=traffic) for _ in range(3)]
        for worker in workers:
            worker.start()
        try:
            for _ in range(3):
                pair.server.wait_line("event=opened", "connection=3")
            for epoch, (name, target) in enumerate((("client", []), ("server", ["server"]), ("client", ["client/2"]))):
                answer = pair.json(name, "rekey", *target)
                check(answer == {"asked": 1 if "/" in str(target) else 3, "refused": []}, answer)
                for number in (2,) if "/" in str(target) else (1, 2, 3):
                    for process in (pair.client, pair.server):
                        process.wait_line("event=renewed", f"connection={number} ", f"epoch={epoch + 2}$")
        finally:
            over.set()
            for worker in workers:
                worker.join()
        check(not wrong, wrong)


@case("rekey: the connection's epoch and renewals show in status; what cannot now says why")
def rekey_status():
    with Scene() as scene:
        pair = Pair(scene)
        with connect(pair.url) as s:
            carry(s)
            out, _ = pair.ask("client", "rekey", "client")
            contains(out, r"asked for on 1 connections, refused by 0")
            pair.client.wait_line("event=renewed", "peer=db1", "epoch=2")
            (connection,) = pair.json("client", "status")["connections"]
            check(connection["epoch"] == 2 and connection["renewals"] == 1, connection)
            check(connection["epoch_age_ms"] <= connection["age_ms"], connection)
            with connect(pair.wire) as stranger:
                # Accepted, but not open: it is among the connections as soon as an answer says so.
                while len(pair.json("server", "status")["connections"]) < 2:
                    pass
                answer = pair.json("server", "rekey", "server/2", status=1)
                check(answer == {"asked": 0, "refused": [{"connection": "server/2", "reason": "it has not opened yet"}]}, answer)
                contains(pair.ask("server", "rekey", "server/2", status=1)[0], "server/2 +not now: it has not opened yet")
                stranger.close()
            carry(s)


@case("rekey --key: one key by name or number, under traffic; status shows the age of each")
def rekey_one():
    keys = ("--key", "outer=dh,protect=sign:ed25519", "--key", "data=dh,protect=sign:ed25519",
            "--stack", "anti-replay:sequence | encrypt:chacha20-poly1305,key=outer | encrypt:aes-256-gcm,key=data")
    with Scene() as scene:
        pair = Pair(scene, *keys)
        with connect(pair.url) as s:
            carry(s)
            for epoch, (name, key, made) in enumerate((("client", "data", [1, 2]), ("server", "1", [3, 2]), ("client", "2", [3, 4])), 2):
                check(pair.json(name, "rekey", "--key", key) == {"asked": 1, "refused": []}, "not asked")
                for end in ("client", "server"):
                    getattr(pair, end).wait_line("event=renewed", f"epoch={epoch}$")
                carry(s)
                for end in ("client", "server"):
                    (connection,) = pair.json(end, "status")["connections"]
                    check([(k["name"], k["number"], k["epoch"]) for k in connection["keys"]] ==
                          [("outer", 1, made[0]), ("data", 2, made[1])], connection)
                    check(all(0 <= k["age_ms"] <= connection["age_ms"] for k in connection["keys"]), connection)
            contains(pair.ask("client", "status")[0], r"\n  keys  outer: epoch 3, [\d.]+ m?s   data: epoch 4, [\d.]+ m?s\n")
            contains(pair.ask("client", "rekey", "--key", "date", status=1)[1], "no key 'date'; did you mean 'data'")
            pair.ask("client", "rekey")
            pair.client.wait_line("event=renewed", "epoch=5$")
            check([k["epoch"] for k in pair.json("client", "status")["connections"][0]["keys"]] == [5, 5], "not all")


@case("trace: each layer of each message, with its sizes, and nothing of what it holds")
def trace():
    with Scene() as scene:
        pair = Pair(scene, "--stack", "anti-replay:timestamp | mac:hmac-sha-256 | encrypt:chacha20-poly1305")
        with connect(pair.url) as s:
            carry(s, b"x" * 100)
            json_lines = pair.follow("client", "trace", "client", "--json", "--count", "2")
            people = pair.follow("client", "trace", "client/1", "--count", "2")
            for process in (json_lines, people):
                process.wait_line("traced: 1")
            secret = b"the payload itself"
            carry(s, secret)
            messages = [json.loads(json_lines.popen.stdout.readline()) for _ in range(2)]
            check(json_lines.wait() == 0, json_lines.text())
            check([m["way"] for m in messages] == ["sending", "receiving"], messages)
            for m in messages:
                check((m["session"], m["connection"], m["lane"], m["key"], m["epoch"]) == ("client", 1, "data", 0, 1), m)
                check(m["number"] > 0 and all(layer["verdict"] == "passed" and 0 <= layer["us"] < 10 ** 6 for layer in m["layers"]), m)
            sending, receiving = messages
            names = ["anti-replay:timestamp", "mac:hmac-sha-256", "encrypt:chacha20-poly1305"]
            check([layer["layer"] for layer in sending["layers"]] == names, sending)
            check([layer["layer"] for layer in receiving["layers"]] == names[::-1], receiving)
            sizes = [layer["after"] - layer["before"] for layer in sending["layers"]]
            check(sending["before"] == len(secret) == receiving["after"], messages)
            check(sending["after"] == receiving["before"] and sizes[1] >= 32 and sizes[2] == 16, messages)
            check([layer["before"] - layer["after"] for layer in receiving["layers"]] == sizes[::-1], receiving)
            text = people.popen.stdout.read().decode()
            contains(text, r"client/1  sending  data message \d+ of epoch 1: 18 -> \d+ B\n    anti-replay:timestamp +18 -> ",
                     r"client/1  receiving  data message \d+ of epoch 1: \d+ -> 18 B\n    encrypt:chacha20-poly1305 ")
            check(secret.decode() not in text + json.dumps(messages), "the payload")


@case("trace: a session's new connections, its refused message, and the exchange of new keys")
def trace_more():
    with Scene() as scene:
        pair = Pair(scene)
        _, error = pair.ask("server", "trace", "server/1", status=1)
        contains(error, "no connection server/1")
        raw = Raw(pair.path("server"))
        raw.send({"id": 1, "command": "trace", "target": "server"})
        check(raw.line()["tracing"] == 0, "nothing is open")
        with connect(pair.url) as s:
            carry(s)
            first = raw.line()["message"]
            check(first["connection"] == 1 and first["lane"] == "data", first)
            pair.ask("client", "rekey")
            while (message := raw.line()["message"])["lane"] != "key":
                pass
            check(message["key"] == 1 and message["epoch"] == 2, message)
            check("sign:ed25519" in [layer["layer"] for layer in message["layers"]], message)
        pair.attack(20000)
        while (message := raw.line()["message"])["connection"] != 2 or message["layers"][-1]["verdict"] == "passed":
            pass
        check(message["way"] == "receiving" and message["layers"][-1]["verdict"] == "stopped", message)
        raw.close()
        # Nobody follows any more: the sessions say nothing to anybody.
        carry_once(pair)
        check(pair.json("server", "status")["totals"]["open"] <= 1, "status")


@case("datagrams: status, rekey and trace know flows as they do connections")
def datagrams():
    with Scene() as scene:
        scene.hosts()
        answerer = Echo(scene)
        server, wire = scene.server(answerer.url, "--control", scene.path("ctl", "s.sock"), *DRAIN, listen="udp:127.0.0.1:0")
        client, url = scene.client(wire, "--control", scene.path("ctl", "c.sock"), *DRAIN, listen="udp:127.0.0.1:0")
        p = Program(scene, url)
        check(p.ask(b"hello") == b"hello", "no echo")

        def ask(end, command, *more):
            return json.loads(run(command, "--control", scene.path("ctl", end + ".sock"), "--json", *more, status=0)[1])
        (connection,) = ask("s", "status")["connections"]
        check(connection["peer"] == "web1" and connection["received"] == {"messages": 1, "bytes": 5}, connection)
        check(connection["address"].startswith("udp:127.0.0.1:"), connection)
        # Sessions of datagrams look at the clock from time to time.
        until(lambda: ask("s", "status")["connections"][0]["heard_ms"] is not None)
        (session,) = ask("s", "status")["services"]
        check(session["link"] == "datagram" and session["listener"]["accepted"] == 1 and session["listener"]["openings"] >= 1, session)
        check(ask("c", "status")["services"][0]["listener"] is None, "a client has a listener")
        check(ask("s", "rekey") == {"asked": 1, "refused": []}, "no new keys")
        for process in (client, server):
            process.wait_line("event=renewed", "connection=1 ", "epoch=2")
        check(p.ask(b"again") == b"again", "no echo in the second epoch")
        # Whatever is on its way under the old keys may come for a while: until then there are no newer ones.
        _, out, _ = run("rekey", "--control", scene.path("ctl", "s.sock"), status=1)
        contains(out, r"server/1 +not now: the keys before are still in use, for (30|2\d|1\d) s more at the most\n", "asked for on 0")
        raw = Raw(scene.path("ctl", "s.sock"))
        raw.send({"id": 1, "command": "trace", "target": "server/1", "count": 2})
        check(raw.line()["tracing"] == 1, "nothing to trace")
        check(p.ask(b"third") == b"third", "no echo")
        first, second = (raw.line()["message"] for _ in range(2))
        check((first["way"], first["after"], first["epoch"]) == ("receiving", 5, 2), first)
        check((second["way"], second["before"]) == ("sending", 5), second)
        check(raw.line()["done"], "it goes on")
        (connection,) = ask("c", "status", "client/1")["connections"]
        check(connection["epoch"] == 2 and connection["renewals"] == 1, connection)


# ---- Finding the program -----------------------------------------------------------------------------------------------------


def ask_in(folder, *arguments, user=None):
    env = environment() | {"RUNTIME_DIRECTORY": folder}
    done = subprocess.run([program(), *arguments], env=env, capture_output=True, text=True, timeout=60, user=user)
    return done.returncode, done.stdout, done.stderr


@case("the only program that runs is found; of several the paths are told; without any what to do")
def found():
    with Scene() as scene:
        pair = Pair(scene)
        code, _, error = ask_in(pair.folder, "status")
        check(code == 2, error)
        contains(error, "several programs run", "--control " + pair.path("client"), "--control " + pair.path("server"))
        pair.client.kill()
        code, out, error = ask_in(pair.folder, "status")
        check(code == 0 and f"process {pair.server.pid}" in out, out + error)
        code, out, error = ask_in(scene.folder, "status")  # one folder down, as those of units are
        check(code == 0 and f"process {pair.server.pid}" in out, out + error)
        code, _, error = ask_in(scene.path("nowhere"), "status")
        check(code == 2, error)
        contains(error, "no program with a control socket runs", "help: .*--control PATH")
        code, _, error = run("status", "--control", pair.path("client"))
        check(code == 2, error)
        contains(error, "refused", "help: no program runs there")


@case("a second program with the same path ends and says what to do; what a killed one left is taken over")
def two_instances():
    with Scene() as scene:
        pair = Pair(scene)
        second = scene.start(*alone(scene, "client", pair.wire), "--control", pair.path("client"))
        check(second.wait() == 1, second.text())
        contains(second.text(), f"another seccomm \\(process {pair.client.pid}\\)", "help: .*drain.*--control .*client-2.sock")
        check("event=listening" not in second.text(), "it listened nevertheless")
        pair.json("client", "status")
        pair.client.kill()
        third, _ = scene.client(pair.wire, "--control", pair.path("client"))
        check(pair.json("client", "status")["program"]["pid"] == third.pid, "the place was not taken over")


@case("two that start at once with the same path: one runs")
def race():
    with Scene() as scene:
        pair = Pair(scene)
        path = scene.path("ctl", "race.sock")
        both = [scene.start(*alone(scene, "client", pair.wire), "--control", path) for _ in range(6)]
        losers = [p for p in both if "another seccomm" in p.wait_line("event=listening|another seccomm")]
        check(len(losers) == 5 and all(p.wait() == 1 for p in losers), [p.text() for p in both])
        run("status", "--control", path, status=0)


@case("a place that cannot be used: told with what to do; only one that was asked for ends the program")
def no_place():
    with Scene() as scene:
        scene.hosts()
        scene.write("file", "")
        os.mkdir(scene.path("open"))
        os.chmod(scene.path("open"), 0o1777)
        server = alone(scene, "server", "tcp:127.0.0.1:9")
        for place, told in ((scene.path("file", "s.sock"), "Not a directory"),
                            (scene.path("open", "s.sock"), "others can change that directory"),
                            (scene.path("x" * 120), "too long"), (scene.path("no", "such", "s.sock"), "No such file")):
            _, _, error = run(*server, "--control", place, status=1)
            contains(error, re.escape(told), "help: .*--control|--no-control")
        env = environment() | {"RUNTIME_DIRECTORY": scene.path("file", "run")}
        process = scene.start(*server, env=env)
        contains(process.wait_line("event=no-control"), "Not a directory", "--control PATH", "--no-control")
        bound(process)
        _, _, error = run(*server, "--control", "x", "--no-control", status=2)
        contains(error, "do not go together")
        quiet = scene.start(*server, "--no-control", env=env)
        bound(quiet)
        check("control" not in quiet.text().replace("--no-control", ""), quiet.text())


@case("only its user and root may ask: modes 0600 and 0700, and who connects is looked at")
def permissions():
    if os.geteuid() != 0:
        raise Skip("needs root, to be two users")
    with Scene() as scene:
        pair = Pair(scene)
        check(stat.S_IMODE(os.stat(pair.path("server")).st_mode) == 0o600, "the socket's mode")
        check(stat.S_IMODE(os.stat(pair.folder).st_mode) == 0o700, "the folder's mode")
        nobody = 65534
        os.chmod(scene.folder, 0o755)
        code, _, error = ask_in(pair.folder, "status", "--control", pair.path("server"), user=nobody)
        check(code == 2, error)
        contains(error, "Permission denied", "help: ask as the user")
        # Even where the modes do not keep him away.
        os.chmod(pair.folder, 0o755)
        os.chmod(pair.path("server"), 0o666)
        code, _, error = ask_in(pair.folder, "status", "--control", pair.path("server"), user=nobody)
        check(code == 2, error)
        contains(error, "this program is another user's", "help: ask as that user, or as root")


# ---- Hostile clients ---------------------------------------------------------------------------------------------------------


def memory_of(pid):
    """Resident bytes."""
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def unharmed(act):
    """ACT(path) does its worst to the server's control socket while a connection carries data all the time."""
    with Scene() as scene:
        pair = Pair(scene)
        over, wrong, rounds = threading.Event(), [], [0]

        def traffic():
            try:
                with connect(pair.url) as s:
                    while not over.is_set() or rounds[0] < 3:
                        carry(s)
                        rounds[0] += 1
            except (OSError, AssertionError) as error:
                wrong.append(error)
        worker = threading.Thread(target=traffic)
        worker.start()
        try:
            act(pair.path("server"))
        finally:
            over.set()
            worker.join()
        check(not wrong, wrong)
        check(pair.server.count(ALERT) == 0, pair.server.text())
        answer = pair.json("server", "status")
        check(answer["services"][0]["connections"] == 1, answer)
        check(pair.server.memory() < 300 << 20, f"{pair.server.memory()} bytes resident")


@case("junk bytes, half lines, lines that are no request: an error each, and the next request is answered")
def junk():
    def act(path):
        raw = Raw(path)
        for line in (b"\0\xff\xfe\n", b"GET / HTTP/1.1\r\n", b"{}\n", b"[" * 5000 + b"\n", b'{"id":1,"command":"statu\n',
                     noise("line", 3000).replace(b"\n", b"") + b"\n"):
            raw.send(line)
            answer = raw.line()
            check(answer["id"] is None and answer["error"]["text"], answer)
        raw.send(b'{"id":5,"comm')
        raw.send(b'and":"status"}\n{"id":6,"command":"status"}\n')
        ids = []
        while not ids or ids[-1][0] != 6 or not ids[-1][1]:
            answer = raw.line()
            ids.append((answer["id"], answer.get("done")))
        check((5, True) in ids, ids)
        raw.send(b'{"id":7,"command":"status"')
        raw.close()
    unharmed(act)


@case("a line of 1 MiB: an error, and the end of that client")
def long_line():
    def act(path):
        raw = Raw(path)
        try:
            raw.send(b'{"id":1,"x":"' + b"x" * (1 << 20) + b'"}\n')
        except OSError:
            pass
        try:
            contains(raw.line()["error"]["text"], "longer than 65,536 bytes")
            check(raw.line() is None, "it goes on")
        except ConnectionResetError:
            pass  # it was closed with bytes unread, and the kernel says so
        exact = Raw(path)
        exact.send(b'{"id":1,"command":"status"' + b" " * (65536 - 28) + b"}\n")
        check(exact.line()["id"] == 1, "a line of 65,536 bytes was refused")
    unharmed(act)


@case("100 clients: 32 are served, the others told; when some go, others are served")
def many_clients():
    def act(path):
        clients = [Raw(path, greeted=False) for _ in range(100)]
        first = [client.line() for client in clients]
        served = [c for c, line in zip(clients, first) if "seccomm" in line]
        check(len(served) == 32, f"{len(served)} were served")
        check(all("32 clients" in line["error"]["text"] for line in first if "error" in line), first)
        for client in served:
            check(client.ask(command="status")[-1]["done"], "no answer")
        for client in clients:
            client.close()
        deadline = [Raw(path, greeted=False)]
        while "seccomm" not in deadline[-1].line():
            deadline.append(Raw(path, greeted=False))  # each is told at once, so this ends when one of those above is gone
        check(deadline[-1].ask(command="status")[-1]["done"], "no answer")
    unharmed(act)


@case("clients that never read: their memory is bounded, others are served")
def never_reads():
    def act(path):
        status = Raw(path)
        deaf = [Raw(path) for _ in range(24)]
        pid = status.socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)[:4]
        before = memory_of(int.from_bytes(pid, "little"))
        for client in deaf:
            client.socket.setblocking(False)
            request = b'{"id":1,"command":"status"}\n' * 2000
            try:
                while client.socket.send(request):
                    pass
            except BlockingIOError:
                pass
        for client in deaf:
            client.socket.setblocking(True)
        check(status.ask(command="status")[-1]["done"], "another client gets no answer")
        grown = memory_of(int.from_bytes(pid, "little")) - before
        check(grown < 40 << 20, f"{grown} bytes for what 24 clients do not read")
        other = Raw(path)
        check(other.ask(command="status")[-1]["done"], "another client gets no answer")
        # Who reads after all gets whole lines.
        for _ in range(200):
            check(deaf[0].line()["id"] == 1, "not an answer")
    unharmed(act)


@case("a trace that nobody reads: messages are lost to it and counted, never kept without bound")
def trace_unread():
    def act(path):
        raw = Raw(path)
        raw.send({"id": 1, "command": "trace", "target": "server"})
        raw.line()
        other = Raw(path)
        # Until far more was told than sockets and queue hold.
        while other.ask(command="status")[-1]["totals"]["sent_bytes"] < 100 << 20:
            pass
        lost = [0]
        for _ in range(20000):
            lost.append(raw.line().get("lost", 0))
            if lost[-1]:
                break
        check(lost[-1] > 100, "nothing was lost")
    unharmed(act)


@case("killed clients, at any moment")
def killed_clients():
    def act(path):
        for i in range(30):
            raw = Raw(path, greeted=False)
            if i % 3:
                raw.send(b'{"id":1,"command":"alerts","follow":true}\n{"id":2,"command":"status"}\n')
            if i % 3 == 2:
                raw.socket.recv(10)
            raw.close()
        for i in range(5):
            asks = subprocess.Popen([program(), "alerts", "--follow", "--control", path], env=environment(), stdout=subprocess.DEVNULL)
            asks.kill()
            asks.wait()
        check(Raw(path).ask(command="status")[-1]["done"], "no answer")
    unharmed(act)


@case("a program that ends, or is killed: who follows it is told, and has not succeeded")
def follower_left():
    with Scene() as scene:
        pair = Pair(scene)
        # A last alert is there, so that its line tells when the request has come.
        pair.attack()
        for end in ("killed", "drained"):
            followers = [pair.follow("server", "alerts", "--follow", "--count", "1", *more) for more in ((), ("--json",))]
            for follower in followers:
                follower.popen.stdout.readline()
            tracer = pair.follow("server", "trace", "server", "--count", "1000000")
            tracer.wait_line("open connections that are traced")
            if end == "killed":
                pair.server.kill()
            else:
                pair.ask("server", "drain", "--now")
                pair.server.wait()
            for follower in (*followers, tracer):
                check(follower.wait() == 1, "it ended with success")
                follower.wait_line("the program has ended")
            if end == "killed":
                pair.server, pair.wire = scene.server(pair.service.url, "--control", pair.path("server"))
                pair.attack()


@case("a client that closes its sending side gets what it asked for")
def half_closed():
    def act(path):
        raw = Raw(path)
        raw.send(b'{"id":1,"command":"status"}\n')
        raw.socket.shutdown(socket.SHUT_WR)
        lines = raw.file.read().splitlines()
        check(json.loads(lines[-1])["done"], lines)
        for last, answer in ((b'{"id":2,"command":"status"}', "done"), (b'{"id":2,"comm', "error")):
            raw = Raw(path)
            raw.send(last)
            raw.socket.shutdown(socket.SHUT_WR)
            lines = raw.file.read().splitlines()
            check(json.loads(lines[-1])[answer], lines)
    unharmed(act)


# ---- Logs and the service manager ----------------------------------------------------------------------------------------------


@case("--log json: every line is one object, with the names of the control socket")
def log_json():
    with Scene() as scene:
        scene.hosts()
        service = Service(scene, echo)
        server = scene.start(*alone(scene, "server", service.url), "--log", "json", "--control", scene.path("ctl", "s.sock"))
        wire = json.loads(server.wait_line('"event":"listening"'))["address"]
        client, url = scene.client(wire)
        with connect(url) as s:
            carry(s)
        opened = json.loads(server.wait_line('"event":"opened"'))
        check(opened["session"] == "server" and opened["connection"] == 1 and opened["peer"] == "web1" and opened["us"] > 0, opened)
        check(json.loads(server.wait_line('"event":"closed"'))["received"] == len(DATA), "bytes")
        with connect(wire) as s:
            s.sendall(b"GET / HTTP/1.1\r\n\r\n")
            receive_end(s)
        refused = json.loads(server.wait_line('"event":"refused"'))
        check(refused["id"] == "SA-001" and refused["level"] == "error" and refused["connection"] == 2, refused)
        run("reload", "--control", scene.path("ctl", "s.sock"), status=0)
        server.stop()
        for line in server.lines:
            check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", json.loads(line)["time"]), line)
        _, _, error = run(*alone(scene, "server", service.url), "--log", "xml", status=2)
        contains(error, "logfmt and json")


class Manager:
    """What systemd would be told."""

    def __init__(self, name):
        self.name = name
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + name[1:] if name[0] == "@" else name)
        self.socket.settimeout(30)

    def wait(self, *wanted):
        """The next message that has all of WANTED in lines of its own; any number of signs of life may come before."""
        while True:
            text = self.socket.recv(4096).decode()
            if all(re.search("^" + part, text, re.M) for part in wanted):
                return text
            check(text == "WATCHDOG=1", f"{text!r} instead of {wanted}")


@case("the service manager is told: ready, alive, reloading, ready again, stopping")
def service_manager():
    for name in ("path", "abstract"):
        with Scene() as scene:
            scene.hosts()
            manager = Manager(scene.path("manager") if name == "path" else "@" + scene.path("manager"))
            env = environment() | {"NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "100000"}
            path = scene.path("ctl", "s.sock")
            server, _ = scene.server("tcp:127.0.0.1:9", "--control", path, env=env)
            manager.wait("READY=1", "STATUS=1 session$")
            for _ in range(3):
                check(manager.wait("WATCHDOG=1"), "no sign of life")
            server.signal(signal.SIGHUP)
            manager.wait("RELOADING=1", r"MONOTONIC_USEC=\d+$")
            manager.wait("READY=1", "STATUS=reloaded")
            os.rename(scene.server_home, scene.server_home + "-away")
            run("reload", "--control", path, status=1)
            manager.wait("RELOADING=1", r"MONOTONIC_USEC=\d+$")
            manager.wait("READY=1", "STATUS=.*nothing has changed")
            server.signal(signal.SIGTERM)
            manager.wait("STOPPING=1", "STATUS=draining")
            check(server.wait() == 0, server.text())


# What the tests themselves were started with (nohup, perhaps) is not what is tried here.
ON_TERMINAL = """import os, signal, sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)
os.setsid()
os.close(os.open(sys.argv[1], os.O_RDWR))
os.execv(sys.argv[2], sys.argv[2:])"""


@case("a terminal that closes ends the program in order; under nohup, or without a terminal, SIGHUP is a reload")
def terminal():
    for nohup in (False, True):
        with Scene() as scene:
            scene.hosts()
            ours, theirs = pty.openpty()
            line = [program(), *alone(scene, "server", "tcp:127.0.0.1:9")]
            if nohup:
                line = ["/bin/sh", "-c", "trap '' HUP; exec \"$@\"", "sh", *line]
            server = scene.other("python3", "-c", ON_TERMINAL, os.ttyname(theirs), *line)
            bound(server)
            os.close(theirs)
            server.signal(signal.SIGHUP)
            server.wait_line("event=reloaded")
            os.close(ours)
            if nohup:
                server.signal(signal.SIGTERM)
                server.wait_line("event=draining by=SIGTERM")
            else:
                server.wait_line("event=draining by=SIGHUP")
            check(server.wait() == 0, server.text())


main(parallel=2)
