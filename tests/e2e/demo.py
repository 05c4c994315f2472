# SPDX-License-Identifier: Apache-2.0
"""Goal: the demonstration ends by itself with 0, and shows both attacks refused, by the names of their alerts."""
import json
import re
import signal

from support import Scene, case, check, connect, contains, main, receive, run


@case("demo --once: a thousand messages each way, both alerts named, status 0")
def once():
    _, out, error = run("demo", "--once", status=0, seconds=60)
    contains(out + error, "1,?000", "SA-002", "SA-011|SA-002.*SA-002", "flip", "replay|twice", r"\d\s*(us|ms|µs)")


@case("demo --udp --once: the same over datagrams, where what is repeated is told from what is changed")
def once_udp():
    _, out, error = run("demo", "--udp", "--once", status=0, seconds=60)
    contains(out + error, "udp:127.0.0.1", "1,?000", "flip.*SA-002", "replay.*SA-011", r"\d\s*(us|ms|µs)")


@case("bench --all: every profile and every micro-protocol for messages, both ways, or why not")
def bench():
    _, out, _ = run("list", "micro-protocols", "--json", status=0)
    layers = {"encrypt", "digest", "mac", "sign", "anti-replay"}
    protecting = "digest:sha-256 | protect-digest:aes-256-cbc"
    contains(run("list", "micro-protocols", status=0)[1], "anti-replay:window +- ",
             "encrypt:des-cbc +DESPrivacy +privacy +broken +gives confidentiality; needs key")
    names = {row["name"] for row in json.loads(out) if row["name"].split(":")[0] in layers}
    _, out, _ = run("bench", "--all", "--time", "1ms", "--json", status=0, seconds=100)
    rows = json.loads(out)
    measured = {row["stack"] for row in rows if row.get("send_ns", 0) > 0 and row["receive_ns"] > 0 and row["session_memory"] > 0}
    refused = {row["stack"]: row["not_measured"] for row in rows if "not_measured" in row}
    check("default@1" in measured, f"the default profile is not measured: {refused}")
    check(names <= measured | set(refused), f"left out: {names - measured - set(refused)}")
    check(protecting in measured, f"what protects a digest is not measured: {refused}")
    check(len(measured) > len(refused), f"most is refused: {refused}")
    run("bench", "--time", "soon", status=2)
    run("bench", "--time", "0ms", status=2)


@case("demo: stays up, echoes what nc would send, and SIGINT ends it with 0")
def stays():
    import subprocess
    with Scene() as scene:
        p = scene.start("demo", stdout=subprocess.PIPE)
        url = None
        said = ""
        for raw in p.popen.stdout:
            line = raw.decode("utf-8", "replace")
            said += line
            found = re.search(r"nc (?:-\S+ )*(\S+) (\d+)", line)
            if found:
                url = f"tcp:{found.group(1)}:{found.group(2)}"
                break
        check(url, f"the demonstration names no nc command:\n{said}{p.text()}")
        with connect(url) as s:
            s.sendall(b"hello\n")
            check(receive(s, 6) == b"hello\n", "no echo")
        p.signal(signal.SIGINT)
        check(p.wait() == 0, f"status {p.popen.returncode}")


main()
