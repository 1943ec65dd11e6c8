"""Does arithmetic on many small whole numbers at once, packed side by side into one Python integer.

Each number has a lane: a fixed count of bits, the first number in the lowest lane. One operation of Python's integers
then works on every lane, exactly and alike on every machine, several times as fast as a loop over the numbers and
without numpy, whose import costs 0.4 s at each start. No lane may run over into the next: each function says how large
its numbers may be. tests/model/test_packed_numbers.py holds each function against a plain loop.
"""

import struct
from array import array
from collections.abc import Iterable, Iterator, Sequence

MOST_COUNTED = 64
"""Lanes that `count_nonzero` and `count_nonzero_bytes` look at."""
_HIGH_BITS = int.from_bytes(b"\0\0\0\x80" * MOST_COUNTED, "little")
_LOW_BITS = int.from_bytes(b"\xff\xff\xff\x7f" * MOST_COUNTED, "little")

_HIGH_BITS_OF_BYTES = int.from_bytes(b"\x80" * MOST_COUNTED, "little")
_LOW_BITS_OF_BYTES = int.from_bytes(b"\x7f" * MOST_COUNTED, "little")


class SignedLanes:
    """Packs signed numbers into lanes of `bits` bits (a multiple of 8), `count` lanes in all.

    A packed row is a plain integer: `sum` of rows adds up every lane. Each sum must stay within half a lane,
    from -2 ** (bits - 1) to 2 ** (bits - 1) - 1.
    """

    def __init__(self, bits: int, count: int) -> None:
        self._bits = bits
        self._half = 1 << (bits - 1)
        self._step = bits // 8
        self._size = count * self._step
        self._middle = self.pack([self._half] * count)

    def pack(self, numbers: Iterable[int]) -> int:
        """Packs at most `count` numbers; the lanes that are left hold 0."""
        packed = 0
        for lane, number in enumerate(numbers):
            packed += number << (lane * self._bits)
        return packed

    def unpack(self, packed: int) -> list[int]:
        """Returns the number in each lane."""
        # With half a lane added to each, no lane is negative and none borrows from the next.
        raw = (packed + self._middle).to_bytes(self._size, "little")
        step, half = self._step, self._half
        return [int.from_bytes(raw[at : at + step], "little") - half for at in range(0, self._size, step)]

    def unpack_lane(self, rows: Iterable[int], lane: int) -> list[int]:
        """Returns the number that each of the rows has in one lane."""
        middle, half, shift, mask = self._middle, self._half, lane * self._bits, (1 << self._bits) - 1
        return [((packed + middle) >> shift & mask) - half for packed in rows]

    def pack_bytes(self, rows: bytes, less: Sequence[int]) -> Iterator[int]:
        """Packs rows of `count` bytes: each byte is a number from 0 to 255, from which the lane's `less` is taken."""
        count = self._size // self._step
        spread, subtracted = struct.Struct("<" + f"B{self._step - 1}x" * count).pack, self.pack(less)
        read = int.from_bytes
        return (read(spread(*row), "little") - subtracted for row in struct.iter_unpack(f"<{count}B", rows))


def count_nonzero(packed: int) -> int:
    """Counts the numbers that are not 0. The lanes have 32 bits, unsigned; at most `MOST_COUNTED` of them."""
    # Adding all ones below the highest bit of a lane sets that bit unless the rest of the lane is 0.
    return ((((packed & _LOW_BITS) + _LOW_BITS) | packed) & _HIGH_BITS).bit_count()


def mark_nonzero(packed: int) -> int:
    """Returns 1 in each lane that is not 0. The lanes have 32 bits, unsigned; at most `MOST_COUNTED` of them."""
    return ((((packed & _LOW_BITS) + _LOW_BITS) | packed) & _HIGH_BITS) >> 31


def count_nonzero_bytes(packed: int) -> int:
    """Counts the bytes that are not 0 among the lowest `MOST_COUNTED`."""
    return ((((packed & _LOW_BITS_OF_BYTES) + _LOW_BITS_OF_BYTES) | packed) & _HIGH_BITS_OF_BYTES).bit_count()


def mix_triples(numbers: Sequence[int], factors: tuple[int, int, int]) -> list[int]:
    """Returns a 32-bit value of each three numbers in a row: bits 30 to 61 of their sum, each by its factor.

    The numbers have 32 bits, unsigned; the factors are below 2 ** 30, so that the sum of three products fits a lane
    of 64 bits. There must be at least three numbers.
    """
    row = int.from_bytes(array("Q", numbers).tobytes(), "little")
    mixed = row * factors[0] + (row >> 64) * factors[1] + (row >> 128) * factors[2]
    values = memoryview((mixed >> 30).to_bytes(8 * len(numbers) + 8, "little")).cast("I")
    return values[: 2 * (len(numbers) - 2) : 2].tolist()
