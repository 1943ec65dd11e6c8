"""Draws the terminal of the demo that runs at NEWSWIRE_KAFKA as an SVG file, for the README."""

import asyncio
import io
import sys
import time
from pathlib import Path

import msgspec
from rich.console import Console

from streams.config.loader import load
from streams.demo.score import Scoreboard
from streams.demo.screen import render_frame
from streams.gateway.ticker_row import parse_ticker_row
from streams.kafka.consumer import read_to_end
from streams.model.records import Decision
from streams.model.topics import DECISIONS, LATEST

WIDTH, HEIGHT = 150, 42


async def read_outcomes(score: Scoreboard) -> None:
    """Adds every decision and every ticker row of the demo to the score."""
    from aiokafka import TopicPartition

    settings = load()
    decode = msgspec.json.Decoder(Decision).decode
    names = [settings.topics.full(name) for name in (LATEST, DECISIONS)]
    async for record in read_to_end(settings.kafka, [TopicPartition(name, 0) for name in names]):
        if record.topic == names[1]:
            score.add_decision(decode(record.value), record.timestamp / 1000)
        elif record.value is not None:
            score.add_row(parse_ticker_row(record.value, record.headers, settings.source_table))


def main(file: Path) -> None:
    """Writes one frame of the demo's view to a file."""
    score = Scoreboard()
    asyncio.run(read_outcomes(score))
    console = Console(record=True, width=WIDTH, height=HEIGHT, file=io.StringIO())
    addresses = {"ticker page": "http://127.0.0.1:8080/", "metrics": "http://127.0.0.1:6066/metrics"}
    console.print(render_frame(score, addresses, HEIGHT), height=HEIGHT)
    console.save_svg(str(file), title=f"newswire demo, {time.strftime('%Y-%m-%d')}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
