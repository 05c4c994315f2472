# SPDX-License-Identifier: Apache-2.0
"""Goal: a second library agrees with every digest and every HMAC, and with keyed BLAKE2b, on 300 inputs each.

It is what Python has inside: hashlib and hmac by a name would ask OpenSSL again.  For Argon2id, on 40 inputs, it is the reference
implementation, where that is installed (libargon2).
"""
import _blake2, _md5, _sha1, _sha256, _sha3, _sha512
import collections
import ctypes
import ctypes.util
import hmac
import subprocess
import sys

DIGESTS = {"md5": _md5.md5, "sha-1": _sha1.sha1, "sha-256": _sha256.sha256, "sha-512": _sha512.sha512,
           "sha3-256": _sha3.sha3_256, "blake2b": _blake2.blake2b}
ELSEWHERE = {("mac", "aes-cmac")}  # Python has none: published vectors only


def second(kind, name, key, text):
    if kind == "digest":
        return DIGESTS[name](text).digest()
    if name == "blake2b":
        return _blake2.blake2b(text, key=key).digest()
    return hmac.new(key, text, DIGESTS[name.removeprefix("hmac-")]).digest()


def argon2id():
    """The reference implementation's, or None."""
    name = ctypes.util.find_library("argon2")
    if not name:
        return None
    function = ctypes.CDLL(name).argon2id_hash_raw
    function.argtypes = [ctypes.c_uint32] * 3 + [ctypes.c_char_p, ctypes.c_size_t] * 3

    def run(memory, passes, salt, text, length):
        out = ctypes.create_string_buffer(length)
        if function(passes, memory, 1, text, len(text), salt, len(salt), out, length) != 0:
            raise SystemExit("libargon2 failed")
        return out.raw
    return run


lines = subprocess.run(sys.argv[1:], check=True, capture_output=True, text=True).stdout.splitlines()
seen, differ = collections.Counter(), collections.Counter()
reference, stretched, wrong = argon2id(), 0, 0
for line in lines:
    kind, name, *rest = line.split()
    key, text, result = (b"" if word == "-" else bytes.fromhex(word) for word in rest)
    if kind == "argon2id":
        stretched += 1
        wrong += reference is not None and reference(*map(int, name.split(",")), key, text, len(result)) != result
    elif (kind, name) not in ELSEWHERE:
        seen[kind, name] += 1
        differ[kind, name] += second(kind, name, key, text) != result
print(f"1..{len(seen) + 2}")
print("ok 1 - there are rows" if seen else "not ok 1 - there are rows")
for at, row in enumerate(seen, 2):
    good = seen[row] == 300 and differ[row] == 0
    print(f"{'ok' if good else 'not ok'} {at} - {' '.join(row)}: {differ[row]} of {seen[row]} differ")
print(f"{'ok' if stretched == 40 and not wrong else 'not ok'} {len(seen) + 2} - argon2id: {wrong} of {stretched} differ"
      + ("" if reference else " # SKIP libargon2 is not installed"))
