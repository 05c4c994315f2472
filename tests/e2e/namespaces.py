# SPDX-License-Identifier: Apache-2.0
"""Goal: real programs through the real one over a link that is really bad: it loses, doubles and changes the order of packets,
carries less than others, is down for a while, and its addresses change.  Each case shows that what it tells of did happen."""
import contextlib
import re
import signal
import subprocess
import threading
import time

from datagram_support import DRAIN, Echo, Program, address, until
from namespace_support import FAR, FAR6, Network, Witness, enter, late
from names_support import dig, dnsmasq, known
from support import ALERT, Box, Scene, Service, case, check, connect, contains, control, echo, main, needs, noise, receive, run, say
from web_support import get_large, nginx, put_large

BAD = {"lost": 20, "doubled": 20, "held": 20, "hold_ms": 5}
OVERHEAD = 30  # of default@1 on datagrams (doc/wire.md)


def tunnel(scene, net, backend, *more, listen=f"udp:{FAR}:0", near="udp:127.0.0.1:0"):
    """A server on the far host, a client on the near one: (server, client, URL for programs on the near host)."""
    if not hasattr(scene, "client_home"):
        scene.hosts()
    with net.far.inside():
        server, wire = scene.server(backend, *more, listen=listen)
    with net.near.inside():
        client, url = scene.client(wire, *more, listen=near)
    return server, client, url


def no_alerts(*processes, but=None):
    """None that is not BUT, an identifier of one; or what all of them said, for the cause may be at another end."""
    said = lambda: "\n".join(f"---- {p.arguments[1]}\n{p.text()}" for p in processes)
    for p in processes:
        check(p.count(ALERT) == (p.count(ALERT, but) if but else 0), lambda: f"a word about an attack:\n{said()}")


DOUBLED = "SA-011"  # what the network doubles looks like what an attacker repeats
TIMED_OUT = "SA-026"  # one of many openings of which every message may be lost
SILENT = "SA-033"  # one of many flows whose only query was lost, and then, one in 3,500 of them, all that asked for a sign of life


# ---- Loss, doubles, disorder -----------------------------------------------------------------------------------------------


@case("dig and dnsmasq, 20 % of all packets lost: all 50 names are answered, each rightly, in sessions opened meanwhile")
def names():
    needs("dig", "dnsmasq")
    with Scene() as scene:
        net = Network(scene)
        net.be_bad(**BAD)
        witness = Witness(scene, net.far)
        with net.far.inside():
            backend = dnsmasq(scene)
        server, client, url = tunnel(scene, net, backend, *DRAIN)
        box = Box()

        def ask(first):
            asked, answers = zip(*(known(i) for i in range(first, 50, 10)))
            with net.near.inside():
                _, out = dig(url, *asked, tries=25, seconds=1)
            box.put((list(answers), [line for line in out.splitlines() if not line.startswith(";;")], out))  # ;; tells of tries
        for first in range(10):
            threading.Thread(target=ask, args=(first,), daemon=True).start()
        for i in range(10):
            expected, got, out = box.wait(i + 1, seconds=80)
            check(got == expected, f"other answers:\n{out}")
        seen = witness.data()
        say(f"{server.count('event=opened')} sessions; {net.lost()} packets lost, {len(seen)} queries came, "
            f"{len(set(seen))} different")
        check(net.lost() > 30 and len(seen) > len(set(seen)), "the link was not bad")
        no_alerts(client, server, but=f"{DOUBLED}|{TIMED_OUT}|{SILENT}")
        check(client.count(ALERT, SILENT) + server.count(ALERT, SILENT) <= 2, "peers that live were not heard")


