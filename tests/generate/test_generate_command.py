"""`newswire generate` writes to stdout and into a folder."""

import json
from base64 import b64decode
from datetime import UTC, datetime
from pathlib import Path

import pytest

from streams.cli.main import main
from streams.generate import stream


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["generate", *arguments])
    shown = capsys.readouterr()
    return int(ended.value.code or 0), shown.out, shown.err


def test_each_line_has_headers_body_and_truth_of_an_item(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "--seed", "3", "--count", "400", "--start", "2026-03-02T09:00:00Z")
    assert (status, err) == (0, "")
    expected = list(stream(3, 400, datetime(2026, 3, 2, 9, 0, tzinfo=UTC)))
    rows = [json.loads(line) for line in out.splitlines()]
    bodies = [row["body"].encode() if "body" in row else b64decode(row["body_base64"]) for row in rows]
    assert bodies == [item.body for item in expected]
    assert [row["headers"] for row in rows] == [item.headers for item in expected]
    assert [row["truth"]["outcome"] for row in rows] == [item.truth.outcome for item in expected]
    assert any("body_base64" in row for row in rows)


def test_a_folder_gets_a_file_for_each_item_and_the_truth(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = tmp_path / "items"
    assert run(capsys, "--count", "250", "--out", str(folder)) == (0, "", "")
    rows = [json.loads(line) for line in (folder / "truth.jsonl").read_text().splitlines()]
    expected = list(stream(1, 250, datetime(2026, 1, 5, 14, 0, tzinfo=UTC)))
    assert [(folder / row["file"]).read_bytes() for row in rows] == [item.body for item in expected]
    assert sorted(row["file"] for row in rows) == [row["file"] for row in rows]
    assert {Path(row["file"]).suffix for row in rows} >= {".json", ".txt", ".xml"}


def test_a_folder_that_is_not_empty_is_refused_and_unchanged(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "mine").write_text("x")
    status, _, err = run(capsys, "--out", str(tmp_path))
    assert status == 1
    assert err == f"{tmp_path} is there already and not empty; name a new folder\n"
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--start", "yesterday"), "'yesterday' is no time with its zone"),
        (("--start", "now"), "'now' is no time with its zone"),
        (("--rate", "5000/s"), "'5000/s' is no rate such as 5/s"),
        (("--count", "0"), "0 is not in the range"),
        (("--truth", "t.jsonl"), "--truth goes with --to-kafka"),
        (("--to-kafka", "--out", "somewhere"), "--out and --to-kafka are two places"),
    ],
)
def test_a_wrong_call_is_answered_in_one_sentence(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], sentence: str
) -> None:
    status, out, err = run(capsys, *arguments)
    assert (status, out) == (2, "")
    assert sentence in err
    assert err.count("\n") == 1
