"""Kills, holds, corrections and later takes in many languages find their story; what only looks so is news."""

from datetime import UTC, datetime

import orjson
import pytest

from streams.config.loader import load
from streams.decide.fold import apply
from streams.decide.parameters import DecideParams
from streams.decide.state import State
from streams.model import codec
from streams.model.records import RecordRef, StampedRef
from streams.prepare.batch import RawMessage, prepare_message
from streams.prepare.loading import load_knowledge
from streams.prepare.ticker_headline import strip_wire_marks

SETTINGS = load(environ={})
KNOWLEDGE = load_knowledge(SETTINGS)
START = 1_772_452_800_000


def follow(*items: tuple[str, str]) -> list[tuple[str, str]]:
    """Sends items (headline and text) of one wire; returns the outcome of each, and its story."""
    state, params = State(), DecideParams.from_settings(SETTINGS)
    rows = []
    for number, (title, body) in enumerate(items):
        time = START + number * 600_000
        sent = {"id": f"n{number}", "title": title, "body": body}
        sent["date"] = datetime.fromtimestamp(time / 1000, UTC).isoformat()
        raw = RawMessage(
            StampedRef(RecordRef("news.raw", 0, number), time), (("source", b"norwire"),), orjson.dumps(sent)
        )
        [(_, value)] = prepare_message(raw, KNOWLEDGE).records
        batch = state.batch()
        decision, _ = apply(batch, codec.decode(value), number, params)
        state.merge(batch.changes)
        rows.append((decision.outcome.value, decision.uri.rpartition(":")[2]))
    return rows


STORIES = {
    "en": (
        "Penhale Kilns to close its works at Truro and lay off 300 people",
        "TRURO (wire) - Penhale Kilns will close its works at Truro by the end of May and lay off 300 people, it said.",
    ),
    "de": (
        "Sauerwald Papier schließt das Werk in Altdorf zum Jahresende",
        "Seeburg (wire) - Die Sauerwald Papier AG schließt ihr Werk in Altdorf zum Jahresende, 900 Stellen fallen weg.",
    ),
    "fr": (
        "La filature Brackenthwaite ferme son usine de Settle et licencie 300 salariés",
        "PARIS (wire) - La filature Brackenthwaite ferme son usine, 300 salariés sont licenciés à Settle.",
    ),
    "es": (
        "Ullock Ferries cierra su ruta a las islas por falta de tripulación",
        "Madrid (wire) - Ullock Ferries cierra su ruta a las islas por falta de tripulación desde el lunes próximo.",
    ),
    "it": (
        "La filanda Quernmore chiude lo stabilimento di Settle e licenzia 300 operai",
        "MILANO (wire) - La filanda Quernmore chiude lo stabilimento di Settle e licenzia 300 operai entro fine anno.",
    ),
    "nl": (
        "Harlow Verf sluit de fabriek in Denby en schrapt 300 banen",
        "AMSTERDAM (wire) - Harlow Verf sluit de fabriek in Denby aan het eind van het jaar en schrapt 300 banen daar.",
    ),
    "pt": (
        "A fiação Keld fecha a fábrica de Settle e despede 300 operários",
        "LISBOA (wire) - A fiação Keld fecha a fábrica de Settle e despede 300 operários no fim do ano, disse.",
    ),
    "sv": (
        "Marl Maskin stänger fabriken i Denby och säger upp 300 anställda",
        "STOCKHOLM (wire) - Marl Maskin stänger fabriken i Denby vid årets slut och säger upp 300 anställda där.",
    ),
}


