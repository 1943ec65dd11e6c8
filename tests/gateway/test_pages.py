"""The pages that the gateway renders: sections, companies, stories, the legend; without a browser and a broker."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from lxml import html
from support.history import Pen
from support.ticker import build_latest_record

from streams.config.loader import load
from streams.gateway.auth import Access
from streams.gateway.consumer import TickerConsumer
from streams.gateway.filters import parse_ticker_item
from streams.gateway.history import HistoryStore
from streams.gateway.hub import Hub
from streams.gateway.server import Gateway
from streams.gateway.story_address import build_news_path
from streams.gateway.ticker_view import TickerView

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    "</script><script>alert(1)</script>",
    "{{ 7 * 7 }}{% raw %}${7*7}",
    "javascript:alert(1)",
    "<!--<script>",
    "]]><x onclick=alert(1)>",
    "\u202eevil\u202c \x00\x1b[2J",
]


class Site:
    """Pages of a gateway with these records."""

    def __init__(self, *records: dict[str, Any], **environ: str) -> None:
        self._settings = load(environ={"NEWSWIRE_GATEWAY__SITE": "https://news.example.com", **environ})
        self._environ = environ
        self.history: HistoryStore | None = None
        self.view = TickerView(100, 100, {0: 0})
        self.uris: list[str] = []
        for offset, record in enumerate(records):
            uri, value, headers = build_latest_record(**record)
            self.uris.append(uri)
            self.view.apply(0, offset, parse_ticker_item(value, headers, self._settings.source_table), value)

    def get(self, path: str, form: dict[str, str] | None = None, **headers: str) -> tuple[int, str, dict[str, str]]:
        async def ask() -> tuple[int, str, dict[str, str]]:
            hub = Hub()
            hub.open(self.view)
            access = Access(self._settings.gateway, self._environ)
            app = Gateway(self._settings, hub, TickerConsumer(self._settings, hub), access, self.history).app()
            async with TestClient(TestServer(app)) as client:
                sent = {name.replace("_", "-"): value for name, value in headers.items()}
                method = "GET" if form is None else "POST"
                async with client.request(method, path, data=form, headers=sent, allow_redirects=False) as answer:
                    return answer.status, await answer.text(), dict(answer.headers)

        return asyncio.run(ask())

    def tree(self, path: str, **headers: str) -> html.HtmlElement:
        status, text, _ = self.get(path, **headers)
        assert status == 200, text
        return html.fromstring(text)

    def story(self, headline: str, number: int = 0) -> str:
        return build_news_path(self.uris[number], headline)


def read_rows(tree: html.HtmlElement) -> list[str]:
    return [each.text_content() for each in tree.cssselect(".list .rows .headline")]


def test_a_section_shows_its_rows_with_time_symbols_and_code_as_links_without_script() -> None:
    site = Site(
        {"name": "a", "headline": "Norwick opens a plant", "symbol": "NRWK", "when": "2021-12-10T12:54:00Z"},
        {"name": "b", "headline": "Markets rise", "categories": ("markets",)},
    )
    tree = site.tree("/companies")
    assert read_rows(tree) == ["Norwick opens a plant"]
    (row,) = tree.cssselect(".list .rows li")
    assert row.cssselect("a.row")[0].get("href") == site.story("Norwick opens a plant")
    assert row.cssselect("time")[0].text == "07:54a"
    assert [(each.text, each.get("href")) for each in row.cssselect(".symbols a")] == [("NRWK", "/company/norwick")]
    assert (row.cssselect(".code")[0].text, row.cssselect(".code")[0].get("title")) == ("PR", "PR Newswire")
    assert "from PR Newswire" in row.text_content()
    assert [each.text for each in tree.cssselect("nav [aria-current]")] == ["Companies", "All News"]
    assert read_rows(site.tree("/")) == ["Markets rise", "Norwick opens a plant"]


def test_filters_stand_in_the_address_and_in_the_ticker_that_goes_live() -> None:
    site = Site({"name": "a", "headline": "Norwick"}, {"name": "b", "headline": "Übernahme", "language": "de"})
    tree = site.tree("/companies?language=de")
    assert read_rows(tree) == ["Übernahme"]
    (ticker,) = tree.cssselect("#rows")
    assert (ticker.get("category"), ticker.get("language")) == ("companies", "de")
    assert [each.text_content() for each in tree.cssselect(".asked")] == ["Language: de · Clear"]
    feeds = [each.get("href") for each in tree.cssselect("link[rel=alternate]")]
    assert feeds == [f"/feeds/companies.{kind}?language=de" for kind in ("atom", "rss", "json")]
    assert site.get("/companies?day=yesterday")[:2] == (
        400,
        "day is 'yesterday': give a day such as 2026-03-02\n",
    )


def test_a_company_page_has_its_name_symbols_and_news() -> None:
    site = Site({"name": "a", "headline": "Norwick opens", "symbol": "NRWK"})
    status, text, _ = site.get("/company/nobody")
    assert (status, "There is no such page here" in text) == (404, True)
    named = site.view.find_company("norwick")
    assert named is not None
    assert (named.name, named.symbols) == ("Norwick Pumps", ("XNAS:NRWK",))


def test_an_article_has_what_a_site_needs() -> None:
    site = Site(
        {
            "name": "a",
            "headline": "Norwick opens a plant",
            "symbol": "NRWK",
            "when": "2021-12-10T12:41:00Z",
            "text": "Norwick Pumps opens a plant.\n\nMore of Norwick Pumps.",
            "more": {
                "firstCreated": "2021-12-10T12:00:00Z",
                "by": "Jo Hale",
                "infoSources": [{"role": "distributor", "name": "PR Newswire", "literal": "PR"}],
                "altIds": [{"role": "canonical-url", "value": "https://wire.example/a"}],
                "associations": [
                    {
                        "type": "picture",
                        "renditions": [{"href": "https://wire.example/p.jpg"}],
                        "descriptions": [{"role": "caption", "value": "The plant"}],
                    }
                ],
            },
        }
    )
    path = site.story("Norwick opens a plant")
    tree = site.tree(path)
    address = f"https://news.example.com{path}"
    assert tree.cssselect("title")[0].text == "Norwick opens a plant · PR Newswire"
    assert tree.cssselect("link[rel=canonical]")[0].get("href") == address
    assert {each.get("property"): each.get("content") for each in tree.cssselect("meta[property^=og]")} == {
        "og:type": "article",
        "og:title": "Norwick opens a plant",
        "og:description": "Norwick Pumps opens a plant. More of Norwick Pumps.",
        "og:url": address,
        "og:site_name": "Newswire Streams",
        "og:image": "https://wire.example/p.jpg",
    }
    data = json.loads(tree.cssselect("script[type='application/ld+json']")[0].text)
    assert {name: data[name] for name in ("@type", "headline", "datePublished", "dateModified", "url", "author")} == {
        "@type": "NewsArticle",
        "headline": "Norwick opens a plant",
        "datePublished": "2021-12-10T12:00:00Z",
        "dateModified": "2021-12-10T12:41:00Z",
        "url": address,
        "author": {"@type": "Person", "name": "Jo Hale"},
    }
    story = tree.cssselect(".story")[0]
    assert story.cssselect(".meta time")[0].text == "12/10/2021 | 07:41am EST"
    assert [(each.text, each.get("href")) for each in story.cssselect(".text a")] == [
        ("Norwick Pumps", "/company/norwick")
    ]
    assert [each.text_content() for each in story.cssselect(".text p")] == [
        "Norwick Pumps opens a plant.",
        "More of Norwick Pumps.",
    ]
    assert (story.cssselect("img")[0].get("alt"), story.cssselect("figcaption")[0].text) == ("The plant", "The plant")
    assert "© PR Newswire 2021" in story.text_content()
    assert [each.text for each in story.cssselect(".share a")] == ["E-mail", "LinkedIn", "X", "Facebook"]
    assert tree.cssselect("aside h2")[0].text == 'Latest news "Companies"'
    assert read_rows(tree) == ["Norwick opens a plant"]


def test_a_company_that_an_item_names_twice_is_shown_once() -> None:
    listed = {"uri": "urn:newswire:company:norwick", "name": "Norwick Pumps", "rel": "about"}
    others = [{"name": "Norwick Pumps", "rel": "about"}, {"name": "Hallow Mills", "rel": "about"}]
    site = Site({"name": "a", "headline": "N", "more": {"organisations": [listed, *others]}})
    chips = site.tree(site.story("N")).cssselect(".story .chips li")
    assert [each.text_content().strip() for each in chips] == ["Norwick Pumps", "Hallow Mills"]


def test_another_slug_leads_to_the_address_of_the_story() -> None:
    site = Site({"name": "a", "headline": "Norwick opens"})
    path = site.story("Norwick opens")
    status, _, headers = site.get(f"/news/anything-{path[-16:]}")
    assert (status, headers["Location"]) == (301, path)
    assert site.get("/news/norwick")[0] == 404


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("Withdrawn by its source", "This story was withdrawn by its source."),
        ("Withdrawn by the desk", "This story was withdrawn by the desk."),
        ("", "This story was withdrawn."),
    ],
)
def test_a_withdrawn_story_is_gone_with_all_its_words(note: str, said: str) -> None:
    site = Site(
        {"name": "a", "headline": "Norwick fails"}, {"name": "a", "version": 2, "kind": "withdrawn", "note": note}
    )
    status, text, headers = site.get(site.story("Norwick fails"))
    assert (status, said in text, "Norwick" in text) == (410, True, False)
    assert "noindex" in text
    assert "Etag" not in headers


def test_the_text_of_a_restricted_source_is_left_out() -> None:
    site = Site({"name": "a", "headline": "Norwick opens", "source": "reuters", "text": "Secret words."})
    status, text, _ = site.get(site.story("Norwick opens"))
    assert (status, "Secret" in text) == (200, False)
    assert "The text of this source may not be shown here." in text
    assert '"isAccessibleForFree": false' in text


def test_an_article_shows_its_versions_and_what_a_correction_changed() -> None:
    site = Site(
        {"name": "a", "headline": "Norwick earns 4 million", "text": "It earned 4 million."},
        {"name": "a", "headline": "Norwick earns 5 million", "text": "It earned 5 million.", "version": 2,
         "revision": "correction"},
    )  # fmt: skip
    tree = site.tree(site.story("Norwick earns 5 million"))
    assert [each.text for each in tree.cssselect(".versions b")] == ["Correction", "First version"]
    assert [each.text for each in tree.cssselect("del")] == ["4", "4"]
    assert [each.text for each in tree.cssselect("ins")] == ["5", "5"]
    assert read_rows(tree) == ["Norwick earns 5 million"]
    assert tree.cssselect(".rows .badge")[0].text == "corrected"


def test_a_text_with_a_table_keeps_it_and_nothing_that_acts() -> None:
    table = (
        "<table onclick=x><tr><td colspan=2 style='x'>4</td></tr></table><script>alert(1)</script>"
        "<a href='javascript:x'>x</a><img src=x onerror=y><iframe src=//x></iframe>"
    )
    site = Site({"name": "a", "headline": "N", "more": {"bodies": [{"role": "html", "value": table}]}})
    text = site.tree(site.story("N")).cssselect(".story .text")[0]
    assert [each.text for each in text.cssselect("td[colspan='2']")] == ["4"]
    assert {each.tag for each in text.iterdescendants()} <= {"table", "tbody", "tr", "td", "p"}
    assert [name for each in text.iterdescendants() for name in each.attrib] == ["colspan"]


def test_a_text_with_a_table_leads_to_the_pages_of_its_companies_too() -> None:
    table = (
        "<p>Said of <b>Norwick</b>: Norwick Pumps &lt;b&gt; &amp; Norwick Pumps.</p>"
        "<table><tr><th>Norwick Pumps</th><td>Harlow &amp; Sons up</td></tr></table>By Harlow &amp; Sons"
    )
    organisations = [
        {"uri": f"urn:newswire:company:{id_}", "name": name, "rel": "about"}
        for id_, name in {"cik-1": "Norwick Pumps", "cik-2": "Harlow & Sons", "cik-3": "b"}.items()
    ]
    more = {"bodies": [{"role": "html", "value": table}], "organisations": organisations}
    tree = Site({"name": "a", "headline": "N", "more": more})
    text = tree.tree(tree.story("N")).cssselect(".story .text")[0]
    assert [(each.text, each.get("href")) for each in text.cssselect("a")] == [
        ("Norwick Pumps", "/company/cik-1"),
        ("Harlow & Sons", "/company/cik-2"),
    ]
    assert " ".join(text.text_content().split()) == (
        "Said of Norwick: Norwick Pumps <b> & Norwick Pumps.Norwick PumpsHarlow & Sons upBy Harlow & Sons"
    )
    assert len(text.cssselect("p a, td a")) == 2


@pytest.mark.parametrize("hostile", HOSTILE)
def test_markup_in_any_text_of_an_item_is_text(hostile: str) -> None:
    fields = {
        "by": hostile,
        "edNote": hostile,
        "urgency": 1,
        "copyrightNotice": hostile,
        "infoSources": [
            {"role": "distributor", "name": hostile, "literal": hostile[:6]},
            {"role": "issuer", "name": hostile},
        ],
        "organisations": [
            {
                "uri": f"urn:newswire:company:{hostile}",
                "name": hostile,
                "rel": "about",
                "symbols": [{"symbol": hostile, "symbolType": "urn:newswire:symbol:ticker"}],
            }
        ],
        "altIds": [{"role": "canonical-url", "value": hostile}],
        "associations": [{"type": "picture", "renditions": [{"href": f"https://x/{hostile}"}], "descriptions": [
            {"role": "caption", "value": hostile}]}],
        "descriptions": [{"role": "summary", "value": hostile}],
    }  # fmt: skip
    site = Site(
        {"name": "a", "headline": "First", "text": "x"},
        {"name": "a", "version": 2, "headline": hostile, "text": hostile, "language": hostile, "more": fields},
    )
    row = next(iter(site.view.newest(parse_filter(), 1))).item.row
    for path in ("/", "/companies", row.page, "/?ticker=%3Cscript%3E%22&language=%22%3E%3Cimg%3E"):
        status, text, _ = site.get(path)
        assert status == 200, text
        tree = html.fromstring(text)
        scripts = [each.get("src") or each.get("type") for each in tree.iter("script")]
        assert set(scripts) <= {"/widget.js", "/page.js", "application/json", "application/ld+json"}
        names = {name for each in tree.iter() if isinstance(each.tag, str) for name in each.attrib}
        assert not [name for name in names if name.startswith("on")]
        assert {each.get("src") for each in tree.iter("img")} <= {"/icon.svg", f"https://x/{clean(hostile)}"}
        links = {each.get("href") for each in tree.iter("a")}
        assert not [link for link in links if link and link.lower().startswith("javascript:")]
        assert not list(tree.iter("svg")) + list(tree.iter("x"))


def parse_filter() -> Any:
    from streams.gateway.filters import Filter

    return Filter()


def clean(text: str) -> str:
    return text.replace("\x00", "�")


def test_labels_are_in_the_language_of_the_reader_and_headlines_in_theirs() -> None:
    site = Site({"name": "a", "headline": "Norwick opens"})
    status, text, headers = site.get("/companies/ipos", Accept_Language="de-DE,de;q=0.9")
    tree = html.fromstring(text)
    assert (status, tree.get("lang"), tree.cssselect("h1")[0].text) == (200, "de", "Börsengänge")
    assert "Accept-Language" in headers["Vary"]
    assert site.tree("/?lang=fr").cssselect("h1")[0].text == "Dernières actualités"
    assert site.tree("/?lang=fr").cssselect(".rows .headline")[0].get("lang") == "en"


def test_the_legend_says_what_each_code_means() -> None:
    tree = Site().tree("/legend")
    rows = {each.cssselect("a")[0].text: each.text_content() for each in tree.cssselect("tbody tr")}
    assert "Acquire Media" in rows["AQ"]
    assert "aggregator" in rows["AQ"]
    assert "PR Newswire" in rows["PR"]


def test_a_private_gateway_shows_no_rows_and_no_story_without_a_token() -> None:
    site = Site(
        {"name": "a", "headline": "Norwick opens"},
        NEWSWIRE_GATEWAY__PRIVATE="true",
        NEWSWIRE_GATEWAY_TOKEN="sesame",
    )
    for path in ("/", "/companies?q=norwick", "/company/norwick", site.story("Norwick opens")):
        status, text, headers = site.get(path)
        assert (status, "Norwick" in text, headers["WWW-Authenticate"]) == (401, False, 'Bearer realm="newswire"')
        (form,) = html.fromstring(text).cssselect("#ask")
        assert (form.get("hidden"), form.get("method"), form.get("action")) == (None, "post", "/token")
        assert form.cssselect("input[name=page]")[0].get("value") == path
    headers = site.get("/", Authorization="Bearer sesame")[2]
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["Vary"].split(", ")[:3] == ["Accept-Language", "Authorization", "Cookie"]
    assert site.get("/", Authorization="Bearer wrong")[0] == 401


def test_a_reader_who_gave_the_token_once_reads_all_pages_with_their_texts() -> None:
    site = Site(
        {"name": "a", "headline": "Norwick opens", "text": "Only for readers.", "rights": "restricted"},
        NEWSWIRE_GATEWAY__PRIVATE="true",
        NEWSWIRE_GATEWAY_TOKEN="sesame",
    )
    story = site.story("Norwick opens")
    status, _, headers = site.get("/token", {"token": "sesame", "page": story})
    assert (status, headers["Location"]) == (303, story)
    cookie, *rules = headers["Set-Cookie"].split("; ")
    assert (cookie, {"HttpOnly", "Secure", "SameSite=Lax"} <= set(rules)) == ("newswire_token=sesame", True)
    assert "Only for readers." in site.get(story, Cookie=cookie)[1]
    for path in ("/", "/latest", "/company/nobody", "/suggest?q=nor"):
        assert site.get(path, Cookie=cookie)[0] in (200, 404), path
    assert site.get(story, Cookie="newswire_token=other")[0] == 401


@pytest.mark.parametrize("page", ["//evil.example", "/\\evil.example", "https://evil.example", "x", "/a\r\nX: y"])
def test_who_gives_the_token_is_led_to_no_other_site(page: str) -> None:
    site = Site(NEWSWIRE_GATEWAY__PRIVATE="true", NEWSWIRE_GATEWAY_TOKEN="sesame")
    assert site.get("/token", {"token": "sesame", "page": page})[2]["Location"] == "/"
    assert site.get("/token", {"token": "wrong", "page": page})[0] == 401


def test_a_day_and_its_rows_are_of_one_zone_that_the_page_says(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path, "news.latest")
    store.open()
    store.is_complete = True
    pen = Pen(store)
    for name, time in {"early": "2026-03-02T20:00:00Z", "late": "2026-03-03T02:30:00Z"}.items():
        pen.put(name, f"Norwick in the {name} hours", time=time)
    site = Site()
    site.history = store

    def read(path: str) -> tuple[list[str], list[str], list[str], str]:
        tree = site.tree(path)
        return (
            read_rows(tree),
            [each.text for each in tree.cssselect(".list .rows time, .list .rows .day")],
            [each.text_content() for each in tree.cssselect(".asked")],
            tree.cssselect("#times")[0].text,
        )

    assert read("/?day=2026-03-02") == (
        ["Norwick in the late hours", "Norwick in the early hours"],
        ["03/02/2026", "09:30p", "03:00p"],
        ["Day: 2026-03-02 (America/New_York) · Clear"],
        "Times: America/New_York.",
    )
    assert read("/?day=2026-03-03&tz=Asia/Tokyo") == (
        ["Norwick in the late hours", "Norwick in the early hours"],
        ["03/03/2026", "11:30a", "05:00a"],
        ["Day: 2026-03-03 (Asia/Tokyo) · Clear"],
        "Times: Asia/Tokyo.",
    )
    assert read("/?day=2026-03-02&tz=Europe/Berlin")[:2] == (["Norwick in the early hours"], ["03/02/2026", "09:00p"])
    assert read("/?to=2026-03-04&tz=Europe/Berlin")[1] == ["03/03/2026", "03:30a", "03/02/2026", "09:00p"]
    for zone in ("Mars/Olympus", "../../etc/passwd", "America"):
        said = f"tz is '{zone}': give a time zone such as Europe/Berlin\n"
        assert site.get(f"/?day=2026-03-02&tz={zone}")[:2] == (400, said)
    store.close()


@pytest.mark.parametrize(("name", "value"), [("ZONE", "Mars/Olympus"), ("SITE", "news.example.com")])
def test_a_setting_that_cannot_work_is_refused_with_its_name(name: str, value: str) -> None:
    site = Site(**{f"NEWSWIRE_GATEWAY__{name}": value})
    with pytest.raises(Exception, match=f"gateway.{name.lower()} is '{value}'"):
        site.get("/")


def test_an_unchanged_page_is_not_sent_again_and_the_first_view_is_light() -> None:
    import gzip

    from streams.gateway.static_files import FILES

    site = Site(*({"name": f"n{number}", "symbol": "NRWK"} for number in range(60)))
    _, text, headers = site.get("/")
    assert site.get("/", If_None_Match=headers["Etag"])[0] == 304
    files = ("/style.css", "/page.js", "/widget.js", "/icon.svg")
    sizes = [len(gzip.compress(text.encode())), *(len(gzip.compress(FILES[each].body)) for each in files)]
    assert sum(sizes) < 30_000, sizes
