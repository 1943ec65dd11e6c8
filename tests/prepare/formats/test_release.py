"""Press releases as plain text: what no single sample can show. The samples are in tests/wires/release."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.mutations import draw_damaged
from support.raw_records import document

from streams.model.errors import Reason, Reject
from streams.prepare.formats import release

SAMPLES = Path(__file__).resolve().parents[2] / "wires" / "release"
PAGES = sorted(SAMPLES.glob("site-page*.txt"))


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_no_text_of_navigation_or_ticker_leaks_into_the_story(page: Path) -> None:
    (story,) = release.parse(document(page.read_bytes()))
    story = msgspec.structs.replace(story, whole_text="")  # it is hashed, nobody sees it
    for stray in (
        "Log in", "OFFON", "Homepage", "Latest", "Rumors", "share with", "NORDLICHT",
        "Quill River", "HVM", "07:5", "Cision",
    ):  # fmt: skip
        assert stray not in repr(story)


def test_the_page_of_a_real_site_is_read(shared_data: Path) -> None:
    (page,) = (shared_data / "site").glob("*.txt")
    opened = document(page.read_bytes())
    assert release.matches(opened)
    (story,) = release.parse(opened)
    assert story.version_created == datetime(2021, 12, 10, 12, 41, tzinfo=UTC)
    assert (story.located, story.distributor) == ("WUXI", "PR Newswire")
    assert story.issuer == "Foreign Affairs Office of Wuxi"
    assert (story.headline[:13], story.headline[-17:]) == ("The 10th Wuxi", "Successfully Held")
    assert (story.text[:16], story.text[-12:]) == ("On December 8th,", "at any time.")
    assert (len(story.pictures), story.boilerplate) == (1, "")


@pytest.mark.parametrize(
    "body",
    [
        "<html><body>SOURCE Marl</body></html>",
        '{"title": "x"}',
        "\x01zczc\n\x02Headline\n\nSOURCE Marl\n\x03",
        "Just a line",
        "",
    ],
)
def test_other_formats_do_not_match(body: str) -> None:
    assert not release.matches(document(body, "text/plain"))


def test_prose_matches_only_as_text_plain() -> None:
    prose = "A headline\n\n" + "word " * 20
    assert release.matches(document(prose, "text/plain; charset=utf-8"))
    assert not release.matches(document(prose))
    assert not release.matches(document("A headline\n\n" + "word " * 19, "text/plain"))


def test_marks_are_found_at_either_end_of_a_long_text() -> None:
    copy = "Another paragraph of an endless text.\n\n" * 10_000
    assert release.matches(document(f"A headline\n\n{copy}SOURCE Marl Yards\n"))
    assert release.matches(document(f"A headline\n\nMARL, March 2, 2026 /PRNewswire/ -- {copy}"))
    assert not release.matches(document(f"A headline\n\n{copy}"))


def test_lines_of_punctuation_alone_are_no_release() -> None:
    assert not release.matches(document(f"A headline\n\n{'word ' * 20}\n\n{'] }' * 5}" + "\n]" * 100_000))


def test_a_text_without_visible_characters_is_empty() -> None:
    with pytest.raises(Reject) as refusal:
        release.parse(document(" \u200b\n\ufeff "))
    assert refusal.value.reason is Reason.EMPTY


def test_a_text_of_links_alone_is_refused() -> None:
    with pytest.raises(Reject) as refusal:
        release.parse(document("\nCision\n\n© PRNewswire 2021\n"))
    assert refusal.value.reason is Reason.MISSING_FIELD


@given(st.data())
def test_a_mutated_sample_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    opened = document(draw_damaged(data, data.draw(st.sampled_from(PAGES)).read_bytes()))
    try:
        if release.matches(opened):
            assert len(release.parse(opened)) == 1
    except Reject:
        pass
