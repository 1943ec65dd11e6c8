"""The lists of the desk page hold what the fold's records say, the newest first."""

import pytest
from support.builders import EMBARGO, STORY, TEXT, FoldRunner, build_command, build_item, build_kill, build_refusal

from streams.desk.view import MOST_LISTED, DeskView
from streams.model.codec import encode

COPY = "urn:newswire:betawire:B1"


class Desk:
    """A fold whose records a view follows."""

    def __init__(self) -> None:
        self.fold, self.view = FoldRunner(), DeskView()

    def fold_new(self, *records) -> None:
        for record in records:
            self._show(self.fold.fold_new(record))

    def command(self, action: str, uri: str = STORY, **fields) -> None:
        self._show(self.fold.fold_record(build_command(action, uri, **fields)))

    def _show(self, result) -> None:
        for effect in result.all:
            self.view.add(effect.topic, effect.key, effect.value, effect.headers)

    def uris(self, name: str) -> list[object]:
        return [row["uri"] for row in self.view.list_rows(name)]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def build_copy(id_: str = "B1"):
    return build_item(id_, source="betawire", text=f"{TEXT} It said so twice.")


def test_a_copy_is_listed_with_the_words_that_differ_until_it_is_split(desk: Desk) -> None:
    copy = build_copy()
    desk.fold_new(build_item(), copy, build_item())
    (row,) = desk.view.list_rows("duplicates")
    assert (row["uri"], row["of"], row["place"], row["kind"]) == (COPY, STORY, "news.raw/0/2/0", "near")
    assert (row["headline"], row["of_headline"]) == (build_item().headline, build_item().headline)
    assert row["words"] == [["It", "said", "so", "twice"], []]
    desk.command("split", COPY, id="s1", detail={"of": STORY, "item": encode(copy).decode()})
    assert desk.uris("duplicates") == []


def test_a_version_that_joined_by_its_headline_is_listed_until_it_is_split_and_one_by_id_is_not(desk: Desk) -> None:
    head = build_item().headline
    alert = build_item(text="")
    full = build_item("A2", text=f"{TEXT} The mill makes paper for books.")
    desk.fold_new(alert, full, build_item("A2", version="2", created="2031-03-04T12:30:00Z", text=f"{TEXT} It is new."))
    (row,) = desk.view.list_rows("revisions")
    assert (row["uri"], row["place"], row["kind"], row["headline"]) == (f"{STORY}/2", STORY, "alert", head)
    parted = "urn:newswire:alphawire:A2"
    desk.command("split", parted, id="s1", detail={"of": STORY, "item": encode(full).decode()})
    assert desk.uris("revisions") == []


def test_two_stories_that_are_alike_are_listed(desk: Desk) -> None:
    other = build_item("B2", source="betawire", text=TEXT.replace("second", "third").replace("2033", "2034"))
    desk.fold_new(build_item(), other)
    (row,) = desk.view.list_rows("look-alikes")
    assert (row["uri"], row["of"]) == ("urn:newswire:betawire:B2", STORY)
    assert row["differ"]


def test_items_without_a_category_stand_by_source_and_language_until_they_have_one_or_go(desk: Desk) -> None:
    heads = ("Salton Tools opens a yard", "Dole Pumps names a chief", "Tarn Foods sells its dairy arm")
    for number, (source, language) in enumerate((("b", "en"), ("a", "fr"), ("a", "de"))):
        text = f"{heads[number]} on day {number}, and says so with {number + 4} words of its own."
        desk.fold_new(
            build_item(f"{number}", source=source, headline=heads[number], text=text, categories=(), language=language)
        )
    rows = desk.view.list_rows("unclassified")
    assert [(row["source"], row["language"]) for row in rows] == [("a", "de"), ("a", "fr"), ("b", "en")]
    desk.command("refile", "urn:newswire:a:1", id="c1", detail={"add": ["markets"], "drop": []})
    desk.fold_new(build_kill("0", source="b"))
    assert desk.uris("unclassified") == ["urn:newswire:a:2"]


def test_what_waits_is_listed_until_its_release(desk: Desk) -> None:
    desk.fold_new(build_item(embargo=EMBARGO))
    assert desk.view.list_rows("waiting") == [{"uri": STORY, "headline": build_item().headline, "until": EMBARGO}]
    desk.command("release")
    assert desk.uris("waiting") == []


def test_a_dead_letter_is_listed_until_it_is_retried_or_discarded(desk: Desk) -> None:
    desk.fold_new(build_refusal())
    (row,) = desk.view.list_rows("dead-letters")
    assert (row["uri"], row["code"], row["source"]) == ("news.raw/0/1/0", "malformed", "alphawire")
    desk.command("discarded", "news.raw/0/1/0")
    assert desk.uris("dead-letters") == []


def test_a_list_is_bounded_and_there_is_no_other_list(desk: Desk) -> None:
    for number in range(MOST_LISTED + 2):
        desk.fold_new(build_refusal(message=f"wrong {number}"))
    assert len(desk.view.list_rows("dead-letters")) == MOST_LISTED
    assert desk.uris("dead-letters")[0] == f"news.raw/0/{MOST_LISTED + 2}/0"
    with pytest.raises(KeyError):
        desk.view.list_rows("secrets")
