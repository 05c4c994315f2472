# SPDX-License-Identifier: Apache-2.0
"""Goal: what a newcomer does works as printed: keys and peers by the very commands the program prints, then server and client
from flags, over TCP and UNIX sockets, with several kinds of protection; and every answer in JSON is JSON."""
import json
import os
import re
import shlex
import shutil
import stat
import subprocess

from support import (Scene, Service, bound, case, check, connect, contains, echo, environment, main, noise, program,
                     receive, run)

DATA = noise("two hosts", 200000)
COMMANDS = ("demo", "client", "server", "run", "bench", "status", "reload", "rekey", "drain", "alerts", "trace", "check", "explain",
            "diff", "graph", "schema", "list", "key gen", "key show", "peer add", "peer list", "peer remove", "complete")


def ping(url, data=DATA):
    import threading
    with connect(url) as s:
        sender = threading.Thread(target=s.sendall, args=(data,))
        sender.start()
        got = receive(s, len(data))
        sender.join()
        check(got == data, "the echo differs")


def same_config(scene, *more):
    with_echo = Service(scene, echo)
    server, client, url = scene.tunnel(with_echo.url, *more)
    ping(url)
    return server, client


@case("keys and peers by the commands as they are printed, then traffic")
def as_printed():
    with Scene() as scene:
        homes = {name: scene.path("home-" + name) for name in ("db1", "web1")}
        os.makedirs(scene.path("bin"))
        os.symlink(program(), scene.path("bin", "seccomm"))
        commands = {}
        for name, home in homes.items():
            _, out, error = run("key", "gen", name, "--home", home, status=0)
            found = re.search(r"seccomm (?:--home \S+ )?peer add \S+ sck1\S+.*", out + error)
            check(found, f"key gen prints no command for the other host:\n{out}{error}")
            commands[name] = found.group().strip()
            check(name in commands[name], f"the name is not in: {commands[name]}")
            files = [os.path.join(d, f) for d, _, fs in os.walk(home) for f in fs if "lock" not in f]
            private = [f for f in files if "scs1" in open(f).read()]
            check(private, "no private key was written")
            for f in private:
                check(stat.S_IMODE(os.stat(f).st_mode) == 0o600, f"{f} is not 0600")
        for name, other in (("db1", "web1"), ("web1", "db1")):
            env = environment()
            env["PATH"] = scene.path("bin") + ":" + env["PATH"]
            env["SECCOMM_HOME"] = homes[other]
            words = [w for w in shlex.split(commands[name])]
            if "--home" in words:  # printed with the home of the host that made it
                del words[words.index("--home"):words.index("--home") + 2]
            done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=30)
            check(done.returncode == 0, f"'{commands[name]}' ended with {done.returncode}: {done.stderr}")
        scene.client_home, scene.server_home = homes["web1"], homes["db1"]
        scene.client_name, scene.server_name = "web1", "db1"
        same_config(scene)
        _, shown, _ = run("key", "show", "db1", "--home", homes["db1"], status=0)
        key = re.search(r"sck1[a-z0-9]+", commands["db1"]).group()
        contains(shown, key, r"SHA256:[A-Za-z0-9+/]{43}")
        _, peers, _ = run("peer", "list", "--home", homes["web1"], status=0)
        contains(peers, "db1", "SHA256:|" + key)


@case("UNIX sockets at every place")
def unix_sockets():
    with Scene() as scene:
        scene.hosts()
        service = Service(scene, echo, path=scene.path("service.sock"))
        server, wire = scene.server(service.url, listen="unix:" + scene.path("wire.sock"))
        check(wire == "unix:" + scene.path("wire.sock"), wire)
        client, url = scene.client(wire, listen="unix:" + scene.path("near.sock"))
        ping(url)
        for p in (client, server):
            p.stop()
        check(not os.path.exists(scene.path("wire.sock")) and not os.path.exists(scene.path("near.sock")),
              "a socket's file was left behind")


