"""Each language has rules of its own, names are shared, and the README shows how to add one."""

import re
from collections import Counter
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.model.topics import CATEGORIES
from streams.prepare.classify.phrases import PhraseFinder, parse_phrase, quote, tokenize
from streams.prepare.classify.rules import (
    ANY_LANGUAGE,
    BY_DISTRIBUTOR,
    RulesError,
    check_examples,
    load_packaged_rules,
    load_rule_files,
    tokenize_item,
)
from streams.prepare.text.language import detect_language

PACKAGED = load_packaged_rules()
FULL = ("de", "es", "fr", "it", "nl")
README = Path(__file__).resolve().parents[3] / "streams" / "prepare" / "README.md"
ONE = '[[rule]]\nid = "one"\ncategory = "markets"\nany = ["{seas} calm"]\n'
NAMES = 'language = "*"\n[words]\nseas = ["baltic", "north-sea"]\n'


def test_thirteen_languages_have_rules():
    assert PACKAGED.languages == ("da", "de", "en", "es", "fr", "it", "ja", "nl", "no", "pl", "pt", "sv", "zh")


@pytest.mark.parametrize("language", FULL)
def test_each_section_has_eight_examples_and_four_counter_examples(language):
    examples: Counter[str] = Counter()
    counter_examples: Counter[str] = Counter()
    for rule in PACKAGED.rules:
        if rule.language == language:
            examples[rule.category] += len(rule.examples)
            counter_examples[rule.category] += len(rule.counter_examples)
    assert set(examples) == set(CATEGORIES) - {BY_DISTRIBUTOR}
    assert min(examples.values()) >= 8
    assert min(counter_examples.values()) >= 4


def test_an_item_meets_the_rules_of_its_language_and_of_all_languages_only():
    for language in PACKAGED.languages:
        headlines = [example for rule in PACKAGED.rules for example in rule.examples[:1]]
        met = {hit.rule.language for each in headlines for hit in PACKAGED.match(tokenize_item(each, ""), language)}
        assert met <= {language, ANY_LANGUAGE}


def test_an_item_of_an_unknown_language_meets_all_rules():
    read = tokenize_item("Riksbanken sänker styrräntan till 1,75 procent", "")
    assert {hit.rule.category for hit in PACKAGED.match(read, "")} >= {"interest-rates"}


def test_of_an_unknown_language_the_rules_count_that_read_the_most_words():
    read = tokenize_item("Wall Street termine en ordre dispersé", "")
    assert {hit.rule.language for hit in PACKAGED.match(read, "")} == {"fr"}


def test_the_names_of_a_folder_may_be_used_in_all_its_files():
    rules = load_rule_files({"names.toml": NAMES, "en.toml": ONE})
    assert [hit.rule.id for hit in rules.match(tokenize_item("North Sea calm", ""), "en")] == ["one"]
    with pytest.raises(RulesError, match=r"en\.toml, line 2: \[words\] seas: names\.toml has a list of this name"):
        load_rule_files({"names.toml": NAMES, "en.toml": '[words]\nseas = ["baltic"]\n' + ONE})


def test_an_id_is_unique_in_the_folder():
    with pytest.raises(RulesError, match=r"b\.toml, line 1: rule 'one': another rule in a\.toml has this id"):
        load_rule_files({"names.toml": NAMES, "a.toml": ONE, "b.toml": ONE})


def test_the_language_at_the_top_is_that_of_the_rules():
    rules = load_rule_files({"names.toml": NAMES, "fi.toml": 'language = "fi"\n' + ONE})
    assert [rule.language for rule in rules.rules] == ["fi"]


def test_the_recipe_of_the_readme_makes_a_language():
    text = README.read_text(encoding="utf-8")
    found = re.search(r"```toml\n# streams/prepare/classify/rules/(fi\.toml)\n(.*?)```", text, re.S)
    assert found
    folder = resources.files("streams.prepare.classify").joinpath("rules")
    texts = {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}
    rules = load_rule_files({**texts, found[1]: found[2]})
    assert "fi" in rules.languages
    assert check_examples(rules) == []


@pytest.mark.parametrize(
    ("phrase", "text", "matched"),
    [
        ("净利润|营收 ~4 增长|下降", "公司营收同比增长9%", "营收同比增长"),
        ("净利润|营收 ~1 增长", "公司营收同比增长9%", None),
        ("wall-street|damrak hoger", "Wall Street hoger", "Wall Street hoger"),
        ("im 3 quartal", "Gewinn steigt im 3. Quartal", "im 3. Quartal"),
        ("i 3 kvartal", "Resultat i 3. kvartal", "i 3. kvartal"),
        ("增长 ~5 下降", "利润增长。收入下降", None),
    ],
)
def test_a_choice_may_be_several_tokens(phrase, text, matched):
    hits = PhraseFinder([(0, parse_phrase(phrase, {}))]).find(tokenize(text))
    assert (quote(text, *hits[0]) if hits else None) == matched


@given(st.lists(st.sampled_from("净利润营收同比增长下降将于"), max_size=12).map("".join))
def test_a_word_of_several_characters_is_found_where_it_stands(text):
    hits = PhraseFinder([(0, parse_phrase("净利润|营收", {}))]).find(tokenize(text))
    places = [at for at in (text.find("净利润"), text.find("营收")) if at >= 0]
    assert (hits[0][0] in places) if places else not hits


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("北斗電機、4〜9月期純利益12%増 受注好調", "ja"),
        ("世界の原油在庫が急減 相場急騰も", "ja"),
        ("東湖科技擬赴港上市 集資最多5億美元", "zh"),
        ("东湖科技第三季度净利润同比增长15%", "zh"),
        ("Nordhavn køber Marlo for 400 mio. kr.", "da"),
        ("Nordhavn kjøper egne aksjer og øker utbyttet", "no"),
        ("任天堂、通期予想を上方修正", "ja"),
        ("復配へ 東湖電機", "ja"),
        ("东湖の味集团公布季度营业收入", "zh"),
        ("Aktierne falder hårdt efter nedjustering", "da"),
        ("Aksjene faller hardt etter nedjustering", "no"),
        ("Carlsberg leverer bedre resultat end ventet", "da"),
        ("Fjordwerk köper egna aktier och höjer utdelningen", "sv"),
        ("NORDWIND SE : UBS sticks Neutral", ""),
        ("NORDWIND AG : Kepler Cheuvreux maintains a Buy rating", ""),
    ],
)
def test_a_short_headline_is_told_or_left_unknown(text, tag):
    assert detect_language("", text, "") == tag
