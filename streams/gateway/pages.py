"""The static files of the gateway, read once. The page's tabs come from the table of sections."""

from collections.abc import Mapping
from html import escape
from importlib import resources
from string import Template

import msgspec

from streams.topics import COMPANY_SECTIONS, LATEST, SECTIONS

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""Nothing inline, nothing from elsewhere: text of a wire that became markup by mistake would still not run."""


class File(msgspec.Struct, frozen=True):
    """What is sent for a path."""

    body: bytes
    content_type: str
    headers: dict[str, str] = {}


def _read(name: str) -> str:
    return resources.files("streams.gateway").joinpath("static", name).read_text(encoding="utf-8")


def _tabs(sections: Mapping[str, str]) -> str:
    return "\n".join(
        f'<li><a href="#/{escape(key)}" data-category="{escape(key)}">{escape(name)}</a></li>'
        for key, name in sections.items()
    )


def _page() -> str:
    return Template(_read("index.html")).substitute(
        sections=_tabs({LATEST: "Latest News", **SECTIONS}),
        company_sections=_tabs({"companies": "All News", **COMPANY_SECTIONS}),
    )


FILES: dict[str, File] = {
    "/": File(_page().encode(), "text/html", {"Content-Security-Policy": POLICY}),
    "/style.css": File(_read("style.css").encode(), "text/css"),
    "/page.js": File(_read("page.js").encode(), "text/javascript"),
    "/widget.js": File(_read("widget.js").encode(), "text/javascript"),
    "/icon.svg": File(_read("icon.svg").encode(), "image/svg+xml"),
}
"""Path -> file."""
