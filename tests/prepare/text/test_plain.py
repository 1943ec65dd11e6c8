"""Text is cleaned, HTML becomes text, and HTML is made safe."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.prepare.text.plain import (
    _MAX_GAPS,
    _tidy,
    clean,
    drop_excess_attributes,
    html_to_text,
    one_line,
    sanitise_html,
)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p>\n<p>Two</p>", "One\n\nTwo"),
        ("one<br>two<br><br>three", "one\ntwo\n\nthree"),
        ("<ul><li>a</li><li><p>b</p></li></ul>after", "a\nb\n\nafter"),
        (
            "<table><tr><td>Sales</td><td><p>41</p></td></tr><tr><td></td><td>7</td></tr></table>",
            "Sales\t41\n\t7",
        ),
        ("<table><tr><td><p>Layout</p><p>only</p></td></tr></table>", "Layout\n\nonly"),
        ("<head><title>t</title></head><nav>menu</nav><script>x()</script><style>p{}</style>body", "body"),
        ("AT&amp;T &copy; &#8364;5 &eacute;", "AT&T © €5 é"),
        ("a <b>bold</b>, <i>slanted</i> word", "a bold, slanted word"),
        ("  spaced \n out\ttext ", "spaced out text"),
        ("<pre>line 1\nline 2</pre>", "line 1\nline 2"),
        ("plain text", "plain text"),
        ("<!-- only a comment -->", ""),
        ("", ""),
        ("<p>un<b>closed", "unclosed"),
    ],
)
def test_html_becomes_paragraphs_lines_and_cells(html: str, text: str) -> None:
    assert html_to_text(html) == text


@pytest.mark.parametrize("tag", ["div", "table", "b", "font", "ul"])
def test_text_survives_nesting_of_any_depth(tag: str) -> None:
    html = f"<{tag}>" * 30_000 + "deep" + f"</{tag}>" * 30_000 + "<p>after</p>"
    assert html_to_text(html).split() == ["deep", "after"]
    assert "deep" in sanitise_html(html)


@pytest.mark.parametrize("written", ["& ", "&amp; ", "&#38; "])
def test_html_of_more_ampersands_than_the_sanitiser_can_bear_becomes_plain_paragraphs(written: str) -> None:
    few, many = (f"<p><b>Norwick</b></p><p>{written * count}Marl</p>" for count in (20_000, 20_001))
    assert sanitise_html(few) == "<p><b>Norwick</b></p><p>" + "&amp; " * 20_000 + "Marl</p>"
    assert sanitise_html(many) == "<p>Norwick</p><p>" + "&amp; " * 20_001 + "Marl</p>"


@pytest.mark.parametrize(
    "hidden",
    [
        *("\u200b", "\u200d\u200d", "\ufeff \u2060", "\u00a0\u3000", "\u202e\u202c", "\xad\xad"),
        *("\u3164", "\u115f\u1160", "\uffa0 \uffa0", "\u2800\u2800", "\ufe0f", "\U000e0100", "\u180b", "\u0301"),
        *("\U000e0041\U000e007f", "\x1b\x07", "\ue000"),
    ],
)
def test_a_text_of_nothing_but_invisible_characters_is_empty(hidden: str) -> None:
    assert (clean(hidden), one_line(f" {hidden} "), html_to_text(f"<p>{hidden}</p>")) == ("", "", "")
    assert clean(f"{hidden}\u4e00").endswith("\u4e00")


@pytest.mark.parametrize("seen", ["\u2014", "\U0001f680", "\u20ac", "\u00bd", "\uac00", "\u0928\u093f", "...", "7"])
def test_a_text_with_one_character_that_is_seen_stays(seen: str) -> None:
    assert (clean(seen), one_line(seen)) == (seen, seen)


@pytest.mark.parametrize(
    ("dirty", "plain"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\0\x07b\x1b", "ab"),
        ("safe\u202egpj.exe\u202c", "safegpj.exe"),
        ("\u2066x\u2069\u200b\ufeff\u200ey\xad", "xy"),
        ("a\u200db", "ab"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("a \xa0\u3000 b", "a b"),
        ("a  \t  b \n c", "a\tb\nc"),
        ("one\n \n\n\n\ntwo\n", "one\n\ntwo"),
        ("e\u0301", "é"),
        ("x\ud800y", "xy"),
        ("page\fpage\u2029next\u2028line", "page\npage\n\nnext\nline"),
    ],
)
def test_clean_leaves_plain_text(dirty: str, plain: str) -> None:
    assert clean(dirty) == plain


def test_one_line_gives_one_line() -> None:
    assert one_line(" A\n  headline\t in\r\nparts ") == "A headline in parts"


@pytest.mark.parametrize(
    ("html", "safe"),
    [
        ("<p onclick='x()'>Hi<script>x()</script></p>", "<p>Hi</p>"),
        ("<a href='javascript:x()'>a</a>", '<a rel="noopener noreferrer nofollow">a</a>'),
        ("<a href='/rel'>a</a>", '<a rel="noopener noreferrer nofollow">a</a>'),
        ("<a href=' HTTPS://x/'>a</a>", '<a href="HTTPS://x/" rel="noopener noreferrer nofollow">a</a>'),
        ("<img src=x onerror=y><iframe src=z></iframe><b>t</b>", "<b>t</b>"),
        ("<a href='data:text/html,x'>a</a>", '<a rel="noopener noreferrer nofollow">a</a>'),
    ],
)  # fmt: skip
def test_safe_html_keeps_no_script_no_handler_and_no_odd_link(html: str, safe: str) -> None:
    assert sanitise_html(html) == safe


@given(st.text())
def test_clean_is_idempotent_and_normalises(text: str) -> None:
    plain = clean(text)
    assert clean(plain) == plain
    assert unicodedata.is_normalized("NFC", plain)
    assert not any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in plain)
    assert "\n\n\n" not in plain


PIECES = st.sampled_from(
    ("<p>", "</p>", "<td>", "</td>", "<tr>", "<table>", "</table>", "<li>", "<br>", "<script>", "</script>")
) | st.sampled_from(
    ("<nav>", "</nav>", "<pre>", "word ", "&amp;", "&#0;", "<", ">", "<!--", "-->", "<a href='javascript:x'>")
)


@given(st.lists(PIECES, max_size=60).map("".join))
def test_no_html_makes_a_reader_raise_and_every_text_is_clean(html: str) -> None:
    text = html_to_text(html)
    assert clean(text) == text
    assert "javascript:" not in sanitise_html(html)
    assert "<script" not in sanitise_html(html)


@given(st.text(" \t\n\r\x0b\x85\xa0\u2028\u2029\u200b\u200cAé\u0301\u3000\x00.", max_size=12) | st.text(max_size=20))
def test_a_text_that_clean_returns_unchanged_needs_no_cleaning(text: str) -> None:
    assert clean(text) == _tidy(text, plain=False)


MANY = " ".join(f'a{number}="x"' for number in range(_MAX_GAPS + 1))


@pytest.mark.parametrize(
    ("html", "plain"),
    [
        (f"<p {MANY}>x</p>", "<p>x</p>"),
        (f"<p {MANY}", "<p>"),
        (f"<p {MANY.replace('x', '>')}>x</p>", "<p>x</p>"),
        (f"<p {MANY.replace('x', '<b>')}>x</p>", "<p>x</p>"),
        ("<p " + MANY.replace(" ", "/").replace('"', "'") + ">x</p>", "<p>x</p>"),
        (f"<p>a</p><P {MANY}>b</P>", "<p>a</p><P>b</P>"),
    ],
)
def test_a_tag_with_too_many_attributes_loses_them_and_no_text(html: str, plain: str) -> None:
    assert drop_excess_attributes(html) == plain
    assert html_to_text(html) == html_to_text(plain)
    assert sanitise_html(html) == sanitise_html(plain)


@pytest.mark.parametrize(
    "html",
    [
        f"<!-- <p {MANY}> -->text",
        f"1 < 2 {MANY}",
        '<a href="https://x.example/' + "a" * 5000 + '">x</a>',
        '<p title="it""> ' + 'word "quoted" ' * 900 + "</p>",
        "<p class=" + "x " * (_MAX_GAPS - 1) + ">x</p>",
    ],
)
def test_other_tags_keep_their_attributes(html: str) -> None:
    assert drop_excess_attributes(html) == html


@given(st.lists(PIECES | st.sampled_from(["<a b=", "'", '"', "=", "-"]), max_size=60).map("".join))
def test_html_without_such_tags_is_unchanged(html: str) -> None:
    padded = html * 20
    assert drop_excess_attributes(padded) == padded
