"""Makes sequences of outcomes of two stories and their translations, for properties of what readers then see."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st
from support.builders import HOUR, PARAMS, FoldedRecord, FoldRunner, build_command, build_item, build_origin

from streams.model import codec
from streams.model.records import Item, LogRecord, Status

Sequence = list[tuple[str, int, tuple[str, ...]]]
"""Kind of step, which story, and its categories."""

START = datetime(2031, 3, 4, 12, tzinfo=UTC)
HEADLINES = [
    "Brookvale Mills to build a mill at Ostrava",
    "Salton Tools names Maria Devlin as the head of its yard",
    "Brookvale Mills baut ein Werk in Ostrava",
    "Salton Tools beruft Maria Devlin an die Spitze der Werft",
]
TEXTS = [
    "Brookvale Mills said on Tuesday that it would build a second paper mill at Ostrava for 284.6 million euros by the"
    " end of 2033. It has 12450 people at 38 sites, sales of 1.7 billion euros and a margin of 7.4 percent.",
    "Salton Tools said that Maria Devlin, who ran its yard in Porto for nine years, would lead all of its 61 sites with"
    " 8312 people, orders of 945.2 million euros, a debt of 77.3 million euros and a margin of 5.9 percent.",
    "Brookvale Mills errichtet bis Ende 2033 in Ostrava ein zweites Papierwerk für 284,6 Millionen Euro. Das"
    " Unternehmen hat 12450 Beschäftigte an 38 Standorten, 1,7 Milliarden Euro Umsatz und eine Marge von 7,4 Prozent.",
    "Salton Tools wird künftig von Maria Devlin geführt, die neun Jahre lang die Werft in Porto leitete. Es hat 61"
    " Standorte mit 8312 Beschäftigten, Aufträge über 945,2 Millionen Euro, 77,3 Millionen Euro Schulden und eine"
    " Marge von 5,9 Prozent.",
]
"""Of the two stories, then of their translations."""
KINDS = [
    *("full", "note", "title", "reclassify", "kill", "desk-kill", "embargoed", "embargoed-note", "release", "copy"),
    "expire",
]
SOME_CATEGORIES = ("calendar", "companies", "companies.ipos", "economy-forex", "markets")
PARAMS_WITH_LINKS = msgspec.structs.replace(PARAMS, translation=24 * HOUR)


def time(minutes: int) -> str:
    return (START + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


def build_step(number: int, kind: str, which: int, categories: tuple[str, ...]) -> Item:
    """Builds the item number `number` of one of the stories."""
    at, id_ = time(number), f"A{which}"
    has_text = kind in ("full", "embargoed", "copy")
    text = f"{TEXTS[which]} It is take {number}." if has_text else ""
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
        rights_end=time(number + 900) if kind == "full" and number % 3 == 0 else "",
        language="de" if which > 1 else "en",
        **{"text": text, **notice},
    )


@st.composite
def sequences(draw: st.DrawFn) -> Sequence:
    """Draws a sequence."""
    some = st.lists(st.sampled_from(SOME_CATEGORIES), max_size=3, unique=True).map(tuple)
    steps = st.tuples(st.sampled_from(["full", "full", *KINDS]), st.sampled_from([0, 0, 0, 2, 2, 1, 3]), some)
    return draw(st.lists(steps, min_size=1, max_size=20))


def draw_sequences(count: int) -> list[Sequence]:
    """Draws the same sequences at each call."""
    found: list[Sequence] = []

    @settings(max_examples=count, database=None, phases=[Phase.generate])
    @seed(22)
    @given(sequences())
    def collect(sequence: Sequence) -> None:
        found.append(sequence)

    collect()
    return found


def run(sequence: Sequence) -> list[tuple[LogRecord, FoldedRecord]]:
    """Folds the records of a sequence."""
    fold = FoldRunner(PARAMS_WITH_LINKS)
    results: list[tuple[LogRecord, FoldedRecord]] = []
    last = [(0, "full")] * 4
    for number, (kind, which, categories) in enumerate(sequence):
        uri = f"urn:newswire:alphawire:A{which}"
        record: LogRecord
        if kind in ("desk-kill", "release"):
            record = build_command(kind.removeprefix("desk-"), uri, at=time(number))
        elif kind == "expire":
            story = fold.state.get(f"story {uri}")
            listed = {"rights_end": getattr(story, "rights_end", "")}
            record = build_command(kind, uri, by="releaser", at=time(number + 1000), detail=listed)
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
