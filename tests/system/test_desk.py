"""The page of the desk in a real Chromium: a wrong copy is seen, split and shown in the ticker; keyboard; no token."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support import flow
from support.desk_page import COPY, LAKE, STORY, TOKENS, run_desk
from support.pages import open_page, page_address, read_headlines
from support.wait import wait_until

from streams.config.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.system
HEAD = "Norwick Pumps opens a plant in the north"


def enter(page: Page, name: str) -> None:
    page.get_by_label("Token of the desk").fill(TOKENS[name])
    page.keyboard.press("Enter")
    page.locator("#rows button").first.wait_for()


def test_a_wrong_copy_is_seen_split_and_shown_in_the_ticker_in_three_clicks(
    browser: Browser, topics: Settings, tmp_path: Path
) -> None:
    with run_desk(topics, tmp_path) as (settings, gateway):
        address = page_address(gateway)
        with open_page(browser, address) as ticker, open_page(browser, f"{address}desk") as page:
            wait_until(lambda: read_headlines(ticker).count(HEAD) == 1)
            assert page.locator("#rows button").count() == 0
            assert not page.locator("#desk").is_visible()
            page.get_by_label("Token of the desk").fill("a-token-of-nobody")
            page.keyboard.press("Enter")
            page.get_by_text("a token of the desk is needed").wait_for()
            assert page.locator("#rows button").count() == 0
            enter(page, "ada")
            assert "words: It said so / none" in page.locator("#rows button").inner_text()
            page.locator("#rows button").click()
            page.get_by_text("words that only one has: It said so here").wait_for()
            page.get_by_role("button", name="Split", exact=True).click()
            page.locator("#line").get_by_text(f"split {COPY} from {STORY}: {HEAD}").wait_for()
            page.get_by_label("Why", exact=True).fill("two plants")
            page.get_by_role("button", name="Do it").click()
            wait_until(lambda: read_headlines(ticker).count(HEAD) == 2)
            page.get_by_text("is in the log").wait_for()
            page.get_by_text("Nothing is listed here.").wait_for()
        told = flow.newswire(settings, "why", COPY).stdout.decode()
        assert f"command split by ada)\n    split from {STORY}" in told
        assert "note: two plants" in told


def test_a_wrong_revision_is_seen_and_split_and_both_stories_stand_in_the_ticker(
    browser: Browser, topics: Settings, tmp_path: Path
) -> None:
    alert = {"id": "5", "title": "Salton Tools to close its yard", "body": ""}
    body = "Salton Tools said so today. Sixty people work in it."
    other = {"id": "6", "title": "Salton Tools to close its yard in the south", "body": body}
    with run_desk(topics, tmp_path) as (settings, gateway):
        rows = [(json.dumps(row).encode(), {"source": "testwire"}) for row in (alert, other)]
        flow.wait_decided(settings, flow.send(settings, rows, partition=0))
        address = page_address(gateway)
        with open_page(browser, address) as ticker, open_page(browser, f"{address}desk") as page:
            wait_until(
                lambda: other["title"] in read_headlines(ticker) and alert["title"] not in read_headlines(ticker)
            )
            enter(page, "ada")
            page.get_by_role("button", name="Revisions").click()
            page.locator("#rows button").get_by_text(other["title"]).click()
            page.get_by_role("button", name="Split", exact=True).click()
            page.locator("#line").get_by_text("split urn:newswire:testwire:6 from urn:newswire:testwire:5").wait_for()
            page.get_by_label("Why", exact=True).fill("two yards")
            page.get_by_role("button", name="Do it").click()
            wait_until(lambda: {alert["title"], other["title"]} <= set(read_headlines(ticker)))
            page.get_by_text("Nothing is listed here.").wait_for()


def test_the_desk_works_by_keyboard_alone_and_offers_only_what_a_token_may(
    browser: Browser, topics: Settings, tmp_path: Path
) -> None:
    with run_desk(topics, tmp_path) as (settings, gateway):
        address = page_address(gateway)
        with open_page(browser, address) as ticker, open_page(browser, f"{address}desk") as page:
            enter(page, "bob")
            page.get_by_role("button", name="Unclassified").focus()
            page.keyboard.press("Enter")
            page.locator("#rows button").first.wait_for()
            page.locator("#rows button").first.focus()
            page.keyboard.press("ArrowDown")
            page.keyboard.press("Enter")
            page.get_by_role("button", name="Retitle").wait_for()
            assert page.get_by_role("button", name="Kill", exact=True).count() == 0
            page.get_by_role("button", name="Retitle").focus()
            page.keyboard.press("Enter")
            page.keyboard.type("Ducks came back")
            page.keyboard.press("Enter")
            page.locator("#line").get_by_text("new headline 'Ducks came back'").wait_for()
            page.keyboard.press("Escape")
            assert not page.locator("#plan").is_visible()
            page.get_by_role("button", name="Show the plan").focus()
            page.keyboard.press("Enter")
            page.locator("#why").wait_for()
            page.keyboard.type("too long")
            page.keyboard.press("Enter")
            wait_until(lambda: "Ducks came back" in read_headlines(ticker))
            assert ticker.locator("news-ticker#rows .badge").count() == 0
        with open_page(browser, f"{address}desk") as page:
            enter(page, "eve")
            page.locator("#rows button").first.click()
            page.get_by_text("words that only one has").wait_for()
            assert page.locator("#actions button").count() == 0
        assert "command retitle by bob" in flow.newswire(settings, "why", LAKE).stdout.decode()
