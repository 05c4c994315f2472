# SPDX-License-Identifier: Apache-2.0
"""names_support.py - dnsmasq and dig, for the tests that put them at the two ends."""
import socket
import subprocess
import time

from datagram_support import address
from support import find

QUERIES = 200
LARGE = "x" * 250


def known(i):
    """The name and the address of the Ith host."""
    return f"h{i}.example.test", f"192.0.2.{i % 250 + 1}"


def dnsmasq(scene):
    """A server of names that asks nobody else: its URL.  It cannot be asked which port it took, so a free one is chosen."""
    for _ in range(5):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        names = ["--host-record=" + ",".join(known(i)) for i in range(QUERIES)]
        large = ",".join(["--txt-record=large.example.test"] + [LARGE] * 12)
        p = scene.other(find("dnsmasq"), "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
                        "--pid-file=", "--user=", "--log-facility=-", f"--port={port}", "--listen-address=127.0.0.1",
                        "--bind-interfaces", "--edns-packet-max=4096", "--local=/example.test/", large, *names)
        url = f"udp:127.0.0.1:{port}"
        deadline = time.monotonic() + 30
        while p.popen.poll() is None and time.monotonic() < deadline:
            if dig(url, "h0.example.test", tries=1, seconds=1)[0] == 0:
                return url
    raise AssertionError("dnsmasq does not answer:\n" + p.text())


def dig(url, *names, tries=1, seconds=10):
    host, port = address(url)
    done = subprocess.run(["dig", f"@{host}", "-p", str(port), "+notcp", f"+tries={tries}", f"+time={seconds}", "+short",
                           "+bufsize=4096", "+ignore", *names], capture_output=True, text=True, timeout=100)
    return done.returncode, done.stdout
