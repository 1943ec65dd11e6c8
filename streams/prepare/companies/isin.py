"""ISIN (ISO 6166): form and check digit."""

import re

_ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")


def valid_isin(isin: str) -> bool:
    """Form and check digit of an ISIN (Luhn over the letters as numbers)."""
    if not _ISIN.fullmatch(isin):
        return False
    digits = "".join(str(int(character, 36)) for character in isin)
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