@case("IPv6 loopback, and a host name")
def other_addresses():
    with Scene() as scene:
        scene.hosts()
        service = Service(scene, echo)
        server, wire = scene.server(service.url.replace("127.0.0.1", "localhost"), listen="tcp:[::1]:0")
        contains(wire, r"^tcp:\[::1\]:[1-9]\d*$")
        client, url = scene.client(wire, listen="tcp:localhost:0")
        ping(url)


@case("a pre-shared secret")
def pre_shared():
    with Scene() as scene:
        scene.hosts()
        run("key", "gen", "shared", "--algorithm", "psk", "--home", scene.client_home, status=0)
        made = [os.path.join(d, f) for d, _, fs in os.walk(scene.client_home) for f in fs if f.endswith(".psk")]
        check(len(made) == 1, f"{made}")
        target = made[0].replace(scene.client_home, scene.server_home)
        with open(made[0]) as source, open(os.open(target, os.O_CREAT | os.O_WRONLY, 0o600), "w") as copy:
            copy.write(source.read())
        same_config(scene, "--psk", "shared")


HOLDERS = """seccomm: 1
sessions:
  s:
    role: {role}
    listen: "{listen}"
    connect: "{connect}"
"""
TWO_SECRETS = HOLDERS + """    stack:
      - anti-replay: sequence
      - encrypt: {{algorithm: aes-256-gcm, key: second}}
      - mac: {{algorithm: hmac-sha-256, key: first}}
    keys:
      first: {{establish: psk, secret: one}}
      second: {{establish: psk, secret: two, rekey: 10m}}
"""
NO_EXCHANGE = HOLDERS + """    require: {{freshness: none, peer-authenticity: none}}
    stack: [anti-replay: sequence, encrypt: aes-256-gcm]
    keys: {{data: {{establish: none, secret: one}}}}
"""


def holders(scene, form, *secrets):
    """Two ends that share SECRETS and have no identities: the client's home and its file."""
    homes = [scene.path("home-a"), scene.path("home-b")]
    for secret in secrets:
        run("key", "gen", secret, "--algorithm", "psk", "--home", homes[0], status=0)
    shutil.copytree(*homes)
    service = Service(scene, echo)
    file = scene.write("server.yaml", form.format(role="server", listen="tcp:127.0.0.1:0", connect=service.url))
    server = scene.start("run", "-c", file, "--home", homes[0])
    file = scene.write("client.yaml", form.format(role="client", listen="tcp:127.0.0.1:0", connect=bound(server)))
    client = scene.start("run", "-c", file, "--home", homes[1])
    ping(bound(client))
    return homes[1], file


@case("two keys from two pre-shared secrets, and no identities")
def two_secrets():
    with Scene() as scene:
        home, file = holders(scene, TWO_SECRETS, "one", "two")
        os.remove(os.path.join(home, "keys", "two.psk"))
        _, _, error = run("run", "-c", file, "--home", home, status=2)
        contains(error, "no pre-shared secret 'two'", "seccomm key gen two --algorithm psk")


@case("a secret and no exchange")
def no_exchange():
    with Scene() as scene:
        holders(scene, NO_EXCHANGE, "one")


def rsa(scene, name, home, algorithm="rsa-3072"):
    """NAME's further keys, of RSA, as their public part is shown."""
    _, told, error = run("key", "gen", name, "--algorithm", algorithm, "--home", home, status=0)
    _, out, _ = run("key", "show", name, "--home", home, status=0)
    word = re.search(r"sck1[a-z0-9]+", out).group()
    contains(told + error, rf"\n  seccomm peer add {name} {word} --pem {name}\.pem\n")
    check("…" not in told, f"the next command is not complete:\n{told}")
    pem = re.search(r"-----BEGIN [A-Z-]* ?PUBLIC KEY-----.*-----END [A-Z-]* ?PUBLIC KEY-----\n?", out, re.S)
    check(pem, f"key show prints no RSA key:\n{out}")
    return scene.write(name + ".pem", pem.group() + "\n")


@case("an RSA key without a principal: told how to make that first")
def rsa_alone():
    with Scene() as scene:
        _, out, error = run("key", "gen", "lonely", "--algorithm", "rsa-3072", "--home", scene.path("none"), status=2)
        check(not out, out)
        contains(error, r"seccomm key gen lonely\n")


