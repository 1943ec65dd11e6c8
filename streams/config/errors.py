"""Refuses settings with one plain sentence: name, bad value, where the value came from, and what is allowed."""

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import get_args, get_origin

import msgspec

LONGEST = 80
"""The most characters of a bad value that a message shows."""
FindOrigin = Callable[[tuple[str, ...]], str]
"""Finds the variable or the file that a setting (by its path) came from."""


class ConfigError(Exception):
    """The settings cannot be used; the message names the setting and says what it may be."""


class SettingRefused(ValueError):  # noqa: N818 - a setting is refused
    """A setting is unknown or its value is not allowed; the message is one plain sentence."""


def refuse_value(path: tuple[str, ...], value: object, where: FindOrigin, allowed: str) -> SettingRefused:
    """Builds the error for a value that is not allowed."""
    shown = repr(value)
    shown = shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"
    return SettingRefused(f"{'.'.join(path)} is {shown}, from {where(path)}: {allowed}")


def check_table(path: tuple[str, ...], rows: object, kind: type[msgspec.Struct], where: FindOrigin) -> None:
    """Checks a table of settings against its class, name by name. Raises `SettingRefused`."""
    fields = {field.name: field.type for field in msgspec.structs.fields(kind)}
    if not isinstance(rows, Mapping):
        raise refuse_value(path, rows, where, f"it is a table, with {', '.join(fields)}")
    for name, value in rows.items():
        if name not in fields:
            raise refuse_unknown((*path, name), [".".join((*path, known)) for known in fields], where)
        try:
            msgspec.convert(value, fields[name], strict=False)
        except msgspec.ValidationError:
            raise refuse_value((*path, name), value, where, f"give {describe_allowed(fields[name])}") from None


def refuse_unknown(
    path: tuple[str, ...],
    names: Iterable[str],
    where: FindOrigin,
    more: Iterable[str] = (),
    variables: Iterable[str] = (),
) -> SettingRefused:
    """Builds the error for an unknown name. It suggests the nearest known name, or lists all `names`."""
    names, asked, origin = list(names), ".".join(path), where(path)
    is_variable = origin.startswith("NEWSWIRE_")
    shown = format_variable if is_variable else str
    known = [shown(name) for name in (*names, *more)] + (list(variables) if is_variable else [])
    last = {name.rpartition(".")[2]: shown(name) for name in (*names, *more)}
    near = get_close_matches(shown(asked), known, n=1, cutoff=0.85) or [
        last[found] for found in get_close_matches(path[-1], last, n=1, cutoff=0.7)
    ]
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
    return SettingRefused(f"{asked or 'a setting without a name'}, from {origin}, is no setting: {hint}")


def format_variable(name: str) -> str:
    """Formats the name of a setting as an environment variable: `worker.http_port` -> `NEWSWIRE_WORKER__HTTP_PORT`."""
    return f"NEWSWIRE_{name.replace('.', '__').upper()}"


def describe_allowed(kind: object) -> str:
    """Describes in words which values the type of a setting allows."""
    meta = next((each for each in getattr(kind, "__metadata__", ()) if isinstance(each, msgspec.Meta)), None)
    plain: object = get_args(kind)[0] if hasattr(kind, "__metadata__") else kind
    if meta and meta.extra and "allowed" in meta.extra:
        return str(meta.extra["allowed"])
    if choices := get_args(plain) if get_origin(plain) is not tuple else ():
        return f"one of {', '.join(map(str, choices))}"
    if plain in (int, float):
        return f"a {'whole ' if plain is int else ''}number{_describe_limits(meta)}"
    return "true or false" if plain is bool else "a text" if plain is str else "a list of texts"


def _describe_limits(meta: msgspec.Meta | None) -> str:
    if meta is None:
        return ""
    low = f" from {meta.ge}" if meta.ge is not None else f" above {meta.gt} and up" if meta.gt is not None else ""
    return low + (f" to {meta.le}" if meta.le is not None else " on" if meta.ge is not None else "")
