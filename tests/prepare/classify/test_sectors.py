"""An item gets the sectors that its words, companies and codes name."""

import re

import pytest

from streams.model.records import Code
from streams.prepare.classify.rules import tokenize_item_with_headline
from streams.prepare.classify.sectors import Sector, SectorsError, load_sector_table
from streams.prepare.loading import load_packaged_sectors

TABLE = load_sector_table(
    """
[20000271]
name = "financial and business service"
[20000274]
name = "banking"
broader = "20000271"
subject = "04006002"
companies = ["bancorp"]
words = ["bank|banks", "lender"]
none = ["central bank|banks"]
[20000343]
name = "maritime transport"
words = ["ferry|ferries", "port of"]
""",
    "table.toml",
)


def sectors(headline="", text="", about="", companies=(), codes=(), table=TABLE):
    return table.find(tokenize_item_with_headline(headline, text), about, companies, codes)


def names(*args, **kwargs):
    return [sector.name for sector in sectors(*args, **kwargs)]


def test_a_word_of_the_headline_gives_the_sector_and_its_broader_ones():
    version = TABLE.version
    assert sectors("Norwick Banks to merge") == (
        Sector("20000274", "banking", 70, f"words:banks@{version}"),
        Sector("20000271", "financial and business service", 70, f"implied:medtop:20000274@{version}"),
    )
    assert sectors("Norwick Banks to merge")[0].uri == "http://cv.iptc.org/newscodes/mediatopic/20000274"


def test_a_code_of_the_wire_gives_the_sector_with_certainty_in_the_old_scheme_too():
    [banking, _] = sectors("Norwick reports", codes=(Code("subj", "04006002", "banking"),))
    assert banking == Sector("20000274", "banking", 100, f"code:subj:04006002@{TABLE.version}")
    assert names("Norwick reports", codes=(Code("medtop", "20000343"), Code("medtop", "20000344"))) == [
        "maritime transport"
    ]


def test_the_name_of_a_company_that_the_item_is_about_gives_the_sector():
    assert names("Results", companies=("Marl Bancorp, Inc.",))[:1] == ["banking"]
    assert names("Results", text="Marl Bancorp said so.") == []


def test_the_text_alone_needs_three_different_words_of_a_sector():
    assert names("Results", text="The bank is a lender.") == []
    assert names("Results", text="The bank is a lender.", about="Marl is a bank in the north.")[:1] == ["banking"]


def test_words_against_a_sector_leave_only_names_and_codes_to_decide():
    assert names("Central bank warns a bank") == []
    assert names("Central bank warns a bank", companies=("Marl Bancorp",))[:1] == ["banking"]


def test_a_broader_sector_is_not_chosen_beside_a_narrower_one():
    codes = (Code("medtop", "20000271"), Code("medtop", "20000274"))
    assert names("Norwick reports", codes=codes) == ["banking", "financial and business service"]


@pytest.mark.parametrize(
    ("headline", "sector"),
    [
        ("Crude stocks of Norwick fall", "oil and gas industry"),
        ("Soybean oil prices rise", "agriculture"),
        ("Norwick Ferries orders two container ships", "waterway and maritime transport"),
        ("Marl opens its third gold mine", "gold and precious material"),
        ("Kestrel starts phase 2 trial", "pharmaceutical"),
        ("Chipmaker Marl cuts jobs", "semiconductors and active components"),
    ],
)
def test_the_packaged_table_knows_common_words_of_industries(headline, sector):
    assert names(headline, table=load_packaged_sectors())[0] == sector


def test_the_packaged_table_ignores_words_that_only_sound_like_a_sector():
    for headline in ("Central bank holds its rate", "World Bank lends to schools", "Marl wins gold medal"):
        assert names(headline, table=load_packaged_sectors()) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[a", "x.toml, line 1: not TOML"),
        ("", "x.toml: no sector in it"),
        ("a = 1", "x.toml, line 1: sector [a]: a code of the Media Topics has eight digits"),
        ('[20000274]\nname = "x"\nbroader = "20000271"', "line 1: sector [20000274]: broader: no sector '20000271'"),
        ('[20000274]\nname = "x"\nbroader = "20000274"', "broader: '20000274' is above itself"),
        ('[20000274]\nname = "x"\n[20000275]\nwords = ["a"]', "x.toml, line 3: sector [20000275]: "),
        ('[20000274]\nname = "x"\nwords = ["a",\n"b ~99 c"]', "x.toml, line 4: sector [20000274]: "),
    ],
)
def test_a_wrong_table_is_refused_with_file_and_line(text, message):
    with pytest.raises(SectorsError, match=re.escape(message)):
        load_sector_table(text, "x.toml")
