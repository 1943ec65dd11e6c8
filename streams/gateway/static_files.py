"""Holds the files that are served as they are: widget, script and style of the pages, icons, labels."""

import re
from importlib import resources

import msgspec

from streams.gateway.labels import DEFAULT, LABELS

_FOLDER = resources.files("streams.gateway").joinpath("static")
_SAID = re.compile(r'"([a-z]+(?:_[a-z]+)*)"')
_INDENT = re.compile(r"^[ \t]+", re.M)
_COMMENT = re.compile(r"^//.*\n|(?<=[;{}),]) // .*$", re.M)
"""A line that is a comment, and a comment behind code."""
KEPT = {"Cache-Control": "public, max-age=300, stale-while-revalidate=86400"}
"""Lets browsers and a CDN keep a file for five minutes, and show the old one while they fetch the new one."""


class StaticFile(msgspec.Struct, frozen=True):
    """A file that is served for a path."""

    body: bytes
    content_type: str
    headers: dict[str, str] = {}
    charset: str | None = "utf-8"


def _read(name: str) -> bytes:
    return _FOLDER.joinpath(name).read_bytes()


def _build_widget() -> bytes:
    """Builds the widget: with the English labels that it says, without indents and without comments below its head."""
    text = _read("widget.js").decode()
    english = LABELS[DEFAULT]
    said = {key: english[key] for key in english if key in _SAID.findall(text) or _is_own_name(key)}
    text = text.replace("ENGLISH = {};", f"ENGLISH = {msgspec.json.encode(said).decode()};", 1)
    head, start, code = text.partition("(() => {")
    return (head + start + _shrink(code)).encode()


def _is_own_name(key: str) -> bool:
    """Whether the label of a section is another one than the widget makes of its id."""
    kind, _, category = key.partition(".")
    made = " ".join(word.capitalize() for word in category.rpartition(".")[2].split("-"))
    return kind == "section" and LABELS[DEFAULT][key] != made


def _shrink(text: str) -> str:
    return _COMMENT.sub("", _INDENT.sub("", text))


FILES: dict[str, StaticFile] = {
    "/style.css": StaticFile(_shrink(_read("style.css").decode()).encode(), "text/css", KEPT),
    "/page.js": StaticFile(_shrink(_read("page.js").decode()).encode(), "text/javascript", KEPT),
    "/widget.js": StaticFile(_build_widget(), "text/javascript", KEPT),
    "/icon.svg": StaticFile(_read("icon.svg"), "image/svg+xml", KEPT),
    "/favicon.ico": StaticFile(_read("favicon.ico"), "image/x-icon", KEPT, charset=None),
    **{
        f"/labels/{language}.json": StaticFile(msgspec.json.encode(labels), "application/json", KEPT)
        for language, labels in LABELS.items()
    },
}
"""Path -> file, read at the import."""
