"""Generates streams of invented news of any length in the formats of the real wires; each item has its truth beside it.

Demos, tests, chaos runs and benchmarks use it. Rules and thresholds are never tuned on it.
"""

from streams.generate.plan import Mix
from streams.generate.timeline import stream
from streams.generate.truth import GeneratedItem, InventedCompany, Truth

__all__ = ["GeneratedItem", "InventedCompany", "Mix", "Truth", "stream"]
