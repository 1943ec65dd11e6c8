"""The format of a record is found by its content, whatever its content type says."""

from pathlib import Path

import orjson
import pytest
from support.raw_records import document

from streams.model.errors import Reject
from streams.prepare.formats.registry import FORMATS, find_format

WIRES = Path(__file__).resolve().parents[2] / "wires"
BY_CONTENT = [
    ("ap-media", "bare-item.json"),
    ("mrn", "story.json"),
    ("json-feed", "item.json"),
    ("ninjs", "1x-superdesk-guid-and-source.json"),
    ("plain-json", "all-keys.json"),
    ("newsml-g2", "text-in-xhtml.xml"),
    ("rss", "two-items.xml"),
    ("atom", "entry.xml"),
    ("anpa-1312", "news-item.anpa"),
    ("iptc-7901", "news-item.txt"),
    ("email", "plain-text.eml"),
    ("release", "site-page.txt"),
]
TYPES = ["", "text/plain", "application/json", "text/xml", "text/html", "message/rfc822", "application/octet-stream"]


@pytest.mark.parametrize("content_type", TYPES)
@pytest.mark.parametrize(("name", "sample"), BY_CONTENT)
def test_a_wrong_content_type_changes_nothing(name: str, sample: str, content_type: str) -> None:
    opened = document((WIRES / name / sample).read_bytes(), content_type)
    assert find_format(opened).name == name
    assert next(row.name for row in FORMATS if row.matches(opened)) == name


@pytest.mark.parametrize(
    "text",
    [
        "From: Norwick Ferries\nDate: March 2, 2026\n\nNorwick Orders Boats\n\nMARL, March 2 /PRNewswire/ -- Two.\n",
        "From: Norwick\nTo: All editors\nSubject: boats\n\nMARL, March 2, 2026 /PRNewswire/ -- Two boats.\n",
        "BC-US--Norwick,104\n\nMARL, March 2, 2026 (GLOBE NEWSWIRE) -- Two boats.\n",
        "eca041 3 ec 64\n\nMARL, March 2, 2026 (GLOBE NEWSWIRE) -- Two boats.\n\nSOURCE Norwick\n",
        "Contact: Ada Quill\nPhone: 555 100\nEmail: a@norwick.example\n\nMARL, March 2 /PRNewswire/ -- Two.\n",
    ],
)
def test_a_release_that_begins_like_another_text_format_is_a_release(text: str) -> None:
    assert find_format(document(text.encode(), "text/plain")).name == "release"


def test_real_text_wires_are_told_apart(shared_data: Path) -> None:
    found = {}
    for path in sorted((shared_data / "wire").rglob("*")):
        if path.suffix in (".txt", ".tst"):
            try:
                found[path.name] = find_format(document(path.read_bytes())).name
            except Reject as refusal:
                found[path.name] = refusal.reason.value
    anpa = [name for name, format_ in found.items() if format_ == "anpa-1312"]
    iptc = [name for name, format_ in found.items() if format_ == "iptc-7901"]
    mail = [name for name, format_ in found.items() if format_ == "email"]
    assert all("anpa" in name or name == "kyodo.txt" for name in anpa)
    assert all(name.startswith(("IPTC7901", "dpa", "ats")) for name in iptc)
    assert all("email" in name or name.startswith("googleform") for name in mail)
    assert len(anpa) + len(iptc) + len(mail) == len(found)


def test_no_real_release_is_taken_for_an_agency_message_or_a_mail(shared_data: Path) -> None:
    lines = (shared_data / "releases" / "releases.jsonl").read_bytes().splitlines()
    agencies = [row for row in FORMATS if row.name in ("anpa-1312", "iptc-7901", "email")]
    for line in lines:
        release = orjson.loads(line)
        opened = document(f"{release['title']}\n\n{release['body']}".encode(), "text/plain")
        assert [row.name for row in agencies if row.matches(opened)] == []
