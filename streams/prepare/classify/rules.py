"""Loads, checks and applies the editable classification rules: a file a language, and names that all languages share.

The head of rules/en.toml explains how a rule is written.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from streams.model.topics import CATEGORIES
from streams.prepare.classify import _toml
from streams.prepare.classify.phrases import (
    MIN_SUFFIX,
    Phrase,
    PhraseFinder,
    find_token_places,
    is_compound,
    parse_phrase,
    tokenize,
)

LEAD_CHARACTERS = 700
"""Characters of the text that `where = "text"` sees: dateline and first paragraph. Later paragraphs mislead."""
HEADLINE_CHARACTERS = 500
"""Characters of a headline that are read; of an item without one, as many of its text stand for it."""
ANY_LANGUAGE = "*"
DEFAULT_LANGUAGE = "en"
SPORT = "sport"
"""The word list whose words in a headline say that the item is about sport or the arts."""
NAMES_FILE = "names.toml"
"""The file of a folder whose word lists all its other files may use. It may hold rules too."""
BY_DISTRIBUTOR = "companies.press-releases"

_FIELD = re.compile(r"unknown field `(\w+)`|`\$\.(\w+)")
_RULE_LINE = re.compile(r"^[ \t]*\[\[[ \t]*rule[ \t]*\]\]", re.M)


class RulesError(ValueError):
    """A rule file is wrong; the message names the file and line and says what to correct."""


class ClassificationRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule of the file: it gives `category` to an item that has one of `any`, all of `all` and none of `none`."""

    id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    category: str
    confidence: Annotated[int, Meta(ge=1, le=100)] = 80
    where: Literal["headline", "text", "both"] = "headline"
    language: Annotated[str, Meta(pattern=r"^([a-z]{2,3}|\*)$")] = DEFAULT_LANGUAGE
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


class ParsedRule(msgspec.Struct, frozen=True):
    """A rule with its phrases parsed, in the order of the file."""

    rule: ClassificationRule
    any: tuple[Phrase, ...]
    all: tuple[Phrase, ...]
    none: tuple[Phrase, ...]


class _CompiledRule(msgspec.Struct, frozen=True):
    """A rule with its phrases as numbers: an even number is a phrase in the headline, an odd one in the text."""

    rule: ClassificationRule
    any: tuple[int, ...]
    all: tuple[tuple[int, ...], ...]
    none: tuple[int, ...]


class RuleSet:
    """The rules of one file or of a folder of files. Those of a language are compiled when its first item comes.

    `version` names the content of the files: `rules-` and 8 hex digits of a SHA-256.
    """

    def __init__(self, parsed: tuple[ParsedRule, ...], version: str, sport: frozenset[str] = frozenset()) -> None:
        self.rules = tuple(one.rule for one in parsed)
        self.sport = sport
        """The words of sport and the arts of all files."""
        self.version = version
        self.languages = tuple(sorted({rule.language for rule in self.rules} - {ANY_LANGUAGE}))
        """The languages that have rules of their own."""
        self._parsed = parsed
        self._compiled: dict[str, _LanguageRules] = {}

    def match(self, read: ItemTokens, language: str) -> tuple[RuleMatch, ...]:
        """Returns the rules that apply, in the order of the files.

        Rules for another language are left out; with a language that is empty or `und`, none is.
        """
        primary = language.replace("_", "-").partition("-")[0].lower()
        if primary not in ("", "und") and primary not in self.languages:
            primary = ANY_LANGUAGE
        if primary not in self._compiled:
            self._compiled[primary] = self._compile(primary)
        return self._compiled[primary].match(read)

    def _compile(self, language: str) -> "_LanguageRules":
        """Compiles the rules for items of a language; those for all languages are among them."""
        wanted = (*self.languages, ANY_LANGUAGE) if language in ("", "und") else (language, ANY_LANGUAGE)
        return _LanguageRules(one for one in self._parsed if one.rule.language in wanted)