@pytest.mark.parametrize(
    ("language", "title", "body"),
    [
        ("de", "Rückzug: {}", "Bitte verwenden Sie die Meldung «{}» nicht. Sie ist falsch."),
        ("de", "Zurückgezogen - {}", ""),
        ("de", "Achtung Redaktionen", "Achtung: Die Meldung „{}“ von heute wird hiermit zurückgezogen."),
        ("fr", "ANNULATION - {}", 'Prière de ne pas tenir compte de notre dépêche intitulée "{}".'),
        ("fr", "DÉPÊCHE ANNULÉE : {}", ""),
        ("fr", "Avis aux rédactions", "Attention : notre dépêche « {} » est annulée. Cette information est erronée."),
        ("es", "ANULADA: {}", 'Rogamos anulen la noticia titulada "{}" por contener errores.'),
        ("es", "Noticia retirada: {}", ""),
        ("it", "ANNULLATA: {}", 'Si prega di non utilizzare la notizia dal titolo "{}".'),
        ("it", "Ritirata - {}", ""),
        ("nl", "INGETROKKEN: {}", "Gelieve het bericht “{}” niet te gebruiken."),
        ("nl", "Intrekking - {}", ""),
        ("pt", "ANULADA: {}", 'Pedimos que desconsiderem a notícia "{}".'),
        ("pt", "Retirada: {}", ""),
        ("sv", "TILLBAKADRAGEN: {}", ""),
        ("en", "KILL-KILL-KILL {}", "Please kill."),
        ("en", "/DISREGARD RELEASE: Marl Tools/", 'Readers should disregard the news release, "{},".'),
        ("en", "BC-Marl-Kill", 'EDITORS: Kill the story slugged BC-Marl, headlined "{}". A kill is mandatory.'),
        ("en", "Wire withdraws story on Marl", 'The story headlined "{}" is withdrawn. There will be no substitute.'),
        ("en", "Statement", 'The announcement headed "{}" was released in error and should be disregarded.'),
        ("en", 'Media Advisory: Please Disregard Release Titled "{}"', ""),
        ("en", "WITHDRAWAL-{}", "The story is withdrawn."),
        ("en", "{} - WITHDRAWN", "The story has been withdrawn."),
        ("en", "{} [RETRACTED]", ""),
        ("en", "DO NOT USE - {}", ""),
        ("en", "Pulled: {}", "A new version follows."),
        ("de", "Rückzug", "Der Dienst zieht die Meldung «{}» zurück."),
        ("de", "Hinweis", "Bitte löschen Sie die Meldung „{}“."),
        ("fr", "Annulation", "La dépêche intitulée «{}» est annulée."),
        ("es", "Anulación", "Se anula la noticia titulada «{}»."),
        ("en", "【取り消し】{}", ""),
        ("en", "撤回\uff1a{}", ""),
        (
            "en",
            "WITHDRAWN: {}",
            "The story, sent on Tuesday, is withdrawn. The company said that the figures are wrong.",
        ),
        ("en", "WITHDRAWN: {}", "Figures were wrong."),
        ("en", "WITHDRAWN: {}", "(Story withdrawn)\n\n" + STORIES["en"][1]),
        ("en", "WITHDRAWN: {}", STORIES["en"][1]),
        ("en", "PULLED: {}", STORIES["en"][1]),
        ("en", "{} - cancelled", STORIES["en"][1]),
        ("en", "UPDATE 1-WITHDRAWN: {}", "(Story withdrawn)"),
        ("en", "Note", "We withdraw our story “{}” because of an error."),
        ("en", "Refile/Withdraw - Penhale", 'Reuters has withdrawn its story "{}" because of a factual error.'),
        (
            "en",
            "Penhale Kilns plc Retracts Release",
            'Penhale Kilns plc hereby retracts its press release entitled "{}".',
        ),
        ("en", "Mandatory Kill: Penhale", 'Please disregard and delete the story headlined "{}".'),
        (
            "en",
            "BC-Penhale, KILL",
            'EDITORS: Please kill BC-Penhale, "{}", which moved at 1205 GMT. It was sent in error.',
        ),
        ("en", "Kill Bulletin: {}", "BULLETIN KILL. Kill the story."),
        (
            "en",
            "/ADVISORY - Please disregard news release - Penhale/",
            "We have been advised by Penhale that the news release issued March 2, 2026 over PR Newswire, titled '{}',"
            " was issued in error and should be disregarded.",
        ),
        ("de", "EILT - Meldung zurückgezogen", 'Bitte verwenden Sie die Meldung "{}" nicht. Sie wird zurückgezogen.'),
        ("de", "ACHTUNG: bitte nicht verwenden", 'Die Meldung "{}" ist falsch. Bitte nicht verwenden.'),
        ("de", "*** STOP *** {}", "Bitte nicht verwenden."),
        ("de", "STORNO: {}", "Die Meldung ist storniert."),
        ("de", "Meldung entfällt: {}", ""),
        ("de", "Rückruf: {}", "Die Meldung wird zurückgezogen."),
        ("fr", "ANNULE - {}", "Cette dépêche est annulée."),
        ("fr", "ANNULATION {}", "Merci de ne pas tenir compte de cette dépêche."),
        ("en", "記事取り消し", "「{}」の記事を取り消します。"),
        ("en", "配信取り消し\uff1a{}", "誤配信のため取り消します。"),
        ("en", "撤稿通知", "请撤下《{}》一稿\uff0c请勿采用。"),
    ],
)
def test_a_kill_in_any_language_withdraws_the_story_that_it_names(language: str, title: str, body: str) -> None:
    story = STORIES[language]
    assert follow(story, (title.format(story[0]), body.format(story[0])))[1] == ("withdrawn", "n0")


