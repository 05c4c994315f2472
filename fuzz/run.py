#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py BUILD TARGET [SECONDS] - fuzzes one target, as TAP: what it once failed on, then its seeds, then for a time.

BUILD is the directory that the targets were built in.  What the fuzzer finds stays in BUILD/fuzz/TARGET, and is gone on
from next time if SECONDS are given (dev/deep); else every run begins at the seeds, with the same random numbers."""
import base64
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import seeds  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
SECONDS, TIMEOUT, MEMORY_MB = {"packing": 10, "difference": 10, "bech32m": 10, "notation": 10}, 10, 1024  # 20 for all others
LENGTHS = {"configuration": 4096, "home": 4096, "keytext": 3072, "difference": 4096, "bech32m": 160, "notation": 512,
           "conversation": 512, "listener": 512, "packing": 700, "control": 1024}
NOISE = re.compile(r"#\d+\s|\s*NEW_FUNC|INFO:|\"|#####|stat::|Running: |Executed |\s*#\d+ .* (in fuzzer::|in __libc|in _start|in main )|0x.*,$|\\\d")
WITH_WORDS = ("configuration", "notation", "difference", "control")


class Target:
    def __init__(self, build, name):
        self.name, self.program = name, build / "fuzz" / f"fuzz-{name}"
        self.folder = build / "fuzz" / name
        self.seeds, self.corpus, self.found = (self.folder / part for part in ("seeds", "corpus", "found"))
        self.generator = build / "fuzz" / "fuzz-seeds"

    def prepare(self, fresh):
        shutil.rmtree(self.seeds, ignore_errors=True)
        for folder in (self.corpus, self.found) if fresh else ():
            shutil.rmtree(folder, ignore_errors=True)
        for folder in (self.corpus, self.found):
            folder.mkdir(parents=True, exist_ok=True)
        self.seeds.mkdir()
        seeds.write(self.name, self.seeds, self.folder / "words")
        subprocess.run([self.generator, self.name, self.seeds], check=True)

    def run(self, *arguments):
        """What the target says, and whether it came to its end."""
        command = [self.program, f"-timeout={TIMEOUT}", f"-rss_limit_mb={MEMORY_MB}", f"-artifact_prefix={self.found}/",
                   "-close_fd_mask=3", *arguments]
        with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as scratch:
            environment = dict(os.environ, ASAN_OPTIONS="malloc_context_size=8:quarantine_size_mb=16",
                               UBSAN_OPTIONS="print_stacktrace=1", TMPDIR=scratch)
            done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return done.stdout.decode(errors="replace"), done.returncode == 0

    def replay(self, folder):
        inputs = sorted(path for path in folder.glob("**/*") if path.is_file())
        return (len(inputs), *self.run("-runs=1", *inputs)) if inputs else (0, "", True)

    def fuzz(self, seconds, fresh):
        extra = ["-seed=1"] if fresh else ["-use_value_profile=1"]
        if self.name in WITH_WORDS:
            extra.append(f"-dict={self.folder / 'words'}")
        return self.run(*extra, f"-max_total_time={seconds}", f"-max_len={LENGTHS.get(self.name, 2048)}", "-len_control=0",
                        "-print_final_stats=1", self.corpus, self.seeds, *self.past())

    def past(self):
        folder = ROOT / "fuzz" / "regressions" / self.name
        return [folder] if folder.is_dir() else []


def figures(said):
    last = [line for line in said.splitlines() if re.match(r"#\d+\s", line)][-1:]
    match = re.search(r"#(\d+).* cov: (\d+) ft: (\d+) corp: (\d+)/(\S+).* exec/s: (\d+) rss: (\S+)", "".join(last))
    if not match:
        return ""
    runs, edges, features, inputs, size, speed, memory = match.groups()
    return f"{runs} runs, {speed} a second, {edges} edges, {features} features, {inputs} inputs of {size}, {memory}"


def explain(target, said):
    """The report, the input that made it, and how to see it again."""
    for line in said.splitlines():
        if not NOISE.match(line):
            print("#", re.sub(r" \(BuildId: \w+\)|\(.*?/fuzz-\S+\)", "", line))
    for path in re.findall(r"Test unit written to (\S+)", said):
        content = pathlib.Path(path).read_bytes()
        print(f"# input ({len(content)} bytes), hex:    {content[:2048].hex()}")
        print(f"# input ({len(content)} bytes), base64: {base64.b64encode(content[:2048]).decode()}")
        print(f"# again: {target.program} {path}")
        print(f"# once mended, keep it as fuzz/regressions/{target.name}/WHAT-IT-WAS")


def main():
    build, name = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    seconds, fresh = (int(sys.argv[3]), False) if len(sys.argv) > 3 else (SECONDS.get(name, 20), True)
    target = Target(build, name)
    print("1..3", flush=True)
    if not target.program.exists():
        for number, what in enumerate(("past inputs", "seeds", "new inputs"), 1):
            print(f"ok {number} - {name}, {what} # SKIP this machine's clang has no libFuzzer (package libclang-rt-14-dev)")
        return 0
    try:
        target.prepare(fresh)
    except subprocess.CalledProcessError as why:
        print(f"not ok 1 - {name}, making its seeds: {why}\nnot ok 2 - {name}, seeds\nnot ok 3 - {name}, new inputs")
        return 1
    failed = 0
    for number, (what, folder) in enumerate({"past inputs": ROOT / "fuzz" / "regressions" / name, "seeds": target.seeds}.items(), 1):
        count, said, good = target.replay(folder)
        print(f"{'ok' if good else 'not ok'} {number} - {name}, {what}: {count}", flush=True)
        failed += not good
        if not good:
            explain(target, said)
    said, good = target.fuzz(seconds, fresh)
    print(f"{'ok' if good else 'not ok'} 3 - {name}, new inputs for {seconds} s: {figures(said)}", flush=True)
    if not good:
        explain(target, said)
    return 1 if failed or not good else 0


if __name__ == "__main__":
    sys.exit(main())
