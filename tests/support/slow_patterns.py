"""Finds every compiled regular expression of a package, and writes hostile texts for each from its own alphabet."""

import ast
import importlib
import inspect
import pkgutil
import random
import re
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any, NamedTuple

import msgspec

_ENDLESS = 1000
"""A repeat of so many times or more can make a text of one character slow."""
_MOST_SAMPLES = 3
_CLASSES = {"space": " \n", "digit": "7", "word": "aZ", "not_space": "x", "not_word": ".", "not_digit": "x"}
_ANCHORED = {"match", "fullmatch"}
_SEARCHING = {"search", "finditer", "findall", "sub", "subn", "split"}


class FoundPattern(NamedTuple):
    """A compiled pattern, the name by which a module holds it, and whether the code only matches it at one place."""

    name: str
    pattern: re.Pattern[str]
    anchored: bool


def find_patterns(package: ModuleType) -> list[FoundPattern]:
    """Finds the patterns that the modules of a package hold: by a name, or in a tuple, list, set, dict or struct."""
    found: dict[str, tuple[str, re.Pattern[str]]] = {}
    methods: dict[str, set[str]] = {}
    names = [package.__name__] + [row.name for row in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    for module in map(importlib.import_module, names):
        for name, value in list(vars(module).items()):
            for where, pattern in _walk(value, f"{module.__name__}.{name}", 0):
                found.setdefault(f"{pattern.flags} {pattern.pattern}", (where, pattern))
        for node in ast.walk(ast.parse(inspect.getsource(module) or "")):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                methods.setdefault(f"{module.__name__}.{node.value.id}", set()).add(node.attr)
    return [
        FoundPattern(name, pattern, bool((used := methods.get(name, set())) & _ANCHORED) and not used & _SEARCHING)
        for name, pattern in found.values()
    ]


def _walk(value: Any, name: str, depth: int) -> Iterator[tuple[str, re.Pattern[str]]]:
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            yield name, value
    elif isinstance(owner := getattr(value, "__self__", None), re.Pattern):
        yield from _walk(owner, f"{name}.{value.__name__}", depth)
    elif depth == 4:
        return
    elif isinstance(value, tuple | list | set | frozenset):
        for number, each in enumerate(value):
            yield from _walk(each, f"{name}[{number}]", depth + 1)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _walk(each, f"{name}[{key!r}]", depth + 1)
    elif isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            yield from _walk(getattr(value, field), f"{name}.{field}", depth + 1)


def write_texts(found: FoundPattern, length: int) -> Iterator[str]:
    """Writes texts of a length that make a pattern work: what its endless repeats take, alone and behind their head.

    Each text stands also before a word, where a pattern that looks for the end of the text fails.
    """
    tree = re._parser.parse(found.pattern.pattern, found.pattern.flags)  # type: ignore[attr-defined]
    dice = random.Random(ascii(found.pattern.pattern))
    pieces: dict[str, None] = {}
    for head, characters in _find_endless(tree, "", dice):
        for character in characters[:_MOST_SAMPLES]:
            pieces.setdefault(character)
            pieces.setdefault(head + character)
        pieces.setdefault(head)
    letters = _alphabet(tree) or ["x"]
    # In this order: a longer text draws more letters, and what is drawn before them is the same for every length.
    pieces.setdefault("".join(dice.choices(letters, k=5)) + " ")
    pieces.setdefault("".join(dice.choices(letters, k=length)))
    for piece in filter(None, pieces):
        text = (piece * (length // len(piece) + 1))[:length]
        yield text
        yield text + " a word"


def _find_endless(items: Any, head: str, dice: random.Random) -> Iterator[tuple[str, list[str]]]:
    """Yields each endless repeat: a text that the pattern takes before it, and the characters that it takes."""
    for operation, argument in items:
        kind = str(operation).lower()
        if kind.endswith("_repeat"):
            if int(argument[1]) >= _ENDLESS:
                yield head, _alphabet(argument[2])
            yield from _find_endless(argument[2], head, dice)
        else:
            for inner in _inner(kind, argument):
                yield from _find_endless(inner, head, dice)
        head += _example([(operation, argument)], dice)


def _inner(kind: str, argument: Any) -> list[Any]:
    if kind.endswith("_repeat"):
        return [argument[2]]
    if kind == "subpattern":
        return [argument[3]]
    if kind == "branch":
        return list(argument[1])
    if kind in ("assert", "assert_not"):
        return [argument[1]]
    if kind == "groupref_exists":
        return [each for each in argument[1:] if each]
    return [argument] if kind == "atomic_group" else []


def _alphabet(items: Any) -> list[str]:
    letters: dict[str, None] = {}
    for operation, argument in items:
        kind = str(operation).lower()
        letters |= dict.fromkeys(_characters(kind, argument))
        for inner in _inner(kind, argument):
            letters |= dict.fromkeys(_alphabet(inner))
    return list(letters)


def _characters(kind: str, argument: Any) -> str:
    if kind == "literal":
        return chr(argument)
    if kind in ("any", "not_literal"):
        return "x"
    if kind != "in":
        return ""
    rows = [(str(name).lower(), value) for name, value in argument]
    if rows[0][0] == "negate":
        return "x \n("
    return "".join(
        chr(value)
        if name == "literal"
        else chr(value[0]) + chr(value[1])
        if name == "range"
        else _CLASSES.get(str(value).lower().removeprefix("category_"), "x")
        for name, value in rows
    )


def _example(items: Any, dice: random.Random) -> str:
    """Writes a short text that the items may take."""
    text = ""
    for operation, argument in items:
        kind = str(operation).lower()
        if kind.endswith("_repeat"):
            least = int(argument[0])
            text += "".join(_example(argument[2], dice) for _ in range(max(least, min(1, int(argument[1])))))
        elif kind == "branch":
            text += _example(dice.choice(argument[1]), dice)
        elif kind in ("subpattern", "atomic_group"):
            text += _example(_inner(kind, argument)[0], dice)
        else:
            text += _characters(kind, argument)[:1]
    return text
