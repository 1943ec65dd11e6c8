"""Loads, checks and applies the editable classification rules.

The head of rules.toml explains how a rule is written.
"""

import hashlib
import re
from functools import cache
from importlib import resources
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from streams.model.topics import CATEGORIES
from streams.prepare.classify import _toml
from streams.prepare.classify.phrases import PhraseElement, PhraseFinder, parse_phrase, quote, tokenize

LEAD_CHARACTERS = 700
"""Characters of the text that `where = "text"` sees: dateline and first paragraph. Later paragraphs mislead."""
HEADLINE_CHARACTERS = 500
"""Characters of a headline that are read; of an item without one, as many of its text stand for it."""
ANY_LANGUAGE = "*"
BY_DISTRIBUTOR = "companies.press-releases"

_FIELD = re.compile(r"unknown field `(\w+)`|`\$\.(\w+)")
_RULE_LINE = re.compile(r"^[ \t]*\[\[[ \t]*rule[ \t]*\]\]", re.M)


class RulesError(ValueError):
    """A rule file is wrong; the message names the file and line and says what to mend."""


class ClassificationRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule of the file: it gives `category` to an item that has one of `any`, all of `all` and none of `none`."""

    id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    category: str
    confidence: Annotated[int, Meta(ge=1, le=100)] = 80
    where: Literal["headline", "text", "both"] = "headline"
    language: str = "en"
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    """Categories: the rule yields where a rule without `unless` gave one of them."""
    examples: tuple[str, ...] = ()
    counter_examples: tuple[str, ...] = ()


class RuleMatch(msgspec.Struct, frozen=True):
    """A rule that applies to an item."""

    rule: ClassificationRule
    matched: tuple[str, ...]
    """The words that the rule found, as they stand in headline or text."""
    fingerprint: str = ""
    """The rule's fingerprint: it changes as soon as the rule finds something else."""


class ItemTokens(msgspec.Struct, frozen=True):
    """The headline and the beginning of the text of an item, each with its tokens."""

    headline: str
    text: str
    headline_tokens: list[str]
    text_tokens: list[str]
    titled: bool = True
    """False where the headline is only the beginning of the text."""


def tokenize_item(headline: str, text: str) -> ItemTokens:
    """Tokenizes the headline and the first `LEAD_CHARACTERS` of the text."""
    lead = text[:LEAD_CHARACTERS]
    return ItemTokens(headline, lead, tokenize(headline), tokenize(lead))


def tokenize_item_with_headline(headline: str, text: str) -> ItemTokens:
    """Tokenizes an item; where it has no headline, the beginning of its text stands for one."""
    titled = headline.strip()
    read = tokenize_item((titled or text)[:HEADLINE_CHARACTERS], text)
    return read if titled else msgspec.structs.replace(read, titled=False)


class _CompiledRule(msgspec.Struct, frozen=True):
    """A rule with its phrases as numbers: an even number is a phrase in the headline, an odd one in the text."""

    rule: ClassificationRule
    any: tuple[int, ...]
    all: tuple[tuple[int, ...], ...]
    none: tuple[int, ...]


class RuleSet:
    """The rules of a file, compiled for each language.

    `version` names the content of the file: `rules-` and 8 hex digits of its SHA-256.
    """

    def __init__(
        self, rules: tuple[ClassificationRule, ...], phrases: dict[str, tuple[PhraseElement, ...]], version: str
    ) -> None:
        self.rules = rules
        self.version = version
        self._phrases = phrases
        languages = {rule.language for rule in rules} | {ANY_LANGUAGE}
        self._sets = {language: self._compile(language) for language in sorted(languages)}
        self._every = self._compile("")

    def _compile(self, language: str) -> "_LanguageRules":
        chosen = [rule for rule in self.rules if not language or rule.language in (language, ANY_LANGUAGE)]
        return _LanguageRules(chosen, self._phrases)

    def match(self, read: ItemTokens, language: str) -> tuple[RuleMatch, ...]:
        """Returns the rules that apply, in the order of the file.

        Rules for another language are left out; with a language that is empty or `und`, none is.
        """
        primary = language.replace("_", "-").partition("-")[0].lower()
        if primary in ("", "und"):
            return self._every.match(read)
        return self._sets.get(primary, self._sets[ANY_LANGUAGE]).match(read)


