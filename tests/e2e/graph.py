# SPDX-License-Identifier: Apache-2.0
"""Goal: `graph` draws what the tables say: every micro-protocol once, every tie as an edge, and of a session which layer meets which
need, in each direction; what it writes is XML, and nothing in the picture stands on something else."""
import itertools
import json
import os
import re
import subprocess
import xml.etree.ElementTree as ElementTree

from support import Scene, case, check, contains, environment, find, main, run

CONF = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "conf")
CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "check", "cases")
SVG = "{http://www.w3.org/2000/svg}"
FRAME = """seccomm: 1
sessions:
  {name}: {{role: client, listen: 'tcp:127.0.0.1:1', connect: 'tcp:127.0.0.1:2', identity: a, peers: [b],
    stack: [{stack}]}}
"""


def graph(*arguments, status=0):
    return json.loads(run("graph", *arguments, "--json", status=status)[1])


def named(g, edge):
    return g["nodes"][edge["from"]]["name"], g["nodes"][edge["to"]]["name"]


def met(g):
    """{(needer, met by)}, those that are not met with '!' in front."""
    return {("!" if edge["unmet"] else "") + " -> ".join(named(g, edge)) for edge in g["edges"]}


@case("every micro-protocol once, in the frame of its class")
def nodes():
    g = graph()
    listed = {row["name"]: (row["class"], row["standing"], row["unavailable"] is None)
              for row in json.loads(run("list", "micro-protocols", "--json", status=0)[1])}
    drawn = [node for node in g["nodes"] if node["kind"] == "micro-protocol"]
    check(len(drawn) == len(listed), f"{len(drawn)} drawn, {len(listed)} listed")
    for node in drawn:
        check(listed[node["name"]] == (node["group"], node["standing"], node["available"]), node)
        check(node["standing"] in node["note"], node)


@case("what this machine does not have is grey, and says so")
def absent():
    with Scene() as scene:
        without = environment() | {"OPENSSL_MODULES": scene.folder}
        g = json.loads(run("graph", "--json", status=0, env=without)[1])
        missing = [node["name"] for node in g["nodes"] if not node["available"]]
        check("encrypt:des-cbc" in missing and "encrypt:aes-256-gcm" not in missing, missing)
        text = run("graph", status=0, env=without)[1]
        look(text, g)
        check(text.count("not available</tspan>") == len(missing), "the word")
        check(run("graph", "--dot", status=0, env=without)[1].count("fillcolor") == len(missing), "DOT")


# ---- The picture -----------------------------------------------------------------------------------------------------------


def box(rect):
    return tuple(float(rect.get(name)) for name in ("x", "y", "width", "height"))


def apart(a, b):
    return a[0] + a[2] <= b[0] or b[0] + b[2] <= a[0] or a[1] + a[3] <= b[1] or b[1] + b[3] <= a[1]


def inside(a, b):
    return b[0] <= a[0] and b[1] <= a[1] and a[0] + a[2] <= b[0] + b[2] and a[1] + a[3] <= b[1] + b[3]


def straight(path):
    """The lines that 'MxyHxVy...' is made of, as flat boxes; of a curve its ends."""
    words = re.findall(r"[MHVC]|-?\d+", path)
    x, y = int(words[1]), int(words[2])
    if words[3] == "C":
        return [(x, y, 0, 0), (int(words[-2]), int(words[-1]), 0, 0)]
    lines = []
    for letter, number in zip(words[3::2], words[4::2]):
        to = (int(number), y) if letter == "H" else (x, int(number))
        lines.append((min(x, to[0]), min(y, to[1]), abs(to[0] - x), abs(to[1] - y)))
        x, y = to
    return lines


def touches(point, rect):
    return rect[0] - 1 <= point[0] <= rect[0] + rect[2] + 1 and rect[1] <= point[1] <= rect[1] + rect[3]


