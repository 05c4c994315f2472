#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""flood.py SECCOMM FLOOD - honest openings over UDP while a stranger sends 50,000 bogus ones a second, for 20 s.

A third of them mean nothing, a third are for another server, and a third are the worst that a stranger can make: right in every
byte but the cookie.  What honest openings take goes from the first datagram of a new program to its answer, through client and
server.  Both ends, the flood and this script share the machine: so the normal time is that of openings while the same flood goes
to a socket that nobody reads, before and after, and the flood gives way to all others (nice 19); its rate is checked.  All traffic
is on loopback."""
import argparse
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

OPEN_BYTES = 300  # about; the program says what it sent
PATIENCE = 5.0
QUIET = 200  # honest openings before all floods
PAUSE = 0.01  # seconds between honest openings


def echo(server):
    while True:
        try:
            data, address = server.recvfrom(2048)
            server.sendto(data, address)
        except OSError:
            return


def start(folder, seccomm, role, listen, connect, own, other):
    p = subprocess.Popen([seccomm, role, "--listen", listen, "--connect", connect, "--identity", own, "--peer", other, "--home",
                          os.path.join(folder, own), "--control", os.path.join(folder, own + ".control")], stderr=subprocess.PIPE)
    for line in p.stderr:
        if b"event=listening" in line:
            threading.Thread(target=lambda: [None for _ in p.stderr], daemon=True).start()
            return p, re.search(rb"((?:udp|tcp):[^ \"]+:\d+)", line).group(1).decode()
    sys.exit(f"flood.py: {role} did not start")


def honest(port):
    """Seconds from the first datagram of a new program to its answer; None: none in time."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(PATIENCE)
        s.connect(("127.0.0.1", port))
        begun = time.monotonic()
        s.send(b"question")
        try:
            s.recv(64)
        except TimeoutError:
            return None
        return time.monotonic() - begun


def memory(process, name):
    with open(f"/proc/{process.pid}/status") as status:
        return int(re.search(rf"{name}:\s+(\d+)", status.read()).group(1))


def half_open_bytes(folder, seccomm):
    """What the server says that it keeps of those who have not opened."""
    told = subprocess.run([seccomm, "status", "--json", "--control", os.path.join(folder, "server.control")], check=True,
                          capture_output=True, text=True).stdout
    return int(re.search(r'"half_open_bytes": ?(\d+)', told).group(1))


def start_flood(arguments, words, port, seconds):
    return subprocess.Popen(["nice", "-n", "19", arguments.flood, str(port), str(arguments.rate), str(seconds), words["server"],
                             words["client"]], stdout=subprocess.PIPE, text=True)


def flood_past(arguments, words, port, seconds):
    """What honest openings take while the same flood goes to a socket that nobody reads."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
        nobody.bind(("127.0.0.1", 0))
        flood, times = start_flood(arguments, words, nobody.getsockname()[1], seconds), []
        while flood.poll() is None:
            times.append(honest(port) or PATIENCE)
            time.sleep(PAUSE)
    return times


def pair(times):
    return f"{1e3 * statistics.median(times):.2f} {1e3 * times[int(len(times) * 0.99)]:.2f}"


def keys(folder, seccomm):
    words = {}
    for name in ("server", "client"):
        out = subprocess.run([seccomm, "key", "gen", name, "--home", os.path.join(folder, name)], check=True, capture_output=True,
                             text=True).stdout
        words[name] = re.search(r"sck1[a-z0-9]+", out).group()
    for own, other in (("server", "client"), ("client", "server")):
        subprocess.run([seccomm, "peer", "add", other, words[other], "--home", os.path.join(folder, own)], check=True,
                       capture_output=True)
    return words


def judge(figures, check):
    missed = False
    for name, value, limit, fine in figures:
        print(f"{name:58} {value:>14}  {limit}{'' if fine else '  MISSED'}")
        missed = missed or not fine
    return 1 if missed and check else 0


def measure(arguments, folder):
    words = keys(folder, arguments.seccomm)
    service = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    service.bind(("127.0.0.1", 0))
    threading.Thread(target=echo, args=(service,), daemon=True).start()
    server, wire = start(folder, arguments.seccomm, "server", "udp:127.0.0.1:0", f"udp:127.0.0.1:{service.getsockname()[1]}",
                         "server", "client")
    client, plain = start(folder, arguments.seccomm, "client", "udp:127.0.0.1:0", wire, "client", "server")
    try:
        port = int(plain.rsplit(":", 1)[1])
        honest(port)
        quiet = sorted(honest(port) or PATIENCE for _ in range(QUIET))
        before, most, kept = memory(server, "VmRSS"), 0, 0
        usual = flood_past(arguments, words, port, 5)
        flood, times = start_flood(arguments, words, wire.rsplit(":", 1)[1], arguments.seconds), []
        while flood.poll() is None:
            times.append(honest(port))
            most = max(most, memory(server, "VmRSS"))
            if len(times) % 100 == 0:
                kept = max(kept, half_open_bytes(folder, arguments.seccomm))
            time.sleep(PAUSE)
        sent, sent_bytes, seconds, answers, answer_bytes, longest = map(float, flood.stdout.read().split())
        usual = sorted(usual + flood_past(arguments, words, port, 5))
        limit = 2 * usual[int(len(usual) * 0.99)]
        good = sum(1 for t in times if t is not None and t <= limit)
        alive = server.poll() is None and honest(port) is not None
        return [
            ("bogus openings a second", f"{sent / seconds:,.0f}", f"at least {0.98 * arguments.rate:,.0f}",
             sent / seconds >= 0.98 * arguments.rate),
            ("bytes answered for each byte sent", f"{answer_bytes / sent_bytes:.3f}", "at most 1", answer_bytes <= sent_bytes),
            ("longest answer, shortest opening, bytes", f"{longest:.0f}, {sent_bytes / sent:.0f}", "no longer",
             longest <= sent_bytes / sent),
            ("answers a second", f"{answers / seconds:,.0f}", "", True),
            ("kept of what is half open, KiB", f"{kept / 1024:.0f}", "at most 1024", 0 < kept <= 1 << 20),
            (f"resident memory of the server grew by, KiB, with {len(times)} sessions", f"{most - before}",
             "", True),
            ("an opening on a quiet machine, median and 99 %, ms", pair(quiet), "", True),
            ("an opening while the flood goes elsewhere", pair(usual), "", True),
            ("an opening in the flood", pair(sorted(t or PATIENCE for t in times)), "", True),
            (f"of {len(times)} honest openings, in twice the 99 % time", f"{100 * good / len(times):.1f} %", "at least 99 %",
             good >= 0.99 * len(times)),
            ("of them, at all", f"{100 * sum(1 for t in times if t is not None) / len(times):.1f} %", "all",
             None not in times),
            ("the server goes on", "yes" if alive else "no", "", alive),
        ]
    finally:
        client.kill()
        server.kill()
        service.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seccomm")
    parser.add_argument("flood")
    parser.add_argument("--rate", type=int, default=50000, help="bogus openings a second (50,000)")
    parser.add_argument("--seconds", type=float, default=20, help="how long (20)")
    parser.add_argument("--check", action="store_true", help="exit with 1 when a limit is missed")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(judge(measure(arguments, folder), arguments.check))


if __name__ == "__main__":
    main()
