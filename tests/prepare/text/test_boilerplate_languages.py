"""Headings of boilerplate are known in the languages of the rules."""

import pytest

from streams.prepare.text.boilerplate import split_boilerplate

NEWS = "Marl AG now expects sales of EUR 850 million."


@pytest.mark.parametrize(
    "heading",
    [
        "Über Nordwind",
        "Über die Nordwind Gruppe",
        "À propos de Belcourt",
        "À propos du Groupe Belcourt",
        "Acerca de Ostra",
        "Sobre a Ostravale",
        "Informazioni su Tesselli",
        "Over Marlow",
        "Om Fjordwerk",
        "O firmie Polwark",
        "北斗電機について",
        "会社概要",
        "关于东湖科技",
        "公司简介",
        "Medienkontakt",
        "Perscontact",
    ],
)
def test_a_heading_about_the_company_begins_boilerplate(heading):
    assert split_boilerplate(f"{NEWS}\n\n{heading}\nBoats since 1902.") == (NEWS, f"{heading}\nBoats since 1902.")


@pytest.mark.parametrize(
    "line",
    [
        "Über 40 Boote fahren heute, sagte der Kapitän.",
        "Over twenty boats sail today.",
        "Om två dagar seglar båten.",
        "Sobre todo, los barcos.",
    ],
)
def test_a_sentence_with_such_a_word_is_news(line):
    assert split_boilerplate(f"{NEWS}\n\n{line}\n\nThe end.")[1] == ""
