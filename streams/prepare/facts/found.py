"""What the finders give: start, end, kind and value of a fact in the headline and text as one string."""

from streams.model import FactKind

Found = tuple[int, int, FactKind, str]
