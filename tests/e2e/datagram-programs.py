# SPDX-License-Identifier: Apache-2.0
"""Goal: programs of datagrams that know nothing of SecComm work through it unchanged: dig with dnsmasq, logger with a collector
of syslog messages, and a stream of voice packets."""
import re
import subprocess
import time

from datagram_support import Echo, Program, address, ended, tunnel
from names_support import LARGE, QUERIES, dig, dnsmasq, known
from support import Scene, case, check, contains, main, needs, noise, say


@case("dig and dnsmasq: 200 names, from 200 ports; and an answer of 3,000 bytes")
def names():
    needs("dig", "dnsmasq")
    with Scene() as scene:
        backend = dnsmasq(scene)
        server, client, _, url = tunnel(scene, backend)
        asked, answers = zip(*map(known, range(QUERIES)))
        status, out = dig(url, *asked)
        check(status == 0, f"dig ended with {status}")
        check(out.split() == list(answers), f"other answers:\n{out}")
        status, out = dig(url, "large.example.test", "TXT")
        check(status == 0 and out.count(LARGE) == 12, f"dig ended with {status}:\n{out}")
        ended(client, server)
        check(server.count("event=opened") > QUERIES * 3 // 4, "one session for many ports")  # a port may be taken twice
        check(client.count("event=dropped") == server.count("event=dropped") == 0, "datagrams were dropped")
        say(f"{server.count('event=opened')} sessions")


@case("logger: every line comes to the collector, in order, whole, though nothing ever comes back")
def syslog():
    needs("logger")
    with Scene() as scene:
        collector = Echo(scene, answer=lambda data: None)
        server, client, _, url = tunnel(scene, collector.url)
        host, port = address(url)
        lines = [f"line {i} {noise(i, 40).hex()}" for i in range(300)]
        # One process and one socket: one flow.
        done = subprocess.run(["logger", "-d", "-n", host, "-P", str(port), "-t", "door", "--rfc3164", "-f",
                               scene.write("lines", "\n".join(lines) + "\n")], capture_output=True, text=True, timeout=60)
        check(done.returncode == 0, done.stderr)
        collector.wait(256)
        client.stop()
        got = [data.decode() for data in collector.data()]
        dropped = [int(n) for n in re.findall(r"event=closed.* dropped=(\d+)", client.text())]
        say(f"{len(got)} lines came, {dropped} were dropped before the session was open")
        check(len(got) + sum(dropped) == len(lines), "a line was lost without a word")
        sent = iter(lines)
        check(all(any(text.endswith(line) for line in sent) for text in got), "lines are out of order, or changed")
        check(got[0].endswith(lines[0]), "the first line did not come")
        contains(got[0], "<13>", "door")


@case("voice: 20 streams of a packet every 20 ms each way, none lost, none late by 100 ms")
def voice():
    with Scene() as scene:
        echo = Echo(scene)
        server, client, _, url = tunnel(scene, echo.url)
        streams = [Program(scene, url) for _ in range(20)]
        for s in streams:
            s.ask(b"open")
        slowest, began = 0.0, time.monotonic()
        for number in range(100):
            packet = b"\x80\x00" + number.to_bytes(2, "big") + noise(number, 168)  # RTP: version, type, number
            at = time.monotonic()
            for s in streams:
                s.send(packet)
            for s in streams:
                check(s.receive() == packet, "a packet was lost or overtaken")
            slowest = max(slowest, time.monotonic() - at)
            time.sleep(max(0, began + 0.02 * number - time.monotonic()))  # the pace of the stream, not a wait for anything
        say(f"the slowest turn of 20 packets there and back took {slowest * 1000:.1f} ms")
        check(slowest < 1, "too late for a conversation")


main(parallel=1)
