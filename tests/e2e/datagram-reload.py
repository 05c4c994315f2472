# SPDX-License-Identifier: Apache-2.0
"""Goal: what a reload changes of sessions over datagrams holds for new flows; those that are open go on for the time of --drain, at
either end, by the same port, and lose nothing; then they end in order."""
from datagram_support import Echo, Program
from support import Scene, case, check, fields, main, run


class Host:
    """A program that runs a file with one session, and can be told to read it again."""

    def __init__(self, scene, role, listen, connect, drain):
        self.scene, self.role, self.listen, self.connect = scene, role, listen, connect
        self.control = scene.path("ctl", role + ".sock")
        home = scene.client_home if role == "client" else scene.server_home
        self.process = scene.start("run", "-c", self.write(), "--home", home, "--control", self.control, "--drain", drain)
        self.url = fields(self.process.wait_line("event=listening"))["addr"]

    def write(self, *more):
        own, other = ("web1", "db1") if self.role == "client" else ("db1", "web1")
        lines = [f"role: {self.role}", f"listen: {self.listen}", f"connect: {self.connect}", f"identity: {own}", f"peers: [{other}]",
                 "profile: default@1", *more]
        return self.scene.write(self.role + ".yaml", "seccomm: 1\nsessions:\n  s:\n" + "".join(f"    {line}\n" for line in lines))

    def reload(self, *more):
        self.write(*more)
        run("reload", "--control", self.control, status=0)


def hosts(scene, drain):
    scene.hosts()
    server = Host(scene, "server", "udp:127.0.0.1:0", Echo(scene).url, drain)
    return server, Host(scene, "client", "udp:127.0.0.1:0", server.url, drain)


def goes_on(who, turns):
    """WHO reloads again and again while flows are open."""
    with Scene() as scene:
        server, client = pair = hosts(scene, "60s")
        reloading = pair[who]
        programs = []
        for turn in range(turns):
            programs.append(Program(scene, client.url))
            for number, p in enumerate(programs):
                text = b"%d of %d" % (turn, number)
                check(p.ask(text) == text, f"flow {number} got no answer in turn {turn}")
            reloading.reload(f"idle: {turn + 60}s")
        for number, p in enumerate(programs):
            check(p.ask(b"last %d" % number) == b"last %d" % number, f"flow {number} got no answer in the end")
        for host in (server, client):
            check(host.process.count("event=opened") == turns and host.process.count("event=closed") == 0, host.process.text())
            check(host.process.count("event=dropped") == 0, host.process.text())
            host.process.kill()  # it would wait for its flows


@case("the server reloads: open flows go on, new ones have what is new")
def server_reloads():
    goes_on(0, 4)


@case("the client reloads: open flows go on, new ones have what is new")
def client_reloads():
    goes_on(1, 4)


@case("when the time is over an open flow ends in order, and its program begins a new one, which has what is new")
def ends_in_order():
    with Scene() as scene:
        server, client = hosts(scene, "300ms")
        p = Program(scene, client.url)
        check(p.ask(b"old") == b"old", "no echo")
        client.reload("idle: 1s")
        server.process.wait_line("event=closed", "connection=1 ", "the peer closed it")
        client.process.wait_line("event=closed", "connection=1 ", "reason=stopping")
        check(p.ask(b"new") == b"new", "no echo")
        client.process.wait_line("event=closed", "connection=2 ", "reason=idle")


main(parallel=3)