@pytest.mark.parametrize(
    ("headline", "text"),
    [
        ("Rückzug: Marl Tools verlässt die Inseln", STORIES["de"][1]),
        ("Annulation: les salariés de Marl protestent", STORIES["fr"][1]),
        ("Retirada: el ejército deja las islas", STORIES["es"][1]),
        ("RETIRADA: EL EJÉRCITO DEJA LAS ISLAS", STORIES["es"][1]),
        ("Ritirata: la nazionale torna a casa", STORIES["it"][1]),
        ("Widerruf der Zulassung: Marl Pharma fällt", STORIES["de"][1]),
        ("Marl Mills ruft Mehl zurück", "Bitte verwenden Sie das Mehl der Charge 4711 nicht, sagte Marl Mills. " * 3),
        ("Deutsche Bank: hold on Marl Tools", STORIES["en"][1]),
        ("HOLD: analysts of Denby on Marl Tools", STORIES["en"][1]),
        ("ANNULATION : Marl supprime 200 trains mercredi", "Marl supprime 200 trains."),
        ("RÜCKZUG: Marl gibt das Geschäft in Denby auf", ""),
        ("Retracted: the study that misled a decade of doctors", STORIES["en"][1]),
        ("Withdrawn - Marl pulls its drug from all markets", STORIES["en"][1]),
        ("Judge speaks to jury", 'He told them to disregard the article headlined "Mayor of Denby took the money".'),
        ("Marl sets new goals", 'Marl withdrew the forecast of the release "Marl sees a record year ahead".'),
    ],
)
def test_news_with_the_words_of_a_kill_is_published(headline: str, text: str) -> None:
    assert follow((headline, text))[0][0] == "published"


@pytest.mark.parametrize(
    "text",
    [
        "Marl Tools said on Tuesday it had withdrawn the share offer, citing the market. It will seek loans instead.",
        "Marl Tools withdrew the offer.",
    ],
)
def test_a_mark_in_capitals_above_news_is_news_where_no_story_came_before(text: str) -> None:
    assert follow(("WITHDRAWN: Marl Tools share offer", text)) == [("published", "n0")]


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Newspaper retracts story", 'The newspaper on Tuesday retracted its article headlined "{}" and paid damages.'),
        (
            "Paper retracts report",
            'The paper retracted its story headlined "{}" on Tuesday and said sorry to the mayor.',
        ),
        ("Paper retracts report", 'The Daily Marl has withdrawn its story "{}" after complaints.'),
        ("Shares of Penhale halted", 'Shares fell after the firm told investors to disregard a release titled "{}".'),
        (
            "Hoax lifts Penhale",
            'The release "{}" was a hoax, the company said. It should be disregarded, a spokesman said.',
        ),
        ("Report on Penhale withdrawn", 'The report "{}" was withdrawn on Tuesday after a row in the council.'),
        ("Article on Penhale retracted", 'The article "{}" was retracted by its publisher.'),
        ("Judge speaks to jury", 'A judge told the jury: "please disregard the article." He meant "{}".'),
        ("UPDATE 1-Paper retracts report", "The report of the mayor was retracted after a row, the newspaper said."),
        ("Film is late", 'The release of "{}" was cancelled after the singer fell ill.'),
        ("WITHDRAWN: {}", "Penhale Kilns said on Tuesday it had withdrawn the plan, citing the market."),
        ("CANCELLED - {}", "The closure was cancelled after the owner fell ill, the works said."),
        ("Canceled: {}", "Penhale Kilns said on Tuesday it canceled the event."),
        ("CANCELLED: {}", "The release of the film was cancelled after the singer fell ill."),
        ("{} - withdrawn", "Penhale withdrew the plan on Tuesday after it looked at the books."),
        ("Rückruf: {}", "Penhale ruft 4.000 Pumpen zurück, teilte die Firma mit."),
        ("STORNO: {}", "Penhale storniert 400 Fahrten nach dem Sturm."),
        ("撤回\uff1a{}", "内閣は15日、法案を撤回した。"),
        ("免許取り消し", "県は「{}」の免許を取り消した。"),
    ],
)
def test_news_about_a_withdrawal_leaves_the_story_that_it_names(title: str, body: str) -> None:
    story = STORIES["en"]
    assert follow(story, (title.format(story[0]), body.format(story[0]))) == [("published", "n0"), ("published", "n1")]


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("STORY HOLD: {}", "Please hold."),
        ("HOLD-HOLD-HOLD {}", "To come."),
        ("Editors' note", 'Editors: please hold the story headlined "{}" until further notice.'),
    ],
)
def test_a_hold_in_a_headline_or_a_note_takes_its_story_back(title: str, body: str) -> None:
    story = STORIES["en"]
    held = follow(story, (title.format(story[0]), body.format(story[0])), (story[0], f"{story[1]} It is confirmed."))
    assert held[1] == ("withdrawn", "n0")


