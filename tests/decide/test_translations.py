"""A translation stays a story of its own and is linked to its original; nothing else is linked."""

import itertools
from typing import Any

import msgspec
import orjson
import pytest
from support.builders import HOUR, PARAMS, FoldedRecord, FoldRunner, build_kill

from streams.config.loader import load
from streams.model.records import Item, RecordRef, StampedRef
from streams.prepare.loading import load_knowledge
from streams.prepare.raw_records import accept_raw_record
from streams.prepare.stage import prepare

KNOWLEDGE = load_knowledge(load(environ={}))
LINKING = msgspec.structs.replace(PARAMS, translation=24 * HOUR)
ENGLISH = "urn:newswire:norwire:en"

ENGLISH_TEXT = """\
Quarzell AG today reported sales of EUR 1,284.6 million for the first nine months of 2031, up 7.4 percent.
Operating profit rose to EUR 212.35 million, and the order book stood at EUR 3,418 million on 30 September.
The company, which employs 12,450 people at 38 sites, confirmed its outlook of EUR 1.7 billion for the year."""
GERMAN_TEXT = """\
Die Quarzell AG hat in den ersten neun Monaten 2031 einen Umsatz von 1.284,6 Mio. Euro erzielt, ein Plus von
7,4 Prozent. Das Betriebsergebnis stieg auf 212,35 Mio. Euro, der Auftragsbestand lag am 30. September bei
3.418 Mio. Euro. Das Unternehmen mit 12.450 Beschäftigten an 38 Standorten bestätigt den Ausblick von 1,7 Mrd. Euro."""
FRENCH_TEXT = """\
Quarzell AG annonce un chiffre d'affaires de 1\u202f284,6 millions d'euros sur les neuf premiers mois de 2031, en
hausse de 7,4 %. Le résultat opérationnel atteint 212,35 millions d'euros et le carnet de commandes 3\u00a0418 millions
d'euros au 30 septembre. Le groupe, qui emploie 12 450 personnes sur 38 sites, confirme viser 1,7 milliard d'euros."""
APPOINTMENTS = {
    "en": (
        "Quarzell AG names Petra Lohmeier chief financial officer",
        "The supervisory board of Quarzell AG has named Petra Lohmeier chief financial officer. She succeeds Jonas "
        "Kerl, who retires after 14 years. Ms. Lohmeier joins from Brenkhof in Zurich, where she led the "
        "finance department. The head of the board, Anton Weyer, thanked Jonas Kerl at the head office in Seeburg.",
    ),
    "de": (
        "Petra Lohmeier wird neue Finanzchefin der Quarzell AG",
        "Der Aufsichtsrat der Quarzell AG hat Petra Lohmeier zur neuen Finanzchefin bestellt. Sie folgt auf Jonas "
        "Kerl, der nach 14 Jahren in den Ruhestand geht. Frau Lohmeier kommt von Brenkhof in Zürich, wo sie die "
        "Abteilung Finanzen geleitet hat. Der Vorsitzende Anton Weyer dankte Jonas Kerl am Sitz in Seeburg.",
    ),
    "fr": (
        "Quarzell AG nomme Petra Lohmeier directrice financière",
        "Le conseil de surveillance de Quarzell AG a nommé Petra Lohmeier directrice financière. Elle succède à Jonas "
        "Kerl, qui part à la retraite après 14 ans. Mme Lohmeier vient de Brenkhof à Zurich, où elle dirigeait la "
        "finance. Le président du conseil, Anton Weyer, a remercié Jonas Kerl au siège de la société à Seeburg.",
    ),
}
TEXTS = {
    "en": ("Quarzell AG raises sales in the first nine months", ENGLISH_TEXT),
    "de": ("Quarzell AG steigert Umsatz in den ersten neun Monaten", GERMAN_TEXT),
    "fr": ("Quarzell AG : chiffre d'affaires en hausse sur neuf mois", FRENCH_TEXT),
}


def item(told_in: str, id: str = "", **fields: Any) -> Item:
    headline, text = TEXTS[told_in]
    at = StampedRef(RecordRef("news.raw", 0, 0), 1_951_000_000_000)
    given = {"id": id or told_in, "headline": headline, "text": text, "language": told_in, **fields}
    body = orjson.dumps(given)
    (found,) = prepare(
        accept_raw_record(at, (("source", b"norwire"), ("content-type", b"application/json")), body), KNOWLEDGE
    )
    assert isinstance(found, Item), found
    return found


def linked(result: FoldedRecord) -> list[str]:
    return [row["value"] for row in result.event()["altIds"] if row["role"] == "translation-of"]


@pytest.mark.parametrize("language", ["de", "fr"])
def test_a_translation_is_a_story_of_its_own_that_names_its_original_and_the_shared_figures(language: str) -> None:
    fold = FoldRunner(LINKING)
    assert linked(fold.fold_new(item("en"))) == []
    result = fold.fold_new(item(language))
    own = f"urn:newswire:norwire:{language}"
    assert (result.outcome, result.event()["uri"], linked(result)) == ("published", own, [ENGLISH])
    assert result.decision.evidence == {
        "matched": "nothing",
        "translationOf": ENGLISH,
        "figures": ["1245", "12846", "17", "21235", "3", "3418", "38", "74"],
    }


