"""Why settings are refused, in one plain sentence: name, bad value, where it came from, what is allowed (pure)."""

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, get_args, get_origin

import msgspec

LONGEST = 80
"""Characters of a bad value that are shown."""
Where = Callable[[tuple[str, ...]], str]
"""Path of a setting -> the variable or file that it came from."""


class ConfigError(Exception):
    """A setting is unknown or impossible; the message names it and says what it may be."""


class Refused(ValueError):  # noqa: N818 - a setting is refused
    """A setting is unknown or impossible; the message is one plain sentence."""


def bad_value(path: tuple[str, ...], value: Any, where: Where, allowed: str) -> Refused:
    """The refusal of a value."""
    shown = repr(value)
    shown = shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"
    return Refused(f"{'.'.join(path)} is {shown}, from {where(path)}: {allowed}")


def check_table(path: tuple[str, ...], rows: Any, kind: type[msgspec.Struct], where: Where) -> None:
    """Compares a table with its class, name by name. Raises `Refused`."""
    fields = {field.name: field.type for field in msgspec.structs.fields(kind)}
    if not isinstance(rows, Mapping):
        raise bad_value(path, rows, where, f"it is a table, with {', '.join(fields)}")
    for name, value in rows.items():
        if name not in fields:
            raise unknown((*path, name), [".".join((*path, known)) for known in fields], where)
        try:
            msgspec.convert(value, fields[name], strict=False)
        except msgspec.ValidationError:
            raise bad_value((*path, name), value, where, f"give {allowed(fields[name])}") from None


def unknown(
    path: tuple[str, ...], names: Iterable[str], where: Where, more: Iterable[str] = (), variables: Iterable[str] = ()
) -> Refused:
    """The refusal of a name: with the nearest of `names`, `more` and `variables`, or with all `names`."""
    names, asked, origin = list(names), ".".join(path), where(path)
    is_variable = origin.startswith("NEWSWIRE_")
    shown = variable if is_variable else str
    known = [shown(name) for name in (*names, *more)] + (list(variables) if is_variable else [])
    last = {name.rpartition(".")[2]: shown(name) for name in (*names, *more)}
    near = get_close_matches(shown(asked), known, n=1, cutoff=0.85) or [
        last[found] for found in get_close_matches(path[-1], last, n=1, cutoff=0.7)
    ]
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
    return Refused(f"{asked or 'a setting without a name'}, from {origin}, is no setting: {hint}")


def variable(name: str) -> str:
    """`worker.http_port` as a variable."""
    return f"NEWSWIRE_{name.replace('.', '__').upper()}"


def allowed(kind: Any) -> str:
    """What a setting's type allows, in words."""
    meta = next((each for each in getattr(kind, "__metadata__", ()) if isinstance(each, msgspec.Meta)), None)
    plain = get_args(kind)[0] if hasattr(kind, "__metadata__") else kind
    if meta and meta.extra and "allowed" in meta.extra:
        return str(meta.extra["allowed"])
    if choices := get_args(plain) if get_origin(plain) is not tuple else ():
        return f"one of {', '.join(map(str, choices))}"
    if plain in (int, float):
        return f"a {'whole ' if plain is int else ''}number{_limits(meta)}"
    return {bool: "true or false", str: "a text"}.get(plain, "a list of texts")


def _limits(meta: msgspec.Meta | None) -> str:
    if meta is None:
        return ""
    low = f" from {meta.ge}" if meta.ge is not None else f" above {meta.gt} and up" if meta.gt is not None else ""
    return low + (f" to {meta.le}" if meta.le is not None else " on" if meta.ge is not None else "")