def look(text, g):
    """The picture TEXT shows graph G, and nothing of it stands on something else."""
    root = ElementTree.fromstring(text)
    check(root.tag == SVG + "svg" and root.find(SVG + "title").text and root.find(SVG + "desc").text, "no title or description")
    whole = (0, 0, float(root.get("width")), float(root.get("height")))
    groups = [box(e.find(SVG + "rect")) for e in root.iter(SVG + "g") if e.get("class") == "group"]
    drawn = {e.get("id"): e for e in root.iter(SVG + "g") if (e.get("class") or "").startswith("node ")}
    check(list(drawn) == [f"n{i}" for i in range(len(g["nodes"]))], f"nodes {list(drawn)}")
    boxes = {name: box(e.find(SVG + "rect")) for name, e in drawn.items()}
    for node, (name, element) in zip(g["nodes"], drawn.items()):
        label = "".join(element.find(SVG + "text").itertext())
        check(label == node["name"] + node["note"], f"{label!r} is {node}")
        check(node["available"] != ("absent" in element.get("class")), node)
        check(len(label) * 6.5 + 10 < boxes[name][2], f"{label!r} is wider than its box")
        frames = sum(inside(boxes[name], frame) for frame in groups)
        check(inside(boxes[name], whole) and frames == (node["kind"] != "capability"), f"{name} is in {frames} frames")
    for (a, one), (b, other) in itertools.combinations(boxes.items(), 2):
        check(apart(one, other), f"{a} and {b} overlap")
    for one, other in itertools.combinations(groups, 2):
        check(apart(one, other), "two frames overlap")
    lines = [e for e in root.iter(SVG + "g") if e.get("data-from")]
    check([(e.get("data-from"), e.get("data-to")) for e in lines] == [(f"n{e['from']}", f"n{e['to']}") for e in g["edges"]], "edges")
    for e in lines:
        ends, parts = (e.get("data-from"), e.get("data-to")), straight(e.find(SVG + "path").get("d"))
        first = e.find(SVG + "path").get("d")
        x, y = map(int, re.match(r"M(-?\d+) (-?\d+)", first).groups())
        check(touches((x, y), boxes[ends[0]]), f"{ends} does not begin at its node: {first}")
        check(any(touches(p, boxes[ends[1]]) for p in ((parts[-1][0], parts[-1][1]), (parts[-1][0] + parts[-1][2], parts[-1][1] + parts[-1][3]))),
              f"{ends} does not end at its node: {first}")
        for name, rect in boxes.items():
            check(name in ends or all(apart(part, rect) for part in parts), f"{ends} crosses {name}: {first}")
            check(all(inside(part, whole) for part in parts), f"{ends} leaves the picture")


FILES = [(os.path.join(CONF, name), session) for name in ("default.yaml", "cascade.yaml", "directions.yaml", "paper/figures.yaml",
                                                          "paper/digests.yaml") for session in ("client", "server")]


@case("the picture of the catalogue, and of every configuration in conf/")
def picture():
    look(run("graph", status=0)[1], graph())
    for arguments in FILES:
        look(run("graph", *arguments, status=0)[1], graph(*arguments))


@case("the picture of thirty keys, of refused sessions, and of a name that has a meaning in XML and for Graphviz")
def hard():
    look(run("graph", os.path.join(CASES, "clean-30-keys.yaml"), status=0)[1], graph(os.path.join(CASES, "clean-30-keys.yaml")))
    for name in ("sc103-protect-digest", "sc308-order", "sc103-mac-under-key", "lab-toys"):
        file = os.path.join(CASES, name + ".yaml")
        status = run("graph", file)[0]
        look(run("graph", file, status=status)[1], graph(file, status=status))
    with Scene() as scene:
        file = scene.write("odd.yaml", FRAME.format(name="'<&>\"\\'", stack="anti-replay: sequence, encrypt: aes-256-gcm"))
        look(run("graph", file, status=2)[1], graph(file, status=2))
        contains(run("graph", file, "--dot", status=2)[1], re.escape('label="SecComm: session <&>\\"\\\\"'))


@case("it is the same each time, and --svg is what comes without a form")
def same():
    for arguments in ((), FILES[0], ("--dot",), (*FILES[2], "--dot")):
        check(run("graph", *arguments, status=0)[1] == run("graph", *arguments, status=0)[1], f"{arguments}: two runs differ")
    check(run("graph", "--svg", status=0)[1] == run("graph", status=0)[1], "--svg")


# ---- What meets what -------------------------------------------------------------------------------------------------------


@case("which layer meets which need")
def needs():
    check(met(graph(*FILES[2])) == {"encrypt:aes-256-gcm -> establish:both", "encrypt:xchacha20-poly1305 -> establish:dh",
                                    "encrypt:chacha20-poly1305 -> establish:dh", "establish:dh -> create:random",
                                    "establish:both -> create:random"}, met(graph(*FILES[2])))
    g = graph(os.path.join(CONF, "paper", "digests.yaml"), "client")
    contains("\n".join(sorted(met(g))), "^(?!.*!)", "protect-digest:rsa-pss -> digest:md5", "protect-digest:des-cbc -> digest:hmac-sha-256",
             "digest:md5 -> anti-replay:timestamp")
    check("protect-digest:rsa-pss -> digest:sha-1" not in met(g), "an attribute is the nearest layer's")


