# SPDX-License-Identifier: Apache-2.0
"""Keys as our side reads them: PKCS#8 and SPKI (RFC 5208, RFC 5280), in DER and PEM."""
import base64
import textwrap

import gcrypt


def der(tag, *parts):
    body = b"".join(parts)
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag]) + (bytes([len(body)]) if len(body) < 128 else bytes([128 + len(size)]) + size) + body


def sequence(*parts):
    return der(0x30, *parts)


def integer(number):
    return der(2, gcrypt.signed(number))


def pem(title, content):
    lines = textwrap.fill(base64.b64encode(content).decode(), 64)
    return f"-----BEGIN {title} KEY-----\n{lines}\n-----END {title} KEY-----\n".encode()


RSA = sequence(bytes.fromhex("06092a864886f70d010101"), b"\x05\x00")
P_256 = sequence(bytes.fromhex("06072a8648ce3d0201"), bytes.fromhex("06082a8648ce3d030107"))
