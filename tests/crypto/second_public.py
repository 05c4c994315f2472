# SPDX-License-Identifier: Apache-2.0
"""Goal: a second library agrees with every signature, key agreement, encryption and encapsulation to a public key, and with HKDF, on
inputs drawn from a seed: what one end makes the other takes, and both refuse what is wrong.

It is libgcrypt, and for numbers modulo a prime or an RSA modulus, and for HKDF, Python itself.  An algorithm that is in the table of
src/crypto and has no row here is a failure.
"""
import ctypes
import functools
import hmac
import itertools
import math
import random
import subprocess
import sys

import gcrypt
import inside
from gcrypt import GCRYPT, Refused
from pkcs import P_256, RSA, der, integer, pem, sequence

E, HASH, OTHERWISE, BAD = 65537, 32, b"\xee", -2
DRAW = random.Random(20)
RSA_BITS = 2048, 2049, 3072  # of 2049 bits, PSS has a byte less than the modulus
MANY, FEW = 100, 15  # inputs; FEW where the private operation is slow
SMALL = math.factorial(2000)  # what has a factor in it is no prime worth trying


class Oracle:
    """Our side: oracle.c."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def ask(self, verb, name, *fields):
        """What came out, one or several; Refused with the status."""
        self.say(" ".join([verb, name] + [f.hex() or "-" for f in fields]))
        status, *out = self.process.stdout.readline().split()
        if int(status) == BAD:
            raise Refused(status)
        assert int(status) == 0, f"{verb} {name}: {status}"
        return bytes.fromhex(out[0]) if len(out) == 1 else tuple(map(bytes.fromhex, out))

    def list(self):
        self.say("list")
        return [line.split() for line in iter(self.process.stdout.readline, ".\n")]


OURS = Oracle(sys.argv[1:])


def refuses(function, *arguments):
    try:
        function(*arguments)
    except Refused:
        return True
    return False


def spoilt(given):
    """One bit of it is wrong."""
    at = DRAW.randrange(8 * len(given))
    return (int.from_bytes(given, "big") ^ 1 << at).to_bytes(len(given), "big")


# ---- Keys ----

class Pair:
    """A pair of keys: as our side reads it, and as libgcrypt does."""

    def __init__(self, private, public, their_private, their_public):
        self.private, self.public, self.their_private, self.their_public = private, public, their_private, their_public


class RsaNumbers:
    def __init__(self, bits):
        self.bytes = (bits + 7) // 8
        self.p, self.q = sorted(map(self.prime, ((bits + 1) // 2, bits // 2)))
        self.n = self.p * self.q
        self.d = pow(E, -1, math.lcm(self.p - 1, self.q - 1))
        assert self.n.bit_length() == bits

    @staticmethod
    def prime(bits):
        while True:
            number = DRAW.getrandbits(bits) | 3 << (bits - 2) | 1
            if number % E != 1 and math.gcd(number, SMALL) == 1 and gcrypt.power(2, number - 1, number) == 1:
                # What is none all the same would make a key that does not serve.
                return number

    def pair(self, label):
        private = sequence(*map(integer, (0, self.n, E, self.d, self.p, self.q, self.d % (self.p - 1), self.d % (self.q - 1),
                                          pow(self.q, -1, self.p))))
        public = der(3, b"\x00", sequence(integer(self.n), integer(E)))
        theirs = ("n", self.n), ("e", E)
        secret = ("d", self.d), ("p", self.p), ("q", self.q), ("u", pow(self.p, -1, self.q))
        return Pair(pem(label + "PRIVATE", sequence(integer(0), RSA, der(4, private))), pem(label + "PUBLIC", sequence(RSA, public)),
                    ("private-key", ("rsa", *theirs, *secret)), ("public-key", ("rsa", *theirs)))


@functools.cache
def rsa_numbers():
    return [RsaNumbers(bits) for bits in RSA_BITS]


def rsa_pairs(label):
    return [numbers.pair(label) for numbers in rsa_numbers()]


@functools.cache
def p256():
    return gcrypt.Curve("NIST P-256")


def point_bytes(point):
    return b"\x04" + b"".join(n.to_bytes(32, "big") for n in point)


ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551  # of P-256 (SP 800-186, 3.2.1.3)


def ecdsa_pair():
    d = DRAW.randrange(1, ORDER)
    q = point_bytes(p256().multiply(d, p256().generator))
    private = sequence(integer(1), der(4, d.to_bytes(32, "big")), der(0xa1, der(3, b"\x00" + q)))
    theirs = ("curve", "NIST P-256"), ("q", q)
    return Pair(pem("PRIVATE", sequence(integer(0), P_256, der(4, private))), pem("PUBLIC", sequence(P_256, der(3, b"\x00" + q))),
                ("private-key", ("ecc", *theirs, ("d", d))), ("public-key", ("ecc", *theirs)))


def ed25519_pair():
    d = DRAW.randbytes(32)
    theirs = ("curve", "Ed25519"), ("flags", "eddsa")
    context, secret = ctypes.c_void_p(), gcrypt.Tree(("private-key", ("ecc", *theirs, ("d", d))))
    gcrypt.call("gcry_mpi_ec_new", ctypes.byref(context), secret.at, None)
    q = gcrypt.opaque(ctypes.c_void_p(GCRYPT.gcry_mpi_ec_get_mpi(b"q@eddsa", context, 1)))
    GCRYPT.gcry_ctx_release(context)
    return Pair(d, q, ("private-key", ("ecc", *theirs, ("q", q), ("d", d))), ("public-key", ("ecc", *theirs, ("q", q))))


# ---- Signatures: how libgcrypt takes a message, and how a signature is read and written ----

def hashed(*flags):
    return lambda message: ("data", ("flags", *flags), ("salt-length", "32"), ("hash", "sha256", inside.sha256(message).digest()))


def whole(message):
    return "data", ("flags", "eddsa"), ("hash-algo", "sha512"), ("value", message)


def halves(name):
    def read(tree):
        return tree["r"].rjust(33, b"\x00")[-32:] + tree["s"].rjust(33, b"\x00")[-32:]

    def write(signature):
        return "sig-val", (name, ("r", raw(signature[:32])), ("s", raw(signature[32:])))
    # The halves of Ed25519 are bytes, those of ECDSA numbers.
    raw = bytes if name == "eddsa" else lambda half: int.from_bytes(half, "big")
    return read, write


def one_number(tree):
    return tree["s"]


def rsa_signature(signature):
    return "sig-val", ("rsa", ("s", int.from_bytes(signature, "big")))


def sign(name, pairs, data, read, write, same=False):
    """SAME: there is only one signature of a message."""
    for at, pair in enumerate(pairs):
        message, other = DRAW.randbytes(7 * at % 300 + 1), pairs[at - 1]
        yield OURS.ask("export", name, pair.private) == pair.public
        ours, theirs = OURS.ask("sign", name, pair.private, message), read(gcrypt.run("sign", data(message), pair.their_private))
        theirs = theirs.rjust(len(ours), b"\x00")[-len(ours):]
        yield not same or ours == theirs
        yield gcrypt.verifies(write(ours), data(message), pair.their_public)
        yield not refuses(OURS.ask, "verify", name, pair.public, message, theirs)
        for key, text, signature in ((pair, message, spoilt(ours)), (pair, spoilt(message), ours), (other, message, ours)):
            yield not gcrypt.verifies(write(signature), data(text), key.their_public)
            yield refuses(OURS.ask, "verify", name, key.public, text, signature)


# ---- Agreements ----

class Montgomery:
    """A curve of RFC 7748, by libgcrypt's number of it; the generator is NULL to it."""

    def __init__(self, number, size):
        self.number, self.size = number, size
        self.refused = [bytes(size), (1).to_bytes(size, "little")]

    def private(self, seed):
        return seed if self.size == HASH else expand(seed, b"seccomm/1 private value", self.size)

    def multiply(self, private, point=None):
        out = ctypes.create_string_buffer(self.size)
        if GCRYPT.gcry_ecc_mul_point(self.number, out, private, point) or out.raw == bytes(self.size):
            raise Refused("low order")
        return out.raw


