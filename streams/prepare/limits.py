"""How large and how deep an item may be: the settings `prepare.item_mb`, `item_tags` and `item_depth`."""

import msgspec

from streams.topics import MAX_RAW_BYTES

MAX_DEPTH = 256
"""Where the reader of XML and HTML (libxml2) gives up by itself."""


class Limits(msgspec.Struct, frozen=True):
    """An item that is over one of them is refused before it costs time: `too-large`, `too-deep`."""

    size: int = MAX_RAW_BYTES
    """Bytes of a raw record."""
    tags: int = 40_000
    """Tags of its markup, closing and escaped ones too; the largest of 200 real pages and feeds has 8,093."""
    depth: int = MAX_DEPTH
    """Elements, or objects and arrays of JSON, inside each other."""


DEFAULT = Limits()
"""Where no setting says otherwise."""
