"""What stands for a text where the text itself is too large: in the log for the decision, and in its state."""

import msgspec


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
