"""The language of an item is stated, detected or left empty."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.prepare.text.language import detect_language


@pytest.mark.parametrize(
    ("stated", "tag"),
    [("en", "en"), ("EN", "en"), ("en-US", "en-US"), ("zh_Hant_TW", "zh-Hant-TW"), (" de ", "de"), ("nds", "nds")],
)
def test_a_tag_of_the_wire_is_written_as_bcp_47(stated, tag):
    assert detect_language(stated, "Der Fährbetrieb ist mit der Bahn und dem Bus", "") == tag


@pytest.mark.parametrize("stated", ["", "english", "e", "en us", "123"])
def test_the_text_decides_where_the_wire_gives_no_tag(stated):
    assert detect_language(stated, "Die Fähre ist mit der Bahn und dem Bus verbunden", "") == "de"


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("The ferry will sail from the harbour and return to it at night", "en"),
        ("Le bac part du port et les passagers sont dans une salle pour la nuit", "fr"),
        ("El barco sale del puerto y los pasajeros con una sala para la noche", "es"),
        ("Il traghetto parte dal porto e la sala è per gli ospiti della notte", "it"),
        ("De boot vaart met het tij en is niet voor de nacht op zee", "nl"),
        ("Färjan går från hamnen och den är på väg med alla till ön", "sv"),
        ("Færgen sejler fra havnen hver aften og vender tilbage om natten", "da"),
        ("Prom odpływa z portu wieczorem i wraca w nocy", "pl"),
        ("Паром уходит из порта вечером и возвращается ночью", "ru"),
        ("Vapur gece limandan geri dönüyor, yolcular bekliyor", "tr"),
        ("Fährbetrieb Norwick senkt Preise deutlich", "de"),
        ("Norwick Ferries raises quarterly dividend to 25 cents", "en"),
        ("NORWICK FERRIES SEES HIGHER FIRST QUARTER NET", "en"),
        ("水城友城论坛在无锡举行", "zh"),
        ("新しいフェリーが港を出ます", "ja"),
        ("새로운 여객선이 항구를 떠난다", "ko"),
    ],
)
def test_short_headlines_are_detected_by_script_or_letters(text, tag):
    assert detect_language("", "", text) == tag


@pytest.mark.parametrize("text", ["", "12.5 / 13.0", "Brenner Bank AG", "Norwick Pumps Q3"])
def test_a_text_that_is_too_short_is_not_guessed(text):
    assert detect_language("", text, "") == ""


@given(st.text(max_size=20), st.text(max_size=50), st.text(max_size=50))
def test_the_result_is_a_tag_or_empty(stated, headline, text):
    assert re.fullmatch(r"([a-z]{2,3}(-[A-Za-z0-9]{2,8})*)?", detect_language(stated, headline, text))
