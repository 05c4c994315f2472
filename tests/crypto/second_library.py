# SPDX-License-Identifier: Apache-2.0
"""Goal: a second library agrees with every cipher, AEAD, digest and MAC, and with the modes of RFC 1828 and RFC 1852, for which
nobody has published vectors, on 300 inputs each.

It is what Python has inside (hashlib and hmac by a name would ask OpenSSL again), for ciphers libgcrypt, and for Argon2id, on 40
inputs, the reference implementation (libargon2), where they are installed.
"""
import collections
import ctypes
import ctypes.util
import hmac
import struct
import subprocess
import sys

import inside
from gcrypt import GCRYPT, call

DIGESTS = {"md5": inside.md5, "sha-1": inside.sha1, "sha-256": inside.sha256, "sha-512": inside.sha512,
           "sha3-256": inside.sha3_256, "blake2b": inside.blake2b}
# Digest, and the end from which it writes a length.
ENVELOPES = {"rfc1828": (inside.md5, "little"), "rfc1852": (inside.sha1, "big")}
# Numbers of libgcrypt: algorithm and mode; of MACs the algorithm.
CIPHERS = {"aes-256-gcm": (9, 9), "aes-128-gcm": (7, 9), "chacha20-poly1305": (316, 10), "xchacha20-poly1305": (316, 10),
           "des-cbc": (302, 3), "des-ecb": (302, 1), "des-cfb": (302, 2), "des-ofb": (302, 5), "3des-ede-cbc": (2, 3),
           "aes-128-cbc": (7, 3), "aes-256-cbc": (9, 3), "aes-128-ctr": (7, 6), "aes-256-ctr": (9, 6), "chacha20": (316, 4)}
MACS = {"aes-cmac": 201, "poly1305": 501}
CTR, TAG = 6, 16


def hchacha20(key, nonce):
    """The key of draft-irtf-cfrg-xchacha 2.2, without rounds of our own: the first and the last four words of a block of ChaCha20,
    from which the state that it adds behind its rounds is taken off again; of these words it is constants and nonce."""
    block = struct.unpack("<16I", cipher("cipher", "chacha20", key, nonce, bytes(64)))
    start = struct.unpack("<8I", b"expand 32-byte k" + nonce)
    return struct.pack("<8I", *((a - b) % 2**32 for a, b in zip(block[:4] + block[12:], start)))


def cipher(kind, name, key, nonce, text):
    algorithm, mode = CIPHERS[name]
    clear = text[:len(text) // 3] if kind == "aead" else b""
    handle, out, tag = ctypes.c_void_p(), ctypes.create_string_buffer(len(text) + 1), ctypes.create_string_buffer(TAG)
    call("gcry_cipher_open", ctypes.byref(handle), algorithm, mode, 0)
    call("gcry_cipher_setkey", handle, key)
    if nonce:
        call("gcry_cipher_setctr" if mode == CTR else "gcry_cipher_setiv", handle, nonce)
    if kind == "aead":
        call("gcry_cipher_authenticate", handle, clear)
    rest = text[len(clear):]
    call("gcry_cipher_encrypt", handle, out, ctypes.c_size_t(len(rest)), rest)
    if kind == "aead":
        call("gcry_cipher_gettag", handle, tag, ctypes.c_size_t(TAG))
    GCRYPT.gcry_cipher_close(handle)
    return out.raw[:len(rest)] + (tag.raw if kind == "aead" else b"")


def mac(name, key, text):
    handle, out, length = ctypes.c_void_p(), ctypes.create_string_buffer(TAG), ctypes.c_size_t(TAG)
    call("gcry_mac_open", ctypes.byref(handle), MACS[name], 0, None)
    call("gcry_mac_setkey", handle, key)
    call("gcry_mac_write", handle, text)
    call("gcry_mac_read", handle, out, ctypes.byref(length))
    GCRYPT.gcry_mac_close(handle)
    return out.raw


def envelope(name, key, text):
    """RFC 1828 2, RFC 1852 2: key, keyfill to a block of 64 bytes as the digest fills itself, text, key."""
    digest, order = ENVELOPES[name]
    return digest(key + b"\x80" + bytes(55 - len(key)) + (8 * len(key)).to_bytes(8, order) + text + key).digest()


def second(kind, name, key, nonce, text):
    if name == "xchacha20-poly1305":
        key, nonce = hchacha20(key, nonce[:16]), bytes(4) + nonce[16:]
    if name in CIPHERS:
        return cipher(kind, name, key, nonce, text)
    if name in MACS:
        return mac(name, key, text)
    if kind == "digest":
        return DIGESTS[name](text).digest()
    if name in ENVELOPES:
        return envelope(name, key, text)
    if name == "blake2b":
        return inside.blake2b(text, key=key).digest()
    return hmac.new(key, text, DIGESTS[name.removeprefix("hmac-")]).digest()


def argon2id():
    """The reference implementation's, or None."""
    name = ctypes.util.find_library("argon2")
    if not name:
        return None
    function = ctypes.CDLL(name).argon2id_hash_raw
    function.argtypes = [ctypes.c_uint32] * 3 + [ctypes.c_char_p, ctypes.c_size_t] * 3

    def run(memory, passes, _, salt, text, length):
        out = ctypes.create_string_buffer(length)
        if function(passes, memory, 1, text, len(text), salt, len(salt), out, length) != 0:
            raise SystemExit("libargon2 failed")
        return out.raw
    return run


ARGON2ID = argon2id()
lines = subprocess.run(sys.argv[1:], check=True, capture_output=True, text=True).stdout.splitlines()
seen, differ = collections.Counter(), collections.Counter()
for line in lines:
    kind, name, *rest = line.split()
    *given, result = (b"" if word == "-" else bytes.fromhex(word) for word in rest)
    row = (kind, "") if kind == "argon2id" else (kind, name)
    seen[row] += 1
    if kind == "argon2id" and ARGON2ID is not None:
        differ[row] += ARGON2ID(*map(int, name.split(",")), *given, len(result)) != result
    elif kind != "argon2id" and (GCRYPT is not None or name not in CIPHERS.keys() | MACS.keys()):
        differ[row] += second(kind, name, *given) != result
print(f"1..{len(seen) + 1}")
print("ok 1 - there are rows" if seen else "not ok 1 - there are rows")
for at, row in enumerate(seen, 2):
    good = seen[row] == (40 if row[0] == "argon2id" else 300) and differ[row] == 0
    skipped = "" if row in differ else " # SKIP its second library is not here"
    print(f"{'ok' if good else 'not ok'} {at} - {' '.join(row).strip()}: {differ[row]} of {seen[row]} differ{skipped}")
