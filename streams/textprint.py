"""What stands for a text where the text itself is too large: in the log for the decision, and in its state."""

from functools import lru_cache

import msgspec

BIN_BITS = 6
"""Of a MinHash with 64 values. Standard error of the likeness at 0.8: 0.05. More cost 4 bytes each in the log and the
state."""


class Print(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What the decision knows of a text in place of the text (prepare/fingerprint.py): bounded, about 1 KB."""

    words: int = 0
    """Words of the text, headline not counted."""
    minhash: bytes = b""
    """64 MinHash values of its 3-word shingles, 32 bit little-endian, 0 for none; empty below three words."""
    title: tuple[str, ...] = ()
    """Words of the headline without marks, tickers and prefixes of the wire."""
    tickers: tuple[str, ...] = ()
    """Tickers that the headline marks: `<MEL>`, `(NYSE: MEL)`."""
    opening: bytes = b""
    """CRC-32 of each of the first words of the text, 32 bit little-endian."""
    names: tuple[str, ...] = ()
    """Words with a capital in the first sentences, case-folded."""
    numbers: tuple[str, ...] = ()
    """Figures of headline and text, each once: `1500`, `-2.5`, `3/16`."""
    spelled: tuple[str, ...] = ()
    """Numbers from two to twelve that are written as words."""
    dates: tuple[str, ...] = ()
    """Months, weekdays and quarters that headline and text name: `mar`, `tue`, `q3`."""
    title_numbers: tuple[str, ...] = ()
    """The figures, months, weekdays and quarters of the headline."""
    place: str = ""
    """The city of the dateline, case-folded."""
    directions: tuple[str, ...] = ()
    """What headline and first sentences say goes which way: `+move`, `-deal`, `not`."""
    language: str = ""
    """Primary subtag of the language (BCP 47): `en`; empty where it is not known."""


@lru_cache(8)  # asked for to look for an original, then to be found as one
def plain_figures(figures: tuple[str, ...]) -> frozenset[str]:
    """The figures of a print, years aside, as no language writes them: digits alone, without zeros at either end.

    `1500` and the German `1.500`, read as 1.5, are `15`.
    """
    plain = ("".join(filter(str.isdigit, figure)).strip("0") for figure in figures if not is_year(figure))
    return frozenset(filter(None, plain))


def is_year(figure: str) -> bool:
    """Whether a figure may be a year of these centuries."""
    return len(figure) == 4 and figure.isdigit() and figure[:2] in ("19", "20")