@case("a stream of datagrams, 20 % lost, through three epochs: what reaches the host is delivered, once, unaltered; no more is")
def stream():
    with Scene() as scene:
        net = Network(scene)
        witness = Witness(scene, net.far)
        with net.far.inside():
            # It reports now and then, as receivers of streams do: here by sending back what it has just got.
            collector = Echo(scene, answer=lambda data: data if int(data.split()[0]) % 50 == 0 else None)
        server, client, url = tunnel(scene, net, collector.url, *DRAIN, "--rekey", "30s")
        with net.near.inside():
            program = Program(scene, url)
        program.send(b"0 ")  # while the link is good, so that from then on nothing but the link loses anything
        collector.wait(1)
        run("rekey", "--control", control(client), status=0)
        passes = net.be_bad(**BAD)
        sent, began = [b"0 "], time.monotonic()
        while max((epoch for _, epoch, _ in witness.data(-100)), default=0) < 3:
            for _ in range(4):
                sent.append(b"%d " % len(sent) + noise(len(sent), len(sent) % 300))
                program.send(sent[-1])
            check(time.monotonic() - began < 60, f"no third epoch: {server.text()}\n{client.text()}")
            time.sleep(max(0, began + len(sent) / 200 - time.monotonic()))  # the stream's pace, no wait for anything
        until(lambda: len(collector.got) == len(set(witness.data())))
        arrived, came = collector.data(), witness.data()
        share = len(arrived) / len(sent)
        say(f"{len(sent)} sent in {time.monotonic() - began:.0f} s, {len(came)} came, {len(set(came))} different, "
            f"{late(came)} late, {len(arrived)} delivered: {share:.3f}, expected {passes:.3f}")
        check(len(set(arrived)) == len(arrived), "a datagram was delivered twice")
        check(set(arrived) <= set(sent), "something was delivered that was not sent")
        check(abs(share - passes) < 0.05, "not about the share that was lost")
        check(len(came) > 1.05 * len(set(came)) and late(came) > len(came) / 20, "the link was not bad")
        check(server.count("event=opened") == 1, "it took another session")
        no_alerts(client, server, but=DOUBLED)


@case("logger, 20 % lost: the lines that come are some of those sent, each once, unaltered")
def syslog():
    needs("logger")
    with Scene() as scene:
        net = Network(scene)
        witness = Witness(scene, net.far)
        with net.far.inside():
            collector = Echo(scene, answer=lambda data: None)
        server, client, url = tunnel(scene, net, collector.url, *DRAIN)
        host, port = address(url)
        lines = [f"line {i} {noise(i, 40).hex()}" for i in range(100)]
        with net.near.inside():
            logger = subprocess.Popen(["logger", "-d", "-n", host, "-P", str(port), "-t", "door", "--rfc3164"],
                                      stdin=subprocess.PIPE)
        logger.stdin.write(lines[0].encode() + b"\n")
        logger.stdin.flush()
        collector.wait(1)
        net.be_bad(**BAD)
        logger.stdin.write("".join(line + "\n" for line in lines[1:-1]).encode())
        logger.stdin.flush()
        until(lambda: net.near.counters()["UdpOutDatagrams"] >= 2 * len(lines[:-1]))  # by logger, and by the client
        net.lose_no_more()
        logger.communicate(lines[-1].encode() + b"\n", timeout=60)
        until(lambda: lines[-1].encode() in collector.data()[-1] and len(collector.got) == len(set(witness.data())))
        got = [data.decode().rpartition("door: ")[2] for data in collector.data()]
        say(f"{len(got)} of {len(lines)} lines came")
        check(len(set(got)) == len(got) and set(got) <= set(lines), f"other lines came: {got}")
        check(len(got) < len(lines), "the link was not bad")


@case("curl and nginx, 2 % of TCP's packets lost: 50 MiB with the same SHA-256, while the keys change dozens of times")
def download():
    needs("curl", "nginx")
    with Scene() as scene:
        net = Network(scene)
        web, backend = nginx(scene)
        whole = put_large(web, 50)
        for host in (net.near, net.far):  # with little memory, so that what is under way does not delay the keys for long
            host.set("ipv4/tcp_rmem", "4096 65536 131072")
            host.set("ipv4/tcp_wmem", "4096 65536 131072")
        net.be_bad(lost=2, doubled=2, held=2, hold_ms=1)
        scene.hosts()
        with net.far.inside():
            server, wire = scene.server(backend, listen=f"tcp:{FAR}:0", field="rekey: {bytes: 256KiB}")
        with net.near.inside():
            client, url = scene.client(wire)
            began = time.monotonic()
            check(get_large(url, scene.path("got")) == whole, "the SHA-256 differs")
        near, far = net.near.counters(), net.far.counters()
        counted = {"sent again": far["TcpRetransSegs"], "doubled": near["TcpExtTCPDSACKOfoSent"],
                   "late": far["TcpExtTCPSACKReorder"] + far["TcpExtTCPTSReorder"]}
        changes = client.count("event=renewed")
        say(f"{changes} changes of keys in {time.monotonic() - began:.1f} s; {net.lost()} packets lost; {counted}")
        check(net.lost() > 100 and min(counted.values()) > 50, "the link was not bad")
        check(changes >= 24, f"the keys changed {changes} times")
        no_alerts(client, server)


# ---- Limits, addresses, pauses ---------------------------------------------------------------------------------------------


@contextlib.contextmanager
def stopped(process):
    """PROCESS gets no time meanwhile."""
    process.signal(signal.SIGSTOP)

    def state():
        with open(f"/proc/{process.pid}/stat") as file:
            return file.read().rpartition(") ")[2][0]
    until(lambda: state() == "T")
    yield
    process.signal(signal.SIGCONT)


