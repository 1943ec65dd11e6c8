"""The history of a gateway on the real broker: all of the topic, its folder, withdrawals."""

import json
import shutil
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient
from support import flow
from support.ticker import GatewayProcess, LatestWriter, run_ticker_gateway

from streams.config.settings import Settings
from streams.gateway.history import FILE
from streams.model.topics import LATEST

pytestmark = pytest.mark.kafka
FEW_ROWS = {"NEWSWIRE_GATEWAY__ROWS": "5"}


@pytest.fixture
def topics(settings: Settings) -> Settings:
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    return settings


def wait_for_history(served: GatewayProcess) -> None:
    served.wait_for("/latest?q=norwick", lambda status, _: status == 200)


def follow_links(served: GatewayProcess, path: str) -> list[list[str]]:
    """Returns the names of the stories of a page and of all older ones."""
    pages = []
    while path:
        with urllib.request.urlopen(f"http://127.0.0.1:{served.port}{path}") as answer:
            rows: list[dict[str, Any]] = json.load(answer)
            links = dict(reversed(link.split("; ")) for link in answer.headers.get("Link", "").split(", ") if link)
        pages.append([row["uri"].rpartition(":")[2] for row in rows])
        path = links.get('rel="next"', "").strip("<>")
    return pages


def test_what_is_older_than_the_newest_rows_is_found_and_paged_from_the_view_into_the_history(topics: Settings) -> None:
    writer = LatestWriter(topics)
    writer.put("rare", symbol="RARE", flush=False)
    for number in range(12):
        writer.put(f"n{number}", flush=False, when=f"2026-03-02T10:00:{number // 2:02}Z")
    writer.flush()
    with run_ticker_gateway(topics, **FEW_ROWS) as served:
        wait_for_history(served)
        assert [row["uri"].rpartition(":")[2] for row in served.rows("ticker=RARE", 1)] == ["rare"]
        pages = follow_links(served, "/latest?category=companies&limit=5")
        assert pages == [
            ["n11", "n10", "n9", "n8", "n7"],
            ["n6", "n5", "n4", "n3", "n2"],
            ["n1", "n0", "rare"],
        ]


def test_a_withdrawn_story_leaves_the_history_with_its_words(topics: Settings, tmp_path: Path) -> None:
    writer = LatestWriter(topics)
    writer.put("kept")
    writer.put("secret", "Zyxquark Uptonium opens a plant")
    with run_ticker_gateway(topics, state=str(tmp_path)) as served:
        wait_for_history(served)
        assert len(served.rows("q=zyxquark", 1)) == 1
        writer.put("secret", "", version=2, kind="withdrawn", pub_status="canceled")
        served.rows("q=zyxquark", 0)
        assert len(served.rows("q=plant", 1)) == 1
        deadline = time.monotonic() + 30
        while any(b"yxquark" in path.read_bytes() for path in tmp_path.iterdir()):
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_a_history_goes_on_after_a_restart_and_a_folder_that_is_gone_is_filled_again(
    topics: Settings, tmp_path: Path
) -> None:
    writer = LatestWriter(topics)
    for name in ("one", "two", "three"):
        writer.put(name)
    with run_ticker_gateway(topics, state=str(tmp_path)) as served:
        wait_for_history(served)
        served.rows("q=norwick", 3)
    made = (tmp_path / FILE).stat().st_ino
    writer.put("two", version=2, kind="withdrawn", pub_status="canceled")
    writer.put("four")
    for gone in (False, True):
        if gone:
            shutil.rmtree(tmp_path)
        with run_ticker_gateway(topics, state=str(tmp_path)) as served:
            wait_for_history(served)
            rows = served.rows("q=norwick", 3)
        assert {row["uri"].rpartition(":")[2] for row in rows} == {"one", "three", "four"}
        assert gone or (tmp_path / FILE).stat().st_ino == made


def test_a_history_that_missed_records_is_read_again_as_a_withdrawal_may_be_among_them(
    topics: Settings, tmp_path: Path
) -> None:
    writer = LatestWriter(topics)
    writer.put("old")
    with run_ticker_gateway(topics, state=str(tmp_path)) as served:
        wait_for_history(served)
        served.rows("q=norwick", 1)
    for name in ("missed", "young"):
        writer.put(name)
    place = TopicPartition(topics.topics.full(LATEST), 0, 2)
    admin = AdminClient({"bootstrap.servers": topics.kafka.brokers})
    for deleted in admin.delete_records([place]).values():
        deleted.result()
    with run_ticker_gateway(topics, state=str(tmp_path)) as served:
        wait_for_history(served)
        assert [row["uri"].rpartition(":")[2] for row in served.rows("q=norwick", 1)] == ["young"]
