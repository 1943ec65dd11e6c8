"""The drills, as `python tests/system/drills.py` runs them."""

from collections.abc import Iterator

import pytest
from drills import DRILLS, System, run, system_under

pytestmark = [pytest.mark.system, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with system_under(tmp_path_factory.mktemp("drills")) as running:
        yield running


@pytest.mark.parametrize("name", DRILLS)
def test_its_alert_fires_the_dashboard_shows_it_and_the_runbook_mends_it(system: System, name: str) -> None:
    if name == "disk-full" and not system.disk.is_mount():
        pytest.skip("no disk of its own to fill: this user may not mount one")
    run(system, name)