def smaller_path(scene, net, host, around):
    """By a path of 1,280 bytes, of which only the router knows."""
    with net.far.inside():
        service = Echo(scene)
    server, client, url = tunnel(scene, net, service.url, *DRAIN, listen=f"udp:{host}:0")
    with net.near.inside():
        program = Program(scene, url)
    most = 1500 - around - OVERHEAD
    check(program.ask(bytes(most)) == bytes(most), "what the path carries did not pass")
    for mtu in range(1450, 1279, -34):
        net.path_mtu(mtu)
        small = [b"%d" % i for i in range(40)]
        # The client takes and sends 32 at a time: the large one is the last of them, the router's word meets the next.
        with stopped(client):
            for data in [*small[:31], bytes(most), *small[31:]]:
                program.send(data)
        got = [program.receive() for _ in small]
        check(got == small, f"small datagrams were lost by a large one, or are out of order: {got}")
        most = mtu - around - OVERHEAD
        check(program.ask(bytes(most)) == bytes(most), "what the path carries did not pass")
    for _ in range(2):  # the system refuses the first one, and then it is known
        program.send(bytes(most + 1))
        check(program.ask(b"small") == b"small", "no echo")
    contains(client.wait_line(ALERT, "SA-035"), f"{most + 1 + OVERHEAD} bytes", f"at most {most + OVERHEAD}")
    check(server.count("event=opened") == 1, "it took another session")
    client.stop()
    contains(client.wait_line("event=closed"), r"dropped=[2-8]\b")  # of eight; two by itself, the others if it heard of them
    net.path_mtu(1500)


@case("a path of 1,280 bytes, learnt from a router: larger datagrams are refused and said, others and streams pass")
def small_path():
    with Scene() as scene:
        net = Network(scene)
        smaller_path(scene, net, FAR, 28)
        smaller_path(scene, net, f"[{FAR6}]", 48)
        net.path_mtu(1280)
        with net.far.inside():
            service = Service(scene, echo)
        server, client, url = tunnel(scene, net, service.url, listen=f"tcp:{FAR}:0", near="tcp:127.0.0.1:0")
        data = noise("larger than any packet", 200000)
        with net.near.inside(), connect(url) as s:
            sender = threading.Thread(target=s.sendall, args=(data,))
            sender.start()
            check(receive(s, len(data)) == data, "the echo differs")
            sender.join()


def asked(program, text):
    """Asks again every 200 ms, as programs of datagrams do, until the answer is to TEXT; how many seconds that took."""
    began = time.monotonic()
    program.socket.settimeout(0.2)
    while time.monotonic() - began < 60:
        try:
            if program.ask(text) == text:
                return time.monotonic() - began
        except TimeoutError:
            pass
    raise AssertionError(f"no answer to {text}")


@case("the client's host gets another address: the session goes on at once")
def another_address():
    with Scene() as scene:
        net = Network(scene)
        with net.far.inside():
            service = Echo(scene)
        for family, host, subnet in (("-4", FAR, "10.1.0.{}/24"), ("-6", f"[{FAR6}]", "fd00:1::{}/64")):
            server, client, url = tunnel(scene, net, service.url, *DRAIN, listen=f"udp:{host}:0")
            with net.near.inside():
                program = Program(scene, url)
            asked(program, b"before")
            for last in (9, 10):
                seen = len(server.lines)
                net.near.run("ip", family, "address", "flush", "dev", "eth0", "scope", "global")
                program.send(b"between")
                net.near.run("ip", family, "address", "add", subnet.format(last), "dev", "eth0", *["nodad"] * (family == "-6"))
                net.near.run("ip", family, "route", "replace", "default", "via", subnet.format(1).partition("/")[0])
                seconds = asked(program, b"at %d" % last)
                line = server.wait_line("event=moved", re.escape(subnet.format(last).partition("/")[0]), after=seen)
                say(f"{seconds:.1f} s; {line}")
                check(seconds < 5, "the session did not go on at once")
            check(server.count("event=opened") == client.count("event=opened") == 1, "it took another session")
            no_alerts(client, server)


