"""What a reader of the page sees and can do, in a real Chromium: pause, focus, sizes, outages, corrections, print."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from confluent_kafka.admin import AdminClient
from support.pages import (
    HOST_PAGE,
    ROWS,
    open_page,
    page_address,
    read_headlines,
    serve_folder,
    wait_for_headlines,
)
from support.ticker import GatewayProcess, LatestWriter, run_ticker_gateway

from streams.config.settings import Settings
from streams.model.topics import LATEST

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.system
BOARDS = ".board news-ticker"


def focused(page: Page) -> str:
    """Returns the uri of the row that has the focus, or the id of the focused element."""
    found = page.evaluate(
        "() => { let at = document.activeElement;"
        " while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;"
        " return at.dataset?.uri || at.id }"
    )
    assert isinstance(found, str)
    return found


def test_a_paused_page_shows_the_rows_of_a_section_that_is_opened_and_holds_them(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter
) -> None:
    press.put("one", "Of companies", categories=("companies",))
    press.put("two", "Of markets", categories=("markets",))
    with open_page(browser, page_address(gateway)) as page:
        wait_for_headlines(page, ["Of markets", "Of companies"])
        page.locator("#rows").get_by_role("button", name="Pause").click()
        page.evaluate("() => document.querySelector('#rows').setAttribute('category', 'markets')")
        wait_for_headlines(page, ["Of markets"])
        press.put("three", "Of markets too", categories=("markets",))
        page.wait_for_function("() => document.querySelector('#rows').shadowRoot.textContent.includes('1 new')")
        assert read_headlines(page) == ["Of markets"]


@pytest.mark.parametrize("width", [1440, 390])
def test_an_item_that_is_closed_gives_back_focus_and_place_in_the_list(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter, width: int
) -> None:
    uris = [press.put(f"n{number}", f"Headline {number}", flush=False) for number in range(50)]
    press.flush()
    with open_page(browser, page_address(gateway), width) as page:
        page.locator(ROWS).nth(49).wait_for()
        row = page.locator(ROWS).nth(40)
        row.scroll_into_view_if_needed()
        before = page.evaluate("window.scrollY")
        assert before > 0
        row.click()
        page.wait_for_function("() => document.querySelector('#headline').textContent === 'Headline 9'")
        page.keyboard.press("Escape")
        page.locator("#item").wait_for(state="hidden")
        assert focused(page) == uris[9]
        assert page.evaluate("window.scrollY") == before
        row.press("Enter")
        page.get_by_role("link", name="Close").click()
        page.locator("#item").wait_for(state="hidden")
        assert focused(page) == uris[9]


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_at_320_pixels_nothing_is_wider_than_the_screen_and_every_control_can_be_hit(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter, direction: str
) -> None:
    press.put("one", "A headline that is long enough to need two lines, of Norwick Pumps")
    with open_page(browser, page_address(gateway), 320, has_touch=True, is_mobile=True) as page:
        page.evaluate("direction => { document.documentElement.dir = direction }", direction)
        for act in (lambda: None, lambda: page.locator(ROWS).first.click()):
            act()
            page.wait_for_timeout(200)
            assert page.evaluate("document.documentElement.scrollWidth") == 320
            assert page.evaluate("window.scrollX") == 0
        page.keyboard.press("Escape")
        assert page.locator(ROWS).first.bounding_box()["x"] >= 0  # type: ignore[index]
        heights = page.evaluate(
            "() => [document, ...[...document.querySelectorAll('news-ticker')].map(one => one.shadowRoot)]"
            ".flatMap(root => [...root.querySelectorAll('button, input, nav a')])"
            ".filter(one => one.checkVisibility() && one.offsetParent).map(one => one.getBoundingClientRect().height)"
        )
        assert len(heights) >= 15
        assert min(heights) >= 44


def test_with_a_mouse_no_button_is_lower_than_32_pixels(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter
) -> None:
    press.put("one", "First")
    with open_page(browser, page_address(gateway)) as page:
        wait_for_headlines(page, ["First"])
        heights = page.locator("button:visible").evaluate_all("all => all.map(one => one.offsetHeight)")
        assert min(heights) >= 32


def test_a_page_from_right_to_left_shows_its_rows_without_scrolling_sideways(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter
) -> None:
    press.put("one", "First")
    with open_page(browser, page_address(gateway)) as page:
        page.evaluate("() => { document.documentElement.dir = 'rtl' }")
        wait_for_headlines(page, ["First"])
        box = page.locator(ROWS).first.bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= 1440 - box["width"]
        assert page.evaluate("document.documentElement.scrollWidth") <= 1440


def test_in_forced_colours_only_the_open_section_looks_selected(browser: Browser, gateway: GatewayProcess) -> None:
    with open_page(browser, page_address(gateway), forced_colors="active") as page:
        page.wait_for_function("() => document.querySelector('nav a[aria-current]')")
        assert page.locator("#sections a").evaluate_all(
            "all => all.filter(one => getComputedStyle(one).borderBottomColor !=="
            " getComputedStyle(document.body).backgroundColor).map(one => one.textContent)"
        ) == ["Latest News"]


def test_of_a_burst_few_rows_fade_in_and_they_move_nothing_but_their_opacity(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter
) -> None:
    press.put("one", "First")
    with open_page(browser, page_address(gateway)) as page:
        wait_for_headlines(page, ["First"])
        page.evaluate(
            "() => { window.most = 0; const list = document.querySelector('#rows').shadowRoot.querySelector('ol');"
            " new MutationObserver(() => { window.most = Math.max(window.most, list.querySelectorAll('.new').length) })"
            ".observe(list, {subtree: true, childList: true, attributes: true}) }"
        )
        for number in range(60):
            press.put(f"n{number}", f"Headline {number}", flush=number % 10 == 9)
        page.wait_for_function(
            "() => document.querySelector('#rows').shadowRoot.querySelector('.headline').textContent === 'Headline 59'"
        )
        moved = page.evaluate(
            "() => document.querySelector('#rows').shadowRoot.getAnimations().flatMap(one => one.effect.getKeyframes())"
            ".flatMap(Object.keys)"
        )
        assert set(moved) <= {"opacity", "offset", "computedOffset", "easing", "composite"}
        assert 1 <= page.evaluate("window.most") <= 5


def test_an_update_a_correction_and_a_refiling_are_three_things(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter
) -> None:
    for name in ("u", "c", "r"):
        press.put(name, f"Story {name}")
    press.put("u", "Story u", version=2, revision="update")
    press.put("c", "Story c", version=2, revision="correction")
    press.put("r", "Story r", version=2, replay_job="r-1", categories=("markets",))
    press.put("c", "Story c", version=3, replay_job="r-1", categories=("markets",))
    with open_page(browser, page_address(gateway)) as page:
        page.wait_for_function(
            "() => document.querySelector('#rows').shadowRoot.querySelectorAll('.badge').length === 2"
            " || document.querySelector('#rows').shadowRoot.querySelectorAll('a').length === 3"
        )
        shown = page.locator(ROWS).evaluate_all(
            "all => all.map(one => [one.querySelector('.headline').firstChild.textContent,"
            " one.querySelector('.badge')?.textContent || ''])"
        )
    assert sorted(map(tuple, shown)) == [("Story c", "corrected"), ("Story r", ""), ("Story u", "updated")]


def test_a_correction_shows_what_it_changed_and_when(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter
) -> None:
    press.put("one", "Norwick Pumps earns 4 million", text="It earned 4 million.\n\nIt has 90 people.")
    press.put(
        "one",
        "Norwick Pumps earns 5 million",
        version=2,
        revision="correction",
        when="2026-03-02T11:30:00Z",
        text="It earned 5 million.\n\nIt has 90 people.",
    )
    with open_page(browser, page_address(gateway), timezone_id="UTC") as page:
        page.locator(ROWS).first.click()
        page.locator("#versions li").nth(1).wait_for()
        newest = page.locator("#versions li").first
        assert newest.locator("b").inner_text() == "Correction"
        assert newest.locator("time").get_attribute("datetime") == "2026-03-02T11:30:00Z"
        assert newest.locator(".change").all_inner_texts() == [
            "Headline: Norwick Pumps earns 4 5 million",
            "It earned 4 5 million.",
        ]
        assert newest.locator("del").all_inner_texts() == ["4", "4"]
        assert newest.locator("ins").all_inner_texts() == ["5", "5"]


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("Withdrawn by its source", "This story was withdrawn by its source."),
        ("Withdrawn by the desk", "This story was withdrawn by the desk."),
    ],
)
def test_a_withdrawn_story_says_who_withdrew_it(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter, note: str, said: str
) -> None:
    press.put("one", "First")
    with open_page(browser, page_address(gateway)) as page:
        page.locator(ROWS).first.click()
        page.wait_for_function("() => document.querySelector('#headline').textContent === 'First'")
        press.put("one", "First", version=2, kind="withdrawn", note=note)
        page.locator("#blank").wait_for()
        assert page.locator("#blank").inner_text() == said


def test_readers_see_no_figures_of_operators_until_they_ask(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter
) -> None:
    press.put("one", "First")
    with open_page(browser, page_address(gateway)) as page:
        page.locator(ROWS).first.click()
        page.locator("#text p").first.wait_for()
        for word in ("Behind", "Items/min", "90 %", "Sure", "urn:newswire", "<script"):
            assert word not in page.locator("body").inner_text()
        page.get_by_role("button", name="Operator's figures").click()
        for word in ("Behind", "Items/min", "90 %", "urn:newswire"):
            assert word in page.locator("body").inner_text()


def test_the_page_has_one_pause_button_for_all_its_lists(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter
) -> None:
    press.put("one", "First", categories=("companies",))
    with open_page(browser, page_address(gateway)) as page:
        wait_for_headlines(page, ["First"])
        page.locator(f"{BOARDS}[category=companies] a").wait_for()
        assert page.get_by_role("button", name="Pause").count() == 1
        page.get_by_role("button", name="Pause").click()
        page.locator(f"{BOARDS}[paused]").first.wait_for()
        assert page.locator(f"{BOARDS}[paused]").count() == page.locator(BOARDS).count()


def test_print_leaves_out_what_cannot_be_used_on_paper(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter
) -> None:
    press.put("one", "First")
    with open_page(browser, page_address(gateway)) as page:
        page.locator(ROWS).first.click()
        page.locator("#text p").first.wait_for()
        page.emulate_media(media="print")
        for what in ("nav", "#rows", ".find", "#theme", ".back", "#status"):
            assert page.locator(what).first.is_hidden()
        assert page.locator("#headline").is_visible()


def test_a_browser_finds_an_icon_where_it_looks_for_one(gateway: GatewayProcess) -> None:
    import urllib.request

    with urllib.request.urlopen(f"{page_address(gateway)}favicon.ico") as answer:
        assert (answer.headers["Content-Type"], answer.read(4)) == ("image/x-icon", b"\0\0\1\0")


def test_a_ticker_on_another_page_does_not_stay_live_when_its_gateway_gets_no_news(
    browser: Browser, topics: Settings, press: LatestWriter, tmp_path: Path
) -> None:
    press.put("one", "First")
    with run_ticker_gateway(topics) as gateway:
        address = f"http://localhost:{gateway.port}"
        (tmp_path / "index.html").write_text(HOST_PAGE.format(gateway=address, body="<news-ticker></news-ticker>"))
        with serve_folder(tmp_path) as origin, open_page(browser, origin) as page:
            wait_for_headlines(page, ["First"], "news-ticker a")
            state = page.locator("news-ticker .state")
            assert (state.get_attribute("data-state"), state.inner_text()) == ("live", "Live")
            admin = AdminClient({"bootstrap.servers": topics.kafka.brokers})
            for done in admin.delete_topics([topics.topics.full(LATEST)]).values():
                done.result()
            page.wait_for_function(
                "() => document.querySelector('news-ticker').shadowRoot"
                ".querySelector('.state').dataset.state === 'away'",
                timeout=60_000,
            )
            assert state.inner_text() == "No new items"
            assert read_headlines(page, "news-ticker a") == ["First"]
