"""Damage done to a wire item, by a seed: what transmission, wrong tools and hostile senders do."""

import random
from pathlib import Path

WIRES = Path(__file__).resolve().parents[1] / "wires"
SAMPLES = tuple(
    sorted(path for path in WIRES.glob("*/*") if not path.name.endswith((".expected.json", ".headers.json")))
)
PIECES = (
    *(b"<", b">", b"]]>", b"<!--", b"&#xD800;", b"&amp;", b'"', b"\\", b"\\ud800", b"{", b"[", b"}", b"]", b","),
    *(b"\x00", b"\x01", b"\x02", b"\x03", b"\x04", b"\x1f", b"\x16", b"\xff", b"\xc3", b"\xef\xbb\xbf", b"\r\n", b"\t"),
    *(b"=?utf-8?B?", b"=?x?Q?=ZZ?=", b"boundary=", b"--b1", b"Content-Type: ", b"9" * 30, b"-1", b"1e999", b"null"),
    *("\u202e".encode(), "\u2028".encode(), b"9999-12-31T23:59:59Z", b"2026-13-01", b"131137 GMT Nov 13", b"^", b"=\n"),
)
LARGEST = 300_000
"""Bytes that a repeated piece may come to."""


def mutated(body: bytes, chance: random.Random) -> bytes:
    """The item with one to four damages."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randint(0, len(body))
        until = min(len(body), at + chance.choice((0, 1, 8, 60, 400)))
        piece = body[at:until]
        match chance.randrange(8):
            case 0:
                body = body[:at] + body[until:]
            case 1:
                body = body[:at] + chance.choice(PIECES) + body[until:]
            case 2:
                body = body[:at] + chance.randbytes(chance.randint(1, 6)) + body[until:]
            case 3:
                body = body[:at] + piece * chance.choice((2, 20)) + body[until:]
            case 4:
                repeated = piece or chance.choice(PIECES)
                body = body[:at] + repeated * (chance.choice((1_000, 30_000, LARGEST)) // len(repeated)) + body[until:]
            case 5:
                lines = body.split(b"\n")
                chance.shuffle(lines)
                body = b"\n".join(lines)
            case 6:
                other = chance.choice(SAMPLES).read_bytes()
                body = body[:at] + other[chance.randint(0, len(other)) :]
            case _:
                body = body[:at]
    return body[: 4 * LARGEST]
