"""The pages of the gateway as a site, in a real Chromium: live lists, search, languages, hostile texts, axe."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.pages import HOST_PAGE, ROWS, open_page, page_address, read_headlines, serve_folder, wait_for_headlines
from support.ticker import GatewayProcess, LatestWriter

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.system
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</script><svg onload=alert(1)>",
    "{{constructor.constructor('alert(1)')()}}",
    "javascript:alert(1)",
]
MODES: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced": {"forced_colors": "active"},
    "rtl": {},
}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def page_of(gateway: GatewayProcess, query: str = "limit=1") -> str:
    """Returns the path of the page of the newest row."""
    rows = json.loads(gateway.wait_for(f"/latest?{query}", lambda _, text: text.startswith("[{")))
    return str(rows[0]["page"]).lstrip("/")


def test_without_javascript_a_reader_gets_from_the_list_to_the_article_and_the_company(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter
) -> None:
    press.put("one", "Norwick opens a plant", symbol="NRWK")
    gateway.rows("limit=1", 1)
    with open_page(browser, page_address(gateway), java_script_enabled=False) as page:
        page.get_by_role("link", name="Norwick opens a plant").click()
        assert page.locator("h1").inner_text() == "Norwick opens a plant"
        assert page.locator(".story .text p").all_inner_texts() == ["Norwick Pumps said so.", "It did not say more."]
        page.get_by_role("link", name="Norwick Pumps").first.click()
        assert page.locator("h1").inner_text() == "News about Norwick Pumps"
        assert page.get_by_role("link", name="Norwick opens a plant").count() == 1
        page.get_by_role("link", name="Companies", exact=True).click()
        page.get_by_role("link", name="IPOs").click()
        assert page.locator("h1").inner_text() == "IPOs"


def test_a_day_that_is_picked_is_a_day_of_the_zone_in_which_the_reader_sees_the_rows(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter
) -> None:
    press.put("late", "Norwick in the evening of New York", when="2026-03-03T02:30:00Z")
    press.put("early", "Norwick in the morning", when="2026-03-02T02:30:00Z")
    gateway.rows("q=norwick", 2)
    with open_page(browser, page_address(gateway), timezone_id="Asia/Tokyo") as page:
        wait_for_headlines(page, ["Norwick in the evening of New York", "Norwick in the morning"])
        assert "11:30a" in page.locator(ROWS).first.inner_text()
        page.locator(".filter summary").click()
        page.locator("input[name=day]").fill("2026-03-03")
        page.locator(".filter button").click()
        page.locator(".asked").wait_for()
        assert page.locator(".list .rows .headline").all_inner_texts() == ["Norwick in the evening of New York"]
        assert page.locator(".list .rows time").all_inner_texts() == ["11:30a"]
        assert page.locator(".asked").inner_text() == "Day: 2026-03-03 (Asia/Tokyo) · Clear"
        assert page.locator("#times").inner_text() == "Times: Asia/Tokyo."


@pytest.mark.parametrize("width", [320, 768, 1440])
def test_the_heading_its_feed_and_the_buttons_are_in_sight_and_cover_nothing(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter, width: int
) -> None:
    press.put("one", "Norwick opens a plant", symbol="NRWK")
    gateway.rows("limit=1", 1)
    with open_page(browser, page_address(gateway) + "company/norwick", width) as page:
        wait_for_headlines(page, ["Norwick opens a plant"])
        boxes = [page.locator(one).first.bounding_box() for one in ("h1", ".feed a", "#rows button:visible", ROWS)]
        assert all(box is not None and box["x"] + box["width"] <= width for box in boxes)
        for number, box in enumerate(boxes):
            for other in boxes[number + 1 :]:
                assert box is not None
                assert other is not None
                assert (
                    box["x"] + box["width"] <= other["x"] or other["x"] + other["width"] <= box["x"]
                    or box["y"] + box["height"] <= other["y"] or other["y"] + other["height"] <= box["y"]
                ), (box, other)  # fmt: skip


def test_rows_that_come_while_somebody_reads_wait_behind_a_button(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter
) -> None:
    press.put("one", "First")
    with open_page(browser, page_address(gateway)) as page:
        wait_for_headlines(page, ["First"])
        page.locator(ROWS).first.hover()
        press.put("two", "Second")
        press.put("three", "Third")
        button = page.locator("#rows").get_by_role("button", name="2 new")
        button.wait_for()
        assert read_headlines(page) == ["First"]
        button.click()
        wait_for_headlines(page, ["Third", "Second", "First"])
        page.mouse.move(5, 5)
        page.locator("#q").focus()
        press.put("four", "Fourth")
        wait_for_headlines(page, ["Fourth", "Third", "Second", "First"])


def test_more_rows_come_on_demand_until_the_oldest(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter
) -> None:
    for number in range(150):
        press.put(
            f"n{number}", f"Headline {number}", when=f"2026-03-02T{number // 60:02}:{number % 60:02}:00Z", flush=False
        )
    press.flush()
    gateway.rows("limit=200", 150)
    with open_page(browser, page_address(gateway)) as page:
        page.locator(ROWS).nth(59).wait_for()
        more = page.locator("#rows").get_by_role("button", name="More news")
        more.click()
        page.locator(ROWS).nth(110).wait_for()
        more.click()
        page.locator(ROWS).nth(149).wait_for()
        more.wait_for(state="hidden")
        assert read_headlines(page) == [f"Headline {number}" for number in reversed(range(150))]
        assert "the oldest item" in page.locator("#rows .empty").inner_text()


def test_a_company_page_goes_on_with_older_news_than_the_stream_begins_with(
    browser: Browser, topics: Any, press: LatestWriter
) -> None:
    from support.ticker import run_ticker_gateway

    press.put("rare", "Of Norwick", symbol="NRWK", when="2026-03-01T10:00:00Z")
    for number in range(5):
        press.put(f"n{number}", f"Headline {number}")
    with run_ticker_gateway(topics, NEWSWIRE_GATEWAY__ROWS="3") as served:
        served.rows("company=norwick", 1)
        with open_page(browser, f"{page_address(served)}company/norwick") as page:
            wait_for_headlines(page, ["Of Norwick"])
            press.put("new", "Of Norwick too", symbol="NRWK")
            wait_for_headlines(page, ["Of Norwick too", "Of Norwick"])


def test_what_is_looked_for_filters_the_list_stands_in_the_address_and_is_suggested(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter
) -> None:
    press.put("one", "Norwick opens a plant", symbol="NRWK")
    press.put("two", "Markets rise")
    gateway.rows("q=plant", 1)
    with open_page(browser, page_address(gateway)) as page:
        wait_for_headlines(page, ["Markets rise", "Norwick opens a plant"])
        page.locator("#q").press_sequentially("plant")
        wait_for_headlines(page, ["Norwick opens a plant"])
        assert page.url.endswith("/?q=plant")
        page.reload()
        wait_for_headlines(page, ["Norwick opens a plant"])
        page.locator("#q").fill("")
        wait_for_headlines(page, ["Markets rise", "Norwick opens a plant"])
        page.locator("#q").press_sequentially("norw")
        page.locator("#hints option").wait_for(state="attached")
        assert page.locator("#hints option").evaluate_all("all => all.map(one => [one.value, one.label])") == [
            ["Norwick Pumps", "NRWK"]
        ]
        page.locator("#q").fill("Norwick Pumps")
        page.locator("#q").press("Enter")
        page.wait_for_url("**/company/norwick")


def test_chips_lead_to_the_company_and_codes_have_full_names(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter
) -> None:
    press.put("one", "Norwick opens a plant", symbol="NRWK", more={"urgency": 1})
    with open_page(browser, page_address(gateway)) as page:
        wait_for_headlines(page, ["Norwick opens a plant"])
        code = page.locator("#rows .source")
        assert (code.inner_text(), code.get_attribute("title")) == ("PR", "PR Newswire")
        assert page.locator("#rows").get_by_role("link", name="from PR Newswire").count() == 1
        assert page.locator("#rows .badge").all_inner_texts() == ["urgent"]
        page.locator("#rows .row").focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        page.wait_for_url("**/company/norwick")


def test_labels_of_the_widget_are_in_the_language_of_the_page_around_it(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter, tmp_path: Path
) -> None:
    press.put("one", "First", version=2, revision="correction")
    address = f"http://localhost:{gateway.port}"
    body = '<div lang="de-AT"><news-ticker id="d"></news-ticker></div><news-ticker id="s" lang="sv"></news-ticker>'
    (tmp_path / "index.html").write_text(HOST_PAGE.format(gateway=address, body=body))
    with serve_folder(tmp_path) as origin, open_page(browser, origin) as page:
        page.locator("#d .badge").wait_for()
        page.wait_for_function(
            "() => document.querySelector('#d').shadowRoot.querySelector('.badge')?.textContent === 'korrigiert'"
        )
        assert page.locator("#d").get_by_role("button", name="Anhalten").count() == 1
        assert page.locator("#s").get_by_role("button", name="Pause").count() == 1
        assert page.locator("#s .bar").get_attribute("lang") == "en"


def test_an_open_article_shows_a_correction_and_its_withdrawal(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter
) -> None:
    press.put("one", "Norwick opens")
    with open_page(browser, f"{page_address(gateway)}{page_of(gateway)}") as page:
        page.locator("aside .headline").first.wait_for()
        press.put("one", "Norwick opens late", version=2, revision="correction")
        page.wait_for_function("() => document.querySelector('h1').textContent === 'Norwick opens late'")
        press.put("one", version=3, kind="withdrawn", note="Withdrawn by the desk")
        page.wait_for_function(
            "() => document.querySelector('h1').textContent === 'This story was withdrawn by the desk.'"
        )
        assert "said so" not in page.locator("body").inner_text()


def test_hostile_texts_have_no_effect_on_any_page(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter
) -> None:
    for number, hostile in enumerate(HOSTILE):
        company = {"uri": f"urn:newswire:company:{hostile}", "name": hostile, "rel": "about"}
        more = {
            "by": hostile,
            "edNote": hostile,
            "organisations": [company],
            "altIds": [{"role": "canonical-url", "value": hostile}],
            "infoSources": [{"role": "distributor", "name": hostile, "literal": "XX"}],
            "bodies": [{"role": "main", "value": hostile}, {"role": "html", "value": f"<table><td>{hostile}</table>"}],
        }
        press.put(f"h{number}", hostile, more=more)
    rows = gateway.rows("limit=9", len(HOSTILE))
    with open_page(browser, page_address(gateway)) as page:
        page.locator(ROWS).nth(len(HOSTILE) - 1).wait_for()
        for path in [
            f"company/{rows[0]['companies'][0]['id'].replace('/', '%2F')}",
            *(row["page"][1:] for row in rows),
        ]:
            page.goto(f"{page_address(gateway)}{path}")
            page.wait_for_timeout(150)
            assert page.locator("main img[onerror], main svg, main script:not([type])").count() == 0


@pytest.mark.parametrize("mode", MODES)
def test_axe_finds_no_violation_on_any_page_at_any_width(
    browser: Browser, gateway: GatewayProcess, press: LatestWriter, mode: str
) -> None:
    axe_api = pytest.importorskip("axe_playwright_python.sync_playwright")
    for number in range(3):
        press.put(f"n{number}", f"A headline that is long enough to need two lines, of Norwick {number}", symbol="NRWK")
    press.put("n2", "Corrected", version=2, revision="correction", symbol="NRWK", more={"urgency": 1})
    gateway.rows("company=norwick&q=corrected", 1)
    paths = ["companies", "company/norwick", page_of(gateway), "legend"]
    found = []
    for width in (320, 768, 1440):
        with open_page(browser, page_address(gateway), width, reduced_motion="reduce", **MODES[mode]) as page:
            for path in paths:
                page.goto(f"{page_address(gateway)}{path}")
                if mode == "rtl":
                    page.evaluate("() => { document.documentElement.dir = 'rtl' }")
                page.wait_for_timeout(400)
                found += list_violations(page, axe_api, f"{path} {width}")
                assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{path} {width}"
    assert found == []


def list_violations(page: Page, axe_api: Any, where: str) -> list[tuple[str, str, str]]:
    violations = axe_api.Axe().run(page, options=RULES).response["violations"]
    return [(where, each["id"], each["nodes"][0]["html"][:160]) for each in violations]