@pytest.mark.parametrize(
    ("language", "title", "body"),
    [
        ("en", "{} (corrected)", "{}"),
        ("en", "{} [Amended]", "{}"),
        ("en", "{} - Correction", "{}"),
        ("en", "Replacement: {}", "{}"),
        (
            "en",
            "{}",
            "This announcement replaces the announcement released today at 07:00.\n\n{}",
        ),
        ("en", "{}", 'The following amendment has been made to the "' + STORIES["en"][0] + '" announcement.\n\n{}'),
        ("de", "Berichtigung: {}", "{}"),
        ("de", "{} (Korrigiert)", "{}"),
        ("de", "{} - Korrektur", "{}"),
        ("de", "EQS-News: Sauerwald: Korrektur einer Veröffentlichung vom 02.03.2026, 12:00 Uhr - {}", "{}"),
        ("de", "{}", "Diese Meldung ersetzt die Fassung von 12:00 Uhr.\n\n{}"),
        ("fr", "RECTIFICATIF - {}", "{}"),
        ("fr", "RECTIFICATIF {}", "{}"),
        ("en", "\uff08訂正\uff09{}", "{}"),
        ("en", "更正\uff1a{}", "{}"),
        ("fr", "{} (corrigé)", "{}"),
        ("es", "CORRECCIÓN: {}", "{}"),
        ("es", "{} (corregida)", "{}"),
        ("it", "RETTIFICA: {}", "{}"),
        ("it", "{} (Correzione)", "{}"),
        ("nl", "RECTIFICATIE: {}", "{}"),
        ("nl", "{} (gecorrigeerd)", "{}"),
        ("pt", "Retificação: {}", "{}"),
        ("pt", "{} (corrigida)", "{}"),
        ("sv", "RÄTTELSE: {}", "{}"),
        ("sv", "{} (rättad)", "{}"),
        ("en", "(LEAD) {}", "{} More came later."),
        ("en", "(2nd LD) {}", "{} More came later."),
        ("en", "2nd Ld-Writethru: {}", "{} More came later."),
        ("en", "Writethru: {}", "{} More came later."),
        ("en", "UPDATE1: {}", "{} More came later."),
        ("en", "Update: {}", "{} More came later."),
    ],
)
def test_a_mark_of_a_correction_or_of_a_later_take_revises_the_story(language: str, title: str, body: str) -> None:
    headline, text = STORIES[language]
    changed = text.replace("300", "310").replace("900", "910").replace("lunes", "martes")
    assert follow((headline, text), (title.format(headline), body.format(changed)))[1] == ("revised", "n0")


@pytest.mark.parametrize(
    "headline",
    [
        "(2nd LD) Marl Tools builds a mill",
        "Rettifica: Marl Tools builds a mill",
        "RÄTTELSE: Marl Tools builds a mill",
        "1st Ld-Writethru: Marl Tools builds a mill",
        "Marl Tools builds a mill (Korrigiert)",
        "[Amended] Marl Tools builds a mill",
    ],
)
def test_the_ticker_shows_no_mark_of_a_correction_or_a_take(headline: str) -> None:
    assert strip_wire_marks(headline) == "Marl Tools builds a mill"


@pytest.mark.parametrize(
    "headline",
    [
        "Lead: the price of the metal rises on orders from carmakers",
        "Correction of the market goes on, say dealers in Denby",
        "Stocks enter correction as rates rise in the north",
        "Replacement of the turbines takes until May, says Marl Power",
    ],
)
def test_a_headline_with_such_a_word_revises_nothing(headline: str) -> None:
    other = "DENBY (wire) - Dealers said on Tuesday that prices of metals had risen for a third day in a row in May."
    assert [outcome for outcome, _ in follow(STORIES["en"], (headline, other))] == ["published", "published"]
