"""Opens pages of the gateway in the system's Chromium, and reads their rows. Skips where there is no Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from support.ticker import GatewayProcess

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install -e '.[system]'")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
if CHROMIUM is None:
    pytest.skip("no Chromium: apt-get install chromium", allow_module_level=True)
WIDTHS = {1440: 900, 768: 1024, 390: 844}
ROWS = "news-ticker#rows a.row[data-uri]"
HOST_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A site</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src {gateway}; connect-src {gateway}">
<script src="{gateway}/widget.js" defer></script></head><body><main><h1>A site</h1>{body}</main></body></html>"""


@contextmanager
def open_page(browser: Browser, address: str, width: int = 1440, **options: Any) -> Iterator[Page]:
    """Opens a page that must raise no error and open no dialog."""
    context = browser.new_context(viewport={"width": width, "height": WIDTHS.get(width, 640)}, **options)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(f"error {error}"))
    page.on("dialog", lambda dialog: (problems.append("dialog"), dialog.dismiss()))
    page.goto(address)
    try:
        yield page
        assert problems == []
    finally:
        context.close()


@contextmanager
def serve_folder(folder: Path) -> Iterator[str]:
    """Serves the files of a folder from another origin."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def page_address(gateway: GatewayProcess) -> str:
    return f"http://127.0.0.1:{gateway.port}/"


def read_headlines(page: Page, where: str = ROWS) -> list[str]:
    found = page.eval_on_selector_all(f"{where} .headline", "all => all.map(one => one.firstChild.textContent)")
    assert isinstance(found, list)
    return found


def wait_for_headlines(page: Page, expected: list[str], where: str = ROWS) -> None:
    """Waits until the rows have these headlines; fails with the headlines that they have instead."""
    for _ in range(200):
        if read_headlines(page, where) == expected:
            break
        page.wait_for_timeout(50)
    assert read_headlines(page, where) == expected