class _LanguageRules:
    """The rules of one language, compiled."""

    def __init__(self, parsed: Iterable[ParsedRule]) -> None:
        names: dict[Phrase, int] = {}
        wanted: tuple[dict[int, Phrase], dict[int, Phrase]] = ({}, {})
        self._compiled: list[_CompiledRule] = []
        self._rules_of_phrase: dict[int, list[int]] = {}
        self._fingerprints: dict[str, str] = {}
        for one in parsed:
            rule = one.rule
            self._fingerprints[rule.id] = _fingerprint_rule(one)
            sides = {"headline": (0,), "text": (1,), "both": (0, 1)}[rule.where]
            for phrase in (*one.any, *one.all, *one.none):
                number = names.setdefault(phrase, len(names))
                for side in sides:
                    wanted[side][number * 2 + side] = phrase
            compiled = _CompiledRule(
                rule,
                tuple(names[phrase] * 2 + side for phrase in one.any for side in sides),
                tuple(tuple(names[phrase] * 2 + side for side in sides) for phrase in one.all),
                tuple(names[phrase] * 2 + side for phrase in one.none for side in sides),
            )
            for number in compiled.any or compiled.all[0]:
                self._rules_of_phrase.setdefault(number, []).append(len(self._compiled))
            self._compiled.append(compiled)
        self._headline, self._text = (PhraseFinder(side.items()) for side in wanted)
        self._is_mixed = len({one.rule.language for one in self._compiled} - {ANY_LANGUAGE}) > 1

    def match(self, read: ItemTokens) -> tuple[RuleMatch, ...]:
        spans = self._headline.find(read.headline_tokens) | self._text.find(read.text_tokens)
        candidates = sorted({rule for number in spans for rule in self._rules_of_phrase.get(number, ())})
        applying = [one for one in (self._compiled[index] for index in candidates) if _applies(one, spans)]
        if self._is_mixed:
            applying = _keep_likeliest_language(applying, spans)
        given = {one.rule.category for one in applying if not one.rule.unless}
        given |= {category.partition(".")[0] for category in given}
        quotes = _Quotes(read)
        return tuple(
            RuleMatch(one.rule, quotes.quote_matches(one, spans), self._fingerprints[one.rule.id])
            for one in applying
            if given.isdisjoint(one.rule.unless)
        )


def _fingerprint_rule(one: ParsedRule) -> str:
    """Returns the rule's id and a hash of what it finds. Word lists are written out; examples do not count."""
    rule = one.rule
    every = [str(rule.where), rule.language, *rule.unless]
    for kind, parsed in ((rule.any, one.any), (rule.all, one.all), (rule.none, one.none)):
        every.append("/")
        for phrase, elements in zip(kind, parsed, strict=True):
            every += [
                phrase,
                *(" ".join(sorted(element.words | {f"*{end}" for end in element.suffixes})) for element in elements),
            ]
    return f"{rule.id}-{hashlib.sha256(chr(10).join(every).encode()).hexdigest()[:6]}"


def _applies(one: _CompiledRule, spans: dict[int, tuple[int, int]]) -> bool:
    return (
        (not one.any or any(number in spans for number in one.any))
        and all(any(number in spans for number in numbers) for numbers in one.all)
        and not any(number in spans for number in one.none)
    )


def _keep_likeliest_language(applying: list[_CompiledRule], spans: dict[int, tuple[int, int]]) -> list[_CompiledRule]:
    """Keeps the rules of the language whose rules read the most words of the item, English, and those for all.

    An item of unknown language meets all rules: `termine` is French for a market that closes, and German for dates.
    """
    always = {ANY_LANGUAGE, DEFAULT_LANGUAGE}
    read: dict[str, set[tuple[int, int]]] = {}
    for one in applying:
        if one.rule.language not in always:
            for number in (*one.any, *(number for numbers in one.all for number in numbers)):
                if number in spans:
                    first, last = spans[number]
                    read.setdefault(one.rule.language, set()).update((number % 2, at) for at in range(first, last + 1))
    most = max(map(len, read.values()), default=0)
    always.update(language for language, words in read.items() if len(words) == most)
    return [one for one in applying if one.rule.language in always]


class _Quotes:
    """Quotes what phrases found in an item; each side is read once, and only if something stands there."""

    def __init__(self, read: ItemTokens) -> None:
        self._texts = (read.headline, read.text)
        self._places: list[list[tuple[int, int]] | None] = [None, None]

    def quote_matches(self, one: _CompiledRule, spans: dict[int, tuple[int, int]]) -> tuple[str, ...]:
        numbers = (*one.any, *(number for numbers in one.all for number in numbers))
        return tuple(dict.fromkeys(self._quote(number % 2, spans[number]) for number in numbers if number in spans))

    def _quote(self, side: int, span: tuple[int, int]) -> str:
        places = self._places[side]
        if places is None:
            places = self._places[side] = find_token_places(self._texts[side])
        return self._texts[side][places[span[0]][0] : places[span[1]][1]]


