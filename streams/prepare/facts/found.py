"""What the finders share: numbers are looked for once, for figures, dates and periods stand on them."""

import re

from streams.model import FactKind

Found = tuple[int, int, FactKind, str]
"""Start, end, kind and value of a fact in the headline and text as one string."""
Place = tuple[int, int]
"""Start and end of a number, its separators included."""

# A set first and no repetition: only so can `re` skip quickly to where a match may begin.
NUMBER = re.compile(r"[0-9][0-9]*(?:[.,'\u2019][0-9]+)*")
SPACED_NUMBER = re.compile(r"[0-9][0-9]*(?:[.,'\u2019][0-9]+| [0-9]{3}(?![0-9]))*")

DECIMAL_COMMA = frozenset(("de", "fr", "es", "it", "nl", "sv", "da", "no", "nb", "nn", "fi", "pt", "pl", "cs", "ru"))
"""Languages that write 1,5 for one and a half."""
