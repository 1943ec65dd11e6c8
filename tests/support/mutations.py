"""Damages wire items as transmission, wrong tools and hostile senders do; a seed makes the damage repeatable."""

import random
from pathlib import Path

from hypothesis import strategies as st
from lxml import etree

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
"""Maximum bytes of a repeated piece."""


def mutate(body: bytes, chance: random.Random) -> bytes:
    """Returns the item with one to four random damages."""
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


def draw_damaged(data: st.DataObject, body: bytes) -> bytes:
    """Draws one to four damages: up to six bytes are inserted anywhere, with or without cutting bytes out."""
    for _ in range(data.draw(st.integers(1, 4))):
        at, until = sorted((data.draw(st.integers(0, len(body))), data.draw(st.integers(0, len(body)))))
        body = body[:at] + data.draw(st.binary(max_size=6)) + body[data.draw(st.sampled_from((at, until))) :]
    return body


def replace_bytes(body: bytes, at: int, cut: int, put: bytes) -> bytes:
    """Replaces `cut` bytes by `put` at a place, which is taken modulo the length of the body."""
    return body[: at % len(body)] + put + body[at % len(body) + cut :]


def damage_elements(root: etree._Element, seed: int) -> bytes:
    """Empties, renames or changes up to four elements of an XML document and returns the document."""
    chance = random.Random(seed)
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    for element in chance.sample(elements, min(4, len(elements))):
        match chance.randrange(5):
            case 0:
                element.clear()
            case 1:
                element.attrib.clear()
            case 2:
                element.tag = chance.choice(elements).tag
            case 3:
                element.append(etree.Comment("x"))
            case _:
                element.text = chance.choice(["", "\u00a0", "9999-99-99", "<p>", "&", "1e9"])
    return etree.tostring(root)
