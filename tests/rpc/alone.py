# SPDX-License-Identifier: Apache-2.0
"""Goal: rpc-example is made of libcactus and the C library alone, and one seed gives one story.

    alone.py PROGRAM"""
import re
import subprocess
import sys

PROGRAM = sys.argv[1]
RUNTIME = r"(libc|libm|libasan|libubsan|libtsan|libgcc_s|ld-linux[\w-]*|libpthread)\.so"
OTHERS = r"\s((?:seccomm|crypto|EVP|OPENSSL|fy|uv|json)_\w+)"


def output(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{command} ended with {done.returncode}: {done.stderr}"
    return done.stdout


def it_needs_no_other_library():
    needed = re.findall(r"NEEDED.*\[(.+)\]", output("readelf", "-d", PROGRAM))
    assert needed, "readelf shows no library at all"
    others = [name for name in needed if not re.match(RUNTIME, name)]
    assert not others, f"it also needs {others}"


def it_holds_nothing_else():
    symbols = output("nm", PROGRAM)
    assert re.search(r"\scactus_\w+", symbols), "nm shows nothing of Cactus"
    found = re.findall(OTHERS, symbols)
    assert not found, f"it also holds {found}"


def a_seed_is_a_story():
    first, again, other = output(PROGRAM, "7"), output(PROGRAM, "7"), output(PROGRAM, "8")
    assert first == again, "one seed, two stories"
    assert first != other, "two seeds, one story"


def with_all_layers_the_account_is_right():
    for seed in range(1, 21):
        last = output(PROGRAM, str(seed)).splitlines()[-1]
        replies, timed_out, runs, account, expected = map(int, last.split()[-5:])
        assert runs == replies + timed_out == 40 and account == expected, f"seed {seed}: {last}"


CASES = [it_needs_no_other_library, it_holds_nothing_else, a_seed_is_a_story, with_all_layers_the_account_is_right]
print(f"1..{len(CASES)}")
failed = 0
for number, case in enumerate(CASES, 1):
    try:
        case()
        print(f"ok {number} - {case.__name__}", flush=True)
    except AssertionError as reason:
        failed += 1
        print(f"# {reason}\nnot ok {number} - {case.__name__}", flush=True)
sys.exit(failed > 0)
