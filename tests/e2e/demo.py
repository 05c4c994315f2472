# SPDX-License-Identifier: Apache-2.0
"""Goal: the demonstration ends by itself with 0, and shows both attacks refused, by the names of their alerts."""
import json
import os
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


def explained_costs(home, told):
    """That of a session of default@1, as people and as programs are told."""
    file = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "conf", "default.yaml")
    contains(run("explain", file, "--home", home, status=0)[1], *told)
    return json.loads(run("explain", file, "--home", home, "--json", status=0)[1])[0]["cost"]


@case("bench --calibrate and --all exclude each other, and nothing is measured")
def both():
    with Scene() as scene:
        _, out, error = run("bench", "--calibrate", "--all", "--home", scene.path("home"), status=2)
        check(out == "" and "one of them" in error and "--calibrate --json" in error, error)


@case("bench --calibrate: every profile and every micro-protocol there is, what it costs, or why not; kept for explain")
def bench():
    with Scene() as scene:
        home = scene.path("home")
        os.mkdir(home, 0o700)
        check(explained_costs(home, ["cost: not measured.*seccomm bench --calibrate"]) is None, "costs from nowhere")
        _, out, error = run("bench", "--calibrate", "--time", "1ms", "--json", "--home", home, status=0, seconds=100)
        contains(error, "kept in ")
        measured(json.loads(out))
        cost = explained_costs(home, [r"encrypt:aes-256-gcm +\d+ +\d+\n", r"together, at most +\d+ +\d+\n"])
        check(cost["send_ns"] > 0 and all(layer["send_ns"] > 0 for layer in cost["layers"]), cost)
    run("bench", "--time", "soon", status=2)
    run("bench", "--time", "0ms", status=2)


def measured(rows):
    _, out, _ = run("list", "micro-protocols", "--json", status=0)
    listed = json.loads(out)
    contains(run("list", "micro-protocols", status=0)[1], "anti-replay:window +- ",
             "encrypt:des-cbc +DESPrivacy +privacy +broken +gives confidentiality; needs key")
    refused = {row["micro_protocol"]: row["not_measured"] for row in rows if "not_measured" in row}
    sizes = {}
    for row in rows:
        if row.get("send_ns", 0) > 0 and row["receive_ns"] > 0 and row["session_memory"] > 0:
            sizes.setdefault(row["micro_protocol"] or row["stack"], []).append(row["bytes"])
    figures = {row["micro_protocol"]: row for row in rows if "key_ns" in row or "exchange_ns" in row}
    check(sizes.get("default@1") == [64, 1024, 16384], f"the default profile is not measured: {refused}")
    for row in listed:
        name = row["name"]
        if row["unavailable"]:
            check(name in refused, f"{name} is not available, and no reason is told")
        elif name.startswith("create:"):
            check(figures.get(name, {}).get("key_ns", 0) > 0, f"{name} is not measured: {refused.get(name)}")
        elif name.startswith("establish:"):
            figure = figures.get(name)
            check(figure and figure["exchange_ns"] > 0, f"{name} is not measured: {refused.get(name)}")
            check(name == "establish:none" or min(figure["messages"], figure["client_bytes"], figure["server_bytes"]) > 0, f"{figure}")
        else:
            check(sizes.get(name) == [64, 1024, 16384], f"{name} is measured with {sizes.get(name)}: {refused.get(name)}")


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