@case("per-message signatures with rsa-pss")
def rsa_pss():
    with Scene() as scene:
        scene.client_home, client_key = scene.home("web1")
        scene.server_home, server_key = scene.home("db1")
        scene.client_name, scene.server_name = "web1", "db1"
        client_pem = rsa(scene, "web1", scene.client_home)
        server_pem = rsa(scene, "db1", scene.server_home)
        run("peer", "add", "db1", server_key, "--pem", server_pem, "--home", scene.client_home, status=0)
        run("peer", "add", "web1", client_key, "--pem", client_pem, "--home", scene.server_home, status=0)
        same_config(scene, "--stack", "anti-replay:sequence | sign:rsa-pss | encrypt:aes-256-gcm")


@case("messages and a key sealed to RSA keys, each for its purpose")
def sealed():
    with Scene() as scene:
        scene.client_home, client_key = scene.home("web1")
        scene.server_home, server_key = scene.home("db1")
        scene.client_name, scene.server_name = "web1", "db1"
        client_pem = rsa(scene, "web1", scene.client_home, "rsa-oaep-3072")
        rsa(scene, "db1", scene.server_home, "rsa-oaep-3072")
        server_pem = rsa(scene, "db1", scene.server_home, "rsa-kem-3072")
        run("peer", "add", "db1", server_key, "--pem", server_pem, "--home", scene.client_home, status=0)
        run("peer", "add", "web1", client_key, "--pem", client_pem, "--home", scene.server_home, status=0)
        same_config(scene, "--stack", "anti-replay:sequence | encrypt:rsa | sign:ed25519", "--key", "kem,protect=sign:ed25519")
        same_config(scene, "--stack", "anti-replay:sequence | encrypt:rsa | sign:ed25519")


@case("a different protection in each direction")
def per_direction():
    with Scene() as scene:
        same_config(scene, "--stack", "anti-replay:sequence | sign:ed25519,direction=c2s | mac:hmac-sha-256,direction=s2c | "
                    "encrypt:chacha20-poly1305,direction=c2s | encrypt:aes-256-gcm,direction=s2c")


@case("a clock in place of a sequence")
def timestamps():
    with Scene() as scene:
        same_config(scene, "--stack", "anti-replay:timestamp | encrypt:aes-256-gcm")


LAB = """seccomm: 1
sessions:
  old:
    role: {role}
    listen: "{listen}"
    connect: "{connect}"
    identity: {identity}
    peers: [{peer}]
    {require}
    stack:
      - anti-replay: sequence
      - encrypt: des-cbc
      - mac: hmac-sha-256
"""


@case("the paper's des-cbc: refused without lab, run with it on loopback")
def historic():
    with Scene() as scene:
        scene.hosts()
        service = Service(scene, echo)

        def config(role, listen, target, require="profile: lab"):
            mine, peer = ("web1", "db1") if role == "client" else ("db1", "web1")
            return scene.write(role + ".yaml", LAB.format(role=role, listen=listen, connect=target, identity=mine, peer=peer,
                                                          require=require))
        strict = config("server", "tcp:127.0.0.1:0", service.url, "require: {confidentiality: modern}")
        status, out, error = run("check", strict, "--home", scene.server_home)
        check(status == 2, f"des-cbc passed as modern:\n{out}{error}")
        contains(out + error, "des-cbc", "historic|broken|lab")
        server = scene.start("run", "-c", config("server", "tcp:127.0.0.1:0", service.url), "--home", scene.server_home)
        client = scene.start("run", "-c", config("client", "tcp:127.0.0.1:0", bound(server)), "--home", scene.client_home)
        ping(bound(client))
        status, out, error = run("check", config("server", "tcp::7443", service.url), "--home", scene.server_home)
        check(status == 2, "lab passed on every address of the machine")
        contains(out + error, "lab", "SC020", "127.0.0.1")


