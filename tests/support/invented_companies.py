"""Builds a reference table of invented companies."""

from datetime import date

from streams.prepare.companies.reference import Reference
from streams.prepare.companies.reference_file import ReferenceRow, build_table

WORDS = frozenset(
    ["kettle", "harbor", "quill", "bright", "first", "river", "and", "national", "land", "Norwick", "Pellworth"]
)
ROWS = (
    ReferenceRow(place="row 1", id="1", name="Brenvik Pumps AB", symbol="BRVK", exchange="XNAS"),
    ReferenceRow(place="row 1b", id="1", name="Brenvik Pumps AB", symbol="BRV", exchange="XETR", isin="US0378331005"),
    ReferenceRow(
        place="row 2", id="2", name="Kettle Holdings, Inc.", symbol="KTL", exchange="XNYS", aliases=("Kettle",)
    ),
    ReferenceRow(place="row 3", id="3", name="Soltane Corp", symbol="SLTN", exchange="XNYS"),
    ReferenceRow(place="row 4", id="4", name="Bright River & Co", symbol="BRIV", exchange="XLON"),
    ReferenceRow(place="row 5", id="5", name="Norwick Ltd", symbol="NWK", exchange="XLON"),
    ReferenceRow(place="row 6", id="6", name="QXB plc", symbol="QXB", exchange="OTCM"),
    ReferenceRow(place="row 7", id="7", name="Twinlake Inc", symbol="TWA", exchange="XNAS"),
    ReferenceRow(place="row 8", id="8", name="Twinlake Corp", symbol="TWB", exchange="XNYS"),
    ReferenceRow(place="row 9", id="9", name="Soltane Energy Partners", symbol="SEP", exchange="XNYS"),
    ReferenceRow(place="row 10", id="10", name="Bank of Pellmoor plc", symbol="BPM", exchange="XLON"),
)
DATA = build_table(ROWS, WORDS, date(2031, 2, 3))
TABLE = Reference(DATA, "invented")
