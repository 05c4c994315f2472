# SPDX-License-Identifier: Apache-2.0
"""Goal: a module from outside, built out of tree against what was installed, brings a micro-protocol that is like any other one: it
is listed, checked, explained and measured, and two ends protect real traffic with it, if both have the same version."""
import json
import os
import shutil

from building import example, flags, loader, makers, odd, run_loader
from datagram_support import DRAIN, Echo, Program
from destination import build, call, declared, destination, options
from support import (ALERT, Middle, Record, Rule, Scene, Service, Skip, bound, case, check, connect, contains, echo, environment,
                     expect_reset, main, receive, run)

STACK = "anti-replay:sequence | padding:to-256 | encrypt:aes-256-gcm"
CONFIGURATION = """seccomm: 1
sessions:
  s:
    role: client
    listen: tcp:127.0.0.1:0
    connect: tcp:127.0.0.1:9
    identity: web1
    peers: [db1]
    stack:
      - anti-replay: sequence
      - padding: {word}
      - encrypt: aes-256-gcm
    keys:
      data: {{establish: dh, protect: [sign: ed25519]}}
"""


def rows(*modules):
    named = [part for module in modules for part in ("--module", module)]
    return {row["name"]: row for row in json.loads(run("list", "micro-protocols", "--json", *named, status=0)[1])}


@case("list shows its micro-protocols behind the library's own, and where they are from")
def listed():
    before, after = rows(), rows(example())
    check(list(after)[:len(before)] == list(before), "the library's own are not what they were")
    check(list(after)[len(before):] == ["padding:to-64", "padding:to-256", "padding:to-1024"], f"{list(after)}")
    check(all(row["module"] is None for row in before.values()), "one of the library's own is of a module")
    row = after["padding:to-256"]
    check(row["module"] == {"name": "padding", "version": "1.0", "file": example()}, f"{row}")
    check(row["gives"] == "" and row["unavailable"] is None, f"{row}")
    _, out, _ = run("list", "micro-protocols", "--module", example(), status=0)
    contains(out, r"\npadding:to-256 [^\n]*gives nothing; of module padding 1\.0\n")


@case("explain prints its manual, by any name")
def explained():
    for name in ("padding:to-256", "to-256"):
        _, out, _ = run("explain", name, "--module", example(), status=0)
        contains(out, r"of module +padding 1\.0, /", "packed body \\|\\| 0x80", r"padding: to-256\n")
    run("explain", "padding:to-256", status=2)


@case("check takes a configuration with it, and refuses one that uses it wrongly, with what it knows")
def checked():
    with Scene() as scene:
        file = scene.write("c.yaml", CONFIGURATION.format(word="to-256"))
        contains(run("check", "--strict", file, "--module", example(), status=0)[1], "no mistake found")
        contains(run("check", file, status=2)[2], "SC010.*unknown layer 'padding'")
        wrong = scene.write("w.yaml", CONFIGURATION.format(word="to-25"))
        contains(run("check", wrong, "--module", example(), status=2)[2], "SC011.*'to-25'.*to-256")
        wrong = scene.write("p.yaml", CONFIGURATION.format(word="{algorithm: to-64, size: 3}"))
        contains(run("check", wrong, "--module", example(), status=2)[2], "SC012.*'padding:to-64' has no parameter 'size'")


@case("name and version are in the configuration text and digest of what uses it, and of nothing else")
def digest():
    def of(text, module):
        file = scene.write("c.yaml", text)
        session = json.loads(run("explain", file, "--json", "--module", module, status=0)[1])[0]
        return session["configuration-text"], session["configuration-digest"]

    with Scene() as scene:
        used, plain = CONFIGURATION.format(word="to-256"), CONFIGURATION.replace("      - padding: {word}\n", "").format()
        first, second = of(used, example()), of(used, example("1.1"))
        contains(first[0], r"\nlayer 2 padding:to-256/1@padding/1\.0 direction=both\n")
        contains(second[0], r"\nlayer 2 padding:to-256/1@padding/1\.1 direction=both\n")
        check(first[1] != second[1], "two versions have one digest")
        file = scene.write("c.yaml", plain)
        without = json.loads(run("explain", file, "--json", status=0)[1])[0]
        check(of(plain, example()) == (without["configuration-text"], without["configuration-digest"]), "a module that is not used is in the digest")