@case("--print-config prints what check accepts, explain explains and run runs")
def printed():
    with Scene() as scene:
        scene.hosts()
        service = Service(scene, echo)
        files = {}
        _, out, _ = run("server", "--listen", "tcp:127.0.0.1:0", "--connect", service.url, "--identity", "db1", "--peer", "web1",
                        "--home", scene.server_home, "--print-config", status=0)
        files["server"] = scene.write("server.yaml", out)
        run("check", files["server"], "--home", scene.server_home, status=0)
        _, told, _ = run("explain", files["server"], "--home", scene.server_home, status=0)
        contains(told, "aes-256-gcm", "ed25519", "c2s|client", "forward")
        server = scene.start("run", "-c", files["server"], "--home", scene.server_home)
        _, out, _ = run("client", "--listen", "tcp:127.0.0.1:0", "--connect", bound(server), "--identity", "web1", "--peer", "db1",
                        "--home", scene.client_home, "--stack", "anti-replay:sequence | encrypt:aes-256-gcm", "--print-config",
                        status=0)
        client = scene.start("run", "-c", scene.write("client.yaml", out), "--home", scene.client_home)
        # The profile and the same stack written out are the same configuration.
        ping(bound(client))


@case("several sessions of one file")
def sessions():
    with Scene() as scene:
        scene.hosts()
        service = Service(scene, echo)
        one = ("{{role: server, listen: 'unix:{0}', connect: '{1}', identity: db1, peers: [web1], profile: default@1}}")
        text = "seccomm: 1\nsessions:\n" + "".join(
            f"  s{i}: {one.format(scene.path(f'w{i}'), service.url)}\n" for i in range(3))
        server = scene.start("run", "-c", scene.write("many.yaml", text), "--home", scene.server_home)
        for i in range(3):
            server.wait_line("event=listening", f"w{i}")
        for i in range(3):
            client, url = scene.client("unix:" + scene.path(f"w{i}"))
            ping(url, b"hello")


@case("answers in JSON are JSON")
def in_json():
    with Scene() as scene:
        scene.hosts()
        home = ["--home", scene.client_home, "--json"]
        good = scene.write("good.yaml", "seccomm: 1\nsessions:\n  a: {role: client, listen: 'tcp:127.0.0.1:0', connect: "
                           "'tcp:127.0.0.1:9', identity: web1, peers: [db1], profile: default@1}\n")
        bad = scene.write("bad.yaml", "seccomm: 1\nsessions:\n  a: {rle: client}\n")
        for kind in ("micro-protocols", "algorithms", "transports", "profiles", "alerts", "rules", "laws"):
            _, out, _ = run("list", kind, *home, status=0)
            check(len(json.loads(out)) > 0, f"list {kind}: empty")
            _, text, _ = run("list", kind, "--home", scene.client_home, status=0)
            check(text.strip(), f"list {kind}: nothing printed")
        contains(run("list", "micro-protocols", *home)[1], "aes-256-gcm|encrypt", "anti-replay")
        json.loads(run("check", good, *home, status=0)[1])
        _, out, _ = run("check", bad, *home, status=2)
        contains(json.dumps(json.loads(out)), "SC002", '"line": 3', "role")
        for what in (good, "default@1", "encrypt:aes-256-gcm", "SA-002", "SC002", "SC703"):
            json.loads(run("explain", what, *home, status=0)[1])
        json.loads(run("peer", "list", *home, status=0)[1])
        _, out, _ = run("key", "show", "web1", *home, status=0)
        contains(json.dumps(json.loads(out)), scene.client_key)
        json.loads(run("key", "gen", "third", *home, status=0)[1])


@case("--help of every command, --version")
def helps():
    _, out, _ = run("--version", status=0)
    contains(out, r"^seccomm \d+\.\d+\.\d+\n$")
    _, out, _ = run("--help", status=0)
    for command in COMMANDS:
        contains(out, rf"\b{command}\b")
        _, text, _ = run(*command.split(), "--help", status=0)
        contains(text, f"Usage: seccomm {command}", "--home")
        answers = command not in ("demo", "client", "server", "run", "complete")
        check(("--json" in text) == answers, f"{command}: --json in\n{text}")
    status, out, error = run()
    check(status != 0, "no command at all is no success")
    contains(out + error, "Usage")


main(parallel=3)
