"""How a raw record is opened: its text, JSON and XML, and the limits of an item."""

import codecs
from encodings.aliases import aliases

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.raw_records import document, raw

from streams.config.loader import load
from streams.model.errors import Reason, Reject
from streams.prepare.formats.document import Document, Limits
from streams.prepare.formats.registry import find_format
from streams.prepare.loading import load_knowledge
from streams.prepare.raw_records import check_raw_record

WORDS = "Zürich — Börse"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (WORDS.encode(), ""),
        (codecs.BOM_UTF8 + WORDS.encode(), "text/plain; charset=iso-8859-1"),
        (codecs.BOM_UTF16_LE + WORDS.encode("utf-16-le"), ""),
        (codecs.BOM_UTF16_BE + WORDS.encode("utf-16-be"), ""),
        (codecs.BOM_UTF32_LE + WORDS.encode("utf-32-le"), ""),
        (codecs.BOM_UTF32_BE + WORDS.encode("utf-32-be"), ""),
        (WORDS.encode("utf-16-le"), ""),
        (WORDS.encode("utf-16-be"), ""),
        (WORDS.encode("cp1252"), ""),
        (WORDS.encode("cp850", "replace").replace(b"?", b"-"), 'text/plain; charset="cp850"'),
        (WORDS.encode(), "text/plain; charset=us-ascii"),
        (WORDS.encode(), "text/plain; charset=klingon"),
    ],
)
def test_the_text_is_decoded_by_byte_order_mark_declared_charset_or_the_first_charset_that_fits(body, content_type):
    assert document(body, content_type).text.replace("-", "—") == WORDS


@pytest.mark.parametrize("name", ["rot13", "hex", "base64", "zlib", "idna", "punycode", "undefined", "unicode_escape"])
def test_a_codec_that_is_no_charset_is_ignored(name):
    assert document(b"Ferries \\ud800 sail", f"text/plain; charset={name}").text == "Ferries \\ud800 sail"


@given(st.binary(max_size=60), st.sampled_from(sorted(set(aliases.values()))))
def test_any_bytes_become_valid_unicode_or_are_refused_as_encoding(body, name):
    opened = document(body, f"text/plain; charset={name}")
    try:
        opened.text.encode()
    except Reject as refusal:
        if refusal.reason is not Reason.ENCODING:
            raise


def test_the_media_type_is_lower_case_without_parameters():
    assert document(b"x", " Text/HTML ; charset=utf-8").media_type == "text/html"


def test_broken_json_keeps_the_reason():
    broken = document(b'{"title": ')
    assert broken.json is None
    assert broken.json_error is not None
    assert broken.json_error.reason is Reason.MALFORMED


@pytest.mark.parametrize("length", [200, 300, 1_000, 1_500])
def test_unclosed_brackets_are_malformed_and_no_lack_of_memory(length):
    brackets = document(b"[" * length)
    assert brackets.json is None
    assert brackets.json_error.reason is Reason.MALFORMED
    assert "not closed" in brackets.json_error.message


def test_json_that_nests_too_deep_is_refused_for_it():
    deep = document(b"[" * 3000)
    assert deep.json is None
    assert deep.json_error is not None
    assert deep.json_error.reason is Reason.TOO_DEEP


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (f"<a>{WORDS}</a>".encode(), ""),
        (f"<a>{WORDS}</a>".encode("cp1252"), "application/xml; charset=windows-1252"),
        (f"<?xml version='1.0' encoding='windows-1252'?><a>{WORDS}</a>".encode("cp1252"), "application/xml"),
        (f"<?xml version='1.0' encoding='utf-8'?><a>{WORDS}</a>".encode(), "text/xml; charset=us-ascii"),
        (codecs.BOM_UTF8 + f"<a>{WORDS}</a>".encode(), ""),
        (codecs.BOM_UTF16_LE + f"<?xml version='1.0'?><a>{WORDS}</a>".encode("utf-16-le"), ""),
        (f"<a>{WORDS}</a>".encode("utf-16-be"), ""),
        (f"\n <a>{WORDS}</a>".encode(), ""),
    ],
)
def test_xml_is_read_in_its_declared_encoding_or_else_in_that_of_its_text(body, content_type):
    root = document(body, content_type).xml
    assert root is not None
    assert root.text == WORDS


def test_xml_that_nests_too_deep_is_refused_for_it():
    with pytest.raises(Reject) as caught:
        _ = document(b"<?xml version='1.0'?>" + b"<a>" * 400 + b"</a>" * 400).xml
    assert caught.value.reason is Reason.TOO_DEEP


def test_a_doctype_is_read_past_and_nothing_that_it_names_is_loaded() -> None:
    prolog = b'<!DOCTYPE a PUBLIC "urn:x" "../a.dtd" [<!ENTITY % n SYSTEM "file:///etc/passwd"> %n; <!ENTITY u "v">]>'
    root = document(prolog + b"<a>caf&eacute; &amp;eacute; &lt;</a>").xml
    assert root is not None
    assert root.text == "caf\u00e9 &eacute; <"


def test_named_characters_of_html_without_a_doctype_are_no_xml() -> None:
    assert document(b"<a>caf&eacute;</a>").xml is None


def test_a_reference_to_an_entity_of_its_own_is_refused() -> None:
    with pytest.raises(Reject, match="&co;") as caught:
        _ = document(b'<!DOCTYPE a [<!ENTITY co "Harbour Ferries">]><a>&co;</a>').xml
    assert caught.value.reason is Reason.MALFORMED