@case("bench --all measures it")
def measured():
    _, out, _ = run("bench", "--all", "--time", "1ms", "--json", "--module", example(), status=0, seconds=100)
    found = [row for row in json.loads(out) if row["stack"] == "padding:to-1024"]
    check([row.get("bytes") for row in found] == [64, 1024, 16384], f"{found}")
    check(found[0]["added"] >= 1024 - 64, f"{found[0]}")


def carried(s, recorded, size):
    """How many bytes a message of SIZE is on the wire."""
    before = len(recorded.bytes)
    s.sendall(bytes(size))
    check(receive(s, size) == bytes(size), "the echo differs")
    return len(recorded.bytes) - before


@case("two ends protect real traffic with it, and who sees the wire does not see how long messages are")
def traffic():
    with Scene() as scene:
        scene.hosts()
        more = ("--stack", STACK, "--module", example())
        recorded = Record()
        server, wire = scene.server(Service(scene, echo).url, *more)
        client, url = scene.client(Middle(scene, wire, lambda number: (recorded, Rule())).url, *more)
        for process in (server, client):
            process.wait_line("event=module", "name=padding", "version=1.0", "file=" + example())
        with connect(url) as s:
            carried(s, recorded, 1)
            sizes = {size: carried(s, recorded, size) for size in (1, 100, 240, 256, 1000)}
        check(sizes[1] == sizes[100] == sizes[240] < sizes[256], f"bytes on the wire: {sizes}")
        check(sizes[256] - sizes[1] == 256 and sizes[1000] - sizes[1] == 768, f"bytes on the wire: {sizes}")
        for process in (server, client):
            process.wait_line("event=opened")


@case("over datagrams, too")
def datagrams():
    with Scene() as scene:
        scene.hosts()
        more = ("--stack", STACK.replace("sequence", "window"), "--module", example(), *DRAIN)
        service = Echo(scene)
        _, wire = scene.server(service.url, *more, listen="udp:127.0.0.1:0")
        _, url = scene.client(wire, *more, listen="udp:127.0.0.1:0")
        program = Program(scene, url)
        for size in (0, 1, 255, 256, 1000):
            check(program.ask(bytes(size)) == bytes(size), f"{size} bytes did not come back")


@case("under the exchange of a key")
def exchange():
    with Scene() as scene:
        scene.hosts()
        ends = {}
        target = Service(scene, echo).url
        for role, home, identity, peer in (("server", scene.server_home, "db1", "web1"), ("client", scene.client_home, "web1", "db1")):
            text = CONFIGURATION.format(word="to-64").replace("role: client", "role: " + role).replace("tcp:127.0.0.1:9", target)
            text = text.replace("identity: web1", "identity: " + identity).replace("[db1]", f"[{peer}]")
            text = text.replace("[sign: ed25519]", "[padding: to-1024, sign: ed25519]")
            file = scene.write(role + ".yaml", text)
            ends[role] = scene.start("run", "-c", file, "--home", home, "--no-control", "--module", example())
            target = bound(ends[role])
        with connect(target) as s:
            s.sendall(b"hello")
            check(receive(s, 5) == b"hello", "no echo")


@case("two ends with different versions say so and do not open")
def versions():
    with Scene() as scene:
        scene.hosts()
        server, wire = scene.server(Service(scene, echo).url, "--stack", STACK, "--module", example())
        client, url = scene.client(wire, "--stack", STACK, "--module", example("1.1"))
        expect_reset(url, b"hello")
        for process, ours, theirs in ((server, "1.0", "1.1"), (client, "1.1", "1.0")):
            process.wait_line(ALERT, "SA-023", f"the peer's layer 2 is padding:to-256/1@padding/{theirs}", f"ours is padding:to-256/1@padding/{ours}")


# ---- Makers of keys -----------------------------------------------------------------------------------------------------

AGREED = """seccomm: 1
sessions:
  s:
    role: {role}
    listen: {listen}
    connect: {connect}
    identity: {identity}
    peers: [{peer}]
    stack:
      - anti-replay: {replay}
      - encrypt: aes-256-gcm
    keys:
      data: {{establish: {establish}, create: {create}, protect: [sign: ed25519]}}
"""


