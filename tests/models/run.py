#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Goal: the models of the protocol (*.pml, doc/models.md) hold in every state that they can reach, and need each of
their rules.

Every proof searches a model in full: no state is left out or merged with another one.  Every twin switches a rule off,
and SPIN must find violated what the rule is there for; the shortest way there is printed.

run.py [MODEL...] looks at these models only."""
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections import namedtuple
from pathlib import Path

HERE = Path(__file__).resolve().parent
SECONDS = 300  # for one program; far more than any needs
SAFETY = ["-O1", "-DSAFETY", "-DNOCLAIM"]  # -O2 takes longer to compile than it saves
SHORTEST = ["-O0", "-DSAFETY", "-DNOCLAIM", "-DBFS"]  # tcc compiles one in a twentieth of the time
FAIR = ["-O1", "-DNFAIR=3"]

Proof = namedtuple("Proof", "model proven defines compiler", defaults=((), SAFETY))
# VIOLATED is the property, STEP a line that must be on the way to it.
Twin = namedtuple("Twin", "model off violated step defines compiler", defaults=("", (), SHORTEST))

PROOFS = [
    Proof("figure7", "with three mends: reflection, replay, lock_out"),
    Proof("opening", "agreement, once, no_lock_out, undisturbed"),
    Proof("opening", "progress, under weak fairness", ("-DFAIR=1",), FAIR),
    Proof("rekey", "receivable, opened, no_skip, two_epochs, agreed"),
    Proof("switch", "in_order, whole, delivered, settled", ("-DEPOCHS=3",)),
    Proof("switch", "the same with the sequence alone", ("-DOFF=COUNTS",)),
    Proof("switch", "the same with the counts alone", ("-DOFF=ONE_SEQUENCE",)),
]

TWINS = [
    Twin("figure7", "AS_PRINTED", "reflection", "reflected to the client", ("-DONLY=REFLECTION",)),
    Twin("figure7", "AS_PRINTED", "replay", "server: installs the key of session 1", ("-DONLY=REPLAY",)),
    Twin("figure7", "AS_PRINTED", "lock_out", "garbage reaches the server", ("-DONLY=LOCK_OUT",)),
    Twin("figure7", "ROLES", "reflection", "reflected to the client"),
    Twin("figure7", "CHALLENGE", "replay", "server: installs the key of session 1"),
    Twin("figure7", "CHECK_FIRST", "lock_out", "garbage reaches the server"),
    Twin("opening", "M2_SIGNED", "agreement", "forged M2"),
    Twin("opening", "M3_SIGNED", "agreement", "a forged M3"),
    Twin("opening", "NONCE_C", "agreement", "in answer to OPEN 0"),
    Twin("opening", "NONCE_S", "agreement", "server: session 2 is open"),
    Twin("opening", "KEYS_APART", "agreement", "reflected to the client"),
    Twin("opening", "STORED_M2", "no_lock_out", "server: M2 2 in answer to OPEN 1"),
    Twin("opening", "KEYED_BY_OPEN", "no_lock_out", "server: M2 2 in answer to OPEN 0"),
    Twin("opening", "IGNORE_BAD_M2", "no_lock_out", "garbage reaches the client"),
    Twin("opening", "IGNORE_BAD_M3", "no_lock_out", "garbage reaches the server"),
    Twin("opening", "NO_STEP_BACK", "progress", "garbage reaches the client", ("-DFAIR=1",), FAIR),
    Twin("opening", "INSTALL_ONCE", "once"),
    Twin("opening", "DONE_AGAIN", "no_lock_out", "server: session 1 is open"),
    Twin("opening", "UNTOUCHED", "undisturbed", "OPEN 0 reaches the server"),
    Twin("opening", "NO_RESET", "undisturbed", "a reset reaches the client"),
    Twin("opening", "OPENED_AT_DONE", "agreement"),
    Twin("opening", "ONLY_YOUNGER", "undisturbed", "M3 1 reaches the server", ("-DEXCHANGES=2", "-DANSWERS=2")),
    Twin("opening", "HALF_OPEN_LASTS", "no_lock_out", "runs out"),
    Twin("opening", "SESSION_LASTS", "no_lock_out", "server: lets its session go"),
    Twin("opening", "WITNESS", "never_open"),
    Twin("rekey", "FINAL_AFTER_M3", "receivable", "client: drops attempt 1"),
    Twin("rekey", "ONLY_NEWER", "agreed", "M1' 1 reaches the server"),
    Twin("rekey", "ONE_PREVIOUS", "two_epochs"),
    Twin("rekey", "WAIT_30S", "opened", "data of epoch 1 reaches the client"),
    Twin("rekey", "RETIRE_WHEN_HEARD", "receivable", "server: retires epoch 1"),
    Twin("rekey", "CLIENT_WAITS", "receivable"),
    Twin("rekey", "SERVER_WAITS", "receivable"),
    Twin("rekey", "INSTALL_ONCE", "no_skip"),
    Twin("rekey", "KEEPALIVE", "agreed"),
    Twin("rekey", "SEALED_ANEW", "agreed"),
    Twin("rekey", "WITNESS", "never_third", "", ("-DEPOCHS=3", "-DATTEMPTS=2")),
    Twin("switch", "COUNTS+ONE_SEQUENCE", "whole", "attacker: takes data"),
    Twin("switch", "NUMBERED", "in_order", "attacker: "),
    Twin("switch", "SWITCH_FIRST", "in_order", "attacker: takes switch"),
    Twin("switch", "END_IS_SEALED", "whole", "the connection is cut"),
    Twin("switch", "CLOSE_IS_SEALED", "whole", "attacker: makes a CLOSE"),
    Twin("switch", "HALF_CLOSE", "settled"),
    Twin("switch", "PEERS_SWITCH", "delivered"),
    Twin("switch", "WITNESS", "never_whole", "", ("-DDATA=1",)),
]


class Failed(Exception):
    pass


def call(folder, *command):
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, encoding="utf-8", timeout=SECONDS)
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)}: status {done.returncode}\n{done.stdout}")
    return done.stdout


def search(folder, model, defines, compiler):
    """Explores the model; answers what pan says, and the number of states and of errors."""
    for name in (f"{model}.pml", "common.pml"):
        shutil.copy2(HERE / name, folder)  # with its date: SPIN does not trust a trail that is not newer
    call(folder, "spin", *defines, "-a", f"{model}.pml")
    makes = shutil.which("tcc") if compiler is SHORTEST else None
    call(folder, makes or "cc", "-w", "-DMEMLIM=1500", *compiler, "-o", "pan", "pan.c")
    slots = "-w16" if compiler is SHORTEST else "-w22"  # of the hash table, 2 to the power of; a twin sees few states
    said = call(folder, "./pan", "-m10000", slots, *(["-a", "-f"] if compiler is FAIR else []))
    figures = [re.search(pattern, said) for pattern in (r"(\d+) states, stored", r"errors: (\d+)")]
    if None in figures or "Full statespace search" not in said:
        raise Failed(f"not a full search:\n{said}")
    return said, *(int(figure.group(1)) for figure in figures)


def prove(proof, folder):
    said, states, errors = search(folder, proof.model, proof.defines, proof.compiler)
    if errors or re.search(r"not completed|max search depth too small|Bit statespace|Hash-Compact", said):
        raise Failed(f"{steps(folder, proof) if errors else 'the search is not complete'}\n{said}")
    print(f"# {states} states")


def steps(folder, run):
    """The way to the error, as the model tells it."""
    told = call(folder, "spin", *run.defines, "-t", "-T", f"{run.model}.pml")
    return told[:told.find("spin: ")] if "spin: " in told else told


def refute(twin, folder):
    twin = twin._replace(defines=(f"-DOFF={twin.off}", *twin.defines))
    said, states, errors = search(folder, twin.model, twin.defines, twin.compiler)
    if not errors:
        raise Failed(f"{states} states, and nothing is violated")
    told = steps(folder, twin)
    violated = re.findall(r"violated: (\w+)", told) or (["progress"] if "acceptance cycle" in said else [])
    if violated != [twin.violated] or twin.step not in told:
        raise Failed(f"violated: {violated}, expected {twin.violated} with '{twin.step}' on the way\n{told}\n{said}")
    print("".join(f"#   {line}\n" for line in told.splitlines()), end="")


def every_rule_has_a_twin(models):
    for model in models:
        rules = set(re.findall(r"^#define (\w+) \(1 <<", (HERE / f"{model}.pml").read_text(), re.M))
        tried = {rule for twin in TWINS if twin.model == model for rule in twin.off.split("+")}
        if rules - tried:
            raise Failed(f"{model}.pml: no twin switches off {', '.join(sorted(rules - tried))}")


def main():
    models = sys.argv[1:] or sorted({proof.model for proof in PROOFS})
    cases = [("every rule has a twin", lambda folder: every_rule_has_a_twin(models))]
    cases += [(f"{p.model}: {p.proven}", lambda folder, p=p: prove(p, folder)) for p in PROOFS if p.model in models]
    cases += [(f"{t.model} without {t.off}: {t.violated} fails", lambda folder, t=t: refute(t, folder))
              for t in TWINS if t.model in models]
    print(f"1..{len(cases)}")
    missing = [program for program in ("spin", "cc") if not shutil.which(program)]
    if missing:
        print(f"SKIPPED: no model is looked at, because {' and '.join(missing)} is not installed", file=sys.stderr)
    failed = 0
    for number, (name, case) in enumerate(cases, 1):
        if missing and number > 1:
            print(f"ok {number} - {name} # SKIP {missing[0]} is not installed")
            continue
        try:
            with tempfile.TemporaryDirectory(prefix="models-") as folder:
                case(folder)
            print(f"ok {number} - {name}", flush=True)
        except (Failed, OSError, subprocess.TimeoutExpired) as why:
            failed += 1
            print("".join(f"# {line}\n" for line in str(why).splitlines()), end="")
            print(f"not ok {number} - {name}", flush=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"# {used.ru_utime + used.ru_stime:.1f} s of CPU, {used.ru_maxrss >> 10} MiB at most")
    sys.exit(1 if failed else 0)


main()
