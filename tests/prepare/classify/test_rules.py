"""Rules apply as their examples say, errors of a rule file name the line, and phrases follow their syntax."""

from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.model.topics import CATEGORIES
from streams.prepare.classify.phrases import PhraseError, PhraseFinder, parse_phrase, quote, tokenize
from streams.prepare.classify.rules import (
    BY_DISTRIBUTOR,
    RulesError,
    check_examples,
    load_packaged_rules,
    load_rule_files,
    rule_applies,
    tokenize_item,
)

PACKAGED = load_packaged_rules()
EXAMPLES = [(rule, example, True) for rule in PACKAGED.rules for example in rule.examples]
COUNTER_EXAMPLES = [(rule, example, False) for rule in PACKAGED.rules for example in rule.counter_examples]
ONE = '[[rule]]\nid = "one"\ncategory = "markets"\nany = ["stocks fall"]\n'


@pytest.mark.parametrize(
    ("rule", "example", "applies"),
    [pytest.param(*case, id=f"{case[0].id}: {case[1]}") for case in EXAMPLES + COUNTER_EXAMPLES],
)
def test_a_packaged_rule_applies_to_its_examples_only(rule, example, applies):
    assert rule_applies(PACKAGED, rule, example) is applies


def test_every_packaged_rule_has_examples_and_counter_examples():
    assert [rule.id for rule in PACKAGED.rules if not rule.examples or not rule.counter_examples] == []


def test_every_category_has_a_rule_but_the_one_that_the_distributor_decides():
    assert {rule.category for rule in PACKAGED.rules} == set(CATEGORIES) - {BY_DISTRIBUTOR}


def test_the_version_names_the_content():
    folder = resources.files("streams.prepare.classify").joinpath("rules")
    texts = {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}
    assert load_rule_files(texts).version == load_rule_files(dict(reversed(texts.items()))).version == PACKAGED.version
    assert load_rule_files({f"folder/{name}": text for name, text in texts.items()}).version == PACKAGED.version
    assert load_rule_files({"a.toml": ONE}).version == load_rule_files({"x.toml": ONE}).version
    assert load_rule_files({"x.toml": ONE}).version == "rules-dff27ebc"
    assert load_rule_files({"x.toml": ONE + "\n"}).version != load_rule_files({"x.toml": ONE}).version