class _LanguageRules:
    """The rules of one language, compiled."""

    def __init__(self, rules: list[ClassificationRule], phrases: dict[str, tuple[PhraseElement, ...]]) -> None:
        names = {phrase: number for number, phrase in enumerate(phrases)}
        wanted: tuple[dict[int, tuple[PhraseElement, ...]], dict[int, tuple[PhraseElement, ...]]] = ({}, {})
        self._compiled: list[_CompiledRule] = []
        self._rules_of_phrase: dict[int, list[int]] = {}
        self._fingerprints = {rule.id: _fingerprint_rule(rule, phrases) for rule in rules}
        for rule in rules:
            sides = {"headline": (0,), "text": (1,), "both": (0, 1)}[rule.where]
            for phrase in (*rule.any, *rule.all, *rule.none):
                for side in sides:
                    wanted[side][names[phrase] * 2 + side] = phrases[phrase]
            compiled = _CompiledRule(
                rule,
                tuple(names[phrase] * 2 + side for phrase in rule.any for side in sides),
                tuple(tuple(names[phrase] * 2 + side for side in sides) for phrase in rule.all),
                tuple(names[phrase] * 2 + side for phrase in rule.none for side in sides),
            )
            for number in compiled.any or compiled.all[0]:
                self._rules_of_phrase.setdefault(number, []).append(len(self._compiled))
            self._compiled.append(compiled)
        self._headline, self._text = (PhraseFinder(side.items()) for side in wanted)

    def match(self, read: ItemTokens) -> tuple[RuleMatch, ...]:
        spans = self._headline.find(read.headline_tokens) | self._text.find(read.text_tokens)
        candidates = sorted({rule for number in spans for rule in self._rules_of_phrase.get(number, ())})
        applying = [one for one in (self._compiled[index] for index in candidates) if _applies(one, spans)]
        given = {one.rule.category for one in applying if not one.rule.unless}
        given |= {category.partition(".")[0] for category in given}
        return tuple(
            RuleMatch(one.rule, _quote_matches(one, spans, read.headline, read.text), self._fingerprints[one.rule.id])
            for one in applying
            if given.isdisjoint(one.rule.unless)
        )


def _fingerprint_rule(rule: ClassificationRule, phrases: dict[str, tuple[PhraseElement, ...]]) -> str:
    """Returns the rule's id and a hash of what it finds. Word lists are written out; examples do not count."""
    every = [str(rule.where), rule.language, *rule.unless]
    for kind in (rule.any, rule.all, rule.none):
        every.append("/")
        for phrase in kind:
            every += [phrase, *(" ".join(sorted(element.words)) for element in phrases[phrase])]
    return f"{rule.id}-{hashlib.sha256(chr(10).join(every).encode()).hexdigest()[:6]}"


def _applies(one: _CompiledRule, spans: dict[int, tuple[int, int]]) -> bool:
    return (
        (not one.any or any(number in spans for number in one.any))
        and all(any(number in spans for number in numbers) for numbers in one.all)
        and not any(number in spans for number in one.none)
    )


def _quote_matches(one: _CompiledRule, spans: dict[int, tuple[int, int]], headline: str, text: str) -> tuple[str, ...]:
    numbers = (*one.any, *(number for numbers in one.all for number in numbers))
    found = (quote(text if number % 2 else headline, *spans[number]) for number in numbers if number in spans)
    return tuple(dict.fromkeys(found))