def test_a_third_language_names_the_first_story_too() -> None:
    fold = FoldRunner(LINKING)
    fold.fold_all_new(item("de"), item("fr"))
    assert linked(fold.fold_new(item("en"))) == ["urn:newswire:norwire:de"]


def test_a_revision_of_the_translation_still_names_the_original() -> None:
    fold = FoldRunner(LINKING)
    fold.fold_all_new(item("en"), item("de", version="1"))
    later = fold.fold_new(
        item("de", version="2", text=GERMAN_TEXT + " Die Dividende bleibt unverändert bei 2,15 Euro.")
    )
    assert (later.outcome, linked(later)) == ("revised", [ENGLISH])


def appointment(told_in: str, **fields: Any) -> Item:
    headline, text = APPOINTMENTS[told_in]
    return item(told_in, f"{told_in}-2", **{"headline": headline, "text": text, **fields})


@pytest.mark.parametrize(("first", "second"), list(itertools.permutations(APPOINTMENTS, 2)))
def test_where_figures_are_few_the_names_find_the_original(first: str, second: str) -> None:
    fold = FoldRunner(LINKING)
    fold.fold_new(appointment(first))
    result = fold.fold_new(appointment(second))
    assert linked(result) == [f"urn:newswire:norwire:{first}-2"]
    evidence = result.decision.evidence
    assert {"brenkhof", "jonas", "kerl", "lohmeier", "petra"} <= set(evidence["names"])
    assert evidence["translationOf"] == f"urn:newswire:norwire:{first}-2"


@pytest.mark.parametrize(
    "change",
    [
        [("14", "15")],
        [("Petra Lohmeier", "Ines Falk"), ("Lohmeier", "Falk"), ("Jonas Kerl", "Udo Maas"), ("Brenkhof", "Tessel")],
        [("Quarzell", "Brenkhof"), ("von Brenkhof", "von Quarzell")],
        [("am Sitz", "nach langer Suche und vielen guten Gesprächen, die er in all den Monaten geführt hatte, " * 3)],
    ],
    ids=["another figure", "other people", "another company", "much longer"],
)
def test_another_figure_other_people_or_a_longer_text_give_no_link(change: list[tuple[str, str]]) -> None:
    fields = dict(zip(("headline", "text"), APPOINTMENTS["de"], strict=True))
    for old, new in change:
        fields = {name: value.replace(old, new) for name, value in fields.items()}
    fold = FoldRunner(LINKING)
    fold.fold_new(appointment("en"))
    assert linked(fold.fold_new(appointment("de", **fields))) == []


def test_without_a_figure_one_more_name_is_needed() -> None:
    def tell(told_in: str, text: str) -> Item:
        return item(told_in, f"{told_in}-3", headline=f"Quarzell {told_in}", text=text)

    english = "The mill of Quarzell was sold to Brenkhof. It is said that Jonas Kerl{} will lead it from the summer on."
    german = (
        "Das Werk von Quarzell wurde an Brenkhof verkauft. Es heißt, dass Jonas Kerl{} es ab dem Sommer leiten soll."
    )
    for more, found in (("", []), (" of Seeburg", ["urn:newswire:norwire:en-3"])):
        fold = FoldRunner(LINKING)
        fold.fold_new(tell("en", english.format(more)))
        assert linked(fold.fold_new(tell("de", german.format(more.replace("of", "aus"))))) == found


def test_a_revision_and_a_third_language_of_a_short_notice_name_the_first_story() -> None:
    fold = FoldRunner(LINKING)
    fold.fold_all_new(appointment("de"), appointment("fr"))
    assert linked(fold.fold_new(appointment("en"))) == ["urn:newswire:norwire:de-2"]


def test_other_figures_another_company_too_late_or_a_withdrawn_original_give_no_link() -> None:
    others = {
        "another quarter": {"text": GERMAN_TEXT.translate(str.maketrans("1234567890", "2345678901"))},
        "another company": {"text": GERMAN_TEXT.replace("Quarzell", "Brenkhof"), "headline": "Brenkhof AG wächst"},
        "the same language": {"text": GERMAN_TEXT, "language": "en"},
        "no figures": {"text": "Die Quarzell AG steigert ihren Umsatz und bestätigt den Ausblick für das Jahr."},
    }
    for fields in others.values():
        fold = FoldRunner(LINKING)
        fold.fold_new(item("en"))
        assert linked(fold.fold_new(item("de", **fields))) == []
    fold = FoldRunner(LINKING)
    first = item("en")
    fold.fold_new(first)
    later = msgspec.structs.replace(item("de"), received="2033-01-01T00:00:00Z")
    assert linked(fold.fold_new(later)) == []
    fold = FoldRunner(LINKING)
    fold.fold_all_new(item("en"), build_kill("en", source="norwire"))
    assert linked(fold.fold_new(item("de"))) == []


def test_an_english_text_that_its_wire_marks_as_german_is_not_linked_to_a_similar_text() -> None:
    fold = FoldRunner(LINKING)
    fold.fold_new(item("en"))
    alike = fold.fold_new(item("en", "other", language="de", text=ENGLISH_TEXT.replace("7.4 percent", "9.1 percent")))
    assert (alike.outcome, linked(alike)) == ("published", [])
