"""CRC-32C: the checksum that tells a whole record from a damaged one.

A checksum is the remainder of a division: the data, read as one long binary number, by a fixed
33-bit one, without carrying. A change of up to 32 neighbouring bits always changes the remainder;
any other change goes unnoticed once in four thousand million times.

    extend(0, b"123456789")                      0xe3069283, the check value in every manual
    extend(extend(0, b"1234"), b"56789")         the same: a sum can be continued

etcd uses the divisor of Castagnoli (1993), which is not the one of zip files and `zlib.crc32`;
processors have an instruction for it. The standard library has not: we take the C code of the
package `google-crc32c`, and where that is missing, as in a browser, the table below, which does
some megabytes a second. Both give the same numbers.

Left out: protection against somebody who changes data on purpose. A CRC is no signature.

Source: RFC 3720 appendix B.4; Go's hash/crc32, `Castagnoli`; etcd pkg/crc.
Next page: `learnetcd/disk/`, where these bytes become files.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

DIVISOR = 0x82F63B78
"""Castagnoli's, with its bits in reverse order: the lowest bit comes first on the wire."""

ALL_ONES = 0xFFFFFFFF


def _remainder(byte: int) -> int:
    """Divide one byte, bit by bit."""
    for _ in range(8):
        byte = byte >> 1 ^ (DIVISOR if byte & 1 else 0)
    return byte


REMAINDERS = tuple(map(_remainder, range(256)))
"""Eight steps of the division at once."""


def extend_in_python(crc: int, data: bytes) -> int:
    """Continue a checksum with more data."""
    # Inverted at both ends: otherwise zero bytes at the beginning would not count.
    crc ^= ALL_ONES
    for byte in data:
        crc = crc >> 8 ^ REMAINDERS[(crc ^ byte) & 0xFF]
    return crc ^ ALL_ONES


def fastest() -> Callable[[int, bytes], int]:
    """The C code, if there is some."""
    try:
        library = import_module("google_crc32c")
    except ImportError:
        return extend_in_python
    extend: Callable[[int, bytes], int] = library.extend
    return extend


extend = fastest()
"""Continue a checksum with more data; begin with 0."""
