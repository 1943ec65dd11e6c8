"""An item says which other item it corrects or withdraws."""

import pytest

from streams.model.records import Status, Story
from streams.prepare.text.fingerprint import extract_title_words
from streams.prepare.text.notice_words import REPLACES
from streams.prepare.text.references import read_references

HEAD = "Norwick Pumps to build a foundry in Bergen"


@pytest.mark.parametrize(
    ("story", "status"),
    [
        (Story(text=f'In OSLO item headlined "{HEAD}," please read in second paragraph 14 mln.'), Status.ADVISORY),
        (Story(text=f"In item headlined {HEAD}, pls read 14 mln."), Status.ADVISORY),
        (Story(headline="ADVISORY", text=f'Please disregard the story headlined "{HEAD}".'), Status.WITHDRAWN),
        (Story(headline=HEAD, text="Words.\n\n(Corrects figure in second paragraph)"), Status.CORRECTION),
        (Story(headline=HEAD, text="(Adds details)\n\nWords."), Status.UPDATE),
        (Story(headline=HEAD, ed_note="(Refiles to add a dropped word)", text="Words."), Status.CORRECTION),
        (Story(text=f"CORRECTION - {HEAD}\nWords."), Status.CORRECTION),
    ],
)
def test_the_status_is_read_from_a_text_about_another_item(story: Story, status: Status) -> None:
    if story.headline == "ADVISORY":
        story = Story(headline=story.headline, text=story.text, status=Status.ADVISORY)
    assert read_references(story).status is status


@pytest.mark.parametrize(
    "text",
    [
        "The ministry corrected its figure of last month, and the company repeated its forecast.",
        "Shareholders were asked to read the report. The item was withdrawn from the agenda of the meeting.",
        "The court said that the notice adds nothing. (The company adds that it disagrees.)",
        "In the report, please note, the company names its suppliers. " + "Words and words. " * 80,
    ],
)
def test_a_plain_story_with_such_words_stays_usable(text: str) -> None:
    assert read_references(Story(headline=HEAD, text=text)).status is Status.USABLE


def test_a_quoted_headline_is_split_into_words() -> None:
    text = f'In today\'s Oslo item headlined "{HEAD.upper()}," please read 14 mln.'
    assert read_references(Story(text=text)).quotes == (extract_title_words(HEAD),)


REPLACING_TEXTS = [
    ("en", "The following announcement replaces the one of this morning."),
    ("en", "This REPLACES THE RELEASE that was issued today."),
    ("en", "The following corrections have been made to the announcement."),
    ("de", "Diese Mitteilung korrigiert die von gestern."),
    ("fr", "Annule et remplace le texte de ce matin."),
    ("fr", "Ce COMMUNIQUÉ corrige celui d'hier."),
    ("es", "Este comunicado sustituye al anterior."),
    ("es", "Esta nota corrige la anterior."),
    ("es", "Esta noticia rectifica la anterior."),
    ("it", "Questo comunicato annulla il precedente."),
    ("nl", "Dit persbericht vervangt dat van gisteren."),
    ("pt", "Este comunicado corrige o anterior."),
    ("sv", "Detta meddelande ersätter det tidigare."),
]


@pytest.mark.parametrize(("language", "text"), REPLACING_TEXTS)
def test_a_text_that_replaces_another_one_is_a_correction_in_each_language(language: str, text: str) -> None:
    assert read_references(Story(headline="Ferries sail", text=text)).status is Status.CORRECTION
    assert language in REPLACES


def test_each_language_of_replacing_words_has_a_text() -> None:
    assert {language for language, _ in REPLACING_TEXTS} == set(REPLACES)