@case("a translator of addresses forgets: the session goes on from another port")
def translated():
    needs("nft")
    with Scene() as scene:
        net = Network(scene)
        rule = "table ip nat\ndelete table ip nat\ntable ip nat {{ chain out {{ type nat hook postrouting priority 100; " \
               "oifname far meta l4proto udp masquerade to :{0}-{0}; }}; }}"
        net.router.need("nft", "-f", "-", text=rule.format(20000))
        with net.far.inside():
            service = Echo(scene)
        server, client, url = tunnel(scene, net, service.url, *DRAIN)
        with net.near.inside():
            program = Program(scene, url)
        asked(program, b"before")
        server.wait_line("event=opened", r"addr=udp:10\.2\.0\.1:20000\b")
        net.router.run("nft", "-f", "-", text=rule.format(30000))
        for state in ("down", "up"):
            net.router.run("ip", "link", "set", "far", state)  # it forgets who was behind that link
        say(f"{asked(program, b'after'):.1f} s")
        line = server.wait_line("event=moved")
        contains(line, r"addr=udp:10\.2\.0\.1:30000 from=udp:10\.2\.0\.1:20000")
        check(server.count("event=opened") == 1, "it took another session")
        no_alerts(client, server)


@case("a name of two addresses, the first of which does not answer: the other one is taken, and at once the next time, wherever it stands")
def two_addresses():
    with Scene() as scene:
        net = Network(scene)
        net.far.run("ip", "address", "add", "10.2.0.3/24", "dev", "eth0")
        with open("/etc/hosts") as file:
            others = file.read()
        names = [f"{FAR} two.test\n", "10.2.0.3 two.test\n"]
        hosts = scene.write("hosts", others + "\n" + "".join(names))
        net.near.need("mount", "--bind", hosts, "/etc/hosts")
        scene.closers.append(lambda: net.near.run("umount", "/etc/hosts"))
        first = net.near.run("getent", "ahostsv4", "two.test").split()[0]
        net.router.run("ip", "route", "add", "blackhole", first)
        listed = lambda: [line.split()[0] for line in net.near.run("getent", "ahostsv4", "two.test").splitlines() if "STREAM" in line]
        with net.far.inside():
            streams, datagrams = Service(scene, echo), Echo(scene)
        scene.hosts()
        for kind, backend in (("tcp", streams.url), ("udp", datagrams.url)):
            with net.far.inside():
                server, wire = scene.server(backend, *DRAIN, listen=f"{kind}::0")
            with net.near.inside():
                client, url = scene.client(f"{kind}:two.test:{address(wire)[1]}", *DRAIN, listen=f"{kind}:127.0.0.1:0")
                for most in (12, 2):
                    began = time.monotonic()
                    if kind == "udp":
                        asked(Program(scene, url), b"hello")
                    else:
                        with connect(url) as s:
                            s.sendall(b"hello")
                            check(receive(s, 5) == b"hello", "no echo")
                    say(f"{kind}: {time.monotonic() - began:.1f} s")
                    check(time.monotonic() - began < most, f"{kind}: more than {most} s")
                    before = listed()
                    names.reverse()
                    with open(hosts, "w") as file:
                        file.write(others + "\n" + "".join(names))
                    check(listed() == before[::-1], f"the list has not turned: {before}")


def pause(net, *meanwhile):
    """The link is down for 20 s; what is to be done MEANWHILE, first."""
    net.router.run("ip", "link", "set", "far", "down")
    began = time.monotonic()
    for act in meanwhile:
        act()
    time.sleep(max(0, began + 20 - time.monotonic()))  # how long it is down, not a wait for anything
    net.router.run("ip", "link", "set", "far", "up")


@case("a link that is down for 20 s: a stream goes on where it was; datagrams go on, too, in a new session, and that is said")
def down():
    with Scene() as scene:
        net = Network(scene)
        with net.far.inside():
            streams, datagrams = Service(scene, echo), Echo(scene)
        server, client, url = tunnel(scene, net, streams.url, listen=f"tcp:{FAR}:0", near="tcp:127.0.0.1:0")
        server2, client2, url2 = tunnel(scene, net, datagrams.url, *DRAIN)
        with net.near.inside():
            stream, program = connect(url, seconds=90), Program(scene, url2)
        with stream:
            stream.sendall(b"before")
            check(receive(stream, 6) == b"before", "no echo")
            asked(program, b"before")
            data = noise("meanwhile", 100000)
            pause(net, lambda: stream.sendall(data), lambda: program.send(b"lost"), lambda: client2.wait_line(ALERT, "SA-033"))
            began = time.monotonic()
            say(f"datagrams went on after {asked(program, b'after'):.1f} s")
            check(receive(stream, len(data)) == data, "the stream's echo differs")
            say(f"the stream went on after {time.monotonic() - began:.1f} s")
        check(b"lost" not in datagrams.data(), "a datagram arrived that was sent while the link was down")
        check(server.count("event=opened") == 1, "the stream took another session")
        check(client2.count("event=opened") == 2, "datagrams did not take another session")
        no_alerts(client, server)


enter()
main(parallel=4)
