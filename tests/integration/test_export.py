"""A day of a wire goes to another cluster: export, feed, and the same outcomes."""

import json
from pathlib import Path

import msgspec
import pytest
from support import flow
from support.mixed_items import mixed_items

from streams.config.settings import Settings

pytestmark = pytest.mark.kafka


def test_a_recording_played_back_under_another_prefix_gives_the_same_items(settings: Settings, tmp_path: Path) -> None:
    settings = msgspec.structs.replace(settings, topics=msgspec.structs.replace(settings.topics, raw_partitions=1))
    prefix = f"{settings.topics.prefix}-again"
    other = msgspec.structs.replace(settings, topics=msgspec.structs.replace(settings.topics, prefix=prefix))
    file = tmp_path / "day.jsonl.zst"
    for each in (settings, other):
        assert flow.newswire(each, "topics", "apply").returncode == 0
    flow.send(settings, mixed_items(80, seed=21))
    made = flow.newswire(settings, "export", "--last", "1h", str(file))
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith(b"80 records (")
    fed = flow.newswire(other, "feed", str(file), "--speed", "max")
    assert fed.returncode == 0, fed.stderr
    shown = []
    for number, each in enumerate((settings, other)):
        folder = tmp_path / str(number)
        folder.mkdir()
        with flow.run_worker(each, folder):
            flow.wait_decided(each, 80)
            shown.append([row.value for row in flow.read(each, "latest")])
    assert shown[0] == shown[1]
    assert len({json.loads(value or b"")["uri"] for value in shown[0]}) > 10
    assert flow.newswire(settings, "export", "--last", "1h", "--source", "nobody", str(file)).returncode == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--from", "2026-03-02T09:00:00", "x.jsonl.zst"], b"has no zone"),
        (["--last", "soon", "x.jsonl.zst"], b"90m, 6h or 2d"),
        (["x.jsonl.zst"], b"give --last"),
        (["--last", "6h", "x.json"], b".jsonl.zst"),
    ],
)
def test_a_call_that_makes_no_sense_is_refused_with_an_example(
    settings: Settings, arguments: list[str], message: bytes
) -> None:
    refused = flow.newswire(settings, "export", *arguments)
    assert refused.returncode == 2
    assert message in refused.stderr
