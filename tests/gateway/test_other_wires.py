import orjson
import pytest

from streams.config.loader import packaged_sources
from streams.gateway.other_wires import OtherWireItem, OtherWires
from streams.model.sources import Sources

SOURCES = Sources(packaged_sources())


def record(uri: str, *, kind: str = "near", later: str = "95", source: str = "businesswire", name: str = "Copy"):
    value = {"uri": f"urn:newswire:{source}:1", "version": "1", "versionCreated": "2026-03-02T10:01:35Z"}
    value["headlines"] = [{"role": "ticker", "value": name}]  # type: ignore[assignment]
    headers = {"duplicate-of": uri, "match-kind": kind, "seconds-later": later}
    named = {**headers, "ce_source": f"urn:newswire:source:{source}"}
    return orjson.dumps(value), [(key, text.encode()) for key, text in named.items()], SOURCES


def test_a_copy_tells_which_wire_had_the_story_and_how_much_later() -> None:
    copies = OtherWires()
    copies.add(*record("a"))
    copies.add(*record("a", source="reuters", later="3600", kind="same-text"))
    assert copies.of("a") == [
        OtherWireItem("BU", "2026-03-02T10:01:35Z", "Copy", "", "near", 95),
        OtherWireItem("RE", "2026-03-02T10:01:35Z", "Copy", "", "same-text", 3600),
    ]
    assert copies.of("b") == []


@pytest.mark.parametrize("kind", ["same-version", "superseded"])
def test_a_wire_that_repeats_itself_is_no_copy_on_another(kind: str) -> None:
    copies = OtherWires()
    copies.add(*record("a", kind=kind))
    assert copies.of("a") == []


def test_the_oldest_copies_are_forgotten() -> None:
    copies = OtherWires(2)
    for uri in ("a", "b", "a", "c"):
        copies.add(*record(uri))
    assert [len(copies.of(uri)) for uri in "abc"] == [1, 0, 1]


def test_what_is_no_item_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON"):
        OtherWires().add(b"<xml/>", [("duplicate-of", b"a")], SOURCES)
