"""The widget and the page in a real Chromium, served by real gateways from a real broker."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from support import flow
from support.ticker import Press, Served, run_ticker_gateway

from streams.config.loader import load
from streams.config.settings import Settings
from streams.model.topics import DUPLICATES

pytestmark = pytest.mark.system
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install -e '.[system]'")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
if CHROMIUM is None:
    pytest.skip("no Chromium: apt-get install chromium", allow_module_level=True)
WIDTHS = {1440: 900, 768: 1024, 390: 844}
ROWS = "news-ticker#rows a"
HOST_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A site</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src {gateway}; connect-src {gateway}">
<script src="{gateway}/widget.js" defer></script></head><body><main><h1>A site</h1>{body}</main></body></html>"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def topics(kafka: str) -> Settings:
    made = load(environ={"NEWSWIRE_KAFKA": kafka, "NEWSWIRE_TOPICS__PREFIX": f"test-{uuid.uuid4().hex[:8]}"})
    assert flow.newswire(made, "topics", "apply").returncode == 0
    return made


@pytest.fixture
def press(topics: Settings) -> Press:
    return Press(topics)


@pytest.fixture
def gateway(topics: Settings) -> Iterator[Served]:
    with run_ticker_gateway(topics) as served:
        yield served


@contextmanager
def looking(browser: Any, address: str, width: int = 1440, **options: Any) -> Iterator[Any]:
    """A page that must not raise an error; what its console says is in `page.said`."""
    context = browser.new_context(viewport={"width": width, "height": WIDTHS[width]}, **options)
    page = context.new_page()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(f"error {error}"))
    page.on("dialog", lambda dialog: (said.append("dialog"), dialog.dismiss()))
    page.goto(address)
    try:
        yield page
        assert said == []
    finally:
        context.close()


@contextmanager
def site(folder: Path) -> Iterator[str]:
    """Another origin: a web server with the files of a folder."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def home(gateway: Served) -> str:
    return f"http://127.0.0.1:{gateway.port}/"


def headlines(page: Any, where: str = ROWS) -> list[str]:
    found = page.eval_on_selector_all(f"{where} .headline", "all => all.map(one => one.firstChild.textContent)")
    assert isinstance(found, list)
    return found


def until(page: Any, expected: list[str], where: str = ROWS) -> None:
    """Waits until the rows are these; the last look says what they are instead."""
    for _ in range(200):
        if headlines(page, where) == expected:
            break
        page.wait_for_timeout(50)
    assert headlines(page, where) == expected


def test_rows_appear_live_a_correction_replaces_and_a_withdrawal_removes(
    browser: Any, gateway: Served, press: Press
) -> None:
    press.put("one", "First")
    with looking(browser, home(gateway)) as page:
        until(page, ["First"])
        press.put("two", "Second")
        until(page, ["Second", "First"])
        press.put("one", "First, corrected", version=2)
        until(page, ["First, corrected", "Second"])
        assert page.locator(f"{ROWS} .badge").all_inner_texts() == ["corrected"]
        press.put("two", "Second", version=2, kind="withdrawn")
        until(page, ["First, corrected"])


def test_a_replayed_item_changes_its_row_without_a_flash_or_a_badge(
    browser: Any, gateway: Served, press: Press
) -> None:
    press.put("one", "First")
    with looking(browser, home(gateway)) as page:
        until(page, ["First"])
        press.put("one", "First, refiled", version=2, replay_job="r-1")
        until(page, ["First, refiled"])
        assert page.locator("news-ticker#rows .new, news-ticker#rows .badge").count() == 0


def test_a_paused_list_stands_still_but_for_what_is_withdrawn(browser: Any, gateway: Served, press: Press) -> None:
    press.put("one", "First")
    press.put("two", "Second")
    with looking(browser, home(gateway)) as page:
        until(page, ["Second", "First"])
        page.locator("#rows").get_by_role("button", name="Pause").click()
        press.put("three", "Third")
        press.put("two", "Second", version=2, kind="withdrawn")
        until(page, ["First"])
        page.wait_for_function("() => document.querySelector('#state').textContent === 'Paused'")
        page.locator("#rows").get_by_role("button", name="Resume").click()
        until(page, ["Third", "First"])


def test_after_a_cut_connection_and_a_restart_of_the_gateway_the_list_is_complete_without_repeat(
    browser: Any, topics: Settings, press: Press
) -> None:
    with run_ticker_gateway(topics) as first:
        port = first.port
        press.put("one", "First")
        with looking(browser, f"http://127.0.0.1:{port}/") as page:
            until(page, ["First"])
            page.context.set_offline(True)
            press.put("two", "Second")
            press.put("one", "First, corrected", version=2)
            page.context.set_offline(False)
            until(page, ["First, corrected", "Second"])
            first.stop()
            press.put("three", "Third")
            with run_ticker_gateway(topics, port) as again:
                until(page, ["Third", "First, corrected", "Second"])
                press.put("four", "Fourth")
                until(page, ["Fourth", "Third", "First, corrected", "Second"])
                assert again.port == port
            first.process = again.process


def test_markup_and_direction_marks_of_a_headline_do_nothing(browser: Any, gateway: Served, press: Press) -> None:
    hostile = [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "Norwick \u202eevil\u202c Pumps",
        "{{constructor.constructor('alert(1)')()}}",
    ]
    for number, headline in enumerate(hostile):
        press.put(f"h{number}", headline)
    shown = [hostile[3], "Norwick evil Pumps", hostile[1], hostile[0]]
    with looking(browser, home(gateway)) as page:
        until(page, shown)
        assert page.locator("img[onerror], main script").count() == 0
        for row in range(len(shown)):
            page.locator(ROWS).nth(row).click()
            page.wait_for_function(
                "start => document.querySelector('#headline').textContent.startsWith(start)", arg=shown[row][:8]
            )
        page.wait_for_timeout(200)


