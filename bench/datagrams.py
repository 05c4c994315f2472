#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""datagrams.py SECCOMM NETB - UDP through a client and server pair: what a datagram grows by, and what a ping-pong takes.

Sizes are measured on the wire, between client and server.  Times are those of 64 bytes there and back, one at a time and 32 under
way at a time, with and without the pair in one run; everything runs on one core, and medians count.  CPU is the time that the two
processes used, user and system, as /proc says it.  All traffic is on loopback."""
import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading

from flood import keys, start

MOST_ADDED = 32  # bytes a datagram, WireGuard's figure
SIZES = (0, 1, 16, 64, 256, 1400)
DATA = 1 << 5  # first byte of a data message (doc/wire.md)


class Wire:
    """Sits between client and server, and knows how long data messages are."""

    def __init__(self, server):
        self.front, self.back = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        self.front.bind(("127.0.0.1", 0))
        self.back.connect(("127.0.0.1", int(server.rpartition(":")[2])))
        self.url = "udp:127.0.0.1:%d" % self.front.getsockname()[1]
        self.client, self.length = None, 0
        for act in (self.out, self.home):
            threading.Thread(target=act, daemon=True).start()

    def out(self):
        while True:
            data, self.client = self.front.recvfrom(1 << 16)
            if data[0] == DATA:
                self.length = len(data)
            self.back.send(data)

    def home(self):
        while True:
            self.front.sendto(self.back.recv(1 << 16), self.client)


def added(seccomm, folder, service):
    """The most that a datagram grew by."""
    server, url = start(folder, seccomm, "server", "udp:127.0.0.1:0", service, "server", "client")
    wire = Wire(url)
    client, near = start(folder, seccomm, "client", "udp:127.0.0.1:0", wire.url, "client", "server")
    most = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(10)
        s.connect(("127.0.0.1", int(near.rpartition(":")[2])))
        for size in SIZES:
            s.send(bytes(size))
            s.recv(1 << 16)
            most = max(most, wire.length - size)
    for p in (client, server):
        p.kill()
        p.wait()
    return most


def cpu(processes):
    total = 0
    for p in processes:
        with open(f"/proc/{p.pid}/stat") as stat:
            total += sum(map(int, stat.read().rsplit(")", 1)[1].split()[11:13])) / os.sysconf("SC_CLK_TCK")
    return total


def call(netb, *command):
    out = subprocess.run([netb, *map(str, command)], check=True, capture_output=True, text=True, timeout=600)
    return {w[0]: float(w[1]) for w in (line.split() for line in out.stdout.splitlines())}


def times(arguments, folder, port, service):
    pair = [start(folder, arguments.seccomm, "server", "udp:127.0.0.1:0", service, "server", "client")]
    pair.append(start(folder, arguments.seccomm, "client", "udp:127.0.0.1:0", pair[0][1], "client", "server"))
    processes = [p for p, _ in pair]
    ports = {"direct": port, "seccomm": int(pair[1][1].rpartition(":")[2])}
    rows = {name: {"p50 us": [], "p99 us": [], "echoes/s": [], "lost": [], "CPU us": []} for name in ports}
    for turn in range(arguments.repeat):
        for name in ports if turn % 2 == 0 else reversed(ports):
            one = call(arguments.netb, "dping", ports[name], arguments.pings, 64)
            before = cpu(processes)
            many = call(arguments.netb, "drate", ports[name], arguments.pings * 10, 64)
            used = cpu(processes) - before
            for column, value in (("p50 us", one["p50"]), ("p99 us", one["p99"]), ("echoes/s", many["rate"]), ("lost", many["lost"]),
                                  ("CPU us", used / (arguments.pings * 10) * 1e6)):
                rows[name][column].append(value)
    for p in processes:
        p.kill()
        p.wait()
    return {name: {k: statistics.median(v) for k, v in row.items()} for name, row in rows.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seccomm", type=os.path.abspath)
    parser.add_argument("netb", type=os.path.abspath, help="the program built from bench/netb.c")
    parser.add_argument("--pings", type=int, default=10000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--check", action="store_true", help=f"exit 1 if a datagram grows by more than {MOST_ADDED} bytes")
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {arguments.core})
    os.umask(0o077)
    echo = subprocess.Popen([arguments.netb, "decho"], stdout=subprocess.PIPE)
    try:
        port = int(echo.stdout.readline().split()[1])
        with tempfile.TemporaryDirectory(prefix="sc-datagrams-") as folder:
            keys(folder, arguments.seccomm)
            grown = added(arguments.seccomm, folder, f"udp:127.0.0.1:{port}")
            rows = times(arguments, folder, port, f"udp:127.0.0.1:{port}")
    finally:
        echo.kill()
        echo.wait()
    print(f"64 bytes there and back, {arguments.pings} times, all on core {arguments.core}, median of {arguments.repeat}")
    print(f"{'':10}" + "".join(f"{k:>12}" for k in rows["seccomm"]) + "     (echoes: 32 under way; CPU: of both processes, an echo)")
    for name, row in rows.items():
        print(f"{name:10}" + "".join(f"{v:12.1f}" for v in row.values()))
    print(f"a datagram grows by {grown} bytes (limit {MOST_ADDED})")
    return 1 if arguments.check and grown > MOST_ADDED else 0


if __name__ == "__main__":
    sys.exit(main())
