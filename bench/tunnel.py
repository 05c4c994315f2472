#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tunnel.py SECCOMM NETB - one large transfer and a ping-pong through a client and server pair, beside stunnel's.

Everything, the programs at both ends included, runs on one core; the two pairs take turns; medians count.  CPU is the time
that the two processes of a pair used, user and system, as /proc says it.  All traffic is on loopback; keys and certificates are
made in a temporary folder.  Both use AES-256-GCM: stunnel TLS 1.3 with TLS_AES_256_GCM_SHA384, seccomm its default@1."""
import argparse
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

PATIENCE = 20


def find(name):
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


class Pair:
    """A client and a server process, where to connect for each purpose, and how to start them."""

    def __init__(self, bench, name):
        self.bench, self.name, self.processes, self.ports = bench, name, [], {}

    def cpu(self):
        """User and system seconds of both, threads that have ended included."""
        total = 0.0
        for p in self.processes:
            with open(f"/proc/{p.pid}/stat") as stat:
                total += sum(map(int, stat.read().rsplit(")", 1)[1].split()[11:13])) / os.sysconf("SC_CLK_TCK")
        return total


class Seccomm(Pair):
    def __init__(self, bench, folder):
        super().__init__(bench, "seccomm")
        homes = {n: os.path.join(folder, n) for n in ("db", "web")}
        key = {}
        for n, home in homes.items():
            out = subprocess.run([bench.seccomm, "key", "gen", n, "--home", home], check=True, capture_output=True, text=True)
            key[n] = re.search(r"sck1[a-z0-9]+", out.stdout).group()
        for n, other in (("db", "web"), ("web", "db")):
            subprocess.run([bench.seccomm, "peer", "add", n, key[n], "--home", homes[other]], check=True, capture_output=True)
        for purpose, port in bench.services.items():
            wire = self.start("server", f"tcp:127.0.0.1:{port}", "db", "web", homes["db"])
            self.ports[purpose] = int(self.start("client", wire, "web", "db", homes["web"]).rsplit(":", 1)[1])

    def start(self, role, target, identity, peer, home):
        p = self.bench.start(self.bench.seccomm, role, "--listen", "tcp:127.0.0.1:0", "--connect", target, "--identity", identity,
                             "--peer", peer, "--home", home, "--no-control", stderr=subprocess.PIPE)
        self.processes.append(p)
        for line in p.stderr:
            if b"event=listening" in line:
                # The rest of the log is a few lines: it fits into the pipe.
                return re.search(r"\b(?:addr|url)=\"?(tcp:[^\s\"]+)", line.decode()).group(1)
        sys.exit(f"seccomm {role} did not listen")


class Stunnel(Pair):
    def __init__(self, bench, folder):
        super().__init__(bench, "stunnel")
        pem = os.path.join(folder, "stunnel.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", pem,
                        "-out", pem + ".crt", "-subj", "/CN=localhost", "-days", "2"], check=True, capture_output=True)
        with open(pem, "a") as both, open(pem + ".crt") as certificate:
            both.write(certificate.read())
        os.chmod(pem, 0o600)
        for purpose, port in bench.services.items():
            wire = self.start(folder, purpose + "-server", port, f"cert = {pem}\n")
            self.ports[purpose] = self.start(folder, purpose + "-client", wire,
                                             f"client = yes\nverifyPeer = yes\nCAfile = {pem}.crt\n")

    def start(self, folder, name, target, more):
        # stunnel cannot be asked which port it took: a free one is chosen here, and another one if it was taken meanwhile.
        for _ in range(5):
            with socket.socket() as s:
                s.bind(("127.0.0.1", 0))
                port = s.getsockname()[1]
            path = os.path.join(folder, name + ".conf")
            with open(path, "w") as file:
                file.write("foreground = yes\npid =\ndebug = 3\nsocket = l:TCP_NODELAY=1\nsocket = r:TCP_NODELAY=1\n"
                           "sslVersion = TLSv1.3\nciphersuites = TLS_AES_256_GCM_SHA384\n"
                           f"[t]\naccept = 127.0.0.1:{port}\nconnect = 127.0.0.1:{target}\n{more}")
            p = self.bench.start(find("stunnel4") or find("stunnel"), path, stderr=subprocess.DEVNULL)
            if self.bench.listens(port, p):
                self.processes.append(p)
                return port
        sys.exit("stunnel did not listen")


class Bench:
    def __init__(self, arguments):
        self.arguments = arguments
        self.seccomm, self.netb = os.path.abspath(arguments.seccomm), os.path.abspath(arguments.netb)
        self.pin = ["taskset", "-c", str(arguments.core)]
        self.all, self.services = [], {}

    def start(self, *command, **named):
        p = subprocess.Popen([*self.pin, *command], stdin=subprocess.DEVNULL, **{"stdout": subprocess.DEVNULL, **named})
        self.all.append(p)
        return p

    def listens(self, port, process):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return True
            except OSError:
                time.sleep(0.01)  # between two looks: stunnel does not say when it listens
        return False

    def service(self, kind):
        p = self.start(self.netb, kind, stdout=subprocess.PIPE)
        self.services[kind] = int(p.stdout.readline().split()[1])
        return p

    def call(self, *command):
        out = subprocess.run([*self.pin, self.netb, *map(str, command)], check=True, capture_output=True, text=True, timeout=600)
        return dict((w[0], float(w[1])) for w in (line.split() for line in out.stdout.splitlines()))

    def transfer(self, pair):
        before = pair.cpu() if pair else 0
        seconds = self.call("bulk", pair.ports["sink"] if pair else self.services["sink"], self.arguments.bytes)["seconds"]
        arrived = int(self.sink.stdout.readline().split()[1])
        if arrived != self.arguments.bytes:
            sys.exit(f"{arrived} of {self.arguments.bytes} bytes arrived")
        return seconds, (pair.cpu() if pair else 0) - before

    def run(self, folder):
        self.sink, _ = self.service("sink"), self.service("echo")
        pairs = [Seccomm(self, folder), Stunnel(self, folder)]
        rows = {p.name: {"MB/s": [], "CPU s": [], "p50 us": [], "p99 us": []} for p in pairs}
        for pair in pairs:  # sessions' code and pages warm
            self.call("ping", pair.ports["echo"], 200, 64)
        for turn in range(self.arguments.repeat):
            for pair in pairs if turn % 2 == 0 else pairs[::-1]:
                seconds, cpu = self.transfer(pair)
                latency = self.call("ping", pair.ports["echo"], self.arguments.pings, 64)
                for name, value in (("MB/s", self.arguments.bytes / seconds / 1e6), ("CPU s", cpu), ("p50 us", latency["p50"]),
                                    ("p99 us", latency["p99"])):
                    rows[pair.name][name].append(value)
        direct = self.arguments.bytes / self.transfer(None)[0] / 1e6
        return rows, direct

    def end(self):
        for p in self.all:
            p.kill()
            p.wait()


def table(rows, direct, arguments):
    middle = {name: {k: statistics.median(v) for k, v in row.items()} for name, row in rows.items()}
    print(f"{arguments.bytes / 2**30:g} GiB through client and server, all on core {arguments.core}, median of {arguments.repeat}")
    print(f"{'':10}" + "".join(f"{k:>12}" for k in middle["seccomm"]) + f"{'MB/s from..to':>22}")
    for name, row in middle.items():
        speeds = rows[name]["MB/s"]
        print(f"{name:10}" + "".join(f"{v:12.2f}" for v in row.values()) + f"{min(speeds):12.0f} ..{max(speeds):6.0f}")
    ratio = {k: middle["seccomm"][k] / middle["stunnel"][k] for k in middle["seccomm"]}
    print(f"{'ratio':10}" + "".join(f"{v:12.2f}" for v in ratio.values()))
    print(f"without a tunnel: {direct:.0f} MB/s")
    return ratio


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seccomm")
    parser.add_argument("netb", help="the program built from bench/netb.c")
    parser.add_argument("--bytes", type=int, default=1 << 30)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--pings", type=int, default=4000)
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--check", action="store_true", help="exit 1 if slower than stunnel or with more CPU time")
    arguments = parser.parse_args()
    missing = [n for n in ("stunnel4", "openssl", "taskset") if not find(n)]
    if missing:
        sys.exit(f"tunnel.py: not installed: {', '.join(missing)}")
    os.umask(0o077)
    bench = Bench(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="sc-tunnel-") as folder:
            ratio = table(*bench.run(folder), arguments)
    finally:
        bench.end()
    lost = [text for text, bad in (("throughput", ratio["MB/s"] < 1), ("CPU time", ratio["CPU s"] > 1)) if bad]
    print("worse than stunnel: " + ", ".join(lost) if lost else "at least as good as stunnel in throughput and CPU time")
    return 1 if arguments.check and lost else 0


if __name__ == "__main__":
    sys.exit(main())
