"""How far a client has read news.latest: the offset of the last record seen of each partition.

As an SSE id and `Last-Event-ID`: `0:1234`, or `0:1234,1:88` where the topic has several partitions. It means the
same at every copy of the gateway and after a restart. Offsets that are not in it count as -1: nothing seen. `-` is the
position before everything, of a client that waits for the first item.
"""

import re
from collections.abc import Mapping

_NOTHING = "-"
_TEXT = re.compile(r"\d{1,9}:\d{1,18}(,\d{1,9}:\d{1,18}){0,999}", re.ASCII)


def encode(position: Mapping[int, int]) -> str:
    """A position as an SSE id."""
    seen = (f"{partition}:{offset}" for partition, offset in sorted(position.items()) if offset >= 0)
    return ",".join(seen) or _NOTHING


def decode(text: str) -> dict[int, int]:
    """An SSE id as a position. Raises ValueError where it is none of ours."""
    if text == _NOTHING:
        return {}
    if not _TEXT.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is no id of this stream, such as 0:1234")
    pairs = (pair.partition(":") for pair in text.split(","))
    return {int(partition): int(offset) for partition, _, offset in pairs}
