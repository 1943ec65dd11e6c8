"""The embargo that the copy states: read in several languages, held where its time cannot be read, never guessed."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.model.records import Story
from streams.model.timestamps import UNTIL_FURTHER_NOTICE as HOLD
from streams.model.timestamps import format_rfc3339
from streams.prepare.text.embargo import complete_embargo, is_embargo_line

RECEIVED = datetime(2036, 3, 4, 9, 0, tzinfo=UTC)
PROSE = "Marl Tools said on Tuesday that it would build a second mill at Ostrava by the end of the year, its third."


def read(headline: str, text: str = PROSE, zone: str = "", **fields: str) -> tuple[str, str, str]:
    """Returns headline, text, and the end of the embargo, `hold` for a hold."""
    story = Story(headline=headline, text=text, **fields)
    done = complete_embargo(story, ZoneInfo(zone) if zone else None, RECEIVED)
    until = done.embargoed_until
    return done.headline, done.text, "hold" if until == HOLD else format_rfc3339(until) if until else ""


@pytest.mark.parametrize(
    ("line", "until"),
    [
        ("EMBARGOED UNTIL 00:01 BST THURSDAY 9 JULY 2037", "2037-07-08T23:01:00Z"),
        ("Strictly embargoed until 00.01 GMT, Friday 9 January 2037", "2037-01-09T00:01:00Z"),
        ("***STRICTLY EMBARGOED UNTIL 0001 HRS BST 9TH JULY 2037***", ""),
        ("EMBARGOED FOR RELEASE: 4 p.m. (Eastern Time) July 9, 2037", "2037-07-09T20:00:00Z"),
        ("This press release is embargoed until 9 July 2037 at 10:00 CEST", "2037-07-09T08:00:00Z"),
        ("EMBARGO: 12 noon GMT+2 on 2037-07-09", "2037-07-09T10:00:00Z"),
        ("Under strict embargo until midnight CET on 9 January 2037", "2037-01-09T23:00:00Z"),
        ("NOT FOR RELEASE, PUBLICATION OR BROADCAST BEFORE 07:00 JST ON 9 JULY 2037", "2037-07-08T22:00:00Z"),
        ("Not to be published before 9 July 2037, 14:00 UTC", "2037-07-09T14:00:00Z"),
        ("HOLD FOR RELEASE UNTIL 6 A.M. PDT JULY 9, 2037", "2037-07-09T13:00:00Z"),
        ("FOR RELEASE AT 8:30 A.M. EDT, FRIDAY, JULY 10, 2037", "2037-07-10T12:30:00Z"),
        ("EMBARGOED UNTIL 7 a.m. EDT / 1 p.m. CEST, July 9, 2037", "2037-07-09T11:00:00Z"),
        ("Sperrfrist: 9. Juli 2037, 06.00 Uhr MESZ", "2037-07-09T04:00:00Z"),
        ("SPERRFRIST BIS DONNERSTAG, 9. JULI 2037, 10 UHR MESZ", "2037-07-09T08:00:00Z"),
        ("SOUS EMBARGO JUSQU'AU 9 JUILLET 2037 A 18H00 (heure de Paris)", "2037-07-09T16:00:00Z"),
        ("Embargo jusqu\u2019au jeudi 9 juillet 2037 à 18 heures, heure de Bruxelles", "2037-07-09T16:00:00Z"),
        ("EMBARGADO HASTA EL 9 DE JULIO DE 2037 A LAS 18:00 HORAS (CEST)", "2037-07-09T16:00:00Z"),
        ("Bajo embargo hasta las 9:00 CEST del 9 de julio de 2037", "2037-07-09T07:00:00Z"),
        ("SOTTO EMBARGO FINO ALLE ORE 18.00 CEST DEL 9 LUGLIO 2037", "2037-07-09T16:00:00Z"),
        ("Onder embargo tot donderdag 9 juli 2037, 06.00 uur CEST", "2037-07-09T04:00:00Z"),
        ("SOB EMBARGO ATÉ 9 DE MARÇO DE 2037 ÀS 10H00 (hora de Lisboa)", "2037-03-09T10:00:00Z"),
        ("Bitte beachten Sie die Sperrfrist: 09.07.2037, 10:00 Uhr MESZ", "2037-07-09T08:00:00Z"),
        ("Please respect the embargo of 9 July 2037, 10:00 CEST", "2037-07-09T08:00:00Z"),
        ("Please note the embargo: 9 July 2037, 10:00 CEST", "2037-07-09T08:00:00Z"),
        ("The embargo will lift at 16:00 London time / 11:00 US Eastern Time on 9 July 2037", "2037-07-09T15:00:00Z"),
        ("Our press embargo lifts at 10 a.m. US Eastern Time on July 9, 2037.", "2037-07-09T14:00:00Z"),
        ("Embargo levé le 9 juillet 2037 à 10h00 (heure de Paris)", "2037-07-09T08:00:00Z"),
        ("Publication not before 09.07.2037, 09:00 CEST", "2037-07-09T07:00:00Z"),
        ("FOR IMMEDIATE RELEASE AFTER 5 P.M. EDT JULY 9, 2037", "2037-07-09T21:00:00Z"),
        ("Zur Veröffentlichung ab dem 9. Juli 2037, 7 Uhr MESZ", "2037-07-09T05:00:00Z"),
        ("Veröffentlichung frei ab Donnerstag, 09.07.2037, 11:00 Uhr MESZ", "2037-07-09T09:00:00Z"),
        ("À diffuser à partir du 9 juillet 2037, 8h00 (heure de Paris)", "2037-07-09T06:00:00Z"),
        ("Para publicar a partir del 9 de julio de 2037 a las 8:00 CEST", "2037-07-09T06:00:00Z"),
        (
            "Not for publication, broadcast or use on club wires before 2200hrs BST on 9 July 2037",
            "2037-07-09T21:00:00Z",
        ),
        ("Hold for 10 a.m. EDT July 9, 2037", "2037-07-09T14:00:00Z"),
        ("The embargo on this release lifts at 10:00 BST on 9 July 2037", "2037-07-09T09:00:00Z"),
        ("May be published on or after 9 July 2037, 10:00 BST", "2037-07-09T09:00:00Z"),
        ("Bitte erst ab 09.07.2037, 10:00 Uhr MESZ veröffentlichen", "2037-07-09T08:00:00Z"),
        ("Bitte Sperrfrist beachten: 09.07.2037, 10:00 Uhr MESZ", "2037-07-09T08:00:00Z"),
        ("Fin de l'embargo : 9 juillet 2037, 10h00 (heure de Paris)", "2037-07-09T08:00:00Z"),
        ("Fin del embargo: 9 de julio de 2037, 10:00 CEST", "2037-07-09T08:00:00Z"),
        ("発表は2037年7月9日午後2時以降でお願いします", "hold"),
    ],
)
def test_the_time_of_an_embargo_line_is_read_with_its_zone(line: str, until: str) -> None:
    stated = until or "2037-07-08T23:01:00Z"
    assert read("Marl Tools builds a mill", f"{line}\n\n{PROSE}") == ("Marl Tools builds a mill", PROSE, stated)
    assert read(line) == (PROSE, "", stated)
    assert is_embargo_line(line)


@pytest.mark.parametrize(
    ("headline", "kept"),
    [
        ("Under embargo until July 9, 2037, 6:00 a.m. ET - Marl Tools to merge", "Marl Tools to merge"),
        ("[EMBARGOED UNTIL 9 JULY 2037 10:00 GMT] Marl Tools to merge", "Marl Tools to merge"),
        ("Marl Tools to merge (embargoed until 10:00 GMT 9 July 2037)", "Marl Tools to merge"),
        ("Marl Tools to merge - EMBARGOED until 10:00 GMT 9 July 2037", "Marl Tools to merge"),
    ],
)
def test_the_words_of_an_embargo_are_cut_from_a_headline(headline: str, kept: str) -> None:
    done = read(headline)
    assert (done[0], done[2]) == (kept, "2037-07-09T10:00:00Z")


def test_a_time_without_a_zone_is_of_the_zone_of_the_source_or_a_hold() -> None:
    line = "EMBARGOED UNTIL 18:00 ON 9 JULY 2037\n\n" + PROSE
    assert read("Marl Tools to merge", line, "Europe/Berlin")[2] == "2037-07-09T16:00:00Z"
    assert read("Marl Tools to merge", line)[2] == "hold"


def test_a_date_in_the_next_line_is_that_of_the_embargo() -> None:
    text = f"EMBARGOED UNTIL 10:00 GMT\nThursday, 9 July 2037\n\n{PROSE}"
    assert read("Marl Tools to merge", text) == ("Marl Tools to merge", PROSE, "2037-07-09T10:00:00Z")


def test_a_date_without_a_year_is_of_the_nearest_year() -> None:
    assert read("Marl", f"EMBARGOED UNTIL 00:01 GMT MONDAY 5 JANUARY\n\n{PROSE}")[2] == "2036-01-05T00:01:00Z"
    assert read("Marl", f"EMBARGOED UNTIL 00:01 GMT 6 MARCH\n\n{PROSE}")[2] == "2036-03-06T00:01:00Z"


@pytest.mark.parametrize(
    ("line", "until"),
    [
        ("Sperrfrist 17.3., 06.00 Uhr", "2036-03-17T05:00:00Z"),
        ("Embargo 17.3., 06.00 Uhr", "2036-03-17T05:00:00Z"),
        ("SPERRFRIST: Mo., 17.3., 6 Uhr", "2036-03-17T05:00:00Z"),
        ("Sperrfrist 17.3.", "2036-03-16T23:00:00Z"),
        ("Sperrfrist: 17. März 2036, 10.10.", "2036-03-17T09:10:00Z"),
        ("EMBARGOED TO 0001 MONDAY MARCH 17", "2036-03-16T23:01:00Z"),
        ("With AP Photos. Moved in advance for use Sunday, March 16, and thereafter", "2036-03-15T23:00:00Z"),
        ("(ADV16) FOR RELEASE SUNDAY, MARCH 16", "2036-03-15T23:00:00Z"),
        ("ADVANCE FOR SUNDAY, MARCH 16", "2036-03-15T23:00:00Z"),
        ("公表解禁\u3000令和18年3月17日午前10時", "2036-03-17T09:00:00Z"),
        ("新聞は3月17日朝刊から、テレビ・ラジオは3月17日午前5時以降解禁", "2036-03-17T04:00:00Z"),
        ("テレビ・ラジオは3月17日午前5時、新聞は3月17日朝刊から解禁", "2036-03-17T04:00:00Z"),
        ("禁发期至2036年3月17日10时", "2036-03-17T09:00:00Z"),
        ("保密期至\uff1a2036年3月17日上午10点", "2036-03-17T09:00:00Z"),
        ("【新闻发布禁令\uff1a北京时间3月17日10:00解禁】", "2036-03-17T02:00:00Z"),
    ],
)
def test_a_short_date_or_one_of_an_era_is_read(line: str, until: str) -> None:
    done = read("Marl Tools builds a mill", f"{line}\n\n{PROSE}", "Europe/Berlin")
    assert done == ("Marl Tools builds a mill", PROSE, until)


@pytest.mark.parametrize(
    "line",
    [
        "We kindly ask you to respect the embargo of 9 July 2037, 10:00 CEST.",
        "There is an embargo until 9 July 2037, 10:00 CEST on this story.",
        "Wir bitten Sie, die Sperrfrist 09.07.2037, 10:00 Uhr MESZ zu beachten.",
        "Rogamos respetar el embargo hasta el 9 de julio de 2037 a las 10:00 CEST",
    ],
)
def test_a_sentence_that_asks_to_keep_an_embargo_withholds(line: str) -> None:
    assert read("Marl", f"{line}\n\n{PROSE}") == ("Marl", f"{line}\n\n{PROSE}", "2037-07-09T08:00:00Z")


@pytest.mark.parametrize(
    "line",
    [
        "EMBARGOED UNTIL AFTER THE SPEECH OF THE MINISTER",
        "EMBARGOED UNTIL 00:01 THURSDAY",
        "STRICTLY EMBARGOED UNTIL 9 JULY 2037, 10:00 LOCAL TIME",
        "EMBARGOED UNTIL 10:00 XQT ON 9 JULY 2037",
        "EMBARGOED UNTIL 07/08/2037 10:00 GMT",
        "EMBARGOED UNTIL 25:00 GMT 9 JULY 2037",
        "EMBARGOED UNTIL 31 FEBRUARY 2037 10:00 GMT",
        "EMBARGOED: NOT FOR PUBLICATION",
        "UNDER EMBARGO",
        "NOT FOR PUBLICATION UNTIL CLEARED",
        "Sperrfrist: Redebeginn",
        "SOUS EMBARGO",
        "ONDER EMBARGO TOT NADER ORDER",
        "BAJO EMBARGO",
        "With AP Photos. Hold for 12:01 a.m. EDT Thursday.",
        "This press release is under embargo.",
        "Communiqué sous embargo",
    ],
)
def test_a_time_that_cannot_be_read_is_a_hold(line: str) -> None:
    assert read("Marl Tools to merge", f"{line}\n\n{PROSE}")[2] == "hold"


@pytest.mark.parametrize(
    "headline", ["EMBARGOED: Marl Tools to merge", "[Embargoed] Marl Tools to merge", "Marl Tools to merge [EMBARGOED]"]
)
def test_a_headline_that_is_marked_without_a_time_is_a_hold(headline: str) -> None:
    assert read(headline) == ("Marl Tools to merge", PROSE, "hold")


@pytest.mark.parametrize(
    "line",
    [
        "Embargoed until 00:01 GMT 3 March 2036",
        "FOR RELEASE: March 4, 2036",
        "For release at 8:30 a.m. GMT",
        "Sperrfrist: 3. März 2036, 10 Uhr",
    ],
)
def test_an_embargo_that_is_over_does_not_withhold(line: str) -> None:
    until = read("Marl Tools to merge", f"{line}\n\n{PROSE}")[2]
    assert until == "" or until <= "2036-03-04T09:00:00Z"


@pytest.mark.parametrize(
    "headline",
    [
        "EU lifts arms embargo against the isles until July 9, 2037",
        "Embargo on Russian oil: what it means",
        "Embargo: EU ministers agree on a price cap for oil",
        "Embargoed oil finds new buyers in Asia",
        "Embargoed until 2030: the files that nobody may read",
        "Under embargo, the isles turn to sugar",
        "Oil embargo until 2037, says minister",
        "Embargo until peace: the long way of the isles",
        "Sperrfrist für Aktionäre von Marl Tools endet im Juli",
        "Sperrfrist: Neue Regeln für Kündigungen",
        "L'embargo sur le blé est prolongé jusqu'au 9 juillet 2037",
        "Embargo sur les armes: Paris hésite",
        "El embargo a las islas seguirá hasta el 9 de julio de 2037",
        "Nicht vor dem 9. Juli 2037 kommt der neue Zug",
        "Hold until 2037, says analyst of Marl Tools",
        "For release of prisoners, ministers meet on 9 July 2037",
        "FOR IMMEDIATE RELEASE: Marl Tools to merge",
        "Embargo lifted: Marl Tools to merge",
        "Sperrfrist aufgehoben: Marl Tools baut",
        "Trade embargo 2037",
    ],
)
def test_what_is_about_embargoes_or_free_stays_as_it_is(headline: str) -> None:
    assert read(headline) == (headline, PROSE, "")


@pytest.mark.parametrize(
    "text",
    [
        "BRUSSELS - The union lifts its arms embargo against the isles until July 9, 2037, ministers said.",
        "NOT FOR RELEASE, PUBLICATION OR DISTRIBUTION, IN WHOLE OR IN PART, IN OR INTO THE UNITED STATES",
        "Not for release to US wire services or dissemination in the United States",
        "The shares are held under embargo until 9 July 2037.",
        "For release notes and updates visit the page of the project.",
        "Die Sperrfrist (Lock-up) endet am 9. Juli 2037.",
        "For release on 3 March 2036 of prisoners of the isles.",
        "Do not publish, the court told the paper on 9 July 2037.",
        "Do not use until fully dry.",
        "The union keeps its arms embargo until 9 July 2037.",
        "BRUSSELS - The union agreed on Tuesday to keep its embargo until 31 December 2037 at 24:00 CET.",
        "The isles urged all states to respect the embargo until 31 December 2037 at 24:00 GMT.",
        "L'Union maintient son embargo jusqu'au 31 décembre 2037 à minuit CET, dit le ministre.",
        "La Unión mantendrá su embargo hasta el 31 de diciembre de 2037 a las 24:00 CET.",
        "The embargo will be lifted on 9 July 2037 at 10:00 GMT, the minister said.",
        "The embargo will be lifted on 9 July.",
        "Die Sperrfrist endet am 9. Juli 2037 um 10 Uhr, sagte der Chef.",
        "L'embargo sera levé le 9 juillet 2037 à 10h00, a annoncé le ministre.",
        "Hold for 2 hours in the cold, then bake.",
        "Transmission not before Friday is likely, the engineers said.",
        "Release not before Christmas, says Denby.",
        "Embargo: ministers meet on 9 July 2037 at 10:00 GMT in Denby.",
        "Embargo set for oil from the isles on 9 July",
        "The embargo on the isles will be lifted at 10:00 GMT on 9 July 2037.",
        "Information is embargoed in the isles, say farmers.",
        "Fin de l'embargo : les paysans fêtent.",
        "Fin del embargo: los campesinos celebran.",
        "Diffusion à partir du 9 juillet de la série sur Harrow.",
        "Can be used from 9 July on all pumps of Harrow.",
        "Erst ab 9. Juli fährt die Bahn wieder.",
        "発表は3月17日午前10時に行われた。",
        "Hold for gains until July 9, says Denby.",
        "Advance for Marl Tools on July 9 as shares rise.",
        "Zur Veröffentlichung am 9. Juli lädt der Verlag nach Denby ein.",
        "Not for use on roads before 2037, the maker said.",
        "FOR IMMEDIATE RELEASE July 9, 2037",
        "鮎釣りは令和18年6月1日に解禁された。",
        "テレビは3月17日午前5時に放送を始めた。",
        "北京时间3月17日10:00\uff0c公司发布公告。",
    ],
)
def test_sentences_about_embargoes_are_copy(text: str) -> None:
    assert read("Marl Tools to merge", f"{text}\n\n{PROSE}") == ("Marl Tools to merge", f"{text}\n\n{PROSE}", "")


@pytest.mark.parametrize(
    ("line", "until"),
    [
        ("FOR RELEASE AT 8:30 A.M. GMT THURSDAY", "2036-03-06T08:30:00Z"),
        ("FOR RELEASE AT 8:30 P.M. GMT TUESDAY", "2036-03-04T20:30:00Z"),
        ("FOR RELEASE AT 8:30 P.M. GMT MONDAY", "2036-03-03T20:30:00Z"),
        ("Frei für Donnerstag, 10 Uhr MEZ", "2036-03-06T09:00:00Z"),
    ],
)
def test_a_release_that_is_free_on_a_weekday_is_free_on_the_next_one_or_since_yesterday(line: str, until: str) -> None:
    assert read("Marl Tools to merge", f"{line}\n\n{PROSE}") == ("Marl Tools to merge", PROSE, until)


def test_an_embargo_at_the_end_of_the_copy_counts() -> None:
    text = f"{PROSE}\n\n{PROSE}\n\nEmbargoed until 10:00 GMT, 9 July 2037"
    assert read("Marl Tools to merge", text)[2] == "2037-07-09T10:00:00Z"


def test_an_embargo_in_a_note_or_a_summary_counts() -> None:
    line = "Embargoed until 10:00 GMT, 9 July 2037"
    assert read("Marl Tools to merge", ed_note=line)[2] == "2037-07-09T10:00:00Z"
    assert read("Marl Tools to merge", text="", summary=line)[2] == "2037-07-09T10:00:00Z"


@given(st.text(alphabet="EMBARGOED UNTIL:./()[]09 amJuly2037gmt\n-", max_size=200))
def test_no_text_is_an_error_and_a_found_time_is_aware(text: str) -> None:
    done = complete_embargo(Story(headline=text, text=text), None, RECEIVED)
    assert done.embargoed_until is None or done.embargoed_until.tzinfo is not None


@pytest.mark.parametrize(
    ("line", "until"),
    [
        ("This announcement is embargoed until 7.00 a.m. GMT on 9 January 2037", "2037-01-09T07:00:00Z"),
        ("MEDIA EMBARGO: 6am GMT, Friday 9 January 2037", "2037-01-09T06:00:00Z"),
        ("NB: Embargoed until 9 January 2037, 05:00 GMT", "2037-01-09T05:00:00Z"),
        ("Embargo: not for use before 10 a.m. BST, 9 July 2037", "2037-07-09T09:00:00Z"),
        ("EMBARGO NOTICE: Not for release until 9 July 2037, 10:00 BST", "2037-07-09T09:00:00Z"),
        ("PRESS RELEASE | EMBARGOED UNTIL 9 January 2037, 05:00 GMT", "2037-01-09T05:00:00Z"),
        ("From the office of Marl Tools. EMBARGOED until 9 January 2037, 05:00 GMT", "2037-01-09T05:00:00Z"),
        ("E M B A R G O E D until 9 January 2037, 05:00 GMT", "2037-01-09T05:00:00Z"),
        ("Embargo\uff1a9 January 2037, 05:00 GMT", "2037-01-09T05:00:00Z"),
        ("*** STRICT EMBARGO *** 9 January 2037, 05:00 GMT ***", "2037-01-09T05:00:00Z"),
        ("EMBARGO \u2013 19/01/2037 06:00 GMT", "2037-01-19T06:00:00Z"),
        ("DO NOT USE BEFORE 18:00 GMT, 9 JANUARY 2037", "2037-01-09T18:00:00Z"),
        ("Please do not distribute until January 9, 2037, 10:00 a.m. EST", "2037-01-09T15:00:00Z"),
        ("Bitte nicht vor dem 9.1.2037, 6 Uhr MEZ veröffentlichen", "2037-01-09T05:00:00Z"),
        ("Sendesperrfrist: 9.1.2037, 06:00 Uhr MEZ", "2037-01-09T05:00:00Z"),
        ("新闻禁令:2037年1月9日 08:00(北京时间)前请勿刊发", "2037-01-09T00:00:00Z"),
        ("報道解禁:2037年1月9日15時00分", "hold"),
        ("3月9日(日)0時解禁", "hold"),
        ("【保密期限】2037年1月9日8时前不得发布", "hold"),
        ("CHECK AGAINST DELIVERY - EMBARGOED UNTIL DELIVERY", "hold"),
        ("Sperrfrist Redebeginn", "hold"),
        ("Diffusion interdite avant le 9 janvier 2037 à 7h", "hold"),
        ("Prohibida su difusión hasta el 9 de enero de 2037", "hold"),
    ],
)
def test_a_notice_with_words_before_it_or_without_the_word_embargo_is_read(line: str, until: str) -> None:
    assert read("Marl Tools builds a mill", f"{line}\n\n{PROSE}") == ("Marl Tools builds a mill", PROSE, until)


def test_a_sentence_with_a_full_time_withholds_in_the_first_lines_and_under_notes_to_editors_alone() -> None:
    said = "Below is our news, which is under strict embargo until 06:00 GMT on Friday 9 January 2037."
    prose = f"{PROSE} It will employ 300 people and make tools for the north."
    assert read("Marl", f"{said}\n\n{prose}") == ("Marl", f"{said}\n\n{prose}", "2037-01-09T06:00:00Z")
    assert read("Marl", f"{prose}\n\n{said}") == ("Marl", f"{prose}\n\n{said}", "")
    assert read("Marl", f"{prose}\n\nNotes to editors\n\n{said}")[2] == "2037-01-09T06:00:00Z"


def test_a_note_to_editors_withholds_behind_its_address_and_without_a_time() -> None:
    assert read("Marl", ed_note="Eds: embargoed until 10:00 GMT, 9 July 2037")[2] == "2037-07-09T10:00:00Z"
    assert read("Marl", ed_note="EMBARGOED UNTIL DELIVERY")[2] == "hold"


def test_a_zone_with_several_meanings_is_the_one_where_the_time_comes_last() -> None:
    assert read("Marl", f"EMBARGO: 17:30 IST, 9 JULY 2037\n\n{PROSE}")[2] == "2037-07-09T16:30:00Z"
