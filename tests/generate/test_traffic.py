"""The stream is the same on every machine, in order of time, and mixed as configured."""

import hashlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice, pairwise
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from streams.generate import GeneratedItem, Mix, stream
from streams.generate.truth import ItemKind
from streams.model.topics import CATEGORIES

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_DIGEST = (
    "import hashlib; from datetime import UTC, datetime; from streams.generate import stream;"
    "items = stream(5, 600, datetime(2026, 3, 2, 9, 0, tzinfo=UTC));"
    "print(hashlib.sha256(repr([(item.headers, item.body, item.truth) for item in items]).encode()).hexdigest())"
)


@pytest.fixture(scope="module")
def items() -> list[GeneratedItem]:
    return list(stream(1, 12_000, START))


def digest(items: Iterable[GeneratedItem]) -> str:
    return hashlib.sha256(repr([(item.headers, item.body, item.truth) for item in items]).encode()).hexdigest()


def test_a_seed_gives_the_same_bytes_whatever_hash_seed_time_zone_and_locale_the_process_has() -> None:
    here = digest(stream(5, 600, START))
    for hash_seed, zone, language in (("1", "Asia/Tokyo", "de_DE.UTF-8"), ("2", "America/New_York", "C")):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": zone, "LC_ALL": language}
        run = subprocess.run(
            [sys.executable, "-c", _DIGEST], env=environment, capture_output=True, text=True, check=True
        )
        assert run.stdout.strip() == here


def test_another_seed_gives_another_stream() -> None:
    assert not {item.body for item in stream(1, 300, START)} & {
        item.body for item in stream(2, 300, START) if item.body
    }


@hypothesis_settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**63), short=st.integers(0, 120), more=st.integers(0, 120))
def test_a_shorter_stream_is_the_beginning_of_a_longer_one(seed: int, short: int, more: int) -> None:
    longer = list(stream(seed, short + more, START))
    assert list(stream(seed, short, START)) == longer[:short]


def test_a_stream_without_a_count_does_not_end() -> None:
    assert len(list(islice(stream(1, None, START), 2_000))) == 2_000


def test_items_are_numbered_and_their_received_time_always_increases_from_the_start(items: list[GeneratedItem]) -> None:
    received = [item.headers["received-at"] for item in items]
    assert received[0] == "2026-03-02T09:00:00.000Z"
    assert all(before < after for before, after in pairwise(received))
    assert [item.truth.number for item in items] == list(range(len(items)))


def test_the_rate_applies_to_the_received_time() -> None:
    *_, last = stream(3, 6_000, START, rate=50.0)
    seconds = (datetime.fromisoformat(last.headers["received-at"]) - START).total_seconds()
    assert 6_000 / 50 * 0.8 < seconds < 6_000 / 50 * 2  # copies and versions of the last minutes are still missing


def test_every_category_and_every_kind_of_item_appears(items: list[GeneratedItem]) -> None:
    assert {category for item in items for category in item.truth.categories} == set(CATEGORIES)
    assert {item.truth.kind for item in items} == set(get_args(ItemKind))


def test_the_languages_of_the_rules_appear_and_most_items_are_english(items: list[GeneratedItem]) -> None:
    languages = Counter(item.truth.language for item in items)
    assert set(languages) == {"en", *["de", "fr", "es", "it", "nl", "sv", "da", "no", "pt", "pl", "zh", "ja"]}
    assert languages["en"] > len(items) * 0.7


def test_sizes_range_from_alerts_of_a_few_hundred_bytes_to_filings_of_tens_of_kilobytes(
    items: list[GeneratedItem],
) -> None:
    sizes = [len(item.body) for item in items if item.truth.kind not in ("broken", "hostile", "test")]
    assert 150 < min(sizes) < 300
    assert 40_000 < max(sizes) < 90_000


def test_a_quarter_of_the_items_are_duplicates_and_a_twentieth_revises() -> None:
    outcomes = Counter(item.truth.outcome for item in stream(4, 20_000, START, rate=1.0))
    assert 0.22 < outcomes["duplicate"] / 20_000 < 0.28
    assert 0.035 < (outcomes["revised"] + outcomes["withdrawn"]) / 20_000 < 0.065
    assert outcomes["rejected"] < 0.025 * 20_000


def test_the_mix_can_leave_out_everything_but_first_items() -> None:
    plain = Mix(duplicates=0, revisions=0, look_alikes=0, bad_inputs=0)
    assert {item.truth.kind for item in stream(1, 500, START, mix=plain)} == {"release", "embargo"}


def test_items_above_the_size_limit_come_only_if_asked_for() -> None:
    asked = Mix(duplicates=0, revisions=0, look_alikes=0, bad_inputs=0.9, oversized=True)
    large = [item for item in stream(1, 150, START, mix=asked) if len(item.body) > 8 << 20]
    assert {item.truth.error for item in large} == {"too-large"}
    assert max(len(item.body) for item in large) < (8 << 20) + 4096


@pytest.mark.parametrize("rate", [0.0, -1.0, 1001.0])
def test_an_impossible_rate_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="is no rate"):
        stream(1, 1, START, rate=rate)


def test_a_start_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has no zone"):
        stream(1, 1, datetime(2026, 3, 2, 9, 0))  # noqa: DTZ001


def test_a_mix_that_leaves_no_first_items_is_refused() -> None:
    with pytest.raises(ValueError, match="first items"):
        Mix(duplicates=0.9, revisions=0.1)