def load_rule_files(texts: Mapping[str, str]) -> RuleSet:
    """Parses the files of a folder: name of a file -> its text. Raises `RulesError` with file and line.

    All files may use the word lists of `names.toml`. The order of the names is that of the rules.
    """
    trees = {name: _parse_file(texts[name], name) for name in sorted(texts)}
    shared: dict[str, tuple[str, ...]] = {}
    for name, tree in trees.items():
        if _is_names_file(name):
            shared = _parse_word_lists(tree.get("words", {}), texts[name], name)
    parsed: list[ParsedRule] = []
    owners: dict[str, str] = {}
    sport: set[str] = set(shared.get(SPORT, ()))
    for name, tree in trees.items():
        lists = shared
        if not _is_names_file(name):
            own = _parse_word_lists(tree.get("words", {}), texts[name], name)
            if twice := sorted(own.keys() & shared.keys()):
                at = _toml.find_key_line(texts[name], twice[0])
                raise RulesError(f"{name}, line {at}: [words] {twice[0]}: {NAMES_FILE} has a list of this name")
            lists = shared | own
            sport.update(own.get(SPORT, ()))
        parsed += _parse_rules(tree, texts[name], name, lists, owners)
    if not parsed:
        name = next(iter(trees), "rules")
        at = _toml.find_key_line(texts.get(name, ""), "rule")
        raise RulesError(f"{name}, line {at}: no [[rule]] in it")
    return RuleSet(tuple(parsed), _name_version(texts), frozenset(sport))


def _is_names_file(name: str) -> bool:
    return name.replace("\\", "/").rpartition("/")[2] == NAMES_FILE


def _name_version(texts: Mapping[str, str]) -> str:
    """Returns the version of these files: of one file the hash of its text, of several also of their names."""
    if len(texts) == 1:
        content = next(iter(texts.values()))
    else:
        content = "".join(f"\0{name.replace(chr(92), '/').rpartition('/')[2]}\0{texts[name]}" for name in sorted(texts))
    return "rules-" + hashlib.sha256(content.encode()).hexdigest()[:8]


def _parse_file(text: str, name: str) -> dict[str, object]:
    tree = _toml.parse_toml(text, name, RulesError)
    for key in sorted(tree.keys() - {"rule", "words", "language"}):
        at = _toml.find_key_line(text, key)
        raise RulesError(f"{name}, line {at}: unknown table {key!r}; a rule file has `language`, [words] and [[rule]]")
    return tree


def _parse_rules(
    tree: Mapping[str, object],
    text: str,
    name: str,
    lists: Mapping[str, tuple[str, ...]],
    owners: dict[str, str],
) -> list[ParsedRule]:
    """Parses the rules of one file. `owners` are the ids of the rules so far, each with its file; it grows."""
    raw = tree.get("rule", [])
    if not isinstance(raw, list) or (not raw and not _is_names_file(name)):
        raise RulesError(f"{name}, line {_toml.find_key_line(text, 'rule')}: no [[rule]] in it")
    lines = [text.count("\n", 0, found.start()) + 1 for found in _RULE_LINE.finditer(text)]
    language = tree.get("language", DEFAULT_LANGUAGE)
    parsed: list[ParsedRule] = []
    for index, table in enumerate(raw):
        line = lines[index] if len(lines) == len(raw) else 1
        try:
            table = {"language": language, **table} if isinstance(table, dict) else table
            rule = msgspec.convert(table, ClassificationRule)
            _check_rule(rule, owners, name)
            parsed.append(
                ParsedRule(
                    rule,
                    *(
                        tuple(parse_phrase(phrase, lists) for phrase in phrases)
                        for phrases in (rule.any, rule.all, rule.none)
                    ),
                )
            )
        except ValueError as error:
            line = _find_error_line(text, line, error)
            raise RulesError(f"{name}, line {line}: rule {_describe_id(table)}: {error}") from error
        owners[rule.id] = name
    return parsed


def _parse_word_lists(tables: object, text: str, name: str) -> dict[str, tuple[str, ...]]:
    start = _toml.find_key_line(text, "words")
    try:
        lists = msgspec.convert(tables, dict[str, tuple[str, ...]])
    except msgspec.ValidationError as error:
        raise RulesError(f'{name}, line {start}: [words]: {error}; write name = ["word", …]') from error
    for key, words in lists.items():
        for word in words:
            plain = word.removeprefix("*") if len(word) > MIN_SUFFIX else word
            if (
                (len(tokenize(plain)) != 1 and (word != plain or not is_compound(word)))
                or not word.isprintable()
                or set(plain) & set("*?|{}~ ")
            ):
                at = _toml.find_key_line(text, key, start)
                raise RulesError(f"{name}, line {at}: [words] {key}: {word!r} is not one plain word")
    return lists


def _check_rule(rule: ClassificationRule, owners: Mapping[str, str], name: str) -> None:
    if rule.id in owners:
        where = "above" if owners[rule.id] == name else f"in {owners[rule.id]}"
        raise ValueError(f"another rule {where} has this id; give it one of its own")
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
        f"rule {rule.id!r} ({rule.language}) "
        f"{'misses its example' if wanted else 'applies to its counter-example'} {example!r}"
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
    folder = resources.files("streams.prepare.classify").joinpath("rules")
    files = (file for file in folder.iterdir() if file.name.endswith(".toml"))
    return load_rule_files({file.name: file.read_text(encoding="utf-8") for file in files})
