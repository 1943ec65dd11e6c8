"""What prepare costs by step, on one core, on an item of 3 KB: `python tests/bench/prepare.py` (Markdown).

CPU time, the best of several rounds: the figure is for the code and not for what else the machine does.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from time import process_time
from typing import Any

from streams.config.loader import load
from streams.model import codec
from streams.model.records import Raw, RecordRef, StampedRef
from streams.prepare import facts, normalise
from streams.prepare.classify import linear_model, rules
from streams.prepare.classify.classifier import classify
from streams.prepare.formats.document import Document
from streams.prepare.formats.registry import find_format
from streams.prepare.loading import load_knowledge
from streams.prepare.stage import prepare
from streams.prepare.text import fingerprint
from streams.prepare.text.language import detect_language

SENTENCES = (
    "Northwind Foods, Inc. (NYSE: NWFD) today announced that it has agreed to acquire Acme Dairy for $1.2 billion.",
    "The boards of both companies approved the agreement, which is expected to close in the third quarter of 2031.",
    "Revenue for the second quarter rose 7.5% to $348 million, compared with $324 million a year earlier.",
    "Chief executive Jane Roe said the purchase would add four ferries' worth of cheese to the shelves of the north.",
)
LENGTH = 3000
ROUNDS, CALLS = 15, 40


def item() -> Raw:
    """A plain JSON item about invented companies."""
    text = "\n\n".join(SENTENCES[place % 4] for place in range(LENGTH // 110))[:LENGTH]
    body = json.dumps({"id": "1", "title": "Northwind Foods to acquire Acme Dairy for $1.2 billion", "body": text})
    at = StampedRef(RecordRef("news.raw", 0, 0), 0)
    return Raw(source="prnewswire", received=datetime(2031, 2, 14, tzinfo=UTC), body=body.encode(), position=at)


def micros(call: Callable[[], Any]) -> float:
    """CPU time of a call in microseconds."""
    best = float("inf")
    for _ in range(ROUNDS):
        begin = process_time()
        for _ in range(CALLS):
            call()
        best = min(best, process_time() - begin)
    return best / CALLS * 1e6


def steps() -> dict[str, float]:
    """Step -> microseconds."""
    knowledge, raw = load_knowledge(load(environ={})), item()
    classifiers = knowledge.classifiers
    document = Document(raw)
    found = find_format(document)
    story = found.parse(document)[0]
    read = rules.tokenize_item_with_headline(story.headline, story.text)
    hits = classifiers.rules.match(read, "en")
    evidence = linear_model.list_rule_features(hits)
    [prepared] = prepare(raw, knowledge)
    return {
        "find the format, parse": micros(lambda: find_format(Document(raw)).parse(Document(raw))),
        "language": micros(lambda: detect_language("", story.headline, story.text)),
        "classify": micros(lambda: classify(classifiers, read, language="en", release_wire=True, has_company=True)),
        "- its tokens": micros(lambda: rules.tokenize_item(story.headline, story.text)),
        "- its rules": micros(lambda: classifiers.rules.match(read, "en")),
        "- its model": micros(lambda: classifiers.model.predict(read.headline_tokens, read.text_tokens, evidence)),
        "sectors": micros(lambda: knowledge.sectors.find(read, "", ["Northwind Foods, Inc."], ())),
        "facts": micros(lambda: facts.find_facts(story.headline, story.text, "en")),
        "parts of the text (dateline, issuer, boilerplate)": micros(lambda: normalise.complete_story(story)),
        "print and hash": micros(lambda: fingerprint.fingerprint_text(story.headline, story.text, story.located, "en")),
        "log record": micros(lambda: codec.encode(prepared)),
        "**the whole stage**": micros(lambda: prepare(raw, knowledge)),
    }


def test_each_step_of_prepare_is_measured() -> None:
    assert all(cost > 0 for cost in steps().values())


def main() -> None:
    print("| step | microseconds |\n|---|--:|")
    for name, cost in steps().items():
        print(f"| {name} | {cost:.0f} |")


if __name__ == "__main__":
    main()
