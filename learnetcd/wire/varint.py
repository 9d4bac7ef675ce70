"""Varints: whole numbers in as few bytes as they need.

Seven bits a byte, the lowest first; the top bit of a byte says that more follow:

    5       00000101                                05
    300     10101100 00000010                       ac 02      300 = 0101100 + 10 * 128
    2^64-1                                          ff ff ff ff ff ff ff ff ff 01

Member ids are 64 random bits, so they take nine or ten bytes; terms and indexes one to three.

A number has one shortest form, and etcd writes no other. `read` refuses the longer ones (`85 00` is
5 as well), for a reason that `protobuf` gives.

Source: the Protocol Buffers encoding guide. Next page: `protobuf`.
"""

MAX_BYTES = 10
"""What 64 bits need."""


class BadVarint(ValueError):
    """The bytes are no varint: the reason."""


def write(number: int) -> bytes:
    """Give a number's shortest form."""
    assert 0 <= number < 1 << 64, f"{number} has no place in 64 bits"
    if number < 0x80:
        return bytes((number,))
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def read(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Read the number at `at`, and say where it ends; nothing from `end` on is looked at."""
    if at < end and data[at] < 0x80:  # one byte: by far the most common
        return data[at], at + 1
    number = 0
    for count, byte in enumerate(data[at : min(end, at + MAX_BYTES)]):
        number |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            if byte == 0:
                raise BadVarint("a number is longer than it needs to be")
            if number >= 1 << 64:
                raise BadVarint("a number does not fit into 64 bits")
            return number, at + count + 1
    if end - at >= MAX_BYTES:
        raise BadVarint("a number has no end after ten bytes")
    raise BadVarint("the bytes end inside a number")
