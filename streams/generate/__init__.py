"""Generated traffic: streams of any length of invented news, in the form of the real wires, each item with its truth.

For demos, tests, chaos runs and benchmarks. Rules and thresholds are never tuned on it.
"""

from streams.generate.plan import Mix
from streams.generate.timeline import stream
from streams.generate.truth import GeneratedItem, InventedCompany, Truth

__all__ = ["Company", "Generated", "Mix", "Truth", "stream"]