def load_rules(text: str, name: str) -> RuleSet:
    """Parses the TOML `text` of the file `name`. Raises `RulesError` with file and line."""
    tree = _toml.parse_toml(text, name, RulesError)
    for key in sorted(tree.keys() - {"rule", "words"}):
        at = _toml.find_key_line(text, key)
        raise RulesError(f"{name}, line {at}: unknown table {key!r}; a rule file has [words] and [[rule]]")
    raw = tree.get("rule", [])
    if not isinstance(raw, list) or not raw:
        raise RulesError(f"{name}, line {_toml.find_key_line(text, 'rule')}: no [[rule]] in it")
    lines = [text.count("\n", 0, found.start()) + 1 for found in _RULE_LINE.finditer(text)]
    lists = _parse_word_lists(tree.get("words", {}), text, name)
    rules: list[ClassificationRule] = []
    phrases: dict[str, tuple[PhraseElement, ...]] = {}
    for index, table in enumerate(raw):
        line = lines[index] if len(lines) == len(raw) else 1
        try:
            rule = msgspec.convert(table, ClassificationRule)
            _check_rule(rule, {earlier.id for earlier in rules})
            for phrase in (*rule.any, *rule.all, *rule.none):
                phrases.setdefault(phrase, parse_phrase(phrase, lists))
        except ValueError as error:
            line = _find_error_line(text, line, error)
            raise RulesError(f"{name}, line {line}: rule {_describe_id(table)}: {error}") from error
        rules.append(rule)
    return RuleSet(tuple(rules), phrases, "rules-" + hashlib.sha256(text.encode()).hexdigest()[:8])


def _parse_word_lists(tables: object, text: str, name: str) -> dict[str, tuple[str, ...]]:
    start = _toml.find_key_line(text, "words")
    try:
        lists = msgspec.convert(tables, dict[str, tuple[str, ...]])
    except msgspec.ValidationError as error:
        raise RulesError(f'{name}, line {start}: [words]: {error}; write name = ["word", …]') from error
    for key, words in lists.items():
        for word in words:
            if len(tokenize(word)) != 1 or not word.isprintable() or set(word) & set("*?|{}~ "):
                at = _toml.find_key_line(text, key, start)
                raise RulesError(f"{name}, line {at}: [words] {key}: {word!r} is not one plain word")
    return {key: tuple(tokenize(word)[0] for word in words) for key, words in lists.items()}


def _check_rule(rule: ClassificationRule, earlier: set[str]) -> None:
    if rule.id in earlier:
        raise ValueError("another rule above has this id; give it one of its own")
    if rule.category == BY_DISTRIBUTOR:
        raise ValueError(f"{BY_DISTRIBUTOR} goes by the distributor (sources.toml), never by a rule")
    for category in (rule.category, *rule.unless):
        if category not in CATEGORIES:
            raise ValueError(f"no category {category!r}; one of: {', '.join(sorted(CATEGORIES))}")
    if not rule.any and not rule.all:
        raise ValueError("needs phrases in `any` or `all`")


def _describe_id(table: object) -> str:
    return repr(table["id"]) if isinstance(table, dict) and isinstance(table.get("id"), str) else "without id"


def _find_error_line(text: str, line: int, error: ValueError) -> int:
    """Finds the line of the phrase or field that the error quotes; `line`, that of the rule, where it quotes none."""
    if (phrase_line := _toml.find_phrase_line(text, error, line)) is not None:
        return phrase_line
    if field := _FIELD.search(str(error)):
        return _toml.find_key_line(text, field[1] or field[2], line)
    return line


def check_examples(rules: RuleSet) -> list[str]:
    """Checks each rule against its own examples and returns one sentence for each that fails."""
    return [
        f"rule {rule.id!r} {'misses its example' if wanted else 'applies to its counter-example'} {example!r}"
        for rule in rules.rules
        for wanted, examples in ((True, rule.examples), (False, rule.counter_examples))
        for example in examples
        if rule_applies(rules, rule, example) is not wanted
    ]


def rule_applies(rules: RuleSet, rule: ClassificationRule, example: str) -> bool:
    """Tells whether `rule` applies to an example: a headline, or for a rule about texts the beginning of a text."""
    headline, text = ("", example) if rule.where == "text" else (example, "")
    return any(hit.rule is rule for hit in rules.match(tokenize_item(headline, text), rule.language))


@cache
def load_packaged_rules() -> RuleSet:
    """Loads the rules that come with the package."""
    text = resources.files("streams.prepare.classify").joinpath("rules.toml").read_text(encoding="utf-8")
    return load_rules(text, "rules.toml")
