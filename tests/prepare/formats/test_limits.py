import pytest
from support.raw_records import raw

from streams.config.loader import load
from streams.model.errors import Reason, Reject
from streams.prepare.formats.document import Document, Limits
from streams.prepare.formats.registry import find_format
from streams.prepare.loading import load_knowledge
from streams.prepare.raw_records import check_raw_record


def test_the_limits_are_settings() -> None:
    found = load_knowledge(
        load(
            environ={
                "NEWSWIRE_PREPARE__ITEM_MB": "0.5",
                "NEWSWIRE_PREPARE__ITEM_TAGS": "500",
                "NEWSWIRE_PREPARE__ITEM_DEPTH": "20",
            }
        )
    )
    assert found.limits == Limits(size=1 << 19, tags=500, depth=20)
    assert load_knowledge(load(environ={})).limits == Limits()


@pytest.mark.parametrize("tag", [b"<p>", b"</p>", b"&lt;p&gt;"])
def test_an_item_of_as_many_tags_as_allowed_is_taken_and_of_one_more_refused(tag: bytes) -> None:
    check_raw_record(raw(tag * 7), Limits(tags=7))
    with pytest.raises(Reject) as refused:
        check_raw_record(raw(tag * 8), Limits(tags=7))
    assert refused.value.reason is Reason.TOO_LARGE
    assert refused.value.message == "8 tags; the limit is 7 (prepare.item_tags)"


def nested(kind: str, depth: int) -> bytes:
    """A document whose innermost element or array is so deep."""
    if kind == "json":
        return b'{"title": "x", "body": "y", "z": ' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"
    outer = {"xml": ["nitf", "body", "body.content"], "html": ["html", "body"]}[kind]
    tags = [*outer, *["div" if kind == "html" else "block"] * (depth - len(outer))]
    title = "<title>x</title>" if kind == "html" else ""
    opened = "".join(f"<{tag}>" for tag in tags).replace("<html>", f"<html>{title}")
    return (opened + "x" + "".join(f"</{tag}>" for tag in reversed(tags))).encode()


@pytest.mark.parametrize("kind", ["xml", "html", "json"])
def test_an_item_as_deep_as_allowed_is_opened_and_one_deeper_refused(kind: str) -> None:
    document = Document(raw(nested(kind, 12)), 12)
    assert len(find_format(document).parse(document)) == 1
    document = Document(raw(nested(kind, 13)), 12)
    with pytest.raises(Reject) as refused:
        find_format(document).parse(document)
    assert refused.value.reason is Reason.TOO_DEEP
