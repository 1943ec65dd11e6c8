"""Measures the steps of prepare on an item of 3 KB, on one core: `python tests/bench/prepare.py` prints Markdown.

The figures are CPU times, the best of several rounds, so that other work of the machine does not count.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from time import process_time

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


def build_item() -> Raw:
    """Builds a plain JSON item about invented companies."""
    text = "\n\n".join(SENTENCES[place % 4] for place in range(LENGTH // 110))[:LENGTH]
    body = json.dumps({"id": "1", "title": "Northwind Foods to acquire Acme Dairy for $1.2 billion", "body": text})
    at = StampedRef(RecordRef("news.raw", 0, 0), 0)
    return Raw(source="prnewswire", received=datetime(2031, 2, 14, tzinfo=UTC), body=body.encode(), position=at)


def measure_microseconds(call: Callable[[], object]) -> float:
    """Measures the CPU time of a call in microseconds."""
    best = float("inf")
    for _ in range(ROUNDS):
        begin = process_time()
        for _ in range(CALLS):
            call()
        best = min(best, process_time() - begin)
    return best / CALLS * 1e6


def measure_steps() -> dict[str, float]:
    """Measures all steps: step -> microseconds."""
    knowledge, raw = load_knowledge(load(environ={})), build_item()
    classifiers = knowledge.classifiers
    document = Document(raw)
    found = find_format(document)
    story = found.parse(document)[0]
    read = rules.tokenize_item_with_headline(story.headline, story.text)
    hits = classifiers.rules.match(read, "en")
    evidence = linear_model.list_rule_features(hits)
    [prepared] = prepare(raw, knowledge)
    return {
        "find the format, parse": measure_microseconds(lambda: find_format(Document(raw)).parse(Document(raw))),
        "language": measure_microseconds(lambda: detect_language("", story.headline, story.text)),
        "classify": measure_microseconds(
            lambda: classify(classifiers, read, language="en", release_wire=True, has_company=True)
        ),
        "- its tokens": measure_microseconds(lambda: rules.tokenize_item(story.headline, story.text)),
        "- its rules": measure_microseconds(lambda: classifiers.rules.match(read, "en")),
        "- its model": measure_microseconds(
            lambda: classifiers.model.predict(read.headline_tokens, read.text_tokens, evidence, "release")
        ),
        "sectors": measure_microseconds(lambda: knowledge.sectors.find(read, "", ["Northwind Foods, Inc."], ())),
        "facts": measure_microseconds(lambda: facts.find_facts(story.headline, story.text, "en")),
        "parts of the text (dateline, issuer, boilerplate)": measure_microseconds(
            lambda: normalise.complete_story(story)
        ),
        "print and hash": measure_microseconds(
            lambda: fingerprint.fingerprint_text(story.headline, story.text, story.located, "en")
        ),
        "log record": measure_microseconds(lambda: codec.encode(prepared)),
        "**the whole stage**": measure_microseconds(lambda: prepare(raw, knowledge)),
    }


def test_each_step_of_prepare_is_measured() -> None:
    assert all(cost > 0 for cost in measure_steps().values())


def main() -> None:
    print("| step | microseconds |\n|---|--:|")
    for name, cost in measure_steps().items():
        print(f"| {name} | {cost:.0f} |")


if __name__ == "__main__":
    main()
