"""Makes sequences of outcomes of two stories, for properties of what readers then see."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import strategies as st
from support.builders import FoldedRecord, FoldRunner, build_command, build_item, build_origin

from streams.model import codec
from streams.model.records import Item, LogRecord, Status
from streams.model.topics import CATEGORIES

Sequence = list[tuple[str, int, tuple[str, ...]]]
"""Kind of step, which story, and its categories."""

START = datetime(2031, 3, 4, 12, tzinfo=UTC)
HEADLINES = ["Brookvale Mills to build a mill at Ostrava", "Salton Tools names Maria Devlin as the head of its yard"]
TEXTS = [
    "Brookvale Mills said on Tuesday that it would build a second paper mill at Ostrava by the end of 2033.",
    "Salton Tools said that Maria Devlin, who ran its yard in Porto for nine years, would lead all of its sites.",
]
KINDS = ["full", "note", "title", "reclassify", "kill", "desk-kill", "embargoed", "embargoed-note", "release", "copy"]


def time(minutes: int) -> str:
    return (START + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


def build_step(number: int, kind: str, which: int, categories: tuple[str, ...]) -> Item:
    """Builds the item number `number` of one of two stories."""
    at, id_ = time(number), f"A{which}"
    text = f"{TEXTS[which]} It is take {number}." if kind in ("full", "embargoed", "copy") else ""
    notice: dict[str, Any] = {}
    if "note" in kind:
        notice = {"text": f"Note {number}: please read the second sentence with care.", "status": Status.ADVISORY}
    elif kind == "kill":
        notice = {"status": Status.WITHDRAWN}
    return build_item(
        id_,
        version=str(number + 1),
        created=at,
        received=at,
        headline=f"{HEADLINES[which]}, take {number}",
        categories=categories,
        first_created=time(-which) if number % 2 else "",
        embargo=time(number + 600) if "embargoed" in kind else "",
        **{"text": text, **notice},
    )


@st.composite
def sequences(draw: st.DrawFn) -> Sequence:
    """Draws a sequence."""
    some = st.lists(st.sampled_from(sorted(CATEGORIES)[:5]), max_size=3, unique=True).map(tuple)
    steps = st.tuples(st.sampled_from(["full", "full", *KINDS]), st.integers(0, 1), some)
    return draw(st.lists(steps, min_size=1, max_size=14))


def run(sequence: Sequence) -> list[tuple[LogRecord, FoldedRecord]]:
    """Folds the records of a sequence."""
    fold = FoldRunner()
    results: list[tuple[LogRecord, FoldedRecord]] = []
    last = [(0, "full"), (0, "full")]
    for number, (kind, which, categories) in enumerate(sequence):
        uri = f"urn:newswire:alphawire:A{which}"
        record: LogRecord
        if kind in ("desk-kill", "release"):
            record = build_command(kind.removeprefix("desk-"), uri, at=time(number))
        elif kind == "reclassify":
            story = fold.state.get(f"story {uri}")
            again = build_step(*last[which], which, categories)
            detail = {
                "job": f"r{number}",
                "version": str(getattr(story, "version", 0)),
                "item": codec.encode(again).decode(),
                "labels": msgspec.to_builtins(again.labels),
            }
            record = build_command("reclassify", uri, detail=detail)
        else:
            if kind in ("full", "title", "note"):
                last[which] = (number, kind)
            step = build_step(*last[which], which, categories) if kind == "copy" else None
            item = step or build_step(number, kind, which, categories)
            record = msgspec.structs.replace(item, origin=build_origin(number))
        results.append((record, fold.fold_record(record)))
    return results