def test_everything_can_be_done_with_the_keyboard(browser: Any, gateway: Served, press: Press) -> None:
    for number in range(3):
        press.put(f"n{number}", f"Headline {number}")
    with looking(browser, home(gateway)) as page:
        until(page, ["Headline 2", "Headline 1", "Headline 0"])

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
    browser: Any, gateway: Served, press: Press, width: int, scheme: str
) -> None:
    axe_api = pytest.importorskip("axe_playwright_python.sync_playwright")
    for number in range(4):
        press.put(f"n{number}", f"A headline that is long enough to need two lines, of Norwick {number}", symbol="NRWK")
    press.put("n0", "Corrected", version=2)
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    with looking(browser, home(gateway), width, color_scheme=scheme, reduced_motion="reduce") as page:
        page.locator(ROWS).nth(3).wait_for()
        acts = (
            lambda: None,
            lambda: page.locator(ROWS).nth(1).click(),
            lambda: page.evaluate("location.hash = '#/companies.ipos'"),
        )
        for act in acts:
            act()
            page.wait_for_timeout(300)
            found = axe_api.Axe().run(page, options=rules).response["violations"]
            assert [(each["id"], each["nodes"][0]["html"][:120]) for each in found] == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_an_item_tells_its_reasons_versions_and_the_same_story_on_other_wires(
    browser: Any, gateway: Served, press: Press
) -> None:
    uri = press.put("one", "First", symbol="NRWK")
    press.put("one", "First, corrected", version=2, symbol="NRWK")
    copy = {"source": "businesswire", "kind": "duplicate", "duplicate_of": uri, "match_kind": "near"}
    press.put("copy", "First, once more", topic=DUPLICATES, seconds_later="240", **copy)
    gateway.until(f"/stories/{uri}", lambda _, text: "once more" in text)
    with looking(browser, home(gateway)) as page:
        page.locator(ROWS).first.click()
        page.locator("#elsewhere").wait_for()
        assert page.locator("#text p").all_inner_texts() == ["Norwick Pumps said so.", "It did not say more."]
        assert page.locator("#organisations li").all_inner_texts() == ["Norwick Pumps\nXNAS:NRWK"]
        cells = {part: page.locator(f"#{part} td").all_inner_texts() for part in ("categories", "versions", "copies")}
    assert cells["categories"] == ["Companies", "rule: opening", "90 %"]
    assert (cells["versions"][:2], cells["versions"][3:5]) == (["2", "First, corrected"], ["1", "First"])
    assert cells["copies"] == ["BU", "First, once more", "4 min"]


def test_the_widget_works_on_a_strange_page_under_a_strict_policy_with_one_stream_for_all(
    browser: Any, gateway: Served, press: Press, tmp_path: Path
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
    with site(tmp_path) as origin, looking(browser, origin) as page:
        until(page, ["First"], "#c a")
        until(page, ["Second"], "#m a")
        until(page, ["Second"], "#t a")
        assert page.locator("#m time").inner_text() == "07:54a"
        page.locator("#t").get_by_role("tab", name="IPOs").click()
        until(page, ["First"], "#t a")
        assert gateway.get("/metrics")[1].count("\nnewswire_gateway_clients 1.0\n") == 1
        press.put("three", "Third", categories=("markets", "companies.ipos"))
        until(page, ["Third", "First"], "#c a")
        until(page, ["Second", "Third"], "#m a")
        press.put("three", "Third", version=2, categories=("markets",))
        until(page, ["First"], "#c a")
        page.locator("#t").get_by_role("searchbox", name="Ticker").fill("NRWK")
        until(page, [], "#t a")
        press.put("four", "Fourth", categories=("companies.ipos",), symbol="NRWK")
        until(page, ["Fourth"], "#t a")


def test_the_corner_tells_the_age_of_the_newest_item_and_what_is_not_read_yet(
    browser: Any, gateway: Served, press: Press
) -> None:
    press.put("one", "First")
    with looking(browser, home(gateway)) as page:
        until(page, ["First"])
        page.wait_for_function("() => / s ago$/.test(document.querySelector('#newest').textContent)")
        page.wait_for_function("() => document.querySelector('#behind').textContent === '0'")
        assert page.locator("#state").inner_text() == "Live"


def test_the_corner_says_that_the_gateway_waits_for_kafka(browser: Any) -> None:
    nowhere = load(environ={"NEWSWIRE_KAFKA": "127.0.0.1:1"})
    with run_ticker_gateway(nowhere, until="/healthz") as served, looking(browser, home(served)) as page:
        page.wait_for_function("() => document.querySelector('#state').textContent === 'waiting for Kafka'")


def test_a_private_gateway_asks_the_reader_for_the_token(browser: Any, topics: Settings, press: Press) -> None:
    press.put("one", "First")
    with (
        run_ticker_gateway(topics, NEWSWIRE_GATEWAY__PRIVATE="true", NEWSWIRE_GATEWAY_TOKEN="open-sesame") as served,
        looking(browser, home(served)) as page,
    ):
        page.locator("#token").fill("open-sesame")
        page.keyboard.press("Enter")
        until(page, ["First"])
        page.locator(ROWS).first.click()
        page.locator("#text p").first.wait_for()


def test_the_widget_is_small() -> None:
    import gzip

    from streams.gateway.server import FILES

    assert len(gzip.compress(FILES["/widget.js"].body)) <= 12 << 10