@case("each direction has its own layers, and only those meet its needs")
def directions():
    g = graph(os.path.join(CONF, "directions.yaml"), "client")
    by_group = {}
    for node in g["nodes"]:
        by_group.setdefault(node["group"], []).append(node["name"])
    check(by_group["data, c2s"] == ["anti-replay:sequence", "sign:ed25519", "encrypt:chacha20-poly1305"], by_group)
    check(by_group["data, s2c"] == ["anti-replay:sequence", "mac:hmac-sha-256"], by_group)
    inner = [e for e in g["edges"] if e["before"]]
    check(len(inner) == 1 and g["nodes"][inner[0]["to"]]["group"] == "data, s2c" and inner[0]["optional"], inner)


@case("needs that are not met, or by what stands in the wrong place, are marked")
def unmet():
    g = graph(os.path.join(CASES, "sc103-protect-digest.yaml"), status=2)
    check("!protect-digest:ed25519 -> unmet: digest" in met(g), met(g))
    g = graph(os.path.join(CASES, "sc308-order.yaml"), status=2)
    check([edge for edge in met(g) if edge.startswith("!")], met(g))
    g = graph(os.path.join(CASES, "sc103-mac-under-key.yaml"), status=2)
    check([edge for edge in met(g) if edge.startswith("!mac:") and edge.endswith("unmet: key")], met(g))
    with Scene() as scene:
        file = scene.write("key.yaml", FRAME.format(name="s", stack="anti-replay: sequence, encrypt: {algorithm: aes-256-gcm, key: no}"))
        _, out, error = run("graph", file, status=2)
        contains(error, "SC103", "nothing establishes")
        contains(out, "unmet: key")
        check("!encrypt:aes-256-gcm -> unmet: key" in met(graph(file, status=2)), "the missing key")


# ---- Forms, files, mistakes ------------------------------------------------------------------------------------------------

DEFAULT = """digraph seccomm {
  rankdir=LR;
  node [fontname="sans-serif", fontsize=10];
  edge [fontname="sans-serif", fontsize=8];
  label="SecComm: session server";
  subgraph cluster_0 {
    label="data, both ways";
    n0 [label="anti-replay:sequence\\n10, modern", shape=box, color="#2e7d32", style="solid"];
    n1 [label="encrypt:aes-256-gcm\\n20, modern, key data", shape=box, color="#2e7d32", style="solid"];
  }
  subgraph cluster_1 {
    label="keys, established by";
    n2 [label="establish:dh\\nkey data, modern", shape=box, color="#2e7d32", style="solid"];
  }
  subgraph cluster_2 {
    label="keys, created by";
    n3 [label="create:random\\nkey data, modern", shape=box, color="#2e7d32", style="solid"];
  }
  subgraph cluster_3 {
    label="exchange of key data, both ways";
    n4 [label="sign:ed25519\\n10, modern", shape=box, color="#2e7d32", style="solid"];
  }
  n1 -> n2 [label="key"];
  n2 -> n3 [label="key-creation"];
}
"""


@case("DOT: the default configuration as it is written, and Graphviz reads all of it where it is installed")
def dot():
    text = re.sub(', tooltip="[^"]*"', "", run("graph", *FILES[1], "--dot", status=0)[1])
    check(text == DEFAULT, text)
    for arguments in ((), FILES[2], FILES[8]):
        text = run("graph", *arguments, "--dot", status=0)[1]
        g = graph(*arguments)
        check(len(re.findall(r"^    n\d+ \[", text, re.M)) == len(g["nodes"]), "nodes")
        check(len(re.findall(r"^  n\d+ -> n\d+ \[", text, re.M)) == len(g["edges"]), "edges")
        if find("dot"):
            done = subprocess.run(["dot", "-Tplain"], input=text, capture_output=True, text=True, timeout=60)
            check(done.returncode == 0 and not done.stderr, done.stderr)


@case("into a file; several sessions; two forms")
def forms():
    with Scene() as scene:
        out = scene.path("out.svg")
        _, told, _ = run("graph", "-o", out, status=0)
        with open(out) as file:
            check(told == "" and file.read() == run("graph", status=0)[1], "what is in the file")
        _, _, error = run("graph", "-o", scene.path("no", "out.svg"), status=1)
        contains(error, "No such file")
    _, _, error = run("graph", os.path.join(CONF, "default.yaml"), status=2)
    contains(error, "2 sessions", "server", "client")
    _, _, error = run("graph", "--svg", "--dot", status=2)
    contains(error, "exclude each other")


main(parallel=2)
