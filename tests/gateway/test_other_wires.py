import orjson
import pytest

from streams.config.loader import load_packaged_sources
from streams.gateway.other_wires import OtherWireItem, OtherWires
from streams.model.sources import Sources

SOURCES = Sources(load_packaged_sources())


def build_record(uri: str, *, kind: str = "near", later: str = "95", source: str = "businesswire", name: str = "Copy"):
    value = {"uri": f"urn:newswire:{source}:1", "version": "1", "versionCreated": "2026-03-02T10:01:35Z"}
    value["headlines"] = [{"role": "ticker", "value": name}]  # type: ignore[assignment]
    headers = {"duplicate-of": uri, "match-kind": kind, "seconds-later": later}
    named = {**headers, "ce_id": "news.raw/0/7/0", "ce_source": f"urn:newswire:source:{source}"}
    return orjson.dumps(value), [(key, text.encode()) for key, text in named.items()], SOURCES


def test_an_item_names_the_wire_that_had_the_story_and_how_much_later() -> None:
    other_wires = OtherWires()
    other_wires.add(*build_record("a"))
    other_wires.add(*build_record("a", source="reuters", later="3600", kind="same-text"))
    assert other_wires.get("a") == [
        OtherWireItem("BU", "2026-03-02T10:01:35Z", "Copy", "", "near", 95),
        OtherWireItem("RE", "2026-03-02T10:01:35Z", "Copy", "", "same-text", 3600),
    ]
    assert other_wires.get("b") == []


@pytest.mark.parametrize("kind", ["same-version", "superseded"])
def test_a_wire_that_repeats_itself_is_no_other_wire(kind: str) -> None:
    other_wires = OtherWires()
    other_wires.add(*build_record("a", kind=kind))
    assert other_wires.get("a") == []


def test_the_oldest_items_are_forgotten() -> None:
    other_wires = OtherWires(2)
    for uri in ("a", "b", "a", "c"):
        other_wires.add(*build_record(uri))
    assert [len(other_wires.get(uri)) for uri in "abc"] == [1, 0, 1]


def test_a_value_that_is_no_item_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON"):
        OtherWires().add(b"<xml/>", [("duplicate-of", b"a")], SOURCES)
