"""The linear model is read from its file, scores in whole numbers, and explains itself by words."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.prepare.classify.linear_model import (
    COPY_KINDS,
    LANE_BITS,
    UNIT,
    ModelError,
    ModelHeader,
    PredictedCategory,
    dump_model,
    extract_features,
    list_feature_words,
    load_model,
    name_copy_kind,
    score_to_percent,
)
from streams.prepare.classify.phrases import tokenize
from streams.prepare.loading import load_packaged_model

HEADER = ModelHeader(
    format=2,
    categories=("commodities", "markets"),
    thresholds={"release": (300, 300), "title": (100, 100), "story": (None, 100)},
    bias={"release": (-90, -90), "title": (-50, -50), "story": (-50, -50)},
    scale=(16 * 40, 16 * 40),
    rules={"markets": (0, 400), "commodities": (-7, 30)},
    words=0,
)


def feature_of(text):
    """Returns the feature of a word of the headline, or of a pair of them, which stands behind the words."""
    return extract_features(tokenize(text), [])[-1]


def build_model(rows, header=HEADER):
    return load_model(dump_model(header, {feature_of(text): row for text, row in rows.items()}), "x.bin")


def test_a_score_is_bias_plus_rules_plus_weights_of_words_over_the_root_of_their_rarity():
    model = build_model({"oil": (100, -3, 250), "oil falls": (27, 0, 250)})
    # 500 is less rare than an average headline: the root is of 1562, in steps of a sixteenth 632.
    assert model.score(["oil", "falls"], [], ["markets", "unknown"], "title") == (
        -50 + 16 * 40 * 127 // 632,
        -50 + 400 + 16 * 40 * -3 // 632,
    )


def test_a_category_is_predicted_from_its_threshold_on_with_the_words_that_add_most():
    model = build_model({"oil": (127, -3, 250), "oil falls": (27, 0, 250)})
    assert model.predict(["oil", "falls"], [], [], "title") == (
        PredictedCategory("commodities", 105, ("oil +128", "oil falls +27")),
    )
    assert model.predict(["falls"], [], [], "title") == ()


def test_a_kind_of_copy_has_thresholds_and_a_bias_of_its_own_and_may_have_no_threshold():
    model = build_model({"oil": (127, 127, 250)})
    given = {kind: [one.category for one in model.predict(["oil"], [], ["markets"], kind)] for kind in COPY_KINDS}
    assert given == {"release": ["markets"], "title": ["markets"], "story": ["markets"]}
    assert model.score(["oil"], [], [], "title")[0] - model.score(["oil"], [], [], "release")[0] == 40
    sure = build_model({"oil": (127, 127, 1)}, msgspec.structs.replace(HEADER, scale=(16 * 400, 16 * 400)))
    given = {kind: [one.category for one in sure.predict(["oil"], [], [], kind)] for kind in COPY_KINDS}
    assert given == {
        "release": ["commodities", "markets"],
        "title": ["commodities", "markets"],
        "story": ["markets"],
    }


def test_a_word_of_the_headline_and_of_the_text_are_two_features_and_a_number_is_its_class():
    assert extract_features(["rises"], []) != extract_features([], ["rises"])
    assert extract_features(tokenize("up 5% $3m"), []) == extract_features(tokenize("up 7.5% $4"), [])
    assert list_feature_words(["oil", "falls"], ["brent"]) == ["oil", "falls", "oil falls", "brent"]


def test_a_function_word_is_no_feature_but_may_stand_beside_a_word_that_is_one():
    assert list_feature_words(["at", "the", "close", "of"], ["at", "dawn"]) == [
        "close",
        "the close",
        "close of",
        "dawn",
    ]


def test_a_pair_does_not_reach_beyond_the_end_of_a_sentence():
    assert list_feature_words(["oil", ".", "gold"], []) == ["oil", "gold"]


@given(st.text(max_size=200), st.text(max_size=200))
def test_each_feature_has_its_words(headline, text):
    read = tokenize(headline), tokenize(text)
    assert len(extract_features(*read)) == len(list_feature_words(*read))


@pytest.mark.parametrize(
    ("has_text", "is_release", "kind"),
    [(False, True, "title"), (False, False, "title"), (True, True, "release"), (True, False, "story")],
)
def test_the_kind_of_copy_is_that_of_a_title_a_release_or_another_story(has_text, is_release, kind):
    assert name_copy_kind(has_text=has_text, is_release=is_release) == kind


def test_a_repeated_word_counts_once():
    model = build_model({"oil": (100, 0, 250)})
    assert model.score(["oil"], [], [], "story") == model.score(["oil", "oil"], [], [], "story")


def test_a_score_is_converted_to_its_probability():
    assert [score_to_percent(score) for score in (-(10**6), 0, round(UNIT * 2.197), 10**6)] == [1, 50, 90, 99]


@given(st.dictionaries(st.sampled_from("bcdefghj"), st.tuples(*[st.integers(-127, 127)] * 2, st.integers(1, 255))))
def test_a_file_is_read_as_it_was_written(rows):
    model = build_model(rows)
    assert {word: model._lanes.unpack(model._words[feature_of(word)]) for word in rows} == {
        word: list(row) for word, row in rows.items()
    }


@given(st.text(max_size=300), st.text(max_size=300))
def test_the_packaged_model_gives_any_text_the_same_whole_scores_each_time(headline, text):
    model = load_packaged_model()
    read = tokenize(headline), tokenize(text)
    scores = model.score(*read, ["companies"], "story")
    assert scores == model.score(*read, ["companies"], "story")
    assert all(isinstance(score, int) and abs(score) < 1 << (LANE_BITS - 1) for score in scores)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"hello", "x.bin, line 1: no model file"),
        (dump_model(msgspec.structs.replace(HEADER, format=1), {}), "x.bin, line 1: this model has format 1"),
        (b'{"format":1,"thresholds":[1]}', "x.bin, line 1: this model has format 1"),
        (
            dump_model(msgspec.structs.replace(HEADER, thresholds={"title": (1, 1)}), {}),
            "line 1: this model has categories uneven",
        ),
        (
            dump_model(msgspec.structs.replace(HEADER, categories=("sport", "markets")), {}),
            "line 1: this model has categories",
        ),
        (dump_model(HEADER, {}) + b"x", "x.bin, line 2: 1 bytes of words, not 0"),
    ],
)
def test_a_file_that_is_no_model_is_refused_with_name_and_line(data, message):
    with pytest.raises(ModelError, match=message):
        load_model(data, "x.bin")
