#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""quiet.py SECCOMM - what sessions cost that are open and have nothing to say: processor time of both ends, over TCP and UDP.

All traffic is on loopback."""
import argparse
import os
import socket
import sys
import tempfile
import time

from flood import keys, start

SESSIONS, SECONDS, SETTLED = 50, 12, 14  # by then a keepalive has answered the only word over UDP, after 10 s


def ticks(process):
    with open(f"/proc/{process.pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def measure(seccomm, folder, kind):
    type_of = socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, type_of) as service:
        service.bind(("127.0.0.1", 0))
        if kind == "tcp":
            service.listen(SESSIONS)
        server, wire = start(folder, seccomm, "server", f"{kind}:127.0.0.1:0", f"{kind}:127.0.0.1:{service.getsockname()[1]}",
                             "server", "client")
        client, plain = start(folder, seccomm, "client", f"{kind}:127.0.0.1:0", wire, "client", "server")
        programs = [socket.socket(socket.AF_INET, type_of) for _ in range(SESSIONS)]
        try:
            for program in programs:
                program.connect(("127.0.0.1", int(plain.rsplit(":", 1)[1])))
                program.send(b"the only word")
            time.sleep(SETTLED)
            before = [ticks(p) for p in (server, client)]
            time.sleep(SECONDS)
            return [ticks(p) - was for p, was in zip((server, client), before)]
        finally:
            for program in programs:
                program.close()
            for p in (server, client):
                p.kill()
                p.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seccomm")
    parser.add_argument("--check", action="store_true", help="exit with 1 when they cost anything")
    arguments = parser.parse_args()
    missed = False
    with tempfile.TemporaryDirectory() as folder:
        keys(folder, arguments.seccomm)
        for kind in ("tcp", "udp"):
            server, client = measure(arguments.seccomm, folder, kind)
            print(f"{kind}: {SESSIONS} idle sessions in {SECONDS} s: server {10 * server} ms of processor time, client "
                  f"{10 * client} ms (limit 10)")
            missed = missed or max(server, client) > 1
    sys.exit(1 if missed and arguments.check else 0)


if __name__ == "__main__":
    main()
