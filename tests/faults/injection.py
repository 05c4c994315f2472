# SPDX-License-Identifier: Apache-2.0
"""injection.py - lets system calls of a program fail (see shim.c), and chooses which.

FAULTS_SHIM is the shim's path.  With FAULTS_ALL=1 every point is tried, else as many as a test says, chosen by FAULTS_SEED."""
import ctypes
import errno
import itertools
import mmap
import os
import random
import struct

from support import check, environment, say

SHORT, KILL, ANY, NEVER = -1, -2, 0xffffffff, 0xffffffff
ERRORS = [errno.EINTR, errno.EAGAIN, errno.EIO, errno.ENOSPC, errno.EMFILE, errno.ENOMEM, errno.ECONNRESET, SHORT]
# What takes or gives a number of bytes, or of datagrams.
SHORTENED = {"read", "recv", "recvmsg", "recvmmsg", "write", "send", "sendmsg", "sendmmsg"}
SHIM = os.path.abspath(os.environ["FAULTS_SHIM"])


def _names():
    # Loading it here lets nothing of this process fail: what is loaded late stands in nobody's way.
    name = ctypes.CDLL(SHIM).fault_name
    name.restype = ctypes.c_char_p
    return [n.decode() for n in itertools.takewhile(bool, map(name, itertools.count()))]


CALLS = _names()
_HEAD = struct.Struct("=IIIIiII")
_counter = itertools.count()


def name_of(error):
    return {SHORT: "short", KILL: "kill"}.get(error) or errno.errorcode[error]


class Faults:
    """What the shim in one process is told."""

    def __init__(self, scene):
        self.path = scene.path(f"faults-{next(_counter)}")
        with open(self.path, "wb") as file:
            file.write(bytes(_HEAD.size + 4 * len(CALLS)))
        with open(self.path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 0)

    def environment(self):
        return {**environment(), "LD_PRELOAD": SHIM, "FAULT_FILE": self.path}

    def arm(self, call, error, first, times=1):
        """From now on the FIRST-th call of that name, or of any (ANY), fails with ERROR."""
        number = ANY if call == ANY else CALLS.index(call)
        self.memory[:] = bytes(len(self.memory))
        _HEAD.pack_into(self.memory, 0, 0, number, first, times, error, 0, 0)
        struct.pack_into("=I", self.memory, 0, 1)

    def happened(self):
        return _HEAD.unpack_from(self.memory)[6]

    def disarm(self):
        """How often it happened."""
        struct.pack_into("=I", self.memory, 0, 0)
        return self.happened()

    def count(self):
        self.arm(ANY, errno.EIO, NEVER)

    def counted(self):
        """How many calls of each name there have been since count()."""
        struct.pack_into("=I", self.memory, 0, 0)
        return {name: number for name, number in
                zip(CALLS, struct.unpack_from(f"={len(CALLS)}I", self.memory, _HEAD.size)) if number}


def points(counts, errors=None):
    """Every (call, which, error) of what was counted."""
    return [(call, which, error) for call, number in counts.items() for which in range(1, number + 1)
            for error in (ERRORS if errors is None else errors) if error != SHORT or call in SHORTENED]


def choose(everything, sample):
    """All of them, or SAMPLE ones."""
    if os.environ.get("FAULTS_ALL") == "1" or len(everything) <= sample:
        return everything
    seed = os.environ.get("FAULTS_SEED", "1")
    return random.Random(seed).sample(everything, sample)


def tell(what, everything, tried, happened, outcomes):
    say(f"{what}: {len(everything)} points, {tried} tried, {happened} faults happened; " +
        ", ".join(f"{n} {name}" for name, n in sorted(outcomes.items())))
    check(happened > tried // 2, "most of the faults have not happened")


def busy(process):
    """Seconds of a processor that it has used."""
    with open(f"/proc/{process.pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
