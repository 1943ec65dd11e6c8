"""Fixtures of the tests with a browser."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from support import flow
from support.ticker import GatewayProcess, LatestWriter, run_ticker_gateway

from streams.config.loader import load
from streams.config.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from support.pages import CHROMIUM, sync_api

    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def topics(kafka: str) -> Settings:
    settings = load(environ={"NEWSWIRE_KAFKA": kafka, "NEWSWIRE_TOPICS__PREFIX": f"test-{uuid.uuid4().hex[:8]}"})
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    return settings


@pytest.fixture
def press(topics: Settings) -> LatestWriter:
    return LatestWriter(topics)


@pytest.fixture
def gateway(topics: Settings) -> Iterator[GatewayProcess]:
    with run_ticker_gateway(topics) as served:
        yield served
