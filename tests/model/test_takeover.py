"""Every order of steps of a takeover, tried by spin on the model in takeover.pml."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.system

MODEL = Path(__file__).with_name("takeover.pml")


def check_model(folder: Path, *defines: str) -> str:
    for tool in ("spin", "gcc"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    for command in (
        ["spin", "-a", *defines, str(MODEL)],
        # -w: spin's own C code warns on newer compilers.
        ["gcc", "-w", "-O2", "-DSAFETY", "-DMEMLIM=2000", "-o", "pan", "pan.c"],
    ):
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
    search = subprocess.run(["./pan", "-m100000"], cwd=folder, check=True, capture_output=True, text=True, timeout=300)
    assert "error: max search depth too small" not in search.stdout
    assert "Search not completed" not in search.stdout or "assertion violated" in search.stdout
    return search.stdout


@pytest.mark.parametrize("delivery", [(), ("-DAT_LEAST_ONCE",)], ids=["exactly-once", "at-least-once"])
def test_no_order_of_steps_loses_an_item_or_decides_it_twice(delivery: tuple[str, ...], tmp_path: Path) -> None:
    search = check_model(tmp_path, *delivery)
    assert "errors: 0" in search
    states = re.search(r"(\d+) states, stored", search)
    assert states is not None
    assert int(states[1]) > 100_000  # all orders, not one


@pytest.mark.parametrize("missing", ["-DNO_FENCE", "-DNO_BARRIER"])
@pytest.mark.parametrize("delivery", [(), ("-DAT_LEAST_ONCE",)], ids=["exactly-once", "at-least-once"])
def test_without_the_fence_or_the_barrier_an_item_is_decided_twice(
    missing: str, delivery: tuple[str, ...], tmp_path: Path
) -> None:
    assert "assertion violated (applied[item]==1)" in check_model(tmp_path, missing, *delivery)