def agreed(scene, module, role="client", establish="agreed", create="drawn", link="tcp", to="tcp:127.0.0.1:9"):
    identity, peer = (scene.server_name, scene.client_name) if role == "server" else (scene.client_name, scene.server_name)
    text = AGREED.format(role=role, identity=identity, peer=peer, establish=establish, create=create, connect=to,
                         listen=f"{link}:127.0.0.1:0", replay="sequence" if link == "tcp" else "window")
    return [scene.write(role + ".yaml", text), "--module", module]


def pair(scene, target, server, client, **ways):
    """Both ends, each with its module, or with its module and what is different there."""
    ends = []
    for role, home, end in (("server", scene.server_home, server), ("client", scene.client_home, client)):
        module, *more = end if isinstance(end, tuple) else (end,)
        ends.append(scene.start("run", "-c", *agreed(scene, module, role=role, to=target, **ways, **dict(*more)), "--home", home,
                                "--control", scene.path("ctl", role + ".sock")))
        target = bound(ends[-1])
    return *ends, target


@case("a creation and an establishment of keys are listed, explained and checked like any others")
def makers_shown():
    after = rows(makers())
    check(list(after)[-2:] == ["create:drawn", "establish:agreed"], f"{list(after)[-3:]}")
    check(all(after[name]["module"]["name"] == "makers" for name in ("create:drawn", "establish:agreed")), "of another module")
    contains(run("explain", "establish:agreed", "--module", makers(), status=0)[1], r"of module +makers 1\.0, /", "public value \\(32\\)")
    with Scene() as scene:
        scene.hosts()
        contains(run("check", "--strict", *agreed(scene, makers()), status=0)[1], "no mistake found")
        contains(run("check", *agreed(scene, makers(), create="dawn"), status=2)[2], "SC011.*'dawn'.*drawn")
        contains(run("check", *agreed(scene, makers(), establish="agree"), status=2)[2], "SC011.*'agree'.*agreed")
        text = json.loads(run("explain", *agreed(scene, makers()), "--json", status=0)[1])[0]["configuration-text"]
        contains(text, r"\nkey 1 establish:agreed/1@makers/1\.0\nkey 1 create create:drawn/1@makers/1\.0\nkey 1 protect 1 sign")
        text = json.loads(run("explain", *agreed(scene, makers(), create="random"), "--json", status=0)[1])[0]["configuration-text"]
        check("create" not in text, f"the library's own creation is in {text}")


@case("two ends agree on keys with them, and on new ones, over streams and datagrams")
def makers_work():
    for link, service in (("tcp", lambda scene: Service(scene, echo)), ("udp", Echo)):
        with Scene() as scene:
            scene.hosts()
            server, client, url = pair(scene, service(scene).url, makers(), makers(), link=link)
            if link == "udp":
                check(Program(scene, url).ask(b"hello") == b"hello", "no echo")
            else:
                with connect(url) as s:
                    for _ in range(2):
                        s.sendall(b"hello")
                        check(receive(s, 5) == b"hello", "no echo")
                        run("rekey", "--control", scene.path("ctl", "client.sock"), status=0)
                        client.wait_line("event=renewed")
            for process in (server, client):
                process.wait_line("event=opened")


@case("two ends with different versions of them do not open, also if only the creation is the module's, or only one end has it")
def makers_versions():
    for client, ways, theirs in ((makers("1.1"), {"create": "random"}, r"the peer's key 1 is establish:agreed/1@makers/1\.1"),
                                 (makers("1.1"), {"establish": "dh"}, r"the peer's key 1 create is create:drawn/1@makers/1\.1"),
                                 ((makers(), {"create": "random"}), {}, r"this end has key 1 create \(create:drawn/1@makers/1\.0\), the peer has none")):
        with Scene() as scene:
            scene.hosts()
            server, _, url = pair(scene, Service(scene, echo).url, makers(), client, **ways)
            expect_reset(url, b"hello")
            server.wait_line(ALERT, "SA-023", theirs)