class Weierstrass:
    """P-256: FIPS 186-5, A.2.1 makes a number out of 64 bits more."""
    refused = [point_bytes((0, 0)), point_bytes((1, 1))]

    def private(self, seed):
        wide = int.from_bytes(expand(seed, b"seccomm/1 private value", 40), "big")
        return (wide % (ORDER - 1) + 1).to_bytes(32, "big")

    def multiply(self, private, point=None):
        given = p256().generator if point is None else tuple(int.from_bytes(point[at:at + 32], "big") for at in (1, 33))
        out = point_bytes(p256().multiply(int.from_bytes(private, "big"), given))
        return out if point is None else out[1:33]


class Numbers:
    """A group of RFC 7919, whose prime is made as it says there: 2^b - 2^(b-64) + (floor(2^(b-130) e) + X) 2^64 - 1."""

    def __init__(self, bits, x):
        guard = bits + 64
        e = sum((1 << guard) // math.factorial(k) for k in range(bits)) >> (guard - (bits - 130))
        self.p, self.size = 2**bits - 2**(bits - 64) + (e + x) * 2**64 - 1, bits // 8
        self.refused = [n.to_bytes(self.size, "big") for n in (0, 1, self.p - 1, self.p, self.p + 1)]

    def private(self, seed):
        return expand(seed, b"seccomm/1 private value", 40).rjust(self.size, b"\x00")

    def multiply(self, private, point=None):
        base = 2 if point is None else int.from_bytes(point, "big")
        if not 1 < base < self.p - 1:
            raise Refused("not in the group")
        return gcrypt.power(base, int.from_bytes(private, "big"), self.p).to_bytes(self.size, "big")


def agreement(name, group, count):
    other = group.private(DRAW.randbytes(HASH))
    for _ in range(count):
        seed = DRAW.randbytes(HASH)
        own, peer = group.private(seed), group.multiply(other)
        open_value = OURS.ask("public", name, own)
        yield OURS.ask("private", name, seed) == own and open_value == group.multiply(own)
        yield OURS.ask("agree", name, own, peer) == group.multiply(other, open_value) == group.multiply(own, peer)
        other = own
    for peer in group.refused:
        yield refuses(group.multiply, other, peer) and refuses(OURS.ask, "agree", name, other, peer)


# ---- To a public key ----

def oaep(label, *more):
    return ("flags", "oaep"), ("hash-algo", "sha256"), *((("label", label),) if label else ()), *more


def rsa_oaep(name, count):
    def theirs_open(label, sealed):
        return gcrypt.run("decrypt", ("enc-val", *oaep(label, ("rsa", ("a", int.from_bytes(sealed, "big"))))), pair.their_private)["value"]

    pairs = list(zip(rsa_numbers(), rsa_pairs("RSA-OAEP ")))
    for at in range(count):
        numbers, pair = pairs[at % len(pairs)]
        most = numbers.bytes - 2 * HASH - 2
        text, label = DRAW.randbytes(most if at < len(pairs) else DRAW.randrange(1, most)), DRAW.randbytes(at % 40)
        otherwise = OTHERWISE * len(text)
        ours = OURS.ask("seal", name, pair.public, label, text)
        theirs = gcrypt.run("encrypt", ("data", *oaep(label, ("value", text))), pair.their_public)["a"][-numbers.bytes:]
        theirs = theirs.rjust(numbers.bytes, b"\x00")
        yield theirs_open(label, ours) == text
        yield OURS.ask("open", name, pair.private, label, theirs, otherwise) == text
        for wrong_label, sealed in ((label + b"x", ours), (label, spoilt(ours))):
            yield refuses(theirs_open, wrong_label, sealed)
            yield OURS.ask("open", name, pair.private, wrong_label, sealed, otherwise) == otherwise


def rsasve(name, count):
    """A number out of the seed, and its power (SP 800-56B, 7.2.1.2)."""
    pairs = list(zip(rsa_numbers(), rsa_pairs("RSA-KEM ")))
    for at in range(count):
        numbers, pair = pairs[at % len(pairs)]
        size, seed = numbers.bytes, DRAW.randbytes(HASH)
        secret = int.from_bytes(expand(seed, b"seccomm/1 encapsulated", size + 8), "big") % (numbers.n - 3) + 2
        sealed = pow(secret, E, numbers.n).to_bytes(size, "big")
        yield OURS.ask("encapsulate", name, pair.public, seed) == (sealed, secret.to_bytes(size, "big"))
        another = DRAW.randrange(2, numbers.n - 1)
        answer = OURS.ask("decapsulate", name, pair.private, pow(another, E, numbers.n).to_bytes(size, "big"))
        yield answer == another.to_bytes(size, "big")
        yield OURS.ask("decapsulate", name, pair.private, spoilt(sealed)[1:].rjust(size, b"\x00")) != secret.to_bytes(size, "big")
        for n in (0, 1, numbers.n - 1, numbers.n, numbers.n + 1):
            yield refuses(OURS.ask, "decapsulate", name, pair.private, n.to_bytes(size, "big"))


# ---- To a key that is new each time: ML-KEM-768 (FIPS 203), alone or with X25519 behind it ----

def halves_of(value, size):
    return value[:size], value[size:]


def mlkem(name, beside, count):
    """What one end seals the other opens; what was changed on its way opens to something else; both refuse what is no key."""
    kem = gcrypt.MLKEM_768
    for _ in range(count):
        seed, coins, other = DRAW.randbytes(kem.pair), DRAW.randbytes(kem.secret), DRAW.randbytes(HASH)
        own, drawn = (DRAW.randbytes(HASH) if beside else b"" for _ in range(2))
        public, share = halves_of(OURS.ask("kem-public", name, seed + own), kem.public)
        yield share == (beside.multiply(own) if beside else b"")
        sealed, secret = kem.seal(public)
        sealed += beside.multiply(other) if beside else b""
        secret += beside.multiply(other, share) if beside else b""
        yield OURS.ask("kem-open", name, seed + own, sealed) == secret
        yield OURS.ask("kem-open", name, seed + own, spoilt(sealed[:kem.sealed]) + sealed[kem.sealed:])[:kem.secret] != secret[:kem.secret]
        private, public = kem.new()
        sealed, secret = OURS.ask("kem-seal", name, public + (beside.multiply(other) if beside else b""), coins + drawn)
        sealed, share = halves_of(sealed, kem.sealed)
        yield kem.open(private, sealed) + (beside.multiply(other, share) if beside else b"") == secret
        yield kem.open(private, spoilt(sealed)) != secret[:kem.secret]
    yield refuses(OURS.ask, "kem-seal", name, b"\xff" * (len(public) + len(share)), coins + drawn)


# ---- HKDF (RFC 5869) ----

def hmac_sha256(key, text):
    return hmac.new(key, text, inside.sha256).digest()


def expand(prk, info, length):
    out = block = b""
    for n in range(1, length // HASH + 2):
        block = hmac_sha256(prk, block + info + bytes([n]))
        out += block
    return out[:length]


def hkdf(_, count):
    for at in range(count):
        salt, ikm, info = DRAW.randbytes(at % 70), DRAW.randbytes(3 * at % 200 + 1), DRAW.randbytes(5 * at % 120)
        length = 1 + 41 * at % (255 * HASH)
        yield OURS.ask("hkdf", "-", salt, ikm, info, bytes(length)) == expand(hmac_sha256(salt or bytes(HASH), ikm), info, length)


# ---- The rows ----

def some(pairs, count):
    return list(itertools.islice(itertools.cycle(pairs), count))


ROWS = {
    ("sign", "ed25519"): lambda name: sign(name, [ed25519_pair() for _ in range(MANY)], whole, *halves("eddsa"), same=True),
    ("sign", "ecdsa-p256"): lambda name: sign(name, [ecdsa_pair() for _ in range(MANY)], hashed("raw"), *halves("ecdsa")),
    ("sign", "rsa-pss"): lambda name: sign(name, some(rsa_pairs(""), FEW), hashed("pss"), one_number, rsa_signature),
    ("kx", "x25519"): lambda name: agreement(name, Montgomery(1, 32), MANY),
    ("kx", "x448"): lambda name: agreement(name, Montgomery(2, 56), MANY),
    ("kx", "p-256"): lambda name: agreement(name, Weierstrass(), MANY),
    ("kx", "ffdhe2048"): lambda name: agreement(name, Numbers(2048, 560316), FEW),
    ("kx", "ffdhe3072"): lambda name: agreement(name, Numbers(3072, 2625351), FEW),
    ("pke", "rsa-oaep"): lambda name: rsa_oaep(name, FEW),
    ("kem", "rsasve"): lambda name: rsasve(name, FEW),
    ("", "hkdf-sha-256"): lambda name: hkdf(name, MANY),
}
# libgcrypt has it from 1.11 on, and OpenSSL from 3.5 on.
NEWER = {
    ("kem", "ml-kem-768"): lambda name: mlkem(name, None, MANY),
    ("kem", "x25519-ml-kem-768"): lambda name: mlkem(name, Montgomery(1, 32), MANY),
}


def main():
    if GCRYPT is None:
        print("1..0 # SKIP libgcrypt is not installed")
        return
    table = OURS.list()
    rows = dict(ROWS)
    if GCRYPT.gcry_check_version(b"1.11.0") is not None:
        rows |= {(kind, name): NEWER[kind, name] for kind, name, state in table if (kind, name) in NEWER and state == "available"}
    missing = [name for kind, name, _ in table if (kind, name) not in ROWS.keys() | NEWER.keys()]
    print(f"1..{len(rows) + 2}")
    print(f"{'not ok' if missing else 'ok'} 1 - every algorithm has a row {' '.join(missing)}".rstrip())
    for _, name in NEWER.keys() - rows.keys():
        print(f"# NOT RUN: {name} needs libgcrypt 1.11 and OpenSSL 3.5")
    for at, ((kind, name), run) in enumerate(rows.items(), 2):
        results = list(run(name))
        good = results and all(results)
        print(f"{'ok' if good else 'not ok'} {at} - {kind or 'kdf'} {name}: {results.count(False)} of {len(results)} differ")
    OURS.process.stdin.close()
    print(f"{'not ok' if OURS.process.wait() else 'ok'} {len(rows) + 2} - our side has ended in order")


main()
