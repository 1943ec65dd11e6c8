"""Measures the cost of a decision and of a fingerprint: `python tests/bench/dedupe.py [STORIES…]` prints Markdown.

The items are invented stories of 3,000 characters with ids and fingerprints of their own; one in ten comes again as a
near-copy by another wire. Fingerprints are ready, as in the log. Times are for one core. Memory is the growth of the
process for each story while the state fills. pytest runs it as a smoke test.
"""

import random
import sys
from pathlib import Path
from time import process_time

import msgspec

from streams.decide.fold import apply
from streams.decide.parameters import DecideParams
from streams.decide.state import State
from streams.model.records import Item, Origin, Status
from streams.prepare.text.fingerprint import fingerprint_text

RULES = DecideParams(window=72 * 3_600_000, memory=30 * 86_400_000, log_topic="news.internal.items")
BATCH = 500
MEASURED = 5_000
_LETTERS = "abdefgiklmnoprstuv"
_WORDS = ["".join(random.Random(number).choices(_LETTERS, k=2 + number % 8)) for number in range(20_000)]


def build_story(number: int, copy: bool = False) -> Item:
    """Builds the invented story with this number, or its near-copy by another wire."""
    rng = random.Random(number)
    words = rng.choices(_WORDS, k=460)
    words[:2] = [word.capitalize() for word in words[:2]]
    words[20:40:5] = [str(rng.randint(1, 10**6)) for _ in range(4)]
    headline = " ".join(words[:9])
    text = " ".join(words if not copy else words[: 400 + number % 50])
    source = "betawire" if copy else "alphawire"
    digest, mark = fingerprint_text(headline, text)
    return Item(
        origin=Origin(topic="news.raw", partition=0, offset=0, timestamp=0, index=0, count=1),
        source=source,
        wire_format="plain-json",
        received="2031-03-04T12:00:00Z",
        time_source="wire",
        id=f"{source}-{number}",
        guid=f"{source}-{number}",
        version="1",
        version_created="2031-03-04T11:59:00Z",
        status=Status.USABLE,
        embargoed_until="",
        text_hash=digest,
        has_body=True,
        headline=headline,
        symbols=(),
        labels=(),
        fingerprint=mark,
        prepared_with={},
        event=msgspec.Raw(b'{"type":"text","headlines":[],"bodies":[]}'),
    )


def decide_batch(state: State, items: list[Item], first: int) -> tuple[float, list[str]]:
    """Decides a batch. Returns the CPU seconds and the outcomes."""
    items = [msgspec.structs.replace(item, origin=_origin(first + at)) for at, item in enumerate(items)]
    began = process_time()
    overlay = state.batch()
    fates = [apply(overlay, item, first + at, RULES)[0].outcome.value for at, item in enumerate(items)]
    state.merge(overlay.changes)
    return process_time() - began, fates


def _origin(offset: int) -> Origin:
    return Origin(topic="news.raw", partition=0, offset=offset, timestamp=offset, index=0, count=1)


def resident_bytes() -> int:
    """Returns the resident memory of this process in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def measure(sizes: list[int]) -> list[tuple[int, float, float, float]]:
    """Returns for each size: stories in the window, decisions a second, bytes a story, share of near-copies found."""
    state, offset, rows, filled = State(), 0, [], 0
    before = resident_bytes()
    for size in sizes:
        while filled < size:
            chunk = [build_story(filled + at) for at in range(min(BATCH, size - filled))]
            decide_batch(state, chunk, offset)
            offset, filled = offset + len(chunk), filled + len(chunk)
        del chunk
        bytes_each = (resident_bytes() - before) / size
        seconds, copies, found = 0.0, 0, 0
        last = size - min(MEASURED, size)
        for at in range(last, size, BATCH):
            again = set(range(at, at + BATCH, 10))
            chunk = [
                build_story(n, copy=True) if n in again else build_story(10**9 + size + n)
                for n in range(at, at + BATCH)
            ]
            spent, fates = decide_batch(state, chunk, offset)
            offset, seconds = offset + len(chunk), seconds + spent
            copies += len(again)
            found += fates.count("duplicate")
        rows.append((size, min(MEASURED, size) / seconds, bytes_each, found / copies))
    return rows


def measure_fingerprint() -> float:
    """Measures the microseconds for hash and fingerprint of 3,000 characters: mean of the best of 20 rounds each."""
    texts = []
    for number in range(20):
        rng = random.Random(number)
        texts.append(" ".join("".join(rng.choices(_LETTERS, k=rng.randint(2, 9))) for _ in range(460))[:3000])
    best = []
    for text in texts:
        rounds = []
        for _ in range(20):
            began = process_time()
            for _ in range(10):
                fingerprint_text("Seven words that stand for a headline", text)
            rounds.append((process_time() - began) / 10)
        best.append(min(rounds))
    return sum(best) / len(best) * 1e6


def test_the_figures_are_measured() -> None:
    [(size, speed, bytes_each, found)] = measure([BATCH])
    assert (size, speed > 0, bytes_each > 0, found) == (BATCH, True, True, 1.0)


if __name__ == "__main__":
    print("| stories in the window | decisions a second | bytes a story | near-copies found |")
    print("| --- | --- | --- | --- |")
    for count, speed, each, found in measure(sorted(map(int, sys.argv[1:] or ("10000", "100000")))):
        print(f"| {count:,} | {speed:,.0f} | {each:,.0f} | {found:.1%} |")
    print(f"\nfingerprint of 3,000 characters: {measure_fingerprint():.0f} µs")