def test_the_check_names_the_rule_and_the_example_that_fails():
    text = ONE + 'examples = ["Stocks rise"]\ncounter_examples = ["All stocks fall today"]\n'
    assert check_examples(load_rule_files({"x.toml": text})) == [
        "rule 'one' (en) misses its example 'Stocks rise'",
        "rule 'one' (en) applies to its counter-example 'All stocks fall today'",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[rule]\n", "x.toml, line 1: not TOML: "),
        ("", "x.toml, line 1: no [[rule]] in it"),
        ("[rules]\n" + ONE, "x.toml, line 1: unknown table 'rules'"),
        (ONE + ONE, "x.toml, line 5: rule 'one': another rule above has this id"),
        (ONE + '[[rule]]\ncategory = "markets"\n', "x.toml, line 5: rule without id: "),
        (ONE + "weight = 2\n", "x.toml, line 5: rule 'one': Object contains unknown field `weight`"),
        (ONE + "confidence = 101\n", "x.toml, line 5: rule 'one': Expected `int` <= 100"),
        (ONE + 'where = "body"\n', "x.toml, line 5: rule 'one': Invalid enum value 'body'"),
        (ONE + 'unless = ["bonds"]\n', "x.toml, line 1: rule 'one': no category 'bonds'"),
        (
            ONE.replace("markets", BY_DISTRIBUTOR),
            "x.toml, line 1: rule 'one': companies.press-releases goes by",
        ),
        (
            ONE.replace('any = ["stocks fall"]', ""),
            "x.toml, line 1: rule 'one': needs phrases in `any` or `all`",
        ),
        (ONE + 'none = ["fall ~"]\n', "x.toml, line 5: rule 'one': 'fall ~': a gap is written ~1 to ~9"),
        (ONE + 'none = ["fall ~10 today"]\n', "x.toml, line 5: rule 'one': 'fall ~10 today': a gap"),
        (ONE + 'none = ["~2 today"]\n', "x.toml, line 5: rule 'one': '~2 today' begins with a gap"),
        (ONE + 'none = ["today ~2"]\n', "x.toml, line 5: rule 'one': 'today ~2' ends with a gap"),
        (
            ONE + 'none = ["{colour} fall"]\n',
            "x.toml, line 5: rule 'one': '{colour} fall': no class or word list",
        ),
        (ONE + 'none = ["ab*"]\n', "x.toml, line 5: rule 'one': 'ab*': 'ab*' is too short"),
        (ONE + 'none = ["*abc"]\n', "x.toml, line 5: rule 'one': '*abc': '*abc' is too short"),
        (ONE + 'none = ["*profit*"]\n', "x.toml, line 5: rule 'one': '*profit*': '*profit*' is not one word"),
        ('[words]\nup = ["*goes up"]\n' + ONE, "x.toml, line 2: [words] up: '*goes up' is not one plain word"),
        ('[words]\nup = ["goes*"]\n' + ONE, "x.toml, line 2: [words] up: 'goes*' is not one plain word"),
        (
            ONE + 'none = ["non-food*|drink"]\n',
            "x.toml, line 5: rule 'one': 'non-food*|drink': 'non-food*' is not one",
        ),
        (
            ONE + 'none = ["today?"]\n',
            "x.toml, line 5: rule 'one': 'today?' needs a word that is not optional",
        ),
        (
            ONE + 'none = ["a ~1 b ~1 c ~1 d ~1 e"]\n',
            "x.toml, line 5: rule 'one': 'a ~1 b ~1 c ~1 d ~1 e' has 4 gaps",
        ),
        (ONE + 'none = [""]\n', "x.toml, line 1: rule 'one': '' needs a word"),
        ('[words]\nup = ["goes up"]\n' + ONE, "x.toml, line 2: [words] up: 'goes up' is not one plain word"),
        ("[words]\nup = 3\n" + ONE, "x.toml, line 1: [words]: "),
        ("rule = 3\n", "x.toml, line 1: no [[rule]] in it"),
        ("rule = [3]\n", "x.toml, line 1: rule without id: Expected `object`"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(text, message):
    with pytest.raises(RulesError) as refused:
        load_rule_files({"x.toml": text})
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(
    ("phrase", "text", "matched"),
    [
        ("stocks fall", "All STOCKS fall.", "STOCKS fall"),
        ("stocks fall", "stockstill falls", None),
        ("stocks fall|drop", "Stocks drop", "Stocks drop"),
        ("stocks ~2 fall", "Stocks in Oslo fall", "Stocks in Oslo fall"),
        ("stocks ~2 fall", "Stocks in all Oslo fall", None),
        ("stocks ~5 fall", "Buy stocks. Leaves fall", None),
        ("stocks ~5 fall", "Acme Inc. stocks of U.S. firms fall", "stocks of U.S. firms fall"),
        ("a? profit warning", "Acme issues profit warning", "profit warning"),
        ("issues a? profit", "Acme issues a profit", "issues a profit"),
        ("upgrad* to", "Acme upgraded to Buy", "upgraded to"),
        ("*gewinn steigt", "Quartalsgewinn steigt", "Quartalsgewinn steigt"),
        ("*gewinn steigt", "Gewinner steigt", None),
        ("im|mit *gewinn|umsatz", "Acme mit Rekordgewinn", "mit Rekordgewinn"),
        ("non-gaap", "Non-GAAP loss", "Non-GAAP"),
        ("non gaap", "non-GAAP loss", "non-GAAP"),
        ("us stocks", "U.S. stocks", "U.S. stocks"),
        ("acme to", "Acme's to lose", "Acme's to"),
        ("up {percent}", "up 4.5 pct on the day", "up 4.5 pct"),
        ("up {percent}", "up 4.5 on the day", None),
        ("up {num}", "up 4.5% on the day", "up 4.5%"),
        ("for {money}", "sold for €1.2bn in cash", "for €1.2bn"),
        ("{ticker}", "Acme Robotics (NASDAQ: ACME) flies", "(NASDAQ: ACME"),
        ("{ticker}", "ACME ROBOTICS <ACM.L> FLIES", "<ACM.L>"),
        ("{ticker} up", "$ACME up", "$ACME up"),
        ("$SPY", "$SPY up", "$SPY"),
        ("成功举办", "第四届海港论坛成功举办", "成功举办"),
        ("将于 {num} 月", "将于5月公布", "将于5月"),
        ("economy", "buy now #economy", None),
        ("results", "https://example.com/results", None),
    ],
)
def test_a_phrase_matches_as_its_syntax_says(phrase, text, matched):
    hits = PhraseFinder([(0, parse_phrase(phrase, {}))]).find(tokenize(text))
    assert (quote(text, *hits[0]) if hits else None) == matched


def test_a_word_list_stands_for_its_words():
    hits = PhraseFinder([(0, parse_phrase("stocks {down}", {"down": ("fall", "sink")}))]).find(tokenize("Stocks sink"))
    assert hits == {0: (0, 1)}


def test_rules_of_another_language_are_left_out_and_an_unknown_language_gets_all():
    text = ONE + '[[rule]]\nid = "zwei"\ncategory = "markets"\nlanguage = "de"\nany = ["stocks fall"]\n'
    rules = load_rule_files({"x.toml": text})
    met = {
        language: [hit.rule.id for hit in rules.match(tokenize_item("Stocks fall", ""), language)]
        for language in ("en-GB", "de", "fr", "")
    }
    assert met == {"en-GB": ["one"], "de": ["zwei"], "fr": [], "": ["one", "zwei"]}


def test_a_rule_yields_to_the_categories_of_its_unless():
    text = ONE + '[[rule]]\nid = "two"\ncategory = "sectors"\nunless = ["markets"]\nany = ["stocks"]\n'
    rules = load_rule_files({"x.toml": text})
    assert [hit.rule.id for hit in rules.match(tokenize_item("Stocks fall", ""), "en")] == ["one"]
    assert [hit.rule.id for hit in rules.match(tokenize_item("Stocks rise", ""), "en")] == ["two"]


def test_a_text_is_read_to_its_seven_hundredth_character():
    rules = load_rule_files({"x.toml": ONE + 'where = "text"\n'})
    assert rules.match(tokenize_item("", "x " * 340 + "stocks fall"), "en") != ()
    assert rules.match(tokenize_item("", "x " * 350 + "stocks fall"), "en") == ()


WORDS = st.lists(st.sampled_from(["acme", "to", "buy", "unit", ".", "$5m", "9%", "İ", "中", "&", "-"]), max_size=30)


@given(WORDS)
def test_a_gap_never_skips_a_nearer_match(words):
    text = " ".join(words)
    found = tokenize(text)
    hits = PhraseFinder([(0, parse_phrase("acme ~3 unit", {}))]).find(found)
    expected = any(
        found[start] == "acme" and found[end] == "unit" and "." not in found[start:end]
        for start in range(len(found))
        for end in range(start + 1, min(start + 5, len(found)))
    )
    assert bool(hits) is expected


@given(st.text())
def test_no_text_makes_a_rule_raise(text):
    assert PACKAGED.match(tokenize_item(text, text), "en") == PACKAGED.match(tokenize_item(text, text), "en")


def test_a_phrase_error_lists_the_known_classes():
    with pytest.raises(PhraseError, match=r"known: \{ticker\}, \{money\}, \{percent\}, \{num\}, \{up\}"):
        parse_phrase("{colour}", {"up": ("rise",)})