def test_a_reference_to_a_file_is_refused():
    with pytest.raises(Reject, match="entities") as caught:
        _ = document(b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>').xml
    assert caught.value.reason is Reason.MALFORMED


def test_an_entity_bomb_is_no_xml():
    rows = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    bomb = document(f'<!DOCTYPE a [<!ENTITY e0 "x">{rows}]><a b="&e9;"/>'.encode())
    assert bomb.xml is None
    assert "ntity" in bomb.xml_error


def test_a_text_is_neither_json_nor_xml():
    text = document(b"Ferries sail")
    assert (text.first, text.json, text.xml) == ("F", None, None)


def test_utf_8_that_is_declared_as_utf_16_is_read_as_utf_8() -> None:
    assert document(b"Ferries at sea", "text/plain; charset=utf-16").text == "Ferries at sea"


def test_utf_16_without_any_western_letter_is_read_as_declared() -> None:
    body = "无锡国际友城论坛成功举办".encode("utf-16-le")
    assert document(body, "text/plain; charset=utf-16-le").text == "无锡国际友城论坛成功举办"


@pytest.mark.parametrize("reference", [b"&#xD800;", b"&#x0dfff;", b"&#55296;", b"&#057343;"])
def test_xml_that_refers_to_a_surrogate_is_malformed(reference: bytes) -> None:
    with pytest.raises(Reject) as refusal:
        _ = document(b'<feed xmlns="' + reference + b'"/>').xml
    assert refusal.value.reason is Reason.MALFORMED


def test_xml_that_refers_to_other_characters_is_read() -> None:
    root = document(b"<a>&#x20AC;&#128512;&#55295;</a>").xml
    assert root is not None
    assert root.text == "€😀\ud7ff"


def test_the_limits_are_settings() -> None:
    found = load_knowledge(
        load(
            environ={
                "NEWSWIRE_PREPARE__ITEM_MB": "0.5",
                "NEWSWIRE_PREPARE__ITEM_TAGS": "500",
                "NEWSWIRE_PREPARE__ITEM_DEPTH": "20",
            }
        )
    )
    assert found.limits == Limits(size=1 << 19, tags=500, depth=20)
    assert load_knowledge(load(environ={})).limits == Limits()


@pytest.mark.parametrize("tag", [b"<p>", b"</p>", b"&lt;p&gt;"])
def test_an_item_with_one_tag_over_the_limit_is_refused(tag: bytes) -> None:
    check_raw_record(raw(tag * 7), Limits(tags=7))
    with pytest.raises(Reject) as refused:
        check_raw_record(raw(tag * 8), Limits(tags=7))
    assert refused.value.reason is Reason.TOO_LARGE
    assert refused.value.message == "8 tags; the limit is 7 (prepare.item_tags)"


def build_nested(kind: str, depth: int) -> bytes:
    """Builds a document whose innermost element or array has this depth."""
    if kind == "json":
        return b'{"title": "x", "body": "y", "z": ' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"
    outer = {"xml": ["nitf", "body", "body.content"], "html": ["html", "body"]}[kind]
    tags = [*outer, *["div" if kind == "html" else "block"] * (depth - len(outer))]
    title = "<title>x</title>" if kind == "html" else ""
    opened = "".join(f"<{tag}>" for tag in tags).replace("<html>", f"<html>{title}")
    return (opened + "x" + "".join(f"</{tag}>" for tag in reversed(tags))).encode()


@pytest.mark.parametrize("kind", ["xml", "html", "json"])
def test_an_item_one_level_deeper_than_the_limit_is_refused(kind: str) -> None:
    allowed = Document(raw(build_nested(kind, 12)), 12)
    assert len(find_format(allowed).parse(allowed)) == 1
    deeper = Document(raw(build_nested(kind, 13)), 12)
    with pytest.raises(Reject) as refused:
        find_format(deeper).parse(deeper)
    assert refused.value.reason is Reason.TOO_DEEP


@pytest.mark.parametrize(
    "behind", ["<nitf><body><p>Oats rose.</p></body></nitf>", '<?xml version="1.0"?><nitf/>', "Oats"]
)
@pytest.mark.parametrize(
    "first",
    ["<nitf><body><p>Ships sailed.</p></body></nitf>", "<newsItem>1</newsItem>", "<NewsML>1</NewsML>", "<rss/>"],
)
def test_a_second_document_or_a_text_behind_an_xml_document_is_not_passed_over(first: str, behind: str) -> None:
    assert document((first + behind).encode()).xml is None


def test_two_documents_in_one_record_are_refused_as_malformed() -> None:
    opened = document(b"<nitf><body><p>Ships sailed.</p></body></nitf><nitf><body><p>Oats rose.</p></body></nitf>")
    with pytest.raises(Reject) as refused:
        find_format(opened)
    assert refused.value.reason is Reason.MALFORMED


@pytest.mark.parametrize("behind", [" \n", "<!-- a -- b -->", "<?cache 3?>", "\0\0\x1a"])
def test_white_space_comments_and_padding_behind_an_xml_document_are_harmless(behind: str) -> None:
    root = document(f"<nitf><body><p>Ships sailed.</p></body></nitf>{behind}".encode()).xml
    assert root is not None
    assert "".join(map(str, root.itertext())) == "Ships sailed."
