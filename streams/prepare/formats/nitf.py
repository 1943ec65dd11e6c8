"""IPTC NITF 3.x (News Industry Text Format) alone: one `nitf` element is one story."""

from streams.model import Story
from streams.prepare.document import Document
from streams.prepare.formats import _nitf
from streams.prepare.formats._fields import require_content
from streams.prepare.formats._xml import child, local
from streams.reasons import Reason, Reject


def matches(document: Document) -> bool:
    """Whether the root is `nitf`; its DTD has no namespace, its schema one."""
    return document.xml is not None and local(document.xml) == "nitf"


def parse(document: Document) -> tuple[Story | Reject, ...]:
    """The one story. Raises `Reject`: `malformed` (an unreadable embargo), `missing-field` or `empty`."""
    root = document.xml
    if root is None:
        raise Reject(Reason.MALFORMED, f"not well-formed XML: {document.xml_error}")
    if child(root, "head") is None and child(root, "body") is None:
        raise Reject(Reason.EMPTY, "the nitf has neither a head nor a body")
    return (require_content(_nitf.read(root, "the nitf"), "the nitf"),)
