"""Sixty invented pairs: look-alikes of forms, funds, ratings, trials and indices, and copies as wires change them."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.builders import FoldRunner

from streams.config.loader import load
from streams.model.records import Item, RecordRef, StampedRef
from streams.prepare.loading import load_knowledge
from streams.prepare.raw_records import accept_raw_record
from streams.prepare.stage import prepare

KNOWLEDGE = load_knowledge(load(environ={}))
FILE = Path(__file__).with_name("invented_pairs.jsonl")
PAIRS = [json.loads(line) for line in FILE.read_text("utf-8").splitlines()]
MISSED = {
    "umlauts transliterated (ae/oe/ue/ss) in old feed": "no phrase is equal",
    "number style: £1.2bn vs 1.2 billion pounds, % vs percent, p vs pence": "too few phrases are equal",
    "embargo line and notes to editors removed at publication": "nothing is compared with what waits for its time",
}
"""Copies that are shown twice, each with the reason."""


def prepare_item(id: str, source: str, received: str, headline: str, text: str) -> Item:
    at = StampedRef(RecordRef("news.raw", 0, 0), 1_951_000_000_000)
    body = json.dumps({"id": id, "date": received, "title": headline, "body": text}).encode()
    headers = {"source": source, "received-at": received, "content-type": "application/json"}
    (found,) = prepare(accept_raw_record(at, tuple((k, v.encode()) for k, v in headers.items()), body), KNOWLEDGE)
    assert isinstance(found, Item), found
    return found


@pytest.mark.parametrize("pair", PAIRS, ids=[pair["note"] for pair in PAIRS])
def test_copies_are_joined_and_look_alikes_are_not(pair: dict[str, Any]) -> None:
    fold = FoldRunner()
    fold.fold_new(prepare_item("a", **pair["a"]))
    result = fold.fold_new(prepare_item("b", **pair["b"]))
    joined = pair["kind"] == "copy" and pair["note"] not in MISSED
    assert (result.outcome in ("duplicate", "revised")) is joined, result.decision.evidence
