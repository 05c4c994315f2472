# SPDX-License-Identifier: Apache-2.0
"""The digests that Python has inside: hashlib would ask OpenSSL."""
from _blake2 import blake2b
from _md5 import md5
from _sha1 import sha1
from _sha3 import sha3_256

try:
    from _sha2 import sha256, sha512  # from Python 3.12 on
except ImportError:
    from _sha256 import sha256
    from _sha512 import sha512

__all__ = ["blake2b", "md5", "sha1", "sha256", "sha3_256", "sha512"]
