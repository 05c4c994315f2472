# SPDX-License-Identifier: Apache-2.0
"""What the comparisons with a second library share: libgcrypt, called without its headers.  Numbers are Python's, and what has
parts is a nested tuple: ("data", ("value", b"...")), which libgcrypt calls an S-expression."""
import ctypes

NO_SECURE_MEMORY, INITIALIZATION_FINISHED = 37, 38  # commands; secure memory would want privileges, and these keys are nobody's
UNSIGNED = 5  # form of a number


def load():
    """The library, initialised; None where there is none."""
    try:
        library = ctypes.CDLL("libgcrypt.so.20")
    except OSError:
        return None
    library.gcry_check_version.restype = ctypes.c_char_p
    library.gcry_check_version(None)
    for command in (NO_SECURE_MEMORY, INITIALIZATION_FINISHED):
        library.gcry_control(command, 0)
    for name in ("gcry_sexp_find_token", "gcry_sexp_nth_data", "gcry_mpi_point_new", "gcry_mpi_point_set",
                 "gcry_mpi_ec_get_point", "gcry_mpi_ec_get_mpi", "gcry_mpi_get_opaque"):
        getattr(library, name).restype = ctypes.c_void_p
    return library


GCRYPT = load()


class Refused(Exception):
    """A call has failed: what it was given is not authentic, or not allowed."""


def call(name, *arguments):
    """Bytes go with their length, numbers as they are."""
    given = []
    for a in arguments:
        given += [a, ctypes.c_size_t(len(a))] if isinstance(a, bytes) else [a]
    status = getattr(GCRYPT, name)(*given)
    if status:
        raise Refused(f"{name}: {status}")


# ---- Numbers ----

def plain(number):
    """Without leading zeros; of 0 one byte."""
    return number.to_bytes(max(1, (number.bit_length() + 7) // 8), "big")


def signed(number):
    """The same, with a zero in front of what would else be negative."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


class Number:
    """One of libgcrypt's, which lives as long as this does."""

    def __init__(self, value=0):
        self.at = self._as_parameter_ = ctypes.c_void_p()
        call("gcry_mpi_scan", ctypes.byref(self.at), UNSIGNED, plain(value), None)

    def __del__(self):
        GCRYPT.gcry_mpi_release(self.at)

    def __int__(self):
        room, used = ctypes.create_string_buffer(1024), ctypes.c_size_t()
        call("gcry_mpi_print", UNSIGNED, room, ctypes.c_size_t(len(room)), ctypes.byref(used), self.at)
        return int.from_bytes(room.raw[:used.value], "big")


def opaque(at):
    """The bytes of a number that libgcrypt keeps as bytes, which is gone then."""
    bits = ctypes.c_uint()
    out = ctypes.string_at(GCRYPT.gcry_mpi_get_opaque(at, ctypes.byref(bits)), (bits.value + 7) // 8)
    GCRYPT.gcry_mpi_release(at)
    return out


def power(base, exponent, modulus):
    out = Number()
    GCRYPT.gcry_mpi_powm(out, Number(base), Number(exponent), Number(modulus))
    return int(out)


# ---- Points ----

class Curve:
    """A curve by name, of affine points (x, y)."""

    def __init__(self, name):
        self.at = self._as_parameter_ = ctypes.c_void_p()
        call("gcry_mpi_ec_new", ctypes.byref(self.at), None, ctypes.c_char_p(name.encode()))
        self.generator = self.read(ctypes.c_void_p(GCRYPT.gcry_mpi_ec_get_point(b"g", self, 1)))

    def read(self, point):
        x, y = Number(), Number()
        infinite = GCRYPT.gcry_mpi_ec_get_affine(x, y, point, self)
        GCRYPT.gcry_mpi_point_release(point)
        if infinite:
            raise Refused("the point at infinity")
        return int(x), int(y)

    def multiply(self, scalar, point):
        given = ctypes.c_void_p(GCRYPT.gcry_mpi_point_set(None, Number(point[0]), Number(point[1]), Number(1)))
        out = ctypes.c_void_p(GCRYPT.gcry_mpi_point_new(0))
        on_curve = GCRYPT.gcry_mpi_ec_curve_point(given, self)
        if on_curve:
            GCRYPT.gcry_mpi_ec_mul(out, Number(scalar), given, self)
        GCRYPT.gcry_mpi_point_release(given)
        if not on_curve:
            GCRYPT.gcry_mpi_point_release(out)
            raise Refused("not on the curve")
        return self.read(out)


# ---- Keys and what they do ----

def canonical(tree):
    if isinstance(tree, tuple):
        return b"(" + b"".join(map(canonical, tree)) + b")"
    word = tree.encode() if isinstance(tree, str) else signed(tree) if isinstance(tree, int) else tree
    return b"%d:" % len(word) + word


class Tree:
    """An S-expression, made of a nested tuple or of nothing."""

    def __init__(self, tree=None):
        self.at = self._as_parameter_ = ctypes.c_void_p()
        if tree is not None:
            call("gcry_sexp_new", ctypes.byref(self.at), canonical(tree), 0)

    def __del__(self):
        GCRYPT.gcry_sexp_release(self.at)

    def __getitem__(self, word):
        """The bytes that stand behind WORD, wherever it is."""
        length = ctypes.c_size_t()
        found = ctypes.c_void_p(GCRYPT.gcry_sexp_find_token(self.at, word.encode(), ctypes.c_size_t(0)))
        data = GCRYPT.gcry_sexp_nth_data(found, 1, ctypes.byref(length))
        out = ctypes.string_at(data, length.value) if data else b""
        GCRYPT.gcry_sexp_release(found)
        return out


def run(name, *trees):
    """gcry_pk_NAME, of an answer."""
    out = Tree()
    call("gcry_pk_" + name, ctypes.byref(out.at), *map(Tree, trees))
    return out


def verifies(signature, data, key):
    return GCRYPT.gcry_pk_verify(Tree(signature), Tree(data), Tree(key)) == 0


# ---- Encapsulation, from 1.11 on ----

class Kem:
    """One of libgcrypt's numbers, and the bytes of what goes in and out; PAIR are those of the seed of FIPS 203, which libgcrypt draws."""

    def __init__(self, number, pair, private, public, sealed, secret):
        self.number, self.pair, self.private, self.public, self.sealed, self.secret = number, pair, private, public, sealed, secret

    def out(self, name, given, *sizes):
        """What gcry_kem_NAME makes of GIVEN."""
        rooms = [ctypes.create_string_buffer(size) for size in sizes]
        call("gcry_kem_" + name, self.number, *given, *(a for room in rooms for a in (room, ctypes.c_size_t(len(room)))),
             *((None, ctypes.c_size_t(0)) if given else ()))
        return tuple(room.raw for room in rooms)

    def new(self):
        public, private = self.out("keypair", (), self.public, self.private)
        return private, public

    def seal(self, public):
        return self.out("encap", (public,), self.sealed, self.secret)

    def open(self, private, sealed):
        return self.out("decap", (private, sealed), self.secret)[0]


MLKEM_768 = Kem(4, 64, 2400, 1184, 1088, 32)