@case("a reload reads the configuration again, with the modules of the start")
def reloaded():
    with Scene() as scene:
        scene.hosts()
        module = shutil.copy(example(), scene.path("m.so"))
        file, control = scene.write("c.yaml", CONFIGURATION.format(word="to-256")), scene.path("c.sock")
        process = scene.start("run", "-c", file, "--home", scene.client_home, "--control", control, "--module", module)
        bound(process)
        shutil.copy(example("1.1"), scene.path("new.so"))
        os.replace(scene.path("new.so"), module)
        contains(run("reload", "--control", control, status=0)[1], r"\bs\b.*none")
        scene.write("c.yaml", CONFIGURATION.format(word="to-64"))
        contains(run("reload", "--control", control, status=0)[1], r"\bs\b.*changed")
        scene.write("c.yaml", CONFIGURATION.format(word="to-99"))
        _, out, error = run("reload", "--control", control, status=1)
        contains(out + error, "SC011|to-99")


@case("--print-config says that a module is not in it")
def printed():
    with Scene() as scene:
        scene.hosts()
        _, out, error = run("client", "--listen", "tcp:127.0.0.1:0", "--connect", "tcp:127.0.0.1:9", "--home", scene.client_home, "--peer", "db1",
                            "--stack", STACK, "--module", example(), "--print-config", status=0)
        contains(out, "padding:to-256")
        contains(error, "--module is not part of the configuration", "run -c FILE --module")


@case("the laws hold for it")
def laws():
    env = environment() | {"LAWS_MODULE": example(), "CMOCKA_MESSAGE_OUTPUT": "TAP"}
    for law, first in (("wire", "tables_alone"), ("inside", "pop_is_the_mirror_of_push")):
        out = call(os.path.join(build(), "tests", "laws", "law_" + law), "padding:to-64", told=True, env=env)
        contains(out, rf"\nok 1 - {first}\b")


# ---- Applications of the library ---------------------------------------------------------------------------------------


def has(kind):
    if options()["default_library"] not in (kind, "both"):
        raise Skip(f"this build makes no {kind} library")


@case("an application of the installed library loads it; a second module is another one, also after the first library is gone")
def application():
    has("shared")
    other = odd('MODULE=.name="other"', 'TABLE=.cactus.name="odd:two",.word="two"', name="other")
    with Scene() as scene:
        out = loader(scene.path("loader"), *flags("--libs"))
        contains(run_loader(out, "padding:to-64 | encrypt:aes-256-gcm", example()), r"layer 1 padding:to-64/1@padding/1\.0 ")
        both = run_loader(out, "odd:one | odd:two | encrypt:aes-256-gcm", odd(), other)
        contains(both, r"odd:one/1@odd/1\.0 .*odd:two/1@other/1\.0 ")
        contains(run_loader(out, "odd:two | encrypt:aes-256-gcm", odd(), "+", example(), "+", other), r"odd:two/1@other/1\.0 ")
        contains(run_loader(out, "odd:one", odd(), "+", status=1), "unknown layer 'odd'")


@case("a program with the static library must have all of it, and is told so")
def static():
    has("static")
    libraries = [f for f in flags("--static", "--libs") if f != "-lseccomm"]
    stack = "padding:to-64 | encrypt:aes-256-gcm"
    with Scene() as scene:
        where = "-L" + destination().path("libdir")
        bare = loader(scene.path("bare"), where, "-l:libseccomm.a", *libraries)
        contains(run_loader(bare, stack, example(), status=1), "cannot be loaded: undefined symbol: (cactus|seccomm)_", "-rdynamic")
        whole = loader(scene.path("whole"), where, "-rdynamic", "-Wl,--whole-archive", "-l:libseccomm.a", "-Wl,--no-whole-archive", *libraries)
        contains(run_loader(whole, stack, example()), r"padding:to-64/1@padding/1\.0 ")


@case("the installed program runs it, and has every public function for modules to use")
def exported():
    listed = call("nm", "-D", "--defined-only", "--format=posix", destination().path("bindir", "seccomm"))
    names = {line.split()[0] for line in listed.splitlines()}
    missing = declared() - names
    check(not missing, f"not there: {sorted(missing)}")
    contains(call(destination().path("bindir", "seccomm"), "explain", "padding:to-64", "--module", example()), "padding 1.0")


main()
