"""One pass over a text finds each of many phrases where a word-by-word reading finds it."""

from collections.abc import Iterator
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from streams.prepare.classify.phrases import SENTENCE_ENDS, PhraseElement, PhraseError, PhraseFinder, parse_phrase

PIECES = ("ant", "bee", "cow", "ant|bee", "cow?", "bee?", "bee*", "*etle", "{num}", "~1", "~2")
WORDS = ("ant", "bee", "cow", "beetle", "7", ".")


def parse_pieces(pieces: list[str]) -> tuple[PhraseElement, ...] | None:
    with suppress(PhraseError):
        return parse_phrase(" ".join(pieces), {})
    return None


def occurs(phrase: tuple[PhraseElement, ...], text: list[str]) -> bool:
    return any(matches_from(words, text, at) for words in choose_options(phrase) for at in range(len(text)))


def choose_options(phrase: tuple[PhraseElement, ...], gap: int = 0) -> Iterator[list[tuple[int, PhraseElement]]]:
    """With each optional word and without; who follows one that is left out has the wider of both gaps."""
    if not phrase:
        yield []
        return
    first, rest = phrase[0], phrase[1:]
    wider = max(gap, first.gap)
    yield from ([(wider, first), *more] for more in choose_options(rest))
    if first.optional:
        yield from choose_options(rest, wider)


def matches_from(words: list[tuple[int, PhraseElement]], text: list[str], at: int) -> bool:
    """Whether the first of `words` stands at `at`, and the others behind it within their gaps and the sentence."""
    if not words[0][1].fits(text[at]):
        return False
    if len(words) == 1:
        return True
    for further in range(at + 1, min(len(text), at + 2 + words[1][0])):
        if matches_from(words[1:], text, further):
            return True
        if text[further] in SENTENCE_ENDS:
            return False
    return False


@given(
    st.lists(
        st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map(parse_pieces).filter(bool), min_size=1, max_size=5
    ),
    st.lists(st.sampled_from(WORDS), max_size=9),
)
def test_each_of_many_phrases_is_found_where_a_word_by_word_reading_finds_it(
    phrases: list[tuple[PhraseElement, ...]], text: list[str]
) -> None:
    found = PhraseFinder(enumerate(phrases)).find(text)
    assert found.keys() == {number for number, phrase in enumerate(phrases) if occurs(phrase, text)}
