# SPDX-License-Identifier: Apache-2.0
"""namespace_support.py - two hosts and a router between them, each a network namespace; and what can be bad about the way.

The test goes on in namespaces of its own (enter), those of processes among them: when its first process is gone, however it
ended, so are all others, the hosts and their links.  Nothing has a name that another run could meet."""
import contextlib
import ctypes
import json
import os
import select
import socket
import struct
import subprocess
import sys
import threading

from datagram_support import DATA
from support import Skip, check, find, needs, program

INSIDE, OUTSIDE = "SECCOMM_TEST_NAMESPACES", "SECCOMM_TEST_NO_NAMESPACES"
NEAR, FAR = "10.1.0.2", "10.2.0.2"
NEAR6, FAR6 = "fd00:1::2", "fd00:2::2"
_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


# ---- Namespaces ----------------------------------------------------------------------------------------------------------

def enter():
    """Goes on in namespaces of its own, as root or as a user who may make them; or outside, where no Network can be."""
    if INSIDE in os.environ:
        return
    private = ["unshare", "--net", "--mount", "--pid", "--mount-proc", "--fork", "--kill-child"]
    why = "unshare is not installed"
    for more in ([], ["--user", "--map-current-user", "--keep-caps"]) if find("unshare") else ():
        tried = subprocess.run([*private, *more, "true"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        if tried.returncode == 0:
            sys.stdout.flush()
            os.execvpe(private[0], [*private, *more, sys.executable, *sys.argv], {**os.environ, INSIDE: "1"})
        why = tried.stderr.strip()
    os.environ[OUTSIDE] = f"no namespaces can be made, neither as root nor as a user: {why}"


def _call(function, *arguments):
    if function(*arguments) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def _namespace():
    """The one that this thread is in."""
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


class Host:
    """A network namespace."""

    def __init__(self):
        before = _namespace()
        _call(_libc.unshare, _CLONE_NEWNET)
        self.fd = _namespace()
        _call(_libc.setns, before, _CLONE_NEWNET)
        os.close(before)
        self.run("ip", "link", "set", "lo", "up")

    @contextlib.contextmanager
    def inside(self):
        """Sockets, processes and threads that this thread makes are on this host."""
        before = _namespace()
        _call(_libc.setns, self.fd, _CLONE_NEWNET)
        try:
            yield
        finally:
            _call(_libc.setns, before, _CLONE_NEWNET)
            os.close(before)

    def run(self, *command, text=None, seconds=60):
        """What COMMAND, of the system, says on this host."""
        status, out, error = self.try_run(*command, text=text, seconds=seconds)
        check(status == 0, lambda: f"{command} ended with {status}: {out}{error}")
        return out

    def need(self, *command, text=None):
        """The same, when it may be that the kernel or this user cannot."""
        status, _, error = self.try_run(*command, text=text)
        if status != 0:
            raise Skip(f"this kernel, or this user, cannot {' '.join(command)}: {error.strip()}")

    def try_run(self, *command, text=None, seconds=60):
        """(status, standard output, standard error)"""
        with self.inside():
            done = subprocess.run([find(command[0]) or command[0], *command[1:]], input=text or "", capture_output=True,
                                  text=True, timeout=seconds)
        return done.returncode, done.stdout, done.stderr

    def set(self, name, value):
        """A parameter of the kernel, for this host."""
        with self.inside(), open("/proc/sys/net/" + name, "w") as file:
            file.write(str(value))

    def counters(self):
        """What the kernel has counted of TCP on this host, such as TcpRetransSegs and TcpExtTCPOFOQueue."""
        out = {}
        for name in ("snmp", "netstat"):
            with self.inside(), open("/proc/thread-self/net/" + name) as file:
                lines = [line.split() for line in file]
            for keys, values in zip(lines[::2], lines[1::2]):
                out.update({keys[0][:-1] + key: int(value) for key, value in zip(keys[1:], values[1:])})
        return out


# ---- A network -----------------------------------------------------------------------------------------------------------


class Network:
    """near - router - far.  The router's devices are called after the host to which they lead, the hosts' own one is eth0."""

    def __init__(self, scene):
        if OUTSIDE in os.environ:
            raise Skip(os.environ[OUTSIDE])
        needs("ip", "tc")
        self.scene = scene
        self.near, self.router, self.far = hosts = Host(), Host(), Host()
        for host in hosts:
            scene.closers.append(lambda fd=host.fd: os.close(fd))
        self.router.set("ipv4/ip_forward", 1)
        self.router.set("ipv6/conf/all/forwarding", 1)
        self.router.set("ipv4/icmp_ratelimit", 0)  # it says why it loses a packet, each time
        self._lay("near", self.near, NEAR, NEAR6)
        self._lay("far", self.far, FAR, FAR6)

    def _lay(self, name, host, address, address6):
        there = f"/proc/{os.getpid()}/fd/{host.fd}"
        self.router.need("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", there)
        for at, device, last in ((self.router, name, "1"), (host, "eth0", "2")):
            at.run("ip", "address", "add", address[:-1] + last + "/24", "dev", device)
            at.need("ip", "-6", "address", "add", address6[:-1] + last + "/64", "dev", device, "nodad")
            at.run("ip", "link", "set", device, "gso_max_segs", "1", "up")  # packets as large as on a real wire
        host.run("ip", "route", "add", "default", "via", address[:-1] + "1")
        host.run("ip", "-6", "route", "add", "default", "via", address6[:-1] + "1")

    def path_mtu(self, size):
        """On the far link; who sends from near hears of it from the router only."""
        self.router.run("ip", "link", "set", "far", "mtu", str(size))
        self.far.run("ip", "link", "set", "eth0", "mtu", str(size))

    def be_bad(self, lost=0, doubled=0, held=0, hold_ms=0):
        """In both directions LOST and DOUBLED percent of all packets are, and HELD percent come HOLD_MS too late.

        Answers the share that passes: netem lets one pass that is to be lost and to be doubled."""
        self.netem = ["netem", "limit", "10000", "delay", f"{hold_ms}ms", "reorder", f"{100 - held}%", "duplicate", f"{doubled}%"]
        if self.router.try_run("tc", "qdisc", "add", "dev", "near", "root", *self.netem, "loss", f"{lost}%")[0] == 0:
            self.router.run("tc", "qdisc", "add", "dev", "far", "root", *self.netem, "loss", f"{lost}%")
            return 1 - lost / 100 * (1 - doubled / 100)
        self.netem = None
        needs("nft", "iptables")
        helper = os.path.join(os.path.dirname(program()), "tests", "e2e", "disorder")
        if not os.access(helper, os.X_OK):
            raise Skip("neither netem in this kernel nor libnetfilter-queue when this was built")
        for device in ("near", "far"):
            self.router.need("nft", "-f", "-", text=FAULTS.format(device=device, lost=lost, doubled=doubled))
        with self.router.inside():
            self.scene.other(helper, "1", str(100 // held), str(hold_ms)).wait_line("ready")
        self.router.need("iptables", "-A", "FORWARD", "-j", "NFQUEUE", "--queue-num", "1")
        return 1 - lost / 100

    def lose_no_more(self):
        """From now on."""
        for device in ("near", "far"):
            if self.netem:
                self.router.run("tc", "qdisc", "change", "dev", device, "root", *self.netem)
            else:
                self.router.run("nft", "flush", "chain", "inet", device, "forward")

    def lost(self):
        """How many packets be_bad() has lost."""
        ask = ["tc", "-s", "-j", "qdisc", "show", "dev"] if self.netem else ["nft", "-j", "list", "counters", "table", "inet"]
        told = [json.loads(self.router.run(*ask, device)) for device in ("near", "far")]
        if self.netem:
            return sum(qdisc["drops"] for qdiscs in told for qdisc in qdiscs)
        return sum(entry.get("counter", {}).get("packets", 0) for objects in told for entry in objects["nftables"])


# Two parts of netem, where there is none.  A packet that has the mark has been here; without it the doubles would be doubled.
FAULTS = """table inet {device} {{
  counter lost {{ }}
  chain forward {{ type filter hook forward priority -1;
    oifname {device} numgen random mod 100 < {lost} counter name lost drop; }}
}}
table netdev {device} {{
  chain egress {{ type filter hook egress device "{device}" priority 0;
    meta mark 0 numgen random mod 100 < {doubled} meta mark set 1 dup to "{device}"; }}
}}
"""


class Witness:
    """Sees the UDP datagrams that come to HOST by its link, before any program does."""

    def __init__(self, scene, host):
        with host.inside():
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
            self.socket.bind(("eth0", 0x0800))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.seen, self.closed = [], False
        scene.closers.append(self.close)
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _watch(self):
        while not self.closed:
            if select.select([self.socket], [], [], 0.2)[0]:
                packet, (_, _, kind, *_) = self.socket.recvfrom(1 << 16)
                at = (packet[0] & 15) * 4
                if kind == socket.PACKET_HOST and packet[9] == socket.IPPROTO_UDP:
                    self.seen.append(packet[at + 8:at + struct.unpack_from("!H", packet, at + 4)[0]])

    def data(self, start=0):
        """(receiver's index, epoch, number) of each data message from START on, in the order in which they came."""
        _, missed = struct.unpack("II", self.socket.getsockopt(263, 6, 8))  # SOL_PACKET, PACKET_STATISTICS
        check(missed == 0, f"{missed} datagrams were not seen, as this machine is too slow")
        return [(d[1:5], d[5], int.from_bytes(d[6:14], "big")) for d in self.seen[start:] if d[0] == DATA]

    def close(self):
        self.closed = True
        self.thread.join()
        self.socket.close()


def late(data):
    """How many of DATA, as of Witness.data(), came behind a later one of their session."""
    most, count = {}, 0
    for session, *place in data:
        count += place < most.get(session, [0, 0])
        most[session] = max(place, most.get(session, [0, 0]))
    return count


__all__ = [n for n in dir() if not n.startswith("_")]
