"""What stands behind the end of an XML document is refused or read: no text is lost without a word."""

import pytest
from support.raw_records import document

from streams.model.errors import Reason, Reject
from streams.model.records import Story
from streams.prepare.formats.registry import find_format

NITF = (
    "<nitf><head><title>{0}</title></head><body><body.head><hedline><hl1>{0}</hl1></hedline></body.head>"
    "<body.content><p>Norwick Pumps said so.</p></body.content></body></nitf>"
)
RSS = (
    '<rss version="2.0"><channel><title>Norvale</title><item><title>{0}</title><guid>{0}</guid>'
    "<description>Norwick Pumps said so.</description></item></channel></rss>"
)
ONE, TWO = "Norwick opens a plant", "Salton cuts 300 jobs"


def read(text: str) -> list[str]:
    """The headlines that are read, and the reasons of what is refused."""
    opened = document(text.encode())
    try:
        found = find_format(opened).parse(opened)
    except Reject as reject:
        return [reject.reason.value]
    return [each.headline if isinstance(each, Story) else each.reason.value for each in found]


@pytest.mark.parametrize("behind", [NITF.format(TWO), "\nand Salton cuts 300 jobs", '<?xml version="1.0"?>\n<nitf/>'])
@pytest.mark.parametrize("head", ["", '<!DOCTYPE nitf SYSTEM "nitf-3-2.dtd">\n'])
def test_a_document_with_a_second_one_or_a_text_behind_it_is_refused(head: str, behind: str) -> None:
    assert read(head + NITF.format(ONE) + behind) == [Reason.MALFORMED.value]


@pytest.mark.parametrize("behind", ["\n", "<!-- made by Norvale -->", "\x00\x00", "\x1a"])
def test_what_says_nothing_may_stand_behind_a_document(behind: str) -> None:
    assert read(NITF.format(ONE) + behind) == [ONE]


def test_a_feed_whose_last_tag_is_cut_off_is_whole() -> None:
    assert read(RSS.format(ONE)[:-1]) == [ONE]


def test_two_feeds_in_one_record_are_read_both() -> None:
    assert read(RSS.format(ONE) + RSS.format(TWO)) == [ONE, TWO]


def test_a_text_behind_a_feed_is_refused_and_the_feed_is_read() -> None:
    assert read(RSS.format(ONE) + "Salton cuts 300 jobs") == [ONE, Reason.MALFORMED.value]
