"""The widget and the page work in a real Chromium, with real gateways and a real broker."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.pages import HOST_PAGE, ROWS, WIDTHS, open_page, page_address, serve_folder, wait_for_headlines
from support.ticker import GatewayProcess, LatestWriter, run_ticker_gateway

from streams.config.loader import load
from streams.config.settings import Settings
from streams.model.topics import DUPLICATES

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.system


def test_rows_appear_live_a_correction_replaces_and_a_withdrawal_removes(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter
) -> None:
    press.put("one", "First")
    with open_page(browser, page_address(gateway)) as page:
        wait_for_headlines(page, ["First"])
        press.put("two", "Second")
        wait_for_headlines(page, ["Second", "First"])
        press.put("one", "First, corrected", version=2, revision="correction")
        wait_for_headlines(page, ["First, corrected", "Second"])
        assert page.locator(f"{ROWS} .badge").all_inner_texts() == ["corrected"]
        press.put("two", "Second", version=2, kind="withdrawn")
        wait_for_headlines(page, ["First, corrected"])


def test_a_replayed_item_changes_its_row_without_a_flash_or_a_badge(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter
) -> None:
    press.put("one", "First")
    with open_page(browser, page_address(gateway)) as page:
        wait_for_headlines(page, ["First"])
        press.put("one", "First, refiled", version=2, replay_job="r-1")
        wait_for_headlines(page, ["First, refiled"])
        assert page.locator("news-ticker#rows .new, news-ticker#rows .badge").count() == 0


def test_a_paused_list_changes_only_for_a_withdrawn_item(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter
) -> None:
    press.put("one", "First")
    press.put("two", "Second")
    with open_page(browser, page_address(gateway)) as page:
        wait_for_headlines(page, ["Second", "First"])
        page.locator("#rows").get_by_role("button", name="Pause").click()
        press.put("three", "Third")
        press.put("two", "Second", version=2, kind="withdrawn")
        wait_for_headlines(page, ["First"])
        page.wait_for_function("() => document.querySelector('#state').textContent === 'Paused'")
        page.locator("#rows").get_by_role("button", name="Resume").click()
        wait_for_headlines(page, ["Third", "First"])


def test_after_a_lost_connection_and_a_gateway_restart_the_list_is_complete_without_repeats(
    browser: Browser, topics: Settings, press: LatestWriter
) -> None:
    with run_ticker_gateway(topics) as first:
        port = first.port
        press.put("one", "First")
        with open_page(browser, f"http://127.0.0.1:{port}/") as page:
            wait_for_headlines(page, ["First"])
            page.context.set_offline(True)
            press.put("two", "Second")
            press.put("one", "First, corrected", version=2)
            page.context.set_offline(False)
            wait_for_headlines(page, ["First, corrected", "Second"])
            first.stop()
            press.put("three", "Third")
            with run_ticker_gateway(topics, port) as again:
                wait_for_headlines(page, ["Third", "First, corrected", "Second"])
                press.put("four", "Fourth")
                wait_for_headlines(page, ["Fourth", "Third", "First, corrected", "Second"])
                assert again.port == port
            first.process = again.process


def test_markup_and_direction_marks_in_a_headline_have_no_effect(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter
) -> None:
    hostile = [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "Norwick \u202eevil\u202c Pumps",
        "{{constructor.constructor('alert(1)')()}}",
    ]
    for number, headline in enumerate(hostile):
        press.put(f"h{number}", headline)
    shown = [hostile[3], "Norwick evil Pumps", hostile[1], hostile[0]]
    with open_page(browser, page_address(gateway)) as page:
        wait_for_headlines(page, shown)
        assert page.locator("img[onerror], main script").count() == 0
        for row in range(len(shown)):
            page.locator(ROWS).nth(row).click()
            page.wait_for_function(
                "start => document.querySelector('#headline').textContent.startsWith(start)", arg=shown[row][:8]
            )
        page.wait_for_timeout(200)


def test_everything_can_be_done_with_the_keyboard(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter
) -> None:
    for number in range(3):
        press.put(f"n{number}", f"Headline {number}")
    with open_page(browser, page_address(gateway)) as page:
        wait_for_headlines(page, ["Headline 2", "Headline 1", "Headline 0"])

        def tab_to(what: str) -> None:
            for _ in range(80):
                page.keyboard.press("Tab")
                if page.evaluate(
                    "what => { let at = document.activeElement;"
                    " while (at && at.shadowRoot && at.shadowRoot.activeElement) at = at.shadowRoot.activeElement;"
                    " return at.textContent.includes(what) || at.id === what }",
                    what,
                ):
                    return
            raise AssertionError(f"Tab never reaches {what}")

        tab_to("Pause")
        page.keyboard.press("Enter")
        page.locator("#rows").get_by_role("button", name="Resume").wait_for()
        page.keyboard.press("Space")
        tab_to("Headline 2")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_function("() => document.querySelector('#headline').textContent === 'Headline 1'")
        page.keyboard.press("Escape")
        page.locator("#item").wait_for(state="hidden")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_no_violation_and_nothing_is_wider_than_the_screen(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter, width: int, scheme: str
) -> None:
    axe_api = pytest.importorskip("axe_playwright_python.sync_playwright")
    for number in range(4):
        press.put(f"n{number}", f"A headline that is long enough to need two lines, of Norwick {number}", symbol="NRWK")
    press.put("n0", "Corrected", version=2)
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    with open_page(browser, page_address(gateway), width, color_scheme=scheme, reduced_motion="reduce") as page:
        page.locator(ROWS).nth(3).wait_for()
        acts = (
            lambda: None,
            lambda: page.locator(ROWS).nth(1).click(),
            lambda: page.goto(f"{page_address(gateway)}companies/ipos"),
        )
        for act in acts:
            act()
            page.wait_for_timeout(300)
            found = axe_api.Axe().run(page, options=rules).response["violations"]
            assert [(each["id"], each["nodes"][0]["html"][:120]) for each in found] == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_an_item_shows_its_reasons_its_versions_and_its_copies_on_other_wires(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter
) -> None:
    uri = press.put("one", "First", symbol="NRWK")
    press.put("one", "First, corrected", version=2, symbol="NRWK", revision="correction")
    copy = {"source": "businesswire", "kind": "duplicate", "duplicate_of": uri, "match_kind": "near"}
    press.put("copy", "First, once more", topic=DUPLICATES, seconds_later="240", **copy)
    gateway.wait_for(f"/stories/{uri}", lambda _, text: "once more" in text)
    with open_page(browser, page_address(gateway)) as page:
        page.locator(ROWS).first.click()
        page.locator("#elsewhere").wait_for()
        assert page.locator("#text p").all_inner_texts() == ["Norwick Pumps said so.", "It did not say more."]
        assert page.locator("#organisations li").all_inner_texts() == ["Norwick Pumps\nXNAS:NRWK"]
        assert page.locator("#sections-of li").all_inner_texts() == ["Companies"]
        cells = {part: page.locator(f"#{part} td").all_inner_texts() for part in ("categories", "copies")}
        versions = page.locator("#versions b").all_inner_texts()
        page.get_by_role("button", name="Operator's figures").click()
        cells["categories"] = page.locator("#categories td").all_inner_texts()
    assert cells["categories"] == ["Companies", "rule: opening", "90 %"]
    assert versions == ["Correction", "First version"]
    assert cells["copies"] == ["BU", "First, once more", "4 min"]


def test_widgets_on_another_page_with_a_strict_policy_work_and_share_one_stream(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter, tmp_path: Path
) -> None:
    press.put("one", "First", categories=("companies.ipos",))
    press.put("two", "Second", categories=("markets",), when="2026-03-02T12:54:00Z")
    body = "".join(
        f'<news-ticker id="{name}" {attributes}></news-ticker>'
        for name, attributes in {
            "c": 'category="companies" tz="America/New_York"',
            "m": 'category="markets" limit="3" tz="America/New_York" dir="rtl" density="dense" theme="dark"',
            "t": 'tabs="markets,companies.ipos" search',
        }.items()
    )
    address = f"http://localhost:{gateway.port}"
    (tmp_path / "index.html").write_text(HOST_PAGE.format(gateway=address, body=body))
    with serve_folder(tmp_path) as origin, open_page(browser, origin) as page:
        wait_for_headlines(page, ["First"], "#c a")
        wait_for_headlines(page, ["Second"], "#m a")
        wait_for_headlines(page, ["Second"], "#t a")
        assert page.locator("#m time").inner_text() == "07:54a"
        page.locator("#t").get_by_role("tab", name="IPOs").click()
        wait_for_headlines(page, ["First"], "#t a")
        assert gateway.get("/metrics")[1].count("\nnewswire_gateway_clients 1.0\n") == 1
        press.put("three", "Third", categories=("markets", "companies.ipos"))
        wait_for_headlines(page, ["Third", "First"], "#c a")
        wait_for_headlines(page, ["Second", "Third"], "#m a")
        press.put("three", "Third", version=2, categories=("markets",))
        wait_for_headlines(page, ["First"], "#c a")
        page.locator("#t").get_by_role("combobox").fill("NRWK")
        wait_for_headlines(page, [], "#t a")
        press.put("four", "Fourth", categories=("companies.ipos",), symbol="NRWK")
        wait_for_headlines(page, ["Fourth"], "#t a")


def test_the_corner_shows_the_age_of_the_newest_item_and_the_lag(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter
) -> None:
    press.put("one", "First")
    with open_page(browser, page_address(gateway)) as page:
        wait_for_headlines(page, ["First"])
        page.get_by_role("button", name="Operator's figures").click()
        page.wait_for_function("() => / s$/.test(document.querySelector('#newest').textContent)")
        page.wait_for_function("() => document.querySelector('#behind').textContent === '0'")
        page.wait_for_function("() => document.querySelector('#state').textContent === 'Live'")


def test_the_corner_says_that_the_gateway_is_waiting_for_kafka(browser: Browser) -> None:
    nowhere = load(environ={"NEWSWIRE_KAFKA": "127.0.0.1:1"})
    with run_ticker_gateway(nowhere, until="/healthz") as served, open_page(browser, page_address(served)) as page:
        page.wait_for_function("() => document.querySelector('#state').title === 'waiting for Kafka'")
        assert page.locator("#state").inner_text() == "No new items"


def test_a_private_gateway_asks_the_reader_for_the_token(
    browser: Browser, topics: Settings, press: LatestWriter
) -> None:
    press.put("one", "First")
    with (
        run_ticker_gateway(topics, NEWSWIRE_GATEWAY__PRIVATE="true", NEWSWIRE_GATEWAY_TOKEN="open-sesame") as served,
        open_page(browser, page_address(served)) as page,
    ):
        page.locator("#token").fill("open-sesame")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        wait_for_headlines(page, ["First"])
        page.locator(ROWS).first.click()
        page.locator("#text p").first.wait_for()
        page.locator("#page").click()
        page.locator(".story .text p").first.wait_for()
        press.put("one", "First of all", version=2)
        page.locator("h1", has_text="First of all").wait_for()
        page.reload()
        assert page.locator("h1").inner_text() == "First of all"


def test_the_widget_is_small() -> None:
    import gzip

    from streams.gateway.static_files import FILES

    assert len(gzip.compress(FILES["/widget.js"].body)) <= 12 << 10
