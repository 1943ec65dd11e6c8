"""Fixtures for all tests: the shared data (where it lies beside the checkout) and one real Kafka a run."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, is_hypothesis_test
from hypothesis import settings as hypothesis_settings

from streams.config.loader import load
from streams.config.settings import Settings
from streams.kafka.embedded import broker

ROOT = Path(__file__).resolve().parents[1]

# How long an example takes on a busy machine is no fact about the code.
hypothesis_settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--examples-times", type=int, default=1, help="multiplies the examples of each property test")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Multiplies the examples of each property test. A profile would not change a test's own `max_examples`."""
    functions = {item.obj for item in items if isinstance(item, pytest.Function) and is_hypothesis_test(item.obj)}
    for function in functions:
        own = function._hypothesis_internal_use_settings
        wanted = own.max_examples * config.getoption("--examples-times")
        function._hypothesis_internal_use_settings = hypothesis_settings(own, max_examples=wanted)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real wire items beside the checkout; a test that needs them says that it skips."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("shared/data is not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real broker that all tests of a run share."""
    with broker.start(tmp_path_factory.mktemp("kafka")) as running:
        yield running.address


@pytest.fixture
def prefix() -> str:
    """A topic prefix of this test's own."""
    return f"test-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def settings(kafka: str, prefix: str) -> Settings:
    """Settings for the shared broker, with topics of this test's own."""
    return load(
        environ={
            "NEWSWIRE_KAFKA": kafka,
            "NEWSWIRE_TOPICS__PREFIX": prefix,
            "NEWSWIRE_WORKER__SESSION_SECONDS": "2",
        }
    )
